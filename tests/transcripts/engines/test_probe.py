"""probe(): every accepted format, every refusal, and what a damaged or hostile file can reach."""

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from transcripts.engines import audio
from transcripts.engines.base import PEAKS_PER_SECOND, MediaInfo, MediaRejected
from transcripts.engines.encode import write_flac

AUDIO = Path(__file__).resolve().parents[2] / "audio"
ROOT = AUDIO.parents[1]


def write_wav(path: Path, samples: np.ndarray, rate: int = 16_000) -> Path:
    """Write int16 samples of shape (n,) or (n, channels)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def noise(seconds: float, rate: int = 16_000, channels: int = 1) -> np.ndarray:
    size = (int(seconds * rate), channels)
    return np.random.default_rng(7).integers(-8000, 8000, size).astype(np.int16)


def refusal(path: Path, **options: float) -> MediaRejected:
    with pytest.raises(MediaRejected) as caught:
        audio.probe(path, **options)
    return caught.value


@pytest.mark.parametrize(
    ("name", "format_", "codec", "rate", "channels", "seconds", "playable"),
    [
        ("dictation_mono.wav", "wav", "pcm_s16le", 16_000, 1, 56.609, True),
        ("conversation_stereo.wav", "wav", "pcm_s16le", 16_000, 2, 44.81, True),
        ("telephone_8k.wav", "wav", "pcm_mulaw", 8_000, 1, 30.797, False),
        ("human_speech_jfk.flac", "flac", "flac", 16_000, 1, 11.0, True),
        ("variant_dictation.flac", "flac", "flac", 16_000, 1, 20.0, True),
        ("variant_dictation.mp3", "mp3", "mp3", 16_000, 1, 20.0, True),
        ("variant_dictation.m4a", "mp4", "aac", 16_000, 1, 20.032, True),
        ("variant_dictation.ogg", "ogg", "opus", 48_000, 1, 20.0, True),
        ("variant_dictation.webm", "webm", "opus", 48_000, 1, 20.0, True),
        ("variant_dictation.amr", "amr", "amr_nb", 8_000, 1, 20.02, False),
        ("edge_white_noise_10s.wav", "wav", "pcm_s16le", 16_000, 1, 10.0, True),
    ],
)
def test_a_good_file_is_described(
    name: str, format_: str, codec: str, rate: int, channels: int, seconds: float, playable: bool
) -> None:
    info = audio.probe(AUDIO / name)

    assert info == MediaInfo(format_, codec, rate, channels, info.duration, playable, info.peaks)
    assert info.duration == pytest.approx(seconds, abs=0.01)
    assert len(info.peaks) == pytest.approx(info.duration * PEAKS_PER_SECOND, abs=1)
    assert all(0 <= peak <= 100 for peak in info.peaks)
    assert max(info.peaks) > 10


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("edge_zero_bytes.wav", "empty"),
        ("edge_text_renamed.wav", "not_audio"),
        ("manifest.json", "not_audio"),
        ("edge_truncated.wav", "truncated"),
        ("edge_truncated.m4a", "truncated"),
        ("edge_corrupt.mp3", "damaged"),
        ("edge_silence_10s.wav", "silent"),
        ("edge_very_short.wav", "too_short"),
    ],
)
def test_a_bad_file_is_refused_in_plain_words(name: str, code: str) -> None:
    error = refusal(AUDIO / name)

    assert error.code == code
    for sentence in (error.message, error.remedy):
        assert sentence.endswith(".")
        assert "{" not in sentence
    assert error.aws_reason


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "m4a", "ogg", "webm"])
def test_half_a_file_is_refused(tmp_path: Path, suffix: str) -> None:
    name = "dictation_mono.wav" if suffix == "wav" else f"variant_dictation.{suffix}"
    whole = (AUDIO / name).read_bytes()
    half = tmp_path / "upload"
    half.write_bytes(whole[: len(whole) // 2])

    assert refusal(half).code == "truncated"


def test_peaks_follow_the_loudness(tmp_path: Path) -> None:
    rate = 11_025  # 1/20 s is not a whole number of samples
    samples = np.zeros(rate * 2, np.int16)
    samples[rate // 2 : rate] = 16_384
    samples[rate * 3 // 2 :] = -32_768

    peaks = audio.probe(write_wav(tmp_path / "steps.wav", samples, rate)).peaks

    assert len(peaks) == 40
    assert set(peaks[1:9]) | set(peaks[21:29]) == {0}
    assert set(peaks[11:19]) == {50}
    assert set(peaks[31:]) == {100}


def test_a_muted_microphone_with_an_offset_is_silent(tmp_path: Path) -> None:
    samples = 900 + np.random.default_rng(1).integers(-8, 8, 32_000)

    assert refusal(write_wav(tmp_path / "muted.wav", samples)).code == "silent"


def test_a_very_quiet_voice_is_not_silent(tmp_path: Path) -> None:
    assert audio.probe(write_wav(tmp_path / "quiet.wav", noise(1) // 100)).duration == 1.0


@pytest.mark.parametrize(
    ("head", "code", "names"),
    [
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(500), "unsupported_format", "Windows Media"),
        (b"FORM\0\0\1\0AIFFCOMM" + bytes(500), "unsupported_format", "AIFF"),
        (b"\x03ds2" + bytes(500), "unsupported_format", "DS2"),
        (b"%PDF-1.7\n" + bytes(500), "not_audio", ""),
        (b"Carefree notes of a visit. " * 40, "not_audio", ""),
        (b"\xff\xfb\x90\x64 and then no second frame", "not_audio", ""),
        (b"ID3\x04\0\0\0\0\0\x05abcde#EXTM3U\n", "not_audio", ""),
    ],
)
def test_other_files_are_named(tmp_path: Path, head: bytes, code: str, names: str) -> None:
    path = tmp_path / "upload.mp3"
    path.write_bytes(head)

    error = refusal(path)

    assert error.code == code
    assert names in error.message


def test_rates_and_channels_outside_the_limits(tmp_path: Path) -> None:
    slow = write_wav(tmp_path / "slow.wav", noise(3), rate=1)
    fast = write_wav(tmp_path / "fast.wav", noise(1, 96_000), rate=96_000)
    wide = write_wav(tmp_path / "wide.wav", noise(1, channels=6))

    assert refusal(slow).aws_reason == "Invalid sample rate for audio file"
    assert refusal(fast).code == "sample_rate"
    assert refusal(wide).code == "channels"


def test_a_recorder_that_left_the_length_open_is_read(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "open.wav", noise(2))
    raw = bytearray(path.read_bytes())
    raw[4:8] = raw[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)

    assert audio.probe(path).duration == 2.0


def test_length_is_limited_while_decoding(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.flac"
    write_flac(bomb, np.zeros(16_000 * 1800, np.int16), 16_000)
    assert bomb.stat().st_size < 1 << 20

    error = refusal(bomb, max_seconds=60)

    assert error.code == "too_long"
    assert "60 seconds" in error.message


def test_a_file_over_two_gigabytes_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.wav"
    with path.open("wb") as file:
        file.truncate(audio.MAX_BYTES + 1)

    assert refusal(path).aws_reason == "Invalid file size: file size too large"


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    path = tmp_path / "two-hours.flac"
    samples = np.zeros(8_000 * 7200, np.int16)
    samples[: 8_000 * 300] = noise(300, 8_000)[:, 0]
    write_flac(path, samples, 8_000)
    script = (
        "import resource, sys; from pathlib import Path; from transcripts.engines import audio;"
        "print(audio.probe(Path(sys.argv[1])).duration,"
        "resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )

    said = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, capture_output=True, check=True
    )

    duration, kilobytes = said.stdout.split()
    assert float(duration) == 7200
    assert int(kilobytes) < 300 * 1024


def test_no_decoder_is_loaded_in_the_calling_process(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from transcripts.engines import audio;"
        "audio.probe(Path(sys.argv[1]));"
        "audio.cut(Path(sys.argv[1]), Path(sys.argv[2]), by_channel=False);"
        "audio.playback_copy(Path(sys.argv[1]), Path(sys.argv[2]) / 'copy.webm');"
        "loaded = {'av', 'numpy', 'ctranslate2', 'django'} & set(sys.modules);"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)"
    )
    arguments = [str(AUDIO / "variant_dictation.amr"), str(tmp_path)]

    subprocess.run([sys.executable, "-c", script, *arguments], cwd=ROOT, check=True)


def test_a_child_that_is_killed_or_hangs_means_a_damaged_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audio, "_allowed_seconds", lambda size: 0)

    assert refusal(AUDIO / "dictation_mono.wav").code == "damaged"


def test_a_broken_installation_is_not_blamed_on_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(audio, "_ROOT", tmp_path)

    with pytest.raises(RuntimeError, match="does not start"):
        audio.probe(AUDIO / "dictation_mono.wav")


def test_a_missing_file_is_not_a_rejection(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        audio.probe(tmp_path / "nowhere.wav")
