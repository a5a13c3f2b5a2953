"""Whether a manual that is brought in is there already is found by an index, however many there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0025_requested_events")]

    operations = [
        migrations.AddIndex(
            model_name="runbook",
            index=models.Index(condition=models.Q(("url", ""), _negated=True), fields=["url"], name="runbook_url"),
        ),
        migrations.AddIndex(
            model_name="runbook",
            index=models.Index(fields=["title", "services"], name="runbook_title"),
        ),
        migrations.RunSQL("PRAGMA user_version = 26", "PRAGMA user_version = 25"),
    ]
