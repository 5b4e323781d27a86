"""Text while it is dictated: lines as they are heard, "scratch that", and corrections."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from transcripts.actions import streams
from transcripts.engines.scratch import scratched
from transcripts.engines.spoken import text_of
from transcripts.enums import StreamState, Type
from transcripts.models import LiveStream, User

Changes = dict[str, dict[str, str] | None]
# "Scratch that" reaches no further back.
LINES_BACK = 50


@transaction.atomic
def hear(*, stream_id: UUID, line: dict[str, Any]) -> tuple[int, Changes]:
    """Stores a final under the next number, and what it takes away; its number, and the changes."""
    stream = LiveStream.objects.select_for_update(of=("self",)).get(pk=stream_id)
    last = stream.results.aggregate(last=Max("index"))["last"]
    index = 0 if last is None else last + 1
    streams.said(stream_id=stream_id, index=index, line=line)
    said = text_of(line["items"])
    before = {
        result.index: _text(stream, result.index, result.line)
        for result in stream.results.filter(index__lt=index).order_by("-index")[:LINES_BACK]
    }
    scratches = stream.type == Type.DICTATION and stream.state in (
        StreamState.OPEN,
        StreamState.ENDED,
    )
    found = scratched(before, index, said) if scratches else {}
    if not found:
        return index, {}
    was = before | {index: said}
    changes = {n: {"text": text, "was": was[n]} for n, text in found.items()}
    streams.correct(stream_id=stream_id, changes=changes, by=stream.by)
    return index, {str(n): change for n, change in changes.items()}


@transaction.atomic
def correct(*, stream_id: UUID, index: int, text: str | None, by: User) -> Changes:
    """Gives one line another text (None: what was heard); the changes. Raises streams.Refused."""
    change = None if text is None else {"text": " ".join(text.split())}
    streams.correct(stream_id=stream_id, changes={index: change}, by=by)
    return {str(index): change}


def _text(stream: LiveStream, index: int, line: dict[str, Any]) -> str:
    change = stream.corrections.get(str(index))
    return change["text"] if change else text_of(line["items"])
