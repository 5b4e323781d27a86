"""The dashboard in Chromium: what it shows stays fresh, opens its lists, and suits everyone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import desk as desks
from tests.browser.test_access import violations

LABEL = "from review.actions import labelling; answer = labelling.label_due()"
MORE = """
from transcripts.models import MedicalTranscriptionJob as Job
job = Job.objects.filter(status="COMPLETED").first()
Job.objects.filter(pk=job.pk).update(status="QUEUED", completed_at=None)
answer = None
"""

# What of the page's content is wider than the window or smaller than a finger; the head and the
# foot are those of every page.
OUTSIDE = """() => [...document.querySelectorAll('main *')]
  .filter(n => !n.closest('.visually-hidden') && !n.parentElement.closest('.table-wrap')
    && n.getBoundingClientRect().right > innerWidth + 0.5).map(n => n.outerHTML.slice(0, 90))"""
SMALL = """() => [...document.querySelectorAll('main a, main summary, main button')]
  .filter(n => n.checkVisibility()).map(n => [n, n.getBoundingClientRect()])
  .filter(([, r]) => r.height < 24).map(([n]) => n.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def office():
    with desks.running("signed", "marks") as running:
        running.run(LABEL)
        yield running


@pytest.mark.parametrize("width", [1280, 768, 390])
def test_no_violation_light_and_dark_and_nothing_sticks_out(browser, office, width):
    size = {"width": width, "height": 900}
    context = office.window(browser, "manager", viewport=size, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/dashboard/")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if folder := os.environ.get("COUNTERSIGN_SHOTS"):
            page.screenshot(path=Path(folder) / f"dashboard-{width}-{scheme}.png", full_page=True)
        assert violations(page) == []
        assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(SMALL) == []
    context.close()


def test_a_figure_opens_its_list_and_the_list_its_document(browser, office):
    context = office.window(browser, "manager")
    page = context.new_page()
    page.goto("/dashboard/")
    page.get_by_role("link", name="The list behind: Signed without an edit").click()
    expect(page.get_by_role("heading", name="Signed without an edit")).to_be_visible()
    page.locator("tbody a").first.click()
    expect(page.locator("#review")).to_be_visible()
    context.close()


def test_the_figures_stay_fresh_and_an_open_table_stays_open(browser, office):
    context = office.window(browser, "manager")
    page = context.new_page()
    page.goto("/dashboard/")
    value = page.locator("[data-figure=queue] .db-value")
    before = value.inner_text()
    table = page.locator("[data-chart=turnaround] details")
    table.locator("summary").click()
    page.evaluate("document.activeElement.blur()")
    office.run(MORE)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(value).not_to_have_text(before)
    expect(table).to_have_attribute("open", "")
    page.context.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("The figures are not fresh")).to_be_visible()
    context.close()
