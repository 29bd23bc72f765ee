"""Headline of a result page: the answer in sentences and key figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flowopt.plain_text import plain_number
from flowopt.report.certainty import no_cut, stopped_by
from flowopt.report.quality import GRADES, Quality
from flowopt.report.units import Units

_NOTHING = 5e-6  # a gap that would be shown as 0.000%


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """Key figure at the top of the page."""

    label: str
    value: str
    unit: str


def answer(summary: dict[str, object], units: Units) -> str:
    """Return the answer in one sentence."""
    baseline, value, spent, budget, target = (
        _number(summary, key) for key in ("baseline", "value", "spent", "budget", "target")
    )
    measures = summary["measures"]
    count = len(measures) if isinstance(measures, list) else 0
    these = f"these {count} measures" if count != 1 else "this one measure"
    if summary.get("target") is not None:
        return (
            f"Bringing {units.quantity} from {baseline:,.2f} to {plain_number(target)} "
            f"{units.unit} a year or below takes {these} for {spent:,.2f} {units.money} a year; "
            f"{value:,.2f} {units.unit} are left."
        )
    most = budget if summary.get("budget") is not None else spent
    money = f"For {plain_number(most)} {units.money} a year"
    if baseline <= 0.0:
        return f"There is nothing to cut: {units.quantity} without any measure: 0 {units.unit}."
    if not count:
        left = f"{baseline:,.2f} {units.unit} a year"
        if summary.get("status") == "evaluated":
            return f"A plan without measures cuts nothing: {units.quantity} still {left}."
        return no_cut(money, units.quantity, left, proved=summary.get("status") == "optimal")
    return (
        f"{money}, {these} cut{'s' if count == 1 else ''} {units.quantity} from {baseline:,.2f} to "
        f"{value:,.2f} {units.unit} a year: {(baseline - value) / baseline:.1%} less."
    )


def certainty(
    summary: dict[str, object], units: Units, beside: Iterable[Mapping[str, str]] = ()
) -> str:
    """Return the certainty of the answer; `beside` is `comparison.csv` of an evaluation."""
    proved, gap = summary["status"] == "optimal", _number(summary, "gap")
    stopped = stopped_by(summary.get("limit"))
    if summary["status"] == "evaluated":
        best = next((row for row in beside if row["plan"] == "best" and row["value"]), None)
        if best is None:
            return (
                "The plan was made by hand and its value is exact; whether another plan for this "
                "money does better was not asked."
            )
        proved_or_not = "proved" if best["status"] == "optimal" else f"not proved{stopped}"
        return (
            "The plan was made by hand and its value is exact. The best plan for the same money "
            f"leaves {float(best['value']):,.2f} {units.unit} ({proved_or_not})."
        )
    if summary.get("target") is not None:
        floor = f"{_number(summary, 'cost_bound'):,.2f} {units.money}"
        if proved:
            return f"Proved: no plan that does it costs less than {floor} a year."
        return (
            f"Not proved{stopped}: a cheaper plan may exist, but none below {floor} "
            f"(gap {gap:.2%})."
        )
    bound = f"{_number(summary, 'bound'):,.2f} {units.unit}"
    if proved and gap < _NOTHING:
        return f"Proved: no plan for this money does better than {bound}."
    if proved:
        return f"Proved to within {gap:.3%}: no plan for this money does better than {bound}."
    return f"Not proved{stopped}: a better plan may exist, but none below {bound} (gap {gap:.2%})."


def figures(summary: dict[str, object], units: Units) -> list[KeyFigure]:
    """Return the key figures."""
    share = summary.get("cut_share")
    spent, budget = _number(summary, "spent"), summary.get("budget")
    of = "" if not isinstance(budget, int | float) else f" of {plain_number(budget)}"
    return [
        KeyFigure(
            "without measures", f"{_number(summary, 'baseline'):,.2f}", f"{units.unit} a year"
        ),
        KeyFigure("under the plan", f"{_number(summary, 'value'):,.2f}", f"{units.unit} a year"),
        KeyFigure("less", f"{share:.1%}" if isinstance(share, float) else "0.0%", units.quantity),
        KeyFigure("the plan costs", f"{spent:,.2f}", f"{of.strip()} {units.money} a year".strip()),
    ]


def data_sentences(quality: Quality) -> Iterator[str]:
    """Yield sentences on the quality of the data."""
    if not quality.known:
        yield (
            "There was no time to see what each measure is worth, so it is not known on what data "
            "the plan's effect rests."
        )
    elif quality.assumed is None:
        yield "The plan has no effect, so it rests on no data."
    else:
        yield (
            f"{quality.assumed:.0%} of the plan's effect rests on measures for which some number "
            "is assumed."
        )
        parts = [f"{share:.0%} {grade or '-'} ({GRADES[grade]})"
                 for grade, share in quality.effect.items()]  # fmt: skip
        yield f"By the worst grade of what each measure rests on: {', '.join(parts)}."
    if quality.legs is not None:
        yield (
            "Of the tonnes that move under the plan, counted on every leg, "
            f"{quality.legs:.0%} move on legs whose capacity, cost and loss are assumed."
        )


def _number(summary: dict[str, object], key: str) -> float:
    value = summary.get(key)
    return float(value) if isinstance(value, int | float) else 0.0
