"""What a clinician corrected while dictating becomes edits of the review, once it opens."""

import logging
from uuid import uuid4

from review.actions import edit
from review.carry import carry
from review.models import Review
from review.policies import Refused
from review.timing import replace_text, text_of
from transcripts import events
from transcripts.actions.tapes import lines_of
from transcripts.models import LiveStream, Membership

log = logging.getLogger(__name__)


def apply(event: events.Event) -> None:
    """A job completed: where it opened a dictation's review, the corrections are made in it."""
    stream = LiveStream.objects.filter(recording=event.object_id, dictated=True).first()
    if stream is None or not stream.corrections:
        return
    review = Review.objects.select_related("transcript").get(recording=event.object_id)
    if review.transcript is None or str(review.transcript.job_id) != event.detail["job"]:
        return
    by = Membership.objects.filter(user=stream.by_id, practice=stream.practice_id).first()
    segments = list(review.text.order_by("position"))
    texts = _texts(stream, [segment.items for segment in segments])
    for segment, text in zip(segments, texts, strict=True):
        if text == segment.text:
            continue
        try:
            edit.replace_text(
                review=review,
                segment_id=segment.pk,
                base_version=segment.version,
                text=text,
                op_id=uuid4(),
                by=by,
            )
        except Refused:  # may no longer edit; what was heard stands, and is to be reviewed
            log.warning("corrections of %s were not taken over", stream)
            return


def _texts(stream: LiveStream, machine: list[list[dict]]) -> list[str]:
    """The segments' texts after the corrections."""
    lines = lines_of(stream)
    edited = corrected(lines, stream)
    if [text_of(line["items"]) for line in lines] == [text_of(items) for items in machine]:
        return edited
    # Transcribed anew after all: the corrections go where the same words stand.
    old = [item for line in lines for item in line["items"]]
    number = iter(range(1_000_000))
    after = [
        replace_text(
            line["items"],
            text,
            start=line["start"],
            end=line["end"],
            new_id=lambda: f"d{next(number)}",
        )
        for line, text in zip(lines, edited, strict=True)
    ]
    return carry(old, after, machine).texts


def corrected(lines: list[dict], stream: LiveStream) -> list[str]:
    """The texts of lines_of with the corrections. A mark that joined a line later stays with it."""
    heard = {result.index: text_of(result.line["items"]) for result in stream.results.all()}
    texts, done = [], set()
    for line in lines:
        number, text = line["heard_as"], text_of(line["items"])
        change = stream.corrections.get(str(number))
        if change and number in done:  # the line was parted; its text stands in the first part
            text = ""
        elif change and text.startswith(heard[number]) and change["text"]:
            text = change["text"] + text[len(heard[number]) :]
        elif change:
            text = change["text"]
        done.add(number)
        texts.append(text)
    return texts
