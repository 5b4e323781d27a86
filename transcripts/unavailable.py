"""503: what can't be done right now, told to people, scripts and FHIR clients."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from psycopg_pool import PoolTimeout

RETRY_SECONDS = 30
BUSY = "Too much is going on at once, so nothing was done. Try again in a moment."


def is_busy(error: BaseException | None) -> bool:
    """Whether no connection of this process to the database came free in time."""
    return error is not None and isinstance(error.__cause__, PoolTimeout)


def answer(request: HttpRequest, code: str, message: str, remedy: str = "") -> HttpResponse:
    """`code` is for scripts, `remedy` for people whom trying again does not help. No queries."""
    if request.accepts("text/html"):
        page = render_to_string("503.html", {"message": message, "remedy": remedy})
        response = HttpResponse(page, status=503)
    elif request.path.startswith("/fhir/"):
        issue = {"severity": "error", "code": "transient", "diagnostics": message}
        outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
        response = JsonResponse(outcome, status=503, content_type="application/fhir+json")
    else:
        response = JsonResponse({"error": code, "message": message}, status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response
