"""A signed document from its download to the page where anyone checks it, and an addendum to it."""

from pathlib import Path

from playwright.sync_api import expect


def checked(page, path: Path):
    page.goto("/verify/")
    page.get_by_label("Signed package").set_input_files(path)
    return page.locator("#result .banner")


def test_what_is_downloaded_holds_and_what_was_changed_does_not(window, tmp_path):
    page = window("signed", role="clinician")
    with page.expect_download() as download:
        page.get_by_role("link", name="Signed package").click()
    package = tmp_path / "package.json"
    download.value.save_as(package)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.method))
    result = checked(page, package)
    expect(result).to_contain_text("The signature holds")
    expect(result).to_contain_text("author-attested")
    page.get_by_label("Recording").set_input_files(package)
    expect(result).to_contain_text("not the recording that was signed for")
    assert set(requests) == {"GET"}, "the file stays in the browser"

    changed = tmp_path / "changed.json"
    changed.write_bytes(package.read_bytes().replace(b"Carla Example", b"Clara Example", 1))
    expect(checked(page, changed)).to_contain_text("The text was changed")


def test_an_addendum_is_written_read_and_signed(window, desk):
    page = window("signed", role="clinician")
    card = page.locator("[data-slot=additions]")
    card.get_by_role("link", name="Add to it or amend it…").click()
    page.get_by_label("Why").fill("Result came in later.")
    page.get_by_label("Text", exact=True).fill("Potassium was 4.1.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign addendum")
    expect(page.locator(".paper-addition")).to_contain_text("Potassium was 4.1.")
    page.get_by_label("Your password").fill(desk.states["password"])
    page.get_by_role("button", name="Sign addendum").click()
    expect(card).to_contain_text("Potassium was 4.1.")
    expect(page.locator("[data-slot=state]")).to_have_text("Signed and amended")
