"""Plain triggers for the audit log: unlike declared ones, no setting of a session lifts them."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION review_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER review_audit_append_only
    BEFORE UPDATE OR DELETE ON review_auditevent
    FOR EACH ROW EXECUTE FUNCTION review_audit_refuse();
CREATE TRIGGER review_audit_no_truncate
    BEFORE TRUNCATE ON review_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION review_audit_refuse();
CREATE FUNCTION review_audit_follows() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER review_audit_next_link
    BEFORE INSERT ON review_auditevent
    FOR EACH ROW EXECUTE FUNCTION review_audit_follows();
"""

UNDO = """
DROP TRIGGER review_audit_append_only ON review_auditevent;
DROP TRIGGER review_audit_no_truncate ON review_auditevent;
DROP TRIGGER review_audit_next_link ON review_auditevent;
DROP FUNCTION review_audit_refuse();
DROP FUNCTION review_audit_follows();
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0002_initial")]
    operations = [migrations.RunSQL(APPEND_ONLY, UNDO)]
