"""E-mail notices: who is owed one, written with the act, and sent by a duty until it is taken.

A mail says that there is something to do and where, by the recording's id, and nothing of whom it
is about. Who does it themself is not told of it; who does not want a kind, or has no address, gets
none. What was settled before its mail went out is not mailed any more.
"""

import logging
import smtplib
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from review import second_reviews
from review.enums import (
    FROZEN,
    Action,
    DeliveryState,
    FlagState,
    NoticeKind,
    Pend,
    Reason,
    SecondState,
)
from review.models import Notice, Review, SecondReview
from transcripts import duties, events
from transcripts.enums import Role
from transcripts.models import Membership

log = logging.getLogger(__name__)

WAIT = timedelta(minutes=2)  # questions come several at a time: one mail for all of them
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=2)
MOST_ATTEMPTS = 12
GIVE_UP = timedelta(days=1)
KEPT = timedelta(days=30)
MOST_AT_ONCE = 200  # in one run of the duty
HEARD = {
    Action.REVIEW_LATE: NoticeKind.LATE,
    Action.REVIEW_PENDED: NoticeKind.PENDED,
    Action.QUERY_ASKED: NoticeKind.QUESTION,
    Action.SECOND_ASSIGNED: NoticeKind.SECOND_REVIEW,
    Action.ADDENDUM_DRAFTED: NoticeKind.CORRECTION,
    Action.DISPUTE_OPENED: NoticeKind.DISPUTE,
}
# What of `second_reviews.concerning` a notice is about, and the way from there to the document.
QUALITY = {
    NoticeKind.SECOND_REVIEW: ("second_reviews", "review"),
    NoticeKind.CORRECTION: ("corrections", "review"),
    NoticeKind.DISPUTE: ("disputes", "finding__second__review"),
}


def expect(event: events.Event) -> None:
    """Writes down who is owed a notice of this event, in the event's own transaction."""
    kind = HEARD[Action(event.action)]
    if event.detail.get("reason") == Pend.QUERY:
        kind = NoticeKind.QUESTION
    if kind == NoticeKind.CORRECTION and not event.detail.get("proposed"):
        return  # their own
    rows = Review.objects.select_related("recording__author").filter(recording=event.object_id)
    review = rows.first()
    if review is None:
        return
    due = timezone.now() + (WAIT if kind == NoticeKind.QUESTION else timedelta(0))
    members = _wanting(_concerned(review, kind), kind).exclude(user=event.by)
    Notice.objects.bulk_create(
        [
            Notice(
                practice_id=review.practice_id,
                member=member,
                recording_id=review.recording_id,
                kind=kind,
                due_at=due,
            )
            for member in members
        ],
        ignore_conflicts=True,  # the same is owed already
    )


def _concerned(review: Review, kind: NoticeKind) -> Q:
    """Questions, rest and corrections concern the author; lateness who works on it, or else the
    managers; a second review who has it; a dispute these and the managers."""
    here, managers = Q(practice=review.practice_id), Q(role=Role.MANAGER)
    if kind in (NoticeKind.SECOND_REVIEW, NoticeKind.DISPUTE):
        seconds = SecondReview.objects.filter(review=review).exclude(reviewer=None)
        who = Q(user__in=seconds.exclude(state=SecondState.WITHDRAWN).values("reviewer"))
        return here & (who | managers if kind == NoticeKind.DISPUTE else who)
    if kind != NoticeKind.LATE:
        return Q(pk=review.recording.author_id)
    return here & (Q(user=review.assignee_id) if review.assignee_id else managers)


def _wanting(who: Q, kind: NoticeKind) -> Iterable[Membership]:
    rows = Membership.objects.filter(who, disabled_at=None, user__is_active=True)
    return rows.exclude(user__email="").exclude(user__notices_off__contains=[kind])


