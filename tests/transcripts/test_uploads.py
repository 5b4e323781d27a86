"""Uploads in pieces go on where they were; what comes of them is whole, and there once."""

import hashlib
import random
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from review.models import AuditEvent
from tests.factories import AUDIO
from tests.transcripts.test_upload import FIELDS
from transcripts.actions import uploads
from transcripts.models import DataKey, MedicalTranscriptionJob, Patient, Recording, Upload

SPEECH = (AUDIO / "human_speech_jfk.flac").read_bytes()
PIECE, LENGTH = 300_000, len(SPEECH)


class Sender:
    """One person's tus client."""

    def __init__(self, browser, cast) -> None:
        self.browser, self.author = browser, str(cast.clinician.pk)

    def ask(self, method, path, body=b"", **headers):
        named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        return self.browser.generic(
            method,
            path,
            body,
            content_type=named.pop("Content-Type", "application/offset+octet-stream"),
            headers={"Tus-Resumable": "1.0.0", "Accept": "application/json"} | named,
        )

    def begin(self, length=LENGTH) -> str:
        answer = self.ask("POST", "/uploads/", Upload_Length=length)
        assert answer.status_code == 201, answer.content
        return answer["Location"]

    def piece(self, path, offset, raw):
        return self.ask("PATCH", path, raw, Upload_Offset=offset)

    def kept(self, path) -> int:
        return int(self.ask("HEAD", path)["Upload-Offset"])

    def whole(self, raw=SPEECH) -> str:
        path = self.begin(len(raw))
        while (at := self.kept(path)) < len(raw):
            assert self.piece(path, at, raw[at : at + PIECE]).status_code == 204
        return path

    def finish(self, path, **changes):
        data = FIELDS | {"author": self.author, "file_name": "a.flac"} | changes
        data["upload"] = path.rsplit("/", 1)[1]
        return self.browser.post("/upload/", data, HTTP_ACCEPT="application/json")


@pytest.fixture
def eve(cast, as_) -> Sender:
    return Sender(as_(cast.editor), cast)


def test_what_comes_in_pieces_is_stored_whole_and_the_pieces_are_gone(cast, eve):
    path = eve.whole()
    folder = Upload.objects.get().folder
    answer = eve.finish(path)
    assert answer.status_code == 201, answer.content
    recording = Recording.objects.get(pk=answer.json()["recording"]["id"])
    assert default_storage.open(recording.media).read() == SPEECH
    assert recording.sha256 == hashlib.sha256(SPEECH).hexdigest()
    assert recording.original_name == "a.flac"
    assert MedicalTranscriptionJob.objects.get().recording == recording
    assert not DataKey.objects.filter(folder=folder).exists()
    with pytest.raises(FileNotFoundError):
        default_storage.open(f"{folder}/{0:013}")


def test_a_piece_that_was_sent_twice_or_elsewhere_is_not_taken(eve):
    path = eve.begin()
    assert eve.piece(path, 0, SPEECH[:1000])["Upload-Offset"] == "1000"
    for offset in (0, 999, 1001, len(SPEECH)):
        answer = eve.piece(path, offset, b"x" * 10)
        assert (answer.status_code, answer["Upload-Offset"]) == (409, "1000")
    assert eve.kept(path) == 1000


def test_a_piece_whose_process_died_before_it_was_counted_is_written_anew(eve):
    path = eve.begin()
    with pytest.raises(KeyError), transaction.atomic():
        uploads.append(upload=Upload.objects.get(), offset=0, piece=b"never counted" * 100)
        raise KeyError
    assert eve.kept(path) == 0
    raw = SPEECH
    eve.piece(path, 0, raw[:PIECE])
    eve.piece(path, PIECE, raw[PIECE:])
    assert eve.finish(path).status_code == 201
    assert Recording.objects.get().sha256 == hashlib.sha256(raw).hexdigest()


