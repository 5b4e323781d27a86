"""A review belongs to the practice of its recording."""

from django.db import migrations

ADD = """
ALTER TABLE review_review ADD CONSTRAINT review_review_recording_id_same_practice
FOREIGN KEY (practice_id, recording_id) REFERENCES transcripts_recording (practice_id, id)
DEFERRABLE INITIALLY DEFERRED
"""
DROP = "ALTER TABLE review_review DROP CONSTRAINT review_review_recording_id_same_practice"


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0013_adverse_events"),
        ("transcripts", "0008_same_practice"),
    ]

    operations = [migrations.RunSQL(ADD, DROP)]
