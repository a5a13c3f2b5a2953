"""The queue of handlings by service, environment and team, and what came of a handling."""

from django.db import migrations, models

_OPEN = models.Q(("state__in", ("open", "in_progress", "waiting")))


class Migration(migrations.Migration):
    dependencies = [("stores", "0020_requests")]

    operations = [
        migrations.AddField("handling", "result", models.TextField(db_default="", default="")),
        *(
            migrations.AddIndex("handling", models.Index(condition=condition, fields=fields, name=name))
            for name, fields, condition in (
                ("handling_service", ["service", "opened_ms", "id"], _OPEN),
                ("handling_environment", ["environment", "opened_ms", "id"], _OPEN),
                ("handling_team", ["team_id", "opened_ms", "id"], _OPEN),
                ("handling_waiting", ["opened_ms", "id"], models.Q(("state", "waiting"))),
            )
        ),
        migrations.RunSQL("PRAGMA user_version = 21", "PRAGMA user_version = 20"),
    ]
