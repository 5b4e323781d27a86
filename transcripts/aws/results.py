"""A transcript in AWS's exact JSON: strings for times and scores, numbers in entities.

Pure values in, a document out. When and where it is written lives in deliveries.py.
"""

from collections.abc import Sequence
from typing import Any

from transcripts.engines.spoken import text_of

Line = dict[str, Any]
Item = dict[str, Any]


def document(
    *,
    job_name: str,
    account_id: str,
    lines: Sequence[Line],
    settings: dict[str, Any],
    entities: Sequence[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The result object. `lines` are lines of wire.line in order, `settings` AWS's Settings.

    `entities` (the detector's dicts) are given where ContentIdentificationType was asked for.
    A word without a score was written by a person, and counts as certain.
    """
    speakers = bool(settings.get("ShowSpeakerLabels"))
    channels = bool(settings.get("ChannelIdentification"))
    results: dict[str, Any] = {"transcripts": [{"transcript": text_of(_items_of(lines))}]}
    if speakers:
        results["speaker_labels"] = _speaker_labels(lines)
    if channels:
        results["channel_labels"] = _channel_labels(lines)
    results["items"] = [
        _item(item, line, speakers=speakers, channels=channels)
        for line in lines
        for item in line["items"]
    ]
    if settings.get("ShowAlternatives"):
        results["segments"] = [
            _segment(line, most=settings.get("MaxAlternatives", 2)) for line in lines
        ]
    if entities is not None:
        results["entities"] = [_entity(entity) for entity in entities]
    return {
        "jobName": job_name,
        "accountId": account_id,
        "status": "COMPLETED",
        "results": results,
    }


def _items_of(lines: Sequence[Line]) -> list[Item]:
    return [item for line in lines for item in line["items"]]


def _item(item: Item, line: Line, *, speakers: bool, channels: bool) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if item["type"] == "pronunciation":
        made |= {"start_time": _seconds(item["start"]), "end_time": _seconds(item["end"])}
    made["alternatives"] = [{"confidence": _confidence(item), "content": item["content"]}]
    made["type"] = item["type"]
    if speakers and line["speaker"]:
        made["speaker_label"] = line["speaker"]
    if channels:
        made["channel_label"] = _channel(line)
    return made


def _speaker_labels(lines: Sequence[Line]) -> dict[str, Any]:
    labelled = [line for line in lines if line["speaker"]]
    return {
        "speakers": len({line["speaker"] for line in labelled}),
        "segments": [
            {
                "start_time": _seconds(line["start"]),
                "end_time": _seconds(line["end"]),
                "speaker_label": line["speaker"],
                "items": [
                    {
                        "start_time": _seconds(item["start"]),
                        "end_time": _seconds(item["end"]),
                        "speaker_label": line["speaker"],
                    }
                    for item in line["items"]
                    if item["type"] == "pronunciation"
                ],
            }
            for line in labelled
        ],
    }


def _channel_labels(lines: Sequence[Line]) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        items = found.setdefault(_channel(line), [])
        items += [_item(item, line, speakers=False, channels=False) for item in line["items"]]
    channels = [{"channel_label": label, "items": found[label]} for label in sorted(found)]
    return {"channels": channels, "number_of_channels": len(channels)}


def _segment(line: Line, *, most: int) -> dict[str, Any]:
    readings = [line["items"], *line.get("alternatives", ())][:most]
    return {
        "start_time": _seconds(line["start"]),
        "end_time": _seconds(line["end"]),
        "alternatives": [
            {"transcript": text_of(items), "items": [_alternative_item(item) for item in items]}
            for items in readings
        ],
    }


def _alternative_item(item: Item) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if item["type"] == "pronunciation":
        made |= {"start_time": _seconds(item["start"]), "end_time": _seconds(item["end"])}
    return made | {
        "confidence": _confidence(item),
        "content": item["content"],
        "type": item["type"],
    }


def _entity(entity: dict[str, Any]) -> dict[str, Any]:
    return {
        "content": entity["content"],
        "category": entity["category"],
        "startTime": float(entity["start"]),
        "endTime": float(entity["end"]),
        "confidence": float(entity["confidence"]),
    }


def _channel(line: Line) -> str:
    return f"ch_{line['channel'] or 0}"


def _confidence(item: Item) -> str:
    if item["type"] != "pronunciation":
        return "0.0"
    score = item["confidence"]
    return "1.0" if score is None else str(round(float(score), 4))


def _seconds(value: Any) -> str:
    return str(round(float(value), 3))