def test_cut_at_twenty_random_places_and_gone_on_the_sum_is_equal(eve):
    chance = random.Random(15)
    cuts = sorted(chance.sample(range(1, len(SPEECH)), 20))
    path = eve.begin()
    for start, end in zip([0, *cuts], [*cuts, len(SPEECH)], strict=True):
        assert eve.kept(path) == start
        assert eve.piece(path, start, SPEECH[start:end]).status_code == 204
    assert eve.finish(path).status_code == 201
    assert Recording.objects.get().sha256 == hashlib.sha256(SPEECH).hexdigest()


def test_finished_twice_it_is_one_recording(eve):
    path = eve.whole()
    first, second = eve.finish(path), eve.finish(path)
    assert first.json() == second.json() and second.status_code == 201
    assert Recording.objects.count() == MedicalTranscriptionJob.objects.count() == 1
    other = eve.finish(path, mrn="10002", patient_name="Somebody Else")
    assert (other.status_code, other.json()["error"]) == (422, "taken")
    assert eve.piece(path, len(SPEECH), b"").status_code == 404
    assert eve.ask("DELETE", path).status_code == 204 and Upload.objects.count() == 1


def test_two_that_finish_at_once_make_one_recording(eve, cast, monkeypatch):
    path = eve.whole()
    receive, first = uploads.recordings.receive, []

    def overtaken(**given):
        if not first:
            first.append(True)
            first.append(eve.finish(path))
        return receive(**given)

    monkeypatch.setattr(uploads.recordings, "receive", overtaken)
    second = eve.finish(path)
    assert second.status_code == 201 and second.json() == first[1].json()
    assert Recording.objects.count() == 1
    parent = f"countersign/{cast.practice.pk}"
    held = [
        f
        for f in default_storage.listdir(parent)[0]
        if any(default_storage.listdir(f"{parent}/{f}"))
    ]
    assert len(held) == 1, "what the other had stored is removed"


def test_wrong_details_cost_no_second_sending(eve):
    path = eve.whole()
    answer = eve.finish(path, encounter_date="2999-01-01")
    assert answer.status_code == 422 and set(answer.json()["fields"]) == {"encounter_date"}
    Patient.objects.create(practice_id=Upload.objects.get().practice_id, mrn="7", name="Another")
    assert eve.finish(path, mrn="7").json()["error"] == "wrong_patient"
    assert eve.finish(path).status_code == 201


def test_what_is_no_recording_is_refused_and_nothing_of_it_is_left(eve):
    path = eve.whole((AUDIO / "edge_text_renamed.wav").read_bytes())
    folder = Upload.objects.get().folder
    assert eve.finish(path).json()["error"] == "not_audio"
    assert not Upload.objects.exists() and not DataKey.objects.filter(folder=folder).exists()
    assert eve.finish(path).json()["error"] == "incomplete"
    assert eve.ask("HEAD", path).status_code == 404


def test_half_an_upload_is_no_recording_and_can_go_on(eve):
    path = eve.begin()
    eve.piece(path, 0, SPEECH[:PIECE])
    assert eve.finish(path).json()["error"] == "incomplete"
    eve.piece(path, PIECE, SPEECH[PIECE:])
    assert eve.finish(path).status_code == 201


def test_a_piece_that_was_altered_is_never_a_part_of_a_recording(eve, folder_storage):
    path = eve.whole()
    stored = Path(default_storage.path(f"{Upload.objects.get().folder}/{0:013}"))
    raw = bytearray(stored.read_bytes())
    assert SPEECH[:64] not in raw, "encrypted while it is under way"
    raw[-20] ^= 1
    stored.write_bytes(raw)
    assert eve.finish(path).json()["error"] == "incomplete"
    assert not Recording.objects.exists() and not Upload.objects.exists()


