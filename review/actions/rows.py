"""Segments and flags as the log keeps them, and where the words of a removed one are now."""

from decimal import Decimal

from review import replay
from review.models import Flag, Review, Segment


def heirs(review: Review, gone: Segment) -> list[Segment]:
    """The segments that hold a removed segment's words now; the one with most of them first."""
    rows = review.text.select_related("edited_by")
    if gone.transcript_id == review.transcript_id:
        return list(rows.filter(position__lt=gone.position).order_by("-position")[:1])
    near = list(rows.filter(start__lt=gone.end, end__gt=gone.start))
    found = over(near, gone.start, gone.end, gone.channel)
    return sorted(found, key=lambda row: max(gone.start, row.start) - min(gone.end, row.end))


def over(
    segments: list[Segment], start: Decimal, end: Decimal, channel: int | None
) -> list[Segment]:
    """Those that speak between two moments, on the channel."""
    return [
        row for row in segments if row.start < end and row.end > start and row.channel == channel
    ]


def state(segment: Segment) -> replay.Fields:
    """A segment as the log keeps it."""
    return {
        "position": plain(segment.position),
        "start": f"{segment.start:.3f}",
        "end": f"{segment.end:.3f}",
        "speaker": segment.speaker,
        "channel": segment.channel,
        "origins": list(segment.origins),
        "items": segment.items,
        "removed": segment.removed,
    }


def plain(position: Decimal) -> str:
    return f"{Decimal(position).normalize():f}"


def flag_state(flag: Flag) -> replay.Fields:
    """A flag as the log keeps it."""
    return {
        "segment": str(flag.segment_id),
        "items": list(flag.items),
        "reason": flag.reason,
        "note": flag.note,
        "state": flag.state,
        "resolved_by": flag.resolved_by_id and str(flag.resolved_by_id),
        "resolved_at": flag.resolved_at and flag.resolved_at.isoformat(),
        "critical": flag.critical,
        "sentence": flag.sentence,
        "alternatives": list(flag.alternatives),
        "play": flag.play_id and str(flag.play_id),
    }
