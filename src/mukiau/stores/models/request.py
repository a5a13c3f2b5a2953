"""What one side asked of another, what happened to it, and which occurrences it is about."""

from django.db import models
from django.db.models import Q


class Request(models.Model):
    """One request. Its states and who may do what are the table of `work/requests.py`.

    People are kept by id and by the name of that day, without a foreign key: what was approved by whom outlives accounts.
    """

    project_id = models.BigIntegerField()
    kind = models.TextField()
    side = models.TextField()
    """Who is asked: `development`, `operations`, `support`."""
    state = models.TextField()
    title = models.TextField()
    body = models.TextField()
    statement = models.TextField()
    """Exactly what is to be run; while the request has an approval, this is what was approved."""
    expected_rows = models.BigIntegerField(null=True)
    rollback = models.TextField()
    evidence = models.TextField()
    service = models.TextField()
    customer = models.TextField()
    environment = models.TextField()
    due_ms = models.BigIntegerField(null=True)
    requester_id = models.IntegerField()
    requester = models.TextField()
    approver_id = models.IntegerField(null=True)
    approver = models.TextField(default="", db_default="")
    executor_id = models.IntegerField(null=True)
    executor = models.TextField(default="", db_default="")
    verifier_id = models.IntegerField(null=True)
    verifier = models.TextField(default="", db_default="")
    result = models.TextField(default="", db_default="")
    """What the executor pasted."""
    actual_rows = models.BigIntegerField(null=True)
    """How many rows the executor says it changed."""
    created_ms = models.BigIntegerField()
    updated_ms = models.BigIntegerField()
    closed_ms = models.BigIntegerField(null=True)
    repeat_key = models.TextField()
    """What requests for the same thing have in common (`request_content.repeat_key`)."""
    client_key = models.TextField(default="", db_default="")
    """What a program called it when it filed it, so that asking again files nothing twice."""
    version = models.BigIntegerField()
    """One more with every change: who changes an older one is told instead."""

    class Meta:
        db_table = "request"
        constraints = (
            # A program that asks again finds what it filed.
            models.UniqueConstraint(
                fields=("requester_id", "client_key"), condition=~Q(client_key=""), name="request_client_key"
            ),
        )
        indexes = (
            # The board and the list, by state, latest change first.
            models.Index(fields=("state", "-updated_ms", "-id"), name="request_state"),
            models.Index(fields=("-updated_ms", "-id"), name="request_updated"),
            # The filters, and what they offer.
            models.Index(fields=("customer", "-updated_ms", "-id"), name="request_customer"),
            models.Index(fields=("environment", "-updated_ms", "-id"), name="request_environment"),
            # How many there were like this one.
            models.Index(fields=("repeat_key", "created_ms"), name="request_repeat"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class RequestEvent(models.Model):
    """One line of a request's history: who did what, when, and what was said by it."""

    request_id = models.BigIntegerField()
    at_ms = models.BigIntegerField()
    actor_id = models.IntegerField(null=True)
    actor = models.TextField()
    act = models.TextField()
    """`file`, or an act of `work/requests.py`."""
    from_state = models.TextField()
    to_state = models.TextField()
    note = models.TextField()
    details = models.TextField()
    """JSON: of an edit the former values; of an approval the SHA-256 of the statement; of a report the result."""

    class Meta:
        db_table = "request_event"
        # The history of a request, in its order.
        indexes = (models.Index(fields=("request_id", "id"), name="request_event_request"),)

    def __str__(self) -> str:
        return f"{self.request_id} {self.act}"


class RequestOccurrence(models.Model):
    """What a request is about: a fingerprint, and of its events one or none. The words stay when the event is deleted."""

    request_id = models.BigIntegerField()
    fingerprint_id = models.BigIntegerField()
    event_pk = models.BigIntegerField()
    """0: all of them, none in particular."""
    occurred_ms = models.BigIntegerField(null=True)
    environment = models.TextField()
    message = models.TextField()

    class Meta:
        db_table = "request_occurrence"
        constraints = (
            models.UniqueConstraint(
                fields=("request_id", "fingerprint_id", "event_pk"), name="request_occurrence_once"
            ),
        )
        indexes = (
            # The requests of an issue: those of its fingerprints.
            models.Index(fields=("fingerprint_id", "request_id"), name="request_occurrence_fp"),
            # Those about an event: when it moves to another fingerprint, and what else its handling waits for.
            models.Index(fields=("event_pk",), condition=Q(event_pk__gt=0), name="request_occurrence_event"),
        )

    def __str__(self) -> str:
        return f"{self.request_id} {self.fingerprint_id}"
