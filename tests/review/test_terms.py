"""Frequent corrections: offered with counts and examples, added with a click, or dismissed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from review import terms as reads
from review.actions import terms
from review.models import AuditEvent, Corrections, TermDecision
from review.policies import Refused
from tests.review import seconds
from transcripts.actions import vocabularies
from transcripts.models import MedicalVocabulary

pytestmark = pytest.mark.django_db
PAIR = {"heard": "lisinopril", "written": "losartan"}


@pytest.fixture
def three(cast):
    """Three documents; in two the same word was corrected."""
    for mrn, text in (("1", seconds.TRUE[0]), ("2", seconds.TRUE[0]), ("3", None)):
        seconds.signed(cast, {0: text} if text else {}, mrn=mrn)
    terms.gather_due()
    return cast


def test_a_correction_of_two_documents_is_offered_with_examples(three):
    (offer,) = reads.offered(three.editor)
    assert (offer.heard, offer.written, offer.documents, offer.times) == (
        *("lisinopril", "losartan"),
        *(2, 2),
    )
    assert [(one["start"], one["end"]) for one in offer.examples] == [(1.0, 1.5)] * 2
    assert Corrections.objects.count() == 3 and terms.gather_due() == {"documents": 0}


def test_examples_are_those_that_the_person_may_hear_and_other_practices_see_nothing(three):
    (offer,) = reads.offered(three.colleague)
    assert offer.documents == 2 and offer.examples == []
    assert reads.offered(three.outsider) == []


def test_one_correction_alone_is_not_frequent(cast):
    seconds.signed(cast, {0: seconds.TRUE[0]})
    terms.gather_due()
    assert reads.offered(cast.editor) == []


def test_adding_makes_a_checked_vocabulary_and_is_on_record(three):
    made = terms.add(**PAIR, vocabulary="", by=three.editor)
    assert (made.name, made.state, made.terms[0]["phrase"]) == ("corrections", "READY", "losartan")
    assert reads.offered(three.editor) == []
    told = AuditEvent.objects.get(action="terms.added")
    assert told.detail == {"vocabulary": str(made.pk), "version": 1}
    with pytest.raises(Refused, match="already"):
        terms.add(**PAIR, vocabulary="corrections", by=three.editor)
    with pytest.raises(Refused, match="decided this already"):
        terms.dismiss(**PAIR, by=three.editor)


def test_adding_keeps_what_stands_in_the_vocabulary(three):
    content = "Phrase\tIPA\tSoundsLike\tDisplayAs\nmetformin\t\t\t"
    row = vocabularies.create(
        practice=three.practice, name="drugs", content=content, by=three.editor.user
    )
    with pytest.raises(Refused, match="still being checked"):
        terms.add(**PAIR, vocabulary="drugs", by=three.editor)
    assert not TermDecision.objects.exists()
    vocabularies.check(vocabulary=row)
    made = terms.add(**PAIR, vocabulary="drugs", by=three.editor)
    assert [term["phrase"] for term in made.terms] == ["metformin", "losartan"]
    assert made.version == 2


def test_a_term_that_the_table_refuses_changes_nothing(three):
    with pytest.raises(Refused, match="would not be accepted"):
        terms.add(heard="a", written="lósartan", vocabulary="drugs", by=three.editor)
    assert not MedicalVocabulary.objects.exists() and not TermDecision.objects.exists()


def test_dismissed_ones_stay_dismissed_until_somebody_takes_it_back(three):
    terms.dismiss(**PAIR, by=three.editor)
    seconds.signed(three, {0: seconds.TRUE[0]}, mrn="9")
    terms.gather_due()
    assert reads.offered(three.editor) == []
    terms.take_back(decision=TermDecision.objects.get(), by=three.editor)
    assert reads.offered(three.editor)[0].documents == 3


def test_who_may_not_change_vocabularies_decides_nothing(three, as_):
    page = as_(three.auditor).post("/quality/terms/", PAIR | {"dismiss": ""})
    assert page.status_code == 403 and not TermDecision.objects.exists()


def test_the_page_offers_and_decides_with_a_constant_number_of_queries(three, as_):
    browser = as_(three.editor)
    browser.get("/quality/terms/")
    with CaptureQueriesContext(connection) as few:
        assert b"losartan" in browser.get("/quality/terms/").content
    for mrn in ("4", "5"):
        seconds.signed(three, {1: "Denies chest pressure."}, mrn=mrn)
    terms.gather_due()
    with CaptureQueriesContext(connection) as more:
        assert b"pressure" in browser.get("/quality/terms/").content
    assert len(more) == len(few)
    answer = browser.post("/quality/terms/", PAIR | {"vocabulary": "drugs"}, follow=True)
    assert "The term stands in drugs now." in answer.content.decode()
    again = browser.post("/quality/terms/", PAIR | {"vocabulary": "drugs"})
    assert again.status_code == 422 and "already" in again.content.decode()
