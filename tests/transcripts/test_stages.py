"""A stage after the engine that fails costs a warning, never the text."""

import pytest

from tests.factories import WORDS, line, upload
from transcripts import lease
from transcripts.actions import stages, work
from transcripts.engines import formatting, phi, readings, speakers
from transcripts.models import Chunk, MedicalTranscriptionJob, Transcript

ASKED = {
    "ShowSpeakerLabels": True,
    "MaxSpeakerLabels": 2,
    "ShowAlternatives": True,
    "MaxAlternatives": 2,
}


def broken(*args, **kwargs):
    raise RuntimeError("a broken stage")


@pytest.fixture
def job(cast):
    recording = upload(cast)
    MedicalTranscriptionJob.objects.update(settings=ASKED, content_identification="PHI")
    return recording.jobs.select_related("recording", "vocabulary").get()


def test_every_stage_that_fails_is_named_and_the_words_stand(job, monkeypatch):
    for module, name in (
        (formatting, "written"),
        (speakers, "label"),
        (phi, "detect"),
    ):
        monkeypatch.setattr(module, name, broken)
    said = [line(words, 3.0 * n) for n, words in enumerate(WORDS)]
    finished = stages.finish(job, [Chunk(job=job, index=0, start=0, end=11, segments=said)])
    assert [i["content"] for i in finished.lines[0]["items"]] == [w for w, _ in WORDS[0]]
    assert [w["code"] for w in finished.warnings] == ["formatting", "speakers", "phi"]
    assert all(w["message"].endswith(".") for w in finished.warnings)


@pytest.mark.timeout(120)
def test_readings_that_fail_in_a_worker_reach_the_review_as_a_warning(job, monkeypatch, as_, cast):
    monkeypatch.setattr(readings, "hypotheses", broken)
    monkeypatch.setattr(readings, "_doubtful", lambda segment: True)
    while unit := lease.claim("test"):
        work.run(unit)
    transcript = Transcript.objects.get()
    assert transcript.segments.exists()
    assert [w["code"] for w in transcript.warnings] == ["alternatives"]
    state = as_(cast.editor).get(f"/recordings/{job.recording_id}/state").json()
    assert state["transcript"]["warnings"] == transcript.warnings
