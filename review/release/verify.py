#!/usr/bin/env python3
"""Check a signed document offline: python3 verify.py PACKAGE.json [--audio FILE] [--key KEY_ID]

Needs Python 3.8 or later and the package cryptography; it shares no code with the program that
wrote the file. A package holds a signed document and what was signed after it (a co-signature,
addenda, amendments), each as the exact text that was signed, with the audit row of its signing.

Prints what was signed, by whom and when, and "ok: N signatures", and exits 0; or "document N:
reason" for the first that does not hold and exits 1; 2 when the file can't be read. What was
signed later than the package was made is not in it. Anyone can make a key: compare the key id
that is printed with the one the practice gives you, or give it with --key. Where a practice has
replaced its key, one that it gives you vouches for those that follow and came before, as far as
the package says so.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

# The members of a package of each form; the second also says which key follows which.
FORMATS = {
    "countersign-package/1": {"format", "documents", "keys"},
    "countersign-package/2": {"format", "documents", "keys", "rotations"},
}
ENTRY = {"canonical", "sha256", "signature", "key_id", "event"}


class Broken(Exception):
    """The number of a document and what is wrong with it; 0 for the package itself."""


def main(arguments: list[str] | None = None) -> int:
    """Run the check on command line arguments; the exit status."""
    parser = argparse.ArgumentParser(description="Check a signed document.")
    parser.add_argument("file", help="a package, *.json")
    parser.add_argument("--audio", help="the recording that the document was made from")
    parser.add_argument("--key", help="the key id that the practice gave you")
    given = parser.parse_args(arguments)
    try:
        with open(given.file, "rb") as file:
            documents = check(file.read(), key=given.key)
        if given.audio:
            check_audio(documents[0], given.audio)
    except Broken as broken:
        print("document {}: {}".format(*broken.args))
        return 1
    except OSError as error:
        print(f"cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    for document in documents:
        signer = document["signer"]
        who = ", ".join(part for part in (signer["name"], signer["title"]) if part)
        print(f"{document['signed_at']}  {document['meaning']}  {who}")
    count = len(documents)
    print(f"ok: {count} signature{'' if count == 1 else 's'}")
    if not given.audio:
        print(f"audio not compared; its SHA-256 is {documents[0]['audio']['sha256']}")
    if not given.key:
        print(f"key {', '.join(sorted(key_ids(given.file)))}: compare with the practice's")
    return 0


def check(data: bytes, *, key: str | None = None) -> list[dict[str, Any]]:
    """The documents of a package, in the order they were signed. Broken for the first wrong one."""
    package = parse(0, data)
    if dump(package) != data:
        raise Broken(0, "the file is not written as a package is")
    if set(package) != FORMATS.get(str(package.get("format"))):
        raise Broken(0, "this is not a signed package")
    keys = {name: public_key(name, text) for name, text in typed(0, package["keys"], dict).items()}
    if key and key not in keys:
        raise Broken(0, f"it was not signed with the key {key}")
    documents: list[dict[str, Any]] = []
    used, before = set(), None
    for number, entry in enumerate(typed(0, package["documents"], list), 1):
        if set(typed(number, entry, dict)) != ENTRY or entry["key_id"] not in keys:
            raise Broken(number, "the entry is not complete")
        documents.append(check_entry(number, entry, keys[entry["key_id"]], before))
        used.add(entry["key_id"])
        before = entry["sha256"]
    links = check_rotations(package.get("rotations", []), keys)
    if not documents or used.union(*[link[:2] for link in links]) != set(keys):
        raise Broken(0, "its documents and its keys do not belong together")
    if key:
        vouched = vouched_for(key, links)
        for one in sorted(used - vouched):
            raise Broken(0, f"the key {key} does not vouch for the key {one}")
    return documents


def check_rotations(entries: Any, keys: dict[str, Ed25519PublicKey]) -> list[tuple]:
    """(old key id, new key id, whether the old one signed) of each, in order. Broken otherwise."""
    links: list[tuple] = []
    for entry in typed(0, entries, list):
        if set(typed(0, entry, dict)) != {"canonical", "by_old", "by_new"}:
            raise Broken(0, "the statement on a new key is not complete")
        text = typed(0, entry["canonical"], str).encode("utf-8", "surrogatepass")
        said = parse(0, text)
        if said.get("format") != "countersign-key/1":
            raise Broken(0, "the statement on a new key is of an unknown form")
        old, new = (named(said.get(name), keys) for name in ("follows", "key"))
        if links and links[-1][1] != old:
            raise Broken(0, "the keys do not follow one another")
        by_old = typed(0, entry["by_old"], str)
        signatures = [(new, entry["by_new"])] + ([(old, by_old)] if by_old else [])
        for name, signature in signatures:
            try:
                keys[name].verify(decoded(0, signature), text)
            except InvalidSignature:
                raise Broken(0, f"the key {name} did not sign that {new} follows {old}") from None
        links.append((old, new, bool(by_old)))
    return links


def named(said: Any, keys: dict[str, Ed25519PublicKey]) -> str:
    """The id of a key of the package that a statement names in full."""
    one = typed(0, said, dict)
    name = typed(0, one.get("key_id"), str)
    if name not in keys:
        raise Broken(0, f"the key {name} is not in the package")
    der = keys[name].public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if decoded(0, one.get("public_key")) != der:
        raise Broken(0, f"the key {name} is another key")
    return name


def vouched_for(key: str, links: list[tuple]) -> set[str]:
    """The key, those it signed to follow it, and those before it: each new one signs its old."""
    known = {key}
    for old, new, by_old in links:
        if old in known and by_old:
            known.add(new)
    for old, new, _ in reversed(links):
        if new in known:
            known.add(old)
    return known


def check_entry(
    number: int, entry: dict[str, Any], key: Ed25519PublicKey, before: str | None
) -> dict[str, Any]:
    """The signed document of an entry. Broken unless digest, signature and audit row hold."""
    text = typed(number, entry["canonical"], str).encode("utf-8", "surrogatepass")
    if hashlib.sha256(text).hexdigest() != entry["sha256"]:
        raise Broken(number, "the text is not the text with this SHA-256")
    try:
        key.verify(decoded(number, entry["signature"]), text)
    except InvalidSignature:
        raise Broken(number, "the signature is not that of this text by this key") from None
    document = parse(number, text)
    if document.get("draft") or not document.get("signed_at"):
        raise Broken(number, "the document is a draft")
    if document["prior_signature"] != before:
        raise Broken(number, "it does not follow the document before it")
    check_event(number, entry, document)
    return document


def check_event(number: int, entry: dict[str, Any], document: dict[str, Any]) -> None:
    """Broken unless the audit row of the signing follows the head that was signed."""
    event = typed(number, entry["event"], dict)
    if set(event) != {"canonical", "hash"}:
        raise Broken(number, "the audit row is not complete")
    text = typed(number, event["canonical"], str).encode("utf-8", "surrogatepass")
    if hashlib.sha256(text).hexdigest() != event["hash"]:
        raise Broken(number, "the audit row is not the row with this hash")
    row, head = parse(number, text), document["audit_head"]
    if (row.get("seq"), row.get("prev_hash")) != (head["seq"] + 1, head["hash"]):
        raise Broken(number, "the audit row does not follow the audit log as it was signed")
    if typed(number, row.get("detail"), dict).get("sha256") != entry["sha256"]:
        raise Broken(number, "the audit row is that of another document")


def check_audio(document: dict[str, Any], path: str) -> None:
    """Broken unless the file is the recording that the document names."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    if digest.hexdigest() != document["audio"]["sha256"]:
        raise Broken(1, "the audio is not the recording that was signed for")


