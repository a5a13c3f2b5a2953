"""How far an item of many records is digested, and what was tried in vain."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="digeststate", name="records_done", field=models.BigIntegerField(default=0, db_default=0)
        ),
        migrations.CreateModel(
            name="DigestTrial",
            fields=[
                ("what", models.TextField(primary_key=True, serialize=False)),
                ("position", models.BigIntegerField()),
                ("records_done", models.BigIntegerField()),
                ("count", models.IntegerField()),
            ],
            options={"db_table": "digest_trial"},
        ),
        migrations.RunSQL("PRAGMA user_version = 2", "PRAGMA user_version = 1"),
    ]
