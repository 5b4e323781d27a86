"""Which words of a rolling decode to show, so that text on the screen seldom changes. Pure.

A word that two decodes in a row agree on is safe; a sure one that has ended is shown sooner.
What is shown gives way only to what was heard twice, or to the final.
"""

from collections.abc import Sequence

from transcripts.engines.lines import Word

_SURE = 0.5  # probability from which a word is shown at its first hearing
_BORNE_OUT, _CERTAIN = 0.4, 0.8  # and from which it is if the next word is as good as certain
_EDGE = 0.2  # seconds before the end of the audio in which words are still being spoken
_FASTEST = 6.0  # words a second; a decoder that writes more has made them up


class Agreement:
    """What is shown of one utterance while it goes on."""

    def __init__(self) -> None:
        self._before: list[Word] = []
        self._shown: list[Word] = []

    def take(self, words: Sequence[Word], seconds: float, *, whole: bool = False) -> list[Word]:
        """The words to show after a decode of so many seconds gave `words`.

        `whole` says that the speaker paused: no word is cut off.
        """
        words = list(words)
        if len(words) > 1 + _FASTEST * seconds:
            return self._shown
        agreed = _alike(self._before, words)
        self._before = words
        count = agreed
        if whole:
            count = len(words)
        else:
            while count < len(words) and _safe(words[count : count + 2], seconds):
                count += 1
        same = _alike(self._shown, words)
        if same == len(self._shown):
            # All that is shown was heard again.
            self._shown = words[: max(count, same)]
        elif agreed > same or whole:
            self._shown = words[:count]
        return self._shown


def _safe(words: Sequence[Word], seconds: float) -> bool:
    """Is the first of these words over and sure, by itself or by the word that follows?"""
    word = words[0]
    least = _BORNE_OUT if words[-1].probability >= _CERTAIN else _SURE
    return word.probability >= least and word.end <= seconds - _EDGE


def _alike(one: Sequence[Word], other: Sequence[Word]) -> int:
    """How many words at the beginning of both are the same but for case and marks."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if plain(a.text) != plain(b.text):
            break
        count += 1
    return count


def plain(text: str) -> str:
    """A word without case and marks."""
    return "".join(filter(str.isalnum, text.lower()))
