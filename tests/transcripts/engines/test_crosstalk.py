"""Channel gating on a real stereo recording, and on speech made to leak, overlap and hide."""

from pathlib import Path

import numpy as np
import pytest

from tests.bench.speakers import RATE, Turn, recordings
from tests.transcripts.engines.test_cut import joined
from tests.transcripts.engines.test_probe import AUDIO
from transcripts.engines import audio
from transcripts.engines.crosstalk import Gate, gate
from transcripts.engines.decode import Source

STEREO = AUDIO / "conversation_stereo.wav"
ROLES = ("clinician", "patient")


@pytest.fixture(scope="module")
def heard() -> np.ndarray:
    with Source(STEREO) as source:
        return np.concatenate(list(source.chunks(rate=RATE, max_seconds=100))).T


@pytest.fixture(scope="module")
def turns() -> list[Turn]:
    return next(turns for path, turns in recordings([]) if path == STEREO)


def within(turns: list[Turn], role: str, length: int) -> np.ndarray:
    found = np.zeros(length, bool)
    for turn in turns:
        if turn.speaker == role:
            found[int(turn.start * RATE) : int(turn.end * RATE)] = True
    return found


def energy(samples: np.ndarray) -> float:
    return float((samples.astype(np.float64) ** 2).sum())


def monologues(heard: np.ndarray, turns: list[Turn]) -> tuple[np.ndarray, np.ndarray]:
    """What each of the two says, in full scale 1, as if they never stopped to listen."""
    both = [heard[n][within(turns, role, heard.shape[1])] / 32768 for n, role in enumerate(ROLES)]
    pause = np.zeros(RATE)
    length = min(map(len, both))
    one, other = (np.concatenate((pause, each[:length], pause)) for each in both)
    return one, other


@pytest.mark.parametrize("leak_db", [None, -18])
def test_a_channel_holds_only_its_own_speaker(
    heard: np.ndarray, turns: list[Turn], leak_db: float | None
) -> None:
    if leak_db is not None:  # 3 ms later, as across a desk
        leaked = 10 ** (leak_db / 20) * np.roll(heard[::-1].astype(float), 48, axis=1)
        heard = np.clip(0.9 * (heard + leaked), -32768, 32767).astype(np.int16)

    kept = gate(heard)

    assert kept.shape == heard.shape
    assert kept.dtype == heard.dtype
    for channel, role in enumerate(ROLES):
        own = within(turns, role, heard.shape[1])
        other = within(turns, ROLES[1 - channel], heard.shape[1])
        assert energy(kept[channel][own]) > 0.999 * energy(heard[channel][own])
        assert energy(kept[channel][other]) < 0.05 * energy(heard[channel][other])
        assert np.mean(kept[channel][other] == 0) > 0.95


def test_blocks_of_any_size_give_the_same(heard: np.ndarray) -> None:
    random = np.random.default_rng(1)
    stream, parts, at = Gate(), [], 0
    while at < heard.shape[1]:
        size = int(random.integers(1, 30_000))
        parts.append(stream.feed(heard[:, at : at + size]))
        at += size
    parts.append(stream.finish())

    assert np.array_equal(np.concatenate(parts, axis=1), gate(heard))


@pytest.mark.parametrize("samples", [0, 1, 319, 320, 4000])
def test_short_recordings_keep_their_length(samples: int) -> None:
    assert gate(np.ones((2, samples), np.float32)).shape == (2, samples)


def test_who_talks_at_the_same_time_is_kept(heard: np.ndarray, turns: list[Turn]) -> None:
    one, other = monologues(heard, turns)
    other = other * 0.5
    both = np.stack([one + 0.03 * other, other + 0.03 * one]).astype(np.float32)

    kept = gate(both)

    assert energy(kept[0]) > 0.99 * energy(both[0])
    assert energy(kept[1]) > 0.99 * energy(both[1])


def test_a_noisy_channel_does_not_silence_a_quiet_speaker(
    heard: np.ndarray, turns: list[Turn]
) -> None:
    _, quiet = monologues(heard, turns)
    noise = np.random.default_rng(2).normal(0, 0.05, len(quiet))
    both = np.stack([noise, 0.05 * quiet]).astype(np.float32)

    assert np.array_equal(gate(both)[1], both[1])


def test_the_same_sound_on_both_channels_is_left_alone(heard: np.ndarray) -> None:
    same = np.stack([heard[0], heard[0]])

    assert np.array_equal(gate(same), same)


def test_pieces_by_channel_are_gated(tmp_path: Path, heard: np.ndarray) -> None:
    pieces = audio.cut(STEREO, tmp_path, by_channel=True)

    kept = gate(heard)
    for channel in (0, 1):
        lane = [piece for piece in pieces if piece.channel == channel]
        assert np.array_equal(joined(lane), kept[channel])
