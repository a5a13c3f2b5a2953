"""An item of many records is digested in several transactions; this is how far the one at hand has come."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="digeststate", name="records_done", field=models.BigIntegerField(default=0, db_default=0)
        ),
        migrations.RunSQL("PRAGMA user_version = 2", "PRAGMA user_version = 1"),
    ]
