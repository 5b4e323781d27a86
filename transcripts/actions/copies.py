"""What we have at AWS for a job or a shadow: names, our copies in the bucket, their removal.

`engine_state["remote"]` holds: label (names the AWS job and the folder of our copies), try (how
many labels were given up) and leaving (given-up labels whose copies are still to be removed).
Sending and taking the result live in remote.py.
"""

import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from transcripts import bell
from transcripts.engines.aws import RUNNING, TranscribeMedical
from transcripts.enums import LIVE_STATUSES, JobStatus
from transcripts.models import MedicalTranscriptionJob, Shadow

log = logging.getLogger(__name__)

# Workers of an ended job may be in the middle of an upload until their heartbeat tells them.
GRACE = timedelta(seconds=60)
TIDY_SECONDS = 60
TIDY_AT_ONCE = 5
# AWS tries its permission to write with the last of these and leaves it there.
COPIES = ("media", "vocabulary.txt", "result.json", ".write_access_check_file.temp")

Sent: TypeAlias = MedicalTranscriptionJob | Shadow
_last: dict[str, float] = {}


def engine() -> TranscribeMedical:
    return TranscribeMedical(settings.AWS_REGION, settings.AWS_ENDPOINT)


def name(label: str) -> str:
    """The MedicalTranscriptionJobName."""
    return f"countersign-{label}"


def key(label: str, copy: str) -> str:
    """The key of one of COPIES in the practice's bucket."""
    return f"countersign-jobs/{label}/{copy}"


def new_label(sent: Sent) -> str:
    tries = noted_of(sent).get("try", 0)
    return f"{sent.pk}-{tries + 1}" if tries else str(sent.pk)


def noted_of(sent: Sent) -> dict[str, Any]:
    return dict(sent.engine_state.get("remote", {}))


def noted(sent: Sent, remote: dict[str, Any]) -> dict[str, Any]:
    """The whole engine_state with `remote` in it."""
    return sent.engine_state | {"remote": remote}


def given_up(remote: dict[str, Any]) -> dict[str, Any]:
    """The next try has another label; what this one has at AWS is to be removed."""
    labels = [*remote.get("leaving", []), *([remote["label"]] if "label" in remote else [])]
    return {"try": remote.get("try", 0) + 1, "leaving": labels}


def ring() -> None:
    """Wakes a worker when copies are to be removed; the pulse may call it as often as it likes."""
    if _due("ring") and any(_untidy(kind).exists() for kind in (MedicalTranscriptionJob, Shadow)):
        bell.ring()


def tidy(sent: Sent | None = None) -> None:
    """Removes our copies of what has ended from the bucket and its entries at AWS.

    Of `sent` if it has ended, and about once a minute of some that are left over: of cancelled jobs
    only when AWS is through with them, since it would write a result later. Never raises.
    """
    try:
        if sent is not None and not settings.AWS_KEEP_COPIES:
            _tidy(type(sent), sent.pk)
        if _due("tidy"):
            for kind in (MedicalTranscriptionJob, Shadow):
                for pk in list(_untidy(kind).values_list("pk", flat=True)[:TIDY_AT_ONCE]):
                    if _untidy(kind).filter(pk=pk).update(served_at=Now()):
                        _tidy(kind, pk)
    except Exception as error:
        log.warning("copies stay in a bucket for now (%s)", type(error).__name__)


def _due(what: str) -> bool:
    """Once a minute in each process: the search has no index."""
    now = time.monotonic()
    if settings.AWS_KEEP_COPIES or now - _last.get(what, -TIDY_SECONDS) < TIDY_SECONDS:
        return False
    _last[what] = now
    return True


def _untidy(kind: type[Sent]) -> QuerySet[Sent]:
    """Ended ones with copies that nobody looked after lately."""
    before = Now() - GRACE
    kept = Q(engine_state__remote__has_any_keys=["label", "leaving"])
    rows = kind.objects.filter(kept, completed_at__lt=before).exclude(status__in=LIVE_STATUSES)
    return rows.filter(Q(served_at=None) | Q(served_at__lt=before)).order_by("served_at")


def _tidy(kind: type[Sent], pk: UUID) -> None:
    sent = _put_aside(kind, pk)
    if sent is None:
        return
    removed = []
    for label in noted_of(sent)["leaving"]:
        if engine().state(name(label)).name not in RUNNING:
            keys = [key(label, copy) for copy in COPIES]
            engine().remove(name(label), sent.practice.bucket, keys)
            removed.append(label)
    _note_removed(kind, pk, removed)


def _put_aside(kind: type[Sent], pk: UUID) -> Sent | None:
    """The ended one with its label given up: started again it begins anew, with its own copies."""
    with transaction.atomic():
        sent = _locked(kind, pk)
        if sent.status in LIVE_STATUSES or not sent.engine_state.get("remote"):
            return None
        state = noted(sent, given_up(noted_of(sent)))
        if sent.status == JobStatus.COMPLETED:
            state.pop("entities", None)  # they are in the transcript
        _save(sent, state)
    return sent


def _note_removed(kind: type[Sent], pk: UUID, removed: Iterable[str]) -> None:
    with transaction.atomic():
        sent = _locked(kind, pk)
        remote = noted_of(sent)
        left = [label for label in remote.pop("leaving", []) if label not in removed]
        _save(sent, noted(sent, remote | ({"leaving": left} if left else {})))


def _locked(kind: type[Sent], pk: UUID) -> Sent:
    rows = kind.objects.select_for_update(of=("self",))
    return rows.select_related("practice").get(pk=pk)


def _save(sent: Sent, state: dict[str, Any]) -> None:
    sent.engine_state = state
    sent.save(update_fields=["engine_state"])
