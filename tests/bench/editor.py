"""How fast the review editor is with 10, 60 and 240 minutes of transcript. Prints, asserts nothing.

nice -n 5 .venv/bin/python -m tests.bench.editor [keys]
"""

import os
import shutil
import statistics
import sys
from pathlib import Path

from tests import services

services.start_django()

from playwright.sync_api import Browser, BrowserContext, JSHandle, Page, sync_playwright  # noqa: E402

from tests.bench.figures import Figure, record, share  # noqa: E402
from tests.browser import desk as desks  # noqa: E402

PLAN = [("10", 1_500, 10.0), ("60", 10_000, 60.0), ("240", 36_000, 240.0)]
LINE = ("line", 8, 0.1)
WINDOW = {"viewport": {"width": 1400, "height": 900}}
NAVIGATIONS = 3
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
MEASURE = (Path(__file__).parent / "editor.js").read_text()
WATCH = """new MutationObserver((_, watch) => {
  if (!document.querySelector('.rv-area:not([readonly])')) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => performance.mark('bench-interactive')));
}).observe(document, {childList: true, subtree: true})"""
ARGS = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


def opened(context: BrowserContext, path: str) -> tuple[Page, float]:
    """The page, and the ms until it was interactive, the middle of some navigations."""
    page = context.new_page()
    page.add_init_script(WATCH)
    ready = []
    for _ in range(NAVIGATIONS):
        page.goto(path)
        page.wait_for_function("performance.getEntriesByName('bench-interactive').length")
        ready.append(
            page.evaluate("performance.getEntriesByName('bench-interactive')[0].startTime")
        )
    return page, statistics.median(ready)


def typed(page: Page, bench: JSHandle, keys: int) -> list[float]:
    """ms from each key to the frame that shows it."""
    bench.evaluate("(bench) => bench.caret()")
    bench.evaluate("(bench) => bench.paints()")
    for i in range(keys):
        page.keyboard.press("Space" if i % 6 == 5 else "abcdefgh"[i % 8])
        page.wait_for_timeout(30)
    page.wait_for_timeout(200)
    return bench.evaluate("(bench) => bench.paints()")


def held(page: Page) -> dict[str, float]:
    """What Chromium counts of the page after its garbage is collected."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    return {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}


def measure(browser: Browser, desk: desks.Desk, name: str, keys: int) -> dict[str, float]:
    """Figures of one transcript; times in ms, memory in MB."""
    context = desk.window(browser, **WINDOW)
    page, ready = opened(context, desk.states[name])
    bench = page.evaluate_handle(MEASURE)
    worst = bench.evaluate("(bench) => bench.scroll(40)")
    middle = "const b = document.querySelector('[data-slot=scroller]'); b.scrollTop ="
    page.evaluate(f"{middle} b.scrollHeight / 2")
    page.wait_for_timeout(300)
    paints = typed(page, bench, keys)
    page.keyboard.press("Control+f")
    page.keyboard.type("hemoglobin")
    page.wait_for_function("document.querySelector('.rv-find-count').textContent.includes(' of ')")
    found = page.locator(".rv-find-count").inner_text().split(" of ")[1]
    metrics = held(page)
    context.close()
    return {
        "interactive": ready,
        "p50": statistics.median(paints),
        "p95": share(paints, 0.95),
        "slowest": max(paints),
        "scroll": worst,
        "heap": metrics["JSHeapUsedSize"] / 1e6,
        "nodes": metrics["Nodes"],
        "found": float(found),
    }


def least(browser: Browser, desk: desks.Desk, keys: int) -> dict[str, float]:
    """The limits: the same page with one line, and a bare text field in an empty page."""
    context = desk.window(browser, **WINDOW)
    page, ready = opened(context, desk.states[LINE[0]])
    heap = held(page)["JSHeapUsedSize"] / 1e6
    field = context.new_page()
    field.set_content('<textarea class="rv-area">A line of text</textarea>')
    paints = typed(field, field.evaluate_handle(MEASURE), keys)
    context.close()
    return {"interactive": ready, "p95": share(paints, 0.95), "heap": heap}


def main() -> None:
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    print(
        "| minutes | words | interactive | key to paint p50 | p95 | slowest | jump | heap | nodes |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    with desks.running("empty") as desk, sync_playwright() as playwright:
        plan = [LINE, *PLAN]
        made = desk.run(f"from tests.browser import texts; answer = texts.make(*{plan!r})")
        desk.states.update(made)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        limits = least(browser, desk, keys)
        for name, words, _minutes in PLAN:
            f = measure(browser, desk, name, keys)
            print(
                f"| {name} | {words} | {f['interactive']:.0f} ms | {f['p50']:.1f} ms "
                f"| {f['p95']:.1f} ms | {f['slowest']:.1f} ms | {f['scroll']:.0f} ms "
                f"| {f['heap']:.0f} MB | {f['nodes']:.0f} |",
                flush=True,
            )
            keep(f"{words:,} words", f, limits)
        browser.close()


def keep(at: str, of: dict[str, float], limits: dict[str, float]) -> None:
    """The figures of one transcript for the table."""
    for kind, what, unit, against, goal in (
        ("interactive", "interactive", "ms", "the page with one line", "≤ 1 s at 10,000"),
        ("p95", "key to paint p95", "ms", "a bare text field", "≤ 50 ms"),
        ("heap", "heap", "MB", "the page with one line", "≤ 300 MB"),
    ):
        record(Figure("editor", f"{at}, {what}", of[kind], unit, limits[kind], against, goal))


if __name__ == "__main__":
    main()
