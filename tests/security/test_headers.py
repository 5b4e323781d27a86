"""What every answer tells the browser: no inline code, no caches, no frames, no devices.

Numbers 11, 16 and 17 of docs/security.md's table of tests.
"""

import json
import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.security import production
from tests.security.test_access import ask, entered, routes, table

DEVICES = ("camera=()", "geolocation=()", "payment=()", "usb=()")


class Inline(HTMLParser):
    """Collects what a strict policy would refuse: inline scripts, styles and handlers."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        data_block = given.get("type") in ("application/json", "importmap")
        if tag == "script" and "src" not in given and not data_block:
            self.found.append("inline script")
        if tag == "style" and "nonce" not in given:
            self.found.append("inline style")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action") and (value or "").startswith("javascript:"):
                self.found.append(f"{tag} {value}")


def wrong(answer) -> list[str]:
    """What is missing in the headers of an answer, or refused by its own policy."""
    headers, found = answer.headers, []
    policy = headers.get("Content-Security-Policy", "")
    if "unsafe" in policy or "*" in policy or "default-src 'none'" not in policy:
        found.append(f"policy: {policy}")
    for part in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        if part not in policy:
            found.append(f"policy without {part}")
    for name, value in {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }.items():
        if headers.get(name) != value:
            found.append(f"{name}: {headers.get(name)}")
    if "no-store" not in headers.get("Cache-Control", ""):
        found.append(f"Cache-Control: {headers.get('Cache-Control')}")
    devices = headers.get("Permissions-Policy", "")
    if not all(device in devices for device in DEVICES) or "microphone=" not in devices:
        found.append(f"Permissions-Policy: {devices}")
    if not answer.streaming and headers.get("Content-Type", "").startswith("text/html"):
        parser = Inline()
        parser.feed(answer.content.decode())
        found += parser.found
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async")
def test_every_answer_of_every_address_says_so(cast):
    review, browsers = entered(cast)
    found = {}
    for route, method, _ in table():
        if (route, method) == ("sessions/others/end", "POST"):
            continue  # would log the others of this test out
        for who in ("anonymous", "author", "manager"):
            answer = ask(browsers[who], route, method, review)
            if problems := wrong(answer):
                found[f"{who} {method} {route} {answer.status_code}"] = problems
    assert found == {}


@pytest.mark.django_db
def test_pages_of_accounts_of_the_admin_and_of_nothing_say_so(cast):
    cast.manager.user.is_staff = True
    cast.manager.user.save()
    inside = Client(HTTP_ACCEPT="text/html")
    inside.force_login(cast.manager.user)
    plain = r"(accounts|admin)/[\w/-]*|fhir/metadata"
    pages = ["nowhere/", *(r for r in routes(get_resolver()) if re.fullmatch(plain, r))]
    assert len(pages) > 30
    found = {}
    for browser in (Client(HTTP_ACCEPT="text/html"), inside):
        for page in pages:
            # Forms that log the person out only do so when they are sent.
            if problems := wrong(browser.get(f"/{page}")):
                found[page] = problems
    # Django's own words for translations: a script by name, the same for everybody.
    found.pop("admin/jsi18n/", None)
    assert found == {}


@pytest.mark.django_db(transaction=True)
def test_a_page_that_fails_says_so(review, cast, as_, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("review.queries.screen_state", fail)
    browser = as_(cast.clinician)
    browser.raise_request_exception = False
    answer = browser.get(f"/recordings/{review.recording_id}/")
    assert answer.status_code == 500
    assert wrong(answer) == []


@pytest.mark.django_db
def test_the_microphone_is_for_the_page_of_dictation_alone(cast, as_):
    browser = as_(cast.clinician)
    allowed = {page: browser.get(page).headers["Permissions-Policy"] for page in ("/", "/dictate/")}
    assert "microphone=()" in allowed["/"]
    assert "microphone=(self)" in allowed["/dictate/"]


@pytest.mark.django_db
def test_nonces_are_not_used_twice(review, cast, as_):
    browser = as_(cast.clinician)
    here = f"/recordings/{review.recording_id}/"
    nonces = [
        re.search(r"'nonce-([^']+)'", browser.get(here).headers["Content-Security-Policy"])[1]
        for _ in range(2)
    ]
    assert nonces[0] != nonces[1] and min(map(len, nonces)) >= 16


PRODUCTION = """
import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'
import django, json; django.setup()
from django.conf import settings
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory
secure = SecurityMiddleware(lambda request: HttpResponse())
host = {"HTTP_HOST": "countersign.example.org"}
safe = secure(RequestFactory().get("/", secure=True, **host))
plain = secure(RequestFactory().get("/upload/?a=1", **host))
print(json.dumps({
    "hsts": safe.headers["Strict-Transport-Security"],
    "to": [plain.status_code, plain.headers["Location"]],
    "cookies": [
        [getattr(settings, f"{kind}_COOKIE_{what}") for what in ("NAME", "SECURE", "HTTPONLY")]
        + [getattr(settings, f"{kind}_COOKIE_SAMESITE")]
        for kind in ("SESSION", "CSRF")
    ],
}))
"""


def test_in_production_everything_goes_over_tls(tmp_path):
    said = production.python("-c", PRODUCTION, environment=production.environment(tmp_path))
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert found["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert found["to"] == [301, "https://countersign.example.org/upload/?a=1"]
    assert found["cookies"] == [
        ["__Host-sessionid", True, True, "Lax"],
        ["__Host-csrftoken", True, True, "Lax"],
    ]
