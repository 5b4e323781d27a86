"""cut() and playback_copy(): exact accounting of samples, quiet boundaries, playable copies."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.transcripts.engines.test_probe import AUDIO, noise, write_wav
from transcripts.engines import audio
from transcripts.engines.base import MediaRejected, Piece
from transcripts.engines.decode import Source
from transcripts.engines.split import RATE, Splitter


def samples_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert (stream.rate, stream.channels) == (RATE, 1)
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(stream)])


def joined(pieces: list[Piece]) -> np.ndarray:
    """All samples of one lane, after checking that times, indexes and lengths agree."""
    parts = []
    end = 0.0
    for index, piece in enumerate(pieces):
        part = samples_of(piece.path)
        assert piece.index == index
        assert piece.start == end
        assert round((piece.end - piece.start) * RATE) == len(part)
        parts.append(part)
        end = piece.end
    return np.concatenate(parts)


def test_a_short_recording_is_one_piece_and_loses_nothing(tmp_path: Path) -> None:
    pieces = audio.cut(AUDIO / "dictation_mono.wav", tmp_path, by_channel=False)

    assert [(piece.index, piece.channel, piece.start) for piece in pieces] == [(0, None, 0.0)]
    assert np.array_equal(joined(pieces), samples_of(AUDIO / "dictation_mono.wav"))


def test_a_long_recording_is_cut_where_it_is_quiet(tmp_path: Path) -> None:
    whole = noise(260)[:, 0]
    pauses = [(47.3, 47.7), (101.0, 101.5), (166.2, 166.6), (214.0, 214.4)]
    for start, end in pauses:
        whole[int(start * RATE) : int(end * RATE)] //= 50
    path = write_wav(tmp_path / "long.wav", whole)

    pieces = audio.cut(path, tmp_path, by_channel=False)

    assert np.array_equal(joined(pieces), whole)
    assert len(pieces) == 5
    for piece, (start, end) in zip(pieces[:-1], pauses, strict=True):
        assert start <= piece.end <= end
    assert all(30 <= piece.end - piece.start <= 90 for piece in pieces)


def test_channels_are_cut_each_on_its_own(tmp_path: Path) -> None:
    whole = noise(130, 22_050, channels=2)
    whole[int(50.0 * 22_050) : int(50.5 * 22_050), 0] = 0
    whole[int(70.0 * 22_050) : int(70.5 * 22_050), 1] = 0
    path = write_wav(tmp_path / "stereo.wav", whole, 22_050)

    apart = audio.cut(path, tmp_path, by_channel=True)
    (tmp_path / "mix").mkdir()
    mixed = audio.cut(path, tmp_path / "mix", by_channel=False)

    with Source(path) as source:
        resampled = np.concatenate(list(source.chunks(rate=RATE, max_seconds=1000)))
    for channel, middle in ((0, 50.25), (1, 70.25)):
        lane = [piece for piece in apart if piece.channel == channel]
        assert np.array_equal(joined(lane), resampled[:, channel])
        assert lane[0].end == pytest.approx(middle, abs=0.3)
    assert {piece.channel for piece in mixed} == {None}
    assert np.array_equal(joined(mixed), resampled.astype(np.int32).sum(axis=1) // 2)
    assert len(resampled) == pytest.approx(130 * RATE, abs=2)


@pytest.mark.parametrize("seconds", [0.5, 90, 90.01, 119.99, 120, 150.5, 181, 400])
def test_pieces_stay_within_their_limits(seconds: float) -> None:
    splitter = Splitter()
    whole = np.zeros(int(seconds * RATE), np.int16)
    pieces = []
    for at in range(0, len(whole), 4321):
        pieces += splitter.feed(whole[at : at + 4321])
    pieces += splitter.finish()

    lengths = [len(piece) / RATE for piece in pieces]
    assert sum(len(piece) for piece in pieces) == len(whole)
    if seconds <= 90:
        assert len(lengths) == 1
    else:
        assert all(30 <= length <= 90 for length in lengths)


def test_a_mono_recording_by_channel_is_one_lane(tmp_path: Path) -> None:
    pieces = audio.cut(AUDIO / "telephone_8k.wav", tmp_path, by_channel=True)

    assert [piece.channel for piece in pieces] == [None]
    assert len(joined(pieces)) == pytest.approx(30.797 * RATE, abs=20)


@pytest.mark.parametrize(
    "name", ["variant_dictation.amr", "telephone_8k.wav", "conversation_stereo.wav"]
)
def test_a_playback_copy_is_playable_and_as_long(tmp_path: Path, name: str) -> None:
    out = tmp_path / "copy.webm"

    audio.playback_copy(AUDIO / name, out)

    original, copy = audio.probe(AUDIO / name), audio.probe(out)
    assert (copy.format, copy.codec, copy.playable) == ("webm", "opus", True)
    assert copy.channels == original.channels
    assert copy.duration == pytest.approx(original.duration, abs=0.03)
    loud = np.array(original.peaks[:-1]), np.array(copy.peaks[: len(original.peaks) - 1])
    assert np.corrcoef(*loud)[0, 1] > 0.95  # the words stay where they were


def test_a_refused_copy_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(MediaRejected):
        audio.playback_copy(AUDIO / "edge_corrupt.mp3", tmp_path / "copy.webm")

    assert list(tmp_path.iterdir()) == []
