"""The cues and formats by which protected health information is found. Pure.

Each rule yields what it finds in one line; choosing among overlapping finds is up to phi.py.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from transcripts.engines import specialties
from transcripts.engines.dates import MONTHS
from transcripts.engines.numerals import is_number, run
from transcripts.engines.spoken import listed

# AWS writes its groups with asterisks, as in its guide's example of a batch result.
PERSONAL, GEOGRAPHIC, ACCOUNT = "PHI*-Personal*", "PHI*-Geographic*", "PHI*-Account*"
VEHICLE, OTHER = "PHI*-Vehicle*", "PHI*-Other*"

_TITLES = listed("mr mrs ms miss mister missus doctor dr prof professor")
_CUES = (
    *("dictation for", "patient name is", "patient's name is", "name of patient is", "my name is"),
    *("patient is", "patient name", "seen by", "referred by", "referral from", "dictated by"),
    *("patient", "name is", "note for", "letter for"),
)
_STRONG = ("dictation for", "patient name is", "patient's name is", "my name is", "patient is")
_IDS = (
    *("medical record number", "record number", "account number", "chart number", "policy number"),
    *("social security number", "social security", "member number", "insurance number"),
    *("license number", "certificate number", "beneficiary number", "fin number"),
    *("mrn", "ssn", "member id", "patient id", "account id"),
)
_VEHICLES = ("license plate", "plate number", "vehicle identification number", "vin")
_STREETS = listed(
    "street st avenue ave road rd drive dr lane ln boulevard blvd court ct way place parkway "
    "highway terrace circle"
)
_AGES = listed("year years month months week weeks day days")
# What stands after "patient" or "name is" with a capital letter, or in a text without any.
_NO_NAMES = listed(
    "a an the he she it they we i is was has had will would can could may doing not no here "
    "alert well currently now also very still being taking having feeling on in at for with to "
    "of and or who that this there denies reports states complains presents continues follows "
    "returns takes seen stable afebrile pleasant obese known new old male female man woman boy "
    "girl today follow-up followup admitted discharged able unable aware oriented allergic "
    "pregnant mother father his her please caucasian african american hispanic latino latina "
    "asian white black native history name number date birth mrn identification education "
    "safety care"
)
_PROFESSIONS = listed(
    "accountant architect baker barber bartender butcher carpenter cashier chef cleaner clerk "
    "coach contractor cook dentist designer driver electrician engineer farmer firefighter "
    "fisherman gardener hairdresser janitor journalist judge landscaper lawyer librarian "
    "lineman machinist mechanic miner musician nurse painter paralegal pharmacist pilot plumber "
    "programmer realtor roofer salesman secretary soldier student tailor teacher technician "
    "trucker veterinarian waiter waitress welder writer"
)

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_IP = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_PHONE = re.compile(r"(?:\+?1[-. ]?)?\(?[2-9]\d{2}\)?[-. ]?\d{3}[-. ]?\d{4}|[2-9]\d{2}[- ]\d{4}")
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_SLASHED = re.compile(
    r"(?:0?[1-9]|1[0-2])[/-](?:0?[1-9]|[12]\d|3[01])[/-](?:\d{4}|\d{2})|\d{4}-\d\d-\d\d"
)
_DAY = re.compile(r"(?:[12]?\d|3[01])(?:st|nd|rd|th)?")
_DAYS = listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
    "thirtieth"
)
_NAME = re.compile(r"(?:O['’])?[A-Z][a-z]+(?:['’-]?[A-Z][a-z]+)*|[A-Z]\.?")
_AGED = re.compile(r"(\d{1,3})-(?:year|month|week|day)s?-old")
_BIRTHS = ("date of birth", "date of birth is", "birth date", "birthday is", "dob")
_PLATE = re.compile(r"(?=.*\d)[\w-]{4,}")


_TERMS = frozenset(
    word.lower()
    for specialty in ("FAMILYMEDICINE", "INTERNALMEDICINE", "OBGYN", "PEDIATRICS")
    for term in specialties.bias(specialty)
    for word in term.split()
)


@dataclass(frozen=True, slots=True)
class Found:
    """PHI in the words first..last (both included) of a line."""

    first: int
    last: int
    type: str
    category: str
    confidence: float


class Text:
    """The words of a line as written and in small letters, with the marks between them."""

    def __init__(self, words: Sequence[str], parted: Sequence[bool], cased: bool) -> None:
        self.words, self.parted, self.cased = words, parted, cased
        self.low = [word.lower().strip(".") for word in words]
        self.places: dict[str, list[int]] = {}
        for at, word in enumerate(self.low):
            self.places.setdefault(word, []).append(at)

    def run(self, at: int) -> int:
        """The end of the number words from `at` on, up to a mark."""
        end = run(self.low, at)
        return next((n for n in range(at + 1, end) if self.parted[n]), end)

    def after(self, cues: Sequence[str]) -> Iterator[tuple[str, int]]:
        """(cue, index of the word behind it) for each place where a cue ends."""
        for cue in cues:
            parts = cue.split()
            for at in self.places.get(parts[0], ()):
                if at + len(parts) < len(self.low) and self.low[at : at + len(parts)] == parts:
                    yield cue, at + len(parts)


def _names(text: Text) -> Iterator[Found]:
    for at, word in enumerate(text.low):
        last = _name_end(text, at + 1) if word in _TITLES else None
        if last is not None and not text.parted[at + 1]:
            yield Found(at + 1, last, "NAME", PERSONAL, 0.9)
    for cue, at in text.after(_CUES):
        if text.parted[at] and text.low[at - 1] not in ("patient", "name"):
            continue
        last = _name_end(text, at) if text.cased else _uncased_end(text, at, cue)
        if last is not None and (cue in _STRONG or last > at):
            yield Found(at, last, "NAME", PERSONAL, 0.85 if text.cased else 0.6)


def _name_end(text: Text, at: int) -> int | None:
    """The last word of a name that begins at `at`: up to three words with a capital."""
    if at < len(text.low) and text.low[at] in _TITLES:
        return None
    end = at
    while end < len(text.words) and end < at + 3 and (end == at or not text.parted[end]):
        word = text.words[end]
        titled = at > 0 and text.low[at - 1] in _TITLES and not text.cased
        if not (_NAME.fullmatch(word) or titled and word.isalpha() and end == at):
            break
        if text.low[end] in _NO_NAMES | MONTHS or text.low[end] in _TERMS:
            break
        end += 1
    whole = any(len(word) > 2 for word in text.words[at:end])
    return end - 1 if end > at and whole else None


def _uncased_end(text: Text, at: int, cue: str) -> int | None:
    """ "patient is james holloway forty five year old": two unknown words before an age or ID."""
    two, behind = text.low[at : at + 2], text.low[at + 2 : at + 3]
    if cue not in _STRONG or len(two) < 2 or not behind:
        return None
    plain = all(w.isalpha() and w not in _NO_NAMES | _TERMS and not is_number(w) for w in two)
    follows = is_number(behind[0]) or behind[0] in ("a", "mrn", "medical", "date", "age", "aged")
    return at + 1 if plain and follows else None


def _numbers(text: Text) -> Iterator[Found]:
    """IDs and plates behind their cue; phones by format."""
    for cues, category in ((_IDS, ACCOUNT), (_VEHICLES, VEHICLE)):
        for _, at in text.after(cues):
            while at < len(text.low) and text.low[at] in ("is", "number", "of", "no"):
                at += 1
            end = at
            while end < len(text.low) and _in_id(text, end) and (end == at or not text.parted[end]):
                end += 1
            if end > at:
                yield Found(at, end - 1, "ID", category, 0.95)
    for at, word in enumerate(text.words):
        if _SSN.fullmatch(word):
            yield Found(at, at, "ID", ACCOUNT, 0.95)
        for size in (3, 2, 1) if any(c.isdigit() for c in word) else ():
            part = text.words[at : at + size]
            joined = " ".join(part)
            grouped = all(any(c.isdigit() for c in w) for w in part) and len(part) == size
            if grouped and _PHONE.fullmatch(joined) and not _SSN.fullmatch(joined):
                yield Found(at, at + size - 1, "PHONE", PERSONAL, 0.9 + size / 100)
        inside = at > 0 and not text.parted[at] and is_number(text.low[at - 1])
        if not inside and (end := text.run(at)) - at >= 7:
            yield Found(at, end - 1, "PHONE", PERSONAL, 0.8)


def _in_id(text: Text, at: int) -> bool:
    digit = is_number(text.low[at]) or text.low[at] in ("oh", "o", "dash")
    return digit or bool(_PLATE.fullmatch(text.words[at]))


def _ages(text: Text) -> Iterator[Found]:
    for at, word in enumerate(text.low):
        if _AGED.fullmatch(word):
            yield Found(at, at, "AGE", PERSONAL, 0.9)
        old = word in _AGES and text.low[at + 1 : at + 2] == ["old"]
        if old or word in ("year-old", "years-old", "month-old", "week-old", "day-old"):
            first = at
            while first and is_number(text.low[first - 1]) and not text.parted[first]:
                first -= 1
            if first < at:
                yield Found(first, at - 1, "AGE", PERSONAL, 0.9)
        if word in ("age", "aged") and (end := text.run(at + 1)) > at + 1:
            yield Found(at + 1, end - 1, "AGE", PERSONAL, 0.85)


def _dates(text: Text) -> Iterator[Found]:
    for at, word in enumerate(text.low):
        if _SLASHED.fullmatch(word):
            yield Found(at, at, "DATE", PERSONAL, 0.95)
        if word not in MONTHS:
            continue
        first, last = at, at
        if at and (_DAY.fullmatch(text.low[at - 1]) or text.low[at - 1] in _DAYS):
            first -= 1
        elif at > 1 and text.low[at - 1] == "of" and _is_day(text.low[at - 2]):
            first -= 2
        while last + 1 < len(text.low) and last < at + 5 and _is_day(text.low[last + 1]):
            last += 1
        if last > first:
            yield Found(first, last, "DATE", PERSONAL, 0.9)
    for _, at in text.after(_BIRTHS):
        end = text.run(at)
        if end > at:
            yield Found(at, end - 1, "DATE", PERSONAL, 0.85)


def _is_day(word: str) -> bool:
    ordinal = word in _DAYS or bool(_DAY.fullmatch(word))
    return ordinal or is_number(word) and "." not in word


def _places(text: Text) -> Iterator[Found]:
    """A number, one to three names and a kind of street; a ZIP code behind its cue."""
    for at, word in enumerate(text.low):
        if word in _STREETS:
            first = at
            while first and at - first < 3 and _NAME.fullmatch(text.words[first - 1]):
                first -= 1
            number = first
            while number and is_number(text.low[number - 1]) and not text.parted[number]:
                number -= 1
            if first < at and number < first:
                yield Found(number, at, "ADDRESS", GEOGRAPHIC, 0.85)
    for _, at in text.after(("zip code", "zip code is", "zip")):
        end = text.run(at)
        if end > at:
            yield Found(at, end - 1, "ADDRESS", GEOGRAPHIC, 0.9)


def _addresses(text: Text) -> Iterator[Found]:
    """E-mail, web and network addresses, written or spoken ("jane at example dot com")."""
    for at, word in enumerate(text.words):
        if _EMAIL.fullmatch(word):
            yield Found(at, at, "EMAIL", PERSONAL, 0.98)
        elif _URL.fullmatch(word) or _IP.fullmatch(word):
            yield Found(at, at, "URL", OTHER, 0.9)
        elif 0 < at < len(text.low) - 3 and (text.low[at], text.low[at + 2]) == ("at", "dot"):
            yield Found(at - 1, at + 3, "EMAIL", PERSONAL, 0.85)


def _work(text: Text) -> Iterator[Found]:
    for at, word in enumerate(text.low):
        before = text.low[max(0, at - 3) : at]
        cued = not {"a", "an", "old", "retired", "as", "former"}.isdisjoint(before)
        if word in _PROFESSIONS and cued:
            yield Found(at, at, "PROFESSION", PERSONAL, 0.7)


RULES: tuple[Callable[[Text], Iterator[Found]], ...] = (
    *(_names, _numbers, _ages, _dates, _places, _addresses, _work),
)
