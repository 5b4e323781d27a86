"""Medical vocabularies, from table to job."""

import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from tests.conformance.calls import QUICK, error, finished, name, start
from tests.conformance.server import Server

TABLE = b"Phrase\tIPA\tSoundsLike\tDisplayAs\nlisinopril\t\t\tLisinopril\nC.O.P.D.\t\t\tCOPD\n"
BROKEN = b"Phrase\tIPA\nnot enough columns\t\n"


@pytest.fixture
def vocabulary(server: Server, client: Any) -> Iterator[str]:
    """A vocabulary that was just created."""
    named = name("words")
    uri = server.put("words.txt", TABLE)
    created = client.create_medical_vocabulary(
        VocabularyName=named, LanguageCode="en-US", VocabularyFileUri=uri
    )
    assert created["VocabularyState"] == "PENDING"
    assert "FailureReason" not in created and created["LastModifiedTime"].tzinfo
    yield named
    _ready(client, named)
    client.delete_medical_vocabulary(VocabularyName=named)


def _ready(client: Any, named: str) -> dict[str, Any]:
    waiter = client.get_waiter("medical_vocabulary_ready")
    waiter.wait(VocabularyName=named, WaiterConfig=QUICK)
    return client.get_medical_vocabulary(VocabularyName=named)


def test_a_vocabulary_becomes_ready_and_is_used(
    server: Server, client: Any, vocabulary: str
) -> None:
    got = _ready(client, vocabulary)
    assert got["VocabularyState"] == "READY" and got["LanguageCode"] == "en-US"
    with urllib.request.urlopen(got["DownloadUri"]) as answer:
        assert answer.read() == TABLE
    job = start(client, Settings={"VocabularyName": vocabulary}, MediaFormat="wav")
    assert job["Settings"]["VocabularyName"] == vocabulary
    with pytest.raises(WaiterError):  # the media is no WAV file; then the vocabulary is free again
        finished(client, job["MedicalTranscriptionJobName"])


def test_it_is_updated_and_listed(server: Server, client: Any, vocabulary: str) -> None:
    before = _ready(client, vocabulary)
    uri = server.put("new.txt", TABLE.replace(b"lisinopril", b"metoprolol"))
    asked = {"VocabularyName": vocabulary, "LanguageCode": "en-US", "VocabularyFileUri": uri}
    updated = client.update_medical_vocabulary(**asked)
    assert updated["VocabularyState"] == "PENDING"
    assert updated["LastModifiedTime"] > before["LastModifiedTime"]
    _ready(client, vocabulary)
    listed = client.list_medical_vocabularies(
        NameContains=vocabulary.upper(), StateEquals="READY", MaxResults=10
    )
    assert listed["Status"] == "READY" and "NextToken" not in listed
    (one,) = listed["Vocabularies"]
    assert set(one) == {"VocabularyName", "LanguageCode", "LastModifiedTime", "VocabularyState"}
    assert (
        client.list_medical_vocabularies(NameContains=vocabulary, StateEquals="FAILED")[
            "Vocabularies"
        ]
        == []
    )


def test_tables_that_cannot_be_used_fail(server: Server, client: Any) -> None:
    for content in (BROKEN, TABLE.replace(b"\n", b"\r\n"), b"x" * 51_201, b"\xff", b""):
        named = name("broken")
        uri = server.put(f"{named}.txt", content)
        client.create_medical_vocabulary(
            VocabularyName=named, LanguageCode="en-US", VocabularyFileUri=uri
        )
        with pytest.raises(WaiterError):
            _ready(client, named)
        assert client.get_medical_vocabulary(VocabularyName=named)["FailureReason"]
        code, message = error(start, client, Settings={"VocabularyName": named})
        assert code == "BadRequestException" and "isn't ready" in message
        client.delete_medical_vocabulary(VocabularyName=named)


def test_a_file_that_cannot_be_read_makes_a_failed_vocabulary(client: Any) -> None:
    for uri in ("s3://northgate/nowhere.txt", "s3://southgate/words.txt", "https://evil.example/x"):
        named = name("nofile")
        created = client.create_medical_vocabulary(
            VocabularyName=named, LanguageCode="en-US", VocabularyFileUri=uri
        )
        assert created["VocabularyState"] == "FAILED"
        assert "couldn't be read" in created["FailureReason"]
        got = client.get_medical_vocabulary(VocabularyName=named)
        assert got["FailureReason"] == created["FailureReason"] and "DownloadUri" not in got
        client.delete_medical_vocabulary(VocabularyName=named)


def test_one_name_is_given_once(server: Server, client: Any) -> None:
    named = name("race")
    uri = server.put("words.txt", TABLE)
    asked = {"VocabularyName": named, "LanguageCode": "en-US", "VocabularyFileUri": uri}

    def attempt(_: int) -> str:
        try:
            client.create_medical_vocabulary(**asked)
        except client.exceptions.ConflictException:
            return "conflict"
        return "created"

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(attempt, range(6))) == ["conflict"] * 5 + ["created"]
    _ready(client, named)
    client.delete_medical_vocabulary(VocabularyName=named)


def test_what_is_not_there(client: Any) -> None:
    asked = {"VocabularyName": "nobody-made-it"}
    full = asked | {"LanguageCode": "en-US", "VocabularyFileUri": "s3://northgate/words.txt"}
    for call, request in (
        (client.get_medical_vocabulary, asked),
        (client.delete_medical_vocabulary, asked),
        (client.update_medical_vocabulary, full),
    ):
        code, message = error(call, **request)
        assert code == "BadRequestException" and "vocabulary couldn't be found" in message


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"VocabularyName": "a b"}, "vocabularyName"),
        ({"VocabularyName": ".."}, "vocabularyName"),
        ({"LanguageCode": "de-DE"}, "languageCode"),
        ({"VocabularyFileUri": "ftp://a/b"}, "vocabularyFileUri"),
        ({"VocabularyFileUri": None}, "vocabularyFileUri"),
        ({"Tags": [{"Key": "a", "Value": "x" * 257}]}, "tags.1.member.value"),
    ],
)
def test_rules(server: Server, changes: dict[str, Any], path: str) -> None:
    asked = {
        "VocabularyName": name("rule"),
        "LanguageCode": "en-US",
        "VocabularyFileUri": "s3://northgate/words.txt",
    } | changes
    asked = {key: value for key, value in asked.items() if value is not None}
    client = server.client(validation=False)
    code, message = error(client.create_medical_vocabulary, **asked)
    assert code == "BadRequestException" and f"'{path}'" in message


def test_tags_of_a_vocabulary(server: Server, client: Any, vocabulary: str) -> None:
    account = server.run(
        "from transcripts.aws.callers import account_id\n"
        "answer = account_id(Practice.objects.get(bucket='northgate'))"
    )
    arn = f"arn:aws:transcribe:us-east-1:{account}:medical-vocabulary/{vocabulary}"
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
