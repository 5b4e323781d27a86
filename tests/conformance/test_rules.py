"""Every rule that a request must satisfy, told as AWS tells it, by the server, not by botocore."""

from typing import Any

import pytest

from tests.conformance.calls import SPEECH, error, start
from tests.conformance.server import Server

INVALID = "BadRequestException"


@pytest.fixture(scope="module")
def bare(server: Server) -> Any:
    """A client whose own checks are off, so that the server has to make them."""
    return server.client(retries=4, validation=False)


@pytest.mark.parametrize(
    "member",
    [
        "MedicalTranscriptionJobName",
        "LanguageCode",
        "Media",
        "OutputBucketName",
        "Specialty",
        "Type",
    ],
)
def test_required_members(bare: Any, member: str) -> None:
    code, message = error(start, bare, **{member: None})
    path = member[0].lower() + member[1:]
    assert code == INVALID
    assert message == (
        f"1 validation error detected: Value null at '{path}' failed to satisfy constraint: "
        "Member must not be null"
    )


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"MedicalTranscriptionJobName": ""}, "medicalTranscriptionJobName"),
        ({"MedicalTranscriptionJobName": "a" * 201}, "medicalTranscriptionJobName"),
        ({"MedicalTranscriptionJobName": "a b"}, "medicalTranscriptionJobName"),
        ({"MedicalTranscriptionJobName": "ok\n"}, "medicalTranscriptionJobName"),
        ({"MedicalTranscriptionJobName": "."}, "medicalTranscriptionJobName"),
        ({"MedicalTranscriptionJobName": ".."}, "medicalTranscriptionJobName"),
        ({"LanguageCode": "en-GB"}, "languageCode"),
        ({"LanguageCode": "english"}, "languageCode"),
        ({"MediaSampleRateHertz": 15999}, "mediaSampleRateHertz"),
        ({"MediaSampleRateHertz": 48001}, "mediaSampleRateHertz"),
        ({"MediaFormat": "aiff"}, "mediaFormat"),
        ({"Media": {}}, "media.mediaFileUri"),
        ({"Media": {"MediaFileUri": ""}}, "media.mediaFileUri"),
        ({"Media": {"MediaFileUri": "file:///etc/passwd"}}, "media.mediaFileUri"),
        ({"Media": {"MediaFileUri": "s3://b/" + "k" * 2000}}, "media.mediaFileUri"),
        ({"OutputBucketName": "Northgate"}, "outputBucketName"),
        ({"OutputBucketName": "n" * 65}, "outputBucketName"),
        ({"OutputKey": ""}, "outputKey"),
        ({"OutputKey": "a b"}, "outputKey"),
        ({"OutputKey": "k" * 1025}, "outputKey"),
        ({"OutputEncryptionKMSKeyId": "-key"}, "outputEncryptionKMSKeyId"),
        ({"KMSEncryptionContext": {}}, "kMSEncryptionContext"),
        ({"KMSEncryptionContext": {"": "v"}}, "kMSEncryptionContext.key"),
        ({"KMSEncryptionContext": {"k": "ü"}}, "kMSEncryptionContext.value"),
        (
            {"KMSEncryptionContext": {f"k{number}": "v" for number in range(11)}},
            "kMSEncryptionContext",
        ),
        ({"ContentIdentificationType": "PII"}, "contentIdentificationType"),
        ({"Specialty": "CARDIOLOGY"}, "specialty"),
        ({"Specialty": "FAMILYMEDICINE"}, "specialty"),
        ({"Type": "MONOLOGUE"}, "type"),
        ({"Settings": {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 1}}, "maxSpeakerLabels"),
        ({"Settings": {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 31}}, "maxSpeakerLabels"),
        ({"Settings": {"ShowAlternatives": True, "MaxAlternatives": 1}}, "maxAlternatives"),
        ({"Settings": {"ShowAlternatives": True, "MaxAlternatives": 11}}, "maxAlternatives"),
        ({"Settings": {"VocabularyName": "no good"}}, "settings.vocabularyName"),
        ({"Tags": []}, "tags"),
        ({"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(201)]}, "tags"),
        ({"Tags": [{"Key": "", "Value": ""}]}, "tags.1.member.key"),
        ({"Tags": [{"Key": "k" * 129, "Value": ""}]}, "tags.1.member.key"),
        ({"Tags": [{"Key": "k", "Value": "v" * 257}]}, "tags.1.member.value"),
    ],
)
def test_values(bare: Any, changes: dict[str, Any], path: str) -> None:
    code, message = error(start, bare, **changes)
    assert code == INVALID
    assert "validation error" in message and path in message
    assert "failed to satisfy constraint: Member must" in message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Settings": {"ShowSpeakerLabels": True}}, "You must specify MaxSpeakerLabels"),
        ({"Settings": {"MaxSpeakerLabels": 2}}, "MaxSpeakerLabels only when ShowSpeakerLabels"),
        (
            {"Settings": {"MaxSpeakerLabels": 2, "ShowSpeakerLabels": False}},
            "MaxSpeakerLabels only when ShowSpeakerLabels",
        ),
        ({"Settings": {"ShowAlternatives": True}}, "You must specify MaxAlternatives"),
        ({"Settings": {"MaxAlternatives": 2}}, "MaxAlternatives only when ShowAlternatives"),
        (
            {
                "Settings": {
                    "ShowSpeakerLabels": True,
                    "MaxSpeakerLabels": 2,
                    "ChannelIdentification": True,
                }
            },
            "both ShowSpeakerLabels and ChannelIdentification",
        ),
        ({"Settings": {"VocabularyName": "nobody-made-it"}}, "vocabulary couldn't be found"),
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "unique"),
        ({"Tags": [{"Key": "aws:x", "Value": "1"}]}, "aws:"),
        ({"OutputKey": "/absolute"}, "OutputKey"),
        ({"OutputKey": "a/../../b"}, "OutputKey"),
        ({"OutputKey": "a//b"}, "OutputKey"),
        ({"OutputKey": "./a"}, "OutputKey"),
    ],
)
def test_rules_between_members(bare: Any, changes: dict[str, Any], words: str) -> None:
    code, message = error(start, bare, **changes)
    assert code == INVALID and words in message


