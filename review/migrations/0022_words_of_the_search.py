"""Databases that began with 0.3.0 have an older reading of words in their search; all get today's."""

from django.db import migrations

FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION review_lexemes(said text)
RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT strip(to_tsvector('simple', regexp_replace(
        said, '[^[:alnum:].]+|\.(?!\d)|(?<!\d)\.', ' ', 'g')))
$$;

CREATE OR REPLACE FUNCTION review_names(of_recording uuid)
RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT review_lexemes(concat_ws(' ', p.name, p.mrn, m.printed_name))
    FROM transcripts_recording r
    LEFT JOIN transcripts_patient p ON p.id = r.patient_id
    LEFT JOIN transcripts_membership m ON m.id = r.author_id
    WHERE r.id = of_recording
$$;

CREATE OR REPLACE FUNCTION review_words(of_review uuid)
RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT review_lexemes(coalesce(string_agg(s.text, ' '), ''))
    FROM review_review r
    JOIN review_segment s ON s.review_id = r.id AND s.transcript_id = r.transcript_id
    WHERE r.id = of_review AND NOT s.removed
$$;

-- The duty reads them again.
UPDATE review_searchentry SET stale = true WHERE NOT stale;
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0021_quality")]
    operations = [migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop)]
