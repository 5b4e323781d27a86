"""What stands around the rows of the worklist: counts of its tabs, what else waits, the people."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db.models import (
    Count,
    Exists,
    IntegerField,
    JSONField,
    QuerySet,
    Value,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.utils import timezone

from review import second_reviews
from review.enums import FINAL, SECOND_OVER
from review.models import Addendum, Dispute, Recipient, SavedView, SecondReview
from review.worklists import MOST_COUNTED, STATES, TABS, asked, tab, visible_reviews
from transcripts.access import Anybody, by_sight
from transcripts.enums import Role, StreamState
from transcripts.models import LiveStream, Membership
from transcripts.models.user import name_of

PERSON = {"pk": "pk", "user": "user_id", "role": "role", "printed_name": "printed_name"} | {
    "first": "user__first_name",
    "last": "user__last_name",
    "username": "user__username",
}


def beside(member: Membership) -> dict[str, Any]:
    """What there is beside the rows of a page. One query.

    `counts` says how many reviews each tab shows, signed ones to one more than MOST_COUNTED;
    `views` are the person's named ones, `people` those `working` in the practice (pk, user, role,
    name, printed_name); the others say whether there may be such, roughly, so that most pages need
    not look.
    """
    found = _beside(member, timezone.now())[0]
    for one in found["people"]:
        one["name"] = name_of(one.pop("first"), one.pop("last"), one.pop("username"))
    counts, signed = found["counts"], found["signed"]
    return found | {"counts": counts | {"signed": signed, "all": counts["all"] + signed}}


@by_sight
def _beside(member: Anybody, now: datetime) -> QuerySet[Any]:
    practice, user = member.practice_id, member.user_id
    signed = visible_reviews(member).filter(STATES["signed"]).order_by()[: MOST_COUNTED + 1]
    views = SavedView.objects.filter(member=member.pk).order_by("name")
    fields = {name: name for name in ("pk", "name", "query", "opens")}
    seconds = SecondReview.objects.filter(reviewer=user).exclude(state__in=SECOND_OVER)
    return Membership.objects.filter(pk=member.pk).values(
        counts=_counts(member, now),
        signed=_number(signed),
        views=ArraySubquery(views.values(one=JSONObject(**fields))),
        people=ArraySubquery(working(practice).values(one=JSONObject(**PERSON))),
        questions=Exists(asked(member)),
        changed=Exists(Recipient.objects.filter(practice=practice, acknowledged_at=None)),
        unfinished=Exists(LiveStream.objects.filter(by=user, state=StreamState.OPEN)),
        second=Exists(seconds),
        drafted=Exists(Addendum.objects.filter(author=member.pk, signature=None)),
        disputed=Exists(Dispute.objects.filter(practice=practice, outcome="")),
    )


def _counts(member: Anybody, now: datetime) -> Any:
    """How much each tab but that of the signed ones has, as a column.

    What is signed grows for ever, and is not read through for what is not.
    """
    tabs = {name: tab(name, member, now) for name in (*TABS, *STATES) if name != "signed"}
    each = {name: Count("pk", filter=q) for name, q in tabs.items()}
    unsigned = visible_reviews(member).exclude(state__in=FINAL).order_by()
    counted = unsigned.values(one=Value(1)).annotate(all=Count("pk"), **each).values("all", *each)
    sql, params = counted.query.sql_with_params()
    return RawSQL(f"(SELECT to_jsonb(each) FROM ({sql}) AS each)", params, JSONField())


def concerns(member: Membership) -> dict[str, int]:
    """How many second reviews, corrections and disputes wait for this person. One query."""
    rows = second_reviews.concerning(member).items()
    return Membership.objects.filter(pk=member.pk).values(**{k: _number(v) for k, v in rows})[0]


def _number(rows: QuerySet[Any]) -> Any:
    """How many rows there are, as a column."""
    try:
        sql, params = rows.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return Value(0)
    return RawSQL(f"(SELECT count(*) FROM ({sql}) AS counted)", params, IntegerField())


def working(practice: UUID) -> QuerySet[Membership]:
    """Who in the practice works on documents."""
    found = Membership.objects.filter(practice=practice, disabled_at=None)
    found = found.filter(role__in=[Role.EDITOR, Role.CLINICIAN])
    return found.order_by("user__first_name", "user__username", "pk")
