"""A search that finds more than it may show, shows the newest: their ids are ordered by time.

Planned for the words that are asked for: common ones along the ids, rare ones by the words' index.
"""

from django.db import migrations

NOW = """
CREATE OR REPLACE FUNCTION review_found(of_practice uuid, query tsquery, most integer)
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('countersign.practice', true), '')
        NOT IN ('everywhere', of_practice::text) THEN RETURN; END IF;
    RETURN QUERY EXECUTE 'SELECT review_id FROM review_searchentry
        WHERE words @@ $1 AND practice_id = $2 ORDER BY review_id DESC LIMIT $3'
        USING query, of_practice, most;
END $$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION review_found(of_practice uuid, query tsquery, most integer)
RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT review_id FROM review_searchentry
    WHERE words @@ query AND practice_id = of_practice
        AND (SELECT current_setting('countersign.practice', true))
            IN ('everywhere', of_practice::text)
    LIMIT most
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0025_saved_views")]

    operations = [migrations.RunSQL(NOW, BEFORE)]
