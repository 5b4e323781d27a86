"""Lines edited while the machine still works: taken up as segments, later kept as edits.

A finished chunk's line can be edited at once: the first edit makes a segment of it, without a
transcript, and logs what the machine had said. When the transcript is there, the edits that fit go
into it; where one does not fit, a question with the typed text stands there for a person.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db.models import F, Func, IntegerField

from review.actions.kept import ask, retype
from review.actions.operation import Conflict, Operation
from review.actions.rows import heirs, over
from review.carry import carry
from review.enums import EditKind, State
from review.models import Review, Segment
from review.policies import NO_TRANSCRIPT, Refused
from transcripts import wire
from transcripts.models import Chunk, Membership

TYPED = "Typed here while the machine was still working: "
AROUND = 3
MAX_NOTE = 500


def line(review: Review, segment_id: UUID) -> dict[str, Any] | None:
    """The line of a finished chunk with this id, as the page was shown it; None without one."""
    count = Func(F("segments"), function="jsonb_array_length", output_field=IntegerField())
    chunks = Chunk.objects.filter(job__recording=review.recording_id, done=True)
    for pk, lines in chunks.annotate(lines=count).values_list("pk", "lines"):
        for number in range(lines):
            if uuid5(pk, str(number)) == segment_id:
                return wire.provisional(Chunk.objects.get(pk=pk))[number]
    return None


def take(work: Operation, segment_id: UUID, base_version: int) -> Segment:
    """The segment, to be changed; a finished chunk's line becomes one. Raises as Operation.take."""
    review = work.review
    try:
        return work.take(segment_id, base_version)
    except Segment.DoesNotExist:
        shown = line(review, segment_id)
    if shown is None and review.state == State.WAITING:
        raise Refused(NO_TRANSCRIPT)
    if shown is None:
        raise Segment.DoesNotExist
    segment = _segment(review, shown)
    if review.state != State.WAITING:
        raise Conflict(heirs(review, segment))
    if base_version:
        raise Conflict([segment])
    first = Operation(review, work.by, uuid4(), None)
    first.add(segment)
    first.log(EditKind.EARLY)
    work.hold(segment)
    return segment


def _segment(review: Review, shown: dict[str, Any]) -> Segment:
    """A segment of its own for the line, as the machine said it."""
    return Segment(
        pk=UUID(shown["id"]),
        review=review,
        position=shown["position"],
        start=Decimal(str(shown["start"])),
        end=Decimal(str(shown["end"])),
        speaker=shown["speaker"] or "",
        channel=shown["channel"],
        items=shown["items"],
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as the machine first said it, and the segment that people made of it, if they did."""

    start: Decimal
    end: Decimal
    channel: int | None
    said: list[dict[str, Any]]
    edited: Segment | None

    @property
    def items(self) -> list[dict[str, Any]]:
        return self.edited.items if self.edited else self.said


def keep(review: Review, segments: list[Segment]) -> tuple[int, int]:
    """Carries early edits into the transcript's new segments; how many lines fitted, and not."""
    lines = _lines(review)
    texts: dict[UUID, tuple[str, Segment]] = {}
    homeless: list[Segment] = []
    edited = [line for line in lines if line.edited]
    for line in edited:
        lane = [other for other in lines if other.channel == line.channel]
        at = lane.index(line)
        around = lane[max(at - AROUND, 0) : at + AROUND + 1]
        near = over(segments, around[0].start, max(one.end for one in around), line.channel)
        old = [item for one in around for item in one.said]
        new = [row.items for row in near]
        alone = carry(old, [one.items if one is line else one.said for one in around], new)
        if alone.collided:
            homeless.append(line.edited)
        together = carry(old, [one.items for one in around], new)
        close = {row.pk for row in over(near, line.start, line.end, line.channel)}
        for row, text in zip(near, together.texts, strict=True):
            if row.pk in close and text != row.text:
                texts[row.pk] = (text, line.edited)
    for row in segments:
        if row.pk in texts:
            text, line_edited = texts[row.pk]
            retype(review, row, text, _as(line_edited))
    for segment in homeless:
        _ask(review, segments, segment)
    return len(edited) - len(homeless), len(homeless)


def _lines(review: Review) -> list[_Line]:
    """What the machine had said, line by line, in order of time."""
    taken = {row.pk: row for row in review.segments.filter(transcript=None)}
    if not taken:
        return []
    found: dict[str, dict[str, Any]] = {}
    for chunk in review.transcript.job.chunks.all():
        found |= {shown["id"]: shown for shown in wire.provisional(chunk)}
    for edit in review.edits.filter(kind=EditKind.EARLY):
        (change,) = edit.changes
        found[change["segment"]] = change["after"]
    lines = [
        _Line(
            start=Decimal(str(said["start"])),
            end=Decimal(str(said["end"])),
            channel=said["channel"],
            said=said["items"],
            edited=_changed(taken.get(UUID(pk)), said["items"]),
        )
        for pk, said in found.items()
    ]
    return sorted(lines, key=lambda line: (line.start, line.channel or 0))


def _changed(segment: Segment | None, said: list[dict[str, Any]]) -> Segment | None:
    return segment if segment and segment.items != said else None


def _as(segment: Segment) -> Membership:
    """Whose edit it was. They may have left the practice since."""
    return Membership(user=segment.edited_by, practice_id=segment.review.practice_id)


def _ask(review: Review, segments: list[Segment], early: Segment) -> None:
    """A question where the line stands now, with what was typed; so that it is not lost."""
    work = Operation(review, _as(early), uuid4(), None)
    note = f"{TYPED}{early.text}"[:MAX_NOTE]
    ask(work, segments, early.start, early.end, note, early.channel)
    work.log(EditKind.CARRY)
