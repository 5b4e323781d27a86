"""A dose outside what is plausible for its drug, or its unit where the drug is not in the table.

The table is our own, for adults and children together, and wide on purpose: it looks for slips of a
digit or a unit (mg for mcg), not for a wrong treatment. It is no dosing reference.
"""

from review.safety.document import Document, Entity, Mark, marks, span
from transcripts.engines import numerals
from transcripts.engines.entities_dose import UNIT_OF
from transcripts.engines.tokens import tokens

_TO_MG = {"mg": 1.0, "mcg": 0.001, "g": 1000.0}
# One dose in mg (or units where said): least, most.
_MG = {
    "acetaminophen": (10, 1300), "albuterol": (0.09, 8), "alprazolam": (0.1, 4),
    "amitriptyline": (5, 150), "amlodipine": (1, 10), "amoxicillin": (50, 3000),
    "apixaban": (2, 10), "aspirin": (30, 1000), "atenolol": (12, 100), "atorvastatin": (5, 80),
    "azithromycin": (50, 2000), "bupropion": (37, 450), "buspirone": (2, 60),
    "carvedilol": (3, 50), "cefdinir": (50, 600), "ceftriaxone": (100, 2000),
    "cephalexin": (100, 1000), "cetirizine": (2, 10), "ciprofloxacin": (100, 750),
    "citalopram": (5, 40), "clonazepam": (0.1, 4), "clonidine": (0.05, 0.4),
    "clopidogrel": (37, 600), "codeine": (5, 60), "cyclobenzaprine": (2, 30),
    "dapagliflozin": (2, 10), "dexamethasone": (0.5, 40), "diazepam": (1, 20),
    "digoxin": (0.05, 0.75), "diphenhydramine": (5, 100), "doxycycline": (20, 200),
    "duloxetine": (20, 120), "empagliflozin": (5, 25), "escitalopram": (2, 20),
    "famotidine": (5, 80), "fluconazole": (50, 800), "fluoxetine": (5, 80),
    "furosemide": (5, 200), "gabapentin": (50, 1200), "glipizide": (1, 20),
    "hydralazine": (5, 100), "hydrochlorothiazide": (6, 50), "hydrocodone": (2, 15),
    "hydroxyzine": (5, 100), "ibuprofen": (50, 800), "labetalol": (50, 800),
    "lamotrigine": (5, 400), "letrozole": (2, 7.5), "levetiracetam": (100, 1500),
    "levofloxacin": (250, 750), "levothyroxine": (0.012, 0.3), "lisinopril": (1, 40),
    "loratadine": (2, 10), "lorazepam": (0.25, 4), "losartan": (12, 100),
    "meloxicam": (5, 15), "metformin": (250, 1000), "methotrexate": (2, 25),
    "methylprednisolone": (2, 1000), "metoprolol": (6, 200), "metronidazole": (125, 2000),
    "mirtazapine": (7, 45), "montelukast": (4, 10), "morphine": (1, 60),
    "naproxen": (100, 750), "nifedipine": (10, 90), "nitrofurantoin": (25, 100),
    "nitroglycerin": (0.2, 9), "omeprazole": (5, 40), "ondansetron": (1, 16),
    "oxycodone": (2, 40), "pantoprazole": (10, 80), "paroxetine": (5, 60),
    "prednisolone": (1, 60), "prednisone": (1, 80), "propranolol": (5, 160),
    "quetiapine": (12, 400), "rivaroxaban": (2, 20), "rosuvastatin": (2, 40),
    "semaglutide": (0.2, 14), "sertraline": (12, 200), "sildenafil": (10, 100),
    "simvastatin": (2, 80), "spironolactone": (6, 100), "sumatriptan": (4, 100),
    "tamsulosin": (0.2, 0.8), "topiramate": (12, 200), "tramadol": (12, 100),
    "trazodone": (12, 300), "valacyclovir": (250, 2000), "venlafaxine": (18, 225),
    "warfarin": (0.5, 15), "zolpidem": (2, 12.5),
}  # fmt: skip
# Where the drug is not in the table: the most that one dose of anything usually has.
_MOST = {"mg": 4000.0, "mcg": 5000.0, "g": 10.0, "mL": 1000.0, "units": 300.0, "mEq": 120.0}
_DOSAGE_MOST = 8  # tablets, puffs and the like at once


def find(document: Document) -> list[Mark]:
    found = []
    for drug in document.of("MEDICATION"):
        for part in drug["Attributes"]:
            sentence = _strange(drug, part)
            if sentence:
                found += marks(document, [span(drug), span(part)], "dose_range", sentence)
    return found


def _strange(drug: Entity, part: Entity) -> str | None:
    words = [t.low for t in tokens(part["Text"])]
    number = numerals.read(words, 0) if words else None
    if number is None:
        return None
    if part["Type"] == "DOSAGE":
        most = f"more than {_DOSAGE_MOST} at once is unusual."
        return f"{part['Text']}: {most}" if number.value > _DOSAGE_MOST else None
    unit = next((UNIT_OF[t.stem] for t in tokens(part["Text"]) if t.stem in UNIT_OF), None)
    if part["Type"] != "STRENGTH" or unit is None or "per" in words or "/" in words:
        return None
    value = number.value
    usual = _MG.get(drug["Text"].lower().split()[0])
    if usual and unit in _TO_MG:
        if usual[0] <= value * _TO_MG[unit] <= usual[1]:
            return None
        return f"{part['Text']} is outside what one dose of {drug['Text']} usually has."
    if value > _MOST.get(unit, float("inf")) or value == 0:
        return f"{part['Text']} is more than one dose usually has."
    return None
