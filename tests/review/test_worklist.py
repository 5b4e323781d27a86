"""The worklist: quick at any length, one's own only, searched without names in addresses."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from review.models import AuditEvent, Review
from tests import rows
from tests.rows import resolve, signed
from transcripts.actions import jobs


@pytest.fixture
def mixed(cast) -> dict[str, Review]:
    """One review in each state, by the filter that shows it."""
    waiting = rows.recording(cast, mrn="1", name="Walter Waits")
    failed = rows.recording(cast, mrn="2", name="Frida Fails")
    jobs.cancel(job=failed.jobs.get(), by=cast.editor.user)
    made = {
        "waiting": Review.objects.get(recording=waiting),
        "failed": Review.objects.get(recording=failed),
        "ready": rows.review(cast, mrn="3", name="Rosa Ready"),
        "in_review": rows.review(cast, mrn="4", name="Ivan Inreview"),
        "ready_to_sign": rows.review(cast, mrn="5", name="Tom Toign"),
        "signed": rows.review(cast, mrn="6", name="Sara Signed"),
    }
    first = made["in_review"].flags.first()
    rows.edit.confirm(
        review=made["in_review"],
        segment_id=first.segment_id,
        base_version=1,
        items=first.items,
        op_id=first.pk,
        by=cast.editor,
    )
    resolve(made["ready_to_sign"], cast.editor)
    signed(made["signed"], cast)
    return made


def listed(answer) -> set:
    return {row["pk"] for row in answer.context["rows"]}


@pytest.mark.parametrize(
    "state", ["waiting", "failed", "ready", "in_review", "ready_to_sign", "signed"]
)
def test_each_filter_shows_its_own(cast, as_, mixed, state):
    answer = as_(cast.editor).get("/", {"state": state})
    assert listed(answer) == {mixed[state].pk}


def test_counts_stand_beside_the_filters(cast, as_, mixed):
    counts = as_(cast.editor).get("/").context["counts"]
    of_person = {"mine": 2, "next": 1, "late": 0, "pended": 0}
    assert counts == {"all": 6} | dict.fromkeys(mixed, 1) | of_person


@pytest.mark.parametrize("state", ["", "all", "nonsense", "\x00"])
def test_any_other_filter_shows_all(cast, as_, mixed, state):
    assert len(listed(as_(cast.editor).get("/", {"state": state}))) == 6


def test_a_row_says_how_far_it_is(cast, as_, mixed):
    found = {r["pk"]: r for r in as_(cast.editor).get("/").context["rows"]}
    assert found[mixed["ready"].pk]["flags_open"] == 2
    assert found[mixed["in_review"].pk]["flags_open"] == 1
    assert found[mixed["in_review"].pk]["assignee_name"] == "Eve"
    assert found[mixed["signed"].pk]["percent"] == 100
    assert found[mixed["waiting"].pk]["percent"] == 0
    assert found[mixed["failed"].pk]["job"]["status"] == "CANCELLED"


def test_a_row_shows_what_its_client_tagged_it_with(cast, as_):
    recording = rows.review(cast).recording
    tags = {"site": "north", "ward": "", "a": "<1>", "b": "2", "c": "3"}
    recording.jobs.update(tags=tags)
    jobs.start(recording=recording, by=cast.editor.user)  # a newer generation has no tags
    text = as_(cast.editor).get("/").content.decode()
    assert "a: &lt;1&gt;" in text and "b: 2" in text and "+2" in text and "<1>" not in text
    assert 'title="site: north, ward: "' in text
    answer = as_(cast.editor).get(f"/recordings/{recording.pk}/state").json()
    assert answer["transcript"]["tags"][:2] == [
        {"key": "a", "value": "<1>"},
        {"key": "b", "value": "2"},
    ]


def test_rows_alone_can_be_asked_for(cast, as_, mixed):
    text = as_(cast.editor).get("/", {"rows": "1"}).content.decode()
    assert "<html" not in text and "Rosa Ready" in text


@pytest.mark.parametrize("query", ["rosa", "Ready", "3", "  rosa  "])
def test_a_search_finds_names_and_numbers(cast, as_, mixed, query):
    assert mixed["ready"].pk in listed(as_(cast.editor).post("/", {"q": query}))


@pytest.mark.parametrize("query", ["%", "_", "'", "nobody", "\\", "a" * 5000])
def test_a_search_for_what_is_not_there_finds_nothing(cast, as_, mixed, query):
    assert listed(as_(cast.editor).post("/", {"q": query})) == set()


def test_a_search_with_a_nul_byte_does_no_harm(cast, as_, mixed):
    assert as_(cast.editor).post("/", {"q": "ro\x00sa"}).status_code == 200


def test_a_search_in_the_address_is_not_one(cast, as_, mixed):
    assert len(listed(as_(cast.editor).get("/", {"q": "rosa"}))) == 6


def test_a_clinician_sees_their_own_uploaded_and_unassigned_recordings_only(cast, as_, mixed):
    theirs = rows.review(cast, author=cast.colleague, mrn="7")
    uploaded = rows.review(cast, mrn="8", uploaded_by=cast.colleague.user)
    nobodys = rows.review(cast, mrn="9")
    type(theirs.recording).objects.filter(pk=nobodys.recording_id).update(author=None)
    answer = as_(cast.colleague).get("/")
    assert listed(answer) == {theirs.pk, uploaded.pk, nobodys.pk}
    assert answer.context["counts"]["all"] == 3
    assert listed(as_(cast.colleague).post("/", {"q": "Rosa"})) == set()


def test_another_practice_sees_nothing(cast, as_, mixed):
    answer = as_(cast.outsider).get("/")
    assert listed(answer) == set() and answer.context["counts"]["all"] == 0


def test_a_page_that_keeps_itself_fresh_is_one_look_while_its_rows_are_the_same(cast, as_, mixed):
    browser = as_(cast.editor)
    looks = AuditEvent.objects.filter(action="worklist.viewed")

    def fresh(seen: str, who=browser) -> str:
        answer = who.get("/", {"rows": "1"}, headers={"X-Seen": seen}).content.decode()
        return re.search(r'data-seen="(\w+)"', answer)[1]

    seen = browser.get("/").context["seen"]
    assert looks.count() == 1
    assert fresh(seen) == seen and looks.count() == 1
    new = rows.review(cast, mrn="new")
    later = fresh(seen)
    assert later != seen and looks.count() == 2
    assert str(new.recording_id) in looks.order_by("seq").last().detail["recordings"]
    fresh(later, as_(cast.manager))  # another person's look is their own
    assert looks.count() == 3
    for nonsense in ("", "ä", seen):
        fresh(nonsense)
    assert looks.count() == 6
    browser.get("/", headers={"X-Seen": later})  # a page asked for anew is a look of its own
    assert looks.count() == 7


def test_the_number_of_queries_does_not_grow_with_the_list(cast, as_):
    browser, counts = as_(cast.editor), []
    for more in (2, 38):
        for number in range(more):
            rows.review(cast, mrn=f"{more}-{number}")
        with CaptureQueriesContext(connection) as found:
            assert len(listed(browser.get("/"))) >= more
        asked = [query for query in found if query["sql"].startswith(("SELECT", "WITH"))]
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8, "session, person, membership and audit row among them"


def test_a_clinicians_recordings_are_found_without_asking_whose_they_co_sign(cast, as_):
    type(cast.colleague).objects.filter(pk=cast.colleague.pk).update(cosigned=True)
    theirs = {rows.review(cast, author=cast.colleague, mrn=mrn).pk for mrn in "12"}
    browser = as_(cast.clinician)
    with CaptureQueriesContext(connection) as found:
        assert listed(browser.get("/")) == theirs
    asked = [query for query in found if query["sql"].startswith(("SELECT", "WITH"))]
    assert len(asked) <= 8, "that came with the membership"


def test_a_long_list_is_paged_under_a_search_too(cast, as_, monkeypatch):
    monkeypatch.setattr("review.views.worklist.ROWS_A_PAGE", 2)
    made = [rows.review(cast, mrn=f"p{n}").pk for n in range(5)]
    browser = as_(cast.editor)
    assert listed(browser.get("/")) == set(made[:2:-1])
    assert listed(browser.get("/", {"page": 3})) == {made[0]}
    assert listed(browser.post("/", {"q": "paula", "page": 2})) == {made[2], made[1]}
    assert listed(browser.get("/", {"page": "nonsense"})) == set(made[:2:-1])


def test_the_screens_queries_do_not_grow_with_the_document(cast, as_):
    from tests.factories import WORDS, transcribed

    browser, counts = as_(cast.editor), []
    for times in (1, 30):
        review = transcribed(rows.recording(cast, mrn=str(times)), WORDS * times)
        with CaptureQueriesContext(connection) as found:
            answer = browser.get(f"/recordings/{review.recording_id}/state")
        assert len(answer.json()["segments"]) == 3 * times
        counts.append(len(found))
    assert counts[0] == counts[1]
