"""Decisions, resolutions, deploys, handlings and their history.

Of the issues there are already nothing was decided: each that occurred in production needs a decision, since it was first
seen.
"""

from typing import Any

from django.db import migrations, models

from mukiau.work.purposes import Purpose, purpose_of

_STATES = """
CREATE TABLE issue_state (
  issue_id INTEGER NOT NULL, environment TEXT NOT NULL, state TEXT NOT NULL, since_ms INTEGER NOT NULL, event_pk INTEGER,
  PRIMARY KEY (issue_id, environment)
) WITHOUT ROWID
"""
_FILL = """
INSERT INTO issue_work (issue_id, project_id, needs_decision, why_needed, needed_since_ms)
SELECT id, project_id, 0, '', 0 FROM issue ORDER BY id
"""
_ASK = """
UPDATE issue_work SET needs_decision = 1, why_needed = 'new',
  needed_since_ms = (SELECT first_seen_ms FROM issue WHERE id = issue_id)
WHERE issue_id IN (SELECT issue_id FROM issue_environment WHERE environment = %s)
"""


def fill(apps: Any, schema_editor: Any) -> None:
    """Give every issue its row."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_FILL)
        cursor.execute(
            "SELECT DISTINCT n.environment, coalesce(e.purpose, '') FROM issue_environment n JOIN issue i ON i.id = n.issue_id "
            "LEFT JOIN environment e ON e.project_id = i.project_id AND e.name = n.environment"
        )
        for name, registered in cursor.fetchall():
            if purpose_of(name, registered) is Purpose.PRODUCTION:
                cursor.execute(_ASK, (name,))


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0014_duty"),
    ]

    operations = [
        migrations.CreateModel(
            name="IssueState",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "issue_id", "environment", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("issue_id", models.BigIntegerField()),
                ("environment", models.CharField(max_length=200)),
                ("state", models.CharField(max_length=16)),
                ("since_ms", models.BigIntegerField()),
                ("event_pk", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "issue_state",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Deploy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("project_id", models.BigIntegerField()),
                ("service", models.CharField(max_length=200)),
                ("environment", models.CharField(max_length=200)),
                ("release", models.CharField(max_length=200)),
                ("at_ms", models.BigIntegerField()),
                ("actor", models.CharField(max_length=150)),
                ("recorded_ms", models.BigIntegerField()),
            ],
            options={
                "db_table": "deploy",
                "indexes": [
                    models.Index(fields=["project_id", "release", "at_ms"], name="deploy_release"),
                    models.Index(fields=["-at_ms", "-id"], name="deploy_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "environment", "service", "at_ms", "release"), name="deploy_place"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Handling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("project_id", models.BigIntegerField()),
                ("fingerprint_id", models.BigIntegerField()),
                ("environment", models.CharField(max_length=200)),
                ("service", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=8)),
                ("key", models.CharField(db_default="", default="", max_length=200)),
                ("state", models.CharField(db_default="open", default="open", max_length=16)),
                ("assignee_id", models.BigIntegerField(null=True)),
                ("team_id", models.BigIntegerField(null=True)),
                ("opened_ms", models.BigIntegerField()),
                ("started_ms", models.BigIntegerField(null=True)),
                ("closed_ms", models.BigIntegerField(null=True)),
                ("closed_by", models.CharField(db_default="", default="", max_length=150)),
                ("closed_by_id", models.BigIntegerField(null=True)),
                ("runbook_version_id", models.BigIntegerField(null=True)),
                ("minutes", models.IntegerField(null=True)),
                ("outcome", models.CharField(db_default="", default="", max_length=16)),
                ("note", models.TextField(db_default="", default="")),
                ("ticks", models.TextField(db_default="", default="")),
                ("snapshot", models.TextField(db_default="", default="")),
                ("occurrence_count", models.IntegerField(db_default=1, default=1)),
                ("first_ms", models.BigIntegerField()),
                ("last_ms", models.BigIntegerField()),
                ("history_id", models.BigIntegerField(null=True)),
                ("version", models.IntegerField(db_default=1, default=1)),
            ],
            options={
                "db_table": "handling",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("open", "in_progress", "waiting"))),
                        fields=["opened_ms", "id"],
                        name="handling_queue",
                    ),
                    models.Index(fields=["fingerprint_id", "-opened_ms"], name="handling_fingerprint"),
                    models.Index(
                        condition=models.Q(("state__in", ("open", "in_progress", "waiting"))),
                        fields=["fingerprint_id", "environment", "kind", "key"],
                        name="handling_open",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ("open", "in_progress", "waiting"))),
                        fields=["assignee_id", "opened_ms"],
                        name="handling_assignee",
                    ),
                    models.Index(
                        condition=models.Q(("closed_ms__isnull", False)),
                        fields=["closed_ms", "id"],
                        name="handling_closed",
                    ),
                    models.Index(condition=models.Q(("kind", "keyed")), fields=["key"], name="handling_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandlingOccurrence",
            fields=[
                ("event_pk", models.BigIntegerField(primary_key=True, serialize=False)),
                ("handling_id", models.BigIntegerField()),
            ],
            options={
                "db_table": "handling_occurrence",
                "indexes": [models.Index(fields=["handling_id", "event_pk"], name="handling_occurrences")],
            },
        ),
        migrations.CreateModel(
            name="IssueHistory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issue_id", models.BigIntegerField()),
                ("at_ms", models.BigIntegerField()),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("kind", models.CharField(max_length=32)),
                ("details", models.TextField()),
                ("undone_ms", models.BigIntegerField(null=True)),
                ("undone_by", models.CharField(db_default="", default="", max_length=150)),
            ],
            options={
                "db_table": "issue_history",
                "indexes": [models.Index(fields=["issue_id", "-at_ms", "-id"], name="issue_history_at")],
            },
        ),
        migrations.CreateModel(
            name="IssueResolution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issue_id", models.BigIntegerField()),
                ("environment", models.CharField(db_default="", default="", max_length=200)),
                ("release", models.CharField(db_default="", default="", max_length=200)),
                ("resolved_ms", models.BigIntegerField()),
                ("actor", models.CharField(max_length=150)),
                ("ended_ms", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "issue_resolution",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_ms__isnull", True)), fields=["issue_id"], name="resolution_holds"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IssueWork",
            fields=[
                ("issue_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("project_id", models.BigIntegerField()),
                ("decision", models.CharField(db_default="none_yet", default="none_yet", max_length=16)),
                ("scope", models.CharField(db_default="production", default="production", max_length=64)),
                ("key", models.CharField(db_default="", default="", max_length=200)),
                ("period", models.CharField(db_default="day", default="day", max_length=8)),
                ("watch", models.TextField(db_default="", default="")),
                ("watch_until_ms", models.BigIntegerField(db_default=0, default=0)),
                ("reason", models.TextField(db_default="", default="")),
                ("decided_ms", models.BigIntegerField(db_default=0, default=0)),
                ("decided_by", models.CharField(db_default="", default="", max_length=150)),
                ("needs_decision", models.BooleanField(db_default=False, default=False)),
                ("why_needed", models.CharField(db_default="", default="", max_length=16)),
                ("why_details", models.TextField(db_default="", default="")),
                ("needed_since_ms", models.BigIntegerField(db_default=0, default=0)),
                ("team_id", models.BigIntegerField(null=True)),
                ("assignee_id", models.BigIntegerField(null=True)),
                ("version", models.IntegerField(db_default=1, default=1)),
            ],
            options={
                "db_table": "issue_work",
                "indexes": [
                    models.Index(
                        condition=models.Q(("needs_decision", True)),
                        fields=["needed_since_ms", "issue_id"],
                        name="work_needed",
                    ),
                    models.Index(
                        condition=models.Q(("watch_until_ms__gt", 0)), fields=["watch_until_ms"], name="work_due"
                    ),
                    models.Index(
                        condition=models.Q(("assignee_id__isnull", False)), fields=["assignee_id"], name="work_assignee"
                    ),
                    models.Index(condition=models.Q(("team_id__isnull", False)), fields=["team_id"], name="work_team"),
                    models.Index(fields=["decision", "issue_id"], name="work_decision"),
                ],
            },
        ),
        migrations.RunSQL(_STATES, "DROP TABLE issue_state"),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL("PRAGMA user_version = 15", "PRAGMA user_version = 14"),
    ]
