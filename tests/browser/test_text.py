"""The text of the review editor in real browsers: windows, finding, operations, loss, conflict."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.desk import AREA, Desk

SHORT = 120  # words
PLAN = [
    *((name, SHORT, 1.0) for name in ("split", "merge", "clash", "offline", "tabs", "touch")),
    *((name, SHORT, 1.0) for name in ("replace", "playing", "machine", "presence", "speakers")),
    ("hour", 10_000, 60.0),
]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def texts(desk: Desk) -> dict[str, str]:
    code = f"from tests.browser import texts; answer = texts.make(*{PLAN!r})"
    return desk.run(code)


@pytest.fixture
def open_text(browser: Browser, desk: Desk, texts: dict[str, str]) -> Open:
    """Opens one of the texts, each time in another browser unless `beside` is given."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def opened(name: str, role: str = "editor", beside: Page | None = None, **more) -> Page:
        context = beside.context if beside else desk.window(browser, role, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(texts[name])
        expect(page.locator("#review")).to_have_attribute("data-ready", "")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not problems, problems


def texts_of(page: Page) -> list[str]:
    return page.eval_on_selector_all(AREA, "areas => areas.map(a => a.value)")


def saved(page: Page) -> None:
    expect(page.get_by_text("All changes saved")).to_be_visible(timeout=10_000)


def caret(page: Page, segment: int, at: int) -> None:
    area = page.locator(AREA).nth(segment)
    area.focus()
    area.evaluate("(a, at) => a.setSelectionRange(at, at)", at)


def select(page: Page, segment: int, words: str) -> None:
    area = page.locator(AREA).nth(segment)
    area.focus()
    area.evaluate(
        "(a, w) => a.setSelectionRange(a.value.indexOf(w), a.value.indexOf(w) + w.length)", words
    )


def same(first: Page, second: Page) -> None:
    """Both windows come to show the same text, and it is the server's."""
    expected = texts_of(first)
    second.wait_for_function(
        "t => JSON.stringify([...document.querySelectorAll('textarea.rv-area')]"
        ".map(a => a.value)) === t",
        arg=first.evaluate("t => JSON.stringify(t)", expected),
        timeout=10_000,
    )
    state = first.request.get(first.url + "state").json()
    assert [s["text"] for s in state["segments"]] == expected


# -- ten thousand words


def test_only_what_is_near_is_on_the_page_in_reading_order(open_text):
    page = open_text("hour")
    total = int(page.locator("li.rv-seg").first.get_attribute("aria-setsize"))
    assert total > 900
    scroller = page.locator("[data-slot=scroller]")
    seen = set()
    for share in (0, 0.3, 0.7, 1):
        scroller.evaluate("(s, share) => { s.scrollTop = s.scrollHeight * share }", share)
        page.wait_for_timeout(150)
        places = page.eval_on_selector_all(
            "li.rv-seg", "rows => rows.map(r => Number(r.getAttribute('aria-posinset')))"
        )
        assert places == sorted(places)
        assert len(places) < 120
        seen |= set(places)
    assert 1 in seen and total in seen


def test_what_is_read_stays_where_it_is_when_the_text_above_it_changes(open_text):
    reader, other = open_text("hour"), open_text("hour", "clinician")
    reader.locator("[data-slot=scroller]").evaluate("s => { s.scrollTop = s.scrollHeight / 2 }")
    reader.wait_for_timeout(300)
    top = """() => { const box = document.querySelector('[data-slot=scroller]');
        const y = box.getBoundingClientRect().top;
        const row = [...document.querySelectorAll('li.rv-seg')]
            .find(r => r.getBoundingClientRect().top > y);
        return [row.dataset.segment, row.getBoundingClientRect().top]; }"""
    segment, before = reader.evaluate(top)
    total = int(reader.locator("li.rv-seg").first.get_attribute("aria-setsize"))
    caret(other, 2, 12)
    other.keyboard.press("Alt+s")
    row = reader.locator(f'li.rv-seg[data-segment="{segment}"]')
    expect(row).to_have_attribute("aria-setsize", str(total + 1), timeout=10_000)
    after = row.evaluate("r => r.getBoundingClientRect().top")
    assert abs(after - before) <= 2


def test_the_caret_stays_in_its_segment_however_far_one_scrolls(open_text):
    page = open_text("hour")
    caret(page, 3, 5)
    text = page.locator(AREA).nth(3).input_value()
    page.locator("[data-slot=scroller]").evaluate("s => { s.scrollTop = s.scrollHeight }")
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.value") == text
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.value") == text


def test_nothing_is_drawn_anew_while_it_plays(open_text):
    page = open_text("playing")
    page.keyboard.press("Alt+k")
    page.wait_for_selector(".is-spoken", state="attached", timeout=10_000)
    drawn = page.evaluate(
        """() => new Promise(done => {
            const kinds = { childList: 0, characterData: 0, attributes: new Set() };
            const watch = new MutationObserver(list => list.forEach(m => {
                if (m.type === 'attributes') kinds.attributes.add(m.attributeName);
                else kinds[m.type] += 1;
            }));
            watch.observe(document.querySelector('[data-slot=list]'),
                { subtree: true, childList: true, characterData: true, attributes: true });
            setTimeout(() => { watch.disconnect();
                done([kinds.childList, kinds.characterData, [...kinds.attributes]]) }, 1500);
        })"""
    )
    assert drawn[:2] == [0, 0]
    assert set(drawn[2]) <= {"class", "aria-current"}


# -- finding


def test_find_also_finds_what_is_not_on_the_page(open_text):
    page = open_text("hour")
    caret(page, 0, 0)
    page.keyboard.press("Control+f")
    page.keyboard.type("hemoglobin")
    count = page.locator(".rv-find-count")
    expect(count).to_have_text(re.compile(r"^1 of \d+$"))
    found = int(count.inner_text().split(" of ")[1])
    everything = page.request.get(page.url + "state").json()["segments"]
    assert found == sum(s["text"].count("hemoglobin") for s in everything)
    page.keyboard.press("Shift+Enter")
    expect(count).to_have_text(f"{found} of {found}")
    page.keyboard.press("Escape")
    chosen = page.evaluate(
        "(a => a.value.slice(a.selectionStart, a.selectionEnd))(document.activeElement)"
    )
    assert chosen == "hemoglobin"
    page.keyboard.press("Control+f")
    page.keyboard.type("no such word")
    expect(count).to_have_text("Not found")


def test_replace_all_of_the_same_word_and_take_it_back(open_text):
    page, other = open_text("replace"), open_text("replace", "clinician")
    before = texts_of(page)
    word = "pain"
    select(page, next(i for i, t in enumerate(before) if word in t), word)
    page.keyboard.press("Alt+a")
    page.keyboard.type("discomfort")
    page.get_by_role("button", name=re.compile(r"^Replace all \d+$")).click()
    expect(page.locator(".rv-find-count")).to_have_text("Not found", timeout=10_000)
    same(page, other)
    assert texts_of(page) == [t.replace(word, "discomfort") for t in before]
    page.keyboard.press("Escape")
    page.locator(AREA).first.focus()
    page.keyboard.press("Control+z")
    page.wait_for_function(
        "() => ![...document.querySelectorAll('textarea')]"
        ".some(a => a.value.includes('discomfort'))"
    )
    same(page, other)
    assert texts_of(page) == before


# -- operations


def test_split_with_typing_going_on_undo_and_redo_across_a_reload(open_text):
    page, other = open_text("split"), open_text("split", "clinician")
    before = texts_of(page)
    caret(page, 1, before[1].index(" ", 9) + 1)
    page.keyboard.press("Alt+s")
    page.keyboard.type("well ")  # not waiting for the server
    left, right = before[1][: before[1].index(" ", 9)], before[1][before[1].index(" ", 9) + 1 :]
    after = [before[0], left, f"well {right}", *before[2:]]
    saved(page)
    expect(page.locator(AREA)).to_have_count(len(after))
    same(page, other)
    assert texts_of(page) == after
    assert page.evaluate("document.activeElement.selectionStart") == len("well ")

    page.reload()
    expect(page.locator("#review")).to_have_attribute("data-ready", "")
    caret(page, 5, 0)
    page.keyboard.press("Control+z")
    expect(page.locator(AREA).nth(2)).to_have_value(right)
    page.keyboard.press("Control+z")
    expect(page.locator(AREA)).to_have_count(len(before))
    same(page, other)
    assert texts_of(page) == before
    page.reload()
    expect(page.locator("#review")).to_have_attribute("data-ready", "")
    caret(page, 5, 0)
    for _ in range(2):
        page.keyboard.press("Control+Shift+z")
        saved(page)
    expect(page.locator(AREA).nth(2)).to_have_value(f"well {right}")
    same(page, other)


def test_merge_blank_question_and_history(open_text):
    page, other = open_text("merge"), open_text("merge", "clinician")
    before = texts_of(page)
    caret(page, 2, 3)
    page.keyboard.press("Alt+m")
    expect(page.locator(AREA)).to_have_count(len(before) - 1)
    area = page.locator(AREA).nth(1)
    expect(area).to_have_value(f"{before[1]} {before[2]}")
    assert page.evaluate("document.activeElement.selectionStart") == len(before[1]) + 1 + 3

    caret(page, 1, 0)
    page.keyboard.press("Alt+g")
    expect(area).to_have_value(f"[___] {before[1]} {before[2]}")
    select(page, 1, before[2].split()[1])
    page.keyboard.press("Alt+q")
    page.get_by_role("dialog", name="Ask the dictator").get_by_role("textbox").fill("Which one?")
    page.keyboard.press("Enter")
    saved(page)
    same(page, other)
    segment = page.request.get(page.url + "state").json()["segments"][1]
    reasons = {f["reason"]: f for f in segment["flags"] if f["state"] == "open"}
    assert {"blank", "query"} <= set(reasons)
    assert reasons["query"]["note"] == "Which one?"

    caret(page, 1, 2)
    page.keyboard.press("Alt+h")
    history = page.get_by_role("dialog", name="History")
    expect(history).to_contain_text("Eve marked a blank")
    page.keyboard.press("Escape")
    expect(page.locator(AREA).nth(1)).to_be_focused()


def test_speaker_of_words_new_name_and_two_that_are_one(open_text):
    page, other = open_text("speakers"), open_text("speakers", "clinician")
    before = texts_of(page)
    words = before[1].split()
    select(page, 1, " ".join(words[2:4]))
    page.keyboard.press("Alt+3")
    expect(page.locator(AREA)).to_have_count(len(before) + 2)
    expect(page.locator(AREA).nth(2)).to_have_value(" ".join(words[2:4]))
    who = page.locator(".rv-who")
    expect(who.nth(2)).to_have_accessible_name(re.compile("Speaker 3"))

    who.nth(2).click()
    page.get_by_label("Name of Speaker 3").fill("Nurse")
    page.keyboard.press("Enter")
    expect(who.nth(2)).to_have_accessible_name(re.compile("Nurse"))
    expect(other.locator(".rv-who").nth(2)).to_have_accessible_name(re.compile("Nurse"))
    who.nth(2).click()
    page.get_by_role("button", name="Speaker 1, everywhere").click()
    expect(page.locator('.rv-who[aria-label*="Nurse"]')).to_have_count(0)
    same(page, other)


def test_picked_segments_are_given_to_one_speaker_together(open_text):
    page, other = open_text("speakers"), open_text("speakers", "clinician")
    for line in (0, 2, 3):
        caret(page, line, 0)
        page.keyboard.press("Alt+x")
    caret(page, 3, 0)
    page.keyboard.press("Alt+x")
    bar = page.get_by_role("group", name="Picked segments")
    expect(bar).to_contain_text("2 segments picked")
    expect(page.locator(".rv-seg.is-picked")).to_have_count(2)
    page.keyboard.press("Alt+2")
    expect(bar).to_be_hidden()
    for line in (0, 2):
        expect(page.locator(".rv-who").nth(line)).to_have_accessible_name(re.compile("Speaker 2"))
    same(page, other)


def test_every_act_of_the_keys_is_in_the_menu_for_touch(open_text):
    page = open_text("touch", has_touch=True, viewport={"width": 820, "height": 1180})
    before = texts_of(page)
    caret(page, 2, before[2].index(" "))
    page.locator(".rv-more").nth(2).tap()
    menu = page.get_by_role("menu")
    for name in ("Merge", "Speaker", "blank", "Ask", "History", "machine"):
        expect(menu.get_by_role("menuitem", name=re.compile(name))).to_be_visible()
    menu.get_by_role("menuitem", name=re.compile("Split")).tap()
    expect(page.locator(AREA)).to_have_count(len(before) + 1)
    first, rest = before[2].split(" ", 1)
    assert texts_of(page)[2:4] == [first, rest]


def test_the_machines_words_beside_the_text(open_text):
    page = open_text("machine")
    before = texts_of(page)
    caret(page, 1, 0)
    page.keyboard.type("Indeed ")
    saved(page)
    page.keyboard.press("Alt+w")
    beside = page.locator(".rv-machine")
    expect(beside).to_have_count(1)
    expect(beside).to_contain_text(before[1].split()[2])
    page.keyboard.press("Alt+w")
    expect(beside).to_have_count(0)


# -- together


def test_two_change_other_words_of_one_segment_and_both_stand(open_text):
    page, other = open_text("clash"), open_text("clash", "clinician")
    before = texts_of(page)[3]
    page.route("**/operations", lambda route: route.abort())
    caret(page, 3, 0)
    page.keyboard.type("Well ")
    caret(other, 3, len(before) - 1)
    other.keyboard.type(" indeed")
    saved(other)
    page.unroute("**/operations")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(AREA).nth(3)).to_have_value(f"Well {before[:-1]} indeed.", timeout=10_000)
    saved(page)
    same(page, other)


