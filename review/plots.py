"""Plots as shapes for an SVG template: axes, lines and bands in pixels. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 520, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 26, 14, 50


@dataclass(frozen=True, slots=True)
class Series:
    """A line through points; `look` is the end of a CSS class, which also sets its dashes."""

    label: str
    look: str
    path: str
    dots: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything the template draws. Ticks are (pixel, text); chosen is (x, y) or None."""

    name: str
    title: str
    summary: str
    x_label: str
    y_label: str
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    bands: list[tuple[str, str]]
    series: list[Series]
    chosen: tuple[float, float] | None
    x_most: float

    width, height = WIDTH, HEIGHT
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM
    middle_x, middle_y = (LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2


@dataclass(frozen=True, slots=True)
class Scale:
    """From values 0..most on both axes to pixels; what lies outside is cut off."""

    x_most: float
    y_most: float = 1.0

    def x(self, value: float) -> float:
        part = min(max(value / self.x_most, 0.0), 1.0) if self.x_most else 0.0
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        part = min(max(value / self.y_most, 0.0), 1.0) if self.y_most else 0.0
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 1)

    def at(self, point: tuple[float, float]) -> tuple[float, float]:
        return self.x(point[0]), self.y(point[1])

    def line(self, points: Iterable[tuple[float, float]]) -> str:
        """An SVG path through the points; the part beyond the right edge is left out."""
        shown = [self.at(point) for point in _within(list(points), self.x_most)]
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in shown) if shown else ""

    def band(self, points: Sequence[tuple[float, float, float]]) -> str:
        """An SVG path around (x, low, high)."""
        low = _within([(x, low) for x, low, _ in points], self.x_most)
        high = _within([(x, high) for x, _, high in points], self.x_most)
        shown = [self.at(point) for point in [*low, *reversed(high)]]
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in shown) + "Z" if shown else ""

    def x_ticks(self, step: float, text: str = "{:.0%}") -> list[tuple[float, str]]:
        return [(self.x(n * step), text.format(n * step)) for n in _steps(self.x_most, step)]

    def y_ticks(self, step: float, text: str = "{:.0%}") -> list[tuple[float, str]]:
        return [(self.y(n * step), text.format(n * step)) for n in _steps(self.y_most, step)]


def nice(most: float) -> tuple[float, float]:
    """An end of an axis and its step, so that it has four to eight ticks with round numbers."""
    if most <= 0:
        return 1.0, 0.25
    size = 10.0 ** len(str(int(most))) / 100 if most >= 1 else 0.01
    while True:
        for factor in (1, 2, 5):
            if most / (size * factor) <= 8:
                step = size * factor
                return step * -(-most // step), step
        size *= 10


def _steps(most: float, step: float) -> range:
    return range(int(most / step + 1e-9) + 1)


def _within(points: list[tuple[float, float]], most: float) -> list[tuple[float, float]]:
    """The points up to `most`, and where the line crosses it."""
    kept: list[tuple[float, float]] = []
    for x, y in points:
        if x <= most:
            kept.append((x, y))
            continue
        if kept:
            x0, y0 = kept[-1]
            kept.append((most, y0 + (y - y0) * (most - x0) / (x - x0)))
        break
    return kept
