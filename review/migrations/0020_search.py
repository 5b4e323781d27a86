"""Names enter the search at once, by trigger; words of transcripts when a duty comes round.

`review_found` runs as the tables' owner: under a policy by practice, PostgreSQL would not use the
index. So it looks at `countersign.practice` itself (see transcripts.tenancy).
"""

from django.db import migrations

PRACTICE = "(SELECT current_setting('countersign.practice', true))"
POLICY = f"""
ALTER TABLE review_searchentry ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_practice ON review_searchentry
USING ({PRACTICE} IN ('everywhere', practice_id::text))
WITH CHECK ({PRACTICE} IN ('everywhere', practice_id::text));
"""
FUNCTIONS = r"""
CREATE FUNCTION review_lexemes(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
    SELECT strip(to_tsvector('simple', regexp_replace(
        said, '[^[:alnum:].]+|\.(?!\d)|(?<!\d)\.', ' ', 'g')))
$$;

CREATE FUNCTION review_names(of_recording uuid) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT review_lexemes(concat_ws(' ', p.name, p.mrn, m.printed_name))
    FROM transcripts_recording r
    LEFT JOIN transcripts_patient p ON p.id = r.patient_id
    LEFT JOIN transcripts_membership m ON m.id = r.author_id
    WHERE r.id = of_recording
$$;

CREATE FUNCTION review_words(of_review uuid) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT review_lexemes(coalesce(string_agg(s.text, ' '), ''))
    FROM review_review r
    JOIN review_segment s ON s.review_id = r.id AND s.transcript_id = r.transcript_id
    WHERE r.id = of_review AND NOT s.removed
$$;

CREATE FUNCTION review_found(of_practice uuid, query tsquery, most integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT review_id FROM review_searchentry
    WHERE words @@ query AND practice_id = of_practice
        AND (SELECT current_setting('countersign.practice', true))
            IN ('everywhere', of_practice::text)
    LIMIT most
$$;

CREATE FUNCTION review_search_enter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO review_searchentry (review_id, practice_id, words, stale)
    VALUES (NEW.id, NEW.practice_id, review_names(NEW.recording_id), NEW.transcript_id IS NOT NULL);
    RETURN NULL;
END $$;

CREATE FUNCTION review_search_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE review_searchentry SET stale = true WHERE review_id = NEW.id AND NOT stale;
    RETURN NULL;
END $$;

CREATE FUNCTION review_search_named() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE review_searchentry e SET stale = true, words = e.words || review_names(r.id)
    FROM review_review v JOIN transcripts_recording r ON r.id = v.recording_id
    WHERE e.review_id = v.id AND CASE TG_TABLE_NAME
        WHEN 'transcripts_recording' THEN r.id = NEW.id
        WHEN 'transcripts_patient' THEN r.patient_id = NEW.id
        ELSE r.author_id = NEW.id END;
    RETURN NULL;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER review_search_enter AFTER INSERT ON review_review
    FOR EACH ROW EXECUTE FUNCTION review_search_enter();
CREATE TRIGGER review_search_changed AFTER UPDATE OF transcript_id, edit_seq ON review_review
    FOR EACH ROW WHEN (
        OLD.transcript_id IS DISTINCT FROM NEW.transcript_id OR OLD.edit_seq <> NEW.edit_seq)
    EXECUTE FUNCTION review_search_changed();
CREATE TRIGGER review_search_named AFTER UPDATE OF patient_id, author_id ON transcripts_recording
    FOR EACH ROW WHEN (
        OLD.patient_id IS DISTINCT FROM NEW.patient_id
        OR OLD.author_id IS DISTINCT FROM NEW.author_id)
    EXECUTE FUNCTION review_search_named();
CREATE TRIGGER review_search_named AFTER UPDATE OF name, mrn ON transcripts_patient
    FOR EACH ROW WHEN (OLD.name <> NEW.name OR OLD.mrn <> NEW.mrn)
    EXECUTE FUNCTION review_search_named();
CREATE TRIGGER review_search_named AFTER UPDATE OF printed_name ON transcripts_membership
    FOR EACH ROW WHEN (OLD.printed_name <> NEW.printed_name)
    EXECUTE FUNCTION review_search_named();
"""
BACKFILL = """
INSERT INTO review_searchentry (review_id, practice_id, words, stale)
SELECT id, practice_id, review_names(recording_id), transcript_id IS NOT NULL FROM review_review;
"""
UNDO = """
DROP TRIGGER review_search_named ON transcripts_membership;
DROP TRIGGER review_search_named ON transcripts_patient;
DROP TRIGGER review_search_named ON transcripts_recording;
DROP TRIGGER review_search_changed ON review_review;
DROP TRIGGER review_search_enter ON review_review;
DROP FUNCTION review_search_named, review_search_changed, review_search_enter, review_found,
    review_words, review_names, review_lexemes;
DROP POLICY of_practice ON review_searchentry;
ALTER TABLE review_searchentry DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0019_worklist")]

    operations = [migrations.RunSQL(POLICY + FUNCTIONS + TRIGGERS + BACKFILL, UNDO)]
