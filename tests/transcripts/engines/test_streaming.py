"""Live streams with the real model in real inference processes; audio comes faster than spoken."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.transcripts.engines.scoring import word_error_rate
from tests.transcripts.engines.test_probe import AUDIO, ROOT
from transcripts.engines import stream_process, streaming
from transcripts.engines.base import EngineError
from transcripts.engines.local import samples
from transcripts.engines.streaming import Full, Result, Stream, StreamOptions, Streams
from transcripts.engines.vocabulary import Term

RATE = 16_000
MONO = StreamOptions(RATE, specialty="PRIMARYCARE", type="CONVERSATION")
REFERENCES = {
    entry["file"]: entry.get("reference")
    for entry in json.loads((AUDIO / "manifest.json").read_text())["files"]
}


@pytest.fixture
async def streams() -> AsyncIterator[Streams]:
    pool = Streams(wanted=2, cores=1)
    yield pool
    await pool.close()


def pcm(name: str, seconds: float = 60.0, begin: float = 0.0) -> bytes:
    heard = samples(AUDIO / name)[int(begin * RATE) : int((begin + seconds) * RATE)]
    return (heard * 32767).astype("<i2").tobytes()


async def said(stream: Stream, audio: bytes, *, step: int = 3201) -> list[Result]:
    """Send all of it in odd pieces, end, and collect what comes."""

    async def send() -> None:
        for at in range(0, len(audio), step):
            await stream.send(audio[at : at + step])
        await stream.end()

    sending = asyncio.create_task(send())
    found = [result async for result in stream.results()]
    await sending
    return found


def finals(results: list[Result]) -> list[Result]:
    return [result for result in results if not result.partial]


def text(results: list[Result]) -> str:
    return " ".join(item.content for result in finals(results) for item in result.items)


def computed(pid: int) -> float:
    """CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def until_gone(pid: int) -> None:
    async with asyncio.timeout(10):
        while Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
            await asyncio.sleep(0.02)


async def test_partials_come_first_and_the_final_keeps_their_id(streams: Streams) -> None:
    results = await said(await streams.open(MONO), pcm("human_speech_jfk.flac"))

    assert word_error_rate(REFERENCES["human_speech_jfk.flac"], text(results)) <= 0.1
    assert any(result.partial for result in results)
    ended: set[str] = set()
    for result in results:
        assert result.id not in ended, "nothing follows a final of the same id"
        if not result.partial:
            ended.add(result.id)
    assert {result.id for result in results if result.partial} <= ended
    for result in finals(results):
        assert all(
            0 <= item.confidence <= 1 for item in result.items if item.type == "pronunciation"
        )
    times = [each.start for result in finals(results) for each in result.items if each.end]
    assert times == sorted(times)
    assert streams.model_id.startswith("tiny.en@")
    assert streams.open_count == 0


@pytest.mark.parametrize("name", ["edge_silence_10s.wav", "edge_white_noise_10s.wav"])
async def test_where_nobody_speaks_nothing_is_said(streams: Streams, name: str) -> None:
    assert await said(await streams.open(MONO), pcm(name)) == []


async def test_no_audio_at_all_ends_at_once(streams: Streams) -> None:
    assert await said(await streams.open(MONO), b"\x00") == []


async def test_times_of_a_resumed_stream_go_on_where_it_was(streams: Streams) -> None:
    options = StreamOptions(RATE, specialty="PRIMARYCARE", type="DICTATION", offset=100.0)
    results = await said(await streams.open(options), pcm("human_speech_jfk.flac", 4))

    assert 100.0 <= results[0].start < 101.5


async def test_a_stream_that_waits_for_audio_costs_nothing(streams: Streams) -> None:
    """Pieces of 100 ms hold no whole number of the frames that are listened to at once."""
    stream = await streams.open(MONO)
    await stream.send(bytes(3200))
    await asyncio.sleep(0.3)

    before = computed(*streams.pids)
    await asyncio.sleep(0.7)

    assert computed(*streams.pids) - before <= 0.1
    await stream.abandon()


async def test_streams_of_one_process_are_decoded_side_by_side() -> None:
    pool = Streams(wanted=2, cores=2)
    both = [await pool.open(MONO) for _ in range(2)]

    found = await asyncio.gather(*(said(one, pcm("human_speech_jfk.flac")) for one in both))

    assert len(pool.pids) == 1
    for results in found:
        assert word_error_rate(REFERENCES["human_speech_jfk.flac"], text(results)) <= 0.1
    await pool.close()


async def test_many_cores_have_several_processes() -> None:
    pool = Streams(wanted=1, cores=6)
    await pool.start()

    assert len(pool.pids) == 2
    await pool.close()


async def test_past_capacity_a_stream_is_refused_at_once(streams: Streams) -> None:
    first, _ = await streams.open(MONO), await streams.open(MONO)
    with pytest.raises(Full):
        await streams.open(MONO)

    await first.abandon()

    assert [result async for result in first.results()] == []
    with pytest.raises(EngineError):
        await first.send(bytes(320))
    await (await streams.open(MONO)).abandon()


async def test_streams_can_be_turned_off() -> None:
    with pytest.raises(Full):
        await Streams(wanted=0).open(MONO)


async def test_without_a_model_there_is_a_sentence_and_no_process(tmp_path: Path) -> None:
    pool = Streams(model=str(tmp_path), wanted=1)
    with pytest.raises(EngineError, match="model"):
        await pool.open(MONO)

    assert pool.pids == []


async def test_capacity_is_measured() -> None:
    pool = Streams(cores=1)
    assert pool.capacity == 0
    await pool.start()

    assert 1 <= pool.capacity <= 50
    await pool.close()


