"""What every printed copy of a document says: heading, paragraphs, signature, names of codes.

Pure, and without a form: text.py and pdf.py draw what stands here, so two copies of one document
never differ in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from review.release.canonical import canonical_bytes, digest

DRAFT = "DRAFT — NOT FOR PATIENT CARE"
NOT_SIGNED = "Not signed. This copy has not been attested by a clinician and may contain errors."

# A pause of this many seconds, or this many characters, begins a new paragraph.
PAUSE = Decimal("2.5")
LONG = 800

_LABELS = {
    "DICTATION": "Dictation",
    "CONVERSATION": "Conversation",
    "FAMILYMEDICINE": "Family medicine",
    "INTERNALMEDICINE": "Internal medicine",
    "OBGYN": "OB-GYN",
    "PEDIATRICS": "Pediatrics",
    "PRIMARYCARE": "Primary care",
    "author-attested": "Attested by the author",
    "reviewed": "Reviewed",
    "co-signed": "Co-signed",
    "amended": "Amended",
    "rejected": "Rejected",
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text of one speaker without a long pause; `speaker` only where it changes."""

    speaker: str | None
    time: str
    text: str


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands at the head of a practice's letters; `logo` is a PNG, or empty."""

    name: str
    address: str = ""
    phone: str = ""
    logo: bytes = b""


