"""Requests signed by botocore, the oracle for what AWS clients send."""

from typing import Any

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY, SECRET = "AKIAEXAMPLEEXAMPLE22", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def headers(
    body: bytes = b"{}",
    *,
    key: str = KEY,
    secret: str = SECRET,
    url: str = "http://127.0.0.1:8000/aws/",
    method: str = "POST",
    token: str | None = None,
    region: str = "us-east-1",
    service: str = "transcribe",
    **more: str,
) -> dict[str, str]:
    """All headers of the signed request by lower-case name, the Host among them."""
    sent = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "Transcribe.ListMedicalTranscriptionJobs",
    } | {name.replace("_", "-"): value for name, value in more.items()}
    request = AWSRequest(method=method, url=url, data=body, headers=sent)
    SigV4Auth(Credentials(key, secret, token), service, region).add_auth(request)
    named: dict[str, Any] = {name.lower(): value for name, value in request.headers.items()}
    return {"host": url.split("/")[2]} | named


def presigned(url: str, *, key: str = KEY, secret: str = SECRET, expires: int = 60) -> str:
    """The query of the address with a signature in it."""
    request = AWSRequest(method="GET", url=url)
    SigV4QueryAuth(Credentials(key, secret), "transcribe", "us-east-1", expires).add_auth(request)
    return request.url.partition("?")[2]
