"""Proof that a signer is who they are: the password again, and the second factor where enrolled."""

from allauth.mfa.models import Authenticator

from transcripts.models import User


class NotProven(Exception):
    """What was given does not prove it. `field` is "password" or "code"; the message says why."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def needs_code(user: User) -> bool:
    """Whether the person has a second factor, and so has to give a code."""
    return _second_factors(user).exists()


def prove(*, user: User, password: str, code: str) -> list[str]:
    """The factors that were proven, as "password", "totp", "recovery_codes". Raises NotProven.

    A code is good once (RFC 6238, 5.2).
    """
    if not user.check_password(password):
        raise NotProven("password", "This is not your password.")
    factors = list(_second_factors(user))
    if not factors:
        return ["password"]
    for factor in factors:
        if code and factor.wrap().validate_code(code):
            factor.record_usage()
            return ["password", str(factor.type)]
    raise NotProven("code", "This code is not right, or was used before.")


def _second_factors(user: User) -> "Authenticator.objects":
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    return Authenticator.objects.filter(user=user, type__in=kinds).order_by("-type")
