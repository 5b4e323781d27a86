"""Recordings and jobs as rows, without probing or cutting, for tests that are about neither."""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from review import documents
from review.actions import edit, sign
from review.models import Review, Signature
from tests.cast import PASSWORD, Cast
from tests.factories import AUDIO, WORDS, transcribed
from transcripts import events, media
from transcripts.actions import jobs
from transcripts.engines.base import Item, Options, Segment
from transcripts.enums import Action, Specialty, Stage, Type
from transcripts.models import Chunk, MedicalTranscriptionJob, Membership, Patient, Recording

SPEECH = AUDIO / "human_speech_jfk.flac"


@transaction.atomic
def recording(
    cast: Cast,
    *,
    author: Membership | None = None,
    mrn: str = "10001",
    name: str = "Paula Probe",
    **changes: Any,
) -> Recording:
    """A stored recording of 11 s with a queued job, as the intake leaves it."""
    author = author or cast.clinician
    folder = media.new_folder(author.practice_id)
    patient, _ = Patient.objects.get_or_create(
        practice=author.practice, mrn=mrn, defaults={"name": name}
    )
    seconds = int(changes.get("duration", 11))
    peaks = {
        "per_second": 20,
        "duration": seconds,
        "peaks": [10 + i % 80 for i in range(20 * seconds)],
    }
    values: dict[str, Any] = {
        "practice": author.practice,
        "patient": patient,
        "author": author,
        "uploaded_by": cast.editor.user,
        "specialty": Specialty.FAMILYMEDICINE,
        "type": Type.DICTATION,
        "encounter_date": date(2026, 3, 2),
        "original_name": "speech.flac",
        "media": media.store(f"{folder}/media", SPEECH),
        "peaks": default_storage.save(f"{folder}/peaks", ContentFile(json.dumps(peaks).encode())),
        "size": SPEECH.stat().st_size,
        "sha256": hashlib.sha256(SPEECH.read_bytes()).hexdigest(),
        "media_format": "flac",
        "codec": "flac",
        "sample_rate": 16_000,
        "channels": 1,
        "playable": True,
        "duration": 11,
    }
    made = Recording.objects.create(**(values | changes))
    events.about(made, Action.RECORDING_UPLOADED, cast.editor.user)
    jobs.start(recording=made, by=cast.editor.user)
    return made


def review(cast: Cast, **changes: Any) -> Review:
    """Three segments with two marked words, ready for review."""
    return transcribed(recording(cast, **changes), WORDS)


def cut(made: Recording, pieces: int) -> MedicalTranscriptionJob:
    """The recording's job with its audio cut into so many chunks, nothing transcribed yet."""
    job = made.jobs.get()
    length = float(made.duration) / pieces
    Chunk.objects.bulk_create(
        Chunk(job=job, index=i, start=i * length, end=(i + 1) * length, audio=made.media)
        for i in range(pieces)
    )
    MedicalTranscriptionJob.objects.filter(pk=job.pk).update(stage=Stage.TRANSCRIBE)
    return MedicalTranscriptionJob.objects.get(pk=job.pk)


def resolve(made: Review, by: Membership) -> None:
    """Confirms every marked word as it stands."""
    for flag in made.flags.filter(state="open").select_related("segment"):
        edit.confirm(
            review=made,
            segment_id=flag.segment_id,
            base_version=flag.segment.version,
            items=flag.items,
            op_id=uuid4(),
            by=by,
        )


def shown(made: Review) -> str:
    """The digest of what a signer would be shown now."""
    return documents.content_digest(documents.build(sign.locked(made)))


def shown_now(made: Review) -> str:
    """The same outside a transaction."""
    with transaction.atomic():
        return shown(made)


def signed(made: Review, cast: Cast) -> Signature:
    """The review resolved and signed by its author."""
    resolve(made, cast.editor)
    digest = shown_now(made)
    return sign.sign(review=made, by=cast.clinician, password=PASSWORD, shown=digest)


@contextmanager
def ignored_triggers(table: str) -> Iterator[None]:
    """As who owns the database could change a row behind the program's back."""
    with connection.cursor() as cursor:
        # No check may be left for later: a table with pending ones can't be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def covered() -> set[str]:
    """The tables with a policy by practice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'of_practice'")
        return {name for (name,) in cursor.fetchall()}


def hold_to_policies() -> None:
    """From here on in this transaction as for a role that does not own the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in covered():
            cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


class Says:
    """An engine that says one word of each chunk, after whatever a test wants to happen first."""

    name = "says"
    model_id = "says-1"

    def __init__(self, word: str = "hello", first: Callable[[], None] = lambda: None) -> None:
        self.word, self.first = word, first

    def transcribe(
        self, audio: Path, options: Options, on_progress: Callable[[float], None]
    ) -> Iterator[Segment]:
        self.first()
        on_progress(1.0)
        yield Segment(0.0, 0.5, (Item("pronunciation", self.word, 0.0, 0.5, 0.9, 0.9),))


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Runs the calls in threads that start at one moment; their results, exceptions among them."""
    results: list[Any] = [None] * len(calls)
    line = threading.Barrier(len(calls))

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            line.wait(20)
            results[number] = call()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i, call)) for i, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a call hangs"
    return results


def plain(page: bytes) -> bytes:
    """A page without what differs at each load: tokens and nonces."""
    return re.sub(rb'(value|content|nonce)="[^"]{16,}"', b"", page)
