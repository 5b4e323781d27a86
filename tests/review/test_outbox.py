"""News for other systems: nothing lost, nothing said twice without saying so, nothing leaked."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from review.actions import destinations, outbox
from review.enums import News
from review.models import AuditEvent, Delivery, Destination
from review.policies import Refused
from tests import rows
from tests.review.receivers import hl7_listener, web_server
from tests.rows import resolve, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def hook(settings):
    settings.OUTBOUND = ["127.0.0.1"]
    with web_server() as hook:
        yield hook


@pytest.fixture
def listener(settings):
    settings.OUTBOUND = ["127.0.0.1"]
    with hl7_listener() as listener:
        yield listener


def webhook(cast, hook, *news):
    return destinations.create(
        practice=cast.clinician.practice,
        kind="webhook",
        label="EHR",
        address=hook.url,
        news=list(news or News.values),
        by=cast.manager.user,
    )


def receiver(cast, listener):
    return destinations.create(
        practice=cast.clinician.practice,
        kind="mllp",
        label="EHR",
        address=listener.address,
        news=["document.signed"],
        receiver="EHR^HOSPITAL",
        by=cast.manager.user,
    )[0]


def sent(cast, **changes):
    """A signed document, whose news is owed."""
    review = rows.review(cast, **changes)
    resolve(review, cast.editor)
    return signed(review, cast)


def sweep_all():
    while outbox.sweep():
        pass


def later():
    """As if the pause before the next attempt were over."""
    Delivery.objects.filter(due_at__isnull=False).update(due_at=F("due_at") - timedelta(days=1))


# What a destination may be


@pytest.mark.parametrize(
    ("kind", "address", "news", "sentence"),
    [
        ("webhook", "https://127.0.0.1/x", ["document.signed"], "open internet"),
        ("webhook", "http://example.org/x", ["document.signed"], "Only https"),
        ("webhook", "https://u:p@example.org/", ["document.signed"], "without a password"),
        ("webhook", "file:///etc/passwd", ["document.signed"], "web address"),
        ("webhook", "https://[/", ["document.signed"], "not a web address"),
        ("webhook", "https://no-such-host.invalid/", ["document.signed"], "no address"),
        ("webhook", "https://example.org/", [], "at least one"),
        ("webhook", "https://example.org/", ["everything"], "no such news"),
        ("mllp", "10.0.0.1:2575", ["document.signed"], "open internet"),
        ("mllp", "10.0.0.1", ["document.signed"], "host:port"),
        ("mllp", "10.0.0.1:70000", ["document.signed"], "host:port"),
        ("mllp", "10.0.0.1:2575", ["job.completed"], "documents only"),
    ],
)
def test_what_cannot_be_a_destination_is_refused_with_what_to_do(
    cast, kind, address, news, sentence
):
    with pytest.raises(Refused, match=sentence):
        destinations.create(
            practice=cast.clinician.practice,
            kind=kind,
            label="x",
            address=address,
            news=news,
            by=cast.manager.user,
        )
    assert not Destination.objects.exists()


def test_a_practice_has_a_bounded_number_of_destinations(cast, hook, monkeypatch):
    monkeypatch.setattr(destinations, "MOST", 2)
    webhook(cast, hook)
    webhook(cast, hook)
    with pytest.raises(Refused, match="at most 2"):
        webhook(cast, hook)


# Webhooks


def test_a_webhook_is_told_ids_only_and_can_check_who_wrote(cast, hook):
    _, secret = webhook(cast, hook, "document.signed")
    signature = sent(cast)
    sweep_all()
    [(headers, body, path)] = hook.got
    said = json.loads(body)
    assert said["type"] == "document.signed" and path == "/hook?from=countersign"
    assert said["data"] == {
        "practice": str(cast.clinician.practice_id),
        "recording": str(signature.review.recording_id),
        "signature": str(signature.pk),
    }
    names = {name.lower(): value for name, value in headers.items()}
    signed_text = f"{names['webhook-id']}.{names['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, signed_text, hashlib.sha256).digest()).decode()
    assert names["webhook-signature"] == f"v1,{digest}"


def test_each_kind_of_news_comes_once(cast, hook):
    webhook(cast, hook)
    sent(cast)
    sweep_all()
    kinds = sorted(json.loads(body)["type"] for _, body, _ in hook.got)
    assert kinds == ["document.signed", "job.completed", "review.ready"]


def test_news_that_was_not_asked_for_and_of_other_practices_does_not_come(cast, hook):
    webhook(cast, hook, "document.amended")
    Destination.objects.create(
        practice=cast.outsider.practice,
        kind="webhook",
        address=hook.url,
        news=News.values,
        created_by=cast.outsider.user,
        encrypted_secret=b"",
    )
    sent(cast)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("status", [500, 302, 404, 429])
def test_a_failed_webhook_is_tried_again_under_the_same_id(cast, hook, status):
    webhook(cast, hook, "document.signed")
    hook.answers = [status]
    sent(cast)
    sweep_all()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.outcome, delivery.attempts) == ("owed", f"http_{status}", 1)
    assert len(hook.got) == 1
    later()
    sweep_all()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("delivered", 2)
    first, second = ({k.lower(): v for k, v in headers.items()} for headers, _, _ in hook.got)
    assert first["webhook-id"] == second["webhook-id"] == str(delivery.pk)


def test_an_address_that_turned_inward_is_not_called(cast, hook, settings):
    webhook(cast, hook, "document.signed")
    sent(cast)
    settings.OUTBOUND = []
    sweep_all()
    assert Delivery.objects.get().outcome == "forbidden" and not hook.got


def test_a_receiver_that_stays_away_is_given_up_in_the_end(cast, hook):
    webhook(cast, hook, "document.signed")
    sent(cast)
    Delivery.objects.update(created_at=F("created_at") - timedelta(days=4))
    hook.answers = [500]
    sweep_all()
    assert Delivery.objects.get().state == "given_up"
    assert AuditEvent.objects.filter(action="news.given_up").count() == 1
    later()
    assert not outbox.sweep()


def test_news_can_be_delivered_again_but_not_twice_at_once(cast, hook):
    webhook(cast, hook, "document.signed")
    sent(cast)
    first = Delivery.objects.get()
    with pytest.raises(Refused, match="waiting"):
        destinations.repeat(delivery=first, by=cast.manager.user)
    sweep_all()
    first.refresh_from_db()
    again = destinations.repeat(delivery=first, by=cast.manager.user)
    with pytest.raises(Refused, match="waiting"):
        destinations.repeat(delivery=first, by=cast.manager.user)
    sweep_all()
    ids = [dict(headers)["webhook-id"] for headers, _, _ in hook.got]
    assert ids == [str(first.pk)] * 2 and again.again_of == first


def test_an_ended_destination_gets_nothing_more(cast, hook):
    destination, _ = webhook(cast, hook, "document.signed")
    sent(cast)
    destinations.end(destination=destination, by=cast.manager.user)
    sweep_all()
    assert Delivery.objects.get().state == "cancelled" and not hook.got
    with pytest.raises(Refused, match="ended"):
        destinations.end(destination=destination, by=cast.manager.user)
    with pytest.raises(Refused, match="ended"):
        destinations.repeat(delivery=Delivery.objects.get(), by=cast.manager.user)


# HL7


def test_a_signed_document_goes_to_the_hospital(cast, listener):
    receiver(cast, listener)
    signature = sent(cast)
    sweep_all()
    [message] = listener.got
    assert str(message.segment("MSH")[5]) == "EHR" and str(message.segment("MSH")[6]) == "HOSPITAL"
    assert str(signature.review_id) in str(message.segment("TXA")[12])
    assert Delivery.objects.get().state == "delivered"


@pytest.mark.parametrize("trouble", ["drop", "rubbish", "AE"])
def test_a_message_without_a_good_answer_is_sent_again_with_the_same_control_id(
    cast, listener, trouble
):
    receiver(cast, listener)
    listener.answers = [trouble, trouble]
    sent(cast)
    for _ in range(3):
        sweep_all()
        later()
    assert len(set(listener.control_ids())) == 1 and len(listener.got) == 3
    assert Delivery.objects.get().state == "delivered"


def test_documents_arrive_in_order_though_the_first_is_held_up(cast, listener):
    receiver(cast, listener)
    first, second = sent(cast), sent(cast, mrn="2")
    listener.answers = ["AE"]
    sweep_all()
    assert len(listener.got) == 1, "the second waits for the first"
    later()
    sweep_all()
    numbers = [str(m.segment("TXA")[12]).partition("^")[0] for m in listener.got]
    assert numbers == [str(first.review_id), str(first.review_id), str(second.review_id)]


def test_a_message_that_is_rejected_three_times_makes_way(cast, listener):
    receiver(cast, listener)
    sent(cast), sent(cast, mrn="2")
    listener.answers = ["AR", "AR", "AR"]
    for _ in range(4):
        sweep_all()
        later()
    states = Delivery.objects.order_by("number").values_list("state", "outcome")
    assert list(states) == [("given_up", "rejected"), ("delivered", "ok")]


def test_a_receiver_that_is_down_for_a_day_gets_all_of_it_once(cast, listener, settings):
    destination = receiver(cast, listener)
    Destination.objects.update(address="127.0.0.1:1")
    for number in range(3):
        sent(cast, mrn=str(number))
    for _ in range(20):
        sweep_all()
        later()
    assert not listener.got
    Destination.objects.filter(pk=destination.pk).update(address=listener.address)
    for _ in range(3):
        sweep_all()
        later()
    assert len(listener.got) == 3 == len(set(listener.control_ids()))


# What the database holds


def test_a_worker_that_died_while_sending_leaves_the_news_owed(cast, hook):
    webhook(cast, hook, "document.signed")
    sent(cast)
    assert outbox._claim() is not None
    assert not outbox.sweep(), "another worker waits for the pause to be over"
    later()
    sweep_all()
    assert len(hook.got) == 1 and Delivery.objects.get().attempts == 2


def test_an_outcome_that_comes_late_changes_nothing(cast, hook):
    webhook(cast, hook, "document.signed")
    sent(cast)
    slow = outbox._claim()
    later()
    sweep_all()
    outbox._settle(slow, "http_500")
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.outcome) == ("delivered", "ok")


def test_news_is_undone_with_its_act(cast, hook):
    webhook(cast, hook, "document.signed")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        sent(cast)
        raise ZeroDivisionError
    assert not Delivery.objects.exists()


def test_the_same_news_cannot_be_owed_twice(cast, hook):
    destination, _ = webhook(cast, hook, "document.signed")
    signature = sent(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        outbox.owe(
            destination,
            "document.signed",
            signature.review.recording_id,
            signature.pk,
            signature.pk,
        )
