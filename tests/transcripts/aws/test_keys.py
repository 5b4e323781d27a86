"""Access keys, on their page and on the command line."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from review.models import AuditEvent
from tests.cast import Cast
from transcripts import vault
from transcripts.actions import keys
from transcripts.models import AccessKey, Membership

Browser = Callable[[Membership], Client]
SECRET = re.compile(r'<dd class="mono">([\w-]{40})</dd>')


def test_a_manager_makes_a_key_and_sees_its_secret_once(cast: Cast, as_: Browser) -> None:
    browser = as_(cast.manager)
    everything = [scope for scope in keys.SCOPES if scope not in keys.ONLY_IF_NAMED]
    form = {"label": "Billing gateway", "scopes": everything, "expires_on": ""}
    made = browser.post("/keys/", form)
    key = AccessKey.objects.get()
    page = made.content.decode()
    (secret,) = SECRET.findall(page)
    assert vault.decrypt(key.encrypted_secret) == secret
    assert secret.encode() not in bytes(key.encrypted_secret)
    assert made.headers["Cache-Control"] == "no-store"
    assert (key.scopes, key.expires_at, key.practice) == ([], None, cast.practice)
    assert (key.user.name, key.user.has_usable_password()) == ("Billing gateway", False)
    later = browser.get("/keys/").content.decode()
    assert key.access_key_id in later and secret not in later
    event = AuditEvent.objects.get(action="key.created")
    assert (event.actor_display, event.object_id) == ("Max", str(key.pk))
    assert secret not in event.canonical


def test_scopes_and_a_last_day(cast: Cast, as_: Browser) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    form = {"label": "Reader", "scopes": ["jobs.read"], "expires_on": tomorrow.isoformat()}
    assert as_(cast.manager).post("/keys/", form).status_code == 200
    key = AccessKey.objects.get()
    assert key.scopes == ["jobs.read"]
    assert timezone.localtime(key.expires_at).date() == tomorrow


@pytest.mark.parametrize(
    "change",
    [
        {"label": ""},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_on": "2020-01-01"},
        {"expires_on": "soon"},
    ],
)
def test_what_is_wrong_is_said(cast: Cast, as_: Browser, change: dict[str, object]) -> None:
    form = {"label": "x", "scopes": ["jobs.read"], "expires_on": ""} | change
    answer = as_(cast.manager).post("/keys/", form)
    assert answer.status_code == 422 and b"errorlist" in answer.content
    assert not AccessKey.objects.exists()


def test_a_manager_revokes(cast: Cast, as_: Browser) -> None:
    key, _ = keys.create(practice=cast.practice, by=None, label="Old")
    browser = as_(cast.manager)
    for _ in range(2):
        assert browser.post(f"/keys/{key.pk}/revoke", follow=True).status_code == 200
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert AuditEvent.objects.filter(action="key.revoked").count() == 1
    assert b"Revoked" in browser.get("/keys/").content


def test_nobody_else_sees_or_touches_keys(cast: Cast, as_: Browser) -> None:
    key, _ = keys.create(practice=cast.practice, by=None, label="Ours")
    for member in (cast.editor, cast.clinician, cast.auditor, cast.outsider):
        browser = as_(member)
        assert browser.get("/keys/").status_code == 403
        assert browser.post("/keys/", {"label": "x"}).status_code == 403
        assert browser.post(f"/keys/{key.pk}/revoke").status_code == 403
    stranger = Client()
    assert stranger.get("/keys/").status_code == 302
    elsewhere = cast.outsider.practice
    theirs, _ = keys.create(practice=elsewhere, by=None, label="Theirs")
    assert as_(cast.manager).post(f"/keys/{theirs.pk}/revoke").status_code == 404
    assert theirs.access_key_id.encode() not in as_(cast.manager).get("/keys/").content


def test_the_command(cast: Cast) -> None:
    def run(*arguments: str) -> str:
        out = StringIO()
        call_command(
            "access_keys", "--practice", "hill-practice", *arguments, stdout=out, stderr=out
        )
        return out.getvalue()

    made = json.loads(run("create", "Dictaphones", "--scope", "jobs.write", "--json"))
    key = AccessKey.objects.get(access_key_id=made["aws_access_key_id"])
    assert vault.decrypt(key.encrypted_secret) == made["aws_secret_access_key"]
    assert (made["bucket"], key.scopes) == ("hill-practice", ["jobs.write"])
    as_person = run("create", "Hers", "--user", "eve", "--expires", "2099-12-31")
    assert "aws_secret_access_key = " in as_person
    assert AccessKey.objects.get(label="Hers").user == cast.editor.user
    listed = run("list")
    assert "Dictaphones" in listed and made["aws_secret_access_key"] not in listed
    assert "is revoked" in run("revoke", key.access_key_id)
    for wrong in (
        ("revoke", "AKIANOBODY"),
        ("revoke", key.access_key_id),
        ("create", "x", "--user", "otto"),
        ("create", "x", "--expires", "soon"),
        ("create", "x", "--expires", "2020-01-01"),
    ):
        with pytest.raises(CommandError):
            run(*wrong)


def test_a_command_for_one_of_several_practices_must_name_it(cast: Cast) -> None:
    with pytest.raises(CommandError, match="hill-practice, valley-practice"):
        call_command("access_keys", "list")
