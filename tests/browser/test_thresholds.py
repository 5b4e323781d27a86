"""A manager chooses a point on the threshold workbench and uses it."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def bench(browser, desk):
    """The workbench of a practice with a transcript of the bundled model, nothing signed."""
    desk.run("from tests.browser import thresholds; answer = thresholds.one()")
    problems: list[str] = []
    context = desk.window(browser, "manager")
    context.on("weberror", lambda error: problems.append(str(error.error)))
    page = context.new_page()
    page.on(
        "console",
        lambda said: said.type == "error" and "422" not in said.text and problems.append(said.text),
    )
    page.goto("/thresholds/")
    yield page
    context.close()
    assert not problems, problems


def flagged(page) -> str:
    return page.locator(".facts .th-big").first.text_content()


def test_a_point_is_chosen_by_keyboard_click_and_target_and_then_used(bench):
    page = bench
    expect(page.get_by_label("Where the figures come from")).to_contain_text("signed documents")
    before = flagged(page)
    slider = page.get_by_role("slider", name="Words flagged")
    slider.focus()
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("errors caught, .* at random"))
    expect(page.locator(".facts .th-big").first).not_to_have_text(before)
    expect(slider).to_be_focused()

    plot = page.locator('[data-plot="caught"] .th-plot')
    box = plot.bounding_box()
    plot.click(position={"x": box["width"] * (56 + 0.3 * 438) / 520, "y": box["height"] / 2})
    expect(page.locator(".facts .th-big").first).to_have_text("15 %")

    page.get_by_label("Catch this share of errors, %").fill("80")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url(re.compile("target=80"))
    expect(page.locator(".facts .th-big").nth(1)).to_have_text(re.compile("^8[0-9] %"))
    expect(page.get_by_text("At random, same rate")).to_be_visible()

    page.get_by_label("Type").select_option("DICTATION")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_label("Reason for the change").fill("Catch four of five")
    page.get_by_role("button", name="Use this point for dictations").click()
    expect(page.get_by_text("Saved. New transcripts are marked by this line")).to_be_visible()
    row = page.get_by_role("region", name="Changes").get_by_role("row").nth(1)
    expect(row).to_contain_text("Catch four of five")
    expect(row).to_contain_text("Dictations, all specialties")
    expect(row).to_contain_text("at random")


@pytest.mark.parametrize("width", [360, 820, 1280])
def test_nothing_runs_over_the_edge(bench, width):
    bench.set_viewport_size({"width": width, "height": 900})
    expect(bench.locator("#workbench")).to_be_visible()
    assert bench.evaluate("document.querySelector('main').scrollWidth") <= width


def test_the_table_beside_each_plot_holds_its_figures(bench):
    for name in ("caught", "minutes", "critical", "reliability"):
        figure = bench.locator(f'[data-plot="{name}"]')
        figure.locator("summary").click()
        expect(figure.locator("tbody tr").nth(3)).to_be_visible()
