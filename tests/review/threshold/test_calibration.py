"""Isotonic regression, tables, curves, blocks, lines and the sequential test."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.threshold import calibration, curves, drift, judging, line, points, prior
from review.threshold.columns import Columns
from review.threshold.drift import Count
from review.threshold.kinds import Kind
from review.threshold.tables import ALL, IDENTITY, KINDS, at, cutoff

words = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


def loss(values, weights, fitted):
    return sum(w * (v - f) ** 2 for v, w, f in zip(values, weights, fitted, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3)), min_size=1, max_size=6))
def test_pava_never_falls_and_no_partition_into_pools_does_better(pairs):
    values, weights = [v / 4 for v, _ in pairs], [float(w) for _, w in pairs]
    fitted = calibration.pava(values, weights)
    assert all(a <= b + 1e-12 for a, b in zip(fitted, fitted[1:], strict=False))
    best = float("inf")
    for cuts in product((False, True), repeat=len(pairs) - 1):
        pools = [[0]]
        for n, cut in enumerate(cuts, 1):
            pools.append([n]) if cut else pools[-1].append(n)
        means = [np.average([values[n] for n in p], weights=[weights[n] for n in p]) for p in pools]
        if all(a <= b + 1e-12 for a, b in zip(means, means[1:], strict=False)):
            spread = [m for m, p in zip(means, pools, strict=True) for _ in p]
            best = min(best, loss(values, weights, spread))
    assert loss(values, weights, fitted) == pytest.approx(best, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(words)
def test_a_fit_never_falls_and_stays_a_share(found):
    table = calibration.fit(
        np.array([score for score, _ in found]), np.array([kept for _, kept in found], bool)
    )
    scores, shares = zip(*table, strict=True)
    assert all(a < b for a, b in zip(scores, scores[1:], strict=False))
    assert all(a <= b for a, b in zip(shares, shares[1:], strict=False))
    assert min(shares) >= 0 and max(shares) <= 1


@settings(max_examples=40, deadline=None)
@given(words, st.randoms())
def test_the_order_of_words_does_not_matter(found, random):
    fits = []
    for _ in range(2):
        fits.append(
            calibration.fit(
                np.array([score for score, _ in found]), np.array([kept for _, kept in found], bool)
            )
        )
        random.shuffle(found)
    assert np.allclose(np.array(fits[0]), np.array(fits[1]), atol=1e-4)


def test_no_words_give_the_parent_and_many_forget_it():
    none = np.zeros(0)
    assert calibration.fit(none, none.astype(bool)) == IDENTITY
    scores = np.full(20_000, 0.9)
    kept = np.arange(20_000) % 2 == 0
    assert at(calibration.fit(scores, kept), 0.9) == pytest.approx(0.5, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(words, st.floats(0.01, 0.99), st.floats(0, 1))
def test_a_cutoff_parts_scores_as_the_table_does(found, share, score):
    table = calibration.fit(
        np.array([s for s, _ in found]), np.array([kept for _, kept in found], bool)
    )
    cut = cutoff(table, share)
    if score < cut - 1e-6:
        assert at(table, score) <= share + 1e-6
    if score > cut + 1e-6:
        assert at(table, score) >= share - 1e-6
    assert calibration.read(table, np.array([score]))[0] == pytest.approx(at(table, score))


@settings(max_examples=40, deadline=None)
@given(words)
def test_curves_rise_from_nothing_to_everything(found):
    scores = np.array([score for score, _ in found])
    changed = np.array([not kept for _, kept in found], bool)
    number = np.arange(len(found)) % 3
    made = curves.curve(scores, changed, changed, number)
    if not found:
        assert made == []
        return
    assert made[0]["flagged"] == 0 and made[-1]["flagged"] == 1
    for before, after in zip(made, made[1:], strict=False):
        assert before["flagged"] <= after["flagged"] and before["caught"] <= after["caught"]
    for point in made:
        assert 0 <= point["lo"] <= point["caught"] + 1e-4 and point["caught"] <= point["hi"] + 1e-4
        assert point["control"] == point["flagged"]
        assert point["control_lo"] <= point["control"] <= point["control_hi"] <= 1


def test_scores_of_chance_catch_what_chance_does_and_oracles_catch_all():
    draw = np.random.default_rng(3)
    changed = draw.random(20_000) < 0.05
    chance = curves.curve(draw.random(20_000), changed, changed, np.arange(20_000) // 100)
    point = points.at(chance, 0.15)
    assert point["control_lo"] < point["caught"] < point["control_hi"]
    oracle = curves.curve(1.0 - changed * 0.9, changed, changed, np.arange(20_000) // 100)
    assert points.at(oracle, 0.06)["caught"] == pytest.approx(1.0, abs=0.01)
    assert points.reaching(oracle, 0.9)["flagged"] < 0.06


def test_intervals_of_shares():
    assert points.wilson(0, 0) == (0.0, 1.0)
    low, high = points.wilson(8, 10)
    assert (round(low, 2), round(high, 2)) == (0.49, 0.94)


def document(scores, changed, type="DICTATION"):
    none = [0] * len(scores)
    columns = Columns(scores, scores, [5] * len(scores), changed, none, none)
    return judging.document(type, "OBGYN", columns)


def test_no_document_is_judged_by_a_fit_that_knew_it():
    """The last document keeps no word, the others all: a fit that knew it would expect that."""
    good = [document([0.5] * 500, [0] * 500) for _ in range(9)]
    bad = document([0.5] * 5_000, [1] * 5_000)
    found = judging.scored([*good, bad], None)
    assert found[-1].calibrated[0] > 0.9
    assert found[0].calibrated[0] == pytest.approx(0.5)


@pytest.mark.parametrize("many", [1, 2, 5, 20, 61, 400])
def test_blocks_cover_all_documents_in_order(many):
    edges = judging.blocks(many)
    assert edges[0] == 0 and edges[-1] == many and edges == sorted(set(edges))
    assert edges[-1] - edges[-2] <= 20


def test_a_line_has_a_cutoff_for_each_class():
    tables = dict.fromkeys((ALL, *KINDS), IDENTITY) | {"DRUG": [[0.0, 0.5], [1.0, 1.0]]}
    drawn = line.drawn("classes", 0.75, tables)
    assert drawn.cutoffs["DRUG"] == pytest.approx(0.5)
    assert drawn.cutoffs["OTHER"] == pytest.approx(0.75)
    assert drawn.below(Kind.OTHER, 0.7) and not drawn.below(Kind.DRUG, 0.7)
    assert drawn.below(Kind.DRUG, float("nan"))
    assert line.floor_of(drawn, IDENTITY) == 0.5


def test_the_prior_is_of_the_model_that_was_measured_and_no_other():
    known = prior.of("tiny.en@1a5afae06a4d")
    assert known.report["words"] == 1387 and set(known.tables) == {ALL, *KINDS}
    assert prior.of("large@0123") is None and prior.of("") is None


def counts(rate, documents, seed, spread=0.0):
    draw = np.random.default_rng(seed)
    own = rate * draw.gamma(1 / spread, spread, documents) if spread else np.full(documents, rate)
    return [Count(400, int(n)) for n in draw.poisson(own * 400)]


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_false_alarms_are_as_rare_as_stated(spread):
    """60 rows of 230 documents in which nothing changes: at 1 in 1,000 some 12 alarms a way."""
    for way in drift.RATIOS:
        alarms = 0
        for seed in range(60):
            row = counts(0.03, 230, seed, spread)
            known = drift.usual(row)
            alarms += drift.first_alarm(row, known, way, known.documents) is not None
        assert alarms <= 12


def test_a_change_is_found_within_a_few_documents():
    for way, rate in (("up", 0.06), ("down", 0.01)):
        row = counts(0.03, 60, 1) + counts(rate, 40, 2)
        known = drift.usual(row)
        found = drift.first_alarm(row, known, way, known.documents)
        assert 60 <= found.at < 75 and abs(found.since - 60) <= 8


def test_nothing_is_tested_before_it_is_known_what_is_usual():
    assert drift.usual(counts(0.03, 29, 1)) is None
    assert drift.usual([Count(400, 0)] * 200) is None
