"""Policies for what belongs to a practice by way of another row, and for keys, rules and holds.

As in 0009, binding for every role but the tables' owner (see transcripts.tenancy). A row is looked
for by the primary key of the row above it, which is itself seen only in its practice.
"""

from django.db import migrations

PRACTICE = "(SELECT current_setting('countersign.practice', true))"
OWN = (
    "transcripts_practicekey",
    "transcripts_datakey",
    "transcripts_retentionrule",
    "transcripts_hold",
    "transcripts_removal",
)
UNDER = (
    ("transcripts_chunk", "job_id", "transcripts_medicaltranscriptionjob"),
    ("transcripts_streamaudio", "stream_id", "transcripts_livestream"),
    ("transcripts_streamresult", "stream_id", "transcripts_livestream"),
    ("transcripts_transcript", "recording_id", "transcripts_recording"),
    ("transcripts_machinesegment", "transcript_id", "transcripts_transcript"),
)
ENABLE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_practice ON {table} USING ({rule}) WITH CHECK ({rule});
"""
DISABLE = """
DROP POLICY of_practice ON {table};
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


def policy(table: str, rule: str) -> migrations.RunSQL:
    return migrations.RunSQL(ENABLE.format(table=table, rule=rule), DISABLE.format(table=table))


def own(table: str) -> migrations.RunSQL:
    return policy(table, f"{PRACTICE} IN ('everywhere', practice_id::text)")


def under(table: str, column: str, above: str) -> migrations.RunSQL:
    seen = f"EXISTS (SELECT FROM {above} above WHERE above.id = {table}.{column})"
    return policy(table, f"{PRACTICE} = 'everywhere' OR {seen}")


class Migration(migrations.Migration):
    dependencies = [("transcripts", "0009_rows_of_a_practice")]

    operations = [*map(own, OWN), *(under(*names) for names in UNDER)]
