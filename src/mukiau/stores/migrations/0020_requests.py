"""Requests of one side to another, their history, and what they are about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stores", "0019_notify")]

    operations = [
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("project_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("side", models.TextField()),
                ("state", models.TextField()),
                ("title", models.TextField()),
                ("body", models.TextField()),
                ("statement", models.TextField()),
                ("expected_rows", models.BigIntegerField(null=True)),
                ("rollback", models.TextField()),
                ("evidence", models.TextField()),
                ("service", models.TextField()),
                ("customer", models.TextField()),
                ("environment", models.TextField()),
                ("due_ms", models.BigIntegerField(null=True)),
                ("requester_id", models.IntegerField()),
                ("requester", models.TextField()),
                ("approver_id", models.IntegerField(null=True)),
                ("approver", models.TextField(db_default="", default="")),
                ("executor_id", models.IntegerField(null=True)),
                ("executor", models.TextField(db_default="", default="")),
                ("verifier_id", models.IntegerField(null=True)),
                ("verifier", models.TextField(db_default="", default="")),
                ("result", models.TextField(db_default="", default="")),
                ("actual_rows", models.BigIntegerField(null=True)),
                ("created_ms", models.BigIntegerField()),
                ("updated_ms", models.BigIntegerField()),
                ("closed_ms", models.BigIntegerField(null=True)),
                ("repeat_key", models.TextField()),
                ("client_key", models.TextField(db_default="", default="")),
                ("version", models.BigIntegerField()),
            ],
            options={
                "db_table": "request",
                "indexes": [
                    models.Index(fields=["state", "-updated_ms", "-id"], name="request_state"),
                    models.Index(fields=["-updated_ms", "-id"], name="request_updated"),
                    models.Index(fields=["repeat_key", "created_ms"], name="request_repeat"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("client_key", ""), _negated=True),
                        fields=("requester_id", "client_key"),
                        name="request_client_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("request_id", models.BigIntegerField()),
                ("at_ms", models.BigIntegerField()),
                ("actor_id", models.IntegerField(null=True)),
                ("actor", models.TextField()),
                ("act", models.TextField()),
                ("from_state", models.TextField()),
                ("to_state", models.TextField()),
                ("note", models.TextField()),
                ("details", models.TextField()),
            ],
            options={
                "db_table": "request_event",
                "indexes": [models.Index(fields=["request_id", "id"], name="request_event_request")],
            },
        ),
        migrations.CreateModel(
            name="RequestOccurrence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("request_id", models.BigIntegerField()),
                ("fingerprint_id", models.BigIntegerField()),
                ("event_pk", models.BigIntegerField()),
                ("occurred_ms", models.BigIntegerField(null=True)),
                ("environment", models.TextField()),
                ("message", models.TextField()),
            ],
            options={
                "db_table": "request_occurrence",
                "indexes": [models.Index(fields=["fingerprint_id", "request_id"], name="request_occurrence_fp")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request_id", "fingerprint_id", "event_pk"), name="request_occurrence_once"
                    )
                ],
            },
        ),
        migrations.RunSQL("PRAGMA user_version = 20", "PRAGMA user_version = 19"),
    ]
