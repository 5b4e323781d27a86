"""What follows by itself when a recording comes in and when its transcript is there."""

from itertools import groupby
from typing import Any

from review import thresholds, turnaround
from review.actions import early, safety
from review.actions.settling import settle
from review.enums import FROZEN, Action, Priority, Reason, State
from review.models import Flag, Review, Segment
from review.policies import Refused, details_refusal
from review.threshold.labels import score_of
from review.threshold.line import Line
from review.timing import text_of
from transcripts import events
from transcripts.models import Recording, Transcript

SINGLY = {Reason.LOW_CONFIDENCE}


def expect(event: events.Event) -> None:
    """A recording came in: its review waits for the transcript."""
    recording = Recording.objects.select_related("practice").get(pk=event.object_id)
    minutes = turnaround.minutes_of(recording.practice_id)
    Review.objects.create(
        practice=recording.practice,
        recording=recording,
        due_at=turnaround.due(minutes, recording.type, Priority.ROUTINE, recording.created_at),
        threshold=recording.practice.confidence_threshold,
    )


def refuse_once_signed(event: events.Event) -> None:
    """Patient and author are part of what was signed; a signature in progress is waited for."""
    review = Review.objects.select_for_update().get(recording=event.object_id)
    if sentence := details_refusal(review):
        raise Refused(sentence)


def open_review(event: events.Event) -> None:
    """The machine is done: its transcript becomes the review's text, or is offered beside it."""
    transcript = Transcript.objects.select_related("recording").get(job_id=event.detail["job"])
    review = Review.objects.select_for_update().get(recording=transcript.recording)
    if review.state in FROZEN:
        return
    if review.state != State.WAITING:
        review.offered = transcript
        review.save(update_fields=["offered"])
        events.about(transcript.recording, Action.TRANSCRIPT_OFFERED)
        return
    review.transcript, review.state = transcript, State.READY
    review.save(update_fields=["transcript", "state"])
    segments = copy(review, transcript)
    kept, asked = early.keep(review, segments)
    flags = mark(review, segments, _line(review, transcript))
    settle(review, touched=bool(kept or asked))
    events.about(transcript.recording, Action.REVIEW_OPENED, flags=flags)
    if kept or asked:
        events.about(transcript.recording, Action.EDITS_KEPT, kept=kept, asked=asked)


def copy(review: Review, transcript: Transcript) -> list[Segment]:
    """The machine's segments as segments for people to edit."""
    return Segment.objects.bulk_create(
        [
            Segment(
                review=review,
                transcript=transcript,
                machine=machine,
                origins=[machine.index],
                position=machine.index,
                start=machine.start,
                end=machine.end,
                speaker=machine.speaker,
                channel=machine.channel,
                text=text_of(machine.items),
                items=machine.items,
            )
            for machine in transcript.segments.all()
        ],
        batch_size=500,
    )


def _line(review: Review, transcript: Transcript) -> Line | None:
    """The line that the practice drew for such recordings; None where it drew none."""
    chosen = thresholds.in_force(review.practice_id, transcript)
    if chosen is None:
        return None
    review.threshold = chosen.floor
    review.save(update_fields=["threshold"])
    return Line(chosen.cutoffs[transcript.recording.type])


def mark(review: Review, segments: list[Segment], line: Line | None = None) -> int:
    """Flags the machine's words that must be looked at; returns how many."""
    flags = safety.found_in(review, segments)
    # One word, one mark: what the checks say of it goes before the machine's doubt.
    taken = {item for flag in flags if flag.critical for item in flag.items}
    doubts = [flag for segment in segments for flag in _flags(review, segment, line)]
    flags += [flag for flag in doubts if not taken.issuperset(flag.items)]
    Flag.objects.bulk_create(flags, batch_size=500)
    return len(flags)


def _flags(review: Review, segment: Segment, line: Line | None) -> list[Flag]:
    """One for each unsure word, and one for each run of words that nobody said or that repeat."""
    words = [item for item in segment.items if item["type"] == "pronunciation"]
    flags: list[Flag] = []
    for reason, run in groupby(words, key=lambda item: _doubt(item, review, line)):
        ids = [item["id"] for item in run]
        groups = [] if reason is None else [[i] for i in ids] if reason in SINGLY else [ids]
        flags += [Flag(review=review, segment=segment, items=g, reason=reason) for g in groups]
    return flags


def _doubt(item: dict[str, Any], review: Review, line: Line | None) -> Reason | None:
    if item["by"] != "machine":
        return None
    for reason in (Reason.NO_SPEECH, Reason.LOOP):
        if reason in item.get("marks", ()):
            return reason
    if line and (score := score_of(item)) is not None:
        unsure = line.unsure(item["content"], score)
    else:
        unsure = item["confidence"] is not None and item["confidence"] < review.threshold
    return Reason.LOW_CONFIDENCE if unsure else None
