"""The policies by practice in words that PostgreSQL can estimate.

Before, it took a practice for one row in a hundred, and read a worklist of 100,000 recordings whole
for the 50 that a page shows: a thousand times the work.
"""

from django.db import migrations

SCOPE = "current_setting('countersign.practice', true)"
NOW = f"""%1$s = (SELECT CASE
        WHEN {SCOPE} NOT IN ('', 'everywhere', 'nobody') THEN {SCOPE}::uuid END)
    OR (SELECT {SCOPE} = 'everywhere')"""
BEFORE = f"(SELECT {SCOPE}) IN ('everywhere', %1$s::text)"
# Tables that name their practice themselves, in either column; in these words or those.
CHANGE = r"""
DO $do$
DECLARE
    policed record;
    rule text;
BEGIN
    FOR policed IN
        SELECT tablename AS name,
            substring(qual from '\((practice|practice_id)(?:\)::text| = \()') AS own
        FROM pg_policies WHERE schemaname = 'public' AND policyname = 'of_practice'
    LOOP
        CONTINUE WHEN policed.own IS NULL;
        rule := format($rule${rule}$rule$, policed.own);
        EXECUTE format(
            'ALTER POLICY of_practice ON %I USING (%s) WITH CHECK (%s)', policed.name, rule, rule);
    END LOOP;
END $do$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0026_newest_found_first"),
    ]

    operations = [
        migrations.RunSQL(CHANGE.replace("{rule}", NOW), CHANGE.replace("{rule}", BEFORE))
    ]
