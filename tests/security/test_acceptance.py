"""The table of requirements in docs/security.md names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_every_test_that_the_table_names_exists() -> None:
    table = (ROOT / "docs" / "security.md").read_text()
    named = NAMED.findall(table)
    assert len(named) > 50
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.M)
    ]
    assert missing == []


def test_every_requirement_has_its_line() -> None:
    table = (ROOT / "docs" / "security.md").read_text().split("## What is tested")[1]
    numbers = re.findall(r"^\| ([\d, ]+) \|", table, re.M)
    found = {int(number) for cell in numbers for number in cell.split(",")}
    assert found >= {*range(1, 21), 22, 23, 24, 25}
