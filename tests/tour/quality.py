"""Chapters of the tour: a second review with its dispute, and frequent corrections."""

from review.actions import quality_draw, second_reviews, terms
from review.models import SecondReview, TermDecision
from tests.cast import Cast
from tests.review import seconds
from tests.tour.page import Browsers


def reviewed_twice(cast: Cast, as_: Browsers) -> None:
    """A document drawn, corrected blind, compared, scored, disputed; another one withdrawn."""
    sven = seconds.second_editor(cast)
    seconds.everything(cast)
    made = [
        seconds.signed(cast, {0: "Patient takes losartan daily."}, mrn=mrn)
        for mrn in ("60001", "60002")
    ]
    quality_draw.draw_due()
    second, other = (SecondReview.objects.get(review=review) for review in made)
    quality_draw.give(second=second, to=sven, by=cast.manager)
    browser, manager = as_(sven), as_(cast.manager)
    for path in ("", "figures/", f"second/{second.pk}/"):
        assert browser.get(f"/quality/{path}").status_code == 200
    assert manager.get("/quality/figures/trend.csv").status_code == 200
    second = seconds.submitted(second, sven, {0: seconds.TRUE[0], 2: seconds.TRUE[2]})
    seconds.closed(second, sven)
    page = f"/quality/findings/{second.findings.get().pk}/dispute"
    told = {"text": "I hear two."}
    assert as_(cast.editor).post(page, told).status_code == 302
    assert browser.post(page, told).status_code == 302
    assert manager.post(page, told | {"outcome": "struck"}).status_code == 302
    second_reviews.withdraw(second=other, reason="No sound.", by=cast.manager)


def terms_decided(cast: Cast, as_: Browsers) -> None:
    """The same correction in two documents, added; another dismissed, and that taken back."""
    terms.gather_due()
    editor = as_(cast.editor)
    assert "losartan" in editor.get("/quality/terms/").content.decode()
    pair = {"heard": "lisinopril", "written": "losartan"}
    assert editor.post("/quality/terms/", pair | {"vocabulary": "Drugs"}).status_code == 302
    terms.dismiss(heard="pain", written="pressure", by=cast.editor)
    row = TermDecision.objects.get(choice="dismissed")
    assert editor.post(f"/quality/terms/{row.pk}/back").status_code == 302
