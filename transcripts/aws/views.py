"""The one door of AWS clients: reads a request, finds out who calls, calls the operation, answers.

Sessions and cookies count for nothing here; the signature of each request is all that does.
"""

import logging
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from transcripts import unavailable
from transcripts.aws import callers, codecs, limits, shapes
from transcripts.aws.codecs import Codec
from transcripts.aws.errors import AwsError
from transcripts.aws.operations import OPERATIONS
from transcripts.events import NotRecorded

log = logging.getLogger(__name__)

BODY_BYTES = 1024 * 1024
TARGET = "Transcribe."
INTERNAL = AwsError(
    "InternalFailureException",
    "There was an internal error. Check the error message, correct the issue, "
    "and try your request again.",
)
TOO_BUSY = AwsError(
    "ServiceUnavailableException",
    "The service is too busy right now. Wait and try your request again.",
    status=503,
)


@csrf_exempt
def json_1_1(request: HttpRequest) -> HttpResponse:
    """POST /aws/ with X-Amz-Target, as boto3, the AWS CLI and the JavaScript client send it."""
    target = request.headers.get("X-Amz-Target", "")
    operation = target.removeprefix(TARGET) if target.startswith(TARGET) else ""
    return _answer(request, operation, codecs.JSON)


@csrf_exempt
def rpc_v2_cbor(request: HttpRequest, operation: str) -> HttpResponse:
    """POST /aws/service/Transcribe/operation/<Operation>, as newer SDKs may send it."""
    spoken = request.headers.get("smithy-protocol") == "rpc-v2-cbor"
    return _answer(request, operation if spoken else "", codecs.CBOR)


def overloaded() -> HttpResponse:
    """503 for a call that no thread could take soon; clients try it again by themselves."""
    body = codecs.JSON.dumps(codecs.error_body(TOO_BUSY))
    told = {"x-amzn-RequestId": str(uuid4()), "x-amzn-ErrorType": TOO_BUSY.code}
    return HttpResponse(body, status=503, content_type=codecs.JSON.content_type, headers=told)


def _answer(request: HttpRequest, operation: str, codec: Codec) -> HttpResponse:
    request_id = str(uuid4())
    try:
        status, body = 200, codec.dumps(_result(request, operation, codec))
        error = None
    except AwsError as refusal:
        error = refusal
    except NotRecorded:
        log.error("%s failed: the audit log takes no rows", request_id)
        error = AwsError("ServiceUnavailable", "This could not be recorded. Try again.", 503)
    except Exception as fault:
        # Frames and type only (see config.logging): the message could hold what the client sent.
        log.error("%s failed: %s", request_id, type(fault).__name__, exc_info=True)
        error = TOO_BUSY if unavailable.is_busy(fault) else INTERNAL
    if error:
        status, body = error.status, codec.dumps(codecs.error_body(error))
    response = HttpResponse(body, status=status, content_type=codec.content_type)
    response.headers["x-amzn-RequestId"] = request_id
    # Django would log a line for every error of a client's.
    response._has_been_logged = True
    if error:
        response.headers["x-amzn-ErrorType"] = error.code
    for name, value in codec.headers.items():
        response.headers[name] = value
    return response


def _result(request: HttpRequest, operation: str, codec: Codec) -> dict[str, Any]:
    body = _body(request)
    caller = callers.authenticate(request, body)
    if request.method != "POST" or not shapes.known(operation):
        raise AwsError("UnknownOperationException", "The requested operation is not recognized.")
    served = OPERATIONS.get(operation)
    if served is None:
        raise callers.not_authorized(caller, operation)
    limits.check(caller.key.pk, operation)
    callers.allow(caller, operation, served.scope)
    return served.answer(caller, shapes.validate(operation, codec.loads(body)))


def _body(request: HttpRequest) -> bytes:
    try:
        body = request.read(BODY_BYTES + 1)
    except UnreadablePostError:
        raise AwsError("SerializationException", "The request's body ended too early.") from None
    if len(body) > BODY_BYTES:
        raise AwsError(
            "RequestEntityTooLargeException",
            f"The request is larger than {BODY_BYTES} bytes.",
            status=413,
        )
    return body
