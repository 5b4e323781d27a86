"""Secrets in any line that was ever committed: `.venv-attack/bin/python -m tests.attack.history`.

Prints path, tab and what for each kind of secret in each file, then what was covered. Kinds that
are only long and random are left out: this repository is full of hashes, which are none.
"""

import subprocess
import sys

from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings

KINDS = [
    *("AWSKeyDetector", "ArtifactoryDetector", "AzureStorageKeyDetector", "BasicAuthDetector"),
    *("CloudantDetector", "DiscordBotTokenDetector", "GitHubTokenDetector", "GitLabTokenDetector"),
    *("IbmCloudIamDetector", "IbmCosHmacDetector", "JwtTokenDetector", "KeywordDetector"),
    *("MailchimpDetector", "NpmDetector", "OpenAIDetector", "PrivateKeyDetector"),
    *("PypiTokenDetector", "SendGridDetector", "SlackDetector", "SoftlayerDetector"),
    *("SquareOAuthDetector", "StripeDetector", "TelegramBotTokenDetector", "TwilioKeyDetector"),
]
LOCKS = ("package-lock.json", "requirements")
LONGEST = 2000


def main() -> None:
    command = [
        "git",
        "log",
        "--all",
        "-p",
        "--no-color",
        "--unified=0",
        "--format=",
        "--no-renames",
    ]
    history = subprocess.run(command, capture_output=True, check=True).stdout
    path, seen, found, commits = "", set(), {}, 0
    with transient_settings({"plugins_used": [{"name": name} for name in KINDS]}):
        for raw in history.split(b"\n"):
            if raw.startswith(b"+++ "):
                path = raw[6:].decode(errors="replace")
            elif raw.startswith(b"+") and not path.startswith(LOCKS) and len(raw) < LONGEST:
                line = raw[1:].decode(errors="replace").strip()
                if len(line) < 8 or (path, line) in seen:
                    continue
                seen.add((path, line))
                for secret in scan_line(line):
                    found.setdefault((path, secret.type), []).append(secret.secret_value)
    commits = subprocess.run(
        ["git", "rev-list", "--all", "--count"], capture_output=True, text=True
    )
    for (path, kind), values in sorted(found.items()):
        print(f"{path}\t{kind}: {', '.join(str(v)[:12] for v in values[:5])}")
    commits = git("rev-list", "--all", "--count").decode().strip()
    print(f"{len(seen)} lines of {commits} commits.")


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], capture_output=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
