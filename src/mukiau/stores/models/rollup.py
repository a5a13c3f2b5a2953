"""Counts kept while writing, so that no page counts events.

Tables WITHOUT ROWID, made by SQL in the migration: their primary key is the order they are read in. Everything is counted
per fingerprint, and pages add up those of an issue; only the list, which looks for an issue's environments among all
issues, has their sums stored.
"""

from django.db import models


class FingerprintHour(models.Model):
    """Events of a fingerprint per hour and environment: sparkline, and counts by environment over a time."""

    pk = models.CompositePrimaryKey("fingerprint_id", "hour", "environment")
    fingerprint_id = models.BigIntegerField()
    hour = models.IntegerField()
    """Hours since 1970-01-01 UTC."""
    environment = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "fingerprint_hour"
        managed = False


class FingerprintEnvironment(models.Model):
    """Events of a fingerprint in one environment."""

    pk = models.CompositePrimaryKey("fingerprint_id", "environment")
    fingerprint_id = models.BigIntegerField()
    environment = models.TextField()
    count = models.BigIntegerField()
    first_seen_ms = models.BigIntegerField()
    last_seen_ms = models.BigIntegerField()

    class Meta:
        db_table = "fingerprint_environment"
        managed = False


class FingerprintTag(models.Model):
    """How often a tag had a value in a fingerprint's events; values beyond the 100th of a key count under ""."""

    pk = models.CompositePrimaryKey("fingerprint_id", "key", "value")
    fingerprint_id = models.BigIntegerField()
    key = models.TextField()
    value = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "fingerprint_tag"
        managed = False


class IssueEnvironment(models.Model):
    """Events of an issue in one environment, derived: the filter of the list, the table of the issue page."""

    pk = models.CompositePrimaryKey("issue_id", "environment")
    issue_id = models.BigIntegerField()
    environment = models.TextField()
    count = models.BigIntegerField()
    first_seen_ms = models.BigIntegerField()
    last_seen_ms = models.BigIntegerField()

    class Meta:
        db_table = "issue_environment"
        managed = False
