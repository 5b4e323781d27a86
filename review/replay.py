"""The log's state changes: made, inverted, and replayed upon what the machine said. Pure.

A change is {"segment": id} or {"flag": id} or {"speakers": review id}, with "before" and "after":
the fields that differ as they were and are, or null where there was, or is, no such row. Speakers'
fields are labels (spk_0), their values names. Positions and times are decimal strings.
"""

from collections.abc import Iterable
from typing import Any

Fields = dict[str, Any]
Change = dict[str, Any]
Key = tuple[str, str]
KINDS = ("segment", "flag", "speakers")


class Broken(Exception):
    """A change of the log does not fit upon the state before it; the message holds ids only."""


def change(kind: str, key: str, before: Fields | None, after: Fields | None) -> Change | None:
    """The change between two states of one row; None where they are the same."""
    if before is not None and after is not None:
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        before = {name: before.get(name) for name in names}
        after = {name: after.get(name) for name in names}
    return {kind: key, "before": before, "after": after} if before != after else None


def key(change: Change) -> Key:
    """Which row a change is about, as (kind, id)."""
    kind = next(kind for kind in KINDS if kind in change)
    return kind, change[kind]


def inverted(changes: Iterable[Change]) -> list[Change]:
    """What takes the changes back.

    A segment that an edit made is not deleted but removed; room made between positions stays.
    """
    back = []
    for one in reversed(list(changes)):
        kind, about = key(one)
        before, after = one["after"], one["before"]
        if kind == "segment" and after is None:
            after = {"removed": True, "items": []}
            before = {name: before[name] for name in after}
        elif kind == "segment":
            before, after = (_without_place(fields) for fields in (before, after))
            if not after:
                continue
        back.append({kind: about, "before": before, "after": after})
    return back


def _without_place(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name != "position"}


def fits(one: Change, now: Fields | None) -> bool:
    """Whether the row is now what it was before the change, in all that the change is about."""
    if one["before"] is None or now is None:
        return one["before"] is now
    return all(now.get(name) == value for name, value in one["before"].items())


def replay(states: dict[Key, Fields], changes: Iterable[Change]) -> None:
    """Applies the changes of one edit to `states`, in place. Raises Broken where one can't be.

    Flags that the log does not know, because the machine raised them, are taken from what the
    change says of them.
    """
    for one in changes:
        about = key(one)
        now = states.get(about)
        if about[0] == "segment" and not fits(one, now):
            raise Broken(f"{about[0]} {about[1]} is not what the edit says it was")
        if one["after"] is None:
            states.pop(about, None)
        else:
            states[about] = {**(now or {}), **one["after"]}
