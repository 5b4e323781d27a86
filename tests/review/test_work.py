"""Work is claimed once, rests for a reason, is answered by the dictator, and is late when late."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from review import turnaround, worklist_around, worklists
from review.actions import flags, questions, turnarounds
from review.actions import worklist as actions
from review.enums import Pend, Priority
from review.models import AuditEvent, Review, SearchEntry
from review.policies import Refused
from tests import rows
from tests.cast import make_cast, member
from transcripts.enums import Role


def told(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def asked(review: Review, by) -> object:
    """A question about the first two words of the review's first segment."""
    segment = review.text.order_by("position").first()
    flags.query(
        review=review,
        segment_id=segment.pk,
        base_version=segment.version,
        items=[item["id"] for item in segment.items[:2]],
        note="Which patient?",
        op_id=segment.pk,
        by=by,
    )
    return review.flags.get(reason="query")


@pytest.fixture
def crowd(cast) -> list[Review]:
    return [rows.review(cast, mrn=f"c{n}") for n in range(3)]


def test_nothing_waits_nothing_is_claimed(cast):
    assert actions.claim_next(by=cast.editor) is None


def test_who_may_not_edit_claims_nothing(cast, as_, crowd):
    assert as_(cast.manager).post("/work/next").status_code == 403
    assert as_(cast.auditor).post("/work/next").status_code == 403


def test_the_next_is_the_late_one_then_the_urgent_one_then_the_one_due_first(cast, crowd):
    routine, urgent, late = crowd
    actions.prioritise(review=urgent, priority=Priority.STAT, by=cast.manager)
    Review.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    assert actions.escalate_due() == {"late": 1}
    got = [actions.claim_next(by=cast.editor).pk for _ in crowd]
    assert got == [late.pk, urgent.pk, routine.pk]
    assert actions.claim_next(by=cast.editor) is None
    assert told("review.claimed") == 3 and told("review.late") == 1
    assert actions.escalate_due() == {"late": 0}


def test_what_somebody_works_on_is_not_taken_from_them(cast, crowd):
    actions.claim(review=crowd[0], by=cast.editor)
    with pytest.raises(Refused, match="Eve works on this one"):
        actions.claim(review=crowd[0], by=cast.clinician)
    other = member(cast.practice, "erik", Role.EDITOR)
    with pytest.raises(Exception, match="managers assign"):
        actions.give_back(review=crowd[0], by=other)
    actions.give_back(review=crowd[0], by=cast.manager)
    assert Review.objects.get(pk=crowd[0].pk).assignee is None


def test_signed_work_is_not_claimed_pended_or_assigned(cast, crowd):
    rows.signed(crowd[0], cast)
    for act, given in (
        (actions.claim, {"by": cast.editor}),
        (actions.pend, {"reason": "audio", "note": "", "by": cast.editor}),
        (actions.assign, {"to": cast.editor, "by": cast.manager}),
        (actions.prioritise, {"priority": 2, "by": cast.manager}),
    ):
        with pytest.raises(Refused):
            act(review=crowd[0], **given)


def test_work_goes_to_those_who_may_do_it_and_see_it(cast, crowd):
    for to in (cast.auditor, cast.manager, cast.outsider, cast.colleague):
        with pytest.raises(Refused):
            actions.assign(review=crowd[0], to=to, by=cast.manager)
    actions.assign(review=crowd[0], to=cast.editor, by=cast.manager)
    assert worklist_around.beside(cast.editor)["counts"]["mine"] == 1


def test_pended_work_is_not_next_and_says_why(cast, as_, crowd):
    with pytest.raises(Refused, match="why"):
        actions.pend(review=crowd[0], reason="lunch", note="", by=cast.editor)
    actions.pend(review=crowd[0], reason=Pend.AUDIO, note="a drill", by=cast.editor)
    assert crowd[0] not in worklists.next_up(cast.editor)
    text = as_(cast.editor).get("/", {"state": "pended"}).content.decode()
    assert "Poor audio" in text and "a drill" in text
    actions.unpend(review=crowd[0], by=cast.editor)
    assert crowd[0] in worklists.next_up(cast.editor)
    assert told("review.pended") == told("review.unpended") == 1


def test_several_rows_are_assigned_together_and_a_signed_one_is_named(cast, as_, crowd):
    rows.signed(crowd[2], cast)
    browser = as_(cast.manager)
    given = {
        "verb": "assign",
        "to": str(cast.editor.pk),
        "recording": [str(one.recording_id) for one in crowd],
        "back": "state=ready&order=due",
    }
    answer = browser.post("/work/", given)
    assert answer["Location"] == "/?state=ready&order=due"
    said = [str(one) for one in browser.get("/").context["messages"]]
    assert said[0] == "2 documents are assigned." and "signed" in said[1]


