"""Signing in: wrong passwords lock out without telling who exists, and second factors are kept."""

import statistics
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from asgiref.sync import async_to_sync
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings

from review.models import AuditEvent
from tests import rows
from tests.cast import PASSWORD
from tests.sockets import Socket, session_of
from transcripts.models import Practice, User
from transcripts.sessions import BrowserSession

LOGIN = "/accounts/login/"
ARGON = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@pytest.fixture(autouse=True)
def no_counts(db):
    cache.clear()
    yield
    cache.clear()


def attempt(name: str, password: str, browser: Client | None = None):
    return (browser or Client()).post(LOGIN, {"login": name, "password": password})


@pytest.mark.parametrize("name", ["eve", "nobody.at.all"])
def test_the_eleventh_wrong_password_locks_out_even_the_right_one(cast, name):
    answers = [attempt(name, "wrong") for _ in range(10)]
    locked = attempt(name, PASSWORD)
    assert {answer.status_code for answer in answers} == {locked.status_code} == {200}
    assert "Too many failed" in locked.content.decode()
    attempt(name, PASSWORD)
    told = AuditEvent.objects.filter(action="login.locked")
    known = str(cast.editor.user_id) if name == "eve" else ""
    assert list(told.values_list("actor_id", "outcome")) == [(known, "denied")]
    assert BrowserSession.objects.filter(user__isnull=False).count() == 0


def test_a_new_site_has_no_account_at_all():
    assert not User.objects.exists(), "whoever runs it makes the first one"


def test_a_locked_out_name_holds_up_nobody_else(cast):
    for _ in range(11):
        attempt("eve", "wrong")
    assert attempt("carla", PASSWORD).status_code == 302


def test_names_that_are_tried_besides_crowd_out_no_lock(cast):
    for _ in range(10):
        attempt("eve", "wrong")
    for number in range(700):  # as many attempts on other names would leave
        cache.set(f"other-{number}", 1, 900)
    assert "Too many failed" in attempt("eve", PASSWORD).content.decode()


def test_known_unknown_and_disabled_names_get_the_same_bytes(cast):
    cast.auditor.user.is_active = False
    cast.auditor.user.save()
    pages = []
    for name, password in (("eve", "wrong"), ("nobody", "wrong"), ("ada", PASSWORD)):
        page = attempt(name, password)
        pages.append(rows.plain(page.content).replace(name.encode(), b""))
    assert pages[0] == pages[1] == pages[2]


@override_settings(PASSWORD_HASHERS=ARGON)
def test_it_takes_as_long_to_refuse_an_unknown_name_as_a_known_one(cast):
    cast.editor.user.set_password(PASSWORD)
    cast.editor.user.save()

    def seconds(name: str) -> float:
        cache.clear()
        began = time.process_time()
        attempt(name, "wrong")
        return time.process_time() - began

    attempt("eve", "wrong")
    both = [(seconds("eve"), seconds("nobody")) for _ in range(25)]
    known, unknown = (statistics.median(times) for times in zip(*both, strict=True))
    assert abs(known - unknown) / known < 0.10, (known, unknown)


