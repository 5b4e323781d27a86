"""The receipt of attention: what was played, counted once; pauses are no work; it is sealed."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from review import attention
from review.models import Play, Signature
from tests.cast import PASSWORD
from tests.rows import resolve

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stretches", "share"),
    [
        ([], 0.0),
        ([(0, 5), (0, 5)], 0.5),
        ([(6, 8), (0, 4), (2, 6)], 0.8),
        ([(0, 99)], 1.0),
    ],
    ids=["nothing", "twice the same", "overlapping", "beyond the end"],
)
def test_what_was_played_counts_once(stretches, share):
    assert attention.share_heard(stretches, 10) == pytest.approx(share)


def test_a_recording_without_length_is_no_error():
    assert attention.share_heard([(0, 1)], 0) == 0


def test_the_rate_is_that_of_the_time_spent():
    assert attention.mean_rate([(10, 1.0), (10, 2.0)]) == pytest.approx(20 / 15)
    assert attention.mean_rate([]) == 1


def test_a_long_pause_is_no_work():
    moments = [NOON + timedelta(seconds=s) for s in (60, 0, 90, 3600, 3630)]
    assert attention.minutes_worked(moments) == pytest.approx(2.0)


@pytest.mark.django_db
def test_the_receipt_is_shown_before_signing_and_sealed_with_it(cast, as_, review):
    resolve(review, cast.clinician)
    Play.objects.create(
        review=review, user=cast.clinician.user, session="s", start=0, end=5.5, rate=1.25
    )
    Play.objects.create(review=review, user=cast.editor.user, session="t", start=0, end=11, rate=1)
    browser, where = as_(cast.clinician), f"/recordings/{review.recording_id}/sign/"
    page = browser.get(where)
    assert "50 % of the audio played, at 1.25× speed; 2 marked" in page.content.decode()
    browser.post(where, {"password": PASSWORD, "shown": page.context["hash"]})
    sealed = json.loads(Signature.objects.get().document)["attention"]
    assert sealed == {
        "heard": "0.50",
        "rate": "1.25",
        "confirmed": 2,
        "corrected": 0,
        "minutes": sealed["minutes"],
    }
    copy = browser.get(f"/recordings/{review.recording_id}/document.txt").content.decode()
    assert "Checked" in copy and "50 % of the audio" in copy
