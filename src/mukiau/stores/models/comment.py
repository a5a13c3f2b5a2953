"""What people say about issues, and whom they name."""

from django.db import models
from django.db.models import Q


class IssueComment(models.Model):
    """One comment, as it stands now. A deleted one stays, to be put back; nothing shows its text meanwhile."""

    issue_id = models.BigIntegerField()
    author_id = models.BigIntegerField()
    author = models.CharField(max_length=150)
    at_ms = models.BigIntegerField()
    text = models.TextField()
    edited_ms = models.BigIntegerField(null=True)
    deleted_ms = models.BigIntegerField(null=True)
    deleted_by = models.CharField(max_length=150, default="", db_default="")
    version = models.IntegerField(default=1, db_default=1)
    """Grows with each edit; who edits an older one is told."""

    class Meta:
        db_table = "issue_comment"
        # The comments of an issue, in their order.
        indexes = (models.Index(fields=("issue_id", "id"), name="issue_comment_issue"),)

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"


class IssueCommentVersion(models.Model):
    """What a comment said before it was edited."""

    comment_id = models.BigIntegerField()
    version = models.IntegerField()
    text = models.TextField()
    until_ms = models.BigIntegerField()

    class Meta:
        db_table = "issue_comment_version"
        # The earlier texts of a comment.
        constraints = (models.UniqueConstraint(fields=("comment_id", "version"), name="issue_comment_version_once"),)

    def __str__(self) -> str:
        return f"{self.comment_id} {self.version}"


class Mention(models.Model):
    """Somebody was named in a comment."""

    user_id = models.BigIntegerField()
    issue_id = models.BigIntegerField()
    comment_id = models.BigIntegerField()
    at_ms = models.BigIntegerField()
    seen_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "mention"
        indexes = (
            # How many somebody has not seen: on every page.
            models.Index(fields=("user_id",), condition=Q(seen_ms__isnull=True), name="mention_unseen"),
            # Somebody's, latest first.
            models.Index(fields=("user_id", "-id"), name="mention_user"),
        )
        # An edit names nobody twice.
        constraints = (models.UniqueConstraint(fields=("comment_id", "user_id"), name="mention_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} in {self.comment_id}"
