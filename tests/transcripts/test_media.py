"""The player's audio: exact ranges, streamed, to those who may listen, and on record."""

import json

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from review.models import AuditEvent
from tests import rows
from transcripts import media as storage

CONTENT = rows.SPEECH.read_bytes()
SIZE = len(CONTENT)


@pytest.fixture
def audio(cast, as_):
    """Asks for the recording's audio, with a Range header when given."""
    recording = rows.recording(cast)
    browser = as_(cast.clinician)

    def ask(header: str | None = None):
        headers = {} if header is None else {"Range": header}
        return browser.get(f"/recordings/{recording.pk}/audio", headers=headers)

    return ask


def body(answer) -> bytes:
    return b"".join(answer)


pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async")


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, SIZE - 1),
        ("bytes=-100", SIZE - 100, SIZE - 1),
        (f"bytes=0-{SIZE * 10}", 0, SIZE - 1),
        (f"bytes=-{SIZE * 10}", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=300000-300001", 300_000, 300_001),
    ],
)
def test_a_range_is_answered_with_exactly_its_bytes(audio, header, first, last):
    answer = audio(header)
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["Content-Length"] == str(last - first + 1)
    assert body(answer) == CONTENT[first : last + 1]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "bytes=0-1,5-6",
        "bytes=5-2",
        "bytes=-",
        "items=0-5",
        "bytes=one-two",
        f"bytes={'9' * 5000}-",
    ],
)
def test_without_one_well_formed_range_the_whole_is_sent(audio, header):
    answer = audio(header)
    assert answer.status_code == 200 and "Content-Range" not in answer.headers
    assert answer.headers["Accept-Ranges"] == "bytes" and body(answer) == CONTENT


@pytest.mark.parametrize("header", [f"bytes={SIZE}-", f"bytes={SIZE * 2}-{SIZE * 3}", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused_and_not_on_record(audio, header):
    answer = audio(header)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
    assert not AuditEvent.objects.filter(action="recording.played").exists()


def test_the_answer_says_what_it_is_and_may_not_be_stored_or_guessed(audio):
    answer = audio()
    assert answer.headers["Content-Type"] == "audio/flac"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_playable_copy_is_sent_where_there_is_one(cast, as_):
    recording = rows.recording(cast, playable=False)
    key = storage.store(
        f"{recording.media.rpartition('/')[0]}/playback", rows.AUDIO / "manifest.json"
    )
    type(recording).objects.filter(pk=recording.pk).update(playback=key)
    answer = as_(cast.clinician).get(f"/recordings/{recording.pk}/audio")
    assert answer.headers["Content-Type"] == "audio/webm"
    assert body(answer) == (rows.AUDIO / "manifest.json").read_bytes()


def test_a_sitting_is_one_event_however_many_ranges_the_player_asks_for(audio):
    for start in range(0, 5000, 1000):
        audio(f"bytes={start}-{start + 999}")
    assert AuditEvent.objects.filter(action="recording.played").count() == 1


def test_another_persons_listening_is_another_event(cast, as_):
    recording = rows.recording(cast)
    for member in (cast.clinician, cast.editor):
        as_(member).get(f"/recordings/{recording.pk}/audio")
    assert AuditEvent.objects.filter(action="recording.played").count() == 2


def test_an_error_in_the_audit_log_keeps_the_audio_in(cast, as_, monkeypatch):
    recording = rows.recording(cast)
    browser = as_(cast.clinician)
    browser.raise_request_exception = False
    monkeypatch.setattr("transcripts.events._recorder", [])
    answer = browser.get(f"/recordings/{recording.pk}/audio")
    assert answer.status_code == 500 and CONTENT[:100] not in answer.content


def test_peaks_are_json(cast, as_):
    recording = rows.recording(cast)
    answer = as_(cast.clinician).get(f"/recordings/{recording.pk}/peaks")
    assert answer.headers["Content-Type"] == "application/json" and json.loads(answer.content)


def test_the_audio_streams_block_by_block(cast):
    recording = rows.recording(cast)

    async def sizes() -> list[int]:
        browser = AsyncClient()
        await browser.aforce_login(cast.clinician.user)
        answer = await browser.get(f"/recordings/{recording.pk}/audio")
        assert answer.is_async
        return [len(block) async for block in answer.streaming_content]

    got = async_to_sync(sizes)()
    assert sum(got) == SIZE and len(got) == -(-SIZE // storage.BLOCK)
    assert max(got) <= storage.BLOCK


FOUR_HOURS = 4 * 3600


@pytest.fixture
def peaks(cast, as_):
    """Asks for the waveform of a recording of so many seconds."""

    def ask(seconds: int, query: str = ""):
        recording = rows.recording(cast, duration=seconds)
        return as_(cast.clinician).get(f"/recordings/{recording.pk}/peaks{query}")

    return ask


def test_the_waveform_of_four_hours_is_small_and_keeps_the_loudest(peaks):
    answer = peaks(FOUR_HOURS)
    told = answer.json()
    assert len(answer.content) < 25_000
    assert len(told["peaks"]) <= 6_000 and max(told["peaks"]) == 89
    assert len(told["peaks"]) / told["per_second"] == pytest.approx(FOUR_HOURS, abs=3)


def test_a_short_waveform_comes_as_it_was_measured(peaks):
    told = peaks(60).json()
    assert told["per_second"] == 20 and len(told["peaks"]) == 1200 and told["from"] == 0


def test_a_stretch_comes_in_full_detail_and_never_more_than_half_an_hour(peaks):
    told = peaks(FOUR_HOURS, "?from=3600&to=3610").json()
    assert told["from"] == 3600 and len(told["peaks"]) == 200
    assert told["peaks"][:3] == [10 + i % 80 for i in range(72_000, 72_003)]
    most = peaks(FOUR_HOURS, "?from=0")
    assert len(most.json()["peaks"]) == 36_000 and len(most.content) < 160_000


def test_past_the_end_there_is_nothing(peaks):
    assert peaks(60, "?from=3600&to=7200").json()["peaks"] == []


@pytest.mark.parametrize(
    "query", ["?from=x", "?from=5&to=5", "?from=-1", "?from=nan", "?from=9&to="]
)
def test_what_is_no_stretch_is_refused(peaks, query):
    assert peaks(60, query).status_code == 422
