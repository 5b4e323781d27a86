"""One operation on a review, from its lock to its last word: what changed is saved, logged, told.

What an operation does to segments, flags and names stands in the modules beside this one, by verb.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from review import replay, timing
from review.actions import plays, safety
from review.actions.rows import flag_state, heirs, state
from review.actions.settling import settle
from review.enums import Action, EditKind, FlagState
from review.models import Edit, Flag, Review, Segment
from review.policies import Refused, early_refusal, edit_refusal
from review.timing import text_of
from transcripts import events, live, statements
from transcripts.models import Membership
from transcripts.statements import written_once

OTHERS_ID = "This change was numbered like another one. Reload the page and make it again."
# With more segments than this, browsers fetch all of them instead of being told of each.
MANY = 50


class Conflict(Exception):
    """The text has moved on since the operation was made.

    `segments` are those concerned as they are now; where the one that was named is gone, first the
    segments that hold its words. `count` is how often a word stands in the text now.
    """

    def __init__(self, segments: list[Segment], *, count: int | None = None) -> None:
        super().__init__("conflict")
        self.segments = segments
        self.count = count


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation led to; `edit` is None where there was nothing to change.

    `flags` of the segments and the review's `tally` are None where they were not read.
    """

    review: Review
    segments: list[Segment]
    edit: Edit | None
    seq: int
    flags: list[Flag] | None = None
    tally: dict[str, int | bool] | None = None

    @property
    def segment(self) -> Segment:
        return self.segments[0]


