"""Removing what a practice's rules have reached, and holding back what must stay.

Each recording goes in a transaction of its own: its key is destroyed with its rows, its objects
right after. From the commit on nobody can read the audio, whatever copies of the storage there are.
"""

from uuid import UUID

import pgtrigger
from django.db import connection, transaction
from django.utils import timezone

from review import retention
from review.models import Addendum, Review
from review.policies import Refused
from transcripts import duties, events, media
from transcripts.enums import Action, RemovalRule
from transcripts.keyring import folder_of
from transcripts.models import (
    DataKey,
    Hold,
    LiveStream,
    Membership,
    Patient,
    Practice,
    Recording,
    Removal,
    RetentionRule,
)

MAX_REASON = 200
MAX_DAYS = 36_500


@transaction.atomic
def set_rules(*, audio_days: int | None, draft_days: int | None, by: Membership) -> None:
    """Sets how long things are kept; None keeps them for ever. Raises Refused."""
    for days in (audio_days, draft_days):
        if days is not None and not 1 <= days <= MAX_DAYS:
            raise Refused(f"Days are a number from 1 to {MAX_DAYS:,}, or nothing.")
    practice = _locked(by.practice_id)
    before = retention.rule_of(practice)
    RetentionRule.objects.update_or_create(
        practice=practice,
        defaults={"audio_days": audio_days, "draft_days": draft_days, "changed_by": by.user},
    )
    _tell(
        Action.RETENTION_CHANGED,
        by,
        "Practice",
        practice.pk,
        audio_days=audio_days,
        draft_days=draft_days,
        audio_days_before=before and before.audio_days,
        draft_days_before=before and before.draft_days,
    )


@transaction.atomic
def preview(*, by: Membership) -> list[retention.Due]:
    """What the rules would remove now, and what only a hold keeps; looking is on record."""
    found = retention.listed(by.practice)
    _tell(Action.RETENTION_PREVIEWED, by, "Practice", by.practice_id, found=len(found))
    return found


@transaction.atomic
def place_hold(
    *, reason: str, by: Membership, recording: Recording | None = None, patient: Patient | None
) -> Hold:
    """Keeps all of a recording, or of a patient, until the hold is lifted. Raises Refused."""
    _locked(by.practice_id)  # a removal in progress comes first
    hold = Hold.objects.create(
        practice_id=by.practice_id,
        recording=recording,
        patient=patient,
        reason=_reason(reason),
        by=by.user,
    )
    _tell_of_hold(Action.HOLD_PLACED, hold, by)
    return hold


@transaction.atomic
def lift_hold(*, hold_id: UUID, reason: str, by: Membership) -> None:
    """Raises Hold.DoesNotExist, or Refused when it was lifted already or without a reason."""
    _locked(by.practice_id)
    hold = Hold.objects.select_for_update().get(pk=hold_id, practice_id=by.practice_id)
    if hold.lifted_at:
        raise Refused("This hold was lifted already.")
    hold.lifted_reason, hold.lifted_by, hold.lifted_at = _reason(reason), by.user, timezone.now()
    hold.save(update_fields=["lifted_reason", "lifted_by", "lifted_at"])
    _tell_of_hold(Action.HOLD_LIFTED, hold, by)


def nightly() -> dict[str, int]:
    """Removes what is due in all practices, and what earlier nights left behind. A duty."""
    counts = {"audio": 0, "draft": 0, "addenda": 0, "finished": 0}
    for practice in Practice.objects.order_by("pk"):
        for name, count in enforce(practice).items():
            counts[name] += count
    counts["finished"] = finish_removals()
    return counts


def enforce(practice: Practice) -> dict[str, int]:
    """Removes what the practice's rules have reached; how much of each."""
    counts: dict[str, int] = {}
    for rule, days in retention.days_of(retention.rule_of(practice)).items():
        rows = retention.due(practice, rule, days).filter(held=False)
        counts[str(rule)] = 0
        for pk in list(rows.values_list("pk", flat=True)):
            if duties.over():
                return counts
            counts[str(rule)] += remove(recording_id=pk, practice=practice, rule=rule, days=days)
        if rule == RemovalRule.DRAFT:
            counts["addenda"] = _remove_addenda(practice, days)
    return counts


