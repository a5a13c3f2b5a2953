"""A place is a service in an environment: how much came from it, and when something came last.

Tables WITHOUT ROWID, made by SQL in the migration, like the other roll-ups. They are counted by what events say, so
regrouping changes nothing here.
"""

from django.db import models


class Place(models.Model):
    """A service in an environment, since its first event or record."""

    pk = models.CompositePrimaryKey("project_id", "service", "environment")
    project_id = models.BigIntegerField()
    service = models.TextField()
    environment = models.TextField()
    last_seen_ms = models.BigIntegerField()
    """Of its latest event by the source's clock; 0 when it has had none."""
    release = models.TextField()
    """Of the latest of its events that names one."""
    release_ms = models.BigIntegerField()
    """When that event occurred."""
    first_arrived_ms = models.BigIntegerField()
    """When the first record or event arrived by our clock; `arrived_ms`: the last."""
    arrived_ms = models.BigIntegerField()
    arrived_hours = models.BigIntegerField()
    """In how many different hours something arrived."""
    has_records = models.BooleanField()
    """Log lines that are no errors arrive as well, so that silence can be told from all being well."""

    class Meta:
        db_table = "place"
        managed = False

    def __str__(self) -> str:
        return f"{self.service} in {self.environment}"


class PlaceHour(models.Model):
    """Events of a place per hour."""

    pk = models.CompositePrimaryKey("project_id", "hour", "service", "environment")
    project_id = models.BigIntegerField()
    hour = models.IntegerField()
    """Hours since 1970-01-01 UTC."""
    service = models.TextField()
    environment = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "place_hour"
        managed = False
