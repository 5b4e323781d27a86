"""What the worklist reads: who sees which work, in what order; its filters, counts and search."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone

from review.enums import EDITABLE, FINAL, FROZEN, FlagState, Priority, Reason, State
from review.models import Flag, Review
from transcripts import queries as transcription
from transcripts.access import SEES_ALL, visible_recordings
from transcripts.enums import JobStatus, Role, Specialty, Type
from transcripts.models import MedicalTranscriptionJob, Membership

MOST_FOUND = 1000  # of a search; with more, the person adds a word
MOST_COUNTED = 10_000  # rows that the pages count to
TERM = re.compile(r"[^\W_]+(?:\.\d+)?")
PER_MARK = 5  # seconds: the slice with its margins, reading, deciding (see review.order)

_ended = MedicalTranscriptionJob.objects.filter(
    recording=OuterRef("recording"), status__in=["FAILED", "CANCELLED"]
)
ENDED_BADLY = Q(state=State.WAITING) & Q(Exists(_ended))
OPEN = Q(state__in=EDITABLE)
# What each tab shows, beside those that depend on the person or the time.
STATES: dict[str, Q] = {
    "waiting": Q(state=State.WAITING) & ~Q(Exists(_ended)),
    "ready": Q(state=State.READY),
    "in_review": Q(state=State.IN_REVIEW),
    "ready_to_sign": Q(state__in=[State.READY_TO_SIGN, State.COSIGNING]),
    "signed": Q(state__in=FINAL),
    "failed": ENDED_BADLY,
}
TABS = ("mine", "next", "late", "pended")
ORDERS: dict[str, tuple[Any, ...]] = {
    "newest": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "due": (F("due_at").asc(nulls_last=True), "id"),
    "patient": (F("recording__patient__name").asc(nulls_last=True), "id"),
    "length": ("-recording__duration", "id"),
    "marks": ("-flags_open", "id"),
}
NEXT = (F("late_at").asc(nulls_last=True), "-priority", F("due_at").asc(nulls_last=True), "id")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for; values it does not know are ignored."""

    state: str = ""
    type: str = ""
    specialty: str = ""
    author: str = ""
    assignee: str = ""
    priority: str = ""
    order: str = ""

    @classmethod
    def of(cls, query: Any) -> "Chosen":
        given = {name: query.get(name, "") for name in cls.__slots__}
        known = {
            "state": {*TABS, *STATES},
            "type": set(Type.values),
            "specialty": set(Specialty.values),
            "priority": {str(value) for value in Priority.values},
            "order": set(ORDERS),
        }
        return cls(**{n: v if v in known.get(n, {v}) else "" for n, v in given.items()})

    @property
    def narrowed(self) -> bool:
        """Whether more than the tab is chosen."""
        return any((self.type, self.specialty, self.author, self.assignee, self.priority))


def visible_reviews(member: Membership | None) -> QuerySet[Review]:
    """Reviews of the recordings that the member may see."""
    if member and member.role in SEES_ALL:  # spares looking at each recording
        return Review.objects.filter(practice_id=member.practice_id)
    return Review.objects.filter(recording__in=visible_recordings(member))


def next_up(member: Membership) -> QuerySet[Review]:
    """What waits for somebody to take it, the most urgent first: late, then by priority and due."""
    return visible_reviews(member).filter(NEXT_UP).select_related("recording").order_by(*NEXT)


NEXT_UP = Q(state__in=[State.READY, State.IN_REVIEW], assignee=None, pend="")


def tab(name: str, member: Membership, now: datetime) -> Q:
    """What a tab of the worklist shows to a person; everything for a name it does not know."""
    return {
        "mine": OPEN & Q(pend="") & _mine(member),
        "next": NEXT_UP,
        "late": ~Q(state__in=FROZEN) & Q(due_at__lt=now),
        "pended": OPEN & ~Q(pend=""),
    }.get(name) or STATES.get(name, Q())


def _mine(member: Membership) -> Q:
    mine = Q(assignee=member.user_id)
    if member.role == Role.CLINICIAN:  # also what is theirs to sign
        mine |= Q(recording__author=member, state=State.READY_TO_SIGN)
    return mine