def test_rows_of_another_practice_are_as_if_they_were_not_there(cast, as_, crowd):
    given = {"verb": "claim", "recording": str(crowd[0].recording_id)}
    as_(cast.outsider).post("/work/", given)
    assert Review.objects.get(pk=crowd[0].pk).assignee is None


def test_work_is_taken_pended_and_given_back_from_the_document_itself(cast, as_, crowd):
    browser, address = as_(cast.editor), f"/recordings/{crowd[0].recording_id}/work"

    def send(who=browser, **content: str):
        return who.post(address, content, content_type="application/json")

    review = send(verb="claim").json()["review"]
    assert review["assignee"] == str(cast.editor.user_id)
    assert review["work"]["with"]["name"] == "Eve"
    answer = send(as_(cast.clinician), verb="claim")
    assert answer.status_code == 403 and "Eve works on this one" in answer.json()["message"]
    review = send(verb="pend", reason="audio", note="a drill").json()["review"]
    assert (review["pend"], review["work"]["note"]) == ("audio", "a drill")
    assert send(verb="unpend").json()["review"]["pend"] == ""
    assert send(verb="return").json()["review"]["assignee"] is None
    for wrong in ({"verb": "pend"}, {"verb": "assign"}, {"verb": "drop"}, {}):
        assert send(**wrong).status_code == 403
    for malformed in ("[]", "{", "1"):
        answer = browser.post(address, malformed, content_type="application/json")
        assert answer.status_code == 422
    assert told("review.pended") == told("review.unpended") == told("review.returned") == 1


@pytest.mark.parametrize("verb", ["", "drop", "assign", "priority", "pend"])
def test_a_verb_without_what_it_needs_changes_nothing(cast, as_, crowd, verb):
    given = {"verb": verb, "recording": [str(crowd[0].recording_id), "x"]}
    assert as_(cast.editor).post("/work/", given).status_code in (302, 403)
    assert Review.objects.get(pk=crowd[0].pk).pend == ""


def test_the_dictators_answer_goes_into_the_text_and_work_goes_on(cast, as_, crowd):
    review = crowd[0]
    flag = asked(review, cast.editor)
    actions.pend(review=review, reason=Pend.QUERY, note="", by=cast.editor)
    browser = as_(cast.clinician)
    assert "Questions for you" in browser.get("/").content.decode()
    address = f"/recordings/{review.recording_id}/questions/"
    text = browser.get(address).content.decode()
    assert "Which patient?" in text and "<mark>Patient takes</mark>" in text and "#t=0.0," in text
    browser.post(address, {"question": str(flag.pk), "words": "She takes", "replace": ""})
    now = Review.objects.get(pk=review.pk)
    assert now.text.order_by("position").first().text.startswith("She takes lisinopril")
    assert now.pend == "" and review.flags.get(pk=flag.pk).state == "corrected"
    assert told("query.answered") == 1
    assert "Questions for you" not in browser.get("/").content.decode()


def test_a_question_is_answered_once_and_leaves_other_marks_open(cast, crowd):
    flag = asked(crowd[0], cast.editor)
    questions.answer(review=crowd[0], flag_id=flag.pk, words="", by=cast.clinician)
    assert crowd[0].flags.get(pk=flag.pk).state == "confirmed"
    assert crowd[0].flags.filter(state="open").count() == 2
    for words in ("", "other words"):
        with pytest.raises(Refused, match="already"):
            questions.answer(review=crowd[0], flag_id=flag.pk, words=words, by=cast.clinician)


def test_new_times_move_what_is_open_and_nothing_else(cast, as_, crowd):
    rows.signed(crowd[0], cast)
    before = Review.objects.get(pk=crowd[0].pk).due_at
    minutes = turnaround.minutes_of(cast.practice.pk) | {("DICTATION", Priority.ROUTINE): 30}
    assert turnarounds.change(minutes=minutes, by=cast.manager) == 2
    review = Review.objects.get(pk=crowd[1].pk)
    assert review.due_at - review.created_at == timedelta(minutes=30)
    assert Review.objects.get(pk=crowd[0].pk).due_at == before
    assert turnarounds.change(minutes=minutes, by=cast.manager) == 0
    assert told("turnaround.changed") == 1
    Review.objects.filter(pk=crowd[2].pk).update(due_at=None)  # from before there were due times
    assert turnarounds.change(minutes=minutes, by=cast.manager) == 1
    assert Review.objects.get(pk=crowd[2].pk).due_at == crowd[2].created_at + timedelta(minutes=30)
    form = {f"{kind}-{priority:d}": value for (kind, priority), value in minutes.items()}
    assert as_(cast.manager).post("/turnaround/", form).status_code == 302
    assert as_(cast.manager).post("/turnaround/", form | {"DICTATION-0": "0"}).status_code == 422


