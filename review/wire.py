"""Reviews, segments and flags as the JSON of the review screen. Writes nothing."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from review.actions import rerun
from review.enums import State
from review.models import Flag, Review, Segment
from review.permissions import Permission, refusal
from review.policies import details_refusal, edit_refusal, rerun_refusal, sign_refusal, standing
from review.timing import text_of
from transcripts.enums import EngineName
from transcripts.models import MachineSegment, MedicalTranscriptionJob, Membership

REQUIRED = {"id", "type", "content", "start", "end", "confidence", "by"}


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
        "paragraph": bool(row.items) and row.items[0].get("starts") == "paragraph",
        "items": [_item(item) for item in row.items],
    }


def _item(item: dict[str, Any]) -> dict[str, Any]:
    """An item without what no page shows."""
    return {k: v for k, v in item.items() if k != "raw_confidence" and (v or k in REQUIRED)}


def segment(
    row: Segment, flags: Iterable[Flag], readings: list[list[dict[str, Any]]] | None = None
) -> dict[str, Any]:
    """A segment with its flags, and the machine's other readings of it (looked up when None)."""
    if readings is None:
        readings = _readings(row.transcript_id, index=row.position).get(row.position, [])
    return segment_dict(row) | {
        "alternatives": [text_of(items) for items in readings],
        "flags": [
            {"id": str(f.pk), "items": f.items, "reason": f.reason, "state": f.state} for f in flags
        ],
        "edited_by": row.edited_by.name if row.edited_by else None,
    }


def segments(review: Review) -> list[dict[str, Any]]:
    """All segments in order with their flags. Three queries."""
    flags: dict[Any, list[Flag]] = {}
    for flag in review.flags.all():
        flags.setdefault(flag.segment_id, []).append(flag)
    rows = review.text.select_related("edited_by").order_by("position")
    readings = _readings(review.transcript_id)
    return [segment(row, flags.get(row.pk, ()), readings.get(row.position, [])) for row in rows]


def _readings(transcript: Any, **where: int) -> dict[int, list[list[dict[str, Any]]]]:
    """Other readings by the position of their segment, where there are any."""
    rows = MachineSegment.objects.filter(transcript=transcript, **where).exclude(alternatives=[])
    return dict(rows.values_list("index", "alternatives"))


def review(row: Review, member: Membership) -> dict[str, Any]:
    """The review as this member sees it, with what they may do and why not. Three queries."""
    now = standing(row)
    edit = edit_refusal(row, member)
    sign = sign_refusal(row, member, **now)
    return {
        "id": str(row.pk),
        "state": row.state,
        "state_label": row.get_state_display(),
        "threshold": float(row.threshold),
        "flags_open": now["open_flags"],
        "flags_total": row.flags.count(),
        "can_edit": edit is None,
        "edit_reason": edit,
        "can_sign": sign is None,
        "sign_reason": sign,
        "sign_url": reverse("sign", args=[row.recording_id]),
        "operations_url": reverse("operations", args=[row.recording_id]),
        "signed": _signature(row) if row.state == State.SIGNED else None,
        "downloads": downloads(row),
    }


def doors(row: Review, member: Membership, job: MedicalTranscriptionJob) -> dict[str, Any]:
    """What leads on from the screen: a newer transcript to decide about, settings, details."""
    may_edit = edit_refusal(row, member) is None
    offered = None
    if row.offered and may_edit:
        carried = rerun.preview(row)
        offered = {
            "edits": carried.fitted,
            "conflicts": carried.collided,
            "accept_url": reverse("again-accept", args=[row.recording_id]),
            "dismiss_url": reverse("again-dismiss", args=[row.recording_id]),
        }
    again = may_edit and rerun_refusal(row, job) is None
    describe = refusal(member, Permission.EDIT) is None and details_refusal(row) is None
    return {
        "offered": offered,
        "rerun_url": reverse("again", args=[row.recording_id]) if again else None,
        "details_url": reverse("details", args=[row.recording_id]) if describe else None,
    }


def transcript(row: Review) -> dict[str, Any]:
    """How the machine's transcript was made, and what was found in it. One query."""
    made, job = row.transcript, row.transcript.job
    current = {}
    if made.entities:
        for number, pk in enumerate(row.text.order_by("position").values_list("pk", flat=True)):
            current[number] = str(pk)
    return {
        "engine": EngineName(made.engine).label,
        "model": made.model,
        "warnings": made.warnings,
        "settings": settings_of(job),
        "phi_asked": job.content_identification == "PHI",
        "entities": [
            {
                "category": entity["category"],
                "type": entity["type"],
                "content": entity["content"],
                "start": entity["start"],
                "end": entity["end"],
                "confidence": entity["confidence"],
                "segment": current.get(entity["line"]),
                "items": entity["ids"],
            }
            for entity in made.entities
        ],
    }


def settings_of(job: MedicalTranscriptionJob) -> list[dict[str, str]]:
    """What was asked of the engine, in words."""
    asked, chosen = job.settings, []
    if asked.get("ChannelIdentification"):
        chosen.append({"label": "Speakers", "value": "Each on a channel of their own"})
    elif asked.get("ShowSpeakerLabels"):
        chosen.append({"label": "Speakers", "value": f"Up to {asked['MaxSpeakerLabels']}"})
    if asked.get("VocabularyName"):
        chosen.append({"label": "Vocabulary", "value": asked["VocabularyName"]})
    if asked.get("ShowAlternatives"):
        chosen.append({"label": "Other readings", "value": f"Up to {asked['MaxAlternatives']}"})
    if job.content_identification:
        chosen.append({"label": "Health information", "value": "Marked"})
    return chosen


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
