-- Two roles for PostgreSQL, so that the application itself cannot rewrite its audit log.
--
--   countersign_owner   owns the tables; runs `manage.py migrate` and nothing else
--   countersign_app     what web and worker processes log in as
--
-- Run once as a superuser, on the site's database, before the first migrate:
--   psql -v ON_ERROR_STOP=1 -v app_password=... -v owner_password=... -d countersign -f roles.sql
-- then `manage.py migrate` with countersign_owner in DATABASE_URL, then this file once more: it
-- narrows the rights on the tables that exist now. It may be run again at any time, and must be
-- after an upgrade that adds tables to the audit log.
--
-- What it does not protect against: a superuser of the cluster, and whoever owns its files. What
-- they change is found afterwards (docs/audit-log.md), not prevented.

SELECT format('CREATE ROLE countersign_owner LOGIN CREATEDB PASSWORD %L', :'owner_password')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_owner') \gexec
SELECT format('CREATE ROLE countersign_app LOGIN PASSWORD %L', :'app_password')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_app') \gexec
SELECT format('GRANT CREATE, CONNECT ON DATABASE %I TO countersign_owner', current_database()) \gexec
SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO countersign_app', current_database()) \gexec

GRANT USAGE, CREATE ON SCHEMA public TO countersign_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SET ROLE countersign_owner;

-- Rights: what the embedded database of `make run` does too, as the owner of the tables.
GRANT USAGE ON SCHEMA public TO countersign_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO countersign_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO countersign_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO countersign_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO countersign_app;

-- The log, its checkpoints and their keys: read and add, never change.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['review_auditevent', 'review_auditcheckpoint', 'review_auditkey']
    LOOP
        IF to_regclass('public.' || name) IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON public.%I FROM countersign_app, PUBLIC', name);
            EXECUTE format('GRANT SELECT, INSERT ON public.%I TO countersign_app', name);
        END IF;
    END LOOP;
END $$;
