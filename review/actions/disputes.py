"""Disputes about findings: opened by whose review it was, answered, resolved with a reason."""

from django.db import transaction
from django.utils import timezone

from review.actions import second_reviews
from review.enums import Action, Outcome, SecondState, Verdict
from review.models import Dispute, Finding, Remark, SecondReview
from review.permissions import Permission, refusal
from review.policies import Refused
from review.quality.rubric import WEIGHTS
from transcripts import events
from transcripts.models import Membership

MAX_TEXT = 1_000


def dispute_refusal(finding: Finding, member: Membership | None) -> str | None:
    """Why this person can't dispute the finding now; None when they can."""
    second = finding.second
    if second.state != SecondState.CLOSED or finding.verdict != Verdict.SIGNED_WRONG:
        return "Only an error of a closed second review can be disputed."
    if member is None or second.subject_id != member.user_id:
        return "Only the person whose review it was disputes a finding."
    if hasattr(finding, "dispute"):
        return "This finding is disputed already."
    return None


def remark_refusal(dispute: Dispute, member: Membership | None) -> str | None:
    """Why this person can't write in the thread now; None when they can."""
    if dispute.outcome:
        return "This dispute is resolved."
    second = dispute.finding.second
    if member and member.user_id in (second.subject_id, second.reviewer_id):
        return None
    return refusal(member, Permission.QUALITY)


def resolve_refusal(dispute: Dispute, member: Membership | None) -> str | None:
    """Why this person can't resolve it now; None when they can."""
    if member and dispute.opened_by_id == member.user_id:
        return "Somebody else resolves your dispute: who found it, or a manager."
    return remark_refusal(dispute, member)


@transaction.atomic
def open_dispute(*, finding: Finding, text: str, by: Membership) -> Dispute:
    """Whose review it was says why the finding is wrong. Raises Refused."""
    row = (
        Finding.objects.select_for_update(of=("self",)).select_related("second").get(pk=finding.pk)
    )
    if sentence := dispute_refusal(row, by):
        raise Refused(sentence)
    made = Dispute.objects.create(finding=row, practice_id=row.practice_id, opened_by=by.user)
    _remark(made, text, by)
    _tell(made, Action.DISPUTE_OPENED, by)
    return made


@transaction.atomic
def answer(*, dispute: Dispute, text: str, by: Membership) -> Remark:
    row = _locked(dispute)
    if sentence := remark_refusal(row, by):
        raise Refused(sentence)
    made = _remark(row, text, by)
    _tell(row, Action.DISPUTE_ANSWERED, by)
    return made


@transaction.atomic
def resolve(
    *, dispute: Dispute, outcome: str, text: str, by: Membership, severity: str = ""
) -> Dispute:
    """Ends it: the finding stands, gets another severity, or was no error; the score follows."""
    row = _locked(dispute)
    if sentence := resolve_refusal(row, by):
        raise Refused(sentence)
    if outcome not in Outcome.values:
        raise Refused("Say how it ends.")
    changed = outcome == Outcome.CHANGED
    if changed and (severity not in WEIGHTS or severity == row.finding.severity):
        raise Refused("Choose the other severity.")
    _remark(row, text, by)
    row.outcome, row.severity = outcome, severity if changed else ""
    row.resolved_by, row.resolved_at = by.user, timezone.now()
    row.save(update_fields=["outcome", "severity", "resolved_by", "resolved_at"])
    second = SecondReview.objects.select_for_update(of=("self",)).select_related(
        "review__transcript"
    )
    after = second_reviews.refresh(second.get(pk=row.finding.second_id))
    _tell(row, Action.DISPUTE_RESOLVED, by, outcome=outcome, score=after.score)
    return row


def _locked(dispute: Dispute) -> Dispute:
    rows = Dispute.objects.select_for_update(of=("self",))
    return rows.select_related("finding__second").get(pk=dispute.pk)


def _remark(dispute: Dispute, text: str, by: Membership) -> Remark:
    clean = " ".join(text.split())
    if not clean:
        raise Refused("Give the reason.")
    if len(clean) > MAX_TEXT:
        raise Refused(f"Write at most {MAX_TEXT:,} characters.")
    return Remark.objects.create(
        dispute=dispute, practice_id=dispute.practice_id, by=by.user, text=clean
    )


def _tell(dispute: Dispute, action: Action, by: Membership, **detail: object) -> None:
    recording = dispute.finding.second.review.recording
    events.about(recording, action, by.user, finding=str(dispute.pk), **detail)
