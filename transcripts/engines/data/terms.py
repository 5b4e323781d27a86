"""Builds the term files of the clinical language modules. Run by hand when a source is renewed.

    python -m venv /tmp/terms && /tmp/terms/bin/pip install numpy medwer==1.0.0 \
        simple-icd-10-cm==1.5.0 drug-named-entity-recognition==2.0.9
    apt-get download wamerican && dpkg-deb -x wamerican*.deb /tmp/words
    PYTHONPATH=. /tmp/terms/bin/python -m transcripts.engines.data.terms \
        /tmp/words/usr/share/dict/american-english

Writes drugs.txt.gz, conditions.txt.gz, words.txt.gz and icd.npz beside this file. Nothing here is
imported by the product: the second package costs 371 MB in memory and is a pickle, so only its
names are taken, once, in a process of its own. NOTICE.terms says where every name comes from.
"""

import bz2
import gzip
import pickle
import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

import numpy as np

from transcripts.engines.lexicon_own import own
from transcripts.engines.spoken import listed
from transcripts.engines.tokens import stems

HERE = Path(__file__).parent
TABULAR = "icd10c-tabular-April-1-2026.xml"
JUNK = listed(
    "injection usp bp solution tablet cream ointment relief remedy forte pack kit plus day night "
    "cold sinus extra strength children adult pain nasal dental with and in of for product oral "
    "vaccine formula total complete care advanced clear active lotion wash hand skin body daily "
    "gel spray syrup drop antiseptic sanitizer sunscreen shampoo powder liquid concentrate"
)
SALTS = listed(
    "acetate besylate bromide calcium carbonate chloride citrate disodium fumarate gluconate "
    "hcl hydrobromide hydrochloride lactate maleate mesylate nitrate phosphate potassium sodium "
    "succinate sulfate sulphate tartrate tosylate trihydrate monohydrate dihydrate"
)
# Chapters whose names are no findings of a person: injuries by cause, contact with services.
NO_FINDINGS = "VWXYZUST"
NO_FINDINGS_EITHER = {"amelia", "calme", "pinta", "sodoku", "african", "hafous"}


def main(english: str) -> None:
    common = words_of(Path(english).read_text(encoding="utf-8").splitlines())
    entries = tabular()
    texts = [text for _, names in entries for text in names]
    icd_words = {w for text in texts for w in re.findall(r"[a-z]{3,}", text.lower())}
    medwer = [
        line.strip()
        for line in (resources.files("medwer") / "data/medical_terms.txt").read_text().splitlines()
        if line.strip() and not line.startswith("#")
    ]
    found = drugs(medwer, common, icd_words, {key(t) for t in texts})
    write("drugs", (f"{name}\tB" if brand else name for name, brand in sorted(found.items())))
    write("conditions", sorted(conditions(entries, common, set(found))))
    known = common | icd_words | {w for t in medwer for w in re.findall(r"[a-z]{3,}", t)}
    write("words", sorted(known - {name for name in found if " " not in name}))
    index(entries)
    for file in ("drugs.txt.gz", "conditions.txt.gz", "words.txt.gz", "icd.npz"):
        print(file, (HERE / file).stat().st_size)


def words_of(lines: Iterable[str]) -> set[str]:
    """English words in small letters; names, which have a capital, and possessives are left out."""
    return {w for w in lines if w.isascii() and w.isalpha() and w.islower()}


def key(text: str) -> str:
    return " ".join(stems(text))


def tabular() -> list[tuple[str, list[str]]]:
    """(code, [description, inclusion terms]) of the tabular list without seventh characters."""
    source = resources.files("simple_icd_10_cm") / "data" / TABULAR
    found = []
    for diag in ET.fromstring(source.read_text(encoding="utf-8")).iter("diag"):
        code = diag.findtext("name") or ""
        names = [diag.findtext("desc") or ""]
        names += [note.text or "" for note in diag.findall("inclusionTerm/note")]
        found.append((code, names))
    return found


def drugs(
    medwer: list[str], common: set[str], icd_words: set[str], icd_names: set[str]
) -> dict[str, bool]:
    """Drug names in small letters, and whether each is a brand."""
    import drug_named_entity_recognition as package

    file = Path(package.__file__).parent / "drug_ner_dictionary.pkl.bz2"
    table = pickle.loads(bz2.decompress(file.read_bytes()))
    data, variants = table["drug_canonical_to_data"], table["drug_variant_to_canonical"]
    lead = {n for n, d in data.items() if d.get("medline_plus_id") or d.get("nhs_url")}
    found: dict[str, bool] = {}
    for name in lead:
        for part in re.split(r",? and |, ", name.split(" (")[0].lower()):
            for clean in (plain(part), bare(plain(part))):
                if clean and (clean not in common or len(clean) > 6):
                    found[clean] = False
    for term in medwer:
        clean = plain(term)
        if " " in clean or len(clean) < 5 or clean in common or clean not in variants:
            continue
        if clean in icd_words and not data.get(clean, {}).get("drugbank_id"):
            continue
        made_of = {str(c).lower() for c in variants.get(clean, ())}
        found.setdefault(clean, bool(made_of) and clean not in made_of)
    for term in medwer:
        parts = plain(term).split()
        if not 2 <= len(parts) <= 3 or set(parts) & JUNK or key(term) in icd_names:
            continue
        if term in data and parts[1] not in SALTS:
            found.setdefault(" ".join(parts), False)
    found |= dict.fromkeys(own("BRAND"), True) | dict.fromkeys(own("GENERIC"), False)
    no_drugs = {*own("NO DRUG"), *SALTS}
    return {n: b for n, b in found.items() if n not in no_drugs and len(n) > 3}


