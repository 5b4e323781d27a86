"""Candidates of ICD-10-CM for a finding: tf-idf search over the tabular list. Pure.

Built by data/terms.py from descriptions and inclusion terms. Candidates only, never a billing
code: of the right category first in about nine of ten names that a doctor would write.
"""

from functools import cache
from typing import Any

import numpy as np

from transcripts.engines.tokens import stems
from transcripts.engines.words import DATA

LEAST = 0.55  # cosine under which a candidate says nothing

# What people say for what the tabular calls otherwise.
_SAID = {
    "high blood pressure": "essential hypertension",
    "hypertension": "essential primary hypertension",
    "htn": "essential hypertension",
    "heart attack": "acute myocardial infarction",
    "mi": "acute myocardial infarction",
    "chf": "heart failure",
    "congestive heart failure": "heart failure",
    "copd": "chronic obstructive pulmonary disease",
    "gerd": "gastro-esophageal reflux disease",
    "acid reflux": "gastro-esophageal reflux disease",
    "gastroesophageal reflux": "gastro-esophageal reflux disease",
    "gastroesophageal reflux disease": "gastro-esophageal reflux disease",
    "heartburn": "heartburn",
    "uti": "urinary tract infection site not specified",
    "dvt": "acute embolism and thrombosis of deep veins of lower extremity",
    "pe": "pulmonary embolism",
    "afib": "atrial fibrillation",
    "a fib": "atrial fibrillation",
    "ckd": "chronic kidney disease",
    "cad": "atherosclerotic heart disease of native coronary artery",
    "coronary artery disease": "atherosclerotic heart disease of native coronary artery",
    "tia": "transient cerebral ischemic attack",
    "stroke": "cerebral infarction",
    "type two diabetes": "type 2 diabetes mellitus",
    "type 2 diabetes": "type 2 diabetes mellitus",
    "type one diabetes": "type 1 diabetes mellitus",
    "diabetes": "type 2 diabetes mellitus",
    "high cholesterol": "pure hypercholesterolemia",
    "hyperlipidemia": "hyperlipidemia",
    "low back pain": "low back pain",
    "lower back pain": "low back pain",
    "stomach ache": "abdominal pain",
    "stomach pain": "abdominal pain",
    "belly pain": "abdominal pain",
    "shortness of breath": "shortness of breath",
    "short of breath": "shortness of breath",
    "runny nose": "nasal congestion rhinorrhea",
    "sore throat": "pain in throat acute pharyngitis",
    "fatigue": "other fatigue",
    "depression": "major depressive disorder single episode depression",
    "anxiety": "anxiety disorder",
    "kidney stone": "calculus of kidney",
    "kidney stones": "calculus of kidney",
    "gallstones": "calculus of gallbladder",
    "pink eye": "conjunctivitis",
    "ear infection": "otitis media",
    "strep throat": "streptococcal pharyngitis",
    "flu": "influenza",
    "covid": "covid-19",
    "sleep apnea": "sleep apnea",
    "pneumonia": "pneumonia unspecified organism",
    "asthma": "asthma unspecified",
    "throwing up": "vomiting",
    "dizzy": "dizziness and giddiness",
    "lightheadedness": "dizziness and giddiness",
    "passing out": "syncope and collapse",
    "fainting": "syncope and collapse",
    "leg swelling": "localized edema",
    "hives": "urticaria",
    "shingles": "zoster",
    "bph": "benign prostatic hyperplasia",
    "adhd": "attention-deficit hyperactivity disorder",
}
_SAID |= {
    "urinary tract infection": "urinary tract infection site not specified",
    "preeclampsia": "pre-eclampsia",
    "meniscal tear": "tear of meniscus",
    "eczema": "dermatitis unspecified eczema",
    "vertigo": "dizziness and giddiness vertigo",
    "syncope": "syncope and collapse",
    "bronchitis": "bronchitis not specified as acute or chronic",
}
# Chapters of pregnancy and of newborns: meant only where the name says so.
_SPECIAL = {"O": "pregn gestat eclamp labor deliver placenta amnio", "P": "neonat newborn fetal"}
_NUMBERS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}


class Index:
    """Postings by word; all arrays are as small as they can be."""

    def __init__(self) -> None:
        with np.load(DATA / "icd.npz") as file:
            read = {name: bytes(file[name]).decode().split("\n") for name in ("codes", "words")}
            self.codes = read["codes"]
            self.words = {word: n for n, word in enumerate(read["words"])}
            self.names = bytes(file["names"]).decode().split("\n")
            self.offsets, self.where = file["offsets"], file["where"]
            self.chapters = np.array([ord(code[0]) for code in self.codes], dtype=np.uint8)
            self.idf = file["idf"].astype(np.float32)
            self.weight = file["weight"].astype(np.float32)
        self.weight *= np.repeat(self.idf, np.diff(self.offsets))

    def search(self, name: str, limit: int) -> list[tuple[int, float]]:
        """(document, cosine) of the best, best first."""
        low = " ".join(stems(name))
        said = _SAID.get(name.lower()) or _SAID.get(low) or name
        words = {_NUMBERS.get(w, w) for w in stems(said)}
        known = [self.words[w] for w in words if w in self.words]
        if not known:
            return []
        # Only what shares the rarest word is looked at, and few words are as rare as a finding's.
        rarest = max(known, key=lambda n: self.idf[n])
        places = self.where[self.offsets[rarest] : self.offsets[rarest + 1]]
        scores = np.zeros(len(self.codes), dtype=np.float32)
        for n in known:
            part = slice(self.offsets[n], self.offsets[n + 1])
            scores[self.where[part]] += self.weight[part]
        for chapter, cues in _SPECIAL.items():
            if not any(cue in low for cue in cues.split()):
                scores[self.chapters == ord(chapter)] *= 0.8
        # A word that the tabular does not have weighs like its rarest ones.
        strange = (len(words) - len(known)) * float(self.idf.max()) ** 2
        size = float(np.sqrt((self.idf[known] ** 2).sum() + strange)) or 1.0
        best = places[np.argsort(-scores[places], kind="stable")[: limit * 4]]
        # Among equals the shorter code, which says less, comes first.
        order = sorted(best, key=lambda n: (-scores[n], len(self.codes[n]), self.codes[n]))
        return [(int(n), float(scores[n]) / size) for n in order[:limit]]


@cache
def index() -> Index:
    return Index()


def search(name: str, limit: int = 5) -> list[dict[str, Any]]:
    """ICD10CMConcepts of a finding's name: {"Description", "Code", "Score" (cosine, 0..1)}."""
    found = index()
    return [
        {"Description": found.names[n], "Code": found.codes[n], "Score": round(min(score, 1.0), 3)}
        for n, score in found.search(name, limit)
        if score >= LEAST
    ]
