"""Exports of the audit log, and the stand-alone check that is handed out with them."""

import csv
import dataclasses
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.audit import verify
from review.audit.chain import first_break
from review.audit.export import COLUMNS, csv_rows, jsonl_rows
from tests.review.audit.test_chain import chain, content

SCRIPT = Path(verify.__file__)
NAMES = ["=1+1", "+x", "-x", "@x", "\tx", "\rx", 'a "b", c', "a\nb", "Łucja Żak", "'q", ""]


def rows(count=5):
    return chain(
        content(n, actor={"id": f"u{n}", "display": NAMES[n % len(NAMES)], "role": "editor"})
        for n in range(1, count + 1)
    )


def run(path, *arguments):
    done = subprocess.run(
        [sys.executable, "-I", "-S", SCRIPT, path, *arguments],
        capture_output=True,
        text=True,
        cwd=path.parent,
    )
    return done.returncode, done.stdout.strip()


def write(folder, kind, made):
    path = folder / f"log.{kind}"
    text = "".join({"csv": csv_rows, "jsonl": jsonl_rows}[kind](made))
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_the_csv_is_rfc_4180_with_a_header():
    lines = list(csv_rows(rows(3)))
    assert all(line.endswith("\r\n") for line in lines)
    parsed = list(csv.reader(io.StringIO("".join(lines), newline=""), strict=True))
    assert parsed[0] == list(COLUMNS)
    assert len(parsed) == 4
    assert json.loads(parsed[1][COLUMNS.index("actor")])["id"] == "u1"
    assert parsed[1][-1] == rows(3)[0].canonical


def test_no_cell_starts_as_a_formula():
    made = chain(content(patient=name, action=name, practice=name) for name in NAMES)
    parsed = list(csv.reader(io.StringIO("".join(csv_rows(made)), newline="")))
    assert not [
        c for line in parsed for c in line if c.startswith(("=", "+", "-", "@", "\t", "\r"))
    ]
    assert parsed[1][COLUMNS.index("action")] == "'=1+1"


def test_a_missing_patient_is_an_empty_cell():
    parsed = list(csv.reader(csv_rows(chain([content(patient=None)]))))
    assert parsed[1][COLUMNS.index("patient")] == ""


def test_rows_stream():
    def endless():
        yield from rows(2)
        raise AssertionError("read too far")

    lines = csv_rows(endless())
    assert [next(lines)[:3] for _ in range(3)] == ["seq", "1,2", "2,2"]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_untouched_export_is_ok(tmp_path, kind):
    made = chain(content(n, practice=NAMES[n % len(NAMES)]) for n in range(1, 30))
    path = write(tmp_path, kind, made)
    assert run(path) == (0, f"ok: 29 rows, head {made[-1].hash}")
    assert run(path, "--head", made[10].hash)[0] == 0


def test_an_export_with_a_byte_order_mark_is_ok(tmp_path):
    path = write(tmp_path, "csv", rows())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert run(path)[0] == 0


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_an_empty_log_is_ok(tmp_path, kind):
    assert run(write(tmp_path, kind, []))[1] == f"ok: 0 rows, head {'0' * 64}"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_rows_cut_off_at_the_end_are_found_by_a_noted_head(tmp_path, kind):
    made = rows()
    path = write(tmp_path, kind, made[:-1])
    assert run(path)[0] == 0
    status, said = run(path, "--head", made[-1].hash)
    assert status == 1
    assert said.startswith("seq 4: the noted head is not in this file")


ROWS = 100_000 if os.environ.get("COUNTERSIGN_FULL") else 10_000


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_long_export_is_verified_in_time_and_in_little_memory(tmp_path, kind):
    """100,000 rows within 10 s of CPU; of fewer rows in the same proportion, and a second more."""
    path = write(tmp_path, kind, chain(content(n) for n in range(1, ROWS + 1)))
    program = (
        "import resource, runpy, sys; sys.argv = sys.argv[1:]\n"
        "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "finally:\n"
        "    used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    # Not ru_maxrss: it begins with what the process that started this one holds.\n"
        "    peak = open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]\n"
        "    print(used.ru_utime + used.ru_stime, int(peak) // 1024)"
    )
    command = [sys.executable, "-I", "-S", "-c", program, SCRIPT, path]
    done = subprocess.run(command, capture_output=True, text=True)
    said, used = done.stdout.strip().splitlines()
    seconds, megabytes = map(float, used.split())
    print(f"{ROWS} rows of {kind}: {seconds:.1f} s of CPU, {megabytes:.0f} MB")
    assert said.startswith(f"ok: {ROWS} rows")
    assert seconds < 10 * ROWS / 100_000 + 1 and megabytes < 300, used


