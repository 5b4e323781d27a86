"""What concerns signing in: lock-outs, second factors, single sign-on, and the practice's rules."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in
from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_save

from transcripts import events, sessions
from transcripts.enums import Action, Role
from transcripts.models import Membership, Practice, User

TOLD_EVERY = 15 * 60  # seconds: a client that keeps trying writes one line for each quarter hour


class Refused(Exception):
    """It can't be done so; the message is a sentence for the page."""


def connect() -> None:
    """Listens to the libraries' signals; these acts have no action of ours."""
    user_logged_in.connect(sessions.begin, dispatch_uid="session-begins")
    # The library's own signal of an addition comes after its transaction.
    post_save.connect(_added, sender=Authenticator, dispatch_uid="factor-added")
    signals.authenticator_removed.connect(_removed, dispatch_uid="factor-removed")
    password_changed.connect(_password_changed, dispatch_uid="password-changed")
    password_reset.connect(_password_changed, dispatch_uid="password-reset")


@transaction.atomic
def report_lock_out(*, username: str) -> None:
    """Tells that a name was locked out; the name itself only where it is a known person's."""
    user = User.objects.filter(username__iexact=username[:150]).first()
    if cache.add(f"locked-out:{user.pk if user else 'unknown'}", 1, TOLD_EVERY):
        report(Action.LOGIN_LOCKED, user, outcome="denied")


def report_link(*, user: User) -> None:
    report(Action.SIGN_IN_LINKED, user)


@transaction.atomic
def set_rules(*, practice: Practice, roles: list[str], by: Membership) -> None:
    """Which roles must have a second factor. Refused while the person who asks has none."""
    roles = [role for role in Role.values if role in roles]
    has_one = Authenticator.objects.filter(user=by.user, type__in=("totp", "webauthn")).exists()
    if by.role in roles and not has_one:
        raise Refused("Set up your own second factor first; your role would need it at once.")
    Practice.objects.filter(pk=practice.pk).update(second_factor_roles=roles)
    events.emit(
        events.Event(
            action=Action.SIGN_IN_RULES_CHANGED,
            practice_id=practice.pk,
            by=by.user,
            object_type="Practice",
            object_id=practice.pk,
            detail={"roles": roles},
        )
    )


@transaction.atomic
def reset_second_factors(*, member: Membership, by: Membership) -> None:
    """Takes all second factors away, for a person who lost theirs, and ends their sessions."""
    if member.pk == by.pk:
        raise Refused("Your own second factors you change under Two-factor sign-in.")
    gone, _ = Authenticator.objects.filter(user=member.user).delete()
    if not gone:
        raise Refused(f"{member.user.name} has no second factor.")
    report(Action.SECOND_FACTOR_RESET, member.user, by=by.user)
    sessions.end_all(user=member.user, by=by.user)


def _added(instance: Authenticator, created: bool, **_: Any) -> None:
    if not created:
        return
    if instance.type == Authenticator.Type.RECOVERY_CODES:
        report(Action.RECOVERY_CODES_MADE, instance.user)
    else:
        report(Action.SECOND_FACTOR_ADDED, instance.user, kind=str(instance.type))


def _removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    report(Action.SECOND_FACTOR_REMOVED, user, kind=str(authenticator.type))


def _password_changed(user: User, request: Any = None, **_: Any) -> None:
    """Whoever knew the old password is out everywhere but here."""
    report(Action.PASSWORD_CHANGED, user)
    here = request.session.session_key if request and request.user.is_authenticated else None
    sessions.end_all(user=user, by=user, but=here)


def report(
    action: Action,
    user: User | None,
    *,
    by: User | None = None,
    outcome: str = "success",
    **detail: Any,
) -> None:
    """One line in the log of each of the person's practices, or outside any for a stranger."""
    rows = Membership.objects.filter(user=user).values_list("practice_id", flat=True)
    for practice_id in (list(rows) if user else []) or [None]:
        events.emit(
            events.Event(
                action=action,
                practice_id=practice_id,
                by=by or user,
                object_type="User",
                object_id=user and user.pk,
                outcome=outcome,
                detail=detail,
            )
        )
