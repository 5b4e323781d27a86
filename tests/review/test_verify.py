"""Checking outside: the page and the programs are for anyone, and agree with each other."""

import subprocess
import sys
from pathlib import Path

import pytest

from review.release import verify
from tests.rows import signed

SAMPLE = Path(__file__).parent.parent / "js" / "verify" / "package.json"


def test_the_package_that_the_browsers_check_is_tested_with_holds():
    assert len(verify.check(SAMPLE.read_bytes())) == 2


def test_the_page_and_the_programs_need_no_log_in(client, db):
    assert client.get("/verify/").status_code == 200
    for name in ("document", "audit"):
        answer = client.get(f"/verify/{name}.py")
        assert answer["Content-Disposition"] == f'attachment; filename="verify_{name}.py"'
    assert client.get("/verify/settings.py").status_code == 404


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async")
@pytest.mark.django_db
def test_what_is_downloaded_is_checked_by_what_is_downloaded(cast, as_, review, tmp_path):
    signed(review, cast)
    browser = as_(cast.clinician)
    program, package = tmp_path / "verify.py", tmp_path / "package.json"
    program.write_bytes(b"".join(browser.get("/verify/document.py").streaming_content))
    where = f"/recordings/{review.recording_id}/document.proof"
    package.write_bytes(browser.get(where).content)
    audio = tmp_path / "audio"
    audio.write_bytes(b"".join(browser.get(f"/recordings/{review.recording_id}/audio")))
    command = [sys.executable, "-I", program, package, "--audio", audio]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "author-attested  Carla Example, MD" in done.stdout and "ok: 1 signature" in done.stdout
