"""Chapters of the tour: signing, what is added afterwards, copies, and the news of it."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from review.actions import addenda, destinations, outbox, recipients
from review.models import Delivery, Destination, Review
from tests import rows
from tests.cast import PASSWORD, Cast
from tests.review.receivers import web_server
from tests.review.test_recipients import add, fhir
from tests.tour.page import Browsers, Page
from transcripts import vault
from transcripts.models import Membership


def destinations_told(cast: Cast, as_: Browsers, settings: Any) -> None:
    """News that arrives, news that a receiver will not have, once more, and the end of it."""
    settings.OUTBOUND = ["127.0.0.1"]
    with web_server() as hook:
        made, _ = destinations.create(
            practice=cast.practice,
            kind="webhook",
            label="EHR",
            address=hook.url,
            news=["document.signed"],
            by=cast.manager.user,
        )
        hook.answers = [200, 400]
        for number in (1, 2):
            review = rows.review(cast, mrn=f"3000{number}", name=f"Nadja News {number}")
            rows.signed(review, cast)
            while outbox.sweep():
                pass
        refused = Delivery.objects.get(state="owed")
        long_ago = timezone.now() - timedelta(days=4)
        Delivery.objects.filter(pk=refused.pk).update(created_at=long_ago, due_at=long_ago)
        hook.answers = [400]
        outbox.sweep()
        given_up = Delivery.objects.get(pk=refused.pk)
        destinations.repeat(delivery=given_up, by=cast.manager.user)
        destinations.end(destination=Destination.objects.get(pk=made.pk), by=cast.manager.user)


def documents(cast: Cast, as_: Browsers) -> None:
    """Refused, previewed, signed, copied, reviewed, amended, acknowledged; at last altered."""
    review = rows.review(cast, mrn="31001", name="Dora Document")
    page = Page(as_(cast.clinician), review)
    page.get("document.txt")
    rows.resolve(review, cast.editor)
    shown = page.get("sign/").context["hash"]
    page.post("sign/", {"password": "wrong", "shown": shown}, 422)
    page.post("sign/", {"password": PASSWORD, "shown": shown})
    Page(as_(cast.editor), review).get("document.txt")
    document = Review.objects.get(pk=review.pk)
    key = fhir(document, cast, Client())
    asked = {"grant_type": "client_credentials", "client_id": key.access_key_id}
    asked |= {"client_secret": vault.decrypt(key.encrypted_secret)}
    token = Client().post("/fhir/token", asked).json()["access_token"]
    Client().get("/fhir/DocumentReference", headers={"Authorization": f"Bearer {token}"})
    draft = addenda.draft(
        review=document, kind="addendum", reason="Late.", text="Potassium 4.1.", by=cast.clinician
    )
    addenda.discard(addendum=draft, by=cast.clinician)
    signature = add(document, cast)
    mine = signature.recipients.get(user=cast.editor.user)
    recipients.acknowledge(recipient=mine, by=cast.editor)
    with rows.ignored_triggers("review_signature"):
        document.signatures.update(signature="A" * 86 + "==")
    page.browser.get(page.url + "document.txt")


def two_step(cast: Cast, as_: Browsers) -> None:
    """A document returned, one co-signed, and one that another clinician reviewed."""
    Membership.objects.filter(pk=cast.clinician.pk).update(cosigned=True)
    cast.clinician.refresh_from_db()
    for number, meaning in ((1, "rejected"), (2, "co-signed")):
        review = rows.review(cast, mrn=f"3200{number}", name=f"Zoe Second {number}")
        rows.signed(review, cast)
        page = Page(as_(cast.colleague), review)
        shown = page.get("sign/").context["hash"]
        given = {"meaning": meaning, "reason": "The dose is missing.", "password": PASSWORD}
        page.post("sign/", given | {"shown": shown})
    shown = page.get("sign/review/").context["hash"]
    page.post("sign/review/", {"password": PASSWORD, "shown": shown})
    Membership.objects.filter(pk=cast.clinician.pk).update(cosigned=False)
    cast.clinician.refresh_from_db()
