#!/usr/bin/env python3
"""Check an exported audit log offline: python3 verify.py FILE.csv|FILE.jsonl|FILE.ndjson --pubkey K

Needs Python 3.8 or later, and for --pubkey the package cryptography; nothing else. It shares no
code with the program that wrote the file. A row holds when the text that was sealed ("canonical")
has the stated SHA-256, names the row's number and the hash of the row before, and says what the
columns say. A checkpoint holds when the rows up to it have its RFC 6962 root, and when it is signed
by a key in K (PEM, one or more; get it from the audit page once and keep it elsewhere).

Prints "ok: N rows, head HASH ..." and exits 0, or "seq N: reason" for the first row that does not
hold and exits 1; 2 when the file can't be read. Rows cut off at the end together with their
checkpoints can't be noticed from inside a file: note size and root of a checkpoint elsewhere, and
give them as --pin-size and --pin-root. --selection is for exports narrowed by a filter, whose rows
are not all in the file.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import json
import re
import sys
from typing import Any, Iterator, NamedTuple, TextIO  # noqa: UP035  (Python 3.8)

GENESIS = "0" * 64
COLUMNS = ["seq", "time", "practice", "actor", "action", "object", "outcome", "patient"]
COLUMNS += ["prev_hash"]
SEALED = {*COLUMNS, "detail", "request"}
CSV_HEADER = [*COLUMNS, "hash", "canonical"]
FORMAT = "countersign-checkpoint/1"
FORMS = (".csv", ".jsonl", ".ndjson")
PEM = re.compile("-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.S)
Value = Any  # of a row, or of JSON
_plain = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Broken(Exception):
    """The number of a row and what is wrong with it."""


class Pin(NamedTuple):
    """Size, head and root that a checkpoint states, and the place of it in the file."""

    size: int
    head: str
    root: str
    practice: str


def main(arguments: list[str] | None = None) -> int:
    """Run the check on command line arguments; the exit status."""
    parser = argparse.ArgumentParser(description="Check an exported audit log.")
    parser.add_argument("file", help="an export ending in .csv, .jsonl or .ndjson (FHIR)")
    parser.add_argument("--pubkey", help="file with the public key (PEM) of the checkpoints")
    parser.add_argument("--pin-size", type=int, help="size of a checkpoint noted elsewhere")
    parser.add_argument("--pin-root", help="root of the checkpoint noted elsewhere")
    parser.add_argument("--head", help="a hash noted from an earlier export")
    parser.add_argument("--selection", action="store_true", help="rows may be left out (a filter)")
    given = parser.parse_args(arguments)
    if not given.file.endswith(FORMS):
        parser.error("the file must end in " + ", ".join(FORMS))
    if (given.pin_size is None) != (given.pin_root is None):
        parser.error("--pin-size and --pin-root belong together")
    if given.selection and given.pin_root:
        parser.error("a selection has no root to compare")
    try:
        keys = public_keys(given.pubkey) if given.pubkey else None
        said = check_file(given, keys)
    except Broken as broken:
        print("seq {}: {}".format(*broken.args))
        return 1
    except (OSError, UnicodeDecodeError, ValueError, ImportError) as error:
        print(f"cannot check {given.file}: {error}", file=sys.stderr)
        return 2
    print(said)
    return 0


def check_file(given: argparse.Namespace, keys: Any) -> str:
    """What to say of a file that holds. Broken names the first row that does not."""
    pins = [open_pin(raw, keys) for raw in read(given.file, pins=True)]
    rows = read(given.file, pins=False)
    if given.selection:
        count, head = check_selection(rows)
        return f"ok: {count} rows of a selection, last {head}; what was left out can't be judged"
    noted = Pin(given.pin_size, "", given.pin_root, "") if given.pin_root else None
    count, head, root, pinned = check(rows, pins, given.head, noted)
    covered = max(pinned, default=0)
    if keys is not None and covered < count:
        raise Broken(covered + 1, "no signed checkpoint covers the rows from here on")
    said = f"ok: {count} rows, head {head}"
    if not pinned:
        return said
    signed = "signed" if keys is not None else "whose signatures were not checked (--pubkey)"
    return f"{said}, root {root}, {len(pinned)} checkpoints {signed}"


def check(
    rows: Iterator[dict[str, Any]], pins: list[Pin], noted: str | None, pin: Pin | None = None
) -> tuple[int, str, str, list[int]]:
    """Rows, hash of the last, root, and sizes of the checkpoints that were met.

    `noted` is a hash and `pin` a size with its root that must be found on the way.
    """
    tree, head, seen, met = Tree(), GENESIS, not noted, [0]
    waiting = sorted([*pins, *([pin] if pin else [])])
    while waiting and waiting[0].size == 0:
        waiting.pop(0)
    for row in rows:
        check_row(row, tree.size + 1, head)
        head = row["hash"]
        tree.add(row["canonical"])
        seen = seen or head == noted
        while waiting and waiting[0].size == tree.size:
            check_pin(waiting.pop(0), tree, head, row, met[-1])
            met.append(tree.size)
    if waiting:
        raise Broken(tree.size, f"a checkpoint knows {waiting[0].size} rows: the end was cut off")
    if not seen:
        raise Broken(tree.size, "the noted head is not in this file: rows were cut off or replaced")
    return tree.size, head, tree.root(), met[1:]


def check_selection(rows: Iterator[dict[str, Any]]) -> tuple[int, str]:
    """Rows of which others were left out: each holds for itself, neighbours follow each other."""
    count, seq, head = 0, 0, GENESIS
    for row in rows:
        at = int(row["seq"]) if str(row["seq"]).isdecimal() else 0
        if at <= seq:
            raise Broken(row["seq"], "the row is repeated or out of order")
        check_row(row, at, head if at == seq + 1 else str(row["prev_hash"]))
        count, seq, head = count + 1, at, row["hash"]
    return count, head


def check_pin(pin: Pin, tree: Tree, head: str, row: dict[str, Any], good: int) -> None:
    """Broken unless the rows so far are those of the checkpoint; the last `good` ones are."""
    same = pin.root == tree.root() and pin.head in ("", head)
    if not same or pin.practice not in ("", json.loads(row["canonical"])["practice"]):
        raise Broken(
            good + 1,
            f"rows {good + 1} to {pin.size} are not those that the checkpoint of {pin.size} pins",
        )


def check_row(row: dict[str, Any], seq: int, prev_hash: str) -> None:
    """Broken unless the row is number `seq`, follows `prev_hash`, and says what was sealed."""
    if row["seq"] not in (seq, str(seq)) or isinstance(row["seq"], bool):
        raise Broken(row["seq"], f"expected seq {seq}: rows are missing, repeated or out of order")
    text = row["canonical"]
    if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != row["hash"]:
        raise Broken(seq, "the hash is not the SHA-256 of the canonical text")
    if row["prev_hash"] != prev_hash:
        raise Broken(seq, "prev_hash is not the hash of the row before")
    if not isinstance(row["seq"], str) and plain(columns(row)) == text:
        return  # what the columns say, in canonical form, is the text
    sealed = parse(seq, text)
    if set(sealed) != SEALED | {"v"}:
        raise Broken(seq, "the canonical text is not that of an audit row")
    if plain(sealed) != text:
        raise Broken(seq, "the canonical text is not in canonical form")
    if isinstance(row.get("fhir"), dict):
        check_resource(row["fhir"], sealed, seq)
    elif isinstance(row["seq"], str):
        compare(row, sealed, seq, lambda value: value, cell)
    else:
        compare(row, sealed, seq, plain, plain)


def columns(row: dict[str, Any]) -> dict[str, Any]:
    """What the text of a row must say, going by the row's columns."""
    said = {name: value for name, value in row.items() if name in SEALED}
    said["v"] = 1
    return said


