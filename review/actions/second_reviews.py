"""Verbs of a second review: type it blind, submit, judge what differs, close, withdraw.

The signed text is never touched. A grave finding becomes the draft of an addendum for its author.
"""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from review import second_reviews as reads
from review.actions import addenda
from review.enums import FINAL, Action, SecondState, Verdict
from review.models import Finding, SecondReview
from review.permissions import Permission, check
from review.policies import Refused
from review.quality import places, rubric
from review.quality.rubric import Severity
from review.timing import normalise, text_of
from transcripts import events
from transcripts.models import Membership

MAX_LINE = 5_000
MAX_NOTE = 500
GRAVE = (Severity.CRITICAL, Severity.MAJOR)
MOVED_ON = {
    SecondState.WAITING: "Nobody has this second review yet.",
    SecondState.BLIND: "The blind part comes first. Finish it, then the texts are compared.",
    SecondState.COMPARE: "The blind part is over: the texts are being compared.",
    SecondState.CLOSED: "This second review is closed.",
    SecondState.WITHDRAWN: "This second review was withdrawn.",
}


@transaction.atomic
def type_line(*, second: SecondReview, index: int, text: str, by: Membership) -> str:
    """Keeps the reviewer's text of one line, as it is then; an empty one says: nothing was said."""
    row = _locked(second, by, SecondState.BLIND)
    line = row.review.transcript.segments.filter(index=index).first()
    if line is None:
        raise Refused("There is no such line.")
    clean = normalise(text)
    if len(clean) > MAX_LINE:
        raise Refused(f"A line has at most {MAX_LINE:,} characters.")
    key, before = str(index), row.typed.get(str(index))
    if clean == text_of(line.items):
        row.typed.pop(key, None)
    else:
        row.typed[key] = clean
    if row.typed.get(key) != before:
        row.save(update_fields=["typed"])
        _tell(row, Action.SECOND_TYPED, by, line=index)
    return clean


@transaction.atomic
def submit(*, second: SecondReview, by: Membership) -> SecondReview:
    """Ends the blind part: from here on the texts stand side by side, and neither changes."""
    row = _locked(second, by, SecondState.BLIND)
    texts = reads.Texts(row)
    found = texts.places()
    Finding.objects.bulk_create(
        Finding(second=row, practice_id=row.practice_id, **_described(texts, place))
        for place in found
        if not place.same
    )
    row.both = sum(place.same for place in found)
    row.words = sum(bool(places.key(str(word[1]))) for word in texts.signed)
    row.independent = not reads.looked_before(row)
    row.state = SecondState.COMPARE
    row.save(update_fields=["both", "words", "independent", "state"])
    differ = len(found) - row.both
    told = {"both": row.both, "differ": differ, "independent": row.independent}
    _tell(row, Action.SECOND_SUBMITTED, by, **told)
    return row


def _described(texts: reads.Texts, place: places.Place) -> dict[str, Any]:
    items = texts.machine
    timed = [(item["start"], item["end"]) for item in items]
    start, end = reads.seconds(timed, place.machine, texts.second.review.recording.duration)
    second = [word for line in texts.second_words for word in line]
    return {
        "first": place.signed.first,
        "last": place.signed.last,
        "start": _exact(start),
        "end": max(_exact(start), _exact(end)),
        "heard": text_of(items[slice(*place.machine)]),
        "stands": reads.words_of(str(word[1]) for word in texts.signed[slice(*place.signed)]),
        "said": reads.words_of(second[slice(*place.second)]),
        "first_changed": place.first_changed,
        "second_changed": place.second_changed,
    }


def _exact(value: Any) -> Decimal:
    return round(Decimal(str(value)), 3)


@transaction.atomic
def judge(
    *,
    finding: Finding,
    verdict: str,
    by: Membership,
    kind: str = "",
    severity: str = "",
    note: str = "",
) -> Finding:
    """Decides what a difference is; an error of the signed text gets its class and severity."""
    second = _locked(finding.second, by, SecondState.COMPARE)
    row = second.findings.get(pk=finding.pk)
    if verdict not in Verdict.values or verdict == Verdict.OPEN or row.by_hand:
        raise Refused("Say which of the two texts is right.")
    row.verdict, row.note = verdict, _note(note)
    row.kind, row.severity = "", ""
    if verdict == Verdict.SIGNED_WRONG:
        row.kind, row.severity = _graded(kind, severity)
    row.save(update_fields=["verdict", "kind", "severity", "note"])
    _tell(second, Action.SECOND_JUDGED, by, finding=str(row.pk), verdict=verdict)
    return row


@transaction.atomic
def mark(
    *,
    second: SecondReview,
    first: int,
    last: int,
    said: str,
    by: Membership,
    kind: str,
    severity: str,
    note: str = "",
) -> Finding:
    """Marks words `first` to before `last` of the signed text as an error; `said` is right."""
    row = _locked(second, by, SecondState.COMPARE)
    texts = reads.Texts(row)
    if not 0 <= first < last <= len(texts.signed):
        raise Refused("Choose the words in the signed text.")
    kind, severity = _graded(kind, severity)
    timed = [(word[2], word[3]) for word in texts.signed]
    start, end = reads.seconds(timed, (first, last), row.review.recording.duration)
    made = Finding.objects.create(
        second=row,
        practice_id=row.practice_id,
        by_hand=True,
        first=first,
        last=last,
        start=_exact(start),
        end=max(_exact(start), _exact(end)),
        stands=reads.words_of(str(word[1]) for word in texts.signed[first:last]),
        said=normalise(said)[:MAX_LINE],
        verdict=Verdict.SIGNED_WRONG,
        kind=kind,
        severity=severity,
        note=_note(note),
    )
    _tell(row, Action.SECOND_JUDGED, by, finding=str(made.pk), verdict="marked")
    return made


