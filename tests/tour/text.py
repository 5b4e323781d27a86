"""Chapters of the tour: the worklist, the review screen and its edits, newer transcripts."""

import json
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from review.actions import checks, edit, questions, rerun, turnarounds, worklist
from review.models import Review
from review.safety import run
from review.turnaround import minutes_of
from tests import factories, rows
from tests.cast import Cast
from tests.tour.page import Browsers, Page


def editing(cast: Cast, as_: Browsers) -> None:
    """Every operation of the review screen, once, and whatever is looked at on the way."""
    review = rows.review(cast, mrn="20001", name="Edda Edited")
    page = Page(as_(cast.editor), review)
    for path in ("", "state", "entities", "details/", "again/"):
        page.get(path)
    first = page.segments()[0]
    page.get("history", segment=first["id"])
    at = {"segment": first["id"], "base_version": first["version"]}
    typed = page.do("replace_text", **at, text="Patient takes lisinopril nightly.")
    done = page.do("undo", edit=typed["edit"])
    page.do("undo", edit=done["edit"])
    page.do("replace_all", token="pain", text="pressure", match_case=True, expect_count=1)
    page.do("rename_speaker", **_speak(page), name="Dr. Carla", expect=None)
    page.do("merge_speakers", **{"from": "spk_1", "into": "spk_0"})
    parts = page.do("split", **_at(page, 2), at=7)["segments"]
    page.do(
        "merge",
        segment=parts[1]["id"],
        base_version=parts[1]["version"],
        **{"with": parts[0]["id"], "with_base_version": parts[0]["version"]},
    )
    page.do("blank", **_at(page, 2), at=7)
    asked = page.segments()[1]
    page.do("query", **_at(page, 1), items=[asked["items"][0]["id"]], note="Who?")
    _rest(page, cast, as_, review)


def _at(page: Page, number: int) -> dict[str, object]:
    shown = page.segments()[number]
    return {"segment": shown["id"], "base_version": shown["version"]}


def _speak(page: Page) -> dict[str, str]:
    page.do("speaker", **_at(page, 0), speaker="spk_0")
    page.do("speaker", **_at(page, 1), speaker="spk_1")
    return {"speaker": "spk_0"}


def _rest(page: Page, cast: Cast, as_: Browsers, review: Review) -> None:
    """Marked words confirmed, the line moved, something played, a question answered."""
    rows.resolve(review, cast.editor)
    for path, body in (
        ("look", {"below": 0.97}),
        ("plays", {"played": [{"from": 0.0, "to": 2.0, "rate": 1.0}]}),
    ):
        answer = page.browser.post(
            page.url + path, json.dumps(body), content_type="application/json"
        )
        assert answer.status_code == 200, (path, answer.content)
    again = Page(as_(cast.clinician), review)
    shown = page.segments()[1]
    page.do("query", **_at(page, 1), items=[shown["items"][0]["id"]], note="Really?")
    again.get("questions/")
    flag = review.flags.filter(reason="query", state="open").first()
    questions.answer(review=review, flag_id=flag.pk, words="", by=cast.clinician)


def worklists(cast: Cast, as_: Browsers) -> None:
    """Looked at, a document taken, given back, assigned, pended, made urgent, and late."""
    as_(cast.editor).get("/")
    review = rows.review(cast, mrn="20002", name="Willi Worklist")
    worklist.claim(review=review, by=cast.editor)
    worklist.give_back(review=review, by=cast.editor)
    worklist.assign(review=review, to=cast.editor, by=cast.manager)
    worklist.pend(review=review, reason="audio", note="", by=cast.editor)
    worklist.unpend(review=review, by=cast.editor)
    worklist.prioritise(review=review, priority=2, by=cast.manager)
    Review.objects.filter(pk=review.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    worklist.escalate_due()
    minutes = minutes_of(cast.practice.pk)
    turnarounds.change(minutes=dict.fromkeys(minutes, 90), by=cast.manager)


def before_the_machine_is_done(cast: Cast, as_: Browsers) -> None:
    """A line edited while the rest is still transcribed; the edit is carried over."""
    from tests.review.test_early import FIRST, done

    recording = rows.recording(cast, mrn="20003", name="Ella Early")
    rows.cut(recording, 2)
    chunk = recording.jobs.get().chunks.get(index=0)
    chunk.segments = [factories.line(words, start=2.5 * n) for n, words in enumerate(FIRST)]
    chunk.done = True
    chunk.save()
    review = Review.objects.select_related("recording", "practice").get(recording=recording)
    page = Page(as_(cast.editor), review)
    page.do("replace_text", **_at(page, 0), text="Patient takes losartan daily.")
    done(review)


def transcribed_again(cast: Cast) -> None:
    """A newer transcript kept out, the next one taken over."""
    from tests.review.test_rerun import transcribe_again

    review = rows.review(cast, mrn="20004", name="Nils Newer")
    segment = review.text.first()
    edit.replace_text(
        review=review,
        segment_id=segment.pk,
        base_version=segment.version,
        text="Patient takes lisinopril nightly.",
        op_id=uuid4(),
        by=cast.editor,
    )
    rerun.dismiss(review=transcribe_again(review, cast.editor), by=cast.editor)
    newer = transcribe_again(review, cast.editor)
    rerun.accept(review=newer, carry_edits=True, by=cast.editor)


def checks_switched(cast: Cast) -> None:
    check = next(iter(run.CHECKS))
    checks.switch_off(check=check, reason="Too many marks.", by=cast.manager)
    checks.switch_on(check=check, reason="", by=cast.manager)
