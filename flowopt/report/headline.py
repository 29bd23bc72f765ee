"""Headline of a page: the answer in a sentence, key figures, and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowopt.plain_text import plain_number
from flowopt.report.certainty import no_cut, stopped_by
from flowopt.report.digits import decimals, fixed, percent
from flowopt.report.part_text import part_sentences
from flowopt.report.units import Units

_NOTHING = 5e-6  # a gap that would be shown as 0.000%


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """Key figure at the top of the page."""

    label: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class HeadlineBar:
    """Bar at the top of the page: a number, and its length as a share of the longest, percent."""

    label: str
    value: str
    length: float
    style: str


@dataclass(frozen=True, slots=True)
class Headline:
    """Top of a page.

    Attributes
    ----------
    answer : str
        The finding in one sentence.
    figures : tuple of KeyFigure
        The numbers in it.
    sure : tuple of str
        Sentences on how sure it is.
    bars : tuple of HeadlineBar
        Numbers to compare, where there are some.
    """

    answer: str
    figures: tuple[KeyFigure, ...]
    sure: tuple[str, ...]
    bars: tuple[HeadlineBar, ...] = ()


def plan_headline(summary: Mapping[str, Any], units: Units) -> Headline:
    """Return the headline of a plan of `solve`."""
    places = decimals(number_in(summary, "baseline"), [number_in(summary, "cut")])
    after = (
        "The numbers are what the trafficker can still do after it has answered the plan as well "
        "as it can."
    )
    gain = "The trafficker ships what earns most, not the most tonnes."
    return Headline(
        answer=_answer(summary, units, places),
        figures=plan_figures(summary, units, places),
        sure=(
            _certainty(summary, units, places),
            *part_sentences(summary, units, lambda tonnes: fixed(tonnes, places)),
            after,
            *([gain] if summary.get("objective") == "bilevel" else []),
        ),
    )


def _answer(summary: Mapping[str, Any], units: Units, places: int) -> str:
    baseline, value, spent, budget, target = (
        number_in(summary, key) for key in ("baseline", "value", "spent", "budget", "target")
    )
    count = len(summary["measures"])
    these = f"these {count} measures" if count != 1 else "this one measure"
    if summary.get("target") is not None:
        return (
            f"Bringing {units.quantity} from {fixed(baseline, places)} to {plain_number(target)} "
            f"{units.unit} a year or below takes {these} for {spent:,.2f} {units.money} a year; "
            f"{fixed(value, places)} {units.unit} are left."
        )
    money = f"For {plain_number(budget)} {units.money} a year"
    if baseline <= 0.0:
        return f"There is nothing to cut: {units.quantity} without any measure: 0 {units.unit}."
    if not count:
        left = f"{fixed(baseline, places)} {units.unit} a year"
        return no_cut(money, units.quantity, left, proved=summary.get("status") == "optimal")
    return (
        f"{money}, {these} cut{'s' if count == 1 else ''} {units.quantity} from "
        f"{fixed(baseline, places)} to {fixed(value, places)} {units.unit} a year: "
        f"{percent((baseline - value) / baseline)} less."
    )


def _certainty(summary: Mapping[str, Any], units: Units, places: int) -> str:
    proved, gap = summary["status"] == "optimal", number_in(summary, "gap")
    if summary.get("target") is not None:
        gap = number_in(summary, "cost_gap")
        floor = f"{number_in(summary, 'cost_bound'):,.2f} {units.money}"
        if proved:
            return f"Proved: no plan that does it costs less than {floor} a year."
        return (
            f"Not proved{stopped_by(summary.get('limit'))}: a cheaper plan may exist, but none "
            f"below {floor} (gap {gap:.2%})."
        )
    bound = f"{floored(number_in(summary, 'bound'), places)} {units.unit}"
    return certainty_of(bound, gap, proved=proved, stopped=stopped_by(summary.get("limit")))


def certainty_of(bound: str, gap: float, *, proved: bool, stopped: str) -> str:
    """Return the sentence on a bound and its gap; of what is proved the gap says enough."""
    if proved and gap < _NOTHING:
        return "Proved: no plan for this money does better."
    if proved:
        return f"Proved to within {gap:.3%}: no plan for this money does better by more than that."
    return f"Not proved{stopped}: a better plan may exist, but none below {bound} (gap {gap:.2%})."


def plan_figures(summary: Mapping[str, Any], units: Units, places: int) -> tuple[KeyFigure, ...]:
    """Return the key figures of a plan."""
    share, budget = summary.get("cut_share"), summary.get("budget")
    year = f"{units.unit} a year"
    of = "" if not isinstance(budget, int | float) else f"of {plain_number(budget)} "
    return (
        KeyFigure("without measures", fixed(number_in(summary, "baseline"), places), year),
        KeyFigure("under the plan", fixed(number_in(summary, "value"), places), year),
        KeyFigure("less", percent(share) if isinstance(share, float) else "0%", units.quantity),
        KeyFigure(
            "the plan costs", f"{number_in(summary, 'spent'):,.2f}", f"{of}{units.money} a year"
        ),
    )


def floored(bound: float, places: int) -> str:
    """Return a lower bound with so many decimals, never above itself.

    >>> floored(201.67, 0), floored(6.0, 1)
    ('201', '6.0')
    """
    scale = 10.0**places
    return fixed(math.floor(bound * scale + 1e-6) / scale, places)


def number_in(summary: Mapping[str, Any], key: str) -> float:
    """Return a number of a summary, 0 for none."""
    value = summary.get(key)
    return float(value) if isinstance(value, int | float) else 0.0
