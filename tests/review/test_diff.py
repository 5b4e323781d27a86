"""What changed between two texts, and merging two edits of one."""

import time

from hypothesis import example, given
from hypothesis import strategies as st

from review.diff import MAX_CELLS, matches, merge, words

TEXTS = st.lists(st.sampled_from(["no", "pain", "10", "mg", "mg,", "daily"]), max_size=10).map(
    " ".join
)


def test_a_replaced_word():
    assert words("take 10 mg daily", "take 20 mg daily") == [
        {"op": "equal", "old": "take", "new": "take"},
        {"op": "replace", "old": "10", "new": "20"},
        {"op": "equal", "old": "mg daily", "new": "mg daily"},
    ]


def test_inserted_and_deleted_words():
    assert words("no chest pain", "no pain today") == [
        {"op": "equal", "old": "no", "new": "no"},
        {"op": "delete", "old": "chest", "new": ""},
        {"op": "equal", "old": "pain", "new": "pain"},
        {"op": "insert", "old": "", "new": "today"},
    ]
    assert words("", "") == []
    assert words("a  b", "a b") == [{"op": "equal", "old": "a b", "new": "a b"}]


@given(TEXTS, TEXTS)
def test_changes_say_both_texts(old, new):
    changes = words(old, new)
    assert " ".join(c["old"] for c in changes if c["old"]) == old
    assert " ".join(c["new"] for c in changes if c["new"]) == new
    for change in changes:
        empty = (not change["old"], not change["new"])
        expected = {"insert": (True, False), "delete": (False, True)}
        assert empty == expected.get(change["op"], (False, False))
        assert (change["op"] == "equal") == (change["old"] == change["new"])
    ops = [c["op"] == "equal" for c in changes]
    assert all(a != b for a, b in zip(ops, ops[1:], strict=False))


def common(a, b):
    """Length of a longest common subsequence, the slow and obvious way."""
    if not a or not b:
        return 0
    if a[0] == b[0]:
        return 1 + common(a[1:], b[1:])
    return max(common(a[1:], b), common(a, b[1:]))


@given(st.lists(st.integers(0, 2), max_size=7), st.lists(st.integers(0, 2), max_size=7))
def test_matches_are_a_longest_common_subsequence(a, b):
    pairs = matches(a, b)
    assert len(pairs) == common(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(p[0] < q[0] and p[1] < q[1] for p, q in zip(pairs, pairs[1:], strict=False))


def test_texts_too_large_to_compare_still_share_their_ends():
    size = int(MAX_CELLS**0.5) + 1
    pairs = matches([0, *range(size), 0], [0, *range(size, 0, -1), 0])
    assert pairs == [(0, 0), (size + 1, size + 1)]


def test_the_largest_comparison_is_quick():
    size = int(MAX_CELLS**0.5)
    before = time.perf_counter()
    matches(["and", "then"] * (size // 2), ["then", "or"] * (size // 2))
    assert time.perf_counter() - before < 3


def test_changes_in_different_places_are_both_kept():
    base = "patient takes lisinopril 10 mg daily for pressure"
    mine = "patient takes metoprolol 10 mg daily for pressure"
    theirs = "patient takes lisinopril 10 mg daily for high pressure"
    assert merge(base, mine, theirs) == (
        "patient takes metoprolol 10 mg daily for high pressure",
        [],
    )


def test_changes_in_one_place_are_a_conflict():
    text, conflicts = merge("take 10 mg daily", "take 20 mg daily", "take 15 mg daily")
    assert text == "take 20 mg daily"
    assert conflicts == [{"at": 1, "base": "10", "mine": "20", "theirs": "15"}]


def test_a_dose_and_its_unit_are_not_mixed_from_two_people():
    text, conflicts = merge("take 10 mg daily", "take 500 mg daily", "take 10 mcg daily")
    assert conflicts == [{"at": 1, "base": "10 mg", "mine": "500 mg", "theirs": "10 mcg"}]
    assert text == "take 500 mg daily"


def test_a_word_deleted_by_one_and_changed_by_the_other_is_a_conflict():
    _, conflicts = merge("no chest pain", "no pain", "no breast pain")
    assert conflicts == [{"at": 1, "base": "chest", "mine": "", "theirs": "breast"}]


@given(TEXTS, TEXTS)
@example("", "pain")
def test_one_side_alone_wins_without_a_conflict(base, changed):
    assert merge(base, changed, base) == (changed, [])
    assert merge(base, base, changed) == (changed, [])
    assert merge(base, changed, changed) == (changed, [])


@given(TEXTS, TEXTS, TEXTS)
def test_merging_is_fair_to_both_sides(base, mine, theirs):
    text, conflicts = merge(base, mine, theirs)
    other, mirrored = merge(base, theirs, mine)
    assert [(c["base"], c["mine"], c["theirs"]) for c in conflicts] == [
        (c["base"], c["theirs"], c["mine"]) for c in mirrored
    ]
    if not conflicts:
        assert text == other
    said = text.split()
    for conflict in conflicts:
        expected = conflict["mine"].split()
        assert said[conflict["at"] : conflict["at"] + len(expected)] == expected
