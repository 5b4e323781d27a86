"""Reads of second reviews: the machine's lines, the blind text, the signed words, what differs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from review import documents
from review.enums import SECOND_OVER, Action, Outcome, SecondState, Verdict
from review.models import Addendum, AuditEvent, Dispute, Finding, SecondReview
from review.permissions import Permission, refusal
from review.quality import places
from review.quality.rubric import Error, Score, Severity, score
from review.timing import normalise, text_of, tokenise
from transcripts.access import visible_recordings
from transcripts.models import Membership

# What shows the signed text to somebody.
SHOWN_BY = (
    Action.REVIEW_VIEWED,
    Action.HISTORY_VIEWED,
    Action.ENTITIES_VIEWED,
    Action.SIGN_PREVIEWED,
    Action.DOCUMENT_RELEASED,
    Action.DRAFT_RELEASED,
)


@dataclass(frozen=True)
class Texts:
    """The three texts of a second review. Two queries."""

    second: SecondReview

    @cached_property
    def lines(self) -> list[Any]:
        return list(self.second.review.transcript.segments.order_by("index"))

    @cached_property
    def machine(self) -> list[dict[str, Any]]:
        """The machine's items, of all segments."""
        return [item for line in self.lines for item in line.items]

    @cached_property
    def signed(self) -> list[list[Any]]:
        """The words of the signed document: id, content, start, end and more."""
        return documents.content(self.second.review)["words"]

    @cached_property
    def typed(self) -> list[str]:
        """The second reviewer's text, by segment."""
        given = self.second.typed
        return [given.get(str(line.index), text_of(line.items)) for line in self.lines]

    @cached_property
    def second_words(self) -> list[list[str]]:
        """The same as words and marks, by segment."""
        return [[content for _, content in tokenise(text)] for text in self.typed]

    def places(self) -> list[places.Place]:
        return places.compare([line.items for line in self.lines], self.signed, self.second_words)


def seconds(timed: Sequence[tuple[Any, Any]], span: tuple[int, int], end: Any) -> tuple[Any, Any]:
    """When words were said, or around what would stand there; `timed` are starts and ends."""
    first, last = span
    within = [pair for pair in timed[first:last] if pair[0] is not None]
    if within:
        return within[0][0], within[-1][1]
    before = [pair[1] for pair in timed[:first] if pair[1] is not None]
    after = [pair[0] for pair in timed[last:] if pair[0] is not None]
    return (before[-1] if before else 0), (after[0] if after else end)


def words_of(words: Iterable[str]) -> str:
    """Words as they are read: no space before punctuation."""
    return normalise(" ".join(words))


def second_or_404(member: Membership | None, pk: UUID) -> SecondReview:
    """One that this person takes part in, or manages; else Http404. While it is blind, or being
    compared, whose review it was does not see it."""
    rows = listed(member).select_related(
        "practice", "reviewer", "subject", "review__transcript", "review__recording__patient"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def listed(member: Membership | None) -> QuerySet[SecondReview]:
    """What concerns a person: theirs to do, those of their work once closed, a manager's all."""
    if member is None or refusal(member, Permission.SECOND_REVIEW):
        return SecondReview.objects.none()
    rows = SecondReview.objects.filter(practice=member.practice_id)
    if refusal(member, Permission.QUALITY) is None:
        return rows
    mine = rows.filter(reviewer=member.user_id, review__recording__in=visible_recordings(member))
    return mine | rows.filter(subject=member.user_id, state=SecondState.CLOSED)


def concerning(member: Membership) -> dict[str, QuerySet[Any]]:
    """What waits for this person, oldest first: second reviews to do, corrections that were drafted
    for them to sign or discard, and disputes of others that they may resolve."""
    rows = listed(member)
    drafts = Addendum.objects.filter(author=member, signature=None)
    drafts = drafts.filter(review__second_reviews__state=SecondState.CLOSED)
    disputes = Dispute.objects.filter(outcome="", finding__second__in=rows)
    return {
        "second_reviews": rows.filter(reviewer=member.user_id).exclude(state__in=SECOND_OVER),
        "corrections": drafts.distinct(),
        "disputes": disputes.exclude(opened_by=member.user_id).order_by("opened_at"),
    }


def looked_before(second: SecondReview) -> bool:
    """Whether the reviewer had the signed text before them, by the audit log."""
    rows = AuditEvent.objects.filter(
        practice=second.practice_id,
        object_id=str(second.review.recording_id),
        actor_id=str(second.reviewer_id),
        action__in=SHOWN_BY,
    )
    return rows.exists()


def severity_of(finding: Finding) -> str:
    """How grave an error is now, after a dispute; "" where there is none."""
    dispute = getattr(finding, "dispute", None)
    if dispute and dispute.outcome == Outcome.STRUCK:
        return ""
    return dispute.severity if dispute and dispute.severity else finding.severity


def scored(findings: Iterable[Finding], characters: int) -> Score:
    """The score as the findings stand now."""
    errors = [
        Error(one.kind, severity, one.stands, one.said)
        for one in findings
        if (severity := severity_of(one))
    ]
    return score(errors, characters)


def counts(findings: Iterable[Finding]) -> tuple[int, int]:
    """Machine errors that the first alone, and the second alone, put right.

    What was marked by hand, and what is no error, counts for neither.
    """
    first = second = 0
    for one in findings:
        severity = severity_of(one)
        if one.by_hand or one.verdict in (Verdict.OPEN, Verdict.EITHER):
            continue
        if one.verdict == Verdict.SIGNED_WRONG and severity:
            second += one.second_changed and severity != Severity.FEEDBACK
        else:
            first += one.first_changed
    return first, second
