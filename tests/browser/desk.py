"""A served app with the states of the review screen, and windows upon it. No worker runs."""

import math
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conformance import server

AREA = "textarea.rv-area"
KEPT_SECONDS = 600  # an idle session ends after 15 minutes, which slow machines reach


@dataclass(slots=True)
class Desk:
    url: str
    states: dict[str, Any]
    run: Callable[[str], Any]
    environment: dict[str, str]
    cookies: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)  # when each last opened a window

    def window(self, browser: Browser, role: str = "editor", **options: Any) -> BrowserContext:
        """A browser window in which somebody of the practice is logged in."""
        context = browser.new_context(base_url=self.url, **options)
        if time.monotonic() - self.seen.get(role, -math.inf) > KEPT_SECONDS:
            page = context.new_page()
            page.goto("/accounts/login/")
            page.get_by_label("Username").fill(self.states["users"][role])
            page.get_by_label("Password", exact=True).fill(self.states["password"])
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(lambda url: "login" not in url)
            self.cookies[role] = context.cookies()
            page.close()
        context.add_cookies(self.cookies[role])
        self.seen[role] = time.monotonic()
        return context

    def open(self, context: BrowserContext, state: str) -> Page:
        """The review screen in this state, ready for keys."""
        page = context.new_page()
        page.goto(self.states[state])
        expect(page.locator("#review")).to_have_attribute("data-ready", "")
        return page


@contextmanager
def running(*names: str) -> Iterator[Desk]:
    """The app with these states (all of them by default)."""
    data = Path(tempfile.mkdtemp(prefix="countersign-desk-"))
    try:
        with server.running(data, workers=0) as served:
            wanted = ", ".join(map(repr, names))
            states = served.run(f"from tests.browser import states; answer = states.make({wanted})")
            yield Desk(served.url, states, served.run, served.environment)
    finally:
        shutil.rmtree(data, ignore_errors=True)
