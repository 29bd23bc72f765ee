"""Headline of the page of an evaluation: what re-routing takes back of a plan made by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowopt.report.certainty import stopped_by
from flowopt.report.digits import decimals, fixed, percent
from flowopt.report.headline import (
    Headline,
    HeadlineBar,
    certainty_of,
    floored,
    number_in,
    plan_figures,
)
from flowopt.report.part_text import part_sentences
from flowopt.report.result_reader import Record, number
from flowopt.report.units import Units

# Names of the plans set side by side: as the head of a row, and of a column.
PLANS = {
    "yours": ("your plan", "yours"),
    "best": ("the best plan for the money", "best"),
    "coverage": ("the plan that covers most of today's flow", "covers most of today"),
}


def evaluation_headline(
    summary: Mapping[str, Any], units: Units, beside: Sequence[Record]
) -> Headline:
    """Return the headline of an evaluation; `beside` is its `comparison.csv`."""
    plans = {row["plan"]: row for row in beside}
    yours = plans["yours"]
    promised, real = number(yours["promised"]), number(yours["cut"])
    gaps = [promised, real, promised - real]
    if "best" in plans:
        gaps += [number(plans["best"]["cut"])]
    places = decimals(number_in(summary, "baseline"), [g for g in gaps if abs(g) >= 0.005])
    bars = [
        ("promised, if nobody re-routed", promised, "hollow"),
        ("real, once the trafficker has gone round", real, "full"),
        *([("best plan for the money", number(plans["best"]["cut"]), "best")]
          if "best" in plans else []),
    ]  # fmt: skip
    longest = max(*(cut for _, cut, _ in bars), 1e-9)
    return Headline(
        answer=_answer(summary, units, promised, real, places),
        figures=plan_figures(summary, units, places),
        sure=tuple(_sure(summary, units, plans, places)),
        bars=tuple(
            HeadlineBar(label, f"{fixed(cut, places)} {units.unit}", 100.0 * cut / longest, style)
            for label, cut, style in bars
        ),
    )


def _answer(
    summary: Mapping[str, Any], units: Units, promised: float, real: float, places: int
) -> str:
    """Return what is left of the promise of a plan."""
    baseline, count = number_in(summary, "baseline"), len(summary["measures"])
    plan = f"Your plan of {count} measure{'s' if count != 1 else ''}"
    least = 0.5 * 10.0**-places
    if baseline <= 0.0:
        return f"There is nothing to cut: {units.quantity} without any measure: 0 {units.unit}."
    left = f"{units.quantity} still {fixed(baseline, places)} {units.unit} a year"
    if not count:
        return f"A plan without measures cuts nothing: {left}."
    if promised < least and real < least:
        return f"{plan} cuts nothing, and promises nothing: {left}."
    if real < least:
        return (
            f"{plan} promises to cut {fixed(promised, places)} {units.unit} a year; going round "
            f"takes all of it back: {left}."
        )
    cut = f"cuts {units.quantity} by {fixed(real, places)} {units.unit} a year"
    if promised - real >= least:
        return (
            f"Going round takes back {percent((promised - real) / promised)} of what your plan "
            f"promises: it {cut}, not by {fixed(promised, places)}."
        )
    if real - promised >= least:
        return (
            f"{plan} {cut}: more than the {fixed(promised, places)} it promises, because the rest "
            "no longer pays."
        )
    return f"{plan} {cut}, all that it promises: going round takes nothing back."


def _sure(
    summary: Mapping[str, Any], units: Units, plans: Mapping[str, Record], places: int
) -> Iterator[str]:
    yield "The plan was made by hand and its value is exact for these tables."
    yield from part_sentences(summary, units, lambda tonnes: fixed(tonnes, places))
    best, coverage = plans.get("best"), plans.get("coverage")
    if best is None:
        yield "Whether another plan for this money does better was not asked."
    else:
        more = number(best["cut"]) - number(plans["yours"]["cut"])
        if more >= 0.005:
            yield f"The best plan cuts {fixed(more, places)} {units.unit} a year more."
        elif more <= -0.005:
            less = f"{fixed(-more, places)} {units.unit}"
            yield f"Yours cuts {less} more than the best plan that was found."
        else:
            yield "No plan that was found for this money does better."
        bound = f"{floored(number(best['bound']), places)} {units.unit}"
        yield certainty_of(
            bound,
            number(best["gap"]),
            proved=best["status"] == "optimal",
            stopped=stopped_by(summary.get("limit")),
        )
    if coverage is not None:
        promised, cut = (fixed(number(coverage[key]), places) for key in ("promised", "cut"))
        yield (
            f"The plan that covers most of today's flow promises {promised} {units.unit} and cuts "
            f"{cut}."
        )
        if coverage["status"] != "optimal":
            yield "Not proved: another plan may cover more."
    if best is not None and coverage is not None:
        worth = number(best["cut"]) - number(coverage["cut"])
        yield f"Foresight is worth {fixed(worth, places)} {units.unit} a year."
