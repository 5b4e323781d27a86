"""Who works on what, and when it rests: claim, return, assign, pend and their priorities.

Every verb locks the review's row first. `for_each` takes several at once, each in a transaction of
its own, and says which were refused and why.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from review import turnaround, worklists
from review.enums import EDITABLE, FROZEN, Action, Pend, Priority
from review.models import Review, SearchEntry
from review.permissions import Permission, check, refusal
from review.policies import Refused, edit_refusal, writing_refusal
from transcripts import duties, events, live
from transcripts.models import Membership

MAX_NOTE = 500
MAX_AT_ONCE = 100
BATCH = 200


@transaction.atomic
def claim_next(*, by: Membership) -> Review | None:
    """Gives the person the document that is next; None where nothing waits.

    Rows that somebody else is claiming at this moment are passed over, so nobody waits.
    """
    check(by, Permission.EDIT)
    rows = worklists.next_up(by).select_for_update(skip_locked=True, of=("self",))
    review = rows.first()
    if review is None:
        return None
    _take(review, by)
    return review


@transaction.atomic
def claim(*, review: Review, by: Membership) -> Review:
    """Gives the person this document. Raises Refused where another has it."""
    review = _locked(review.pk, by)
    if review.assignee_id == by.user_id:
        return review
    if review.assignee_id:
        raise Refused(f"{review.assignee.name} works on this one.")
    _take(review, by)
    return review


def _take(review: Review, by: Membership) -> None:
    review.assignee = by.user
    _save(review, Action.REVIEW_CLAIMED, by, "assignee")


@transaction.atomic
def give_back(*, review: Review, by: Membership) -> Review:
    """Takes the person off the document; managers take anybody off. Raises Refused."""
    review = _locked(review.pk, by, managers=True)
    if review.assignee_id is None:
        return review
    if review.assignee_id != by.user_id:
        check(by, Permission.ASSIGN)
    before, review.assignee = review.assignee_id, None
    _save(review, Action.REVIEW_RETURNED, by, "assignee", was=str(before))
    return review


@transaction.atomic
def assign(*, review: Review, to: Membership, by: Membership) -> Review:
    """Gives the document to somebody of the practice who may change it. Raises Refused."""
    check(by, Permission.ASSIGN)
    review = _locked(review.pk, by, managers=True)
    if to.practice_id != review.practice_id or to.disabled_at or writing_refusal(review, to):
        raise Refused("This person can't work on transcripts.")
    if not worklists.visible_reviews(to).filter(pk=review.pk).exists():
        raise Refused(f"{to.user.name} can't see this recording.")
    if review.assignee_id != to.user_id:
        review.assignee = to.user
        _save(review, Action.REVIEW_ASSIGNED, by, "assignee", to=str(to.user_id))
    return review


@transaction.atomic
def pend(*, review: Review, reason: str, note: str, by: Membership) -> Review:
    """Lets work on the document rest, for a reason. Its clock goes on. Raises Refused."""
    if reason not in Pend.values:
        raise Refused("Say why it rests.")
    review = _locked(review.pk, by)
    review.pend, review.pend_note = reason, " ".join(note.split())[:MAX_NOTE]
    review.pended_by, review.pended_at = by.user, timezone.now()
    _save(review, Action.REVIEW_PENDED, by, *PEND, reason=reason)
    return review


@transaction.atomic
def unpend(*, review: Review, by: Membership) -> Review:
    """Takes work on the document up again. Raises Refused."""
    review = _locked(review.pk, by)
    if review.pend:
        was, review.pend, review.pend_note = review.pend, "", ""
        review.pended_by = review.pended_at = None
        _save(review, Action.REVIEW_UNPENDED, by, *PEND, reason=was)
    return review


PEND = ("pend", "pend_note", "pended_by", "pended_at")


@transaction.atomic
def prioritise(*, review: Review, priority: int, by: Membership) -> Review:
    """Sets how urgent the document is, and with it when it is due. Raises Refused."""
    check(by, Permission.ASSIGN)
    if priority not in Priority.values:
        raise Refused("There is no such priority.")
    review = Review.objects.select_for_update().select_related("recording").get(pk=review.pk)
    if review.state in FROZEN:
        raise Refused("This document is signed.")
    if review.priority != priority:
        minutes = turnaround.minutes_of(review.practice_id)
        kind = review.recording.type
        review.priority, review.late_at = priority, None
        review.due_at = turnaround.due(minutes, kind, priority, review.created_at)
        fields = ("priority", "due_at", "late_at")
        _save(review, Action.REVIEW_PRIORITY, by, *fields, priority=priority)
    return review


def for_each(
    verb: Callable[..., Review], reviews: Iterable[Review], **given: Any
) -> tuple[int, list[str]]:
    """Does the verb to each; to how many it was done, and the different sentences of refusals."""
    done, refused = 0, []
    for review in reviews:
        try:
            verb(review=review, **given)
            done += 1
        except Refused as sentence:
            refused.append(str(sentence))
    return done, list(dict.fromkeys(refused))


def escalate_due() -> dict[str, int]:
    """Duty: documents whose time has passed become late: said once each, and shown first."""
    now, found = timezone.now(), 0
    late = Review.objects.exclude(state__in=FROZEN).filter(due_at__lt=now, late_at=None)
    while not duties.over():
        with transaction.atomic():
            rows = late.select_for_update(skip_locked=True, of=("self",))
            batch = list(rows.select_related("recording").order_by("due_at")[:BATCH])
            for review in batch:
                review.late_at = now
                _save(review, Action.REVIEW_LATE, None, "late_at", priority=review.priority)
        found += len(batch)
        if len(batch) < BATCH:
            break
    return {"late": found}


INDEX = """
UPDATE review_searchentry AS e SET stale = false,
    words = review_names(r.recording_id) || review_words(r.id)
FROM review_review AS r WHERE r.id = e.review_id AND e.review_id = ANY(%s)
"""


def index_words() -> dict[str, int]:
    """Duty: puts the words of new and changed transcripts into the search."""
    found = 0
    while not duties.over():
        with transaction.atomic():
            rows = SearchEntry.objects.filter(stale=True).select_for_update(skip_locked=True)
            keys = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
            with connection.cursor() as cursor:
                cursor.execute(INDEX, [keys])
        found += len(keys)
        if len(keys) < BATCH:
            break
    return {"documents": found}


def _locked(pk: UUID, by: Membership, *, managers: bool = False) -> Review:
    """The review, locked. Raises Refused where this person can't change the text now."""
    rows = Review.objects.select_related("recording", "assignee")
    review = rows.select_for_update(of=("self",)).get(pk=pk)
    if managers and refusal(by, Permission.ASSIGN) is None:
        if review.state not in EDITABLE:
            raise Refused("There is nothing to work on: it is signed, or not transcribed yet.")
    elif sentence := edit_refusal(review, by):
        raise Refused(sentence)
    return review


def _save(
    review: Review, action: Action, by: Membership | None, *fields: str, **detail: Any
) -> None:
    review.save(update_fields=fields)
    events.about(review.recording, action, by and by.user, **detail)
    told = {"practice_id": review.practice_id, "recording_id": review.recording_id}
    if action == Action.REVIEW_LATE:  # no concern of who has it on the screen
        live.listed(**told)
    else:
        live.announce(kind="reload", **told)
