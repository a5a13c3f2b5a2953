"""Everything is counted per fingerprint, so that fingerprints can move between issues.

Until here each issue had exactly one fingerprint: totals, words and roll-ups move over as they are. Plain SQL where a
table is as large as the number of issues, because Django would copy it once for each column. `event` is written anew by
SQLite when its column goes; it is the only step that takes time (see the ADR "Merging and splitting" for how long).
"""

import django.db.models.deletion
from django.db import migrations, models

_FINGERPRINTS = """
CREATE TABLE fingerprint_explanation (
  fingerprint_id bigint NOT NULL PRIMARY KEY,
  explanation text NOT NULL
);
INSERT INTO fingerprint_explanation SELECT id, explanation FROM fingerprint ORDER BY id;

CREATE TABLE fingerprint_counting (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  project_id bigint NOT NULL REFERENCES project (id) DEFERRABLE INITIALLY DEFERRED,
  hash varchar(32) NOT NULL,
  issue_id bigint NOT NULL REFERENCES issue (id) DEFERRABLE INITIALLY DEFERRED,
  policy_version integer NOT NULL,
  created_ms bigint NOT NULL,
  service text NOT NULL, title text NOT NULL, subtitle text NOT NULL, template text NOT NULL, culprit text NOT NULL,
  root_type text NOT NULL, root_message text NOT NULL, level text NOT NULL, logger text NOT NULL, language text NOT NULL,
  first_seen_ms bigint NOT NULL, last_seen_ms bigint NOT NULL, event_count bigint NOT NULL,
  first_event_pk bigint NOT NULL, last_event_pk bigint NOT NULL,
  search_text text NOT NULL,
  CONSTRAINT fingerprint_project_hash UNIQUE (project_id, hash)
);
INSERT INTO fingerprint_counting
SELECT f.id, f.project_id, f.hash, f.issue_id, f.policy_version, f.created_ms,
  i.service, i.title, i.subtitle, i.template, i.culprit, i.root_type, i.root_message, i.level, i.logger, i.language,
  i.first_seen_ms, i.last_seen_ms, i.event_count, i.first_event_pk, i.last_event_pk, i.search_text
FROM fingerprint f JOIN issue i ON i.id = f.issue_id ORDER BY f.id;
DROP TABLE fingerprint;
ALTER TABLE fingerprint_counting RENAME TO fingerprint;
CREATE INDEX fingerprint_issue ON fingerprint (issue_id);
CREATE INDEX fingerprint_service ON fingerprint (project_id, service, issue_id);
"""
_ROLL_UPS = """
CREATE TABLE fingerprint_hour (
  fingerprint_id INTEGER NOT NULL, hour INTEGER NOT NULL, environment TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (fingerprint_id, hour, environment)
) WITHOUT ROWID;
INSERT INTO fingerprint_hour
SELECT f.id, r.hour, r.environment, r.count FROM fingerprint f CROSS JOIN issue_hour r ON r.issue_id = f.issue_id
ORDER BY f.id, r.hour, r.environment;
DROP TABLE issue_hour;
CREATE TABLE fingerprint_environment (
  fingerprint_id INTEGER NOT NULL, environment TEXT NOT NULL, count INTEGER NOT NULL,
  first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,
  PRIMARY KEY (fingerprint_id, environment)
) WITHOUT ROWID;
INSERT INTO fingerprint_environment
SELECT f.id, r.environment, r.count, r.first_seen_ms, r.last_seen_ms
FROM fingerprint f CROSS JOIN issue_environment r ON r.issue_id = f.issue_id ORDER BY f.id, r.environment;
CREATE TABLE fingerprint_tag (
  fingerprint_id INTEGER NOT NULL, "key" TEXT NOT NULL, value TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (fingerprint_id, "key", value)
) WITHOUT ROWID;
INSERT INTO fingerprint_tag
SELECT f.id, r."key", r.value, r.count FROM fingerprint f CROSS JOIN issue_tag r ON r.issue_id = f.issue_id
ORDER BY f.id, r."key", r.value;
DROP TABLE issue_tag;
"""
_SEARCH = """
CREATE VIRTUAL TABLE fingerprint_search USING fts5 (grams, tokenize = "unicode61 remove_diacritics 0");
INSERT INTO fingerprint_search (rowid, grams)
SELECT f.id, s.grams FROM fingerprint f CROSS JOIN issue_search s ON s.rowid = f.issue_id ORDER BY f.id;
DROP TABLE issue_search;
"""
_CHANGES = """
CREATE TABLE grouping_move (
  change_id INTEGER NOT NULL, fingerprint_id INTEGER NOT NULL,
  from_issue_id INTEGER NOT NULL, to_issue_id INTEGER NOT NULL,
  PRIMARY KEY (change_id, fingerprint_id)
) WITHOUT ROWID;
-- Later changes of the same fingerprint; where an event was shown before.
CREATE INDEX grouping_move_fingerprint ON grouping_move (fingerprint_id, change_id);
-- The history of an issue, and whether it may be deleted.
CREATE INDEX grouping_move_from ON grouping_move (from_issue_id, change_id);
CREATE INDEX grouping_move_to ON grouping_move (to_issue_id, change_id);
"""
_WORDS = ("service", "title", "subtitle", "template", "culprit", "root_type", "root_message", "level", "logger", "language")
_SUMS = ("first_seen_ms", "last_seen_ms", "event_count", "first_event_pk", "last_event_pk")

