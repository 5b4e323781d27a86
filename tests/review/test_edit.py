"""Edits: versioned, logged, and impossible to lose, to double, or to make behind a signature."""

import json
import threading
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from review.actions import edit
from review.actions.edit import Conflict
from review.models import AuditEvent, Edit, Flag, Review, Segment
from review.policies import NO_TRANSCRIPT, Refused
from review.timing import text_of
from tests import rows
from tests.rows import signed, together
from transcripts.models import MachineSegment

real_commits = pytest.mark.django_db(transaction=True)


@pytest.fixture
def segment(review):
    """Patient takes lisinopril(marked) daily."""
    return review.segments.get(position=0)


def replace(review, segment, text, by, *, base=None, op_id=None) -> Segment:
    return edit.replace_text(
        review=review,
        segment_id=segment.pk,
        base_version=segment.version if base is None else base,
        text=text,
        op_id=op_id or uuid4(),
        by=by,
    ).segment


def confirm(review, segment, items, by, *, op_id=None) -> Segment:
    return edit.confirm(
        review=review,
        segment_id=segment.pk,
        base_version=segment.version,
        items=items,
        op_id=op_id or uuid4(),
        by=by,
    ).segment


def post(browser, review, body):
    url = f"/recordings/{review.recording_id}/operations"
    data = body if isinstance(body, str) else json.dumps(body)
    return browser.post(url, data, content_type="application/json", HTTP_ACCEPT="application/json")


def operation(row, **changes):
    return {
        "op_id": str(uuid4()),
        "kind": "replace_text",
        "segment": str(row.pk),
        "base_version": row.version,
        "text": "Patient takes lisinopril weekly.",
    } | changes


# What is refused


def test_a_stale_version_is_a_conflict_that_shows_the_others_text(cast, as_, review, segment):
    replace(review, segment, "Patient takes losartan daily.", cast.clinician)
    answer = post(as_(cast.editor), review, operation(segment))
    body = answer.json()
    assert answer.status_code == 409 and body["error"] == "conflict"
    assert body["segment"]["text"] == "Patient takes losartan daily."
    assert body["by"] == "Carla" and body["message"] == "Carla changed this segment meanwhile."
    assert Edit.objects.count() == 1


def test_confirming_a_word_that_is_gone_is_a_conflict(cast, review, segment):
    with pytest.raises(Conflict):
        confirm(review, segment, ["m999"], cast.editor)
    assert Flag.objects.filter(state="open").count() == 2


@pytest.mark.parametrize("kind", ["replace_text", "confirm"])
def test_while_the_machine_works_nothing_can_be_edited(cast, as_, kind):
    review = Review.objects.get(recording=rows.recording(cast))
    segment = Segment(version=1)  # no segment is there yet
    answer = post(as_(cast.editor), review, operation(segment, kind=kind, items=[]))
    assert answer.status_code == 403
    assert answer.json()["message"] == NO_TRANSCRIPT


def test_a_signed_document_cannot_be_edited(cast, as_, review, segment):
    signed(review, cast)
    answer = post(as_(cast.editor), review, operation(segment))
    assert answer.status_code == 403
    assert answer.json()["message"] == "This document is signed and can no longer change."


def test_a_segment_of_another_document_is_not_found(cast, as_, review):
    other = rows.review(cast, mrn="2").segments.first()
    answer = post(as_(cast.editor), review, operation(other))
    assert (answer.status_code, answer.json()["error"]) == (422, "no_segment")


def test_a_text_without_end_is_refused(cast, as_, review, segment):
    answer = post(as_(cast.editor), review, operation(segment, text="word " * 5000))
    assert answer.status_code == 403 and "too long" in answer.json()["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "drop_table"},
        {"segment": "nonsense"},
        {"segment": 7},
        {"op_id": None},
        {"base_version": -1},
        {"base_version": 2**31},
        {"base_version": "1"},
        {"base_version": True},
        {"base_version": 1.5},
        {"text": None},
        {"text": "nul\x00"},
        {"kind": "confirm", "items": "m1"},
        {"kind": "confirm", "items": [1]},
    ],
    ids=str,
)
def test_a_malformed_operation_is_refused_with_a_sentence(cast, as_, review, segment, changes):
    answer = post(as_(cast.editor), review, operation(segment, **changes))
    assert (answer.status_code, answer.json()["error"]) == (422, "malformed")


@pytest.mark.parametrize(
    "body", ["", "nonsense", "[]", "null", "[" * 100_000, '{"base_version": 1e999}'], ids=range(6)
)
def test_what_is_no_operation_at_all_is_refused_with_a_sentence(cast, as_, review, body):
    answer = post(as_(cast.editor), review, body)
    assert (answer.status_code, answer.json()["error"]) == (422, "malformed")


def test_half_a_character_is_left_out(cast, as_, review, segment):
    answer = post(as_(cast.editor), review, operation(segment, text="Takes \ud800 aspirin."))
    assert answer.json()["segment"]["text"] == "Takes aspirin."


# What an edit does


def test_untouched_words_keep_their_times_and_confidence(cast, review, segment):
    before = {item["content"]: item for item in segment.items}
    after = replace(review, segment, "Patient takes losartan 50 mg daily.", cast.editor)
    assert after.text == "Patient takes losartan 50 mg daily." == text_of(after.items)
    for item in after.items:
        if item["content"] in before:
            assert item == before[item["content"]]
        else:
            assert item["by"] == "human" and item["confidence"] is None
    assert after.version == 2 and after.edited_by == cast.editor.user


