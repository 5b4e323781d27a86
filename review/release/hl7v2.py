"""Documents as HL7 v2.5.1 MDM messages (chapter 9), and what a receiver answered.

Pure. T02 brings an original document, T06 an addendum with its own number and its parent's in
TXA-13, T10 a replacement. The parent is never sent again under its own number. How messages travel
is in the actions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import hl7

from review.release import letter

Trigger = Literal["T02", "T06", "T10"]

# HL7 table 0270: progress note, and the closest there is to a visit that was spoken.
DOCUMENT_TYPES = {"DICTATION": "PN", "CONVERSATION": "CN"}
# HL7 table 0271: legally authenticated; authenticated by the first of two signers.
COMPLETION = {"co-signed": "LA", "author-attested": "LA", "amended": "LA", "reviewed": "AU"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An acknowledgment: MSA-1 (AA, AE, AR, CA, CE, CR), the control id it answers, and a code.

    Free text of the receiver is left out on purpose: it may repeat what was sent.
    """

    code: str
    control_id: str
    error: str

    @property
    def accepted(self) -> bool:
        return self.code in ("AA", "CA")


def message(
    doc: Mapping[str, Any],
    *,
    signature: Mapping[str, str],
    trigger: Trigger,
    control_id: str,
    sent_at: datetime,
    text: str,
    parent: str | None = None,
    sender: tuple[str, str] = ("COUNTERSIGN", ""),
    receiver: tuple[str, str] = ("", ""),
) -> str:
    """The message, segments ended by carriage returns.

    `control_id` has at most 20 characters and is the same at each attempt, so that a receiver sees
    a repeat; `text` is the printed text copy; `parent` is the document id that an addendum adds to
    or a replacement replaces. `sender` and `receiver` are (application, facility). ValueError when
    the signature is not that of `doc`, or when a parent is missing or too many.
    """
    letter.check(doc, signature)
    if (trigger == "T02") != (parent is None):
        raise ValueError("an original has no parent, and everything else has one")
    now, signed = _time(sent_at), _time(datetime.fromisoformat(doc["signed_at"]))
    names = [*map(_text, sender), *map(_text, receiver)]
    header = ["MSH", r"^~\&", *names, now, "", f"MDM^{trigger}^MDM_T02", control_id, "P", "2.5.1"]
    header += ["", "", "AL", "AL", "", "UNICODE UTF-8"]
    rows = [
        header,
        ["EVN", trigger, now],
        _patient(doc),
        ["PV1", "1", "O"],
        _document(doc, trigger, parent, signed),
        *[
            ["OBX", str(number), "TX", "", str(number), _text(line), "", "", "", "", "", "F"]
            for number, line in enumerate(text.splitlines() or [""], 1)
        ],
    ]
    return "".join("|".join(row).rstrip("|") + "\r" for row in rows)


def answer(reply: str, control_id: str) -> Answer:
    """What the receiver said. ValueError when it is no acknowledgment of this message."""
    try:
        parsed = hl7.parse(reply)
        msa = parsed.segment("MSA")
        code, answers = str(msa[1]), str(msa[2])
    except (hl7.HL7Exception, KeyError, IndexError):
        raise ValueError("the answer is not an HL7 acknowledgment") from None
    if answers != control_id:
        raise ValueError("the answer is to another message")
    if code not in ("AA", "AE", "AR", "CA", "CE", "CR"):
        raise ValueError("the answer has no acknowledgment code")
    return Answer(code, answers, _error(parsed))


def _error(parsed: hl7.Message) -> str:
    """The HL7 error code of an ERR segment, "" without one."""
    try:
        return str(parsed.segment("ERR")[3][0][0])[:20]
    except (KeyError, IndexError):
        return ""


def _patient(doc: Mapping[str, Any]) -> list[str]:
    who = doc["patient"] or {}
    born = (who.get("birth_date") or "").replace("-", "")
    family, _, given = _text(letter.one_line(who.get("name"))).rpartition(" ")
    # Names come as they are written, given name first; without a space there is only one.
    name = f"{given}^{family}" if family else given
    number = _text(letter.one_line(who.get("mrn")))
    return ["PID", "1", "", f"{number}^^^^MR" if number else "", "", name, "", born]


def _document(
    doc: Mapping[str, Any], trigger: Trigger, parent: str | None, signed: str
) -> list[str]:
    """TXA, fields 1 to 22."""
    signer = doc["signer"]
    who = f"{_text(signer['licence'] or signer['id'])}^{_text(signer['name'])}"
    day = (doc["document"]["encounter_date"] or "").replace("-", "")[:8]
    fields = {
        1: "1",
        2: DOCUMENT_TYPES[doc["document"]["type"]],
        3: "TX",
        4: day,
        5: who,
        6: signed,
        7: signed,
        8: signed if trigger != "T02" else "",
        9: who,
        12: f"{doc['document']['id']}^COUNTERSIGN",
        13: f"{parent}^COUNTERSIGN" if parent else "",
        16: letter.file_name(doc, "txt", draft=False),
        17: COMPLETION.get(doc["meaning"], "AU"),
        18: "U",
        19: "AV",
        22: f"{who}^^^^^^^^^^^^^{signed}",
    }
    return ["TXA", *[fields.get(number, "") for number in range(1, 23)]]


def _text(value: str | None) -> str:
    """Text with HL7's own marks escaped (chapter 2.7) and nothing that ends a segment."""
    out = []
    for char in value or "":
        if char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif char.isprintable():
            out.append(char)
        elif char.isspace():
            out.append(" ")
    return "".join(out)


_ESCAPES = {"|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\\": "\\E\\"}


def _time(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a time of a message needs a time zone")
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S+0000")
