"""Bodies that are made to exhaust: too long, too deep, too many.

Number 23 of docs/security.md's table of tests.
"""

import json

import pytest

pytestmark = pytest.mark.django_db
DEEP = "[" * 10_000 + "]" * 10_000


@pytest.fixture
def doors(review, cast):
    here = f"/recordings/{review.recording_id}"
    return [f"{here}/operations", f"{here}/plays", f"{here}/look", "/my-keys/keep"]


def post(browser, path: str, body: str):
    return browser.post(path, body, content_type="application/json")


def test_a_body_of_a_hundred_megabytes_is_refused(doors, cast, as_):
    browser = as_(cast.clinician)
    for path in doors:
        answer = post(browser, path, json.dumps({"a": "x" * 100_000_000}))
        assert answer.status_code == 413, path


def test_ten_thousand_brackets_are_refused(doors, cast, as_):
    browser = as_(cast.clinician)
    for path in doors:
        for body in (DEEP, '{"items":' + DEEP + "}"):
            assert post(browser, path, body).status_code in (400, 422), path


@pytest.mark.parametrize("body", ["", "null", "[]", "7", '"x"', "{", "\x00", '{"kind":[]}', "NaN"])
def test_nonsense_is_refused(doors, cast, as_, body):
    browser = as_(cast.clinician)
    for path in doors:
        assert post(browser, path, body).status_code in (400, 422), path


def test_a_form_of_ten_thousand_fields_is_refused(cast, as_):
    answer = as_(cast.clinician).post("/", {f"f{n}": "x" for n in range(10_000)})
    assert answer.status_code == 400