@dataclass(slots=True)
class Operation:
    """One in progress. The review is locked, so nothing else changes its segments and flags."""

    review: Review
    by: Membership
    op_id: UUID
    earlier: Edit | None
    segments: dict[UUID, Segment] = field(default_factory=dict)
    flags: dict[UUID, Flag] = field(default_factory=dict)
    before: dict[replay.Key, replay.Fields | None] = field(default_factory=dict)
    removed_flags: set[UUID] = field(default_factory=set)
    by_ear: set[str] = field(default_factory=set)
    _flags_read: set[UUID] = field(default_factory=set)
    _ids: int = 0

    def take(self, segment_id: UUID, base_version: int | None = None) -> Segment:
        """The segment, to be changed. Raises Conflict, or Segment.DoesNotExist."""
        found = _segment(self.review.pk, segment_id)
        if not found:
            raise Segment.DoesNotExist
        segment = found[0]
        if segment.removed or segment.transcript_id != self.review.transcript_id:
            raise Conflict([*heirs(self.review, segment), segment])
        if base_version is not None and segment.version != base_version:
            raise Conflict([segment])
        self.hold(segment)
        return segment

    def hold(self, *segments: Segment) -> None:
        """Remembers what the segments are now, so that their changes are saved and logged."""
        for segment in segments:
            if segment.pk not in self.segments:
                self.segments[segment.pk] = segment
                self.before["segment", str(segment.pk)] = state(segment)

    def add(self, segment: Segment) -> Segment:
        """Remembers a segment that this operation makes."""
        self.segments[segment.pk] = segment
        self._flags_read.add(segment.pk)
        self.before["segment", str(segment.pk)] = None
        return segment

    def flags_of(self, *segments: Segment) -> list[Flag]:
        """The segments' flags as they were, to be changed. One query, none the second time."""
        wanted = {segment.pk for segment in segments}
        if unread := wanted - self._flags_read:
            self._flags_read |= unread
            for flag in _flags_of(self.review.pk, list(unread)):
                self.know_flag(flag)
        return [flag for flag in self.flags.values() if flag.segment_id in wanted]

    def know_flag(self, flag: Flag) -> Flag:
        """Remembers what the flag is now, so that its change is saved and logged."""
        if flag.pk not in self.flags:
            self.flags[flag.pk] = flag
            self.before["flag", str(flag.pk)] = flag_state(flag)
        return self.flags[flag.pk]

    def raise_flag(self, flag: Flag) -> Flag:
        """Remembers a flag that this operation makes."""
        self.flags[flag.pk] = flag
        self.before["flag", str(flag.pk)] = None
        return flag

    def drop_flag(self, flag: Flag) -> None:
        self.removed_flags.add(flag.pk)

    def resolve(self, flags: Iterable[Flag], to: FlagState) -> None:
        """Marks flags as confirmed or corrected by this person. Raises Refused for unheard ones."""
        now, flags = timezone.now(), list(flags)
        if len(self.heard(flags)) < len(flags):
            raise Refused(plays.UNHEARD)
        for flag in flags:
            flag.state, flag.resolved_by_id, flag.resolved_at = to, self.by.user_id, now

    def heard(self, flags: Iterable[Flag]) -> list[Flag]:
        """Those that may be settled: not critical, or played in this browser before."""
        flags = list(flags)
        critical = [flag for flag in flags if flag.critical and flag.state == FlagState.OPEN]
        spans = [(flag, *safety.times(self, flag)) for flag in critical]
        played = plays.heard(self.review, self.by, spans)
        return [flag for flag in flags if flag in played or flag not in critical]

    def correct_what_is_gone(self, *segments: Segment) -> None:
        """Open flags whose words were changed or removed count as corrected.

        A critical one that was not heard stays open, on the words that took their place.
        """
        present = {segment.pk: {item["id"] for item in segment.items} for segment in segments}
        gone = [
            flag
            for flag in self.flags_of(*segments)
            if flag.state == FlagState.OPEN
            and flag.pk not in self.removed_flags
            and not set(flag.items) <= present.get(flag.segment_id, set())
        ]
        heard = self.heard(gone)
        self.resolve(heard, FlagState.CORRECTED)
        self.by_ear |= {pk for one in heard if one.critical for pk in safety.typed_over(self, one)}
        safety.follows(self, [flag for flag in gone if flag not in heard])

    def put(self, segment: Segment, first: int, last: int, text: str) -> None:
        """Puts `text` in place of the segment's characters first..last."""
        segment.items = timing.replace_range(
            segment.items, first, last, text, **self._timed(segment)
        )

    def write(self, segment: Segment, text: str) -> None:
        """Gives the segment another text; words that stay keep their times."""
        segment.items = timing.replace_text(segment.items, text, **self._timed(segment))

    def _timed(self, segment: Segment) -> dict[str, Any]:
        return {
            "start": float(segment.start),
            "end": float(segment.end),
            "new_id": self.new_id,
        }

    def new_id(self) -> str:
        """The id of an item that this operation puts in; unique in the review."""
        self._ids += 1
        return f"h{self.review.edit_seq + 1}-{self._ids - 1}"

    def finish(
        self,
        kind: EditKind,
        action: Action,
        *,
        undoes: Edit | None = None,
        names: dict[str, str] | None = None,
    ) -> Done:
        """Saves and logs what changed, and tells of it; nothing where nothing did.

        `names` are the speakers' names from now on.
        """
        safety.refresh(self)
        edit, concerned = self.log(kind, undoes=undoes, names=names)
        if edit is None:
            return self.unchanged()
        tally = settle(self.review)
        detail: dict[str, Any] = {"edit": edit.seq, "segments": len(concerned)}
        if concerned:
            detail |= {"segment": str(concerned[0].pk), "version": concerned[0].version}
        events.about(self.review.recording, action, self.by.user, **detail)
        return Done(
            self.review,
            concerned,
            edit,
            self._announce(concerned),
            flags=self._flags_now(concerned),
            tally=tally,
        )

    def _flags_now(self, segments: list[Segment]) -> list[Flag]:
        found = [one for one in self.flags_of(*segments) if one.pk not in self.removed_flags]
        return sorted(found, key=lambda flag: flag.pk)

    def log(
        self, kind: EditKind, *, undoes: Edit | None = None, names: dict[str, str] | None = None
    ) -> tuple[Edit | None, list[Segment]]:
        """Saves what changed and logs it as one edit; that edit, and the segments concerned."""
        changes = self._changes(names)
        if not changes:
            return None, []
        changed = {UUID(one["segment"]) for one in changes if "segment" in one}
        changed |= {self.flags[UUID(one["flag"])].segment_id for one in changes if "flag" in one}
        concerned = [row for pk, row in self.segments.items() if pk in changed]
        self._save(changes)
        review = self.review
        review.edit_seq += 1
        review.assignee_id = review.assignee_id or self.by.user_id
        statements.save(review, "edit_seq", "assignee", "speakers")
        edit = Edit(
            review=review,
            seq=review.edit_seq,
            op_id=self.op_id,
            kind=kind,
            changes=changes,
            touched=[segment.pk for segment in concerned],
            undoes=undoes,
            by=self.by.user,
        )
        statements.add(edit)
        return edit, concerned

    def unchanged(self) -> Done:
        return Done(self.review, list(self.segments.values()), None, self.review.recording.live_seq)

    def repeated(self) -> Done:
        """What the operation led to when it came first; its segments as they are now."""
        rows = self.review.segments.select_related("edited_by").in_bulk(self.earlier.touched)
        segments = [rows[pk] for pk in self.earlier.touched if pk in rows]
        return Done(self.review, segments, self.earlier, self.review.recording.live_seq)

    def _changes(self, names: dict[str, str] | None) -> list[replay.Change]:
        made = [
            replay.change("segment", str(pk), self.before["segment", str(pk)], state(segment))
            for pk, segment in self.segments.items()
        ]
        made += [
            replay.change(
                "flag",
                str(pk),
                self.before["flag", str(pk)],
                None if pk in self.removed_flags else flag_state(flag),
            )
            for pk, flag in self.flags.items()
        ]
        if names is not None:
            made.append(replay.change("speakers", str(self.review.pk), self.review.speakers, names))
            self.review.speakers = names
        return [one for one in made if one]

    def _save(self, changes: list[replay.Change]) -> None:
        new: list[Segment] = []
        old: list[Segment] = []
        for one in changes:
            if "segment" not in one:
                continue
            segment = self.segments[UUID(one["segment"])]
            if one["before"] is None:
                segment.version, segment.edited_by = 1, self.by.user
                new.append(segment)
            else:
                if one["after"].keys() != {"position"}:
                    segment.version += 1
                    segment.edited_by = self.by.user
                old.append(segment)
            segment.text = text_of(segment.items)
        if len(old) == 1:
            statements.save(old[0], *SAVED)
        elif old:
            Segment.objects.bulk_update(old, SAVED, batch_size=200)
        if new:
            Segment.objects.bulk_create(new)
        self._save_flags([one for one in changes if "flag" in one])

    def _save_flags(self, changes: list[replay.Change]) -> None:
        gone = [one["flag"] for one in changes if one["after"] is None]
        new = [self.flags[UUID(one["flag"])] for one in changes if one["before"] is None]
        old = [self.flags[UUID(one["flag"])] for one in changes if one["before"] and one["after"]]
        if gone:
            Flag.objects.filter(pk__in=gone).delete()
        if len(new) == 1:
            statements.add(new[0])
        elif new:
            Flag.objects.bulk_create(new)
        if len(old) == 1:
            statements.save(old[0], *FLAG_SAVED)
        elif old:
            Flag.objects.bulk_update(old, FLAG_SAVED, batch_size=200)

    def _announce(self, segments: list[Segment]) -> int:
        about = {"kind": "reload"}
        if len(segments) <= MANY:
            ids = [str(segment.pk) for segment in segments]
            about = {"kind": "segment", "segments": ids, "by": str(self.by.user_id)}
        return live.announce(
            practice_id=self.review.practice_id, recording_id=self.review.recording_id, **about
        )


