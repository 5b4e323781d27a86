"""Settling a step of a practice's set-up. What a step does is done by the actions it belongs to."""

from django.db import transaction

from review.enums import Action, SetupState, SetupStep
from review.models import SetupMark
from review.permissions import Permission, check
from transcripts import events
from transcripts.models import Membership


@transaction.atomic
def mark(*, step: str, state: str, by: Membership) -> None:
    """Notes that a step is done or passed over. Either can be changed later."""
    check(by, Permission.SETUP)
    step, state = SetupStep(step), SetupState(state)
    SetupMark.objects.update_or_create(
        practice=by.practice, step=step, defaults={"state": state, "by": by.user}
    )
    events.emit(
        events.Event(
            action=Action.SETUP_SETTLED,
            practice_id=by.practice_id,
            by=by.user,
            object_type="Practice",
            object_id=by.practice_id,
            detail={"step": str(step), "state": str(state)},
        )
    )
