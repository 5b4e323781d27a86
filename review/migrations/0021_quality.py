"""Second reviews, and what signed documents correct; policies by practice as in 0018."""

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models
from transcripts.schema import CreateModels


TABLES = (
    "review_qualityrule",
    "review_qualitydraw",
    "review_secondreview",
    "review_finding",
    "review_dispute",
    "review_remark",
    "review_corrections",
    "review_termdecision",
)
PRACTICE = "(SELECT current_setting('countersign.practice', true))"
ENABLE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_practice ON {table}
USING ({practice} IN ('everywhere', practice_id::text))
WITH CHECK ({practice} IN ('everywhere', practice_id::text));
"""
DISABLE = """
DROP POLICY of_practice ON {table};
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


def policy(table):
    names = {"table": table, "practice": PRACTICE}
    return migrations.RunSQL(ENABLE.format(**names), DISABLE.format(**names))


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0001_squashed_0020_search"),
        ("transcripts", "0001_squashed_0009_rows_of_a_practice"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Finding",
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
                            "by_hand",
                            models.BooleanField(
                                default=False, help_text="Marked in the signed text, no place."
                            ),
                        ),
                        (
                            "first",
                            models.PositiveIntegerField(
                                help_text="First word of the signed document."
                            ),
                        ),
                        ("last", models.PositiveIntegerField(help_text="The word after the last.")),
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
                            "heard",
                            models.TextField(blank=True, help_text="What the machine had said."),
                        ),
                        (
                            "stands",
                            models.TextField(blank=True, help_text="What the signed text says."),
                        ),
                        (
                            "said",
                            models.TextField(
                                blank=True, help_text="What the second reviewer heard."
                            ),
                        ),
                        ("first_changed", models.BooleanField(default=False)),
                        ("second_changed", models.BooleanField(default=False)),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("open", "To be decided"),
                                    ("signed_wrong", "The signed text is wrong"),
                                    ("second_wrong", "The signed text is right, mine was wrong"),
                                    ("either", "Both are right"),
                                ],
                                default="open",
                                max_length=12,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("drug", "Wrong drug"),
                                    ("dose", "Wrong dose, strength or unit"),
                                    ("side", "Wrong side or site"),
                                    ("negation", "Finding turned around"),
                                    ("value", "Wrong value or date"),
                                    ("term", "Wrong diagnosis or procedure"),
                                    ("patient", "Wrong patient, author or encounter"),
                                    ("omitted", "Words left out"),
                                    ("added", "Words that were not said"),
                                    ("word", "Wrong word"),
                                    ("blank", "Blank that can be understood"),
                                    ("speaker", "Wrong speaker"),
                                    ("spelling", "Spelling"),
                                    ("grammar", "Grammar or punctuation"),
                                    ("style", "Format or style"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("critical", "Critical"),
                                    ("major", "Major"),
                                    ("minor", "Minor"),
                                    ("feedback", "Feedback"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=500)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["first", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="Dispute",
                    fields=[
                        (
                            "finding",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="dispute",
                                serialize=False,
                                to="review.finding",
                            ),
                        ),
                        ("opened_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("stands", "The finding stands"),
                                    ("changed", "Another severity"),
                                    ("struck", "It was no error"),
                                ],
                                max_length=7,
                            ),
                        ),
                        (
                            "severity",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("critical", "Critical"),
                                    ("major", "Major"),
                                    ("minor", "Minor"),
                                    ("feedback", "Feedback"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("resolved_at", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="QualityDraw",
                    fields=[
                        (
                            "review",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="quality_draw",
                                serialize=False,
                                to="review.review",
                            ),
                        ),
                        (
                            "seed",
                            models.CharField(
                                help_text="The digest that the author signed.", max_length=64
                            ),
                        ),
                        (
                            "number",
                            models.PositiveIntegerField(
                                help_text="See review.quality.draw.number."
                            ),
                        ),
                        (
                            "percent",
                            models.PositiveSmallIntegerField(help_text="What the rules asked for."),
                        ),
                        ("drawn", models.BooleanField()),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "subject",
                            models.ForeignKey(
                                help_text="Whose review it was.",
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="QualityRule",
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
                            "percent",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MaxValueValidator(100)]
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "changed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                            "reviewer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Remark",
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
                        ("text", models.CharField(max_length=1000)),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                    ],
                    options={
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="SecondReview",
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
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting for somebody who did not work on it"),
                                    ("blind", "Being corrected, blind"),
                                    ("compare", "Being compared"),
                                    ("closed", "Closed"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="waiting",
                                max_length=9,
                            ),
                        ),
                        (
                            "typed",
                            models.JSONField(
                                default=dict, help_text="Corrected lines by the segment's index."
                            ),
                        ),
                        (
                            "independent",
                            models.BooleanField(
                                help_text="Whether the reviewer had not looked at the signed text before.",
                                null=True,
                            ),
                        ),
                        (
                            "rules",
                            models.PositiveSmallIntegerField(
                                help_text="Version of the rubric.", null=True
                            ),
                        ),
                        (
                            "words",
                            models.PositiveIntegerField(
                                help_text="Words of the signed document.", null=True
                            ),
                        ),
                        (
                            "both",
                            models.PositiveIntegerField(
                                help_text="Machine errors found by both.", null=True
                            ),
                        ),
                        ("first_only", models.PositiveIntegerField(null=True)),
                        ("second_only", models.PositiveIntegerField(null=True)),
                        ("score", models.PositiveIntegerField(null=True)),
                        ("points", models.PositiveIntegerField(null=True)),
                        ("passed", models.BooleanField(null=True)),
                        (
                            "by_lines",
                            models.PositiveIntegerField(
                                help_text="100 less points a 100 lines.", null=True
                            ),
                        ),
                        (
                            "score_at_close",
                            models.PositiveIntegerField(help_text="Before any dispute.", null=True),
                        ),
                        (
                            "reason",
                            models.CharField(
                                blank=True, help_text="Why it was withdrawn.", max_length=500
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "review",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="second_reviews",
                                to="review.review",
                            ),
                        ),
                        (
                            "reviewer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "subject",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["id"],
                    },
                ),
                migrations.AddField(
                    model_name="finding",
                    name="second",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="review.secondreview",
                    ),
                ),
                migrations.CreateModel(
                    name="TermDecision",
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
                        ("heard", models.CharField(max_length=255)),
                        ("written", models.CharField(max_length=255)),
                        (
                            "choice",
                            models.CharField(
                                choices=[
                                    ("added", "Added to a vocabulary"),
                                    ("dismissed", "Dismissed"),
                                ],
                                max_length=9,
                            ),
                        ),
                        (
                            "vocabulary",
                            models.CharField(
                                blank=True, help_text="Its name, if added.", max_length=200
                            ),
                        ),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
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
                    ],
                    options={
                        "ordering": ["-id"],
                    },
                ),
                migrations.CreateModel(
                    name="Corrections",
                    fields=[
                        (
                            "review",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="corrections",
                                serialize=False,
                                to="review.review",
                            ),
                        ),
                        (
                            "pairs",
                            models.JSONField(
                                help_text="Lists: heard, written, start and end in seconds."
                            ),
                        ),
                        ("signed_at", models.DateTimeField()),
                        ("at", models.DateTimeField(auto_now_add=True)),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.practice",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "corrections",
                        "indexes": [
                            models.Index(
                                fields=["practice", "signed_at"], name="corrections_in_time"
                            )
                        ],
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="corrections",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="9930110716f173dc8d5700b44c376e4eae742b61",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_df29b",
                            table="review_corrections",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="corrections",
                    trigger=pgtrigger.compiler.Trigger(
                        name="signed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF NOT EXISTS (\n        SELECT FROM review_review AS r WHERE r.id = NEW.review_id\n            AND r.practice_id = NEW.practice_id AND r.state IN ('signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'Only a signed document says which words were kept.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                            hash="1ddab9ebd854806d3b7f246073b3a33d981e682c",
                            operation="INSERT",
                            pgid="pgtrigger_signed_4e5b4",
                            table="review_corrections",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddField(
                    model_name="remark",
                    name="dispute",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remarks",
                        to="review.dispute",
                    ),
                ),
                migrations.AddField(
                    model_name="dispute",
                    name="opened_by",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddField(
                    model_name="dispute",
                    name="practice",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="transcripts.practice",
                    ),
                ),
                migrations.AddField(
                    model_name="dispute",
                    name="resolved_by",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AddConstraint(
                    model_name="qualitydraw",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("drawn", True),
                                (
                                    "number__lt",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("percent"), "*", models.Value(10000)
                                    ),
                                ),
                            ),
                            models.Q(
                                ("drawn", False),
                                (
                                    "number__gte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("percent"), "*", models.Value(10000)
                                    ),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="chance_alone_draws",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="qualitydraw",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="86ce860efa1c12e8aeeba169e7190a5e0274212f",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_6e410",
                            table="review_qualitydraw",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="qualitydraw",
                    trigger=pgtrigger.compiler.Trigger(
                        name="signed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF NOT EXISTS (\n        SELECT FROM review_review AS r WHERE r.id = NEW.review_id\n            AND r.practice_id = NEW.practice_id AND r.state IN ('signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'Only a signed document says which words were kept.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                            hash="fc0f934302a12a89ca8b8c1f345f0d3eaeb772a0",
                            operation="INSERT",
                            pgid="pgtrigger_signed_1528d",
                            table="review_qualitydraw",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="qualityrule",
                    constraint=models.UniqueConstraint(
                        fields=("practice", "reviewer", "type"),
                        name="one_quality_rule_for_a_kind",
                        nulls_distinct=False,
                    ),
                ),
                migrations.AddConstraint(
                    model_name="qualityrule",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("percent__lte", 100)), name="quality_rule_is_a_share"
                    ),
                ),
                migrations.AddIndex(
                    model_name="secondreview",
                    index=models.Index(
                        fields=["practice", "state", "ended_at"], name="second_in_time"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="secondreview",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("state__in", ("closed", "withdrawn")), _negated=True),
                        fields=("review",),
                        name="one_open_second_review_of_a_document",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="secondreview",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("reviewer", models.F("subject")), _negated=True),
                        name="nobody_reviews_their_own_review",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="secondreview",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "withdrawn"]),
                            ("reviewer__isnull", False),
                            _connector="OR",
                        ),
                        name="a_second_review_has_its_reviewer",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="secondreview",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "closed"), _negated=True),
                            models.Q(
                                ("both__isnull", False),
                                ("ended_at__isnull", False),
                                ("score__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_closed_second_review_has_its_score",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="secondreview",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "withdrawn"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_withdrawn_second_review_says_why",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="secondreview",
                    trigger=pgtrigger.compiler.Trigger(
                        name="signed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF NOT EXISTS (\n        SELECT FROM review_review AS r WHERE r.id = NEW.review_id\n            AND r.practice_id = NEW.practice_id AND r.state IN ('signed', 'amended')\n    ) THEN\n        RAISE EXCEPTION 'Only a signed document says which words were kept.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                            hash="b02612a23387d340e542f64e0a8931c125af3036",
                            operation="INSERT",
                            pgid="pgtrigger_signed_1521d",
                            table="review_secondreview",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="secondreview",
                    trigger=pgtrigger.compiler.Trigger(
                        name="by_another",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF NEW.reviewer_id IS NOT NULL AND (\n        EXISTS (SELECT FROM review_edit WHERE review_id = NEW.review_id AND by_id = NEW.reviewer_id)\n        OR EXISTS (SELECT FROM review_flag\n            WHERE review_id = NEW.review_id AND resolved_by_id = NEW.reviewer_id)\n        OR EXISTS (SELECT FROM review_signature\n            WHERE review_id = NEW.review_id AND signer_id = NEW.reviewer_id)\n        OR EXISTS (SELECT FROM review_review AS r\n            JOIN transcripts_recording AS rec ON rec.id = r.recording_id\n            JOIN transcripts_membership AS m ON m.id = rec.author_id\n            WHERE r.id = NEW.review_id AND m.user_id = NEW.reviewer_id)\n    ) THEN\n        RAISE EXCEPTION 'Somebody who worked on a document does not review it a second time.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                            hash="f3f207478b120631c11a414332a41ca949a2098f",
                            operation='INSERT OR UPDATE OF "reviewer_id"',
                            pgid="pgtrigger_by_another_9864d",
                            table="review_secondreview",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="secondreview",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept_once_over",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF TG_OP = 'DELETE' THEN\n        RAISE EXCEPTION 'A second review is kept.' USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF OLD.state IN ('closed', 'withdrawn') AND\n        to_jsonb(OLD) - ARRAY['score', 'points', 'passed', 'by_lines', 'first_only', 'second_only']\n        IS DISTINCT FROM\n        to_jsonb(NEW) - ARRAY['score', 'points', 'passed', 'by_lines', 'first_only', 'second_only']\n    THEN\n        RAISE EXCEPTION 'This second review is over. It can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                            hash="8a7b598af4c6bc64038865616f07d95c08699a03",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_kept_once_over_acb3e",
                            table="review_secondreview",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="finding",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))),
                        name="finding_runs_forward",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="finding",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("verdict", "signed_wrong"),
                                models.Q(("kind", ""), _negated=True),
                                ("severity__in", ["critical", "major", "minor", "feedback"]),
                            ),
                            models.Q(
                                models.Q(("verdict", "signed_wrong"), _negated=True),
                                ("kind", ""),
                                ("severity", ""),
                            ),
                            _connector="OR",
                        ),
                        name="an_error_has_class_and_severity",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="finding",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("by_hand", False), ("verdict", "signed_wrong"), _connector="OR"
                        ),
                        name="what_is_marked_by_hand_is_an_error",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="finding",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept_once_closed",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    PERFORM 1 FROM review_secondreview WHERE id = COALESCE(NEW.second_id, OLD.second_id) FOR SHARE;\n    IF EXISTS (\n        SELECT FROM review_secondreview\n        WHERE id IN (NEW.second_id, OLD.second_id) AND state IN ('closed', 'withdrawn')\n    ) THEN\n        RAISE EXCEPTION 'This second review is over. Its findings can no longer change.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    RETURN NEW;\n",
                            hash="3bb773f47eb848b93394e494aabda2ba981961db",
                            operation="INSERT OR UPDATE OR DELETE",
                            pgid="pgtrigger_kept_once_closed_7921d",
                            table="review_finding",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="termdecision",
                    constraint=models.UniqueConstraint(
                        fields=("practice", "heard", "written"), name="one_decision_on_a_correction"
                    ),
                ),
                migrations.AddConstraint(
                    model_name="remark",
                    constraint=models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="a_remark_has_words"
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="remark",
                    trigger=pgtrigger.compiler.Trigger(
                        name="append_only",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                            hash="2b9aefb8fbf0357d0ac56c9c316086b97fddbe83",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_append_only_2ccd5",
                            table="review_remark",
                            when="BEFORE",
                        ),
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dispute",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome", ""),
                                ("resolved_at__isnull", True),
                                ("resolved_by__isnull", True),
                            ),
                            models.Q(
                                models.Q(("outcome", ""), _negated=True),
                                ("resolved_at__isnull", False),
                                ("resolved_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_resolved_dispute_says_who_and_how",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dispute",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("outcome", "changed"),
                                ("severity__in", ["critical", "major", "minor", "feedback"]),
                            ),
                            models.Q(
                                models.Q(("outcome", "changed"), _negated=True), ("severity", "")
                            ),
                            _connector="OR",
                        ),
                        name="a_changed_finding_has_another_severity",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="dispute",
                    constraint=models.CheckConstraint(
                        condition=models.Q(
                            ("resolved_by__isnull", True),
                            models.Q(("resolved_by", models.F("opened_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_resolves_their_own_dispute",
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="of_a_closed_one",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF NOT EXISTS (\n        SELECT FROM review_finding AS f JOIN review_secondreview AS s ON s.id = f.second_id\n        WHERE f.id = NEW.finding_id AND s.state = 'closed' AND f.verdict = 'signed_wrong'\n    ) THEN\n        RAISE EXCEPTION 'Only an error of a closed second review can be disputed.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                            hash="f15b36b181954a6b5e43c491e67dba9b3b07cfff",
                            operation="INSERT",
                            pgid="pgtrigger_of_a_closed_one_a19be",
                            table="review_dispute",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                            hash="09794b308231ca9be98b36ad246f352feda4d5bc",
                            operation="DELETE",
                            pgid="pgtrigger_kept_7c15e",
                            table="review_dispute",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept_once_resolved",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."resolved_at" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="2fe9354f568063570887eb6bcfec20459b1c9761",
                            operation="UPDATE",
                            pgid="pgtrigger_kept_once_resolved_26a19",
                            table="review_dispute",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
        *[policy(table) for table in TABLES],
    ]
