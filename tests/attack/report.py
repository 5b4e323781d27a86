"""What tools found, what of it is known and why that may stay, and the summary."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    tool: str
    where: str
    what: str


@dataclass(slots=True)
class Result:
    """One tool's part: what it found, what it covered, what it could not finish in its time."""

    tool: str
    covered: str = ""
    findings: list[Finding] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        self.findings.append(Finding(self.tool, where, what))


# (tool, pattern of "where: what", why it may stay). What matches nothing any more should go.
ACCEPTED = [
    (
        "bandit",
        r"config/demo/place\.py.*B104",
        "Compares with the wildcard to say which address a person types; nothing listens there.",
    ),
    (
        "bandit",
        r"config/demo/supervisor\.py.*B310",
        "The supervisor of the demonstration asks its own web process, by an address it made.",
    ),
    (
        "bandit",
        r"(review|transcripts)/(figure_lists|figures|models/\w+|migrations/\w+)\.py.*B608",
        "SQL put together from constants of the module; whatever a request gives is a parameter.",
    ),
    (
        "bandit",
        r"review/worklists\.py.*B6(08|11)",
        "Counts the rows of a queryset by its own statement; its parameters stay parameters.",
    ),
    (
        "bandit",
        r"review/views/screen\.py.*(B308|B703)",
        "JSON in a script element, with the escapes of Django's json_script.",
    ),
    (
        "bandit",
        r"transcripts/engines/data/terms\.py.*B3(01|14)",
        "Run by hand to make the word lists, on files of pinned packages; never while serving.",
    ),
    (
        "secrets",
        r"^(review|transcripts)/(enums|retention)\.py: Secret Keyword",
        "Names of acts and a sentence in which a word like password is on the left.",
    ),
    (
        "secrets",
        r"^(config/settings\.py|deploy/countersign|docs/\w+\.md).*: Basic Auth.*: password$",
        "The word password where one goes in the address of a mail server.",
    ),
    (
        "secrets",
        r"^tests/",
        "Passwords and keys of tests; they open nothing outside of one.",
    ),
]


def reason(finding: Finding) -> str:
    """Why a finding is accepted; empty when it is not."""
    text = f"{finding.where}: {finding.what}"
    for tool, pattern, why in ACCEPTED:
        if tool == finding.tool and re.search(pattern, text):
            return why
    return ""


def summary(results: list[Result]) -> tuple[str, bool]:
    """The summary as text, and whether nothing is left to look at."""
    lines, clean = ["", "What was attacked, and what came of it", ""], True
    for result in results:
        fresh = [one for one in result.findings if not reason(one)]
        known = len(result.findings) - len(fresh)
        clean = clean and not fresh
        state = f"{len(fresh)} findings" if fresh else "nothing found"
        lines.append(f"{result.tool:13} {state}, {known} accepted. {result.covered}".rstrip())
        lines += [f"    FOUND {one.where}: {one.what}" for one in fresh]
        lines += [f"    not finished: {what}" for what in result.unfinished]
    lines += ["", "Accepted, and why:"]
    whys = {(one.tool, reason(one)) for result in results for one in result.findings}
    lines += [f"    {tool}: {why}" for tool, why in sorted(whys) if why]
    return "\n".join(lines), clean
