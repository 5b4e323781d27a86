"""Signed documents against the master of the database and of the storage: what he changes is said.

Numbers 9 and 12 of docs/security.md's table of tests.
"""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from review import integrity, queries
from review.models import Review
from tests import rows
from tests.cast import Cast

pytestmark = pytest.mark.django_db
CHANCE = random.Random(9)

# Table, column and what it becomes, each past every trigger.
CHANGES = [
    ("review_segment", "text", "'Patient takes insulin.'"),
    ("review_segment", "text", "text || ' '"),
    ("review_segment", "items", "jsonb_set(items, '{0,content}', '\"insulin\"')"),
    ("review_segment", "items", "jsonb_set(items, '{0,confidence}', '0.1234')"),
    ("review_segment", "items", "items - 0"),
    ("review_segment", "speaker", "'spk_7'"),
    ("review_segment", "position", "position + 70"),
    ("transcripts_patient", "name", "'Nobody'"),
    ("transcripts_patient", "mrn", "'0'"),
    ("transcripts_patient", "birth_date", "'1901-01-01'"),
    ("transcripts_recording", "sha256", "repeat('0', 64)"),
    ("transcripts_recording", "encounter_date", "'2001-01-01'"),
    ("review_signature", "document", "replace(document, 'Patient', 'patient')"),
    ("review_signature", "signature", "repeat('A', 86) || '=='"),
]


@pytest.fixture
def signed(cast: Cast) -> Review:
    review = rows.review(cast)
    rows.signed(review, cast)
    return Review.objects.get(pk=review.pk)


def tamper(table: str, column: str, value: str) -> None:
    """As the database's master, past triggers and constraints."""
    with rows.ignored_triggers(table), connection.cursor() as cursor:
        if table == "review_signature":
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT signature_hash_is_the_documents")
        one = f"SELECT id FROM {table} LIMIT 1"
        cursor.execute(f"UPDATE {table} SET {column} = {value} WHERE id = ({one})")
        assert cursor.rowcount == 1
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def verify(*options: str) -> str:
    """What the command says of what it found; "" where all holds."""
    said = io.StringIO()
    try:
        call_command("verify_documents", *options, stdout=io.StringIO(), stderr=said)
    except CommandError:
        assert said.getvalue()
    return said.getvalue()


def test_what_was_signed_holds_and_a_draft_is_not_asked(cast, as_, signed):
    assert verify() == "" and integrity.problems(rows.review(cast, mrn="2")) == []
    page = as_(cast.editor).get(f"/recordings/{signed.recording_id}/")
    assert "not what was signed" not in page.content.decode()


@pytest.mark.parametrize(("table", "column", "value"), CHANGES)
def test_a_changed_row_is_said_on_the_page_and_named_by_the_command(
    cast: Cast, as_: Callable[..., Client], signed: Review, table: str, column: str, value: str
) -> None:
    tamper(table, column, value)
    page = as_(cast.editor).get(f"/recordings/{signed.recording_id}/")
    assert "This is not what was signed: " in page.content.decode()
    assert f"document {signed.pk}: " in verify("--without-audio")


@pytest.mark.usefixtures("folder_storage")
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async")
def test_a_changed_byte_of_the_audio_is_not_played_and_named_fifty_times_of_fifty(
    cast: Cast, as_: Callable[..., Client], signed: Review
) -> None:
    stored = Path(default_storage.path(signed.recording.media))
    whole, browser = stored.read_bytes(), as_(cast.clinician)
    review = queries.review_or_404(cast.editor, signed.recording_id)
    for _ in range(50):
        at = CHANCE.randrange(len(whole))
        stored.write_bytes(
            whole[:at] + bytes([whole[at] ^ 1 << CHANCE.randrange(8)]) + whole[at + 1 :]
        )
        assert integrity.audio_problem(review), at
    assert browser.get(f"/recordings/{signed.recording_id}/audio").status_code in (200, 409)
    assert f"document {signed.pk}: the audio" in verify()
    stored.write_bytes(whole)
    assert integrity.audio_problem(review) == ""


def test_a_signature_moved_to_another_document_verifies_nothing(cast, as_, signed):
    other = rows.review(cast, mrn="20002", name="Otto Other")
    rows.signed(other, cast)
    browser = as_(cast.editor)
    with rows.ignored_triggers("review_signature"):
        other.signatures.all().delete()
        signed.signatures.update(review=other)
    for form in ("txt", "pdf", "fhir"):
        answer = browser.get(f"/recordings/{other.recording_id}/document.{form}")
        assert answer.status_code == 400 and b"Paula" not in answer.content
    assert f"document {other.pk}: signature 1 is not one of this document" in verify()
