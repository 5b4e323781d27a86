"""Vocabularies of a practice: who may, what is refused, and what the page and the worker do."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.utils import OperationalError

from review.models import AuditEvent
from tests.factories import upload
from transcripts import tasks, workers
from transcripts.actions import vocabularies
from transcripts.models import MedicalVocabulary

HEADER = "Phrase\tIPA\tSoundsLike\tDisplayAs\n"
GOOD = HEADER + "lisinopril\t\tlisten-opel\tlisinopril\n"
BAD = HEADER + "two words\nx1\n"


def make(cast, name="drugs", content=GOOD, **more):
    return vocabularies.create(
        practice=cast.practice, name=name, content=content, by=cast.editor.user, **more
    )


def ready(cast, **more):
    return vocabularies.check(vocabulary=make(cast, **more))


@pytest.mark.parametrize("name", ["", "a b", "ä", "..", ".", "x" * 201, "a/b", "a\n"])
def test_names_that_aws_refuses_are_refused(cast, name):
    with pytest.raises(vocabularies.BadName):
        make(cast, name=name)
    assert not MedicalVocabulary.objects.exists() and not AuditEvent.objects.exists()


def test_a_name_is_there_once_in_a_practice(cast):
    make(cast)
    with pytest.raises(vocabularies.NameTaken):
        make(cast)
    make(cast, name="Drugs")  # names are case-sensitive


def test_limits_of_the_service_hold(cast, monkeypatch):
    monkeypatch.setattr(vocabularies, "MOST_PENDING", 1)
    row = make(cast)
    with pytest.raises(vocabularies.TooMany):
        make(cast, name="b")
    vocabularies.check(vocabulary=row)
    monkeypatch.setattr(vocabularies, "MOST", 1)
    with pytest.raises(vocabularies.TooMany):
        make(cast, name="b")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", "Line 1: This is not UTF-8"),
        (HEADER.encode() + b"ok\n\xff", "Line 3: This is not UTF-8"),
        (HEADER + "a\x00b\n", "Line 2: Phrase contains an invisible"),
        ("x" * 60_000, "Line 1: The file has 59 KB"),
        ("\ud800", "Line 1: This is not UTF-8"),
    ],
)
def test_what_can_not_be_stored_has_failed_at_once(cast, content, reason):
    row = make(cast, content=content)
    assert (row.state, row.content) == ("FAILED", "")
    assert row.failure_reason.startswith(reason)


def test_a_file_that_could_not_be_read_has_failed_with_the_given_reason(cast):
    row = make(cast, content="", failure_reason="The file is not there.", file_uri="s3://b/k")
    assert (row.state, row.failure_reason) == ("FAILED", "The file is not there.")


def test_a_bad_table_fails_with_its_lines_and_can_be_replaced(cast):
    row = ready(cast, content=BAD)
    assert row.state == "FAILED" and row.terms == []
    assert [line[:6] for line in row.failure_reason.split("\n")] == ["Line 2", "Line 3"]
    row = vocabularies.replace(vocabulary=row, content=GOOD, by=cast.editor.user)
    assert (row.state, row.version, row.failure_reason) == ("PENDING", 2, "")
    with pytest.raises(vocabularies.StillPending):
        vocabularies.replace(vocabulary=row, content=GOOD, by=cast.editor.user)
    row = vocabularies.check(vocabulary=row)
    assert row.state == "READY" and vocabularies.terms_of(row)[0].sounds_like == "listen-opel"


def test_running_jobs_keep_the_last_good_terms_while_a_new_table_is_checked(cast):
    row = ready(cast)
    row = vocabularies.replace(vocabulary=row, content=BAD, by=cast.editor.user)
    assert len(vocabularies.terms_of(row)) == 1
    row = vocabularies.check(vocabulary=row)
    assert row.state == "FAILED" and len(vocabularies.terms_of(row)) == 1


def test_many_problems_are_cut_short(cast):
    row = ready(cast, content=HEADER + "1\n" * 50)
    assert row.failure_reason.endswith("And 30 more problems.")


def test_a_vocabulary_in_use_is_not_deleted(cast):
    row = ready(cast)
    job = upload(cast).jobs.get()
    job.vocabulary = row
    job.save(update_fields=["vocabulary"])
    with pytest.raises(vocabularies.InUse):
        vocabularies.delete(vocabulary=row, by=cast.editor.user)
    assert MedicalVocabulary.objects.filter(pk=row.pk).exists()


def test_acts_are_audited_without_the_table(cast):
    row = ready(cast)
    row = vocabularies.replace(vocabulary=row, content=GOOD, by=cast.editor.user)
    vocabularies.delete(vocabulary=row, by=cast.editor.user)
    events = AuditEvent.objects.filter(object_type="MedicalVocabulary").order_by("seq")
    assert [e.action for e in events] == [
        "vocabulary.created",
        "vocabulary.checked",
        "vocabulary.updated",
        "vocabulary.deleted",
    ]
    assert [e.detail["version"] for e in events] == [1, 1, 2, 2]


def test_how_a_check_ended_is_audited_once(cast):
    for name, content, outcome in (("a", GOOD, "success"), ("b", BAD, "failure")):
        row = make(cast, name=name, content=content)
        vocabularies.check(vocabulary=row)
        vocabularies.check(vocabulary=row)
        (event,) = AuditEvent.objects.filter(action="vocabulary.checked", object_id=str(row.pk))
        assert (event.outcome, event.actor_display) == (outcome, "Countersign")


def test_the_task_and_the_pulse_check_what_waits(cast):
    one = make(cast)
    tasks.check_vocabularies()
    two = make(cast, name="b", content=BAD)
    assert vocabularies.check_pending() == 1
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.state, two.state) == ("READY", "FAILED")
    assert vocabularies.check_pending() == 0
    assert workers.vocabularies is vocabularies


def test_a_worker_is_asked_after_commit_and_a_lost_ring_is_no_harm(
    cast, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*_: object, **__: object) -> None:
        raise OperationalError

    sent = []
    app = vocabularies.current_app
    monkeypatch.setattr(app, "send_task", lambda name, **_: sent.append(name), raising=False)
    with django_capture_on_commit_callbacks(execute=True):
        make(cast)
    assert sent == ["transcripts.check_vocabularies"]
    monkeypatch.setattr(app, "send_task", away, raising=False)
    with django_capture_on_commit_callbacks(execute=True):
        make(cast, name="b")
    assert MedicalVocabulary.objects.count() == 2


# The pages


def test_strangers_auditors_and_other_practices_get_nothing(cast, as_, client):
    row = ready(cast)
    pages = ["/vocabularies/", "/vocabularies/new"]
    pages += [f"/vocabularies/{row.pk}/{end}" for end in ("", "delete", "download")]
    for page in pages:
        assert client.get(page).status_code == 302
        assert as_(cast.auditor).get(page).status_code == 403
    for page in pages[2:]:
        assert as_(cast.outsider).get(page).status_code == 404
    assert as_(cast.outsider).post(f"/vocabularies/{row.pk}/delete").status_code == 404
    assert not as_(cast.outsider).get("/vocabularies/").context["rows"]
    assert as_(cast.auditor).post("/vocabularies/new", {"name": "x"}).status_code == 403


def test_wrong_lines_are_shown_beside_the_table_and_nothing_is_saved(cast, as_):
    answer = as_(cast.editor).post("/vocabularies/new", {"name": "drugs", "content": BAD})
    assert answer.status_code == 422 and not MedicalVocabulary.objects.exists()
    assert [line for line, _ in answer.context["problems"]] == [2, 3]
    assert b"Line 2" in answer.content and b"two words" in answer.content


def test_a_refused_file_comes_back_as_text(cast, as_):
    file = SimpleUploadedFile("v.txt", GOOD.replace("\n", "\r\n").encode())
    answer = as_(cast.editor).post("/vocabularies/new", {"name": "drugs", "file": file})
    assert answer.status_code == 422
    assert answer.context["problems"][0][0] == 1
    assert "listen-opel" in answer.content.decode()


def test_a_file_that_is_no_text_is_refused(cast, as_):
    file = SimpleUploadedFile("v.txt", b"\xff\x00" * 60_000)
    answer = as_(cast.editor).post("/vocabularies/new", {"name": "drugs", "file": file})
    assert answer.status_code == 422 and not MedicalVocabulary.objects.exists()


def test_name_mistakes_are_told_at_the_name(cast, as_):
    browser = as_(cast.editor)
    answer = browser.post("/vocabularies/new", {"name": "my drugs", "content": GOOD})
    assert answer.status_code == 422 and "name" in answer.context["form"].errors
    make(cast)
    answer = browser.post("/vocabularies/new", {"name": "drugs", "content": GOOD})
    assert "exists already" in str(answer.context["form"].errors["name"])


@pytest.mark.parametrize("role", ["editor", "clinician", "manager"])
def test_typed_text_is_saved_with_a_browsers_line_ends_undone(cast, as_, role):
    text = GOOD.replace("\n", "\r\n") + "\r\n"
    browser = as_(getattr(cast, role))
    answer = browser.post("/vocabularies/new", {"name": "drugs", "content": text})
    row = MedicalVocabulary.objects.get()
    assert answer.status_code == 302 and answer.url == f"/vocabularies/{row.pk}/"
    assert (row.state, row.content) == ("READY", GOOD.rstrip("\n"))
    page = browser.get(answer.url)
    assert page.status_code == 200 and b"lisinopril" in page.content
    download = browser.get(f"/vocabularies/{row.pk}/download")
    assert download.content.decode() == row.content
    assert download.headers["Content-Disposition"] == 'attachment; filename="drugs.txt"'


def test_replacing_needs_the_version_that_was_seen(cast, as_):
    row = ready(cast)
    browser = as_(cast.clinician)
    data = {"content": GOOD + "metformin\n", "version": 1, "name": "other"}
    assert browser.post(f"/vocabularies/{row.pk}/", data).status_code == 302
    row.refresh_from_db()
    assert (row.version, row.name, len(row.terms)) == (2, "drugs", 2)
    answer = browser.post(f"/vocabularies/{row.pk}/", data)
    assert answer.status_code == 422 and b"Someone else" in answer.content
    row.refresh_from_db()
    assert row.version == 2


def test_a_failed_one_shows_why(cast, as_):
    bad, unread = ready(cast, content=BAD), make(cast, name="b", content="", failure_reason="Gone.")
    page = as_(cast.editor).get(f"/vocabularies/{bad.pk}/")
    assert [line for line, _ in page.context["problems"]] == [2, 3]
    assert b"Gone." in as_(cast.editor).get(f"/vocabularies/{unread.pk}/").content
    listed = as_(cast.editor).get("/vocabularies/").content.decode()
    assert "Failed" in listed and "Gone." in listed


def test_deleting_asks_first(cast, as_):
    row = ready(cast)
    browser = as_(cast.manager)
    assert browser.get(f"/vocabularies/{row.pk}/delete").status_code == 200
    assert MedicalVocabulary.objects.exists()
    assert browser.post(f"/vocabularies/{row.pk}/delete").status_code == 302
    assert not MedicalVocabulary.objects.exists()


def test_the_list_counts_phrases_and_jobs(cast, as_):
    row = ready(cast)
    upload(cast).jobs.update(vocabulary=row)
    rows = as_(cast.editor).get("/vocabularies/").context["rows"]
    assert [(one.name, one.size, one.uses) for one in rows] == [("drugs", 1, 1)]
