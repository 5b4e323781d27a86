"""Precision and recall of the PHI rules on annotated texts. Not a test: run it by hand.

    python -m tests.bench.phi [FILE]

Each line is {"text", "entities": [{"begin", "end", "category", "type"}]}. A find counts when it
overlaps an entity of the same type; "exact" counts those with the very same words. The types of
the texts that the rules name otherwise are mapped. Three texts say little: the figures find
mistakes, they do not promise anything.
"""

import json
import sys
from pathlib import Path

from transcripts.engines.formatting import written
from transcripts.engines.phi import detect
from transcripts.engines.spoken import said

PHI = "PROTECTED_HEALTH_INFORMATION"
SAME = {"PHONE_OR_FAX": "PHONE"}


def line_of(text: str) -> tuple[dict, list[tuple[int, int]]]:
    """The text as one line, and the place of each item in it."""
    items, places, at = [], [], 0
    for token in text.split():
        begin = text.index(token, at)
        at = begin + len(token)
        bare = token.rstrip(".,?:;")
        for content, kind in ((bare, "pronunciation"), (token[len(bare) :], "punctuation")):
            if content:
                time = None if kind == "punctuation" else float(begin)
                item = {"type": kind, "content": content, "start": time, "end": time}
                items.append(item | {"confidence": None, "raw_confidence": None})
                places.append((begin, begin + len(bare)))
    line = {"start": 0.0, "end": float(at), "speaker": None, "channel": None, "items": items}
    return line, places


def main(path: str) -> None:
    found = wanted = hits = exact = caught = 0
    for row in map(json.loads, Path(path).read_text(encoding="utf-8").splitlines()):
        line, places = line_of(row["text"])
        truth = [e for e in row["entities"] if e["category"] == PHI]
        finds = []
        for entity in detect([line]):
            first, last = entity["items"]
            finds.append((places[first][0], places[last][1], entity["type"]))
        for begin, end, kind in finds:
            match = [
                e
                for e in truth
                if SAME.get(e["type"], e["type"]) == kind and e["begin"] < end and begin < e["end"]
            ]
            hits += bool(match)
            exact += any((e["begin"], e["end"]) == (begin, end) for e in match)
            if not match:
                print(f"  too much  {row['id']}: {kind} {row['text'][begin:end]!r}")
        for entity in truth:
            overlaps = any(b < entity["end"] and entity["begin"] < e for b, e, _ in finds)
            caught += overlaps
            if not overlaps:
                print(f"  missed    {row['id']}: {entity['type']} {entity['text']!r}")
        found, wanted = found + len(finds), wanted + len(truth)
        after = detect(written([line], type="DICTATION", specialty="FAMILYMEDICINE"))
        print(f"{row['id']}: {len(finds)} found, {len(after)} in the written form")
        assert said(line["items"][0])
    print(f"precision {hits}/{found}, of these exact {exact}; recall {caught}/{wanted}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/text/nlp_dev.jsonl")
