"""The log replayed upon the machine's words gives the text of today; operations at random."""

from contextlib import suppress
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review import replay
from review.actions import edit, flags, rerun, speakers, structure, undo
from review.actions.checking import Differs, check
from review.actions.operation import Conflict
from review.models import Edit, Segment
from review.policies import Refused
from tests.review.test_rerun import transcribe_again

TYPED = ["", "no", " 50 mg ", "Dr. Wu", ",", "the the", "daily.", "a b c d e", "ż"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["text", "range", "split", "merge", "speaker", "part", "name", "join", "blank"]
            + ["query", "confirm", "all", "undo", "undo"]
        ),
        st.integers(0, 999),
        st.integers(0, 999),
        st.sampled_from(TYPED),
    ),
    max_size=15,
)


def act(review, by, kind, a, b, typed) -> None:
    """One operation upon the review as it is now, chosen by numbers and text."""
    rows = list(review.text.order_by("position"))
    row = rows[a % len(rows)]
    ids = [item["id"] for item in row.items]
    upon = {"segment_id": row.pk, "base_version": row.version}
    common = {"review": review, "op_id": uuid4(), "by": by}
    first = b % (len(row.text) + 1)
    last = first + a % (len(row.text) + 1 - first)
    seen = row.text[first:last]
    before = rows[max(rows.index(row) - 1, 0)]
    with suppress(Refused, Conflict):
        match kind:
            case "text":
                text = row.text[:first] + typed + row.text[last:]
                edit.replace_text(**upon, text=text, **common)
            case "range":
                edit.replace_range(
                    **upon, first=first, last=last, expect=seen, text=typed, **common
                )
            case "split":
                structure.split(**upon, at=first, **common)
            case "merge":
                structure.merge(
                    **upon, with_id=before.pk, with_base_version=before.version, **common
                )
            case "speaker":
                speakers.change(**upon, speaker=f"spk_{b % 3}", **common)
            case "part" if ids:
                low, high = sorted([a % len(ids), b % len(ids)])
                speakers.change(
                    **upon, speaker=f"spk_{b % 3}", first=ids[low], last=ids[high], **common
                )
            case "name":
                label = f"spk_{a % 3}"
                was = type(review).objects.get(pk=review.pk).speakers.get(label, "")
                speakers.rename(speaker=label, name=typed, expect=was, **common)
            case "join":
                speakers.merge(gone=f"spk_{a % 3}", into=f"spk_{b % 3}", **common)
            case "blank":
                flags.blank(**upon, at=first, **common)
            case "query":
                flags.query(**upon, items=ids[: 1 + b % 3], note="What?", **common)
            case "confirm":
                edit.confirm(**upon, items=ids[b % 3 :], **common)
            case "all":
                token = row.items[b % len(ids)]["content"] if ids else "takes"
                with suppress(ValueError):
                    replace_all(common, token, typed)
            case "undo" if Edit.objects.filter(review=review).exists():
                number = Edit.objects.filter(review=review).count()
                undo.undo(edit_seq=number - b % min(number, 4), **common)


def replace_all(common, token, typed) -> None:
    given = {"token": token, "text": typed, "match_case": False} | common
    try:
        edit.replace_all(**given, expect_count=0)
    except Conflict as conflict:
        edit.replace_all(**given, expect_count=conflict.count)


class Undone(Exception):
    pass


def test_a_question_about_words_that_are_undone_is_settled_with_them(cast, review):
    by, first = cast.editor, review.text.order_by("position").first()
    upon = {"segment_id": first.pk, "review": review, "by": by}
    typed = edit.replace_text(
        **upon, base_version=1, text=f"Today {first.text}", op_id=uuid4()
    ).segments[0]
    flags.query(**upon, base_version=2, items=[typed.items[0]["id"]], note="What?", op_id=uuid4())
    undo.undo(review=review, edit_seq=1, op_id=uuid4(), by=by)
    assert not review.flags.filter(reason="query", state="open").exists()
    undo.undo(review=review, edit_seq=3, op_id=uuid4(), by=by)
    assert review.flags.get(reason="query").state == "open"
    check(review)


