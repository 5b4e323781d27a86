"""What the table of `make bench` says of a figure."""

from pathlib import Path

import pytest

from tests.bench.figures import Figure, record, recorded, share, table


@pytest.mark.parametrize(
    ("values", "part", "found"),
    [
        ([], 0.95, 0),
        ([7], 0.95, 7),
        (range(1, 101), 0.95, 95),
        ([3, 1, 2], 0.5, 2),
        ([2, 1], 0.5, 1),
        (range(1, 21), 0.95, 19),
    ],
)
def test_a_share_of_values_is_taken_by_nearest_rank(values: list, part: float, found: int) -> None:
    assert share(values, part) == found


def test_a_figure_stands_beside_its_limit_or_its_goal() -> None:
    rows = table(
        [
            Figure("pages", "p95", 62.6, "ms", 4.76, "an empty view"),
            Figure("pages", "queries", 8, "", goal="≤ 8"),
        ]
    ).splitlines()
    assert rows[-2:] == [
        "| pages | p95 | 62.6 ms | an empty view: 4.76 ms | 13.15 |  |",
        "| pages | queries | 8 |  |  | ≤ 8 |",
    ]


def test_figures_are_kept_one_after_another_only_where_a_table_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = [Figure("audit", "export", 2.0, "s", 0.5, "COPY"), Figure("edit", "size", 8, "kB")]
    record(figures[0])
    monkeypatch.setenv("BENCH_FIGURES", str(tmp_path / "figures"))
    assert recorded(tmp_path / "figures") == []
    record(figures[0])
    record(figures[1])
    assert recorded(tmp_path / "figures") == figures
    assert figures[0].ratio == 4
