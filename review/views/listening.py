"""What was played in this browser, and the clinical entities beside the text."""

import json
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from review import entities as panels
from review import queries
from review.actions import plays, safety
from review.enums import Action
from review.permissions import Permission, check
from review.policies import Refused
from transcripts import events
from transcripts.access import logged_in_script
from transcripts.engines.base import EngineError
from transcripts.engines.entities import NotAvailable
from transcripts.language import language
from transcripts.views.answers import problem


@logged_in_script
@require_POST
def played(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    """{"played": [{"from", "to", "rate"}]} in seconds. 200 {"kept"}, 403 with a sentence, 422."""
    check(request.membership, Permission.VIEW)
    review = queries.review_or_404(request.membership, recording_id)
    check(request.membership, Permission.EDIT)
    try:
        given = json.loads(request.body)["played"]
        stretches = [
            plays.Stretch(float(one["from"]), float(one["to"]), float(one["rate"])) for one in given
        ]
    except (ValueError, TypeError, KeyError, RecursionError):
        sentence = "The report could not be understood. Reload the page."
        return problem("malformed", sentence, 422)
    try:
        kept = plays.report(review=review, stretches=stretches, by=request.membership)
    except Refused as reason:
        return problem("refused", str(reason), 403)
    return JsonResponse({"kept": kept})


@logged_in_script
@require_GET
def entities(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    """The panel of the text as it stands: {"engine", "groups", "notes"}; 502 when AWS is away."""
    check(request.membership, Permission.VIEW)
    review = queries.review_or_404(request.membership, recording_id)
    engine = language()
    try:
        document = safety.read(review, engine.detect_entities_v2)
        groups = panels.panel(document, engine.infer_icd10_cm)
    except EngineError as error:
        return problem("engine", error.reason, 502)
    with transaction.atomic():
        events.about(review.recording, Action.ENTITIES_VIEWED, request.user)
    return JsonResponse({"engine": engine.name, "groups": groups, "notes": _notes(engine)})


def _notes(engine: object) -> list[str]:
    """What the panel says of itself."""
    notes = [
        "Found by terms and rules, as an aid to reading. Codes are candidates, never for billing.",
        "Health information is marked, not removed.",
    ]
    if engine.name == "local":
        for method in (engine.infer_rx_norm, engine.infer_snomedct):
            try:
                method("")
            except NotAvailable as missing:
                notes.append(str(missing))
    return notes
