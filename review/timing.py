"""Words and their places in the audio: tokens of typed text, and what an edit does to times.

Pure functions on the Item dicts of the review screen. Nothing here knows segments, versions or
flags; comparing two texts for people to read lives in diff.py.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from review.diff import matches

Item = dict[str, Any]
Token = tuple[str, str]

PRONUNCIATION = "pronunciation"
PUNCTUATION = "punctuation"
MARKS = ".,;:?!"

_ABBREVIATION = re.compile(
    r"(?:dr|mr|mrs|ms|prof|jr|sr|st|vs|approx|[^\W\d_](?:\.[^\W\d_])+)\.", re.IGNORECASE
)
_JOINERS = "\u200c\u200d"


def text_of(items: Iterable[Item]) -> str:
    """The text a person reads: contents joined by one space, none before punctuation."""
    return _join((item["type"], item["content"]) for item in items)


def normalise(text: str) -> str:
    """Typed text as it is stored: NFC, one line, single spaces, none before punctuation.

    Control, bidirectional and other invisible characters are removed: they could make the
    printed text differ from the text that was signed.
    """
    return _join(tokenise(text))


def tokenise(text: str) -> list[Token]:
    """Split typed text into (type, content) tokens; text_of of them is normalise(text).

    Only marks at the end of a word are punctuation, so 7.9, 120/80, 10:30, p.o. and Dr. stay whole.
    """
    tokens: list[Token] = []
    for word in unicodedata.normalize("NFC", "".join(map(_visible, text))).split():
        end = len(word)
        while end and word[end - 1] in MARKS and not _ABBREVIATION.fullmatch(word, 0, end):
            end -= 1
        if end:
            tokens.append((PRONUNCIATION, word[:end]))
        tokens.extend((PUNCTUATION, mark) for mark in word[end:])
    return tokens


def replace_text(
    items: Sequence[Item], text: str, *, start: float, end: float, new_id: Callable[[], str]
) -> list[Item]:
    """The items of a segment after a person typed `text` over it.

    `items` have NFC contents and rising starts; `start` and `end` are the segment's, in seconds.
    Untouched items come back as they were. Replaced and inserted words get an id from `new_id`,
    are by "human" without confidence, and share only the time of the edited gap: as many words as
    before take over the times one by one; otherwise the replaced words' span, or for a pure
    insertion the silence between the neighbours, is shared by word length. The gap may be empty:
    then a new word starts and ends at the same moment.
    """
    tokens = tokenise(text)
    if _join(tokens) == text_of(items):
        return list(items)

    result: list[Item] = []
    pending: list[Token] = []
    removed: list[Item] = []

    def close_gap(following: Sequence[Item]) -> None:
        times = _times(pending, removed, result, following, start, end)
        result.extend(_new_item(token, next(times), new_id()) for token in pending)
        pending.clear()
        removed.clear()

    position = 0
    for kept, old, new in _align(items, tokens):
        if kept:
            close_gap(items[position:])
            result.extend(old)
        else:
            removed.extend(old)
            pending.extend(new)
        position += len(old)
    close_gap(())
    return result


def spans(items: Sequence[Item]) -> list[tuple[int, int]]:
    """Where each item stands in text_of(items), as (first character, the one after the last)."""
    found: list[tuple[int, int]] = []
    at = 0
    for item in items:
        at += bool(found) and item["type"] != PUNCTUATION
        found.append((at, at + len(item["content"])))
        at = found[-1][1]
    return found


def replace_range(
    items: Sequence[Item],
    first: int,
    last: int,
    text: str,
    *,
    start: float,
    end: float,
    new_id: Callable[[], str],
) -> list[Item]:
    """The items after a person put `text` in place of the characters first..last of their text.

    As replace_text, but nothing outside the words that the range touches is looked at; words are
    touched where no space is between them and the range. ValueError when there is no such range.
    """
    whole = text_of(items)
    if not 0 <= first <= last <= len(whole):
        raise ValueError("the range is not within the text")
    low = whole.rfind(" ", 0, first) + 1
    high = whole.find(" ", last)
    high = len(whole) if high < 0 else high
    places = spans(items)
    i = sum(place[1] <= low for place in places)
    j = sum(place[0] < high for place in places)
    left = max((item["end"] for item in _timed(items[:i])), default=start)
    right = min((item["start"] for item in _timed(items[j:])), default=end)
    typed = whole[low:first] + text + whole[last:high]
    made = replace_text(
        items[i:j], typed, start=min(left, right), end=max(right, start), new_id=new_id
    )
    return [*items[:i], *made, *items[j:]]


def occurrences(items: Sequence[Item], token: str, *, match_case: bool) -> list[tuple[int, int]]:
    """Where the words of `token` stand in the text, as character ranges that don't overlap."""
    wanted = [_key(*part, match_case) for part in tokenise(token)]
    keys = [_key(item["type"], item["content"], match_case) for item in items]
    places = spans(items)
    found: list[tuple[int, int]] = []
    at = 0
    while wanted and at <= len(keys) - len(wanted):
        if keys[at : at + len(wanted)] == wanted:
            found.append((places[at][0], places[at + len(wanted) - 1][1]))
            at += len(wanted)
        else:
            at += 1
    return found


