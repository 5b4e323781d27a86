"""What a person settles for themself: keys of the review screen, and what is mailed to them."""

import re
from typing import Any

from django.db import transaction

from transcripts import events
from transcripts.enums import Action
from transcripts.models import User

COMMANDS = 80
TRIGGERS = 6
COMMAND = re.compile(r"[a-zA-Z][a-zA-Z0-9]{0,31}")
TRIGGER = re.compile(r"(?:(?:Ctrl|Alt|Shift)\+){0,3}(?:[A-Za-z][A-Za-z0-9]{0,31}|[^\s\x00-\x1f])")
TABS = ("play", "next", "page")
ORDERS = ("text", "effort")
BACK_STEPS = (0, 0.5, 1, 1.5, 2, 3)


class Refused(Exception):
    """The map has another form; the message is a sentence for the page."""


@transaction.atomic
def set_key_map(*, user: User, key_map: dict[str, Any]) -> None:
    """Keeps a person's own keys and habits, as static/js/review/keymap.js describes them.

    Raises Refused where the form is another, or one combination stands twice for one command.
    Whether two commands clash is decided by the page, which knows the commands and their places.
    """
    if set(key_map) - {"keys", "tab", "typing", "backStep", "order"}:
        raise Refused("These settings hold something unknown. Reload the page.")
    keys = key_map.get("keys", {})
    if not isinstance(keys, dict) or len(keys) > COMMANDS or not all(map(_good, keys.items())):
        raise Refused("These keys could not be understood. Reload the page.")
    if key_map.get("tab", TABS[0]) not in TABS or key_map.get("backStep", 1) not in BACK_STEPS:
        raise Refused("This choice is not offered. Reload the page.")
    if key_map.get("order", ORDERS[0]) not in ORDERS:
        raise Refused("This choice is not offered. Reload the page.")
    if not isinstance(key_map.get("typing", True), bool):
        raise Refused("This choice is not offered. Reload the page.")
    user.key_map = key_map
    user.save(update_fields=["key_map"])
    _about(Action.KEY_MAP_CHANGED, user, commands=len(keys))


@transaction.atomic
def set_notices(*, user: User, off: list[str], email: str) -> None:
    """Which kinds of notices a person does not want, and where the others go."""
    moved = email != user.email
    user.notices_off, user.email = off, email
    user.save(update_fields=["notices_off", "email"])
    _about(Action.NOTICES_CHANGED, user, off=off, address_changed=moved)


def _good(entry: tuple[str, Any]) -> bool:
    command, triggers = entry
    return (
        bool(COMMAND.fullmatch(command))
        and isinstance(triggers, list)
        and len(triggers) <= TRIGGERS
        and all(isinstance(t, str) and TRIGGER.fullmatch(t) for t in triggers)
        and len(set(triggers)) == len(triggers)
    )


def _about(action: Action, user: User, **detail: Any) -> None:
    member = user.memberships.order_by("id").first()
    events.emit(
        events.Event(
            action=action,
            practice_id=member.practice_id if member else None,
            by=user,
            object_type="User",
            object_id=user.pk,
            detail=detail,
        )
    )
