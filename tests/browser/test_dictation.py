"""Dictating in Chromium, with a file for a microphone, a whole instance and the real engine."""

import os
import re
import signal
import struct
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.conftest import CHROMIUM, QUIET
from tests.config import processes
from tests.factories import AUDIO
from tests.faults.proxy import Door
from tests.instance import Instance, running

pytestmark = pytest.mark.timeout(300)

SPEECH = AUDIO / "dictation_mono.wav"
SILENCE = AUDIO / "edge_silence_10s.wav"
# Full figures: CUT_SECONDS=60 pytest tests/browser/test_dictation.py
CUT_SECONDS = float(os.environ.get("CUT_SECONDS", "6"))
# On a quiet machine: FINISH_SECONDS=2
FINISH_SECONDS = float(os.environ.get("FINISH_SECONDS", "20"))
# Keeps what the page was given to hold the screen awake.
WATCH_LOCKS = """
window.locks = [];
const ask = navigator.wakeLock.request.bind(navigator.wakeLock);
navigator.wakeLock.request = async (type) => {
    const lock = await ask(type);
    window.locks.push(lock);
    return lock;
};
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Instance]:
    """One place for live text, so that a second speaker finds it taken."""
    with running(COUNTERSIGN_STREAMS="1") as started:
        yield started


@pytest.fixture
def speaker(
    playwright: Playwright, site: Instance, tmp_path: Path
) -> Iterator[Callable[..., Page]]:
    """Opens a browser with a microphone that plays a file; None is a computer without one."""
    contexts: list[BrowserContext] = []

    def open_browser(
        sound: Path | None = SPEECH, *, allowed: bool = True, role: str = "clinician", port: int = 0
    ) -> Page:
        flags = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        if sound:
            flags += ["--use-fake-device-for-media-stream"]
            flags += [f"--use-file-for-fake-audio-capture={sound}"]
        flags += ["--use-fake-ui-for-media-stream"] if allowed and sound else []
        context = playwright.chromium.launch_persistent_context(
            tmp_path / f"profile-{len(contexts)}",
            executable_path=CHROMIUM,
            args=flags,
            base_url=f"http://127.0.0.1:{port}" if port else site.base_url,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto("/")
        page.get_by_label("Username").fill(site.users[role]["username"])
        page.get_by_label("Password", exact=True).fill(site.users[role]["password"])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "login" not in url)
        return page

    yield open_browser
    for context in contexts:
        context.close()


def new(page: Page, name: str = "Dora Dictated", mrn: str = "77001") -> None:
    page.goto("/dictate/")
    page.get_by_label("Patient's name").fill(name)
    page.get_by_label("Medical record number").fill(mrn)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def told(page: Page) -> str:
    return page.locator("[data-slot=title]").inner_text()


def says(page: Page, title: str, *, seconds: float = 30) -> None:
    expect(page.locator("[data-slot=title]")).to_have_text(title, timeout=seconds * 1000)


def elapsed(page: Page) -> int:
    minutes, seconds = page.get_by_role("timer").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def recorded(page: Page, seconds: int) -> None:
    """Waits until so much is recorded."""
    page.wait_for_function(
        """least => {
            const [m, s] = document.querySelector('[role=timer]').textContent.split(':');
            return Number(m) * 60 + Number(s) >= least;
        }""",
        arg=seconds,
        timeout=(seconds + 60) * 1000,
    )


def on_the_server(page: Page) -> float:
    """Seconds that the server has of the dictation on this page, asked anew."""
    return page.evaluate(
        """async () => {
            const page = await (await fetch(location.pathname)).text();
            const data = new DOMParser().parseFromString(page, 'text/html');
            return JSON.parse(data.getElementById('dictate-page').textContent).dictation.seconds;
        }"""
    )


def eventually(true: Callable[[], bool], *, within: float) -> None:
    """Asks again until it is true; fails after so many seconds."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def finished(page: Page, *, within: float = 60) -> float:
    """Finishes; how long it took until the review screen showed its text."""
    begun = time.monotonic()
    press(page, "Finish")
    page.wait_for_url(re.compile("/recordings/"), timeout=within * 1000)
    expect(page.locator("textarea, [data-segment]").first).to_be_visible(timeout=within * 1000)
    return time.monotonic() - begun


