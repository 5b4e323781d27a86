"""Every read of this app that is worth a name."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from review import history, lines, wire
from review.enums import FINAL, EditKind, State
from review.models import Comparison, Edit, Review, Signature
from review.worklists import visible_reviews
from transcripts import media
from transcripts import queries as transcription
from transcripts import wire as transcript_wire
from transcripts.access import Anybody, by_sight, recording_or_404, visible_recordings
from transcripts.enums import RemovalRule
from transcripts.models import Membership, Removal
from transcripts.statements import written_once

LATELY = timedelta(days=2)


def signed(since: timedelta | None = None) -> QuerySet[Review]:
    """Signed documents, the oldest first; `since`: only those with a signature of so long ago.

    Duties look every minute for what they have not done to one yet. Among all documents that takes
    the longer the more there are, so they look among the last, and at night among all of them
    (actions/catching_up.py).
    """
    rows = Review.objects.filter(state__in=FINAL).order_by("created_at")
    if since is None:
        return rows
    late = Signature.objects.filter(signed_at__gte=timezone.now() - since)
    return rows.filter(pk__in=late.values("review"))


def review_or_404(member: Membership | None, recording_id: object) -> Review:
    """The review of a recording this member may see, with all that its pages show; else Http404."""
    recording = recording_or_404(member, recording_id)
    found = _shown(recording.pk)
    if not found:
        raise Http404
    found[0].recording = recording
    return found[0]


@written_once
def _shown(recording: UUID) -> QuerySet[Review]:
    rows = Review.objects.select_related("practice", "transcript__job", "offered", "assignee")
    return rows.filter(recording=recording)


def bare_review_or_404(member: Membership | None, recording_id: object) -> Review:
    """The same as its row alone, for who changes it and reads it again under a lock. One query."""
    rows = _bare(member, recording_id)
    if not rows:
        raise Http404
    return rows[0]


@by_sight
def _bare(member: Anybody, recording: UUID) -> QuerySet[Review]:
    return visible_reviews(member).filter(recording=recording)


def removed_draft(member: Membership | None, recording_id: object) -> Removal | None:
    """That the draft of a recording this member may see was removed by rule; None where not."""
    found = media.removal_of(recording_id)
    if found is None or found.rule != RemovalRule.DRAFT:
        return None
    return found if visible_recordings(member).filter(pk=recording_id).exists() else None


def screen_state(review: Review, member: Membership) -> bytes:
    """All that the review screen shows, as JSON. A constant number of queries."""
    job = transcription.latest_job(review.recording)
    waiting = review.state == State.WAITING
    state = {
        "seq": review.recording.live_seq,
        "me": {"id": str(member.user_id), "name": member.user.name},
        "recording": transcript_wire.recording(review.recording),
        "job": transcription.job_state(job),
        "review": wire.review(review, member) | wire.doors(review, member, job),
        "transcript": None if waiting else wire.transcript(review),
        "speakers": review.speakers,
        "edits_tail": edits_tail(review, member),
    }
    if waiting:
        said = early_lines(review, transcription.provisional_segments(job))
    else:
        said = lines.segments(review)
    return lines.written(state | {"segments": said})


def early_lines(review: Review, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The machine's lines so far, with the segments that people have made of some. Four queries."""
    rows = list(review.text.select_related("edited_by"))
    edited = {one["id"]: one for one in lines.touched(rows)}
    return [edited.get(line["id"], line) for line in said]


MAX_HISTORY = 200
TAIL = 50


def edits_tail(review: Review, member: Membership) -> list[dict[str, Any]]:
    """The member's last edits that can still be taken back, oldest first. Two queries.

    Those with "redo" are undos, which is what doing again takes back.
    """
    tail = _edits_tail(review.pk, member.user_id)
    concerned = {pk for row in tail for pk in row["touched"][:1]}
    current = set(
        review.segments.filter(pk__in=concerned, transcript=review.transcript_id).values_list(
            "pk", flat=True
        )
    )
    return [
        {
            "seq": row["seq"],
            "kind": row["kind"],
            "segment": str(row["touched"][0]) if row["touched"] else None,
            "redo": row["kind"] == EditKind.UNDO,
        }
        for row in reversed(tail)
        if not row["touched"] or row["touched"][0] in current
    ]


@written_once
def _edits_tail(review: UUID, by: UUID) -> QuerySet[Edit]:
    rows = Edit.objects.filter(review=review, by=by, undone_by=None).exclude(kind=EditKind.EARLY)
    return rows.order_by("-seq").values("seq", "kind", "touched")[:TAIL]


def edits_of(
    review: Review, *, segment: UUID | None = None, item: str | None = None
) -> list[dict[str, Any]]:
    """What was done to a segment, or to one word of it, newest first."""
    if item is not None:
        holder = review.text.filter(items__contains=[{"id": item}]).first()
        segment = holder and holder.pk
    wanted = {segment} - {None}
    words, below = {item} - {None}, review.edit_seq + 1
    found: list[dict[str, Any]] = []
    flags = {str(pk): items for pk, items in review.flags.values_list("pk", "items")}
    contents = {
        one["id"]: one["content"]
        for items in review.segments.filter(pk__in=wanted).values_list("items", flat=True)
        for one in items
    }
    undone = _undone(review)
    rows = review.edits.select_related("by").order_by("-seq")
    while wanted and len(found) < MAX_HISTORY:
        again = False
        for edit in rows.filter(touched__overlap=list(wanted), seq__lt=below)[:MAX_HISTORY]:
            below = edit.seq
            names = set(map(str, wanted))
            about = history.flagged(edit.changes, flags, words if item else None)
            did = (
                history.of_word(edit.changes, words, contents)
                if item
                else history.of_segment(edit.changes, names, contents)
            )
            if did is None and about:
                did = history.confirmed(about, contents)
            if did:
                found.append(lines.edit(edit, *did, undone=edit.seq in undone))
            if again := history.joined(edit.changes) and not set(edit.touched) <= wanted:
                wanted |= set(edit.touched)
                break
        if not again:
            break
    return found[:MAX_HISTORY]


def _undone(review: Review) -> set[int]:
    """The edits that are undone now: an undo that was undone itself does not count."""
    undone: set[int] = set()
    pairs = review.edits.filter(undoes__isnull=False).order_by("-seq")
    for seq, of in pairs.values_list("seq", "undoes__seq"):
        if seq not in undone:
            undone.add(of)
    return undone


def comparison(review: Review) -> Comparison | None:
    """Where another engine's transcript differs from the machine's own; None without one."""
    return Comparison.objects.filter(transcript=review.transcript_id).first()
