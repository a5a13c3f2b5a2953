"""Fingerprints of cut traces and of ids without digits come to the issue that they belong to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0026_found_by_index")]

    operations = [
        migrations.AddField("fingerprint", "doubt", models.TextField(db_default="", default="")),
        migrations.AddField("fingerprint", "joined_to_id", models.BigIntegerField(null=True)),
        migrations.AddField("fingerprint", "joined_because", models.TextField(db_default="", default="")),
        migrations.AddIndex(
            model_name="fingerprint",
            index=models.Index(
                condition=models.Q(("doubt", ""), _negated=True),
                fields=["project", "service"],
                name="fingerprint_doubtful",
            ),
        ),
        migrations.AddIndex(
            model_name="fingerprint",
            index=models.Index(
                condition=models.Q(("joined_to_id__isnull", False)),
                fields=["project", "joined_to_id"],
                name="fingerprint_joined",
            ),
        ),
        migrations.RunSQL("PRAGMA user_version = 27", "PRAGMA user_version = 26"),
    ]
