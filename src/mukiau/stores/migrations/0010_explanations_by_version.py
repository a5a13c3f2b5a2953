"""A fingerprint is explained by each version of the policy that it has a hash by."""

from django.db import migrations, models

_EXPLANATIONS = """
CREATE TABLE explanation_by_version (
  fingerprint_id INTEGER NOT NULL, policy_version INTEGER NOT NULL, explanation TEXT NOT NULL,
  PRIMARY KEY (fingerprint_id, policy_version)
);
INSERT INTO explanation_by_version (fingerprint_id, policy_version, explanation)
SELECT f.id, f.policy_version, e.explanation
FROM fingerprint f JOIN fingerprint_explanation e ON e.fingerprint_id = f.id ORDER BY f.id;
DROP TABLE fingerprint_explanation;
ALTER TABLE explanation_by_version RENAME TO fingerprint_explanation;
"""


class Migration(migrations.Migration):
    dependencies = [("stores", "0009_grouping_policy")]

    operations = [
        migrations.RunSQL(
            _EXPLANATIONS,
            state_operations=[
                migrations.DeleteModel(name="FingerprintExplanation"),
                migrations.CreateModel(
                    name="FingerprintExplanation",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "fingerprint_id",
                                "policy_version",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("fingerprint_id", models.BigIntegerField()),
                        ("policy_version", models.IntegerField()),
                        ("explanation", models.TextField()),
                    ],
                    options={"db_table": "fingerprint_explanation", "managed": False},
                ),
            ],
        ),
        migrations.RunSQL("PRAGMA user_version = 10"),
    ]
