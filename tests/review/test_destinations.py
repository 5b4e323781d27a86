"""The page of destinations: for managers; secrets once, failures in words, once more by a click."""

import pytest

from review.actions import outbox
from review.models import Delivery, Destination
from tests import rows
from tests.review.receivers import web_server
from tests.rows import resolve, signed

pytestmark = pytest.mark.django_db
PAGE = "/destinations/"


@pytest.fixture
def hook(settings):
    settings.OUTBOUND = ["127.0.0.1"]
    with web_server() as hook:
        yield hook


def add(browser, hook, **changes):
    values = {"kind": "webhook", "label": "EHR", "address": hook.url, "news": ["document.signed"]}
    return browser.post(PAGE, values | changes)


def test_an_empty_practice_is_told_what_to_do_first(cast, as_):
    assert "Add the first destination" in as_(cast.manager).get(PAGE).content.decode()


def test_a_secret_is_shown_once(cast, as_, hook):
    browser = as_(cast.manager)
    made = add(browser, hook)
    assert made.context["secret"].startswith("whsec_")
    assert made.context["secret"] in made.content.decode()
    assert "whsec_" not in browser.get(PAGE).content.decode()


def test_a_wrong_address_is_answered_with_what_to_do_and_keeps_the_form(cast, as_, hook):
    answer = add(as_(cast.manager), hook, address="http://10.0.0.1/")
    assert answer.status_code == 422 and "Only https" in answer.content.decode()
    assert 'value="EHR"' in answer.content.decode() and not Destination.objects.exists()


def test_a_failed_delivery_is_explained_and_can_be_repeated(cast, as_, hook):
    browser = as_(cast.manager)
    add(browser, hook)
    review = rows.review(cast)
    resolve(review, cast.editor)
    signed(review, cast)
    hook.answers = [503]
    outbox.sweep()
    page = browser.get(PAGE).content.decode()
    assert "http 503" in page and "next attempt" in page and "Deliver again" not in page
    Delivery.objects.update(state="given_up", due_at=None, settled_at="2026-01-01T00:00Z")
    browser.post(f"/deliveries/{Delivery.objects.get().pk}/again")
    outbox.sweep()
    assert len(hook.got) == 2
    assert "Delivered" in browser.get(PAGE).content.decode()


def test_an_ended_destination_stays_in_the_list(cast, as_, hook):
    browser = as_(cast.manager)
    add(browser, hook)
    destination = Destination.objects.get()
    for _ in range(2):
        browser.post(f"/destinations/{destination.pk}/end")
    assert "Ended" in browser.get(PAGE).content.decode()


def test_other_practices_have_no_destinations_here(cast, as_, hook):
    add(as_(cast.manager), hook)
    destination = Destination.objects.get()
    Destination.objects.update(practice=cast.outsider.practice)
    browser = as_(cast.manager)
    assert browser.post(f"/destinations/{destination.pk}/end").status_code == 404
    assert "EHR" not in browser.get(PAGE).content.decode()


def test_the_page_takes_the_same_queries_however_long_the_log(
    cast, as_, hook, django_assert_num_queries
):
    browser = as_(cast.manager)
    add(browser, hook)
    destination, review = Destination.objects.get(), rows.review(cast)
    for number in range(60):
        Delivery.objects.create(
            destination=destination,
            number=number + 10,
            news="document.signed",
            recording=review.recording,
            subject=f"00000000-0000-7000-8000-{number:012}",
            due_at="2026-01-01T00:00Z",
        )
    with django_assert_num_queries(5):
        assert "1–50 of 6" in browser.get(PAGE).content.decode()
