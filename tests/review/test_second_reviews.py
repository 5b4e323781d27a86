"""Second reviews: drawn by chance, done blind by somebody else, compared, scored, kept."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from review import second_reviews as reads
from review.actions import disputes, quality_draw, quality_rules, second_reviews
from review.models import Addendum, AuditEvent, Finding, QualityDraw, SecondReview
from review.policies import Refused
from review.quality import draw
from tests.review import seconds
from tests.review.seconds import closed, drawn, second_editor, signed, submitted
from tests.rows import ignored_triggers

pytestmark = pytest.mark.django_db
FIRST = {0: "Patient takes losartan daily."}


@pytest.fixture
def sven(cast):
    return second_editor(cast)


def test_without_a_rule_nothing_is_drawn_and_older_documents_never_are(cast, sven):
    signed(cast)
    assert quality_draw.draw_due() == {"documents": 0, "drawn": 0, "given": 0}
    seconds.everything(cast)
    assert quality_draw.draw_due()["documents"] == 0
    later = signed(cast, mrn="2")
    assert quality_draw.draw_due() == {"documents": 1, "drawn": 1, "given": 1}
    assert quality_draw.draw_due()["documents"] == 0
    assert SecondReview.objects.get().review_id == later.pk


def test_the_draw_is_kept_with_its_seed_and_can_be_repeated_by_anybody(cast, sven):
    quality_rules.set_rule(reviewer=cast.editor.user, type="DICTATION", percent=0, by=cast.manager)
    seconds.everything(cast)
    review = signed(cast, FIRST)
    quality_draw.draw_due()
    row = QualityDraw.objects.get(review=review)
    assert (row.drawn, row.percent, row.subject_id) == (False, 0, cast.editor.user_id)
    assert row.seed == review.attested.sha256 and row.number == draw.number(row.seed)
    assert not SecondReview.objects.exists()
    told = AuditEvent.objects.get(action="quality.drawn")
    assert told.detail == {"number": row.number, "percent": 0, "drawn": False}


def test_the_database_draws_nobody_against_chance(cast, sven):
    drawn(cast)
    row = QualityDraw.objects.get()
    with (
        ignored_triggers("review_qualitydraw"),
        pytest.raises(IntegrityError, match="chance"),
        transaction.atomic(),
    ):
        QualityDraw.objects.filter(pk=row.pk).update(drawn=False)


def test_it_goes_to_somebody_who_did_not_work_on_it(cast, sven):
    second = drawn(cast, FIRST)
    assert second.reviewer == sven.user and second.subject == cast.editor.user
    assert [m.user.username for m in quality_draw.eligible(second.review)] == ["max", "sven"]


def test_with_nobody_else_a_manager_gets_it_and_without_one_it_waits(cast):
    cast.manager.disabled_at = "2026-01-01T00:00Z"
    seconds.everything(cast)
    type(cast.manager).objects.filter(pk=cast.manager.pk).update(disabled_at="2026-01-01T00:00Z")
    signed(cast)
    quality_draw.draw_due()
    assert SecondReview.objects.get().state == "waiting"
    type(cast.manager).objects.filter(pk=cast.manager.pk).update(disabled_at=None)
    assert quality_draw.draw_due()["given"] == 1
    assert SecondReview.objects.get().reviewer == cast.manager.user


@pytest.mark.parametrize("who", ["editor", "clinician"])
def test_the_database_refuses_who_edited_or_signed(cast, sven, who):
    second = drawn(cast, FIRST)
    user = getattr(cast, who).user
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondReview.objects.filter(pk=second.pk).update(reviewer=user)
    with pytest.raises(Refused, match="worked on the document"):
        quality_draw.give(second=second, to=getattr(cast, who), by=cast.manager)
    again = quality_draw.give(second=second, to=cast.manager, by=cast.manager)
    assert again.reviewer == cast.manager.user


def test_a_document_has_one_open_second_review(cast, sven):
    second = drawn(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        SecondReview.objects.create(
            review=second.review, practice=cast.practice, subject=second.subject
        )
    second_reviews.withdraw(second=second, reason="The sound is gone.", by=cast.manager)
    SecondReview.objects.create(
        review=second.review, practice=cast.practice, subject=second.subject
    )


def test_an_unsigned_document_has_none(cast):
    from tests import rows

    with pytest.raises(IntegrityError, match="signed"), transaction.atomic():
        SecondReview.objects.create(
            review=rows.review(cast), practice=cast.practice, subject=cast.editor.user
        )


def test_the_blind_text_begins_as_the_machines_and_is_kept_line_by_line(cast, sven):
    second = drawn(cast, FIRST)
    typed = reads.Texts(second).typed
    assert typed[0] == "Patient takes lisinopril daily."  # not what the first made of it
    with pytest.raises(Refused, match="Another person"):
        second_reviews.type_line(second=second, index=0, text="x", by=cast.manager)
    with pytest.raises(Refused, match="no such line"):
        second_reviews.type_line(second=second, index=9, text="x", by=sven)
    kept = second_reviews.type_line(
        second=second, index=2, text=" Follow up  in ten weeks .", by=sven
    )
    assert kept == "Follow up in ten weeks."
    second.refresh_from_db()
    assert second.typed == {"2": "Follow up in ten weeks."}
    second_reviews.type_line(second=second, index=2, text="Follow up in two weeks.", by=sven)
    second.refresh_from_db()
    assert second.typed == {}


def test_what_both_and_what_only_one_found(cast, sven):
    second = drawn(cast, {0: "Patient takes losartan daily.", 1: "Denies chest pressure."})
    second = submitted(second, sven, {0: seconds.TRUE[0], 2: seconds.TRUE[2]})
    assert (second.state, second.both, second.independent) == ("compare", 1, True)
    pressure, ten = second.findings.all()
    assert (pressure.heard, pressure.stands, pressure.said) == ("pain", "pressure", "pain")
    assert (pressure.first_changed, pressure.second_changed) == (True, False)
    assert (ten.heard, ten.stands, ten.said) == ("two", "two", "ten")
    assert (float(ten.start), float(ten.end)) == (7.5, 8.0)
    with pytest.raises(Refused, match="being compared"):
        second_reviews.type_line(second=second, index=0, text="x", by=sven)
    with pytest.raises(Refused, match="2 differences are"):
        second_reviews.close(second=second, by=sven)


def compared(cast, sven):
    second = drawn(cast, {0: "Patient takes losartan daily.", 1: "Denies chest pressure."})
    second = submitted(second, sven, {0: seconds.TRUE[0], 2: seconds.TRUE[2]})
    return second, *second.findings.all()


def test_the_score_follows_the_rubric_and_the_counts_the_verdicts(cast, sven):
    second, pressure, ten = compared(cast, sven)
    second_reviews.judge(
        finding=pressure, verdict="signed_wrong", kind="word", severity="major", by=sven
    )
    second_reviews.judge(finding=ten, verdict="signed_wrong", kind="value", severity="", by=sven)
    second_reviews.mark(
        second=second, first=0, last=1, said="Mr. Probe", kind="spelling", severity="", by=sven
    )
    done = second_reviews.close(second=second, by=sven)
    assert (done.score, done.points, done.passed) == (95_75, 4_25, False)
    # The word that the first review made wrong was no error of the machine.
    assert (done.both, done.first_only, done.second_only) == (1, 0, 1)
    assert done.score_at_close == done.score and done.words == 12


def test_an_error_needs_its_class_and_what_is_decided_can_be_taken_back(cast, sven):
    _, pressure, ten = compared(cast, sven)
    with pytest.raises(Refused, match="kind of error"):
        second_reviews.judge(finding=ten, verdict="signed_wrong", by=sven)
    with pytest.raises(Refused, match="which of the two"):
        second_reviews.judge(finding=ten, verdict="open", by=sven)
    second_reviews.judge(finding=ten, verdict="second_wrong", by=sven)
    second_reviews.unmark(finding=ten, by=sven)
    assert Finding.objects.get(pk=ten.pk).verdict == "open"
    with pytest.raises(IntegrityError, match="class_and_severity"), transaction.atomic():
        Finding.objects.filter(pk=ten.pk).update(verdict="signed_wrong")


def test_who_had_looked_at_the_signed_text_is_not_independent(cast, sven, as_):
    second = drawn(cast)
    as_(sven).get(f"/recordings/{second.review.recording_id}/")
    assert submitted(second, sven, {}).independent is False


def test_nothing_changes_once_it_is_closed(cast, sven):
    second, pressure, ten = compared(cast, sven)
    document = second.review.attested.document
    closed(second, sven)
    for act in (
        lambda: Finding.objects.filter(pk=ten.pk).update(note="x"),
        lambda: Finding.objects.filter(pk=ten.pk).delete(),
        lambda: SecondReview.objects.filter(pk=second.pk).update(both=9),
        lambda: SecondReview.objects.filter(pk=second.pk).update(state="compare"),
        lambda: SecondReview.objects.filter(pk=second.pk).delete(),
        lambda: Finding.objects.create(
            second=second, practice=cast.practice, first=0, last=1, start=0, end=1
        ),
    ):
        with pytest.raises(IntegrityError, match="over|kept|protected"), transaction.atomic():
            act()
    with pytest.raises(Refused, match="closed"):
        second_reviews.judge(finding=ten, verdict="either", by=sven)
    assert second.review.attested.document == document


def test_a_grave_finding_waits_for_the_author_as_a_draft_of_an_addendum(cast, sven):
    second, *_ = compared(cast, sven)
    closed(second, sven)
    draft = Addendum.objects.get(review=second.review)
    assert draft.author == cast.clinician and not hasattr(draft, "signature")
    assert "“two” should read “ten”." in draft.text
    second.review.refresh_from_db()
    assert second.review.state == "signed"


def test_a_light_finding_asks_nothing_of_the_author(cast, sven):
    second, *_ = compared(cast, sven)
    closed(second, sven, severity="minor")
    assert not Addendum.objects.exists()


def test_a_dispute_that_strikes_a_finding_moves_the_score(cast, sven):
    second, pressure, ten = compared(cast, sven)
    assert closed(second, sven).score == 94_00
    ten = Finding.objects.get(pk=ten.pk)
    with pytest.raises(Refused, match="Only the person"):
        disputes.open_dispute(finding=ten, text="No.", by=sven)
    with pytest.raises(Refused, match="reason"):
        disputes.open_dispute(finding=ten, text=" ", by=cast.editor)
    dispute = disputes.open_dispute(finding=ten, text="I hear two.", by=cast.editor)
    disputes.answer(dispute=dispute, text="At 8 seconds?", by=sven)
    with pytest.raises(Refused, match="Somebody else"):
        disputes.resolve(dispute=dispute, outcome="struck", text="So it is.", by=cast.editor)
    disputes.resolve(dispute=dispute, outcome="struck", text="It is two.", by=cast.manager)
    second.refresh_from_db()
    assert (second.score, second.passed, second.score_at_close) == (97_00, False, 94_00)
    assert (second.first_only, second.second_only) == (0, 0)
    assert [one.text for one in dispute.remarks.all()] == [
        *("I hear two.", "At 8 seconds?", "It is two.")
    ]
    with pytest.raises(Refused, match="resolved"):
        disputes.answer(dispute=dispute, text="But", by=cast.editor)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        type(dispute).objects.filter(pk=dispute.pk).update(outcome="stands")


def test_a_dispute_can_change_the_severity_or_nothing(cast, sven):
    second, pressure, ten = compared(cast, sven)
    closed(second, sven)
    for finding, outcome, severity in ((ten, "changed", "minor"), (pressure, "stands", "")):
        row = Finding.objects.get(pk=finding.pk)
        dispute = disputes.open_dispute(finding=row, text="Too hard.", by=cast.editor)
        disputes.resolve(dispute=dispute, outcome=outcome, severity=severity, text="Yes.", by=sven)
    second.refresh_from_db()
    assert second.score == 96_75
    assert Finding.objects.get(pk=ten.pk).severity == "critical"  # the finding itself stays


def test_what_is_no_error_can_not_be_disputed_even_behind_the_programs_back(cast, sven):
    second, pressure, ten = compared(cast, sven)
    second_reviews.judge(finding=ten, verdict="either", by=sven)
    second_reviews.judge(finding=pressure, verdict="second_wrong", by=sven)
    done = second_reviews.close(second=second, by=sven)
    assert done.score == 100_00 and (done.first_only, done.second_only) == (1, 0)
    with pytest.raises(Refused, match="Only an error"):
        disputes.open_dispute(finding=Finding.objects.get(pk=ten.pk), text="x", by=cast.editor)
    with pytest.raises(IntegrityError, match="disputed"), transaction.atomic():
        ten.dispute = disputes.Dispute.objects.create(
            finding=ten, practice=cast.practice, opened_by=cast.editor.user
        )


def test_who_sees_it(cast, sven):
    second, *_ = compared(cast, sven)

    def seen_by(*people):
        return [reads.listed(person).filter(pk=second.pk).exists() for person in people]

    people = (sven, cast.manager, cast.editor, cast.clinician, cast.auditor, cast.outsider)
    assert seen_by(*people) == [True, True, False, False, False, False]
    closed(second, sven)
    assert seen_by(*people) == [True, True, True, False, False, False]
