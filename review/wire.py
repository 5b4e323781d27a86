"""Reviews as the JSON of the review screen. Writes nothing. Their text is in lines.py."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from review import differences
from review.actions import rerun
from review.enums import FINAL, FROZEN, Pend, State
from review.models import Comparison, Review, Signature
from review.permissions import Permission, refusal
from review.policies import (
    addendum_refusal,
    cosign_refusal,
    details_refusal,
    edit_refusal,
    rerun_refusal,
    review_refusal,
    sign_refusal,
    tally,
)
from transcripts.enums import LIVE_STATUSES, EngineName
from transcripts.jinja import url
from transcripts.models import MedicalTranscriptionJob, Membership, Shadow
from transcripts.queries import tags_of
from transcripts.statements import written_once


def review(
    row: Review, member: Membership, now: dict[str, int | bool] | None = None
) -> dict[str, Any]:
    """The review as this member sees it, with what they may do and why not.

    One query, none where its tally is given as `now`.
    """
    now = now or tally(row)
    edit = edit_refusal(row, member)
    sign = sign_refusal(row, member, open_flags=now["open"], has_text=now["text"])
    attested = row.attested if row.state in FROZEN else None
    return {
        "id": str(row.pk),
        "state": row.state,
        "state_label": row.get_state_display(),
        "threshold": float(row.threshold),
        "look_below": float(row.look_below) if row.look_below is not None else None,
        "look_url": url("look", row.recording_id),
        "plays_url": url("plays", row.recording_id),
        "entities_url": url("entities", row.recording_id),
        "assignee": row.assignee_id and str(row.assignee_id),
        "pend": row.pend,
        "flags_open": now["open"],
        "flags_total": now["all"],
        "can_edit": edit is None,
        "edit_reason": edit,
        "can_sign": sign is None,
        "sign_reason": sign,
        "sign_url": url("sign", row.recording_id),
        "operations_url": url("operations", row.recording_id),
        "signed": attested and _signature(attested),
        "additions": attested and additions(row, attested, member),
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
            "accept_url": url("again-accept", row.recording_id),
            "dismiss_url": url("again-dismiss", row.recording_id),
        }
    again = may_edit and rerun_refusal(row, job) is None
    describe = refusal(member, Permission.EDIT) is None and details_refusal(row) is None
    return {
        "offered": offered,
        "rerun_url": url("again", row.recording_id) if again else None,
        "details_url": url("details", row.recording_id) if describe else None,
        "work": work(row, member),
    }


def work(row: Review, member: Membership) -> dict[str, Any]:
    """Who works on it, why it rests, and where that is changed."""
    takes = refusal(member, Permission.EDIT) is None
    return {
        "with": row.assignee and {"id": str(row.assignee_id), "name": row.assignee.name},
        "note": row.pend_note,
        "assigns": refusal(member, Permission.ASSIGN) is None,
        "reasons": [{"value": value, "label": label} for value, label in Pend.choices],
        "url": url("work-on", row.recording_id),
        "next_url": url("claim-next") if takes else None,
    }


def transcript(row: Review) -> dict[str, Any]:
    """How the machine's transcript was made, and what was found in it. Four queries."""
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
        "comparison": comparison(row),
        "tags": [{"key": k, "value": v} for k, v in sorted(tags_of(row.recording).items())],
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


def comparison(row: Review) -> dict[str, Any] | None:
    """How far another engine's transcript to compare with is, and what differs. Two queries."""
    shadow = next(iter(_shadows(row.transcript.job_id)), None)
    if shadow is None:
        return None
    made = Comparison.objects.filter(transcript=row.transcript_id).defer("places").first()
    found = made and {
        "ours": made.ours,
        "same": made.same,
        "kinds": [
            {"label": differences.LABELS[kind], **made.kinds[kind]} for kind in differences.Kind
        ],
        "url": url("comparison", row.recording_id),
    }
    return {
        "engine": EngineName.AWS.label,
        "running": shadow.status in LIVE_STATUSES,
        "note": shadow.failure_reason or None,
        "found": found,
    }


@written_once
def _shadows(job: UUID) -> QuerySet[Shadow]:
    return Shadow.objects.filter(job=job).defer("segments")


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


def _signature(signature: Signature) -> dict[str, Any]:
    return {
        "by": signature.signer.name,
        "at": signature.signed_at.isoformat(),
        "meaning": signature.get_meaning_display(),
        "sha256": signature.sha256,
        "title": "",
    }


def additions(row: Review, attested: Signature, member: Membership) -> dict[str, Any]:
    """What was signed after the author's signature, and what this person may add to it now."""
    later = row.signatures.filter(number__gt=attested.number)
    where = row.recording_id
    return {
        "signed": [
            {
                "label": each.addendum.get_kind_display()
                if each.addendum
                else each.get_meaning_display(),
                "by": each.signer.name,
                "at": each.signed_at.isoformat(),
                "reason": each.addendum.reason if each.addendum else "",
                "text": each.addendum.text if each.addendum else "",
            }
            for each in later.select_related("signer", "addendum").order_by("number")
        ],
        "cosign_url": None if cosign_refusal(row, member) else url("sign", where),
        "review_url": None if review_refusal(row, member) else url("sign-review", where),
        "addendum_url": None if addendum_refusal(row, member) else url("addendum", where),
        "recipients_url": url("recipients", where) if row.state == State.AMENDED else None,
    }


DOWNLOADS = (
    ("pdf", "PDF"),
    ("txt", "Plain text"),
    ("docx", "Word"),
    ("srt", "Captions (SRT)"),
    ("vtt", "Captions (WebVTT)"),
    ("csv", "Words (CSV)"),
    ("aws", "Amazon Transcribe JSON"),
    ("deidentified", "De-identified text, to be checked"),
)
SIGNED_DOWNLOADS = (("fhir", "FHIR document"), ("proof", "Signed package, to verify"))


def downloads(row: Review) -> list[dict[str, Any]]:
    """The forms the document can leave in; drafts say so."""
    if row.state == State.WAITING:
        return []
    final = row.state in FINAL
    to_print = {"label": "Page to print", "url": url("print", row.recording_id)}
    return [
        to_print | {"draft": not final},
        *(
            {
                "label": label,
                "url": url("document", row.recording_id, form),
                "draft": not final,
            }
            for form, label in (*DOWNLOADS, *(SIGNED_DOWNLOADS if final else ()))
        ),
    ]
