"""The pages of second reviews, rules and figures."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from review.models import Finding, QualityRule
from tests.review import seconds

pytestmark = pytest.mark.django_db
FIRST = {0: "Patient takes losartan daily.", 1: "Denies chest pressure."}


@pytest.fixture
def sven(cast):
    return seconds.second_editor(cast)


def page_of(second, sub: str = "") -> str:
    return f"/quality/second/{second.pk}/{sub}"


def test_a_practice_without_rules_is_told_how_to_begin(cast, as_):
    page = as_(cast.manager).get("/quality/").content.decode()
    assert "Nothing is drawn yet" in page
    assert (
        "No second review is closed yet"
        in as_(cast.manager).get("/quality/figures/").content.decode()
    )


def test_rules_are_set_changed_and_taken_away(cast, as_):
    browser = as_(cast.manager)
    rule = {"reviewer": str(cast.editor.user_id), "type": "DICTATION", "percent": "20"}
    assert browser.post("/quality/rules/", rule).status_code == 302
    browser.post("/quality/rules/", rule | {"percent": "30"})
    assert QualityRule.objects.get().percent == 30
    assert "Eve" in browser.get("/quality/rules/").content.decode()
    wrong = browser.post("/quality/rules/", rule | {"percent": "101"})
    assert wrong.status_code == 422
    stranger = browser.post("/quality/rules/", rule | {"reviewer": str(cast.outsider.user_id)})
    assert stranger.status_code == 422 and QualityRule.objects.count() == 1
    browser.post("/quality/rules/", rule | {"percent": ""})
    assert not QualityRule.objects.exists()


def test_the_blind_page_shows_the_machines_text_and_nobodys_name(cast, sven, as_):
    second = seconds.drawn(cast, FIRST)
    page = as_(sven).get(page_of(second)).content.decode()
    assert "Patient takes lisinopril daily." in page and "losartan" not in page
    assert cast.editor.user.name not in page and "pressure" not in page
    assert as_(cast.editor).get(page_of(second)).status_code == 404
    followed = as_(cast.manager).get(page_of(second)).content.decode()
    assert "lisinopril" not in followed and "The blind part is being worked on" in followed


def test_a_line_is_kept_by_itself(cast, sven, as_):
    second, browser = seconds.drawn(cast, FIRST), as_(sven)
    kept = browser.post(page_of(second, "line"), {"index": "2", "text": " Follow up  in ten weeks"})
    assert kept.json() == {"text": "Follow up in ten weeks"}
    for wrong in ({"index": "x", "text": ""}, {"index": "7", "text": ""}):
        answer = browser.post(page_of(second, "line"), wrong)
        assert answer.status_code == 422 and "no such line" in answer.json()["message"]


def test_from_the_blind_text_to_the_score_and_a_dispute(cast, sven, as_):
    second, browser = seconds.drawn(cast, FIRST), as_(sven)
    lines = {"line-0": seconds.TRUE[0], "line-1": seconds.TRUE[1], "line-2": seconds.TRUE[2]}
    assert browser.post(page_of(second, "submit"), lines).status_code == 302
    page = browser.get(page_of(second)).content.decode()
    assert "1 correction of the machine is the same" in page and "Difference 2 of 2" in page
    early = browser.post(page_of(second, "close"))
    assert early.status_code == 422 and "2 differences are still" in early.content.decode()
    pressure, ten = Finding.objects.all()
    right = {"verdict": "signed_wrong", "kind": "value", "severity": ""}
    assert browser.post(f"/quality/findings/{ten.pk}/judge", right).status_code == 302
    nothing = browser.post(f"/quality/findings/{pressure.pk}/judge", {"verdict": "signed_wrong"})
    assert nothing.status_code == 422 and "kind of error" in nothing.content.decode()
    browser.post(f"/quality/findings/{pressure.pk}/judge", {"verdict": "either"})
    mark = {"words": "follow UP", "said": "Come back", "kind": "word", "severity": "minor"}
    assert browser.post(page_of(second, "mark"), mark).status_code == 302
    for words, sentence in (("nowhere", "do not stand"), ("", "do not stand")):
        answer = browser.post(page_of(second, "mark"), mark | {"words": words})
        assert answer.status_code == 422 and sentence in answer.content.decode()
    assert browser.post(page_of(second, "close")).status_code == 302
    editor = as_(cast.editor)
    page = editor.get(page_of(second)).content.decode()
    assert "96.75" in page and "Not passed" in page and sven.user.name in page
    dispute = f"/quality/findings/{ten.pk}/dispute"
    assert editor.post(dispute, {"text": ""}).status_code == 422
    assert editor.post(dispute, {"text": "It is two."}).status_code == 302
    assert "disputes a finding" in as_(cast.manager).get("/quality/").content.decode()
    own = editor.post(dispute, {"text": "So.", "outcome": "struck"})
    assert own.status_code == 422 and "Somebody else" in own.content.decode()
    end = {"text": "Right.", "outcome": "changed", "severity": "minor"}
    assert as_(cast.manager).post(dispute, end).status_code == 302
    page = editor.get(page_of(second)).content.decode()
    assert "99.50" in page or "99.5" in page
    assert "96.75 before the dispute" in page and "Another severity" in page


def test_words_that_stand_there_twice_are_asked_about(cast, sven, as_):
    second = seconds.drawn(cast, {1: "Denies pain, chest pain."})
    seconds.submitted(second, sven, {})
    mark = {"words": "pain", "said": "pressure", "kind": "word"}
    answer = as_(sven).post(page_of(second, "mark"), mark)
    assert answer.status_code == 422 and "stand there 2 times" in answer.content.decode()
    chosen = as_(sven).post(page_of(second, "mark"), mark | {"first": "5", "last": "6"})
    assert chosen.status_code == 302
    assert Finding.objects.get(by_hand=True).stands == "Denies"
    broken = as_(sven).post(page_of(second, "mark"), mark | {"first": "x", "last": "6"})
    assert broken.status_code == 422


def test_the_author_finds_the_drafted_addendum_on_the_page(cast, sven, as_):
    second = seconds.drawn(cast, FIRST)
    seconds.closed(seconds.submitted(second, sven, {2: seconds.TRUE[2]}), sven)
    page = as_(cast.clinician).get("/quality/").content.decode()
    assert "Found in a second review." in page
    assert f"/recordings/{second.review.recording_id}/addendum/" in page


def test_a_manager_gives_and_withdraws(cast, sven, as_):
    second, browser = seconds.drawn(cast, FIRST), as_(cast.manager)
    none = browser.post(page_of(second, "give"), {"to": ""})
    assert none.status_code == 422 and "Choose somebody" in none.content.decode()
    assert browser.post(page_of(second, "give"), {"to": str(cast.manager.pk)}).status_code == 302
    second.refresh_from_db()
    assert second.reviewer == cast.manager.user
    assert browser.post(page_of(second, "withdraw"), {"reason": " "}).status_code == 422
    browser.post(page_of(second, "withdraw"), {"reason": "No sound."})
    assert "No sound." in browser.get(page_of(second)).content.decode()


def test_figures_show_a_manager_everybody_and_others_themselves(cast, sven, as_):
    second = seconds.drawn(cast, FIRST)
    second = seconds.submitted(second, sven, {0: seconds.TRUE[0], 2: seconds.TRUE[2]})
    seconds.closed(second, sven)
    page = as_(cast.manager).get("/quality/figures/").content.decode()
    assert "1 document was corrected by two people" in page and "Rough" in page
    rows = list(
        csv.DictReader(
            io.StringIO(as_(cast.manager).get("/quality/figures/trend.csv").content.decode())
        )
    )
    assert [(r["Reviewer"], r["Documents"], r["Mean score"], r["Errors"]) for r in rows] == [
        (cast.editor.user.name, "1", "94.00", "2")
    ]
    escaped = as_(cast.manager).get("/quality/figures/escaped.csv").content.decode().splitlines()
    assert escaped[1].startswith("All,1,12,1,0,1,2.0,1.0,")
    assert "94.00" in as_(cast.editor).get("/quality/figures/").content.decode()
    assert "No second review is closed" in as_(sven).get("/quality/figures/").content.decode()


def test_who_had_looked_before_is_not_in_the_estimate(cast, sven, as_):
    second = seconds.drawn(cast, FIRST)
    as_(sven).get(f"/recordings/{second.review.recording_id}/")
    seconds.closed(seconds.submitted(second, sven, {}), sven)
    page = as_(cast.manager).get("/quality/figures/").content.decode()
    assert "nothing can be estimated" in page


def test_lists_take_a_constant_number_of_queries(cast, sven, as_):
    seconds.everything(cast)
    counts = []
    for mrn in ("1", "2"):
        second = seconds.drawn(cast, FIRST, mrn=mrn)
        by = second.reviewer.memberships.get()
        seconds.closed(seconds.submitted(second, by, {}), by)
        found = {}
        for path in ("/quality/", "/quality/figures/", page_of(second)):
            browser = as_(cast.manager)
            browser.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200
            found[path.replace(str(second.pk), "")] = len(queries)
        counts.append(found)
    assert counts[0] == counts[1]
