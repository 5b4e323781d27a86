"""The audit chain: sealing rows and finding the first row that was touched."""

import dataclasses
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.audit.chain import CONTENT, GENESIS, Break, Row, first_break, seal, stamp


def content(n=1, **changes):
    return {
        "time": f"2025-11-24T11:19:05.{n:06d}Z",
        "practice": "p-1",
        "actor": {"id": "u-1", "display": "Ana Reyés, MD", "role": "clinician"},
        "action": "edit",
        "object": {"type": "segment", "id": f"s-{n}", "version": 3},
        "outcome": "ok",
        "detail": {"op": "0198-ab", "words": 2, "flags": ["f1", "f2"]},
        "patient": "pt-9",
        "request": {"ip": "10.0.0.1", "user_agent": "Firefox", "request_id": "r", "session": "x"},
    } | changes


def chain(contents):
    rows, prev = [], GENESIS
    for seq, row in enumerate(contents, 1):
        canonical, value = seal(row, seq=seq, prev_hash=prev)
        rows.append(Row(**row, seq=seq, prev_hash=prev, hash=value, canonical=canonical))
        prev = value
    return rows


def test_a_sealed_row_is_canonical_json_and_its_sha256():
    canonical, value = seal(content(), seq=1, prev_hash=GENESIS)
    stated = json.loads(canonical)
    assert stated == {"v": 1, "seq": 1, "prev_hash": GENESIS, **content()}
    assert list(stated) == sorted(stated)
    assert '"Ana Reyés, MD"' in canonical
    assert value == hashlib.sha256(canonical.encode()).hexdigest()


def test_the_order_of_keys_changes_nothing():
    row = content()
    assert seal(dict(reversed(row.items())), seq=1, prev_hash=GENESIS) == seal(
        row, seq=1, prev_hash=GENESIS
    )


def test_a_row_has_the_sealed_columns_and_no_other():
    names = {field.name for field in dataclasses.fields(Row)}
    assert names == {"seq", *CONTENT, "prev_hash", "hash", "canonical"}


def test_an_untouched_chain_holds():
    assert first_break([]) is None
    assert first_break(chain(content(n) for n in range(1, 6))) is None


def test_a_check_goes_on_from_a_pinned_head():
    rows = chain(content(n) for n in range(1, 6))
    assert first_break(rows[3:], seq=3, prev_hash=rows[2].hash) is None
    assert first_break(rows[3:], seq=3, prev_hash=GENESIS).seq == 4


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time", "2025-11-24T11:19:06.000003Z"),
        ("practice", "p-2"),
        ("actor", {"id": "u-2", "display": "Ana Reyés, MD", "role": "clinician"}),
        ("action", "view"),
        ("object", {"type": "segment", "id": "s-3", "version": True}),
        ("outcome", "denied"),
        ("detail", {"op": "0198-ab", "words": 2, "flags": ["f1", "f2"], "more": 1}),
        ("patient", None),
        ("request", {}),
    ],
)
def test_a_changed_column_is_named(field, value):
    rows = chain(content(n) for n in range(1, 6))
    rows[2] = dataclasses.replace(rows[2], **{field: value})
    assert first_break(rows) == Break(3, f"column {field} differs from the canonical text")


def test_a_changed_canonical_text_is_found():
    rows = chain(content(n) for n in range(1, 6))
    rows[2] = dataclasses.replace(rows[2], canonical=rows[2].canonical.replace("edit", "view"))
    assert first_break(rows) == Break(3, "the hash is not the SHA-256 of the canonical text")


def test_a_resealed_row_breaks_the_link_of_the_next():
    rows = chain(content(n) for n in range(1, 6))
    forged = content(3, action="view")
    canonical, value = seal(forged, seq=3, prev_hash=rows[1].hash)
    rows[2] = Row(**forged, seq=3, prev_hash=rows[1].hash, hash=value, canonical=canonical)
    assert first_break(rows) == Break(4, "prev_hash is not the hash of the row before")


def test_removed_repeated_and_swapped_rows_are_found():
    rows = chain(content(n) for n in range(1, 6))
    reason = "expected seq 3: rows are missing, repeated or out of order"
    assert first_break(rows[:2] + rows[3:]) == Break(4, reason)
    assert first_break(rows[:2] + rows[1:]) == Break(2, reason)
    assert first_break([*rows[:2], rows[3], rows[2], rows[4]]) == Break(4, reason)
    assert first_break(rows[1:]).reason.startswith("expected seq 1")


def test_a_text_that_hides_a_second_value_is_refused():
    rows = chain([content()])
    text = rows[0].canonical.replace('"action":"edit"', '"action":"view","action":"edit"')
    value = hashlib.sha256(text.encode()).hexdigest()
    rows[0] = dataclasses.replace(rows[0], canonical=text, hash=value)
    assert first_break(rows) == Break(1, "the canonical text is not in canonical form")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"seq":1}'])
def test_a_text_that_is_no_row_is_refused(text):
    rows = chain([content()])
    value = hashlib.sha256(text.encode()).hexdigest()
    rows[0] = dataclasses.replace(rows[0], canonical=text, hash=value)
    assert first_break(rows).seq == 1


@given(st.integers(0, 4), st.integers(0, 10_000), st.characters(exclude_categories=["Cs"]))
def test_any_changed_character_of_any_text_is_found(which, where, char):
    rows = chain(content(n) for n in range(1, 6))
    text = rows[which].canonical
    where %= len(text)
    changed = text[:where] + char + text[where + 1 :]
    rows[which] = dataclasses.replace(rows[which], canonical=changed)
    broken = first_break(rows)
    assert (broken is None) if changed == text else (broken.seq == which + 1)


@pytest.mark.parametrize("value", [0.5, Decimal("0.5"), datetime(2025, 1, 1), b"x"])
def test_inexact_values_are_refused(value):
    with pytest.raises(TypeError):
        seal(content(detail={"deep": [{"threshold": value}]}), seq=1, prev_hash=GENESIS)


def test_free_text_in_the_detail_is_refused_and_not_repeated():
    with pytest.raises(ValueError, match="never text") as caught:
        seal(content(detail={"name": "John Smith"}), seq=1, prev_hash=GENESIS)
    assert "John" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": 1},
        {"actor": {"id": "u-1"}},
        {"time": "2025-11-24T11:19:05Z"},
        {"time": "2025-11-24T11:19:05.000001+00:00"},
    ],
)
def test_malformed_rows_are_refused(changes):
    with pytest.raises(ValueError):
        seal(content(**changes), seq=1, prev_hash=GENESIS)


def test_a_row_without_a_key_is_refused():
    row = content()
    del row["outcome"]
    with pytest.raises(ValueError):
        seal(row, seq=1, prev_hash=GENESIS)


def test_stamp_is_utc_with_microseconds():
    assert stamp(datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2025-01-02T03:04:05.000000Z"
    east = timezone(timedelta(hours=2))
    assert stamp(datetime(2025, 1, 2, 3, 4, 5, 6, tzinfo=east)) == "2025-01-02T01:04:05.000006Z"
    with pytest.raises(ValueError):
        stamp(datetime(2025, 1, 2))
