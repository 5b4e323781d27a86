"""Untrusted audio to PCM, in chunks, with PyAV. Import this only in the sandbox child.

FFmpeg may use one demuxer, chosen by our own sniffing, the decoders named here, and no protocol
but plain files: a playlist that poses as a recording opens nothing else.
"""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from transcripts.engines.rejections import Refusal, in_words
from transcripts.engines.sniff import Sniffed, sniff

RATES = range(8_000, 48_001)
_DEMUXERS = "wav,mp3,flac,ogg,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,amr"
_DECODERS = (
    "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_mulaw,pcm_alaw,"
    "adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,gsm_ms,mp3float,mp3,flac,alac,aac,opus,libopus,vorbis,"
    "amrnb,amrwb,libopencore_amrnb,libopencore_amrwb"
)
_PLAYABLE = {
    "wav": {"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le"},
    "mp3": {"mp3"},
    "flac": {"flac"},
    "mp4": {"aac"},
    "ogg": {"opus", "vorbis"},
    "webm": {"opus", "vorbis"},
}
# More unreadable packets than this, or more missing at the end, and words may be lost unseen.
_BAD_SHARE = 0.01
_SLACK_SECONDS = 0.5
_SLACK_SHARE = 0.001


class Source:
    """One opened recording: its facts, and its samples through `chunks`.

    Raises Refusal at opening for whatever the header shows, and in `chunks` for whatever
    only decoding shows. Use as a context manager.
    """

    def __init__(self, path: Path) -> None:
        self.sniffed = _accepted(path)
        try:
            self._container = av.open(
                f"file:{path.resolve()}",
                format=self.sniffed.demuxer,
                metadata_errors="ignore",
                options={
                    "format_whitelist": _DEMUXERS,
                    "codec_whitelist": _DECODERS,
                    "protocol_whitelist": "file",
                },
            )
        except FFmpegError:
            raise Refusal("damaged") from None
        try:
            self._examine()
        except BaseException:
            self._container.close()
            raise

    def _examine(self) -> None:
        if not self._container.streams.audio:
            raise Refusal("not_audio")
        self._stream = self._container.streams.audio[0]
        context = self._stream.codec_context
        if context is None:
            raise Refusal("unsupported_format")
        context.thread_count = 1
        self.codec = context.codec.canonical_name
        self.rate = context.sample_rate
        self.channels = context.layout.nb_channels
        _check_shape(self.rate, self.channels)
        self.declared = self._declared_seconds()

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    @property
    def playable(self) -> bool:
        """Whether the current browsers play the file as it is."""
        if self.sniffed.format == "webm" and not self.sniffed.webm:
            return False
        return self.codec in _PLAYABLE.get(self.sniffed.format or "", set())

    def _declared_seconds(self) -> float | None:
        if not self.sniffed.exact_length:
            return None
        if self._stream.duration and self._stream.time_base:
            return float(self._stream.duration * self._stream.time_base)
        if self._container.duration and len(self._container.streams) == 1:
            return self._container.duration / av.time_base
        return None

    def chunks(self, *, rate: int | None, max_seconds: float) -> Iterator[np.ndarray]:
        """Yield int16 arrays of shape (samples, channels) at `rate` Hz (None: as recorded).

        Memory does not grow with length. Raises Refusal: too_long as soon as more than
        max_seconds were decoded; at the end damaged, truncated or too_short.
        """
        layout = "mono" if self.channels == 1 else "stereo"
        target = rate or self.rate
        resampler: AudioResampler | None = None
        shape: tuple[object, ...] = ()
        seconds = 0.0
        self._packets = self._bad = 0
        self._stopped = False
        for frame in self._frames():
            _check_shape(frame.sample_rate, frame.layout.nb_channels)
            seconds += frame.samples / frame.sample_rate
            if seconds > max_seconds:
                raise Refusal("too_long")
            frame.pts = None
            if shape != (frame.sample_rate, frame.layout.name, frame.format.name):
                # Chained Ogg and some AAC change shape on the way; a resampler cannot.
                if resampler is not None:
                    yield from _arrays(resampler.resample(None), self.channels)
                resampler = AudioResampler(format="s16", layout=layout, rate=target)
                shape = (frame.sample_rate, frame.layout.name, frame.format.name)
            yield from _arrays(resampler.resample(frame), self.channels)
        if resampler is not None:
            yield from _arrays(resampler.resample(None), self.channels)
        self._judge(seconds)

    def _frames(self) -> Iterator[AudioFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except FFmpegError:
                self._stopped = True
                return
            if packet is None:
                return
            self._packets += 1
            try:
                frames = packet.decode()
            except FFmpegError:
                self._bad += 1
                continue
            yield from frames

    def _judge(self, seconds: float) -> None:
        missing = (self.declared or 0.0) - seconds
        short = missing > _SLACK_SECONDS + _SLACK_SHARE * seconds
        unsure = self._stopped and (short or not self.declared)
        if unsure or self._bad > max(1, _BAD_SHARE * self._packets) or (not seconds and self._bad):
            raise Refusal("damaged")
        if short and self.declared:
            found = f"{in_words(seconds)} of {in_words(self.declared)} are there"
            raise Refusal("truncated", found)
        if seconds < 0.5:
            raise Refusal("too_short")


def _accepted(path: Path) -> Sniffed:
    sniffed = sniff(path)
    if sniffed.demuxer is None:
        if sniffed.unreadable:
            raise Refusal("unsupported_format", sniffed.unreadable)
        raise Refusal("not_audio")
    if sniffed.cut_off:
        raise Refusal("truncated")
    return sniffed


def _check_shape(rate: int, channels: int) -> None:
    if channels == 0 or rate == 0:
        raise Refusal("unsupported_format")
    if rate not in RATES:
        raise Refusal("sample_rate", f"it is {rate / 1000:g} kHz")
    if channels > 2:
        raise Refusal("channels", f"it has {channels}")


def _arrays(frames: list[AudioFrame], channels: int) -> Iterator[np.ndarray]:
    for frame in frames:
        if frame.samples:
            yield frame.to_ndarray().reshape(-1, channels)