def send_due() -> dict[str, int]:
    """Duty: sends what is due over one connection. A server that is away ends the run."""
    now = Now()
    owed = Notice.objects.filter(state=DeliveryState.OWED)
    old = owed.filter(created_at__lt=now - GIVE_UP)
    given_up = old.update(**_settled(DeliveryState.GIVEN_UP, outcome="TooOld"))
    Notice.objects.filter(settled_at__lt=now - KEPT).delete()
    due = owed.filter(due_at__lte=now).select_related("member__user")
    batch = list(due.order_by("due_at")[:MOST_AT_ONCE])
    sent = 0
    if not batch:
        return {"sent": 0, "given_up": given_up}
    connection = get_connection()
    try:
        for notice in batch:
            if duties.over() or not _take(notice):
                continue
            if not _still_wanted(notice):
                _settle(notice, DeliveryState.CANCELLED)
                continue
            try:
                _mail(notice, connection).send()
            except smtplib.SMTPRecipientsRefused as refused:
                _failed(notice, refused)
            except OSError as error:  # smtplib's errors are OSErrors
                _failed(notice, error)
                break
            else:
                _settle(notice, DeliveryState.DELIVERED)
                sent += 1
    finally:
        connection.close()
    return {"sent": sent, "given_up": given_up}


def _take(notice: Notice) -> bool:
    """Counts the attempt before it is made; False where another process was quicker."""
    rows = Notice.objects.filter(pk=notice.pk, state=DeliveryState.OWED, attempts=notice.attempts)
    pause = min(FIRST_PAUSE * 2**notice.attempts, LONGEST_PAUSE)
    notice.attempts += 1
    return bool(rows.update(attempts=F("attempts") + 1, due_at=Now() + pause))


def _still_wanted(notice: Notice) -> bool:
    """Whether there is something to do yet, and the person wants to hear of it."""
    wanting = _wanting(Q(pk=notice.member_id), NoticeKind(notice.kind)).exists()
    if notice.kind in QUALITY:
        name, review = QUALITY[NoticeKind(notice.kind)]
        concerning = second_reviews.concerning(notice.member)[name]
        return (
            wanting and concerning.filter(**{f"{review}__recording": notice.recording_id}).exists()
        )
    rows = Review.objects.filter(recording=notice.recording_id).exclude(state__in=FROZEN)
    if notice.kind == NoticeKind.PENDED:
        rows = rows.exclude(pend="")
    elif notice.kind == NoticeKind.QUESTION:
        asked = Q(flags__reason=Reason.QUERY, flags__state=FlagState.OPEN)
        rows = rows.filter(asked | Q(pend=Pend.QUERY))
    return wanting and rows.exists()


def _mail(notice: Notice, connection: object) -> EmailMessage:
    """The message: a sentence and two addresses, of the recording and of the person's choice."""
    question = notice.kind == NoticeKind.QUESTION
    where = reverse("questions" if question else "recording", args=[notice.recording_id])
    if notice.kind in QUALITY:  # from there, so that nobody reads the signed text by mistake
        where = reverse("quality")
    said = f"{notice.get_kind_display()}."
    text = (
        f"{said}\n\nSign in and see to it here:\n{settings.BASE_URL}{where}\n\n"
        "This mail says nothing of the patient on purpose. You choose what is mailed to you here:\n"
        f"{settings.BASE_URL}{reverse('own-notices')}\n"
    )
    headers = {"Message-ID": f"<{notice.pk}@countersign>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(
        f"Countersign: {said[0].lower()}{said[1:-1]}",
        text,
        None,
        [notice.member.user.email],
        headers=headers,
        connection=connection,
    )


def _failed(notice: Notice, error: Exception) -> None:
    """The next attempt's time is set already; only the kind is kept, since words hold addresses."""
    log.warning("notice %s: %s", notice.pk, type(error).__name__)
    outcome = type(error).__name__[:60]
    if notice.attempts >= MOST_ATTEMPTS:
        _settle(notice, DeliveryState.GIVEN_UP, outcome)
    else:
        Notice.objects.filter(pk=notice.pk).update(outcome=outcome)


def _settle(notice: Notice, state: DeliveryState, outcome: str = "") -> None:
    Notice.objects.filter(pk=notice.pk).update(**_settled(state, outcome))


def _settled(state: DeliveryState, outcome: str = "") -> dict[str, object]:
    return {"state": state, "due_at": None, "settled_at": Now(), "outcome": outcome}
