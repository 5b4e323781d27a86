"""For everyone: no violation that axe knows, the keyboard alone, zoom, fingers, calm, and paper."""

import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.desk import AREA

AXE = (Path(__file__).parent.parent.parent / "node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is, one line a place."""
    # Colours are judged at rest, not half-way through a fade.
    page.wait_for_function("() => document.getAnimations().every(a => a.playState !== 'running')")
    page.evaluate(AXE)
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})"
        ".then(result => result.violations)",
        RULES,
    )
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(
    "state", ["empty", "loading", "progress", "marks", "signed", "error", "critical"]
)
def test_no_violation_on_any_state_of_the_review_screen_light_and_dark(window, state):
    page = window(state, role="clinician", reduced_motion="reduce")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(page) == []


def test_no_violation_with_readings_help_find_and_a_line_raised(window):
    page = window("marks", reduced_motion="reduce")
    page.locator("#rv-look").evaluate("slider => { slider.value = 95 }")
    page.locator("#rv-look").dispatch_event("input")
    page.get_by_text("How this works").click()
    page.locator(AREA).first.focus()
    page.keyboard.press("Alt+KeyN")
    page.keyboard.press("Alt+KeyN")
    expect(page.locator("#rv-word-readings")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Control+f")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+Slash")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("#rv-look").evaluate("slider => { slider.value = 80 }")
    page.locator("#rv-look").dispatch_event("input")
    expect(page.locator(".rv-under .w-look")).to_have_count(0)


def test_no_violation_in_a_conflict_and_offline(window):
    page, other = window("conflict", reduced_motion="reduce"), window("conflict", role="clinician")
    page.context.set_offline(True)
    for editor, text in ((page, " or four"), (other, " and a half")):
        editor.locator(AREA).nth(1).focus()
        editor.keyboard.press("End")
        editor.keyboard.type(text)
        editor.locator("[data-slot=play]").focus()
    expect(page.locator(".rv-saving.is-trouble")).to_be_visible(timeout=15_000)
    assert violations(page) == []
    expect(other.get_by_text("All changes saved")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".rv-conflict").first).to_be_visible(timeout=20_000)
    assert violations(page) == []


PAGES = {
    "editor": ["/", "/upload/", "/vocabularies/", "/vocabularies/new", "/my-keys/", "/nowhere"],
    "operator": ["/operate/", "/operate/practices/new", "/my-notices/"],
    "manager": [
        "/keys/",
        "/safety/",
        "/thresholds/",
        "/drug-safety/",
        "/destinations/",
        "/people/",
        "/sign-in-rules/",
        "/sessions/",
        "/letterhead/",
        "/signing-keys/",
        "signed:recipients",
        "/retention/",
        "/turnaround/",
        "/dashboard/",
        "/dashboard/turnaround/",
        "/quality/",
        "/quality/rules/",
        "/quality/rubric/",
        "/quality/figures/",
        "/quality/terms/",
        "/setup/",
        "/setup/people/",
        "/setup/threshold/",
        "/accounts/password/change/",
        "/accounts/2fa/",
    ],
    "auditor": ["/audit/", "/emergency/reviews/", "/exports/", "/verify/"],
    "clinician": [
        "/dictate/",
        "/emergency/",
        "ready:sign",
        "marks:sign",
        "marks:details",
        "marks:again",
        "signed:addendum",
        "signed:print",
    ],
    None: ["/accounts/login/", "/accounts/password/reset/"],
}


# A sentence before, or at the head of, whatever else there is on the page.
HELP = """() => {
  const said = document.querySelector('main p:not([role=status])');
  const first = document.querySelector('main :is(form, table, section)');
  const later = first && !first.contains(said)
    && first.compareDocumentPosition(said ?? first) & Node.DOCUMENT_POSITION_FOLLOWING;
  return Boolean(said?.textContent.trim()) && !later;
}"""
MOST_REQUESTS = 6


def asked_for(page: Page) -> list[str]:
    """Fills with what the page asks for as on a first visit, but for the tab's icon."""
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url) if "favicon" not in sent.url else None)
    return asked


@pytest.mark.parametrize("role", PAGES)
def test_any_other_page_is_clean_says_what_it_is_for_and_asks_for_six_files(browser, desk, role):
    context = desk.window(browser, role) if role else browser.new_context(base_url=desk.url)
    page = context.new_page()
    found, many, asked = {}, {}, asked_for(page)
    for path in PAGES[role]:
        state, _, sub = path.partition(":")
        asked.clear()
        page.goto(f"{desk.states[state]}{sub}/" if sub else path)
        if len(asked) > MOST_REQUESTS:
            many[path] = list(asked)
        found[path] = violations(page)
        if not page.evaluate(HELP):
            found[path].append("no line of help")
    context.close()
    assert not any(found.values()), found
    assert not many, many


