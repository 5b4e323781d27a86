"""A row that belongs to a practice can't point to another practice's: keys of practice and id."""

from django.db import migrations

# Table, its column, and the table that the column names a row of.
POINTERS = (
    ("transcripts_recording", "patient_id", "transcripts_patient"),
    ("transcripts_recording", "author_id", "transcripts_membership"),
    ("transcripts_medicaltranscriptionjob", "recording_id", "transcripts_recording"),
    ("transcripts_medicaltranscriptionjob", "vocabulary_id", "transcripts_medicalvocabulary"),
    ("transcripts_livestream", "patient_id", "transcripts_patient"),
    ("transcripts_livestream", "author_id", "transcripts_membership"),
    ("transcripts_livestream", "recording_id", "transcripts_recording"),
    ("transcripts_livestream", "vocabulary_id", "transcripts_medicalvocabulary"),
    ("transcripts_shadow", "job_id", "transcripts_medicaltranscriptionjob"),
    ("transcripts_emergencyaccess", "member_id", "transcripts_membership"),
    ("transcripts_emergencyaccess", "patient_id", "transcripts_patient"),
    ("transcripts_emergencyaccess", "reviewed_by_id", "transcripts_membership"),
)
ADD = """
ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_practice
FOREIGN KEY (practice_id, {column}) REFERENCES {other} (practice_id, id)
DEFERRABLE INITIALLY DEFERRED
"""
DROP = "ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_same_practice"


def constraint(table: str, column: str, other: str) -> migrations.RunSQL:
    names = {"table": table, "column": column, "other": other}
    return migrations.RunSQL(ADD.format(**names), DROP.format(**names))


class Migration(migrations.Migration):
    dependencies = [("transcripts", "0007_at_rest")]

    operations = [constraint(*pointer) for pointer in POINTERS]
