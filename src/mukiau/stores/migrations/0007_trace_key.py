"""What the events of one trace or request have in common."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("stores", "0006_api_tokens")]

    operations = [
        migrations.AddField(model_name="event", name="trace_key", field=models.BigIntegerField(null=True)),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                F("occurred_ms") / 3_600_000,
                "trace_key",
                name="event_trace",
                condition=Q(trace_key__isnull=False),
            ),
        ),
        migrations.RunSQL("PRAGMA user_version = 7", "PRAGMA user_version = 6"),
    ]
