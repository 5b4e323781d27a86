"""Addresses of media and results: which object of whose bucket a URI means. Fetches nothing."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from transcripts import buckets
from transcripts.aws.callers import Caller
from transcripts.aws.errors import bad_request
from transcripts.buckets import Place

UNREADABLE = (
    "The S3 URI that you provided can't be accessed. Make sure that you have read permission for "
    "the object and try your request again."
)
_S3_HOST = re.compile(
    r"(?:(?P<bucket>[a-z0-9][a-z0-9.-]+)\.)?s3[.-](?:dualstack\.)?(?:[a-z0-9-]+\.)?"
    r"amazonaws\.com(?:\.cn)?"
)


def readable(caller: Caller, uri: str) -> Place:
    """The caller's object that the URI names. BadRequestException unless it can be read now."""
    place = named(uri)
    if place is None or place.bucket != caller.practice.bucket or not buckets.sound(place):
        raise bad_request(UNREADABLE)
    try:
        buckets.size(place)
    except buckets.Missing:
        raise bad_request(UNREADABLE) from None
    return place


def output(caller: Caller, request: dict[str, Any]) -> Place:
    """Where a job's result goes. BadRequestException unless that is in the caller's bucket."""
    place = result_place(request)
    if place.bucket != caller.practice.bucket:
        raise bad_request(
            "The specified S3 bucket can't be accessed. Make sure that you have write permission "
            "for the bucket and try your request again."
        )
    if not buckets.sound(place):
        raise bad_request(
            "The OutputKey that you provided isn't valid: it must not begin with a slash, nor hold "
            "an empty part, '.' or '..' between slashes. Check the key and try your request again."
        )
    return place


def result_place(request: dict[str, Any]) -> Place:
    """AWS's rule: an OutputKey ending in .json is the key, any other one a folder."""
    name = request["MedicalTranscriptionJobName"]
    key = request.get("OutputKey")
    if key is None:
        key = f"medical/{name}.json"
    elif not key.endswith(".json"):
        key = f"{key.rstrip('/')}/{name}.json"
    return Place(request["OutputBucketName"], key)


def signed_place(request: dict[str, Any]) -> Place:
    """Where the signed copy goes: in a folder `signed` beside the result."""
    result = result_place(request)
    folder = result.key.rpartition("/")[0]
    name = f"signed/{request['MedicalTranscriptionJobName']}.json"
    return Place(result.bucket, f"{folder}/{name}" if folder else name)


def named(uri: str) -> Place | None:
    """The object that an s3:// or an https S3 address names; None for every other address."""
    if uri.startswith("s3://"):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return Place(bucket, key) if bucket and key else None
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port
        path = unquote(parts.path.removeprefix("/"), errors="strict")
    except ValueError:
        return None
    if parts.query or parts.fragment or parts.username or not path:
        return None
    if match := _S3_HOST.fullmatch(host):
        return _place(match["bucket"], path) if port is None else None
    return _at_own_endpoint(host, port, path)


def _at_own_endpoint(host: str, port: int | None, path: str) -> Place | None:
    if buckets.in_folders():
        return None
    own = urlsplit(buckets.s3().meta.endpoint_url)
    if port != own.port or not own.hostname:
        return None
    if host == own.hostname:
        return _place(None, path)
    bucket, dot, rest = host.partition(f".{own.hostname}")
    return _place(bucket, path) if dot and not rest else None


def _place(bucket: str | None, path: str) -> Place | None:
    if bucket is None:
        bucket, _, path = path.partition("/")
    return Place(bucket, path) if bucket and path else None
