"""What is said not to be, by whom it is had, and when: rules in the manner of ConText. Pure.

A cue reaches over the findings that follow it in its sentence, through commas, "or" and "and",
until another statement begins. An answer "no" reaches back over the question.
"""

from collections.abc import Sequence

from transcripts.engines.spoken import listed
from transcripts.engines.tokens import Token
from transcripts.engines.turns import Sentence, asked_together

# How far from its cue the first finding may begin, in words.
_CUES = {
    ("no",): 5,
    ("not",): 5,
    ("denies",): 9,
    ("denied",): 9,
    ("denying",): 9,
    ("deny",): 9,
    ("without",): 6,
    ("never",): 6,
    ("negative", "for"): 8,
    ("free", "of"): 5,
    ("absence", "of"): 5,
    ("ruled", "out"): 4,
    ("rules", "out"): 4,
    ("doesn't", "have"): 5,
    ("don't", "have"): 5,
    ("didn't", "have"): 5,
    ("hasn't", "had"): 5,
    ("haven't", "had"): 5,
    ("doesn't",): 4,
    ("don't",): 4,
    ("isn't",): 4,
    ("wasn't",): 4,
    ("aren't",): 4,
    ("haven't",): 5,
    ("hasn't",): 5,
    ("nor",): 4,
    ("neither",): 5,
    ("nothing", "like"): 4,
    ("lack", "of"): 4,
    ("lacks",): 4,
    ("unremarkable", "for"): 4,
}
_CUES_BY: dict[str, list[tuple[str, ...]]] = {}
for _cue in _CUES:
    _CUES_BY.setdefault(_cue[0], []).append(_cue)
# One word of each cue, for whoever looks for the word that turned a finding around.
CUE_WORDS = {cue[0] for cue in _CUES} | {"nope", "nah", "none", "absent", "negative", "unlikely"}
_PSEUDO = {
    ("no", "change"),
    ("no", "increase"),
    ("no", "improvement"),
    ("no", "doubt"),
    ("no", "better"),
    ("no", "relief"),
    ("not", "only"),
    ("not", "sure"),
    ("not", "certain"),
    ("not", "improved"),
    ("not", "improving"),
    ("not", "better"),
    ("not", "better,"),
    ("not", "controlled"),
    ("not", "resolved"),
    ("not", "gone"),
    ("without", "difficulty"),
    ("no", "wonder"),
    ("no", "allergies"),
    ("no", "longer"),
    ("not", "well"),
    ("not", "helped"),
    ("not", "help"),
    ("don't", "know"),
    ("doesn't", "help"),
}
_AFTER = (
    ("negative",),
    ("absent",),
    ("denied",),
    ("ruled", "out"),
    ("not", "present"),
    ("not", "seen"),
    ("unlikely",),
    ("none",),
    ("was", "negative"),
)
_IS = ("is", "was", "were", "are", ":")
_BREAKS = listed(
    "but however although though except which who because since when while takes take reports "
    "complains admits presents endorses notes states has had he she i we they it there is are "
    "was were just only continue start started increase decrease will plan then now does do for"
)
_LINKS = listed(
    "or and nor any of the a an no other new recent further significant obvious acute chronic "
    "associated overt gross focal signs symptoms evidence history sign symptom either his her my "
    "known documented active ongoing more such as"
)
_FAMILY = listed(
    "mother father brother sister son daughter grandmother grandfather aunt uncle cousin parents "
    "parent mom mum dad wife husband grandma grandpa sibling siblings twin"
)
_SAYS = listed("says said reports reported states stated thinks noticed notes brought denies told")
_HYPOTHETICAL = (
    *(
        ("if",),
        ("return", "for"),
        ("watch", "for"),
        ("risk", "of"),
        ("risk", "for"),
        ("rule", "out"),
    ),
    *(("in", "case"), ("should", "you"), ("worry", "about"), ("screen", "for"), ("prevent",)),
    *(("evaluate", "for"), ("signs", "of", "worsening"), ("call", "for"), ("prophylaxis",)),
)
_DOUBT = listed("possible possibly probable probably suspected suspect likely maybe questionable")
_MAY_BE = (["may", "be"], ["might", "be"], ["could", "be"])
_PAST = (
    *(("history", "of"), ("previous",), ("previously",), ("past",), ("prior",), ("used", "to")),
    *(("status", "post"), ("hx", "of"), ("resolved",), ("childhood",), ("remote",)),
)


