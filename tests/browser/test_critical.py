"""Words that must be heard: two keys and the length of the slice, with the real sound."""

import re

from playwright.sync_api import Page, expect


def state(page: Page) -> list[dict]:
    """The critical flags as the server has them."""
    flags = page.evaluate(
        "fetch(`${location.pathname}state`).then((r) => r.json())"
        ".then((s) => s.segments.flatMap((x) => x.flags).filter((f) => f.critical))"
    )
    return sorted(flags, key=lambda flag: flag["id"])


def opened(page: Page) -> int:
    return sum(flag["state"] == "open" for flag in state(page))


def until(page: Page, condition: str) -> None:
    page.wait_for_function(f"() => {condition}", timeout=15_000)


def to_first_critical(page: Page) -> None:
    """The next mark, until it is one whose words must be heard."""
    for _ in range(20):
        page.keyboard.press("Alt+n")
        if page.evaluate("sound.paused") is False and critical_here(page):
            return
    raise AssertionError("no critical mark was reached")


def critical_here(page: Page) -> bool:
    why = page.locator(".rv-word-why")
    return why.count() == 1 and "The machine was unsure" not in why.inner_text()


def test_a_key_too_early_settles_nothing_and_the_slice_heard_settles_it(window) -> None:
    page = window("critical")
    before = opened(page)
    assert before > 0
    page.locator("textarea.rv-area").first.focus()
    page.locator("textarea.rv-area").first.press("Home")
    to_first_critical(page)
    page.keyboard.press("Enter")
    expect(page.locator("[data-slot=announce]")).to_contain_text("Hear it to its end")
    assert opened(page) == before
    until(page, "sound.paused")
    with page.expect_response(lambda r: r.url.endswith("/operations")) as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200
    assert opened(page) == before - 1


def test_clinical_terms_are_grouped_play_and_follow_edits(window) -> None:
    page = window("critical")
    card = page.locator("[data-slot=clinical]")
    card.locator("summary").first.click()
    group = card.locator("details[data-category=MEDICATION]")
    group.locator("summary").click()
    expect(card).to_contain_text("RxNorm is not available in this engine.")
    entry = group.get_by_role("button", name="doxycycline")
    expect(entry).to_contain_text("100 mg")
    entry.click()
    until(page, "!sound.paused")
    selected = "document.activeElement.value?.slice(document.activeElement.selectionStart, "
    selected += "document.activeElement.selectionEnd) === 'doxycycline'"
    until(page, selected)
    area = page.locator("textarea.rv-area").first
    area.focus()
    area.press("End")
    area.type(" She takes metformin.")
    area.press("Escape")
    expect(group.get_by_role("button", name="metformin")).to_be_visible(timeout=15_000)


def test_least_effort_first_is_walked_with_the_keyboard_and_remembered(window) -> None:
    page = window("critical")
    card = page.locator("[data-slot=order]")
    effort = card.get_by_role("button", name="Least effort first")
    expect(effort).to_have_accessible_description(re.compile("harm"))
    with page.expect_response(lambda r: r.url.endswith("/my-keys/keep")) as kept:
        effort.click()
    assert kept.value.status == 200
    expect(card.locator(".rv-stop")).to_contain_text(
        re.compile(r"Not marked: .* may still be wrong")
    )
    worth = page.evaluate(
        "fetch(`${location.pathname}state`).then((r) => r.json()).then((s) => s.segments"
        ".flatMap((x) => x.flags.filter((f) => f.state === 'open').map((f) => [f.worth, x.items"
        ".filter((i) => f.items.includes(i.id)).map((i) => i.content).join(' ')])))"
    )
    best = [text for _, text in sorted(worth, key=lambda one: -one[0])]
    page.locator("textarea.rv-area").first.focus()
    page.keyboard.press("Alt+n")
    expect(page.locator(".rv-word-text")).to_contain_text(best[0].split()[0])
    page.keyboard.press("Tab")
    expect(page.locator(".rv-word-text")).to_contain_text(best[1].split()[0])
    page.reload()
    expect(effort).to_have_attribute("aria-pressed", "true")
    # Kept for this person; the other tests walk in the order of the text.
    with page.expect_response(lambda r: r.url.endswith("/my-keys/keep")):
        card.get_by_role("button", name="In order of the text").click()
