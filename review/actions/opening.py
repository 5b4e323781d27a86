"""What follows by itself when a recording comes in and when its transcript is there."""

from django.db.models import Exists, OuterRef

from review.enums import Action, FlagState, Reason, State
from review.models import Flag, Review, Segment
from review.timing import text_of
from transcripts import events
from transcripts.models import Recording, Transcript


def expect(event: events.Event) -> None:
    """A recording came in: its review waits for the transcript."""
    recording = Recording.objects.select_related("practice").get(pk=event.object_id)
    Review.objects.create(
        practice=recording.practice,
        recording=recording,
        threshold=recording.practice.confidence_threshold,
    )


def open_review(event: events.Event) -> None:
    """The machine is done: copy its segments for people to edit, and mark what it was unsure of."""
    transcript = Transcript.objects.select_related("recording").get(job_id=event.detail["job"])
    review = Review.objects.select_for_update().get(recording=transcript.recording)
    if review.state != State.WAITING:
        return
    segments = [
        Segment(
            review=review,
            transcript=transcript,
            position=machine.index,
            start=machine.start,
            end=machine.end,
            speaker=machine.speaker,
            channel=machine.channel,
            text=text_of(machine.items),
            items=machine.items,
        )
        for machine in transcript.segments.all()
    ]
    Segment.objects.bulk_create(segments, batch_size=500)
    flags = [flag for segment in segments for flag in _unsure(review, segment)]
    Flag.objects.bulk_create(flags, batch_size=500)
    review.transcript, review.state = transcript, State.READY
    review.save(update_fields=["transcript", "state"])
    settle(review, touched=False)
    events.about(transcript.recording, Action.REVIEW_OPENED, flags=len(flags))


def _unsure(review: Review, segment: Segment) -> list[Flag]:
    return [
        Flag(review=review, segment=segment, items=[item["id"]], reason=Reason.LOW_CONFIDENCE)
        for item in segment.items
        if item["confidence"] is not None and item["confidence"] < review.threshold
    ]


def settle(review: Review, *, touched: bool = True) -> None:
    """Moves a locked review to where its open flags put it: in review, or ready to sign."""
    words = Segment.objects.filter(review=OuterRef("pk")).exclude(text="")
    opened = Flag.objects.filter(review=OuterRef("pk"), state=FlagState.OPEN)
    found = Review.objects.annotate(has_text=Exists(words), has_open=Exists(opened))
    now = found.get(pk=review.pk)
    if now.has_text and not now.has_open:
        state = State.READY_TO_SIGN
    else:
        state = State.IN_REVIEW if touched else State.READY
    if state != now.state:
        review.state = state
        review.save(update_fields=["state"])
