"""Checks requests against the service model that botocore ships. Rules beyond it live in jobs.py.

The model anchors its patterns at the start only and leaves maxima and enums to the server; AWS
matches whole values, and so do we. Messages are worded as AWS words them.
"""

import re
from functools import cache
from threading import Lock
from typing import Any

from transcripts.aws.errors import AwsError, bad_request, serialization

SHOWN_VALUE = 200
SHOWN_PROBLEMS = 10
INTEGER = range(-(2**31), 2**31)


_reading = Lock()


def model() -> dict[str, Any]:
    """botocore's description of Amazon Transcribe, batch operations. Read once, when asked."""
    # Without the lock each of the first requests, coming together, would read it for itself.
    with _reading:
        return _read_model()


@cache
def _read_model() -> dict[str, Any]:
    from botocore.loaders import Loader

    return Loader().load_service_model("transcribe", "service-2")


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def known(operation: str) -> bool:
    """Whether Amazon Transcribe has an operation of this name, served here or not."""
    return operation in model()["operations"]


def validate(operation: str, document: Any) -> dict[str, Any]:
    """The request's members as the model has them; unknown and null ones are left out.

    Raises AwsError: SerializationException for a wrong type, BadRequestException for values.
    """
    problems: list[str] = []
    value = _check(model()["operations"][operation]["input"]["shape"], document, "", problems)
    if problems:
        raise invalid(*problems)
    return value


def problem(path: str, value: Any, constraint: str) -> str:
    """One sentence of AWS's validation message; lists and maps are not repeated in it."""
    shown = f" '{str(value)[:SHOWN_VALUE]}'" if isinstance(value, str | int) else ""
    return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"


def invalid(*problems: str) -> AwsError:
    count = len(problems)
    plural = "" if count == 1 else "s"
    listed = "; ".join(problems[:SHOWN_PROBLEMS])
    return bad_request(f"{count} validation error{plural} detected: {listed}")


def _check(name: str, value: Any, path: str, problems: list[str]) -> Any:
    shape = model()["shapes"][name]
    return _CHECKS[shape["type"]](shape, value, path, problems)


def _structure(shape: dict[str, Any], value: Any, path: str, problems: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong_type(path, "structure")
    checked = {}
    for member, description in shape["members"].items():
        where = _join(path, member[0].lower() + member[1:])
        if value.get(member) is not None:
            checked[member] = _check(description["shape"], value[member], where, problems)
        elif member in shape.get("required", ()):
            problems.append(
                f"Value null at '{where}' failed to satisfy constraint: Member must not be null"
            )
    return checked


def _list(shape: dict[str, Any], value: Any, path: str, problems: list[str]) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong_type(path, "list")
    _check_length(shape, value, path, problems)
    return [
        _check(shape["member"]["shape"], element, f"{path}.{number}.member", problems)
        for number, element in enumerate(value, start=1)
    ]


def _map(shape: dict[str, Any], value: Any, path: str, problems: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong_type(path, "map")
    _check_length(shape, value, path, problems)
    return {
        _check(shape["key"]["shape"], key, f"{path}.key", problems): _check(
            shape["value"]["shape"], element, f"{path}.value", problems
        )
        for key, element in value.items()
    }


def _string(shape: dict[str, Any], value: Any, path: str, problems: list[str]) -> str:
    if not isinstance(value, str) or _has_surrogate(value):
        raise _wrong_type(path, "string")
    if "\0" in value:
        problems.append(f"Value at '{path}' failed to satisfy constraint: Member must hold no NUL")
    if "enum" in shape and value not in shape["enum"]:
        values = ", ".join(shape["enum"])
        problems.append(problem(path, value, f"Member must satisfy enum value set: [{values}]"))
    _check_length(shape, value, path, problems)
    pattern = shape.get("pattern")
    if pattern and not _pattern(pattern).fullmatch(value):
        constraint = f"Member must satisfy regular expression pattern: {pattern}"
        problems.append(problem(path, value, constraint))
    return value


def _integer(shape: dict[str, Any], value: Any, path: str, problems: list[str]) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in INTEGER:
        raise _wrong_type(path, "integer")
    if value < shape.get("min", value):
        constraint = f"Member must have value greater than or equal to {shape['min']}"
        problems.append(problem(path, value, constraint))
    if value > shape.get("max", value):
        constraint = f"Member must have value less than or equal to {shape['max']}"
        problems.append(problem(path, value, constraint))
    return value


def _boolean(shape: dict[str, Any], value: Any, path: str, problems: list[str]) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(path, "boolean")
    return value


_CHECKS = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
}


def _check_length(shape: dict[str, Any], value: Any, path: str, problems: list[str]) -> None:
    if len(value) < shape.get("min", 0):
        constraint = f"Member must have length greater than or equal to {shape['min']}"
        problems.append(problem(path, value, constraint))
    if len(value) > shape.get("max", len(value)):
        constraint = f"Member must have length less than or equal to {shape['max']}"
        problems.append(problem(path, value, constraint))


def _has_surrogate(value: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in value)


def _wrong_type(path: str, wanted: str) -> AwsError:
    where = f"'{path}'" if path else "the request"
    return serialization(f"The value of {where} can not be converted to a {wanted.capitalize()}")


def _join(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member
