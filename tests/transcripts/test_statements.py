"""Reads whose SQL is written once: the same rows as the query set's, whatever values come."""

import threading
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from tests import rows
from tests.cast import Cast
from transcripts.models import Membership, Recording
from transcripts.statements import written_once

pytestmark = pytest.mark.django_db
Counted = Callable[[int], object]


@written_once
def of_author(practice: UUID, author: UUID | None) -> QuerySet[Recording]:
    found = Recording.objects.filter(practice=practice, author=author)
    return found.select_related("patient", "author__user").order_by("created_at")


@written_once
def members(pks: list[UUID], practice: UUID) -> QuerySet[Membership]:
    dictated = Exists(Recording.objects.filter(author=OuterRef("pk")))
    rows = Membership.objects.filter(pk__in=pks.each("uuid"), practice=practice)
    return rows.annotate(dictated=dictated).order_by("id")


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
