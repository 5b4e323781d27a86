"""One sentence for each refusal: the button's, the answer's and the page's are the same."""

import json
import re
from uuid import uuid4

import pytest

from review.models import Review
from review.permissions import Permission, refusal
from tests import rows
from tests.rows import resolve, signed
from transcripts.permissions import TABLE


@pytest.fixture(params=["waiting", "ready", "ready_to_sign", "signed"])
def at_state(request, cast) -> Review:
    if request.param == "waiting":
        return Review.objects.get(recording=rows.recording(cast))
    review = rows.review(cast)
    if request.param == "ready_to_sign":
        resolve(review, cast.editor)
    if request.param == "signed":
        signed(review, cast)
    return Review.objects.get(pk=review.pk)


@pytest.mark.parametrize("who", ["editor", "clinician", "manager"])
def test_why_one_may_not_edit_is_one_sentence(cast, as_, at_state, who):
    browser = as_(getattr(cast, who))
    page = f"/recordings/{at_state.recording_id}/"
    stated = browser.get(f"{page}state").json()["review"]
    body = {"op_id": str(uuid4()), "kind": "confirm", "segment": str(uuid4()), "base_version": 1}
    answer = browser.post(
        f"{page}operations",
        json.dumps(body | {"items": []}),
        content_type="application/json",
        HTTP_ACCEPT="application/json",
    )
    assert stated["can_edit"] == (stated["edit_reason"] is None)
    if stated["can_edit"]:
        assert answer.status_code == 422
    else:
        assert answer.status_code == 403 and answer.json()["message"] == stated["edit_reason"]


@pytest.mark.parametrize("who", ["editor", "clinician", "manager"])
def test_why_one_may_not_sign_is_one_sentence(cast, as_, at_state, who):
    browser = as_(getattr(cast, who))
    stated = browser.get(f"/recordings/{at_state.recording_id}/state").json()["review"]
    answers = [
        browser.get(stated["sign_url"]),
        browser.post(stated["sign_url"], {"password": "x", "shown": "x"}),
    ]
    assert stated["can_sign"] == (stated["sign_reason"] is None)
    for answer in answers:
        if stated["can_sign"]:
            assert answer.status_code in (200, 422)
        elif at_state.state == "signed":
            assert answer.status_code == 302
        else:
            assert answer.status_code == 403
            assert stated["sign_reason"] in answer.content.decode()


@pytest.mark.parametrize("who", ["editor", "clinician", "manager"])
def test_the_page_carries_the_same_state(cast, as_, at_state, who):
    browser = as_(getattr(cast, who))
    page = browser.get(f"/recordings/{at_state.recording_id}/").content.decode()
    carried = re.search(r'<script id="snapshot"[^>]*>(.*?)</script>', page)[1]
    stated = browser.get(f"/recordings/{at_state.recording_id}/state").json()
    assert json.loads(carried)["review"] == stated["review"]


def test_who_has_no_practice_may_nothing():
    assert [refusal(None, permission) for permission in Permission] == [
        grant.refusal for grant in TABLE.values()
    ]
