"""Taking an audit row moves the head of its chain: one look at the head instead of two.

No row stands in the log that the head does not know, whoever wrote it.
"""

from django.db import migrations

MOVES = """
CREATE OR REPLACE FUNCTION review_audit_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE review_audithead h SET seq = NEW.seq, hash = NEW.hash
    WHERE h.practice = NEW.practice AND h.seq = NEW.seq - 1 AND h.hash = NEW.prev_hash
      AND NEW.hash = encode(sha256(convert_to(NEW.canonical, 'UTF8')), 'hex');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'An audit row must be the next link of its chain.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
LOOKS = """
CREATE OR REPLACE FUNCTION review_audit_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM review_audithead h
        WHERE h.practice = NEW.practice AND h.seq = NEW.seq - 1 AND h.hash = NEW.prev_hash
    ) OR NEW.hash <> encode(sha256(convert_to(NEW.canonical, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'An audit row must be the next link of its chain.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0022_words_of_the_search")]
    operations = [migrations.RunSQL(MOVES, LOOKS)]
