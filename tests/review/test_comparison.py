"""Where two machine transcripts differ, as the review and its own page show it."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from review.models import AuditEvent, Comparison
from tests import rows
from transcripts.models import Shadow

PLACES = [
    {
        "kind": "drug",
        "ours": "listen pro",
        "theirs": "lisinopril",
        "before": "she takes",
        "after": "15 mg",
        "start": 61.25,
        "end": 62.0,
    },
    {
        "kind": "other",
        "ours": "",
        "theirs": "<b>the",
        "before": "",
        "after": "",
        "start": 70,
        "end": 70.5,
    },
]
KINDS = {
    "drug": {"of": 3, "differ": 1},
    "number": {"of": 8, "differ": 0},
    "polarity": {"of": 2, "differ": 0},
    "other": {"of": 40, "differ": 1},
}


@pytest.fixture
def review(cast):
    return rows.review(cast)


def shadow(review, status="COMPLETED", **more):
    ended = {"completed_at": review.created_at} if status in ("COMPLETED", "FAILED") else {}
    return Shadow.objects.create(
        practice=review.practice, job=review.transcript.job, status=status, **ended, **more
    )


def compared(review, places=PLACES):
    shadow(review)
    return Comparison.objects.create(
        practice=review.practice,
        transcript=review.transcript,
        ours=53,
        theirs=54,
        same=51,
        kinds=KINDS,
        places=places,
    )


def told(browser, review):
    answer = browser.get(f"/recordings/{review.recording_id}/state")
    return answer.json()["transcript"]["comparison"]


def page(browser, review, query=""):
    return browser.get(f"/recordings/{review.recording_id}/comparison/{query}")


def test_without_a_shadow_nothing_is_said_of_it(review, cast, as_):
    assert told(as_(cast.editor), review) is None
    assert page(as_(cast.editor), review).status_code == 404


def test_a_failure_is_a_note(review, cast, as_):
    shadow(review, "FAILED", failure_reason="AWS was away.")
    assert told(as_(cast.editor), review) == {
        "engine": "Amazon Transcribe Medical",
        "running": False,
        "note": "AWS was away.",
        "found": None,
    }
    assert page(as_(cast.editor), review).status_code == 404


@pytest.mark.parametrize("status", ["QUEUED", "IN_PROGRESS"])
def test_one_that_still_runs_says_so(review, cast, as_, status):
    shadow(review, status)
    assert told(as_(cast.editor), review)["running"] is True


def test_the_review_is_told_the_numbers_and_not_the_words(review, cast, as_):
    compared(review)
    found = told(as_(cast.editor), review)["found"]
    assert (found["ours"], found["same"]) == (53, 51)
    assert found["kinds"][0] == {"label": "Drug names", "of": 3, "differ": 1}
    assert "lisinopril" not in str(found)


def test_the_page_shows_every_place_with_its_sound(review, cast, as_):
    compared(review)
    answer = page(as_(cast.clinician), review)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'data-start="61.250" data-end="62.000"' in text and "1:01" in text
    assert "listen pro" in text and "lisinopril" in text
    assert "<b>the" not in text and "&lt;b&gt;the" in text
    assert f"/recordings/{review.recording_id}/audio" in text
    assert AuditEvent.objects.filter(action="comparison.viewed").count() == 1


def test_the_page_can_be_narrowed_to_a_class(review, cast, as_):
    compared(review)
    browser = as_(cast.editor)
    drugs = page(browser, review, "?kind=drug").content.decode()
    assert "lisinopril" in drugs and "&lt;b&gt;the" not in drugs
    assert "No place differs" in page(browser, review, "?kind=number").content.decode()
    assert "lisinopril" in page(browser, review, "?kind=nonsense&page=x").content.decode()


def test_a_long_list_comes_in_pages_with_the_same_number_of_queries(review, cast, as_):
    compared(review, PLACES[:1] * 450)
    browser = as_(cast.editor)
    page(browser, review)
    with CaptureQueriesContext(
        connection,
    ) as short:
        text = page(browser, review).content.decode()
    assert text.count("data-start") == 200 and "Page 1 of 3" in text
    assert len(short) < 25


def test_who_must_not_see_the_recording_sees_nothing_of_it(review, cast, as_):
    compared(review)
    assert page(as_(cast.outsider), review).status_code == 404
    assert page(as_(cast.colleague), review).status_code == 404
    assert page(as_(cast.auditor), review).status_code == 403


def test_a_comparison_never_changes(review):
    made = compared(review)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Comparison.objects.filter(pk=made.pk).update(same=0)
    with pytest.raises(ProgrammingError), transaction.atomic():
        made.delete()
