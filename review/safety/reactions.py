"""Suspected adverse drug events: a drug and a finding that the text itself joins. Pure.

Joined are a drug and a sign, symptom or diagnosis in the same or in neighbouring sentences by a
cause ("from", "gave her", "stopped because of") or by a beginning in time ("since starting").
What is denied, of the family, only possible or asked without a yes is passed over, and so is
what a drug is given for. Nothing here says that the drug was the cause: a person decides.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from review.safety.document import Document, Entity, Word, has, span
from transcripts.engines.lexicon import VERSION
from transcripts.engines.tokens import stem

RULES = f"countersign-reactions-1/terms-{VERSION}"
_NEVER = ("NEGATION", "PERTAINS_TO_FAMILY", "HYPOTHETICAL", "LOW_CONFIDENCE")
_NEAR = 400  # characters between a drug and a finding, at most
_AROUND = 25  # words before the first and behind the last of both that are read

_START = (
    r"(?:re)?start(?:ed|ing|s)?|began|beginning|begun|initiat(?:ed|ing)|add(?:ed|ing)|put on"
    r"|plac(?:ed|ing) on|increas(?:ed|ing)|rais(?:ed|ing)|doubl(?:ed|ing)|taking|took|going on"
    r"|went on|came on|given|gave|switch(?:ed|ing) to|chang(?:ed|ing) to|first dose of|dose of"
)
_STOP = (
    r"stop(?:ped|ping|s)?|discontinu(?:ed|ing|e)|held|hold|quit|came off|come off|took"
    r" (?:him|her|me) off|taken off|switched from|changed from|switched off|unable to take"
    r"|withdrawn"
)
_LITTLE = r"(?:\w+ ){0,3}"
# D is the drug, F the finding; all words are in small letters with one blank between them.
_CAUSES = (
    r"\bD\b (?:\S+ ){0,3}?(?:caus(?:ed|es|ing)|gave|gives?|giving|makes?|made|making|triggered"
    r"|triggers|induced|led to|leads to|resulted in|upsets?|was followed by|brought on)\b"
    r"(?P<gap>(?: [^.;]\S*){0,6}?) F\b",
    rf"\bF\b {_LITTLE}(?:from|due to|because of|caused by|secondary to|attributed to|related to"
    rf"|induced by|brought on by|side effects? of|side effects? from|reaction to|with|on) "
    rf"(?:the |his |her |my |that |taking |this |starting )?D\b",
    r"\bF\b .{0,60}(?:side effects?|reaction|adverse (?:effects?|event)s?) (?:of|to|from) "
    r"(?:the |his |her |my )?D\b",
    r"(?:side effects?|adverse (?:effects?|reactions?)|reaction)(?: of| to| from)? "
    r"(?:the |his |her |my )?D\b.{0,40}\bF\b",
    r"(?:could not|couldn't|did not|didn't|cannot|can't|unable to|not) tolerat\w* (?:the )?D\b"
    r".{0,40}\bF\b",
    r"(?:intoleran\w+) (?:of |to )?(?:the )?D\b.{0,40}\bF\b",
    rf"\b(?:{_STOP}) (?:taking )?(?:the |his |her |my )?D\b.{{0,40}}"
    rf"(?:because of|due to|because|for|after|secondary to) {_LITTLE}F\b",
    rf"\bD\b (?:\S+ ){{0,2}}(?:was|were|is|has been|got) (?:{_STOP})\b.{{0,20}}"
    rf"(?:because of|due to|because|for|after|secondary to) {_LITTLE}F\b",
    rf"\bF\b.{{0,30}}\bso (?:he|she|i|we|they) (?:{_STOP}) (?:taking )?(?:the |his |her )?D\b",
    r"\bD\b : (?:\w+ ){0,2}F\b",
)
_TIMES = (
    # since starting D, F; F since D was started; F after D
    r"\b(?:since|after|following|upon|ever since|when|whenever|every time|each time|once)\b"
    r"(?: \S+){0,4}? D\b.{0,60}?\bF\b",
    r"\bF\b.{0,50}?\b(?:since|after|following|upon|when|whenever|every time|each time)\b"
    r" (?:(?!before)\S+ ){0,4}?D\b",
)
# Started D ... F since: in the same sentence or the next one.
_BEGINNINGS = (
    # "I am allergic to D. It gave me F."
    r"\bD\b(?: [^.?!]\S*){0,4} [.?!;,] (?:it|that|this|they|which) (?:once |always )?(?:gave|gives"
    r"|made|makes|caused|causes|triggered)\b(?: \S+){0,5}? F\b",
    rf"\b(?:{_START})\b (?:\S+ ){{0,2}}?D\b.{{0,90}}?\b(?:since then|ever since|shortly after\w*"
    rf"|soon after\w*|afterwards|(?:days?|weeks?|hours?) (?:later|after\w*)|and then|and now)\b"
    rf".{{0,40}}?\bF\b",
    rf"\b(?:{_START})\b (?:\S+ ){{0,2}}?D\b.{{0,90}}?\bF\b.{{0,30}}?"
    rf"\b(?:since then|ever since|since|shortly after\w*|soon after\w*|afterwards"
    rf"|(?:days?|weeks?|hours?) (?:later|after\w*))(?= [.;,!?]|$)",
    rf"\bD\b (?:\S+ ){{0,3}}?(?:was|were|is) (?:{_START})\b.{{0,60}}?\b(?:since then|ever since"
    rf"|shortly after\w*|soon after\w*|afterwards|(?:days?|weeks?|hours?) (?:later|after\w*))\b"
    rf".{{0,40}}?\bF\b",
)
_CAUSE = [re.compile(p) for p in _CAUSES]
_TIME = [re.compile(p) for p in _TIMES]
_BEGUN = [re.compile(p) for p in _BEGINNINGS]
# What says that the finding is the reason for the drug, went away, or was there before.
_AGAINST = re.compile(
    r"\bbetter\b|\bimprov\w+|\bresolved? (?:since|with|on|after)\b|\bgone\b|\brelie\w+"
    r"|\bhelp(?:s|ed|ing)?\b|\bcontrolled\b|\bwent (?:down|away)\b"
    r"|\bbefore (?:starting|he|she|i|we|the)\b|\breturned\b"
    r"|\bcame back\b|\bran out\b|\bwatch for\b|\bcall\b|\bif (?:you|he|she|it)\b|\bwill start\b"
    r"|\bcan cause\b|\bmay cause\b|\bmight cause\b|\bcould cause\b|\brisk\b"
    r"|\bno side effects?\b|\bprescribed for\b"
)
_FOR = re.compile(
    r"\bD\b(?: \S+){0,4}? (?:for|to treat|because of|due to) (?:\w+ ){0,3}F\b"
    r"|\bF\b (?:\S+ ){0,3}(?:treated|managed|controlled) with (?:\S+ )?D\b"
)
_UNBORNE = re.compile(r"(?:not|n't|unable to) tolerat\w*[^.]{0,60}$", re.IGNORECASE)
_REACH = 90  # characters before a finding in which it is looked for
_GIVEN = re.compile(r"\b(?:stop|discontinu|held|hold|quit|off|switched from|tolerat|withdrawn)\w*")

# What a drug is given for: only a plain word for a cause makes it suspected of that.
_PAIN = "pain ache headache migraine fever arthritis soreness cramp"
_FOR_WHAT = {
    "ibuprofen": _PAIN, "naproxen": _PAIN, "acetaminophen": _PAIN, "tylenol": _PAIN,
    "aspirin": _PAIN, "meloxicam": _PAIN, "diclofenac": _PAIN, "celecoxib": _PAIN, "advil": _PAIN,
    "aleve": _PAIN, "motrin": _PAIN, "ketorolac": _PAIN, "tramadol": _PAIN, "morphine": _PAIN,
    "oxycodone": _PAIN, "hydrocodone": _PAIN, "codeine": f"{_PAIN} cough",
    "gabapentin": f"{_PAIN} numbness tingling burning neuropathy",
    "pregabalin": f"{_PAIN} numbness tingling neuropathy", "sumatriptan": "headache migraine",
    "topiramate": "headache migraine seizure",
    "propranolol": "headache migraine tremor palpitation",
    "amitriptyline": "headache migraine insomnia pain", "cyclobenzaprine": "pain spasm",
    "ondansetron": "nausea vomiting", "promethazine": "nausea vomiting",
    "metoclopramide": "nausea vomiting", "meclizine": "vertigo dizziness nausea",
    "omeprazole": "heartburn reflux", "pantoprazole": "heartburn reflux",
    "famotidine": "heartburn reflux", "loperamide": "diarrhea", "senna": "constipation",
    "docusate": "constipation", "miralax": "constipation", "lactulose": "constipation",
    "albuterol": "wheezing wheeze cough shortness breath asthma",
    "fluticasone": "wheezing congestion", "montelukast": "wheezing cough asthma",
    "benzonatate": "cough", "guaifenesin": "cough congestion", "dextromethorphan": "cough",
    "loratadine": "itching hive sneezing congestion rhinorrhea",
    "cetirizine": "itching hive sneezing congestion rhinorrhea rash",
    "diphenhydramine": "itching hive rash insomnia", "hydroxyzine": "itching hive anxiety",
    "prednisone": "rash wheezing swelling inflammation pain hive",
    "hydrocortisone": "rash itching", "triamcinolone": "rash itching",
    "furosemide": "edema swelling shortness breath", "amoxicillin": "fever cough throat ear",
    "azithromycin": "fever cough throat", "doxycycline": "fever cough",
    "cefdinir": "fever ear cough", "cephalexin": "fever redness swelling",
    "ciprofloxacin": "fever dysuria", "nitrofurantoin": "dysuria frequency",
    "nitroglycerin": "chest pain angina", "trazodone": "insomnia", "zolpidem": "insomnia",
    "melatonin": "insomnia", "lorazepam": "anxiety insomnia seizure",
    "alprazolam": "anxiety panic", "sertraline": "anxiety depression",
    "escitalopram": "anxiety depression", "fluoxetine": "anxiety depression",
    "citalopram": "anxiety depression", "bupropion": "depression",
    "venlafaxine": "anxiety depression", "duloxetine": "pain depression anxiety",
    "lisinopril": "hypertension", "amlodipine": "hypertension", "losartan": "hypertension",
    "metoprolol": "hypertension palpitation", "metformin": "diabetes hyperglycemia",
    "insulin": "diabetes hyperglycemia", "levothyroxine": "hypothyroidism fatigue",
    "levetiracetam": "seizure", "lamotrigine": "seizure", "tamsulosin": "retention nocturia",
    "allopurinol": "gout", "colchicine": "gout pain", "methotrexate": "arthritis pain",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suspected:
    """A drug and a reaction, the words that join them, and the sentences in which they stand.

    `words` are the spoken words of the evidence, with their times where they have any; it begins
    at document.text[begin].
    """

    drug: str
    reaction: str
    cue: str
    evidence: str
    words: tuple[Word, ...]
    begin: int


def find(document: Document) -> list[Suspected]:
    """One for each drug and reaction of the document, where they are joined first."""
    found: dict[tuple[str, str], Suspected] = {}
    explained: set[int] = set()
    # A finding that its own sentence joins to a drug is not joined to one of the next.
    for near in (True, False):
        for drug, finding, first, end in _pairs(document, near=near):
            key, place = (_name(drug), _name(finding)), finding["BeginOffset"]
            if key in found or (not near and place in explained):
                continue
            if cue := _joined(document, drug, finding, first, end, near=near):
                found[key] = _suspected(document, key, cue, first, end)
                explained.add(place)
    return sorted(found.values(), key=lambda one: one.begin)


def _pairs(document: Document, *, near: bool) -> Iterator[tuple[Entity, Entity, int, int]]:
    """Drugs with findings of their own (`near`) or of the next sentences; the tokens to read."""
    by: dict[int, list[Entity]] = {}
    for one in document.of("MEDICAL_CONDITION"):
        if not has(one, *_NEVER) or _not_borne(document, one):
            by.setdefault(document.sentence_at(one["BeginOffset"]), []).append(one)
    for drug in document.of("MEDICATION"):
        if drug["Type"] not in ("GENERIC_NAME", "BRAND_NAME") or has(drug, "NEGATION"):
            continue
        at = document.sentence_at(drug["BeginOffset"])
        for where in (at,) if near else (at + 1, at - 1):
            for finding in by.get(where, ()):
                if abs(finding["BeginOffset"] - drug["BeginOffset"]) <= _NEAR:
                    yield drug, finding, *_span(document, drug, finding, at, where)


def _not_borne(document: Document, finding: Entity) -> bool:
    """ "Could not tolerate codeine due to vomiting" denies no vomiting."""
    if has(finding, "PERTAINS_TO_FAMILY", "HYPOTHETICAL", "LOW_CONFIDENCE"):
        return False
    begin = finding["BeginOffset"]
    return bool(_UNBORNE.search(document.text, max(0, begin - _REACH), begin))


def _span(
    document: Document, drug: Entity, finding: Entity, at: int, where: int
) -> tuple[int, int]:
    """The tokens to read: both sentences, and of long ones what is around."""
    first = document.sentences[max(0, min(at, where))].first
    end = document.sentences[max(at, where)].end
    places = [_token_at(document, one["BeginOffset"]) for one in (drug, finding)]
    return max(first, min(places) - _AROUND), min(end, max(places) + _AROUND)


def _token_at(document: Document, offset: int) -> int:
    return bisect_left(document.tokens, offset, key=lambda token: token.begin)


def _joined(
    document: Document, drug: Entity, finding: Entity, first: int, end: int, *, near: bool
) -> str | None:
    """The words that join them; None where nothing does."""
    if _only_asked(document, document.sentence_at(finding["BeginOffset"])):
        return None
    text = _plain(document, drug, finding, first, end)
    against = _AGAINST.search(text)
    given = _FOR.search(text) and not _GIVEN.search(text)
    for_it = _is_for(drug, finding)
    if against or given:
        return None
    for pattern in _CAUSE if near else ():
        match = pattern.search(text)
        if match and not (for_it and re.search(r"\bF\b .{0,20}(?:with|on) D", match.group())):
            return _cue(match.group())
    for pattern in () if for_it else [*_TIME, *_BEGUN] if near else _BEGUN:
        match = pattern.search(text)
        if match:
            return _cue(match.group())
    return None


def _plain(document: Document, drug: Entity, finding: Entity, first: int, end: int) -> str:
    """The sentences in small letters, the drug as D and the finding as F, marks set apart."""
    drug_begin, drug_end = span(drug)
    found_begin, found_end = span(finding)
    words = []
    for token in document.tokens[first:end]:
        if token.begin == drug_begin:
            words.append("D")
        elif token.begin == found_begin:
            words.append("F")
        elif not (drug_begin < token.begin < drug_end or found_begin < token.begin < found_end):
            words.append(token.low)
    return " ".join(words)


def _only_asked(document: Document, number: int) -> bool:
    """Whether it stands in a question that nobody answers with yes."""
    if not document.sentences[number].question:
        return False
    behind = document.sentences[number + 1 : number + 2]
    return not any(s.asked == number and s.answer == "yes" for s in behind)


def _is_for(drug: Entity, finding: Entity) -> bool:
    what = _FOR_WHAT.get(_name(drug).split()[0], "").split()
    said = {stem(word) for word in _name(finding).split()}
    return any(stem(word) in said for word in what)


def _cue(text: str) -> str:
    words = [word for word in text.split() if word not in ("D", "F", ",", ":", ".", ";")]
    return " ".join(words)[:60] or "named together"


def _name(entity: Entity) -> str:
    return " ".join(entity["Text"].lower().split())[:100]


def _suspected(
    document: Document, key: tuple[str, str], cue: str, first: int, end: int
) -> Suspected:
    begin, stop = document.tokens[first].begin, document.tokens[end - 1].end
    words = tuple(word for _, here in document.places(begin, stop) for word in here)
    return Suspected(*key, cue, document.text[begin:stop].replace("\n", " "), words, begin)