@pytest.mark.parametrize(
    "uri",
    [
        "s3://northgate/visits/nothing.wav",
        "s3://northgate/visits",
        "s3://northgate/",
        "s3://northgate",
        "s3://northgate/../northgate/visits/jfk.flac",
        "s3://northgate/visits/../visits/jfk.flac",
        "s3://northgate//visits/jfk.flac",
        "s3://northgate/visits/jfk.flac/",
        "s3://countersign/x",
        "s3://../demo.json",
        "s3:///etc/passwd",
        "s3://NORTHGATE/visits/jfk.flac",
        "http://127.0.0.1:1/northgate/visits/jfk.flac",
        "http://169.254.169.254/latest/meta-data/",
        "https://northgate.s3.us-east-1.amazonaws.com.evil.example/visits/jfk.flac",
        "https://user@s3.amazonaws.com/northgate/visits/jfk.flac",
        "https://s3.amazonaws.com:8443/northgate/visits/jfk.flac",
        "https://s3.amazonaws.com/northgate/visits/jfk.flac?versionId=1",
        "https://s3.amazonaws.com/northgate/%2e%2e/northgate/visits/jfk.flac",
        "https://s3.amazonaws.com/northgate/visits%00/jfk.flac",
        "https://[::1/northgate/x",
    ],
)
def test_media_that_cannot_be_read_are_refused_at_start(bare: Any, uri: str) -> None:
    code, message = error(start, bare, Media={"MediaFileUri": uri})
    assert code == INVALID
    assert "can't be accessed" in message or "mediaFileUri" in message


@pytest.mark.parametrize(
    "uri",
    [
        SPEECH,
        "https://s3.us-east-1.amazonaws.com/northgate/visits/jfk.flac",
        "https://s3-eu-west-1.amazonaws.com/northgate/visits/jfk.flac",
        "https://s3.amazonaws.com/northgate/visits/jfk.flac",
        "https://northgate.s3.amazonaws.com/visits/jfk.flac",
        "https://northgate.s3.us-west-2.amazonaws.com/visits/jfk.flac",
        "https://s3.us-east-1.amazonaws.com/northgate/visits/jfk%2Eflac",
    ],
)
def test_addresses_of_media(server: Server, bare: Any, uri: str) -> None:
    assert start(bare, Media={"MediaFileUri": uri}, MediaFormat="wav")["Media"] == {
        "MediaFileUri": uri
    }


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"MaxResults": 0}, "maxResults"),
        ({"MaxResults": 101}, "maxResults"),
        ({"Status": "CANCELLED"}, "status"),
        ({"JobNameContains": "a b"}, "jobNameContains"),
        ({"NextToken": "x" * 8193}, "nextToken"),
        ({"NextToken": "made up"}, "NextToken"),
    ],
)
def test_lists(bare: Any, asked: dict[str, Any], path: str) -> None:
    code, message = error(bare.list_medical_transcription_jobs, **asked)
    assert code == INVALID and path in message