def compare(row: Value, sealed: Value, seq: int, have: Value, want: Value) -> None:
    """Broken names the first column that differs from what was sealed."""
    for name in sorted(SEALED & set(row)):
        if have(row[name]) != want(sealed[name]):
            raise Broken(seq, f"column {name} differs from the canonical text")


def check_resource(made: Value, sealed: Value, seq: int) -> None:
    """Broken unless what an AuditEvent says of who, what, when and whom was sealed."""
    outcome = {"success": "0", "denied": "4", "failure": "8"}.get(sealed["outcome"], "12")
    people = [a["who"]["identifier"]["value"] for a in made["agent"] if "identifier" in a["who"]]
    names = [agent["who"]["display"] for agent in made["agent"] if "identifier" in agent["who"]]
    entities = [entity["what"] for entity in made.get("entity", [])]
    patients = [what["reference"] for what in entities if "reference" in what]
    things = [what["identifier"]["value"] for what in entities if "identifier" in what]
    patient, thing = sealed["patient"], sealed["object"]["id"]
    request, person = sealed["request"]["request_id"], sealed["actor"]["id"]
    nets = [agent["network"]["address"] for agent in made["agent"] if "network" in agent]
    said = {
        "id": (made["id"], "{practice}-{seq}".format(**sealed)),
        "recorded": (made["recorded"], sealed["time"]),
        "subtype": (made["subtype"][0]["code"], sealed["action"]),
        "outcome": (made["outcome"], outcome),
        "agent": ((people, names), ([person], [sealed["actor"]["display"]]))
        if person
        else ((people, names), ([], [])),
        "agent.network": (nets, [sealed["request"]["ip"]] if sealed["request"]["ip"] else []),
        "entity.patient": (patients, [f"Patient/{patient}"] if patient else []),
        "entity": (things, [each for each in (thing, request) if each]),
    }
    for name, (have, want) in said.items():
        if have != want:
            raise Broken(seq, f"{name} differs from the canonical text")


def read(path: str, pins: bool) -> Iterator[dict[str, Any]]:
    """The rows of a file, or else its checkpoints as they stand."""
    reader = {"csv": csv_rows, "jsonl": json_rows, "ndjson": fhir_rows}[path.rpartition(".")[2]]
    with open(path, encoding="utf-8-sig", newline="") as file:
        for row in reader(file, pins):
            if ("checkpoint" in row) == pins:
                yield row


