"""Whether what is stored of a signed document is still what was signed.

Copies are printed from the signed bytes, so none of this changes them; it tells the reader of the
page, and whoever runs `manage.py verify_documents`, that somebody went behind the program's back.
"""

import hashlib

from django.core.files.storage import default_storage

from review import copies, documents
from review.enums import FINAL
from review.models import Review, Signature
from transcripts import media

SIGNATURE = "signature {} is not one of this document"
PARTS = {
    "segments": "the text is not the one that was signed",
    "words": "words, their times or their confidence are not those that were signed",
    "patient": "the patient is not the one of the signed document",
    "document": "what the recording is about is not what was signed",
    "audio": "the recording is not the one that was signed",
}
BLOCK = 1 << 20


def problems(review: Review) -> list[str]:
    """What of a signed document's rows is not as it was signed, in words; none while unsigned.

    `review` comes with recording, patient, practice and transcript (see queries.review_or_404).
    """
    if review.state not in FINAL:
        return []
    found = []
    for signature in review.signatures.select_related("key").order_by("number"):
        try:
            copies.verified(signature)
        except copies.Unverified:
            found.append(SIGNATURE.format(signature.number))
    try:
        signed, stored = documents.content(review), documents.build(review)
    except (Signature.DoesNotExist, ValueError):  # no author's signature; words that are not theirs
        return [*found, PARTS["words"]]
    return found + [said for part, said in PARTS.items() if signed.get(part) != stored[part]]


def audio_problem(review: Review) -> str:
    """As above for the stored audio, which is read to its end; "" when it holds or was removed."""
    recording = review.recording
    if review.state not in FINAL or media.removed(recording):
        return ""
    read = hashlib.sha256()
    try:
        with default_storage.open(recording.media) as file:
            while block := file.read(BLOCK):
                read.update(block)
    except (*media.UNREADABLE, FileNotFoundError):
        return "the audio can't be read, or was altered"
    # That the row says what was signed, problems() tells.
    return "" if read.hexdigest() == recording.sha256 else PARTS["audio"]
