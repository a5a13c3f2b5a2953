"""How far retention has come."""

from django.db import models


class RetentionWalk(models.Model):
    """The one row that says how far the walk over old events has come; a process that dies goes on from here."""

    id = models.IntegerField(primary_key=True)
    """Always 1."""
    after_id = models.BigIntegerField()
    """`event.id` of the last row looked at; 0 before the first."""
    reached_ms = models.BigIntegerField()
    """How old events are there: the latest `digested_ms` up to it that is not of a far future."""
    began_ms = models.BigIntegerField()
    finished_ms = models.BigIntegerField()
    """0 while the walk is on its way; as began_ms by the steady clock."""
    needed_codecs = models.TextField()
    """JSON: the `payload_codec` of each payload the walk has left."""

    class Meta:
        db_table = "retention_walk"
