"""Whose an issue is (ownership rules) and whose turn it is (duty rosters)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0013_teams"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnershipRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="stores.team"),
                ),
                ("position", models.IntegerField()),
                ("service", models.CharField(db_default="", default="", max_length=200)),
                ("environment", models.CharField(db_default="", default="", max_length=200)),
                ("path", models.CharField(db_default="", default="", max_length=200)),
                ("created_ms", models.BigIntegerField()),
                ("created_by", models.CharField(max_length=150)),
                ("removed_ms", models.BigIntegerField(null=True)),
            ],
            options={"db_table": "ownership_rule"},
        ),
        migrations.CreateModel(
            name="DutyRotation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("team", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="stores.team")),
                ("start", models.CharField(max_length=10)),
                ("people", models.TextField()),
                ("created_ms", models.BigIntegerField()),
                ("created_by", models.CharField(max_length=150)),
                ("removed_ms", models.BigIntegerField(null=True)),
            ],
            options={"db_table": "duty_rotation"},
        ),
        migrations.CreateModel(
            name="DutyOverride",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("team", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="stores.team")),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("first", models.CharField(max_length=10)),
                ("last", models.CharField(max_length=10)),
                ("created_ms", models.BigIntegerField()),
                ("created_by", models.CharField(max_length=150)),
                ("removed_ms", models.BigIntegerField(null=True)),
            ],
            options={"db_table": "duty_override"},
        ),
        migrations.CreateModel(
            name="DutyNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="stores.team"),
                ),
                ("week", models.CharField(max_length=10)),
                ("text", models.TextField()),
                ("author", models.CharField(max_length=150)),
                ("at_ms", models.BigIntegerField()),
                ("version", models.IntegerField(db_default=1, default=1)),
            ],
            options={"db_table": "duty_note"},
        ),
        migrations.AddConstraint(
            model_name="dutynote",
            constraint=models.UniqueConstraint(fields=("team", "week"), name="duty_note_week"),
        ),
        migrations.RunSQL("PRAGMA user_version = 14", "PRAGMA user_version = 13"),
    ]
