"""The audit log, when people were seen, and links that work once."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Whoever holds the program's own connection can add lines, and nothing else.
_APPEND_ONLY: list[Any] = [
    "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "PRAGMA user_version = 3",
]
_CHANGEABLE: list[Any] = [
    "DROP TRIGGER audit_entry_no_update",
    "DROP TRIGGER audit_entry_no_delete",
    "PRAGMA user_version = 2",
]


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("stores", "0002_records_done"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonSeen",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("seen_ms", models.BigIntegerField()),
            ],
            options={
                "db_table": "person_seen",
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at_ms", models.BigIntegerField()),
                ("actor_id", models.IntegerField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("address", models.CharField(max_length=45)),
                ("via", models.CharField(max_length=40)),
                ("action", models.CharField(max_length=40)),
                ("target", models.CharField(max_length=200)),
                ("before", models.TextField()),
                ("after", models.TextField()),
            ],
            options={
                "db_table": "audit_entry",
                "indexes": [
                    models.Index(fields=["action", "id"], name="audit_entry_action"),
                    models.Index(fields=["actor", "id"], name="audit_entry_actor"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OneTimeLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("role", models.CharField(db_default="", default="", max_length=16)),
                ("email", models.CharField(db_default="", default="", max_length=254)),
                ("created_by", models.CharField(max_length=150)),
                ("created_ms", models.BigIntegerField()),
                ("expires_ms", models.BigIntegerField()),
                ("used_ms", models.BigIntegerField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "one_time_link",
            },
        ),
        migrations.RunSQL(_APPEND_ONLY, _CHANGEABLE),
    ]
