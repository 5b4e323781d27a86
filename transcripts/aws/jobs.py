"""Start, get, list and delete transcription jobs, with the rules beyond the model's shapes."""

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from transcripts import statements
from transcripts.actions import jobs as actions
from transcripts.aws import callers, deliveries, intake, pages, places, shapes
from transcripts.aws.callers import Caller
from transcripts.aws.errors import bad_request, conflict
from transcripts.enums import Action, JobStatus, VocabularyState
from transcripts.models import MedicalTranscriptionJob, MedicalVocabulary

LANGUAGE = "en-US"
NOT_FOUND = "The requested job couldn't be found. Check the job name and try your request again."
# Clients ask this over and over until their job is done: as SQL for the sake of speed.
GET = """
SELECT j.*, r.sample_rate AS found_rate, r.media_format AS found_format,
    r.patient_id AS found_patient
FROM transcripts_medicaltranscriptionjob j
LEFT JOIN transcripts_recording r ON r.id = j.recording_id
WHERE j.practice_id = %s AND j.name = %s AND j.request IS NOT NULL AND j.hidden_at IS NULL
"""
PAIRS = (("ShowSpeakerLabels", "MaxSpeakerLabels"), ("ShowAlternatives", "MaxAlternatives"))


def start(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    check_name(request["MedicalTranscriptionJobName"], "medicalTranscriptionJobName")
    check_language(request["LanguageCode"])
    check_settings(request.get("Settings", {}))
    if "MediaFileUri" not in request["Media"]:
        raise shapes.invalid(
            "Value null at 'media.mediaFileUri' failed to satisfy constraint: "
            "Member must not be null"
        )
    tags = unique_tags(request.get("Tags", []))
    media = places.readable(caller, request["Media"]["MediaFileUri"])
    places.output(caller, request)
    vocabulary = vocabulary_named(caller, request.get("Settings", {}).get("VocabularyName"))
    try:
        job = intake.expect(
            practice=caller.practice,
            by=caller.user,
            media=media,
            request=actions.Request(
                settings=request.get("Settings", {}),
                content_identification=request.get("ContentIdentificationType", ""),
                vocabulary=vocabulary,
                name=request["MedicalTranscriptionJobName"],
                start_request=request,
                access_key=caller.key,
                tags=tags,
            ),
        )
    except intake.NameTaken:
        raise conflict("The requested job name already exists. Use a different job name.") from None
    job.found_rate = job.found_format = None
    return {"MedicalTranscriptionJob": describe(job)}


def get(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    values = [caller.key.practice_id, request["MedicalTranscriptionJobName"]]
    job = next(iter(statements.of_model(MedicalTranscriptionJob, GET, values)), None)
    if job is None:
        raise bad_request(NOT_FOUND)
    described = describe(job)
    if deliveries.status(job) == JobStatus.COMPLETED:
        uri = deliveries.result_uri(job, caller)
        described["Transcript"] = {"TranscriptFileUri": uri}
    callers.report_read(
        caller.key, Action.JOB_VIEWED, type(job).__name__, [job.pk], job.found_patient
    )
    return {"MedicalTranscriptionJob": described}


def list_(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    rows = visible(caller)
    if "Status" in request:
        rows = rows.filter(deliveries.having_status(JobStatus(request["Status"])))
    if "JobNameContains" in request:
        rows = rows.filter(name__icontains=request["JobNameContains"])
    found, token = pages.page(caller, rows, request, kind="jobs")
    echo = {"Status": request["Status"]} if "Status" in request else {}
    summaries = [_summary(job) for job in found]
    shown = [job.pk for job in found]
    callers.report_read(caller.key, Action.JOBS_LISTED, MedicalTranscriptionJob.__name__, shown)
    return echo | token | {"MedicalTranscriptionJobSummaries": summaries}


def delete(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    job = find(caller, request["MedicalTranscriptionJobName"])
    if job is None:
        raise bad_request(NOT_FOUND)
    if not intake.hide(job=job, by=caller.user):
        raise bad_request(
            "The job can't be deleted because it's in progress. Wait until the job has completed "
            "or failed and try your request again."
        )
    return {}


def visible(caller: Caller) -> QuerySet[MedicalTranscriptionJob]:
    """The jobs that AWS clients of the caller's practice started and did not delete."""
    return MedicalTranscriptionJob.objects.filter(
        practice=caller.key.practice_id, request__isnull=False, hidden_at__isnull=True
    ).annotate(found_rate=F("recording__sample_rate"), found_format=F("recording__media_format"))


def find(caller: Caller, name: str) -> MedicalTranscriptionJob | None:
    return visible(caller).filter(name=name).first()


def describe(job: MedicalTranscriptionJob) -> dict[str, Any]:
    """AWS's MedicalTranscriptionJob, without its Transcript. Absent members are left out.

    `job` carries found_rate and found_format, what probing found, as `visible` adds them.
    """
    asked = job.request
    described = {
        "MedicalTranscriptionJobName": job.name,
        "TranscriptionJobStatus": deliveries.status(job),
        "LanguageCode": asked["LanguageCode"],
        "MediaSampleRateHertz": job.found_rate or asked.get("MediaSampleRateHertz"),
        "MediaFormat": asked.get("MediaFormat") or job.found_format,
        "Media": asked["Media"],
        **_times(job),
        "FailureReason": deliveries.failure_reason(job),
        "Settings": {"ChannelIdentification": False, "ShowAlternatives": False} | job.settings,
        "ContentIdentificationType": job.content_identification or None,
        "Specialty": asked["Specialty"],
        "Type": asked["Type"],
        "Tags": tag_list(job.tags) or None,
    }
    return present(described)


def _summary(job: MedicalTranscriptionJob) -> dict[str, Any]:
    summary = {
        "MedicalTranscriptionJobName": job.name,
        **_times(job),
        "LanguageCode": job.request["LanguageCode"],
        "TranscriptionJobStatus": deliveries.status(job),
        "FailureReason": deliveries.failure_reason(job),
        "OutputLocationType": "CUSTOMER_BUCKET",
        "Specialty": job.request["Specialty"],
        "ContentIdentificationType": job.content_identification or None,
        "Type": job.request["Type"],
    }
    return present(summary)


def _times(job: MedicalTranscriptionJob) -> dict[str, datetime | None]:
    ended = deliveries.status(job) in (JobStatus.COMPLETED, JobStatus.FAILED)
    return {
        "StartTime": job.started_at,
        "CreationTime": job.created_at,
        "CompletionTime": job.completed_at if ended else None,
    }


def present(members: dict[str, Any]) -> dict[str, Any]:
    """The members that are there; AWS leaves absent ones out and never writes null."""
    return {name: value for name, value in members.items() if value is not None}


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def unique_tags(tags: list[dict[str, str]]) -> dict[str, str]:
    """Tags by key. BadRequestException for a key given twice, or one that AWS keeps to itself."""
    named = {tag["Key"]: tag["Value"] for tag in tags}
    if len(named) != len(tags):
        raise bad_request("The tag keys must be unique. Check the tags and try your request again.")
    if any(key.lower().startswith("aws:") for key in named):
        raise bad_request("A tag key can't start with 'aws:'. Use a different key.")
    return named


def check_name(name: str, path: str) -> None:
    if name in (".", ".."):
        raise shapes.invalid(shapes.problem(path, name, "Member must not be '.' or '..'"))


def check_language(code: str) -> None:
    if code != LANGUAGE:
        constraint = f"Member must satisfy enum value set: [{LANGUAGE}]"
        raise shapes.invalid(shapes.problem("languageCode", code, constraint))


def check_settings(settings: dict[str, Any]) -> None:
    """AWS's rules between the members of Settings; BadRequestException where one is broken."""
    for flag, number in PAIRS:
        if settings.get(flag) and number not in settings:
            raise bad_request(f"You must specify {number} when {flag} is set to true.")
        if number in settings and not settings.get(flag):
            raise bad_request(f"You can specify {number} only when {flag} is set to true.")
    if settings.get("ShowSpeakerLabels") and settings.get("ChannelIdentification"):
        raise bad_request(
            "You can't set both ShowSpeakerLabels and ChannelIdentification in one request. "
            "Choose one of them and try your request again."
        )


def vocabulary_named(caller: Caller, name: str | None) -> MedicalVocabulary | None:
    """The practice's vocabulary of this name, ready for use; BadRequestException for another."""
    if not name:
        return None
    vocabulary = MedicalVocabulary.objects.filter(practice=caller.practice, name=name).first()
    if vocabulary is None:
        raise bad_request(
            "The requested vocabulary couldn't be found. Check the vocabulary name and try your "
            "request again."
        )
    if vocabulary.state != VocabularyState.READY:
        raise bad_request(
            "The requested vocabulary isn't ready. Wait until its state is READY and try your "
            "request again."
        )
    return vocabulary
