"""Runbooks with their versions, rules, comments and links, and what rules look at of each fingerprint."""

import django.db.models.deletion
from django.db import migrations, models

_FACTS = """
CREATE TABLE fingerprint_fact (
  fingerprint_id INTEGER NOT NULL, aspect TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (fingerprint_id, aspect, value)
) WITHOUT ROWID
"""
_MATCHES = """
CREATE TABLE runbook_match (
  fingerprint_id INTEGER NOT NULL, runbook_id INTEGER NOT NULL, position INTEGER NOT NULL, weight INTEGER NOT NULL,
  reasons TEXT NOT NULL, PRIMARY KEY (fingerprint_id, runbook_id)
) WITHOUT ROWID
"""
# The errors a runbook answers: what it is worth, and what to compare anew when its rules change.
_MATCHES_OF_RUNBOOK = "CREATE INDEX runbook_match_runbook ON runbook_match (runbook_id, fingerprint_id)"
# Whose rules have not been compared with everything yet; asked with every heartbeat.
_UNMATCHED = "CREATE INDEX runbook_unmatched ON runbook (id) WHERE matched_to IS NOT NULL"


class Migration(migrations.Migration):

    dependencies = [
        ("stores", "0011_person_profile"),
    ]

    operations = [
        migrations.RunSQL(_FACTS, "DROP TABLE fingerprint_fact"),
        migrations.RunSQL(_MATCHES, "DROP TABLE runbook_match"),
        migrations.RunSQL(_MATCHES_OF_RUNBOOK, "DROP INDEX runbook_match_runbook"),
        migrations.CreateModel(
            name="FingerprintFact",
            fields=[
                ("pk", models.CompositePrimaryKey("fingerprint_id", "aspect", "value", blank=True, editable=False, primary_key=True, serialize=False)),
                ("fingerprint_id", models.BigIntegerField()),
                ("aspect", models.TextField()),
                ("value", models.TextField()),
            ],
            options={
                "db_table": "fingerprint_fact",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RunbookMatch",
            fields=[
                ("pk", models.CompositePrimaryKey("fingerprint_id", "runbook_id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("fingerprint_id", models.BigIntegerField()),
                ("runbook_id", models.BigIntegerField()),
                ("position", models.IntegerField()),
                ("weight", models.IntegerField()),
                ("reasons", models.TextField()),
            ],
            options={
                "db_table": "runbook_match",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Runbook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=24, unique=True)),
                ("title", models.TextField()),
                ("state", models.CharField(max_length=16)),
                ("services", models.TextField(db_default="", default="")),
                ("url", models.TextField(db_default="", default="")),
                ("owner", models.TextField(db_default="", default="")),
                ("proposes", models.CharField(db_default="", default="", max_length=16)),
                ("key", models.TextField(db_default="", default="")),
                ("minutes", models.IntegerField(null=True)),
                ("review_by", models.CharField(db_default="", default="", max_length=10)),
                ("number", models.IntegerField()),
                ("published_number", models.IntegerField(null=True)),
                ("created_ms", models.BigIntegerField()),
                ("updated_ms", models.BigIntegerField()),
                ("matched_to", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "runbook",
            },
        ),
        migrations.CreateModel(
            name="MatchRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.IntegerField()),
                ("conditions", models.TextField()),
                ("runbook", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="stores.runbook")),
            ],
            options={
                "db_table": "match_rule",
            },
        ),
        migrations.CreateModel(
            name="RunbookLink",
            fields=[
                ("fingerprint_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("actor", models.TextField()),
                ("at_ms", models.BigIntegerField()),
                ("runbook", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="stores.runbook")),
            ],
            options={
                "db_table": "runbook_link",
            },
        ),
        migrations.CreateModel(
            name="RunbookComment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("kind", models.CharField(max_length=16)),
                ("step", models.IntegerField(null=True)),
                ("text", models.TextField()),
                ("author_id", models.BigIntegerField(null=True)),
                ("author", models.TextField()),
                ("at_ms", models.BigIntegerField()),
                ("runbook", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="stores.runbook")),
            ],
            options={
                "db_table": "runbook_comment",
                "indexes": [models.Index(fields=["runbook", "id"], name="runbook_comment_runbook")],
            },
        ),
        migrations.CreateModel(
            name="RunbookVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("text", models.TextField()),
                ("title", models.TextField()),
                ("note", models.TextField(db_default="", default="")),
                ("author_id", models.BigIntegerField(null=True)),
                ("author", models.TextField()),
                ("at_ms", models.BigIntegerField()),
                ("review", models.CharField(db_default="", default="", max_length=16)),
                ("reviewer_id", models.BigIntegerField(null=True)),
                ("reviewer", models.TextField(db_default="", default="")),
                ("reviewed_ms", models.BigIntegerField(null=True)),
                ("review_note", models.TextField(db_default="", default="")),
                ("runbook", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="stores.runbook")),
            ],
            options={
                "db_table": "runbook_version",
                "constraints": [models.UniqueConstraint(fields=("runbook", "number"), name="runbook_version_number")],
            },
        ),
        migrations.RunSQL(_UNMATCHED, "DROP INDEX runbook_unmatched"),
        migrations.RunSQL("PRAGMA user_version = 12", "PRAGMA user_version = 11"),
    ]
