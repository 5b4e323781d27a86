"""People's work on an older transcript goes into the newer one, or stands there as a question."""

import re
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from review.actions import flags, rerun, speakers, structure
from review.actions.checking import check
from tests.factories import WORDS
from tests.review.test_replay import STEPS, Undone, act
from tests.review.test_rerun import change, transcribe_again


@pytest.fixture
def people(cast, review):
    """Operations by hand on the segment at a place of the text."""

    class People:
        def row(self, at):
            return review.text.order_by("position")[at]

        def do(self, verb, place, /, **more):
            row = self.row(place)
            base = {"segment_id": row.pk, "base_version": row.version}
            return verb(review=review, by=cast.editor, op_id=uuid4(), **base, **more)

        def again(self, lines=WORDS, *, carry=True):
            newer = transcribe_again(review, cast.editor, lines)
            offer = rerun.preview(newer)
            rerun.accept(review=newer, carry_edits=carry, by=cast.editor)
            review.refresh_from_db()
            check(review)
            return offer

        def text(self):
            return [(row.text, row.speaker) for row in review.text.order_by("position")]

        def questions(self):
            found = review.flags.filter(state="open", reason="query")
            return sorted(found.values_list("note", flat=True))

    return People()


def said(*texts):
    return [[(w, None if w in ".," else 0.9) for w in text.split()] for text in texts]


def test_splits_merges_and_speakers_are_done_again(people):
    ids = [item["id"] for item in people.row(2).items]
    people.do(structure.split, 0, at=len("Patient takes "))
    people.do(speakers.change, 1, speaker="spk_1")
    before = people.row(2)
    people.do(speakers.change, 3, speaker="spk_2", first=ids[1], last=ids[2])
    people.do(structure.merge, 3, with_id=before.pk, with_base_version=before.version)
    done = people.text()
    offer = people.again()
    assert offer.collided == 0 and people.questions() == []
    assert people.text() == done


def test_a_split_between_words_that_are_not_said_any_more_is_asked(people):
    people.do(structure.split, 0, at=len("Patient takes "))
    offer = people.again(said("Patient gets lisinopril .", "Denies chest pain .", "Follow up ."))
    assert (offer.fitted, offer.collided) == (0, 1)
    (note,) = people.questions()
    assert note == "In the older transcript: Split before “lisinopril”."


def test_words_given_to_a_speaker_that_are_not_said_any_more_are_asked(people):
    people.do(speakers.change, 0, speaker="spk_1")
    people.again(said("He gets nothing .", "Denies chest pain .", "Follow up in two weeks ."))
    (note,) = people.questions()
    assert "Given to speaker spk_1: “Patient takes lisinopril daily.”" in note


def test_typed_words_that_do_not_fit_are_asked(cast, review, people):
    change(review, 0, "Patient takes losartan daily.", cast.editor)
    people.again(said("Patient takes his pills daily ."))
    (note,) = people.questions()
    assert note == "In the older transcript: “losartan” was typed for “lisinopril”."


def test_a_question_is_asked_again_and_a_blank_is_left_again(people):
    people.do(flags.query, 1, items=[people.row(1).items[1]["id"]], note="Which side?")
    people.do(flags.blank, 0, at=7)
    people.again()
    assert people.questions() == ["Which side?"]
    assert people.text()[0][0] == "Patient [___] takes lisinopril daily."


def test_without_the_edits_nothing_is_asked(people):
    people.do(structure.split, 0, at=len("Patient takes "))
    people.again(carry=False)
    assert people.questions() == [] and len(people.text()) == len(WORDS)


def words(lines):
    """The words in order; a split between a word and its full stop may end behind the stop."""
    return re.sub(r"\s+(?=[.,?!])", "", " ".join(text for text, _ in lines)).split()


KINDS = {"text", "range", "split", "merge", "speaker", "part"}
WORK = STEPS.map(lambda steps: [step for step in steps if step[0] in KINDS])
QUIET = settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUIET
@example(steps=[("part", 414, 74, "")])
@given(steps=WORK)
def test_a_transcript_that_says_the_same_ends_as_people_had_it(cast, review, people, steps):
    review.refresh_from_db()  # the example before was rolled back
    with suppress(Undone), transaction.atomic():
        for step in steps:
            act(review, cast.editor, *step)
        before = people.text()
        offer = people.again()
        assert words(people.text()) == words(before)
        assert len(people.questions()) == offer.collided
        raise Undone


OTHER = st.lists(
    st.lists(st.sampled_from(["Patient", "takes", "daily", "chest", "pain", "new", "."])),
    max_size=4,
)


@QUIET
@given(steps=WORK, lines=OTHER)
def test_whatever_the_newer_transcript_says_no_typed_word_is_lost(
    cast, review, people, steps, lines
):
    review.refresh_from_db()  # the example before was rolled back
    with suppress(Undone), transaction.atomic():
        for step in steps:
            act(review, cast.editor, *step)
        typed = {
            item["content"]
            for row in review.text.all()
            for item in row.items
            if item["by"] != "machine"
        }
        spoken = [line for line in lines if any(word != "." for word in line)]
        people.again([[(w, None if w == "." else 0.9) for w in line] for line in spoken])
        if not spoken:
            raise Undone
        now = " ".join([text for text, _ in people.text()] + people.questions())
        assert not [word for word in typed if word not in now]
        raise Undone
