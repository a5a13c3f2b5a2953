"""What came of a runbook is found by the versions that were followed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0027_joined_fingerprints")]

    operations = [
        migrations.AddIndex(
            model_name="handling",
            index=models.Index(
                condition=models.Q(("closed_ms__isnull", False)),
                fields=["runbook_version_id", "outcome", "minutes"],
                name="handling_followed",
            ),
        ),
        migrations.RunSQL("PRAGMA user_version = 28", "PRAGMA user_version = 27"),
    ]
