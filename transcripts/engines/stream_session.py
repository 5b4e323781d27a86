"""One stream inside an inference process: from PCM to results. Used by one thread."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from transcripts.engines import vocabulary
from transcripts.engines.crosstalk import Gate
from transcripts.engines.lines import Word
from transcripts.engines.stream_agreement import Agreement, plain
from transcripts.engines.stream_decoder import RATE, Decoder, Heard
from transcripts.engines.stream_lane import FRAME, Lane, Utterance
from transcripts.engines.stream_vad import Voice
from transcripts.engines.stream_writing import Writer

_BLOCK = 2 * RATE  # samples judged in one go, so that other streams get their turn
_LATE = 2 * RATE  # audio waiting beyond which partials are left out

# A first partial without words is tried again so soon, and so often.
AGAIN, TRIES = RATE * 3 // 20, 3

# Of an utterance so long, in seconds, a partial hears about so much of its end.
LONG, TAIL = 6.0, 3.0
_SEAM = 0.2  # seconds after the seam in which its last word may be heard again

# What is most urgent first.
FINAL, FIRST, PAUSED, PARTIAL = range(4)


class Session:
    """Feed it PCM, let it `listen` and `work`. Results are the dicts that streaming.py reads."""

    def __init__(self, options: dict[str, Any], decoder: Decoder) -> None:
        """`options` are StreamOptions as a dict."""
        self._options = options
        self._decoder = decoder
        self._terms = [vocabulary.Term(**row) for row in options["terms"]]
        self._hotwords = decoder.hotwords(vocabulary.hotwords(self._terms, options["specialty"]))
        self._offset = options["offset"]
        self._channels = options["channels"]
        self._writer = Writer(options, self._terms, decoder.table)
        self._resampled = resampler(options["sample_rate"], self._channels)
        self._gate = Gate() if self._channels == 2 else None
        self._lanes = [_Track(number) for number in range(self._channels)]
        self._ending = False

    def feed(self, pcm: bytes) -> None:
        """Take raw samples, s16le, interleaved."""
        block = np.frombuffer(pcm, "<i2").reshape(-1, self._channels).T
        self._add(self._resampled(block))

    def end(self) -> None:
        """No more audio will come."""
        self._add(self._resampled(None))
        if self._gate:
            self._share(self._gate.finish())
        self._ending = True

    def _add(self, block: np.ndarray) -> None:
        self._share(self._gate.feed(block) if self._gate else block)

    def _share(self, block: np.ndarray) -> None:
        for track, samples in zip(self._lanes, block, strict=True):
            track.lane.add(samples)

    @property
    def done(self) -> float:
        """Seconds of the stream that are dealt with: audio before is needed no more."""
        return self._offset + min(track.lane.done for track in self._lanes) / RATE

    @property
    def voices(self) -> list[str]:
        """The voices that were named, for a process that has to go on with this stream."""
        return self._writer.voices.memory() if self._writer.voices else []

    @property
    def at(self) -> float:
        """Seconds of the stream up to which it was listened to."""
        return self._offset + min(track.lane.at for track in self._lanes) / RATE

    @property
    def over(self) -> bool:
        """Has everything been said that there is to say?"""
        return self._ending and all(track.quiet for track in self._lanes)

    def listen(self) -> int | None:
        """Hear what came; how urgent the most urgent decode is, None for nothing to do."""
        wants = [want for track in self._lanes if (want := track.hear(self._ending)) is not None]
        return min(wants, default=None)

    @property
    def listening(self) -> bool:
        """Is there audio that `listen` would hear without a decode before?"""
        return any(track.behind and track.want is None for track in self._lanes)

    def work(self) -> Iterator[dict[str, Any]]:
        """Do the most urgent decode; results come as they are known."""
        track = min((t for t in self._lanes if t.want is not None), key=lambda t: t.want)
        now, want = track.lane.utterance, track.want
        track.want = None
        assert now
        if want != FINAL and track.late and now.partials:
            return
        samples = track.lane.audio(*track.lane.span())
        if want == FINAL:
            yield from self._final(track, now, samples)
        elif want == PAUSED:
            track.ahead = (now.last, self._decoder.final(samples, self._hotwords))
            yield from self._partial(track, now, track.ahead[1], len(samples) / RATE, whole=True)
        else:
            yield from self._partial(track, now, self._so_far(track, samples), len(samples) / RATE)

    def _so_far(self, track: "_Track", samples: np.ndarray) -> Heard:
        """What was said so far; of a long utterance only the end is heard anew."""
        seconds = len(samples) / RATE
        kept = [word for word in track.words if word.end <= seconds - TAIL]
        if seconds < LONG or not kept:
            return self._decoder.partial(samples, self._hotwords)
        at = kept[-1].end
        heard = self._decoder.partial(samples[int(at * RATE) :], self._hotwords).words
        return Heard((*kept, *joined(kept[-1], heard, at)))

    def _partial(
        self, track: "_Track", now: Utterance, heard: Heard, seconds: float, *, whole: bool = False
    ) -> Iterator[dict[str, Any]]:
        now.partials += 1
        words = track.agreement.take(heard.words, seconds, whole=whole)
        if not words and now.partials <= TRIES:
            now.due = track.lane.at + AGAIN  # try again soon: nothing is on the screen yet
        if words == track.words:
            return
        track.words = list(words)
        line = self._writer.partial(words, self._at(now))
        if line and line["items"]:
            track.shown = True
            yield self._result(now.id, track, line, partial=True)

    def _final(
        self, track: "_Track", now: Utterance, samples: np.ndarray
    ) -> Iterator[dict[str, Any]]:
        heard = None
        if track.ahead and track.ahead[0] == now.last:
            heard = track.ahead[1]
        elif not track.lane.empty:
            heard = self._decoder.final(samples, self._hotwords)
        lines = self._writer.final(heard, samples, self._at(now)) if heard else []
        for number, line in enumerate(lines):
            yield self._result(now.id if not number else f"{now.id}-{number}", track, line)
        if not lines and track.shown:
            empty = {"start": self._at(now), "end": self._at(now), "items": []}
            yield self._result(now.id, track, empty)
        track.close()

    def _at(self, now: Utterance) -> float:
        return self._offset + now.start / RATE

    def _result(
        self, id: str, track: "_Track", line: dict[str, Any], *, partial: bool = False
    ) -> dict[str, Any]:
        channel = track.number if self._channels == 2 else None
        return {"id": id, "channel": channel, "partial": partial, **line}


class _Track:
    """A lane with its detector and what is wanted of it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.lane = Lane()
        self.voice = Voice()
        self.want: int | None = None
        self.ahead: tuple[int, Heard] | None = None  # a final in case nothing follows
        self.shown = False
        self.agreement = Agreement()
        self.words: list[Word] = []  # what was shown last

    def close(self) -> None:
        """The utterance has been dealt with."""
        self.lane.close()
        self.ahead, self.shown, self.words, self.agreement = None, False, [], Agreement()

    @property
    def behind(self) -> int:
        """Samples in whole frames that were not listened to yet."""
        return (self.lane.end - self.lane.at) // FRAME * FRAME

    @property
    def late(self) -> bool:
        return self.behind > _LATE

    @property
    def quiet(self) -> bool:
        return self.want is None and self.lane.utterance is None and not self.behind

    def hear(self, ending: bool) -> int | None:
        if self.want in (FINAL, FIRST):
            return self.want
        block = self.lane.unjudged(_BLOCK)
        if len(block):
            self.lane.judged(self.voice.judge(block))
        while event := self.lane.listen():
            now = self.lane.utterance
            if event == "end":
                self.want = FINAL
                break
            if event == "pause":
                self.want = PAUSED
            elif now and not self.shown and now.partials <= TRIES:
                self.want = FIRST
                break
            else:
                self.want = PARTIAL
        if ending and self.want is None and not self.behind and self.lane.finish():
            self.want = FINAL
        return self.want


