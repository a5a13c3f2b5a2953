"""What mukiau keeps about people beside Django's own tables: what they did, when they were seen, links that work once."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One line of the audit log. Nothing changes or deletes it: triggers of the migration refuse both.

    The actor is kept by id and by the name of that day, without a foreign key: the line outlives the account.
    """

    at_ms = models.BigIntegerField()
    actor_id = models.IntegerField(null=True)
    """None: nobody who is signed in, or the command line."""
    actor = models.CharField(max_length=150)
    address = models.CharField(max_length=45)
    via = models.CharField(max_length=40)
    """`session`, `token <prefix>`, `console`, or empty for somebody who is not signed in."""
    action = models.CharField(max_length=40)
    target = models.CharField(max_length=200)
    before = models.TextField()
    """JSON object, `{}` for nothing."""
    after = models.TextField()

    class Meta:
        db_table = "audit_entry"
        indexes = (
            # The page, filtered by what was done or by who did it; latest first.
            models.Index(fields=("action", "id"), name="audit_entry_action"),
            models.Index(fields=("actor", "id"), name="audit_entry_actor"),
        )

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"


class PersonSeen(models.Model):
    """When somebody last used mukiau; written once a minute at most."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    seen_ms = models.BigIntegerField()

    class Meta:
        db_table = "person_seen"

    def __str__(self) -> str:
        return str(self.user)


class PersonProfile(models.Model):
    """What somebody is, and how they want to read; who has none is a viewer with the defaults."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    role = models.CharField(max_length=16, default="viewer", db_default="viewer")
    """`viewer`, `developer`, `operator`, `admin` (who is Django's superuser as well)."""
    language = models.CharField(max_length=16, default="", db_default="")
    """Empty: the browser's."""
    time_zone = models.CharField(max_length=64, default="", db_default="")
    """IANA name; empty: the server's."""

    class Meta:
        db_table = "person_profile"

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class SavedView(models.Model):
    """A view of the inbox that somebody has given a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    """Of the address, without `?`."""

    class Meta:
        db_table = "saved_view"
        constraints = (models.UniqueConstraint(fields=("user", "name"), name="saved_view_name"),)

    def __str__(self) -> str:
        return self.name


class OneTimeLink(models.Model):
    """An invitation, or a new password for somebody; of the link itself only a hash is kept."""

    kind = models.CharField(max_length=16)
    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)
    """Whose password; None for an invitation."""
    role = models.CharField(max_length=16, default="", db_default="")
    email = models.CharField(max_length=254, default="", db_default="")
    created_by = models.CharField(max_length=150)
    created_ms = models.BigIntegerField()
    expires_ms = models.BigIntegerField()
    used_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "one_time_link"

    def __str__(self) -> str:
        return f"{self.kind} {self.email or self.user or ''}"


class ApiToken(models.Model):
    """What a program signs in with, in the name of a person; of the token itself only a hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=16)
    """Its first characters, to tell tokens apart by."""
    scopes = models.CharField(max_length=200)
    """Separated by spaces."""
    created_ms = models.BigIntegerField()
    expires_ms = models.BigIntegerField()
    last_used_ms = models.BigIntegerField(default=0, db_default=0)
    """Written once a minute at most; 0: never used."""
    last_used_address = models.CharField(max_length=45, default="", db_default="")
    revoked_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "api_token"

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"
