"""The worklist in Chromium: by keys alone, live without a jump, its views; work from the document,
and the dictator's answer on a phone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_access import SIDEWAYS, SMALL, violations

ROW = "#worklist-rows tr[data-id]"
# A recording that is only this module's: others may look at theirs as they left them.
NEW = """
from tests import rows
from tests.browser import states
from tests.cast import Cast
from transcripts.models import Membership
people = dict(zip(Cast.__slots__[1:], ("eve", "carla", "colin", "max", "ada", "otto")))
found = {{k: Membership.objects.get(user__username=v) for k, v in people.items()}}
cast = Cast(found["editor"].practice, **found)
made = states.spoken(cast, name="{name}", mrn="{name}")
review = states.assembled(made, states.talk(float(made.duration)))
answer = "/recordings/%s/" % made.pk
"""
MOVING = """() => {
  const move = () => document.querySelector('#worklist-rows td')
    .dispatchEvent(new PointerEvent('pointermove', { bubbles: true }));
  window.moving = setInterval(move, 200);
}"""
ASK = """
from review.actions import flags
segment = review.text.order_by("position")[1]
items = [one["id"] for one in segment.items[4:6]]
flags.query(review=review, segment_id=segment.pk, base_version=segment.version, items=items,
    note="How long did the cough last?", op_id=segment.pk, by=cast.editor)