def enrolled(person) -> str:
    """The secret of a new authenticator."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(person.user, secret)
    return secret


def code(secret: str) -> str:
    counter = int(time.time()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def half_in(name: str) -> Client:
    browser = Client()
    assert attempt(name, PASSWORD, browser).url == "/accounts/2fa/authenticate/"
    return browser


def test_a_code_is_good_once_and_the_password_alone_opens_nothing(cast):
    secret = enrolled(cast.editor)
    browser, other = half_in("eve"), half_in("eve")
    assert browser.get("/").status_code == 302
    now = code(secret)
    assert browser.post("/accounts/2fa/authenticate/", {"code": now}).status_code == 302
    assert browser.get("/").status_code == 200
    again = other.post("/accounts/2fa/authenticate/", {"code": now})
    assert again.status_code == 200 and other.get("/").status_code == 302


def test_guessing_codes_is_bounded(cast):
    secret = enrolled(cast.editor)
    browser = half_in("eve")
    for guess in range(12):
        browser.post("/accounts/2fa/authenticate/", {"code": f"{guess:06}"})
    last = browser.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert last.status_code == 200 and browser.get("/").status_code == 302


def test_a_recovery_code_is_good_once(cast):
    enrolled(cast.editor)
    one = RecoveryCodes.activate(cast.editor.user).get_unused_codes()[0]
    browser, other = half_in("eve"), half_in("eve")
    assert browser.post("/accounts/2fa/authenticate/", {"code": one}).status_code == 302
    assert other.post("/accounts/2fa/authenticate/", {"code": one}).status_code == 200


def test_secrets_of_second_factors_are_not_readable_in_the_database(cast):
    secret = enrolled(cast.editor)
    RecoveryCodes.activate(cast.editor.user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        kept = [data for (data,) in cursor.fetchall()]
    assert len(kept) == 2 and all("sealed:" in data and secret not in data for data in kept)


def require(*roles: str) -> None:
    Practice.objects.update(second_factor_roles=list(roles))


def test_who_must_enrol_reaches_nothing_else(cast, as_):
    review = rows.review(cast)
    browser, other = as_(cast.editor), as_(cast.manager)
    require("editor")
    here = f"/recordings/{review.recording_id}/"
    for path in ("/", here, "/upload/", f"{here}document.txt", "/people/", "/nowhere"):
        assert browser.get(path).url == "/accounts/2fa/", path
    script = browser.get(f"{here}state", headers={"Accept": "application/json"})
    assert script.status_code == 403 and script.json()["error"] == "second_factor"
    assert browser.post(f"{here}operations").status_code == 403
    assert browser.get("/accounts/2fa/").status_code == 200
    assert other.get("/").status_code == 200
    enrolled(cast.editor)
    assert browser.get("/").status_code == 200


def test_an_operator_without_a_second_factor_sees_nothing_of_the_installation(cast, as_, settings):
    User.objects.filter(pk__in=[cast.editor.user_id, cast.manager.user_id]).update(is_staff=True)
    enrolled(cast.manager)
    assert as_(cast.editor).get("/operate/").status_code == 200, "no production, no need"
    settings.OPERATOR_SECOND_FACTOR = True
    browser = as_(cast.editor)
    for path in ("/operate/", "/operate/nowhere", "/admin/", "/admin/transcripts/user/"):
        assert browser.get(path).url == "/accounts/2fa/", path
    refused = browser.post("/operate/queue", {"mode": "paused"})
    assert refused.status_code == 403 and "This installation" in refused.json()["message"]
    assert browser.get("/").status_code == 200, "their practice asks for none"
    assert as_(cast.manager).get("/operate/").status_code == 200
    enrolled(cast.editor)
    assert browser.get("/operate/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_who_must_enrol_hears_nothing_over_a_socket(cast):
    session = session_of(cast.editor)
    require("editor")

    async def knock() -> dict[str, object]:
        socket = Socket("/ws/worklist/", session)
        await socket.open()
        return await socket.next()

    assert async_to_sync(knock)() == {"closed": 4401}


def test_a_manager_decides_who_must_but_not_before_having_one(cast, as_):
    manager = as_(cast.manager)
    assert manager.post("/sign-in-rules/", {"roles": ["manager"]}).status_code == 422
    assert manager.post("/sign-in-rules/", {"roles": ["clinician", "editor"]}).status_code == 302
    cast.practice.refresh_from_db()
    assert cast.practice.second_factor_roles == ["editor", "clinician"]
    event = AuditEvent.objects.get(action="sign_in_rules.changed")
    assert event.detail == {"roles": ["editor", "clinician"]}


def test_enrolling_over_the_pages_is_on_record(cast):
    browser = Client()
    attempt("eve", PASSWORD, browser)
    assert "reauthenticate" in browser.get("/accounts/2fa/totp/activate/").url
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    form = browser.get("/accounts/2fa/totp/activate/")
    secret = form.context["form"].secret
    done = browser.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert done.status_code == 302
    kinds = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"second_factor.added", "recovery_codes.made"} <= kinds
    assert Authenticator.objects.filter(user=cast.editor.user).count() == 2
    browser.post("/accounts/2fa/totp/deactivate/")
    assert AuditEvent.objects.filter(action="second_factor.removed").exists()
