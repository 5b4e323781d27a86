"""Short ways to ask, for tests whose subject is the answer."""

import json
import urllib.error
import urllib.request
import wave
from collections.abc import Callable
from email.message import Message
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from tests.conformance.server import AUDIO, Key, Server
from tests.transcripts.aws import signing

SPEECH = "s3://northgate/visits/jfk.flac"
QUICK = {"Delay": 0.25, "MaxAttempts": 600}


def name(prefix: str = "job") -> str:
    return f"{prefix}-{uuid4().hex[:10]}"


def start(client: Any, **changes: Any) -> dict[str, Any]:
    """Starts a job with the least that AWS wants, and `changes`; the job as answered."""
    request = {
        "MedicalTranscriptionJobName": name(),
        "LanguageCode": "en-US",
        "Media": {"MediaFileUri": SPEECH},
        "OutputBucketName": "northgate",
        "Specialty": "PRIMARYCARE",
        "Type": "DICTATION",
    } | changes
    request = {key: value for key, value in request.items() if value is not None}
    return client.start_medical_transcription_job(**request)["MedicalTranscriptionJob"]


def finished(client: Any, job: str) -> dict[str, Any]:
    waiter = client.get_waiter("medical_transcription_job_completed")
    waiter.wait(MedicalTranscriptionJobName=job, WaiterConfig=QUICK)
    answer = client.get_medical_transcription_job(MedicalTranscriptionJobName=job)
    return answer["MedicalTranscriptionJob"]


def error(call: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[str, str]:
    """AWS's code and message of the error that the call must raise."""
    try:
        answer = call(*arguments, **named)
    except ClientError as refused:
        return refused.response["Error"]["Code"], refused.response["Error"]["Message"]
    raise AssertionError(f"no error but {answer}")


def post(
    server: Server,
    body: bytes = b"{}",
    headers: dict[str, str] | None = None,
    *,
    path: str = "/aws/",
    key: Key | None = None,
    method: str = "POST",
    **signed: Any,
) -> tuple[int, dict[str, str], bytes]:
    """One raw request, signed unless `headers` are given: status, headers (lower case), body."""
    key = key or server.key
    if headers is None:
        url = f"{server.url}{path}"
        signed = {"key": key.access_key_id, "secret": key.secret, "method": method} | signed
        headers = signing.headers(body, url=url, **signed)
    request = urllib.request.Request(
        f"{server.url}{path}", data=body, headers=headers, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, _named(answer.headers), answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, _named(answer.headers), answer.read()


def _named(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def refused(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    """Status and AWS's name of the error, as a client that knows only the wire reads them."""
    status, headers, body = answer
    told = json.loads(body)
    code = told["__type"].rpartition("#")[2]
    assert headers["x-amzn-errortype"] == code
    assert told["message"] == told["Message"] != ""
    assert len(headers["x-amzn-requestid"]) == 36
    return status, code


def fetched(uri: str) -> dict[str, Any]:
    with urllib.request.urlopen(uri, timeout=30) as answer:
        return json.loads(answer.read())


def clip(file: str, seconds: float) -> bytes:
    """The beginning of a WAV file of the test recordings."""
    out = BytesIO()
    with wave.open(str(AUDIO / file)) as source, wave.open(out, "wb") as target:
        target.setparams(source.getparams())
        target.writeframes(source.readframes(int(seconds * source.getframerate())))
    return out.getvalue()


def audio(file: str) -> Path:
    return AUDIO / file
