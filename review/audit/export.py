"""Audit rows as files: CSV for a spreadsheet, JSON Lines for a machine, both checked by verify.py.

Pure and streaming: one row in, one piece of text out. Choosing the rows, and recording that they
were exported, is the caller's part.
"""

import csv
import dataclasses
import json
from collections.abc import Iterable, Iterator
from typing import Any

import rfc8785

from review.audit.chain import Row

COLUMNS = (
    "seq",
    "time",
    "practice",
    "actor",
    "action",
    "object",
    "outcome",
    "patient",
    "prev_hash",
    "hash",
    "canonical",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """A file for csv.writer that hands the line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def csv_rows(rows: Iterable[Row]) -> Iterator[str]:
    """RFC 4180 lines with CRLF, the header first. Actor and object are JSON, no patient is empty.

    A cell that a spreadsheet would run as a formula begins with an apostrophe.
    """
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow([cell(getattr(row, name)) for name in COLUMNS])


def jsonl_rows(rows: Iterable[Row]) -> Iterator[str]:
    """One JSON object a line with every column of the row."""
    for row in rows:
        yield json.dumps(dataclasses.asdict(row), ensure_ascii=False, sort_keys=True) + "\n"


def cell(value: Any) -> str:
    """A value as a CSV cell: objects as JSON, nothing for None, and no formula."""
    if value is None:
        return ""
    text = rfc8785.dumps(value).decode() if isinstance(value, dict) else str(value)
    return "'" + text if text.startswith(FORMULA_STARTS) else text
