"""Audio with byte ranges, and the waveform's peaks."""

import json
import re
import time
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_GET

from transcripts import events, media, tenancy
from transcripts.access import recording_or_404
from transcripts.actions import at_rest
from transcripts.enums import Action
from transcripts.models import Recording, User
from transcripts.views.answers import problem

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
OVERVIEW_POINTS = 6000  # of the waveform: what a wide screen can show, 18 KB
DETAIL_SECONDS = 30 * 60  # of the waveform in one answer, about 100 KB


@login_required
@require_GET
def audio(request: HttpRequest, recording_id: object) -> HttpResponseBase:
    """The recording, whole or the range asked for. Listening is audited before a byte is sent."""
    recording = recording_or_404(request.membership, recording_id)
    if gone := _removed(recording):
        return gone
    key = recording.playback or recording.media
    size = default_storage.size(key)
    wanted = _range(request.headers.get("Range", ""))
    start, end = _bytes(*wanted, size) if wanted else (0, size - 1)
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    try:
        media.prove(key, start)
    except media.UNREADABLE as error:
        return _refuse(request, recording, key, error)
    _report(request, recording)
    response = StreamingHttpResponse(
        _told(media.blocks(key, start, end), recording, key, request.user),
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


def _removed(recording: Recording) -> HttpResponse | None:
    """410 with a sentence when the audio is gone under the practice's rule."""
    sentence = media.removed(recording)
    return problem("removed", sentence, 410) if sentence else None


ALTERED = (
    "The stored audio is not as it was stored, or its key is not here. It is not played. "
    "Tell whoever runs Countersign."
)


def _refuse(request: HttpRequest, recording: Recording, key: str, error: Exception) -> HttpResponse:
    at_rest.refused(recording=recording, key=key, error=error, by=request.user)
    return problem("altered", ALTERED, 409)


async def _told(
    blocks: AsyncIterator[bytes], recording: Recording, key: str, by: User
) -> AsyncIterator[bytes]:
    """The blocks; broken off, which players take for a failure, where a chunk was altered."""
    try:
        async for block in blocks:
            yield block
    except media.UNREADABLE as error:
        # The answer is sent when its request's practice is no longer in force.
        with tenancy.within(recording.practice_id):
            await sync_to_async(at_rest.refused)(recording=recording, key=key, error=error, by=by)
        raise


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
    """JSON: per_second, from and duration (seconds) and peaks 0..100.

    Without a query the whole recording in at most OVERVIEW_POINTS, however long it is. With
    ?from=S&to=S as measured, at most DETAIL_SECONDS from S on; 422 when these are no numbers.
    """
    recording = recording_or_404(request.membership, recording_id)
    try:
        window = _window(request)
    except ValueError:
        return problem("malformed", "No such range.", 422)
    if gone := _removed(recording):
        return gone
    try:
        with default_storage.open(recording.peaks) as file:
            whole = json.load(file)
    except media.UNREADABLE as error:
        return _refuse(request, recording, recording.peaks, error)
    if window is None:
        return JsonResponse(whole | {"from": 0} | _overview(whole["peaks"], whole["per_second"]))
    first, last = (int(seconds * whole["per_second"]) for seconds in window)
    shown = {"from": first / whole["per_second"], "peaks": whole["peaks"][first:last]}
    return JsonResponse(whole | shown)


def _window(request: HttpRequest) -> tuple[float, float] | None:
    """Seconds asked for, cut to what one answer holds; ValueError when they are no range."""
    if "from" not in request.GET:
        return None
    start, end = float(request.GET["from"]), float(request.GET.get("to", "inf"))
    if not 0 <= start < end:
        raise ValueError
    return start, min(end, start + DETAIL_SECONDS)


def _overview(values: list[int], per_second: float) -> dict[str, Any]:
    """The loudest of each of at most OVERVIEW_POINTS equal stretches."""
    step = -(-len(values) // OVERVIEW_POINTS) or 1
    thinned = [max(values[i : i + step]) for i in range(0, len(values), step)]
    return {"per_second": per_second / step, "peaks": thinned}
