"""News that destinations are owed: written with the act, sent by workers until it is taken.

A receiver that is away loses nothing, since what it is owed stays in the database. HL7 receivers
get one message after another, in order. A message keeps its id at every attempt, so that a receiver
whose acknowledgment got lost can tell a repeat. Destinations themselves are in destinations.py.
"""

import json
import logging
import time
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from review import copies
from review.actions import recipients
from review.enums import Action, DeliveryState, DestinationKind, News, State
from review.models import Delivery, Destination, Review, Signature
from review.outbound import mllp, targets, webhook
from review.release import hl7v2
from transcripts import events, vault, workers
from transcripts.enums import Action as Transcribed

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=30)
GIVE_UP = {DestinationKind.WEBHOOK: timedelta(days=3), DestinationKind.MLLP: timedelta(days=14)}
# A receiver that rejects a message outright will do so again; more than once may be an accident.
MOST_REJECTIONS = 3


def expect(event: events.Event) -> None:
    """Writes down who is owed news of this event, in the event's own transaction.

    A document that waits for a co-signature is not signed yet.
    """
    news = NEWS[event.action]
    rows = Review.objects.filter(recording=event.object_id, state=State.COSIGNING)
    if event.action == Action.DOCUMENT_SIGNED and rows.exists():
        return
    wanting = Destination.objects.filter(
        practice=event.practice_id, ended_at=None, news__contains=[news]
    ).order_by("id")
    for destination in wanting.select_for_update():
        owe(destination, news, event.object_id, *_subject(event))


def owe(
    destination: Destination,
    news: str,
    recording_id: UUID,
    subject: UUID,
    signature_id: UUID | None,
    again_of: Delivery | None = None,
) -> Delivery:
    """A new delivery after all others of the destination, whose row the caller has locked."""
    last = destination.deliveries.aggregate(last=Max("number"))["last"] or 0
    return Delivery.objects.create(
        destination=destination,
        number=last + 1,
        news=news,
        recording_id=recording_id,
        subject=subject,
        signature_id=signature_id,
        again_of=again_of,
        due_at=Now(),
    )


NEWS: dict[str, News] = {
    Transcribed.JOB_COMPLETED: News.JOB_COMPLETED,
    Action.REVIEW_OPENED: News.REVIEW_READY,
    Action.DOCUMENT_SIGNED: News.DOCUMENT_SIGNED,
    Action.DOCUMENT_COSIGNED: News.DOCUMENT_SIGNED,
    Action.DOCUMENT_AMENDED: News.DOCUMENT_AMENDED,
}


def _subject(event: events.Event) -> tuple[UUID, UUID | None]:
    """What the news is of, and the signature where there is one."""
    if "signature" in event.detail:
        return UUID(event.detail["signature"]), UUID(event.detail["signature"])
    if "job" in event.detail:
        return UUID(event.detail["job"]), None
    return Review.objects.values_list("pk", flat=True).get(recording=event.object_id), None


def send_due() -> None:
    """Sends all that is due; the duty of a thread in each worker process."""
    while not workers.stopping() and sweep():
        pass


def sweep() -> bool:
    """Attempts the delivery that is due longest; False when nothing is due. Never raises for it."""
    delivery = _claim()
    if delivery is None:
        return False
    try:
        outcome = _send(delivery)
    except Exception as error:
        # Only the kind: the message may hold what was being sent.
        log.error("sending %s: %s", delivery, type(error).__name__)
        outcome = "internal"
    _settle(delivery, outcome)
    return True


def _claim() -> Delivery | None:
    """A due delivery; its next attempt is set before this one begins."""
    first = Delivery.objects.filter(
        destination=OuterRef("destination"), state=DeliveryState.OWED
    ).order_by("number")
    in_turn = ~Q(destination__kind=DestinationKind.MLLP) | Q(pk=Subquery(first.values("pk")[:1]))
    with transaction.atomic():
        rows = Delivery.objects.filter(in_turn, due_at__lte=Now()).order_by("due_at")
        rows = rows.select_for_update(of=("self",), skip_locked=True)
        delivery = rows.select_related("destination__practice", "recording").first()
        if delivery is None:
            return None
        delivery.attempts += 1
        pause = min(FIRST_PAUSE * 2 ** min(delivery.attempts - 1, 12), LONGEST_PAUSE)
        Delivery.objects.filter(pk=delivery.pk).update(
            attempts=delivery.attempts, due_at=Now() + pause + timedelta(seconds=mllp.SECONDS)
        )
        return delivery


