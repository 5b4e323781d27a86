"""How log lines look: one line an event, to standard error, ids only and never a patient's data."""

import logging
import traceback
from typing import Any


def not_readiness(record: logging.LogRecord) -> bool:
    """While parts start, a supervisor asks many times a second; the parts log their own trouble."""
    return getattr(getattr(record, "request", None), "path", "") != "/readyz"


class Line(logging.Formatter):
    """Tracebacks without messages: a database's or decoder's words may quote a patient's data."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  the name is logging's
        kind, _, frames = ei
        return "".join(traceback.format_tb(frames)) + kind.__name__


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "not_readiness": {"()": "django.utils.log.CallbackFilter", "callback": not_readiness}
    },
    "formatters": {
        "line": {
            "()": Line,
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
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
