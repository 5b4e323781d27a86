"""Plain values of a small and of a long document for the tests of release."""

from review.release.canonical import canonical_bytes, digest, document, new_key, sign
from review.timing import text_of, tokenise

SIGNING = {
    "signer": {
        "id": "u-1",
        "name": "Ana Reyes",
        "title": "MD, Family Medicine",
        "licence": "CA A-104233",
    },
    "signed_at": "2025-11-24T11:19:05.123456Z",
    "meaning": "Author: I dictated this and it is correct.",
    "attestation": "I have read this document and attest that it is accurate and complete.",
}


def segment(number, text, *, start=0.0, speaker=None):
    """A Segment dict of the review screen, half a second a word and 0.1 s between words."""
    items, at = [], start
    for n, (kind, content) in enumerate(tokenise(text)):
        said = kind == "pronunciation"
        items.append(
            {
                "id": f"m{n}" if number == 0 else f"m{number}-{n}",
                "type": kind,
                "content": content,
                "start": at if said else None,
                "end": at + 0.5 if said else None,
                "confidence": 0.43 if said else None,
                "by": "machine",
            }
        )
        at = round(at + 0.6, 3) if said else at
    return {
        "id": f"s{number}",
        "position": number,
        "start": start,
        "end": 6.1 if number == 0 else at,
        "speaker": speaker,
        "channel": None,
        "version": 1,
        "text": text_of(items),
        "items": items,
        "flags": [],
        "edited_by": None,
    }


def values(segments=None, **changes):
    """Keyword values for document()."""
    return {
        "document_id": "0198f1c2-77aa-7000-8000-0242ac120002",
        "recording_id": "0198f1c2-0000-7000-8000-0242ac120002",
        "job_name": "visit-77",
        "title": "Diabetes follow-up",
        "type": "DICTATION",
        "specialty": "FAMILYMEDICINE",
        "encounter_date": "2025-11-24",
        "duration": 56.61,
        "patient": {"mrn": "MRN-004821", "name": "Lena Müller", "birth_date": "1961-03-04"},
        "author": "Ana Reyes, MD",
        "practice_id": "p-1",
        "practice_name": "Lakeside Family Practice",
        "segments": segments or [segment(0, "Blood pressure was 120/80, A1c 7.9.")],
        "flags": [
            {
                "id": "f1",
                "items": ["m0"],
                "reason": "low_confidence",
                "state": "confirmed",
                "resolved_by": "u-1",
                "resolved_at": "2025-11-24T11:18:00Z",
            }
        ],
        "audio_sha256": "cd" * 32,
        "audio_duration": 56.61,
        "engine_name": "local",
        "engine_model": "tiny.en:1a2b3c4d",
        "review_id": "r-1",
        "threshold": 0.7,
        "last_edit_seq": 41,
        "audit_seq": 77,
        "audit_hash": "ab" * 32,
    } | changes


def signed(**changes):
    """A signed document and the signature dict that render() takes."""
    doc = document(**values(**changes), **SIGNING)
    private, _, key = new_key()
    data = canonical_bytes(doc)
    signer = doc["signer"]
    return doc, {
        "signer": signer["name"],
        "title": signer["title"],
        "licence": signer["licence"],
        "signed_at": doc["signed_at"],
        "meaning": doc["meaning"],
        "attestation": doc["attestation"],
        "sha256": digest(data),
        "key_id": key,
        "signature": sign(data, private),
    }


def visit(count=60):
    """Segments of a conversation of two, long enough for many pages."""
    said = (
        "Her A1c is 7.9%, glucose 140–160 mg/dL, temperature 37.2 °C, eGFR ≥ 60, TSH 2.1 µIU/mL. "
    )
    return [segment(n, said * 3, start=n * 60.0, speaker=f"spk_{n % 2}") for n in range(count)]
