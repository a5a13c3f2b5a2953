"""Versions of the grouping policy, which of them counts, and the runs of the grouping lab."""

import django.db.models.deletion
from django.db import migrations, models

_PIECES = """
CREATE TABLE lab_piece (
  run_id INTEGER NOT NULL, fingerprint_id INTEGER NOT NULL, hash TEXT NOT NULL,
  count INTEGER NOT NULL, first_event_pk INTEGER NOT NULL, last_event_pk INTEGER NOT NULL,
  PRIMARY KEY (run_id, fingerprint_id, hash)
) WITHOUT ROWID
"""


class Migration(migrations.Migration):
    dependencies = [("stores", "0008_fingerprints_count")]

    operations = [
        migrations.CreateModel(
            name="GroupingPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.IntegerField()),
                ("text", models.TextField()),
                ("author", models.CharField(max_length=150)),
                ("reason", models.TextField()),
                ("created_ms", models.BigIntegerField()),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="stores.project"
                    ),
                ),
            ],
            options={"db_table": "grouping_policy"},
        ),
        migrations.AddConstraint(
            model_name="groupingpolicy",
            constraint=models.UniqueConstraint(fields=("project", "version"), name="grouping_policy_version"),
        ),
        migrations.CreateModel(
            name="GroupingState",
            fields=[
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="stores.project",
                    ),
                ),
                ("version", models.IntegerField()),
                ("other_version", models.IntegerField(null=True)),
                ("stamp", models.BigIntegerField()),
                ("since_ms", models.BigIntegerField()),
            ],
            options={"db_table": "grouping_state"},
        ),
        migrations.CreateModel(
            name="LabRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.IntegerField()),
                ("base_version", models.IntegerField()),
                ("state", models.CharField(max_length=16)),
                ("step", models.CharField(max_length=16)),
                ("cursor", models.BigIntegerField()),
                ("until", models.BigIntegerField()),
                ("done", models.BigIntegerField()),
                ("total", models.BigIntegerField()),
                ("author", models.CharField(max_length=150)),
                ("created_ms", models.BigIntegerField()),
                ("updated_ms", models.BigIntegerField()),
                ("error", models.TextField(db_default="", default="")),
                ("change_id", models.BigIntegerField(null=True)),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="stores.project"
                    ),
                ),
            ],
            options={"db_table": "lab_run"},
        ),
        migrations.AddIndex(
            model_name="labrun", index=models.Index(fields=["project", "-id"], name="lab_run_project")
        ),
        migrations.RunSQL(_PIECES, "DROP TABLE lab_piece"),
        migrations.CreateModel(
            name="LabPiece",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run_id",
                        "fingerprint_id",
                        "hash",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("run_id", models.BigIntegerField()),
                ("fingerprint_id", models.BigIntegerField()),
                ("hash", models.TextField()),
                ("count", models.BigIntegerField()),
                ("first_event_pk", models.BigIntegerField()),
                ("last_event_pk", models.BigIntegerField()),
            ],
            options={"db_table": "lab_piece", "managed": False},
        ),
        migrations.RemoveConstraint(model_name="fingerprint", name="fingerprint_project_hash"),
        migrations.AddField(
            model_name="fingerprint", name="other_hash", field=models.CharField(db_default="", default="", max_length=32)
        ),
        migrations.AddIndex(
            model_name="fingerprint",
            index=models.Index(fields=["project", "hash", "other_hash"], name="fingerprint_hashes"),
        ),
        migrations.RunSQL("PRAGMA user_version = 9", "PRAGMA user_version = 8"),
    ]
