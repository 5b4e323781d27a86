"""A person's named views of the worklist. Their own business, like their keys: no event."""

from uuid import UUID

from django.db import transaction

from review.models import SavedView
from review.policies import Refused
from review.worklists import Chosen
from transcripts.models import Membership

MAX_NAME, MAX_VIEWS = 40, 20


@transaction.atomic
def save(*, name: str, chosen: Chosen, opens: bool, by: Membership) -> SavedView:
    """Keeps what is chosen under a name; one of that name is replaced. Raises Refused.

    With `opens`, the worklist opens with it from now on, and with no other.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= MAX_NAME:
        raise Refused(f"Give the view a name of at most {MAX_NAME} characters.")
    Membership.objects.select_for_update().get(pk=by.pk)  # one at a time, so that they are counted
    mine = SavedView.objects.filter(member=by)
    if not mine.filter(name=name).exists() and mine.count() >= MAX_VIEWS:
        raise Refused(f"You have {MAX_VIEWS} views. Remove one first.")
    if opens:
        mine.update(opens=False)
    values = {"query": chosen.query, "opens": opens}
    saved, _ = mine.update_or_create(
        member=by,
        name=name,
        defaults=values,
        create_defaults=values | {"practice_id": by.practice_id},
    )
    return saved


def remove(*, view_id: UUID, by: Membership) -> SavedView:
    """Forgets one of the person's views. Raises SavedView.DoesNotExist."""
    found = SavedView.objects.get(pk=view_id, member=by)
    found.delete()
    return found
