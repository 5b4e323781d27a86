"""smithy-rpc-v2-cbor, with botocore's own implementation of it as the client."""

from typing import Any

import boto3
import botocore.session
import cbor2
import pytest

from tests.conformance.calls import SPEECH, error, name, post
from tests.conformance.server import Server

CBOR = {"Content_Type": "application/cbor", "smithy_protocol": "rpc-v2-cbor"}
PATH = "/aws/service/Transcribe/operation/"


@pytest.fixture(scope="module")
def client(server: Server) -> Any:
    """boto3 whose service model names no other protocol, as an SDK that chooses CBOR."""
    session = botocore.session.Session()
    loader = session.get_component("data_loader")
    load = loader.load_service_model

    def cbor_only(service: str, kind: str, **more: Any) -> Any:
        model = load(service, kind, **more)
        if (service, kind) == ("transcribe", "service-2"):
            metadata = model["metadata"] | {"protocols": ["smithy-rpc-v2-cbor"]}
            model = model | {"metadata": metadata}
        return model

    loader.load_service_model = cbor_only
    return boto3.Session(
        botocore_session=session,
        aws_access_key_id=server.key.access_key_id,
        aws_secret_access_key=server.key.secret,
        region_name="us-east-1",
    ).client("transcribe", endpoint_url=f"{server.url}/aws")


def test_a_client_that_speaks_cbor(server: Server, client: Any) -> None:
    sent = []
    client.meta.events.register("before-send.transcribe", lambda request, **_: sent.append(request))
    named = name("cbor")
    job = client.start_medical_transcription_job(
        MedicalTranscriptionJobName=named,
        LanguageCode="en-US",
        Media={"MediaFileUri": SPEECH},
        MediaFormat="wav",
        OutputBucketName="northgate",
        Specialty="PRIMARYCARE",
        Type="DICTATION",
        Settings={"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2},
        Tags=[{"Key": "k", "Value": "v"}],
    )["MedicalTranscriptionJob"]
    assert sent[0].url.endswith(f"{PATH}StartMedicalTranscriptionJob")
    assert sent[0].headers["smithy-protocol"] == b"rpc-v2-cbor"
    plain = server.client().get_medical_transcription_job(MedicalTranscriptionJobName=named)
    assert job["CreationTime"] == plain["MedicalTranscriptionJob"]["CreationTime"]
    got = client.get_medical_transcription_job(MedicalTranscriptionJobName=named)
    assert got["MedicalTranscriptionJob"]["Tags"] == [{"Key": "k", "Value": "v"}]
    assert got["MedicalTranscriptionJob"]["Settings"]["MaxSpeakerLabels"] == 2
    assert client.list_medical_transcription_jobs(MaxResults=1)["NextToken"]


def test_errors_in_cbor(client: Any) -> None:
    code, message = error(client.get_medical_transcription_job, MedicalTranscriptionJobName="none")
    assert code == "BadRequestException" and "couldn't be found" in message
    with pytest.raises(client.exceptions.BadRequestException):
        client.get_medical_transcription_job(MedicalTranscriptionJobName="none")
    assert error(client.list_transcription_jobs)[0] == "AccessDeniedException"


def refusal(server: Server, body: bytes, operation: str, **more: str) -> tuple[int, str]:
    status, headers, content = post(server, body, path=PATH + operation, **(CBOR | more))
    assert headers["smithy-protocol"] == "rpc-v2-cbor"
    assert headers["content-type"] == "application/cbor"
    return status, cbor2.loads(content)["__type"].rpartition("#")[2]


def test_times_are_epoch_tags(server: Server) -> None:
    body = cbor2.dumps({"MaxResults": 1})
    status, _, content = post(server, body, path=f"{PATH}ListMedicalTranscriptionJobs", **CBOR)
    assert status == 200
    assert b"\xc1\xfb" in content, "tag 1 and a double"


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"\xa1",
        b"\x9f" * 50_000,
        b"\xd8\x1c\x81\xd8\x1d\x00",
        bytes.fromhex("c5821b7fffffffffffffff03"),
        bytes.fromhex("d82367283f612b292b24"),
        cbor2.dumps([1]),
        cbor2.dumps({"MaxResults": 5.0}),
        cbor2.dumps({"NextToken": b"bytes"}),
    ],
)
def test_rubbish(server: Server, body: bytes) -> None:
    status, code = refusal(server, body, "ListMedicalTranscriptionJobs")
    assert (status, code) == (400, "SerializationException")


def test_unknown_operations_and_protocols(server: Server) -> None:
    unknown = (400, "UnknownOperationException")
    assert refusal(server, b"\xa0", "MakeCoffee") == unknown
    other = {"smithy_protocol": "rpc-v3"}
    assert refusal(server, b"\xa0", "ListMedicalTranscriptionJobs", **other) == unknown
