"""The same face over S3 storage: media streamed from the endpoint, results written there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.conformance import server as servers
from tests.conformance.calls import error, finished, start
from tests.conformance.server import AUDIO, Server

moto_server = pytest.importorskip("moto.server")
NAMES = {"AWS_ACCESS_KEY_ID": "s3", "AWS_SECRET_ACCESS_KEY": "s3", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    moto = moto_server.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(scope="module")
def s3(endpoint: str) -> Any:
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id="s3",
        aws_secret_access_key="s3",
        region_name="us-east-1",
        config=Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3}),
    )
    for bucket in ("northgate", "southgate", "store"):
        client.create_bucket(Bucket=bucket)
    client.upload_file(str(AUDIO / "human_speech_jfk.flac"), "northgate", "in/jfk.flac")
    client.upload_file(str(AUDIO / "human_speech_jfk.flac"), "southgate", "in/jfk.flac")
    return client


@pytest.fixture(scope="module")
def over_s3(s3: Any, endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data: Path = tmp_path_factory.mktemp("s3")
    told = {
        "COUNTERSIGN_STORAGE": "s3://store",
        "COUNTERSIGN_S3_ENDPOINT": endpoint,
        "COUNTERSIGN_S3_KMS_KEY": "alias/countersign",
    }
    with servers.running(data, **told, **NAMES) as running:
        yield running


def test_media_and_results_live_in_s3(over_s3: Server, s3: Any, endpoint: str) -> None:
    client = over_s3.client()
    job = start(client, Media={"MediaFileUri": "s3://northgate/in/jfk.flac"}, OutputKey="out")
    named = job["MedicalTranscriptionJobName"]
    done = finished(client, named)
    uri = done["Transcript"]["TranscriptFileUri"]
    assert uri == f"{endpoint}/northgate/out/{named}.json"
    result = json.loads(s3.get_object(Bucket="northgate", Key=f"out/{named}.json")["Body"].read())
    assert "country" in result["results"]["transcripts"][0]["transcript"]
    kept = s3.list_objects_v2(Bucket="store")["Contents"]
    assert all(each["Key"].startswith("countersign/") for each in kept)


def test_addresses_of_the_endpoint_itself(over_s3: Server, endpoint: str) -> None:
    client = over_s3.client()
    uri = f"{endpoint}/northgate/in/jfk.flac"
    assert start(client, Media={"MediaFileUri": uri}, MediaFormat="wav")


@pytest.mark.parametrize(
    "uri",
    ["s3://southgate/in/jfk.flac", "s3://store/countersign/x", "s3://northgate/in/none.flac"],
)
def test_what_cannot_be_read(over_s3: Server, uri: str) -> None:
    code, message = error(start, over_s3.client(), Media={"MediaFileUri": uri})
    assert code == "BadRequestException" and "can't be accessed" in message


def test_everything_that_is_stored_is_encrypted_under_the_named_key(over_s3: Server, s3: Any):
    client = over_s3.client()
    start(client, Media={"MediaFileUri": "s3://northgate/in/jfk.flac"})
    names = [row["Key"] for row in s3.list_objects_v2(Bucket="store")["Contents"]]
    assert any(name.endswith("/media") for name in names)
    for name in names:
        head = s3.head_object(Bucket="store", Key=name)
        assert head["ServerSideEncryption"] == "aws:kms", name
        assert head["SSEKMSKeyId"] == "alias/countersign"
