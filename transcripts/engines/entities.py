"""Clinical entities in a text, found by terms and rules; response dicts as Comprehend Medical's.

An aid to reading, not a coding: what is not in the lists is not found. `Score` is the fixed
strength of the rule that fired, not a probability that was measured.
"""

from collections.abc import Sequence
from typing import Any

from transcripts.engines import entities_build as build
from transcripts.engines import entities_phi, icd
from transcripts.engines.lexicon import VERSION
from transcripts.engines.turns import Turn

MODEL = f"countersign-terms-1/icd10cm-{VERSION}"


class NotAvailable(Exception):
    """This engine cannot do it; the message is a sentence for the page."""


class LocalLanguage:
    """The engine of this site. Offsets are code points of `text`."""

    name = "local"

    def detect_entities_v2(self, text: str, turns: Sequence[Turn] | None = None) -> dict[str, Any]:
        """{"Entities", "UnmappedAttributes", "ModelVersion"} as boto3's detect_entities_v2.

        `turns` are (begin, end, speaker or None); without them labels such as "Doctor:" are read.
        """
        found, unmapped = build.entities(text, turns)
        found += entities_phi.detect(text, turns, found)
        found.sort(key=lambda entity: (entity["BeginOffset"], entity["EndOffset"]))
        _number(found, unmapped)
        return {"Entities": found, "UnmappedAttributes": unmapped, "ModelVersion": MODEL}

    def detect_clinical(self, text: str, turns: Sequence[Turn] | None = None) -> dict[str, Any]:
        """As detect_entities_v2, without health information: in half the time."""
        found, unmapped = build.entities(text, turns)
        found.sort(key=lambda entity: (entity["BeginOffset"], entity["EndOffset"]))
        _number(found, unmapped)
        return {"Entities": found, "UnmappedAttributes": unmapped, "ModelVersion": MODEL}

    def detect_phi(self, text: str, turns: Sequence[Turn] | None = None) -> dict[str, Any]:
        """{"Entities", "ModelVersion"}: health information only; marks, never removes."""
        found = entities_phi.detect(text, turns, [])
        _number(found, [])
        return {"Entities": found, "ModelVersion": MODEL}

    def infer_icd10_cm(self, text: str, turns: Sequence[Turn] | None = None) -> dict[str, Any]:
        """Findings with up to five ICD10CMConcepts each: candidates, never billing codes."""
        found, _ = build.entities(text, turns)
        wanted = [one for one in found if one["Category"] == "MEDICAL_CONDITION"]
        for entity in wanted:
            entity["Traits"] = [t for t in entity["Traits"] if t["Name"] != "PAST_HISTORY"]
            entity["Attributes"] = []
            entity["ICD10CMConcepts"] = icd.search(entity["Text"])
        _number(wanted, [])
        return {"Entities": wanted, "ModelVersion": MODEL}

    def infer_rx_norm(self, text: str) -> dict[str, Any]:
        raise NotAvailable("RxNorm is not available in this engine.")

    def infer_snomedct(self, text: str) -> dict[str, Any]:
        raise NotAvailable("SNOMED CT is not available in this engine.")


def _number(found: list[dict[str, Any]], unmapped: list[dict[str, Any]]) -> None:
    """Ids in reading order, the same for an entity wherever it is an attribute as well."""
    ids: dict[tuple[int, int, str], int] = {}
    attributes = [a for one in found for a in one["Attributes"]]
    for one in [*found, *attributes, *(u["Attribute"] for u in unmapped)]:
        place = (one["BeginOffset"], one["EndOffset"], one["Type"])
        one["Id"] = ids.setdefault(place, len(ids))
