"""Every operation over HTTP: what it answers, what it refuses, and how it is taken back."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from review import documents
from review.actions import rerun
from review.models import AuditEvent, Review
from tests import rows
from tests.factories import transcribed
from tests.review.test_rerun import transcribe_again


class Screen:
    def __init__(self, browser, review) -> None:
        self.browser, self.url = browser, f"/recordings/{review.recording_id}/"

    def get(self, path):
        return self.browser.get(f"{self.url}{path}").json()

    def segments(self):
        return self.get("state")["segments"]

    def do(self, kind, upon=None, *, status=200, **more):
        base = {"segment": upon["id"], "base_version": upon["version"]} if upon else {}
        body = {"op_id": str(uuid4()), "kind": kind, **base, **more}
        answer = self.browser.post(
            f"{self.url}operations", json.dumps(body), content_type="application/json"
        )
        assert answer.status_code == status, answer.content
        return answer.json()


@pytest.fixture
def screen(as_, cast, review):
    return Screen(as_(cast.editor), review)


# What is refused


def test_a_range_that_reads_otherwise_is_a_conflict(screen):
    first = screen.segments()[0]
    screen.do(
        "replace_range", first, status=409, **{"from": 0, "to": 7, "expect": "Someone", "text": ""}
    )


@pytest.mark.parametrize("at", [0, 3, 999])
def test_a_segment_is_split_between_words_only(screen, at):
    screen.do("split", screen.segments()[0], at=at, status=403)


def test_only_the_segment_before_is_merged_with(screen):
    first, _, third = screen.segments()
    screen.do("merge", third, status=409, **{"with": first["id"], "with_base_version": 1})


def test_a_word_that_stands_there_another_number_of_times_is_not_replaced(screen):
    given = {"token": "TAKES", "text": "took", "match_case": False}
    answer = screen.do("replace_all", **given, expect_count=2, status=409)
    assert answer["count"] == 1
    assert screen.do("replace_all", **given, expect_count=1)["segment"]["text"].startswith(
        "Patient took"
    )


@pytest.mark.parametrize("name", ["7", "spk_3", "x" * 61, "two\u202enames"])
def test_what_is_no_name_of_a_speaker_is_refused(screen, name):
    screen.do("rename_speaker", speaker="spk_0", name=name, expect=None, status=403)


def test_a_question_needs_words(screen):
    first = screen.segments()[0]
    screen.do("query", first, items=[first["items"][0]["id"]], note=" ", status=403)


def test_what_changed_since_is_not_undone(screen):
    first = screen.segments()[0]
    done = screen.do("replace_text", first, text="Patient takes aspirin.")
    screen.do("replace_text", done["segment"], text="Patient takes ibuprofen.")
    answer = screen.do("undo", edit=done["edit"], status=409)
    assert answer["segment"]["text"] == "Patient takes ibuprofen."


def test_an_edit_is_undone_once(screen):
    done = screen.do("replace_text", screen.segments()[0], text="One.")
    screen.do("undo", edit=done["edit"])
    screen.do("undo", edit=done["edit"], status=403)


def test_a_word_whose_neighbour_changed_is_not_confirmed_unseen(screen):
    first = screen.segments()[0]
    marked = first["flags"][0]["items"]
    screen.do("replace_text", first, text="Patient stopped lisinopril daily.")
    screen.do("confirm", first, items=marked, status=409)
    screen.do("confirm", screen.segments()[0], items=marked)


def test_what_was_merged_away_is_shown_with_its_heir(screen):
    first, second, _ = screen.segments()
    screen.do("merge", second, **{"with": first["id"], "with_base_version": 1})
    answer = screen.do("replace_text", second, text="Denies pain.", status=409)
    assert [one["id"] for one in answer["segments"]] == [first["id"], second["id"]]
    assert "Denies" in answer["segment"]["text"] and answer["segments"][1]["removed"]


# What they do


def test_a_split_and_a_merge_move_no_word(screen):
    first = screen.segments()[0]
    left, right = screen.do("split", first, at=14)["segments"]
    assert (left["text"], right["text"]) == ("Patient takes", "lisinopril daily.")
    assert left["items"] + right["items"] == first["items"]
    assert right["flags"][0]["items"] == first["flags"][0]["items"]
    assert [one["id"] for one in screen.segments()][:2] == [left["id"], right["id"]]
    merged = screen.do("merge", right, **{"with": left["id"], "with_base_version": 2})
    assert merged["segments"][0]["items"] == first["items"]
    assert merged["segments"][1]["removed"]


def test_words_in_the_middle_get_a_speaker_of_their_own(screen):
    third = screen.segments()[2]
    ids = [item["id"] for item in third["items"]]
    screen.do("speaker", third, speaker="spk_1", **{"from": ids[1], "to": ids[2]})
    parts = [(one["text"], one["speaker"]) for one in screen.segments()[2:]]
    assert parts == [("Follow", None), ("up in", "spk_1"), ("two weeks.", None)]


def test_a_name_is_printed_and_a_mistaken_speaker_is_merged(screen, review):
    first, second, _ = screen.segments()
    screen.do("speaker", first, speaker="spk_0")
    screen.do("speaker", second, speaker="spk_1")
    screen.do("rename_speaker", speaker="spk_0", name="Dr. Carla", expect=None)
    now = Review.objects.get(pk=review.pk)
    said = [one["speaker"] for one in documents.build(now)["segments"]]
    assert said == ["Dr. Carla", "spk_1", None]
    screen.do("merge_speakers", **{"from": "spk_1", "into": "spk_0"})
    assert [one["speaker"] for one in screen.segments()] == ["spk_0", "spk_0", None]


def test_a_blank_and_a_question_keep_the_document_from_being_signed(screen, review, cast):
    rows.resolve(review, cast.editor)
    assert screen.get("state")["review"]["state"] == "ready_to_sign"
    first = screen.segments()[0]
    left = screen.do("blank", first, at=13)
    assert left["segment"]["text"] == "Patient takes [___] lisinopril daily."
    assert left["review"]["state"] == "in_review"
    asked = screen.do("query", left["segment"], items=[first["items"][0]["id"]], note="Who?")
    assert [f["note"] for f in asked["segment"]["flags"] if f["reason"] == "query"] == ["Who?"]
    filled = screen.do("replace_text", asked["segment"], text=first["text"])
    assert filled["review"]["flags_open"] == 1


def test_each_operation_is_in_the_audit_log(screen):
    first = screen.segments()[0]
    done = screen.do("split", first, at=14)
    screen.do("undo", edit=done["edit"])
    acts = AuditEvent.objects.order_by("seq").values_list("action", flat=True)
    assert list(acts)[-2:] == ["segment.split", "edit.undone"]


def test_undo_and_redo_are_offered_after_a_reload(screen):
    first = screen.do("replace_text", screen.segments()[0], text="One.")["edit"]
    second = screen.do("replace_text", screen.segments()[1], text="Two.")["edit"]
    back = screen.do("undo", edit=second)["edit"]
    tail = [(one["seq"], one["redo"]) for one in screen.get("state")["edits_tail"]]
    assert tail == [(first, False), (back, True)]


def test_the_history_of_a_word_leads_back_to_the_machines(screen):
    first = screen.segments()[0]
    done = screen.do("replace_text", first, text="Patient takes losartan daily.")
    done = screen.do("replace_text", done["segment"], text="Patient takes valsartan daily.")
    word = next(i["id"] for i in done["segment"]["items"] if i["content"] == "valsartan")
    edits = screen.get(f"history?item={word}")["edits"]
    assert [(one["before"], one["after"]) for one in edits] == [
        ("losartan", "valsartan"),
        ("lisinopril", "losartan"),
    ]
    assert len(screen.get(f"history?segment={first['id']}")["edits"]) == 2
    assert done["segment"]["machine_text"] == first["text"]


@pytest.mark.parametrize("name", ["item=a%00b", "item=%0A", "segment=x", ""])
def test_a_history_of_what_has_no_name_is_refused(screen, name):
    answer = screen.browser.get(f"{screen.url}history?{name}")
    assert answer.status_code == 422 and answer.json()["error"] == "malformed"


def test_a_word_keeps_its_history_when_its_segment_is_split(screen):
    done = screen.do("replace_text", screen.segments()[0], text="Patient takes losartan daily.")
    word = next(i["id"] for i in done["segment"]["items"] if i["content"] == "losartan")
    screen.do("split", done["segment"], at=14)
    edits = screen.get(f"history?item={word}")["edits"]
    assert [(one["before"], one["after"]) for one in edits] == [("lisinopril", "losartan")]


def test_names_go_with_a_newer_transcript_only_to_who_speaks_there(screen, review, cast):
    screen.do("speaker", screen.segments()[0], speaker="spk_0")
    screen.do("rename_speaker", speaker="spk_0", name="Carla", expect=None)
    newer = transcribe_again(review, cast.editor)  # without speakers
    rerun.accept(review=newer, carry_edits=False, by=cast.editor)
    assert screen.get("state")["speakers"] == {}


def test_a_snapshot_takes_as_many_queries_for_a_long_text_as_for_a_short_one(as_, cast):
    counts = []
    for length in (2, 60):
        lines = [[(f"w{n}", 0.4), ("x", 0.9)] for n in range(length)]
        made = transcribed(rows.recording(cast, mrn=str(length)), lines)
        screen = Screen(as_(cast.editor), made)
        for one in screen.segments()[: length // 2]:
            screen.do("replace_text", one, text="typed by hand")
        with CaptureQueriesContext(connection) as queries:
            screen.segments()
        counts.append(len(queries))
    assert counts[0] == counts[1] < 45


def test_a_critical_mark_over_a_split_stays_critical_on_both_sides(screen, review):
    first = review.text.order_by("position").first()
    words = [item["id"] for item in first.items[1:3]]
    told = {"critical": True, "sentence": "Two doses are named."}
    mark = review.flags.create(segment=first, items=words, reason="dose", **told)
    done = screen.do("split", screen.segments()[0], at=14)
    sides = [[flag for flag in one["flags"] if flag.get("critical")] for one in done["segments"]]
    assert [[flag["items"] for flag in side] for side in sides] == [[words[:1]], [words[1:]]]
    assert {flag["sentence"] for side in sides for flag in side} == {told["sentence"]}
    screen.do("undo", edit=done["edit"])
    (again,) = review.flags.filter(critical=True)
    assert (again.pk, again.items, again.sentence) == (mark.pk, words, told["sentence"])


@pytest.mark.parametrize(
    ("kind", "most"), [("replace_text", 28), ("replace_range", 28), ("confirm", 28), ("split", 32)]
)
def test_an_edit_takes_as_many_queries_in_a_long_text_as_in_a_short_one(as_, cast, kind, most):
    counts = []
    for length in (4, 60):
        lines = [[(f"w{n}", 0.4), ("x", 0.9), ("y", 0.9)] for n in range(length)]
        made = transcribed(rows.recording(cast, mrn=f"{kind}{length}"), lines)
        screen = Screen(as_(cast.editor), made)
        first, second = screen.segments()[1:3]
        screen.do("replace_text", first, text="somebody has it now")
        more = {
            "replace_text": {"text": second["text"] + " more"},
            "replace_range": {"from": 0, "to": 2, "expect": second["text"][:2], "text": "v"},
            "confirm": {"items": second["flags"][0]["items"]},
            "split": {"at": 3},
        }[kind]
        with CaptureQueriesContext(connection) as queries:
            screen.do(kind, second, **more)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= most