async def test_each_channel_is_a_lane_and_leaks_are_muted(streams: Streams) -> None:
    entry = next(
        each
        for each in json.loads((AUDIO / "manifest.json").read_text())["files"]
        if each["file"] == "conversation_stereo.wav"
    )
    with open(AUDIO / "conversation_stereo.wav", "rb") as file:
        raw = file.read()[44:]
    options = StreamOptions(RATE, 2, specialty="PRIMARYCARE", type="CONVERSATION")
    results = await said(await streams.open(options), raw, step=32_000)

    for channel, role in enumerate(entry["channel_roles"]):
        own = [result for result in results if result.channel == channel]
        wanted = " ".join(turn["text"] for turn in entry["turns"] if turn["speaker"] == role)
        assert word_error_rate(wanted, text(own)) <= 0.1


async def test_two_voices_get_two_names(streams: Streams) -> None:
    options = StreamOptions(RATE, specialty="PRIMARYCARE", type="CONVERSATION", speakers=True)
    results = await said(await streams.open(options), pcm("conversation_mono.wav", 32))

    assert all(not any(result.speakers) for result in results if result.partial)
    heard = [
        (result.speakers[0], item.content.strip(".,?").lower())
        for result in finals(results)
        for item in result.items
    ]
    assert {speaker for speaker, _ in heard} == {"spk_0", "spk_1"}
    assert ("spk_0", "brings") in heard
    assert ("spk_1", "cough") in heard
    assert ("spk_1", "penicillin") in heard


async def test_another_rate_is_taken_and_a_vocabulary_shows_its_forms(streams: Streams) -> None:
    heard = np.repeat(np.frombuffer(pcm("dictation_mono.wav", 7.4), "<i2"), 3)
    options = StreamOptions(
        48_000,
        specialty="PRIMARYCARE",
        type="DICTATION",
        terms=(Term("hypertension", display_as="HTN"),),
        phi=True,
    )
    results = await said(await streams.open(options), heard.astype("<i2").tobytes(), step=96_000)

    assert "HTN" in text(results)
    assert any("hypertension" in result.spoken for result in finals(results))
    assert "62" in text(results)


async def test_a_killed_inference_process_costs_no_word(streams: Streams) -> None:
    stream = await streams.open(MONO)
    audio = pcm("human_speech_jfk.flac")
    results: list[Result] = []

    async def read() -> None:
        async for result in stream.results():
            if not results:
                os.kill(streams.pids[0], signal.SIGKILL)
            results.append(result)

    reading = asyncio.create_task(read())
    for at in range(0, len(audio), 3200):
        await stream.send(audio[at : at + 3200])
    await stream.end()
    await reading

    assert word_error_rate(REFERENCES["human_speech_jfk.flac"], text(results)) <= 0.1
    shown = {result.id for result in results if result.partial}
    assert shown <= {result.id for result in finals(results)}, "no partial is left hanging"


async def test_a_process_that_hangs_is_replaced(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_process, "HUNG", 2.5)
    stream = await streams.open(MONO)
    (pid,) = streams.pids
    os.kill(pid, signal.SIGSTOP)

    results = await said(stream, pcm("human_speech_jfk.flac", 4))

    assert "Americans" in text(results)
    assert streams.pids != [pid]


async def test_a_process_that_dies_again_and_again_ends_its_streams(streams: Streams) -> None:
    stream = await streams.open(MONO)
    await stream.send(pcm("human_speech_jfk.flac", 4))

    async def kill() -> None:
        while True:
            for pid in streams.pids:
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.05)

    killing = asyncio.create_task(kill())
    async with asyncio.timeout(20):
        with pytest.raises(EngineError):
            [result async for result in stream.results()]
    killing.cancel()
    assert streams.open_count == 0


async def test_a_sender_who_is_too_far_ahead_waits_and_then_fails(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "WAITING", 3.0)
    monkeypatch.setattr(streaming, "PATIENCE", 0.2)
    stream = await streams.open(MONO)
    os.kill(streams.pids[0], signal.SIGSTOP)
    for _ in range(3):
        await stream.send(bytes(2 * RATE))
    assert stream.waiting == pytest.approx(3.0)

    await stream.send(bytes(2 * RATE))

    with pytest.raises(EngineError, match="faster"):
        [result async for result in stream.results()]
    os.kill(streams.pids[0], signal.SIGCONT)


async def test_a_killed_web_process_leaves_no_inference_process() -> None:
    program = (
        "import asyncio\n"
        "from transcripts.engines.streaming import Streams\n"
        "async def main():\n"
        "    pool = Streams(wanted=1)\n"
        "    await pool.start()\n"
        "    print(pool.pids[0], flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    web = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), stdout=subprocess.PIPE, cwd=ROOT
    )
    assert web.stdout
    pid = int(await web.stdout.readline())
    web.kill()
    await web.wait()

    await until_gone(pid)


async def test_an_inference_process_knows_no_secret_and_shows_no_text(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "not-for-children")
    options = StreamOptions(RATE, terms=(Term("Doe-Smith"),))
    await streams.open(options)
    process = Path(f"/proc/{streams.pids[0]}")

    assert b"not-for-children" not in (process / "environ").read_bytes()
    assert re.fullmatch(
        rb"\S+ -m transcripts\.engines\.stream_worker --threads=1 ",
        (process / "cmdline").read_bytes().replace(b"\0", b" "),
    )


async def test_closing_ends_streams_and_processes(streams: Streams) -> None:
    stream = await streams.open(MONO)
    (pid,) = streams.pids

    await streams.close()

    with pytest.raises(EngineError):
        [result async for result in stream.results()]
    await until_gone(pid)