def test_two_change_the_same_word_and_both_readings_are_offered(open_text):
    page, other = open_text("clash"), open_text("clash", "clinician")
    before = texts_of(page)[5]
    word = before.split()[2]
    page.route("**/operations", lambda route: route.abort())
    select(page, 5, word)
    page.keyboard.type("mine")
    select(other, 5, word)
    other.keyboard.type("theirs")
    saved(other)
    page.unroute("**/operations")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("1 conflict to decide")).to_be_visible(timeout=10_000)
    page.keyboard.press("Alt+c")
    readings = page.get_by_role("group", name="Choose the words").get_by_role("button")
    expect(readings).to_have_text(["theirs", "mine"])
    readings.nth(1).press("Enter")
    page.keyboard.press("Enter")  # Save has the focus
    saved(page)
    same(page, other)
    assert texts_of(page)[5] == before.replace(word, "mine", 1)


@pytest.mark.timeout(90)
def test_who_else_is_here_and_where(open_text):
    page, other = open_text("presence"), open_text("presence", "clinician")
    caret(page, 2, 0)
    page.keyboard.type("So ")
    row = other.locator("li.rv-seg").nth(2)
    expect(row.locator(".rv-visitor")).to_have_text("Eve is typing here", timeout=10_000)
    caret(other, 2, 0)
    other.keyboard.type("And ")  # a warning, not a lock
    saved(other)
    same(other, page)


