"""Merging, splitting and undoing for the pages and the API: the change, and the line of the audit log."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.conf import settings

from mukiau import clock
from mukiau.stores import regrouping
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.grouping_changes import By
from mukiau.stores.queries.issue import find_issue
from mukiau.stores.regrouping import Changed
from mukiau.web.audit import Action


def merge(who: Actor, issue_ids: Collection[int], *, into: int, reason: str) -> Changed:
    """Merge issues; raises RegroupingRefused."""
    changed = regrouping.merge(_folder(), issue_ids, into=into, by=_by(who, reason))
    others = ", ".join(f"#{one}" for one in sorted(set(issue_ids) - {into}))
    _record(who, Action.ISSUES_MERGED, changed, issues=others, why=reason)
    return changed


def split_off(who: Actor, issue_id: int, fingerprint_ids: Collection[int], *, reason: str) -> Changed:
    """Make some of an issue's fingerprints an issue of their own; raises RegroupingRefused."""
    changed = regrouping.split_off(_folder(), issue_id, fingerprint_ids, by=_by(who, reason))
    _record(who, Action.ISSUE_SPLIT, changed, issues=f"#{issue_id}", why=reason)
    return changed


def undo(who: Actor, change_id: int) -> Changed:
    """Take a change back; raises RegroupingRefused."""
    changed = regrouping.undo(_folder(), change_id, by=_by(who, ""))
    _record(who, Action.REGROUPING_UNDONE, changed)
    return changed


def _record(who: Actor, action: Action, changed: Changed, **facts: Any) -> None:
    issue = find_issue(changed.issue_id)
    target = f"#{changed.issue_id} {issue.title if issue else ''}".rstrip()
    facts = {"change": changed.change_id, **facts, "fingerprints": changed.fingerprints}
    record_line(who, action, at_ms=clock.unix_ms(), target=target, after=facts)


def _by(who: Actor, reason: str) -> By:
    return By(actor=who.name, at_ms=clock.unix_ms(), reason=reason.strip())


def _folder() -> Path:
    return Path(settings.MUKIAU.data)
