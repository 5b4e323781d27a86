"""What the bundled recordings say about a model until enough is signed. Pure.

prior.json holds scores, classes and labels of words of the recordings of tests/audio, and no words;
`python -m tests.bench.thresholds --prior` writes it. Models that were never measured have none.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from review.threshold.tables import Tables

FILE = Path(__file__).parent / "prior.json"


@dataclass(frozen=True, slots=True)
class Prior:
    """Tables of all recordings, and the report of fits that had not seen what they judged."""

    tables: Tables
    report: dict[str, Any]
    recordings: int


@cache
def of(model: str) -> Prior | None:
    """The prior of a model named like tiny.en@1a5afae06a4d."""
    data = json.loads(FILE.read_text())
    if not model or model.rpartition("@")[2] != data["model"].rpartition("@")[2]:
        return None
    return Prior(data["tables"], data["report"], data["recordings"])
