"""Fifty attacks in every text of a practice: no page runs one, and none breaks the page's policy.

Number 16 of docs/security.md's table of tests.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import hostile
from tests.browser.desk import AREA, Desk
from tests.browser.test_access import PAGES

# Pages on which nobody's text can be, and the one that is not there.
DULL = {"/nowhere", "/accounts/password/change/", "/accounts/2fa/"}
WATCH = """
addEventListener('securitypolicyviolation', e => tell(`${e.violatedDirective} ${e.blockedURI}`));
window.xss = () => tell('a script ran');
"""
LEFT = """root => [...root.querySelectorAll('*')].filter(node => node.localName.includes('xss')
  || [...node.attributes].some(a => a.name.includes('xss') || a.name.startsWith('on')
    || /^(href|src|action|data)$/.test(a.name) && /xss/.test(a.value) && !a.value.startsWith('/')
    || /^(href|src|action|data)$/.test(a.name) && a.value.startsWith('/xss')))
  .map(node => node.outerHTML.slice(0, 200))"""


class Watched:
    """What attacks achieved in a browser window: told by the page, the browser and the wire."""

    def __init__(self, context: BrowserContext) -> None:
        self.seen: list[str] = []
        context.expose_binding("tell", lambda source, what: self.note(source["page"], what))
        context.add_init_script(WATCH)
        context.on("dialog", lambda dialog: (self.note(dialog.page, "a dialog"), dialog.dismiss()))
        context.on("weberror", lambda error: self.seen.append(f"error: {error.error}"))
        context.on("request", self.asked)

    def note(self, page: Page | None, what: str) -> None:
        self.seen.append(f"{page.url if page else ''}: {what}")

    def asked(self, request: Any) -> None:
        if "xss" in request.url and not request.url.startswith("data:"):
            self.seen.append(f"asked for {request.url}")

    def look(self, page: Page) -> None:
        self.seen += [f"{page.url}: {what}" for what in page.evaluate(f"({LEFT})(document)")]


@pytest.fixture(scope="module")
def made(desk: Desk) -> dict[str, Any]:
    made = desk.run("from tests.browser import hostile; answer = hostile.make()")
    desk.states["users"] |= made["users"]
    return made


@pytest.fixture
def windows(browser, desk, made) -> Iterator[Any]:
    opened = []

    def open_window(role: str) -> tuple[Page, Watched]:
        context = desk.window(browser, f"hostile {role}")
        opened.append(context)
        watched = Watched(context)
        return context.new_page(), watched

    yield open_window
    for context in opened:
        context.close()


def addresses(role: str, made: dict[str, Any]) -> list[str]:
    found = []
    for path in PAGES[role]:
        state, _, sub = path.partition(":")
        found.append(f"{made[state]}{sub}/" if sub else path)
    return [path for path in found if path not in DULL]


@pytest.mark.parametrize("role", ["editor", "manager", "auditor", "clinician"])
def test_no_page_runs_what_its_texts_say(windows, made, role):
    page, watched = windows(role)
    for path in [*addresses(role, made), "/"]:
        answer = page.goto(path)
        assert answer.status in (200, 403), path
        watched.look(page)
    if role == "editor":
        assert page.locator("tbody tr").count() > 20
    assert watched.seen == []


def test_the_review_screen_runs_nothing(windows, made):
    page, watched = windows("editor")
    page.goto(made["marks"])
    expect(page.locator("#review")).to_have_attribute("data-ready", "")
    for _ in range(6):
        page.mouse.wheel(0, 600)
    page.locator(AREA).first.focus()
    for key in ("Alt+KeyN", "Alt+KeyN", "Alt+KeyH", "Alt+Slash", "Escape", "Control+f"):
        page.keyboard.press(key)
        watched.look(page)
    for state in ("signed", "ready"):
        page.goto(made[state])
        expect(page.locator("#review")).to_have_attribute("data-ready", "")
        watched.look(page)
    assert watched.seen == []


def test_each_vocabulary_s_page_holds_no_element_of_its_terms(windows, made):
    """Fifty vocabularies' pages, read by the browser's own parser."""
    page, watched = windows("editor")
    page.goto("/vocabularies/")
    pages = page.evaluate(
        "() => [...document.querySelectorAll('main a[href$=\"/\"]')].map(a => a.href)"
        ".filter(address => address.includes('/vocabularies/'))"
    )
    assert len(pages) >= 25
    for path in pages:
        text = page.evaluate("path => fetch(path).then(answer => answer.text())", path)
        assert "xss" in text
        found = page.evaluate(
            f"text => ({LEFT})(new DOMParser().parseFromString(text, 'text/html'))", text
        )
        assert found == [], path
    assert watched.seen == []


def test_a_dictation_that_is_taken_up_again_runs_nothing(windows, made):
    page, watched = windows("clinician")
    page.goto(made["dictation"])
    expect(page.locator("main")).to_contain_text("xss()")
    watched.look(page)
    assert watched.seen == []


def test_the_watch_sees_what_gets_through(windows):
    """Strings written as HTML by a careless page: unseen here, the rest would prove nothing."""
    page, watched = windows("editor")
    page.goto("/upload/")
    page.evaluate(
        "texts => texts.forEach(text => document.body.insertAdjacentHTML('beforeend', text))",
        hostile.STRINGS[:29],
    )
    page.wait_for_timeout(300)
    watched.look(page)
    assert len(watched.seen) > 20
    assert any("script-src" in one for one in watched.seen)
    assert any("asked for" in one for one in watched.seen)
