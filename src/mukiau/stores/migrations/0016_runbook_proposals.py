"""Runbooks proposed for errors, and the files that runbooks are kept the same as."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("stores", "0015_work"),
    ]

    operations = [
        migrations.CreateModel(
            name="RunbookFile",
            fields=[
                ("runbook", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to="stores.runbook")),
                ("path", models.TextField(unique=True)),
                ("number", models.IntegerField()),
            ],
            options={
                "db_table": "runbook_file",
            },
        ),
        migrations.CreateModel(
            name="RunbookProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fingerprint_id", models.BigIntegerField()),
                ("share", models.FloatField()),
                ("words", models.TextField()),
                ("rule", models.TextField()),
                ("state", models.CharField(max_length=16)),
                ("at_ms", models.BigIntegerField()),
                ("actor", models.TextField(db_default="", default="")),
                ("runbook", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="stores.runbook")),
            ],
            options={
                "db_table": "runbook_proposal",
                "indexes": [models.Index(fields=["fingerprint_id"], name="runbook_proposal_fingerprint")],
                "constraints": [models.UniqueConstraint(fields=("runbook", "fingerprint_id"), name="runbook_proposal_once")],
            },
        ),
        migrations.RunSQL("PRAGMA user_version = 16", "PRAGMA user_version = 15"),
    ]
