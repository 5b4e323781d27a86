"""A text in turns and sentences, with what asks and what answers. Pure; knows no terms.

A sentence is a range of tokens. Without marks a whole turn is one sentence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from transcripts.engines.tokens import END, Token

Turn = tuple[int, int, str | None]
Phrases = dict[str, list[tuple[str, ...]]]


def _by_word(*phrases: str) -> Phrases:
    found: Phrases = {}
    for phrase in phrases:
        found.setdefault(phrase.split()[0], []).append(tuple(phrase.split()))
    return found


_LABEL = re.compile(r"(?:^|(?<=[.?!\n])\s*)([A-Z][a-z]+(?: \d)?):\s")
_OPENERS = _by_word(
    *("any", "do you", "did you", "does he", "does she", "does it", "did he", "did she"),
    *("have you", "has he", "has she", "had you", "are you", "is he", "is she", "were you"),
    *("was there", "is there", "are there", "do they", "how about", "what about", "or any"),
    *("and any", "ever", "and do you", "and have you", "so any", "okay any", "ok any"),
)
_NO = _by_word(
    *("no", "nope", "nah", "never", "none", "not really", "not at all", "not that", "not any"),
    *("i don't", "i do not", "i haven't", "i have not", "i didn't", "he doesn't", "she doesn't"),
    *("he hasn't", "she hasn't", "uh uh", "mm mm", "nuh uh", "unh unh", "huh uh", "not recently"),
    *("not lately", "well no", "um no", "uh no", "oh no", "no i", "i'm not", "not so far"),
    *("nothing like that", "neither", "not yet"),
)
_YES = _by_word(
    *("yes", "yeah", "yep", "yup", "sure", "i do", "i have", "i did", "a bit", "a little"),
    *("sometimes", "mm hm", "mhm", "mm hmm", "uh huh", "definitely", "quite", "right", "correct"),
    *("well yes", "um yes", "oh yes", "only", "just", "some", "occasionally", "now and then"),
    *("he does", "she does", "he has", "she has", "i am", "all the time", "every", "maybe"),
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """tokens[first:end] of turn number `turn`; `question`, and what it answers if it does.

    `asked` is the index of the question it answers; `answer` "no", "yes" or "" when unclear.
    """

    first: int
    end: int
    turn: int
    question: bool
    asked: int | None = None
    answer: str = ""


def turns_of(text: str) -> list[Turn]:
    """Turns by labels such as "Doctor:"; one turn when the text has none."""
    marks = list(_LABEL.finditer(text))
    if len(marks) < 2:
        return [(0, len(text), None)]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [(m.end(), end, m.group(1)) for m, end in zip(marks, ends, strict=True)]


def sentences(tokens: Sequence[Token], turns: Sequence[Turn]) -> list[Sentence]:
    """The sentences of all turns in order, each with the question it answers."""
    found: list[Sentence] = []
    at = 0
    for number, (begin, end, _) in enumerate(turns):
        while at < len(tokens) and tokens[at].begin < begin:
            at += 1
        first = at
        while at < len(tokens) and tokens[at].begin < end:
            at += 1
            if tokens[at - 1].low in END:
                found.append(_sentence(tokens, first, at, number))
                first = at
        if first < at:
            found.append(_sentence(tokens, first, at, number))
    return [replace(s, **_asked(tokens, found, n)) for n, s in enumerate(found)]


def _sentence(tokens: Sequence[Token], first: int, end: int, turn: int) -> Sentence:
    words = _plain(tokens, first, end)
    return Sentence(first, end, turn, tokens[end - 1].low == "?" or _starts(words, _OPENERS))


def _asked(tokens: Sequence[Token], all_: Sequence[Sentence], n: int) -> dict[str, object]:
    now, before = all_[n], all_[n - 1] if n else None
    if before is None or not before.question or now.question:
        return {}
    words = _plain(tokens, now.first, now.end)
    answer = "no" if _starts(words, _NO) else "yes" if _starts(words, _YES) else ""
    # In one voice, as when a channel holds both or a dictation tells it, only a plain yes or no.
    if before.turn == now.turn and (not answer or words[0] not in ("no", "yes", "none", "never")):
        return {}
    return {"asked": n - 1, "answer": answer}


def asked_together(tokens: Sequence[Token], all_: Sequence[Sentence], n: int) -> list[int]:
    """The question `n` with those right before it in the turn that begin with "any" or "or"."""
    found = [n]
    while n and all_[n - 1].question and all_[n - 1].turn == all_[n].turn:
        if tokens[all_[n].first].low not in ("any", "or", "and", "how", "what"):
            break
        n -= 1
        found.append(n)
    return found


def _plain(tokens: Sequence[Token], first: int, end: int) -> list[str]:
    return [t.low for t in tokens[first : min(end, first + 8)] if not t.mark]


def _starts(words: Sequence[str], phrases: Phrases) -> bool:
    return bool(words) and any(tuple(words[: len(p)]) == p for p in phrases.get(words[0], ()))
