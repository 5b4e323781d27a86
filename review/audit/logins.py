"""Puts log-ins, failures and log-outs into the audit log of every practice of the person."""

from typing import Any

from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from review.enums import Action
from transcripts import events
from transcripts.models import User


def connect() -> None:
    """Listens to Django's own signals; these acts have no action module of ours."""
    # Before Django notes the time of the log-in: what is not on record has not happened.
    user_logged_in.disconnect(dispatch_uid="update_last_login")
    user_logged_in.connect(_logged_in, dispatch_uid="audit-login")
    user_logged_in.connect(update_last_login, dispatch_uid="update_last_login")
    user_logged_out.connect(_logged_out, dispatch_uid="audit-logout")
    user_login_failed.connect(_failed, dispatch_uid="audit-login-failed")


def _logged_in(user: User, **_: Any) -> None:
    _report(Action.LOGGED_IN, user)


def _logged_out(user: User | None, **_: Any) -> None:
    if user is not None:
        _report(Action.LOGGED_OUT, user)


def _failed(credentials: dict[str, Any], **_: Any) -> None:
    """The name that was tried is recorded only when it is a known person's."""
    known = User.objects.filter(username__iexact=str(credentials.get("username", ""))[:150]).first()
    _report(Action.LOGIN_FAILED, known, outcome="denied")


def _report(action: Action, user: User | None, outcome: str = "success") -> None:
    practices = user.memberships.values_list("practice_id", flat=True) if user else []
    for practice in practices or [None]:
        events.emit(
            events.Event(
                action=action,
                practice_id=practice,
                by=user,
                object_type="User",
                object_id=user and user.pk,
                outcome=outcome,
            )
        )