def key_ids(path: str) -> list[str]:
    with open(path, "rb") as file:
        return list(json.load(file)["keys"])


def public_key(name: str, text: Any) -> Ed25519PublicKey:
    """The key of a base64 DER SubjectPublicKeyInfo whose id is `name`."""
    try:
        key = load_der_public_key(decoded(0, text))
    except (ValueError, UnsupportedAlgorithm):
        raise Broken(0, f"the key {name} can't be read") from None
    if not isinstance(key, Ed25519PublicKey):
        raise Broken(0, f"the key {name} is not an Ed25519 key")
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if der != decoded(0, text) or hashlib.sha256(der).hexdigest()[:16] != name:
        raise Broken(0, f"the key {name} is another key")
    return key


def decoded(number: int, text: Any) -> bytes:
    """Bytes of base64 written in the one usual way."""
    try:
        data = base64.b64decode(typed(number, text, str), validate=True)
    except ValueError:
        raise Broken(number, "not well-formed base64") from None
    if base64.b64encode(data).decode() != text:
        raise Broken(number, "not well-formed base64")
    return data


def parse(number: int, data: bytes) -> dict[str, Any]:
    """A JSON object in which no key stands twice."""
    try:
        value = json.loads(data.decode("utf-8", "surrogatepass"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Broken(number, f"not well-formed JSON ({type(error).__name__})") from None
    return typed(number, value, dict)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def typed(number: int, value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise Broken(number, f"a {kind.__name__} was expected")
    return value


def dump(package: dict[str, Any]) -> bytes:
    """The one way a package is written."""
    text = json.dumps(package, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


if __name__ == "__main__":
    sys.exit(main())
