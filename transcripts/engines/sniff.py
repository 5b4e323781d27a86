"""What a file is, judged by its own bytes: demuxer, format name and declared length.

Names and content types sent by the uploader are never looked at, and nothing is decoded here.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HEAD = 4096
# A recorder that could not seek back leaves one of these in the length field of a WAV header.
_UNKNOWN_SIZES = {0, 0x7FFFFFFF, 0xFFFFFFFF}
_MPEG1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp"}

# Sound that we recognise and cannot read: the reader is told the name instead of "not audio".
_UNREADABLE = (
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media"),
    (b"caff", "Apple Core Audio"),
    (b".snd", "Sun audio"),
    (b"MThd", "MIDI"),
    (b"ADIF", "raw AAC"),
    (b"\x02dss", "Olympus or Philips DSS"),
    (b"\x03dss", "Olympus or Philips DSS"),
    (b"\x03ds2", "Olympus or Philips DS2"),
    (b"\x07ds2", "Olympus or Philips DS2"),
    (b"wvpk", "WavPack"),
    (b"MAC ", "Monkey's Audio"),
    (b".RMF", "RealAudio"),
)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`demuxer` is FFmpeg's name for `format`; `webm` is true for real WebM, false for Matroska.

    `cut_off` means the structure itself shows that the end is missing; `exact_length` that the
    container's declared duration can be believed. `unreadable` names a known but unread format.
    """

    demuxer: str | None
    format: str | None
    unreadable: str | None = None
    cut_off: bool = False
    exact_length: bool = False
    webm: bool = False


def sniff(path: Path) -> Sniffed:
    """Look at the first bytes, and walk the boxes or chunks of WAV and MP4. Raises OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
        if head[:3] == b"ID3":
            head = _after_id3(file, head)
        if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
            return Sniffed("wav", "wav", cut_off=_wav_cut_off(file, size))
        if head[:4] == b"fLaC":
            return Sniffed("flac", "flac", exact_length=True)
        if head[:4] == b"OggS":
            return Sniffed("ogg", "ogg", cut_off=_ogg_cut_off(file, size))
        if head[:4] == b"\x1aE\xdf\xa3":
            return Sniffed("matroska", "webm", exact_length=True, webm=b"webm" in head[:64])
        if head[:6] == b"#!AMR\n" or head[:9] == b"#!AMR-WB\n":
            return Sniffed("amr", "amr")
        if head[4:8] in _MP4_BOXES and _fits(head, size):
            return Sniffed("mov", "mp4", cut_off=_mp4_cut_off(file, size), exact_length=True)
        frame = _first_mpeg_frame(head)
        if frame is not None:
            tagged = any(tag in head[frame : frame + 200] for tag in (b"Xing", b"Info", b"VBRI"))
            return Sniffed("mp3", "mp3", exact_length=tagged)
    return Sniffed(None, None, unreadable=_unreadable(head))


def _fits(head: bytes, size: int) -> bool:
    """Whether the first MP4 box is a box: 'carefree' at the start of a text file is not."""
    length = int.from_bytes(head[:4], "big")
    return head[4:8] == b"ftyp" or length in (0, 1) or 8 <= length <= size


def _after_id3(file: BinaryIO, head: bytes) -> bytes:
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    file.seek(10 + length)
    return file.read(HEAD)


def _unreadable(head: bytes) -> str | None:
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "AIFF"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "AVI video"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "raw AAC"
    return next((name for magic, name in _UNREADABLE if head.startswith(magic)), None)


def _wav_cut_off(file: BinaryIO, size: int) -> bool:
    file.seek(0)
    if file.read(4) != b"RIFF":
        return False  # RF64 keeps its lengths in another chunk
    at = 12
    for _ in range(64):
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            return False
        name, length = struct.unpack("<4sI", header)
        if name == b"data":
            # 4 KiB: a recorder that writes whole blocks may leave the last one out.
            return length not in _UNKNOWN_SIZES and at + 8 + length > size + 4096
        at += 8 + length + (length & 1)
    return False


def _mp4_boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Name and end offset of each top-level box, as far as they can be walked."""
    at = 0
    for _ in range(100_000):
        file.seek(at)
        header = file.read(16)
        if len(header) < 8:
            return
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:
            length = size - at
        if length < 8:
            return
        at += length
        yield header[4:8], at


def _mp4_cut_off(file: BinaryIO, size: int) -> bool:
    boxes = list(_mp4_boxes(file, size))
    return all(name != b"moov" for name, _ in boxes) or boxes[-1][1] > size


def _ogg_cut_off(file: BinaryIO, size: int) -> bool:
    """Whether the last page promises more bytes than the file holds."""
    file.seek(max(0, size - 65_307))  # no page is larger
    tail = file.read()
    at = tail.rfind(b"OggS")
    lengths_at = at + 27
    if at < 0 or lengths_at > len(tail):
        return True
    lengths = tail[lengths_at : lengths_at + tail[at + 26]]
    return lengths_at + len(lengths) + sum(lengths) > len(tail)


def _mpeg_frame_length(header: bytes) -> int | None:
    """Bytes of the MPEG layer III frame that starts here, or None if it is not one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return None
    kbps = (_MPEG1_KBPS if version == 3 else _MPEG2_KBPS)[bitrate]
    factor = 144 if version == 3 else 72
    return factor * kbps * 1000 // _MPEG_RATES[version][rate] + (header[2] >> 1 & 1)


def _first_mpeg_frame(head: bytes) -> int | None:
    """Offset of the first of three MPEG frames in a row: one alone turns up in any noise."""
    for start in range(max(0, len(head) - 4)):
        at = start
        for _ in range(3):
            length = _mpeg_frame_length(head[at : at + 4])
            if length is None:
                break
            at += length
            if at + 4 > len(head):
                if at > start + length:  # at least two seen before the head ran out
                    return start
                break
        else:
            return start
    return None
