"""What the worklist reads: who sees which work, in what order; its filters, counts and search."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.db.models import (
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone

from review.enums import (
    EDITABLE,
    FINAL,
    FROZEN,
    FlagState,
    Priority,
    Reason,
    State,
)
from review.models import Flag, Review
from transcripts.access import SEES_ALL, Anybody, visible_recordings
from transcripts.enums import Role, Specialty, Type
from transcripts.models import MedicalTranscriptionJob, Membership

MOST_FOUND = 1000  # of a search; with more, the person adds a word
MOST_NARROWED = 2500  # looked through where filters, or whose recordings they are, leave fewer
MOST_COUNTED = 3_000  # rows that the pages count to
MOST_SORTED = 2_000  # of what no index orders
TERM = re.compile(r"[^\W_]+(?:\.\d+)?")

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
TABS = ("mine", "next", "late", "pended")  # work: the most urgent first
ORDERS: dict[str, tuple[Any, ...]] = {
    "newest": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "due": (F("due_at").asc(nulls_last=True), "id"),
}
OF_WORK = ("due", "marks")  # what is signed has neither
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
            "order": set(SORTS),
        }
        chosen = cls(**{n: v if v in known.get(n, {v}) else "" for n, v in given.items()})
        if chosen.state == "signed" and chosen.order in OF_WORK:
            return replace(chosen, order="")
        return chosen

    @property
    def query(self) -> str:
        """As it stands in the address; what is not chosen is left out."""
        return urlencode({name: value for name in self.__slots__ if (value := getattr(self, name))})

    @property
    def narrowed(self) -> bool:
        """Whether more than the tab is chosen."""
        return any((self.type, self.specialty, self.author, self.assignee, self.priority))


def visible_reviews(member: Membership | Anybody | None) -> QuerySet[Review]:
    """Reviews of the recordings that the member may see."""
    if member and member.role in SEES_ALL:  # spares looking at each recording
        return Review.objects.filter(practice_id=member.practice_id)
    return Review.objects.filter(recording__in=visible_recordings(member))


def next_up(member: Membership) -> QuerySet[Review]:
    """What waits for somebody to take it, the most urgent first: late, then by priority and due."""
    return visible_reviews(member).filter(NEXT_UP).select_related("recording").order_by(*NEXT)


NEXT_UP = Q(state__in=[State.READY, State.IN_REVIEW], assignee=None, pend="")


def tab(name: str, member: Membership | Anybody, now: datetime) -> Q:
    """What a tab of the worklist shows to a person; everything for a name it does not know."""
    return {
        "mine": OPEN & Q(pend="") & _mine(member),
        "next": NEXT_UP,
        "late": ~Q(state__in=FROZEN) & Q(due_at__lt=now),
        "pended": OPEN & ~Q(pend=""),
    }.get(name) or STATES.get(name, Q())


def _mine(member: Membership | Anybody) -> Q:
    mine = Q(assignee=member.user_id)
    if member.role == Role.CLINICIAN:  # also what is theirs to sign
        mine |= Q(recording__author=member.pk, state=State.READY_TO_SIGN)
    return mine


def ordered(
    member: Membership, chosen: Chosen, found: list[UUID] | None = None
) -> "QuerySet[Review, UUID] | list[UUID]":
    """Ids of reviews in the order of the worklist; of `found` alone.

    A query set for pages to be cut from, or what one query found: what was searched for, and what
    no index orders. Of that the newest are sorted.
    """
    shown = _rows(member, chosen, found)
    if chosen.order in NO_INDEX:
        newest = shown.order_by(*ORDERS["newest"])
        keyed = newest.values_list(NO_INDEX[chosen.order], "pk")[:MOST_SORTED]
        return [pk for key, pk in sorted(keyed, key=lambda row: (row[0] is None, *row))]
    ids = shown.values_list("pk", flat=True)
    return ids if found is None else list(ids)


def _rows(member: Membership, chosen: Chosen, found: list[UUID] | None) -> QuerySet[Review]:
    now = timezone.now()
    shown = visible_reviews(member).filter(tab(chosen.state, member, now), _filters(chosen))
    if found is not None:
        among = RawSQL("SELECT unnest(%s::uuid[])", [found])  # one value: a thousand take long
        shown = shown.filter(pk__in=among)
    order = NEXT if chosen.state in TABS else ORDERS["newest"]
    if chosen.order in OF_WORK:
        shown = shown.exclude(state__in=FROZEN)
    return shown.order_by(*ORDERS.get(chosen.order, order))


def flags_open() -> Coalesce:
    """How many marks of a review are open, as a column."""
    flags = Flag.objects.filter(review=OuterRef("pk"), state=FlagState.OPEN).order_by()
    counted = flags.values("review").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


NO_INDEX: dict[str, Any] = {  # of reviews knows these keys
    "patient": F("recording__patient__name"),
    "length": -F("recording__duration"),
    "marks": -flags_open(),
}
SORTS = (*ORDERS, *NO_INDEX)


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


def matching(member: Membership, search: str, chosen: Chosen) -> tuple[list[UUID], bool]:
    """Ids of reviews with all words of the search in names or text, and whether there are more.

    The newest ones. Words of two letters and more also find what begins with them. One query.
    """
    terms = TERM.findall(search)[:12]
    query = " & ".join(f"{term}:*" if len(term) > 1 else term for term in terms)
    all_ = member.role in SEES_ALL and not (chosen.state or chosen.narrowed)
    most = MOST_FOUND if all_ else MOST_NARROWED
    with connection.cursor() as cursor:
        asked = [member.practice_id, query, most + 1]
        cursor.execute("SELECT review_found(%s, to_tsquery('simple', %s), %s)", asked)
        found = [pk for (pk,) in cursor.fetchall()]
    return found[:most], len(found) > most


def asked(member: Membership | Anybody) -> QuerySet[Flag]:
    """Open questions to this person about what they dictated, the oldest first."""
    found = Flag.objects.filter(
        state=FlagState.OPEN,
        reason=Reason.QUERY,
        review__recording__author=member.pk,
        review__state__in=EDITABLE,
    )
    return found.select_related("review__recording__patient").order_by("pk")


def questions_in(review: Review) -> QuerySet[Flag]:
    """The open questions of a document, in the order of its text."""
    found = review.flags.filter(state=FlagState.OPEN, reason=Reason.QUERY)
    return found.select_related("segment").order_by("segment__position", "pk")
