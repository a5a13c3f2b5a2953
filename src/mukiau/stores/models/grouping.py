"""Changes of the grouping by hand: what moved, and what was said by it."""

from django.db import models


class GroupingChange(models.Model):
    """One merge or split, and whether it was undone; never deleted."""

    project_id = models.BigIntegerField()
    kind = models.TextField()
    """`merge`, `split`."""
    actor = models.TextField()
    at_ms = models.BigIntegerField()
    reason = models.TextField()
    details = models.TextField()
    """JSON {"into": issue id, "titles": {issue id: title at that time}}."""
    undone_ms = models.BigIntegerField(null=True)
    undone_by = models.TextField(default="", db_default="")

    class Meta:
        db_table = "grouping_change"
        # The history of a project, latest first.
        indexes = (models.Index(fields=("project_id", "id"), name="grouping_change_project"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class GroupingMove(models.Model):
    """A fingerprint that a change moved; undoing goes by it. WITHOUT ROWID, made by SQL in the migration."""

    pk = models.CompositePrimaryKey("change_id", "fingerprint_id")
    change_id = models.BigIntegerField()
    fingerprint_id = models.BigIntegerField()
    from_issue_id = models.BigIntegerField()
    to_issue_id = models.BigIntegerField()

    class Meta:
        db_table = "grouping_move"
        managed = False


class GroupingConstraint(models.Model):
    """What a person said about two fingerprints, as long as the change holds by which it was said."""

    project_id = models.BigIntegerField()
    kind = models.TextField()
    """`must_link`, `cannot_link`."""
    fingerprint_a = models.BigIntegerField()
    """The lower id of the two."""
    fingerprint_b = models.BigIntegerField()
    change_id = models.BigIntegerField()

    class Meta:
        db_table = "grouping_constraint"
        # Undoing a change takes back what was said by it.
        indexes = (models.Index(fields=("change_id",), name="grouping_constraint_change"),)

    def __str__(self) -> str:
        return f"{self.fingerprint_a} {self.kind} {self.fingerprint_b}"
