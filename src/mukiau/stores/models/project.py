"""A project, its keys and the names of what runs in it."""

from django.db import models


class Project(models.Model):
    """One product with all its services and environments."""

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    created_ms = models.BigIntegerField()

    class Meta:
        db_table = "project"

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    """Where input comes from, and the key it is sent with; DSN = scheme://public_key@host/project_id."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="sources")
    label = models.CharField(max_length=200, default="", db_default="", blank=True)
    public_key = models.CharField(max_length=32, unique=True)
    service = models.CharField(max_length=200, default="", db_default="", blank=True)
    """Used where the input itself names none."""
    environment = models.CharField(max_length=200, default="", db_default="", blank=True)
    is_active = models.BooleanField(default=True, db_default=True)
    quota_events = models.IntegerField(null=True, blank=True)
    """Events per quota window; 0: no limit; None: the server's own setting."""
    created_ms = models.BigIntegerField()

    class Meta:
        db_table = "source"

    def __str__(self) -> str:
        return self.label or self.public_key


class Service(models.Model):
    """A service that was seen in an event; what people say about it is empty until they do."""

    project = models.ForeignKey(Project, models.CASCADE, db_index=False)
    name = models.CharField(max_length=200)
    display_name = models.CharField(max_length=200, default="", db_default="", blank=True)
    area = models.CharField(max_length=200, default="", db_default="", blank=True)
    """What it belongs to: a part of the product, by which services stand together."""

    class Meta:
        db_table = "service"
        # The writer's upsert, and the list for the filter.
        constraints = (models.UniqueConstraint(fields=("project", "name"), name="service_project_name"),)

    def __str__(self) -> str:
        return self.name


class Environment(models.Model):
    """An environment that was seen in an event; customer and purpose are its two axes.

    What people say about it is empty until they do: customer and purpose are then read from its name
    (`work/purposes.py`).
    """

    project = models.ForeignKey(Project, models.CASCADE, db_index=False)
    name = models.CharField(max_length=200)
    display_name = models.CharField(max_length=200, default="", db_default="", blank=True)
    customer = models.CharField(max_length=200, default="", db_default="", blank=True)
    purpose = models.CharField(max_length=32, default="", db_default="", blank=True)

    class Meta:
        db_table = "environment"
        # The writer's upsert, and the list for the filter.
        constraints = (models.UniqueConstraint(fields=("project", "name"), name="environment_project_name"),)

    def __str__(self) -> str:
        return self.name
