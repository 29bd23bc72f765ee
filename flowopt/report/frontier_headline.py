"""Headline of the page of a comparison: what money buys, and from where on it buys much less."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowopt.plain_text import plain_number
from flowopt.report.certainty import no_cut
from flowopt.report.digits import decimals, fixed, percent
from flowopt.report.headline import Headline, KeyFigure
from flowopt.report.part_text import part_sentences
from flowopt.report.result_reader import Record, number
from flowopt.report.units import Units

_LEAST = 1e-9  # of the objective per million: less is nothing
_STRAY = 5e-6  # a gap that would be shown as 0.000%


def frontier_headline(about: Mapping[str, Any], rows: Sequence[Record], units: Units) -> Headline:
    """Return the headline of a sweep.

    Parameters
    ----------
    about
        Its part of `summary.json`, with the rule for ties if there is one.
    rows
        Its rows of `frontier.csv` with a plan, budgets rising.
    units
        Labels of its objective.
    """
    return Headline(
        answer=_finding(about, rows, units),
        figures=tuple(_figures(about, rows, units)),
        sure=(
            *_certainty(about, rows, units),
            *part_sentences(about, units, lambda tonnes: fixed(tonnes, decimals(tonnes))),
        ),
    )


def _finding(about: Mapping[str, Any], rows: Sequence[Record], units: Units) -> str:
    """Return the first knee and the price of a tonne before and beyond it, or that none is."""
    last = rows[-1]
    baseline, value, most = float(about["baseline"]), number(last["value"]), number(last["budget"])
    if value >= baseline:
        money = f"For budgets up to {plain_number(most)} {units.money} a year"
        left = f"{fixed(baseline, decimals(baseline))} {units.unit} a year"
        return no_cut(money, units.quantity, left, proved=last["status"] == "optimal")
    doubt = "" if about["proved"] == about["rows"] else ", as far as plans were found"
    cut, one = number(last["cut"]), units.one
    if (step := _first_knee(about, rows)) is None:
        total = fixed(cut, decimals(baseline, [cut]))
        return (
            f"Up to {plain_number(most)} {units.money} a year there is no point beyond which money "
            f"buys much less: {total} {units.unit} off {units.quantity} in all, "
            f"{_price(number(last['spent']) / cut)} {units.money} {one} on average{doubt}."
        )
    knee, beyond = step
    cut = number(knee["cut"])
    rest = (
        f"beyond that the next ones cost {_price(1.0 / beyond)} {units.money} each"
        if beyond > _LEAST
        else "the next money beyond that takes off nothing"
    )
    return (
        f"The first {plain_number(number(knee['budget']))} {units.money} a year take "
        f"{fixed(cut, decimals(baseline, [cut]))} {units.unit} off {units.quantity}, at "
        f"{_price(number(knee['spent']) / cut)} {units.money} {one}; {rest}{doubt}."
    )


def _first_knee(about: Mapping[str, Any], rows: Sequence[Record]) -> tuple[Record, float] | None:
    """Return the row of the first knee, and what a million more cuts after it."""
    knees = {float(budget) for budget in about.get("knees") or ()}
    for row, following in itertools.pairwise(rows):
        if number(row["budget"]) in knees and number(row["cut"]) > 0.0:
            return row, max(0.0, number(following["marginal"]))
    return None


def _price(each: float) -> str:
    return f"{each:,.2g}" if each < 100.0 else f"{each:,.0f}"


def _figures(about: Mapping[str, Any], rows: Sequence[Record], units: Units) -> Iterator[KeyFigure]:
    last, knees = rows[-1], about.get("knees") or []
    baseline, year = float(about["baseline"]), f"{units.unit} a year"
    places = decimals(baseline, [number(last["cut"])])
    budget = plain_number(number(last["budget"]))
    yield KeyFigure("without measures", fixed(baseline, places), year)
    yield KeyFigure(
        f"for {budget} {units.money} a year", fixed(number(last["value"]), places), year
    )
    yield KeyFigure("less", percent(number(last["cut_share"])), units.quantity)
    if len(rows) > 1:
        yield KeyFigure(
            "money buys much less beyond",
            plain_number(knees[0]) if knees else "nowhere",
            f"{units.money} a year" if knees else "no knee in this range",
        )


def _certainty(about: Mapping[str, Any], rows: Sequence[Record], units: Units) -> Iterator[str]:
    count, proved = about["rows"], about["proved"]
    worst = max(number(row["gap"]) for row in rows)
    if proved == count and worst < _STRAY:
        yield f"All {count} values are proved: no plan for the money does better."
    elif proved == count:
        yield (
            f"All {count} values are proved to within {worst:.3%}: no plan for the money does "
            "better than the bound in the table."
        )
    else:
        yield (
            f"{proved} of {count} values are proved; at the others a better plan may gain up to "
            f"{worst:.2%}, as their bounds say."
        )
    if about.get("complete") is True:
        yield "Every change of the best plan larger than the gap is among these budgets."
    elif about.get("complete") is False:
        yield (
            "Time ran out, so changes of the best plan may be missing: knees, and which measures "
            "stay, are those of the budgets found so far."
        )
    if about.get("most_regret") is not None:
        lost = max(0.0, float(about["most_regret"]))
        yield (
            f"Buying in the fixed order of the ladder below loses at most {lost:,.2f} {units.unit} "
            f"a year against the best plan{'' if proved == count else ' known'}."
        )
