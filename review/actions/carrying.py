"""What people made of an older transcript, done again in a newer one; the rest is asked.

Texts, splits, merges, speakers and open questions are carried where the newer transcript says the
same words. What does not fit stands there as a question with what was done, for a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

from review.actions.flags import BLANK, MAX_NOTE
from review.actions.kept import ask, retype
from review.actions.operation import Operation
from review.actions.structure import cut, join
from review.carry import Carried, carry
from review.carry_shape import Left, Shape, Turn, shape
from review.enums import EditKind, FlagState, Reason
from review.models import Flag, Review, Segment
from review.timing import text_of
from transcripts.models import MachineSegment, Membership, Transcript

OLDER = "In the older transcript: "


@dataclass(frozen=True, slots=True)
class Plan:
    """What carrying over will do; `left` can't be done again, `asked` are open questions."""

    texts: Carried
    shape: Shape
    left: list[Left]
    asked: list[Left]

    @property
    def fitted(self) -> int:
        return self.texts.fitted + self.shape.fitted

    @property
    def collided(self) -> int:
        return len(self.left)


def plan(review: Review, newer: Transcript) -> Plan:
    """How today's text goes into the newer transcript. Four queries; changes nothing."""
    machine = Transcript.objects.get(pk=review.transcript_id).segments.all()
    old, new = turns(machine), turns(newer.segments.all())
    rows = list(review.text.order_by("position"))
    said = [item for turn in old for item in turn.items]
    texts = carry(said, [row.items for row in rows], [turn.items for turn in new])
    shaped = shape(old, turns(rows), new)
    left = [_collision(old, said, *one) for one in texts.collisions] + shaped.left
    left = [replace(one, note=OLDER + one.note) for one in left]
    return Plan(texts, shaped, left, _questions(review, rows))


def turns(rows: Iterable[Segment | MachineSegment]) -> list[Turn]:
    return [Turn(row.speaker or "", float(row.start), float(row.end), row.items) for row in rows]


def _collision(
    old: list[Turn], said: list[dict[str, Any]], typed: str, first: int, last: int
) -> Left:
    """Text that a person typed where the newer transcript says something else."""
    around = said[max(first - 1, 0) : last + 1] if first == last else said[first:last]
    timed = [item for item in around if item["start"] is not None]
    was = text_of(said[first:last])
    note = f"“{typed}” was typed" if typed else "these words were taken out"
    note += f" for “{was}”." if was and typed else f": “{was}”." if was else "."
    if not timed:
        return Left(note, old[0].start if old else 0.0, old[-1].end if old else 0.0)
    return Left(note, timed[0]["start"], timed[-1]["end"])


def _questions(review: Review, rows: list[Segment]) -> list[Left]:
    """Questions that are open: they are asked again."""
    items = {item["id"]: item for row in rows for item in row.items}
    homes = {row.pk: row for row in rows}
    asked = []
    for flag in review.flags.filter(state=FlagState.OPEN, reason=Reason.QUERY):
        home = homes.get(flag.segment_id)
        timed = [items[one] for one in flag.items if one in items and items[one]["start"]]
        if home is not None and timed:
            asked.append(Left(flag.note, timed[0]["start"], timed[-1]["end"]))
        elif home is not None:
            asked.append(Left(flag.note, float(home.start), float(home.end)))
    return asked


def apply(review: Review, segments: list[Segment], made: Plan, by: Membership) -> list[Segment]:
    """Does it, as edits of the log; the segments as they are then. Their flags come later."""
    for segment, text in zip(segments, made.texts.texts, strict=True):
        if segment.text != text:
            retype(review, segment, text, by)
    rows = list(review.text.select_related("edited_by").order_by("position"))
    work = Operation(review, by, uuid4(), None)
    rows = _cut(work, rows, made.shape)
    rows = _say(work, rows, made.shape.said)
    rows, apart = _join(work, rows, made.shape)
    _blanks(work, rows)
    for one in [*made.left, *apart, *made.asked]:
        times = (Decimal(str(round(at, 3))) for at in (one.start, one.end))
        ask(work, rows, *times, one.note[:MAX_NOTE])
    used = {row.speaker for row in rows}
    names = {made.shape.labels.get(label): name for label, name in review.speakers.items()}
    work.log(EditKind.CARRY, names={label: n for label, n in names.items() if label in used})
    return rows


def _cut(work: Operation, rows: list[Segment], made: Shape) -> list[Segment]:
    """Splits again where people had split, in front of what they typed there."""
    typed = dict(made.cuts)
    parts: list[Segment] = []
    for row in rows:
        at = [_begin(row, n, typed[i["id"]]) for n, i in enumerate(row.items) if i["id"] in typed]
        parts += _parts(work, row, at)
    return parts


def _begin(row: Segment, at: int, typed: int) -> int:
    while typed and at and row.items[at - 1]["by"] != "machine":
        at, typed = at - 1, typed - 1
    return at


def _parts(work: Operation, row: Segment, at: list[int]) -> list[Segment]:
    """The segment cut before the items of these numbers; marks stay with the word before."""
    parts = [row]
    for number in sorted({n for n in at if n}, reverse=True):
        if row.items[number]["type"] != "punctuation":
            work.hold(row)
            parts.insert(1, cut(work, row, number))
    return parts


def _say(work: Operation, rows: list[Segment], said: dict[str, str]) -> list[Segment]:
    """Gives words to the speakers whom people had named; typed words go with those before."""
    parts: list[Segment] = []
    for row in rows:
        who = [said.get(i["id"], row.speaker) if i["by"] == "machine" else None for i in row.items]
        if not any(who) or {*who} <= {None, row.speaker}:
            parts.append(row)
            continue
        now = next(one for one in who if one is not None)
        for n, one in enumerate(who):
            mark = row.items[n]["type"] == "punctuation"
            now = who[n] = now if one is None or mark else one
        cuts = [n for n in range(1, len(who)) if who[n] != who[n - 1]]
        work.hold(row)
        made = _parts(work, row, cuts)
        for part, at in zip(made, [0, *cuts], strict=True):
            part.speaker = who[at]
        parts += made
    return parts


def _join(work: Operation, rows: list[Segment], made: Shape) -> tuple[list[Segment], list[Left]]:
    """Merges again what people had merged; and those that stand apart now."""
    apart: list[Left] = []
    for before, behind in made.joins:
        homes = {item["id"]: n for n, row in enumerate(rows) for item in row.items}
        a, b = homes.get(before), homes.get(behind)
        if a is None or b is None or b - a > 1 or rows[a].channel != rows[b].channel:
            at = next((n for n in (a, b) if n is not None), 0)
            note = f"{OLDER}these words and those before or behind were merged."
            apart.append(Left(note, float(rows[at].start), float(rows[at].end)))
        elif a != b:
            work.hold(rows[a], rows[b])
            join(work, rows[a], rows.pop(b))
    return rows, apart


def _blanks(work: Operation, rows: list[Segment]) -> None:
    """A blank that was carried over is to be filled here too."""
    for row in rows:
        for item in row.items:
            if item["content"] == BLANK and item["by"] != "machine":
                work.hold(row)
                work.raise_flag(
                    Flag(review=work.review, segment=row, items=[item["id"]], reason=Reason.BLANK)
                )
