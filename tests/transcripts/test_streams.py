"""Live streams as rows: what is kept, in which order, and what becomes of it in the end."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from review.models import AuditEvent, Review
from tests import factories, tones
from transcripts.actions import streams, tapes
from transcripts.actions.recordings import WrongPatient
from transcripts.enums import JobStatus, Source, StreamState
from transcripts.models import AccessKey, LiveStream, Patient, StreamAudio

pytestmark = pytest.mark.django_db

SECOND = tones.speechlike(1.0)
QUIET = bytes(len(SECOND))


@pytest.fixture
def begun(cast):
    def begin(**changes):
        values = {
            "practice": cast.clinician.practice,
            "by": cast.clinician.user,
            "about": factories.about(cast.clinician),
            "sample_rate": 16_000,
            "channels": 1,
            "settings": {},
        }
        return streams.begin(**(values | changes))

    return begin


@pytest.fixture
def stream(begun):
    return begun()


def keep(stream, seq, pcm=SECOND):
    return streams.keep(stream_id=stream.pk, seq=seq, pcm=pcm)


def say(stream, index, words, start):
    line = factories.line([*words, (".", None)], start)
    streams.said(stream_id=stream.pk, index=index, line=line)
    return line


# Keeping


@pytest.mark.parametrize("pcm", [b"", b"\0", bytes(32_002), SECOND + b"\0"])
def test_what_is_no_frame_of_a_second_at_most_is_refused(stream, pcm):
    with pytest.raises(streams.Refused):
        keep(stream, 0, pcm)
    assert not StreamAudio.objects.exists()


def test_nothing_is_kept_past_a_gap(stream):
    assert keep(stream, 1) == 0
    assert keep(stream, 0) == 1
    assert keep(stream, 5) == 1


def test_a_frame_sent_again_is_kept_once_and_as_it_was_first(stream):
    keep(stream, 0)
    assert keep(stream, 0, QUIET) == 1
    assert bytes(stream.audio.get().pcm) == SECOND


def test_several_frames_go_on_from_what_is_kept(stream):
    keep(stream, 0)
    many = streams.keep_all(stream_id=stream.pk, first_seq=0, frames=[SECOND, QUIET, SECOND])
    assert many == 3
    assert list(stream.audio.values_list("first_sample", flat=True)) == [0, 16_000, 32_000]


def test_four_hours_are_the_most(stream):
    LiveStream.objects.filter(pk=stream.pk).update(frames=7, samples=14_400 * 16_000 - 100)
    with pytest.raises(streams.Refused, match="four hours"):
        keep(stream, 7)


def test_an_ended_stream_keeps_no_more(stream):
    keep(stream, 0)
    streams.discard(stream_id=stream.pk, by=stream.by)
    assert keep(stream, 1) == 1 and not StreamAudio.objects.exists()


# Beginning


def test_a_record_number_of_another_patient_begins_nothing(begun, cast):
    begun()
    with pytest.raises(WrongPatient):
        begun(about=factories.about(cast.clinician, patient_name="Somebody Else"))
    assert LiveStream.objects.count() == Patient.objects.count() == 1


def test_a_person_with_many_unfinished_dictations_finishes_one_first(begun, cast, monkeypatch):
    monkeypatch.setattr(streams, "MAX_UNFINISHED", 1)
    keep(first := begun(), 0)
    with pytest.raises(streams.Refused, match="Finish or discard"):
        begun()
    begun(by=cast.editor.user)
    streams.discard(stream_id=first.pk, by=cast.clinician.user)
    begun()


def test_a_newer_stream_of_a_session_ends_the_older(begun):
    session = str(uuid4())
    older = begun(session_id=session)
    newer = begun(session_id=session)
    older.refresh_from_db()
    assert (older.state, newer.state) == (StreamState.ENDED, StreamState.OPEN)


# Finishing


def test_what_was_said_is_a_recording_with_a_transcript_and_a_review(stream):
    keep(stream, 0)
    keep(stream, 1, QUIET)
    say(stream, 0, factories.WORDS[1][:-1], 0.2)
    recording = tapes.finish(stream_id=stream.pk, heard_all=True)
    assert (recording.source, float(recording.duration)) == (Source.STREAM, 2.0)
    assert recording.author == stream.author and recording.patient == stream.patient
    review = Review.objects.get(recording=recording)
    assert [s.text for s in review.segments.all()] == ["Denies chest pain."]
    assert review.flags.count() == 1
    assert recording.jobs.get().status == JobStatus.COMPLETED
    assert not StreamAudio.objects.exists()
    assert tapes.finish(stream_id=stream.pk) == recording


def test_a_spoken_mark_after_a_pause_joins_the_line_before(stream):
    keep(stream, 0)
    streams.said(stream_id=stream.pk, index=0, line=factories.line([("Denies", 0.9)], 0.0))
    streams.said(stream_id=stream.pk, index=1, line=factories.line([("period", 0.9)], 0.6))
    recording = tapes.finish(stream_id=stream.pk, heard_all=True)
    assert [s.text for s in Review.objects.get(recording=recording).segments.all()] == ["Denies."]


def test_sound_after_the_last_line_is_transcribed_by_an_ordinary_job(stream):
    say(stream, 0, factories.WORDS[1][:-1], 0.0)
    for seq in range(4):
        keep(stream, seq)
    recording = tapes.finish(stream_id=stream.pk)
    assert recording.jobs.get().status == JobStatus.QUEUED


def test_silence_after_the_last_line_is_no_reason_to_transcribe_again(stream):
    say(stream, 0, [("Denies", 0.9)], 0.5)
    keep(stream, 0)
    keep(stream, 1, QUIET)
    recording = tapes.finish(stream_id=stream.pk)
    assert recording.jobs.get().status == JobStatus.COMPLETED


def test_audible_sound_without_a_line_is_transcribed(stream):
    keep(stream, 0)
    recording = tapes.finish(stream_id=stream.pk, heard_all=True)
    assert recording.jobs.get().status == JobStatus.QUEUED


@pytest.mark.parametrize("frames", [[], [QUIET], [SECOND[:6_400]]])
def test_nothing_said_leaves_no_recording(stream, frames):
    for seq, pcm in enumerate(frames):
        keep(stream, seq, pcm)
    assert tapes.finish(stream_id=stream.pk, heard_all=True) is None
    stream.refresh_from_db()
    assert stream.state == StreamState.FINISHED and not stream.audio.exists()


def test_two_lanes_are_kept_apart(begun):
    stream = begun(channels=2, settings={"ChannelIdentification": True, "NumberOfChannels": 2})
    streams.keep(stream_id=stream.pk, seq=0, pcm=tones.interleaved(SECOND, QUIET))
    line = factories.line([("Denies", 0.9)], 0.0) | {"channel": 1}
    streams.said(stream_id=stream.pk, index=0, line=line)
    recording = tapes.finish(stream_id=stream.pk, heard_all=True)
    assert recording.channels == 2
    assert Review.objects.get(recording=recording).segments.get().channel == 1


def test_a_practice_that_keeps_no_streams_stores_nothing_of_them(begun, cast):
    practice = cast.clinician.practice
    practice.keep_streams = False
    key = AccessKey.objects.create(practice=practice, user=cast.clinician.user)
    stream = begun(access_key=key)
    assert keep(stream, 0) == 1
    say(stream, 0, factories.WORDS[1], 0.0)
    assert not StreamAudio.objects.exists() and not stream.results.exists()
    assert tapes.finish(stream_id=stream.pk, heard_all=True) is None


# Discarding


def test_a_discarded_stream_leaves_its_audit_rows_alone(stream):
    keep(stream, 0)
    say(stream, 0, factories.WORDS[1], 0.0)
    streams.discard(stream_id=stream.pk, by=stream.by)
    assert not StreamAudio.objects.exists() and not stream.results.exists()
    assert tapes.finish(stream_id=stream.pk) is None
    with pytest.raises(streams.Refused):
        streams.discard(stream_id=stream.pk, by=stream.by)
    told = AuditEvent.objects.filter(object_id=stream.pk).order_by("seq")
    assert list(told.values_list("action", flat=True)) == ["stream.begun", "stream.discarded"]


# Abandoned


@pytest.mark.parametrize(
    ("dictated", "minutes", "taken_up"),
    [(False, 0.5, False), (False, 2, True), (True, 23 * 60, False), (True, 25 * 60, True)],
)
def test_a_stream_whose_audio_stopped_is_finished(begun, dictated, minutes, taken_up):
    stream = begun()
    keep(stream, 0)
    LiveStream.objects.filter(pk=stream.pk).update(
        dictated=dictated, last_audio_at=timezone.now() - timedelta(minutes=minutes)
    )
    tapes.sweep()
    stream.refresh_from_db()
    assert (stream.recording is not None) is taken_up
