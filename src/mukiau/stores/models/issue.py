"""The issue: events with one fingerprint, and the words and counts its row shows."""

from django.db import models

from mukiau.stores.models.project import Project


class Issue(models.Model):
    """One unit of handling; its words are those of its latest event."""

    project = models.ForeignKey(Project, models.CASCADE, db_index=False)
    service = models.TextField()
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
    search_text = models.TextField()
    """What the search index holds of the issue: the words of its first event, and later ones that are new."""

    class Meta:
        db_table = "issue"
        indexes = (
            # The issue list in its three orders, newest / most first and backwards.
            models.Index(fields=("project", "-last_seen_ms", "id"), name="issue_last_seen"),
            models.Index(fields=("project", "first_seen_ms", "id"), name="issue_first_seen"),
            models.Index(fields=("project", "event_count", "id"), name="issue_event_count"),
        )

    def __str__(self) -> str:
        return self.title


class Fingerprint(models.Model):
    """A fingerprint that leads to an issue, and why it is what it is."""

    project = models.ForeignKey(Project, models.CASCADE, db_index=False)
    hash = models.CharField(max_length=32)
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="fingerprints")
    policy_version = models.IntegerField()
    explanation = models.TextField()
    """JSON of the explanation tree of its first event."""
    created_ms = models.BigIntegerField()

    class Meta:
        db_table = "fingerprint"
        # The writer finds the issue of an event by it.
        constraints = (models.UniqueConstraint(fields=("project", "hash"), name="fingerprint_project_hash"),)

    def __str__(self) -> str:
        return self.hash
