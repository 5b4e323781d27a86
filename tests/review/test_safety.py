"""Critical words from the opening of a review to their settling by ear; refusals first."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from review.actions import checks
from review.actions.plays import UNHEARD
from review.enums import Action, FlagState
from review.models import AuditEvent, CheckOff, Flag, Play, Review, Segment
from review.policies import Refused
from review.safety import run
from tests.cast import Cast
from tests.factories import transcribed, upload
from transcripts.enums import Type
from transcripts.models import Membership

As = Callable[[Membership], Client]
DOSE = [
    *(("He", 0.99), ("takes", 0.99), ("lisinopril", 0.99), ("twenty", 0.99)),
    *(("milligrams", 0.99), ("daily", 0.99), (".", None)),
]
PLAIN = [("Come", 0.99), ("back", 0.99), ("in", 0.99), ("two", 0.99), ("weeks", 0.99), (".", None)]


@pytest.fixture(autouse=True)
def checked(settings: Any) -> None:
    settings.SAFETY_CHECKS = True


@pytest.fixture
def review(cast: Cast) -> Review:
    """A dictation: a dose in the first three seconds, nothing critical in the second segment."""
    return transcribed(upload(cast), [DOSE, PLAIN])


def segment(review: Review, position: int = 0) -> Segment:
    return review.text.order_by("position")[position]


def flags(review: Review, **where: Any) -> list[Flag]:
    return list(review.flags.filter(**where))


def say(browser: Client, review: Review, kind: str, row: Segment, **more: Any) -> Any:
    row.refresh_from_db()
    body = {"op_id": str(uuid4()), "kind": kind, "segment": str(row.pk)}
    body |= {"base_version": row.version} | more
    path = f"/recordings/{review.recording_id}/operations"
    return browser.post(path, json.dumps(body), content_type="application/json")


def play(browser: Client, review: Review, first: float, last: float, rate: float = 1.0) -> Any:
    body = {"played": [{"from": first, "to": last, "rate": rate}]}
    path = f"/recordings/{review.recording_id}/plays"
    return browser.post(path, json.dumps(body), content_type="application/json")


def words(row: Segment, flag: Flag) -> str:
    row.refresh_from_db()
    return " ".join(i["content"] for i in row.items if i["id"] in flag.items)


class TestOpening:
    def test_a_dose_is_one_critical_flag_with_a_sentence(self, review: Review) -> None:
        (flag,) = flags(review)
        assert (flag.reason, flag.critical) == ("drug", True)
        assert words(segment(review), flag) == "lisinopril 20 mg"
        assert "Listen" in flag.sentence

    def test_a_doubtful_word_inside_is_no_second_mark(self, cast: Cast) -> None:
        unsure = [(w, 0.4 if w == "lisinopril" else c) for w, c in DOSE]
        assert len(flags(transcribed(upload(cast), [unsure]))) == 1

    def test_nothing_is_marked_where_the_site_does_without(self, cast: Cast, settings: Any) -> None:
        settings.SAFETY_CHECKS = False
        assert flags(transcribed(upload(cast), [DOSE])) == []


class TestSettlingByEar:
    def test_unheard_words_are_not_confirmed(self, review: Review, cast: Cast, as_: As) -> None:
        (flag,) = flags(review)
        answer = say(as_(cast.editor), review, "confirm", segment(review), items=flag.items)
        assert (answer.status_code, answer.json()["message"]) == (403, UNHEARD)
        flag.refresh_from_db()
        assert flag.state == FlagState.OPEN

    @pytest.mark.parametrize(
        ("first", "last"), [(1.0, 2.5), (0.8, 3.4), (0.0, 1.5), (2.0, 3.5), (5.0, 9.0)]
    )
    def test_a_part_of_the_slice_is_not_enough(
        self, review: Review, cast: Cast, as_: As, first: float, last: float
    ) -> None:
        """The words are at 1.0 to 2.5 s, so 0.0 to 3.5 s must be heard."""
        browser = as_(cast.editor)
        assert play(browser, review, first, last).status_code == 200
        (flag,) = flags(review)
        answer = say(browser, review, "confirm", segment(review), items=flag.items)
        assert answer.status_code == 403

    def test_another_browser_or_person_does_not_count(
        self, review: Review, cast: Cast, as_: As
    ) -> None:
        play(as_(cast.editor), review, 0, 3.5)
        play(as_(cast.clinician), review, 0, 3.5)
        (flag,) = flags(review)
        fresh = as_(cast.editor)
        answer = say(fresh, review, "confirm", segment(review), items=flag.items)
        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "stretches", [[(0.0, 3.6)], [(0.0, 1.5), (1.4, 3.6)], [(2.0, 3.6), (0.0, 2.1)]]
    )
    def test_heard_words_are_confirmed_and_the_proof_is_kept(
        self, review: Review, cast: Cast, as_: As, stretches: list[tuple[float, float]]
    ) -> None:
        browser = as_(cast.editor)
        for first, last in stretches:
            assert play(browser, review, first, last, rate=1.5).json() == {"kept": 1}
        (flag,) = flags(review)
        assert say(browser, review, "confirm", segment(review), items=flag.items).status_code == 200
        flag.refresh_from_db()
        assert flag.state == FlagState.CONFIRMED
        assert flag.play.user == cast.editor.user
        assert float(flag.play.rate) == 1.5
        told = AuditEvent.objects.filter(action=Action.PLAYS_REPORTED)
        assert told.count() == len(stretches)

    @pytest.mark.parametrize(
        "one",
        [
            {"from": -1, "to": 2, "rate": 1},
            {"from": 2, "to": 2, "rate": 1},
            {"from": 0, "to": 9999, "rate": 1},
            {"from": 0, "to": 2, "rate": 16},
            {"from": 0, "to": float("nan"), "rate": 1},
            {"from": 0},
            "words",
        ],
    )
    def test_reports_that_cannot_be_are_refused(
        self, review: Review, cast: Cast, as_: As, one: Any
    ) -> None:
        path = f"/recordings/{review.recording_id}/plays"
        body = json.dumps({"played": [one]})
        answer = as_(cast.editor).post(path, body, content_type="application/json")
        assert answer.status_code in (403, 422)
        assert not Play.objects.exists()

    def test_the_database_knows_no_other_way(self, review: Review, cast: Cast) -> None:
        settled = {"resolved_by": cast.editor.user, "resolved_at": timezone.now()}
        with pytest.raises(IntegrityError, match="by_ear"), transaction.atomic():
            review.flags.update(state=FlagState.CONFIRMED, **settled)


class TestFollowing:
    def test_typing_unheard_is_never_lost_and_settles_nothing(
        self, review: Review, cast: Cast, as_: As
    ) -> None:
        row = segment(review)
        text = "He takes lisinopril 30 mg daily."
        assert say(as_(cast.editor), review, "replace_text", row, text=text).status_code == 200
        (flag,) = flags(review, state=FlagState.OPEN)
        assert words(row, flag) == "lisinopril 30 mg"
        row.refresh_from_db()
        assert row.text == text

    def test_words_taken_away_unheard_leave_the_flag_on_what_is_left(
        self, review: Review, cast: Cast, as_: As
    ) -> None:
        row = segment(review)
        say(as_(cast.editor), review, "replace_text", row, text="He takes daily.")
        (flag,) = flags(review, state=FlagState.OPEN)
        assert flag.critical
        assert words(row, flag)
        answer = say(as_(cast.editor), review, "replace_text", row, text="")
        assert answer.status_code == 403

    def test_words_typed_by_ear_are_settled_at_once(
        self, review: Review, cast: Cast, as_: As
    ) -> None:
        browser, row = as_(cast.editor), segment(review)
        play(browser, review, 0, 3.6)
        text = "He takes lisinopril 30 mg daily."
        assert say(browser, review, "replace_text", row, text=text).status_code == 200
        assert flags(review, state=FlagState.OPEN) == []
        (flag,) = flags(review)
        assert flag.state == FlagState.CORRECTED

    def test_an_edit_that_makes_a_new_one_raises_it(
        self, review: Review, cast: Cast, as_: As
    ) -> None:
        browser, row = as_(cast.editor), segment(review, 1)
        text = "Start metformin five hundred milligrams twice a day."
        answer = say(browser, review, "replace_text", row, text=text).json()
        (sent,) = answer["segments"][0]["flags"]
        assert sent["critical"] and sent["reason"] == "drug" and sent["sentence"]
        # The words that were typed first are left alone by a change elsewhere in the segment.
        say(browser, review, "replace_text", row, text=text.replace("Start", "Continue"))
        assert len(flags(review, segment=row)) == 1

    def test_taking_the_edit_back_takes_its_flag_back(
        self, review: Review, cast: Cast, as_: As
    ) -> None:
        browser, row = as_(cast.editor), segment(review, 1)
        text = "Start metformin five hundred milligrams."
        edit = say(browser, review, "replace_text", row, text=text).json()["edit"]
        assert len(flags(review, segment=row)) == 1
        answer = say(browser, review, "undo", row, edit=edit)
        assert answer.status_code == 200
        assert flags(review, segment=row) == []

    def test_a_side_against_the_rest_of_the_document(self, cast: Cast, as_: As) -> None:
        def said(text: str) -> list[tuple[str, float | None]]:
            return [(word, 0.99) for word in text.split()] + [(".", None)]

        far = [said("The left knee is swollen"), *[PLAIN] * 6, said("We talked")]
        review = transcribed(upload(cast, type=Type.CONVERSATION), far)
        row = segment(review, 7)
        say(as_(cast.editor), review, "replace_text", row, text="Image the right knee.")
        (flag,) = flags(review, segment=row)
        assert "left elsewhere" in flag.sentence


class TestSwitches:
    def test_a_reason_is_asked_for(self, cast: Cast) -> None:
        for check, reason in (("drug", " "), ("nonsense", "why"), ("drug", "x" * 201)):
            with pytest.raises(Refused):
                checks.switch_off(check=check, reason=reason, by=cast.manager)
        assert not CheckOff.objects.exists()

    def test_dictations_keep_what_harms_most(self, cast: Cast) -> None:
        for name in run.CHECKS:
            checks.switch_off(check=name, reason="We listen to all of it.", by=cast.manager)
        kept = transcribed(upload(cast), [DOSE])
        assert [flag.reason for flag in flags(kept)] == ["drug"]
        other = transcribed(upload(cast, type=Type.CONVERSATION), [DOSE])
        assert flags(other) == []

    def test_switching_is_on_record_and_can_be_taken_back(self, cast: Cast, as_: As) -> None:
        browser = as_(cast.manager)
        assert browser.post("/safety/negation", {"to": "off", "reason": ""}).status_code == 422
        answer = browser.post("/safety/negation", {"to": "off", "reason": "Too many."})
        assert answer.status_code == 302
        assert b"Too many." in browser.get("/safety/").content
        browser.post("/safety/negation", {"to": "on", "reason": "Missed one."})
        (off,) = CheckOff.objects.all()
        assert (off.reason, off.ended_reason) == ("Too many.", "Missed one.")
        told = AuditEvent.objects.filter(action=Action.CHECK_SWITCHED).order_by("seq")
        assert [event.detail["on"] for event in told] == [False, True]


def test_entities_are_grouped_and_follow_edits(review: Review, cast: Cast, as_: As) -> None:
    browser = as_(cast.editor)
    path = f"/recordings/{review.recording_id}/entities"
    answer = browser.get(path).json()
    (group,) = [g for g in answer["groups"] if g["category"] == "MEDICATION"]
    (drug,) = group["entities"]
    (mention,) = drug["mentions"]
    assert (drug["text"], mention["start"], mention["end"]) == ("lisinopril", 1.0, 1.5)
    assert [a["text"] for a in mention["attributes"]] == ["20 mg", "daily"]
    assert "RxNorm is not available in this engine." in answer["notes"]
    say(browser, review, "replace_text", segment(review, 1), text="She has hypertension.")
    groups = {g["category"]: g["entities"] for g in browser.get(path).json()["groups"]}
    (found,) = groups["MEDICAL_CONDITION"]
    assert found["codes"][0]["code"] == "I10"
    assert found["mentions"][0]["segment"] == str(segment(review, 1).pk)


class TestContradictionsElsewhere:
    """A side that is changed in one segment may contradict another that nobody touched."""

    @pytest.fixture
    def sides(self, cast: Cast) -> Review:
        def line(text: str) -> list[tuple[str, float | None]]:
            return [*((word, 0.99) for word in text.split()), (".", None)]

        knee = "There is pain in the left knee"
        between = [line("Come back in two weeks")] * 4
        lines = [line(knee), *between, line("An injection into the left knee was given")]
        return transcribed(upload(cast), [*lines, *between, line("The left knee was iced")])

    def edit(self, browser: Client, review: Review, place: int, old: str, new: str) -> Any:
        row = segment(review, place)
        return say(browser, review, "replace_text", row, text=row.text.replace(old, new))

    def test_the_other_segment_is_marked_and_is_plain_again_when_it_is_mended(
        self, sides: Review, cast: Cast, as_: As
    ) -> None:
        browser, last = as_(cast.editor), segment(sides, 10)
        assert not flags(sides, reason="contradiction")
        for place in (0, 5):
            assert self.edit(browser, sides, place, "left", "right").status_code == 200
        (flag,) = flags(sides, reason="contradiction", segment=last)
        assert "right elsewhere" in flag.sentence
        for place in (0, 5):
            assert self.edit(browser, sides, place, "right", "left").status_code == 200
        flag.refresh_from_db()
        assert (flag.reason, flag.state, flag.critical) == ("laterality", "open", True)
        assert "elsewhere" not in flag.sentence
