"""What an operator scripts: every command says what it does, and what it would do."""

import io
import json
import shutil

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from review.audit import verify
from review.models import AuditEvent
from tests import rows
from tests.cast import PASSWORD
from tests.factories import AUDIO
from tests.rows import recording
from transcripts.enums import JobStatus
from transcripts.models import (
    AccessKey,
    MedicalTranscriptionJob,
    Membership,
    Patient,
    Practice,
    Queue,
    Recording,
    User,
)

pytestmark = pytest.mark.django_db

OURS = sorted(name for name, app in get_commands().items() if app in ("transcripts", "review"))
# These change nothing but their own results, or a file that is named.
READ_ONLY = {"audit_verify", "check_edits", "permissions", "threshold_report", "verify_documents"}
# These have a check of their own before they begin.
BY_THEMSELVES = {"backup", "restore"}


def run(*arguments, **options):
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", OURS)
def test_every_command_explains_itself_and_can_be_tried_dry(name):
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    assert len(parser.description) > 20
    if name not in READ_ONLY | BY_THEMSELVES:
        assert "--dry-run" in parser.format_help()


def test_a_practice_and_its_people_are_made(db, monkeypatch):
    monkeypatch.setenv("COUNTERSIGN_PASSWORD", PASSWORD)
    assert "would be made" in run("create_practice", "Lake Practice", dry_run=True)
    assert not Practice.objects.exists()
    assert "lake-practice" in run("create_practice", "Lake Practice")
    with pytest.raises(CommandError, match="bucket"):
        run("create_practice", "Lake", bucket="lake-practice")
    given = ["create_user", "mona", "--role", "manager", "--first-name", "Mona"]
    assert "Would make mona" in run(*given, "--dry-run")
    run(*given, "--operator")
    mona = User.objects.get(username="mona")
    assert mona.is_staff and not mona.is_superuser and mona.check_password(PASSWORD)
    assert mona.memberships.get().role == "manager"
    told = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"practice.created", "person.created"} <= told


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (["x"], "--role"),
        (["x", "--role", "clinician"], "prints a name"),
        (["EVE", "--role", "editor"], "another user name"),
        (["x", "--role", "editor", "--practice", "nowhere"], "Name one practice"),
    ],
)
def test_a_person_who_can_not_be_made_is_refused_with_the_reason(cast, monkeypatch, given, reason):
    monkeypatch.setenv("COUNTERSIGN_PASSWORD", PASSWORD)
    where = [] if "--practice" in given else ["--practice", "hill-practice"]
    before = User.objects.count()
    with pytest.raises(CommandError, match=reason):
        run("create_user", *given, *where)
    assert User.objects.count() == before


def test_a_password_that_will_not_do_makes_nobody(cast, monkeypatch):
    monkeypatch.setenv("COUNTERSIGN_PASSWORD", "short")
    with pytest.raises(CommandError, match="short"):
        run("create_user", "x", "--operator")
    assert not User.objects.filter(username="x").exists()


def test_the_first_administrator_runs_practice_and_installation_and_is_no_superuser(
    db, monkeypatch
):
    monkeypatch.setenv("COUNTERSIGN_PRACTICE", "Lake Practice")
    monkeypatch.setenv("COUNTERSIGN_ADMIN_USERNAME", "mona")
    monkeypatch.setenv("COUNTERSIGN_ADMIN_PASSWORD", PASSWORD)
    run("create_administrator", dry_run=True)
    assert not User.objects.exists()
    run("create_administrator")
    mona = User.objects.get()
    assert (mona.is_staff, mona.is_superuser) == (True, False)
    assert mona.memberships.get().practice.name == "Lake Practice"


def test_operators_are_named_added_and_removed(cast):
    assert "would become" in run("operators", add="eve", dry_run=True)
    assert run("operators").split() == []
    assert run("operators", add="eve").split() == ["eve"]
    assert run("operators", remove="eve").split() == []
    with pytest.raises(CommandError, match="no user"):
        run("operators", add="nobody")
    assert AuditEvent.objects.filter(action="operator.changed").count() == 2


def test_the_queue_is_drained_paused_and_opened(cast):
    recording(cast)
    assert run("queue") == "Open: 1 queued, 0 transcribing.\n"
    run("queue", "pause", dry_run=True)
    assert not Queue.objects.exists()
    assert run("queue", "drain", reason="An upgrade").startswith("Finishing what was begun")
    assert run("queue", "open").startswith("Open")


def test_one_practice_is_paused_and_put_forward(cast):
    of = {"practice": "hill-practice"}
    assert "would be paused" in run("queue", "pause", dry_run=True, **of)
    run("queue", "pause", turn="first", **of)
    cast.practice.refresh_from_db()
    assert cast.practice.queue_paused and cast.practice.queue_priority == 1
    with pytest.raises(CommandError, match="not drained"):
        run("queue", "drain", **of)


def test_failed_jobs_are_queued_again(cast):
    job = recording(cast).jobs.get()
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(
        status=JobStatus.FAILED, failure_reason="No.", completed_at=job.created_at
    )
    assert str(job.pk) in run("retry_jobs", dry_run=True)
    assert run("retry_jobs", practice="valley-practice") == "0 queued again.\n"
    assert run("retry_jobs") == "1 queued again.\n"
    assert MedicalTranscriptionJob.objects.get(pk=job.pk).status == JobStatus.QUEUED


