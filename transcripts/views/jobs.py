"""Retry and cancel of a transcription job."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from transcripts import queries
from transcripts.access import logged_in_script, may_upload, visible_recordings
from transcripts.actions import jobs
from transcripts.models import MedicalTranscriptionJob
from transcripts.views.answers import problem


@logged_in_script
@require_POST
def retry(request: HttpRequest, job_id: object) -> JsonResponse:
    return _act(request, job_id, jobs.retry)


@logged_in_script
@require_POST
def cancel(request: HttpRequest, job_id: object) -> JsonResponse:
    return _act(request, job_id, jobs.cancel)


def _act(request: HttpRequest, job_id: object, action: Callable[..., None]) -> JsonResponse:
    """200 with the job's JSON, 409 with a sentence when its state does not allow the action."""
    jobs_seen = MedicalTranscriptionJob.objects.filter(
        recording__in=visible_recordings(request.membership)
    )
    job = jobs_seen.filter(pk=job_id).first()
    if job is None:
        raise Http404
    if not may_upload(request.membership):
        raise PermissionDenied
    try:
        action(job=job, by=request.user)
    except jobs.Refused as refusal:
        return problem("refused", str(refusal), 409)
    job = queries.latest_job(job.recording)
    return JsonResponse({"job": queries.job_state(job)})
