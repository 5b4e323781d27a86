"""Tables of speech to text, what ties their rows to a practice, and who sees which."""

import datetime
import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import uuid
import uuid_utils.compat
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models
from transcripts.schema import CreateModels

# A row that belongs to a practice can't point to another practice's: table, column, other table.
POINTERS = (
    ("transcripts_recording", "patient_id", "transcripts_patient"),
    ("transcripts_recording", "author_id", "transcripts_membership"),
    ("transcripts_medicaltranscriptionjob", "recording_id", "transcripts_recording"),
    ("transcripts_medicaltranscriptionjob", "vocabulary_id", "transcripts_medicalvocabulary"),
    ("transcripts_livestream", "patient_id", "transcripts_patient"),
    ("transcripts_livestream", "author_id", "transcripts_membership"),
    ("transcripts_livestream", "recording_id", "transcripts_recording"),
    ("transcripts_livestream", "vocabulary_id", "transcripts_medicalvocabulary"),
    ("transcripts_shadow", "job_id", "transcripts_medicaltranscriptionjob"),
    ("transcripts_emergencyaccess", "member_id", "transcripts_membership"),
    ("transcripts_emergencyaccess", "patient_id", "transcripts_patient"),
    ("transcripts_emergencyaccess", "reviewed_by_id", "transcripts_membership"),
)
SAME_PRACTICE = """
ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_practice
FOREIGN KEY (practice_id, {column}) REFERENCES {other} (practice_id, id)
DEFERRABLE INITIALLY DEFERRED;
"""

