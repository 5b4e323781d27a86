"""The clinical entities of a document for the panel beside it: grouped, with their words. Pure."""

from collections.abc import Callable, Iterator
from typing import Any

from review.safety.document import Document, Entity, Word, joined, span

GROUPS = {
    "MEDICATION": "Medications",
    "MEDICAL_CONDITION": "Conditions",
    "TEST_TREATMENT_PROCEDURE": "Tests, treatments and procedures",
    "ANATOMY": "Anatomy",
    "TIME_EXPRESSION": "Times",
    "PROTECTED_HEALTH_INFORMATION": "Health information about a person",
    "BEHAVIORAL_ENVIRONMENTAL_SOCIAL": "Habits and surroundings",
}
TRAITS = {
    "NEGATION": "denied",
    "SIGN": "sign",
    "SYMPTOM": "symptom",
    "DIAGNOSIS": "diagnosis",
    "PERTAINS_TO_FAMILY": "in the family",
    "HYPOTHETICAL": "hypothetical",
    "LOW_CONFIDENCE": "uncertain",
    "PAST_HISTORY": "in the past",
    "FUTURE": "planned",
}
TYPES = {
    "GENERIC_NAME": "drug",
    "BRAND_NAME": "brand",
    "STRENGTH": "strength",
    "DOSAGE": "dose",
    "FREQUENCY": "how often",
    "ROUTE_OR_MODE": "route",
    "FORM": "form",
    "DURATION": "how long",
    "DX_NAME": "condition",
    "TEST_NAME": "test",
    "TEST_VALUE": "value",
    "TEST_UNIT": "unit",
    "PROCEDURE_NAME": "procedure",
    "TREATMENT_NAME": "treatment",
    "SYSTEM_ORGAN_SITE": "part of the body",
    "DIRECTION": "side",
    "PHONE_OR_FAX": "phone",
}
CODES = 3
Infer = Callable[..., dict[str, Any]]


def panel(document: Document, infer: Infer) -> list[dict[str, Any]]:
    """[{"category", "label", "entities": [...]}], groups without entities left out.

    An entity is {"text", "type", "traits": [words], "codes": [{"code", "name"}], "mentions"}; all
    places that say the same with the same traits are one. A mention is {"segment", "items",
    "start", "end" (seconds or null), "attributes": [{"type", "text", "segment", "items"}]}.
    `infer` is a language engine's infer_icd10_cm.
    """
    codes = _codes(document, infer) if document.text.strip() else {}
    groups: dict[str, dict[tuple[str, ...], dict[str, Any]]] = {name: {} for name in GROUPS}
    for entity in document.entities:
        mention = _mention(document, entity)
        if mention is None:
            continue
        traits = [TRAITS.get(t["Name"], t["Name"].lower()) for t in entity["Traits"]]
        key = (entity["Text"].lower(), *traits)
        made = groups.setdefault(entity["Category"], {}).setdefault(
            key,
            {
                "text": entity["Text"],
                "type": _type(entity["Type"]),
                "traits": traits,
                "codes": codes.get(span(entity), []),
                "mentions": [],
            },
        )
        made["mentions"].append(mention)
    return [
        {"category": name, "label": GROUPS.get(name, name), "entities": list(found.values())}
        for name, found in groups.items()
        if found
    ]


def _codes(document: Document, infer: Infer) -> dict[tuple[int, int], list[dict[str, str]]]:
    answer = infer(document.text, joined(document.turns))
    return {
        span(entity): [
            {"code": one["Code"], "name": one["Description"]}
            for one in entity["ICD10CMConcepts"][:CODES]
        ]
        for entity in answer["Entities"]
    }


def _mention(document: Document, entity: Entity) -> dict[str, Any] | None:
    place = _place(document, entity)
    if place is None:
        return None
    segment, words = place
    timed = [w for w in words if w.start is not None and w.end_time is not None]
    return {
        "segment": segment,
        "items": [w.id for w in words],
        "start": min((w.start for w in timed), default=None),
        "end": max((w.end_time for w in timed), default=None),
        "attributes": list(_attributes(document, entity)),
    }


def _attributes(document: Document, entity: Entity) -> Iterator[dict[str, Any]]:
    for one in entity.get("Attributes", ()):
        place = _place(document, one)
        if place is not None:
            ids = [w.id for w in place[1]]
            said = {"type": _type(one["Type"]), "text": one["Text"]}
            yield said | {"segment": place[0], "items": ids}


def _place(document: Document, entity: Entity) -> tuple[str, tuple[Word, ...]] | None:
    return next(((seg.id, words) for seg, words in document.places(*span(entity))), None)


def _type(name: str) -> str:
    return TYPES.get(name, name.lower().replace("_", " "))
