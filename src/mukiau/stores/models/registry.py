"""What people say about the environments and services that events name: each change of it, so that it can be undone."""

from django.db import models


class RegistryChange(models.Model):
    """One change of names and groups, of one entry or many at once; never deleted."""

    project_id = models.BigIntegerField()
    kind = models.TextField()
    """`environment`, `service`."""
    actor = models.TextField()
    at_ms = models.BigIntegerField()
    before = models.TextField()
    """JSON {id: {column: value}} of what was changed, as it was; `after` likewise, as it is since."""
    after = models.TextField()
    undone_ms = models.BigIntegerField(null=True)
    undone_by = models.TextField(default="", db_default="")

    class Meta:
        db_table = "registry_change"
        # The changes of a project, latest first.
        indexes = (models.Index(fields=("project_id", "kind", "id"), name="registry_change_project"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
