"""Proves the log: replayed upon what the machine said, it gives today's text. Writes nothing."""

from django.db import transaction

from review import replay
from review.actions.rows import plain, state
from review.models import Review, Segment
from review.timing import text_of


class Differs(Exception):
    """The log does not lead to the text of today; the message holds ids and numbers only."""


@transaction.atomic
def check(review: Review) -> int:
    """The number of edits that were replayed. Raises Differs at the first that does not fit."""
    Review.objects.select_for_update().get(pk=review.pk)  # an edit is whole or not there
    review = Review.objects.get(pk=review.pk)
    rows = list(review.segments.select_related("machine"))
    states = {("segment", str(row.pk)): _said(row) for row in rows if row.machine_id}
    count = 0
    for edit in review.edits.order_by("seq").iterator(chunk_size=200):
        count += 1
        if edit.seq != count:
            raise Differs(f"edit {count} is missing")
        try:
            replay.replay(states, edit.changes)
        except replay.Broken as broken:
            raise Differs(f"edit {edit.seq}: {broken}") from None
    if count != review.edit_seq:
        raise Differs(f"edit {review.edit_seq} is missing")
    for row in rows:
        key = ("segment", str(row.pk))
        if states.get(key) != state(row):
            raise Differs(f"segment {row.pk} is not what the log says")
        if row.text != text_of(states[key]["items"]):
            raise Differs(f"segment {row.pk} has another text than its words")
    names = states.get(("speakers", str(review.pk)), {})
    if {label: name for label, name in names.items() if name is not None} != review.speakers:
        raise Differs("the speakers' names are not what the log says")
    if sum(kind == "segment" for kind, _ in states) != len(rows):
        raise Differs("a segment of the log is missing")
    return count


def _said(row: Segment) -> replay.Fields:
    """The segment as it was copied from the machine's."""
    machine = row.machine
    return {
        "position": plain(machine.index),
        "start": f"{machine.start:.3f}",
        "end": f"{machine.end:.3f}",
        "speaker": machine.speaker,
        "channel": machine.channel,
        "origins": [machine.index],
        "items": machine.items,
        "removed": False,
    }
