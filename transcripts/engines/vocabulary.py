"""A medical vocabulary: AWS's table read strictly, as words to listen for and forms to show.

Pure. Vocabularies as rows, their states and pages live in actions and views; the bias terms that
come with a specialty live in specialties.py.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from transcripts.engines import specialties
from transcripts.engines.spoken import Edit, Line, applied, split, stretches, words

COLUMNS = ("Phrase", "IPA", "SoundsLike", "DisplayAs")
MAX_BYTES = 50 * 1024
MAX_CHARS = 255
# Whisper's prompt takes 223 tokens; the engine counts them, this only keeps the list sensible.
MAX_HOTWORDS = 120

_ALPHABET = re.compile(r"[A-Za-z'.-]*")
_WORD = re.compile(r"[A-Za-z']+|(?:[A-Za-z]\.)+")


@dataclass(frozen=True, slots=True)
class Term:
    """One row of the table. Only `phrase` is never empty."""

    phrase: str
    ipa: str = ""
    sounds_like: str = ""
    display_as: str = ""

    @property
    def spoken(self) -> str:
        """The phrase as one says it: "lisinopril", "atrial fibrillation", "TSH"."""
        return _said(self.phrase)

    @property
    def shown(self) -> str:
        """What a transcript shows: DisplayAs, or the phrase; its hyphens only join words."""
        return self.display_as or self.spoken


class VocabularyError(ValueError):
    """The table breaks rules; `problems` are (line number from 1, sentence), in order."""

    def __init__(self, problems: Sequence[tuple[int, str]]) -> None:
        super().__init__(f"{len(problems)} problems in the vocabulary")
        self.problems = list(problems)


def parse(text: bytes | str) -> list[Term]:
    """The rows of a vocabulary file. Raises VocabularyError with every problem found."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > MAX_BYTES:
        size = len(raw) / 1024
        raise VocabularyError([(1, f"The file has {size:.0f} KB; at most 50 KB are allowed.")])
    try:
        content = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise VocabularyError([(line, "This is not UTF-8. Save the file as UTF-8.")]) from None
    lines = content.split("\n")
    if lines[-1] == "":
        lines.pop()
    problems = _line_ends(lines)
    lines = [line.replace("\r", "") for line in lines]
    if not lines or not any(lines):
        raise VocabularyError([(1, "The table is empty.")])
    columns = _header(lines[0], problems)
    if columns is None:
        raise VocabularyError(problems)
    terms = []
    for number, line in enumerate(lines[1:], 2):
        found: list[str] = []
        term = _row(line, columns, found)
        problems += [(number, sentence) for sentence in found]
        if term:
            terms.append(term)
    if len(lines) == 1:
        problems.append((1, "There is no row below the header."))
    if problems:
        raise VocabularyError(sorted(problems, key=lambda problem: problem[0]))
    return terms


def _line_ends(lines: Sequence[str]) -> list[tuple[int, str]]:
    bad = [number for number, line in enumerate(lines, 1) if "\r" in line]
    if not bad:
        return []
    more = f" So do {len(bad) - 1} more lines." if len(bad) > 1 else ""
    return [(bad[0], f"The line ends in CR LF; save the file with LF line ends.{more}")]


def _header(line: str, problems: list[tuple[int, str]]) -> list[str] | None:
    if line.startswith("\ufeff"):
        problems.append((1, "The file begins with a byte order mark; save it as UTF-8 without."))
        line = line[1:]
    names = line.split("\t")
    before = len(problems)
    for name in names:
        if name.strip() in COLUMNS and name != name.strip():
            problems.append((1, f"There are spaces around the column name {name.strip()}."))
        elif name not in COLUMNS:
            problems.append((1, f"“{_quoted(name)}” is not a column; columns are parted by tabs."))
    for column in COLUMNS:
        count = [name.strip() for name in names].count(column)
        if count == 0:
            problems.append((1, f"The column {column} is missing."))
        elif count > 1:
            problems.append((1, f"The column {column} is there {count} times."))
    return None if len(problems) > before else names


def _row(line: str, columns: Sequence[str], problems: list[str]) -> Term | None:
    """The row's term, or None; what is wrong with the row is added to `problems`."""
    if not line.strip():
        problems.append("The line is empty.")
        return None
    cells = line.split("\t")
    if len(cells) > len(columns):
        problems.append(f"There are {len(cells)} cells; the header has four.")
        return None
    cells += [""] * (len(columns) - len(cells))
    row = dict(zip(columns, cells, strict=True))
    for column in COLUMNS:
        _cell(column, row[column], problems)
    if not row["Phrase"].strip():
        problems.append("The Phrase is missing.")
    if row["IPA"] and row["SoundsLike"]:
        problems.append("IPA and SoundsLike are both given; leave one of them empty.")
    if problems:
        return None
    return Term(row["Phrase"], row["IPA"], row["SoundsLike"], row["DisplayAs"])


