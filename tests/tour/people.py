"""Chapters of the tour: signing in and out, sessions, people, keys, emergency access."""

import json
import re
import time
from datetime import timedelta

from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.db.models import F
from django.test import Client

from tests import rows
from tests.cast import PASSWORD, Cast
from tests.tour.page import Browsers
from transcripts import sessions
from transcripts.actions import emergency, keys, people, signing_in
from transcripts.models import BrowserSession, EmergencyAccess, Invitation, User

NEW = "another horse battery staple"


def signing_in_and_out(cast: Cast) -> None:
    """A name locked, a second factor made and removed, a new password."""
    cache.clear()
    for _ in range(11):
        Client().post("/accounts/login/", {"login": "otto", "password": "wrong"})
    cache.clear()
    browser = Client()
    browser.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    form = browser.get("/accounts/2fa/totp/activate/").context["form"]
    code = totp.format_hotp_value(totp.hotp_value(form.secret, int(time.time()) // 30))
    browser.post("/accounts/2fa/totp/activate/", {"code": code})
    browser.post("/accounts/2fa/totp/deactivate/")
    passwords = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    browser.post("/accounts/password/change/", passwords)
    browser.post("/accounts/logout/")
    signing_in.report_link(user=cast.auditor.user)
    cast.auditor.user.refresh_from_db()


def sessions_end(cast: Cast, as_: Browsers) -> None:
    """One by hand, one after sixteen idle minutes, one after twelve hours."""
    here, _ = as_(cast.editor), as_(cast.editor)
    here.post("/sessions/others/end")
    BrowserSession.objects.update(active_at=F("active_at") - timedelta(minutes=16))
    sessions.end_lapsed()
    as_(cast.editor)
    ago = timedelta(hours=13)
    BrowserSession.objects.update(began_at=F("began_at") - ago, expire_date=F("expire_date") - ago)
    sessions.end_lapsed()


def people_come_and_go(cast: Cast, as_: Browsers) -> None:
    """Invitations used and withdrawn, roles, a person disabled and enabled, a denied page."""
    manager = as_(cast.manager)
    chosen = {"username": "nora", "password": PASSWORD, "again": PASSWORD}
    Client().post(_invited(manager), chosen)
    _invited(manager)
    last = Invitation.objects.order_by("created_at").last()
    manager.post(f"/people/invitations/{last.pk}/withdraw")
    nora = User.objects.get(username="nora").memberships.get()
    clinician = {"role": "clinician", "printed_name": "Nora New, MD"}
    manager.post(f"/people/{nora.pk}/", clinician)
    manager.post(f"/people/{nora.pk}/", clinician | {"cosigned": "on"})
    totp.TOTP.activate(nora.user, totp.generate_totp_secret())
    for verb in ("factors", "disable", "enable"):
        manager.post(f"/people/{nora.pk}/{verb}")
    manager.post("/sign-in-rules/", {"roles": ["clinician"]})
    signing_in.set_rules(practice=cast.practice, roles=[], by=cast.manager)
    as_(cast.editor).get("/people/")
    people.set_key_map(user=cast.editor.user, key_map={})


def _invited(manager: Client) -> str:
    page = manager.post("/people/", {"first_name": "Nora", "role": "editor"}).content.decode()
    return re.search(r'value="http://testserver(/invitation/[^"]+)"', page)[1]


def access_keys(cast: Cast, as_: Browsers) -> None:
    """A key made, registered for FHIR with a public key, ended, refused and revoked."""
    from tests.transcripts.aws import signing

    manager = as_(cast.manager)
    key, secret = keys.create(
        practice=cast.practice, by=cast.manager.user, label="Portal", scopes=("documents.read",)
    )
    manager.post(f"/keys/{key.pk}/client-keys/", {"keys": json.dumps(_jwk())})
    manager.post(f"/client-keys/{key.client_keys.get().pk}/end")
    sent = signing.headers(key=key.access_key_id, secret=secret, url="http://testserver/aws/")
    Client().post("/aws/", b"{}", content_type=sent["content-type"], headers=sent)
    manager.post(f"/keys/{key.pk}/revoke")


def _jwk() -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric import ec
    from jwt.algorithms import ECAlgorithm

    public = ec.generate_private_key(ec.SECP384R1()).public_key()
    return json.loads(ECAlgorithm.to_jwk(public)) | {"kid": "one"}


def emergencies(cast: Cast, as_: Browsers) -> None:
    """One refused, one taken, used, given up and reviewed."""
    review = rows.review(cast, mrn="90001", name="Erna Emergency")
    colleague = as_(cast.colleague)
    colleague.post("/emergency/", {"mrn": "nobody", "reason": "Seizure"})
    colleague.post("/emergency/", {"mrn": "90001", "reason": "Seizure in the waiting room"})
    colleague.get(f"/recordings/{review.recording_id}/")
    grant = EmergencyAccess.objects.get()
    emergency.give_up(grant=grant, by=cast.colleague)
    as_(cast.auditor).post(f"/emergency/reviews/{grant.pk}/", {"finding": "Right"})
