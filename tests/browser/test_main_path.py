"""A clinician's recording becomes a signed document, in real browsers, with the real engine."""

import io
import re

import pytest
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from tests.factories import AUDIO

DRAFT = "DRAFT — NOT FOR PATIENT CARE"


def send(page: Page, *files: str) -> None:
    page.goto("/upload/")
    page.get_by_label("Patient's name").fill("Paula Probe")
    page.get_by_label("Medical record number").fill("55501")
    page.locator("input[type=file]").set_input_files([AUDIO / file for file in files])
    page.locator("main").get_by_role("button", name=re.compile("^Upload")).click()


def test_useless_files_are_refused_with_a_sentence_and_a_remedy(log_in):
    page = log_in("editor")
    send(page, "edge_text_renamed.wav", "edge_silence_10s.wav", "edge_truncated.wav")
    for name in ("edge_text_renamed", "edge_silence_10s", "edge_truncated"):
        row = page.locator("li, tr", has_text=name).first
        expect(row.get_by_role("button", name=re.compile("Remove"))).to_be_visible(timeout=20_000)
    page.goto("/")
    expect(page.get_by_text("Paula Probe")).to_have_count(0)


@pytest.mark.timeout(300)
def test_upload_watch_correct_together_sign_and_take_away(log_in, instance):
    clinician, editor = log_in("clinician"), log_in("editor")
    send(clinician, "human_speech_jfk.flac")
    clinician.get_by_role("link", name=re.compile("Watch")).click(timeout=30_000)
    clinician.wait_for_url(re.compile("/recordings/"))
    fields = clinician.locator("textarea")
    expect(fields.first).to_be_visible(timeout=90_000)
    clinician.wait_for_function(
        "() => [...document.querySelectorAll('textarea')].some(f => !f.readOnly)", timeout=90_000
    )
    text = " ".join(field.input_value() for field in fields.all())
    assert "ask what you can do for your country" in text.lower()
    clinician.reload()
    assert " ".join(field.input_value() for field in fields.all()) == text

    editor.goto(clinician.url)
    field = editor.locator("textarea").first
    field.click()
    field.press("End")
    field.type(" indeed")
    expect(editor.get_by_text("All changes saved")).to_be_visible(timeout=10_000)
    expect(fields.first).to_have_value(re.compile("indeed"), timeout=10_000)

    draft = clinician.request.get(clinician.url + "document.txt").text()
    assert draft.splitlines()[0].strip().endswith(DRAFT)
    confirm_all(clinician)
    sign_button(clinician).click()
    expect(clinician.locator("article")).to_contain_text("indeed")
    sign(clinician, "not the password")
    expect(clinician.get_by_text("This is not your password.")).to_be_visible()
    sign(clinician, instance.users["clinician"]["password"])
    expect(clinician.get_by_text("The document is signed.")).to_be_visible()
    expect(clinician.locator("textarea:not([readonly])")).to_have_count(0)
    expect(editor.locator("textarea:not([readonly])")).to_have_count(0, timeout=10_000)

    pdf = clinician.request.get(clinician.url + "document.pdf")
    pages = PdfReader(io.BytesIO(pdf.body())).pages
    printed = " ".join(page.extract_text() for page in pages)
    assert "indeed" in printed and "Maya Okafor" in printed and DRAFT not in printed
    audit = log_in("auditor")
    expect(audit.locator("table").get_by_text("Signed a document")).to_be_visible()


def sign_button(page: Page) -> Locator:
    return page.locator("main aside").get_by_role("button", name=re.compile("^Sign"))


def confirm_all(page: Page) -> None:
    """To each marked word and Enter, as a clinician does; then the document can be signed."""
    page.locator("textarea").first.click()
    for _ in range(60):
        if sign_button(page).is_enabled():
            return
        page.keyboard.press("Alt+KeyN")
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
    raise AssertionError("marked words are still open")


def sign(page: Page, password: str) -> None:
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Sign document").click()
