"""How soon documents are due: a practice's rules, by type and priority, and what stands without."""

from datetime import datetime, timedelta
from uuid import UUID

from review.enums import Priority
from review.models import TurnaroundRule
from transcripts.enums import Type

Minutes = dict[tuple[str, int], int]

# What holds until a practice makes rules of its own: a day, four hours, one hour.
DEFAULT = {Priority.ROUTINE: 24 * 60, Priority.URGENT: 4 * 60, Priority.STAT: 60}
SOON = timedelta(hours=1)  # before the due time; shown as nearly due


def minutes_of(practice_id: UUID) -> Minutes:
    """The minutes for each type and priority. One query."""
    found: Minutes = {(kind, p): DEFAULT[p] for kind in Type.values for p in Priority}
    rows = TurnaroundRule.objects.filter(practice=practice_id)
    return found | {(row.type, row.priority): row.minutes for row in rows}


def due(minutes: Minutes, kind: str, priority: int, received: datetime) -> datetime:
    """When a recording of that type and priority is to be signed."""
    return received + timedelta(minutes=minutes[kind, priority])


def clock(due_at: datetime | None, now: datetime) -> tuple[str, str]:
    """How it stands with the clock ("late", "soon", "", none) and in words: 2 h 05 min late."""
    if due_at is None:
        return "none", ""
    left = due_at - now
    words = span(abs(left))
    if left < timedelta(0):
        return "late", f"{words} late"
    return ("soon" if left <= SOON else ""), f"in {words}"


def span(time: timedelta) -> str:
    """5 min, 2 h 05 min, 3 d 4 h."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def words(minutes: int) -> str:
    """A number of minutes in words, as `span`."""
    return span(timedelta(minutes=minutes))