def test_a_question_about_a_split_off_segment_goes_back_with_its_words(cast, review):
    by, first = cast.editor, review.text.order_by("position").first()
    upon = {"review": review, "by": by}
    _, second = structure.split(
        **upon, segment_id=first.pk, base_version=1, at=len("Patient takes "), op_id=uuid4()
    ).segments[:2]
    flags.query(
        **upon,
        segment_id=second.pk,
        base_version=second.version,
        items=[second.items[-1]["id"]],
        note="What?",
        op_id=uuid4(),
    )
    undo.undo(**upon, edit_seq=1, op_id=uuid4())
    assert review.flags.get(reason="query", state="open").segment_id == first.pk
    check(review)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_a_replay_of_any_operations_gives_the_text_byte_for_byte(cast, review, steps):
    spoken = {
        item["id"]: (item["start"], item["end"]) for row in review.text.all() for item in row.items
    }
    with suppress(Undone), transaction.atomic():
        for step in steps:
            act(review, cast.editor, *step)
        assert check(review) == Edit.objects.filter(review=review).count()
        items = [item for row in review.text.order_by("position") for item in row.items]
        assert len({item["id"] for item in items}) == len(items)
        for item in items:
            if item["id"] in spoken:
                assert (item["start"], item["end"]) == spoken[item["id"]]
        now = {row.pk: {i["id"] for i in row.items} for row in review.text.all()}
        for flag in review.flags.filter(state="open"):
            assert set(flag.items) <= now[flag.segment_id]
        raise Undone


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS.filter(bool))
def test_all_undone_in_reverse_is_the_machines_text_again(cast, review, steps):
    def words():
        return [
            (row.pk, row.items, row.speaker, row.start, row.end)
            for row in review.text.order_by("position")
        ]

    with suppress(Undone), transaction.atomic():
        before, flags_before = words(), list(review.flags.order_by("pk").values())
        for step in steps:
            act(review, cast.editor, *step)
        for edit_seq in range(Edit.objects.filter(review=review).count(), 0, -1):
            undo.undo(
                review=review, edit_seq=_stands(review, edit_seq), op_id=uuid4(), by=cast.editor
            )
        assert words() == before
        assert list(review.flags.order_by("pk").values()) == flags_before
        check(review)
        raise Undone


def _stands(review, edit_seq: int) -> int:
    """The last of the edit's undos and redos; the edit itself where it was never undone."""
    edit = Edit.objects.get(review=review, seq=edit_seq)
    while later := Edit.objects.filter(undoes=edit).first():
        edit = later
    return edit.seq


# What the command finds


def command(**options) -> str:
    out, errors = StringIO(), StringIO()
    try:
        call_command("check_edits", stdout=out, stderr=errors, **options)
    except CommandError:
        return errors.getvalue()
    return out.getvalue()


def typed(cast, review) -> Segment:
    row = review.text.first()
    return edit.replace_text(
        review=review,
        segment_id=row.pk,
        base_version=row.version,
        text="Patient takes aspirin.",
        op_id=uuid4(),
        by=cast.editor,
    ).segment


def test_a_text_changed_behind_the_logs_back_is_found(cast, review):
    row = typed(cast, review)
    row.items[0]["content"] = "Nobody"
    row.save()
    assert f"segment {row.pk} is not what the log says" in command()


def test_a_text_that_is_not_that_of_its_words_is_found(cast, review):
    Segment.objects.filter(pk=typed(cast, review).pk).update(text="Something else.")
    with pytest.raises(Differs, match="another text"):
        check(review)


def test_an_edit_taken_out_of_the_log_is_found(cast, review):
    typed(cast, review)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE review_edit DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM review_edit")
        cursor.execute("ALTER TABLE review_edit ENABLE TRIGGER USER")
    assert "edit 1 is missing" in command(practice=str(review.practice_id))


def test_nothing_is_said_of_patients(cast, review):
    row = typed(cast, review)
    Segment.objects.filter(pk=row.pk).update(text="Canaryzide.")
    assert "anaryzide" not in command()


def test_one_practice_is_checked_by_itself(cast, review):
    typed(cast, review)
    assert command(practice=str(review.practice_id)) == "1 reviews, 1 edits replayed, 0 differ.\n"
    assert command(practice=str(cast.outsider.practice_id)).startswith("0 reviews")


def test_a_taken_over_transcript_is_replayed_too(cast, review):
    typed(cast, review)
    review = transcribe_again(review, cast.editor)
    rerun.accept(review=review, carry_edits=True, by=cast.editor)
    assert "0 differ" in command()


# Changes as values


def test_a_change_that_does_not_fit_is_refused():
    change = {"segment": "a", "before": {"speaker": "x"}, "after": {"speaker": "y"}}
    for states in ({}, {("segment", "a"): {"speaker": "z"}}):
        with pytest.raises(replay.Broken):
            replay.replay(states, [change])


def test_the_same_is_no_change():
    assert replay.change("segment", "a", {"speaker": "x"}, {"speaker": "x"}) is None
    assert replay.change("flag", "a", None, None) is None


def test_what_an_edit_made_is_removed_by_its_undo_and_back_by_its_redo():
    made = {"segment": "a", "before": None, "after": {"items": [1], "removed": False}}
    (back,) = replay.inverted([made])
    assert back["after"] == {"items": [], "removed": True}
    states = {}
    for changes in ([made], [back], replay.inverted([back])):
        replay.replay(states, changes)
    assert states["segment", "a"] == {"items": [1], "removed": False}
