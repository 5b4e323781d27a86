"""Checkpoints and their keys are only ever added, like the log they pin."""

from django.db import migrations

TABLES = ("review_auditcheckpoint", "review_auditkey")
ADD = "".join(
    f"""
CREATE TRIGGER review_audit_append_only
    BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION review_audit_refuse();
CREATE TRIGGER review_audit_no_truncate
    BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION review_audit_refuse();
"""
    for table in TABLES
)
UNDO = "".join(
    f"DROP TRIGGER review_audit_append_only ON {table};"
    f"DROP TRIGGER review_audit_no_truncate ON {table};"
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("review", "0016_exports_and_checkpoints")]
    operations = [migrations.RunSQL(ADD, UNDO)]
