"""Other people's tools, each bounded in time: bandit, detect-secrets, sqlmap, wapiti, schemathesis.

They live in an environment of their own, .venv-attack (`make attack` makes it).
"""

import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from tests.attack import site as sites
from tests.attack.report import Result
from tests.attack.site import Site

ROOT = Path(__file__).parents[2]
Token = Callable[[], str]  # a new one each time: they last five minutes
BIN = ROOT / ".venv-attack" / "bin"
SOURCES = ("config", "review", "transcripts")
SQLMAP_SECONDS = 60  # an address
SQLMAP_ALL_SECONDS = 300
WAPITI_SECONDS, WAPITI_ATTACK_SECONDS = 30, 10  # a person's crawl, and each kind of attack
WAPITI_KINDS = ("sql", "xss", "permanentxss", "file", "exec", "crlf", "redirect", "csp")
SCHEMATHESIS_SECONDS = 90  # a person
EXAMPLES = 25  # an address
# Who opens which of the addresses.
ROLES = {"/audit/": "auditor", "/thresholds/": "manager", "/destinations/": "manager"}
ROLES |= {"/audit/tail": "auditor", "/dashboard/turnaround/": "manager"}
ROLES |= dict.fromkeys(("/drug-safety/", "/drug-safety/export.csv"), "clinician")


def run(command: list[str], seconds: float, cwd: Path = ROOT) -> tuple[str, bool]:
    """What a program printed, and whether it ended in its time."""
    try:
        ended = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(errors="replace"), False
    return ended.stdout, True


def bandit() -> Result:
    """Python that is known to be dangerous."""
    result = Result("bandit", f"Medium and high, in {', '.join(SOURCES)}.")
    said, _ = run([str(BIN / "bandit"), "-r", *SOURCES, "-ll", "-q", "-f", "json"], 300)
    for one in json.loads(said[said.index("{") :])["results"]:
        result.add(
            f"{one['filename']}:{one['line_number']}", f"{one['test_id']} {one['issue_text']}"
        )
    return result


def secrets() -> Result:
    """Keys and passwords in any line that was ever committed."""
    result = Result("secrets")
    said, done = run([str(BIN / "python"), "-m", "tests.attack.history"], 400)
    if not done:
        result.unfinished.append("the history")
        return result
    *found, covered = said.splitlines()
    result.covered = covered
    for line in found:
        where, _, what = line.partition("\t")
        result.add(where, what)
    return result


def headers(site: Site, path: str, token: Token) -> list[str]:
    if path.startswith("/fhir/"):
        return [f"Authorization: Bearer {token()}"]
    return [f"Cookie: {site.cookies[ROLES.get(path, 'editor')]}"]


def sqlmap(site: Site, token: Token, folder: Path) -> Result:
    """Injection: every parameter of every address that seems to yield, then each of a few whole."""
    result = Result("sqlmap")
    begun, tried = time.monotonic(), 0
    glances = [(path, names, ("--level", "2", "--smart")) for path, names in sites.GETS.items()]
    whole = [(path, names, ("--level", "1")) for path, names in sites.INTO_SQL.items()]
    for path, names, how in glances + whole:
        if not names:
            continue
        left = SQLMAP_ALL_SECONDS - (time.monotonic() - begun)
        if left < 1:
            result.unfinished.append(f"{path} (not begun)")
            continue
        said, done = run(_sqlmap(site, path, names, how, token, folder), min(SQLMAP_SECONDS, left))
        tried += len(names)
        if not done:
            result.unfinished.append(f"{path} ({' '.join(how)})")
        if "is vulnerable" in said or "identified the following injection" in said:
            result.add(path, said[said.index("injection point") :][:400])
    result.covered = f"{tried} parameters: all of {len(sites.GETS)} addresses at a glance, "
    result.covered += f"those of {len(sites.INTO_SQL)} in full."
    return result