def _key(kind: str, content: str, match_case: bool) -> Token:
    return kind, content if match_case else content.casefold()


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    hidden = unicodedata.category(char) in ("Cc", "Cf", "Cs") and char not in _JOINERS
    return "" if hidden else char


def _join(tokens: Iterable[Token]) -> str:
    parts: list[str] = []
    for kind, content in tokens:
        if parts and kind != PUNCTUATION:
            parts.append(" ")
        parts.append(content)
    return "".join(parts)


def _align(
    items: Sequence[Item], tokens: Sequence[Token]
) -> Iterable[tuple[bool, Sequence[Item], Sequence[Token]]]:
    """Runs of (kept?, old items, new tokens) in order.

    Written words are compared before tokens: an engine may have split "Dr." in two where typed
    text keeps it whole, or shown several words as one item, and neither is an edit.
    """
    chunks = _chunks(items)
    old_words = [(word, n) for n, chunk in enumerate(chunks) for word in text_of(chunk).split()]
    new_chunks = _token_chunks(tokens)
    partner: dict[int, list[int]] = {}
    for i, j in matches([word for word, _ in old_words], [_join(c) for c in new_chunks]):
        partner.setdefault(old_words[i][1], []).append(j)

    done_old = done_new = 0
    for n, chunk in enumerate(chunks):
        found = partner.get(n, [])
        size = len(text_of(chunk).split())
        if not found or len(found) != size or found[-1] - found[0] != size - 1:
            continue
        yield from _align_tokens(
            [item for c in chunks[done_old:n] for item in c],
            [token for c in new_chunks[done_new : found[0]] for token in c],
        )
        yield True, chunk, ()
        done_old, done_new = n + 1, found[-1] + 1
    yield from _align_tokens(
        [item for c in chunks[done_old:] for item in c],
        [token for c in new_chunks[done_new:] for token in c],
    )


def _align_tokens(
    items: Sequence[Item], tokens: Sequence[Token]
) -> Iterable[tuple[bool, Sequence[Item], Sequence[Token]]]:
    a = b = 0
    for i, j in matches([(item["type"], item["content"]) for item in items], tokens):
        yield False, items[a:i], tokens[b:j]
        yield True, items[i : i + 1], ()
        a, b = i + 1, j + 1
    yield False, items[a:], tokens[b:]


def _chunks(items: Sequence[Item]) -> list[list[Item]]:
    chunks: list[list[Item]] = []
    for item in items:
        if chunks and item["type"] == PUNCTUATION:
            chunks[-1].append(item)
        else:
            chunks.append([item])
    return chunks


def _token_chunks(tokens: Sequence[Token]) -> list[list[Token]]:
    chunks: list[list[Token]] = []
    for token in tokens:
        if chunks and token[0] == PUNCTUATION:
            chunks[-1].append(token)
        else:
            chunks.append([token])
    return chunks


def _timed(items: Iterable[Item]) -> list[Item]:
    return [item for item in items if item["start"] is not None and item["end"] is not None]


def _times(
    tokens: Sequence[Token],
    removed: Sequence[Item],
    before: Sequence[Item],
    following: Sequence[Item],
    start: float,
    end: float,
) -> Iterable[tuple[float | None, float | None]]:
    words = [content for kind, content in tokens if kind != PUNCTUATION]
    replaced = _timed(removed)
    if replaced and len(replaced) == len(words):
        spans = iter([(item["start"], item["end"]) for item in replaced])
    else:
        spans = _spread(words, *_gap(replaced, before, following, start, end))
    return iter([(None, None) if kind == PUNCTUATION else next(spans) for kind, _ in tokens])


def _gap(
    replaced: Sequence[Item],
    before: Sequence[Item],
    following: Sequence[Item],
    start: float,
    end: float,
) -> tuple[float, float]:
    left = next((item for item in reversed(before) if item["end"] is not None), None)
    right = next((item for item in following if item["start"] is not None), None)
    if replaced:
        low, high = replaced[0]["start"], max(item["end"] for item in replaced)
        limit = right["start"] if right else high
        return low, max(low, min(high, limit))
    low = left["end"] if left else start
    if right is None:
        return low, max(low, end)
    # Neighbours may overlap; the start of the next word must still not be passed.
    return min(low, right["start"]), right["start"]


def _spread(words: Sequence[str], low: float, high: float) -> Iterable[tuple[float, float]]:
    total = sum(map(len, words))
    edges = [low]
    length = 0
    for word in words:
        length += len(word)
        edge = high if length == total else low + (high - low) * length / total
        # Milliseconds are enough, but rounding must not leave the gap.
        edges.append(min(max(round(edge, 3), low), high))
    return zip(edges, edges[1:], strict=False)


def _new_item(token: Token, times: tuple[float | None, float | None], item_id: str) -> Item:
    return {
        "id": item_id,
        "type": token[0],
        "content": token[1],
        "start": times[0],
        "end": times[1],
        "confidence": None,
        "by": "human",
    }
