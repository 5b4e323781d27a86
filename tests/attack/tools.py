"""Other people's tools, each bounded in time: bandit, detect-secrets, sqlmap, wapiti, schemathesis.

They live in an environment of their own, .venv-attack (`make attack` makes it).
"""

import json
import subprocess
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
SQLMAP_SECONDS = 90  # an address, all its parameters
WAPITI_SECONDS = 180  # a person
SCHEMATHESIS_SECONDS = 240
EXAMPLES = 40  # an address
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
    """Injection into each parameter of each address."""
    result = Result("sqlmap")
    tried = 0
    for path, names in sites.GETS.items():
        if not names:
            continue
        address = path.replace("{recording}", site.recording())
        query = "&".join(f"{name}={VALUES.get(name, '1')}" for name in names)
        command = [str(BIN / "sqlmap"), "-u", f"{site.url}{address}?{query}", "--batch"]
        command += ["--level", "2", "--risk", "1", "--dbms", "PostgreSQL", "--technique", "BEUS"]
        command += ["--flush-session", "--disable-coloring", "--threads", "2", "--timeout", "10"]
        command += ["-p", ",".join(names), "--output-dir", str(folder)]
        command += ["--ignore-code", "400,404,403,422"]
        for header in headers(site, path, token):
            command += ["-H", header]
        said, done = run(command, SQLMAP_SECONDS)
        tried += len(names)
        if not done:
            result.unfinished.append(f"{path} ({SQLMAP_SECONDS} s)")
        if "is vulnerable" in said or "identified the following injection" in said:
            result.add(path, said[said.index("injection point") :][:400])
    result.covered = f"{tried} parameters of {len(sites.GETS)} addresses, level 2."
    return result


VALUES = {"page": "1", "since": "2026-01-01", "until": "2027-01-01", "date": "ge2026-01-01"}


def wapiti(site: Site, folder: Path) -> Result:
    """Crawls as each role and tries injections, cross-site scripting, files, commands, headers."""
    result = Result("wapiti", "Crawled and attacked as " + ", ".join(site.cookies) + ".")
    for role, cookies in site.cookies.items():
        report = folder / f"wapiti-{role}.json"
        command = [str(BIN / "wapiti"), "-u", f"{site.url}/", "--scope", "folder", "-f", "json"]
        command += ["-m", "sql,xss,permanentxss,file,exec,crlf,redirect,csp"]
        command += ["-o", str(report), "-H", f"Cookie: {cookies}", "--flush-session", "-v", "0"]
        command += ["--max-scan-time", str(WAPITI_SECONDS), "--max-attack-time", "60"]
        command += ["--store-session", str(folder), "-S", "normal"]
        for out in ("accounts/logout/", "sessions/", "people/"):
            command += ["-x", f"{site.url}/{out}*"]
        _, done = run(command, WAPITI_SECONDS + 120)
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
    result.covered += f"{len(sites.POSTS)} POSTs, as editor, auditor, manager and FHIR client."
    for who in ("editor", "auditor", "manager", "FHIR"):
        header = f"Cookie: {site.cookies.get(who)}"
        if who == "FHIR":
            header = f"Authorization: Bearer {token()}"
        report = folder / f"schemathesis-{who}.xml"
        command = [str(BIN / "schemathesis"), "run", str(path), "--base-url", site.url]
        command += ["-c", "not_a_server_error", "-H", header, "-H", f"X-CSRFToken: {sites.CSRF}"]
        command += ["--hypothesis-max-examples", str(EXAMPLES), "--hypothesis-derandomize"]
        command += ["--hypothesis-suppress-health-check", "all", "--request-timeout", "20000"]
        command += ["--junit-xml", str(report), "--no-color"]
        if who == "FHIR":
            command += ["--include-path-regex", "^/fhir/"]
        said, done = run(command, SCHEMATHESIS_SECONDS)
        if not done or not report.exists():
            result.unfinished.append(f"{who} {said[-200:]}".strip())
            continue
        for case in ElementTree.parse(report).iter("testcase"):
            for failed in (*case.iter("failure"), *case.iter("error")):
                result.add(case.get("name", ""), " ".join((failed.text or "").split())[:300])
    return result
