"""A second review in Chromium: by keyboard, from the blind text to a score; for everyone."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import desk as desks
from tests.browser.test_access import violations
from tests.browser.test_dashboard import OUTSIDE, SMALL

MAKE = "from tests.browser import quality; answer = quality.make()"


@pytest.fixture(scope="module")
def office():
    with desks.running("signed") as running:
        running.states |= running.run(MAKE)
        yield running


SHAPES = ((390, "light"), (768, "dark"), (1280, "light"), (1280, "dark"))
PAGES = {
    "manager": {
        "home": "/quality/",
        "rules": "/quality/rules/",
        "rubric": "/quality/rubric/",
        "figures": "/quality/figures/",
        "terms": "/quality/terms/",
        "blind": "blind",
        "compare": "compare",
        "closed": "closed",
    },
    "editor": {"own": "/quality/", "disputed": "closed"},
}


@pytest.mark.parametrize("role", PAGES)
def test_no_violation_light_and_dark_and_nothing_sticks_out_at_three_widths(browser, office, role):
    context = office.window(browser, role, reduced_motion="reduce")
    page = context.new_page()
    found = {}
    for name, path in PAGES[role].items():
        page.goto(office.states.get(path, path))
        for width, scheme in SHAPES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if folder := os.environ.get("COUNTERSIGN_SHOTS"):
                file = Path(folder) / f"quality-{name}-{width}-{scheme}.png"
                page.screenshot(path=file, full_page=True)
            found[name, width, scheme] = page.evaluate(OUTSIDE) + page.evaluate(SMALL)
            if width == 1280:
                found[name, width, scheme] += violations(page)
    context.close()
    assert not any(found.values()), "\n".join(f"{at}: {w}" for at, w in found.items() if w)


def test_a_second_review_by_keyboard_with_its_sound(browser, office):
    problems = []
    context = office.window(browser, "manager")
    context.on("weberror", lambda error: problems.append(str(error.error)))
    page = context.new_page()
    page.goto(office.states["blind"])
    expect(page.locator("#second")).to_have_attribute("data-ready", "")
    first = page.locator("textarea").first
    first.focus()
    for _ in range(6):
        page.keyboard.press("Alt+KeyJ")
    line = page.locator("textarea").nth(6)
    expect(line).to_be_focused()
    page.keyboard.press("Alt+KeyP")
    page.wait_for_function("() => document.getElementById('sound').currentTime > 1")
    line.fill("I had asthma as a child. I am allergic to penicillin and sulfa.")
    page.keyboard.press("Alt+KeyJ")
    expect(page.get_by_text("All changes saved.")).to_be_visible()
    page.reload()
    expect(page.locator("textarea").nth(6)).to_have_value(re.compile("sulfa"))
    page.locator("textarea").nth(9).fill("I can hear some crackles at the right base.")
    page.get_by_role("button", name="Finish and compare").click()

    expect(page.get_by_role("heading", name=re.compile("Difference 1 of"))).to_be_visible()
    many = page.locator(".q-place").count()
    for done in range(many):
        page.locator("h1").click()
        while page.locator(".q-place:focus [data-judge]").count() == 0:
            page.keyboard.press("j")
        page.keyboard.press("p")
        page.keyboard.press("1")
        place = page.locator(".q-place:focus-within")
        place.get_by_label("Kind of error").select_option("side")
        expect(place.get_by_label("How grave")).to_have_value("critical")
        place.get_by_role("button", name="Decide").click()
        expect(page.locator(".q-place .badge-danger")).to_have_count(done + 1)
    expect(page.get_by_text("Everything is decided")).to_be_visible()
    page.get_by_text("The signed text", exact=True).last.click()
    page.locator("[data-word='3']").dblclick()
    expect(page.get_by_label("Words in the signed text")).not_to_have_value("")
    mark = page.locator("#mark")
    mark.get_by_label("Kind of error").select_option("spelling")
    mark.get_by_role("button", name="Mark the error").click()
    expect(page.locator("#marked .q-list li")).to_have_count(1)
    page.get_by_role("button", name="Close with a score").click()
    expect(page.get_by_text("Not passed")).to_be_visible()
    context.close()
    assert problems == []


def test_a_line_that_can_not_be_saved_says_so_and_is_saved_later(browser, office):
    context = office.window(browser, "manager")
    page = context.new_page()
    page.goto(office.states["offline"])
    expect(page.locator("#second")).to_have_attribute("data-ready", "")
    context.set_offline(True)
    page.locator("textarea").first.fill("Good evening.")
    page.locator("textarea").nth(1).focus()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_text("All changes saved.")).to_be_visible(timeout=15_000)
    context.close()
