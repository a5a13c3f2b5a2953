"""What digest remembers between two batches; written in the same transaction as the events."""

from django.db import models


class DigestState(models.Model):
    """The one row that says how far digest has come."""

    id = models.IntegerField(primary_key=True)
    """Always 1."""
    position = models.BigIntegerField()
    """Of the last spool item that is digested; the door may trim up to it."""
    records_done = models.BigIntegerField(default=0, db_default=0)
    """Records digested of the item behind it: one that holds many takes several transactions."""
    heartbeat_ms = models.BigIntegerField()
    digested_items = models.BigIntegerField()
    steady_ms = models.BigIntegerField(default=0, db_default=0)
    """The steady clock at that heartbeat; ages of what is kept are measured by it."""

    class Meta:
        db_table = "digest_state"


class DigestTrial(models.Model):
    """What was tried last (`start` of a digester, one `item`), and how many times in a row at the same point."""

    what = models.TextField(primary_key=True)
    position = models.BigIntegerField()
    records_done = models.BigIntegerField()
    count = models.IntegerField()

    class Meta:
        db_table = "digest_trial"


class DigestCounter(models.Model):
    """Counts by name and reason: `duplicate`, `dropped`/`unsupported:session`, …"""

    pk = models.CompositePrimaryKey("name", "reason")
    name = models.TextField()
    reason = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        db_table = "digest_counter"
        managed = False


class SetAside(models.Model):
    """An item that could not be digested, with its reason; kept until it is replayed."""

    position = models.BigIntegerField()
    kind = models.TextField()
    project_id = models.BigIntegerField()
    source_id = models.BigIntegerField()
    received_ms = models.BigIntegerField()
    reason = models.TextField()
    encoding = models.TextField()
    event_id = models.TextField()
    body = models.BinaryField()
    is_requested = models.BooleanField(default=False, db_default=False)
    """Somebody asked to digest it again; the digester does it at its next heartbeat."""

    class Meta:
        db_table = "set_aside"


class StreamState(models.Model):
    """A log stream whose entry is still open or was closed a moment ago."""

    pk = models.CompositePrimaryKey("project_id", "stream_key")
    project_id = models.BigIntegerField()
    stream_key = models.TextField()
    state = models.TextField()
    """JSON, as the assembler saved it."""
    is_open = models.BooleanField()
    """Records of the entry wait for the rest of it."""
    updated_ms = models.BigIntegerField()

    class Meta:
        db_table = "stream_state"
        managed = False


class SeenRecord(models.Model):
    """A record id that was digested, as a 64-bit hash, under the day of its own time stamp."""

    pk = models.CompositePrimaryKey("day", "hash")
    day = models.IntegerField()
    """Days since 1970-01-01 UTC."""
    hash = models.BigIntegerField()

    class Meta:
        db_table = "seen_record"
        managed = False


class SeenDay(models.Model):
    """When a day of seen_record was last written: it is pruned so long after that, however old its records are."""

    day = models.IntegerField(primary_key=True)
    written_ms = models.BigIntegerField()

    class Meta:
        db_table = "seen_day"
