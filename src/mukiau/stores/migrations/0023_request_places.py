"""The customers and environments that requests name are found by an index of each."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0022_places")]

    operations = [
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["customer", "-updated_ms", "-id"], name="request_customer"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["environment", "-updated_ms", "-id"], name="request_environment"),
        ),
        migrations.RunSQL("PRAGMA user_version = 23", "PRAGMA user_version = 22"),
    ]
