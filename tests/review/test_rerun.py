"""Transcribing again: today's text stays until somebody decides, and edits are not lost."""

import json
from uuid import uuid4

import pytest
from django.db import transaction

from review.actions import edit, rerun
from review.models import AuditEvent, Review
from review.policies import Refused
from tests.factories import WORDS, line
from transcripts import lease
from transcripts.actions import jobs
from transcripts.actions.assemble import assemble
from transcripts.enums import Stage
from transcripts.models import Chunk, MedicalTranscriptionJob

NEWER = [
    [("Patient", 0.98), ("takes", 0.95), ("lisinopril", 0.97), ("daily", 0.91), (".", None)],
    [("Denies", 0.93), ("chest", 0.97), ("pain", 0.55), (".", None)],
    [("Follow", 0.99), ("up", 0.99), ("in", 0.99), ("two", 0.88), ("months", 0.6), (".", None)],
]


def change(review, position, text, by):
    segment = review.text.get(position=position)
    edit.replace_text(
        review=review,
        segment_id=segment.pk,
        base_version=segment.version,
        text=text,
        op_id=uuid4(),
        by=by,
    )


def transcribe_again(review, by, lines=NEWER):
    job = jobs.start(recording=review.recording, by=by.user)
    with transaction.atomic():
        segments = [line(words, start=3.0 * i) for i, words in enumerate(lines)]
        Chunk.objects.create(
            job=job,
            index=0,
            start=0,
            end=review.recording.duration,
            audio="",
            done=True,
            segments=segments,
        )
        MedicalTranscriptionJob.objects.filter(pk=job.pk).update(stage=Stage.ASSEMBLE)
    assemble(lease.claim("test", job=job))
    return Review.objects.select_related("recording", "offered", "practice").get(pk=review.pk)


def texts(review):
    return list(review.text.order_by("position").values_list("text", flat=True))


def test_the_newer_transcript_is_only_offered(cast, review):
    change(review, 0, "Patient takes lisinopril nightly.", cast.editor)
    review = transcribe_again(review, cast.editor)
    assert review.offered is not None
    assert texts(review)[0] == "Patient takes lisinopril nightly."
    assert texts(review)[2] == "Follow up in two weeks."


def test_taking_it_over_carries_the_edits_that_fit_and_marks_anew(cast, review):
    change(review, 0, "Patient takes lisinopril nightly.", cast.editor)
    change(review, 2, "Follow up in two weeks here.", cast.editor)
    older = texts(review)
    review = transcribe_again(review, cast.editor)
    offer = rerun.preview(review)
    assert (offer.fitted, offer.collided) == (1, 1)
    rerun.accept(review=review, carry_edits=True, by=cast.editor)
    review.refresh_from_db()
    assert texts(review) == [
        "Patient takes lisinopril nightly.",
        "Denies chest pain.",
        "Follow up in two months.",
    ]
    assert review.offered is None
    opened = review.flags.filter(state="open")
    assert opened.filter(reason="low_confidence").count() == 2
    note = "In the older transcript: “here” was typed."
    assert [flag.note for flag in opened.filter(reason="query")] == [note]
    kept = review.segments.exclude(transcript=review.transcript).order_by("position")
    assert list(kept.values_list("text", flat=True)) == older
    assert AuditEvent.objects.filter(action="transcript.taken").count() == 1


def test_keeping_todays_text(cast, review):
    review = transcribe_again(review, cast.editor)
    rerun.dismiss(review=review, by=cast.editor)
    review.refresh_from_db()
    assert review.offered is None and texts(review)[2] == "Follow up in two weeks."
    with pytest.raises(Refused):
        rerun.accept(review=review, carry_edits=True, by=cast.editor)


def test_the_pages(cast, review, as_):
    browser = as_(cast.editor)
    url = f"/recordings/{review.recording_id}/again/"
    assert browser.get(url).status_code == 200
    assert browser.post(url, {"voices": "3", "alternatives": "2"}).status_code == 302
    job = review.recording.jobs.get(generation=2)
    assert job.settings == {
        "ShowSpeakerLabels": True,
        "MaxSpeakerLabels": 3,
        "ShowAlternatives": True,
        "MaxAlternatives": 2,
    }
    assert browser.get(url).status_code == 409, "one at a time"
    assert as_(cast.manager).get(url).status_code == 403
    assert as_(cast.outsider).get(url).status_code == 404


def test_deciding_over_http(cast, review, as_):
    review = transcribe_again(review, cast.editor)
    browser, base = as_(cast.editor), f"/recordings/{review.recording_id}/again/"
    state = browser.get(f"/recordings/{review.recording_id}/state").json()
    assert state["review"]["offered"]["accept_url"] == f"{base}accept"
    for wrong in ("[]", "{"):
        answer = browser.post(f"{base}accept", wrong, content_type="application/json")
        assert answer.status_code == 422
    body = json.dumps({"carry": True})
    assert browser.post(f"{base}accept", body, content_type="application/json").json() == {}
    again = browser.post(f"{base}dismiss", content_type="application/json")
    assert (again.status_code, again.json()["message"]) == (409, rerun.NOTHING_OFFERED)


def test_words_stay_apart_from_the_first_generation(cast, review):
    assert [word for word, _ in WORDS[2]][-2] == "weeks"
    review = transcribe_again(review, cast.editor)
    change(review, 1, "Denies any chest pain.", cast.editor)
    assert review.transcript.segments.count() == 3
