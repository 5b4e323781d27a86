"""Lines edited while the machine still works: kept when the transcript comes, never lost."""

import json
from uuid import uuid4

import pytest
from django.db import transaction

from review.models import AuditEvent, Edit, Review
from tests import rows
from tests.factories import line
from transcripts import lease
from transcripts.actions.assemble import assemble
from transcripts.enums import Stage
from transcripts.models import Chunk, MedicalTranscriptionJob

FIRST = [
    [("Patient", 0.98), ("takes", 0.95), ("lisinopril", 0.41), ("daily", 0.91), (".", None)],
    [("Denies", 0.93), ("chest", 0.97), ("pain", 0.55), (".", None)],
]
SECOND = [[("Follow", 0.99), ("up", 0.99), ("soon", 0.99), (".", None)]]


@pytest.fixture
def running(cast):
    """A review whose first chunk is done, with the second still to come."""
    recording = rows.recording(cast)
    rows.cut(recording, 2)
    chunk = recording.jobs.get().chunks.get(index=0)
    chunk.segments = [line(words, start=2.5 * n) for n, words in enumerate(FIRST)]
    chunk.done = True
    chunk.save()
    return Review.objects.select_related("recording", "practice").get(recording=recording)


def done(review, first=FIRST) -> Review:
    """The machine finishes; `first` is what the assembly makes of the first chunk."""
    job = review.recording.jobs.get()
    lines = [line(words, start=2.5 * n) for n, words in enumerate(first)]
    with transaction.atomic():
        if first is not FIRST:  # a later stage wrote it differently
            Chunk.objects.filter(job=job, index=0).update(segments=lines)
        Chunk.objects.filter(job=job, index=1).update(
            done=True, segments=[line(SECOND[0], start=5.5)]
        )
        MedicalTranscriptionJob.objects.filter(pk=job.pk).update(stage=Stage.ASSEMBLE)
    assemble(lease.claim("test", job=job))
    return Review.objects.get(pk=review.pk)


class Page:
    def __init__(self, browser, review) -> None:
        self.browser, self.url = browser, f"/recordings/{review.recording_id}/"

    def state(self):
        return self.browser.get(f"{self.url}state").json()

    def post(self, kind, **body):
        body = {"op_id": str(uuid4()), "kind": kind, **body}
        return self.browser.post(
            f"{self.url}operations", json.dumps(body), content_type="application/json"
        )

    def type(self, shown, text):
        return self.post(
            "replace_text", segment=shown["id"], base_version=shown["version"], text=text
        )


@pytest.fixture
def screen(as_, cast, running):
    return Page(as_(cast.editor), running)


def test_a_line_still_being_transcribed_cannot_be_edited(screen, running):
    Chunk.objects.update(done=False)
    (shown, _) = screen.state()["segments"]
    assert not shown["editable"]
    answer = screen.type(shown, "Too soon.")
    assert answer.status_code == 403 and "no transcript" in answer.json()["message"]


def test_a_manager_cannot_edit_it_either(as_, cast, running):
    screen = Page(as_(cast.manager), running)
    assert screen.type(screen.state()["segments"][0], "No.").status_code == 403


def test_an_edited_line_is_shown_to_everyone_under_the_same_id(screen, running, as_, cast):
    shown = screen.state()["segments"][0]
    assert shown["editable"] and shown["version"] == 0
    answer = screen.type(shown, "Patient takes losartan daily.")
    assert answer.status_code == 200
    now = Page(as_(cast.clinician), running).state()["segments"]
    assert now[0]["id"] == shown["id"] == answer.json()["segment"]["id"]
    assert (now[0]["text"], now[0]["version"]) == ("Patient takes losartan daily.", 2)
    assert now[1]["version"] == 0
    assert Review.objects.get().state == "waiting"


def test_two_who_edit_one_line_do_not_overwrite_each_other(screen):
    shown = screen.state()["segments"][0]
    screen.type(shown, "Patient takes losartan daily.")
    answer = screen.type(shown, "Patient takes aspirin daily.")
    assert answer.status_code == 409
    assert answer.json()["segment"]["text"] == "Patient takes losartan daily."


def test_the_transcript_comes_with_the_edits_in_it(screen, running, cast):
    first, second = screen.state()["segments"]
    screen.type(first, "Patient takes losartan daily.")
    screen.type(second, "Denies any chest pain.")
    review = done(running)
    assert list(review.text.values_list("text", flat=True)) == [
        "Patient takes losartan daily.",
        "Denies any chest pain.",
        "Follow up soon.",
    ]
    assert review.state == "in_review"
    assert list(review.flags.values_list("items", flat=True)) == [["m7"]]
    carried = Edit.objects.filter(kind="carry")
    assert [edit.by for edit in carried] == [cast.editor.user] * 2
    kept = AuditEvent.objects.get(action="edits.kept")
    assert kept.detail == {"kept": 2, "asked": 0}


def test_what_does_not_fit_stands_there_as_a_question(screen, running):
    screen.type(screen.state()["segments"][0], "Patient takes losartan daily.")
    review = done(running, [[("They", 0.9), ("came", 0.9), ("today", 0.9)], FIRST[1]])
    assert review.text.first().text == "They came today"
    flag = review.flags.get(reason="query")
    assert flag.note.endswith("Patient takes losartan daily.")
    assert flag.segment == review.text.first() and flag.state == "open"


def test_what_was_typed_upon_a_line_that_is_gone_is_shown_what_took_its_place(screen, running):
    first, second = screen.state()["segments"]
    screen.type(first, "Patient takes losartan daily.")
    review = done(running)
    for shown, place in ((first, 0), (second, 1)):
        answer = screen.type(shown, "Typed while away.")
        assert answer.status_code == 409
        assert answer.json()["segment"]["id"] == str(review.text.get(position=place).pk)


def test_an_early_edit_can_be_undone_until_the_transcript_is_there(screen, running):
    edit = screen.type(screen.state()["segments"][0], "Patient takes losartan daily.").json()[
        "edit"
    ]
    back = screen.post("undo", edit=edit)
    assert back.json()["segment"]["text"] == "Patient takes lisinopril daily."
    again = screen.post("undo", edit=back.json()["edit"]).json()["edit"]
    review = done(running)
    assert review.text.first().text == "Patient takes losartan daily."
    assert screen.post("undo", edit=again).status_code == 403
