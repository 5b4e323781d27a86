"""An installation moves to the joined migrations by itself, from wherever it is."""

import pytest
from django.db import connection, models
from django.db.migrations import AddField, CreateModel
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from transcripts.schema import CreateModels

JOINED = (
    ("transcripts", "0001_squashed_0009_rows_of_a_practice"),
    ("review", "0001_squashed_0020_search"),
)
APPS = ("transcripts", "review")


@pytest.fixture
def parts(db: None) -> list[tuple[str, str]]:
    """This database as one that ran the joined migrations one by one; these, in their order."""
    recorder = MigrationRecorder(connection)
    parts: list[tuple[str, str]] = []
    for app, name in JOINED:
        recorder.record_unapplied(app, name)
        parts += MigrationExecutor(connection).loader.disk_migrations[app, name].replaces
    for part in parts:
        if part not in recorder.applied_migrations():
            recorder.record_applied(*part)
    return parts


def plan() -> list[tuple[str, str]]:
    executor = MigrationExecutor(connection)
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _ in steps]


def test_where_every_part_was_applied_nothing_is_left_to_do(parts):
    assert plan() == []
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert MigrationRecorder(connection).applied_migrations().keys() >= set(JOINED)


def test_an_older_installation_goes_on_with_the_parts_it_lacks(parts):
    recorder = MigrationRecorder(connection)
    lacking = [part for part in parts if part[0] == "review"][-2:]
    later = [one for one in recorder.applied_migrations() if one[0] in APPS and one not in parts]
    for part in (*lacking, *later):
        recorder.record_unapplied(*part)
    assert [one for one in plan() if one[0] == "review"][: len(lacking)] == lacking


def test_what_changes_an_older_table_is_no_part_of_creating_new_ones():
    new = CreateModel("New", [("id", models.BigAutoField(primary_key=True))])
    CreateModels([new, AddField("new", "more", models.TextField())])
    with pytest.raises(ValueError, match="Add field more to old"):
        CreateModels([new, AddField("old", "more", models.TextField())])
