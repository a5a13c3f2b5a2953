"""The grouping policies of a project, which of them counts, and the runs of the grouping lab."""

from django.db import models

from mukiau.stores.models.project import Project


class GroupingPolicy(models.Model):
    """One version of a project's policy text; never changed. Version 1 is the built-in text and has no row."""

    project = models.ForeignKey(Project, models.CASCADE, db_index=False)
    version = models.IntegerField()
    text = models.TextField()
    author = models.CharField(max_length=150)
    reason = models.TextField()
    created_ms = models.BigIntegerField()

    class Meta:
        db_table = "grouping_policy"
        constraints = (models.UniqueConstraint(fields=("project", "version"), name="grouping_policy_version"),)

    def __str__(self) -> str:
        return f"{self.project_id} v{self.version}"


class GroupingState(models.Model):
    """Which versions the digester groups by; a project without a row goes by version 1 alone."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True)
    version = models.IntegerField()
    """The version in force: `fingerprint.hash` is by it."""
    other_version = models.IntegerField(null=True)
    """The version `fingerprint.other_hash` is by: one that is about to come, or the one before, for as long as it can be
    gone back to."""
    stamp = models.BigIntegerField()
    """One more with every change of the two above: a batch made by others is refused and made again."""
    since_ms = models.BigIntegerField()

    class Meta:
        db_table = "grouping_state"

    def __str__(self) -> str:
        return f"{self.project_id} v{self.version}"


class LabRun(models.Model):
    """One replay of a policy on the stored events, and what became of it."""

    project = models.ForeignKey(Project, models.CASCADE, db_index=False)
    version = models.IntegerField()
    base_version = models.IntegerField()
    """The version that was in force."""
    state = models.CharField(max_length=16)
    """`waiting`, `replaying`, `ready`, `applying`, `applied`, `undoing`, `undone`, `stopped`, `failed`."""
    step = models.CharField(max_length=16)
    """What of the work is being done."""
    cursor = models.BigIntegerField()
    """`event.id` up to which the events were replayed."""
    until = models.BigIntegerField()
    """`event.id` of the last event to replay."""
    done = models.BigIntegerField()
    """Events replayed; of `total`, which is counted when the run begins."""
    total = models.BigIntegerField()
    author = models.CharField(max_length=150)
    created_ms = models.BigIntegerField()
    updated_ms = models.BigIntegerField()
    error = models.TextField(default="", db_default="")
    """Why it failed or was stopped: one sentence."""
    change_id = models.BigIntegerField(null=True)
    """The `grouping_change` that applied it."""

    class Meta:
        db_table = "lab_run"
        indexes = (models.Index(fields=("project", "-id"), name="lab_run_project"),)

    def __str__(self) -> str:
        return f"{self.project_id} v{self.version} {self.state}"


class LabPiece(models.Model):
    """Events of one fingerprint that have one hash under the policy of a run."""

    pk = models.CompositePrimaryKey("run_id", "fingerprint_id", "hash")
    run_id = models.BigIntegerField()
    fingerprint_id = models.BigIntegerField()
    hash = models.TextField()
    count = models.BigIntegerField()
    first_event_pk = models.BigIntegerField()
    last_event_pk = models.BigIntegerField()

    class Meta:
        db_table = "lab_piece"
        managed = False
