"""Documents on their way out: signed ones as they were signed, unsigned ones marked as drafts."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from review import documents, queries
from review.enums import Action, State
from review.models import Signature
from review.permissions import Permission, check
from review.release import canonical, letter, pdf, text
from transcripts import events

FORMS = {
    "txt": (text.render, "text/plain; charset=utf-8"),
    "pdf": (pdf.render, "application/pdf"),
}


@login_required
@require_GET
def document(request: HttpRequest, recording_id: UUID, form: str) -> HttpResponse:
    """The document as a file. Its name holds no patient data; the release is recorded first."""
    if form not in FORMS:
        raise Http404
    check(request.membership, Permission.RELEASE)
    review = queries.review_or_404(request.membership, recording_id)
    if review.state == State.WAITING:
        raise Http404
    signature = review.signatures.select_related("key", "signer").order_by("number").last()
    if signature and not canonical.verify(
        signature.document.encode(), signature.signature, signature.key.public_key
    ):
        raise SuspiciousOperation("the stored signature does not verify")
    with transaction.atomic():
        content = json.loads(signature.document) if signature else documents.build(review)
        action = Action.DOCUMENT_RELEASED if signature else Action.DRAFT_RELEASED
        events.about(review.recording, action, request.user, form=form)
    render, content_type = FORMS[form]
    body = render(content, signature=signature and _block(signature, content))
    name = letter.file_name(content, form, draft=signature is None)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type=content_type, headers=headers)


def _block(signature: Signature, content: dict[str, Any]) -> dict[str, str]:
    """What a printed signature says, from the signed bytes themselves."""
    return {
        "signer": content["signer"]["name"],
        "title": content["signer"]["title"],
        "licence": content["signer"]["licence"],
        "signed_at": content["signed_at"],
        "meaning": content["meaning"],
        "attestation": content["attestation"],
        "sha256": signature.sha256,
        "key_id": signature.key.key_id,
        "signature": signature.signature,
    }
