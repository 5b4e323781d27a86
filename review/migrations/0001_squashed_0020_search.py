"""Tables of review, signing and audit, their triggers, the search, and who sees which rows."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.constraints
import django.db.models.deletion
import pgtrigger.compiler
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models
from transcripts.schema import CreateModels

# Plain triggers for the audit log: unlike declared ones, no setting of a session lifts them.
AUDIT = """
CREATE FUNCTION review_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
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
AUDIT_TABLES = ("review_auditevent", "review_auditcheckpoint", "review_auditkey")
APPEND_ONLY = """
CREATE TRIGGER review_audit_append_only
    BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION review_audit_refuse();
CREATE TRIGGER review_audit_no_truncate
    BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION review_audit_refuse();
"""
SAME_PRACTICE = """
ALTER TABLE review_review ADD CONSTRAINT review_review_recording_id_same_practice
FOREIGN KEY (practice_id, recording_id) REFERENCES transcripts_recording (practice_id, id)
DEFERRABLE INITIALLY DEFERRED;
"""

# Binding for every role but the tables' owner (see transcripts.tenancy).
TABLES = (
    "review_review",
    "review_comparison",
    "review_destination",
    "review_checkoff",
    "review_adverseevent",
    "review_adverseeventsearch",
    "review_export",
    "review_wordlabels",
    "review_searchentry",
)
PRACTICE = "(SELECT current_setting('countersign.practice', true))"
OF_PRACTICE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_practice ON {table}
USING ({practice} IN ('everywhere', practice_id::text))
WITH CHECK ({practice} IN ('everywhere', practice_id::text));
"""

# Names enter the search at once, by trigger; words of transcripts when a duty comes round.
# `review_found` runs as the tables' owner: under a policy by practice, PostgreSQL would not use the
# index. So it looks at `countersign.practice` itself (see transcripts.tenancy).
SEARCH = r"""
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
SEARCH_TRIGGERS = """
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

SQL = "".join(
    [AUDIT, SAME_PRACTICE, SEARCH, SEARCH_TRIGGERS]
    + [APPEND_ONLY.format(table=table) for table in AUDIT_TABLES]
    + [OF_PRACTICE.format(table=table, practice=PRACTICE) for table in TABLES]
)
# Triggers go with their tables; the functions, which look at these, before them.
UNDO = """
DROP FUNCTION review_search_named, review_search_changed, review_search_enter, review_found,
    review_words, review_names, review_lexemes, review_audit_follows, review_audit_refuse CASCADE;
