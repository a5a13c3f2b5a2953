"""The event: one row per occurrence, its payload compressed; and the dictionaries the payloads need."""

from django.db import models
from django.db.models import F, Q

from mukiau.stores.models.issue import Fingerprint
from mukiau.stores.models.project import Project, Source

_HOUR_MS = 3_600_000


class Event(models.Model):
    """One occurrence; `id` is the order of digesting.

    The references are not checked by the database: the writer makes fingerprint and event in one transaction, and a check per
    row would cost the hot path three look-ups.
    """

    project = models.ForeignKey(Project, models.DO_NOTHING, db_constraint=False, db_index=False)
    event_id = models.CharField(max_length=32)
    """32 lower-case hex digits."""
    fingerprint = models.ForeignKey(Fingerprint, models.DO_NOTHING, db_constraint=False, db_index=False)
    """Its issue is the fingerprint's."""
    source = models.ForeignKey(Source, models.DO_NOTHING, db_constraint=False, db_index=False)
    environment = models.TextField()
    service = models.TextField()
    release = models.TextField()
    level = models.TextField()
    occurred_ms = models.BigIntegerField()
    sent_ms = models.BigIntegerField(null=True)
    received_ms = models.BigIntegerField()
    digested_ms = models.BigIntegerField()
    """The later of the machine's clock and the steady one: retention goes by it."""
    title = models.TextField()
    message = models.TextField()
    payload = models.BinaryField()
    """Compressed JSON {"payload": …, "origin": …, "problems": […]}; read it with `payloads.unpack`."""
    payload_codec = models.IntegerField()
    """0: deleted, what is left says when and why; 1: plain Zstandard; else the id of the `PayloadDictionary` it needs."""
    revision = models.IntegerField()
    """0, then one more each time its log entry was given out again with more records and replaced what stood here."""
    trace_key = models.BigIntegerField(null=True)
    """Of the trace or request it occurred in, `event_rows.trace_key_of`; null when it names none."""

    class Meta:
        db_table = "event"
        # A duplicate changes nothing; the event page finds its row by it.
        constraints = (models.UniqueConstraint(fields=("project", "event_id"), name="event_project_event_id"),)
        indexes = (
            # The events of an issue in order of time; first and last when an event moved.
            models.Index(fields=("fingerprint", "occurred_ms", "id"), name="event_fingerprint_occurred"),
            # The other events of a trace. The hour comes first, so that what is written now lies side by side: keys are
            # random, and by them alone every event would touch a page of its own.
            models.Index(
                F("occurred_ms") / _HOUR_MS,
                "trace_key",
                name="event_trace",
                condition=Q(trace_key__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.event_id


class PayloadDictionary(models.Model):
    """What payloads have in common, learned from some of them; never changed, never deleted while an event needs it."""

    id = models.IntegerField(primary_key=True)
    """Made from the content, so that it means the same in every file."""
    body = models.BinaryField()
    event_count = models.BigIntegerField()
    """How many events there were when it was trained; the highest is in use."""
    created_ms = models.BigIntegerField()

    class Meta:
        db_table = "payload_dictionary"

    def __str__(self) -> str:
        return str(self.id)
