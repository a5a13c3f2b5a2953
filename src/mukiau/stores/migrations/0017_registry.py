"""What people say about environments and services, and each change of it."""

from django.db import migrations, models


def _name() -> "models.CharField[str, str]":
    return models.CharField(max_length=200, default="", db_default="", blank=True)


class Migration(migrations.Migration):
    dependencies = [("stores", "0016_runbook_proposals")]

    operations = [
        migrations.AddField("environment", "display_name", _name()),
        migrations.AddField("service", "display_name", _name()),
        migrations.AddField("service", "area", _name()),
        migrations.CreateModel(
            name="RegistryChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("project_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("actor", models.TextField()),
                ("at_ms", models.BigIntegerField()),
                ("before", models.TextField()),
                ("after", models.TextField()),
                ("undone_ms", models.BigIntegerField(null=True)),
                ("undone_by", models.TextField(db_default="", default="")),
            ],
            options={
                "db_table": "registry_change",
                "indexes": [models.Index(fields=["project_id", "kind", "id"], name="registry_change_project")],
            },
        ),
        migrations.RunSQL("PRAGMA user_version = 17", "PRAGMA user_version = 16"),
    ]
