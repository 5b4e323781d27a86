"""Tags of jobs and vocabularies, by ARN."""

from typing import Any

from django.db import transaction

from transcripts import events
from transcripts.aws import callers, jobs, vocabularies
from transcripts.aws.callers import Caller
from transcripts.aws.errors import bad_request, not_found
from transcripts.enums import Action
from transcripts.models import MedicalTranscriptionJob, MedicalVocabulary

MOST_TAGS = 200
KINDS = {
    "medical-transcription-job": (jobs.visible, Action.JOB_TAGGED),
    "medical-vocabulary": (vocabularies.visible, Action.VOCABULARY_TAGGED),
}
Tagged = MedicalTranscriptionJob | MedicalVocabulary


def tag(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    added = jobs.unique_tags(request["Tags"])
    _change(caller, request["ResourceArn"], added=added, removed=[])
    return {}


def untag(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    _change(caller, request["ResourceArn"], added={}, removed=request["TagKeys"])
    return {}


def list_(caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
    arn = request["ResourceArn"]
    row, _ = _found(caller, arn)
    callers.report_read(caller.key, Action.TAGS_LISTED, type(row).__name__, [row.pk])
    return {"ResourceArn": arn, "Tags": jobs.tag_list(row.tags)}


@transaction.atomic
def _change(caller: Caller, arn: str, *, added: dict[str, str], removed: list[str]) -> None:
    row, action = _found(caller, arn, lock=True)
    tags = {key: value for key, value in row.tags.items() if key not in removed} | added
    if len(tags) > MOST_TAGS:
        raise bad_request(
            f"A resource can have at most {MOST_TAGS} tags. Remove some and try again."
        )
    type(row).objects.filter(pk=row.pk).update(tags=tags)
    events.emit(
        events.Event(
            action=action,
            practice_id=caller.practice.pk,
            by=caller.user,
            object_type=type(row).__name__,
            object_id=row.pk,
            detail={"tags": len(tags)},
        )
    )


def _found(caller: Caller, arn: str, *, lock: bool = False) -> tuple[Tagged, str]:
    """The caller's resource of this ARN, and the action that changing its tags is."""
    *_, region, account, resource = arn.split(":", 5)
    kind, _, name = resource.partition("/")
    if kind not in KINDS or not region:
        raise bad_request("The resource ARN isn't valid. Check the ARN and try your request again.")
    visible, action = KINDS[kind]
    rows = visible(caller).filter(name=name)
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.first() if account == caller.account else None
    if row is None:
        raise not_found("The requested resource couldn't be found. Check the ARN and try again.")
    return row, action
