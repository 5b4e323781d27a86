"""Emergency access: taken by a clinician with a reason, over after an hour, reviewed by another."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from transcripts import events
from transcripts.enums import Action, Role
from transcripts.models import EmergencyAccess, Membership, Patient

MINUTES = 60
BATCH = 200


class Refused(Exception):
    """It can't be taken or reviewed so; the message is a sentence for the page."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


def take(*, member: Membership, mrn: str, reason: str) -> EmergencyAccess:
    """Access to the recordings of the patient with this number for an hour. Raises Refused."""
    if member.role != Role.CLINICIAN:
        raise Refused("Only clinicians take emergency access.")
    if not reason.strip():
        raise Refused("Say why: it is read afterwards.", "reason")
    patient = Patient.objects.filter(practice=member.practice_id, mrn=mrn.strip()).first()
    if patient is None:
        _report(Action.EMERGENCY_REFUSED, member, None, outcome="denied")
        raise Refused("Your practice has no patient with this number.", "mrn")
    with transaction.atomic():
        Membership.objects.select_for_update(no_key=True).get(pk=member.pk)
        now = timezone.now()
        rows = EmergencyAccess.objects.filter(member=member, patient=patient, ends_at__gt=now)
        if running := rows.first():
            return running
        grant = EmergencyAccess.objects.create(
            practice=member.practice,
            member=member,
            patient=patient,
            reason=reason.strip(),
            began_at=now,
            ends_at=now + timedelta(minutes=MINUTES),
        )
        _report(Action.EMERGENCY_BEGUN, member, grant)
        return grant


@transaction.atomic
def give_up(*, grant: EmergencyAccess, by: Membership) -> None:
    """The person needs it no longer."""
    rows = EmergencyAccess.objects.filter(pk=grant.pk, member=by, ends_at__gt=Now())
    if not rows.update(ends_at=Now(), end_told=True):
        raise Refused("This access has ended already.")
    _report(Action.EMERGENCY_ENDED, by, grant)


@transaction.atomic
def review(*, grant: EmergencyAccess, finding: str, by: Membership) -> None:
    """Somebody else has looked at why it was taken and what was read."""
    if grant.member_id == by.pk:
        raise Refused("Another person reviews your emergency access.")
    rows = EmergencyAccess.objects.filter(pk=grant.pk, reviewed_at=None)
    if not rows.update(reviewed_at=Now(), reviewed_by=by, finding=finding.strip()):
        raise Refused("This access was reviewed already.")
    _report(Action.EMERGENCY_REVIEWED, by, grant)


def report_refusal(*, member: Membership) -> None:
    """Somebody tried to change what emergency access only shows."""
    _report(Action.EMERGENCY_REFUSED, member, None, outcome="denied")


def tell_ends() -> dict[str, int]:
    """Puts the end of what ran out into the audit log; how many."""
    ended = EmergencyAccess.objects.filter(ends_at__lte=Now(), end_told=False)
    told = 0
    for key in list(ended.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows = ended.select_for_update(skip_locked=True, of=("self",))
            grant = rows.select_related("member__user").filter(pk=key).first()
            if grant is None:
                continue
            EmergencyAccess.objects.filter(pk=key).update(end_told=True)
            _report(Action.EMERGENCY_ENDED, grant.member, grant)
            told += 1
    return {"ended": told}


def _report(
    action: Action, by: Membership, grant: EmergencyAccess | None, outcome: str = "success"
) -> None:
    events.emit(
        events.Event(
            action=action,
            practice_id=by.practice_id,
            by=by.user,
            object_type="EmergencyAccess",
            object_id=grant and grant.pk,
            patient_id=grant and grant.patient_id,
            outcome=outcome,
        )
    )
