"""A large recording over a bad line, in Chromium: it goes on where it was, whatever ended."""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests import tones
from tests.browser.desk import Desk
from tests.faults.proxy import Door
from tests.faults.web import Web

MEGABYTES = 200 if os.environ.get("COUNTERSIGN_FULL") else 24
PIECE = 2 * 2**20
SPEED = 12 * 2**20 if MEGABYTES == 200 else 5 * 2**20  # bytes a second
MADE = """
from transcripts.models import MedicalTranscriptionJob, Recording, Upload
rows = Recording.objects.filter(patient__mrn="88001")
answer = [list(rows.values_list("sha256", "original_name")), Upload.objects.count(),
          MedicalTranscriptionJob.objects.filter(recording__in=rows).count()]
"""


@pytest.fixture
def web(desk: Desk, tmp_path: Path) -> Iterator[Web]:
    """A process of the served app that can be killed."""
    web = Web(tmp_path / "web.log", **desk.environment)
    try:
        web.start()
        yield web
    finally:
        web.kill()


@pytest.fixture
def door(web: Web) -> Iterator[Door]:
    door = Door(web.port)
    yield door
    door.shut()


@pytest.fixture
def context(browser, desk: Desk, door: Door) -> Iterator[BrowserContext]:
    desk.window(browser, "editor").close()  # logs in
    context = browser.new_context(base_url=f"http://127.0.0.1:{door.port}")
    context.add_cookies(desk.cookies["editor"])
    yield context
    context.close()


def opened(context: BrowserContext, file: Path) -> Page:
    """The upload page with its details and the file chosen, on a line of SPEED, and begun."""
    page = context.new_page()
    page.goto("/upload/")
    context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SPEED},
    )
    page.get_by_label("Patient's name").fill("Una Unterwegs")
    page.get_by_label("Medical record number").fill("88001")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main").get_by_role("button", name=re.compile("^Upload")).click()
    return page


def reach(page: Page, percent: int) -> None:
    """Waits until so much is sent."""
    page.wait_for_function(
        "p => parseInt(document.querySelector('.file-state').textContent) >= p", arg=percent
    )


@pytest.mark.timeout(300)
def test_cut_off_killed_reloaded_it_goes_on_where_it_was(context, desk, web, door, tmp_path):
    file = tones.long_wave(tmp_path / "Una Unterwegs.wav", MEGABYTES)
    sent: list[str] = []

    def note(request: Request) -> None:
        assert "Unterwegs" not in request.url + str(request.headers), "only the form tells of her"
        if request.method == "PATCH":
            sent.append(request.url)

    context.on("request", note)
    page = opened(context, file)
    state = page.locator(".file-state")

    reach(page, 15)
    door.shut()
    expect(state).to_have_text(re.compile(r"The connection broke at \d+ %\. It goes on"))
    door.open()

    reach(page, 40)
    web.kill()
    expect(state).to_contain_text("The connection broke")
    web.start()

    reach(page, 65)
    assert "Unterwegs" not in page.evaluate("JSON.stringify(localStorage)")
    page.close()
    page = opened(context, file)
    page.wait_for_function("parseInt(document.querySelector('.file-state').textContent) >= 50")
    expect(page.get_by_role("link", name=re.compile("Watch"))).to_be_visible(timeout=60_000)

    recordings, uploads, jobs = desk.run(MADE)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert recordings == [[digest, "Una Unterwegs.wav"]] and (uploads, jobs) == (1, 1)
    assert len(sent) <= file.stat().st_size // PIECE + 1 + 8, "pieces that were kept came again"
    assert len(set(sent)) == 1, "one upload all along"
    assert page.evaluate("Object.keys(localStorage).filter(k => k.includes('upload'))") == []
