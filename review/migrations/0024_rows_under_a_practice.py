"""Policies for what belongs to a practice by way of its review, for settings, and for the audit log.

As in 0018, binding for every role but the tables' owner (see transcripts.tenancy). A row is looked
for by the primary key of the row above it, which is itself seen only in its practice.
"""

from django.db import migrations

PRACTICE = "(SELECT current_setting('countersign.practice', true))"
OWN = (
    "review_calibration",
    "review_refit",
    "review_thresholdchange",
    "review_driftalarm",
    "review_letterhead",
    "review_recipient",
    "review_signingkey",
    "review_turnaroundrule",
    "review_auditschedule",
)
LOG = ("review_auditevent", "review_audithead", "review_auditcheckpoint", "review_auditcheck")
UNDER = (
    ("review_segment", "review_id", "review_review"),
    ("review_edit", "review_id", "review_review"),
    ("review_flag", "review_id", "review_review"),
    ("review_play", "review_id", "review_review"),
    ("review_signature", "review_id", "review_review"),
    ("review_addendum", "review_id", "review_review"),
    ("review_delivery", "destination_id", "review_destination"),
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


def own(table: str, column: str = "practice_id") -> migrations.RunSQL:
    return policy(table, f"{PRACTICE} IN ('everywhere', {column}::text)")


def under(table: str, column: str, above: str) -> migrations.RunSQL:
    seen = f"EXISTS (SELECT FROM {above} above WHERE above.id = {table}.{column})"
    return policy(table, f"{PRACTICE} = 'everywhere' OR {seen}")


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0023_a_row_moves_the_head"),
        ("transcripts", "0010_rows_under_a_practice"),
    ]

    operations = [
        *map(own, OWN),
        *(own(table, "practice") for table in LOG),
        *(under(*names) for names in UNDER),
    ]
