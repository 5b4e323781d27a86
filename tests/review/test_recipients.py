"""Who had a copy before something was added: listed, told, and a task until they acknowledge it."""

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from review.actions import addenda, destinations, outbox, recipients, sign
from review.enums import DeliveryState
from review.models import AuditEvent, Delivery, Recipient, Review
from review.policies import Refused
from review.recipients import received, tasks
from tests.cast import PASSWORD
from tests.rows import signed
from transcripts.actions import keys

pytestmark = pytest.mark.django_db
LATE = {"kind": "amendment", "reason": "The dose was wrong.", "text": "Lisinopril 10 mg."}


@pytest.fixture
def document(review, cast):
    signed(review, cast)
    return Review.objects.get()


def add(document, cast):
    """A signed amendment; its signature."""
    from review import documents

    draft = addenda.draft(review=document, by=cast.clinician, **LATE)
    with transaction.atomic():
        shown = documents.content_digest(
            documents.follow_up(
                sign.locked(document),
                meaning=documents.meaning_of(draft),
                addendum=draft,
                by=cast.clinician,
            )
        )
    return sign.sign_addendum(addendum=draft, by=cast.clinician, password=PASSWORD, shown=shown)


def download(document, who, as_, form="txt"):
    assert as_(who).get(f"/recordings/{document.recording_id}/document.{form}").status_code == 200


def fhir(document, cast, client):
    """Reads the document as a FHIR client; its access key."""
    key, secret = keys.create(
        practice=cast.practice, by=None, label="Portal", scopes=("documents.read",)
    )
    asked = {"grant_type": "client_credentials", "client_id": key.access_key_id}
    token = client.post("/fhir/token", asked | {"client_secret": secret}).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    for path in (f"DocumentReference/{document.pk}", f"Composition/{document.pk}/$document"):
        assert client.get(f"/fhir/{path}", headers=bearer).status_code == 200
    return key


def told(document, cast, kind="webhook"):
    """A destination that has taken the news of the signed document."""
    where = "https://93.184.216.34/hook" if kind == "webhook" else "93.184.216.34:2575"
    made, _ = destinations.create(
        practice=cast.practice,
        kind=kind,
        label="Hospital",
        address=where,
        news=["document.signed", "document.amended"],
        by=cast.manager.user,
    )
    signature = document.attested
    one = outbox.owe(made, "document.signed", document.recording_id, signature.pk, signature.pk)
    Delivery.objects.filter(pk=one.pk).update(
        state=DeliveryState.DELIVERED, settled_at=timezone.now(), due_at=None
    )
    return made


@pytest.fixture
def open_network(settings):
    settings.OUTBOUND = ("93.184.216.34",)


# What is not listed


def test_where_no_copy_left_nobody_is_listed(document, cast):
    add(document, cast)
    assert not Recipient.objects.exists()
    assert not AuditEvent.objects.filter(action="recipients.listed").exists()


def test_drafts_and_the_authors_own_copies_are_not_listed(review, cast, as_):
    download(review, cast.editor, as_)
    signed(review, cast)
    document = Review.objects.get()
    download(document, cast.clinician, as_)
    add(document, cast)
    assert not Recipient.objects.exists()


def test_who_only_searched_has_no_copy(document, cast, client):
    key, secret = keys.create(practice=cast.practice, by=None, scopes=("documents.read",))
    asked = {"grant_type": "client_credentials", "client_id": key.access_key_id}
    token = client.post("/fhir/token", asked | {"client_secret": secret}).json()["access_token"]
    found = client.get("/fhir/DocumentReference", headers={"Authorization": f"Bearer {token}"})
    assert "Patient takes" not in found.content.decode()
    assert received(document) == {}


# Who is listed


def test_every_copy_that_left_is_listed_once_with_its_forms(
    document, cast, as_, client, open_network
):
    download(document, cast.editor, as_)
    download(document, cast.editor, as_, "pdf")
    key, hook = fhir(document, cast, client), told(document, cast)
    signature = add(document, cast)
    rows = {
        row.user_id or row.destination_id or row.access_key_id: row
        for row in signature.recipients.all()
    }
    assert rows[cast.editor.user_id].forms == ["pdf", "txt"]
    assert rows[hook.pk].forms == ["webhook"]
    assert rows[key.pk].forms == ["fhir", "fhir_reference"]
    assert len(rows) == 3
    row = rows[cast.editor.user_id]
    assert document.attested.signed_at <= row.first_at < row.last_at <= signature.signed_at
    listed = AuditEvent.objects.get(action="recipients.listed")
    assert listed.detail["count"] == 3
    page = as_(cast.editor).get(f"/recordings/{document.recording_id}/recipients/")
    assert all(name in page.content.decode() for name in ("Eve", "Hospital", "Portal"))


