"""The documentation holds together; `make docs` makes a site of it and is stricter."""

import re
from pathlib import Path

import pytest

from tests.bench.all import PLAN

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("**/*.md"))
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    missing = [to for to in LINK.findall(page.read_text()) if not (page.parent / to).is_file()]
    assert not missing


def test_every_page_stands_in_the_table_of_contents() -> None:
    entries = set()
    for index in (DOCS / "index.md", DOCS / "adr" / "index.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", index.read_text(), re.S):
            names = [line for line in block.split() if not line.startswith(":")]
            entries |= {found for name in names for found in index.parent.glob(f"{name}.md")}
    assert entries == set(PAGES) - {DOCS / "index.md"}


def test_every_bench_of_the_table_has_its_limits_explained() -> None:
    explained = (DOCS / "performance.md").read_text().partition("## The figures")[2]
    rows = re.findall(r"^\| (\w+) \|", explained.partition("\n## ")[0], re.M)
    assert set(rows) - {"bench"} == set(PLAN)
