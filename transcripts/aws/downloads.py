"""Results and vocabulary tables behind expiring links, for clients of a site without S3.

The link names no patient, no file and no job; who follows it within its quarter of an hour acts for
the access key that asked for it.
"""

from uuid import UUID

from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from transcripts import buckets, events
from transcripts.aws import callers, deliveries, places, vocabularies
from transcripts.enums import Action
from transcripts.models import AccessKey, MedicalTranscriptionJob, MedicalVocabulary

LARGEST_RESULT = 512 * 1024 * 1024


@require_GET
def result(request: HttpRequest, token: str) -> HttpResponse:
    """The result object of a job. Fetching it is recorded: it holds what was said."""
    opened = _opened(token, deliveries.SALT)
    if opened is None:
        return _nothing()
    job_id, key = opened
    job = MedicalTranscriptionJob.objects.select_related("recording").filter(
        pk=job_id, practice=key.practice, hidden_at__isnull=True
    )
    found = job.first()
    if found is None:
        return _nothing()
    try:
        content = buckets.read(places.result_place(found.request), limit=LARGEST_RESULT)
    except buckets.Missing:
        return _nothing()
    with transaction.atomic():
        events.about(found.recording, Action.RESULT_FETCHED, key.user, job=str(found.pk))
    return HttpResponse(content, content_type="application/json")


@require_GET
def vocabulary(request: HttpRequest, token: str) -> HttpResponse:
    """The table of a vocabulary as it was given."""
    opened = _opened(token, vocabularies.SALT)
    if opened is None:
        return _nothing()
    vocabulary_id, key = opened
    row = MedicalVocabulary.objects.filter(pk=vocabulary_id, practice=key.practice).first()
    if row is None:
        return _nothing()
    callers.report_read(key, Action.VOCABULARY_VIEWED, MedicalVocabulary.__name__, [row.pk])
    return HttpResponse(row.content, content_type="text/plain; charset=utf-8")


def _nothing() -> HttpResponse:
    """404, and no line in the log: Django's would hold the link, which may open the result yet."""
    response = HttpResponse("There is nothing here.", status=404, content_type="text/plain")
    response._has_been_logged = True
    return response


def _opened(token: str, salt: str) -> tuple[UUID, AccessKey] | None:
    """What the link is for and the key it was made under; None unless both are still good."""
    try:
        target, key_id = signing.loads(token, salt=salt, max_age=deliveries.LINK_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    key = callers.usable_key(pk=key_id)
    return (UUID(target), key) if key else None