def plain(name: str) -> str:
    """A name of letters, blanks and hyphens; "" for any other."""
    name = name.lower().strip()
    return name if re.fullmatch(r"[a-z]+(?:[ -][a-z]+){0,3}", name) else ""


def bare(name: str) -> str:
    """Without its way of use: "fluticasone nasal" is fluticasone."""
    ways = (" injection", " nasal", " topical", " oral inhalation", " ophthalmic", " otic")
    ways += (" vaginal", " rectal", " transdermal patch", " transdermal", " nasal inhalation")
    ways += (" nasal spray", " buccal", " sublingual", " inhalation", " and", " patch")
    return next((name.removesuffix(way) for way in ways if name.endswith(way)), name)


def conditions(
    entries: list[tuple[str, list[str]]], common: set[str], drug_names: set[str]
) -> set[str]:
    """Names of findings with their kind: S for chapter R (symptoms and signs), D otherwise."""
    found: dict[str, str] = {}
    for code, names in entries:
        if code[0] in NO_FINDINGS:
            continue
        for name in names:
            name = re.sub(r"\s*[\[(].*?[\])]", "", name).lower()
            name = re.sub(r",? (unspecified|not otherwise specified|nos|nec)$", "", name)
            parts = name.split()
            if not 1 <= len(parts) <= 5 or not re.fullmatch(r"[a-z' -]+", name):
                continue
            if set(parts) & {"other", "unspecified", "and", "or", "with", "without", "due"}:
                continue
            common_word = len(parts) == 1 and (
                name in common or name in drug_names or len(name) < 5
            )
            # Common words are findings only where our own list says so.
            if common_word and not name.endswith(
                ("itis", "osis", "emia", "uria", "pathy", "algia", "oma")
            ):
                continue
            if name in NO_FINDINGS_EITHER:
                continue
            found.setdefault(name, "S" if code[0] == "R" else "D")
    return {f"{name}\t{kind}" for name, kind in found.items()}


def index(entries: list[tuple[str, list[str]]]) -> None:
    """The search index: postings of each word, weighted by tf-idf and length.

    Injuries by cause, seventh characters and what only names a block of codes are left out.
    """
    docs = [(code, names) for code, names in entries if code[0] not in "VWXY" and len(code) <= 7]
    bags = []
    for _, names in docs:
        bag: Counter[str] = Counter()
        for n, name in enumerate(names):
            for word in set(stems(name)):
                bag[word] += 3 if n == 0 else 1
        bags.append(bag)
    df = Counter(word for bag in bags for word in bag)
    vocabulary = sorted(df)
    number = {word: n for n, word in enumerate(vocabulary)}
    idf = {word: np.log(len(docs) / df[word]) for word in vocabulary}
    postings: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for at, bag in enumerate(bags):
        weights = {word: (1 + np.log(count)) * idf[word] for word, count in bag.items()}
        norm = np.sqrt(sum(value**2 for value in weights.values())) or 1.0
        for word, value in weights.items():
            postings[number[word]].append((at, value / norm))
    sizes = [len(postings[n]) for n in range(len(vocabulary))]
    flat = [pair for n in range(len(vocabulary)) for pair in postings[n]]
    np.savez_compressed(
        HERE / "icd.npz",
        codes=text_array(code for code, _ in docs),
        names=text_array(names[0] for _, names in docs),
        words=text_array(vocabulary),
        idf=np.array([idf[word] for word in vocabulary], dtype=np.float16),
        offsets=np.cumsum([0, *sizes]).astype(np.int32),
        where=np.array([at for at, _ in flat], dtype=np.uint16),
        weight=np.array([value for _, value in flat], dtype=np.float16),
    )


def text_array(values: Iterable[str]) -> np.ndarray:
    return np.frombuffer("\n".join(values).encode(), dtype=np.uint8)


def write(name: str, lines: Iterable[str]) -> None:
    raw = "\n".join(lines).encode()
    (HERE / f"{name}.txt.gz").write_bytes(gzip.compress(raw, 9, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
