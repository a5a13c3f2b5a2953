"""What people do about issues: the decision of each, where it is over, the handlings of its occurrences, the history.

What is said of an issue hangs on the issue; what answers occurrences hangs on their fingerprint, and so follows them when
issues are merged and split.
"""

from django.db import models
from django.db.models import Q


class IssueWork(models.Model):
    """The decision about an issue, and whether it needs one. Every issue that was ever made has a row."""

    issue_id = models.BigIntegerField(primary_key=True)
    project_id = models.BigIntegerField()
    decision = models.CharField(max_length=16, default="none_yet", db_default="none_yet")
    scope = models.CharField(max_length=64, default="production", db_default="production")
    """Purposes it holds for, separated by spaces."""
    key = models.CharField(max_length=200, default="", db_default="")
    period = models.CharField(max_length=8, default="day", db_default="day")
    watch = models.TextField(default="", db_default="")
    """JSON of `work.watching.Watch`; empty where nothing is watched."""
    watch_until_ms = models.BigIntegerField(default=0, db_default=0)
    """When it needs a decision again by itself: the date it is watched until, or of the review. 0: never."""
    reason = models.TextField(default="", db_default="")
    decided_ms = models.BigIntegerField(default=0, db_default=0)
    decided_by = models.CharField(max_length=150, default="", db_default="")
    needs_decision = models.BooleanField(default=False, db_default=False)
    why_needed = models.CharField(max_length=16, default="", db_default="")
    why_details = models.TextField(default="", db_default="")
    """The condition that was met, or the environment it regressed in."""
    needed_since_ms = models.BigIntegerField(default=0, db_default=0)
    team_id = models.BigIntegerField(null=True)
    assignee_id = models.BigIntegerField(null=True)
    version = models.IntegerField(default=1, db_default=1)
    """Grows with each change a person makes; who changes an older one is told."""

    class Meta:
        db_table = "issue_work"
        indexes = (
            # The inbox.
            models.Index(fields=("needed_since_ms", "issue_id"), condition=Q(needs_decision=True), name="work_needed"),
            # What wakes by itself.
            models.Index(fields=("watch_until_ms",), condition=Q(watch_until_ms__gt=0), name="work_due"),
            # Mine, and a team's.
            models.Index(fields=("assignee_id",), condition=Q(assignee_id__isnull=False), name="work_assignee"),
            models.Index(fields=("team_id",), condition=Q(team_id__isnull=False), name="work_team"),
            # The view of what is watched.
            models.Index(fields=("decision", "issue_id"), name="work_decision"),
        )

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.decision}"


class IssueResolution(models.Model):
    """Somebody said that an issue is over, until it is undone or said again."""

    issue_id = models.BigIntegerField()
    environment = models.CharField(max_length=200, default="", db_default="")
    """Empty: everywhere."""
    release = models.CharField(max_length=200, default="", db_default="")
    """Where this release or a later one runs; empty: at once."""
    resolved_ms = models.BigIntegerField()
    actor = models.CharField(max_length=150)
    ended_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "issue_resolution"
        # Those that hold, when an event of the issue arrives and on its page.
        indexes = (models.Index(fields=("issue_id",), condition=Q(ended_ms__isnull=True), name="resolution_holds"),)

    def __str__(self) -> str:
        return f"{self.issue_id} {self.environment} {self.release}"


class IssueState(models.Model):
    """Where an issue stands in an environment since it was resolved; no row: open."""

    pk = models.CompositePrimaryKey("issue_id", "environment")
    issue_id = models.BigIntegerField()
    environment = models.CharField(max_length=200)
    state = models.CharField(max_length=16)
    """`resolved`, `awaiting_deploy`, `regressed`."""
    since_ms = models.BigIntegerField()
    event_pk = models.BigIntegerField(null=True)
    """The event that made it so."""

    class Meta:
        db_table = "issue_state"
        managed = False
        # What awaits a fix in an environment, when something is deployed there: `issue_state_awaiting`, by SQL.

    def __str__(self) -> str:
        return f"{self.issue_id} {self.environment}: {self.state}"


class Deploy(models.Model):
    """A release of a service runs in an environment from a time on."""

    project_id = models.BigIntegerField()
    service = models.CharField(max_length=200)
    """Empty: all services of the environment."""
    environment = models.CharField(max_length=200)
    release = models.CharField(max_length=200)
    at_ms = models.BigIntegerField()
    actor = models.CharField(max_length=150)
    recorded_ms = models.BigIntegerField()

    class Meta:
        db_table = "deploy"
        # What runs where at a time, and told twice is told once.
        constraints = (
            models.UniqueConstraint(
                fields=("project_id", "environment", "service", "at_ms", "release"), name="deploy_place"
            ),
        )
        # When a release was deployed first; the page, newest first.
        indexes = (
            models.Index(fields=("project_id", "release", "at_ms"), name="deploy_release"),
            models.Index(fields=("-at_ms", "-id"), name="deploy_at"),
        )

    def __str__(self) -> str:
        return f"{self.service} {self.release} in {self.environment}"


