"""Statements written once: the same rows as the query set's, whatever values come; saves alike."""

import threading
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import BooleanField, Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from review.models import Edit, Review, Segment
from tests import rows
from tests.cast import Cast
from tests.factories import transcribed
from transcripts import statements
from transcripts.models import Membership, Recording
from transcripts.statements import written_once

pytestmark = pytest.mark.django_db
Counted = Callable[[int], object]
# What SQL, psycopg or a pattern might take for more than a letter.
ODD = "100%s % 'of' \\ \"it\" %% $1.wav"


@written_once
def of_author(practice: UUID, author: UUID | None) -> QuerySet[Recording]:
    found = Recording.objects.filter(practice=practice, author=author)
    return found.select_related("patient", "author__user").order_by("created_at")


@written_once
def members(pks: list[UUID], practice: UUID) -> QuerySet[Membership]:
    dictated = Exists(Recording.objects.filter(author=OuterRef("pk")))
    rows = Membership.objects.filter(pk__in=pks.each("uuid"), practice=practice)
    return rows.annotate(dictated=dictated).order_by("id")


@written_once
def oddly_named(practice: UUID) -> QuerySet[Recording]:
    return Recording.objects.filter(practice=practice, original_name=ODD)


@written_once
def named_in_part(practice: UUID) -> QuerySet[Recording]:
    like = RawSQL("original_name LIKE '%% of %%'", (), output_field=BooleanField())
    return Recording.objects.filter(like, practice=practice)


@pytest.fixture
def review(cast: Cast) -> Review:
    return transcribed(rows.recording(cast), [[("Amoxicillin", 0.9), ("daily.", 0.9)]])


class Lost(Exception):
    pass


def test_each_call_answers_for_its_own_values(cast: Cast) -> None:
    hers, nobodys = rows.recording(cast), rows.recording(cast)
    Recording.objects.filter(pk=nobodys.pk).update(author=None)

    assert of_author(cast.practice.pk, cast.clinician.pk) == [hers]
    assert of_author(cast.practice.pk, None) == [nobodys]
    assert of_author(cast.practice.pk, cast.clinician.pk) == [hers]
    assert of_author(cast.practice.pk, uuid4()) == []
    assert of_author(cast.outsider.practice_id, cast.clinician.pk) == []


def test_a_list_stands_for_as_many_values_as_it_holds(cast: Cast) -> None:
    rows.recording(cast)
    pks = sorted([cast.clinician.pk, cast.editor.pk])

    found = members(pks, cast.practice.pk)
    assert [row.pk for row in found] == pks
    assert {row.pk: row.dictated for row in found} == {
        cast.clinician.pk: True,
        cast.editor.pk: False,
    }
    assert members(pks[:1], cast.practice.pk) == found[:1]
    assert members([], cast.practice.pk) == []


def test_rows_are_whole_models_with_what_was_joined(
    cast: Cast, django_assert_num_queries: Counted
) -> None:
    made = rows.recording(cast, duration=61.5)
    plain = Recording.objects.get(pk=made.pk)
    of_author(cast.practice.pk, cast.clinician.pk)

    with django_assert_num_queries(1):
        (found,) = of_author(cast.practice.pk, cast.clinician.pk)
        assert found.author.user.name == cast.clinician.user.name
        assert found.patient.name == "Paula Probe"
    for field in Recording._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(plain, field.attname)
        assert type(getattr(found, field.attname)) is type(getattr(plain, field.attname))
    assert not found._state.adding
    assert found.get_deferred_fields() == set()


@pytest.mark.django_db(transaction=True)
def test_every_thread_asks_by_its_own_connection(cast: Cast) -> None:
    made = rows.recording(cast)
    found: list[list[Recording]] = [of_author(cast.practice.pk, cast.clinician.pk)]

    def elsewhere() -> None:
        found.append(of_author(cast.practice.pk, cast.clinician.pk))
        connection.close()

    other = threading.Thread(target=elsewhere)
    other.start()
    other.join(10)
    assert found == [[made], [made]]


def test_a_statement_is_planned_once_in_a_connection(cast: Cast) -> None:
    made = rows.recording(cast)
    asked = cast.practice.pk, cast.clinician.pk

    assert of_author(*asked) == [made]
    before = _prepared()
    assert of_author(*asked) == [made]
    assert _prepared() == before != set()


def test_a_transaction_that_is_lost_takes_nothing_along(cast: Cast) -> None:
    made = rows.recording(cast)
    asked = cast.practice.pk, cast.clinician.pk

    with pytest.raises(Lost), transaction.atomic():
        assert of_author(*asked) == [made]
        raise Lost  # upon which psycopg gives up what it prepared
    assert of_author(*asked) == [made]


def _prepared() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE from_sql IS FALSE")
        return {name for (name,) in cursor.fetchall()}


def test_what_never_changes_stands_in_the_statement_whatever_its_letters(cast: Cast) -> None:
    made = rows.recording(cast)
    assert oddly_named(cast.practice.pk) == []
    Recording.objects.filter(pk=made.pk).update(original_name=ODD)

    assert oddly_named(cast.practice.pk) == [made]


def test_signs_that_plain_sql_doubles_stay_doubled(cast: Cast) -> None:
    made = rows.recording(cast)
    assert named_in_part(cast.practice.pk) == []
    Recording.objects.filter(pk=made.pk).update(original_name="Two of three.wav")

    assert named_in_part(cast.practice.pk) == [made]


def test_rows_come_from_plain_sql_with_what_it_adds(cast: Cast) -> None:
    sql = "SELECT m.*, length(m.role) AS letters FROM transcripts_membership AS m WHERE id = %s"

    (found,) = statements.of_model(Membership, sql, [cast.editor.pk])

    assert (found, found.role, found.letters) == (cast.editor, "editor", 6)
    assert statements.of_model(Membership, sql, [uuid4()]) == []


def test_the_named_fields_of_a_row_are_saved_and_no_others(
    review: Review, cast: Cast, django_assert_num_queries: Counted
) -> None:
    line = review.segments.get()
    text = line.text
    line.items, line.origins, line.text, line.edited_by = [], [], "Other.", cast.editor.user

    with django_assert_num_queries(1):
        statements.save(line, "items", "origins", "edited_by")

    kept = Segment.objects.get()
    assert (kept.items, kept.origins, kept.edited_by) == ([], [], cast.editor.user)
    assert kept.text == text


def test_a_row_is_added_with_its_defaults(review: Review, cast: Cast) -> None:
    edit = Edit(review=review, seq=1, op_id=uuid4(), kind="replace_text", by=cast.editor.user)

    statements.add(edit)

    kept = Edit.objects.get()
    assert kept == edit
    assert (kept.changes, kept.touched, kept.undoes_id, kept.at) == ([], [], None, edit.at)
    edit.refresh_from_db()


def test_what_the_database_forbids_is_not_added(review: Review, cast: Cast) -> None:
    edit = Edit(review=review, seq=1, op_id=uuid4(), kind="undo", by=cast.editor.user)

    with pytest.raises(IntegrityError, match="an_undo_says_of_what"), transaction.atomic():
        statements.add(edit)
    assert not Edit.objects.exists()