def rows(member: Membership | None, chosen: Chosen, search: str = "") -> QuerySet[Review]:
    """Reviews as the worklist shows them, with job, progress and open marks."""
    found = visible_reviews(member)
    if member is None:
        return found
    found = found.filter(tab(chosen.state, member, timezone.now()), _filters(chosen))
    if search:
        found = found.filter(pk__in=matching(member, search))
    jobs = MedicalTranscriptionJob.objects.order_by("-generation").annotate(
        done=Sum("chunks__seconds_done"), all=Sum(F("chunks__end") - F("chunks__start"))
    )
    if chosen.order == "marks":
        found = found.exclude(state__in=FROZEN)  # the others have none
    default = NEXT if chosen.state == "next" else ORDERS["newest"]
    return (
        found.select_related("recording__patient", "recording__author__user", "assignee")
        .prefetch_related(Prefetch("recording__jobs", queryset=jobs, to_attr="newest_jobs"))
        .annotate(flags_open=_flags_open())
        .order_by(*ORDERS.get(chosen.order, default))
    )


def _flags_open() -> Coalesce:
    flags = Flag.objects.filter(review=OuterRef("pk"), state=FlagState.OPEN).order_by()
    counted = flags.values("review").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _filters(chosen: Chosen) -> Q:
    found = Q()
    if chosen.type:
        found &= Q(recording__type=chosen.type)
    if chosen.specialty:
        found &= Q(recording__specialty=chosen.specialty)
    if chosen.priority:
        found &= Q(priority=int(chosen.priority))
    for name, field in (("author", "recording__author"), ("assignee", "assignee")):
        value = getattr(chosen, name)
        if value == "none":
            found &= Q(**{f"{field}__isnull": True})
        elif value:
            found &= Q(**{field: value})
    return found


def matching(member: Membership, search: str) -> RawSQL:
    """Ids of reviews with all words of the search in names or text; MOST_FOUND at the most.

    Words of two letters and more also find what begins with them.
    """
    terms = TERM.findall(search)[:12]
    query = " & ".join(f"{term}:*" if len(term) > 1 else term for term in terms)
    return RawSQL(
        "SELECT review_found(%s, to_tsquery('simple', %s), %s)",
        [member.practice_id, query, MOST_FOUND],
    )


def counts(member: Membership | None) -> dict[str, int]:
    """How many reviews each tab shows. One query."""
    visible = visible_reviews(member)
    if member is None:
        return {}
    now = timezone.now()
    tabs = {name: tab(name, member, now) for name in (*TABS, *STATES)}
    each = {name: Count("pk", filter=q) for name, q in tabs.items()}
    return visible.aggregate(all=Count("pk"), **each)


def people(member: Membership) -> list[Membership]:
    """Who works in the practice, for filters and assigning. One query."""
    found = Membership.objects.filter(practice=member.practice_id, disabled_at=None)
    found = found.filter(role__in=[Role.EDITOR, Role.CLINICIAN]).select_related("user")
    return list(found.order_by("user__first_name", "user__username", "pk"))


def questions(member: Membership | None, limit: int) -> list[Flag]:
    """Open questions to this person about what they dictated, the oldest first. One query."""
    if member is None or member.role != Role.CLINICIAN:
        return []
    found = Flag.objects.filter(
        state=FlagState.OPEN,
        reason=Reason.QUERY,
        review__recording__author=member,
        review__state__in=EDITABLE,
    )
    return list(found.select_related("review__recording__patient").order_by("pk")[:limit])


def questions_in(review: Review) -> QuerySet[Flag]:
    """The open questions of a document, in the order of its text."""
    found = review.flags.filter(state=FlagState.OPEN, reason=Reason.QUERY)
    return found.select_related("segment").order_by("segment__position", "pk")


def minutes_left(flags_open: int) -> int:
    """Estimated minutes for the open marks of a document; 0 for none."""
    return -(-flags_open * PER_MARK // 60)


def percent_done(job: MedicalTranscriptionJob) -> int:
    """Progress of a job as the worklist shows it, 0..100."""
    if job.status == JobStatus.COMPLETED:
        return 100
    return min(99, round(100 * transcription.share_done({"done": job.done, "all": job.all})))
