"""Pictures of the review screen in every state: python -m tests.browser.shots [folder]."""

import sys
from pathlib import Path

from tests import services

services.start_django()

from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

from tests.browser import desk  # noqa: E402
from tests.browser.conftest import CHROMIUM, QUIET  # noqa: E402

IMAGES = Path(__file__).parent.parent.parent / "docs" / "img"
SIZE = {"width": 1360, "height": 850}


def pictures(served: desk.Desk, browser: Browser, folder: Path) -> None:
    def opened(state: str, role: str = "clinician", **options: object) -> Page:
        context = served.window(browser, role, **({"viewport": SIZE} | options))
        page = served.open(context, state)
        page.wait_for_timeout(700)  # the waveform draws itself in a few frames
        return page

    def shoot(page: Page, name: str) -> None:
        path = folder / f"review-{name}.png"
        page.screenshot(path=path)
        print(path, flush=True)

    for state in ("empty", "loading", "progress", "error", "signed"):
        page = opened(state)
        shoot(page, state)
        page.context.close()
    _marks(opened, shoot)
    _conflict(opened, shoot)
    _offline(opened, shoot)
    _keys(served, browser, shoot)


def _marks(opened, shoot) -> None:  # noqa: ANN001
    page = opened("marks")
    page.locator(desk.AREA).first.click()
    shoot(page, "marks")
    page.keyboard.press("Alt+KeyN")
    page.keyboard.press("Alt+KeyN")
    page.wait_for_timeout(400)
    shoot(page, "readings")
    page.keyboard.press("Alt+Slash")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(300)
    shoot(page, "help")
    page.context.close()
    for name, options in {
        "zoom-200": {"viewport": {"width": 680, "height": 425}, "device_scale_factor": 2},
        "tablet": {
            "viewport": {"width": 820, "height": 1180},
            "has_touch": True,
            "is_mobile": True,
        },
        "dark": {"color_scheme": "dark"},
    }.items():
        page = opened("marks", **options)
        if name == "dark":
            page.locator("#rv-look").fill("95")
            page.wait_for_timeout(900)
        page.locator(desk.AREA).first.focus()
        page.keyboard.press("Alt+KeyN")
        page.wait_for_timeout(400)
        shoot(page, name)
        page.context.close()


def _conflict(opened, shoot) -> None:  # noqa: ANN001
    page, other = opened("conflict"), opened("conflict", "editor")
    page.context.set_offline(True)
    field = page.locator(desk.AREA).nth(1)
    field.click()
    field.press("End")
    page.keyboard.type(" or maybe four")
    theirs = other.locator(desk.AREA).nth(1)
    theirs.click()
    theirs.press("End")
    other.keyboard.type(" and a half")
    theirs.blur()
    expect(other.get_by_text("All changes saved")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".rv-conflict").first).to_be_visible(timeout=30_000)
    page.wait_for_timeout(400)
    shoot(page, "conflict")
    page.context.close()
    other.context.close()


def _offline(opened, shoot) -> None:  # noqa: ANN001
    page = opened("typing")
    page.context.set_offline(True)
    field = page.locator(desk.AREA).nth(4)
    field.click()
    field.press("End")
    page.keyboard.type(" And a little chest pain.")
    field.blur()
    expect(page.locator(".rv-saving.is-trouble")).to_be_visible(timeout=30_000)
    page.wait_for_timeout(400)
    shoot(page, "offline")
    page.context.close()


def _keys(served: desk.Desk, browser: Browser, shoot) -> None:  # noqa: ANN001
    page = served.window(browser, "editor", viewport=SIZE).new_page()
    page.goto("/my-keys/")
    page.locator('[data-add="toggle"]').click()
    page.keyboard.press("Alt+KeyN")
    page.wait_for_timeout(300)
    shoot(page, "keys")
    page.context.close()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    target.mkdir(parents=True, exist_ok=True)
    with desk.running() as running, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*QUIET, "--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        pictures(running, chromium, target)
        chromium.close()
