"""What is to be told, who is told, and what became of it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0018_comments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NotifyRoute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("channel", models.CharField(max_length=16)),
                ("address", models.TextField()),
                ("secret", models.CharField(db_default="", default="", max_length=64)),
                ("kinds", models.CharField(max_length=200)),
                ("purposes", models.CharField(db_default="", default="", max_length=200)),
                ("services", models.TextField(db_default="", default="")),
                ("team_ids", models.CharField(db_default="", default="", max_length=200)),
                ("language", models.CharField(max_length=16)),
                ("time_zone", models.CharField(max_length=64)),
                ("person_id", models.BigIntegerField(null=True, unique=True)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                ("cursor", models.BigIntegerField()),
                ("planned_ms", models.BigIntegerField(db_default=0, default=0)),
                ("told_count", models.IntegerField(db_default=0, default=0)),
                ("summary_day", models.CharField(db_default="", default="", max_length=10)),
                ("created_ms", models.BigIntegerField()),
                ("created_by", models.CharField(max_length=150)),
            ],
            options={
                "db_table": "notify_route",
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=300, unique=True)),
                ("issue_id", models.BigIntegerField(db_default=0, default=0)),
                ("at_ms", models.BigIntegerField()),
                ("cause", models.TextField()),
            ],
            options={
                "db_table": "notification",
                "indexes": [models.Index(fields=["at_ms"], name="notification_at")],
            },
        ),
        migrations.CreateModel(
            name="NotifyTold",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "route_id", "issue_id", "kind", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("issue_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=16)),
                ("told_ms", models.BigIntegerField()),
                (
                    "route",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="stores.notifyroute"
                    ),
                ),
            ],
            options={
                "db_table": "notify_told",
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=32, unique=True)),
                ("state", models.CharField(max_length=16)),
                ("attempts", models.IntegerField(db_default=0, default=0)),
                ("created_ms", models.BigIntegerField()),
                ("next_ms", models.BigIntegerField()),
                ("ended_ms", models.BigIntegerField(db_default=0, default=0)),
                ("reason", models.CharField(db_default="", default="", max_length=16)),
                ("detail", models.CharField(db_default="", default="", max_length=200)),
                ("message", models.TextField()),
                (
                    "route",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="stores.notifyroute"
                    ),
                ),
            ],
            options={
                "db_table": "delivery",
                "indexes": [models.Index(fields=["route", "state", "id"], name="delivery_route_state")],
            },
        ),
        migrations.CreateModel(
            name="NotifyPerson",
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
                ("slack_id", models.CharField(max_length=32)),
            ],
            options={"db_table": "notify_person"},
        ),
        migrations.RunSQL("PRAGMA user_version = 19", "PRAGMA user_version = 18"),
    ]
