"""Addresses of objects, and files behind them that nobody gets out of."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcripts import buckets
from transcripts.aws import places
from transcripts.buckets import Missing, Place


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("s3://b1/k", ("b1", "k")),
        ("s3://b1/a b/ü%20.wav", ("b1", "a b/ü%20.wav")),
        ("https://s3.us-east-1.amazonaws.com/b1/a%20b.wav", ("b1", "a b.wav")),
        ("https://s3.amazonaws.com/b1/k", ("b1", "k")),
        ("https://s3-us-west-2.amazonaws.com/b1/k", ("b1", "k")),
        ("https://b1.s3.amazonaws.com/x/k", ("b1", "x/k")),
        ("https://b.1-2.s3.eu-west-1.amazonaws.com/k", ("b.1-2", "k")),
        ("https://b1.s3.dualstack.eu-west-1.amazonaws.com/k", ("b1", "k")),
        ("https://b1.s3.cn-north-1.amazonaws.com.cn/k", ("b1", "k")),
        ("s3://b1", None),
        ("s3:///k", None),
        ("https://example.org/b1/k", None),
        ("https://s3.amazonaws.com.example.org/b1/k", None),
        ("https://amazonaws.com/b1/k", None),
        ("https://s3.amazonaws.com/b1", None),
        ("https://s3.amazonaws.com:444/b1/k", None),
        ("https://s3.amazonaws.com/b1/k?x", None),
        ("https://a@s3.amazonaws.com/b1/k", None),
        ("http://[::1/b1/k", None),
        ("https://s3.amazonaws.com/b1/%ff", None),
    ],
)
def test_which_object_an_address_names(uri: str, place: tuple[str, str] | None) -> None:
    assert places.named(uri) == (place and Place(*place))


@pytest.mark.parametrize(
    ("output_key", "key", "signed"),
    [
        (None, "medical/j.json", "medical/signed/j.json"),
        ("a/b.json", "a/b.json", "a/signed/j.json"),
        ("b.json", "b.json", "signed/j.json"),
        ("a/b", "a/b/j.json", "a/b/signed/j.json"),
        ("a/b/", "a/b/j.json", "a/b/signed/j.json"),
    ],
)
def test_where_results_and_signed_copies_go(output_key: str | None, key: str, signed: str) -> None:
    request: dict[str, Any] = {"MedicalTranscriptionJobName": "j", "OutputBucketName": "b1"}
    if output_key:
        request["OutputKey"] = output_key
    assert places.result_place(request) == Place("b1", key)
    assert places.signed_place(request) == Place("b1", signed)


@pytest.fixture
def storage(tmp_path: Path, settings: Any) -> Path:
    settings.STORAGE = str(tmp_path / "storage")
    folder = tmp_path / "storage" / "b1" / "sub"
    folder.mkdir(parents=True)
    (folder / "file").write_bytes(b"inside")
    (tmp_path / "secret").write_bytes(b"outside")
    (tmp_path / "storage" / "countersign").mkdir()
    (tmp_path / "storage" / "countersign" / "media").write_bytes(b"others'")
    return tmp_path


def test_objects_are_read_and_written(storage: Path) -> None:
    assert buckets.size(Place("b1", "sub/file")) == 6
    assert buckets.read(Place("b1", "sub/file"), limit=3) == b"insi"
    new = Place("b2", "a/b/c.json")
    buckets.write(new, b"first")
    buckets.write(new, b"second")
    assert buckets.read(new, limit=100) == b"second"
    path = storage / "storage/b2/a/b/c.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["c.json"]


@pytest.mark.parametrize(
    "key",
    [
        "sub",
        "sub/file/more",
        "../../secret",
        "sub/../sub/file",
        "./sub/file",
        "/sub/file",
        "sub//file",
        "sub/file/",
        "sub/file\0",
        "",
        "x" * 256,
        "/".join("x" * 200 for _ in range(6)),
    ],
)
def test_keys_that_name_no_object(storage: Path, key: str) -> None:
    with pytest.raises(Missing):
        buckets.size(Place("b1", key))


@pytest.mark.parametrize("bucket", ["", ".", "..", "countersign", "b1/sub", "nowhere"])
def test_buckets_that_are_none(storage: Path, bucket: str) -> None:
    for key in ("media", "secret", "file"):
        with pytest.raises(Missing):
            buckets.size(Place(bucket, key))


def test_no_symbolic_link_is_followed(storage: Path) -> None:
    inside = storage / "storage" / "b1"
    (inside / "link").symlink_to(storage / "secret")
    (inside / "folder").symlink_to(storage)
    (storage / "storage" / "b9").symlink_to(storage)
    for place in (Place("b1", "link"), Place("b1", "folder/secret"), Place("b9", "secret")):
        with pytest.raises(Missing):
            buckets.size(place)
    with pytest.raises(OSError):
        buckets.write(Place("b1", "folder/new"), b"x")
    assert not (storage / "new").exists()
    buckets.write(Place("b1", "link"), b"replaced")
    assert (storage / "secret").read_bytes() == b"outside"


def test_neither_pipes_nor_folders_are_objects(storage: Path) -> None:
    os.mkfifo(storage / "storage" / "b1" / "pipe")
    with pytest.raises(Missing):
        buckets.size(Place("b1", "pipe"))


@given(bucket=st.text("ab./\\\0~ ü", max_size=6), key=st.text("ab./\\\0~ü", max_size=12))
def test_whatever_the_key_nothing_outside_is_read(bucket: str, key: str) -> None:
    place = Place(bucket, key)
    if buckets.sound(place):
        parts = [bucket, *key.split("/")]
        assert ".." not in parts[1:] and "\0" not in key and all(parts[1:])


@given(st.text("s3:/htp.amzonwcb%2?#@[]é\n", max_size=60))
def test_any_address_is_parsed_or_refused(uri: str) -> None:
    assert places.named(uri) is None or isinstance(places.named(uri), Place)
