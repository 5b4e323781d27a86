"""Two machine transcripts compared: the card on the review, and the page whose places are heard."""

import re

from playwright.sync_api import expect


def test_the_card_counts_and_every_place_can_be_heard(window):
    page = window("compared")
    card = page.locator('[data-slot="comparison"]')
    expect(card.get_by_role("heading")).to_have_text("Compared with Amazon Transcribe Medical")
    expect(card).to_contain_text(re.compile(r"Drug names\s*1 difference in"))
    expect(card).to_contain_text(re.compile(r"Numbers and units\s*2 differences in"))
    expect(card).to_contain_text(re.compile(r"Negation, side, yes or no\s*2 differences in"))
    expect(page.locator('[data-slot="made"]')).to_contain_text("referral: R-17, site: north wing")

    card.get_by_role("link", name="Hear the differences").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Two transcripts compared")
    rows = page.locator("#compared tbody tr")
    expect(rows).to_have_count(6)
    row = rows.filter(has_text="penicillamine")
    row.get_by_role("button").press("Enter")
    heard = float(row.get_by_role("button").get_attribute("data-start"))
    page.wait_for_function(
        "start => { const s = document.getElementById('compared-sound');"
        " return !s.paused && Math.abs(s.currentTime - start) < 1.5; }",
        arg=heard,
    )
    expect(row).to_have_class("is-heard")
    # It stops by itself soon after the words.
    page.wait_for_function("() => document.getElementById('compared-sound').paused")

    page.get_by_role("link", name=re.compile("^Drug names")).click()
    expect(rows).to_have_count(1)


def test_a_review_without_a_comparison_has_no_card(window):
    expect(window("marks").locator('[data-slot="comparison"]')).to_be_hidden()


def test_the_worklist_shows_tags(window):
    page = window("compared")
    page.goto("/")
    row = page.get_by_role("row").filter(has_text="Clara Compared")
    expect(row.get_by_label("Tags").get_by_role("listitem")).to_have_text(
        ["referral: R-17", "site: north wing"]
    )
