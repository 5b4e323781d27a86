"""Switching a practice's safety checks off and on, with the reason on record."""

from django.db import transaction
from django.utils import timezone

from review.enums import Action, Reason
from review.models import CheckOff
from review.policies import Refused
from review.safety import run
from transcripts import events
from transcripts.models import Membership, Practice

MAX_REASON = 200
KEPT = "In dictations this check stays on."


def label(name: str) -> str:
    return str(Reason(name).label)


@transaction.atomic
def switch_off(*, check: str, reason: str, by: Membership) -> None:
    """Does without a check from now on; marks that are there already stay. Raises Refused."""
    reason = " ".join(reason.split())
    if check not in run.CHECKS:
        raise Refused("There is no such check.")
    if not reason or len(reason) > MAX_REASON:
        raise Refused(f"Write why, in at most {MAX_REASON} characters.")
    _lock(by)
    _, made = CheckOff.objects.get_or_create(
        practice_id=by.practice_id,
        check_name=check,
        ended_at=None,
        defaults={"reason": reason, "by": by.user},
    )
    if not made:
        raise Refused("This check is off already.")
    _tell(by, check, on=False)


@transaction.atomic
def switch_on(*, check: str, reason: str, by: Membership) -> None:
    """Uses a check again, for transcripts and edits from now on. Raises Refused."""
    _lock(by)
    off = CheckOff.objects.filter(practice_id=by.practice_id, check_name=check, ended_at=None)
    reason = " ".join(reason.split())[:MAX_REASON]
    if not off.update(ended_at=timezone.now(), ended_by=by.user, ended_reason=reason):
        raise Refused("This check is on already.")
    _tell(by, check, on=True)


def _lock(by: Membership) -> None:
    Practice.objects.select_for_update(no_key=True).get(pk=by.practice_id)


def _tell(by: Membership, check: str, *, on: bool) -> None:
    events.emit(
        events.Event(
            action=Action.CHECK_SWITCHED,
            practice_id=by.practice_id,
            by=by.user,
            object_type="check",
            object_id=check,
            detail={"check": check, "on": on},
        )
    )