@transaction.atomic
def remove(*, recording_id: UUID, practice: Practice, rule: RemovalRule, days: int) -> bool:
    """Removes one recording's audio or draft; False where the rule does not reach it (any more)."""
    _locked(practice.pk)
    # Whoever edits or signs holds this lock, and is either seen below or waits and finds nothing.
    Review.objects.select_for_update().filter(recording=recording_id).first()
    still_due = retention.due(practice, rule, days).filter(held=False, pk=recording_id)
    recording = still_due.first()
    if recording is None:
        return False
    folder = folder_of(recording.media)
    _delete_rows(recording, rule)
    shredded, _ = DataKey.objects.filter(folder=folder).delete()
    removal = Removal.objects.create(
        practice=practice, recording=recording, rule=rule, days=days, shredded=bool(shredded)
    )
    action = Action.AUDIO_REMOVED if rule == RemovalRule.AUDIO else Action.DRAFT_REMOVED
    events.about(recording, action, None, days=days, shredded=bool(shredded))
    transaction.on_commit(lambda: _delete_objects(removal.pk, folder))
    return True


def _delete_rows(recording: Recording, rule: RemovalRule) -> None:
    """A signature that this would touch refuses it: rows refer to one another in the database."""
    tables = retention.BY_PRODUCTS if rule == RemovalRule.AUDIO else retention.DRAFT
    with pgtrigger.ignore(*retention.KEPT_OTHERWISE), transaction.atomic():
        for model, path in tables:
            rows = model.objects.filter(**{path: recording.pk})
            model.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))._raw_delete(
                rows.db
            )
        LiveStream.objects.filter(recording=recording).update(corrections={})
        if rule == RemovalRule.DRAFT:
            Recording.objects.filter(pk=recording.pk).update(original_name="")
        connection.check_constraints()


def _delete_objects(removal_id: UUID, folder: str) -> None:
    media.delete_folder(folder)
    Removal.objects.filter(pk=removal_id).update(objects_gone=True)


def finish_removals() -> int:
    """Deletes objects whose removal a process did not survive; how many recordings' those were."""
    left = Removal.objects.filter(objects_gone=False).select_related("recording")
    for row in left:
        _delete_objects(row.pk, folder_of(row.recording.media))
    return len(left)


def _remove_addenda(practice: Practice, days: int) -> int:
    removed = 0
    for pk in list(retention.drafts_of_addenda(practice, days).values_list("pk", flat=True)):
        with transaction.atomic():
            _locked(practice.pk)
            draft = retention.drafts_of_addenda(practice, days).filter(pk=pk).first()
            if draft is None:
                continue
            recording = draft.review.recording
            Addendum.objects.filter(pk=pk).delete()
            events.about(recording, Action.DRAFT_REMOVED, None, days=days, addendum=str(pk))
            removed += 1
    return removed


def _locked(practice_id: UUID) -> Practice:
    return Practice.objects.select_for_update(no_key=True).get(pk=practice_id)


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason or len(reason) > MAX_REASON:
        raise Refused(f"Write why, in at most {MAX_REASON} characters.")
    return reason


def _tell_of_hold(action: Action, hold: Hold, by: Membership) -> None:
    recording, patient = hold.recording_id, hold.patient_id
    events.emit(
        events.Event(
            action=action,
            practice_id=by.practice_id,
            by=by.user,
            object_type="Hold",
            object_id=hold.pk,
            patient_id=patient or hold.recording.patient_id,
            detail={"recording": recording and str(recording), "whole_patient": bool(patient)},
        )
    )


def _tell(action: Action, by: Membership, kind: str, pk: UUID, **detail: int | None) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=by.practice_id,
            by=by.user,
            object_type=kind,
            object_id=pk,
            detail=detail,
        )
    )
