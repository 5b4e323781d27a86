"""What we have at AWS for a job: its names there, our copies in the bucket, and their removal.

`engine_state["remote"]` holds: label (names the AWS job and the folder of our copies), try (how
many labels were given up) and leaving (given-up labels whose copies are still to be removed).
Sending a job and taking its result live in remote.py.
"""

import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from transcripts import bell
from transcripts.engines.aws import RUNNING, TranscribeMedical
from transcripts.enums import LIVE_STATUSES, EngineName, JobStatus
from transcripts.models import MedicalTranscriptionJob

log = logging.getLogger(__name__)

# Workers of an ended job may be in the middle of an upload until their heartbeat tells them.
GRACE = timedelta(seconds=60)
TIDY_SECONDS = 60
TIDY_AT_ONCE = 5
# AWS tries its permission to write with the last of these and leaves it there.
COPIES = ("media", "vocabulary.txt", "result.json", ".write_access_check_file.temp")

_last: dict[str, float] = {}


def engine() -> TranscribeMedical:
    return TranscribeMedical(settings.AWS_REGION, settings.AWS_ENDPOINT)


def name(label: str) -> str:
    """The MedicalTranscriptionJobName."""
    return f"countersign-{label}"


def key(label: str, copy: str) -> str:
    """The key of one of COPIES in the practice's bucket."""
    return f"countersign-jobs/{label}/{copy}"


def new_label(job: MedicalTranscriptionJob) -> str:
    tries = noted_of(job).get("try", 0)
    return f"{job.pk}-{tries + 1}" if tries else str(job.pk)


def noted_of(job: MedicalTranscriptionJob) -> dict[str, Any]:
    return dict(job.engine_state.get("remote", {}))


def noted(job: MedicalTranscriptionJob, remote: dict[str, Any]) -> dict[str, Any]:
    """The whole engine_state with `remote` in it."""
    return job.engine_state | {"remote": remote}


def given_up(remote: dict[str, Any]) -> dict[str, Any]:
    """The next try has another label; what this one has at AWS is to be removed."""
    labels = [*remote.get("leaving", []), *([remote["label"]] if "label" in remote else [])]
    return {"try": remote.get("try", 0) + 1, "leaving": labels}


def ring() -> None:
    """Wakes a worker when copies are to be removed; the pulse may call it as often as it likes."""
    if _due("ring") and _untidy().exists():
        bell.ring()


def tidy(job: MedicalTranscriptionJob | None = None) -> None:
    """Removes our copies of ended jobs from the bucket and their entries at AWS.

    Of `job` if it has ended, and about once a minute of some that are left over: of cancelled jobs
    only when AWS is through with them, since it would write a result later. Never raises.
    """
    try:
        if job is not None and not settings.AWS_KEEP_COPIES:
            _tidy(job.pk)
        if _due("tidy"):
            for pk in list(_untidy().values_list("pk", flat=True)[:TIDY_AT_ONCE]):
                if _untidy().filter(pk=pk).update(served_at=Now()):
                    _tidy(pk)
    except Exception as error:
        log.warning("copies stay in a bucket for now (%s)", type(error).__name__)


def _due(what: str) -> bool:
    """Once a minute in each process: the search has no index."""
    now = time.monotonic()
    if settings.AWS_KEEP_COPIES or now - _last.get(what, -TIDY_SECONDS) < TIDY_SECONDS:
        return False
    _last[what] = now
    return True


def _untidy() -> QuerySet[MedicalTranscriptionJob]:
    """Ended jobs with copies that nobody looked after lately."""
    before = Now() - GRACE
    kept = Q(engine_state__remote__has_any_keys=["label", "leaving"])
    rows = MedicalTranscriptionJob.objects.filter(kept, engine=EngineName.AWS)
    rows = rows.exclude(status__in=LIVE_STATUSES).filter(completed_at__lt=before)
    return rows.filter(Q(served_at=None) | Q(served_at__lt=before)).order_by("served_at")


def _tidy(pk: UUID) -> None:
    job = _put_aside(pk)
    if job is None:
        return
    removed = []
    for label in noted_of(job)["leaving"]:
        if engine().state(name(label)).name not in RUNNING:
            keys = [key(label, copy) for copy in COPIES]
            engine().remove(name(label), job.practice.bucket, keys)
            removed.append(label)
    _note_removed(pk, removed)


def _put_aside(pk: UUID) -> MedicalTranscriptionJob | None:
    """The ended job with its label given up: started again it begins anew, with its own copies."""
    with transaction.atomic():
        job = _locked(pk)
        if job.status in LIVE_STATUSES or not job.engine_state.get("remote"):
            return None
        state = noted(job, given_up(noted_of(job)))
        if job.status == JobStatus.COMPLETED:
            state.pop("entities", None)  # they are in the transcript
        _save(job, state)
    return job


def _note_removed(pk: UUID, removed: Iterable[str]) -> None:
    with transaction.atomic():
        job = _locked(pk)
        remote = noted_of(job)
        left = [label for label in remote.pop("leaving", []) if label not in removed]
        _save(job, noted(job, remote | ({"leaving": left} if left else {})))


def _locked(pk: UUID) -> MedicalTranscriptionJob:
    rows = MedicalTranscriptionJob.objects.select_for_update(of=("self",))
    return rows.select_related("practice").get(pk=pk)


def _save(job: MedicalTranscriptionJob, state: dict[str, Any]) -> None:
    job.engine_state = state
    job.save(update_fields=["engine_state"])
