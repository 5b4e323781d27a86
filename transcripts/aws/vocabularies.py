"""Create, get, update, list and delete medical vocabularies. How a table is read is not here."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.urls import reverse

from transcripts import buckets
from transcripts.actions import vocabularies as actions
from transcripts.aws import callers, pages, places
from transcripts.aws.callers import Caller
from transcripts.aws.errors import AwsError, bad_request, conflict, limit_exceeded
from transcripts.aws.jobs import check_language, check_name, present, unique_tags
from transcripts.enums import Action, VocabularyState
from transcripts.models import MedicalVocabulary

NOT_FOUND = (
    "The requested vocabulary couldn't be found. Check the vocabulary name and try your request "
    "again."
)
UNREADABLE = (
    "The vocabulary file couldn't be read from the S3 URI that you provided. Make sure that the "
    "file exists in your bucket and that you have read permission for it."
)
LARGEST_TABLE = 50 * 1024
SALT = "transcripts.aws.vocabularies"


def create(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    _check(request)
    content, failure = _table(caller, request["VocabularyFileUri"])
    vocabulary = _acting(
        actions.create,
        practice=caller.practice,
        name=request["VocabularyName"],
        content=content,
        by=caller.user,
        language_code=request["LanguageCode"],
        file_uri=request["VocabularyFileUri"],
        tags=unique_tags(request.get("Tags", [])),
        failure_reason=failure,
    )
    return _described(vocabulary) | present({"FailureReason": vocabulary.failure_reason or None})


def get(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    vocabulary = _found(caller, request)
    more = {"FailureReason": vocabulary.failure_reason or None}
    if vocabulary.content:
        token = signing.dumps([str(vocabulary.pk), str(caller.key.pk)], salt=SALT)
        more["DownloadUri"] = settings.BASE_URL + reverse("aws-vocabulary", args=[token])
    callers.report_read(
        caller.key, Action.VOCABULARY_VIEWED, MedicalVocabulary.__name__, [vocabulary.pk]
    )
    return _described(vocabulary) | present(more)


def update(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    _check(request)
    vocabulary = _found(caller, request)
    content, failure = _table(caller, request["VocabularyFileUri"])
    replaced = _acting(
        actions.replace,
        vocabulary=vocabulary,
        content=content,
        by=caller.user,
        file_uri=request["VocabularyFileUri"],
        failure_reason=failure,
    )
    return _described(replaced)


def list_(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    rows = visible(caller)
    echo = {}
    if "StateEquals" in request:
        rows = rows.filter(state=VocabularyState(request["StateEquals"]))
        echo = {"Status": request["StateEquals"]}
    if "NameContains" in request:
        rows = rows.filter(name__icontains=request["NameContains"])
    found, token = pages.page(caller, rows, request, kind="vocabularies")
    shown = [vocabulary.pk for vocabulary in found]
    callers.report_read(caller.key, Action.VOCABULARIES_LISTED, MedicalVocabulary.__name__, shown)
    return echo | token | {"Vocabularies": [_described(vocabulary) for vocabulary in found]}


def delete(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    _acting(actions.delete, vocabulary=_found(caller, request), by=caller.user)
    return {}


def visible(caller: Caller) -> QuerySet[MedicalVocabulary]:
    return MedicalVocabulary.objects.filter(practice=caller.practice)


def _found(caller: Caller, request: dict[str, Any]) -> MedicalVocabulary:
    vocabulary = visible(caller).filter(name=request["VocabularyName"]).first()
    if vocabulary is None:
        raise bad_request(NOT_FOUND)
    return vocabulary


def _check(request: dict[str, Any]) -> None:
    check_name(request["VocabularyName"], "vocabularyName")
    check_language(request["LanguageCode"])


def _table(caller: Caller, uri: str) -> tuple[bytes, str]:
    """The file's bytes, or none and the reason: an unreadable file makes a FAILED vocabulary."""
    try:
        place = places.readable(caller, uri)
        return buckets.read(place, limit=LARGEST_TABLE), ""
    except (AwsError, buckets.Missing):
        return b"", UNREADABLE


def _acting(action: Any, **arguments: Any) -> Any:
    """Calls an action; its refusals as AWS's errors."""
    try:
        return action(**arguments)
    except (actions.NameTaken, actions.StillPending) as refusal:
        raise conflict(str(refusal)) from None
    except actions.TooMany as refusal:
        raise limit_exceeded(str(refusal)) from None
    except actions.Refused as refusal:
        raise bad_request(str(refusal)) from None
    except MedicalVocabulary.DoesNotExist:  # deleted a moment ago by somebody else
        raise bad_request(NOT_FOUND) from None


def _described(vocabulary: MedicalVocabulary) -> dict[str, Any]:
    return {
        "VocabularyName": vocabulary.name,
        "LanguageCode": vocabulary.language_code,
        "VocabularyState": vocabulary.state,
        "LastModifiedTime": vocabulary.modified_at,
    }
