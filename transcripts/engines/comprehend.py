"""Amazon Comprehend Medical as the language engine: the same methods, over HTTP. No Django here.

A text longer than AWS takes in one call is cut between turns, and the places found are moved back.
Each call is made at most three times within its time limits.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from transcripts.engines.base import EngineError
from transcripts.engines.turns import Turn, turns_of

DETECT_LIMIT, INFER_LIMIT = 20_000, 10_000  # AWS's, in bytes of UTF-8

NO_CREDENTIALS = "This site has no valid AWS credentials. Ask whoever runs it to check them."
REFUSED = "AWS does not allow this site to use Comprehend Medical."
AWAY = "Amazon Comprehend Medical can't be reached just now. Try again later."
_REFUSALS = {"AccessDeniedException", "AccessDenied"}
_STRANGERS = {"UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException"}
_STRANGERS |= {"InvalidClientTokenId", "MissingAuthenticationTokenException"}


@dataclass(frozen=True)
class AwsLanguage:
    """One region of AWS. All methods raise EngineError with a sentence for the page."""

    region: str
    endpoint: str | None = None
    name = "aws"

    def detect_entities_v2(self, text: str, turns: Sequence[Turn] | None = None) -> dict[str, Any]:
        """boto3's response; offsets are code points of the whole text."""
        return self._joined("detect_entities_v2", text, turns, DETECT_LIMIT)

    def detect_phi(self, text: str, turns: Sequence[Turn] | None = None) -> dict[str, Any]:
        return self._joined("detect_phi", text, turns, DETECT_LIMIT)

    def infer_icd10_cm(self, text: str, turns: Sequence[Turn] | None = None) -> dict[str, Any]:
        return self._joined("infer_icd10_cm", text, turns, INFER_LIMIT)

    def infer_rx_norm(self, text: str, turns: Sequence[Turn] | None = None) -> dict[str, Any]:
        return self._joined("infer_rx_norm", text, turns, INFER_LIMIT)

    def infer_snomedct(self, text: str, turns: Sequence[Turn] | None = None) -> dict[str, Any]:
        return self._joined("infer_snomedct", text, turns, INFER_LIMIT)

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=5,
            read_timeout=20,
            retries={"total_max_attempts": 3, "mode": "standard"},
        )
        return boto3.client(
            "comprehendmedical", region_name=self.region, endpoint_url=self.endpoint, config=config
        )

    def _joined(
        self, method: str, text: str, turns: Sequence[Turn] | None, limit: int
    ) -> dict[str, Any]:
        whole: dict[str, Any] = {"Entities": [], "ModelVersion": ""}
        if method == "detect_entities_v2":
            whole["UnmappedAttributes"] = []
        for begin, part in chunks(text, turns, limit):
            answer = _called(getattr(self._client, method), part)
            whole["ModelVersion"] = answer.get("ModelVersion", "")
            first = 1 + max((e["Id"] for e in _all(whole)), default=-1)
            for entity in _all(answer):
                entity["BeginOffset"] += begin
                entity["EndOffset"] += begin
                entity["Id"] += first
            whole["Entities"] += answer["Entities"]
            if "UnmappedAttributes" in whole:
                whole["UnmappedAttributes"] += answer.get("UnmappedAttributes", [])
        return whole


def _all(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entity in answer["Entities"]:
        yield entity
        yield from entity.get("Attributes", ())
    for one in answer.get("UnmappedAttributes", ()):
        yield one["Attribute"]


def chunks(text: str, turns: Sequence[Turn] | None, limit: int) -> Iterator[tuple[int, str]]:
    """(where it begins, part) of at most `limit` bytes, cut between turns where that is possible.

    A turn longer than that is cut behind a sentence, or else between words. Blank parts are left
    out: AWS refuses them.
    """
    ends = [end for _, end, _ in (turns if turns is not None else turns_of(text))]
    begin = 0
    while begin < len(text):
        short = len(text[begin:].encode()) <= limit
        end = len(text) if short else _cut(text, begin, limit, ends)
        if text[begin:end].strip():
            yield begin, text[begin:end]
        begin = end


def _cut(text: str, begin: int, limit: int, ends: Sequence[int]) -> int:
    furthest = begin + len(text[begin : begin + limit].encode()[:limit].decode(errors="ignore"))
    turn = max((end for end in ends if begin < end <= furthest), default=None)
    if turn is not None:
        return turn
    for mark in (". ", "? ", " "):
        at = text.rfind(mark, begin, furthest)
        if at > begin:
            return at + len(mark)
    return furthest


def _called(call: Callable[..., dict[str, Any]], text: str) -> dict[str, Any]:
    from botocore import exceptions as errors

    try:
        return call(Text=text)
    except errors.ClientError as error:
        code = error.response["Error"].get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _REFUSALS:
            raise EngineError(REFUSED) from None
        if code in _STRANGERS:
            raise EngineError(NO_CREDENTIALS) from None
        if (
            status == 429
            or status >= 500
            or "Throttl" in code
            or code == "TooManyRequestsException"
        ):
            raise EngineError(AWAY) from None
        raise EngineError(f"AWS refused the text ({code}).") from None
    except (errors.NoCredentialsError, errors.PartialCredentialsError):
        raise EngineError(NO_CREDENTIALS) from None
    except (errors.ConnectionError, errors.HTTPClientError):
        raise EngineError(AWAY) from None
    except errors.BotoCoreError as error:
        raise EngineError(f"The call to AWS could not be made ({type(error).__name__}).") from None
