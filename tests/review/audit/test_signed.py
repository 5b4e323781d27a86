"""Exports with checkpoints: what an owner of the database alone can do to them is found."""

import dataclasses
import json
import random

import pytest
from fhir.resources.R4B.auditevent import AuditEvent as Resource
from fhir.resources.R4B.provenance import Provenance

from review.audit import fhir
from review.audit.chain import Row, digest, seal
from review.audit.merkle import Tree
from review.release import canonical
from tests.review.audit.signed import check, pin, run, write
from tests.review.audit.test_chain import chain, content

FORMS = ["csv", "jsonl", "fhir"]


@pytest.fixture(scope="module")
def log() -> list[Row]:
    """A thousand rows."""
    return chain(content(n, action=f"review.{n % 7}") for n in range(1, 1001))


def rewritten(rows: list[Row], k: int) -> list[Row]:
    """The chain written anew from row k (from 1), all hashes right."""
    made, previous = rows[: k - 1], rows[k - 2].hash if k > 1 else "0" * 64
    for row in rows[k - 1 :]:
        said = json.loads(row.canonical)
        kept = {name: said[name] for name in said if name not in ("v", "seq", "prev_hash")}
        kept["outcome"] = "denied" if row.seq == k else kept["outcome"]
        text, value = seal(kept, seq=row.seq, prev_hash=previous)
        changes = {"outcome": kept["outcome"], "prev_hash": previous}
        made.append(dataclasses.replace(row, canonical=text, hash=value, **changes))
        previous = value
    return made


@pytest.mark.parametrize("form", FORMS)
def test_an_untouched_export_holds_alone_in_its_own_process(tmp_path, form, log):
    rows = log[:40]
    path = write(tmp_path, form, rows, [pin(rows, 10), pin(rows, 40)])
    root = json.loads(pin(rows, 25).statement)["root"]
    status, said = run(path, "--pin-size", "25", "--pin-root", root)
    assert status == 0, said
    assert said.startswith(f"ok: 40 rows, head {rows[-1].hash}, root ")


@pytest.mark.parametrize("form", FORMS)
def test_a_whole_chain_written_anew_is_found_by_signature_and_its_rows_named(
    tmp_path, form, log, capsys
):
    rows = log[:40]
    pins = [pin(rows, 10), pin(rows, 20), pin(rows, 40)]
    for k, named in ((1, 1), (7, 1), (10, 1), (11, 11), (20, 11), (33, 21)):
        status, said = check(write(tmp_path, form, rewritten(rows, k), pins), capsys)
        assert status == 1 and said.startswith(f"seq {named}: rows {named} to "), (k, said)


@pytest.mark.parametrize("form", FORMS)
def test_checkpoints_by_another_key_are_found(tmp_path, form, log, capsys):
    rows = rewritten(log[:20], 5)
    path = write(tmp_path, form, rows, [pin(rows, 20, canonical.new_key()[0])])
    assert check(path, capsys) == (1, "seq 20: its checkpoint is not signed by the given key")


@pytest.mark.parametrize("form", FORMS)
def test_a_tail_cut_off_with_its_checkpoints_is_found_by_a_pinned_head(tmp_path, form, log, capsys):
    rows = log[:40]
    root = json.loads(pin(rows, 40).statement)["root"]
    path = write(tmp_path, form, rows[:30], [pin(rows, 30)])
    assert check(path, capsys)[0] == 0
    status, said = check(path, capsys, "--pin-size", "40", "--pin-root", root)
    assert (status, said) == (1, "seq 30: a checkpoint knows 40 rows: the end was cut off")
    path = write(tmp_path, form, rows[:30], [pin(rows, 40)])
    assert check(path, capsys)[0] == 1
    path = write(tmp_path, form, rows, [pin(rows, 30)])
    said = check(path, capsys)[1]
    assert said == "seq 31: no signed checkpoint covers the rows from here on"


def test_any_column_of_any_of_a_thousand_rows_is_found_and_the_row_named(log):
    """Each row with one column changed, hashes as they were: the chain's own check."""
    from review.audit.chain import first_break

    fields = [field.name for field in dataclasses.fields(Row)]
    for number, row in enumerate(log):
        field = fields[number % len(fields)]
        value = getattr(row, field)
        other = {"x": 1} if isinstance(value, dict) else 99_999 if field == "seq" else "x" * 64
        found = first_break(
            [dataclasses.replace(row, **{field: other})],
            seq=number,
            prev_hash=log[number - 1].hash if number else "0" * 64,
        )
        assert found and found.seq == (99_999 if field == "seq" else row.seq), field


