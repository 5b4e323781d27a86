"""Policies by practice: binding for every role but the tables' owner (see transcripts.tenancy)."""

from django.db import migrations

TABLES = (
    "review_review",
    "review_comparison",
    "review_destination",
    "review_checkoff",
    "review_adverseevent",
    "review_adverseeventsearch",
    "review_export",
    "review_wordlabels",
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
    dependencies = [("review", "0017_checkpoints_are_append_only")]

    operations = [policy(table) for table in TABLES]
