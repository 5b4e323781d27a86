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
    moved = 0
    for (kind, priority), value in sorted(changed.items()):
        TurnaroundRule.objects.update_or_create(
            practice=by.practice,
            type=kind,
            priority=priority,
            defaults={"minutes": value, "changed_by": by.user},
        )
        moved += _move(by, kind, priority, value)
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


def _move(by: Membership, kind: str, priority: int, minutes: int) -> int:
    rows = Review.objects.exclude(state__in=FROZEN).filter(
        practice=by.practice_id, recording__type=kind, priority=priority
    )
    due = turnaround.due({(kind, priority): minutes}, kind, priority, F("created_at"))
    return rows.update(due_at=due, late_at=None)