def _sqlmap(
    site: Site, path: str, names: list[str], how: tuple[str, ...], token: Token, folder: Path
) -> list[str]:
    address = path.replace("{recording}", site.recording())
    query = "&".join(f"{name}={VALUES.get(name, '1')}" for name in names)
    command = [str(BIN / "sqlmap"), "-u", f"{site.url}{address}?{query}", "--batch", *how]
    command += ["--risk", "1", "--dbms", "PostgreSQL", "--technique", "BEU", "--threads", "2"]
    command += ["--flush-session", "--disable-coloring", "--timeout", "10", "--retries", "1"]
    command += ["-p", ",".join(names), "--output-dir", str(folder)]
    command += ["--ignore-code", "400,404,403,422"]
    for header in headers(site, path, token):
        command += ["-H", header]
    return command


VALUES = {"page": "1", "since": "2026-01-01", "until": "2027-01-01", "date": "ge2026-01-01"}


def wapiti(site: Site, folder: Path) -> Result:
    """Crawls as each role and tries injections, cross-site scripting, files, commands, headers."""
    result = Result("wapiti", "Crawled and attacked as " + ", ".join(site.cookies) + ".")
    for role, cookies in site.cookies.items():
        report = folder / f"wapiti-{role}.json"
        command = [str(BIN / "wapiti"), "-u", f"{site.url}/", "--scope", "folder", "-f", "json"]
        command += ["-m", ",".join(WAPITI_KINDS)]
        command += ["-o", str(report), "-H", f"Cookie: {cookies}", "--flush-session", "-v", "0"]
        command += ["--max-scan-time", str(WAPITI_SECONDS)]
        command += ["--max-attack-time", str(WAPITI_ATTACK_SECONDS)]
        command += ["--store-session", str(folder), "-S", "normal"]
        for out in ("accounts/logout/", "sessions/", "people/"):
            command += ["-x", f"{site.url}/{out}*"]
        longest = WAPITI_SECONDS + len(WAPITI_KINDS) * WAPITI_ATTACK_SECONDS
        _, done = run(command, longest + 60)  # it ends what it began, and writes its report
        if not done or not report.exists():
            result.unfinished.append(role)
            continue
        said = json.loads(report.read_text())
        for kinds in (said["vulnerabilities"], said["anomalies"]):
            for kind, found in kinds.items():
                for one in found:
                    result.add(f"{one['method']} {one['path']}", f"{kind}: {one['info'][:200]}")
    return result


def schemathesis(site: Site, token: Token, folder: Path) -> Result:
    """Anything, to every address that machines and scripts use: no answer may be a failure."""
    path = sites.write_description(site, folder)
    result = Result("schemathesis", f"{EXAMPLES} examples for each of {len(sites.GETS)} GETs, ")
    result.covered += f"{len(sites.POSTS)} POSTs, as an editor; what only others may ask, as these."
    for who in ("editor", "clinician", "auditor", "manager", "FHIR"):
        header = f"Cookie: {site.cookies.get(who)}"
        if who == "FHIR":
            header = f"Authorization: Bearer {token()}"
        report = folder / f"schemathesis-{who}.xml"
        command = [str(BIN / "schemathesis"), "run", str(path), "--base-url", site.url]
        command += ["-c", "not_a_server_error", "-H", header, "-H", f"X-CSRFToken: {sites.CSRF}"]
        command += ["-H", "Tus-Resumable: 1.0.0"]
        command += ["--hypothesis-max-examples", str(EXAMPLES), "--hypothesis-derandomize"]
        command += [
            "--hypothesis-suppress-health-check",
            "all",
            "--request-timeout",
            "20000",
            "--workers",
            "2",
        ]
        command += ["--junit-xml", str(report), "--no-color"]
        if who != "editor":  # editors ask for everything, others for what is theirs alone
            mine = ["/fhir/"] + [path for path, role in ROLES.items() if role == who]
            mine = mine[:1] if who == "FHIR" else mine[1:]
            command += ["--include-path-regex", "^(" + "|".join(map(re.escape, mine)) + ")"]
        said, done = run(command, SCHEMATHESIS_SECONDS)
        if not done or not report.exists():
            result.unfinished.append(f"{who} {said[-200:]}".strip())
            continue
        for case in ElementTree.parse(report).iter("testcase"):
            for failed in (*case.iter("failure"), *case.iter("error")):
                result.add(case.get("name", ""), " ".join((failed.text or "").split())[:300])
    return result
