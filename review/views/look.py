"""Moving the line of a review: which unsure words are shown as marks."""

import json
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from review import queries, wire
from review.actions.look import set_look
from review.permissions import Permission, check
from review.policies import Refused
from transcripts.access import logged_in_script
from transcripts.views.answers import problem


@logged_in_script
@require_POST
def look(request: HttpRequest, recording_id: UUID) -> JsonResponse:
    """{"below": 0.85}. 200 {"review"}, 403 with a sentence, 422 when it is no share."""
    check(request.membership, Permission.VIEW)
    review = queries.review_or_404(request.membership, recording_id)
    check(request.membership, Permission.EDIT)
    try:
        below = Decimal(str(float(json.loads(request.body)["below"]))).quantize(Decimal("0.01"))
        if below.is_nan():
            raise ValueError
    except (ValueError, TypeError, KeyError, InvalidOperation, RecursionError):
        sentence = "The line could not be understood. Reload the page."
        return problem("malformed", sentence, 422)
    try:
        review = set_look(review=review, below=below, by=request.membership)
    except Refused as reason:
        return problem("refused", str(reason), 403)
    return JsonResponse({"review": wire.review(review, request.membership)})