def negated(words: Sequence[str], s: Sentence, spans: Sequence[tuple[int, int]]) -> set[int]:
    """Which of the spans, [first, end) in order within the sentence, its own cues negate.

    `words` are those of the whole text in small letters.
    """
    if not spans:
        return set()
    found: set[int] = set()
    at = s.first
    while at < s.end:
        cues = _CUES_BY.get(words[at], ())
        cue = next((c for c in cues if tuple(words[at : at + len(c)]) == c), None)
        if cue is None or tuple(words[at : at + 2]) in _PSEUDO:
            at += 1
            continue
        found |= _reached(words, at + len(cue), s.end, _CUES[cue], spans)
        at += len(cue)
    for n, (_, end) in enumerate(spans):
        behind = words[end : min(end + 4, s.end)]
        skip = next(
            (i for i, w in enumerate(behind) if w not in ("is", "was", "were", "are", ":")), 0
        )
        rest = tuple(behind[skip:])
        if any(rest[: len(a)] == a for a in _AFTER) and (skip or rest[:1] != ("negative",)):
            found.add(n)
    return found


def _reached(
    words: Sequence[str], start: int, end: int, reach: int, spans: Sequence[tuple[int, int]]
) -> set[int]:
    found: set[int] = set()
    at, room = start, reach
    for n, (first, stop) in enumerate(spans):
        if first < start or first >= end:
            continue
        between = words[at:first]
        if any(w in _BREAKS for w in between if at > start or w not in _LINKS | {"have", "had"}):
            break
        said = [w for w in between if w not in ",;"]
        if len(said) > room or (at > start and not _links(between)):
            break
        found.add(n)
        at, room = stop, 4
    return found


def _links(between: Sequence[str]) -> bool:
    """Whether a list goes on: a comma, "or" or "and", and at most two words that describe."""
    if not set(between) & {",", "or", "and", "nor"}:
        return not between
    if "." in between or ";" in between:
        return False
    return len([w for w in between if w not in _LINKS and w != ","]) <= 2


def answered(
    tokens: Sequence[Token],
    all_: Sequence[Sentence],
    spans: dict[int, list[tuple[int, int, str]]],
    denied: set[tuple[int, int]],
) -> set[tuple[int, int]]:
    """Spans asked about and answered "no". `spans` by sentence are (first, end, stems).

    A finding that the answering turn names again, and does not deny, was not answered with no:
    "Any fever or cough?" "No fever, just a cough."
    """
    found: set[tuple[int, int]] = set()
    for at, s in enumerate(all_):
        if s.asked is None or s.answer != "no":
            continue
        told = {
            name
            for n, other in enumerate(all_[at : at + 6], at)
            if other.turn == s.turn and not other.question
            for first, end, name in spans.get(n, ())
            if (first, end) not in denied
        }
        for n in asked_together(tokens, all_, s.asked):
            found |= {(a, b) for a, b, name in spans.get(n, ()) if name not in told}
    return found


def traits(tokens: Sequence[Token], s: Sentence, first: int, end: int) -> list[str]:
    """Whose it is, whether it is certain, and when: AWS's names of traits."""
    words = [t.low for t in tokens[max(s.first, first - 14) : first]]
    cut = max((n for n, w in enumerate(words) if w in ("but", ";")), default=-1)
    words = words[cut + 1 :]
    found = []
    if _of_family(words):
        found.append("PERTAINS_TO_FAMILY")
    if any(_has(words, phrase) for phrase in _HYPOTHETICAL):
        found.append("HYPOTHETICAL")
    if set(words[-3:]) & _DOUBT or words[-3:-1] in (
        ["may", "be"],
        ["might", "be"],
        ["could", "be"],
    ):
        found.append("LOW_CONFIDENCE")
    behind = [t.low for t in tokens[end : min(end + 4, s.end)]]
    past = any(_has(words[-6:], phrase) for phrase in _PAST)
    if past or _has(behind, ("as", "a", "child")):
        found.append("PAST_HISTORY")
    return found


def _of_family(words: Sequence[str]) -> bool:
    if _has(words, ("family", "history")) or _has(words, ("runs", "in", "the", "family")):
        return True
    at = max(
        (n for n, word in enumerate(words) if word.removesuffix("'s") in _FAMILY), default=None
    )
    return at is not None and not set(words[at + 1 : at + 3]) & _SAYS and len(words) - at <= 8


def _has(words: Sequence[str], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return phrase[0] in words and any(
        tuple(words[n : n + size]) == phrase for n in range(len(words) - size + 1)
    )
