"""Counts by service and environment, and when something arrived from there last.

What was counted before comes from the roll-ups of fingerprints: the service of a fingerprint is that of its latest event,
which is also that of the others unless a policy leaves services out. What arrived when is not known of that time.
"""

from django.db import migrations, models

_TABLES = """
CREATE TABLE place (
  project_id INTEGER NOT NULL, service TEXT NOT NULL, environment TEXT NOT NULL,
  first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL, "release" TEXT NOT NULL, release_ms INTEGER NOT NULL,
  first_arrived_ms INTEGER NOT NULL, arrived_ms INTEGER NOT NULL, arrived_hours INTEGER NOT NULL,
  has_records bool NOT NULL,
  PRIMARY KEY (project_id, service, environment)
) WITHOUT ROWID;
CREATE TABLE place_hour (
  project_id INTEGER NOT NULL, hour INTEGER NOT NULL, service TEXT NOT NULL, environment TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (project_id, hour, service, environment)
) WITHOUT ROWID;
INSERT INTO place
SELECT f.project_id, f.service, e.environment, MIN(e.first_seen_ms), MAX(e.last_seen_ms), '', 0, 0, 0, 0, 0
FROM fingerprint f CROSS JOIN fingerprint_environment e ON e.fingerprint_id = f.id GROUP BY 1, 2, 3;
INSERT INTO place_hour
SELECT f.project_id, h.hour, f.service, h.environment, SUM(h.count)
FROM fingerprint f CROSS JOIN fingerprint_hour h ON h.fingerprint_id = f.id GROUP BY 1, 2, 3, 4;
"""


class Migration(migrations.Migration):
    dependencies = [("stores", "0021_handling_queue")]

    operations = [
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "service",
                        "environment",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.BigIntegerField()),
                ("service", models.TextField()),
                ("environment", models.TextField()),
                ("first_seen_ms", models.BigIntegerField()),
                ("last_seen_ms", models.BigIntegerField()),
                ("release", models.TextField()),
                ("release_ms", models.BigIntegerField()),
                ("first_arrived_ms", models.BigIntegerField()),
                ("arrived_ms", models.BigIntegerField()),
                ("arrived_hours", models.BigIntegerField()),
                ("has_records", models.BooleanField()),
            ],
            options={"db_table": "place", "managed": False},
        ),
        migrations.CreateModel(
            name="PlaceHour",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id",
                        "hour",
                        "service",
                        "environment",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_id", models.BigIntegerField()),
                ("hour", models.IntegerField()),
                ("service", models.TextField()),
                ("environment", models.TextField()),
                ("count", models.BigIntegerField()),
            ],
            options={"db_table": "place_hour", "managed": False},
        ),
        migrations.RunSQL(_TABLES, "DROP TABLE place; DROP TABLE place_hour"),
        migrations.RunSQL("PRAGMA user_version = 22", "PRAGMA user_version = 21"),
    ]
