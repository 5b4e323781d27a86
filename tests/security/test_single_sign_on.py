"""Single sign-on against a small OpenID Connect provider that the test runs on loopback."""

import json
import secrets
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.test import Client

from config.settings import oidc_provider
from review.models import AuditEvent
from transcripts.models import User

pytestmark = pytest.mark.django_db
CLIENT, SECRET = "countersign", "a secret of both"


class Provider(ThreadingHTTPServer):
    """Signs in whoever `person` describes; hands out a code, then tokens for the code."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person = {"sub": "7", "email": "eve@example.org", "email_verified": True}
        self.codes: dict[str, dict[str, str]] = {}

    def authorize(self, url: str) -> str:
        """What the browser would be sent back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code"
        code = secrets.token_hex(8)
        self.codes[code] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?code={code}&state={asked['state']}"

    def tokens(self, form: dict[str, list[str]]) -> dict[str, object]:
        asked = self.codes.pop(form["code"][0])
        assert form["client_secret"] == [SECRET] and form["code_verifier"]
        assert form["redirect_uri"] == [asked["redirect_uri"]]
        now = int(time.time())
        claims = self.person | {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60}
        token = jwt.encode(claims, self.key, "RS256", headers={"kid": "one"})
        return {"access_token": "open", "token_type": "Bearer", "id_token": token}


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        url = self.server.url
        if self.path.startswith("/.well-known"):
            return self._say(
                {
                    "issuer": url,
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "userinfo_endpoint": f"{url}/me",
                    "jwks_uri": f"{url}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        assert self.headers["Authorization"] == "Bearer open"
        self._say(self.server.person)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._say(self.server.tokens(parse_qs(body)))

    def _say(self, answer: dict[str, object]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider(monkeypatch) -> Iterator[Provider]:
    with Provider() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        apps = oidc_provider(server.url, "Hospital", CLIENT, SECRET)
        monkeypatch.setattr(settings, "SOCIALACCOUNT_PROVIDERS", apps)
        yield server
        server.shutdown()


def sign_in(provider: Provider, browser: Client):
    away = browser.post("/accounts/oidc/sso/login/")
    assert away.status_code == 302 and away.url.startswith(f"{provider.url}/authorize?")
    return browser.get(provider.authorize(away.url))


def known(cast, address: str = "eve@example.org") -> User:
    cast.editor.user.email = address
    cast.editor.user.save()
    return cast.editor.user


@pytest.mark.parametrize("change", [{"email_verified": False}, {"email": "x@example.org"}])
def test_who_is_not_known_by_a_verified_address_stays_out(provider, cast, change):
    known(cast)
    provider.person |= change
    browser, people = Client(), User.objects.count()
    answer = sign_in(provider, browser)
    assert answer.status_code == 403 and "no account here" in answer.content.decode()
    assert browser.get("/").status_code == 302 and User.objects.count() == people


def test_an_address_of_two_people_or_of_a_disabled_one_opens_nothing(provider, cast):
    user = known(cast)
    cast.clinician.user.email = "EVE@example.org"
    cast.clinician.user.save()
    assert sign_in(provider, Client()).status_code == 403
    cast.clinician.user.email = ""
    cast.clinician.user.save()
    user.is_active = False
    user.save()
    assert sign_in(provider, Client()).status_code == 403


def test_a_state_of_another_browser_is_refused(provider, cast):
    known(cast)
    away = Client().post("/accounts/oidc/sso/login/")
    other = Client()
    other.get(provider.authorize(away.url))
    assert other.get("/").status_code == 302


def test_a_known_person_is_in_and_stays_linked_when_the_address_changes(provider, cast):
    user = known(cast)
    browser = Client()
    assert sign_in(provider, browser).url == "/"
    assert browser.get("/").context["user"] == user
    assert AuditEvent.objects.filter(action="sign_in.linked", actor_id=str(user.pk)).exists()
    user.email = ""
    user.save()
    again = Client()
    sign_in(provider, again)
    assert again.get("/").status_code == 200


def test_without_configuration_there_is_no_door(cast):
    assert Client().post("/accounts/oidc/sso/login/").status_code == 404
    assert "Sign in with" not in Client().get("/accounts/login/").content.decode()
