"""How people get in: accounts come from invitations alone, and wrong passwords lock for a while."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import render

from transcripts import vault
from transcripts.actions import signing_in
from transcripts.models import User

SEALED = "sealed:"


class ClosedSignUp(DefaultAccountAdapter):
    """Nobody signs up alone. Being locked out is told alike for names that exist and others."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            signing_in.report_lock_out(username=str(credentials.get("username", "")))
            raise


class KnownPeople(DefaultSocialAccountAdapter):
    """Single sign-on lets in who has an account here: by their link, or by a verified address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.is_existing:
            return
        user = _known(sociallogin)
        if user is None:
            page = render(request, "account/not_known.html", status=403)
            raise ImmediateHttpResponse(page)
        sociallogin.connect(request, user)
        signing_in.report_link(user=user)


def _known(sociallogin: SocialLogin) -> User | None:
    """The one active person with an address that the provider has verified."""
    addresses = [a.email for a in sociallogin.email_addresses if a.verified and a.email]
    found = [user for a in addresses for user in User.objects.filter(email__iexact=a)[:2]]
    return found[0] if len(found) == 1 and found[0].is_active else None


class SealedFactors(DefaultMFAAdapter):
    """Secrets of second factors are stored under the master key."""

    def encrypt(self, text: str) -> str:
        return SEALED + vault.encrypt(text).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        if not encrypted_text.startswith(SEALED):
            return encrypted_text
        return vault.decrypt(encrypted_text.removeprefix(SEALED).encode("ascii"))
