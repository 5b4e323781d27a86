"""Making, replacing, checking and deleting medical vocabularies.

A vocabulary is PENDING until its table has been checked, in a worker or at once by the page that
made it; then READY, or FAILED with the lines that are wrong.
"""

import logging
import re
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models.functions import Now

from transcripts import events
from transcripts.engines import vocabulary as tables
from transcripts.enums import LIVE_STATUSES, Action, VocabularyState
from transcripts.models import MedicalVocabulary, Practice, User

log = logging.getLogger(__name__)

TASK = "transcripts.check_vocabularies"
NAME = re.compile(r"[0-9a-zA-Z._-]{1,200}")
MOST = 100
MOST_PENDING = 10
SHOWN_PROBLEMS = 20


class Refused(Exception):
    """The vocabulary can't be made or changed like this; the message is a sentence."""


class BadName(Refused):
    pass


class NameTaken(Refused):
    pass


class TooMany(Refused):
    pass


class StillPending(Refused):
    pass


class InUse(Refused):
    pass


@transaction.atomic
def create(
    *,
    practice: Practice,
    name: str,
    content: bytes | str,
    by: User | None,
    language_code: str = "en-US",
    file_uri: str = "",
    tags: dict[str, str] | None = None,
    failure_reason: str = "",
) -> MedicalVocabulary:
    """A new vocabulary to be checked. With `failure_reason` it has FAILED already.

    Raises BadName, NameTaken or TooMany.
    """
    if not NAME.fullmatch(name) or name in (".", ".."):
        raise BadName(
            "A name has 1 to 200 letters, digits, dots, hyphens or underscores, and no spaces."
        )
    # The lock keeps two requests from passing the limits or taking one name together.
    Practice.objects.select_for_update().get(pk=practice.pk)
    rows = MedicalVocabulary.objects.filter(practice=practice)
    if rows.filter(name=name).exists():
        raise NameTaken("A vocabulary of this name exists already.")
    if rows.count() >= MOST:
        raise TooMany(f"A practice has at most {MOST} vocabularies. Delete one first.")
    if rows.filter(state=VocabularyState.PENDING).count() >= MOST_PENDING:
        raise TooMany(f"{MOST_PENDING} vocabularies are still being checked. Try again soon.")
    row = MedicalVocabulary(
        practice=practice, name=name, language_code=language_code, tags=tags or {}
    )
    return _store(row, Action.VOCABULARY_CREATED, content, file_uri, failure_reason, by)


@transaction.atomic
def replace(
    *,
    vocabulary: MedicalVocabulary,
    content: bytes | str,
    by: User | None,
    file_uri: str = "",
    failure_reason: str = "",
) -> MedicalVocabulary:
    """Puts another table in its place, to be checked anew; the version rises.

    Until it is READY, jobs that run go on with the terms of the table before; new ones can't choose
    it. Raises StillPending.
    """
    row = MedicalVocabulary.objects.select_for_update().get(pk=vocabulary.pk)
    if row.state == VocabularyState.PENDING:
        raise StillPending("This vocabulary is still being checked. Try again in a moment.")
    row.version += 1
    return _store(row, Action.VOCABULARY_UPDATED, content, file_uri, failure_reason, by)


def _store(
    row: MedicalVocabulary,
    action: Action,
    content: bytes | str,
    file_uri: str,
    failure_reason: str,
    by: User | None,
) -> MedicalVocabulary:
    row.content, unreadable = _text(content)
    row.file_uri = file_uri
    row.failure_reason = failure_reason or unreadable
    row.state = VocabularyState.FAILED if row.failure_reason else VocabularyState.PENDING
    row.modified_at = Now()
    row.save()
    row.refresh_from_db()
    _tell(row, action, by)
    if row.state == VocabularyState.PENDING:
        transaction.on_commit(_ring)
    return row


