"""Real Chromium against a whole running instance with its workers and the real engine."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import desk as desks
from tests.instance import Instance, running

QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
# The sound has no element on the page: tests reach the real one as `sound`.
SOUND = "const Real = Audio; window.Audio = function () { return (window.sound = new Real()); };"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # The first test of each served app waits for it to start.
        item.add_marker(pytest.mark.timeout(300))
    if not CHROMIUM and not os.environ.get("CI"):
        for item in items:
            item.add_marker(
                pytest.mark.skip(reason="Chromium is not installed (see `make browser`).")
            )


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": CHROMIUM, "args": [*QUIET, *sandbox]}


@pytest.fixture(scope="session")
def instance() -> Iterator[Instance]:
    with running() as started:
        yield started


@pytest.fixture
def log_in(browser: Browser, instance: Instance) -> Iterator[Callable[..., Page]]:
    """Opens a browser window of its own for a person of the demo practice.

    A page error, a console error or a violated content policy fails the test.
    """
    contexts, problems = [], []

    def open_window(role: str, **options: object) -> Page:
        context = browser.new_context(base_url=instance.base_url, accept_downloads=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{role}: {error}"))
        page.on(
            "console",
            lambda message: (
                message.type == "error"
                and "status of 4" not in message.text
                and problems.append(f"{role}: {message.text}")
            ),
        )
        page.goto("/")
        person = instance.users[role]
        page.get_by_label("Username").fill(person["username"])
        page.get_by_label("Password", exact=True).fill(person["password"])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "login" not in url)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture(scope="session")
def desk() -> Iterator[desks.Desk]:
    """The review screen's states, served without workers."""
    with desks.running() as served:
        yield served


@pytest.fixture
def window(browser: Browser, desk: desks.Desk) -> Iterator[Callable[..., Page]]:
    """Opens a state of the review screen in a browser window of its own; see desk.Desk.

    `script` runs before the page's own. A page error or a violated content policy fails the test.
    """
    contexts, problems = [], []

    def open_window(state: str, role: str = "editor", script: str = "", **options: object) -> Page:
        context = desk.window(browser, role, **options)
        contexts.append(context)
        context.add_init_script(SOUND + script)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        return desk.open(context, state)

    yield open_window
    for context in contexts:
        context.close()
    assert not problems, problems
