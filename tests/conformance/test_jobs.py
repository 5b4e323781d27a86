"""The life of a job as a plain boto3 client sees it, from start to result and deletion."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import WaiterError

from tests.conformance.calls import (
    QUICK,
    audio,
    clip,
    error,
    fetched,
    finished,
    name,
    start,
)
from tests.conformance.server import Server

SECONDS = re.compile(r"\d+\.\d{1,3}")
SCORE = re.compile(r"[01]\.\d{1,4}")
NOT_FOUND = (
    "BadRequestException",
    "The requested job couldn't be found. Check the job name and try your request again.",
)


def test_from_start_to_result(server: Server, client: Any) -> None:
    tags = [{"Key": "department", "Value": "cardiology"}, {"Key": "empty", "Value": ""}]
    begun = datetime.now(UTC)
    job = start(client, OutputKey="out/", Tags=tags, MediaSampleRateHertz=16000)
    assert job["TranscriptionJobStatus"] == "QUEUED"
    assert not {"StartTime", "CompletionTime", "Transcript", "FailureReason"} & set(job)
    assert abs((job["CreationTime"] - begun).total_seconds()) < 30
    assert job["Settings"] == {"ChannelIdentification": False, "ShowAlternatives": False}
    named = job["MedicalTranscriptionJobName"]
    code, message = error(
        client.delete_medical_transcription_job, MedicalTranscriptionJobName=named
    )
    assert code == "BadRequestException" and "in progress" in message

    done = finished(client, named)
    assert done["TranscriptionJobStatus"] == "COMPLETED"
    assert done["CreationTime"] <= done["StartTime"] <= done["CompletionTime"]
    assert (done["MediaSampleRateHertz"], done["MediaFormat"]) == (16000, "flac")
    assert done["Tags"] == tags
    assert "FailureReason" not in done
    result = fetched(done["Transcript"]["TranscriptFileUri"])
    check_result(result, named)
    assert "country" in result["results"]["transcripts"][0]["transcript"]
    assert server.stored(f"out/{named}.json").startswith(b'{"jobName": "')
    _is_in_the_worklist(server, named)
    _can_be_deleted(server, client, named, done)


def check_result(result: dict[str, Any], named: str) -> None:
    assert list(result) == ["jobName", "accountId", "status", "results"]
    assert result["jobName"] == named and result["status"] == "COMPLETED"
    assert re.fullmatch(r"\d{12}", result["accountId"])
    for item in result["results"]["items"]:
        (alternative,) = item["alternatives"]
        assert SCORE.fullmatch(alternative["confidence"])
        if item["type"] == "punctuation":
            assert set(item) == {"alternatives", "type"}
            assert alternative["confidence"] == "0.0"
        else:
            assert item["type"] == "pronunciation"
            assert SECONDS.fullmatch(item["start_time"]) and SECONDS.fullmatch(item["end_time"])
            assert float(item["start_time"]) <= float(item["end_time"])


def _is_in_the_worklist(server: Server, named: str) -> None:
    seen = server.run(
        "from review.models import Review\n"
        f"review = Review.objects.get(recording__jobs__name={named!r})\n"
        "recording = review.recording\n"
        "answer = [review.state, recording.source, recording.patient_id, recording.author_id,"
        " recording.original_name, recording.uploaded_by.name]"
    )
    assert seen == ["ready", "API", None, None, "jfk.flac", "tests"]


def _can_be_deleted(server: Server, client: Any, named: str, done: dict[str, Any]) -> None:
    answer = client.delete_medical_transcription_job(MedicalTranscriptionJobName=named)
    assert set(answer) == {"ResponseMetadata"}
    for call in (client.get_medical_transcription_job, client.delete_medical_transcription_job):
        assert error(call, MedicalTranscriptionJobName=named) == NOT_FOUND
    assert server.stored(f"out/{named}.json"), "the output stays, as on AWS"
    with pytest.raises(HTTPError, match="404"):
        fetched(done["Transcript"]["TranscriptFileUri"])
    again = start(client, MedicalTranscriptionJobName=named)
    assert again["MedicalTranscriptionJobName"] == named, "a deleted job's name is free again"


@pytest.mark.parametrize(
    ("file", "changes", "reason"),
    [
        ("edge_text_renamed.wav", {}, "Unsupported media format"),
        ("edge_zero_bytes.wav", {}, "Unsupported media format"),
        (
            "human_speech_jfk.flac",
            {"MediaFormat": "wav"},
            "The media format provided does not match the detected media format",
        ),
        (
            "human_speech_jfk.flac",
            {"MediaSampleRateHertz": 44100},
            "The sample rate provided does not match the detected sample rate",
        ),
    ],
)
def test_media_that_is_not_what_it_should_be_fails_the_job(
    server: Server, client: Any, file: str, changes: dict[str, Any], reason: str
) -> None:
    uri = server.put(f"bad/{file}", audio(file))
    job = start(client, Media={"MediaFileUri": uri}, **changes)["MedicalTranscriptionJobName"]
    with pytest.raises(WaiterError):
        finished(client, job)
    got = client.get_medical_transcription_job(MedicalTranscriptionJobName=job)
    failed = got["MedicalTranscriptionJob"]
    assert failed["TranscriptionJobStatus"] == "FAILED"
    assert failed["FailureReason"] == reason
    assert "Transcript" not in failed and failed["CompletionTime"] >= failed["CreationTime"]
    listed = client.list_medical_transcription_jobs(Status="FAILED", JobNameContains=job)
    assert [j["FailureReason"] for j in listed["MedicalTranscriptionJobSummaries"]] == [reason]
    client.delete_medical_transcription_job(MedicalTranscriptionJobName=job)


def test_channels_and_alternatives(server: Server, client: Any) -> None:
    uri = server.put("two channels.wav", clip("conversation_stereo.wav", 6))
    settings = {"ChannelIdentification": True, "ShowAlternatives": True, "MaxAlternatives": 2}
    job = start(client, Media={"MediaFileUri": uri}, Type="CONVERSATION", Settings=settings)
    done = finished(client, job["MedicalTranscriptionJobName"])
    assert done["Settings"] == settings
    results = fetched(done["Transcript"]["TranscriptFileUri"])["results"]
    labels = results["channel_labels"]
    assert labels["number_of_channels"] == len(labels["channels"])
    assert {c["channel_label"] for c in labels["channels"]} <= {"ch_0", "ch_1"}
    assert sum(len(c["items"]) for c in labels["channels"]) == len(results["items"])
    for segment in results["segments"]:
        assert 1 <= len(segment["alternatives"]) <= 2
        assert SECONDS.fullmatch(segment["start_time"])
        assert set(segment["alternatives"][0]) == {"transcript", "items"}


def test_of_many_starts_with_one_name_one_wins(server: Server, client: Any) -> None:
    uri = server.put("bad/text.wav", audio("edge_text_renamed.wav"))
    named = name("race")

    def attempt(_: int) -> str:
        try:
            start(client, MedicalTranscriptionJobName=named, Media={"MediaFileUri": uri})
        except client.exceptions.ConflictException:
            return "conflict"
        return "won"

    with ThreadPoolExecutor(12) as threads:
        outcomes = list(threads.map(attempt, range(12)))
    assert sorted(outcomes) == ["conflict"] * 11 + ["won"]
    code, message = error(start, client, MedicalTranscriptionJobName=named)
    assert code == "ConflictException" and "already exists" in message


def test_names_are_case_sensitive(server: Server, client: Any) -> None:
    uri = server.put("bad/text.wav", audio("edge_text_renamed.wav"))
    named = name("Case")
    for each in (named, named.lower()):
        start(client, MedicalTranscriptionJobName=each, Media={"MediaFileUri": uri})


def test_pages_stay_put_while_jobs_are_added(server: Server, client: Any) -> None:
    uri = server.put("bad/text.wav", audio("edge_text_renamed.wav"))
    mark = name("page")
    for number in range(7):
        new = f"{mark}-{number}"
        start(client, MedicalTranscriptionJobName=new, Media={"MediaFileUri": uri})
    seen, asked = [], {"JobNameContains": mark.upper(), "MaxResults": 3}
    while True:
        page = client.list_medical_transcription_jobs(**asked)
        assert "Status" not in page
        seen += [j["MedicalTranscriptionJobName"] for j in page["MedicalTranscriptionJobSummaries"]]
        start(client, MedicalTranscriptionJobName=f"{mark}-new-{len(seen)}")
        if "NextToken" not in page:
            break
        asked["NextToken"] = page["NextToken"]
    assert seen == [f"{mark}-{number}" for number in reversed(range(7))]
    asked["JobNameContains"] = "other"
    code, message = error(client.list_medical_transcription_jobs, **asked)
    assert code == "BadRequestException" and "NextToken" in message


def test_the_list_defaults_to_five_and_filters_by_status(server: Server, client: Any) -> None:
    uri = server.put("bad/text.wav", audio("edge_text_renamed.wav"))
    mark = name("five")
    names = [f"{mark}-{number}" for number in range(6)]
    for each in names:
        start(client, MedicalTranscriptionJobName=each, Media={"MediaFileUri": uri})
    page = client.list_medical_transcription_jobs(JobNameContains=mark)
    assert len(page["MedicalTranscriptionJobSummaries"]) == 5 and page["NextToken"]
    for each in names:
        with pytest.raises(WaiterError):
            finished(client, each)
    page = client.list_medical_transcription_jobs(
        JobNameContains=mark, Status="FAILED", MaxResults=100
    )
    assert page["Status"] == "FAILED" and "NextToken" not in page
    (*_, summary) = page["MedicalTranscriptionJobSummaries"]
    assert len(page["MedicalTranscriptionJobSummaries"]) == 6
    assert summary["OutputLocationType"] == "CUSTOMER_BUCKET"
    for status in ("COMPLETED", "QUEUED", "IN_PROGRESS"):
        page = client.list_medical_transcription_jobs(JobNameContains=mark, Status=status)
        assert page["MedicalTranscriptionJobSummaries"] == []


@pytest.mark.parametrize(
    ("output_key", "key"),
    [
        ("exact/place.json", "exact/place.json"),
        ("folder", "folder/{}.json"),
        ("folder/", "folder/{}.json"),
        (None, "medical/{}.json"),
    ],
)
def test_where_results_go(server: Server, output_key: str | None, key: str) -> None:
    """The rule itself runs in test_places.py; here one request each must be accepted."""
    client = server.client()
    uri = server.put("bad/text.wav", audio("edge_text_renamed.wav"))
    assert start(client, OutputKey=output_key, Media={"MediaFileUri": uri})


def test_practices_do_not_see_each_other(server: Server, client: Any) -> None:
    other = server.make_key("southgate")
    uri = server.put("theirs.wav", audio("edge_text_renamed.wav"), "southgate")
    elsewhere = server.client(other)
    shared = name("same")
    theirs = {"Media": {"MediaFileUri": uri}, "OutputBucketName": "southgate"}
    start(elsewhere, MedicalTranscriptionJobName=shared, **theirs)
    asked = {"MedicalTranscriptionJobName": shared}
    assert error(client.get_medical_transcription_job, **asked) == NOT_FOUND
    assert error(client.delete_medical_transcription_job, **asked) == NOT_FOUND
    assert (
        client.list_medical_transcription_jobs(JobNameContains=shared)[
            "MedicalTranscriptionJobSummaries"
        ]
        == []
    )
    start(client, MedicalTranscriptionJobName=shared)
    code, message = error(start, client, Media={"MediaFileUri": uri})
    assert (code, "can't be accessed" in message) == ("BadRequestException", True)
    code, message = error(start, client, OutputBucketName="southgate")
    assert (code, "S3 bucket can't be accessed" in message) == ("BadRequestException", True)


def test_the_waiter_waits(client: Any) -> None:
    waiter = client.get_waiter("medical_transcription_job_completed")
    with pytest.raises(WaiterError, match="couldn't be found"):
        waiter.wait(MedicalTranscriptionJobName="nowhere", WaiterConfig=QUICK)