def test_a_changed_marked_word_is_corrected_and_the_others_stay_open(cast, review, segment):
    replace(review, segment, "Patient takes losartan daily.", cast.editor)
    states = {f.segment.position: f for f in review.flags.select_related("segment")}
    assert (states[0].state, states[0].resolved_by) == ("corrected", cast.editor.user)
    assert states[1].state == "open"


def test_an_edit_beside_a_marked_word_leaves_it_open(cast, review, segment):
    replace(review, segment, "Patient takes lisinopril weekly.", cast.editor)
    assert segment.flags.get().state == "open"


def test_a_confirmed_word_stays_as_it_is(cast, review, segment):
    flag = segment.flags.get()
    after = confirm(review, segment, flag.items, cast.editor)
    flag.refresh_from_db()
    assert (flag.state, flag.resolved_by) == ("confirmed", cast.editor.user)
    assert (after.text, after.version) == (segment.text, segment.version)


def test_the_last_resolved_word_makes_it_ready_to_sign_and_an_edit_does_not_undo_it(cast, review):
    for segment in review.segments.all():
        for flag in segment.flags.all():
            confirm(review, segment, flag.items, cast.editor)
    assert Review.objects.get().state == "ready_to_sign"
    replace(review, segment, "Follow up in three weeks.", cast.editor)
    assert Review.objects.get().state == "ready_to_sign"


def test_a_document_without_words_is_not_ready_to_sign(cast, review):
    for segment in review.segments.all():
        replace(review, segment, "", cast.editor)
    assert Review.objects.get().state == "in_review"


def test_the_first_to_edit_is_assigned(cast, review, segment):
    replace(review, segment, "One.", cast.editor)
    segment.refresh_from_db()
    replace(review, segment, "Two.", cast.clinician)
    assert Review.objects.get().assignee == cast.editor.user


def test_the_same_text_again_is_no_edit(cast, review, segment):
    after = replace(review, segment, segment.text + " ", cast.editor)
    assert after.version == 1 and not Edit.objects.exists()


def test_the_log_is_append_only(cast, review, segment):
    replace(review, segment, "One.", cast.editor)
    for statement in ("UPDATE review_edit SET seq = 9", "DELETE FROM review_edit"):
        with (
            pytest.raises(ProgrammingError, match="Cannot update or delete"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


# Repeats and races


def test_a_repeated_operation_does_nothing_twice(cast, as_, review, segment):
    browser, body = as_(cast.editor), operation(segment)
    first, again = post(browser, review, body), post(browser, review, body)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert Edit.objects.count() == 1
    assert AuditEvent.objects.filter(action="segment.edited").count() == 1


def test_a_repeat_is_answered_even_after_the_document_is_signed(cast, as_, review, segment):
    browser, body = as_(cast.editor), operation(segment)
    post(browser, review, body)
    signed(review, cast)
    assert post(browser, review, body).status_code == 200


@real_commits
def test_one_operation_sent_twice_at_one_moment_is_done_once(cast, review, segment):
    op_id = uuid4()
    call = lambda: replace(review, segment, "Patient takes aspirin.", cast.editor, op_id=op_id)  # noqa: E731
    results = together(*[call] * 4)
    assert {(r.version, r.text) for r in results} == {(2, "Patient takes aspirin.")}
    assert Edit.objects.count() == 1


@real_commits
def test_twenty_people_at_one_segment_lose_nothing(cast, review, segment):
    """What was accepted is in the log in order; replayed upon the machine's it gives today's."""
    line = threading.Lock()
    accepted: list[str] = []

    def type_until_taken(person: int) -> None:
        for number in range(1000):
            now = Segment.objects.get(pk=segment.pk)
            op_id = uuid4()
            try:
                replace(review, now, f"{now.text} p{person}n{number}", cast.editor, op_id=op_id)
            except Conflict:
                continue
            with line:
                accepted.append(str(op_id))
            return

    results = together(*[lambda person=person: type_until_taken(person) for person in range(20)])
    assert results == [None] * 20
    edits = list(Edit.objects.order_by("seq"))
    assert len(accepted) == 20
    assert {str(e.op_id) for e in edits} == set(accepted)
    assert [e.seq for e in edits] == list(range(1, len(edits) + 1))
    items = MachineSegment.objects.get(index=0).items
    for logged in edits:
        (change,) = (c for c in logged.changes if "segment" in c)
        assert change["before"] == {"items": items}
        items = change["after"]["items"]
    now = Segment.objects.get(pk=segment.pk)
    assert now.items == items and now.version == len(edits) + 1
    assert len({item["id"] for item in items}) == len(items)
    assert AuditEvent.objects.filter(action="segment.edited").count() == len(edits)


def test_an_edit_of_a_recording_that_nobody_may_change_is_refused_to_the_manager(cast, review):
    with pytest.raises(Refused, match="Only editors and clinicians"):
        replace(review, review.segments.first(), "No.", cast.manager)


@real_commits
def test_an_edit_that_cannot_be_numbered_twice(cast, review, segment):
    replace(review, segment, "One.", cast.editor)
    logged = Edit.objects.get()
    logged.pk, logged.op_id, logged._state.adding = None, uuid4(), True
    with pytest.raises(IntegrityError):
        logged.save()
