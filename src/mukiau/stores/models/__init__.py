"""The tables of the state file, split by noun.

Django owns the schema and reads for pages; digest writes with SQL of its own (`state_writer.py`). All times are unix
milliseconds (`*_ms`), so that both read and write the same plain integers.
"""

from mukiau.stores.models.account import ApiToken, AuditEntry, OneTimeLink, PersonSeen
from mukiau.stores.models.digesting import (
    DigestCounter,
    DigestState,
    DigestTrial,
    SeenDay,
    SeenRecord,
    SetAside,
    StreamState,
)
from mukiau.stores.models.event import Event, PayloadDictionary
from mukiau.stores.models.issue import Fingerprint, Issue
from mukiau.stores.models.keeping import RetentionWalk
from mukiau.stores.models.project import Environment, Project, Service, Source
from mukiau.stores.models.rollup import IssueEnvironment, IssueHour, IssueTag

__all__ = [
    "ApiToken",
    "AuditEntry",
    "DigestCounter",
    "DigestState",
    "DigestTrial",
    "Environment",
    "Event",
    "Fingerprint",
    "Issue",
    "IssueEnvironment",
    "IssueHour",
    "IssueTag",
    "OneTimeLink",
    "PayloadDictionary",
    "PersonSeen",
    "Project",
    "RetentionWalk",
    "SeenDay",
    "SeenRecord",
    "Service",
    "SetAside",
    "Source",
    "StreamState",
]
