"""Nobody there: a warning, then a blank screen; what was typed is there after the next log-in."""

import pytest
from playwright.sync_api import expect

from tests.browser import desk as desks
from tests.browser.desk import AREA

AGE = """
from datetime import timedelta
from django.db.models import F
from transcripts.models import BrowserSession
BrowserSession.objects.update(active_at=F("active_at") - timedelta(minutes=16))
answer = None
"""


@pytest.fixture(scope="module")
def desk():
    with desks.running("conflict") as one:
        yield one


def test_an_idle_screen_is_blanked_and_the_open_edit_is_there_again(browser, desk):
    context = desk.window(browser, "editor")
    page = context.new_page()
    page.clock.install()
    page.goto(desk.states["conflict"])
    expect(page.locator("#review")).to_have_attribute("data-ready", "")
    # The server has the last word: it knows of no key since the page was opened.
    desk.run(AGE.replace("minutes=16", "minutes=13, seconds=30"))
    page.clock.fast_forward(13 * 60_000 + 30_000)
    expect(page.get_by_role("dialog")).to_contain_text("Are you still there?")
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    desk.run(AGE)
    page.locator(AREA).nth(1).focus()
    page.keyboard.press("End")
    page.keyboard.type(" and never slept")
    page.clock.run_for(70_000)
    expect(page.get_by_role("dialog")).to_contain_text("You are signed out")
    expect(page.locator("#review")).to_be_hidden()
    assert page.title() == "Signed out · Countersign"
    expect(page.locator(AREA).nth(1)).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Username").fill(desk.states["users"]["editor"])
    page.get_by_label("Password", exact=True).fill(desk.states["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{desk.states['conflict']}")
    page.clock.run_for(10_000)
    expect(page.locator(AREA).nth(1)).to_have_value(
        "I have had this cough for about three weeks. and never slept"
    )
    page.clock.run_for(10_000)
    expect(page.get_by_text("All changes saved")).to_be_visible()
    context.close()


def test_a_security_key_is_added_and_then_asked_for(browser, desk):
    context = desk.window(browser, "clinician")
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": False,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    page.goto(desk.url.replace("127.0.0.1", "localhost") + "/accounts/login/")
    sign_in(page, desk)
    page.goto(page.url.rsplit("/", 1)[0] + "/accounts/2fa/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(desk.states["password"])
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/recovery-codes/**")
    page.context.clear_cookies()
    page.goto(page.url.split("/accounts")[0] + "/accounts/login/")
    sign_in(page, desk)
    page.wait_for_url("**/2fa/authenticate/**")
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(lambda url: "2fa" not in url and "login" not in url)
    context.close()


def sign_in(page, desk) -> None:
    page.get_by_label("Username").fill(desk.states["users"]["clinician"])
    page.get_by_label("Password", exact=True).fill(desk.states["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "login" not in url)
