"""What is carried into another transcript, as edits: typed texts, and questions for the rest."""

from decimal import Decimal
from uuid import uuid4

from review import timing
from review.actions.operation import Operation
from review.enums import EditKind, Reason
from review.models import Flag, Review, Segment
from transcripts.models import Membership


def retype(review: Review, segment: Segment, text: str, by: Membership) -> None:
    """Logs a segment's text as carried over, by the person whose edit it was."""
    work = Operation(review, by, uuid4(), None)
    work.hold(segment)
    work.write(segment, text)
    work.log(EditKind.CARRY)


def ask(
    work: Operation,
    rows: list[Segment],
    start: Decimal,
    end: Decimal,
    note: str,
    channel: int | None = None,
) -> None:
    """Raises a question where the words between two moments stand now, so that `note` is not lost.

    Nowhere without words in any of the `rows`.
    """
    spoken = [row for row in rows if row.items]
    if not spoken:
        return
    lane = [row for row in spoken if channel is None or row.channel == channel]
    here = [row for row in lane if row.start < end and row.end > start]
    home = here[0] if here else min(spoken, key=lambda row: abs(row.start - start))
    words = [item for item in home.items if item["type"] == timing.PRONUNCIATION] or home.items
    within = [
        item["id"]
        for item in words
        if item["start"] is not None and float(start) <= item["start"] < float(end)
    ]
    work.hold(home)
    items = within or [item["id"] for item in words]
    work.raise_flag(
        Flag(review=work.review, segment=home, items=items, reason=Reason.QUERY, note=note)
    )