# Binding for every role but the tables' owner (see transcripts.tenancy).
TABLES = (
    "transcripts_patient",
    "transcripts_recording",
    "transcripts_medicaltranscriptionjob",
    "transcripts_livestream",
    "transcripts_shadow",
    "transcripts_medicalvocabulary",
    "transcripts_emergencyaccess",
)
PRACTICE = "(SELECT current_setting('countersign.practice', true))"
OF_PRACTICE = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_practice ON {table}
USING ({practice} IN ('everywhere', practice_id::text))
WITH CHECK ({practice} IN ('everywhere', practice_id::text));
"""

SQL = "".join(
    [
        SAME_PRACTICE.format(table=table, column=column, other=other)
        for table, column, other in POINTERS
    ]
    + [OF_PRACTICE.format(table=table, practice=PRACTICE) for table in TABLES]
)


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("transcripts", "0001_initial"),
        ("transcripts", "0002_key_map"),
        ("transcripts", "0003_shadow"),
        ("transcripts", "0004_live_streams"),
        ("transcripts", "0005_cosigned"),
        ("transcripts", "0006_access"),
        ("transcripts", "0007_at_rest"),
        ("transcripts", "0008_same_practice"),
        ("transcripts", "0009_rows_of_a_practice"),
    ]

    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Practice",
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
                        ("name", models.CharField(max_length=200)),
                        (
                            "bucket",
                            models.CharField(
                                help_text="The practice's bucket, where AWS clients put media and find results.",
                                max_length=64,
                                unique=True,
                            ),
                        ),
                        (
                            "confidence_threshold",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.80"),
                                help_text="Machine words below this confidence are marked for review.",
                                max_digits=3,
                                validators=[
                                    django.core.validators.MinValueValidator(Decimal("0")),
                                    django.core.validators.MaxValueValidator(Decimal("1")),
                                ],
                            ),
                        ),
                        (
                            "engine",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("local", "On this site"),
                                    ("aws", "Amazon Transcribe Medical"),
                                ],
                                help_text="Empty: the site's default.",
                                max_length=20,
                            ),
                        ),
                        (
                            "signed_copies",
                            models.BooleanField(
                                default=False,
                                help_text="Write signed documents beside an AWS client's results.",
                            ),
                        ),
                        (
                            "shadow",
                            models.BooleanField(
                                default=False,
                                help_text="Where the site has COUNTERSIGN_SHADOW=aws: also send each finished recording to Amazon Transcribe Medical, at a cost, and show where both transcripts differ.",
                            ),
                        ),
                        (
                            "keep_streams",
                            models.BooleanField(
                                default=True,
                                help_text="Live streams of AWS clients become recordings; off: nothing of them is stored.",
                            ),
                        ),
                        (
                            "second_factor_roles",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(
                                    choices=[
                                        ("editor", "Transcription editor"),
                                        ("clinician", "Clinician"),
                                        ("manager", "Practice manager"),
                                        ("auditor", "Auditor"),
                                    ],
                                    max_length=16,
                                ),
                                blank=True,
                                default=list,
                                help_text="Roles that must have a second factor.",
                                size=None,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confidence_threshold__gte", 0),
                                    ("confidence_threshold__lte", 1),
                                ),
                                name="practice_threshold_is_a_share",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        (
                            "last_login",
                            models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                error_messages={
                                    "unique": "A user with that username already exists."
                                },
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                unique=True,
                                validators=[
                                    django.contrib.auth.validators.UnicodeUsernameValidator()
                                ],
                                verbose_name="username",
                            ),
                        ),
                        (
                            "first_name",
                            models.CharField(blank=True, max_length=150, verbose_name="first name"),
                        ),
                        (
                            "last_name",
                            models.CharField(blank=True, max_length=150, verbose_name="last name"),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True, max_length=254, verbose_name="email address"
                            ),
                        ),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False,
                                help_text="Designates whether the user can log into this admin site.",
                                verbose_name="staff status",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "date_joined",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="date joined"
                            ),
                        ),
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
                            "key_map",
                            models.JSONField(
                                blank=True,
                                default=dict,
                                help_text="Own keys and habits of the review screen; what is absent is as it comes.",
                            ),
                        ),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "user",
                        "verbose_name_plural": "users",
                        "abstract": False,
                    },
                    managers=[("objects", django.contrib.auth.models.UserManager())],
                ),
                migrations.CreateModel(
                    name="AccessKey",
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
                        ("access_key_id", models.CharField(max_length=32, unique=True)),
                        ("encrypted_secret", models.BinaryField()),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="access_keys",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="access_keys",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("label", models.CharField(blank=True, max_length=100)),
                        (
                            "scopes",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                default=list,
                                help_text="Empty allows every operation.",
                                size=None,
                            ),
                        ),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="PracticeKey",
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
                                related_name="media_keys",
                                to="transcripts.practice",
                            ),
                        ),
                        ("wrapped", models.BinaryField()),
                        (
                            "master",
                            models.CharField(
                                help_text="Id of the master key that wraps it.", max_length=16
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("retired_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("retired_at__isnull", True)),
                                fields=("practice",),
                                name="one_active_media_key_in_a_practice",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="DataKey",
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
                                related_name="data_keys",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "folder",
                            models.CharField(
                                help_text="Whose objects it opens.", max_length=200, unique=True
                            ),
                        ),
                        (
                            "wrapped_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="data_keys",
                                to="transcripts.practicekey",
                            ),
                        ),
                        ("wrapped", models.BinaryField()),
                        (
                            "all_sealed",
                            models.BooleanField(
                                default=True,
                                help_text="An object of the folder that is not encrypted is refused.",
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="kept_on_hold",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF EXISTS (\n        SELECT 1 FROM transcripts_recording AS r JOIN transcripts_hold AS h\n            ON h.recording_id = r.id OR h.patient_id = r.patient_id\n        WHERE r.media = OLD.folder || '/media' AND h.lifted_at IS NULL\n    ) THEN\n        RAISE EXCEPTION 'This recording is on hold. Nothing of it is removed.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN OLD;\n",
                                    hash="a40925c4d75393ef31bea588878c6db5a9c1ac85",
                                    operation="DELETE",
                                    pgid="pgtrigger_kept_on_hold_ce734",
                                    table="transcripts_datakey",
                                    when="BEFORE",
                                ),
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="RetentionRule",
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
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="retention",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "audio_days",
                            models.PositiveIntegerField(
                                help_text="Days from the last signature until the audio is removed.",
                                null=True,
                            ),
                        ),
                        (
                            "draft_days",
                            models.PositiveIntegerField(
                                help_text="Days without any work until what was never signed is removed.",
                                null=True,
                            ),
                        ),
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
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("audio_days__isnull", True),
                                        ("audio_days__gte", 1),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("draft_days__isnull", True),
                                        ("draft_days__gte", 1),
                                        _connector="OR",
                                    ),
                                ),
                                name="nothing_goes_on_its_first_day",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Patient",
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
                                related_name="patients",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "mrn",
                            models.CharField(max_length=64, verbose_name="medical record number"),
                        ),
                        ("name", models.CharField(max_length=200)),
                        ("birth_date", models.DateField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "mrn"), name="one_patient_for_an_mrn"
                            ),
                            models.UniqueConstraint(
                                fields=("practice", "id"), name="patient_of_practice"
                            ),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Membership",
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
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "practice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("editor", "Transcription editor"),
                                    ("clinician", "Clinician"),
                                    ("manager", "Practice manager"),
                                    ("auditor", "Auditor"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("printed_name", models.CharField(blank=True, max_length=200)),
                        ("title", models.CharField(blank=True, max_length=100)),
                        ("licence", models.CharField(blank=True, max_length=100)),
                        (
                            "cosigned",
                            models.BooleanField(
                                default=False,
                                help_text="What this clinician signs needs another clinician's co-signature.",
                            ),
                        ),
                        (
                            "disabled_at",
                            models.DateTimeField(
                                blank=True,
                                help_text="Set: the person has no access any more; history stays.",
                                null=True,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "practice"), name="one_role_in_a_practice"
                            ),
                            models.UniqueConstraint(
                                fields=("practice", "id"), name="member_of_practice"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("role", "clinician"), _negated=True),
                                    models.Q(("printed_name", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="a_clinician_has_a_printed_name",
                            ),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="Recording",
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
                                related_name="recordings",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="recordings",
                                to="transcripts.patient",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="authored_recordings",
                                to="transcripts.membership",
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("UPLOAD", "Upload"),
                                    ("API", "AWS client"),
                                    ("STREAM", "Live"),
                                ],
                                default="UPLOAD",
                                max_length=8,
                            ),
                        ),
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
                        ("encounter_date", models.DateField()),
                        ("original_name", models.CharField(max_length=255)),
                        (
                            "media",
                            models.CharField(
                                help_text="Key in the storage.", max_length=200, unique=True
                            ),
                        ),
                        (
                            "playback",
                            models.CharField(
                                blank=True,
                                help_text="Key of a copy for browsers that can't play the media.",
                                max_length=200,
                            ),
                        ),
                        ("size", models.BigIntegerField(help_text="Bytes.")),
                        ("sha256", models.CharField(max_length=64)),
                        ("media_format", models.CharField(max_length=8)),
                        ("codec", models.CharField(max_length=40)),
                        ("sample_rate", models.PositiveIntegerField(help_text="Hertz.")),
                        (
                            "playable",
                            models.BooleanField(help_text="Browsers can play the media as it is."),
                        ),
                        ("channels", models.PositiveSmallIntegerField()),
                        (
                            "duration",
                            models.DecimalField(
                                decimal_places=3, help_text="Seconds.", max_digits=9
                            ),
                        ),
                        (
                            "peaks",
                            models.CharField(
                                help_text="Key of the waveform's peaks.", max_length=200
                            ),
                        ),
                        (
                            "live_seq",
                            models.BigIntegerField(
                                default=0,
                                help_text="Number of the last live message about this recording.",
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["practice", "-created_at"],
                                name="transcripts_practic_64ee87_idx",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "id"), name="recording_of_practice"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("duration__gt", 0)), name="recording_has_sound"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("channels__gte", 1), ("channels__lte", 2)),
                                name="recording_is_mono_or_stereo",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                                name="recording_sha256_is_hex",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="content_is_immutable",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."channels" IS DISTINCT FROM (NEW."channels") OR OLD."duration" IS DISTINCT FROM (NEW."duration") OR OLD."media" IS DISTINCT FROM (NEW."media") OR OLD."practice_id" IS DISTINCT FROM (NEW."practice_id") OR OLD."sample_rate" IS DISTINCT FROM (NEW."sample_rate") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."source" IS DISTINCT FROM (NEW."source"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="5170c2cccaddd2eb7e8d66b5619b13432cac8c18",
                                    operation="UPDATE",
                                    pgid="pgtrigger_content_is_immutable_0776d",
                                    table="transcripts_recording",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Hold",
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
                                related_name="holds",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "recording",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holds",
                                to="transcripts.recording",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holds",
                                to="transcripts.patient",
                            ),
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
                        (
                            "lifted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("lifted_at", models.DateTimeField(null=True)),
                        ("lifted_reason", models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("lifted_at__isnull", True)),
                                fields=["practice"],
                                name="hold_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("patient__isnull", True), ("recording__isnull", False)
                                    ),
                                    models.Q(
                                        ("patient__isnull", False), ("recording__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="a_hold_is_of_one_thing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="a_hold_has_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("lifted_at__isnull", True),
                                    models.Q(
                                        ("lifted_by__isnull", False),
                                        models.Q(("lifted_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="a_lifted_hold_says_by_whom_and_why",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="5becfa0a391317ae6316bbf9a765c9da3aaf1876",
                                    operation="DELETE",
                                    pgid="pgtrigger_kept_4185b",
                                    table="transcripts_hold",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="lifted_once",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."lifted_at" IS NOT NULL)',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="b715e7af82f9f804fc64c931e5aed2f9c66229d3",
                                    operation="UPDATE",
                                    pgid="pgtrigger_lifted_once_1d7c2",
                                    table="transcripts_hold",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Removal",
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
                                related_name="removals",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "recording",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="removal",
                                to="transcripts.recording",
                            ),
                        ),
                        (
                            "rule",
                            models.CharField(
                                choices=[
                                    ("audio", "Audio of signed documents"),
                                    ("draft", "Drafts that were never signed"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("days", models.PositiveIntegerField(help_text="What the rule said.")),
                        ("removed_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "shredded",
                            models.BooleanField(
                                help_text="Its key was destroyed, so that no copy of the storage can be read."
                            ),
                        ),
                        (
                            "objects_gone",
                            models.BooleanField(
                                default=False, help_text="The storage holds nothing of it."
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("objects_gone", False)),
                                fields=["removed_at"],
                                name="removal_unfinished",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("days__gte", 1)),
                                name="a_removal_follows_a_rule",
                            )
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="refused_on_hold",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="\n    IF EXISTS (\n        SELECT 1 FROM transcripts_recording AS r JOIN transcripts_hold AS h\n            ON h.recording_id = r.id OR h.patient_id = r.patient_id\n        WHERE r.id = NEW.recording_id AND h.lifted_at IS NULL\n    ) THEN\n        RAISE EXCEPTION 'This recording is on hold. Nothing of it is removed.'\n            USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;\n",
                                    hash="a2ad80d7e2186e83e6e76fcc4e6d0771a6b67336",
                                    operation="INSERT",
                                    pgid="pgtrigger_refused_on_hold_98612",
                                    table="transcripts_removal",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    condition='WHEN (OLD."practice_id" IS DISTINCT FROM (NEW."practice_id") OR OLD."recording_id" IS DISTINCT FROM (NEW."recording_id") OR OLD."removed_at" IS DISTINCT FROM (NEW."removed_at") OR OLD."rule" IS DISTINCT FROM (NEW."rule"))',
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                                    hash="7c5bb8eae0de95669b8efe6c49a84787b7e62cba",
                                    operation="UPDATE",
                                    pgid="pgtrigger_append_only_6407c",
                                    table="transcripts_removal",
                                    when="BEFORE",
                                ),
                            ),
                            pgtrigger.compiler.Trigger(
                                name="kept",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                                    hash="84dfd51d4d69df4ebdc0f1f6ce3a4447514d321e",
                                    operation="DELETE",
                                    pgid="pgtrigger_kept_0fe6a",
                                    table="transcripts_removal",
                                    when="BEFORE",
                                ),
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Duty",
                    fields=[
                        (
                            "name",
                            models.CharField(max_length=60, primary_key=True, serialize=False),
                        ),
                        ("due_at", models.DateTimeField()),
                        ("lease_until", models.DateTimeField(blank=True, null=True)),
                        ("token", models.BigIntegerField(default=0)),
                        ("began_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("outcome", models.CharField(blank=True, max_length=60)),
                        (
                            "failures",
                            models.PositiveIntegerField(
                                default=0, help_text="In a row, since it last went well"
                            ),
                        ),
                        (
                            "found",
                            models.JSONField(
                                default=dict, help_text="What the last run that ended said: numbers"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="EmergencyAccess",
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
                                related_name="emergencies",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "member",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="emergencies",
                                to="transcripts.membership",
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="emergencies",
                                to="transcripts.patient",
                            ),
                        ),
                        ("reason", models.CharField(max_length=500)),
                        ("began_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        (
                            "end_told",
                            models.BooleanField(
                                default=False, help_text="Its end is in the audit log."
                            ),
                        ),
                        ("reviewed_at", models.DateTimeField(null=True)),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.membership",
                            ),
                        ),
                        ("finding", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["member", "-ends_at"], name="emergency_of_member"),
                            models.Index(
                                condition=models.Q(("reviewed_at__isnull", True)),
                                fields=["practice", "-began_at"],
                                name="emergency_unreviewed",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("reason__regex", "\\S")),
                                name="an_emergency_has_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_at__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("began_at"),
                                            "+",
                                            models.Value(datetime.timedelta(seconds=3600)),
                                        ),
                                    )
                                ),
                                name="an_emergency_lasts_an_hour_at_most",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("reviewed_at__isnull", True), ("reviewed_by__isnull", True)
                                    ),
                                    models.Q(
                                        ("reviewed_at__isnull", False),
                                        ("reviewed_by__isnull", False),
                                        models.Q(
                                            ("reviewed_by", models.F("member")), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_emergency_is_reviewed_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Invitation",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="invitations",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("editor", "Transcription editor"),
                                    ("clinician", "Clinician"),
                                    ("manager", "Practice manager"),
                                    ("auditor", "Auditor"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("first_name", models.CharField(max_length=150)),
                        ("last_name", models.CharField(blank=True, max_length=150)),
                        ("email", models.EmailField(blank=True, max_length=254)),
                        ("printed_name", models.CharField(blank=True, max_length=200)),
                        ("title", models.CharField(blank=True, max_length=100)),
                        ("licence", models.CharField(blank=True, max_length=100)),
                        (
                            "token_hash",
                            models.CharField(
                                help_text="SHA-256 of the token.", max_length=64, unique=True
                            ),
                        ),
                        (
                            "invited_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("expires_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        ("used_at", models.DateTimeField(null=True)),
                        (
                            "used_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("role", "clinician"), _negated=True),
                                    models.Q(("printed_name", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="an_invited_clinician_has_a_printed_name",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("used_at__isnull", True), ("used_by__isnull", True)),
                                    models.Q(
                                        ("used_at__isnull", False),
                                        ("used_by__isnull", False),
                                        ("withdrawn_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="an_invitation_is_used_or_withdrawn",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("used_at__isnull", True),
                                    ("used_at__lte", models.F("expires_at")),
                                    _connector="OR",
                                ),
                                name="an_invitation_is_used_in_time",
                            ),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="MedicalVocabulary",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="vocabularies",
                                to="transcripts.practice",
                            ),
                        ),
                        ("name", models.CharField(max_length=200, verbose_name="VocabularyName")),
                        ("language_code", models.CharField(default="en-US", max_length=10)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("PENDING", "Being checked"),
                                    ("READY", "Ready"),
                                    ("FAILED", "Failed"),
                                ],
                                default="PENDING",
                                max_length=8,
                            ),
                        ),
                        (
                            "content",
                            models.TextField(blank=True, help_text="The table as it was given."),
                        ),
                        (
                            "file_uri",
                            models.CharField(
                                blank=True,
                                help_text="AWS's VocabularyFileUri; empty when typed here.",
                                max_length=2000,
                            ),
                        ),
                        (
                            "terms",
                            models.JSONField(
                                default=list,
                                help_text="Checked rows: phrase, ipa, sounds_like, display_as.",
                            ),
                        ),
                        ("failure_reason", models.TextField(blank=True)),
                        ("tags", models.JSONField(default=dict)),
                        (
                            "version",
                            models.PositiveIntegerField(
                                default=1, help_text="Rises when the table is replaced."
                            ),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("modified_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("practice", "name"),
                                name="vocabulary_name_unique_in_practice",
                            ),
                            models.UniqueConstraint(
                                fields=("practice", "id"), name="vocabulary_of_practice"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "FAILED"), _negated=True),
                                    models.Q(("failure_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="a_failed_vocabulary_has_a_reason",
                            ),
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="MedicalTranscriptionJob",
                    fields=[
                        ("lease_owner", models.CharField(blank=True, max_length=100)),
                        (
                            "lease_token",
                            models.BigIntegerField(
                                default=0, help_text="Rises by one with each claim."
                            ),
                        ),
                        (
                            "lease_until",
                            models.DateTimeField(help_text="By the database's clock.", null=True),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="Claims since the last progress; written before the work begins.",
                            ),
                        ),
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
                                related_name="jobs",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "recording",
                            models.ForeignKey(
                                help_text="Null while an AWS client's media is being taken in, or was refused.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="jobs",
                                to="transcripts.recording",
                            ),
                        ),
                        ("generation", models.PositiveSmallIntegerField(default=1)),
                        (
                            "name",
                            models.CharField(
                                max_length=200, verbose_name="MedicalTranscriptionJobName"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("QUEUED", "Queued"),
                                    ("IN_PROGRESS", "Transcribing"),
                                    ("COMPLETED", "Completed"),
                                    ("FAILED", "Failed"),
                                    ("CANCELLED", "Cancelled"),
                                ],
                                default="QUEUED",
                                max_length=12,
                            ),
                        ),
                        (
                            "stage",
                            models.CharField(
                                choices=[
                                    ("INTAKE", "Intake"),
                                    ("PREPARE", "Prepare"),
                                    ("TRANSCRIBE", "Transcribe"),
                                    ("REMOTE", "Remote"),
                                    ("ASSEMBLE", "Assemble"),
                                ],
                                default="PREPARE",
                                max_length=12,
                            ),
                        ),
                        (
                            "settings",
                            models.JSONField(default=dict, help_text="AWS's Settings member."),
                        ),
                        (
                            "content_identification",
                            models.CharField(
                                blank=True,
                                help_text="AWS's ContentIdentificationType: PHI or nothing.",
                                max_length=8,
                            ),
                        ),
                        (
                            "vocabulary",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="jobs",
                                to="transcripts.medicalvocabulary",
                            ),
                        ),
                        (
                            "request",
                            models.JSONField(
                                help_text="The StartMedicalTranscriptionJob request of an AWS client.",
                                null=True,
                            ),
                        ),
                        (
                            "access_key",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="jobs",
                                to="transcripts.accesskey",
                            ),
                        ),
                        ("tags", models.JSONField(default=dict)),
                        (
                            "output_due_at",
                            models.DateTimeField(
                                help_text="When the result is to be written to the client's bucket (again); null: never.",
                                null=True,
                            ),
                        ),
                        (
                            "hidden_at",
                            models.DateTimeField(
                                help_text="Deleted for AWS clients; the recording and its review stay.",
                                null=True,
                            ),
                        ),
                        ("engine", models.CharField(max_length=20)),
                        (
                            "engine_state",
                            models.JSONField(
                                default=dict, help_text="Where a remote engine stands."
                            ),
                        ),
                        ("model", models.CharField(blank=True, max_length=100)),
                        ("failure_reason", models.TextField(blank=True)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("started_at", models.DateTimeField(null=True)),
                        ("completed_at", models.DateTimeField(null=True)),
                        (
                            "served_at",
                            models.DateTimeField(
                                help_text="Last claim; the least served goes first.", null=True
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["QUEUED", "IN_PROGRESS"])),
                                fields=["served_at", "created_at"],
                                name="job_waiting",
                            ),
                            models.Index(
                                condition=models.Q(("output_due_at__isnull", False)),
                                fields=["output_due_at"],
                                name="job_output_due",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("hidden_at__isnull", True), ("request__isnull", False)
                                ),
                                fields=["practice", "-created_at", "-id"],
                                name="job_of_aws_client",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("hidden_at__isnull", True)),
                                fields=("practice", "name"),
                                name="job_name_unique_in_practice",
                            ),
                            models.UniqueConstraint(
                                fields=("recording", "generation"), name="one_job_for_a_generation"
                            ),
                            models.UniqueConstraint(
                                fields=("practice", "id"), name="job_of_practice"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "FAILED"), _negated=True),
                                    models.Q(("failure_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="a_failed_job_has_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("completed_at__isnull", False),
                                    ("status__in", ["QUEUED", "IN_PROGRESS"]),
                                    _connector="OR",
                                ),
                                name="an_ended_job_has_an_end",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("recording__isnull", False),
                                    ("stage", "INTAKE"),
                                    _connector="OR",
                                ),
                                name="a_job_past_intake_has_a_recording",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Chunk",
                    fields=[
                        ("lease_owner", models.CharField(blank=True, max_length=100)),
                        (
                            "lease_token",
                            models.BigIntegerField(
                                default=0, help_text="Rises by one with each claim."
                            ),
                        ),
                        (
                            "lease_until",
                            models.DateTimeField(help_text="By the database's clock.", null=True),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="Claims since the last progress; written before the work begins.",
                            ),
                        ),
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
                            "job",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="chunks",
                                to="transcripts.medicaltranscriptionjob",
                            ),
                        ),
                        ("index", models.PositiveIntegerField()),
                        ("channel", models.PositiveSmallIntegerField(null=True)),
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
                            "audio",
                            models.CharField(
                                help_text="Key of the slice in the storage.", max_length=200
                            ),
                        ),
                        ("done", models.BooleanField(default=False)),
                        (
                            "seconds_done",
                            models.DecimalField(decimal_places=3, default=0, max_digits=9),
                        ),
                        (
                            "segments",
                            models.JSONField(
                                default=list, help_text="What the engine said so far."
                            ),
                        ),
                        (
                            "voices",
                            models.BinaryField(
                                help_text="Voice vectors, for telling speakers apart.", null=True
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["index"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("job", "index"), name="chunk_index_unique_in_job"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("end__gt", models.F("start"))),
                                name="chunk_has_length",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BrowserSession",
                    fields=[
                        (
                            "session_key",
                            models.CharField(
                                max_length=40,
                                primary_key=True,
                                serialize=False,
                                verbose_name="session key",
                            ),
                        ),
                        ("session_data", models.TextField(verbose_name="session data")),
                        (
                            "expire_date",
                            models.DateTimeField(db_index=True, verbose_name="expire date"),
                        ),
                        (
                            "number",
                            models.UUIDField(
                                default=uuid.uuid4,
                                editable=False,
                                help_text="Names it where the key must not go.",
                                unique=True,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="browser_sessions",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("ip", models.GenericIPAddressField(null=True)),
                        ("user_agent", models.CharField(blank=True, max_length=200)),
                        (
                            "began_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now,
                                help_text="When the person logged in.",
                            ),
                        ),
                        ("active_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "verbose_name": "session",
                        "verbose_name_plural": "sessions",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Shadow",
                    fields=[
                        ("lease_owner", models.CharField(blank=True, max_length=100)),
                        (
                            "lease_token",
                            models.BigIntegerField(
                                default=0, help_text="Rises by one with each claim."
                            ),
                        ),
                        (
                            "lease_until",
                            models.DateTimeField(help_text="By the database's clock.", null=True),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0,
                                help_text="Claims since the last progress; written before the work begins.",
                            ),
                        ),
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
                                related_name="shadows",
                                to="transcripts.practice",
                            ),
                        ),
                        (
                            "job",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shadow",
                                to="transcripts.medicaltranscriptionjob",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("QUEUED", "Queued"),
                                    ("IN_PROGRESS", "Transcribing"),
                                    ("COMPLETED", "Completed"),
                                    ("FAILED", "Failed"),
                                    ("CANCELLED", "Cancelled"),
                                ],
                                default="QUEUED",
                                max_length=12,
                            ),
                        ),
                        (
                            "stage",
                            models.CharField(
                                choices=[
                                    ("INTAKE", "Intake"),
                                    ("PREPARE", "Prepare"),
                                    ("TRANSCRIBE", "Transcribe"),
                                    ("REMOTE", "Remote"),
                                    ("ASSEMBLE", "Assemble"),
                                ],
                                default="PREPARE",
                                max_length=12,
                            ),
                        ),
                        (
                            "engine_state",
                            models.JSONField(
                                default=dict, help_text="Where the other engine stands."
                            ),
                        ),
                        ("model", models.CharField(blank=True, max_length=100)),
                        (
                            "segments",
                            models.JSONField(
                                default=list, help_text="The lines it heard, as chunks have them."
                            ),
                        ),
                        ("failure_reason", models.TextField(blank=True)),
                        ("created_at", models.DateTimeField(auto_now_add=True)),
                        ("completed_at", models.DateTimeField(null=True)),
                        (
                            "served_at",
                            models.DateTimeField(
                                help_text="When somebody last looked after it.", null=True
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["QUEUED", "IN_PROGRESS"])),
                                fields=["lease_until", "created_at"],
                                name="shadow_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "FAILED"), _negated=True),
                                    models.Q(("failure_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="a_failed_shadow_has_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("completed_at__isnull", False),
                                    ("status__in", ["QUEUED", "IN_PROGRESS"]),
                                    _connector="OR",
                                ),
                                name="an_ended_shadow_has_an_end",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LiveStream",
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
                                related_name="streams",
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
                            "access_key",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="streams",
                                to="transcripts.accesskey",
                            ),
                        ),
                        (
                            "dictated",
                            models.BooleanField(
                                help_text="Spoken in the browser, not sent by an AWS client."
                            ),
                        ),
                        (
                            "patient",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="streams",
                                to="transcripts.patient",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="transcripts.membership",
                            ),
                        ),
                        ("encounter_date", models.DateField()),
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
                            "settings",
                            models.JSONField(default=dict, help_text="AWS's names, as of a job."),
                        ),
                        (
                            "content_identification",
                            models.CharField(blank=True, help_text="PHI or nothing.", max_length=8),
                        ),
                        (
                            "vocabulary",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="streams",
                                to="transcripts.medicalvocabulary",
                            ),
                        ),
                        (
                            "session_id",
                            models.CharField(
                                blank=True, help_text="AWS's SessionId.", max_length=36
                            ),
                        ),
                        ("sample_rate", models.PositiveIntegerField(help_text="Hertz.")),
                        ("channels", models.PositiveSmallIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("ended", "Ended"),
                                    ("finished", "Finished"),
                                    ("discarded", "Discarded"),
                                ],
                                default="open",
                                max_length=12,
                            ),
                        ),
                        (
                            "stored",
                            models.BooleanField(
                                default=True, help_text="Off: nothing of it is kept."
                            ),
                        ),
                        (
                            "frames",
                            models.PositiveIntegerField(
                                default=0, help_text="Frames kept: 0 up to this number."
                            ),
                        ),
                        (
                            "samples",
                            models.BigIntegerField(
                                default=0, help_text="Samples kept, of one channel."
                            ),
                        ),
                        (
                            "browser",
                            models.CharField(
                                blank=True,
                                help_text="Which browser numbers the frames of a dictation now.",
                                max_length=36,
                            ),
                        ),
                        (
                            "corrections",
                            models.JSONField(
                                default=dict,
                                help_text="Texts that a person gave lines while speaking, by line number.",
                            ),
                        ),
                        (
                            "recording",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stream",
                                to="transcripts.recording",
                            ),
                        ),
                        ("begun_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "last_audio_at",
                            models.DateTimeField(help_text="By the database's clock."),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["open", "ended"])),
                                fields=["practice", "by"],
                                name="stream_unfinished",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state", "open"), models.Q(("session_id", ""), _negated=True)
                                ),
                                fields=("practice", "session_id"),
                                name="one_open_stream_of_a_session",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("recording__isnull", True),
                                    ("state", "finished"),
                                    _connector="OR",
                                ),
                                name="only_a_finished_stream_has_a_recording",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("channels__gte", 1), ("channels__lte", 2)),
                                name="stream_is_mono_or_stereo",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StreamAudio",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "stream",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="audio",
                                to="transcripts.livestream",
                            ),
                        ),
                        ("seq", models.PositiveIntegerField()),
                        (
                            "first_sample",
                            models.BigIntegerField(
                                help_text="Of one channel, counted through the stream."
                            ),
                        ),
                        ("pcm", models.BinaryField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("stream", "seq"), name="one_frame_of_a_number"
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="StreamResult",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "stream",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="results",
                                to="transcripts.livestream",
                            ),
                        ),
                        ("index", models.PositiveIntegerField()),
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
                        ("line", models.JSONField()),
                    ],
                    options={
                        "ordering": ["index"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("stream", "index"), name="one_line_of_a_number"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("end__gte", models.F("start"))),
                                name="line_runs_forward",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Transcript",
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
                            "recording",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transcripts",
                                to="transcripts.recording",
                            ),
                        ),
                        (
                            "job",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transcript",
                                to="transcripts.medicaltranscriptionjob",
                            ),
                        ),
                        ("engine", models.CharField(max_length=20)),
                        ("model", models.CharField(max_length=100)),
                        (
                            "entities",
                            models.JSONField(
                                default=list, help_text="Protected health information found."
                            ),
                        ),
                        (
                            "warnings",
                            models.JSONField(
                                default=list, help_text="Stages that failed: code and sentence."
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
                                    hash="2aa4e9f0442c93ba9d4f84af7c37d94dd02be6ee",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_147f7",
                                    table="transcripts_transcript",
                                    when="BEFORE",
                                ),
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="MachineSegment",
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
                            "transcript",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="segments",
                                to="transcripts.transcript",
                            ),
                        ),
                        ("index", models.PositiveIntegerField()),
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
                        ("items", models.JSONField()),
                        (
                            "alternatives",
                            models.JSONField(
                                default=list, help_text="Other readings: lists of items."
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["index"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("transcript", "index"),
                                name="segment_index_unique_in_transcript",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("end__gte", models.F("start"))),
                                name="segment_runs_forward",
                            ),
                        ],
                        "triggers": [
                            pgtrigger.compiler.Trigger(
                                name="append_only",
                                sql=pgtrigger.compiler.UpsertTriggerSql(
                                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                                    hash="bbca039e3eaea54259a1feb4193112f083f5b216",
                                    operation="UPDATE OR DELETE",
                                    pgid="pgtrigger_append_only_47d76",
                                    table="transcripts_machinesegment",
                                    when="BEFORE",
                                ),
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Worker",
                    fields=[
                        (
                            "name",
                            models.CharField(max_length=200, primary_key=True, serialize=False),
                        ),
                        ("started_at", models.DateTimeField(auto_now_add=True)),
                        ("seen_at", models.DateTimeField()),
                    ],
                ),
            ]
        ),
        # What is taken away with the tables needs no way back.
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