def _send(delivery: Delivery) -> str:
    """The outcome as a code: "ok", or why not."""
    hl7 = delivery.destination.kind == DestinationKind.MLLP
    try:
        return _hl7(delivery) if hl7 else _webhook(delivery)
    except targets.Forbidden:
        return "forbidden"
    except targets.Unknown:
        return "unknown_host"
    except (webhook.Failed, mllp.Failed) as failure:
        return str(failure)


def _webhook(delivery: Delivery) -> str:
    url = delivery.destination.address
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = targets.checked(parts.hostname or "", port, allowed=settings.OUTBOUND, public=True)
    body = json.dumps(message(delivery)).encode()
    signed = webhook.headers(
        vault.decrypt(delivery.destination.encrypted_secret),
        message_id=str(delivery.again_of_id or delivery.pk),
        timestamp=int(time.time()),
        body=body,
    )
    webhook.send(url, address, body, signed)
    return "ok"


def message(delivery: Delivery) -> dict[str, object]:
    """What a webhook says: ids only, in the form of standardwebhooks.com."""
    names = {
        News.JOB_COMPLETED: "job",
        News.REVIEW_READY: "review",
    }
    return {
        "type": delivery.news,
        "timestamp": delivery.created_at.isoformat(),
        "data": {
            "practice": str(delivery.destination.practice_id),
            "recording": str(delivery.recording_id),
            names.get(delivery.news, "signature"): str(delivery.subject),
        },
    }


def _hl7(delivery: Delivery) -> str:
    host, _, port = delivery.destination.address.rpartition(":")
    address = targets.checked(host, int(port), allowed=settings.OUTBOUND, public=False)
    control_id = (delivery.again_of_id or delivery.pk).hex[-20:].upper()
    made = copies.hl7_message(
        Signature.objects.select_related("key").get(pk=delivery.signature_id),
        control_id=control_id,
        sent_at=delivery.created_at,
        receiver=delivery.destination.receiver,
    )
    reply = mllp.send(
        address, int(port), made, server_name=host if delivery.destination.tls else ""
    )
    try:
        answer = hl7v2.answer(reply, control_id)
    except ValueError:
        return "no_answer"
    if answer.accepted:
        return "ok"
    rejected = "rejected" if answer.code in ("AR", "CR") else "error"
    return f"{rejected}_{answer.error}".rstrip("_")[:40]


def _settle(delivery: Delivery, outcome: str) -> None:
    """Notes what the attempt came to; an attempt that was overtaken by another changes nothing."""
    state = DeliveryState.DELIVERED if outcome == "ok" else DeliveryState.OWED
    age = timezone.now() - delivery.created_at
    worn_out = outcome.startswith("rejected") and delivery.attempts >= MOST_REJECTIONS
    if state == DeliveryState.OWED and (
        worn_out or age > GIVE_UP[DestinationKind(delivery.destination.kind)]
    ):
        state = DeliveryState.GIVEN_UP
    with transaction.atomic():
        rows = Delivery.objects.filter(
            pk=delivery.pk, attempts=delivery.attempts, state=DeliveryState.OWED
        )
        if state == DeliveryState.OWED:
            rows.update(outcome=outcome)
            return
        if rows.update(state=state, outcome=outcome, due_at=None, settled_at=Now()):
            delivered = state == DeliveryState.DELIVERED
            if delivered:
                recipients.delivered(delivery)
            events.about(
                delivery.recording,
                Action.NEWS_DELIVERED if delivered else Action.NEWS_GIVEN_UP,
                delivery=str(delivery.pk),
                destination=str(delivery.destination_id),
                attempts=delivery.attempts,
            )


def cancel(destination: Destination) -> None:
    """Ends what the destination is still owed; the caller ends the destination itself."""
    destination.deliveries.filter(state=DeliveryState.OWED).update(
        state=DeliveryState.CANCELLED, due_at=None, settled_at=Now(), attempts=F("attempts") + 1
    )