def test_lines_can_be_typed_in_while_the_machine_still_works(open_text, desk, texts):
    texts["begun"] = desk.run("from tests.browser import texts; answer = texts.begun()")
    page, other = open_text("begun"), open_text("begun", "clinician")
    before = texts_of(page)
    caret(page, 0, 0)
    page.keyboard.type("Early ")
    saved(page)
    expect(other.locator(AREA).first).to_have_value(f"Early {before[0]}", timeout=10_000)
    caret(page, 0, len("Early "))
    desk.run(f"from tests.browser import texts; texts.finish({texts['begun']!r})")
    expect(page.locator(AREA)).to_have_count(len(before) + 1, timeout=15_000)
    expect(page.locator(AREA).first).to_have_value(f"Early {before[0]}")
    same(page, other)


# -- nothing is lost


def test_off_line_a_reload_and_a_split_that_waits(open_text):
    page, other = open_text("offline"), open_text("offline", "clinician")
    before = texts_of(page)
    page.route("**/operations", lambda route: route.abort())
    caret(page, 1, 0)
    page.keyboard.type("First ")
    expect(page.get_by_text(re.compile("Offline – 1 change waiting"))).to_be_visible(timeout=10_000)
    page.keyboard.press("Alt+s")
    page.keyboard.type("then ")
    expect(page.get_by_text(re.compile("Offline – 3 changes waiting"))).to_be_visible()
    page.reload()
    expect(page.locator("#review")).to_have_attribute("data-ready", "")
    expect(page.locator(AREA).nth(1)).to_have_value(f"First then {before[1]}", timeout=10_000)
    page.unroute("**/operations")
    page.evaluate("dispatchEvent(new Event('online'))")
    saved(page)
    expect(page.locator(AREA)).to_have_count(len(before) + 1)
    same(page, other)
    assert texts_of(page)[1:3] == ["First", f"then {before[1]}"]


def test_what_a_closed_window_leaves_the_other_one_sends_once(open_text):
    first = open_text("tabs")
    second = open_text("tabs", beside=first)
    before = texts_of(first)
    sent = []
    for page in (first, second):
        page.on("request", lambda r: "operations" in r.url and sent.append(r.post_data_json))
    first.route("**/operations", lambda route: route.abort())
    caret(first, 4, 0)
    first.keyboard.type("Kept ")
    expect(first.get_by_text(re.compile("Offline"))).to_be_visible(timeout=10_000)
    caret(second, 6, 0)
    second.keyboard.type("Other ")
    saved(second)
    assert texts_of(second)[4] == before[4]  # not the other window's while that is open
    first.close()
    expect(second.locator(AREA).nth(4)).to_have_value(f"Kept {before[4]}", timeout=10_000)
    saved(second)
    segments = second.request.get(second.url + "state").json()["segments"]
    assert segments[4]["text"] == f"Kept {before[4]}"
    history = second.request.get(f"{second.url}history?segment={segments[4]['id']}").json()
    assert len(history["edits"]) == 1
    assert len({o["op_id"] for o in sent if o["segment"] == segments[4]["id"]}) == 1
