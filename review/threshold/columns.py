"""The labels of one document as compact columns of numbers: six bytes a word, compressed. Pure."""

import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

UNIT = 10_000  # scores are stored in steps of 1/10,000
MOST = 1_000_000  # words of one document; four hours have 40,000
CHANGED, CRITICAL, FLAGGED = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Columns:
    """One entry a word: raw score and score as shown in 0..1, class, and three facts (0 or 1).

    `changed`: the signed text has something else; `critical`: under a critical mark of a safety
    check; `flagged`: marked because of its score when the review opened. Sequences of any kind:
    arrays when unpacked, numpy's where they are computed with.
    """

    raw: Any
    shown: Any
    kind: Any
    changed: Any
    critical: Any
    flagged: Any

    def __len__(self) -> int:
        return len(self.raw)


def pack(columns: Columns) -> bytes:
    """As bytes for the database. ValueError for more words than a recording can have."""
    if len(columns) > MOST:
        raise ValueError("too many words for one document")
    facts = array(
        "B",
        (
            bool(changed) * CHANGED + bool(critical) * CRITICAL + bool(flagged) * FLAGGED
            for changed, critical, flagged in zip(
                columns.changed, columns.critical, columns.flagged, strict=True
            )
        ),
    )
    kinds = array("B", map(int, columns.kind))
    return zlib.compress(
        _units(columns.raw) + _units(columns.shown) + bytes(kinds) + bytes(facts), 9
    )


def unpack(data: bytes) -> Columns:
    """What pack() made. ValueError when it is something else."""
    opener = zlib.decompressobj()
    try:
        plain = opener.decompress(data, MOST * 6)
    except zlib.error:
        raise ValueError("these are no columns of labels") from None
    if not opener.eof or len(plain) % 6:
        raise ValueError("these are no columns of labels")
    n = len(plain) // 6
    facts = plain[5 * n :]
    return Columns(
        _shares(plain[: 2 * n]),
        _shares(plain[2 * n : 4 * n]),
        array("B", plain[4 * n : 5 * n]),
        *(
            array("B", (fact & wanted > 0 for fact in facts))
            for wanted in (CHANGED, CRITICAL, FLAGGED)
        ),
    )


def _units(scores: Iterable[float]) -> bytes:
    found = array("H", (round(min(1.0, max(0.0, s if s == s else 0.0)) * UNIT) for s in scores))
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


def _shares(data: bytes) -> Sequence[float]:
    units = array("H", data)
    if sys.byteorder == "big":
        units.byteswap()
    return array("d", (unit / UNIT for unit in units))
