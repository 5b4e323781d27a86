"""Shapes, with botocore's service model as the oracle: what it holds is what we enforce."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcripts.aws import shapes
from transcripts.aws.errors import AwsError
from transcripts.aws.operations import OPERATIONS

START = {
    "MedicalTranscriptionJobName": "visit-1",
    "LanguageCode": "en-US",
    "Media": {"MediaFileUri": "s3://bucket/a.wav"},
    "OutputBucketName": "bucket",
    "Specialty": "PRIMARYCARE",
    "Type": "DICTATION",
}


def reachable() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}

    def walk(name: str) -> None:
        shape = shapes.model()["shapes"][name]
        if name in found:
            return
        found[name] = shape
        inner = [*shape.get("members", {}).values()]
        inner += [shape[part] for part in ("member", "key", "value") if part in shape]
        for each in inner:
            walk(each["shape"])

    for operation in OPERATIONS:
        walk(shapes.model()["operations"][operation]["input"]["shape"])
    return found


def smallest(name: str) -> Any:
    """A value that satisfies a shape."""
    shape = shapes.model()["shapes"][name]
    kind = shape["type"]
    if kind == "structure":
        return {m: smallest(shape["members"][m]["shape"]) for m in shape["members"]}
    if kind == "list":
        return [smallest(shape["member"]["shape"])]
    if kind == "map":
        return {smallest(shape["key"]["shape"]): smallest(shape["value"]["shape"])}
    if kind == "integer":
        return shape.get("min", 1)
    if kind == "boolean":
        return True
    if "enum" in shape:
        return shape["enum"][0]
    samples = ("abc", "s3://b/k", "arn:aws:transcribe:us-east-1:123456789012:medical-vocabulary/v")
    pattern = re.compile(shape.get("pattern", ".*"))
    return next(sample for sample in samples if pattern.fullmatch(sample))


def refused(operation: str, document: Any) -> AwsError:
    with pytest.raises(AwsError) as error:
        shapes.validate(operation, document)
    return error.value


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_full_request_passes_unchanged_and_each_required_member_is_missed(operation: str) -> None:
    name = shapes.model()["operations"][operation]["input"]["shape"]
    full = smallest(name)
    assert shapes.validate(operation, full | {"Unknown": 1}) == full
    for member in shapes.model()["shapes"][name].get("required", ()):
        for without in ({**full, member: None}, {k: v for k, v in full.items() if k != member}):
            error = refused(operation, without)
            assert error.code == "BadRequestException"
            path = member[0].lower() + member[1:]
            assert f"Value null at '{path}'" in error.message
            assert "Member must not be null" in error.message


@pytest.mark.parametrize("name", sorted(reachable()))
def test_each_constraint_of_each_shape(name: str) -> None:
    """One step past each bound is refused, by a sentence that names the bound."""
    shape = reachable()[name]
    for value, words in past_the_bounds(shape):
        problems: list[str] = []
        shapes._check(name, value, "x", problems)
        assert any(words in problem for problem in problems), (value, problems)


def past_the_bounds(shape: dict[str, Any]) -> list[tuple[Any, str]]:
    kind, wrong = shape["type"], []
    if kind == "integer":
        wrong += [(shape[b] + d, "value") for b, d in (("min", -1), ("max", 1)) if b in shape]
    if kind == "string":
        if "enum" in shape:
            wrong.append((shape["enum"][0].lower() + "!", "enum value set: ["))
        if shape.get("min", 0) > 0:
            wrong.append(("", f"length greater than or equal to {shape['min']}"))
        if "max" in shape:
            wrong.append(("a" * (shape["max"] + 1), f"less than or equal to {shape['max']}"))
        if "pattern" in shape:
            wrong.append(("\n", f"pattern: {shape['pattern']}"))
    return wrong


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"MedicalTranscriptionJobName": "visit 1"}, "at 'medicalTranscriptionJobName'"),
        ({"MedicalTranscriptionJobName": "visit-1\n"}, "regular expression pattern"),
        ({"Specialty": "CARDIOLOGY"}, "Member must satisfy enum value set: [PRIMARYCARE]"),
        ({"Settings": {"MaxSpeakerLabels": 31}}, "at 'settings.maxSpeakerLabels'"),
        ({"Media": {"MediaFileUri": "ftp://x/y"}}, "at 'media.mediaFileUri'"),
        ({"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c"}]}, "at 'tags.2.member.value'"),
        ({"Tags": []}, "length greater than or equal to 1"),
        ({"KMSEncryptionContext": {"k": "é"}}, "at 'kMSEncryptionContext.value'"),
        ({"OutputKey": "a?b"}, "at 'outputKey'"),
    ],
)
def test_messages_name_the_member_as_aws_does(change: dict[str, Any], words: str) -> None:
    error = refused("StartMedicalTranscriptionJob", START | change)
    assert error.message.startswith("1 validation error detected: Value")
    assert words in error.message


def test_several_errors_are_told_together() -> None:
    error = refused("StartMedicalTranscriptionJob", START | {"Specialty": "X", "Type": "Y"})
    assert error.message.startswith("2 validation errors detected: ")
    assert error.message.count("failed to satisfy constraint") == 2


@pytest.mark.parametrize(
    "change",
    [
        {"MedicalTranscriptionJobName": 7},
        {"MediaSampleRateHertz": "16000"},
        {"MediaSampleRateHertz": 16000.0},
        {"MediaSampleRateHertz": True},
        {"MediaSampleRateHertz": 2**31},
        {"Media": "s3://bucket/a.wav"},
        {"Settings": {"ShowSpeakerLabels": "true"}},
        {"Tags": {"Key": "a"}},
        {"OutputKey": "\ud800"},
    ],
)
def test_wrong_types_cannot_be_read(change: dict[str, Any]) -> None:
    assert refused("StartMedicalTranscriptionJob", START | change).code == "SerializationException"


def test_a_request_that_is_no_structure() -> None:
    for document in ([], "x", 3, None, True):
        error = refused("ListMedicalTranscriptionJobs", document)
        assert error.code == "SerializationException"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(
    operation=st.sampled_from(sorted(OPERATIONS)),
    members=st.dictionaries(
        st.sampled_from([*START, "Settings", "Tags", "TagKeys", "NextToken", "ResourceArn"]),
        json_values,
    ),
)
def test_no_document_does_more_than_be_refused(operation: str, members: dict[str, Any]) -> None:
    try:
        shapes.validate(operation, members)
    except AwsError as error:
        assert error.status == 400
