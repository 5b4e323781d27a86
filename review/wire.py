"""Reviews, segments and flags as the JSON of the review screen. Writes nothing."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from review.enums import FlagState, State
from review.models import Flag, Review, Segment
from review.policies import edit_refusal, sign_refusal
from transcripts.models import Membership


def segment_dict(row: Segment) -> dict[str, Any]:
    """A segment without its flags; times in seconds."""
    return {
        "id": str(row.pk),
        "position": row.position,
        "start": float(row.start),
        "end": float(row.end),
        "speaker": row.speaker or None,
        "channel": row.channel,
        "version": row.version,
        "text": row.text,
        "items": row.items,
    }


def segment(row: Segment, flags: Iterable[Flag]) -> dict[str, Any]:
    return segment_dict(row) | {
        "flags": [
            {"id": str(f.pk), "items": f.items, "reason": f.reason, "state": f.state} for f in flags
        ],
        "edited_by": row.edited_by.name if row.edited_by else None,
    }


def segments(review: Review) -> list[dict[str, Any]]:
    """All segments in order with their flags. Two queries."""
    flags: dict[Any, list[Flag]] = {}
    for flag in review.flags.all():
        flags.setdefault(flag.segment_id, []).append(flag)
    rows = review.segments.select_related("edited_by").order_by("position")
    return [segment(row, flags.get(row.pk, ())) for row in rows]


def review(row: Review, member: Membership) -> dict[str, Any]:
    """The review as this member sees it, with what they may do and why not. Three queries."""
    total, opened = row.flags.count(), row.flags.filter(state=FlagState.OPEN).count()
    has_text = row.segments.exclude(text="").exists()
    edit = edit_refusal(row, member)
    sign = sign_refusal(row, member, open_flags=opened, has_text=has_text)
    return {
        "id": str(row.pk),
        "state": row.state,
        "state_label": row.get_state_display(),
        "threshold": float(row.threshold),
        "flags_open": opened,
        "flags_total": total,
        "can_edit": edit is None,
        "edit_reason": edit,
        "can_sign": sign is None,
        "sign_reason": sign,
        "sign_url": reverse("sign", args=[row.recording_id]),
        "operations_url": reverse("operations", args=[row.recording_id]),
        "signed": _signature(row) if row.state == State.SIGNED else None,
        "downloads": downloads(row),
    }


def _signature(row: Review) -> dict[str, Any]:
    signature = row.signatures.select_related("signer").latest("number")
    return {
        "by": signature.signer.name,
        "at": signature.signed_at.isoformat(),
        "meaning": signature.get_meaning_display(),
        "sha256": signature.sha256,
        "title": "",
    }


def downloads(row: Review) -> list[dict[str, Any]]:
    """The forms the document can leave in; drafts say so."""
    if row.state == State.WAITING:
        return []
    draft = row.state != State.SIGNED
    return [
        {
            "label": label,
            "url": reverse("document", args=[row.recording_id, form]),
            "draft": draft,
        }
        for form, label in (("pdf", "PDF"), ("txt", "Plain text"))
    ]
