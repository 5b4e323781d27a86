"""Uploads in pieces, which go on where they were after a broken line or a new server process.

Each piece is an object named after its first byte, encrypted as all stored audio is, in a folder of
its own: any web process takes the next one. The row says how much is kept; an object that the row
does not count was left by a process that died, and is written anew.
"""

import shutil
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now

from transcripts import duties, events, media
from transcripts.actions import jobs, recordings
from transcripts.actions.recordings import About
from transcripts.engines.base import MediaRejected
from transcripts.enums import Action, Source
from transcripts.models import Practice, Recording, Upload, User

KEPT = timedelta(days=1)  # after the last byte
AT_ONCE = 20  # unfinished ones of one person
LARGEST_PIECE = 16 * 1024**2  # is held in memory


class TooMany(Exception):
    """This person has begun AT_ONCE uploads that are not finished."""


class Misplaced(Exception):
    """The piece begins elsewhere than where the kept bytes end; its argument is that place."""


class Taken(Exception):
    """The upload has become a recording with other details, which is the argument."""


class Incomplete(Exception):
    """Not all of the file is here."""


class _Finished(Exception):
    """Another request has made the recording meanwhile, or the upload was discarded."""


@transaction.atomic
def begin(*, practice: Practice, by: User, length: int) -> Upload:
    """Makes room for a file of `length` bytes. Raises MediaRejected or TooMany."""
    if length > settings.UPLOAD_MAX_BYTES:
        raise recordings.too_large()
    if Upload.objects.filter(practice=practice, by=by, recording=None).count() >= AT_ONCE:
        raise TooMany
    folder = media.new_folder(practice.pk)
    upload = Upload.objects.create(practice=practice, by=by, folder=folder, length=length)
    _tell(upload, Action.UPLOAD_BEGUN, by, length=length)
    return upload


@transaction.atomic
def append(*, upload: Upload, offset: int, piece: bytes) -> int:
    """Keeps the next bytes; how many are kept then.

    Raises Misplaced, ValueError (more than the file has) or Upload.DoesNotExist (discarded).
    """
    row = Upload.objects.select_for_update().get(pk=upload.pk, recording=None)
    if offset != row.offset:
        raise Misplaced(row.offset)
    if offset + len(piece) > row.length:
        raise ValueError("The file was said to be shorter.")
    if piece:
        key = _key(row, offset)
        media.delete(key)
        default_storage.save(key, File(BytesIO(piece)))
        row.offset += len(piece)
        row.changed_at = Now()
        row.save(update_fields=["offset", "changed_at"])
    return row.offset


def finish(
    *, upload: Upload, name: str, about: About, by: User, request: jobs.Request | None = None
) -> Recording:
    """The recording of a whole upload, its transcription begun; the same one when asked again.

    Raises MediaRejected or WrongPatient as recordings.upload does, Taken, Incomplete, or
    Upload.DoesNotExist. What can't be used is discarded; with WrongPatient the bytes are kept for
    another try.
    """
    if upload.recording:
        return _same(upload.recording, about)
    if not upload.whole:
        raise Incomplete

    def then(recording: Recording) -> None:
        if not Upload.objects.filter(pk=upload.pk, recording=None).update(recording=recording):
            raise _Finished
        jobs.start(recording=recording, by=by, request=request)

    try:
        with media.workspace() as workspace:
            _join(upload, workspace / "media")
            recording = recordings.receive(
                path=workspace / "media",
                name=name,
                about=about,
                practice=upload.practice,
                by=by,
                source=Source.UPLOAD,
                then=then,
            )
    except (MediaRejected, Incomplete):
        discard(upload=upload, by=by)
        raise
    except _Finished:
        row = Upload.objects.select_related("recording__patient").get(pk=upload.pk)
        return _same(row.recording, about)
    media.discard(upload.folder)
    return recording


@transaction.atomic
def discard(*, upload: Upload, by: User | None = None) -> None:
    """Removes the upload and its pieces; one that has become a recording, or is gone, is left."""
    row = Upload.objects.select_for_update().filter(pk=upload.pk, recording=None).first()
    if row:
        _tell(row, Action.UPLOAD_DISCARDED, by, kept=row.offset)
        media.discard(row.folder)
        row.delete()


def sweep() -> dict[str, int]:
    """Removes what did not go on for a day, and what has been a recording for as long; a duty."""
    gone = 0
    for row in Upload.objects.filter(changed_at__lt=Now() - KEPT):
        if duties.over():
            break
        discard(upload=row)
        # Not the pieces of a recording alone: the process may have died before it removed them.
        if done := Upload.objects.filter(pk=row.pk, recording__isnull=False):
            media.discard(row.folder)
            done.delete()
        gone += 1
    return {"uploads": gone}


def _join(upload: Upload, target: Path) -> None:
    """The pieces as one file. Raises Incomplete when one was lost or altered."""
    with target.open("xb") as whole:
        try:
            while whole.tell() < upload.length:
                with default_storage.open(_key(upload, whole.tell())) as piece:
                    shutil.copyfileobj(piece, whole, media.BLOCK)
        except (FileNotFoundError, *media.UNREADABLE):
            raise Incomplete from None


def _key(upload: Upload, offset: int) -> str:
    return f"{upload.folder}/{offset:013}"


def _same(recording: Recording, about: About) -> Recording:
    """The recording, where it has these details. Raises Taken."""
    patient = recording.patient.mrn if recording.patient else ""
    known = (patient, recording.author, recording.encounter_date, recording.type)
    if known != (about.mrn, about.author, about.encounter_date, about.type):
        raise Taken(recording)
    return recording


def _tell(upload: Upload, action: Action, by: User | None, **detail: int) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=upload.practice_id,
            by=by,
            object_type="Upload",
            object_id=upload.pk,
            detail=detail,
        )
    )
