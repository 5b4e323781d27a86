#!/usr/bin/env python3
"""Check an exported audit log offline: python3 verify.py FILE.csv|FILE.jsonl [--head HASH]

Needs Python 3.8 or later and nothing else; it shares no code with the program that wrote the file.
Each row carries the text that was sealed ("canonical"). A row holds when that text has the stated
SHA-256, names the row's number and the hash of the row before, and says what the columns say.

Prints "ok: N rows, head HASH" and exits 0, or "seq N: reason" for the first row that does not hold
and exits 1; 2 when the file can't be read. Rows cut off at the end can't be noticed from inside a
file: note the head of each export elsewhere, and give one as --head to see that it is still there.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from typing import Any, Iterator, TextIO  # noqa: UP035  (Python 3.8)

GENESIS = "0" * 64
COLUMNS = ["seq", "time", "practice", "actor", "action", "object", "outcome", "patient"]
COLUMNS += ["prev_hash"]
SEALED = {*COLUMNS, "detail", "request"}
CSV_HEADER = [*COLUMNS, "hash", "canonical"]


class Broken(Exception):
    """The number of a row and what is wrong with it."""


def main(arguments: list[str] | None = None) -> int:
    """Run the check on command line arguments; the exit status."""
    parser = argparse.ArgumentParser(description="Check an exported audit log.")
    parser.add_argument("file", help="an export ending in .csv or .jsonl")
    parser.add_argument("--head", help="a hash noted from an earlier export")
    given = parser.parse_args(arguments)
    if not given.file.endswith((".csv", ".jsonl")):
        parser.error("the file must end in .csv or .jsonl")
    try:
        with open(given.file, encoding="utf-8-sig", newline="") as file:
            read = csv_rows if given.file.endswith(".csv") else json_rows
            count, head = check(read(file), given.head)
    except Broken as broken:
        print("seq {}: {}".format(*broken.args))
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"cannot read {given.file}: {error}", file=sys.stderr)
        return 2
    print(f"ok: {count} rows, head {head}")
    return 0


def check(rows: Iterator[dict[str, Any]], noted: str | None) -> tuple[int, str]:
    """Number of rows and the hash of the last. Broken names the first row that does not hold."""
    count, head, seen = 0, GENESIS, not noted
    for row in rows:
        check_row(row, count + 1, head)
        count, head = count + 1, row["hash"]
        seen = seen or head == noted
    if not seen:
        raise Broken(count, "the noted head is not in this file: rows were cut off or replaced")
    return count, head


def check_row(row: dict[str, Any], seq: int, prev_hash: str) -> None:
    """Broken unless the row is number `seq`, follows `prev_hash`, and says what was sealed."""
    if row["seq"] not in (seq, str(seq)):
        raise Broken(row["seq"], f"expected seq {seq}: rows are missing, repeated or out of order")
    if hashlib.sha256(row["canonical"].encode("utf-8", "surrogatepass")).hexdigest() != row["hash"]:
        raise Broken(seq, "the hash is not the SHA-256 of the canonical text")
    if row["prev_hash"] != prev_hash:
        raise Broken(seq, "prev_hash is not the hash of the row before")
    sealed = parse(seq, row["canonical"])
    if set(sealed) != SEALED | {"v"}:
        raise Broken(seq, "the canonical text is not that of an audit row")
    shown = cell if isinstance(row["seq"], str) else plain
    for name in sorted(SEALED & set(row)):
        if (row[name] if shown is cell else plain(row[name])) != shown(sealed[name]):
            raise Broken(seq, f"column {name} differs from the canonical text")


def csv_rows(file: TextIO) -> Iterator[dict[str, Any]]:
    """Rows of a CSV export; every value is text."""
    csv.field_size_limit(2**31 - 1)
    number = 0
    try:
        lines = csv.reader(file, strict=True)
        if next(lines, None) != CSV_HEADER:
            raise Broken(0, "the first line is not the header of an audit export")
        for number, line in enumerate(lines, 1):  # noqa: B007  (used in the except)
            if len(line) != len(CSV_HEADER):
                raise Broken(number, f"the row has {len(line)} cells, not {len(CSV_HEADER)}")
            yield dict(zip(CSV_HEADER, line))  # noqa: B905  (Python 3.8)
    except csv.Error as error:
        raise Broken(number + 1, f"the row is not well-formed CSV ({error})") from None


def json_rows(file: TextIO) -> Iterator[dict[str, Any]]:
    """Rows of a JSON Lines export."""
    for number, line in enumerate(file, 1):
        row = parse(number, line)
        if set(row) != SEALED | {"hash", "canonical"} or not isinstance(row["canonical"], str):
            raise Broken(number, "the line does not have the columns of an audit row")
        if isinstance(row["seq"], str):
            raise Broken(number, "seq is not a number")
        yield row


def parse(seq: int, text: str) -> dict[str, Any]:
    """A JSON object in which no key stands twice."""
    try:
        value = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Broken(seq, f"not well-formed JSON ({error})") from None
    if not isinstance(value, dict):
        raise Broken(seq, "not a JSON object")
    return value


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def plain(value: Any) -> str:
    """A value as text that keeps 1, true and "1" apart."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def cell(value: Any) -> str:
    """A value as the CSV shows it: objects as JSON, and no cell a spreadsheet would run."""
    if value is None:
        return ""
    text = plain(value) if isinstance(value, dict) else str(value)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


if __name__ == "__main__":
    sys.exit(main())
