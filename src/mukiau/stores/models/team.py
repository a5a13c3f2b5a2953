"""Teams and who is in them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower


class Team(models.Model):
    """People who own services together. Never deleted: what was theirs stays on record."""

    name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64)
    """IANA name."""
    created_ms = models.BigIntegerField()
    closed_ms = models.BigIntegerField(null=True)
    """Since then it is offered nowhere; None while it is at work."""

    class Meta:
        db_table = "team"
        # Two teams of one name could not be told apart on any page; case makes no difference.
        constraints = (models.UniqueConstraint(Lower("name"), name="team_name"),)

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """Somebody in a team."""

    team = models.ForeignKey(Team, models.CASCADE, db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    role = models.CharField(max_length=16, default="", db_default="")
    """What somebody is about what is this team's, beside the role they have everywhere; empty: no more than that."""
    since_ms = models.BigIntegerField()

    class Meta:
        db_table = "team_member"
        # The members of a team; the teams of somebody go by the index of `user`.
        constraints = (models.UniqueConstraint(fields=("team", "user"), name="team_member_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class OwnershipRule(models.Model):
    """What is a team's (`work.ownership`). A rule that was removed stays, to be put back."""

    team = models.ForeignKey(Team, models.CASCADE, db_index=False)
    position = models.IntegerField()
    """Among all rules; the first that fits counts."""
    service = models.CharField(max_length=200, default="", db_default="")
    """A glob, as the other two; empty: any."""
    environment = models.CharField(max_length=200, default="", db_default="")
    path = models.CharField(max_length=200, default="", db_default="")
    created_ms = models.BigIntegerField()
    created_by = models.CharField(max_length=150)
    removed_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ownership_rule"

    def __str__(self) -> str:
        return f"{self.service} {self.environment} {self.path}"


class DutyRotation(models.Model):
    """People of a team who take turns from a week on (`work.roster`); the latest one of a week counts."""

    team = models.ForeignKey(Team, models.CASCADE)
    start = models.CharField(max_length=10)
    """`2026-11-30`: the Monday of the first one's week."""
    people = models.TextField()
    """JSON list of user ids, in order."""
    created_ms = models.BigIntegerField()
    created_by = models.CharField(max_length=150)
    removed_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duty_rotation"

    def __str__(self) -> str:
        return f"{self.team} from {self.start}"


class DutyOverride(models.Model):
    """Somebody has the duty on some days, whosever turn it is."""

    team = models.ForeignKey(Team, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    first = models.CharField(max_length=10)
    last = models.CharField(max_length=10)
    """Included."""
    created_ms = models.BigIntegerField()
    created_by = models.CharField(max_length=150)
    removed_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "duty_override"

    def __str__(self) -> str:
        return f"{self.user} {self.first}–{self.last}"


class DutyNote(models.Model):
    """What whoever has a week's duty leaves to the next one."""

    team = models.ForeignKey(Team, models.CASCADE, db_index=False)
    week = models.CharField(max_length=10)
    """Its Monday."""
    text = models.TextField()
    author = models.CharField(max_length=150)
    at_ms = models.BigIntegerField()
    version = models.IntegerField(default=1, db_default=1)
    """Grows with each change; who changes an older one is told."""

    class Meta:
        db_table = "duty_note"
        # A team's notes, and the one of a week.
        constraints = (models.UniqueConstraint(fields=("team", "week"), name="duty_note_week"),)

    def __str__(self) -> str:
        return f"{self.team} {self.week}"
