"""Roles beside viewer and administrator, and each person's language and time zone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0010_explanations_by_version"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonProfile",
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
                ("role", models.CharField(db_default="viewer", default="viewer", max_length=16)),
                ("language", models.CharField(db_default="", default="", max_length=16)),
                ("time_zone", models.CharField(db_default="", default="", max_length=64)),
            ],
            options={"db_table": "person_profile"},
        ),
        migrations.RunSQL("PRAGMA user_version = 11", "PRAGMA user_version = 10"),
    ]
