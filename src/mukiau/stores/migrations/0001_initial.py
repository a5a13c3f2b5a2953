"""The first schema of the state file."""

import django.db.models.deletion
from django.db import migrations, models

# Tables without a row id: their primary key is the order they are read in, and each row is stored once.
_TABLES = """
CREATE TABLE issue_hour (
  issue_id INTEGER NOT NULL, hour INTEGER NOT NULL, environment TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (issue_id, hour, environment)
) WITHOUT ROWID;
CREATE TABLE issue_environment (
  issue_id INTEGER NOT NULL, environment TEXT NOT NULL, count INTEGER NOT NULL,
  first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL,
  PRIMARY KEY (issue_id, environment)
) WITHOUT ROWID;
CREATE TABLE issue_tag (
  issue_id INTEGER NOT NULL, "key" TEXT NOT NULL, value TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (issue_id, "key", value)
) WITHOUT ROWID;
CREATE TABLE seen_record (
  day INTEGER NOT NULL, hash INTEGER NOT NULL,
  PRIMARY KEY (day, hash)
) WITHOUT ROWID;
CREATE TABLE stream_state (
  project_id INTEGER NOT NULL, stream_key TEXT NOT NULL, state TEXT NOT NULL,
  is_open INTEGER NOT NULL, updated_ms INTEGER NOT NULL,
  PRIMARY KEY (project_id, stream_key)
) WITHOUT ROWID;
CREATE TABLE digest_counter (
  name TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (name, reason)
) WITHOUT ROWID;
-- The list of issues filtered by environment starts from the environment.
CREATE INDEX issue_environment_seen ON issue_environment (environment, last_seen_ms, issue_id);
-- `pending` counts the entries that are still open.
CREATE INDEX stream_state_open ON stream_state (project_id) WHERE is_open;
-- The tokens are made by `stores/search.py`; unicode61 only splits them at spaces.
CREATE VIRTUAL TABLE issue_search USING fts5 (grams, tokenize = "unicode61 remove_diacritics 0");
INSERT INTO digest_state (id, position, heartbeat_ms, digested_items) VALUES (1, 0, 0, 0);
PRAGMA user_version = 1;
"""

