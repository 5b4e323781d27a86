"""Taking recordings in: what is refused says why, and what is taken is whole."""

import hashlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from review.models import AuditEvent, Review
from tests.factories import AUDIO
from transcripts.models import MedicalTranscriptionJob, Patient, Recording

FIELDS = {
    "mrn": "10001",
    "patient_name": "Paula Probe",
    "birth_date": "1970-01-31",
    "specialty": "FAMILYMEDICINE",
    "type": "DICTATION",
    "encounter_date": "2026-03-02",
}


def send(browser, cast, name="human_speech_jfk.flac", content=None, **changes):
    content = (AUDIO / name).read_bytes() if content is None else content
    data = FIELDS | {"author": str(cast.clinician.pk)} | changes
    data["file"] = SimpleUploadedFile(name, content)
    return browser.post("/upload/", data, HTTP_ACCEPT="application/json")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("edge_zero_bytes.wav", "empty"),
        ("edge_text_renamed.wav", "not_audio"),
        ("edge_truncated.wav", "truncated"),
        ("edge_corrupt.mp3", "damaged"),
        ("edge_silence_10s.wav", "silent"),
        ("edge_very_short.wav", "too_short"),
    ],
)
def test_a_useless_file_is_refused_with_a_reason_and_leaves_nothing(cast, as_, name, code):
    answer = send(as_(cast.editor), cast, name)
    assert answer.status_code == 422
    assert answer.json()["error"] == code
    assert answer.json()["message"] and answer.json()["remedy"]
    assert not Recording.objects.exists() and not Patient.objects.exists()
    assert not default_storage.exists(f"countersign/{cast.practice.pk}") or not any(
        default_storage.listdir(f"countersign/{cast.practice.pk}")
    )
    refused = AuditEvent.objects.get(action="recording.rejected")
    assert refused.outcome == "failure" and refused.detail == {"code": code}


def test_a_file_over_the_limit_is_refused(cast, as_, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    answer = send(as_(cast.editor), cast)
    assert (answer.status_code, answer.json()["error"]) == (422, "too_large")


def test_missing_fields_are_named(cast, as_):
    answer = send(as_(cast.editor), cast, mrn="", encounter_date="2999-01-01")
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"mrn", "encounter_date"}
    assert not Recording.objects.exists()


def test_an_upload_is_stored_whole_and_queued(cast, as_):
    answer = send(as_(cast.editor), cast)
    assert answer.status_code == 201
    recording = Recording.objects.get(pk=answer.json()["recording"]["id"])
    original = (AUDIO / "human_speech_jfk.flac").read_bytes()
    assert default_storage.open(recording.media).read() == original
    assert recording.sha256 == hashlib.sha256(original).hexdigest()
    assert "jfk" not in recording.media and recording.media_format == "flac"
    assert abs(recording.duration - 11) < 0.1
    assert MedicalTranscriptionJob.objects.get().status == "QUEUED"
    assert Review.objects.get(recording=recording).state == "waiting"


def test_a_known_number_with_another_name_is_not_taken(cast, as_):
    send(as_(cast.editor), cast)
    answer = send(as_(cast.editor), cast, patient_name="Someone Else")
    assert (answer.status_code, answer.json()["error"]) == (422, "wrong_patient")
    assert Recording.objects.count() == 1


def test_a_clinician_uploads_for_themselves_only(cast, as_):
    answer = send(as_(cast.clinician), cast, author=str(cast.colleague.pk))
    assert set(answer.json()["fields"]) == {"author"}


def test_an_auditor_does_not_upload(cast, as_):
    assert send(as_(cast.auditor), cast).status_code == 403


def test_without_scripts_the_form_works_too(cast, as_):
    data = FIELDS | {"author": str(cast.clinician.pk)}
    with (AUDIO / "human_speech_jfk.flac").open("rb") as file:
        answer = as_(cast.editor).post("/upload/", data | {"file": file})
    assert answer.status_code == 302
    with (AUDIO / "edge_text_renamed.wav").open("rb") as file:
        answer = as_(cast.editor).post("/upload/", data | {"file": file})
    assert answer.status_code == 422 and "form" in answer.context