_KEYS = {
    "FingerprintHour": ("hour", "environment"),
    "FingerprintEnvironment": ("environment",),
    "FingerprintTag": ("key", "value"),
}


def _roll_up(name: str, key: tuple[str, ...]) -> migrations.CreateModel:
    """Tell Django of a table that SQL has made: fingerprint_id, the rest of its key, and what it counts."""
    times = ("first_seen_ms", "last_seen_ms") if key == ("environment",) else ()
    return migrations.CreateModel(
        name=name,
        fields=[
            (
                "pk",
                models.CompositePrimaryKey(
                    "fingerprint_id", *key, blank=True, editable=False, primary_key=True, serialize=False
                ),
            ),
            ("fingerprint_id", models.BigIntegerField()),
            *((field, models.IntegerField() if field == "hour" else models.TextField()) for field in key),
            *((field, models.BigIntegerField()) for field in ("count", *times)),
        ],
        options={"db_table": name.replace("Fingerprint", "fingerprint_").lower(), "managed": False},
    )


class Migration(migrations.Migration):
    dependencies = [("stores", "0007_trace_key")]

    operations = [
        migrations.RunSQL(
            _FINGERPRINTS,
            state_operations=[
                migrations.CreateModel(
                    name="FingerprintExplanation",
                    fields=[
                        ("fingerprint_id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("explanation", models.TextField()),
                    ],
                    options={"db_table": "fingerprint_explanation"},
                ),
                migrations.RemoveField(model_name="fingerprint", name="explanation"),
                migrations.AlterField(
                    model_name="fingerprint",
                    name="issue",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fingerprints",
                        to="stores.issue",
                    ),
                ),
                *(
                    migrations.AddField("fingerprint", name, models.TextField(), preserve_default=False)
                    for name in (*_WORDS, "search_text")
                ),
                *(
                    migrations.AddField("fingerprint", name, models.BigIntegerField(), preserve_default=False)
                    for name in _SUMS
                ),
                migrations.AddIndex(
                    model_name="fingerprint", index=models.Index(fields=["issue"], name="fingerprint_issue")
                ),
                migrations.AddIndex(
                    model_name="fingerprint",
                    index=models.Index(fields=["project", "service", "issue"], name="fingerprint_service"),
                ),
            ],
        ),
        migrations.RunSQL(_ROLL_UPS),
        migrations.RunSQL(_SEARCH),
        migrations.RemoveField(model_name="issue", name="search_text"),
        migrations.AddField(model_name="issue", name="merged_into_id", field=models.BigIntegerField(null=True)),
        migrations.RemoveIndex(model_name="event", name="event_issue_occurred"),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["fingerprint", "occurred_ms", "id"], name="event_fingerprint_occurred"),
        ),
        migrations.RemoveField(model_name="event", name="issue"),
        migrations.CreateModel(
            name="GroupingChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("project_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("actor", models.TextField()),
                ("at_ms", models.BigIntegerField()),
                ("reason", models.TextField()),
                ("details", models.TextField()),
                ("undone_ms", models.BigIntegerField(null=True)),
                ("undone_by", models.TextField(db_default="", default="")),
            ],
            options={"db_table": "grouping_change"},
        ),
        migrations.AddIndex(
            model_name="groupingchange", index=models.Index(fields=["project_id", "id"], name="grouping_change_project")
        ),
        migrations.CreateModel(
            name="GroupingConstraint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("project_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("fingerprint_a", models.BigIntegerField()),
                ("fingerprint_b", models.BigIntegerField()),
                ("change_id", models.BigIntegerField()),
            ],
            options={"db_table": "grouping_constraint"},
        ),
        migrations.AddIndex(
            model_name="groupingconstraint", index=models.Index(fields=["change_id"], name="grouping_constraint_change")
        ),
        migrations.CreateModel(
            name="GroupingMove",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "change_id", "fingerprint_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("change_id", models.BigIntegerField()),
                ("fingerprint_id", models.BigIntegerField()),
                ("from_issue_id", models.BigIntegerField()),
                ("to_issue_id", models.BigIntegerField()),
            ],
            options={"db_table": "grouping_move", "managed": False},
        ),
        migrations.RunSQL(_CHANGES),
        # Unmanaged: their tables were made and dropped above.
        *(migrations.DeleteModel(name) for name in ("IssueHour", "IssueTag")),
        *(_roll_up(name, fields) for name, fields in _KEYS.items()),
        migrations.RunSQL("PRAGMA user_version = 8"),
    ]
