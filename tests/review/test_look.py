"""The line of a review: words to look at beside the flagged ones. It never touches a flag."""

import json

import pytest

from review.models import AuditEvent
from tests import rows


def move(browser, review, below):
    body = below if isinstance(below, bytes) else json.dumps({"below": below})
    url = f"/recordings/{review.recording_id}/look"
    return browser.post(url, body, content_type="application/json")


@pytest.mark.parametrize("below", [b"", b"[]", b"{}", "much", None, float("nan"), b"[" * 9_000])
def test_what_is_no_share_is_refused(cast, review, as_, below):
    assert move(as_(cast.editor), review, below).status_code == 422


@pytest.mark.parametrize("below", [0, 0.5, 1.01, -1, 1e9])
def test_the_line_stays_between_the_threshold_and_one(cast, review, as_, below):
    answer = move(as_(cast.editor), review, below)
    assert answer.status_code == 403 and "between" in answer.json()["message"]


def test_a_signed_review_has_no_line_to_move(cast, review, as_):
    rows.signed(review, cast)
    assert move(as_(cast.editor), review, 0.95).status_code == 403


def test_raising_and_lowering_changes_no_flag_and_not_what_blocks_signing(cast, review, as_):
    def flags():
        return list(review.flags.order_by("id").values_list("id", "state", "items"))

    before = flags()
    for below in (0.97, float(review.threshold)):
        answer = move(as_(cast.editor), review, below).json()["review"]
        assert answer["flags_open"] == len(before)
        assert flags() == before


def test_the_line_is_everyones_and_moving_it_is_recorded(cast, review, as_):
    move(as_(cast.editor), review, 0.95)
    state = as_(cast.clinician).get(f"/recordings/{review.recording_id}/state").json()
    assert state["review"]["look_below"] == 0.95
    event = AuditEvent.objects.get(action="look.moved")
    assert event.detail == {"below": "0.95"}
    move(as_(cast.editor), review, 0.95)
    assert AuditEvent.objects.filter(action="look.moved").count() == 1


def test_the_line_at_the_threshold_is_none(cast, review, as_):
    move(as_(cast.editor), review, 0.95)
    answer = move(as_(cast.editor), review, float(review.threshold)).json()
    assert answer["review"]["look_below"] is None