# A later signature: its document, and its block as for text.render.
FollowUp = tuple[Mapping[str, Any], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Addition:
    """What was signed after the document, as it is printed; `text` holds paragraphs, if any."""

    title: str
    reason: str
    text: list[str]
    lines: list[tuple[str, str]]


def check(
    doc: Mapping[str, Any],
    signature: Mapping[str, str] | None,
    follow_ups: Sequence[FollowUp] = (),
) -> None:
    """ValueError when a signature would be printed under a document it does not belong to."""
    if signature is None:
        if follow_ups:
            raise ValueError("nothing follows a document that is not signed")
        return
    for each, block in [(doc, signature), *follow_ups]:
        if each.get("draft") or digest(canonical_bytes(each)) != block["sha256"]:
            raise ValueError("the signature is not that of this document")


def additions(follow_ups: Sequence[FollowUp]) -> list[Addition]:
    """Co-signatures, reviews, addenda and amendments, in the order they were signed."""
    return [
        Addition(
            title=one_line(each["document"]["title"]),
            reason=one_line(each["reason"]),
            text=[paragraph.text for paragraph in paragraphs(each)],
            lines=signature_lines(each, block),
        )
        for each, block in follow_ups
    ]


def notice(follow_ups: Sequence[FollowUp]) -> str:
    """What stands at the head of a document that was added to or amended; "" for others."""
    kinds = [each["kind"] for each, _ in follow_ups]
    if "amendment" in kinds:
        last = next(each for each, _ in reversed(follow_ups) if each["kind"] == "amendment")
        return (
            f"AMENDED {day(last['signed_at'])}. The amendment follows the signature and stands in "
            "place of the text below, which is kept as it was signed."
        )
    if "addendum" in kinds:
        count = kinds.count("addendum")
        follows = "An addendum follows" if count == 1 else f"{count} addenda follow"
        return f"{follows} the signature and belong{'s' if count == 1 else ''} to this document."
    return ""


def file_name(doc: Mapping[str, Any], suffix: str, *, draft: bool) -> str:
    """A name for the file that says nothing about the patient: "document-<id>-draft.pdf"."""
    return f"document-{doc['document']['id']}{'-draft' if draft else ''}.{suffix}"


def letterhead(doc: Mapping[str, Any], head: Letterhead | None) -> list[str]:
    """The lines at the head of a letter: the practice's name first."""
    if head is None:
        return [one_line(doc["practice"]["name"])]
    lines = [head.name, *head.address.splitlines(), head.phone and f"Tel. {head.phone}"]
    return [*filter(None, map(one_line, lines))]


def kind(doc: Mapping[str, Any]) -> list[str]:
    """The line under the title: type and specialty in words; none when the title says both."""
    parts = [label(doc["document"]["type"]), label(doc["document"]["specialty"])]
    title = doc["document"]["title"].casefold()
    return [] if all(part.casefold() in title for part in parts) else [" · ".join(parts)]


def label(code: str) -> str:
    """A code in words; an unknown one as plain words rather than an error."""
    return _LABELS.get(code) or code.replace("_", " ").capitalize()


def patient(doc: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who the document is about, as (label, value)."""
    who = doc["patient"] or {}
    return [
        ("Patient", one_line(who.get("name")) or "Not assigned"),
        ("Born", day(who.get("birth_date"))),
        ("MRN", one_line(who.get("mrn")) or "—"),
    ]


def encounter(doc: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where the document comes from, as (label, value)."""
    return [
        ("Encounter", day(doc["document"]["encounter_date"])),
        ("Author", one_line(doc["author"]) or "—"),
        ("Recording", clock(doc["document"]["duration"]) + " min"),
    ]


def paragraphs(doc: Mapping[str, Any]) -> list[Paragraph]:
    """The spoken text. Segments of one speaker run on until a dictated paragraph or a pause."""
    if "segments" not in doc:
        lines = map(one_line, (doc["text"] or "").splitlines())
        return [Paragraph(None, "", line) for line in lines if line]
    made: list[Paragraph] = []
    voice_before: str | None = None
    end = Decimal(0)
    for segment in doc["segments"]:
        text = one_line(segment["text"])
        if not text:
            continue
        speaker, start = voice(segment), Decimal(segment["start"])
        same = bool(made) and speaker == voice_before
        runs_on = same and not segment["paragraph"]
        if runs_on and start - end < PAUSE and len(made[-1].text) < LONG:
            last = made.pop()
            made.append(Paragraph(last.speaker, last.time, f"{last.text} {text}"))
        else:
            made.append(Paragraph(None if same else speaker, clock(segment["start"]), text))
        voice_before, end = speaker, Decimal(segment["end"])
    return made


def signature_lines(doc: Mapping[str, Any], signature: Mapping[str, str]) -> list[tuple[str, str]]:
    """The signature block, as (label, value)."""
    who = [signature["signer"], signature["title"]]
    lines = [("Signed by", ", ".join(filter(None, map(one_line, who))))]
    if signature.get("licence"):
        lines.append(("Licence", one_line(signature["licence"])))
    lines += [
        ("Signed at", moment(signature["signed_at"])),
        ("Meaning", _LABELS.get(signature["meaning"], one_line(signature["meaning"]))),
        ("Statement", one_line(signature["attestation"])),
    ]
    if attention := doc.get("attention"):
        lines += [("Checked", checked(attention))]
    if doc["prior_signature"]:
        lines.append(("Follows", f"signed document with SHA-256 {doc['prior_signature']}"))
    return [*lines, ("SHA-256", signature["sha256"]), ("Key", f"Ed25519 {signature['key_id']}")]


def checked(attention: Mapping[str, Any]) -> str:
    """How the document was checked, in one sentence part (see documents.attention)."""
    share = round(100 * float(attention["heard"]))
    return (
        f"By the signer: {share} % of the audio played, at {attention['rate']}× speed; "
        f"{attention['confirmed']} marked passages confirmed, {attention['corrected']} corrected; "
        f"{attention['minutes']} minutes of work"
    )


def draft_note(doc: Mapping[str, Any]) -> str:
    """What stands where the signature would be."""
    if doc.get("awaiting"):
        return f"Not final. Its author has signed it; {doc['awaiting']} is still awaited."
    left = sum(flag["state"] == "open" for flag in doc["flags"])
    if not left:
        return NOT_SIGNED
    return (
        f"{NOT_SIGNED} {left} {'passage is' if left == 1 else 'passages are'} still to be checked."
    )


def one_line(text: str | None) -> str:
    """Text with single spaces and no line breaks; "" for None."""
    return " ".join((text or "").split())


def clock(seconds: str | None) -> str:
    """Decimal seconds as 0:09 or 1:02:03."""
    total = int(Decimal(seconds or "0"))
    hours, rest = divmod(total, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def day(iso: str | None) -> str:
    """A date no country reads differently: 04 Mar 1961. "—" when there is none."""
    return date.fromisoformat(iso[:10]).strftime("%d %b %Y") if iso else "—"


def moment(iso: str) -> str:
    """A moment with its zone: 24 Nov 2025, 11:19:05 UTC, or UTC-05:00."""
    when = datetime.fromisoformat(iso)
    if when.tzinfo is None:
        raise ValueError("a signing time needs a time zone")
    zone = str(UTC) if not when.utcoffset() else str(when.tzinfo)
    return f"{when:%d %b %Y, %H:%M:%S} {zone}"


def voice(segment: Mapping[str, Any]) -> str | None:
    """Who speaks in a segment, as it is printed; None when that was not asked for."""
    speaker, channel = segment["speaker"], segment["channel"]
    if speaker:
        number = speaker.removeprefix("spk_")
        return f"Speaker {int(number) + 1}" if number.isdecimal() else one_line(speaker)
    return None if channel is None else f"Channel {channel + 1}"
