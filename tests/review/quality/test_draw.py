"""The draw: chance that nobody chooses and everybody can repeat."""

from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from review.quality.draw import OF, Kind, is_drawn, number, percent, pick

SEEDS = [sha256(str(n).encode()).hexdigest() for n in range(4_000)]


def test_the_share_drawn_is_the_share_asked_for():
    for asked in (0, 1, 5, 20, 100):
        drawn = sum(is_drawn(seed, asked) for seed in SEEDS)
        expected = len(SEEDS) * asked / 100
        spread = (len(SEEDS) * asked / 100 * (1 - asked / 100)) ** 0.5
        assert abs(drawn - expected) <= 4 * spread


@given(st.text(), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_document_drawn_at_a_share_is_drawn_at_every_larger_one(seed, share):
    assert 0 <= number(seed) < OF
    assert number(seed) == number(seed)
    assert is_drawn(seed, share) <= is_drawn(seed, share + 1)
    assert is_drawn(seed, 100) and not is_drawn(seed, 0)


def test_the_narrowest_rule_is_in_force():
    rules = {Kind("", ""): 5, Kind("", "DICTATION"): 10, Kind("eve", ""): 50}
    rules[Kind("eve", "DICTATION")] = 100
    assert percent(rules, "eve", "DICTATION") == 100
    assert percent(rules, "eve", "CONVERSATION") == 50
    assert percent(rules, "carla", "DICTATION") == 10
    assert percent(rules, "carla", "CONVERSATION") == 5
    assert percent({}, "carla", "DICTATION") == 0


def test_the_least_busy_is_picked_and_among_equals_everybody_about_as_often():
    assert pick(SEEDS[0], [("a", 2), ("b", 1), ("c", 2)]) == "b"
    assert pick(SEEDS[0], []) is None
    found = [pick(seed, [("a", 0), ("b", 0), ("c", 0)]) for seed in SEEDS]
    for who in "abc":
        assert abs(found.count(who) - len(SEEDS) / 3) < 130  # four standard deviations
    assert pick(SEEDS[1], [("a", 0), ("b", 0)]) == pick(SEEDS[1], [("b", 0), ("a", 0)])
