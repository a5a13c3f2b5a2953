"""Counts kept while writing, so that no page counts events.

Tables WITHOUT ROWID, made by SQL in the migration: their primary key is the order they are read in.
"""

from django.db import models


class IssueHour(models.Model):
    """Events of an issue per hour and environment: sparkline, and counts by environment over a time."""

    pk = models.CompositePrimaryKey("issue_id", "hour", "environment")
    issue_id = models.BigIntegerField()
    hour = models.IntegerField()
    """Hours since 1970-01-01 UTC."""
    environment = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "issue_hour"
        managed = False


class IssueEnvironment(models.Model):
    """Events of an issue in one environment: the filter of the list, the table of the issue page."""

    pk = models.CompositePrimaryKey("issue_id", "environment")
    issue_id = models.BigIntegerField()
    environment = models.TextField()
    count = models.BigIntegerField()
    first_seen_ms = models.BigIntegerField()
    last_seen_ms = models.BigIntegerField()

    class Meta:
        db_table = "issue_environment"
        managed = False


class IssueTag(models.Model):
    """How often a tag had a value in an issue's events; values beyond the 100th of a key count under ""."""

    pk = models.CompositePrimaryKey("issue_id", "key", "value")
    issue_id = models.BigIntegerField()
    key = models.TextField()
    value = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "issue_tag"
        managed = False
