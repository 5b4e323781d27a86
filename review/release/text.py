"""The plain text copy of a document: 80 columns, heading, text, signature.

Pure. What is said is decided in letter.py.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from review.release import letter

WIDTH = 80
GUTTER = 10
RULE = "-" * WIDTH


def render(
    doc: Mapping[str, Any],
    *,
    signature: Mapping[str, str] | None,
    follow_ups: Sequence[letter.FollowUp] = (),
    head: letter.Letterhead | None = None,
) -> str:
    """The document as text ending in a line break; without a signature marked as a draft.

    What was signed after it follows, each with its own signature.

    `signature` has signer, title, licence, signed_at (ISO), meaning, attestation, sha256, key_id
    and signature (base64). ValueError when it is not the signature of `doc`.
    """
    letter.check(doc, signature, follow_ups)
    lines = [
        *[line for each in letter.letterhead(doc, head) for line in _wrap(each)],
        "",
        *_wrap(letter.one_line(doc["document"]["title"])),
        *letter.kind(doc),
        "",
        *_fields([*letter.patient(doc), *letter.encounter(doc)]),
        *_fields([("Document", doc["document"]["id"])]),
        RULE,
        "",
    ]
    if note := letter.notice(follow_ups):
        lines += [*_wrap(note), ""]
    for paragraph in letter.paragraphs(doc):
        said = f"{paragraph.speaker}: {paragraph.text}" if paragraph.speaker else paragraph.text
        lines += [*_wrap(said, first=paragraph.time), ""]
    lines.append(RULE)
    if signature is None:
        lines = [letter.DRAFT, "", *lines, *_wrap(letter.draft_note(doc)), "", letter.DRAFT]
        return "\n".join([*lines, ""])
    lines += ["Electronically signed", ""]
    lines += _fields(letter.signature_lines(doc, signature))
    lines += _fields([("Signature", signature["signature"])])
    for addition, (_, block) in zip(letter.additions(follow_ups), follow_ups, strict=True):
        lines += ["", RULE, *_wrap(addition.title), ""]
        lines += _fields([("Reason", addition.reason)] if addition.reason else [])
        for paragraph in addition.text:
            lines += ["", *_wrap(paragraph)]
        lines += ["", *_fields(addition.lines), *_fields([("Signature", block["signature"])])]
    return "\n".join([*lines, ""])


def _fields(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [line for name, value in pairs for line in _wrap(value, first=name)]


def _wrap(text: str, *, first: str | None = None) -> list[str]:
    indent = "" if first is None else " " * GUTTER
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent="" if first is None else first.ljust(GUTTER),
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