class IssueHistory(models.Model):
    """One line of what people and mukiau did about an issue. Lines are added, and marked when they are undone."""

    issue_id = models.BigIntegerField()
    at_ms = models.BigIntegerField()
    actor_id = models.BigIntegerField(null=True)
    """None: mukiau itself."""
    actor = models.CharField(max_length=150)
    kind = models.CharField(max_length=32)
    details = models.TextField()
    """JSON; what can be undone has `before` and `after`."""
    undone_ms = models.BigIntegerField(null=True)
    undone_by = models.CharField(max_length=150, default="", db_default="")

    class Meta:
        db_table = "issue_history"
        # The page of an issue, latest first.
        indexes = (models.Index(fields=("issue_id", "-at_ms", "-id"), name="issue_history_at"),)

    def __str__(self) -> str:
        return f"{self.issue_id} {self.kind}"


class Handling(models.Model):
    """The answer to one occurrence, or to several together."""

    project_id = models.BigIntegerField()
    fingerprint_id = models.BigIntegerField()
    environment = models.CharField(max_length=200)
    service = models.CharField(max_length=200)
    kind = models.CharField(max_length=8)
    key = models.CharField(max_length=200, default="", db_default="")
    """The value of the key, or the name of the batch's day or hour."""
    state = models.CharField(max_length=16, default="open", db_default="open")
    assignee_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    opened_ms = models.BigIntegerField()
    started_ms = models.BigIntegerField(null=True)
    closed_ms = models.BigIntegerField(null=True)
    closed_by = models.CharField(max_length=150, default="", db_default="")
    closed_by_id = models.BigIntegerField(null=True)
    runbook_version_id = models.BigIntegerField(null=True)
    """The version that was followed; pinned when somebody takes the handling."""
    minutes = models.IntegerField(null=True)
    outcome = models.CharField(max_length=16, default="", db_default="")
    note = models.TextField(default="", db_default="")
    ticks = models.TextField(default="", db_default="")
    """JSON: step → who ticked it and when."""
    result = models.TextField(default="", db_default="")
    """What came of it, as somebody pasted it."""
    snapshot = models.TextField(default="", db_default="")
    """JSON of `work.handling.Snapshot`, written when it is closed."""
    occurrence_count = models.IntegerField(default=1, db_default=1)
    first_ms = models.BigIntegerField()
    """occurred_ms of its first occurrence; `last_ms` of the last."""
    last_ms = models.BigIntegerField()
    history_id = models.BigIntegerField(null=True)
    """The decision that opened it for what had arrived before; None: an arrival did."""
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        db_table = "handling"
        _open = Q(state__in=("open", "in_progress", "waiting"))
        indexes = (
            # The queue, oldest first; and how many of an issue's are open.
            models.Index(fields=("opened_ms", "id"), condition=_open, name="handling_queue"),
            # An issue's handlings, and the open one of a key or batch.
            models.Index(fields=("fingerprint_id", "-opened_ms"), name="handling_fingerprint"),
            models.Index(
                fields=("fingerprint_id", "environment", "kind", "key"), condition=_open, name="handling_open"
            ),
            # Mine, and nobody's.
            models.Index(fields=("assignee_id", "opened_ms"), condition=_open, name="handling_assignee"),
            # The queue of a service, of an environment, of a team, and what waits.
            models.Index(fields=("service", "opened_ms", "id"), condition=_open, name="handling_service"),
            models.Index(fields=("environment", "opened_ms", "id"), condition=_open, name="handling_environment"),
            models.Index(fields=("team_id", "opened_ms", "id"), condition=_open, name="handling_team"),
            models.Index(fields=("opened_ms", "id"), condition=Q(state="waiting"), name="handling_waiting"),
            # What was done in a period: the export, and the minutes.
            models.Index(fields=("closed_ms", "id"), condition=Q(closed_ms__isnull=False), name="handling_closed"),
            # What came of following the versions of a runbook.
            models.Index(
                fields=("runbook_version_id", "outcome", "minutes"),
                condition=Q(closed_ms__isnull=False),
                name="handling_followed",
            ),
            # Search by an extracted id.
            models.Index(fields=("key",), condition=Q(kind="keyed"), name="handling_key"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class HandlingOccurrence(models.Model):
    """An occurrence that a handling answers. One answers it, once: the event is the key."""

    event_pk = models.BigIntegerField(primary_key=True)
    handling_id = models.BigIntegerField()

    class Meta:
        db_table = "handling_occurrence"
        # The occurrences of a handling.
        indexes = (models.Index(fields=("handling_id", "event_pk"), name="handling_occurrences"),)

    def __str__(self) -> str:
        return f"{self.event_pk}: {self.handling_id}"