"""


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("review", "0001_initial"),
        ("review", "0002_initial"),
        ("review", "0003_audit_log_is_append_only"),
        ("review", "0004_deliveries"),
        ("review", "0005_look_below"),
        ("review", "0006_comparison"),
        ("review", "0007_cosign_and_amend"),
        ("review", "0008_edit_log"),
        ("review", "0009_redo"),
        ("review", "0010_safety"),
        ("review", "0011_checks_kept"),
        ("review", "0012_letterheads_recipients_keys"),
        ("review", "0013_adverse_events"),
        ("review", "0014_same_practice"),
        ("review", "0015_thresholds"),
        ("review", "0016_exports_and_checkpoints"),
        ("review", "0017_checkpoints_are_append_only"),
        ("review", "0018_rows_of_a_practice"),
        ("review", "0019_worklist"),
        ("review", "0020_search"),
    ]

    dependencies = [("transcripts", "0001_squashed_0009_rows_of_a_practice")]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Review",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviews",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "recording",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review",
                                to="transcripts.recording",
                            ),
                        ),
                        (
                            "transcript",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="review",
                                to="transcripts.transcript",
                            ),
                        ),
                        (
                            "offered",
                            models.OneToOneField(
                                help_text="A newer transcript that somebody may take over.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="offered_to",
                                to="transcripts.transcript",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Transcribing"),
                                    ("ready", "Ready for review"),
                                    ("in_review", "In review"),
                                    ("ready_to_sign", "Ready to sign"),
                                    ("cosigning", "Awaiting co-signature"),
                                    ("signed", "Signed"),
                                    ("amended", "Signed and amended"),
                                ],
                                default="waiting",
                                max_length=16,
                            ),
                        ),
                        (
                            "assignee",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assigned_reviews",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "threshold",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="Machine words below it were marked.",
                                max_digits=3,
                            ),
                        ),
                        (
                            "look_below",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="Words between the threshold and this are shown as marks, without a flag.",
                                max_digits=3,
                                null=True,
                            ),
                        ),
                        (
                            "speakers",
                            models.JSONField(
                                default=dict, help_text="Names by label: spk_0 to Clinician."
                            ),
                        ),
                        (
                            "edit_seq",
                            models.PositiveIntegerField(
                                default=0, help_text="Number of the last edit."
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "Routine"), (1, "Urgent"), (2, "Stat")], default=0
                            ),
                        ),
                        (
                            "due_at",
                            models.DateTimeField(help_text="When it is to be signed.", null=True),
                        ),
                        (
                            "late_at",
                            models.DateTimeField(
                                help_text="When it was found to be late.", null=True
                            ),
                        ),
                        (
                            "pend",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("blank", "Blank"),
                                    ("query", "Query to the dictator"),
                                    ("audio", "Poor audio"),
                                ],
                                help_text="Why work rests.",
                                max_length=8,
                            ),
                        ),
                        ("pend_note", models.CharField(blank=True, max_length=500)),
                        (
                            "pended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("pended_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["practice", "state", "-created_at"],
                                name="review_revi_practic_ae4e7e_idx",
                            ),
                            models.Index(
                                fields=["practice", "-created_at", "-id"], name="review_newest"
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ("signed", "amended")), _negated=True
                                ),
                                fields=["practice", "-priority", "due_at"],
                                name="review_in_work",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ("signed", "amended")), _negated=True
                                ),
                                fields=["assignee", "due_at"],
                                name="review_of",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "waiting"),
                                    ("transcript__isnull", False),
                                    _connector="OR",
                                ),
                                name="an_opened_review_has_a_transcript",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("threshold__gte", 0), ("threshold__lte", 1)),
                                name="review_threshold_is_a_share",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("look_below__isnull", True),
                                    models.Q(
                                        ("look_below__gte", models.F("threshold")),
                                        ("look_below__lte", 1),
                                    ),
                                    _connector="OR",
                                ),
                                name="review_looks_begin_at_the_threshold",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("pend", ""),
                                        ("pended_at__isnull", True),
                                        ("pended_by__isnull", True),
                                    ),
                                    models.Q(
                                        models.Q(("pend", ""), _negated=True),
                                        ("pended_at__isnull", False),
                                        ("pended_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_pended_review_says_who_and_when",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="state_follows_the_table",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    declare="DECLARE _is_valid_transition BOOLEAN;",
                                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{waiting:ready,ready:in_review,ready:ready_to_sign,in_review:ready_to_sign,ready_to_sign:in_review,ready_to_sign:signed,ready_to_sign:cosigning,cosigning:signed,cosigning:in_review,signed:amended}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                                    hash="a2357fb5f2739cc5560b12e8fb89aa3f33c638a8",
                                    operation="UPDATE",
                                    pgid="pgtrigger_state_follows_the_table_888a2",
                                    table="review_review",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="frozen_once_signed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.state IN ('cosigning', 'signed', 'amended') AND to_jsonb(OLD) - 'state' IS DISTINCT FROM to_jsonb(NEW) - 'state')",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="3838295073fab894ed2d213e88736de24b188816",
                                    operation="UPDATE",
                                    pgid="pgtrigger_frozen_once_signed_e5bb9",
                                    table="review_review",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="kept_once_signed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.\"state\" IN ('cosigning', 'signed', 'amended'))",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="ca82258710a551aac576a11e3a621ae64a278ed0",
                                    operation="DELETE",
                                    pgid="pgtrigger_kept_once_signed_29512",
                                    table="review_review",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="only_with_a_signature",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    constraint="CONSTRAINT",
                                    func="\n    IF NEW.state IN ('cosigning', 'signed', 'amended') AND NOT EXISTS (\n        SELECT 1 FROM review_signature AS s WHERE s.review_id = NEW.id AND CASE NEW.state\n            WHEN 'amended' THEN s.addendum_id IS NOT NULL\n            ELSE s.addendum_id IS NULL AND s.meaning IN ('author-attested', 'co-signed') END\n    ) THEN\n        RAISE EXCEPTION 'A document is signed by its signature alone.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NULL;\n",
                                    hash="1e8afe83357b517db73b35cbc9e84d3cd6d6eb3f",
                                    operation="INSERT OR UPDATE",
                                    pgid="pgtrigger_only_with_a_signature_3e975",
                                    table="review_review",
                                    timing="DEFERRABLE INITIALLY DEFERRED",
                                    when="AFTER",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Addendum",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="addenda",
                                to="review.review",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("addendum", "Addendum"), ("amendment", "Amendment")],
                                max_length=10,
                            ),
                        ),
                        ("reason", models.CharField(max_length=500)),
                        ("text", models.TextField()),
                        (
                            "author",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.membership",
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("changed_at", models.DateTimeField(auto_now=True)),
                    ],
                    options={
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("text", ""), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                ),
                                name="an_addendum_says_what_and_why",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="frozen_once_signed",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    PERFORM 1 FROM review_review WHERE id = OLD.review_id FOR UPDATE;\n    IF EXISTS (SELECT 1 FROM review_signature WHERE addendum_id = OLD.id) THEN\n        RAISE EXCEPTION 'This addendum is signed. It can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                                    hash="93cec9b904c27eaf35efc6ff1a76772b8908f234",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_frozen_once_signed_73e6e",
                                    table="review_addendum",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="only_to_a_signed_document",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF (SELECT state FROM review_review WHERE id = NEW.review_id FOR SHARE)\n        NOT IN ('signed', 'amended')\n    THEN\n        RAISE EXCEPTION 'Only a signed document has addenda.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                                    hash="325c16b2f97e98fde4fa5df18409cdd4458c93f4",
                                    operation="INSERT",
                                    pgid="pgtrigger_only_to_a_signed_document_b5929",
                                    table="review_addendum",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Letterhead",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="letterheads",
                                to="transcripts.practice",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("name", models.CharField(max_length=120)),
                        (
                            "address",
                            models.CharField(blank=True, help_text="Lines.", max_length=400),
                        ),
                        ("phone", models.CharField(blank=True, max_length=60)),
                        (
                            "logo",
                            models.BinaryField(
                                blank=True, help_text="PNG, as this program wrote it; may be empty."
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "ordering": ["practice", "-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "number"),
                                name="letterhead_number_unique_in_practice",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("name", ""), _negated=True), ("number__gte", 1)
                                ),
                                name="a_letterhead_names_the_practice",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="4f7462838e1271ccfbdc35b41051124d0aad305b",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_870cc",
                                    table="review_letterhead",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SigningKey",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signing_keys",
                                to="transcripts.practice",
                            ),
                        ),
                        ("key_id", models.CharField(max_length=16, unique=True)),
                        ("public_key", models.TextField(help_text="PEM.")),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("retired_at", models.DateTimeField(null=True)),
                        (
                            "follows",
                            models.OneToOneField(
                                help_text="The key before.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="followed_by",
                                to="review.signingkey",
                            ),
                        ),
                        (
                            "rotation",
                            models.TextField(
                                blank=True,
                                help_text="The canonical statement that this key follows that one.",
                            ),
                        ),
                        (
                            "rotation_by_old",
                            models.CharField(
                                blank=True,
                                help_text="Ed25519, base64; empty where the old key was lost.",
                                max_length=100,
                            ),
                        ),
                        (
                            "rotation_by_new",
                            models.CharField(
                                blank=True, help_text="Ed25519, base64.", max_length=100
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("retired_at__isnull", True)),
                                fields=("practice",),
                                name="one_active_signing_key_in_a_practice",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("follows__isnull", True),
                                        ("rotation", ""),
                                        ("rotation_by_new", ""),
                                    ),
                                    models.Q(
                                        ("follows__isnull", False),
                                        models.Q(("rotation", ""), _negated=True),
                                        models.Q(("rotation_by_new", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_key_that_follows_says_so",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="only_retired",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.retired_at IS NOT NULL OR to_jsonb(OLD) - 'retired_at' IS DISTINCT FROM to_jsonb(NEW) - 'retired_at')",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="86618ef3c255007a630065848f0b54b0a24192e6",
                                    operation="UPDATE",
                                    pgid="pgtrigger_only_retired_33036",
                                    table="review_signingkey",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="9ce5e0f8561fa73c6b3ab5807a5130567a89ff09",
                                    operation="DELETE",
                                    pgid="pgtrigger_kept_54d9f",
                                    table="review_signingkey",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="after_a_retired_one",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF EXISTS (SELECT FROM review_signingkey WHERE practice_id = NEW.practice_id) AND NOT EXISTS (\n        SELECT FROM review_signingkey\n        WHERE id = NEW.follows_id AND practice_id = NEW.practice_id AND retired_at IS NOT NULL\n    ) THEN\n        RAISE EXCEPTION 'A new signing key follows the retired one of its practice.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                                    hash="d385124a0484dafdd1ea0a8b89af5fd72b122a9f",
                                    operation="INSERT",
                                    pgid="pgtrigger_after_a_retired_one_4928e",
                                    table="review_signingkey",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Signature",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signatures",
                                to="review.review",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(default=1)),
                        (
                            "document",
                            models.TextField(
                                help_text="The canonical JSON (RFC 8785) that was signed."
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64)),
                        (
                            "signature",
                            models.CharField(help_text="Ed25519, base64.", max_length=100),
                        ),
                        (
                            "key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="review.signingkey",
                            ),
                        ),
                        (
                            "signer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "meaning",
                            models.CharField(
                                choices=[
                                    ("author-attested", "Attested by the author"),
                                    ("reviewed", "Reviewed"),
                                    ("co-signed", "Co-signed"),
                                    ("amended", "Amended"),
                                    ("rejected", "Rejected"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "addendum",
                            models.OneToOneField(
                                help_text="What was signed, where it is not the document itself.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signature",
                                to="review.addendum",
                            ),
                        ),
                        ("signed_at", models.DateTimeField()),
                        (
                            "letterhead",
                            models.ForeignKey(
                                help_text="What its copies are printed under; no part of what is signed.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="review.letterhead",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("review", "number"), name="signature_number_unique"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "sha256",
                                        models.Func(
                                            models.Func(
                                                models.Func(
                                                    models.F("document"),
                                                    models.Value("UTF8"),
                                                    function="convert_to",
                                                ),
                                                function="sha256",
                                            ),
                                            models.Value("hex"),
                                            function="encode",
                                        ),
                                    )
                                ),
                                name="signature_hash_is_the_documents",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="d99da74d6707b5d6ac6f6175ea7e32c492eba195",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_199c2",
                                    table="review_signature",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="only_in_its_state",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    DECLARE\n        now_at text;\n        wanted text[];\n    BEGIN\n        SELECT state INTO now_at FROM review_review WHERE id = NEW.review_id FOR UPDATE;\n        wanted := CASE\n            WHEN NEW.addendum_id IS NOT NULL THEN ARRAY['signed', 'amended']\n            WHEN NEW.meaning = 'author-attested' THEN ARRAY['ready_to_sign']\n            WHEN NEW.meaning IN ('co-signed', 'rejected') THEN ARRAY['cosigning']\n            WHEN NEW.meaning = 'reviewed' THEN ARRAY['signed', 'amended']\n            ELSE ARRAY[]::text[]\n        END;\n        IF now_at IS NULL OR now_at != ALL (wanted) OR (\n            now_at = 'ready_to_sign' AND EXISTS (\n                SELECT 1 FROM review_flag WHERE review_id = NEW.review_id AND state = 'open'\n            )\n        ) THEN\n            RAISE EXCEPTION 'Only a review with every marked word resolved can be signed.'\n                USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        IF NEW.letterhead_id IS NOT NULL AND NOT EXISTS (\n            SELECT FROM review_letterhead AS l JOIN review_review AS r USING (practice_id)\n            WHERE l.id = NEW.letterhead_id AND r.id = NEW.review_id\n        ) THEN\n            RAISE EXCEPTION 'A document is printed under the letterhead of its own practice.'\n                USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;\n    END;\n",
                                    hash="4f237c0f76c526138336c7d083944ee7f660f73b",
                                    operation="INSERT",
                                    pgid="pgtrigger_only_in_its_state_370c5",
                                    table="review_signature",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AdverseEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="adverse_events",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "signature",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="adverse_events",
                                to="review.signature",
                            ),
                        ),
                        (
                            "drug",
                            models.CharField(
                                help_text="As said, in small letters.", max_length=100
                            ),
                        ),
                        (
                            "reaction",
                            models.CharField(
                                help_text="As said, in small letters.", max_length=100
                            ),
                        ),
                        (
                            "cue",
                            models.CharField(help_text="The words that join them.", max_length=60),
                        ),
                        (
                            "evidence",
                            models.TextField(help_text="The sentence, or two, of the signed text."),
                        ),
                        (
                            "start",
                            models.DecimalField(
                                decimal_places=3,
                                help_text="Seconds; null where nothing is timed.",
                                max_digits=9,
                                null=True,
                            ),
                        ),
                        (
                            "end",
                            models.DecimalField(
                                decimal_places=3, help_text="Seconds.", max_digits=9, null=True
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "To be decided"),
                                    ("accepted", "Accepted"),
                                    ("rejected", "Rejected"),
                                ],
                                default="open",
                                max_length=8,
                            ),
                        ),
                        (
                            "causality",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("certain", "Certain"),
                                    ("probable", "Probable"),
                                    ("possible", "Possible"),
                                ],
                                max_length=10,
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=300)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(null=True)),
                        ("found_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                fields=["practice", "state", "-id"], name="suspicion_of_practice"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("signature", "drug", "reaction"),
                                name="one_suspicion_of_a_document",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("causality", ""),
                                        ("decided_at__isnull", True),
                                        ("decided_by__isnull", True),
                                        ("reason", ""),
                                        ("state", "open"),
                                    ),
                                    models.Q(
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                        ("state", "accepted"),
                                        models.Q(("causality", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("causality", ""),
                                        ("decided_at__isnull", False),
                                        ("decided_by__isnull", False),
                                        ("state", "rejected"),
                                        models.Q(("reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_decided_suspicion_says_who_when_and_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("end__isnull", True), ("start__isnull", True)),
                                    ("end__gt", models.F("start")),
                                    _connector="OR",
                                ),
                                name="a_suspicion_is_heard_forward",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="only_of_a_signed_document",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF NOT EXISTS (\n        SELECT 1 FROM review_signature AS s JOIN review_review AS r ON r.id = s.review_id\n        WHERE s.id = NEW.signature_id AND r.practice_id = NEW.practice_id\n            AND r.state IN ('signed', 'amended')\n            AND s.meaning IN ('author-attested', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'Adverse events are looked for in signed documents only.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                                    hash="c3f92dd5a3c5930d0d2111e64c4060982d46335e",
                                    operation="INSERT",
                                    pgid="pgtrigger_only_of_a_signed_document_9aadc",
                                    table="review_adverseevent",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="0bb32b5ef6e26a0fe41a5c325413b7adb2c81a67",
                                    operation="DELETE",
                                    pgid="pgtrigger_kept_234e9",
                                    table="review_adverseevent",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="as_found",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."cue" IS DISTINCT FROM (NEW."cue") OR OLD."drug" IS DISTINCT FROM (NEW."drug") OR OLD."end" IS DISTINCT FROM (NEW."end") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."found_at" IS DISTINCT FROM (NEW."found_at") OR OLD."practice_id" IS DISTINCT FROM (NEW."practice_id") OR OLD."reaction" IS DISTINCT FROM (NEW."reaction") OR OLD."signature_id" IS DISTINCT FROM (NEW."signature_id") OR OLD."start" IS DISTINCT FROM (NEW."start"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="39fe4a65b64e0b3deb7ef8fe15d4621c73c59769",
                                    operation="UPDATE",
                                    pgid="pgtrigger_as_found_44921",
                                    table="review_adverseevent",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AdverseEventSearch",
                    fields=[
                        (
                            "signature",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="adverse_event_search",
                                serialize=False,
                                to="review.signature",
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "rules",
                            models.CharField(
                                help_text="Version of the rules and their terms.", max_length=60
                            ),
                        ),
                        ("found", models.PositiveSmallIntegerField()),
                        ("at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="only_of_a_signed_document",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF NOT EXISTS (\n        SELECT 1 FROM review_signature AS s JOIN review_review AS r ON r.id = s.review_id\n        WHERE s.id = NEW.signature_id AND r.practice_id = NEW.practice_id\n            AND r.state IN ('signed', 'amended')\n            AND s.meaning IN ('author-attested', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'Adverse events are looked for in signed documents only.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                                    hash="298c9a3001f652a3dca9dea453a3ce69a8591cee",
                                    operation="INSERT",
                                    pgid="pgtrigger_only_of_a_signed_document_84a88",
                                    table="review_adverseeventsearch",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="5fea652946fa4767d49dd7160bc868277eaebaff",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_05806",
                                    table="review_adverseeventsearch",
                                    when="BEFORE",
                                ),
                            ),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="AuditHead",
                    fields=[
                        ("practice", models.UUIDField(primary_key=True, serialize=False)),
                        ("seq", models.BigIntegerField(default=0)),
                        (
                            "hash",
                            models.CharField(
                                default="0000000000000000000000000000000000000000000000000000000000000000",
                                max_length=64,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("practice", models.UUIDField()),
                        ("seq", models.BigIntegerField()),
                        ("time", models.DateTimeField()),
                        ("actor_id", models.CharField(blank=True, max_length=36)),
                        ("actor_display", models.CharField(max_length=200)),
                        ("actor_role", models.CharField(blank=True, max_length=16)),
                        ("action", models.CharField(max_length=40)),
                        ("object_type", models.CharField(blank=True, max_length=40)),
                        ("object_id", models.CharField(blank=True, max_length=36)),
                        ("object_version", models.CharField(blank=True, max_length=40)),
                        ("outcome", models.CharField(max_length=8)),
                        ("patient", models.CharField(blank=True, max_length=36)),
                        ("detail", models.JSONField(default=dict)),
                        ("request", models.JSONField(default=dict)),
                        ("prev_hash", models.CharField(max_length=64)),
                        ("hash", models.CharField(max_length=64)),
                        (
                            "canonical",
                            models.TextField(
                                help_text="Exactly the text whose SHA-256 is the hash."
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["practice", "seq"],
                        "indexes": [
                            models.Index(
                                fields=["practice", "actor_id", "-seq"],
                                name="review_audi_practic_7ef07c_idx",
                            ),
                            models.Index(
                                fields=["practice", "patient", "-seq"],
                                name="review_audi_practic_c73259_idx",
                            ),
                            models.Index(
                                fields=["practice", "action", "-seq"],
                                name="review_audi_practic_ad6b3d_idx",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "seq"), name="audit_seq_unique_in_chain"
                            ),
                            models.UniqueConstraint(
                                fields=("practice", "prev_hash"), name="audit_never_forks"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditKey",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("key_id", models.CharField(max_length=64, unique=True)),
                        ("public_key", models.TextField(help_text="PEM")),
                        ("endorsement", models.CharField(blank=True, max_length=100)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="AuditCheckpoint",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("practice", models.UUIDField()),
                        ("size", models.BigIntegerField()),
                        ("head", models.CharField(max_length=64)),
                        ("root", models.CharField(max_length=64)),
                        ("time", models.DateTimeField()),
                        ("key_id", models.CharField(max_length=64)),
                        (
                            "prev",
                            models.CharField(
                                default="0000000000000000000000000000000000000000000000000000000000000000",
                                max_length=64,
                            ),
                        ),
                        (
                            "statement",
                            models.TextField(help_text="Exactly the text that was signed."),
                        ),
                        ("signature", models.CharField(max_length=100)),
                        ("frontier", models.JSONField(default=list)),
                    ],
                    options={
                        "ordering": ["practice", "size"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "size"), name="audit_one_checkpoint_a_size"
                            ),
                            models.UniqueConstraint(
                                fields=("practice", "prev"), name="audit_checkpoints_in_line"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditCheck",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("practice", models.UUIDField()),
                        ("began_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(auto_now_add=True)),
                        ("ok", models.BooleanField()),
                        ("size", models.BigIntegerField()),
                        ("head", models.CharField(max_length=64)),
                        ("root", models.CharField(max_length=64)),
                        ("checkpoints", models.BigIntegerField(default=0)),
                        ("broken_seq", models.BigIntegerField(blank=True, null=True)),
                        ("reason", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                fields=["practice", "-id"], name="review_audi_practic_bd00b1_idx"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditSchedule",
                    fields=[
                        (
                            "practice",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="+",
                                serialize=False,
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "rhythm",
                            models.CharField(
                                choices=[
                                    ("daily", "Every day"),
                                    ("weekly", "Every week"),
                                    ("monthly", "Every month"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "form",
                            models.CharField(
                                choices=[
                                    ("jsonl", "JSON Lines"),
                                    ("csv", "CSV"),
                                    ("fhir", "FHIR AuditEvent (NDJSON)"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("due_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="ClientKey",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "access_key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="client_keys",
                                to="transcripts.accesskey",
                            ),
                        ),
                        ("kid", models.CharField(max_length=100)),
                        (
                            "algorithm",
                            models.CharField(
                                choices=[
                                    ("RS384", "RSA, RS384"),
                                    ("ES384", "Elliptic curve P-384, ES384"),
                                ],
                                max_length=5,
                            ),
                        ),
                        ("jwk", models.JSONField(help_text="Public members only.")),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("access_key", "kid"),
                                name="a_client_has_one_key_of_a_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("jwk__has_key", "d"), _negated=True),
                                name="a_client_key_is_a_public_key",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="only_ended",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition="WHEN (OLD.ended_at IS NOT NULL OR to_jsonb(OLD) - 'ended_at' IS DISTINCT FROM to_jsonb(NEW) - 'ended_at')",
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="fee87a3093ae9ffb46988299a0dc41b17c98346a",
                                    operation="UPDATE",
                                    pgid="pgtrigger_only_ended_2ae7b",
                                    table="review_clientkey",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UsedAssertion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "access_key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="transcripts.accesskey",
                            ),
                        ),
                        ("jti", models.CharField(help_text="SHA-256, hex.", max_length=64)),
                        ("expires_at", models.DateTimeField(db_index=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("access_key", "jti"), name="an_assertion_is_taken_once"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Comparison",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="comparisons",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "transcript",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="comparison",
                                to="transcripts.transcript",
                            ),
                        ),
                        ("ours", models.PositiveIntegerField(help_text="Words of the transcript.")),
                        (
                            "theirs",
                            models.PositiveIntegerField(help_text="Words of the other engine's."),
                        ),
                        ("same", models.PositiveIntegerField(help_text="Words that both heard.")),
                        (
                            "kinds",
                            models.JSONField(
                                help_text="By class: of (words of the transcript), differ (places)."
                            ),
                        ),
                        (
                            "places",
                            models.JSONField(
                                help_text="See review.differences.Place; in order of time."
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="55567aa52a9eb9a645b486b37e768b1b163e1abd",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_74ac7",
                                    table="review_comparison",
                                    when="BEFORE",
                                ),
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Destination",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="destinations",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("webhook", "Webhook"), ("mllp", "HL7 v2 (MLLP)")],
                                max_length=8,
                            ),
                        ),
                        ("label", models.CharField(max_length=100)),
                        ("address", models.CharField(max_length=500)),
                        (
                            "news",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("job.completed", "A transcription job completed"),
                                        ("review.ready", "A transcript is ready for review"),
                                        ("document.signed", "A document was signed"),
                                        (
                                            "document.amended",
                                            "A signed document got an addendum or an amendment",
                                        ),
                                    ],
                                    max_length=24,
                                ),
                                size=None,
                            ),
                        ),
                        (
                            "encrypted_secret",
                            models.BinaryField(
                                help_text="Signs a webhook's messages, under the master key; empty for HL7."
                            ),
                        ),
                        (
                            "receiver",
                            models.CharField(
                                blank=True,
                                help_text="HL7's receiving application^facility.",
                                max_length=100,
                            ),
                        ),
                        ("tls", models.BooleanField(default=False, help_text="HL7 over TLS.")),
                        (
                            "created_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "webhook"), _negated=True),
                                    ("address__startswith", "http"),
                                    _connector="OR",
                                ),
                                name="a_webhook_has_a_web_address",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "destination",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deliveries",
                                to="review.destination",
                            ),
                        ),
                        (
                            "number",
                            models.BigIntegerField(
                                help_text="Counts the destination's deliveries; their order."
                            ),
                        ),
                        (
                            "news",
                            models.CharField(
                                choices=[
                                    ("job.completed", "A transcription job completed"),
                                    ("review.ready", "A transcript is ready for review"),
                                    ("document.signed", "A document was signed"),
                                    (
                                        "document.amended",
                                        "A signed document got an addendum or an amendment",
                                    ),
                                ],
                                max_length=24,
                            ),
                        ),
                        (
                            "recording",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.recording",
                            ),
                        ),
                        (
                            "signature",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="review.signature",
                            ),
                        ),
                        (
                            "subject",
                            models.UUIDField(
                                help_text="What the news is of: a job, a review or a signature."
                            ),
                        ),
                        (
                            "again_of",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="repeats",
                                to="review.delivery",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("owed", "Waiting to be sent"),
                                    ("delivered", "Delivered"),
                                    ("given_up", "Given up"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="owed",
                                max_length=10,
                            ),
                        ),
                        ("attempts", models.PositiveIntegerField(default=0)),
                        (
                            "due_at",
                            models.DateTimeField(
                                help_text="Next attempt; null once it is settled.", null=True
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                help_text="What the last attempt came to: a code, never words.",
                                max_length=40,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("settled_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("due_at__isnull", False)),
                                fields=["due_at"],
                                name="delivery_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("destination", "number"),
                                name="delivery_number_unique_in_destination",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("again_of__isnull", True)),
                                fields=("destination", "news", "subject"),
                                name="news_is_owed_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("due_at__isnull", False),
                                        ("settled_at__isnull", True),
                                        ("state", "owed"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "owed"), _negated=True),
                                        ("due_at__isnull", True),
                                        ("settled_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_settled_delivery_is_not_due",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="bb801736b9fb370caa63268f5b7015541f133850",
                                    operation="DELETE",
                                    pgid="pgtrigger_kept_c6193",
                                    table="review_delivery",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Edit",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="edits",
                                to="review.review",
                            ),
                        ),
                        ("seq", models.PositiveIntegerField()),
                        (
                            "op_id",
                            models.UUIDField(
                                help_text="Given by the client, so that a repeat does nothing twice."
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("replace_text", "Text replaced"),
                                    ("replace_range", "Words replaced"),
                                    ("replace_all", "A word replaced everywhere"),
                                    ("confirm", "Words confirmed"),
                                    ("split", "Segment split"),
                                    ("merge", "Segments merged"),
                                    ("speaker", "Speaker changed"),
                                    ("rename_speaker", "Speaker named"),
                                    ("merge_speakers", "Speakers merged"),
                                    ("blank", "Blank left"),
                                    ("query", "Author asked"),
                                    ("undo", "Undone"),
                                    ("redo", "Done again"),
                                    ("early", "Line taken up while the machine still worked"),
                                    ("carry", "Carried over from an older transcript"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "changes",
                            models.JSONField(
                                default=list,
                                help_text="What segments, flags and speakers' names were and are.",
                            ),
                        ),
                        (
                            "touched",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.UUIDField(),
                                default=list,
                                help_text="The segments concerned, the first first.",
                                size=None,
                            ),
                        ),
                        (
                            "undoes",
                            models.OneToOneField(
                                help_text="Undone by this.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="undone_by",
                                to="review.edit",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "ordering": ["seq"],
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["touched"], name="edit_touched"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("review", "seq"), name="edit_seq_unique_in_review"
                            ),
                            models.UniqueConstraint(
                                fields=("review", "op_id"), name="edit_op_unique_in_review"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("kind__in", ("undo", "redo")), ("undoes__isnull", False)
                                    ),
                                    models.Q(
                                        models.Q(("kind__in", ("undo", "redo")), _negated=True),
                                        ("undoes__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_undo_says_of_what",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="aba52a7157812521d4a48d87665673a3872363b9",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_c3704",
                                    table="review_edit",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="frozen_once_signed_insert",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    PERFORM 1 FROM review_review WHERE id IN (NEW.review_id) ORDER BY id FOR SHARE;\n    IF EXISTS (\n        SELECT 1 FROM review_review\n        WHERE id IN (NEW.review_id) AND state IN ('cosigning', 'signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'This document is signed. It can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                                    hash="9cb76855467604d89e605e9dec2935216af7a1ea",
                                    operation="INSERT",
                                    pgid="pgtrigger_frozen_once_signed_insert_96471",
                                    table="review_edit",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Export",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="exports",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("kind", models.CharField(max_length=40)),
                        ("parameters", models.JSONField(default=dict)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("running", "Being made"),
                                    ("ready", "Ready"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                    ("expired", "Removed after its time"),
                                ],
                                default="waiting",
                                max_length=12,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "expires_at",
                            models.DateTimeField(blank=True, help_text="Null: kept", null=True),
                        ),
                        ("done", models.BigIntegerField(default=0)),
                        (
                            "total",
                            models.BigIntegerField(default=0, help_text="0 while it is not known"),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0)),
                        ("token", models.BigIntegerField(default=0)),
                        ("lease_until", models.DateTimeField(blank=True, null=True)),
                        (
                            "key",
                            models.CharField(
                                blank=True, help_text="Of the stored object", max_length=300
                            ),
                        ),
                        ("size", models.BigIntegerField(default=0)),
                        ("sha256", models.CharField(blank=True, max_length=64)),
                        (
                            "found",
                            models.JSONField(
                                default=dict,
                                help_text="What the maker said about it: numbers, hashes",
                            ),
                        ),
                        ("error", models.CharField(blank=True, max_length=60)),
                    ],
                    options={
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                fields=["practice", "-id"], name="review_expo_practic_3d7d6b_idx"
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ("waiting", "running"))),
                                fields=["created_at"],
                                name="export_unfinished",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "ready"), _negated=True),
                                    models.Q(
                                        models.Q(("key", ""), _negated=True),
                                        models.Q(("sha256", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="export_ready_has_its_file",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Play",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plays",
                                to="review.review",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "session",
                            models.CharField(
                                help_text="Which browser: a digest of its session.", max_length=16
                            ),
                        ),
                        (
                            "start",
                            models.DecimalField(
                                decimal_places=3, help_text="Seconds.", max_digits=9
                            ),
                        ),
                        (
                            "end",
                            models.DecimalField(
                                decimal_places=3, help_text="Seconds.", max_digits=9
                            ),
                        ),
                        (
                            "rate",
                            models.DecimalField(
                                decimal_places=2, help_text="1 is as recorded.", max_digits=3
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "ordering": ["id"],
                        "indexes": [
                            models.Index(
                                fields=["review", "user", "session"], name="play_of_a_browser"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("end__gt", models.F("start"))),
                                name="a_play_runs_forward",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("rate__gte", 0.5), ("rate__lte", 2)),
                                name="a_play_can_be_understood",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="c83bc2f18ed97d011b13e23135eca47334c50804",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_e3e3a",
                                    table="review_play",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="frozen_once_signed_insert",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    PERFORM 1 FROM review_review WHERE id IN (NEW.review_id) ORDER BY id FOR SHARE;\n    IF EXISTS (\n        SELECT 1 FROM review_review\n        WHERE id IN (NEW.review_id) AND state IN ('cosigning', 'signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'This document is signed. It can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                                    hash="23807395e2adb8b03cbb3eee575fb0903ac17eac",
                                    operation="INSERT",
                                    pgid="pgtrigger_frozen_once_signed_insert_8ccb6",
                                    table="review_play",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Segment",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="segments",
                                to="review.review",
                            ),
                        ),
                        (
                            "transcript",
                            models.ForeignKey(
                                help_text="Null: a line that was edited while the machine still worked.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reviewed_segments",
                                to="transcripts.transcript",
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                help_text="What it began as; null for one that an edit made.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.machinesegment",
                            ),
                        ),
                        (
                            "origins",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.PositiveIntegerField(),
                                default=list,
                                help_text="Indexes of the machine's segments that its words come from.",
                                size=None,
                            ),
                        ),
                        (
                            "position",
                            models.DecimalField(
                                decimal_places=9,
                                help_text="Order in the transcript; whole for the machine's, with room between.",
                                max_digits=15,
                            ),
                        ),
                        ("removed", models.BooleanField(default=False)),
                        (
                            "start",
                            models.DecimalField(
                                decimal_places=3, help_text="Seconds.", max_digits=9
                            ),
                        ),
                        (
                            "end",
                            models.DecimalField(
                                decimal_places=3, help_text="Seconds.", max_digits=9
                            ),
                        ),
                        ("speaker", models.CharField(blank=True, max_length=20)),
                        ("channel", models.PositiveSmallIntegerField(null=True)),
                        ("text", models.TextField(blank=True)),
                        ("items", models.JSONField()),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "edited_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(
                                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                                fields=("transcript", "position"),
                                name="segment_position_unique_in_transcript",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("removed", False),
                                    models.Q(("items", []), ("text", "")),
                                    _connector="OR",
                                ),
                                name="a_removed_segment_has_no_words",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("end__gte", models.F("start"))),
                                name="review_segment_runs_forward",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="frozen_once_signed_insert",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    PERFORM 1 FROM review_review WHERE id IN (NEW.review_id) ORDER BY id FOR SHARE;\n    IF EXISTS (\n        SELECT 1 FROM review_review\n        WHERE id IN (NEW.review_id) AND state IN ('cosigning', 'signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'This document is signed. It can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                                    hash="cd4b015d0f523e28719da8f3684ce04af9b1b38f",
                                    operation="INSERT",
                                    pgid="pgtrigger_frozen_once_signed_insert_4a815",
                                    table="review_segment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="frozen_once_signed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    PERFORM 1 FROM review_review WHERE id IN (OLD.review_id, NEW.review_id) ORDER BY id FOR SHARE;\n    IF EXISTS (\n        SELECT 1 FROM review_review\n        WHERE id IN (OLD.review_id, NEW.review_id) AND state IN ('cosigning', 'signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'This document is signed. It can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                                    hash="cc601f740c09d9810c425f5ef7122c07a162d11e",
                                    operation="UPDATE",
                                    pgid="pgtrigger_frozen_once_signed_update_e31c2",
                                    table="review_segment",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="frozen_once_signed_delete",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    PERFORM 1 FROM review_review WHERE id IN (OLD.review_id) ORDER BY id FOR SHARE;\n    IF EXISTS (\n        SELECT 1 FROM review_review\n        WHERE id IN (OLD.review_id) AND state IN ('cosigning', 'signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'This document is signed. It can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                                    hash="83f7d244063eb063fa8496fff4848a26351200b8",
                                    operation="DELETE",
                                    pgid="pgtrigger_frozen_once_signed_delete_47e31",
                                    table="review_segment",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Flag",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="flags",
                                to="review.review",
                            ),
                        ),
                        (
                            "segment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="flags",
                                to="review.segment",
                            ),
                        ),
                        (
                            "items",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64),
                                help_text="Ids of the segment's items.",
                                size=None,
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("low_confidence", "The machine was unsure of this word"),
                                    ("no_speech", "Nobody was heard here"),
                                    ("loop", "The machine repeated itself here"),
                                    ("blank", "Something here was not understood"),
                                    ("query", "There is a question for the author"),
                                    ("drug", "A drug and its dose"),
                                    ("dose_range", "An unusual dose"),
                                    ("number_sound", "A number that sounds like another"),
                                    ("sound_alike", "A drug that sounds like another"),
                                    ("allergy", "An allergy"),
                                    ("laterality", "Left or right"),
                                    ("contradiction", "Left here and right elsewhere"),
                                    ("negation", "A word that turns a finding around"),
                                    ("question", "A question without a clear answer"),
                                    ("yes_no", "A sound for yes or no"),
                                    ("unknown_word", "A word of no dictionary"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "note",
                            models.CharField(
                                blank=True, help_text="What is asked, or was typed.", max_length=500
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("confirmed", "Confirmed as heard"),
                                    ("corrected", "Corrected"),
                                    ("superseded", "Left behind with an older transcript"),
                                ],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        (
                            "critical",
                            models.BooleanField(
                                default=False,
                                help_text="Settled only by somebody who has heard its audio.",
                            ),
                        ),
                        (
                            "sentence",
                            models.TextField(
                                blank=True, help_text="What a safety check says about the words."
                            ),
                        ),
                        (
                            "alternatives",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64),
                                default=list,
                                help_text="What may be meant instead.",
                                size=None,
                            ),
                        ),
                        (
                            "play",
                            models.ForeignKey(
                                help_text="The last of what its resolver had played.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="review.play",
                            ),
                        ),
                        (
                            "resolved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("resolved_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "ordering": ["id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "open")),
                                fields=["review"],
                                name="flag_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("resolved_at__isnull", True),
                                        ("resolved_by__isnull", True),
                                        ("state", "open"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True),
                                        ("resolved_at__isnull", False),
                                        ("resolved_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_resolved_flag_says_who_and_when",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("critical", False),
                                    models.Q(
                                        ("state__in", ["confirmed", "corrected"]), _negated=True
                                    ),
                                    ("play__isnull", False),
                                    _connector="OR",
                                ),
                                name="a_critical_flag_is_settled_by_ear",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="frozen_once_signed_insert",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    PERFORM 1 FROM review_review WHERE id IN (NEW.review_id) ORDER BY id FOR SHARE;\n    IF EXISTS (\n        SELECT 1 FROM review_review\n        WHERE id IN (NEW.review_id) AND state IN ('cosigning', 'signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'This document is signed. It can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                                    hash="aca3445f7c011496dc3ba1278a88b99f3bd89258",
                                    operation="INSERT",
                                    pgid="pgtrigger_frozen_once_signed_insert_39fe7",
                                    table="review_flag",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="frozen_once_signed_update",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    PERFORM 1 FROM review_review WHERE id IN (OLD.review_id, NEW.review_id) ORDER BY id FOR SHARE;\n    IF EXISTS (\n        SELECT 1 FROM review_review\n        WHERE id IN (OLD.review_id, NEW.review_id) AND state IN ('cosigning', 'signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'This document is signed. It can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                                    hash="d5c518dda370afb8d060dbc77d6b80774bdc8cda",
                                    operation="UPDATE",
                                    pgid="pgtrigger_frozen_once_signed_update_708d2",
                                    table="review_flag",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="frozen_once_signed_delete",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    PERFORM 1 FROM review_review WHERE id IN (OLD.review_id) ORDER BY id FOR SHARE;\n    IF EXISTS (\n        SELECT 1 FROM review_review\n        WHERE id IN (OLD.review_id) AND state IN ('cosigning', 'signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'This document is signed. It can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                                    hash="b30efbe167e56bdc4e1293e4d1412b3c004ab6a0",
                                    operation="DELETE",
                                    pgid="pgtrigger_frozen_once_signed_delete_9bbfd",
                                    table="review_flag",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Recipient",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recipients",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recipients",
                                to="review.review",
                            ),
                        ),
                        (
                            "signature",
                            models.ForeignKey(
                                help_text="That of the addendum or amendment.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recipients",
                                to="review.signature",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "destination",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recipients",
                                to="review.destination",
                            ),
                        ),
                        (
                            "access_key",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.accesskey",
                            ),
                        ),
                        (
                            "forms",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=24),
                                help_text="pdf, hl7, fhir …",
                                size=None,
                            ),
                        ),
                        ("first_at", models.DateTimeField()),
                        ("last_at", models.DateTimeField()),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("acknowledged_at", models.DateTimeField(null=True)),
                        (
                            "acknowledged_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "delivery",
                            models.ForeignKey(
                                help_text="Which the receiver itself acknowledged.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="review.delivery",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("acknowledged_at__isnull", True)),
                                fields=["practice", "-id"],
                                name="recipient_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("access_key__isnull", True),
                                        ("destination__isnull", True),
                                        ("user__isnull", False),
                                    ),
                                    models.Q(
                                        ("access_key__isnull", True),
                                        ("destination__isnull", False),
                                        ("user__isnull", True),
                                    ),
                                    models.Q(
                                        ("access_key__isnull", False),
                                        ("destination__isnull", True),
                                        ("user__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_recipient_is_a_person_or_a_system",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("acknowledged_at__isnull", True),
                                        ("acknowledged_by__isnull", True),
                                        ("delivery__isnull", True),
                                    ),
                                    models.Q(
                                        ("acknowledged_at__isnull", False),
                                        ("acknowledged_by__isnull", False),
                                        ("delivery__isnull", True),
                                    ),
                                    models.Q(
                                        ("acknowledged_at__isnull", False),
                                        ("acknowledged_by__isnull", True),
                                        ("delivery__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="who_acknowledged_and_when_go_together",
                            ),
                            models.UniqueConstraint(
                                fields=("signature", "user"), name="a_user_is_told_once_of_each"
                            ),
                            models.UniqueConstraint(
                                fields=("signature", "destination"),
                                name="a_destination_is_told_once_of_each",
                            ),
                            models.UniqueConstraint(
                                fields=("signature", "access_key"),
                                name="a_access_key_is_told_once_of_each",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="e6b3a3ff6d4a4ec6da48841bd49b3de9701193f9",
                                    operation="DELETE",
                                    pgid="pgtrigger_kept_497c5",
                                    table="review_recipient",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="of_one_document",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF NOT EXISTS (\n        SELECT FROM review_signature AS s JOIN review_review AS r ON r.id = s.review_id\n        WHERE s.id = NEW.signature_id AND s.addendum_id IS NOT NULL\n            AND r.id = NEW.review_id AND r.practice_id = NEW.practice_id\n    ) THEN\n        RAISE EXCEPTION 'A recipient is told of what was added to this document.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                                    hash="411d8e5881fcc0cd2d939897370e7a42b05a66e7",
                                    operation="INSERT",
                                    pgid="pgtrigger_of_one_document_26339",
                                    table="review_recipient",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="acknowledged_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF OLD.acknowledged_at IS NOT NULL\n        OR to_jsonb(OLD) - '{acknowledged_at,acknowledged_by_id,delivery_id}'::text[]\n            IS DISTINCT FROM\n            to_jsonb(NEW) - '{acknowledged_at,acknowledged_by_id,delivery_id}'::text[]\n    THEN\n        RAISE EXCEPTION 'A recipient acknowledges once, and nothing else changes.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                                    hash="61f5b1d3909c0d11124318c90c750188520fba89",
                                    operation="UPDATE",
                                    pgid="pgtrigger_acknowledged_once_06172",
                                    table="review_recipient",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CheckOff",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="checks_off",
                                to="transcripts.practice",
                            ),
                        ),
                        ("check_name", models.CharField(max_length=20)),
                        ("reason", models.CharField(max_length=200)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("ended_reason", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("practice", "check_name"),
                                name="a_check_is_off_once_in_a_practice",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="a_check_off_has_a_reason",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="a153f195a7230937f6ea0b1f1300be0d216c33ed",
                                    operation="DELETE",
                                    pgid="pgtrigger_kept_be1f6",
                                    table="review_checkoff",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WordLabels",
                    fields=[
                        (
                            "review",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="word_labels",
                                serialize=False,
                                to="review.review",
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                        ("engine", models.CharField(max_length=20)),
                        ("model", models.CharField(max_length=100)),
                        (
                            "specialty",
                            models.CharField(
                                choices=[
                                    ("FAMILYMEDICINE", "Family medicine"),
                                    ("INTERNALMEDICINE", "Internal medicine"),
                                    ("OBGYN", "OB-GYN"),
                                    ("PEDIATRICS", "Pediatrics"),
                                ],
                                max_length=20,
                            ),
                        ),
                        (
                            "type",
                            models.CharField(
                                choices=[
                                    ("DICTATION", "Dictation"),
                                    ("CONVERSATION", "Conversation"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "clinician",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.membership",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                help_text="How the sound came in; no device's name.", max_length=60
                            ),
                        ),
                        (
                            "seconds",
                            models.DecimalField(
                                decimal_places=3, help_text="Of the recording.", max_digits=9
                            ),
                        ),
                        ("signed_at", models.DateTimeField()),
                        (
                            "rules",
                            models.PositiveSmallIntegerField(
                                help_text="Version of the rules of review.threshold."
                            ),
                        ),
                        (
                            "words",
                            models.PositiveIntegerField(
                                help_text="Words of the machine that were judged."
                            ),
                        ),
                        ("changed", models.PositiveIntegerField()),
                        (
                            "added",
                            models.PositiveIntegerField(
                                help_text="Words put where the machine had none."
                            ),
                        ),
                        (
                            "left_out",
                            models.PositiveIntegerField(
                                help_text="Words that the rules do not judge."
                            ),
                        ),
                        (
                            "pace",
                            models.FloatField(
                                help_text="Seconds from one settled mark to the next.", null=True
                            ),
                        ),
                        (
                            "paced",
                            models.PositiveIntegerField(default=0, help_text="How many such gaps."),
                        ),
                        ("columns", models.BinaryField(help_text="See review.threshold.columns.")),
                        ("made_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["practice", "engine", "model", "signed_at"],
                                name="labels_in_time",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("changed__lte", models.F("words"))),
                                name="no_more_changed_than_words",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="bab56688fbe5ac7213aa894a92dab48e71f45995",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_f0520",
                                    table="review_wordlabels",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="only_of_a_signed_document",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF NOT EXISTS (\n        SELECT FROM review_review AS r WHERE r.id = NEW.review_id\n            AND r.practice_id = NEW.practice_id AND r.state IN ('signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'Only a signed document says which words were kept.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                                    hash="f2814680e5b5782a9456a39d3328c6bc928ed65e",
                                    operation="INSERT",
                                    pgid="pgtrigger_only_of_a_signed_document_2b9e2",
                                    table="review_wordlabels",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Calibration",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                        ("engine", models.CharField(max_length=20)),
                        ("model", models.CharField(max_length=100)),
                        ("number", models.PositiveIntegerField()),
                        ("documents", models.PositiveIntegerField()),
                        ("words", models.PositiveIntegerField()),
                        ("changed", models.PositiveIntegerField()),
                        (
                            "upto",
                            models.DateTimeField(
                                help_text="When the last document that it knows was signed."
                            ),
                        ),
                        (
                            "tables",
                            models.JSONField(
                                help_text="By type and class: see review.threshold.calibration."
                            ),
                        ),
                        (
                            "report",
                            models.JSONField(
                                help_text="See review.threshold.judging: plots on unseen documents."
                            ),
                        ),
                        ("fitted_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "engine", "model", "number"),
                                name="calibration_number_unique",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="303986742016cd05c55d234c2707a70e2034869a",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_750e8",
                                    table="review_calibration",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Refit",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "Waiting"),
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("failed", "Failed"),
                                ],
                                default="queued",
                                max_length=8,
                            ),
                        ),
                        ("done", models.PositiveIntegerField(default=0)),
                        ("total", models.PositiveIntegerField(default=0)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("practice",),
                                name="one_refit_of_a_practice_at_a_time",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="ThresholdChange",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                        ("engine", models.CharField(max_length=20)),
                        ("model", models.CharField(max_length=100)),
                        (
                            "specialty",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("FAMILYMEDICINE", "Family medicine"),
                                    ("INTERNALMEDICINE", "Internal medicine"),
                                    ("OBGYN", "OB-GYN"),
                                    ("PEDIATRICS", "Pediatrics"),
                                ],
                                help_text="Empty: every specialty.",
                                max_length=20,
                            ),
                        ),
                        (
                            "type",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("DICTATION", "Dictation"),
                                    ("CONVERSATION", "Conversation"),
                                ],
                                help_text="Empty: both.",
                                max_length=16,
                            ),
                        ),
                        (
                            "ranking",
                            models.CharField(
                                help_text="See review.threshold.curves.RANKINGS.", max_length=10
                            ),
                        ),
                        (
                            "was",
                            models.DecimalField(
                                decimal_places=4,
                                help_text="The value before; null: the default.",
                                max_digits=5,
                                null=True,
                            ),
                        ),
                        ("threshold", models.DecimalField(decimal_places=4, max_digits=5)),
                        (
                            "cutoffs",
                            models.JSONField(
                                help_text="By class of word: raw scores below it are marked."
                            ),
                        ),
                        (
                            "floor",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="Every word below this confidence is marked.",
                                max_digits=3,
                            ),
                        ),
                        (
                            "calibration",
                            models.ForeignKey(
                                help_text="Null: the prior.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="review.calibration",
                            ),
                        ),
                        (
                            "expected",
                            models.JSONField(help_text="The figures that the manager was shown."),
                        ),
                        ("reason", models.CharField(max_length=200)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                fields=["practice", "engine", "model", "-id"], name="line_in_force"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("floor__gte", 0),
                                    ("floor__lte", 1),
                                    ("threshold__gte", 0),
                                    ("threshold__lte", 1),
                                ),
                                name="a_chosen_threshold_is_a_share",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="a_chosen_threshold_has_a_reason",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="f83d04abe95d07170051acf3d7127bbacdbe79ec",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_9a30a",
                                    table="review_thresholdchange",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DriftAlarm",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "watched",
                            models.CharField(
                                choices=[
                                    ("engine", "Engine"),
                                    ("clinician", "Clinician"),
                                    ("source", "Microphone or source"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "key",
                            models.CharField(
                                help_text="Engine and model, member's id, or source.",
                                max_length=130,
                            ),
                        ),
                        (
                            "way",
                            models.CharField(
                                choices=[
                                    ("up", "More words are changed"),
                                    ("down", "Fewer words are changed"),
                                ],
                                max_length=4,
                            ),
                        ),
                        (
                            "before",
                            models.FloatField(
                                help_text="Changed words per 1,000 of the first documents."
                            ),
                        ),
                        (
                            "after",
                            models.FloatField(
                                help_text="The same since the change seems to have begun."
                            ),
                        ),
                        (
                            "documents",
                            models.PositiveIntegerField(help_text="Documents since then."),
                        ),
                        (
                            "since",
                            models.DateTimeField(help_text="When the change seems to have begun."),
                        ),
                        (
                            "upto",
                            models.DateTimeField(
                                help_text="When the document that raised it was signed."
                            ),
                        ),
                        ("opened_at", models.DateTimeField(auto_now_add=True)),
                        ("acknowledged_at", models.DateTimeField(null=True)),
                        (
                            "acknowledged_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=200)),
                        (
                            "anew",
                            models.BooleanField(
                                default=False,
                                help_text="What is usual is learnt anew from documents after it.",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("acknowledged_at__isnull", True)),
                                fields=("practice", "watched", "key", "way"),
                                name="one_open_alarm_of_a_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("acknowledged_at__isnull", True),
                                        ("acknowledged_by__isnull", True),
                                        ("note", ""),
                                    ),
                                    models.Q(
                                        ("acknowledged_at__isnull", False),
                                        ("acknowledged_by__isnull", False),
                                        models.Q(("note", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_acknowledged_alarm_says_who_and_why",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="603b2de9d6d164afdb4740e3a4b4b358ad75134e",
                                    operation="DELETE",
                                    pgid="pgtrigger_kept_e78c8",
                                    table="review_driftalarm",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SearchEntry",
                    fields=[
                        (
                            "review",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="search",
                                serialize=False,
                                to="review.review",
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                        ("words", django.contrib.postgres.search.SearchVectorField()),
                        (
                            "stale",
                            models.BooleanField(
                                default=False, help_text="Names or words have changed since."
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["words"], name="search_words"
                            ),
                            models.Index(
                                condition=models.Q(("stale", True)),
                                fields=["review"],
                                name="search_stale",
                            ),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="TurnaroundRule",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "type",
                            models.CharField(
                                choices=[
                                    ("DICTATION", "Dictation"),
                                    ("CONVERSATION", "Conversation"),
                                ],
                                max_length=16,
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "Routine"), (1, "Urgent"), (2, "Stat")]
                            ),
                        ),
                        ("minutes", models.PositiveIntegerField()),
                        (
                            "changed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("changed_at", models.DateTimeField(auto_now=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "type", "priority"),
                                name="one_turnaround_rule_for_a_kind",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minutes__gte", 1), ("minutes__lte", 525600)),
                                name="turnaround_up_to_a_year",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("priority__in", [0, 1, 2])),
                                name="turnaround_of_a_priority",
                            ),
                        ]
                    },
                ),
            ]
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