def test_the_news_of_the_amendment_is_owed_to_who_took_the_document(document, cast, open_network):
    hook = told(document, cast)
    signature = add(document, cast)
    owed = Delivery.objects.get(destination=hook, signature=signature)
    row = Recipient.objects.get()
    with transaction.atomic():
        recipients.delivered(owed)
    row.refresh_from_db()
    assert row.delivery_id == owed.pk and row.acknowledged_by is None and row.acknowledged_at
    told_of = AuditEvent.objects.get(action="recipient.acknowledged")
    assert told_of.actor_display == "Countersign"


def test_the_client_whose_bucket_holds_the_signed_copy_is_listed(document, cast):
    key, _ = keys.create(practice=cast.practice, by=None, label="Bucket")
    document.recording.jobs.update(
        access_key=key, engine_state={"output": {"result": True, "signed": "written"}}
    )
    assert {who: left.forms for who, left in received(document).items()} == {
        ("access_key", key.pk): {"aws"}
    }


# The task


def test_it_is_on_the_worklist_of_who_downloaded_it_until_they_acknowledge(document, cast, as_):
    download(document, cast.editor, as_)
    add(document, cast)
    browser, row = as_(cast.editor), Recipient.objects.get()
    assert "Changed since a copy left" in browser.get("/").content.decode()
    assert browser.post(f"/recipients/{row.pk}/acknowledge").status_code == 302
    row.refresh_from_db()
    assert row.acknowledged_by == cast.editor.user and row.acknowledged_at
    assert "Changed since a copy left" not in browser.get("/").content.decode()
    page = browser.get(f"/recordings/{document.recording_id}/recipients/").content.decode()
    assert "badge-ok" in page and "Eve" in page
    assert AuditEvent.objects.get(action="recipient.acknowledged").actor_display == "Eve"


def test_systems_and_people_who_left_are_the_managers_task(document, cast, as_, client):
    download(document, cast.editor, as_)
    fhir(document, cast, client)
    add(document, cast)
    system, person = (
        Recipient.objects.exclude(user=cast.editor.user),
        Recipient.objects.filter(user=cast.editor.user),
    )
    assert list(tasks(cast.manager)) == list(system)
    assert list(tasks(cast.colleague)) == [] == list(tasks(cast.outsider))
    type(cast.editor).objects.filter(pk=cast.editor.pk).update(disabled_at=timezone.now())
    assert {*tasks(cast.manager)} == {*system, *person}


def test_nobody_acknowledges_for_another_but_a_manager(document, cast, as_):
    download(document, cast.editor, as_)
    add(document, cast)
    row = Recipient.objects.get()
    for who in (cast.colleague, cast.clinician, cast.outsider):
        with pytest.raises(Refused):
            recipients.acknowledge(recipient=row, by=who)
    assert as_(cast.outsider).post(f"/recipients/{row.pk}/acknowledge").status_code == 404
    recipients.acknowledge(recipient=row, by=cast.manager)
    with pytest.raises(Refused, match="already"):
        recipients.acknowledge(recipient=row, by=cast.editor)


# What SQL cannot do


def test_the_list_does_not_change_but_for_one_acknowledgment(document, cast, as_):
    download(document, cast.editor, as_)
    signature = add(document, cast)
    row = Recipient.objects.get()
    values = {name: getattr(row, name) for name in ("practice", "review", "first_at", "last_at")}
    person = {"user": cast.manager.user, "forms": []}
    bad_rows = [
        values | person | {"signature": document.attested},
        values | person | {"signature": signature, "practice": cast.outsider.practice},
        values | {"signature": signature, "user": None, "forms": []},
        values | {"signature": signature, "user": cast.editor.user, "forms": []},
    ]
    for bad in bad_rows:
        with pytest.raises(DatabaseError), transaction.atomic():
            Recipient.objects.create(**bad)
    now = timezone.now()
    for change in ({"acknowledged_at": now}, {"forms": ["x"]}, {"user": cast.manager.user}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Recipient.objects.update(**change)
    Recipient.objects.update(acknowledged_at=now, acknowledged_by=cast.editor.user)
    with pytest.raises(DatabaseError, match="acknowledges once"), transaction.atomic():
        Recipient.objects.update(acknowledged_at=None, acknowledged_by=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        Recipient.objects.all().delete()
