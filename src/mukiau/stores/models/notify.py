"""What is to be told, who is told, and what became of each message."""

from django.conf import settings
from django.db import models


class Notification(models.Model):
    """Something that happened: the outbox, written in the transaction that made it happen."""

    id = models.AutoField(primary_key=True)
    key = models.CharField(max_length=300, unique=True)
    """Which happening it is; told once."""
    issue_id = models.BigIntegerField(default=0, db_default=0)
    at_ms = models.BigIntegerField()
    cause = models.TextField()
    """JSON of `notify.cause.Cause`."""

    class Meta:
        db_table = "notification"
        # The summary of a day, and forgetting what is old.
        indexes = (models.Index(fields=("at_ms",), name="notification_at"),)

    def __str__(self) -> str:
        return self.key


class NotifyRoute(models.Model):
    """Who is told of what, and where."""

    name = models.CharField(max_length=100)
    channel = models.CharField(max_length=16)
    address = models.TextField()
    """Whoever knows it can write there: never shown whole, never logged."""
    secret = models.CharField(max_length=64, default="", db_default="")
    """What messages are signed with; likewise."""
    kinds = models.CharField(max_length=200)
    """Of causes, parted by spaces; `summary` among them for the daily one."""
    purposes = models.CharField(max_length=200, default="", db_default="")
    """Parted by spaces; empty: all."""
    services = models.TextField(default="", db_default="")
    """One a line; empty: all."""
    team_ids = models.CharField(max_length=200, default="", db_default="")
    """Parted by spaces; empty: all."""
    language = models.CharField(max_length=16)
    time_zone = models.CharField(max_length=64)
    person_id = models.BigIntegerField(null=True, unique=True)
    """Whose own route it is; None: one of everybody's."""
    is_active = models.BooleanField(default=True, db_default=True)
    cursor = models.BigIntegerField()
    """`notification.id` up to which it was told."""
    planned_ms = models.BigIntegerField(default=0, db_default=0)
    """When its last message was made."""
    told_count = models.IntegerField(default=0, db_default=0)
    """Causes in that message."""
    summary_day = models.CharField(max_length=10, default="", db_default="")
    """The day its last summary was sent on, in its time zone."""
    created_ms = models.BigIntegerField()
    created_by = models.CharField(max_length=150)

    class Meta:
        db_table = "notify_route"

    def __str__(self) -> str:
        return self.name


class NotifyPerson(models.Model):
    """What Slack calls somebody, so that a message there can call them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    slack_id = models.CharField(max_length=32)

    class Meta:
        db_table = "notify_person"

    def __str__(self) -> str:
        return f"{self.user_id} {self.slack_id}"


class NotifyTold(models.Model):
    """What a route was told of an issue lately."""

    pk = models.CompositePrimaryKey("route_id", "issue_id", "kind")
    route = models.ForeignKey(NotifyRoute, models.CASCADE, db_index=False)
    issue_id = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    told_ms = models.BigIntegerField()

    class Meta:
        db_table = "notify_told"

    def __str__(self) -> str:
        return f"{self.route_id} {self.issue_id} {self.kind}"


class Delivery(models.Model):
    """One message to one route, and what became of it."""

    route = models.ForeignKey(NotifyRoute, models.CASCADE, db_index=False)
    key = models.CharField(max_length=32, unique=True)
    """Sent along with every attempt."""
    state = models.CharField(max_length=16)
    """`waiting`, `sent`, `dead`."""
    attempts = models.IntegerField(default=0, db_default=0)
    created_ms = models.BigIntegerField()
    next_ms = models.BigIntegerField()
    """When it is tried next."""
    ended_ms = models.BigIntegerField(default=0, db_default=0)
    """When it was sent or given up."""
    reason = models.CharField(max_length=16, default="", db_default="")
    """Why the last attempt failed (`notify.answers.Reason`)."""
    detail = models.CharField(max_length=200, default="", db_default="")
    message = models.TextField()
    """JSON of `notify.message.Message`."""

    class Meta:
        db_table = "delivery"
        indexes = (
            # What waits, by route.
            models.Index(fields=("route", "state", "id"), name="delivery_route_state"),
            # A route's latest ones for its page.
            models.Index(fields=("route", "id"), name="delivery_route"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.state}"