def awake(page: Page) -> bool:
    """Does the page keep the screen on?"""
    return page.evaluate("window.locks.some(lock => !lock.released)")


def length_of_recording(page: Page) -> float:
    return page.evaluate(
        "async () => (await (await fetch(location.pathname + 'state')).json()).recording.duration"
    )


def tone(path: Path, level: int) -> Path:
    """A square wave, which a microphone turned up too far makes of any voice."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(
            b"".join(struct.pack("<h", level if i // 40 % 2 else -level) for i in range(160_000))
        )
    return path


# Microphones that are not to be had, or not any good


def test_a_refused_microphone_is_told_with_what_to_do(speaker):
    page = speaker(allowed=False)
    new(page)
    press(page, "Record")
    expect(page.get_by_role("alert")).to_contain_text("microphone is blocked")
    assert told(page) == "Not recording"
    expect(page).to_have_url(re.compile("/dictate/$"))


def test_a_computer_without_microphone_is_told_so(speaker):
    page = speaker(None)
    page.goto("/dictate/")
    press(page, "Check the microphone")
    expect(page.get_by_role("alert")).to_contain_text("No microphone was found")


def test_only_this_page_may_use_the_microphone(speaker):
    page = speaker()
    elsewhere, here = page.request.get("/"), page.request.get("/dictate/")
    assert "microphone=()" in elsewhere.headers["permissions-policy"]
    assert "microphone=(self)" in here.headers["permissions-policy"]


def test_silence_is_noticed_before_anybody_speaks_for_nothing(speaker):
    page = speaker(SILENCE)
    page.goto("/dictate/")
    expect(page.get_by_text("No sound reaches this microphone")).to_be_visible(timeout=30_000)


def test_a_voice_too_loud_is_noticed_and_another_device_can_be_chosen(speaker, tmp_path):
    page = speaker(tone(tmp_path / "loud.wav", 32_767))
    page.goto("/dictate/")
    expect(page.get_by_text("Too loud")).to_be_visible(timeout=30_000)
    devices = page.locator("[data-slot=devices]")
    assert devices.locator("option").count() > 1
    devices.select_option(index=1)
    expect(page.get_by_role("meter")).not_to_have_attribute("aria-valuenow", "-60")


def test_that_nothing_is_recorded_any_more_is_said_within_two_seconds(speaker):
    page = speaker()
    page.add_init_script(
        "const Real = AudioContext;"
        "window.AudioContext = class extends Real {"
        "  constructor(options) { super(options); window.sound = this; }"
        "};"
    )
    new(page)
    press(page, "Record")
    recorded(page, 2)
    page.evaluate("() => { sound.resume = async () => {}; return sound.suspend(); }")
    begun = time.monotonic()
    says(page, "Not recording")
    assert time.monotonic() - begun < 3  # two, and the machine's own delay
    expect(page.get_by_role("alert")).to_contain_text("Not recording")


# From the first word to the review


def test_what_is_said_is_read_corrected_and_on_the_review_screen(speaker):
    page = speaker()
    page.add_init_script(WATCH_LOCKS)
    new(page)
    assert not awake(page)
    page.get_by_label("Medical record number").press("Alt+k")
    says(page, "Recording")
    eventually(lambda: awake(page), within=5)
    text = page.locator("[data-slot=text]")
    expect(text.locator(".partial")).not_to_be_empty(timeout=30_000)
    expect(text.locator(".line").first).to_contain_text(
        re.compile("follow.up visit", re.I), timeout=30_000
    )
    expect(text.locator("mark").first).to_be_visible()

    line = text.locator(".line").nth(1)
    expect(line).to_contain_text("hypertension", timeout=30_000)
    line.fill("The patient is a woman of 62.")
    line.press("Enter")
    assert told(page) == "Recording"
    recorded(page, 14)
    page.get_by_role("heading", name="Dictate").click()
    page.keyboard.press("Space")
    says(page, "Paused")
    eventually(lambda: not awake(page), within=5)
    paused = elapsed(page)
    page.keyboard.press("Space")
    says(page, "Recording")
    recorded(page, paused + 2)
    eventually(lambda: awake(page), within=5)

    before = elapsed(page)
    took = finished(page)
    print(f"From Finish to the review screen: {took:.2f} s")
    assert took <= FINISH_SECONDS
    words = page.locator("main").inner_text()
    fields = [field.input_value() for field in page.locator("textarea").all()]
    said = words + " ".join(fields)
    assert "The patient is a woman of 62." in said and "kidney disease" in said
    assert before - 1 <= length_of_recording(page) <= before + 1 + took


def test_leaving_while_recording_warns(speaker):
    page = speaker()
    new(page)
    press(page, "Record")
    recorded(page, 2)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    with page.expect_event("dialog", timeout=30_000):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    says(page, "Recording")


# Nothing is lost


def test_a_killed_tab_goes_on_where_it_was(speaker):
    page = speaker()
    new(page)
    press(page, "Record")
    recorded(page, 5)
    url, before = page.url, elapsed(page)
    again = page.context.new_page()
    page.close()

    again.goto("/")
    expect(again.get_by_text("Your dictations that are not finished")).to_be_visible()
    again.get_by_role("link", name="Continue").first.click()
    assert again.url == url
    says(again, "Not recording")
    expect(again.get_by_text("kept from before: continue, or finish")).to_be_visible(timeout=30_000)
    assert elapsed(again) >= before - 1
    press(again, "Continue")
    recorded(again, before + 3)
    end = elapsed(again)
    took = finished(again)
    assert end - 1 <= length_of_recording(again) <= end + 1 + took


def test_a_network_that_is_cut_costs_nothing(speaker, site):
    door = Door(int(site.base_url.rsplit(":", 1)[1]))
    page = speaker(port=door.port)
    new(page)
    press(page, "Record")
    recorded(page, 3)
    begun, start = time.monotonic(), elapsed(page)
    door.shut()
    expect(page.get_by_text("No connection")).to_be_visible(timeout=30_000)
    page.wait_for_timeout(CUT_SECONDS * 1000)
    assert told(page) == "Recording"
    assert elapsed(page) >= start + time.monotonic() - begun - 2
    door.open()
    expect(page.get_by_text("No connection")).to_be_hidden(timeout=30_000)
    before = elapsed(page)
    eventually(lambda: on_the_server(page) >= before - 1, within=60)
    finished(page)
    assert length_of_recording(page) >= before - 1


def test_a_server_that_restarts_in_the_middle_of_a_sentence_is_survived(speaker, site):
    page = speaker()
    new(page)
    press(page, "Record")
    recorded(page, 5)
    for number, command in processes.of(site.data).items():
        if "granian" in command:
            os.kill(number, signal.SIGKILL)
    expect(page.get_by_text("No connection")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("No connection")).to_be_hidden(timeout=60_000)
    recorded(page, elapsed(page) + 2)
    before = elapsed(page)
    finished(page)
    assert length_of_recording(page) >= before - 1


def test_without_a_place_for_live_text_it_is_recorded_and_transcribed_after(speaker):
    first, second = speaker(), speaker(role="editor")
    new(first)
    press(first, "Record")
    expect(first.locator(".line").first).to_be_visible(timeout=40_000)
    new(second, "Paul Waiting", "77002")
    expect(second.get_by_text("Live text has no free place")).to_be_visible()
    press(second, "Record anyway")
    recorded(second, 5)
    assert told(second) == "Recording"
    press(second, "Finish")
    second.wait_for_url(re.compile("/recordings/"), timeout=30_000)
    expect(second.locator("textarea").first).to_be_visible(timeout=60_000)


def test_a_discarded_dictation_is_gone(speaker):
    page = speaker()
    new(page)
    press(page, "Record")
    recorded(page, 2)
    url = page.url
    press(page, "Discard…")
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    page.wait_for_url(re.compile("/dictate/$"))
    assert page.request.get(url).status == 404
