"""Who looks at a recording, and where: what a browser says of itself, and what others are shown.

Pure. The sockets that carry it are in consumers.py. Somebody who types in a segment holds it
softly: others are warned, nobody is kept out.
"""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

Person = dict[str, Any]
MAX_FRAME = 500


def heard(frame: str | None) -> dict[str, Any] | None:
    """{"segment": id or None, "editing": bool} out of a browser's frame; None for anything else."""
    if frame is None or len(frame) > MAX_FRAME:
        return None
    try:
        said = json.loads(frame)
        if said["type"] != "here" or not isinstance(said["editing"], bool):
            return None
        segment = said["segment"]
        here = None if segment is None else str(UUID(segment))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return {"segment": here, "editing": said["editing"] and here is not None}


def shown(people: Iterable[Person]) -> list[Person]:
    """Each person once: of several windows the one where they type, else one with a place."""
    best: dict[str, Person] = {}
    for person in people:
        known = best.get(person["id"])
        if known is None or _weight(person) > _weight(known):
            best[person["id"]] = person
    return list(best.values())


def _weight(person: Person) -> tuple[bool, bool]:
    return person["editing"], person["segment"] is not None
