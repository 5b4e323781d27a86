"""Files that are made to reach other files, other hosts, or the end of memory and time."""

import http.server
import struct
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.security.mutants import beginning
from transcripts.engines.encode import write_flac_blocks

FOREIGN = "other.wav"  # another patient's recording in the same folder
HOURS = 5


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """Somebody who would hear of a request to the outside: the address, and what was asked."""
    asked: list[str] = []

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def foreign(folder: Path) -> Path:
    """The recording that no trap may reach."""
    path = folder / FOREIGN
    samples = np.random.default_rng(7).integers(-9000, 9000, 32_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def traps(other: Path, url: str) -> dict[str, tuple[bytes, str]]:
    """{name: (content, outcome)}; they name `other`, and `url`, where somebody listens."""
    return {**_lists(other, url), **_links(other, url), **_bombs()}


def _lists(other: Path, url: str) -> dict[str, tuple[bytes, str]]:
    """Playlists and scripts of FFmpeg's, under names of recordings, and behind what music has."""
    concat = "ffconcat version 1.0\nfile '{}'\n"
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"
    dash = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
        "<AdaptationSet><Representation><BaseURL>{}</BaseURL></Representation></AdaptationSet>"
        "</Period></MPD>"
    )
    texts = {
        "concat.wav": concat.format(FOREIGN),
        "concat.ffconcat": concat.format(FOREIGN),
        "concat-absolute.ogg": concat.format(other),
        "list.m3u8": hls.format(FOREIGN),
        "list-absolute.m3u8": hls.format(other),
        "list-elsewhere.m3u8": hls.format(f"{url}/canary.mp3"),
        "list.mp3": hls.format(f"{url}/canary.mp3"),
        "list.mpd": dash.format(f"{url}/canary.mp4"),
        "list.pls": f"[playlist]\nFile1={url}/canary.mp3\nNumberOfEntries=1\n",
        "list.sdp": f"v=0\nc=IN IP4 127.0.0.1\nm=audio {url.rpartition(':')[2]} RTP/AVP 0\n",
    }
    tag = b"ID3\x04\0\0\0\0\0\x05abcde"
    tagged = {f"tagged-{name}": tag + text.encode() for name, text in texts.items()}
    plain = {name: text.encode() for name, text in texts.items()}
    return {name: (raw, "not_audio") for name, raw in (plain | tagged).items()}


def _links(other: Path, url: str) -> dict[str, tuple[bytes, str]]:
    """MP4 whose sound is said to lie in another file."""
    return {
        "linked.m4a": (_linked(str(other)), "accepted"),
        "linked-elsewhere.m4a": (_linked(f"{url}/canary.mp4"), "accepted"),
    }


def _linked(address: str) -> bytes:
    """A real M4A with its data reference pointing elsewhere; its own sound is still in it."""
    raw = bytearray(beginning("variant_dictation.m4a"))
    at = raw.index(b"url \0\0\0\1") - 4
    entry = b"url \0\0\0\0" + address.encode() + b"\0"
    entry = struct.pack(">I", len(entry) + 4) + entry
    assert raw.index(b"mdat") < at, "offsets of the sound would change"
    raw[at : at + 12] = entry
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        size_at = raw.index(name) - 4
        (size,) = struct.unpack(">I", raw[size_at : size_at + 4])
        raw[size_at : size_at + 4] = struct.pack(">I", size + len(entry) - 12)
    return bytes(raw)


def _bombs() -> dict[str, tuple[bytes, str]]:
    """Small files that are long, wide, deep or slow."""
    slow = bytearray(_riff(1, 2, np.ones(48_000, "<i2").tobytes()))
    m4a = bytearray(beginning("variant_dictation.m4a"))
    for name in (b"stsz", b"stts", b"stsc", b"stco"):
        at = m4a.index(name) + (12 if name == b"stsz" else 8)
        m4a[at : at + 4] = b"\x7f\xff\xff\xff"
    return {
        "one-hertz.wav": (bytes(slow), "sample_rate"),
        "thirty-channels.wav": (_riff(16_000, 30, bytes(960_000)), "channels"),
        "two-thousand-million-samples.m4a": (bytes(m4a), "damaged"),
        "tag-of-256-megabytes.mp3": (b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(1000), "not_audio"),
        "archive.wav": (b"PK\3\4" + bytes(500), "not_audio"),
    }


def _riff(rate: int, channels: int, data: bytes) -> bytes:
    shape = struct.pack("<HHIIHH", 1, channels, rate, 2 * rate, 2 * channels & 0xFFFF, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + shape + b"data" + struct.pack("<I", len(data))
    return b"RIFF" + struct.pack("<I", len(body) + len(data)) + body + data


def hours_of_silence(path: Path) -> Path:
    """Five hours in three megabytes: over the limit of four, and long to find out."""
    block = np.zeros((8_000 * 600, 1), np.int16)
    write_flac_blocks(path, (block for _ in range(6 * HOURS)), 8_000, 1)
    return path