def test_filters_in_the_address_narrow_and_nonsense_is_ignored(cast, as_, crowd):
    talk = rows.review(cast, mrn="t", type="CONVERSATION")
    actions.prioritise(review=crowd[0], priority=Priority.URGENT, by=cast.manager)
    browser = as_(cast.editor)

    def found(**query: object) -> set:
        return {one["pk"] for one in browser.get("/", query).context["rows"]}

    assert found(type="CONVERSATION") == {talk.pk}
    assert found(priority=1) == {crowd[0].pk}
    assert found(assignee="none", author=cast.clinician.pk) == {talk.pk, *(c.pk for c in crowd)}
    assert found(author=cast.colleague.pk) == set()
    for nonsense in ({"type": "x"}, {"author": "x"}, {"assignee": cast.outsider.user_id}):
        assert len(found(**nonsense)) == 4
    for order in worklists.SORTS:
        assert len(found(order=order)) == 4


def test_of_what_no_index_orders_the_newest_are_sorted(cast, as_, monkeypatch):
    oldest, older, newest = (
        rows.review(cast, mrn=f"d{seconds}", duration=seconds) for seconds in (30, 10, 20)
    )
    browser = as_(cast.editor)

    def found(order: str) -> list:
        return [one["pk"] for one in browser.get("/", {"order": order}).context["rows"]]

    assert found("length") == [oldest.pk, newest.pk, older.pk]
    assert found("patient") == sorted(found("length"), key=str)  # no names differ
    monkeypatch.setattr(worklists, "MOST_SORTED", 2)
    assert found("length") == [newest.pk, older.pk]
    page = browser.get("/", {"order": "length"})
    assert page.context["page"].paginator.count == 2
    assert "the newest 2 are sorted" in page.content.decode()


def test_words_of_the_transcript_are_found_by_those_who_may_see_them(cast, as_, crowd):
    actions.index_words()
    assert not SearchEntry.objects.filter(stale=True).exists()

    def found(who, search: str) -> int:
        return len(as_(who).post("/", {"q": search}).context["rows"])

    assert found(cast.editor, "lisino chest paula") == 3
    assert found(cast.editor, "lisinopril metformin") == 0
    assert found(cast.colleague, "lisinopril") == found(cast.outsider, "lisinopril") == 0
    patient = crowd[0].recording.patient
    type(patient).objects.filter(pk=patient.pk).update(name="Renata O'Neill-Ray", mrn="MRN-0815")
    assert found(cast.editor, "renata") == found(cast.editor, "0815 o'neill") == 1
    actions.index_words()
    assert found(cast.editor, "renata lisinopril") == 1 and found(cast.editor, "paula") == 2


def test_the_search_uses_its_index_and_the_database_keeps_it_to_the_practice(cast, crowd):
    query = "SELECT review_id FROM review_searchentry WHERE words @@ to_tsquery('simple', 'lis:*')"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {query}")
        assert "search_words" in "".join(line for (line,) in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = on")
        actions.index_words()
        ask = "SELECT count(*) FROM review_found(%s, 'lis:*', 10)"
        for scope, n in (("everywhere", 3), (cast.practice.pk, 3), (cast.outsider.practice_id, 0)):
            cursor.execute("SET LOCAL countersign.practice = %s", [str(scope)])
            cursor.execute(ask, [cast.practice.pk])
            assert cursor.fetchone() == (n,), scope


@pytest.mark.django_db(transaction=True)
def test_fifty_who_claim_at_once_get_fifty_documents():
    cast = make_cast()
    for n in range(48):
        rows.review(cast, mrn=f"m{n}")
    got = rows.together(*[lambda: actions.claim_next(by=cast.editor) for _ in range(50)])
    claimed = [one.pk for one in got if one is not None]
    assert len(claimed) == len(set(claimed)) == 48 and got.count(None) == 2
    assert told("review.claimed") == 48
