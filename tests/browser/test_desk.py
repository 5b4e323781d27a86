"""Keys, sound, voice cursor, pedals and the line of the review, with the real media element."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import AREA
from tests.browser.states import HOURS, LOOKS, MARKED

PADS = """
const pad = { buttons: [0, 1, 2, 3].map(() => ({ pressed: false })) };
let plugged = false;
navigator.getGamepads = () => (plugged ? [pad] : []);
window.plugPad = () => { plugged = true; dispatchEvent(new Event('gamepadconnected')); };
window.pad = pad;
const pedal = Object.assign(new EventTarget(), { productName: 'Foot pedal', opened: true,
  collections: [{ inputReports: [{ reportId: 0, items: [] }] }] });
window.step = (byte) => pedal.dispatchEvent(Object.assign(new Event('inputreport'),
  { reportId: 0, data: new DataView(Uint8Array.of(byte, 0).buffer) }));
Object.defineProperty(navigator, 'hid', { value: Object.assign(new EventTarget(), {
  getDevices: async () => [pedal], requestDevice: async () => [pedal] }) });
const actions = {};
window.mediaKey = (name) => actions[name]({ action: name });
navigator.mediaSession.setActionHandler = (name, act) => { actions[name] = act; };
"""


def now(page: Page) -> float:
    return page.evaluate("sound.currentTime")


def until(page: Page, condition: str) -> None:
    page.wait_for_function(condition if "=>" in condition else f"() => {condition}", timeout=10_000)


def into_text(page: Page, segment: int = 0) -> None:
    page.locator(AREA).nth(segment).focus()
    page.locator(AREA).nth(segment).press("Home")


def test_tab_plays_and_pauses_in_the_text_and_escape_always_leaves_it(window):
    page = window("marks")
    play = page.locator("[data-slot=play]")
    into_text(page)
    page.keyboard.press("Tab")
    until(page, "!sound.paused && sound.currentTime > 0.3")
    expect(play).to_have_accessible_name("Pause")
    page.keyboard.press("Tab")
    until(page, "sound.paused")
    page.evaluate("sound.currentTime = 10")
    page.keyboard.press("Shift+Tab")
    assert now(page) == pytest.approx(8, abs=0.1)
    page.keyboard.press("Escape")
    expect(play).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(AREA).first).not_to_be_focused()
    assert page.evaluate("sound.paused")


def test_skips_speed_with_pitch_kept_and_both_ends_of_it(window):
    page = window("marks")
    into_text(page)
    page.evaluate("sound.currentTime = 20")
    page.keyboard.press("Alt+KeyJ")
    assert now(page) == pytest.approx(15, abs=0.1)
    page.keyboard.press("Alt+KeyL")
    assert now(page) == pytest.approx(20, abs=0.1)
    for key, end in (("Alt+Equal", 2), ("Alt+Minus", 0.5)):
        for _ in range(12):
            page.keyboard.press(key)
        assert page.evaluate("[sound.playbackRate, sound.preservesPitch]") == [end, True]


def test_going_on_after_a_pause_repeats_a_second(window):
    page = window("marks")
    into_text(page)
    page.evaluate("sound.currentTime = 12")
    page.keyboard.press("Alt+KeyK")
    until(page, "sound.currentTime > 12.2")
    page.keyboard.press("Alt+KeyK")
    stopped = now(page)
    page.evaluate("sound.addEventListener('play', () => { window.resumed = sound.currentTime })")
    page.keyboard.press("Alt+KeyK")
    until(page, "window.resumed !== undefined")
    assert page.evaluate("resumed") == pytest.approx(stopped - 1, abs=0.15)
    page.keyboard.press("Alt+KeyK")
    page.evaluate("sound.currentTime = 30; delete window.resumed")
    page.keyboard.press("Alt+KeyK")
    until(page, "window.resumed !== undefined")
    assert page.evaluate("resumed") == pytest.approx(30, abs=0.05)


def test_typing_pauses_the_sound_until_half_a_second_after_the_last_key(window):
    page = window("typing")
    into_text(page, 2)
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    until(page, "!sound.paused")
    page.evaluate("""() => {
        addEventListener('keydown', () => { window.typedAt = performance.now() }, true);
        sound.addEventListener('play', () => { window.waited = performance.now() - typedAt });
    }""")
    page.keyboard.type(" well", delay=100)
    assert page.evaluate("sound.paused")
    until(page, "!sound.paused")
    assert 480 <= page.evaluate("waited") < 1500


def test_a_marked_word_is_heard_from_one_second_before_and_decided_by_one_key(window):
    page = window("confirming")
    left = page.locator("[data-slot=left]")
    expect(left).to_have_text(f"{MARKED} left of {MARKED}")
    into_text(page)
    page.evaluate(
        """() => sound.addEventListener('play', () => { window.from = sound.currentTime })"""
    )
    page.keyboard.press("Alt+KeyN")
    word = page.evaluate(
        "document.activeElement.value.slice(document.activeElement.selectionStart, "
        "document.activeElement.selectionEnd)"
    )
    assert word == "weeks"
    snapshot = page.evaluate("JSON.parse(document.getElementById('snapshot').textContent).segments")
    item = next(i for s in snapshot for i in s["items"] if i["content"] == "weeks")
    assert page.evaluate("from") == pytest.approx(item["start"] - 1, abs=0.15)
    until(page, "sound.paused")
    assert item["end"] <= now(page) < item["end"] + 1.6
    page.keyboard.press("Enter")
    expect(left).to_have_text(f"{MARKED - 1} left of {MARKED}")
    expect(page.locator(".rv-under .w-confirmed", has_text="weeks")).to_have_count(1)
    expect(page.locator("#rv-word-readings")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator(AREA).nth(2)).to_have_value("Now I am bringing up yellow film.")
    expect(left).to_have_text(f"{MARKED - 2} left of {MARKED}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value").startswith("Any fever")
    page.keyboard.press("Shift+Tab")
    assert not page.evaluate("document.activeElement.value").startswith("Any fever")


def test_a_segment_repeats_until_it_is_told_not_to(window):
    page = window("marks")
    into_text(page, 1)
    page.keyboard.press("Alt+KeyB")
    repeat = page.locator("[data-slot=repeat]")
    expect(repeat).to_have_attribute("aria-pressed", "true")
    start = now(page)
    page.evaluate("sound.playbackRate = 2")
    until(page, f"sound.currentTime > {start + 0.5}")
    until(page, f"sound.currentTime < {start + 0.4} && !sound.paused")
    page.keyboard.press("Alt+KeyB")
    expect(repeat).to_have_attribute("aria-pressed", "false")


def test_the_caret_follows_the_voice_until_somebody_types_and_a_key_snaps_it_back(window):
    page = window("marks")
    into_text(page)
    page.evaluate("sound.currentTime = 3")
    page.keyboard.press("Tab")
    until(page, "document.querySelector('.is-spoken')")
    before = page.evaluate("[document.activeElement.value, document.activeElement.selectionStart]")
    page.wait_for_timeout(600)
    assert before == page.evaluate(
        "[document.activeElement.value, document.activeElement.selectionStart]"
    )
    page.keyboard.press("Alt+KeyV")
    follow = page.locator("[data-slot=follow]")
    expect(follow).to_have_attribute("aria-pressed", "true")
    at_word = """() => {
        const span = document.querySelector('.is-spoken'), area = document.activeElement;
        return span && area.closest('.rv-seg') === span.closest('.rv-seg')
            && area.value.slice(area.selectionStart).startsWith(span.textContent) }"""
    until(page, at_word)
    first = page.evaluate("document.activeElement.value")
    until(page, f"document.activeElement.value !== {first!r}")
    until(page, at_word)
    expect(page.locator(".rv-seg[aria-current=true]")).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    expect(follow).to_have_attribute("aria-pressed", "false")
    into_text(page, 0)
    page.wait_for_timeout(400)
    expect(page.locator(AREA).first).to_be_focused()
    page.keyboard.press("Alt+KeyV")
    until(page, at_word)


def test_pedals_controllers_and_media_keys_act_as_keys(window):
    page = window("marks", script=PADS)
    page.evaluate("sound.currentTime = 20")
    page.evaluate("step(0b010)")
    until(page, "!sound.paused")
    page.evaluate("step(0)")
    until(page, "sound.paused")
    at = now(page)
    page.evaluate("step(0b001)")
    assert now(page) == pytest.approx(at - 5, abs=0.2)
    page.evaluate("plugPad(); pad.buttons[2].pressed = true")
    until(page, f"sound.currentTime > {at - 0.5}")
    page.evaluate("mediaKey('play')")
    until(page, "!sound.paused")
    page.evaluate("mediaKey('pause')")
    until(page, "sound.paused")
    page.keyboard.press("MediaPlayPause")
    until(page, "!sound.paused")
    page.evaluate("mediaKey('nexttrack')")
    expect(page.locator(AREA).nth(1)).to_be_focused()


def test_own_keys_clash_detection_and_where_they_show(window, desk):
    page = window("marks", role="clinician", script=PADS)
    page.goto("/my-keys/")

    def add(command: str, key: str) -> str:
        page.locator(f'[data-add="{command}"]').click()
        page.keyboard.press(key)
        return page.locator("[data-slot=verdict]").inner_text()

    assert "needed for typing" in add("replay", "x")
    expect(page.locator("[data-slot=take]")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator('[data-add="replay"]')).to_be_focused()
    assert "taken from “Next marked word" in add("replay", "Alt+KeyN")
    page.keyboard.press("Enter")
    expect(page.locator("[data-slot=state]")).to_have_text(re.compile("^Saved"))
    page.locator('[data-add="toggle"]').click()
    page.evaluate("step(0b100)")
    expect(page.locator("[data-slot=pressed]")).to_have_text("Pedal 3")
    page.keyboard.press("Enter")
    expect(page.locator("[data-slot=state]")).to_have_text(re.compile("^Saved"))
    page.reload()
    expect(page.locator('.km-row[data-command="replay"]')).to_contain_text("N")

    page.goto(desk.states["marks"])
    expect(page.locator("#review")).to_have_attribute("data-ready", "")
    expect(page.locator('[data-command="next"]').first).not_to_have_attribute(
        "title", re.compile(r"Alt \+ N")
    )
    page.evaluate("step(0b100)")
    until(page, "!sound.paused")
    page.keyboard.press("?")
    row = page.get_by_role("dialog").locator("dl > div", has_text="Hear the word again")
    expect(row).to_contain_text("N")
    page.keyboard.press("Escape")
    page.goto("/my-keys/")
    page.locator("[data-slot=reset]").click()
    expect(page.locator("[data-slot=state]")).to_have_text(re.compile("^Saved"))


def test_help_and_tooltips_come_from_the_same_list(window):
    page = window("marks")
    page.locator("[data-slot=play]").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for button in page.locator(".rv-bar [data-command]").all():
        title = button.get_attribute("title")
        label, _, keys = title.rstrip(")").rpartition(" (")
        row = dialog.locator("dl > div", has=page.locator("dt", has_text=label)).first
        for key in re.split(r" \+ | or ", keys):
            assert key in row.inner_text(), title
    page.keyboard.press("Escape")
    expect(page.locator("[data-slot=play]")).to_be_focused()


def test_the_line_adds_words_to_look_at_counts_them_live_and_resolves_nothing(window):
    page, other = window("sliding"), window("sliding", role="clinician")
    text, slider = page.locator("[data-slot=look-text]"), page.locator("#rv-look")
    expect(text).to_have_text(f"{MARKED} left of {MARKED} · about 2 min")
    slider.fill("95")
    every = MARKED + LOOKS
    expect(text).to_have_text(f"{every} left of {every} · about 2 min")
    expect(page.locator(".rv-under .w-look")).to_have_count(LOOKS)
    expect(other.locator(".rv-under .w-look")).to_have_count(LOOKS)
    expect(other.locator("[data-slot=left]")).to_have_text(f"{every} left of {every}")
    expect(other.locator("#rv-sign-reason")).to_contain_text(
        f"{MARKED} marked words are still open"
    )
    page.reload()
    expect(text).to_have_text(re.compile(f"^{every} left of {every}"))
    page.get_by_text("How this works").click()
    expect(page.locator("[data-slot=look-why]")).to_contain_text(f"{every} words × 5.0 s")
    into_text(page, 3)
    page.keyboard.press("Alt+KeyP")
    page.keyboard.press("Alt+KeyN")
    assert "fever" in page.evaluate("document.activeElement.value")
    page.keyboard.press("Enter")
    expect(text).to_have_text(re.compile(f"^{every - 1} left of {every}"))
    expect(page.locator(".rv-under .w-confirmed")).to_have_count(1)
    slider.fill("80")
    expect(page.locator(".rv-under .w-look")).to_have_count(0)
    expect(text).to_have_text(re.compile(f"^{MARKED} left of {MARKED + 1}"))


@pytest.mark.timeout(120)
def test_four_hours_are_scrubbed_and_brought_closer_without_being_fetched(window):
    page = window("long")
    received = {"audio": 0, "peaks": 0}
    network = page.context.new_cdp_session(page)
    urls: dict[str, str] = {}
    network.on(
        "Network.requestWillBeSent", lambda e: urls.update({e["requestId"]: e["request"]["url"]})
    )

    def count(event: dict[str, object]) -> None:
        kind = urls.get(event["requestId"], "").split("?")[0].rpartition("/")[2]
        if kind in received:
            received[kind] += event["dataLength"]

    network.on("Network.dataReceived", count)
    network.send("Network.enable")
    page.reload()
    expect(page.locator(".rv-wave.has-wave")).to_have_count(1)
    expect(page.locator("[data-slot=total]")).to_have_text(f"{HOURS}:00:00")
    page.locator("[data-slot=play]").click()
    for hour in (3.9, 0.5, 2.2, 1.1):
        page.evaluate(f"sound.currentTime = {hour * 3600}")
        until(page, f"!sound.seeking && sound.currentTime > {hour * 3600 + 0.1}")
    assert received["peaks"] < 25_000
    for _ in range(8):
        page.locator("[data-command=zoomIn]").click(force=True)
    page.wait_for_timeout(500)
    assert 0 < received["peaks"] < 25_000 + 2 * 160_000
    size = HOURS * 3600 * 8000
    assert 0 < received["audio"] < size / 10, f"{received['audio']} of {size} bytes"