SAVED = [
    *("position", "start", "end", "speaker", "channel", "origins", "items", "removed"),
    *("text", "edited_by", "version"),
]
FLAG_SAVED = [
    *("segment", "items", "state", "resolved_by", "resolved_at"),
    *("reason", "critical", "sentence", "alternatives", "play"),
]


def begin(review: Review, op_id: UUID, by: Membership, *, early: bool = False) -> Operation:
    """Locks the review for an operation of this person. Raises Refused.

    `earlier` of the result is the edit that the same operation led to before, if it did; with
    `early` the operation is also one for lines of a transcript that is still being made.
    """
    (row,) = _locked(review.pk)
    earlier = next(iter(_edit_of(review.pk, op_id)), None)
    if earlier and earlier.by_id != by.user_id:
        raise Refused(OTHERS_ID)
    refusal = early_refusal if early else edit_refusal
    if not earlier and (sentence := refusal(row, by)):
        raise Refused(sentence)
    return Operation(row, by, op_id, earlier)


@written_once
def _locked(review: UUID) -> QuerySet[Review]:
    rows = Review.objects.select_for_update(of=("self",)).select_related("recording")
    return rows.filter(pk=review)


@written_once
def _edit_of(review: UUID, op_id: UUID) -> QuerySet[Edit]:
    return Edit.objects.filter(review=review, op_id=op_id)


@written_once
def _segment(review: UUID, segment: UUID) -> QuerySet[Segment]:
    return Segment.objects.filter(review=review, pk=segment)


@written_once
def _flags_of(review: UUID, segments: list[UUID]) -> QuerySet[Flag]:
    return Flag.objects.filter(review=review, segment__in=segments.each("uuid"))
