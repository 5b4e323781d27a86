"""Liveness and readiness answers for supervisors and load balancers."""

import logging
import os
from collections.abc import Callable

import redis
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from config import metrics
from transcripts import duties, workers

log = logging.getLogger(__name__)


class HealthChecks:
    """Answers these and /metrics before any session is looked up, which takes the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = {"/healthz": healthz, "/readyz": readyz}.get(request.path, self.get_response)
        if request.path == "/metrics" and metrics.allowed(request):
            answer = metrics.metrics
        return answer(request)


def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, Redis, storage and a worker answer, else 503; the parts are named.

    How the duties went is told beside, and decides nothing: a web process serves without them.
    """
    parts = {name: _answers(name, probe) for name, probe in PROBES.items()}
    ready = all(parts.values())
    body = {"ready": ready, "parts": {k: "ok" if v else "no answer" for k, v in parts.items()}}
    if parts["database"]:
        body["duties"] = duties.states()
    return JsonResponse(body, status=200 if ready else 503)


def _answers(name: str, probe: Callable[[], bool]) -> bool:
    try:
        return probe()
    except Exception as error:
        log.info("readiness: %s does not answer (%s)", name, type(error).__name__)
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _redis() -> bool:
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2
    ) as client:
        return bool(client.ping())


def _storage() -> bool:
    if isinstance(storages["default"], FileSystemStorage):
        return os.access(default_storage.location, os.R_OK | os.W_OK | os.X_OK)
    # Not whether an object exists: without its bucket none does, which says nothing.
    default_storage.connection.meta.client.head_bucket(Bucket=default_storage.bucket_name)
    return True


PROBES: dict[str, Callable[[], bool]] = {
    "database": _database,
    "redis": _redis,
    "storage": _storage,
    "worker": workers.any_alive,
}