def joined(before: Word, words: Sequence[Word], at: float) -> list[Word]:
    """Words heard from `at` on, in the middle of a sentence, as they follow `before`."""
    found = [replace(word, start=word.start + at, end=word.end + at) for word in words]
    if found and found[0].start < at + _SEAM and plain(found[0].text) == plain(before.text):
        del found[0]  # the end of the word before the seam
    goes_on = not before.text.endswith((".", "?", "!"))
    if found and goes_on and re.fullmatch(r" ?[A-Z][a-z]+", found[0].text):
        found[0] = replace(found[0], text=found[0].text.lower())
    return found


def resampler(rate: int, channels: int) -> Any:
    """A function from int16 (channels, n) at `rate` to float32 at 16 kHz; None gives the rest."""
    if rate == RATE:
        return lambda block: (
            np.zeros((channels, 0), np.float32)
            if block is None
            else block.astype(np.float32) / 32768
        )
    from av import AudioFrame, AudioResampler

    layout = "stereo" if channels == 2 else "mono"
    change = AudioResampler(format="s16p", layout=layout, rate=RATE)

    def resampled(block: np.ndarray | None) -> np.ndarray:
        frame = None
        if block is not None:
            if not block.shape[1]:
                return np.zeros((channels, 0), np.float32)
            frame = AudioFrame.from_ndarray(
                np.ascontiguousarray(block), format="s16p", layout=layout
            )
            frame.sample_rate = rate
        parts = [part.to_ndarray() for part in change.resample(frame)]
        if not parts:
            return np.zeros((channels, 0), np.float32)
        return np.concatenate(parts, axis=1).astype(np.float32) / 32768

    return resampled
