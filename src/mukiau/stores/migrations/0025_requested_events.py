"""What requests say about an event is found by an index when the event moves to another fingerprint."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0024_saved_views")]

    operations = [
        migrations.AddIndex(
            model_name="requestoccurrence",
            index=models.Index(
                condition=models.Q(("event_pk__gt", 0)), fields=["event_pk"], name="request_occurrence_event"
            ),
        ),
        migrations.RunSQL("PRAGMA user_version = 25", "PRAGMA user_version = 24"),
    ]