def csv_rows(file: TextIO, pins: bool) -> Iterator[dict[str, Any]]:
    """Rows of a CSV export; every value is text. A checkpoint says so in its first cell."""
    csv.field_size_limit(2**31 - 1)
    number = 0
    try:
        lines = csv.reader(file, strict=True)
        if next(lines, None) != CSV_HEADER:
            raise Broken(0, "the first line is not the header of an audit export")
        for number, line in enumerate(lines, 1):  # noqa: B007  (used in the except)
            if len(line) != len(CSV_HEADER):
                raise Broken(number, f"the row has {len(line)} cells, not {len(CSV_HEADER)}")
            if line[0] == "checkpoint":
                names = ("key_id", "signature", "checkpoint")
                yield dict(zip(names, map(unquoted, line[-3:])))  # noqa: B905
            else:
                yield dict(zip(CSV_HEADER, line))  # noqa: B905  (Python 3.8)
    except csv.Error as error:
        raise Broken(number + 1, f"the row is not well-formed CSV ({error})") from None


def json_rows(file: TextIO, pins: bool) -> Iterator[dict[str, Any]]:
    """Rows and checkpoints of a JSON Lines export."""
    for number, line in enumerate(file, 1):
        if pins and '"checkpoint"' not in line:
            continue
        row = parse(number, line)
        if "checkpoint" in row:
            yield row
            continue
        if set(row) != SEALED | {"hash", "canonical"} or not isinstance(row["canonical"], str):
            raise Broken(number, "the line does not have the columns of an audit row")
        if isinstance(row["seq"], str):
            raise Broken(number, "seq is not a number")
        yield row


def fhir_rows(file: TextIO, pins: bool) -> Iterator[dict[str, Any]]:
    """AuditEvents of a FHIR export as rows, and its Provenances as checkpoints."""
    for number, line in enumerate(file, 1):
        if pins and '"Provenance"' not in line:
            continue
        made = parse(number, line)
        try:
            extra = {each["url"]: each["valueString"] for each in made["extension"]}
            extra = {url.rpartition(":")[2].replace("-", "_"): v for url, v in extra.items()}
            if made["resourceType"] == "Provenance":
                signature = made["signature"][0]["data"]
                row = {**extra, "key_id": extra["key"], "signature": signature}
            else:
                row = {name: extra[name] for name in ("seq", "hash", "prev_hash", "canonical")}
                row["fhir"] = made
        except (KeyError, IndexError, TypeError):
            raise Broken(number, "the line is not an AuditEvent of an audit export") from None
        yield row


def open_pin(raw: dict[str, Any], keys: Any) -> Pin:
    """What a checkpoint states. Broken unless its signature is by one of `keys` (None: any)."""
    said = parse(0, str(raw["checkpoint"]))
    shape = {"format", "practice", "size", "head", "root", "time", "key_id", "prev"}
    if set(said) != shape or said["format"] != FORMAT or not isinstance(said["size"], int):
        raise Broken(0, "a checkpoint is not one of an audit log")
    if keys is not None and not signed(raw, keys):
        raise Broken(said["size"], "its checkpoint is not signed by the given key")
    return Pin(said["size"], said["head"], said["root"], said["practice"])


def public_keys(path: str) -> list[Any]:
    """The Ed25519 keys of a PEM file. ValueError when there is none."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    with open(path, encoding="ascii") as file:
        keys = [load_pem_public_key(pem.encode()) for pem in PEM.findall(file.read())]
    if not keys:
        raise ValueError("there is no public key (PEM) in the file of --pubkey")
    return keys


def signed(raw: dict[str, Any], keys: list[Any]) -> bool:
    """Whether the signature over the statement's bytes is by one of the keys."""
    from cryptography.exceptions import InvalidSignature

    text = raw["checkpoint"].encode()
    for key in keys:
        try:
            key.verify(base64.b64decode(raw["signature"], validate=True), text)
            return True
        except (InvalidSignature, ValueError, KeyError, TypeError):
            continue
    return False


class Tree:
    """The Merkle tree of RFC 6962 over the canonical texts, by the roots of complete subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, text: str) -> None:
        node = hashlib.sha256(b"\0" + text.encode("utf-8", "surrogatepass")).digest()
        size = self.size
        while size & 1:
            node = hashlib.sha256(b"\1" + self.peaks.pop() + node).digest()
            size >>= 1
        self.peaks.append(node)
        self.size += 1

    def root(self) -> str:
        if not self.peaks:
            return hashlib.sha256(b"").hexdigest()
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = hashlib.sha256(b"\1" + peak + node).digest()
        return node.hex()


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
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def plain(value: Any) -> str:
    """A value as text that keeps 1, true and "1" apart."""
    return _plain(value)


def cell(value: Any) -> str:
    """A value as the CSV shows it: objects as JSON, and no cell a spreadsheet would run."""
    if value is None:
        return ""
    text = plain(value) if isinstance(value, dict) else str(value)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def unquoted(text: str) -> str:
    """A cell without the apostrophe that kept a spreadsheet from running it."""
    return text[1:] if text.startswith("'") else text


if __name__ == "__main__":
    sys.exit(main())