CHANGES = {
    "time": "2025-11-24T11:19:06.000003Z",
    "practice": "p-2",
    "actor": {"id": "u9", "display": "x", "role": "editor"},
    "action": "view",
    "object": {"type": "segment", "id": "s-3", "version": True},
    "outcome": "denied",
    "patient": None,
    "prev_hash": "1" * 64,
    "hash": "1" * 64,
    "canonical": "{}",
    "seq": 9,
}


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("field", [*CHANGES])
def test_a_changed_cell_is_found_and_named(tmp_path, kind, field):
    made = rows()
    made[2] = dataclasses.replace(made[2], **{field: CHANGES[field]})
    status, said = run(write(tmp_path, kind, made))
    assert status == 1
    assert said.startswith("seq 9: expected seq 3" if field == "seq" else "seq 3: ")
    if field in ("time", "practice", "actor", "action", "object", "outcome", "patient"):
        assert said == f"seq 3: column {field} differs from the canonical text"


@pytest.mark.parametrize("field", ["detail", "request"])
def test_json_lines_hold_every_column(tmp_path, field):
    made = rows()
    made[2] = dataclasses.replace(made[2], **{field: {}})
    said = run(write(tmp_path, "jsonl", made))[1]
    assert said == f"seq 3: column {field} differs from the canonical text"


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_removed_repeated_and_swapped_rows_are_found(tmp_path, kind):
    made = rows()
    for broken in (
        made[:2] + made[3:],
        made[:3] + made[2:],
        [*made[:2], made[3], made[2], made[4]],
        made[1:],
    ):
        status, said = run(write(tmp_path, kind, broken))
        assert (status, said.startswith("seq ")) == (1, True)
        assert int(said.split()[1][:-1]) == first_break(broken).seq


@given(st.integers(0, 10**6), st.characters(exclude_categories=["Cs"]), st.sampled_from("cj"))
def test_any_changed_character_of_a_file_is_found(tmp_path_factory, where, char, which):
    kind = {"c": "csv", "j": "jsonl"}[which]
    path = write(tmp_path_factory.mktemp("one"), kind, rows(3))
    before = path.read_bytes().decode()
    where %= len(before)
    after = before[:where] + char + before[where + 1 :]
    path.write_text(after, encoding="utf-8", newline="")
    status = verify.main([str(path)])
    if status == 0:
        # What is left says the same: only its spelling in the file changed.
        read = csv.reader if kind == "csv" else lambda f: [json.loads(line) for line in f]
        assert list(read(io.StringIO(after, newline=""))) == list(
            read(io.StringIO(before, newline=""))
        )


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "", "seq 0: the first line"),
        ("a.csv", "seq,time\r\n", "seq 0: the first line"),
        ("a.csv", ",".join(COLUMNS) + "\r\n1,2\r\n", "seq 1: the row has 2 cells"),
        ("a.csv", ",".join(COLUMNS) + '\r\n"1"x,2\r\n', "seq 1: the row is not well-formed CSV"),
        ("a.jsonl", "nonsense\n", "seq 1: not well-formed JSON"),
        ("a.jsonl", "[]\n", "seq 1: not a JSON object"),
        ("a.jsonl", "[" * 100_000, "seq 1: not well-formed JSON"),
        ("a.jsonl", '{"seq":1,"seq":2}\n', "seq 1: not well-formed JSON (a key stands twice)"),
        ("a.jsonl", '{"seq":1}\n', "seq 1: the line does not have the columns"),
    ],
)
def test_a_damaged_file_is_refused_in_words(tmp_path, name, text, said):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    assert run(path)[0] == 1
    assert run(path)[1].startswith(said)


@pytest.mark.parametrize("name", ["absent.csv", "a.txt"])
def test_a_file_that_cannot_be_read_is_status_2(tmp_path, name):
    assert run(tmp_path / name)[0] == 2
