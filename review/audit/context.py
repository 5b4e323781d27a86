"""Where an act came from: address, browser, request and session, for its audit rows."""

import hashlib
import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse

from review.enums import Action
from transcripts import events, trace, unavailable

NOWHERE: dict[str, Any] = {"ip": None, "user_agent": None, "request_id": None, "session": None}
NOT_DONE = "This could not be put on record, so it was not done. Try again in a moment."
NO_ENTRIES = (
    "If it happens again, tell whoever operates this system that the audit log takes no entries."
)
TOO_LARGE = "This is more than is taken at once. Send it in parts."
log = logging.getLogger(__name__)
_current: ContextVar[dict[str, Any]] = ContextVar("audit_request", default=NOWHERE)


def current() -> dict[str, Any]:
    """The request part of an audit row; all None outside a request."""
    return dict(_current.get())


def remember(ip: str | None, user_agent: str) -> None:
    """Notes where a connection comes from, for all audit rows of the task that serves it."""
    where = {"ip": ip, "user_agent": user_agent[:200] or None, "request_id": uuid4().hex}
    _current.set(NOWHERE | where)
    trace.begin(request=where["request_id"])


class RequestContext:
    """Remembers the request for its audit rows, and records every denial.

    A script gets the denial's sentence as JSON, a person the page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # AWS clients' calls have none (see config.aws).
        session = request.session.session_key if hasattr(request, "session") else None
        where = {
            "ip": request.META.get("REMOTE_ADDR") or None,
            "user_agent": request.headers.get("User-Agent", "")[:200] or None,
            "request_id": uuid4().hex,
            "session": session and hashlib.sha256(session.encode()).hexdigest()[:16],
        }
        token = _current.set(where)
        try:
            with trace.about(request=where["request_id"]):
                return self.get_response(request)
        finally:
            _current.reset(token)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, events.NotRecorded):
            return _unavailable(request)
        if isinstance(exception, RequestDataTooBig):
            return JsonResponse({"error": "too_large", "message": TOO_LARGE}, status=413)
        if not isinstance(exception, PermissionDenied):
            return None
        route = request.resolver_match.url_name if request.resolver_match else None
        events.emit(
            events.Event(
                action=Action.ACCESS_DENIED,
                practice_id=request.practice and request.practice.pk,
                by=request.user,
                object_type="Page",
                outcome="denied",
                detail={"route": route},
            )
        )
        if request.accepts("text/html"):
            return None
        return JsonResponse({"error": "denied", "message": str(exception)}, status=403)


def _unavailable(request: HttpRequest) -> HttpResponse:
    """What can't be recorded does not happen: 503, and what to do."""
    log.error("the audit log takes no rows")
    return unavailable.answer(request, "not_recorded", NOT_DONE, NO_ENTRIES)
