"""The live recipes of docs/aws-clients.md, run as they stand: Node twice, Python, a browser."""

import os
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.conformance.node_packages import installed, node
from tests.conformance.recipes import blocks, filled, script
from tests.conformance.server import Server
from tests.conformance.streams import address, pcm

SECONDS = 90
PART = "Live speech"
MICROPHONE = [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    # A real site is no local address.
    "--disable-features=LocalNetworkAccessChecks",
]
PAGE = """<!doctype html><title>A page of somebody else</title><p id="text"></p>
<script type="module">
import { stream } from "./stream.js";
const finals = [];
const { stop, done } = await stream(window.streamAddress, (result) => {
  if (result.IsPartial) return;
  finals.push(result.Alternatives[0].Transcript);
  document.querySelector("#text").textContent = finals.join(" ");
});
setTimeout(stop, 5000);
done.then(() => document.body.setAttribute("data-done", ""), (error) => { throw error; });
</script>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a person would try the recipes: visit.pcm, and Amazon's packages installed."""
    (tmp_path / "visit.pcm").write_bytes(pcm())
    (tmp_path / "node_modules").symlink_to(installed() / "node_modules")
    return tmp_path


@pytest.fixture
def run(server: Server, folder: Path) -> Callable[..., str]:
    def running(name: str, block: str, *command: str) -> str:
        path = script(folder, name, filled(block, server, job="visit"))
        ended = subprocess.run(
            [*command, str(path)],
            cwd=folder,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert ended.returncode == 0, ended.stderr[-3000:]
        return ended.stdout.lower()

    return running


@pytest.mark.parametrize("number", [0, 1], ids=["http2", "websocket"])
def test_node(run: Callable[..., str], number: int) -> None:
    text = run("stream.mjs", blocks(PART, "js")[number], node())
    assert "progress note" in text and "visit" in text


def test_python(run: Callable[..., str]) -> None:
    (block,) = blocks(PART, "python")
    text = run("stream.py", block, sys.executable)
    assert "progress note" in text and "visit" in text


@pytest.fixture
def spoken(tmp_path: Path) -> Iterator[Path]:
    """What Chromium plays into its microphone."""
    path = tmp_path / "microphone.wav"
    with wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(16000)
        target.writeframes(pcm())
    yield path


@pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="Chromium is not installed.")
def test_a_browser(server: Server, spoken: Path) -> None:
    """From a page of another origin: localhost, while the server is 127.0.0.1."""
    block = blocks(PART, "js")[2]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments = [*QUIET, *MICROPHONE, f"--use-file-for-fake-audio-capture={spoken}", *sandbox]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.route(
            "http://localhost/*",
            lambda route: route.fulfill(
                content_type="text/javascript" if "stream.js" in route.request.url else "text/html",
                body=block if "stream.js" in route.request.url else PAGE,
            ),
        )
        page.add_init_script(f"window.streamAddress = {address(server)!r}")
        page.goto("http://localhost/")
        page.wait_for_function("document.body.dataset.done !== undefined", timeout=60_000)
        text = page.text_content("#text") or ""
        browser.close()
    assert problems == [] and "progress note" in text.lower()