"""


@pytest.fixture
def page(browser, desk, request):
    problems: list[str] = []
    size = {"width": getattr(request, "param", 1280), "height": 800}
    context = desk.window(browser, "editor", viewport=size, reduced_motion="reduce")
    context.on("weberror", lambda error: problems.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert not problems, problems


def test_rows_are_walked_chosen_and_opened_by_keys(page):
    page.goto("/?state=all")
    links = page.locator(f"{ROW} .row-link")
    for key, at in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(links.nth(at)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator(f"{ROW} input").nth(1)).to_be_checked()
    expect(page.locator("[data-chosen]")).to_have_text("1 row chosen")
    page.keyboard.press("x")
    page.keyboard.press("/")
    expect(page.get_by_label("Search the worklist")).to_be_focused()
    page.keyboard.type("jj")  # letters of a search, not steps
    expect(page.get_by_label("Search the worklist")).to_have_value("jj")
    links.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#review")).to_be_visible()


def test_what_comes_meanwhile_appears_without_moving_the_row_under_the_hand(page, desk):
    page.goto("/?state=all")
    expect(page.locator("#worklist-live")).to_have_text("Live")
    page.locator(f"{ROW} .row-link").nth(3).focus()
    where = page.evaluate("document.activeElement.closest('tr').dataset.id")
    top = page.locator(f"tr[data-id='{where}']").bounding_box()["y"]
    page.evaluate(MOVING)
    desk.run(NEW.format(name="Nora New"))
    expect(page.locator("[data-count=all]")).not_to_have_text(str(page.locator(ROW).count()))
    new = page.locator(ROW, has_text="Nora New")
    expect(new).to_have_count(0)  # a pointer moves over the rows: they wait
    assert page.locator(f"tr[data-id='{where}']").bounding_box()["y"] == top
    page.evaluate("clearInterval(window.moving)")
    expect(new).to_be_visible(timeout=8000)
    assert page.evaluate("document.activeElement.closest('tr').dataset.id") == where


def test_a_view_is_named_shown_and_opened_with(page):
    page.goto("/?state=ready&type=CONVERSATION&order=due")
    page.locator("summary", has_text="Views").click()
    page.get_by_label("Name for what is chosen now").fill("Talks to do")
    page.get_by_label("Open the worklist with it").check()
    page.get_by_role("button", name="Save the view").click()
    named = page.get_by_role("link", name="Talks to do")
    expect(named).to_have_attribute("aria-current", "true")
    page.goto("/")
    assert page.url.endswith("/?state=ready&type=CONVERSATION&order=due")
    page.locator("#worklist-filters a").first.click()
    expect(named).not_to_have_attribute("aria-current", "true")
    page.locator("summary", has_text="Views").click()
    page.get_by_role("button", name="Remove the view Talks to do").click()
    expect(named).to_have_count(0)
    page.goto("/")
    assert page.url.endswith("/")


def test_work_is_taken_pended_and_given_back_by_keys_on_the_document(page, desk):
    page.goto(desk.run(NEW.format(name="Wanda Work")))
    expect(page.locator("#review")).to_have_attribute("data-ready", "")
    work = page.locator("[data-slot=work]")
    expect(work).to_contain_text("Nobody has taken this document.")
    page.keyboard.press("Alt+KeyT")
    expect(work).to_contain_text("You work on this document.")
    page.keyboard.press("Alt+KeyI")
    expect(work.get_by_label("Why does it rest?")).to_be_focused()
    work.get_by_label("Why does it rest?").select_option("audio")
    work.get_by_label("Note").fill("A drill beside the microphone")
    page.keyboard.press("Enter")
    expect(work).to_contain_text("Poor audio A drill beside the microphone")
    assert violations(page) == []
    page.keyboard.press("Alt+KeyI")
    expect(work).not_to_contain_text("Poor audio")
    page.keyboard.press("Alt+KeyT")
    expect(work).to_contain_text("Nobody has taken this document.")
    page.keyboard.press("Alt+KeyU")
    page.wait_for_url(lambda url: "/recordings/" in url)
    expect(page.locator("#review")).to_have_attribute("data-ready", "")
    expect(work).to_contain_text("You work on this document.")


def test_another_persons_claim_shows_on_the_open_document(page, desk):
    page.goto(desk.run(NEW.format(name="Olga Other")))
    work = page.locator("[data-slot=work]")
    expect(work).to_contain_text("Nobody has taken this document.")
    recording = page.url.rstrip("/").rpartition("/")[2]
    desk.run(
        "from review.actions import worklist\n"
        "from review.models import Review\n"
        "from transcripts.models import Membership\n"
        f"review = Review.objects.get(recording='{recording}')\n"
        "worklist.claim(review=review, by=Membership.objects.get(user__username='carla'))\n"
        "answer = None"
    )
    expect(work).to_contain_text("Carla works on this document.")


def test_a_question_is_heard_and_answered_on_a_phone(browser, desk):
    address = desk.run(NEW.format(name="Petra Phone") + ASK)
    size = {"width": 390, "height": 844}
    context = desk.window(browser, "clinician", viewport=size, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{address}questions/")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []
        shoot(page, f"questions-390-{scheme}")
    assert page.evaluate(SIDEWAYS) <= 0 and page.evaluate(SMALL) == []
    begin, end = page.evaluate(
        """() => new Promise((done, failed) => {
            const sound = document.querySelector('audio');
            let begin = null;
            sound.addEventListener('playing', () => (begin ??= sound.currentTime));
            sound.addEventListener('pause', () => done([begin, sound.currentTime]));
            sound.play().catch(failed);
        })"""
    )
    slice_ = page.locator("audio").get_attribute("src").partition("#t=")[2]
    first, last = map(float, slice_.split(","))
    assert abs(begin - first) < 0.5 and abs(end - last) < 0.5
    page.get_by_label("What it should say instead").fill("six weeks or")
    page.get_by_role("button", name="Put these words").tap()
    expect(page.get_by_text("Thank you. The answer is in the text.")).to_be_visible()
    expect(page.get_by_role("heading", name="No question is open")).to_be_visible()
    context.close()


@pytest.mark.parametrize("page", [1280, 768, 390], indirect=True)
def test_no_violation_light_and_dark_and_nothing_sticks_out(page):
    page.goto("/?state=all")
    width = page.viewport_size["width"]
    for opened in (False, True):
        if opened:
            for more in page.locator(".worklist-more > summary").all():
                more.click()
        for scheme in ("light",) if opened else ("dark", "light"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            assert violations(page) == []
            shoot(page, f"worklist-{width}-{scheme}{'-open' if opened else ''}")
        assert page.evaluate(SIDEWAYS) <= 0
        assert page.evaluate(SMALL) == []


def shoot(page, name: str) -> None:
    """A picture to look at, where somebody wants one."""
    if folder := os.environ.get("COUNTERSIGN_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
