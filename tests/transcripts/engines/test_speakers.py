"""Telling speakers apart on real recordings whose turns are known."""

import copy
import io
import pickle
import time
import tracemalloc
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faster_whisper import decode_audio

from tests.bench.speakers import RATE, Line, Turn, pieces, recordings, score
from tests.transcripts.engines.test_probe import AUDIO
from transcripts.engines import clusters, speakers, voiceprint
from transcripts.engines.data import convert

TURNS = {path.name: turns for path, turns in recordings([])}
MEETING = "human_meeting_ami_dev00.flac"


@cache
def chunks(name: str) -> list[tuple[float, bytes]]:
    samples = decode_audio(str(AUDIO / name), sampling_rate=RATE)
    return [(start, speakers.voices(piece)) for start, piece in pieces(samples)]


def word(content: str, start: float, end: float) -> dict[str, Any]:
    return {"type": "pronunciation", "content": content, "start": start, "end": end}


def line(start: float, end: float, words: int) -> Line:
    """Words spread evenly, and a full stop."""
    edges = np.linspace(start, end, words + 1)
    items = [word("word", float(a), float(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    stop = {"type": "punctuation", "content": ".", "start": None, "end": None}
    return {"start": start, "end": end, "speaker": None, "items": [*items, stop]}


def true_lines(turns: list[Turn]) -> list[Line]:
    return [line(*turn[:2], max(1, round((turn.end - turn.start) * 2.5))) for turn in turns]


def run_on(lines: list[Line]) -> list[Line]:
    """Every two lines as one without a mark between them, as a speech engine may have it."""
    return [
        {**one, "end": other["end"], "items": one["items"][:-1] + other["items"]}
        for one, other in zip(lines[0::2], lines[1::2], strict=False)
    ]


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("conversation_mono.wav", 0.02),
        ("conversation_stereo.wav", 0.02),
        ("telephone_8k.wav", 0.02),
        (MEETING, 0.12),
    ],
)
def test_two_speakers_are_told_apart(name: str, most: float) -> None:
    lines = true_lines(TURNS[name])

    labelled = speakers.label(chunks(name), lines, speakers=2)

    assert {each["speaker"] for each in labelled} == {"spk_0", "spk_1"}
    assert labelled[0]["speaker"] == "spk_0"
    assert score(lines, labelled, TURNS[name]).wrong <= most


@pytest.mark.parametrize("name", ["conversation_mono.wav", "conversation_stereo.wav"])
def test_the_number_of_speakers_is_estimated(name: str) -> None:
    labelled = speakers.label(chunks(name), true_lines(TURNS[name]), speakers=None)

    assert {each["speaker"] for each in labelled} == {"spk_0", "spk_1"}


@pytest.mark.parametrize("count", [None, 1, 2])
def test_one_voice_is_one_speaker(count: int | None) -> None:
    lines = [line(start, start + 4.5, 11) for start in range(1, 50, 5)]

    labelled = speakers.label(chunks("dictation_mono.wav"), lines, speakers=count)

    assert labelled == [{**each, "speaker": "spk_0"} for each in lines]


@pytest.mark.parametrize(
    "name", ["conversation_mono.wav", "conversation_stereo.wav", "telephone_8k.wav"]
)
def test_a_line_of_two_speakers_is_split_between_words(name: str) -> None:
    lines = run_on(true_lines(TURNS[name]))
    lines[0]["alternatives"] = [lines[0]["items"]]
    before = copy.deepcopy(lines)

    labelled = speakers.label(chunks(name), lines, speakers=2)

    assert lines == before
    assert [a for each in labelled for a in each["items"]] == [
        a for each in lines for a in each["items"]
    ]
    result = score(lines, labelled, TURNS[name])
    assert result.wrong_splits == 0
    assert result.right_splits >= len(lines) - 1
    assert result.wrong < 0.05
    assert labelled[0]["alternatives"] == []
    assert all(
        one["end"] <= other["start"] for one, other in zip(labelled, labelled[1:], strict=False)
    )


def test_lines_of_one_speaker_stay_whole() -> None:
    for name, turns in TURNS.items():
        lines = true_lines(turns)
        result = score(lines, speakers.label(chunks(name), lines, speakers=2), turns)
        assert result.wrong_splits == 0


def test_chunks_belong_together_by_their_start() -> None:
    """Two recordings one after the other: the same voices keep their names."""
    name = "conversation_mono.wav"
    lines = true_lines(TURNS[name])
    later = [
        {**line(a["start"] + 60, a["end"] + 60, len(a["items"]) - 1), "text": "again"}
        for a in lines
    ]
    (start, voices), *_ = chunks(name)

    labelled = speakers.label([(start, voices), (60.0, voices)], lines + later, speakers=2)

    names = [each["speaker"] for each in labelled]
    assert names[: len(lines)] == names[len(lines) :]


@pytest.mark.parametrize("name", ["edge_silence_10s.wav", "edge_white_noise_10s.wav"])
def test_without_a_voice_there_is_one_speaker(name: str) -> None:
    labelled = speakers.label(chunks(name), [line(1, 3, 4)], speakers=None)

    assert [each["speaker"] for each in labelled] == ["spk_0"]
    assert speakers.voices(np.empty(0, np.float32)) == chunks("edge_silence_10s.wav")[0][1]
    assert speakers.label([], [], speakers=2) == []


def test_a_line_without_times_goes_with_the_one_before() -> None:
    name = "telephone_8k.wav"
    lines = true_lines(TURNS[name])
    mark = {"type": "punctuation", "content": "?", "start": None, "end": None}
    lines.insert(2, {"start": 11, "end": 11, "speaker": None, "items": [mark]})

    labelled = speakers.label(chunks(name), lines, speakers=2)

    assert labelled[2]["speaker"] == labelled[1]["speaker"]


def test_foreign_or_damaged_voices_are_refused() -> None:
    ((_, voices),) = chunks("telephone_8k.wav")
    for bad in (b"", voices[:-1], b"XXXX" + voices[4:], voices[:4] + b"abcd" + voices[8:]):
        with pytest.raises(ValueError, match="voiceprints"):
            speakers.label([(0.0, bad)], [], speakers=2)


def test_voices_are_small() -> None:
    ((_, voices),) = chunks("conversation_mono.wav")

    assert len(voices) < 1500 * 55.65


def test_four_hours_fit_in_time_and_memory() -> None:
    random = np.random.default_rng(3)
    centres = np.maximum(random.normal(0, 1, (3, voiceprint.SIZE)), 0)
    prints = np.repeat(centres, 12_000, axis=0) + random.normal(0, 0.4, (36_000, 256))
    prints = np.maximum(prints, 0).astype(np.float32)
    prints /= np.linalg.norm(prints, axis=1, keepdims=True)
    middles = np.arange(36_000) * 0.4

    tracemalloc.start()
    began = time.process_time()
    means = clusters.voices(prints, middles, count=3)
    spent, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert np.bincount((prints @ means.T).argmax(1)).tolist() == [12_000] * 3
    assert spent < 20
    assert peak < 400 << 20


def test_the_spectrogram_is_librosas() -> None:
    """Values of librosa 0.11 for a chirp from 200 Hz to 6.2 kHz."""
    t = np.arange(16_000) / 16_000
    bands = voiceprint.mel((0.5 * np.sin(2 * np.pi * (200 * t + 3000 * t * t))).astype(np.float32))

    assert bands.shape == (101, 40)
    assert bands[[10, 30, 50, 70, 90]].argmax(1).tolist() == [10, 22, 28, 32, 35]
    assert bands[[0, 10, 100], [0, 6, 39]] == pytest.approx(
        [1.6262908, 8.8385e-05, 0.01533781], 1e-3
    )
    assert bands.sum() == pytest.approx(2180.8315, 1e-5)


def test_altered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    altered = bytearray(voiceprint._WEIGHTS.read_bytes())
    altered[1000] ^= 1
    (tmp_path / "ge2e.npz").write_bytes(altered)
    monkeypatch.setattr(voiceprint, "_WEIGHTS", tmp_path / "ge2e.npz")

    with pytest.raises(ValueError, match="checksum"):
        voiceprint._weights.__wrapped__()


def test_the_converter_runs_no_code_of_a_checkpoint() -> None:
    class Bad:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return print, ("ran",)

    with pytest.raises(pickle.UnpicklingError, match="not allowed"):
        convert._Reader(io.BytesIO(pickle.dumps(Bad()))).load()