def test_a_duty_runs_here_and_says_what_it_found(cast):
    assert "storage-check" in run("run_duty")
    assert "would run" in run("run_duty", "storage-check", dry_run=True)
    assert run("run_duty", "storage-check").startswith('ok {"bytes": 65536')
    with pytest.raises(CommandError, match="no duty"):
        run("run_duty", "nonsense")


def test_an_access_key_is_tried_dry_made_and_revoked(cast):
    of = ["access_keys", "--practice", "hill-practice"]
    assert "would be made" in run(*of, "--dry-run", "create", "Archive")
    assert not AccessKey.objects.exists()
    made = json.loads(run(*of, "create", "Archive", "--json"))
    assert "would be revoked" in run(*of, "--dry-run", "revoke", made["aws_access_key_id"])
    assert AccessKey.objects.get().revoked_at is None


def test_the_audit_log_is_written_to_a_file_that_verifies(cast, tmp_path):
    rows.review(cast)
    path = tmp_path / "log.jsonl"
    of = {"practice": "hill-practice"}
    assert "would be written" in run("export_audit", str(path), dry_run=True, **of)
    assert not path.exists()
    assert "rows of Hill Practice" in run("export_audit", str(path), **of)
    assert path.read_text().count('"seq"') >= 2
    assert verify.main([str(path)]) == 0
    assert AuditEvent.objects.get(action="audit.exported").actor_display == "Countersign"
    with pytest.raises(CommandError, match="there already"):
        run("export_audit", str(path), **of)


TABLE = """file,mrn,patient_name,birth_date,specialty,type,author,encounter_date
one.flac,90001,Ida Import,1980-02-03,PEDIATRICS,DICTATION,carla,2026-03-02
two.flac,90002,Ivo Import,,FAMILYMEDICINE,CONVERSATION,colin,
"""


@pytest.fixture
def folder(tmp_path):
    shutil.copy(AUDIO / "human_speech_jfk.flac", tmp_path / "one.flac")
    shutil.copy(AUDIO / "variant_dictation.flac", tmp_path / "two.flac")
    (tmp_path / "recordings.csv").write_text(TABLE)
    return tmp_path


OF = {"practice": "hill-practice", "by": "eve"}


def test_a_folder_is_taken_in_once_however_often_it_is_run(cast, folder):
    assert "2 would be taken in" in run("import_recordings", str(folder), dry_run=True, **OF)
    assert not Recording.objects.exists()
    assert run("import_recordings", str(folder), **OF).startswith("2 taken in, 0 there already")
    first = Recording.objects.get(patient__mrn="90001")
    assert (first.author, first.specialty) == (cast.clinician, "PEDIATRICS")
    assert first.uploaded_by == cast.editor.user and first.jobs.get().status == JobStatus.QUEUED
    assert run("import_recordings", str(folder), **OF).startswith("0 taken in, 2 there already")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("gone.flac,1,A,,PEDIATRICS,DICTATION,carla,", "no such file"),
        ("../one.flac,1,A,,PEDIATRICS,DICTATION,carla,", "no such file"),
        ("one.flac,1,A,,SURGERY,DICTATION,carla,", "not understood: specialty"),
        ("one.flac,1,A,2999-01-01,PEDIATRICS,DICTATION,carla,", "not understood: birth_date"),
        ("one.flac,1,A,,PEDIATRICS,DICTATION,otto,", "author is no clinician"),
        ("one.flac,90002,Ida Else,,PEDIATRICS,DICTATION,carla,", "record number already"),
        ("recordings.csv,1,A,,PEDIATRICS,DICTATION,carla,", "row 2"),
    ],
)
def test_a_row_that_will_not_do_is_named_by_number_and_the_others_go_in(cast, folder, row, reason):
    head, _, second = TABLE.splitlines()
    Patient.objects.create(practice=cast.practice, mrn="90002", name="Ivo Import")
    (folder / "recordings.csv").write_text("\n".join([head, row, second]))
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 rows were not taken in"):
        call_command("import_recordings", str(folder), stdout=out, stderr=out, **OF)
    said = out.getvalue()
    assert said.startswith("row 2: ") and reason in said and "1 taken in" in said
    assert "Ida" not in said and "90002" not in said


@pytest.mark.parametrize("table", [None, b"file,mrn\n", b"\xff\xfe\x00"])
def test_a_table_that_will_not_do_is_refused_before_anything_is_taken_in(cast, folder, table):
    (folder / "recordings.csv").unlink()
    if table is not None:
        (folder / "recordings.csv").write_bytes(table)
    with pytest.raises(CommandError, match=r"recordings\.csv"):
        run("import_recordings", str(folder), **OF)
    assert not Recording.objects.exists()


def test_only_a_member_uploads(cast, folder):
    with pytest.raises(CommandError, match="no member"):
        run("import_recordings", str(folder), practice="hill-practice", by="otto")
    assert Membership.objects.filter(user__username="otto").exists()
