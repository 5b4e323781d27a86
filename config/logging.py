"""How log lines look: named fields alone, one line an event, to standard error.

What is written is an allow-list. Countersign's own sentences are built from ids, numbers and names
of types; of other people's libraries the sentence is written without what they put into it, since
that may be an address, a row or a header.
"""

import json
import logging
import os
import traceback
from datetime import UTC, datetime
from typing import Any

from transcripts import trace

OURS = ("config", "review", "transcripts")
# Libraries whose sentences are complete without their arguments, or hold none of a request's.
PLAIN_ARGUMENTS = ("celery.worker", "celery.apps", "_granian", "granian")


def not_readiness(record: logging.LogRecord) -> bool:
    """While parts start, a supervisor asks many times a second; the parts log their own trouble."""
    return getattr(getattr(record, "request", None), "path", "") != "/readyz"


def fields(record: logging.LogRecord) -> dict[str, Any]:
    """All that may be written of a record: these names and no others."""
    when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    written = {"time": when, "level": record.levelname, "logger": record.name}
    written["event"] = _sentence(record)
    written |= trace.bound()
    request = getattr(record, "request", None)
    match = getattr(request, "resolver_match", None)
    if match is not None and match.view_name:
        written["route"] = match.view_name
    if method := getattr(request, "method", None):
        written["method"] = method if method.isalpha() else "?"
    if isinstance(status := getattr(record, "status_code", None), int):
        written["status"] = status
    if record.exc_info and record.exc_info[0]:
        kind, _, frames = record.exc_info
        written["error"] = kind.__name__
        # Without the message: a database's or decoder's words may quote a patient's data.
        written["frames"] = "".join(traceback.format_tb(frames))
    return written


def _sentence(record: logging.LogRecord) -> str:
    root = record.name.partition(".")[0]
    if root in OURS or record.name.startswith(PLAIN_ARGUMENTS):
        return record.getMessage()
    # A library's own f-string can't be told from its data.
    return str(record.msg) if record.args else "(a library's words are not written)"


class Json(logging.Formatter):
    """One JSON object a line, for whatever collects logs."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(fields(record), ensure_ascii=False)


class Line(logging.Formatter):
    """The same fields for people."""

    def format(self, record: logging.LogRecord) -> str:
        told = fields(record)
        frames = told.pop("frames", "")
        head = " ".join(str(told.pop(name)) for name in ("time", "level", "logger"))
        event = told.pop("event")
        rest = "".join(f" {name}={value}" for name, value in told.items())
        return f"{head}: {event}{rest}" + (f"\n{frames.rstrip()}" if frames else "")


_as_json = os.environ.get("COUNTERSIGN_ENV") == "production"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "not_readiness": {"()": "django.utils.log.CallbackFilter", "callback": not_readiness}
    },
    "formatters": {"line": {"()": Json if _as_json else Line}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"filters": ["not_readiness"]},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "faster_whisper": {"level": "WARNING"},
        "botocore": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
    },
}
