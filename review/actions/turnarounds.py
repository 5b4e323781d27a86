"""How soon a practice's documents are due: its rules, and the due times that follow from them."""

from django.db import transaction
from django.db.models import F

from review import turnaround
from review.enums import FROZEN, Action
from review.models import Review, TurnaroundRule
from review.permissions import Permission, check
from transcripts import events
from transcripts.models import Membership


@transaction.atomic
def change(*, minutes: turnaround.Minutes, by: Membership) -> int:
    """Sets the minutes for types and priorities; how many open documents are due anew."""
    check(by, Permission.ASSIGN)
    before = turnaround.minutes_of(by.practice_id)
    changed = {kind: value for kind, value in minutes.items() if before[kind] != value}
    for (kind, priority), value in sorted(changed.items()):
        TurnaroundRule.objects.update_or_create(
            practice=by.practice,
            type=kind,
            priority=priority,
            defaults={"minutes": value, "changed_by": by.user},
        )
    moved = sum(_move(by, kind, value, anew=kind in changed) for kind, value in minutes.items())
    if changed:
        codes = {f"{kind}:{priority}": value for (kind, priority), value in changed.items()}
        events.emit(
            events.Event(
                action=Action.TURNAROUND_CHANGED,
                practice_id=by.practice_id,
                by=by.user,
                object_type="TurnaroundRule",
                detail={"minutes": codes, "documents": moved},
            )
        )
    return moved


def _move(by: Membership, of: tuple[str, int], minutes: int, *, anew: bool) -> int:
    """Gives open documents of a type and priority their due time; all `anew`, or who has none."""
    kind, priority = of
    rows = Review.objects.exclude(state__in=FROZEN).filter(
        practice=by.practice_id, recording__type=kind, priority=priority
    )
    due = turnaround.due({of: minutes}, kind, priority, F("created_at"))
    return (rows if anew else rows.filter(due_at=None)).update(due_at=due, late_at=None)