def test_the_limits_hold(eve, settings, monkeypatch):
    assert eve.ask("OPTIONS", "/uploads/")["Tus-Max-Size"] == str(2 * 1024**3)
    answer = eve.ask("POST", "/uploads/", Upload_Length=settings.UPLOAD_MAX_BYTES + 1)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    for said in ("", "-1", "x", "1" * 30, "１"):
        assert eve.ask("POST", "/uploads/", Upload_Length=said).status_code == 400
    path = eve.begin(10)
    assert eve.piece(path, 0, b"x" * 11).status_code == 413 and eve.kept(path) == 0
    monkeypatch.setattr(uploads, "LARGEST_PIECE", 5)
    assert eve.piece(path, 0, b"x" * 6).status_code == 413 and eve.kept(path) == 0
    assert (
        eve.ask("PATCH", path, b"x", Upload_Offset=0, Content_Type="text/plain").status_code == 415
    )
    assert eve.ask("PATCH", path, b"x").status_code == 400
    old = eve.ask("PATCH", path, b"x", Upload_Offset=0, Tus_Resumable="0.2.2")
    assert (old.status_code, old["Tus-Version"]) == (412, "1.0.0")
    with pytest.raises(IntegrityError, match="no_more_than_the_file"), transaction.atomic():
        Upload.objects.update(offset=11)


def test_nobody_begins_without_end(eve, monkeypatch):
    monkeypatch.setattr(uploads, "AT_ONCE", 2)
    first = eve.begin(), eve.begin()
    answer = eve.ask("POST", "/uploads/", Upload_Length=5)
    assert answer.status_code == 429 and answer.json()["remedy"]
    assert eve.ask("DELETE", first[0]).status_code == 204
    eve.begin()


def test_another_persons_and_another_practices_upload_look_like_none(eve, cast, as_):
    path = eve.whole()
    nothing = f"/uploads/{uuid4()}"
    for who in (cast.manager, cast.clinician, cast.outsider):
        other = Sender(as_(who), cast)
        for method in ("HEAD", "PATCH", "DELETE"):
            there = other.ask(method, path, Upload_Offset=0)
            none = other.ask(method, nothing, Upload_Offset=0)
            assert there.status_code == none.status_code == 404 and there.content == none.content
        other.author = str(who.pk if who == cast.outsider else cast.clinician.pk)
        assert other.finish(path).json()["error"] == "incomplete"
    assert Upload.objects.get().whole and not Recording.objects.exists()
    assert eve.finish(path).status_code == 201


def test_what_was_cancelled_or_forgotten_is_gone_and_it_is_on_record(eve, cast):
    for path in (eve.begin(), eve.begin(), eve.begin()):
        eve.piece(path, 0, SPEECH[:1000])
    cancelled, forgotten, young = Upload.objects.order_by("pk")
    assert eve.ask("DELETE", f"/uploads/{cancelled.pk}").status_code == 204
    before = timezone.now() - uploads.KEPT - timedelta(seconds=1)
    Upload.objects.filter(pk=forgotten.pk).update(changed_at=before)
    assert uploads.sweep() == {"uploads": 1}
    assert list(Upload.objects.all()) == [young]
    parent = f"countersign/{cast.practice.pk}"
    for gone in (cancelled, forgotten):
        assert not default_storage.exists(f"{gone.folder}/{0:013}")
        assert not DataKey.objects.filter(folder=gone.folder).exists()
    assert default_storage.exists(f"{parent}/{young.folder.rsplit('/')[-1]}/{0:013}")
    said = AuditEvent.objects.filter(action__startswith="upload.").order_by("seq")
    assert [row.action.split(".")[1] for row in said] == ["begun"] * 3 + ["discarded"] * 2
    assert [row.actor_display for row in said][-2:] == ["Eve", "Countersign"]


def test_a_day_later_a_finished_one_is_forgotten_and_its_recording_is_not(eve):
    eve.finish(eve.whole())
    Upload.objects.update(changed_at=timezone.now() - uploads.KEPT - timedelta(seconds=1))
    assert uploads.sweep() == {"uploads": 1} and not Upload.objects.exists()
    assert default_storage.open(Recording.objects.get().media).read() == SPEECH
    assert not AuditEvent.objects.filter(action="upload.discarded").exists()
