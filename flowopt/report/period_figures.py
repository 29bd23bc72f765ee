"""Data of the figures by period, as plain values that the page and the pictures both draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowopt.network import schema
from flowopt.report.printable import printable

MOST_PARTS = 7  # of a stack: one more holds the rest
REST = "all others"
_SAME = 0.0005  # of the largest: two lines that near are one to the eye


@dataclass(frozen=True, slots=True)
class Line:
    """A line over the periods.

    Attributes
    ----------
    kind : str
        ``baseline``, ``plan``, ``closed``, ``myopic`` or ``series-0`` and so on: its look.
    text : str
        Its name.
    values : tuple of float
        Its height in each period.
    """

    kind: str
    text: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """A schedule by what it spends and what is left, and whether it breaks a condition."""

    name: str
    spent: float
    left: float
    broken: bool


def periods_of(periods: Iterable[schema.Period]) -> list[dict[str, Any]]:
    """Return the name and the length of each period."""
    return [{"name": printable(period_name(each)), "years": each.years} for each in periods]


def period_name(period: schema.Period) -> str:
    """Return what people call a period."""
    return period.name or period.period


def lines_data(
    periods: Sequence[schema.Period], lines: Iterable[Line], what: str, unit: str
) -> dict[str, Any]:
    """Return lines over periods; those that no eye could tell apart are one, with both names.

    Parameters
    ----------
    periods, lines
        The periods, and the lines, the one to draw on top last.
    what, unit
        What is counted, and in which unit.
    """
    kept: list[tuple[Line, list[str]]] = []
    every = list(lines)
    most = max((abs(v) for line in every for v in line.values), default=0.0)
    for line in every:
        twin = next((texts for other, texts in kept if _same(line, other, most)), None)
        if twin is None:
            kept.append((line, [line.text]))
        else:
            twin.append(line.text)
    return {
        "draw": "lines",
        "what": printable(what),
        "unit": printable(unit),
        "periods": periods_of(periods),
        "lines": [
            {
                "kind": line.kind,
                "text": printable(" = ".join(texts)),
                "values": [round(v, 4) for v in line.values],
            }
            for line, texts in kept
        ],
    }


def _same(one: Line, other: Line, most: float) -> bool:
    return all(abs(a - b) <= _SAME * most for a, b in zip(one.values, other.values, strict=True))


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars of one panel: its title, and the parts of each period by name."""

    title: str
    bars: tuple[Mapping[str, float], ...]


def stack_data(
    periods: Sequence[schema.Period], sets: Iterable[Sequence[Panel]], unit: str
) -> dict[str, Any]:
    """Return bars of parts for each period, the largest part at the bottom in every panel.

    Parameters
    ----------
    periods
        The periods.
    sets
        The panels that are shown together, of each schedule that can be chosen.
    unit
        The unit of the parts.
    """
    shown = [list(panels) for panels in sets]
    order = _by_size(periods, [bar for panels in shown for panel in panels for bar in panel.bars])
    single = len(order) <= MOST_PARTS + 1
    names = order if single else order[:MOST_PARTS]

    def parts(bar: Mapping[str, float]) -> list[float]:
        listed = [bar.get(name, 0.0) for name in names]
        rest = sum(bar.get(name, 0.0) for name in order[len(names) :])
        return [round(each, 4) for each in (listed if single else [*listed, rest])]

    return {
        "draw": "stack",
        "unit": printable(unit),
        "periods": periods_of(periods),
        "parts": [printable(name) for name in (names if single else [*names, REST])],
        "sets": [
            [
                {"title": printable(panel.title), "bars": [parts(bar) for bar in panel.bars]}
                for panel in panels
            ]
            for panels in shown
        ],
    }


def _by_size(periods: Sequence[schema.Period], bars: Iterable[Mapping[str, float]]) -> list[str]:
    """Return the names of parts, the largest over all years first."""
    totals: dict[str, float] = {}
    for place, bar in enumerate(bars):
        for name, amount in bar.items():
            years = periods[place % len(periods)].years
            totals[name] = totals.get(name, 0.0) + years * amount
    return sorted((name for name in totals if totals[name] > 0.0), key=lambda name: -totals[name])


def dots_data(
    dots: Iterable[Dot],
    baseline: float,
    bound: Iterable[tuple[float, float]],
    words: Mapping[str, str],
) -> dict[str, Any]:
    """Return schedules as dots by what they spend and leave, against what none goes below.

    Parameters
    ----------
    dots, baseline
        The schedules, and what is left without measures.
    bound
        For some amounts of money, what no schedule that spends as much can go below.
    words
        ``money``, ``what`` and ``unit``: labels.
    """
    return {
        "draw": "dots",
        **{name: printable(text) for name, text in words.items()},
        "baseline": round(baseline, 4),
        "dots": [
            {
                "name": printable(dot.name),
                "x": round(dot.spent, 4),
                "y": round(dot.left, 4),
                "broken": dot.broken,
            }
            for dot in dots
        ],
        "bound": [[round(x, 4), round(y, 4)] for x, y in sorted(bound)],
    }
