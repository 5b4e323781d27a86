"""Pages of lists that stay put while rows are added: the token says after which row to go on."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet

from transcripts.aws.callers import Caller
from transcripts.aws.errors import bad_request

SALT = "transcripts.aws.pages"
DEFAULT_RESULTS = 5
Row = TypeVar("Row", bound=Model)


def page(
    caller: Caller, rows: QuerySet[Row], request: dict[str, Any], *, kind: str
) -> tuple[list[Row], dict[str, str]]:
    """The rows of the page asked for, newest first, and the answer's NextToken where one follows.

    A token is good for the same practice, kind and filters only; BadRequestException otherwise.
    """
    asked = {k: v for k, v in request.items() if k not in ("NextToken", "MaxResults")}
    bound = [kind, str(caller.practice.pk), sorted(asked.items())]
    if "NextToken" in request:
        rows = rows.filter(_after(request["NextToken"], bound))
    size = request.get("MaxResults", DEFAULT_RESULTS)
    found = list(rows.order_by("-created_at", "-id")[: size + 1])
    if len(found) <= size:
        return found, {}
    last = found[size - 1]
    token = signing.dumps([last.created_at.isoformat(), str(last.pk), bound], salt=SALT)
    return found[:size], {"NextToken": token}


def _after(token: str, bound: list[Any]) -> Q:
    try:
        time, number, told = signing.loads(token, salt=SALT)
        if told != _as_json(bound):
            raise ValueError
        at, key = datetime.fromisoformat(time), UUID(number)
    except (signing.BadSignature, ValueError, TypeError):
        raise bad_request(
            "The NextToken that you provided isn't valid. Use the token of the previous response, "
            "with the same filters, and try your request again."
        ) from None
    return Q(created_at__lt=at) | Q(created_at=at, pk__lt=key)


def _as_json(bound: list[Any]) -> list[Any]:
    kind, practice, asked = bound
    return [kind, practice, [list(pair) for pair in asked]]
