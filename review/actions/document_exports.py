"""Copies of documents: long ones made in the background, and all of a practice in a folder.

A file of the background that was made before something was added to the document, or whose reader
may not see the document any more, is not handed out. Each copy is on record when it leaves.
"""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import Count, QuerySet

from review import printing, queries
from review.actions import exports
from review.enums import Action
from review.models import Export, Review, Signature
from review.permissions import Permission
from review.policies import Refused
from transcripts import events
from transcripts.access import visible_recordings
from transcripts.models import Membership, Recording, User

FORMS = {"pdf": "PDF of a document", "docx": "Word copy of a document", "fhir": "FHIR document"}


def register() -> None:
    """Makes the kinds known; once, when the app starts."""
    for form, label in FORMS.items():
        exports.add(
            f"document-{form}",
            exports.Kind(
                label=label,
                make=_maker(form),
                permission=Permission.RELEASE,
                file_name=_file_name,
                content_type=printing.FORMS[form].content_type,
                released=_released,
            ),
        )


def request(*, review: Review, form: str, by: Membership) -> Export:
    """Asks for a copy. Refused when the person waits for too many already."""
    parameters = {"recording": str(review.recording_id), "form": form}
    return exports.request(
        kind=f"document-{form}", practice=by.practice, by=by.user, parameters=parameters
    )


def _maker(form: str) -> Callable[[Export, BinaryIO, exports.Progress], dict[str, Any]]:
    def make(export: Export, file: BinaryIO, progress: exports.Progress) -> dict[str, Any]:
        rows = Review.objects.select_related("practice", "recording__patient", "transcript__job")
        review = rows.get(recording=export.parameters["recording"], practice=export.practice_id)
        # Read before the copy is made: what is signed meanwhile makes the file an old one.
        found = {"signatures": review.signatures.count(), "final": printing.is_final(review)}
        found |= {"edit": review.edit_seq, "review": str(review.pk)}
        try:
            file.write(printing.made(review, form, progress))
        except ValueError:
            unverified(review, form, export.requested_by)
            raise
        return found

    return make


def _file_name(export: Export) -> str:
    final = export.found.get("final", False)
    return printing.file_name(export.found.get("review"), export.parameters["form"], final=final)


def _released(export: Export, by: User) -> None:
    """Records that the copy leaves. Refused when it must not."""
    member = Membership.objects.filter(
        user=by, practice=export.practice_id, disabled_at=None
    ).first()
    seen = visible_recordings(member).filter(pk=export.parameters["recording"])
    review = Review.objects.filter(recording__in=seen).select_related("recording").first()
    if review is None:
        raise Refused("You can no longer see this document.")
    now = (review.signatures.count(), review.edit_seq)
    if now != (export.found["signatures"], export.found["edit"]):
        raise Refused("The document has changed since this copy was made. Ask for it again.")
    action = Action.DOCUMENT_RELEASED if printing.is_final(review) else Action.DRAFT_RELEASED
    events.about(review.recording, action, by, form=export.parameters["form"])


def unverified(review: Review, form: str, by: User | None) -> None:
    """Nothing leaves that does not verify; that it was asked for stays on record."""
    with transaction.atomic():
        events.about(review.recording, Action.DOCUMENT_UNVERIFIED, by, form=form)


def signed(among: QuerySet[Recording], since: date | None = None) -> QuerySet[Review]:
    """Signed documents of these recordings, with `times` signed; those signed on a day or later."""
    rows = queries.signed().filter(recording__in=among).annotate(times=Count("signatures"))
    if since:
        late = Signature.objects.filter(signed_at__date__gte=since)
        rows = rows.filter(pk__in=late.values("review"))
    return rows.select_related("practice", "recording__patient", "transcript__job")


def kept_name(review: Review, form: str) -> str:
    """The name of a copy in a folder, of a review from `signed`: another when more is signed."""
    name = Path(printing.file_name(review.pk, form, final=True))
    return name.with_stem(f"{name.stem}-{review.times}").name


def keep(*, review: Review, form: str, target: Path, by: User) -> None:
    """Writes a copy of a signed document to `target`, readable by its owner alone. On record.

    Raises ValueError when a stored signature does not verify, which is recorded too, and OSError.
    """
    try:
        body = printing.made(review, form)
    except ValueError:
        unverified(review, form, by)
        raise
    part = target.with_name(f".{target.name}.part")
    with transaction.atomic():
        events.about(review.recording, Action.DOCUMENT_RELEASED, by, form=form)
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(body)
        part.rename(target)