@transaction.atomic
def unmark(*, finding: Finding, by: Membership) -> None:
    """Takes back what was marked by hand, or opens what was decided."""
    second = _locked(finding.second, by, SecondState.COMPARE)
    row = second.findings.get(pk=finding.pk)
    if row.by_hand:
        row.delete()
    else:
        row.verdict, row.kind, row.severity, row.note = Verdict.OPEN, "", "", ""
        row.save(update_fields=["verdict", "kind", "severity", "note"])
    _tell(second, Action.SECOND_JUDGED, by, finding=str(finding.pk), verdict="taken_back")


@transaction.atomic
def close(*, second: SecondReview, by: Membership) -> SecondReview:
    """Ends it with its score; every difference must be decided."""
    row = _locked(second, by, SecondState.COMPARE)
    findings = list(row.findings.select_related("dispute"))
    left = sum(one.verdict == Verdict.OPEN for one in findings)
    if left:
        words = "1 difference is" if left == 1 else f"{left} differences are"
        raise Refused(f"{words} still to be decided.")
    row.rules, row.state, row.ended_at = rubric.VERSION, SecondState.CLOSED, timezone.now()
    _put_figures(row, findings)
    row.score_at_close = row.score
    row.save()
    proposed = _propose(row, [one for one in findings if one.severity in GRAVE], by)
    told = {"score": row.score, "passed": row.passed, "addendum": proposed}
    _tell(row, Action.SECOND_CLOSED, by, **told)
    return row


def refresh(second: SecondReview) -> SecondReview:
    """The figures of a closed one anew, after a dispute."""
    _put_figures(second, second.findings.select_related("dispute"))
    second.save(
        update_fields=["score", "points", "passed", "by_lines", "first_only", "second_only"]
    )
    return second


def _put_figures(row: SecondReview, findings: Any) -> None:
    findings = list(findings)
    text = reads.words_of(str(word[1]) for word in reads.Texts(row).signed)
    found = reads.scored(findings, len(text))
    row.score, row.points, row.passed = found.value, found.points, found.passed
    row.by_lines = found.by_lines
    row.first_only, row.second_only = reads.counts(findings)


def _propose(row: SecondReview, grave: list[Finding], by: Membership) -> bool:
    """Drafts an addendum that the author may sign, write anew or discard."""
    review = row.review
    if not grave or review.state not in FINAL:
        return False
    lines = [
        f"“{one.stands}” should read “{one.said}”." if one.stands else f"“{one.said}” is missing."
        for one in grave
    ]
    text = "\n".join(["Correction of the signed text:", *lines])
    return addenda.propose(review=review, reason="Found in a second review.", text=text, by=by)


@transaction.atomic
def withdraw(*, second: SecondReview, reason: str, by: Membership) -> SecondReview:
    """A manager ends one without a score, for a reason, such as sound that is gone."""
    check(by, Permission.QUALITY)
    row = SecondReview.objects.select_for_update(of=("self",)).get(pk=second.pk)
    if row.state in (SecondState.CLOSED, SecondState.WITHDRAWN):
        raise Refused(MOVED_ON[row.state])
    if not (clean := _note(reason)):
        raise Refused("Say why it is withdrawn.")
    row.state, row.reason, row.ended_at = SecondState.WITHDRAWN, clean, timezone.now()
    row.save(update_fields=["state", "reason", "ended_at"])
    _tell(row, Action.SECOND_WITHDRAWN, by)
    return row


def _locked(second: SecondReview, by: Membership, state: SecondState) -> SecondReview:
    """The row, locked. Raises Refused for anybody but its reviewer, and in another state."""
    rows = SecondReview.objects.select_for_update(of=("self",)).select_related(
        "review__recording__author", "review__transcript"
    )
    row = rows.get(pk=second.pk)
    check(by, Permission.SECOND_REVIEW)
    if row.reviewer_id != by.user_id:
        raise Refused("Another person does this second review.")
    if row.state != state:
        raise Refused(MOVED_ON[row.state])
    return row


def _graded(kind: str, severity: str) -> tuple[str, str]:
    if kind not in rubric.CLASSES:
        raise Refused("Choose what kind of error it is.")
    severity = severity or rubric.CLASSES[kind].usual
    if severity not in rubric.WEIGHTS:
        raise Refused("Choose how grave the error is.")
    return kind, str(severity)


def _note(text: str) -> str:
    return " ".join(text.split())[:MAX_NOTE]


def _tell(second: SecondReview, action: Action, by: Membership, **detail: Any) -> None:
    events.about(second.review.recording, action, by.user, second=str(second.pk), **detail)
