"""Indexes for manuals that are there already, what awaits a fix, and a route's latest messages.

When a place was seen first is kept no more: nothing asks for it.
"""

from django.db import migrations, models

_AWAITING = """
CREATE INDEX issue_state_awaiting ON issue_state (environment, issue_id) WHERE state = 'awaiting_deploy'
"""


class Migration(migrations.Migration):
    dependencies = [("stores", "0025_requested_events")]

    operations = [
        migrations.AddIndex(
            model_name="runbook",
            index=models.Index(condition=models.Q(("url", ""), _negated=True), fields=["url"], name="runbook_url"),
        ),
        migrations.AddIndex(
            model_name="runbook",
            index=models.Index(fields=["title", "services"], name="runbook_title"),
        ),
        migrations.RunSQL(_AWAITING, "DROP INDEX issue_state_awaiting"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["route", "id"], name="delivery_route"),
        ),
        migrations.RunSQL(
            "ALTER TABLE place DROP COLUMN first_seen_ms",
            "ALTER TABLE place ADD COLUMN first_seen_ms INTEGER NOT NULL DEFAULT 0",
        ),
        migrations.RemoveField("place", "first_seen_ms"),
        migrations.RunSQL("PRAGMA user_version = 26", "PRAGMA user_version = 25"),
    ]
