"""Suspected adverse drug events: looked for in signed documents, decided by a person.

The search is a duty and no part of the signature: a document that can't be read holds up no
signing, and no signing waits for it.
"""

import json
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from review import queries
from review.enums import FINAL, Action, Causality, Meaning, Suspicion
from review.models import AdverseEvent, AdverseEventSearch, Signature
from review.policies import Refused
from review.safety import reactions, signed
from transcripts import duties, events
from transcripts.access import visible_recordings
from transcripts.engines.entities import LocalLanguage
from transcripts.models import Membership

EVERY = timedelta(minutes=1)
BATCH = 200
MAX_REASON = 300
MAX_EVIDENCE = 2_000
_engine = LocalLanguage()


def due(since: timedelta | None = None) -> QuerySet[Signature]:
    """Signed texts that were not searched yet, oldest first; `since`: those signed so lately."""
    rows = Signature.objects.filter(
        review__state__in=FINAL,
        meaning__in=[Meaning.AUTHOR_ATTESTED, Meaning.AMENDED],
        adverse_event_search=None,
    )
    if since is not None:
        rows = rows.filter(signed_at__gte=timezone.now() - since)
    return rows.order_by("signed_at", "pk")


def search_due(since: timedelta | None = queries.LATELY) -> dict[str, int]:
    """Looks through what is due, each document in a transaction of its own. A duty."""
    searched = found = 0
    for pk in list(due(since).values_list("pk", flat=True)[:BATCH]):
        if duties.over():
            break
        found += search(pk)
        searched += 1
    return {"searched": searched, "found": found}


@transaction.atomic
def search(signature_id: UUID) -> int:
    """Keeps what the rules find in one signed text; how many. Once for each text, ever."""
    rows = Signature.objects.select_related("review__recording").select_for_update(of=("self",))
    signature = rows.get(pk=signature_id)
    if AdverseEventSearch.objects.filter(pk=signature.pk).exists():
        return 0
    document = signed.document(json.loads(signature.document), _engine.detect_clinical)
    recording = signature.review.recording
    made = [
        AdverseEvent(
            practice_id=recording.practice_id,
            signature=signature,
            drug=one.drug,
            reaction=one.reaction,
            cue=one.cue,
            evidence=one.evidence[:MAX_EVIDENCE],
            **_times(one),
        )
        for one in reactions.find(document)
    ]
    AdverseEvent.objects.bulk_create(made)
    AdverseEventSearch.objects.create(
        signature=signature,
        practice_id=recording.practice_id,
        rules=reactions.RULES,
        found=len(made),
    )
    events.about(
        recording, Action.ADVERSE_EVENTS_SEARCHED, signature=str(signature.pk), found=len(made)
    )
    return len(made)


def _times(one: reactions.Suspected) -> dict[str, str | None]:
    """Seconds of the evidence, where its words have times."""
    timed = [w for w in one.words if w.start is not None and w.end_time is not None]
    first = min((w.start for w in timed), default=0.0)
    last = max((w.end_time for w in timed), default=0.0)
    if last <= first:
        return {"start": None, "end": None}
    return {"start": f"{first:.3f}", "end": f"{last:.3f}"}


@transaction.atomic
def accept(*, event_id: UUID, causality: str, reason: str, by: Membership) -> AdverseEvent:
    """Holds that the drug may have caused it, how likely by WHO-UMC; a reason may be added.

    Raises Refused, or AdverseEvent.DoesNotExist where it is not this person's to see.
    """
    row = _locked(event_id, by)
    if causality not in Causality.values:
        raise Refused("Choose how likely the drug was the cause.")
    return _decide(row, Suspicion.ACCEPTED, by, reason=_checked(reason), causality=causality)


@transaction.atomic
def reject(*, event_id: UUID, reason: str, by: Membership) -> AdverseEvent:
    """Holds that it is no adverse event, and says why. Raises as accept() does."""
    row = _locked(event_id, by)
    if not (reason := _checked(reason)):
        raise Refused("Write why this is no adverse event.")
    return _decide(row, Suspicion.REJECTED, by, reason=reason)


@transaction.atomic
def reopen(*, event_id: UUID, by: Membership) -> AdverseEvent:
    """Takes a decision back; the audit log keeps who had decided what. Raises as accept() does."""
    row = _locked(event_id, by)
    if row.state == Suspicion.OPEN:
        raise Refused("This is not decided yet.")
    before = row.state
    row.state, row.decided_by, row.decided_at = Suspicion.OPEN, None, None
    row.causality = row.reason = ""
    row.save(update_fields=DECISION)
    _tell(row, Action.ADVERSE_EVENT_REOPENED, by, before=before)
    return row


DECISION = ["state", "causality", "reason", "decided_by", "decided_at"]


def _decide(
    row: AdverseEvent, state: Suspicion, by: Membership, *, reason: str, causality: str = ""
) -> AdverseEvent:
    if row.state != Suspicion.OPEN:
        raise Refused("This was decided already. Take the decision back first.")
    row.state, row.reason, row.causality = state, reason, causality
    row.decided_by, row.decided_at = by.user, timezone.now()
    row.save(update_fields=DECISION)
    _tell(row, Action.ADVERSE_EVENT_DECIDED, by, decision=str(state), causality=causality)
    return row


def _locked(event_id: UUID, by: Membership) -> AdverseEvent:
    rows = AdverseEvent.objects.select_related("signature__review__recording", "decided_by")
    mine = rows.filter(
        practice=by.practice_id, signature__review__recording__in=visible_recordings(by)
    )
    return mine.select_for_update(of=("self",)).get(pk=event_id)


def _checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if len(reason) > MAX_REASON:
        raise Refused(f"Write the reason in at most {MAX_REASON} characters.")
    return reason


def _tell(row: AdverseEvent, action: Action, by: Membership, **detail: str) -> None:
    events.about(
        row.signature.review.recording, action, by.user, adverse_event=str(row.pk), **detail
    )
