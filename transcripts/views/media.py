"""Audio with byte ranges, and the waveform's peaks."""

import re
import time

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from transcripts import events, media
from transcripts.access import recording_or_404
from transcripts.enums import Action
from transcripts.models import Recording

CONTENT_TYPES = {
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "mp4": "audio/mp4",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
    "amr": "audio/amr",
}
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
LISTENING_SECONDS = 15 * 60


@login_required
@require_GET
def audio(request: HttpRequest, recording_id: object) -> HttpResponseBase:
    """The recording, whole or the range asked for. Listening is audited before a byte is sent."""
    recording = recording_or_404(request.membership, recording_id)
    key = recording.playback or recording.media
    size = default_storage.size(key)
    wanted = _range(request.headers.get("Range", ""))
    start, end = _bytes(*wanted, size) if wanted else (0, size - 1)
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    _report(request, recording)
    response = StreamingHttpResponse(
        media.blocks(key, start, end),
        status=206 if wanted else 200,
        content_type="audio/webm"
        if recording.playback
        else CONTENT_TYPES.get(recording.media_format, "application/octet-stream"),
    )
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(end - start + 1)
    if response.status_code == 206:
        response.headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return response


def _range(header: str) -> tuple[int | None, int | None] | None:
    """The two numbers of a single well-formed range; None for all else, which gets the whole."""
    match = RANGE.fullmatch(header.strip())
    first, last = (int(n) if n else None for n in match.groups()) if match else (None, None)
    if first is None and last is None or None not in (first, last) and first > last:
        return None
    return first, last


def _bytes(first: int | None, last: int | None, size: int) -> tuple[int, int]:
    """First and last byte to send; the first is behind the last when the range holds none."""
    if first is None:
        return max(size - last, 0), size - 1
    return first, size - 1 if last is None else min(last, size - 1)


def _report(request: HttpRequest, recording: Recording) -> None:
    """One event for a sitting, not for each of a player's many range requests."""
    now, played = int(time.time()), request.session.get("played", {})
    if now - played.get(str(recording.pk), 0) < LISTENING_SECONDS:
        return
    with transaction.atomic():
        events.about(recording, Action.RECORDING_PLAYED, request.user)
    recent = {k: t for k, t in played.items() if now - t < LISTENING_SECONDS}
    request.session["played"] = recent | {str(recording.pk): now}


@login_required
@require_GET
def peaks(request: HttpRequest, recording_id: object) -> HttpResponse:
    """JSON: per_second, duration (seconds) and peaks 0..100."""
    recording = recording_or_404(request.membership, recording_id)
    with default_storage.open(recording.peaks) as file:
        return HttpResponse(file.read(), content_type="application/json")
