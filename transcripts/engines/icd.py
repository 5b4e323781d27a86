"""Candidates of ICD-10-CM for a finding: tf-idf search over the tabular list. Pure.

Built by data/terms.py from descriptions and inclusion terms. Candidates only, never a billing
code: of the right category first in about nine of ten names that a doctor would write.
"""

import math
import struct
import zipfile
from array import array
from bisect import bisect_left
from functools import cache, lru_cache
from heapq import nsmallest
from pathlib import Path
from typing import Any

from transcripts.engines.tokens import stems
from transcripts.engines.words import DATA

_SWEEP = 8  # postings read for each document that is looked at, before they are searched
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
    """Postings by word, sorted by document, in arrays that are as small as they can be."""

    def __init__(self) -> None:
        file = _arrays(DATA / "icd.npz")
        read = {name: file[name].decode().split("\n") for name in ("codes", "names", "words")}
        self.codes, self.names = read["codes"], read["names"]
        self.words = {word: n for n, word in enumerate(read["words"])}
        self.offsets, self.where = array("i", file["offsets"]), array("H", file["where"])
        self.idf, self.weight = _halves(file["idf"]), _halves(file["weight"])
        self.most = max(self.idf)

    def search(self, name: str, limit: int) -> list[tuple[int, float]]:
        """(document, cosine) of the best, best first."""
        low = " ".join(stems(name))
        said = _SAID.get(name.lower()) or _SAID.get(low) or name
        words = {_NUMBERS.get(w, w): None for w in stems(said)}
        known = [self.words[w] for w in words if w in self.words]
        if not known:
            return []
        # Only what shares the rarest word is looked at, and few words are as rare as a finding's.
        rarest = max(known, key=lambda n: self.idf[n])
        scores = dict.fromkeys(self.where[slice(*self.offsets[rarest : rarest + 2])], 0.0)
        for n in known:
            self._add(n, scores)
        unlike = {c for c, cues in _SPECIAL.items() if not any(cue in low for cue in cues.split())}
        for document in scores:
            if self.codes[document][0] in unlike:
                scores[document] *= 0.8
        # A word that the tabular does not have weighs like its rarest ones.
        strange = (len(words) - len(known)) * self.most**2
        size = math.sqrt(sum(self.idf[n] ** 2 for n in known) + strange) or 1.0
        best = nsmallest(limit * 4, scores, key=lambda n: (-scores[n], n))
        # Among equals the shorter code, which says less, comes first.
        best.sort(key=lambda n: (-scores[n], len(self.codes[n]), self.codes[n]))
        return [(n, scores[n] / size) for n in best[:limit]]

    def _add(self, word: int, scores: dict[int, float]) -> None:
        """Adds what the word weighs in the documents of `scores`."""
        first, end = self.offsets[word], self.offsets[word + 1]
        square = self.idf[word]
        if end - first <= _SWEEP * len(scores):
            for at in range(first, end):
                if self.where[at] in scores:
                    scores[self.where[at]] += self.weight[at] * square
            return
        for document in scores:
            at = bisect_left(self.where, document, first, end)
            if at < end and self.where[at] == document:
                scores[document] += self.weight[at] * square


def _arrays(path: Path) -> dict[str, bytes]:
    """The arrays of an .npz as bytes (little-endian), without NumPy: a web process has none."""
    found = {}
    with zipfile.ZipFile(path) as file:
        for entry in file.namelist():
            data = file.read(entry)
            if data[:8] != b"\x93NUMPY\x01\x00":
                raise ValueError(f"{path.name} is not of the version that terms.py writes")
            found[entry.removesuffix(".npy")] = data[10 + int.from_bytes(data[8:10], "little") :]
    return found


def _halves(data: bytes) -> "array[float]":
    return array("f", struct.unpack(f"<{len(data) // 2}e", data))


@cache
def index() -> Index:
    return Index()


def search(name: str, limit: int = 5) -> list[dict[str, Any]]:
    """ICD10CMConcepts of a finding's name: {"Description", "Code", "Score" (cosine, 0..1)}."""
    found = index()
    return [
        {"Description": found.names[n], "Code": found.codes[n], "Score": round(min(score, 1.0), 3)}
        for n, score in _best(name, limit)
        if score >= LEAST
    ]


@lru_cache(maxsize=1024)
def _best(name: str, limit: int) -> list[tuple[int, float]]:
    return index().search(name, limit)
