"""Tokens of programs."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0005_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("prefix", models.CharField(max_length=16)),
                ("scopes", models.CharField(max_length=200)),
                ("created_ms", models.BigIntegerField()),
                ("expires_ms", models.BigIntegerField()),
                ("last_used_ms", models.BigIntegerField(db_default=0, default=0)),
                ("last_used_address", models.CharField(db_default="", default="", max_length=45)),
                ("revoked_ms", models.BigIntegerField(null=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "api_token",
            },
        ),
        migrations.RunSQL("PRAGMA user_version = 6", "PRAGMA user_version = 5"),
    ]
