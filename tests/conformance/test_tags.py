"""Tags by ARN."""

from typing import Any

import pytest

from tests.conformance.calls import audio, error, name, start
from tests.conformance.server import Server


@pytest.fixture(scope="module")
def account(server: Server) -> str:
    return server.run(
        "from transcripts.aws.callers import account_id\n"
        "answer = account_id(Practice.objects.get(bucket='northgate'))"
    )


@pytest.fixture
def arn(server: Server, client: Any, account: str) -> str:
    uri = server.put("bad/text.wav", audio("edge_text_renamed.wav"))
    job = start(client, Media={"MediaFileUri": uri}, Tags=[{"Key": "a", "Value": "1"}])[
        "MedicalTranscriptionJobName"
    ]
    return f"arn:aws:transcribe:us-east-1:{account}:medical-transcription-job/{job}"


def test_tags_are_added_replaced_and_removed(client: Any, arn: str) -> None:
    client.tag_resource(
        ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
    )
    answer = client.list_tags_for_resource(ResourceArn=arn)
    assert answer["ResourceArn"] == arn
    assert answer["Tags"] == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
    job = client.get_medical_transcription_job(MedicalTranscriptionJobName=arn.rpartition("/")[2])
    assert job["MedicalTranscriptionJob"]["Tags"] == answer["Tags"]
    client.untag_resource(ResourceArn=arn, TagKeys=["a", "never there"])
    tags = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "b", "Value": ""}]
    client.untag_resource(ResourceArn=arn, TagKeys=["b"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == []


def test_at_most_200(client: Any, arn: str) -> None:
    many = [{"Key": f"k{number}", "Value": ""} for number in range(200)]
    code, message = error(client.tag_resource, ResourceArn=arn, Tags=many)
    assert code == "BadRequestException" and "200" in message


def test_arns_of_nothing(client: Any, arn: str, account: str) -> None:
    foreign = arn.replace(account, "000000000000")
    for unknown in (arn + "x", foreign, arn.replace("transcription-job", "vocabulary")):
        code, _ = error(client.list_tags_for_resource, ResourceArn=unknown)
        assert code == "NotFoundException"
    for malformed in (
        arn.replace("arn:aws:", "arn-aws:"),
        arn.replace("medical-transcription-job", "transcription-job"),
        arn.replace("us-east-1", ""),
        arn + "/more",
        "not an arn at all, really",
    ):
        for call, more in (
            (client.list_tags_for_resource, {}),
            (client.tag_resource, {"Tags": [{"Key": "a", "Value": ""}]}),
            (client.untag_resource, {"TagKeys": ["a"]}),
        ):
            code, _ = error(call, ResourceArn=malformed, **more)
            assert code == "BadRequestException", malformed


def test_another_practice_has_no_such_arn(server: Server, client: Any, arn: str) -> None:
    other = server.client(server.make_key("southgate"))
    assert error(other.list_tags_for_resource, ResourceArn=arn)[0] == "NotFoundException"


def test_names_need_not_be_unique_across_accounts(client: Any) -> None:
    code, message = error(
        client.tag_resource,
        ResourceArn=f"arn:aws:transcribe:us-east-1:123456789012:medical-vocabulary/{name()}",
        Tags=[{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}],
    )
    assert code == "BadRequestException" and "unique" in message