@pytest.mark.parametrize("form", FORMS)
def test_every_column_of_a_row_of_a_file_is_found_and_the_row_named(tmp_path, form, log, capsys):
    rows, chance = log[:30], random.Random(9)
    pins = [pin(rows, 30)]
    for field in [field.name for field in dataclasses.fields(Row)]:
        if field in ("detail", "request") and form == "csv":
            continue  # not shown, but in the sealed text
        at = chance.randrange(30)
        value = getattr(rows[at], field)
        other = "denied" if field == "outcome" else "1" * 64
        other = 77 if field == "seq" else {**value, "ip": "x"} if isinstance(value, dict) else other
        if form == "fhir" and isinstance(value, dict):
            other = value | dict.fromkeys(("id", "ip"), "9") | {"display": "9"}
        if field == "detail" and form == "fhir":
            continue  # in the sealed text only
        touched = [*rows[:at], dataclasses.replace(rows[at], **{field: other}), *rows[at + 1 :]]
        status, said = check(write(tmp_path, form, touched, pins), capsys)
        named = 77 if field == "seq" else at + 1
        assert status == 1 and said.startswith(f"seq {named}: "), (field, at, said)


@pytest.mark.parametrize("form", FORMS)
def test_deleted_moved_inserted_and_doubled_rows_are_found(tmp_path, form, log, capsys):
    rows, chance = log[:30], random.Random(3)
    pins = [pin(rows, 30)]
    for _ in range(10):
        at = chance.randrange(1, 29)
        for touched, named in (
            (rows[:at] + rows[at + 1 :], at + 2),
            (rows[:at] + rows[at - 1 :], at),
            ([*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]], at + 2),
            ([*rows[:at], dataclasses.replace(rows[at], hash="0" * 64), *rows[at:]], at + 1),
        ):
            status, said = check(write(tmp_path, form, touched, pins), capsys)
            assert (status, said.split(":")[0]) == (1, f"seq {named}"), said


def test_a_selection_holds_row_by_row_and_says_what_it_can_not_say(tmp_path, log, capsys):
    rows = [log[3], log[7], log[8]]
    path = write(tmp_path, "jsonl", rows, [pin(log, 20)])
    assert check(path, capsys)[0] == 1
    status, said = check(path, capsys, "--selection")
    assert status == 0 and "what was left out can't be judged" in said
    touched = [rows[0], dataclasses.replace(rows[1], outcome="denied"), rows[2]]
    said = check(write(tmp_path, "jsonl", touched, []), capsys, "--selection")[1]
    assert said == "seq 8: column outcome differs from the canonical text"


def test_a_key_file_without_a_key_is_status_2(tmp_path, log, capsys):
    path = write(tmp_path, "jsonl", log[:3], [])
    (tmp_path / "key.pem").write_text("nothing")
    assert check(path, capsys)[0] == 2


def test_every_fhir_line_is_valid_r4(tmp_path, log):
    rows = chain(
        content(n, patient=patient, action=action, outcome=outcome, actor=actor)
        for n, (patient, action, outcome, actor) in enumerate(
            [
                (None, "login.failed", "denied", {"id": None, "display": "X", "role": None}),
                ("p-1", "review.viewed", "success", {"id": "u", "display": "Y", "role": "editor"}),
                ("p-1", "recording.played", "failure", {"id": "u", "display": "Y", "role": None}),
                ("p-1", "odd", "strange", {"id": "u", "display": "Y", "role": None}),
            ],
            1,
        )
    )
    *lines, last = write(tmp_path, "fhir", rows, [pin(rows, 4)]).read_text().splitlines()
    for line, row in zip(lines, rows, strict=True):
        made = json.loads(line)
        Resource.model_validate(made)
        assert len(made["agent"]) >= 2
        assert sum(agent["requestor"] for agent in made["agent"]) == 1
        patients = [e for e in made.get("entity", []) if e["type"].get("code") == "1"]
        assert len(patients) == (1 if row.patient else 0)
    Provenance.model_validate(json.loads(last))
    assert [json.loads(line)["outcome"] for line in lines] == ["4", "0", "8", "12"]


def test_an_emergency_access_says_break_the_glass():
    (row,) = chain([content(detail={"emergency": "e-1"})])
    (purpose,) = fhir.resource(row)["purposeOfEvent"]
    assert purpose["coding"][0]["code"] == "BTG"


def test_the_root_of_the_program_is_that_of_the_application(log):
    from review.audit import verify

    ours, theirs = Tree(), verify.Tree()
    for row in log[:50]:
        ours.add(row.canonical)
        theirs.add(row.canonical)
        assert ours.root == theirs.root()
    assert digest(log[0].canonical) == log[0].hash