def test_the_review_screen_is_ready_for_keys_after_six_requests(browser, desk):
    context = desk.window(browser)
    page = context.new_page()
    asked, files = asked_for(page), []
    page.on("response", lambda got: files.append(got.headers) if "/static/" in got.url else None)
    page.goto(desk.states["marks"])
    expect(page.locator("#review")).to_have_attribute("data-ready", "")
    assert {file["cache-control"] for file in files} == {"max-age=315360000, public, immutable"}
    assert {file["content-encoding"] for file in files} <= {"gzip", "br"}
    sheet = page.request.get(asked[1], headers={"Accept-Encoding": "br"})
    assert sheet.headers["content-encoding"] == "br"
    # The sound and its waveform come while the text can be typed in already.
    needed = [url for url in asked if not url.endswith(("/audio", "/peaks"))]
    context.close()
    assert 3 < len(needed) <= MOST_REQUESTS, needed


WHERE = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return 'outside';
  if (at.matches('.rv-area')) return 'text';
  return at.closest('aside') ? 'panel' : at.closest('.rv-bar') ? 'bar'
    : at.matches('.rv-skip') ? 'skip' : at.closest('header') ? 'head' : 'else';
}"""


def test_the_keyboard_alone_reaches_everything_and_is_trapped_nowhere(window):
    page = window("walking")
    seen: list[str] = []
    for _ in range(120):
        page.keyboard.press("Tab")
        where = page.evaluate(WHERE)
        seen.append(where)
        if where == "text":
            page.keyboard.press("Escape")
            assert page.evaluate(WHERE) == "bar"
        elif where == "skip" and "text" in seen:
            page.keyboard.press("Enter")
            assert page.evaluate(WHERE) == "panel"
        elif where == "outside":
            break
    else:
        raise AssertionError(f"never out of the page: {seen}")
    assert {"head", "bar", "text", "skip", "panel"} <= set(seen)


def test_a_word_is_corrected_confirmed_and_help_is_read_without_a_pointer(window):
    page = window("walking")
    page.keyboard.press("Alt+KeyN")
    assert page.evaluate(WHERE) == "text"
    page.keyboard.type("months")
    page.keyboard.press("Enter")
    expect(page.locator(AREA).nth(1)).to_have_value("I have had this cough for about three months.")
    expect(page.locator("[data-slot=announce]")).not_to_be_empty()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


SMALL = """() => [...document.querySelectorAll('button, a, input, select, summary, [role=option]')]
  .filter(n => n.checkVisibility({ checkVisibilityCSS: true })
    && !n.closest('.visually-hidden, .skip-link, .rv-skip, p')
    && getComputedStyle(n).pointerEvents !== 'none')
  .map(n => [n, n.closest('label')?.getBoundingClientRect() ?? n.getBoundingClientRect()])
  .filter(([n, r]) => r.width && (r.width < 24 || r.height < 24))
  .map(([n, r]) => `${n.outerHTML.slice(0, 90)} ${Math.round(r.width)}x${Math.round(r.height)}`)"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_a_tablet_has_targets_for_fingers_and_nothing_sticks_out(window):
    page = window("marks", viewport={"width": 820, "height": 1180}, has_touch=True, is_mobile=True)
    page.locator(AREA).nth(1).tap()
    assert page.evaluate(SMALL) == []
    assert page.evaluate(SIDEWAYS) <= 0
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('.rv-bar .btn')].filter(n => n.checkVisibility())"
        ".map(n => Math.min(n.offsetWidth, n.offsetHeight))"
    )
    assert min(sizes) >= 44


@pytest.mark.parametrize("width", [640, 320])
def test_at_200_and_400_percent_nothing_is_lost_sideways_and_the_text_has_room(window, width):
    page = window("marks", viewport={"width": width, "height": 425})
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(SMALL) == []
    room = page.evaluate("() => document.querySelector('.rv-body').clientHeight")
    assert room > 120 or width == 320
    page.locator(AREA).first.focus()
    page.keyboard.press("Alt+KeyN")
    expect(page.locator(".rv-under .is-current").first).to_be_in_viewport()


def test_who_wants_it_calm_gets_no_motion(window):
    page = window("marks", reduced_motion="reduce")
    page.locator(AREA).first.focus()
    page.keyboard.press("Alt+Slash")
    times = page.evaluate(
        "() => [...document.querySelectorAll('*')].map(n => getComputedStyle(n))"
        ".flatMap(s => [s.transitionDuration, s.animationDuration]).flatMap(t => t.split(','))"
        ".map(parseFloat)"
    )
    assert max(times) <= 0.001


def test_on_paper_there_is_the_text_and_that_it_is_a_draft(window):
    for state, draft in (("marks", True), ("signed", False)):
        page = window(state, role="clinician")
        page.emulate_media(media="print")
        page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
        expect(page.locator(".rv-draft-line")).to_be_visible(visible=draft)
        expect(page.locator(".rv-under").first).to_have_text(
            "Good morning, what brings you in today?\u200b"
        )
        expect(page.locator(".rv-name").first).to_be_visible()
        for part in (".rv-bar", ".site-header", ".rv-look", ".rv-short"):
            expect(page.locator(part)).to_be_hidden()
        sheets = PdfReader(io.BytesIO(page.pdf(format="A6"))).pages
        assert len(sheets) > 1
        assert all(("NOT FOR PATIENT CARE" in sheet.extract_text()) == draft for sheet in sheets)
