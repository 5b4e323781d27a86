"""Making a practice, and what it is set up with. `by` is None for work on the command line."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from transcripts import events
from transcripts.enums import Action, EngineName, Specialty, Type
from transcripts.models import Practice, User

MAX_BUCKET = 63


class Refused(Exception):
    """It can't be done so; `field` of the form is concerned; the message is a sentence."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def create(*, name: str, bucket: str = "", by: User | None) -> Practice:
    """A practice with nobody in it. Its bucket's name is made of its own where none is given.

    Raises Refused.
    """
    practice = Practice(name=_name(name), bucket=bucket or free_bucket(name))
    try:
        practice.clean_fields()
        with transaction.atomic():
            practice.save()
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "name") from None
    except IntegrityError:
        raise Refused("Another practice has a bucket of this name.", "bucket") from None
    _report(Action.PRACTICE_CREATED, practice, by)
    return practice


@transaction.atomic
def change(*, practice: Practice, by: User, **values: Any) -> None:
    """Changes some of CHECKS' columns. Raises Refused."""
    locked = Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
    for column, value in values.items():
        setattr(locked, column, CHECKS[column](value))
    changed = sorted(c for c in values if getattr(locked, c) != getattr(practice, c))
    if changed:
        locked.save(update_fields=changed)
        _report(Action.PRACTICE_CHANGED, locked, by, columns=changed)


def free_bucket(name: str) -> str:
    """A bucket's name, made of the practice's, that none has yet."""
    base = slugify(name)[: MAX_BUCKET - 4].strip("-") or "practice"
    taken = set(Practice.objects.filter(bucket__startswith=base).values_list("bucket", flat=True))
    names = (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3)))
    return next(each for each in names if each not in taken)


def engines() -> list[tuple[str, str]]:
    """What a practice can choose from, with the site's own choice first."""
    default = EngineName(settings.ENGINE).label
    return [("", f"As this site does: {default}"), *EngineName.choices]


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("A practice has a name.", "name")
    return name


def _one_of(column: str, known: list[str]) -> Any:
    def check(value: str) -> str:
        if value and value not in known:
            raise Refused("Choose one of the list.", column)
        return value

    return check


def _share(value: Decimal) -> Decimal:
    if not 0 <= value <= 1:
        raise Refused("The line is a share from 0 to 1.", "confidence_threshold")
    return value


CHECKS = {
    "name": _name,
    "confidence_threshold": _share,
    "default_specialty": _one_of("default_specialty", Specialty.values),
    "default_type": _one_of("default_type", Type.values),
    "engine": _one_of("engine", EngineName.values),
}


def _report(action: Action, practice: Practice, by: User | None, **detail: Any) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=practice.pk,
            by=by,
            object_type="Practice",
            object_id=practice.pk,
            detail=detail,
        )
    )
