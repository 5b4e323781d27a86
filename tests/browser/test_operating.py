"""The operators' pages and the set-up in Chromium, and a Django admin that breaks no policy."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDTHS = (1280, 820, 390)
PAGES = {
    "operator": ["/operate/", "/operate/practices/new", "/my-notices/"],
    "manager": ["/setup/", "/setup/people/", "/setup/threshold/", "/"],
}
ADMIN = [
    "/admin/",
    "/admin/transcripts/practice/",
    "/admin/transcripts/medicaltranscriptionjob/",
    "/admin/transcripts/user/",
    "/admin/review/auditcheck/",
]


@pytest.fixture
def page(browser, desk):
    """A window of the operator in which every violation of the content policy is kept."""
    context = desk.window(browser, "operator")
    window = context.new_page()
    window.problems = []
    window.on("pageerror", lambda error: window.problems.append(str(error)))
    window.on("console", lambda m: m.type == "error" and window.problems.append(m.text))
    yield window
    context.close()
    assert not window.problems, window.problems


def test_an_operator_pauses_and_opens_the_queue_and_asks_for_a_check(page):
    page.goto("/operate/")
    page.get_by_label("Why").fill("New disk")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("New disk")).to_be_visible()
    expect(page.locator("#operating .badge", has_text="Paused").first).to_be_visible()
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_text("The queue is open.")).to_be_visible()
    page.locator("[data-check=storage-check] button").click()
    expect(page.locator("[data-check=storage-check]")).to_contain_text("Asked for")


def test_the_page_keeps_itself_fresh_but_not_while_somebody_types(page):
    page.goto("/operate/")
    at = page.locator("#operating time").first
    before = at.text_content()
    expect(at).not_to_have_text(before, timeout=15_000)
    page.get_by_label("Why").fill("half a sent")
    before = at.text_content()
    page.wait_for_timeout(5_000)
    assert at.text_content() == before and page.get_by_label("Why").input_value() == "half a sent"


def test_a_practice_is_made_and_the_link_shown(page):
    page.goto("/operate/practices/new")
    page.get_by_label("Name of the practice").fill("Shore Practice")
    page.get_by_label("Its manager's first name").fill("Mona")
    page.get_by_role("button", name="Make the practice").click()
    link = page.get_by_label("Link of the invitation")
    assert "/invitation/" in link.input_value()


def test_the_django_admin_breaks_no_content_policy(page):
    for path in ADMIN:
        page.goto(path)
        expect(page.locator("#content")).to_be_visible()
    page.goto("/admin/transcripts/practice/")
    page.locator("#result_list tbody a").first.click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()


@pytest.mark.parametrize("role", PAGES)
def test_nothing_sticks_out_at_any_width(browser, desk, role):
    folder = os.environ.get("COUNTERSIGN_SCREENSHOTS")
    context = desk.window(browser, role)
    window = context.new_page()
    found = {}
    for path in PAGES[role]:
        for width in WIDTHS:
            window.set_viewport_size({"width": width, "height": 900})
            window.goto(path)
            if over := window.evaluate(SIDEWAYS):
                found[path, width] = over
            for scheme in ("light", "dark") if folder else ():
                window.emulate_media(color_scheme=scheme)
                name = f"{role}{path.replace('/', '-')}{width}-{scheme}.png"
                window.screenshot(path=Path(folder) / name, full_page=True)
    context.close()
    assert found == {}


# What a manager types in the set-up; choices are left as they come, or made by one click.
TYPED = {
    "name": "Hill Practice",
    "address": "12 Harbour Street, Portland",
    "phone": "555 0100",
    "first_name": "Clara",
    "last_name": "Corrigan",
    "email": "clara.corrigan@example.org",
    "printed_name": "Clara Corrigan, MD",
    "title": "Physician",
    "licence": "MD 12345",
    "audio_days": "3650",
    "draft_days": "365",
}
# Seconds of a slow person: a key, a click with finding its place, reading a field, and a step.
A_KEY, A_CLICK, A_FIELD, A_STEP = 0.4, 2, 4, 8


def test_a_manager_sets_a_practice_up_in_under_five_minutes(browser, desk):
    context = desk.window(browser, "manager")
    window = context.new_page()
    fields = clicks = keys = 0
    steps = ["practice", "letterhead", "people", "defaults", "threshold", "retention", "engine"]
    for name in steps:
        window.goto(f"/setup/{name}/")
        form = window.locator("main form.card")
        seen: set[str] = set()
        for field in form.locator("input:visible, select:visible, textarea:visible").all():
            if (here := field.get_attribute("name")) in seen:
                continue  # another choice of the same
            seen.add(here)
            if here in TYPED:
                field.fill(TYPED[here])
                keys += len(TYPED[here])
            elif here == "role":
                field.select_option("clinician")
        fields, clicks = fields + len(seen), clicks + len(seen) + 1
        form.get_by_role("button").first.click()
        if name == "people":  # others may be invited too; then on
            expect(window.get_by_role("heading", name="Clara Corrigan is invited")).to_be_visible()
            clicks += 1
        expect(window.locator("h1")).to_be_visible()
    window.goto("/setup/")
    expect(window.locator("main")).not_to_contain_text("Open")
    context.close()
    takes = keys * A_KEY + clicks * A_CLICK + fields * A_FIELD + len(steps) * A_STEP
    print(f"{len(steps)} steps, {fields} fields, {keys} keys, {clicks} clicks: {takes:.0f} s")
    assert takes < 300
