"""A person's own keys: kept for that person alone, in a form the page understands."""

import json

import pytest

from review.models import AuditEvent
from tests.cast import member
from transcripts.enums import Role
from transcripts.models import User

OWN = {"keys": {"replay": ["F8", "Alt+KeyR"], "next": ["Pad4"]}, "tab": "next", "typing": False}
URL = "/my-keys/keep"


def keep(browser, body):
    content = body if isinstance(body, bytes) else json.dumps(body)
    return browser.post(URL, content, content_type="application/json")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 9_000,
        {"color": "red"},
        {"keys": []},
        {"keys": {"replay": "F8"}},
        {"keys": {"replay": ["F8", "F8"]}},
        {"keys": {"replay": ["<script>"]}},
        {"keys": {"re play": ["F8"]}},
        {"keys": {"replay": ["F1", "F2", "F3", "F4", "F8", "F9", "F13"]}},
        {"keys": {f"a{i}": [] for i in range(81)}},
        {"tab": "fly"},
        {"backStep": 60},
        {"typing": "yes"},
        b'{"keys": "' + b"x" * 20_000 + b'"}',
    ],
)
def test_what_is_no_map_is_refused_with_a_sentence_and_changes_nothing(cast, as_, body):
    keep(as_(cast.editor), OWN)
    answer = keep(as_(cast.editor), body)
    assert answer.status_code == 422 and answer.json()["message"]
    assert User.objects.get(pk=cast.editor.user.pk).key_map == OWN


def test_keys_are_kept_for_one_person_and_reach_the_review_screen(cast, review, as_):
    assert keep(as_(cast.editor), OWN).status_code == 200
    screen = as_(cast.editor).get(f"/recordings/{review.recording_id}/")
    assert json.dumps(OWN["keys"]["replay"]) in screen.content.decode()
    assert not User.objects.exclude(pk=cast.editor.user.pk).exclude(key_map={}).exists()
    event = AuditEvent.objects.filter(action="key_map.changed").get()
    assert event.detail == {"commands": 2}


def test_someone_without_a_practice_has_keys_too(db, as_, cast):
    stranger = member(cast.practice, "nora", Role.EDITOR)
    stranger.delete()
    assert keep(as_(stranger), {}).status_code == 200
