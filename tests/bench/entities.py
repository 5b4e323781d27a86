"""Precision and recall of clinical entities on annotated texts. Not a test: run it by hand.

    python -m tests.bench.entities [FILE...]

Without files: the three texts the rules were written with (nlp_dev.jsonl), then six that were
annotated before the rules were first run on them (nlp_held_out.jsonl); the second figure is the
one to believe. A find counts as exact with the very same place, as overlap when it shares a
character with one of the same category and type group; traits are scored on what overlaps.
Both sets are small and our own: they find mistakes and promise nothing.
"""

import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from transcripts.engines import entities, icd

HERE = Path(__file__).parent.parent / "text"
FILES = ("nlp_dev.jsonl", "nlp_held_out.jsonl")
# Types that differ in name only.
SAME = {"BRAND_NAME": "GENERIC_NAME", "PROCEDURE_NAME": "TEST_NAME", "TREATMENT_NAME": "TEST_NAME"}
SAME |= {f"TIME_TO_{what}_NAME": "TIME" for what in ("DX", "TEST", "MEDICATION", "PROCEDURE")}
CELLS = (
    *(("exact", "found"), ("right", "found")),
    *(("caught exact", "wanted"), ("caught", "wanted")),
)
Place = tuple[int, int, str, str, frozenset[str]]


def places(found: dict[str, Any]) -> list[Place]:
    """Entities and their attributes as (begin, end, category, type, traits)."""
    result = {}
    every = [part for one in found["Entities"] for part in (one, *one["Attributes"])]
    every += [one["Attribute"] for one in found["UnmappedAttributes"]]
    for one in every:
        kind = SAME.get(one["Type"], one["Type"])
        traits = frozenset(trait["Name"] for trait in one.get("Traits", ()))
        place = (one["BeginOffset"], one["EndOffset"])
        result[*place, kind] = (*place, one["Category"], kind, traits)
    return list(result.values())


def truth_of(row: dict[str, Any]) -> list[Place]:
    return [
        (
            e["begin"],
            e["end"],
            e["category"],
            SAME.get(e["type"], e["type"]),
            frozenset(e["traits"]),
        )
        for e in row["entities"]
    ]


def score(rows: list[dict[str, Any]], say: Any = print) -> dict[str, Counter[str]]:
    """Counts by category: found, wanted, exact, right (found that overlap), caught (wanted)."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        found = places(entities.LocalLanguage().detect_entities_v2(row["text"]))
        truth = truth_of(row)
        for one in found:
            count = counts.setdefault(one[2], Counter())
            match = [t for t in truth if _overlap(one, t)]
            count["found"] += 1
            count["right"] += bool(match)
            count["exact"] += any(t[:2] == one[:2] for t in match)
            if not match and one[3] != "TEST_UNIT":
                say(f"  too much  {row['id']}: {one[3]} {row['text'][one[0] : one[1]]!r}")
        for one in truth:
            count = counts.setdefault(one[2], Counter())
            match = [f for f in found if _overlap(f, one)]
            count["wanted"] += 1
            count["caught"] += bool(match)
            count["caught exact"] += any(f[:2] == one[:2] for f in match)
            if not match:
                say(f"  missed    {row['id']}: {one[3]} {row['text'][one[0] : one[1]]!r}")
            elif one[2] == "MEDICAL_CONDITION":
                _negation(counts.setdefault("negation", Counter()), one, match[0], row, say)
    return counts


def _negation(count: Counter[str], one: Place, found: Place, row: dict[str, Any], say: Any) -> None:
    wanted, got = "NEGATION" in one[4], "NEGATION" in found[4]
    count["wanted"] += wanted
    count["found"] += got
    for name in ("right", "exact", "caught", "caught exact"):
        count[name] += wanted and got
    if wanted != got:
        say(f"  negation  {row['id']}: {row['text'][one[0] : one[1]]!r} wanted {wanted}")


def _overlap(a: Place, b: Place) -> bool:
    return a[2:4] == b[2:4] and a[0] < b[1] and b[0] < a[1]


def table(counts: dict[str, Counter[str]]) -> None:
    print("| category | wanted | found | precision exact | overlap | recall exact | overlap |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, c in sorted(counts.items()):
        cells = [str(c["wanted"]), str(c["found"])]
        for part, whole in (
            ("exact", "found"),
            ("right", "found"),
            ("caught exact", "wanted"),
            ("caught", "wanted"),
        ):
            cells.append(f"{c[part] / c[whole]:.2f}" if c[whole] else "-")
        print(f"| {name} | {' | '.join(cells)} |")


def speed(rows: list[dict[str, Any]]) -> None:
    """CPU milliseconds for 1,000 words, best of five; resident megabytes with everything loaded."""
    text = " ".join(row["text"] for row in rows)
    text = " ".join([text] * (1 + 1000 // len(text.split())))
    words, engine, times = len(text.split()), entities.LocalLanguage(), []
    for _ in range(5):
        begun = time.process_time()
        engine.detect_entities_v2(text)
        times.append((time.process_time() - begun) * 1e6 / words)
    engine.infer_icd10_cm("cough")
    begun = time.process_time()
    engine.infer_icd10_cm(text)
    codes = (time.process_time() - begun) * 1e6 / words
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\n{min(times):.1f} ms for 1,000 words; with ICD-10-CM candidates {codes:.1f} ms; "
        f"{resident:.0f} MB resident (the interpreter included)"
    )
    assert icd.index()


def main(files: list[str]) -> None:
    rows = []
    for file in files:
        part = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
        print(f"\n## {Path(file).name}: {len(part)} texts")
        table(score(part))
        rows += part
    speed(rows)


if __name__ == "__main__":
    main(sys.argv[1:] or [str(HERE / name) for name in FILES])
