"""The fingerprint, by which everything is counted, and the issue: one or more of them, with the words and counts shown."""

from django.db import models
from django.db.models import Q

from mukiau.stores.models.project import Project


class Shown(models.Model):
    """The words and counts of events, as an issue shows them and its fingerprints keep them."""

    service = models.TextField()
    """This and the other words are those of its latest event."""
    title = models.TextField()
    subtitle = models.TextField()
    template = models.TextField()
    culprit = models.TextField()
    root_type = models.TextField()
    root_message = models.TextField()
    level = models.TextField()
    logger = models.TextField()
    language = models.TextField()
    first_seen_ms = models.BigIntegerField()
    last_seen_ms = models.BigIntegerField()
    """By the source's clock, as first_seen_ms."""
    event_count = models.BigIntegerField()
    first_event_pk = models.BigIntegerField()
    """`event.id` of the earliest event by (occurred_ms, id)."""
    last_event_pk = models.BigIntegerField()

    class Meta:
        abstract = True


class Issue(Shown):
    """One unit of handling. Its words and counts are derived from its fingerprints (`issue_rows.py`).

    One with no events has no fingerprint any more and is not shown.
    """

    project = models.ForeignKey(Project, models.CASCADE, db_index=False)
    merged_into_id = models.BigIntegerField(null=True)
    """Where its fingerprints went when it has none any more: its addresses lead there."""

    class Meta:
        db_table = "issue"
        indexes = (
            # The issue list in its three orders, newest / most first and backwards.
            models.Index(fields=("project", "-last_seen_ms", "id"), name="issue_last_seen"),
            models.Index(fields=("project", "first_seen_ms", "id"), name="issue_first_seen"),
            models.Index(fields=("project", "event_count", "id"), name="issue_event_count"),
            # What was merged into an issue: its comments are shown there.
            models.Index(fields=("merged_into_id",), condition=Q(merged_into_id__isnull=False), name="issue_merged"),
        )

    def __str__(self) -> str:
        return self.title


class Fingerprint(Shown):
    """All events of a project with one hash, or one pair of them while two policies are counted by.

    It is what moves when issues are merged or split, and what counts are kept for.
    """

    project = models.ForeignKey(Project, models.CASCADE, db_index=False)
    hash = models.CharField(max_length=32)
    """By the policy in force."""
    other_hash = models.CharField(max_length=32, default="", db_default="")
    """By the other version of `GroupingState`; empty where it is not known, or there is none."""
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="fingerprints", db_index=False)
    policy_version = models.IntegerField()
    created_ms = models.BigIntegerField()
    search_text = models.TextField()
    """What the search index holds of it: the words of its first event."""
    doubt = models.TextField(default="", db_default="")
    """`core.grouping.kinship.Doubt`: whether it may belong to another's issue, as far as its events tell."""
    joined_to_id = models.BigIntegerField(null=True)
    """The fingerprint whose issue it came to by itself (`core.grouping.kinship`); it may have been moved since."""
    joined_because = models.TextField(default="", db_default="")

    class Meta:
        db_table = "fingerprint"
        indexes = (
            # The writer finds the fingerprint of an event by it.
            models.Index(fields=("project", "hash", "other_hash"), name="fingerprint_hashes"),
            # The fingerprints of an issue: what its rows are derived from, its events, its roll-ups.
            models.Index(fields=("issue",), name="fingerprint_issue"),
            # The issues of a service, for the filter of the list.
            models.Index(fields=("project", "service", "issue"), name="fingerprint_service"),
            # What a new fingerprint of the service may be the home of.
            models.Index(fields=("project", "service"), condition=~Q(doubt=""), name="fingerprint_doubtful"),
            # What another policy keeps together.
            models.Index(
                fields=("project", "joined_to_id"), condition=Q(joined_to_id__isnull=False), name="fingerprint_joined"
            ),
        )

    def __str__(self) -> str:
        return self.hash


class FingerprintExplanation(models.Model):
    """Why a fingerprint is what it is. Apart from its row, which is written with each batch and should be small."""

    pk = models.CompositePrimaryKey("fingerprint_id", "policy_version")
    fingerprint_id = models.BigIntegerField()
    policy_version = models.IntegerField()
    """That in force, and the other one that it has a hash by."""
    explanation = models.TextField()
    """JSON of the explanation tree of one of its events."""

    class Meta:
        db_table = "fingerprint_explanation"
        managed = False

    def __str__(self) -> str:
        return str(self.fingerprint_id)
