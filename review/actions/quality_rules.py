"""How many signed documents of whom are reviewed a second time."""

from django.db import transaction

from review.enums import Action
from review.models import QualityRule
from review.permissions import Permission, check
from review.policies import Refused
from transcripts import events
from transcripts.enums import Type
from transcripts.models import Membership, User


@transaction.atomic
def set_rule(
    *, reviewer: User | None, type: str, percent: int | None, by: Membership
) -> QualityRule | None:
    """Sets the share for a person (None: everybody) and a type ("": both); None takes it away.

    It holds for documents signed from the practice's first rule on. Raises Refused.
    """
    check(by, Permission.QUALITY)
    if type not in ("", *Type.values):
        raise Refused("There is no such type.")
    if percent is not None and not 0 <= percent <= 100:
        raise Refused("A share is a whole number from 0 to 100.")
    if reviewer and not reviewer.memberships.filter(practice=by.practice_id).exists():
        raise Refused("This person does not belong to the practice.")
    kind = {"practice": by.practice, "reviewer": reviewer, "type": type}
    before = QualityRule.objects.filter(**kind).first()
    if percent is None:
        row = None
        if before:
            before.delete()
    else:
        values = {"percent": percent, "changed_by": by.user}
        row, _ = QualityRule.objects.update_or_create(**kind, defaults=values)
    was = before.percent if before else None
    if was != percent:
        about = {"reviewer": reviewer and str(reviewer.pk), "type": type}
        events.emit(
            events.Event(
                action=Action.QUALITY_RULES_CHANGED,
                practice_id=by.practice_id,
                by=by.user,
                object_type="QualityRule",
                detail=about | {"was": was, "percent": percent},
            )
        )
    return row
