"""An edit log kept before it was one of state changes goes on as one: 0007 to 0008, really run.

Django renders its models anew for each of a hundred old migrations, so it takes a quarter of a
minute: COUNTERSIGN_OLD_MIGRATIONS=1 asks for it, as whoever touches those migrations should.
"""

import os
from collections.abc import Callable
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from review import replay

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("COUNTERSIGN_OLD_MIGRATIONS" not in os.environ, reason="takes long"),
]
BEFORE = [("review", "0007_cosign_and_amend"), ("transcripts", "0005_cosigned")]
AFTER = [("review", "0008_edit_log")]
OLD = NO_DB_ALIAS  # the one alias beside its own that a test may connect to


@contextmanager
def old_database():
    """A database of its own beside the test's, and what migrates it by the old migrations."""
    name, alias = f"old_{uuid4().hex[:8]}", OLD
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connections.databases[alias] = {**connection.settings_dict, "NAME": name}
    old = connections[alias]

    def migrate(targets):
        executor = MigrationExecutor(old)
        executor.loader = MigrationLoader(old, replace_migrations=False)
        return executor.migrate(targets).apps

    try:
        yield old, migrate
    finally:
        old.close()
        del connections[alias], connections.databases[alias]
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def words(*said: str, by: str = "machine", first: int = 0) -> list[dict]:
    return [
        {"id": f"{by[0]}{first + n}", "type": "pronunciation", "content": word, "by": by}
        | {"start": first + n, "end": first + n + 0.5, "confidence": 0.9 if by == "machine" else 1}
        for n, word in enumerate(said)
    ]


def without_their_parents(old) -> None:
    """The rows around those of a log would make its story no truer."""
    with old.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
        )
        for table, name in cursor.fetchall():
            if table in ("review_edit", "review_segment", "review_flag") or "machine" in table:
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


MACHINE = [words("takes", "aspirin"), words("no", "pain", first=2)]
TYPED = [MACHINE[0][0], *words("ibuprofen", by="human", first=1)]
AGAIN = [MACHINE[0][0], *words("paracetamol", by="human", first=9)]


def an_old_log(get: Callable, person, review) -> None:
    """Two lines: one retyped twice, in the other a marked word confirmed, and one that was not."""
    transcript = uuid4()
    rows = []
    for index, items in enumerate(MACHINE):
        place = {"transcript_id": transcript, "start": index * 2, "end": index * 2 + 2}
        get("transcripts", "MachineSegment").objects.create(index=index, items=items, **place)
        now = AGAIN if index == 0 else items
        made = {"text": " ".join(one["content"] for one in now), "items": now, "version": 1}
        row = get("review", "Segment").objects.create(
            review_id=review, position=index, **made, **place
        )
        rows.append(row.pk)
    get("review", "Flag").objects.create(
        review_id=review, segment_id=rows[1], items=["m3"], reason="low_confidence",
        state="confirmed", resolved_by_id=person, resolved_at="2026-11-01T10:00:00Z",
    )  # fmt: skip
    log = [
        (rows[0], "replace_text", MACHINE[0], TYPED),
        (rows[1], "confirm", ["m3"], None),
        (rows[0], "carry", TYPED, AGAIN),
        (rows[1], "confirm", ["m2"], None),
    ]
    for seq, (row, kind, before, after) in enumerate(log, 1):
        get("review", "Edit").objects.create(
            review_id=review, segment_id=row, seq=seq, op_id=uuid4(), kind=kind, base_version=1,
            before=before, after=after, by_id=person,
        )  # fmt: skip


def test_the_old_log_leads_from_the_machines_words_to_todays():
    with old_database() as (old, migrate):
        earlier = migrate(BEFORE)

        def get(app, model):
            model = earlier.get_model(app, model)
            model.objects = model._default_manager.using(OLD)
            return model

        without_their_parents(old)
        an_old_log(get, uuid4(), review := uuid4())
        later = migrate(AFTER)
        edits = list(later.get_model("review", "Edit").objects.using(OLD).order_by("seq"))
        segments = later.get_model("review", "Segment").objects.using(OLD).order_by("position")
        said = {
            one.pk: one
            for one in later.get_model("transcripts", "MachineSegment").objects.using(OLD)
        }
        states = {
            ("segment", str(row.pk)): {"items": said[row.machine_id].items} for row in segments
        }
        for edit in edits:
            replay.replay(states, edit.changes)
        assert [states["segment", str(row.pk)]["items"] for row in segments] == [AGAIN, MACHINE[1]]
        assert [row.origins for row in segments] == [[0], [1]]
        assert [edit.touched for edit in edits] == [
            [row.pk] for row in (segments[0], segments[1], segments[0], segments[1])
        ]
        (confirmed,) = edits[1].changes
        assert (confirmed["before"]["state"], confirmed["after"]["state"]) == ("open", "confirmed")
        assert edits[3].changes == [], "a word without a mark changed nothing"
        assert {edit.review_id for edit in edits} == {review}
