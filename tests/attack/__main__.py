"""Attacks a Countersign that it starts itself: `make attack`, `make attack ONLY="sqlmap wapiti"`.

Every part is bounded in time. Ends with a summary, and with 1 when anything was found that is not
in the list of what is accepted (report.py).
"""

import json
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests import services

services.start_django()

from tests.attack import site as sites  # noqa: E402
from tests.attack import tools, uploads  # noqa: E402
from tests.attack.report import Result, reason, summary  # noqa: E402

SOURCE = {"bandit": tools.bandit, "secrets": tools.secrets}
SERVED: dict[str, Callable[[sites.Site, tools.Token, Path], Result]] = {
    "uploads": lambda site, token, folder: uploads.live(site),
    "schemathesis": tools.schemathesis,
    "sqlmap": tools.sqlmap,
    # Last: signed in as a manager it sends every form, also the one that revokes the key.
    "wapiti": lambda site, token, folder: tools.wapiti(site, folder),
}


def main(only: list[str]) -> int:
    chosen = only or [*SOURCE, *SERVED]
    if unknown := set(chosen) - {*SOURCE, *SERVED}:
        print(f"There is no part {', '.join(unknown)}; choose of {', '.join([*SOURCE, *SERVED])}.")
        return 2
    results = [timed(name, SOURCE[name]) for name in chosen if name in SOURCE]
    served = [name for name in chosen if name in SERVED]
    if served:
        with sites.running() as site, tempfile.TemporaryDirectory() as folder:
            for name in served:
                part = SERVED[name]
                results.append(timed(name, lambda part=part: part(site, token(site), Path(folder))))
            results.append(after(site))
    text, clean = summary(results)
    print(text)
    return 0 if clean else 1


def timed(name: str, part: Callable[[], Result]) -> Result:
    begun = time.monotonic()
    print(f"{name} …", end="", flush=True)
    result = part()
    known, found = sum(map(bool, map(reason, result.findings))), len(result.findings)
    print(f" {time.monotonic() - begun:.0f} s, {found - known} findings", flush=True)
    return result


def token(site: sites.Site) -> tools.Token:
    """Fetches a token of the FHIR endpoint whenever it is called."""
    asked = {"grant_type": "client_credentials", "client_id": site.key.access_key_id}
    body = urllib.parse.urlencode(asked | {"client_secret": site.key.secret}).encode()

    def fetch() -> str:
        with urllib.request.urlopen(f"{site.url}/fhir/token", body, timeout=20) as answer:
            return json.load(answer)["access_token"]

    return fetch


def after(site: sites.Site) -> Result:
    """The server is still well, and nothing that it logged is a failure."""
    result = Result("the server", "Answers after everything, and logged no failure.")
    with urllib.request.urlopen(f"{site.url}/readyz", timeout=20) as answer:
        if answer.status != 200:
            result.add("/readyz", str(answer.status))
    for line in site.log.splitlines():
        if "status=5" in line or "Traceback" in line:
            result.add("log", line[:300])
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
