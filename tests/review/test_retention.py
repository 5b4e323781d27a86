"""What the rules of a practice remove, what they never do, and what holds back."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from review import retention
from review.actions import addenda
from review.actions import retention as actions
from review.enums import AddendumKind
from review.models import AuditEvent, Edit, Review, Signature
from review.policies import Refused
from tests import rows
from transcripts import duties, media
from transcripts.enums import RemovalRule
from transcripts.keyring import Destroyed, folder_of
from transcripts.models import (
    DataKey,
    Hold,
    MachineSegment,
    MedicalTranscriptionJob,
    Recording,
    Removal,
    Shadow,
    StreamResult,
    Transcript,
)

pytestmark = [
    pytest.mark.usefixtures("folder_storage"),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async"),
]


@pytest.fixture
def rules(cast):
    actions.set_rules(audio_days=30, draft_days=90, by=cast.manager)


@pytest.fixture
def later(monkeypatch):
    """Lets so many days pass, as far as the rules can see."""

    def wait(days: int) -> None:
        with_days = timedelta(days=days)
        monkeypatch.setattr(retention, "Now", lambda: timezone.now() + with_days)

    return wait


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def folder_on_disk(recording: Recording) -> Path:
    return Path(default_storage.path(folder_of(recording.media)))


def actions_of(practice) -> list[str]:
    found = AuditEvent.objects.filter(practice=practice.pk).order_by("seq")
    return list(found.values_list("action", flat=True))


def test_every_table_has_its_place():
    tables = {
        model._meta.label
        for app in ("transcripts", "review")
        for model in apps.get_app_config(app).get_models()
    }
    going = {model._meta.label for model, _ in (*retention.DRAFT, *retention.BY_PRODUCTS)}
    assert tables - going - retention.STAYS.keys() == set(), "decide what retention does with these"
    assert going & retention.STAYS.keys() == set()


def test_without_a_rule_nothing_ever_goes(cast, later):
    rows.review(cast)
    later(10_000)
    assert retention.listed(cast.practice) == [] and actions.enforce(cast.practice) == {}


def test_a_signed_document_is_never_removed(cast, later, rules, on_commit):
    review = rows.review(cast)
    signature = rows.signed(review, cast)
    later(10_000)
    with on_commit():
        actions.enforce(cast.practice)
    assert Signature.objects.get().document == signature.document
    review.refresh_from_db()
    assert review.state == "signed" and review.text.count() == 3
    assert Edit.objects.exists() and MachineSegment.objects.exists()


def test_a_draft_that_somebody_signed_once_stays(cast, later, rules):
    cast.clinician.cosigned = True
    cast.clinician.save()
    rows.signed(rows.review(cast), cast)  # waits for a co-signature
    later(10_000)
    assert retention.listed(cast.practice) == []


def test_the_database_itself_keeps_what_is_signed_from_the_draft_rule(cast, rules):
    review = rows.review(cast)
    rows.signed(review, cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        actions._delete_rows(review.recording, RemovalRule.DRAFT)
    assert Review.objects.get().text.count() == 3


def test_the_audio_of_a_signed_document_goes_by_rule_and_its_hash_stays(
    cast, as_, later, rules, on_commit
):
    review = rows.review(cast)
    rows.signed(review, cast)
    Shadow.objects.create(practice=cast.practice, job=review.transcript.job, segments=[{"x": 1}])
    recording, there = review.recording, folder_on_disk(review.recording)
    sealed = {path.name: path.read_bytes() for path in there.iterdir()}
    later(29)
    assert retention.listed(cast.practice) == []
    later(31)
    assert [due.rule for due in retention.listed(cast.practice)] == [RemovalRule.AUDIO]
    with on_commit():
        assert actions.enforce(cast.practice)["audio"] == 1
    assert not there.exists() and not Shadow.objects.exists()
    assert Recording.objects.get().sha256 == recording.sha256
    removal = Removal.objects.get()
    assert (removal.rule, removal.days, removal.shredded) == ("audio", 30, True)
    assert removal.objects_gone

    browser = as_(cast.clinician)
    answer = browser.get(f"/recordings/{recording.pk}/audio")
    assert answer.status_code == 410 and "under the practice's rule" in answer.json()["message"]
    assert browser.get(f"/recordings/{recording.pk}/peaks").status_code == 410
    page = browser.get(f"/recordings/{recording.pk}/").content.decode()
    assert f"The audio was removed on {timezone.now():%-d %B %Y}" in page
    assert browser.get(f"/recordings/{recording.pk}/document.txt").status_code == 200

    # A copy of the storage from before is worth nothing: its key is gone.
    there.mkdir()
    for name, content in sealed.items():
        (there / name).write_bytes(content)
    with pytest.raises(Destroyed):
        default_storage.open(recording.media)


def test_a_draft_goes_with_all_that_was_said_and_its_row_stays(cast, as_, later, rules, on_commit):
    review = rows.review(cast)
    rows.resolve(review, cast.editor)
    there, recording = folder_on_disk(review.recording), review.recording
    later(91)
    with on_commit():
        assert actions.enforce(cast.practice) == {"audio": 0, "draft": 1, "addenda": 0}
    for model, _ in retention.DRAFT:
        assert not model.objects.exists(), model
    assert not there.exists() and not DataKey.objects.exists()
    assert Recording.objects.get().original_name == ""
    assert not words_left("lisinopril"), "a word of the draft is still in the database"
    answer = as_(cast.clinician).get(f"/recordings/{recording.pk}/")
    assert answer.status_code == 410 and "This draft was removed" in answer.content.decode()
    assert as_(cast.outsider).get(f"/recordings/{recording.pk}/").status_code == 404
    event = AuditEvent.objects.get(action="draft.removed")
    assert event.actor_display == "Countersign" and event.object_id == str(recording.pk)
    assert event.detail == {"days": 90, "shredded": True}


def words_left(word: str) -> list[str]:
    """Tables of both apps in which any row holds the word."""
    found = []
    with connection.cursor() as cursor:
        for app in ("transcripts", "review"):
            for model in apps.get_app_config(app).get_models():
                table = model._meta.db_table
                cursor.execute(
                    f"SELECT 1 FROM {table} AS t WHERE to_jsonb(t)::text ILIKE %s LIMIT 1",
                    [f"%{word}%"],
                )
                found += [table] if cursor.fetchone() else []
    return found


def test_work_on_a_draft_starts_its_days_anew(cast, later, rules):
    review = rows.review(cast)
    Recording.objects.update(created_at=timezone.now() - timedelta(days=100))
    MedicalTranscriptionJob.objects.update(
        created_at=timezone.now() - timedelta(days=100),
        completed_at=timezone.now() - timedelta(days=95),
    )
    assert [due.recording.pk for due in retention.listed(cast.practice)] == [review.recording_id]
    rows.resolve(review, cast.editor)
    assert retention.listed(cast.practice) == []


def test_what_is_being_transcribed_stays(cast, later, rules):
    rows.recording(cast)
    later(10_000)
    assert retention.listed(cast.practice) == []


def test_the_draft_of_an_addendum_goes_and_its_document_stays(cast, later, rules, on_commit):
    review = rows.review(cast)
    rows.signed(review, cast)
    addenda.draft(
        review=review,
        kind=AddendumKind.ADDENDUM,
        reason="More",
        text="Something more.",
        by=cast.clinician,
    )
    later(91)
    with on_commit():
        assert actions.enforce(cast.practice)["addenda"] == 1
    assert not review.addenda.exists() and Signature.objects.count() == 1


@pytest.mark.parametrize("of", ["recording", "patient"])
def test_a_hold_keeps_everything_until_it_is_lifted(cast, later, rules, on_commit, of):
    review = rows.review(cast)
    rows.signed(review, cast)
    held = {"recording": None, "patient": None} | {of: getattr(review.recording, of, None)}
    held |= {"recording": review.recording} if of == "recording" else {}
    actions.place_hold(reason="Lawsuit 12", by=cast.manager, **held)
    later(31)
    assert [due.held for due in retention.listed(cast.practice)] == [True]
    assert actions.enforce(cast.practice)["audio"] == 0
    assert folder_on_disk(review.recording).exists()
    with on_commit():
        actions.lift_hold(hold_id=Hold.objects.get().pk, reason="Settled", by=cast.manager)
        assert actions.enforce(cast.practice)["audio"] == 1
    log = actions_of(cast.practice)
    assert log.index("hold.placed") < log.index("hold.lifted") < log.index("audio.removed")


def test_the_database_itself_keeps_what_is_on_hold(cast):
    review = rows.review(cast)
    actions.place_hold(reason="Lawsuit", by=cast.manager, patient=review.recording.patient)
    values = {"recording": review.recording, "rule": "draft", "days": 1, "shredded": False}
    with pytest.raises(IntegrityError, match="on hold"), transaction.atomic():
        Removal.objects.create(practice=cast.practice, **values)
    with pytest.raises(IntegrityError, match="on hold"), transaction.atomic():
        DataKey.objects.all().delete()


def test_a_hold_needs_a_reason_and_is_lifted_once(cast, review):
    with pytest.raises(Refused):
        actions.place_hold(reason="  ", by=cast.manager, patient=review.recording.patient)
    hold = actions.place_hold(reason="Why", by=cast.manager, patient=review.recording.patient)
    with pytest.raises(Refused):
        actions.lift_hold(hold_id=hold.pk, reason="", by=cast.manager)
    actions.lift_hold(hold_id=hold.pk, reason="Over", by=cast.manager)
    with pytest.raises(Refused):
        actions.lift_hold(hold_id=hold.pk, reason="Again", by=cast.manager)


def test_a_process_that_dies_between_rows_and_objects_leaves_nothing_readable(
    cast, later, rules, on_commit, monkeypatch
):
    review = rows.review(cast)
    rows.signed(review, cast)
    later(31)
    monkeypatch.setattr(actions, "_delete_objects", lambda *_: None)
    with on_commit():
        actions.enforce(cast.practice)
    monkeypatch.undo()
    assert folder_on_disk(review.recording).exists()
    with pytest.raises(Destroyed):
        default_storage.open(review.recording.media)
    assert actions.finish_removals() == 1
    assert not folder_on_disk(review.recording).exists() and Removal.objects.get().objects_gone


def test_the_dry_run_lists_and_removes_nothing(cast, later, rules):
    review = rows.review(cast)
    later(91)
    out = io.StringIO()
    call_command("retention", "--dry-run", stdout=out)
    assert f"draft {review.recording_id}" in out.getvalue() and "would go" in out.getvalue()
    assert Review.objects.exists() and not Removal.objects.exists()
    with media.local_copy(review.recording.media) as path:
        assert path.exists()


def test_the_night_does_it_by_duty(cast, later, rules, on_commit):
    rows.review(cast)
    later(91)
    with on_commit():
        duties.run("retention")
    assert Removal.objects.count() == 1


def test_a_manager_sets_rules_sees_what_would_go_and_holds_it(cast, as_, review):
    browser = as_(cast.manager)
    answer = browser.post("/retention/", {"audio_days": "365", "draft_days": ""}, follow=True)
    assert "Saved." in answer.content.decode()
    changed = AuditEvent.objects.get(action="retention.changed")
    assert changed.detail["audio_days"] == 365 and changed.detail["draft_days"] is None
    assert browser.post("/retention/", {"audio_days": "0"}).status_code == 422
    actions.set_rules(audio_days=None, draft_days=1, by=cast.manager)
    Recording.objects.update(created_at=timezone.now() - timedelta(days=9))
    MedicalTranscriptionJob.objects.update(
        created_at=timezone.now() - timedelta(days=9),
        completed_at=timezone.now() - timedelta(days=9),
    )
    assert "Would go" in browser.get("/retention/preview/").content.decode()
    assert AuditEvent.objects.get(action="retention.previewed").detail == {"found": 1}
    for form in (
        {"mrn": "10001", "reason": "Lawsuit"},
        {"recording": f"https://x/recordings/{review.recording_id}/", "reason": "Lawsuit"},
    ):
        assert browser.post("/retention/hold", form).status_code == 302
    assert "On hold, stays" in browser.get("/retention/preview/").content.decode()
    for form in ({"mrn": "9", "reason": "x"}, {"reason": "x"}, {"mrn": "10001"}):
        assert browser.post("/retention/hold", form).status_code == 422
    hold = Hold.objects.first()
    browser.post(f"/retention/hold/{hold.pk}/lift", {"reason": "Over"})
    hold.refresh_from_db()
    assert hold.lifted_by == cast.manager.user and hold.lifted_reason == "Over"


def test_another_practices_patients_cannot_be_held(cast, as_, review):
    from tests.cast import member
    from transcripts.enums import Role

    other = member(cast.outsider.practice, "olga", Role.MANAGER)
    answer = as_(other).post("/retention/hold", {"mrn": "10001", "reason": "x"})
    assert answer.status_code == 422 and not Hold.objects.exists()


def test_lines_of_a_finished_stream_go_with_the_audio(cast, later, rules, on_commit):
    from transcripts.models import LiveStream

    review = rows.review(cast)
    rows.signed(review, cast)
    stream = LiveStream.objects.create(
        practice=cast.practice,
        by=cast.clinician.user,
        dictated=True,
        state="finished",
        encounter_date=review.recording.encounter_date,
        specialty=review.recording.specialty,
        type=review.recording.type,
        sample_rate=16_000,
        channels=1,
        recording=review.recording,
        last_audio_at=timezone.now(),
        corrections={"0": {"text": "secret"}},
    )
    StreamResult.objects.create(stream=stream, index=0, start=0, end=1, line={"text": "secret"})
    later(31)
    with on_commit():
        actions.enforce(cast.practice)
    stream.refresh_from_db()
    assert stream.corrections == {} and not StreamResult.objects.exists()
    assert Transcript.objects.exists(), "what the machine said belongs to the document"
