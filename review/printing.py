"""The forms in which a document leaves: how each is made, its type, and the name of its file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from review import copies
from review.enums import FINAL
from review.models import Review
from review.release import captions, docx, letter, pdf, text, words

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSON = "application/json"
# Told how many pieces of how many are done.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Form:
    """`slow`: so many words of it take about a second; None where no length that occurs does.

    `make` is given the review, and `progress` where it is slow.
    """

    make: Callable[..., Any]
    content_type: str
    suffix: str
    kind: str = ""
    signed_only: bool = False
    slow: int | None = None


def _letter(render: Callable[..., Any]) -> Callable[..., Any]:
    """A copy under the letterhead, with all that was signed later."""

    def made(review: Review, **more: Any) -> Any:
        document, signature, follow_ups = copies.copy_of(review)
        head = copies.letterhead(review)
        return render(document, signature=signature, follow_ups=follow_ups, head=head, **more)

    return made


def _spoken(render: Callable[..., Any]) -> Callable[[Review], Any]:
    """A copy of what was said, which nothing signed later changes."""

    def made(review: Review) -> Any:
        document, signature, _ = copies.copy_of(review)
        return render(document, signature=signature)

    return made


def _pdf(review: Review, **more: Any) -> bytes:
    """The letter, and in it the signed package that it was printed from."""
    document, signature, follow_ups = copies.copy_of(review)
    return pdf.render(
        document,
        signature=signature,
        follow_ups=follow_ups,
        head=copies.letterhead(review),
        signed=copies.proof(review, later_keys=False) if signature else b"",
        **more,
    )


def _fhir(review: Review, progress: Progress) -> bytes:
    progress(0, 1)
    return copies.fhir_bundle(review)


FORMS: dict[str, Form] = {
    "pdf": Form(_pdf, "application/pdf", "pdf", slow=20_000),
    "txt": Form(_letter(text.render), "text/plain; charset=utf-8", "txt"),
    "docx": Form(_letter(docx.render), WORD, "docx", slow=40_000),
    "srt": Form(_spoken(captions.srt), "application/x-subrip; charset=utf-8", "srt"),
    "vtt": Form(_spoken(captions.vtt), "text/vtt; charset=utf-8", "vtt"),
    "csv": Form(_spoken(words.render), "text/csv; charset=utf-8", "csv"),
    "aws": Form(copies.aws_json, JSON, "json", "aws"),
    "deidentified": Form(
        copies.deidentified_copy, "text/plain; charset=utf-8", "txt", "deidentified"
    ),
    "fhir": Form(_fhir, "application/fhir+json", "json", "fhir", signed_only=True, slow=40_000),
    "proof": Form(copies.proof, JSON, "json", "signed", signed_only=True),
}


def file_name(review_id: object, form: str, *, final: bool) -> str:
    """A name that says nothing about the patient."""
    how = FORMS[form]
    name = letter.file_name({"document": {"id": str(review_id)}}, how.suffix, draft=not final)
    return name.replace(".", f"-{how.kind}.", 1) if how.kind else name


def takes_long(review: Review, form: str) -> bool:
    """Whether making this copy would take more than about a second. One query."""
    slow = FORMS[form].slow
    return slow is not None and copies.word_count(review) > slow


def made(review: Review, form: str, progress: Progress = lambda done, total: None) -> bytes:
    """The copy. ValueError when a stored signature does not verify."""
    how = FORMS[form]
    body = how.make(review) if how.slow is None else how.make(review, progress=progress)
    return body.encode() if isinstance(body, str) else body


def is_final(review: Review) -> bool:
    return review.state in FINAL
