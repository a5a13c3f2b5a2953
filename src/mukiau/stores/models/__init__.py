"""The tables of the state file, split by noun.

Django owns the schema and reads for pages; digest writes with SQL of its own (`state_writer.py`). All times are unix
milliseconds (`*_ms`), so that both read and write the same plain integers.
"""

from mukiau.stores.models.account import ApiToken, AuditEntry, OneTimeLink, PersonProfile, PersonSeen, SavedView
from mukiau.stores.models.comment import IssueComment, IssueCommentVersion, Mention
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
from mukiau.stores.models.finding import RunbookFile, RunbookProposal
from mukiau.stores.models.grouping import GroupingChange, GroupingConstraint, GroupingMove
from mukiau.stores.models.issue import Fingerprint, FingerprintExplanation, Issue
from mukiau.stores.models.keeping import RetentionWalk
from mukiau.stores.models.notify import Delivery, Notification, NotifyPerson, NotifyRoute, NotifyTold
from mukiau.stores.models.place import Place, PlaceHour
from mukiau.stores.models.policy import GroupingPolicy, GroupingState, LabPiece, LabRun
from mukiau.stores.models.project import Environment, Project, Service, Source
from mukiau.stores.models.registry import RegistryChange
from mukiau.stores.models.request import Request, RequestEvent, RequestOccurrence
from mukiau.stores.models.rollup import FingerprintEnvironment, FingerprintHour, FingerprintTag, IssueEnvironment
from mukiau.stores.models.runbook import (
    FingerprintFact,
    MatchRule,
    Runbook,
    RunbookComment,
    RunbookLink,
    RunbookMatch,
    RunbookVersion,
)
from mukiau.stores.models.team import DutyNote, DutyOverride, DutyRotation, OwnershipRule, Team, TeamMember
from mukiau.stores.models.work import (
    Deploy,
    Handling,
    HandlingOccurrence,
    IssueHistory,
    IssueResolution,
    IssueState,
    IssueWork,
)

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Delivery",
    "Deploy",
    "DigestCounter",
    "DigestState",
    "DigestTrial",
    "DutyNote",
    "DutyOverride",
    "DutyRotation",
    "Environment",
    "Event",
    "Fingerprint",
    "FingerprintEnvironment",
    "FingerprintExplanation",
    "FingerprintFact",
    "FingerprintHour",
    "FingerprintTag",
    "GroupingChange",
    "GroupingConstraint",
    "GroupingMove",
    "GroupingPolicy",
    "GroupingState",
    "Handling",
    "HandlingOccurrence",
    "Issue",
    "IssueComment",
    "IssueCommentVersion",
    "IssueEnvironment",
    "IssueHistory",
    "IssueResolution",
    "IssueState",
    "IssueWork",
    "LabPiece",
    "LabRun",
    "MatchRule",
    "Mention",
    "Notification",
    "NotifyPerson",
    "NotifyRoute",
    "NotifyTold",
    "OneTimeLink",
    "OwnershipRule",
    "PayloadDictionary",
    "PersonProfile",
    "PersonSeen",
    "Place",
    "PlaceHour",
    "Project",
    "RegistryChange",
    "Request",
    "RequestEvent",
    "RequestOccurrence",
    "RetentionWalk",
    "Runbook",
    "RunbookComment",
    "RunbookFile",
    "RunbookLink",
    "RunbookMatch",
    "RunbookProposal",
    "RunbookVersion",
    "SavedView",
    "SeenDay",
    "SeenRecord",
    "Service",
    "SetAside",
    "Source",
    "StreamState",
    "Team",
    "TeamMember",
]
