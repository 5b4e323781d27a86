"""Units of measure and of dose as they are spoken, and how clinical text writes them.

Abbreviations follow what is safe to read: "units" is never shortened, micrograms are mcg, and only
ratios that are always written so (mg/dL) get a slash.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit in words[start:end]. `written` is None for one that stays as it was said."""

    written: str | None
    end: int
    singular: bool


_SHORT = {
    "mg": ("milligram", "milligramme"),
    "mcg": ("microgram", "microgramme"),
    "g": ("gram", "gramme"),
    "kg": ("kilogram", "kilo"),
    "mL": ("milliliter", "millilitre", "mil"),
    "dL": ("deciliter", "decilitre"),
    "L": ("liter", "litre"),
    "mm": ("millimeter", "millimetre"),
    "cm": ("centimeter", "centimetre"),
    "m": ("meter", "metre"),
    "mEq": ("milliequivalent",),
    "mmol": ("millimole",),
    "lbs": ("pound",),
}
WRITTEN = {name: short for short, names in _SHORT.items() for name in names}
_ALREADY = {short.lower(): short for short in _SHORT}
_PER = {"deciliter": "dL", "decilitre": "dL", "liter": "L", "litre": "L", "kilogram": "kg"} | {
    "milliliter": "mL",
    "millilitre": "mL",
    "kilo": "kg",
}
_DOSES = {
    *("tablet", "tab", "capsule", "caplet", "puff", "drop", "spray", "teaspoon", "tablespoon"),
    *("vial", "ampule", "lozenge", "suppository", "pill", "unit", "inch", "ounce", "calorie"),
}
_KEPT_PLURALS = {f"{word}s" for word in _DOSES} | {
    *("suppositories", "inches", "feet", "degrees", "patches", "million", "billion"),
}
FORMS = {"tablet", "tablets", "tab", "tabs", "capsule", "capsules", "caplet", "caplets", "pill"} | {
    *("pills", "patch", "patches", "puff", "puffs", "vial", "vials", "suppository"),
}
TIMES = {
    *("second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "night", "nights"),
    *("week", "weeks", "month", "months", "year", "years"),
}
# "gram negative" is a stain, "two pound sign" no weight.
_NOT_AFTER = {"gram": {"negative", "positive", "stain", "stains"}}


def read(words: Sequence[str], start: int) -> Unit | None:
    """The unit that begins at `start`, or None."""
    if start >= len(words):
        return None
    word = words[start]
    if list(words[start : start + 3]) == ["millimeters", "of", "mercury"]:
        return Unit("mmHg", start + 3, False)
    if list(words[start : start + 2]) == ["international", "units"]:
        return Unit(None, start + 2, False)
    if word in ("percent", "%"):
        return Unit("%", start + 1, False)
    if start + 1 < len(words) and words[start + 1] in _NOT_AFTER.get(word, ()):
        return None
    base = word if word in WRITTEN else word[:-1] if word.endswith("s") else word
    short = WRITTEN.get(base) or _ALREADY.get(word)
    if short:
        over = (
            _PER.get(words[start + 2])
            if words[start + 1 : start + 2] == ["per"] and len(words) > start + 2
            else None
        )
        if over and short not in ("mm", "cm", "m", "lbs"):
            return Unit(f"{short}/{over}", start + 3, False)
        return Unit(short, start + 1, word == base and word not in _ALREADY)
    if word in _DOSES or word in _KEPT_PLURALS:
        return Unit(None, start + 1, word in _DOSES)
    return None
