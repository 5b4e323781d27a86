"""Calibrations of documents, and what they do on documents signed after all that they know. Pure.

Documents are taken in the order in which they were signed, in blocks. The words of a block are
scored by a fit on the blocks before it alone, those of the first by the prior; so every figure of a
report is about documents that its fit had not seen. The fit that is used from now on knows all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from review.threshold import calibration, curves, points
from review.threshold.columns import Columns
from review.threshold.kinds import CRITICAL, Kind
from review.threshold.tables import ALL, IDENTITY, LAST, Calibrated, Tables, tables_for

BLOCKS = 4  # before the last, which has the documents that a change is previewed on
AT = 0.15  # words flagged, for the one figure that is compared everywhere


@dataclass(frozen=True, slots=True)
class Document:
    """A signed document: its labels as numpy arrays, and what it is."""

    type: str
    specialty: str
    columns: Columns


def document(type: str, specialty: str, columns: Columns) -> Document:
    """A document from its columns as they are kept."""
    names = ("raw", "shown", "kind", "changed", "critical", "flagged")
    raw, shown, kind, *facts = (np.asarray(getattr(columns, name)) for name in names)
    return Document(type, specialty, Columns(raw, shown, kind, *(f.astype(bool) for f in facts)))


@dataclass(frozen=True, slots=True)
class Scored:
    """A document's words as each ranking scores them: higher is surer."""

    document: Document
    raw: np.ndarray
    calibrated: np.ndarray
    classes: np.ndarray


def fit(documents: Sequence[Document], prior: Tables | None) -> Calibrated:
    """Tables for each type among the documents; `prior` is the bundled recordings', if any."""
    made: Calibrated = {}
    for kind in sorted({each.type for each in documents}):
        made[kind] = tables([each.columns for each in documents if each.type == kind], prior)
    return made


def tables(columns: Sequence[Columns], prior: Tables | None) -> Tables:
    """One table for all words, and one for each class that leans on its prior, or on all."""
    raw, kept, kinds = (_joined(columns, name) for name in ("raw", "changed", "kind"))
    kept = ~kept.astype(bool)
    made = {ALL: calibration.fit(raw, kept, (prior or {}).get(ALL, IDENTITY))}
    for kind in Kind:
        mine = kinds == kind
        parent = prior[kind.name] if prior else made[ALL]
        made[kind.name] = calibration.fit(raw[mine], kept[mine], parent)
    return made


def scored(documents: Sequence[Document], prior: Tables | None) -> list[Scored]:
    """Documents in the order of signing, each scored by a fit on earlier blocks."""
    found: list[Scored] = []
    edges = blocks(len(documents))
    for first, end in zip(edges, edges[1:], strict=False):
        fitted = fit(documents[:first], prior)
        found += [score(each, fitted, prior) for each in documents[first:end]]
    return found


def blocks(many: int) -> list[int]:
    """Where blocks begin, and the end: the last has up to 20 documents, at most a third of all."""
    last = many - min(LAST, max(1, many // 3))
    edges = {round(last * n / BLOCKS) for n in range(BLOCKS + 1)}
    return sorted(edges | {0, many})


def score(document: Document, fitted: Calibrated, prior: Tables | None) -> Scored:
    """The words of a document under a fit, or under the prior where that has no such type."""
    used = tables_for(document.type, fitted, prior)
    columns = document.columns
    by_class = np.empty(len(columns))
    for kind in Kind:
        mine = columns.kind == kind
        by_class[mine] = calibration.read(used[kind.name], columns.raw[mine])
    everything = calibration.read(used[ALL], columns.raw)
    return Scored(document, columns.raw, everything, by_class)


def report(found: Sequence[Scored], group: Sequence[int] | None = None) -> dict[str, Any]:
    """Curves, reliability and sizes of documents that were scored without having been known.

    Intervals take each document for one draw, or, by `group`, those with one number together.
    """
    columns = [each.document.columns for each in found]
    changed = _joined(columns, "changed").astype(bool)
    kinds = _joined(columns, "kind")
    number = np.repeat(group or range(len(found)), [len(each) for each in columns]).astype(int)
    critical = np.isin(kinds, CRITICAL)
    scores = {
        name: np.concatenate([getattr(each, name) for each in found] or [np.zeros(0)])
        for name in points.RANKINGS
    }
    made = {name: curves.curve(of, changed, critical, number) for name, of in scores.items()}
    return {
        "documents": len(found),
        "words": len(changed),
        "changed": int(changed.sum()),
        "critical_words": int(critical.sum()),
        "critical_changed": int((changed & critical).sum()),
        "kinds": {
            kind.name: {
                "words": int((kinds == kind).sum()),
                "changed": int(changed[kinds == kind].sum()),
            }
            for kind in Kind
        },
        "rankings": made,
        "at": {name: points.at(curve, AT) for name, curve in made.items() if curve},
        "reliability": {name: curves.reliability(of, ~changed) for name, of in scores.items()},
    }


def reports(found: Sequence[Scored]) -> dict[str, dict[str, Any]]:
    """A report for all documents, for each type, and for each type and specialty with enough.

    Keys are "", "TYPE" and "TYPE/SPECIALTY", and "/SPECIALTY" for both types.
    """
    groups: dict[str, list[Scored]] = {"": list(found)}
    for each in found:
        document = each.document
        for key in (
            document.type,
            f"{document.type}/{document.specialty}",
            f"/{document.specialty}",
        ):
            groups.setdefault(key, []).append(each)
    return {key: report(part) for key, part in groups.items() if not key or len(part) >= 5}


def _joined(columns: Sequence[Columns], name: str) -> np.ndarray:
    return np.concatenate([getattr(each, name) for each in columns] or [np.zeros(0)])
