"""Comments on issues, what they said before, and whom they name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0017_registry")]

    operations = [
        migrations.CreateModel(
            name="IssueComment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issue_id", models.BigIntegerField()),
                ("author_id", models.BigIntegerField()),
                ("author", models.CharField(max_length=150)),
                ("at_ms", models.BigIntegerField()),
                ("text", models.TextField()),
                ("edited_ms", models.BigIntegerField(null=True)),
                ("deleted_ms", models.BigIntegerField(null=True)),
                ("deleted_by", models.CharField(db_default="", default="", max_length=150)),
                ("version", models.IntegerField(db_default=1, default=1)),
            ],
            options={"db_table": "issue_comment"},
        ),
        migrations.AddIndex(
            model_name="issuecomment", index=models.Index(fields=["issue_id", "id"], name="issue_comment_issue")
        ),
        migrations.CreateModel(
            name="IssueCommentVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("comment_id", models.BigIntegerField()),
                ("version", models.IntegerField()),
                ("text", models.TextField()),
                ("until_ms", models.BigIntegerField()),
            ],
            options={"db_table": "issue_comment_version"},
        ),
        migrations.AddConstraint(
            model_name="issuecommentversion",
            constraint=models.UniqueConstraint(fields=("comment_id", "version"), name="issue_comment_version_once"),
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_id", models.BigIntegerField()),
                ("issue_id", models.BigIntegerField()),
                ("comment_id", models.BigIntegerField()),
                ("at_ms", models.BigIntegerField()),
                ("seen_ms", models.BigIntegerField(null=True)),
            ],
            options={"db_table": "mention"},
        ),
        migrations.AddIndex(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("seen_ms__isnull", True)), fields=["user_id"], name="mention_unseen"
            ),
        ),
        migrations.AddIndex(
            model_name="mention", index=models.Index(fields=["user_id", "-id"], name="mention_user")
        ),
        migrations.AddConstraint(
            model_name="mention",
            constraint=models.UniqueConstraint(fields=("comment_id", "user_id"), name="mention_once"),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("merged_into_id__isnull", False)), fields=["merged_into_id"], name="issue_merged"
            ),
        ),
        migrations.RunSQL("PRAGMA user_version = 18", "PRAGMA user_version = 17"),
    ]
