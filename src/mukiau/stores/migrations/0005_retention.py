"""How far retention has come, and the clock that ages are measured by."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0004_signing_in")]

    operations = [
        migrations.AddField(
            model_name="digeststate", name="steady_ms", field=models.BigIntegerField(default=0, db_default=0)
        ),
        migrations.CreateModel(
            name="RetentionWalk",
            fields=[
                ("id", models.IntegerField(primary_key=True, serialize=False)),
                ("after_id", models.BigIntegerField()),
                ("reached_ms", models.BigIntegerField()),
                ("began_ms", models.BigIntegerField()),
                ("finished_ms", models.BigIntegerField()),
                ("needed_codecs", models.TextField()),
            ],
            options={"db_table": "retention_walk"},
        ),
        migrations.RunSQL("INSERT INTO retention_walk VALUES (1, 0, 0, 0, 0, '[]')", migrations.RunSQL.noop),
        migrations.RunSQL("PRAGMA user_version = 5", "PRAGMA user_version = 4"),
    ]
