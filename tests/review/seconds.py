"""Signed documents, drawn and reviewed a second time, for the tests of quality."""

from uuid import uuid4

from review.actions import edit, quality_draw, quality_rules, second_reviews
from review.models import Review, SecondReview
from tests import rows
from tests.cast import Cast, member
from transcripts.enums import Role
from transcripts.models import Membership

# What the machine said (see factories.WORDS), and what was really said.
TRUE = ["Patient takes losartan daily.", "Denies chest pain.", "Follow up in ten weeks."]


def second_editor(cast: Cast, name: str = "sven") -> Membership:
    return member(cast.practice, name, Role.EDITOR)


def everything(cast: Cast) -> None:
    """From now on every document is reviewed a second time."""
    quality_rules.set_rule(reviewer=None, type="", percent=100, by=cast.manager)


def type_in(review: Review, by: Membership, place: int, text: str) -> None:
    segment = review.text.order_by("position")[place]
    edit.replace_text(
        review=review,
        segment_id=segment.pk,
        base_version=segment.version,
        text=text,
        op_id=uuid4(),
        by=by,
    )


def signed(cast: Cast, first: dict[int, str] | None = None, **changes: object) -> Review:
    """A document that the editor corrected at these lines, signed by its author."""
    review = rows.review(cast, **changes)
    for place, text in (first or {}).items():
        type_in(review, cast.editor, place, text)
    rows.signed(review, cast)
    return Review.objects.select_related("recording", "practice").get(pk=review.pk)


def drawn(cast: Cast, first: dict[int, str] | None = None, **changes: object) -> SecondReview:
    """The second review of such a document, given to somebody."""
    everything(cast)
    review = signed(cast, first, **changes)
    quality_draw.draw_due()
    return SecondReview.objects.get(review=review)


def submitted(second: SecondReview, by: Membership, typed: dict[int, str]) -> SecondReview:
    for index, text in typed.items():
        second_reviews.type_line(second=second, index=index, text=text, by=by)
    return second_reviews.submit(second=second, by=by)


def closed(second: SecondReview, by: Membership, severity: str = "critical") -> SecondReview:
    """Every difference decided as an error of the signed text, and closed."""
    for finding in second.findings.all():
        if not finding.by_hand:
            second_reviews.judge(
                finding=finding, verdict="signed_wrong", kind="drug", severity=severity, by=by
            )
    return second_reviews.close(second=second, by=by)
