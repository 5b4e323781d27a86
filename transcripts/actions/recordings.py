"""Taking recordings in: probe, hash, store, and start the first job."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction

from transcripts import events, live, media
from transcripts.actions import jobs
from transcripts.engines import audio
from transcripts.engines.base import PEAKS_PER_SECOND, MediaInfo, MediaRejected
from transcripts.enums import Action, Source
from transcripts.models import Membership, Patient, Practice, Recording, User


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a recording is about. Without an mrn there is no patient yet, as for AWS clients."""

    specialty: str
    type: str
    encounter_date: date
    author: Membership | None = None
    mrn: str = ""
    patient_name: str = ""
    birth_date: date | None = None


class WrongPatient(Exception):
    """The record number belongs to a patient of another name or birth date."""


# What is wrong, and what to do.
WRONG_PATIENT = (
    "This record number already belongs to a patient with another name or birth date.",
    "Check the number, the name and the birth date against the chart.",
)


def upload(
    *,
    path: Path,
    name: str,
    about: About,
    practice: Practice,
    by: User,
    source: str = Source.UPLOAD,
    request: jobs.Request | None = None,
) -> Recording:
    """Stores the file at `path` as a recording and starts its transcription.

    Raises MediaRejected (the file can't be used) or WrongPatient; nothing is left behind then.
    """
    return receive(
        path=path,
        name=name,
        about=about,
        practice=practice,
        by=by,
        source=source,
        then=lambda recording: jobs.start(recording=recording, by=by, request=request),
    )


def receive(
    *,
    path: Path,
    name: str,
    about: About,
    practice: Practice,
    by: User,
    source: str,
    then: Callable[[Recording], object],
    check: Callable[[MediaInfo], None] = lambda info: None,
) -> Recording:
    """Stores the file at `path` as a recording; `then` runs in the transaction that makes it.

    `check` may reject what probing found. Raises as `upload` does.
    """
    try:
        info = _probe(path)
        check(info)
    except MediaRejected as rejection:
        _report_rejection(rejection, practice, by)
        raise
    return admit(
        path=path,
        info=info,
        name=name,
        about=about,
        practice=practice,
        by=by,
        source=source,
        then=then,
    )


def admit(
    *,
    path: Path,
    info: MediaInfo,
    name: str,
    about: About,
    practice: Practice,
    by: User,
    source: str,
    then: Callable[[Recording], object],
) -> Recording:
    """Stores a file of which `info` is known. Raises WrongPatient, or what `then` does."""
    folder = media.new_folder(practice.pk)
    try:
        with media.workspace() as workspace:
            media_key = media.store(f"{folder}/media", path)
            peaks = workspace / "peaks.json"
            peaks.write_text(json.dumps(_peaks(info)), encoding="ascii")
            peaks_key = media.store(f"{folder}/peaks", peaks)
        with transaction.atomic():
            recording = Recording.objects.create(
                practice=practice,
                patient=patient_of(practice, about),
                author=about.author,
                uploaded_by=by,
                source=source,
                specialty=about.specialty,
                type=about.type,
                encounter_date=about.encounter_date,
                original_name=name[:255],
                media=media_key,
                peaks=peaks_key,
                size=path.stat().st_size,
                sha256=_sha256(path),
                media_format=info.format,
                codec=info.codec,
                sample_rate=info.sample_rate,
                channels=info.channels,
                playable=info.playable,
                duration=round(info.duration, 3),
            )
            events.about(recording, Action.RECORDING_UPLOADED, by)
            then(recording)
    except BaseException:
        media.discard(folder)
        raise
    return recording


@transaction.atomic
def describe(*, recording: Recording, about: About, by: User) -> None:
    """Changes whom and what a recording is about. Raises WrongPatient, or what a listener does."""
    recording.patient = patient_of(recording.practice, about)
    recording.author = about.author
    recording.specialty, recording.type = about.specialty, about.type
    recording.encounter_date = about.encounter_date
    # Told before the row is touched: whoever listens may refuse, and locks what comes before it.
    events.about(recording, Action.RECORDING_DESCRIBED, by)
    recording.save(update_fields=["patient", "author", "specialty", "type", "encounter_date"])
    live.announce(practice_id=recording.practice_id, recording_id=recording.pk, kind="reload")


def too_large() -> MediaRejected:
    return MediaRejected(
        "too_large",
        "The file is larger than 2 GB.",
        "Split the recording, or save it in a compressed format such as FLAC or MP3.",
        "Invalid file size: file size too large",
    )


def _probe(path: Path) -> MediaInfo:
    if path.stat().st_size > settings.UPLOAD_MAX_BYTES:
        raise too_large()
    return audio.probe(path)


def _report_rejection(rejection: MediaRejected, practice: Practice, by: User) -> None:
    events.emit(
        events.Event(
            action=Action.RECORDING_REJECTED,
            practice_id=practice.pk,
            by=by,
            object_type="Recording",
            outcome="failure",
            detail={"code": rejection.code},
        )
    )


def patient_of(practice: Practice, about: About) -> Patient | None:
    """The patient's row, made when it is new. Raises WrongPatient."""
    if not about.mrn:
        return None
    patient, made = Patient.objects.get_or_create(
        practice=practice,
        mrn=about.mrn,
        defaults={"name": about.patient_name, "birth_date": about.birth_date},
    )
    same_name = patient.name.casefold() == about.patient_name.casefold()
    same_birth = about.birth_date in (None, patient.birth_date) or patient.birth_date is None
    if not made and not (same_name and same_birth):
        raise WrongPatient
    return patient


def _peaks(info: MediaInfo) -> dict[str, object]:
    return {"per_second": PEAKS_PER_SECOND, "duration": info.duration, "peaks": info.peaks}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
