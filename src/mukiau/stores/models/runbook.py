"""Runbooks, their versions and rules, and what rules look at of an error."""

from django.db import models
from django.db.models import Q


class Runbook(models.Model):
    """What to do about an error. Its words are those of the version in force, before there is one of the latest."""

    code = models.CharField(max_length=24, unique=True)
    """`ORD-12`: its short address, for ever."""
    title = models.TextField()
    state = models.CharField(max_length=16)
    """`draft`, `published`, `retired`."""
    services = models.TextField(default="", db_default="")
    """One a line."""
    url = models.TextField(default="", db_default="")
    owner = models.TextField(default="", db_default="")
    """The team that keeps it right, as the text names it."""
    proposes = models.CharField(max_length=16, default="", db_default="")
    key = models.TextField(default="", db_default="")
    minutes = models.IntegerField(null=True)
    review_by = models.CharField(max_length=10, default="", db_default="")
    """ISO date."""
    number = models.IntegerField()
    """Of the latest version; who saves names it."""
    published_number = models.IntegerField(null=True)
    """Of the version in force."""
    created_ms = models.BigIntegerField()
    updated_ms = models.BigIntegerField()
    """Of the latest version, publishing or retiring."""
    matched_to = models.BigIntegerField(null=True)
    """Fingerprints up to this id were compared with its rules; NULL when all were."""

    class Meta:
        db_table = "runbook"
        indexes = (
            # Whether a manual that is brought in is there already.
            models.Index(fields=("url",), condition=~Q(url=""), name="runbook_url"),
            models.Index(fields=("title", "services"), name="runbook_title"),
        )

    def __str__(self) -> str:
        return self.code


class RunbookVersion(models.Model):
    """One text of a runbook; never changed, only reviewed."""

    runbook = models.ForeignKey(Runbook, models.CASCADE, db_index=False)
    number = models.IntegerField()
    """From 1."""
    text = models.TextField()
    """Front matter and Markdown."""
    title = models.TextField()
    note = models.TextField(default="", db_default="")
    """What changed, in the author's words."""
    author_id = models.BigIntegerField(null=True)
    author = models.TextField()
    at_ms = models.BigIntegerField()
    review = models.CharField(max_length=16, default="", db_default="")
    """`approved`, `changes_wanted`; empty while nobody else has read it."""
    reviewer_id = models.BigIntegerField(null=True)
    reviewer = models.TextField(default="", db_default="")
    reviewed_ms = models.BigIntegerField(null=True)
    review_note = models.TextField(default="", db_default="")

    class Meta:
        db_table = "runbook_version"
        # A version is found by its number, and is there once.
        constraints = (models.UniqueConstraint(fields=("runbook", "number"), name="runbook_version_number"),)

    def __str__(self) -> str:
        return f"{self.runbook_id} v{self.number}"


class MatchRule(models.Model):
    """One rule of a published runbook. Ids only grow: the digester sees by them and by their count that rules changed."""

    runbook = models.ForeignKey(Runbook, models.CASCADE)
    position = models.IntegerField()
    conditions = models.TextField()
    """JSON {aspect: [glob, …]}; all aspects must fit."""

    class Meta:
        db_table = "match_rule"

    def __str__(self) -> str:
        return f"{self.runbook_id}.{self.position}"


class RunbookComment(models.Model):
    """What somebody said about a runbook."""

    runbook = models.ForeignKey(Runbook, models.CASCADE, db_index=False)
    number = models.IntegerField()
    """Of the version that was read."""
    kind = models.CharField(max_length=16)
    """`comment`, `did_not_help`, `improve`."""
    step = models.IntegerField(null=True)
    """From 1, where it is about one."""
    text = models.TextField()
    author_id = models.BigIntegerField(null=True)
    author = models.TextField()
    at_ms = models.BigIntegerField()

    class Meta:
        db_table = "runbook_comment"
        # The comments of a runbook, in order.
        indexes = (models.Index(fields=("runbook", "id"), name="runbook_comment_runbook"),)

    def __str__(self) -> str:
        return self.text[:60]


class RunbookLink(models.Model):
    """A person's word that a runbook answers an issue; kept for each of its fingerprints, so that it moves with them."""

    fingerprint_id = models.BigIntegerField(primary_key=True)
    runbook = models.ForeignKey(Runbook, models.CASCADE)
    actor = models.TextField()
    at_ms = models.BigIntegerField()

    class Meta:
        db_table = "runbook_link"

    def __str__(self) -> str:
        return f"{self.fingerprint_id} → {self.runbook_id}"


class FingerprintFact(models.Model):
    """One value of a fingerprint that match rules look at. WITHOUT ROWID, made by SQL in the migration."""

    pk = models.CompositePrimaryKey("fingerprint_id", "aspect", "value")
    fingerprint_id = models.BigIntegerField()
    aspect = models.TextField()
    value = models.TextField()

    class Meta:
        db_table = "fingerprint_fact"
        managed = False

    def __str__(self) -> str:
        return f"{self.aspect} {self.value}"


class RunbookMatch(models.Model):
    """A runbook with a rule that holds for a fingerprint. WITHOUT ROWID, made by SQL in the migration."""

    pk = models.CompositePrimaryKey("fingerprint_id", "runbook_id")
    fingerprint_id = models.BigIntegerField()
    runbook_id = models.BigIntegerField()
    position = models.IntegerField()
    """Of the rule."""
    weight = models.IntegerField()
    """Of several runbooks the heaviest rule wins."""
    reasons = models.TextField()
    """JSON [[aspect, [glob, …], value], …]."""

    class Meta:
        db_table = "runbook_match"
        managed = False

    def __str__(self) -> str:
        return f"{self.fingerprint_id} → {self.runbook_id}"