def _text(content: bytes | str) -> tuple[str, str]:
    """The table as text that can be stored, and why it can't be one, or ""."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8")
        text.encode("utf-8")
    except UnicodeError:
        problems = _problems(content if isinstance(content, bytes) else b"\xff")
        return "", reason(problems)
    if len(text.encode()) > tables.MAX_BYTES or "\x00" in text:
        return "", reason(_problems(text))
    return text, ""


def _problems(content: bytes | str) -> list[tuple[int, str]]:
    try:
        tables.parse(content)
    except tables.VocabularyError as error:
        return error.problems
    return []


def reason(problems: list[tuple[int, str]]) -> str:
    """Line-numbered problems as one text, a line for each."""
    lines = [f"Line {line}: {sentence}" for line, sentence in problems[:SHOWN_PROBLEMS]]
    more = len(problems) - SHOWN_PROBLEMS
    return "\n".join([*lines, f"And {more} more problems."] if more > 0 else lines)


@transaction.atomic
def check(*, vocabulary: MedicalVocabulary) -> MedicalVocabulary:
    """PENDING becomes READY with its terms, or FAILED with its problems; others stay."""
    row = MedicalVocabulary.objects.select_for_update().get(pk=vocabulary.pk)
    if row.state != VocabularyState.PENDING:
        return row
    try:
        terms = tables.parse(row.content)
    except tables.VocabularyError as error:
        row.state, row.failure_reason = VocabularyState.FAILED, reason(error.problems)
    else:
        row.state = VocabularyState.READY
        row.terms = [_as_row(term) for term in terms]
    row.save(update_fields=["state", "terms", "failure_reason"])
    ready = row.state == VocabularyState.READY
    _tell(row, Action.VOCABULARY_CHECKED, None, outcome="success" if ready else "failure")
    return row


def _as_row(term: tables.Term) -> dict[str, str]:
    return {
        "phrase": term.phrase,
        "ipa": term.ipa,
        "sounds_like": term.sounds_like,
        "display_as": term.display_as,
    }


def terms_of(vocabulary: MedicalVocabulary | None) -> list[tables.Term]:
    """The checked rows as the engine's values; nothing without a vocabulary."""
    return [tables.Term(**row) for row in vocabulary.terms] if vocabulary else []


def check_pending() -> int:
    """Checks all that wait. Returns how many; one that can't be checked does not stop the rest."""
    rows = MedicalVocabulary.objects.filter(state=VocabularyState.PENDING).order_by("modified_at")
    checked = 0
    for row in rows[:MOST]:
        try:
            check(vocabulary=row)
            checked += 1
        except MedicalVocabulary.DoesNotExist:
            log.info("%s was deleted before it was checked", row)
    return checked


@transaction.atomic
def delete(*, vocabulary: MedicalVocabulary, by: User | None) -> None:
    """Removes it; finished jobs keep its name in their settings. Raises InUse."""
    row = MedicalVocabulary.objects.select_for_update().get(pk=vocabulary.pk)
    running = row.jobs.filter(status__in=LIVE_STATUSES).count()
    if running:
        jobs = "A transcription is" if running == 1 else f"{running} transcriptions are"
        raise InUse(f"{jobs} still using this vocabulary. Wait for the end, or cancel first.")
    _tell(row, Action.VOCABULARY_DELETED, by)
    row.delete()


def _tell(
    row: MedicalVocabulary, action: Action, by: User | None, outcome: str = "success"
) -> None:
    detail: dict[str, Any] = {"version": row.version}
    events.emit(
        events.Event(
            action=action,
            practice_id=row.practice_id,
            by=by,
            object_type="MedicalVocabulary",
            object_id=row.pk,
            outcome=outcome,
            detail=detail,
        )
    )


def _ring() -> None:
    """Asks a worker to check; a Redis that is away is left to the workers' pulse."""
    try:
        current_app.send_task(TASK, retry=False)
    except Exception as error:
        log.warning("no worker was asked to check a vocabulary (%s)", type(error).__name__)
