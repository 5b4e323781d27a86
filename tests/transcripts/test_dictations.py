"""Dictated text: "scratch that", corrections while speaking, and what the review makes of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from review.enums import FlagState
from review.models import AuditEvent, Review
from tests import factories, tones
from transcripts.actions import dictations, streams, tapes
from transcripts.engines.scratch import scratched
from transcripts.enums import Type
from transcripts.models import Membership

SECOND = tones.speechlike(1.0)


# What "scratch that" takes away


@pytest.mark.parametrize(
    ("before", "said", "left"),
    [
        ({0: "He has pain. No fever."}, "Scratch that.", {0: "He has pain.", 1: ""}),
        ({0: "He has pain."}, "Fever. Scratch that. Cough.", {1: "Cough."}),
        ({0: "He has pain."}, "No fever scratch that", {1: ""}),
        ({0: "No pain."}, "Scratch that. Mild pain.", {0: "", 1: "Mild pain."}),
        ({}, "Scratch that.", {0: ""}),
    ],
)
def test_it_takes_the_last_sentence_and_itself(before, said, left):
    assert scratched(before, len(before), said) == left


def test_said_twice_it_takes_two_sentences():
    texts = {0: "One. Two.", 1: "Three."}
    found = scratched(texts, 2, "Scratch that. Scratch that.")
    assert found == {0: "One.", 1: "", 2: ""}


@pytest.mark.parametrize(
    "said",
    [
        "He tends to scratch that.",
        "The patients scratch that area at night.",
        "There is a scratch. That is new.",
        "Scratches that bleed.",
    ],
)
def test_a_patient_who_scratches_is_no_command(said):
    assert scratched({0: "Itchy skin."}, 1, said) == {}


def test_lines_emptied_before_are_passed_over():
    assert scratched({0: "One.", 1: ""}, 2, "Scratch that.") == {0: "", 2: ""}


# With rows


@pytest.fixture
def stream(cast):
    return streams.begin(
        practice=cast.clinician.practice,
        by=cast.clinician.user,
        about=factories.about(cast.clinician),
        sample_rate=16_000,
        channels=1,
        settings={},
    )


def hear(stream, text, start=0.0):
    words = [(word, 0.4 if word == "lisinopril" else 0.95) for word in text.rstrip(".").split()]
    line = factories.line([*words, (".", None)], start)
    return dictations.hear(stream_id=stream.pk, line=line)


def finished(stream):
    seq = streams.keep(stream_id=stream.pk, seq=0, pcm=SECOND)
    for more in range(seq, 5):
        streams.keep(stream_id=stream.pk, seq=more, pcm=SECOND)
    recording = tapes.finish(stream_id=stream.pk, heard_all=True)
    return Review.objects.get(recording=recording)


def texts(review):
    return [segment.text for segment in review.text.order_by("position")]


@pytest.mark.django_db
def test_lines_are_numbered_in_the_order_they_are_heard(stream):
    assert [hear(stream, f"Line {n}.")[0] for n in range(3)] == [0, 1, 2]


@pytest.mark.django_db
def test_what_was_scratched_can_be_brought_back(stream, cast):
    hear(stream, "No fever.")
    number, changes = hear(stream, "Scratch that.")
    assert changes == {
        "0": {"text": "", "was": "No fever."},
        "1": {"text": "", "was": "Scratch that."},
    }
    dictations.correct(stream_id=stream.pk, index=0, text=None, by=cast.clinician.user)
    stream.refresh_from_db()
    assert set(stream.corrections) == {"1"}


@pytest.mark.django_db
def test_a_conversation_knows_no_commands(stream):
    type(stream).objects.filter(pk=stream.pk).update(type=Type.CONVERSATION)
    hear(stream, "It itches.")
    assert hear(stream, "Scratch that.")[1] == {}


@pytest.mark.django_db
@pytest.mark.parametrize(("index", "text"), [(7, "Nothing."), (0, "x" * 2_001)])
def test_a_correction_of_no_line_or_without_measure_is_refused(stream, cast, index, text):
    hear(stream, "No fever.")
    with pytest.raises(streams.Refused):
        dictations.correct(stream_id=stream.pk, index=index, text=text, by=cast.clinician.user)


@pytest.mark.django_db
def test_corrections_are_edits_of_who_made_them_in_the_review(stream, cast):
    hear(stream, "Takes lisinopril daily.", 0.0)
    hear(stream, "No fever.", 2.0)
    hear(stream, "Scratch that.", 3.0)
    who = cast.clinician.user
    dictations.correct(stream_id=stream.pk, index=0, text="Takes losartan daily.", by=who)
    review = finished(stream)
    assert texts(review) == ["Takes losartan daily.", "", ""]
    machine = review.transcript.segments.values_list("items", flat=True)
    assert [items[1]["content"] for items in machine] == ["lisinopril", "fever", "that"]
    assert {edit.by for edit in review.edits.all()} == {who}
    assert review.flags.get().state == FlagState.CORRECTED
    told = AuditEvent.objects.filter(action="stream.corrected").count()
    assert told == 2


@pytest.mark.django_db
def test_a_mark_spoken_later_stays_with_a_corrected_line(stream, cast):
    line = factories.line([("No", 0.9), ("fever", 0.9)], 0.0)
    dictations.hear(stream_id=stream.pk, line=line)
    dictations.hear(stream_id=stream.pk, line=factories.line([("period", 0.9)], 1.5))
    dictations.correct(stream_id=stream.pk, index=0, text="No cough", by=cast.clinician.user)
    assert texts(finished(stream)) == ["No cough."]


@pytest.mark.django_db
def test_corrections_find_their_words_when_the_sound_is_transcribed_anew(stream, cast):
    hear(stream, "Takes lisinopril daily.", 0.0)
    who = cast.clinician.user
    dictations.correct(stream_id=stream.pk, index=0, text="Takes losartan daily.", by=who)
    for seq in range(9):
        streams.keep(stream_id=stream.pk, seq=seq, pcm=SECOND)
    type(stream).objects.update(last_audio_at=timezone.now() - timedelta(days=2))
    tapes.sweep()
    stream.refresh_from_db()
    words = [("Takes", 0.9), ("lisinopril", 0.9), ("daily", 0.9), (".", None)]
    review = factories.transcribed(stream.recording, [words, [("More", 0.9), (".", None)]])
    assert texts(review) == ["Takes losartan daily.", "More."]


@pytest.mark.django_db
def test_who_may_no_longer_edit_leaves_what_was_heard(stream, cast):
    hear(stream, "No fever.", 0.0)
    dictations.correct(stream_id=stream.pk, index=0, text="Fever.", by=cast.clinician.user)
    Membership.objects.filter(pk=cast.clinician.pk).update(role="manager")
    assert texts(finished(stream)) == ["No fever."]
