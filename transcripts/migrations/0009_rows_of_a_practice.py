"""Policies by practice: binding for every role but the tables' owner (see transcripts.tenancy)."""

from django.db import migrations

TABLES = (
    "transcripts_patient",
    "transcripts_recording",
    "transcripts_medicaltranscriptionjob",
    "transcripts_livestream",
    "transcripts_shadow",
    "transcripts_medicalvocabulary",
    "transcripts_emergencyaccess",
)
PRACTICE = "(SELECT current_setting('countersign.practice', true))"
ENABLE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_practice ON {table}
USING ({practice} IN ('everywhere', practice_id::text))
WITH CHECK ({practice} IN ('everywhere', practice_id::text));
"""
DISABLE = """
DROP POLICY of_practice ON {table};
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


def policy(table: str) -> migrations.RunSQL:
    names = {"table": table, "practice": PRACTICE}
    return migrations.RunSQL(ENABLE.format(**names), DISABLE.format(**names))


class Migration(migrations.Migration):
    dependencies = [("transcripts", "0008_same_practice")]

    operations = [policy(table) for table in TABLES]
