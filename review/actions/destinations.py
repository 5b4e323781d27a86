"""Destinations for news: added, ended, and told something once more. Sending is in outbox.py."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from review.actions import outbox
from review.enums import DOCUMENTS, Action, DeliveryState, DestinationKind, News
from review.models import Delivery, Destination
from review.outbound import targets, webhook
from review.policies import Refused
from transcripts import events, vault
from transcripts.actions import at_rest
from transcripts.models import Practice, User

MOST = 20


@transaction.atomic
def create(
    *,
    practice: Practice,
    kind: str,
    label: str,
    address: str,
    news: list[str],
    by: User | None,
    receiver: str = "",
    tls: bool = False,
) -> tuple[Destination, str]:
    """A new destination and its secret, which is never shown again ("" for HL7).

    `address` is an http(s) URL, or host:port for HL7. Raises Refused.
    """
    Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
    if practice.destinations.filter(ended_at=None).count() >= MOST:
        raise Refused(f"A practice has at most {MOST} destinations. End one first.")
    _check(kind, address, news)
    secret = webhook.new_secret() if kind == DestinationKind.WEBHOOK else ""
    destination = Destination.objects.create(
        practice=practice,
        kind=kind,
        label=label,
        address=address,
        news=sorted(set(news)),
        encrypted_secret=vault.encrypt(secret) if secret else b"",
        receiver=receiver,
        tls=tls,
        created_by=by,
    )
    _report(destination, Action.DESTINATION_CREATED, by)
    return destination, secret


@transaction.atomic
def end(*, destination: Destination, by: User | None) -> None:
    """Nothing more goes there; what it was still owed is cancelled. Raises Refused."""
    row = Destination.objects.select_for_update().get(pk=destination.pk)
    if row.ended_at:
        raise Refused("This destination has been ended already.")
    Destination.objects.filter(pk=row.pk).update(ended_at=timezone.now())
    outbox.cancel(row)
    _report(row, Action.DESTINATION_ENDED, by)


@transaction.atomic
def repeat(*, delivery: Delivery, by: User | None) -> Delivery:
    """Owes the same news once more, under the same message id. Raises Refused."""
    destination = Destination.objects.select_for_update().get(pk=delivery.destination_id)
    if destination.ended_at:
        raise Refused("This destination has been ended. Nothing goes there any more.")
    first = delivery.again_of or delivery
    waiting = Delivery.objects.filter(state=DeliveryState.OWED)
    if delivery.state == DeliveryState.OWED or waiting.filter(again_of=first).exists():
        raise Refused("This delivery is waiting to be sent already.")
    made = outbox.owe(
        destination, first.news, first.recording_id, first.subject, first.signature_id, first
    )
    events.about(made.recording, Action.NEWS_REPEATED, by, delivery=str(made.pk))
    return made


def _check(kind: str, address: str, news: list[str]) -> None:
    """Refused with what to do, when this can't be a destination."""
    if not news:
        raise Refused("Choose at least one kind of news.")
    if kind == DestinationKind.MLLP:
        if set(news) - set(DOCUMENTS):
            raise Refused("HL7 receivers get documents only: signed, and amended.")
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise Refused("Write the address of an HL7 receiver as host:port.")
        return _check_target(host, int(port), public=False)
    if set(news) - set(News.values):
        raise Refused("There is no such news.")
    try:
        parts = urlsplit(address)
        port_number = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Refused("This is not a web address.") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
        raise Refused("Write a web address such as https://example.org/hook, without a password.")
    if parts.scheme == "http" and not {parts.hostname, parts.netloc} & set(settings.OUTBOUND):
        raise Refused("Only https addresses are called, unless the operator allows this host.")
    return _check_target(parts.hostname, port_number, public=True)


def _check_target(host: str, port: int, *, public: bool) -> None:
    try:
        targets.checked(host, port, allowed=settings.OUTBOUND, public=public)
    except targets.Forbidden as refusal:
        raise Refused(str(refusal)) from None
    except targets.Unknown:
        raise Refused("This name has no address. Check how it is written.") from None


def _report(destination: Destination, action: str, by: User | None) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=destination.practice_id,
            by=by,
            object_type="Destination",
            object_id=destination.pk,
            detail={"kind": destination.kind, "news": list(destination.news)},
        )
    )


def secrets_anew() -> int:
    """Puts the webhooks' secrets under the master key in use; how many were under an older one."""
    return at_rest.encrypt_anew(Destination, "encrypted_secret")
