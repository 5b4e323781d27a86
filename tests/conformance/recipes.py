"""The code blocks of docs/aws-clients.md, ready to run: so that what people copy cannot rot."""

import re
from pathlib import Path

from tests.conformance.server import ROOT, Server

PAGE = ROOT / "docs" / "aws-clients.md"
ADDRESS = "https://countersign.example.org"


def blocks(heading: str, language: str) -> list[str]:
    """The blocks in `language` below the `## heading`, as they stand on the page."""
    text = PAGE.read_text(encoding="utf-8")
    part = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = re.findall(rf"^```{language}\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    assert found, f"no {language} below {heading}"
    return found


def filled(block: str, server: Server, *, job: str) -> str:
    """The block with the server's address, key and bucket in place of the page's."""
    for shown, own in (
        (ADDRESS, server.url),
        ("AKIA…", server.key.access_key_id),
        ("…", server.key.secret),
        ("visit-2231", job),
        ("northgate", server.key.bucket),
    ):
        block = block.replace(shown, own)
    assert "example" not in block
    return block


def script(folder: Path, name: str, block: str) -> Path:
    path = folder / name
    path.write_text(block, encoding="utf-8")
    return path