def _cell(column: str, value: str, problems: list[str]) -> None:
    if len(value) > MAX_CHARS:
        problems.append(f"{column} has {len(value)} characters; at most 255 are allowed.")
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in value):
        problems.append(f"{column} contains an invisible control character.")
        return
    if value != value.strip():
        problems.append(f"{column} has a space at its beginning or end.")
        value = value.strip()
    if column in ("Phrase", "SoundsLike") and value:
        _spelling(column, value, problems)


def _spelling(column: str, value: str, problems: list[str]) -> None:
    if " " in value:
        problems.append(f"{column} contains a space; join words with hyphens.")
        return
    if not _ALPHABET.fullmatch(value):
        bad = "".join(sorted(set(re.sub(r"[A-Za-z'.-]", "", value))))
        hint = " Write numbers as words." if re.search(r"\d", bad) else ""
        problems.append(
            f"{column} may contain only letters a to z, apostrophes, dots and hyphens, "
            f"not “{_quoted(bad)}”.{hint}"
        )
        return
    for word in value.split("-"):
        if not word:
            problems.append(f"{column} has a hyphen without a word on both sides.")
            return
        if not _WORD.fullmatch(word):
            problems.append(f"Write initials in {column} as A.B.C., with a dot after each letter.")
            return


def _quoted(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:40]


def hotwords(terms: Iterable[Term], specialty: str) -> tuple[str, ...]:
    """What the decoder shall listen for: the vocabulary first, then the specialty's own terms.

    Without doubles and with at most MAX_HOTWORDS words in all. The specialty may be unknown.
    """
    chosen: dict[str, str] = {}
    count = 0
    for phrase in [*(t.spoken for t in terms), *specialties.bias(specialty)]:
        size = len(phrase.split())
        if phrase.lower() in chosen or count + size > MAX_HOTWORDS:
            continue
        chosen[phrase.lower()] = phrase
        count += size
    return tuple(chosen.values())


def display(lines: Iterable[Line], terms: Iterable[Term]) -> list[Line]:
    """The lines with each recognised phrase in its DisplayAs form, what was said in "spoken".

    A phrase, or its SoundsLike spelling, is found whatever its case, as whole words and within one
    stretch between marks; the longest wins, then the first in the table. Alternatives of lines are
    treated the same; those of merged items go, since they were readings of single words.
    """
    index = _index(terms)
    return [
        {
            **line,
            "items": _shown(line["items"], index),
            **(
                {"alternatives": [_shown(reading, index) for reading in line["alternatives"]]}
                if line.get("alternatives")
                else {}
            ),
        }
        for line in lines
    ]


Index = dict[str, list[tuple[list[str], Term, bool]]]


def _index(terms: Iterable[Term]) -> Index:
    """Ways to say each term by their first word, longest first; True marks a mere spelling."""
    index: Index = {}
    for term in terms:
        ways = [(term.phrase, False), (_said(term.phrase), False)]
        if "." in term.phrase:
            ways += [(_lettered(term.phrase, " "), False)]
        if term.sounds_like:
            ways += [(_said(term.sounds_like), True), (_lettered(term.sounds_like, " "), True)]
        for way, spelling in ways:
            said = split(way)
            if said:
                index.setdefault(said[0], []).append((said, term, spelling))
    for ways_from_here in index.values():
        ways_from_here.sort(key=lambda way: -len(way[0]))
    return index


def _shown(items: Sequence[dict], index: Index) -> list[dict]:
    result: list[dict] = []
    done = 0
    for first, end in stretches(items):
        result += items[done:first]
        part = items[first:end]
        found = words(part)
        starts = first == 0 or items[first - 1]["content"] in ".?!"
        result += applied(part, found, _edits(part, [w.text for w in found], index, starts))
        done = end
    return result + list(items[done:])


def _edits(items: Sequence[dict], said: Sequence[str], index: Index, starts: bool) -> list[Edit]:
    """Where to show which form; `starts` says that a sentence begins with the first word."""
    edits = []
    at = 0
    while at < len(said):
        for way, term, spelling in index.get(said[at], ()):
            if list(said[at : at + len(way)]) == way and (term.display_as or spelling):
                form = term.shown
                if starts and at == 0 and items[0]["content"][:1].isupper() and form.islower():
                    form = form[:1].upper() + form[1:]
                edits.append(Edit(at, at + len(way), form))
                at += len(way) - 1
                break
        at += 1
    return edits


def _said(phrase: str) -> str:
    return _lettered(phrase, "").replace("-", " ")


def _lettered(phrase: str, between: str) -> str:
    """A.B.C. as letters with `between` between them; everything else stays."""
    return re.sub(
        r"(?<![A-Za-z'])(?:[A-Za-z]\.)+",
        lambda found: between.join(found[0].replace(".", "")),
        phrase,
    )
