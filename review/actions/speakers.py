"""Operations on speakers: who said words, what a speaker is called, two labels for one person."""

import re
from uuid import UUID

from django.db import transaction

from review.actions.operation import Conflict, Done, begin
from review.actions.structure import cut
from review.enums import Action, EditKind
from review.models import Review
from review.policies import Refused
from transcripts.models import Membership

LABEL = re.compile(r"spk_\d{1,2}")
MAX_NAME = 60
NO_LABEL = "There is no such speaker."
NOT_A_NAME = "Choose a name of 1 to 60 letters that is not a number."


@transaction.atomic
def change(
    *,
    review: Review,
    segment_id: UUID,
    base_version: int,
    speaker: str,
    first: str | None = None,
    last: str | None = None,
    op_id: UUID,
    by: Membership,
) -> Done:
    """Gives a segment, or its items first..last, to a speaker; splits it where that is a part.

    Raises Refused, Conflict, or Segment.DoesNotExist.
    """
    if not LABEL.fullmatch(speaker):
        raise Refused(NO_LABEL)
    work = begin(review, op_id, by)
    if work.earlier:
        return work.repeated()
    segment = work.take(segment_id, base_version)
    ids = [item["id"] for item in segment.items]
    if first is not None or last is not None:
        if not {first, last} <= {None, *ids}:
            raise Conflict([segment])
        begins = ids.index(first) if first is not None else 0
        ends = ids.index(last) + 1 if last is not None else len(ids)
        if begins >= ends:
            raise Refused("Choose at least one word.")
        # Marks stay with the word before them.
        while ends < len(ids) and segment.items[ends]["type"] == "punctuation":
            ends += 1
        if ends < len(ids):
            cut(work, segment, ends)
        if begins:
            segment = cut(work, segment, begins)
    segment.speaker = speaker
    return work.finish(EditKind.SPEAKER, Action.SPEAKER_CHANGED)


@transaction.atomic
def rename(
    *, review: Review, speaker: str, name: str, expect: str, op_id: UUID, by: Membership
) -> Done:
    """Names a speaker, who was called `expect` (or nothing); an empty name takes it away.

    Raises Refused, or Conflict when somebody has named the speaker meanwhile.
    """
    name = " ".join(name.split())
    if not LABEL.fullmatch(speaker):
        raise Refused(NO_LABEL)
    if len(name) > MAX_NAME or name.isdecimal() or LABEL.fullmatch(name) or not _visible(name):
        raise Refused(NOT_A_NAME)
    work = begin(review, op_id, by)
    if work.earlier:
        return work.repeated()
    if work.review.speakers.get(speaker, "") != expect:
        raise Conflict([])
    names = {label: called for label, called in work.review.speakers.items() if label != speaker}
    names |= {speaker: name} if name else {}
    return work.finish(EditKind.RENAME_SPEAKER, Action.SPEAKER_RENAMED, names=names)


def _visible(name: str) -> bool:
    return all(char.isprintable() for char in name)


@transaction.atomic
def merge(*, review: Review, gone: str, into: str, op_id: UUID, by: Membership) -> Done:
    """Gives all that one speaker said to another: the two were one person. Raises Refused."""
    if not (LABEL.fullmatch(gone) and LABEL.fullmatch(into)) or gone == into:
        raise Refused(NO_LABEL)
    work = begin(review, op_id, by)
    if work.earlier:
        return work.repeated()
    segments = list(work.review.text.filter(speaker=gone).select_related("edited_by"))
    if not segments and gone not in work.review.speakers:
        raise Refused(NO_LABEL)
    work.hold(*segments)
    for segment in segments:
        segment.speaker = into
    names = {label: name for label, name in work.review.speakers.items() if label != gone}
    return work.finish(EditKind.MERGE_SPEAKERS, Action.SPEAKERS_MERGED, names=names)
