"""The result document, member by member, in AWS's form."""

from typing import Any

from transcripts.aws import results


def word(content: str, start: float, confidence: float | None = 0.98765) -> dict[str, Any]:
    return {
        "type": "pronunciation",
        "content": content,
        "start": start,
        "end": start + 0.5,
        "confidence": confidence,
    }


def mark(content: str) -> dict[str, Any]:
    return {
        "type": "punctuation",
        "content": content,
        "start": None,
        "end": None,
        "confidence": None,
    }


def line(items: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    start = items[0]["start"]
    end = max(item["end"] or 0 for item in items)
    about = {"start": start, "end": end, "speaker": None, "channel": None, "alternatives": []}
    return about | {"items": items} | more


LINES = [
    line([word("Any", 0.0), word("pain", 0.5), mark("?")], speaker="spk_0", channel=0),
    line([word("No", 1.25, None), mark(".")], speaker="spk_1", channel=1),
]


def made(lines: list[dict[str, Any]] = LINES, **settings: Any) -> dict[str, Any]:
    whole = results.document(
        job_name="j", account_id="000000000001", lines=lines, settings=settings
    )
    assert {key: whole[key] for key in ("jobName", "accountId", "status")} == {
        "jobName": "j",
        "accountId": "000000000001",
        "status": "COMPLETED",
    }
    return whole["results"]


def test_plain() -> None:
    assert made() == {
        "transcripts": [{"transcript": "Any pain? No."}],
        "items": [
            {
                "start_time": "0.0",
                "end_time": "0.5",
                "alternatives": [{"confidence": "0.9877", "content": "Any"}],
                "type": "pronunciation",
            },
            {
                "start_time": "0.5",
                "end_time": "1.0",
                "alternatives": [{"confidence": "0.9877", "content": "pain"}],
                "type": "pronunciation",
            },
            {"alternatives": [{"confidence": "0.0", "content": "?"}], "type": "punctuation"},
            {
                "start_time": "1.25",
                "end_time": "1.75",
                "alternatives": [{"confidence": "1.0", "content": "No"}],
                "type": "pronunciation",
            },
            {"alternatives": [{"confidence": "0.0", "content": "."}], "type": "punctuation"},
        ],
    }


def test_speakers() -> None:
    found = made(ShowSpeakerLabels=True, MaxSpeakerLabels=2)
    assert found["speaker_labels"]["speakers"] == 2
    assert found["speaker_labels"]["segments"][1] == {
        "start_time": "1.25",
        "end_time": "1.75",
        "speaker_label": "spk_1",
        "items": [{"start_time": "1.25", "end_time": "1.75", "speaker_label": "spk_1"}],
    }
    assert [item["speaker_label"] for item in found["items"]] == ["spk_0"] * 3 + ["spk_1"] * 2


def test_channels() -> None:
    found = made(ChannelIdentification=True)
    assert found["channel_labels"]["number_of_channels"] == 2
    first, second = found["channel_labels"]["channels"]
    assert (first["channel_label"], len(first["items"])) == ("ch_0", 3)
    assert second["items"][0] == {
        "start_time": "1.25",
        "end_time": "1.75",
        "alternatives": [{"confidence": "1.0", "content": "No"}],
        "type": "pronunciation",
    }
    assert "speaker_labels" not in found and found["items"][-1]["channel_label"] == "ch_1"


def test_alternatives() -> None:
    other = [[word("Know", 1.25, 0.4), mark(".")], [word("Now", 1.25, 0.1)]]
    lines = [LINES[0], LINES[1] | {"alternatives": other}]
    found = made(lines, ShowAlternatives=True, MaxAlternatives=2)
    one, two = found["segments"]
    assert [a["transcript"] for a in one["alternatives"]] == ["Any pain?"]
    assert [a["transcript"] for a in two["alternatives"]] == ["No.", "Know."]
    assert (two["start_time"], two["end_time"]) == ("1.25", "1.75")
    assert two["alternatives"][1]["items"] == [
        {
            "start_time": "1.25",
            "end_time": "1.75",
            "confidence": "0.4",
            "content": "Know",
            "type": "pronunciation",
        },
        {"confidence": "0.0", "content": ".", "type": "punctuation"},
    ]


def test_entities_are_numbers_in_camel_case() -> None:
    found = results.document(
        job_name="j",
        account_id="0",
        lines=LINES,
        settings={},
        entities=[
            {
                "line": 0,
                "items": [0, 1],
                "content": "March 3",
                "category": "PHI-Personal",
                "type": "DATE",
                "start": 1,
                "end": 2.5,
                "confidence": 0.9,
            }
        ],
    )["results"]["entities"]
    assert found == [
        {
            "content": "March 3",
            "category": "PHI-Personal",
            "startTime": 1.0,
            "endTime": 2.5,
            "confidence": 0.9,
        }
    ]
    assert all(isinstance(found[0][key], float) for key in ("startTime", "endTime", "confidence"))


def test_silence() -> None:
    assert made([]) == {"transcripts": [{"transcript": ""}], "items": []}