_DROP_TABLES = """
DROP TABLE issue_hour;
DROP TABLE issue_environment;
DROP TABLE issue_tag;
DROP TABLE seen_record;
DROP TABLE stream_state;
DROP TABLE digest_counter;
DROP TABLE issue_search;
PRAGMA user_version = 0;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='DigestCounter',
            fields=[
                ('pk', models.CompositePrimaryKey('name', 'reason', blank=True, editable=False, primary_key=True, serialize=False)),
                ('name', models.TextField()),
                ('reason', models.TextField()),
                ('count', models.BigIntegerField()),
            ],
            options={
                'db_table': 'digest_counter',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='IssueEnvironment',
            fields=[
                ('pk', models.CompositePrimaryKey('issue_id', 'environment', blank=True, editable=False, primary_key=True, serialize=False)),
                ('issue_id', models.BigIntegerField()),
                ('environment', models.TextField()),
                ('count', models.BigIntegerField()),
                ('first_seen_ms', models.BigIntegerField()),
                ('last_seen_ms', models.BigIntegerField()),
            ],
            options={
                'db_table': 'issue_environment',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='IssueHour',
            fields=[
                ('pk', models.CompositePrimaryKey('issue_id', 'hour', 'environment', blank=True, editable=False, primary_key=True, serialize=False)),
                ('issue_id', models.BigIntegerField()),
                ('hour', models.IntegerField()),
                ('environment', models.TextField()),
                ('count', models.BigIntegerField()),
            ],
            options={
                'db_table': 'issue_hour',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='IssueTag',
            fields=[
                ('pk', models.CompositePrimaryKey('issue_id', 'key', 'value', blank=True, editable=False, primary_key=True, serialize=False)),
                ('issue_id', models.BigIntegerField()),
                ('key', models.TextField()),
                ('value', models.TextField()),
                ('count', models.BigIntegerField()),
            ],
            options={
                'db_table': 'issue_tag',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='SeenRecord',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'hash', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.IntegerField()),
                ('hash', models.BigIntegerField()),
            ],
            options={
                'db_table': 'seen_record',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='StreamState',
            fields=[
                ('pk', models.CompositePrimaryKey('project_id', 'stream_key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('project_id', models.BigIntegerField()),
                ('stream_key', models.TextField()),
                ('state', models.TextField()),
                ('is_open', models.BooleanField()),
                ('updated_ms', models.BigIntegerField()),
            ],
            options={
                'db_table': 'stream_state',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='DigestState',
            fields=[
                ('id', models.IntegerField(primary_key=True, serialize=False)),
                ('position', models.BigIntegerField()),
                ('heartbeat_ms', models.BigIntegerField()),
                ('digested_items', models.BigIntegerField()),
            ],
            options={
                'db_table': 'digest_state',
            },
        ),
        migrations.CreateModel(
            name='Issue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('service', models.TextField()),
                ('title', models.TextField()),
                ('subtitle', models.TextField()),
                ('template', models.TextField()),
                ('culprit', models.TextField()),
                ('root_type', models.TextField()),
                ('root_message', models.TextField()),
                ('level', models.TextField()),
                ('logger', models.TextField()),
                ('language', models.TextField()),
                ('first_seen_ms', models.BigIntegerField()),
                ('last_seen_ms', models.BigIntegerField()),
                ('event_count', models.BigIntegerField()),
                ('first_event_pk', models.BigIntegerField()),
                ('last_event_pk', models.BigIntegerField()),
                ('search_text', models.TextField()),
            ],
            options={
                'db_table': 'issue',
            },
        ),
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('created_ms', models.BigIntegerField()),
            ],
            options={
                'db_table': 'project',
            },
        ),
        migrations.CreateModel(
            name='SeenDay',
            fields=[
                ('day', models.IntegerField(primary_key=True, serialize=False)),
                ('written_ms', models.BigIntegerField()),
            ],
            options={
                'db_table': 'seen_day',
            },
        ),
        migrations.CreateModel(
            name='PayloadDictionary',
            fields=[
                ('id', models.IntegerField(primary_key=True, serialize=False)),
                ('body', models.BinaryField()),
                ('event_count', models.BigIntegerField()),
                ('created_ms', models.BigIntegerField()),
            ],
            options={
                'db_table': 'payload_dictionary',
            },
        ),
        migrations.CreateModel(
            name='SetAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.BigIntegerField()),
                ('kind', models.TextField()),
                ('project_id', models.BigIntegerField()),
                ('source_id', models.BigIntegerField()),
                ('received_ms', models.BigIntegerField()),
                ('reason', models.TextField()),
                ('encoding', models.TextField()),
                ('event_id', models.TextField()),
                ('body', models.BinaryField()),
                ('is_requested', models.BooleanField(db_default=False, default=False)),
            ],
            options={
                'db_table': 'set_aside',
            },
        ),
        migrations.CreateModel(
            name='Fingerprint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hash', models.CharField(max_length=32)),
                ('policy_version', models.IntegerField()),
                ('explanation', models.TextField()),
                ('created_ms', models.BigIntegerField()),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fingerprints', to='stores.issue')),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='stores.project')),
            ],
            options={
                'db_table': 'fingerprint',
            },
        ),
        migrations.AddField(
            model_name='issue',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='stores.project'),
        ),
        migrations.CreateModel(
            name='Environment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('customer', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('purpose', models.CharField(blank=True, db_default='', default='', max_length=32)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='stores.project')),
            ],
            options={
                'db_table': 'environment',
            },
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='stores.project')),
            ],
            options={
                'db_table': 'service',
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('public_key', models.CharField(max_length=32, unique=True)),
                ('service', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('environment', models.CharField(blank=True, db_default='', default='', max_length=200)),
                ('is_active', models.BooleanField(db_default=True, default=True)),
                ('quota_events', models.IntegerField(blank=True, null=True)),
                ('created_ms', models.BigIntegerField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='stores.project')),
            ],
            options={
                'db_table': 'source',
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.CharField(max_length=32)),
                ('environment', models.TextField()),
                ('service', models.TextField()),
                ('release', models.TextField()),
                ('level', models.TextField()),
                ('occurred_ms', models.BigIntegerField()),
                ('sent_ms', models.BigIntegerField(null=True)),
                ('received_ms', models.BigIntegerField()),
                ('digested_ms', models.BigIntegerField()),
                ('title', models.TextField()),
                ('message', models.TextField()),
                ('payload_codec', models.IntegerField()),
                ('revision', models.IntegerField()),
                ('fingerprint', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, to='stores.fingerprint')),
                ('issue', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, to='stores.issue')),
                ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, to='stores.project')),
                ('source', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, to='stores.source')),
                # Last: pages of the big column are not walked to reach the others.
                ('payload', models.BinaryField()),
            ],
            options={
                'db_table': 'event',
            },
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(fields=['project', '-last_seen_ms', 'id'], name='issue_last_seen'),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(fields=['project', 'first_seen_ms', 'id'], name='issue_first_seen'),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(fields=['project', 'event_count', 'id'], name='issue_event_count'),
        ),
        migrations.AddConstraint(
            model_name='fingerprint',
            constraint=models.UniqueConstraint(fields=('project', 'hash'), name='fingerprint_project_hash'),
        ),
        migrations.AddConstraint(
            model_name='environment',
            constraint=models.UniqueConstraint(fields=('project', 'name'), name='environment_project_name'),
        ),
        migrations.AddConstraint(
            model_name='service',
            constraint=models.UniqueConstraint(fields=('project', 'name'), name='service_project_name'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['issue', 'occurred_ms', 'id'], name='event_issue_occurred'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(fields=('project', 'event_id'), name='event_project_event_id'),
        ),
        migrations.RunSQL(_TABLES, _DROP_TABLES),
    ]
