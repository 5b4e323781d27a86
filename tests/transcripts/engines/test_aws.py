"""AWS's result document as lines: same display rules as the local engine, and nothing lost."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from transcripts.aws import results
from transcripts.engines.aws_result import parse
from transcripts.engines.base import EngineError, Segment
from transcripts.wire import line

SPEAKERS = json.loads((Path(__file__).parent / "aws_speakers.json").read_text())
CHANNELS = json.loads((Path(__file__).parent / "aws_channels.json").read_text())
TEXTS = [
    "How long have you had the chest pain?",
    "Since March 3rd.",
    "My name is Carol Marsh.",
    "And you still take lisinopril, 15 mg?",
]


def words(*spoken: tuple[str, float, float], **changes: Any) -> dict[str, Any]:
    """A document with these words; a word of no length is a mark."""
    items = []
    for content, start, end in spoken:
        reading = [{"confidence": "0.9", "content": content}]
        times = {"start_time": str(start), "end_time": str(end)} if end > start else {}
        kind = "pronunciation" if times else "punctuation"
        items.append({**times, "alternatives": reading, "type": kind})
    return {"results": {"transcripts": [], "items": items} | changes}


def texts(document: dict[str, Any], duration: float = 60) -> list[str]:
    return [segment.text for segment in parse(document, duration=duration).segments]


def readings(segment: Segment) -> list[str]:
    return [Segment(0, 0, items).text for items in segment.alternatives]


def offered(segment: Segment) -> dict[str, list[tuple[str, float | None]]]:
    return {
        item.content: [(other.content, other.confidence) for other in item.alternatives]
        for item in segment.items
        if item.alternatives
    }


def test_sentences_become_lines_with_their_times_and_speakers():
    found = parse(SPEAKERS, duration=8).segments
    assert [segment.text for segment in found] == TEXTS
    assert [segment.speaker for segment in found] == ["spk_0", "spk_1", "spk_1", "spk_0"]
    assert [(s.start, s.end) for s in found][:2] == [(0.51, 2.31), (2.55, 3.56)]
    assert {segment.channel for segment in found} == {None}


def test_scores_are_numbers_and_marks_have_none():
    first = parse(SPEAKERS, duration=8).segments[0]
    assert (first.items[0].confidence, first.items[0].raw_confidence) == (0.9991, 0.9991)
    mark = first.items[-1]
    assert (mark.type, mark.start, mark.end, mark.confidence) == ("punctuation", None, None, None)


def test_older_documents_name_the_speaker_only_in_the_labels():
    older = copy.deepcopy(SPEAKERS)
    for item in older["results"]["items"]:
        del item["speaker_label"]
    assert parse(older, duration=8) == parse(SPEAKERS, duration=8)


def test_a_change_of_speaker_begins_a_line_within_a_sentence():
    document = words(("Well", 0, 0.4), ("no", 0.5, 0.7))
    for item, who in zip(document["results"]["items"], ("spk_0", "spk_1"), strict=True):
        item["speaker_label"] = who
    assert texts(document) == ["Well", "no"]


def test_channels_are_merged_in_order_of_time():
    found = parse(CHANNELS, duration=8).segments
    assert [segment.text for segment in found] == TEXTS
    assert [segment.channel for segment in found] == [0, 1, 1, 0]


def test_channels_that_talk_over_each_other_keep_their_sentences():
    document = copy.deepcopy(CHANNELS)
    for item in document["results"]["channel_labels"]["channels"][1]["items"]:
        if "start_time" in item:
            item["start_time"] = str(float(item["start_time"]) - 1.5)
            item["end_time"] = str(float(item["end_time"]) - 1.5)
    del document["results"]["segments"]
    assert texts(document, 8) == TEXTS


def test_other_readings_go_to_the_lines_they_are_of():
    found = parse(SPEAKERS, duration=8).segments
    assert [readings(segment) for segment in found] == [
        ["How long have you had the chest pains?"],
        [],
        ["My name is Carole Marshall."],
        ["And you still take listen pril, 15 mg?"],
    ]


def test_words_are_offered_what_other_readings_have_in_their_place():
    found = parse(SPEAKERS, duration=8).segments
    assert [offered(segment) for segment in found] == [
        {"pain": [("pains", 0.2211)]},
        {},
        {"Carol": [("Carole", 0.1402)], "Marsh": [("Marshall", 0.3011)]},
        {"lisinopril": [("listen pril", 0.1207)]},
    ]


def test_readings_find_their_channel_when_the_document_does_not_say_it():
    silent = copy.deepcopy(CHANNELS)
    for segment in silent["results"]["segments"]:
        del segment["channel_label"]
    assert parse(silent, duration=8) == parse(CHANNELS, duration=8)
    assert sum(len(segment.alternatives) for segment in parse(silent, duration=8).segments) == 3


def test_entities_point_at_their_words():
    assert parse(SPEAKERS, duration=8).entities == [
        {
            "line": 1,
            "items": [1, 2],
            "content": "March 3rd",
            "category": "PHI*-Other*",
            "type": "OTHER",
            "start": 2.86,
            "end": 3.56,
            "confidence": 0.9703,
        },
        {
            "line": 2,
            "items": [3, 4],
            "content": "Carol Marsh",
            "category": "PHI*-Personal*",
            "type": "PERSONAL",
            "start": 4.12,
            "end": 4.97,
            "confidence": 0.9987,
        },
    ]


def test_an_entity_over_two_lines_is_marked_in_both():
    raw = {"content": "Anna Bell", "category": "PHI*-Personal*", "confidence": 0.9}
    spoken = [("Anna", 1.0, 1.4), ("Bell", 2.5, 2.9), (".", 0, 0)]
    document = words(*spoken, entities=[raw | {"startTime": 1.0, "endTime": 2.9}])
    found = parse(document, duration=4)
    assert [segment.text for segment in found.segments] == ["Anna", "Bell."]
    assert [(e["line"], e["items"], e["content"]) for e in found.entities] == [
        (0, [0, 0], "Anna"),
        (1, [0, 0], "Bell"),
    ]


def test_lines_break_as_the_local_engines_do():
    pause = words(("one", 0, 0.4), ("two", 1.2, 1.5))
    assert texts(pause) == ["one", "two"]
    long = words(*[(f"w{i}", i * 0.5, i * 0.5 + 0.45) for i in range(70)])
    lengths = [len(segment.items) for segment in parse(long, duration=60).segments]
    assert sum(lengths) == 70 and max(lengths) <= 30


def test_times_stay_within_the_recording_and_display_forms_keep_their_spaces():
    document = words(("heart attack", 0.2, 0.9), ("now", 0.9, 1.3))
    (segment,) = parse(document, duration=1.0).segments
    assert segment.text == "heart attack now" and segment.end == 1.0


def test_silence_is_no_line():
    assert parse(words(), duration=5).segments == ()


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        {"results": None},
        {"results": {}},
        {"results": {"items": [{"type": "pronunciation", "alternatives": []}]}},
        words(("x", 0, 1), segments=[{"start_time": "0"}]),
        words(("x", 0, 1), entities=[{"content": "x"}]),
        words(("x", 0, 1), channel_labels={"channels": [{"channel_label": "left", "items": []}]}),
    ],
)
def test_what_is_no_result_is_refused_with_a_sentence(broken):
    with pytest.raises(EngineError) as refusal:
        parse(broken, duration=5)
    assert refusal.value.reason == "The result of Amazon Transcribe Medical could not be read."


@pytest.mark.parametrize(
    ("sample", "settings"),
    [
        (SPEAKERS, {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2}),
        (CHANNELS, {"ChannelIdentification": True}),
    ],
)
def test_what_countersign_writes_for_aws_clients_reads_back_as_it_was(sample, settings):
    asked = settings | {"ShowAlternatives": True, "MaxAlternatives": 2}
    given = parse(sample, duration=8)
    lines = [line(segment, offset=0, channel=segment.channel) for segment in given.segments]
    document = results.document(
        job_name="job",
        account_id="123456789012",
        lines=lines,
        settings=asked,
        entities=given.entities,
    )
    again = parse(json.loads(json.dumps(document)), duration=8)
    assert again.segments == given.segments
    assert [e | {"type": ""} for e in again.entities] == [e | {"type": ""} for e in given.entities]
