"""Text of an evaluation: a given plan, beside others for the same money."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from flowopt.clock import LimitReason
from flowopt.network.network import Network
from flowopt.plain_text import plain_number
from flowopt.report.certainty import stopped_by, style_of
from flowopt.report.effects_text import print_effects
from flowopt.report.marginal_text import print_plan
from flowopt.report.part_text import part_sentences
from flowopt.report.plan_words import MeasureNames, resource_names
from flowopt.report.scenario_text import print_heading, print_warnings
from flowopt.report.terminal import new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.evaluation import Evaluation, PlanCompared

_NAMES = {"yours": "yours", "best": "best for the money", "coverage": "covers most of today"}
_EQUAL = 0.005  # zero in two decimals


def evaluation_report(network: Network, evaluation: Evaluation, *, full: bool = True) -> None:
    """Print the value of a plan, the conditions it breaks, other plans, and the flow.

    Parameters
    ----------
    network, evaluation
        The network and the plan.
    full
        Print every table; else the largest shifts and the first measures that come next.
    """
    console, units = new_console(), Units(network, evaluation.objective, evaluation.of)
    print_heading(console, network, plans=True)
    for sentence in _answer(network, evaluation, units):
        console.print(plain(sentence))
    for sentence in part_sentences(evaluation.summary(), units, lambda x: f"{x:,.2f}"):
        console.print(plain(sentence))
    _print_comparison(console, network, evaluation, units, full=full)
    for sentence in _foresight(evaluation, units, full=full):
        console.print(plain(sentence, style=style_of(sentence)))
    alone = len(evaluation.comparison) == 1  # then the first screen has room for the plan
    if evaluation.plan and (full or alone):
        print_plan(console, evaluation, units)
    left_out = () if alone else ("each measure",)
    print_effects(console, network, evaluation, units, full=full, left_out=left_out)
    print_warnings(console, evaluation.warnings)


def _answer(network: Network, evaluation: Evaluation, units: Units) -> Iterator[str]:
    """Yield the cut of the plan, what going round takes back, its cost, and what it breaks."""
    count, unit = len(evaluation.measures), units.unit
    baseline, value = evaluation.baseline, evaluation.value
    if baseline <= 0.0:
        yield f"There is nothing to cut: {units.quantity} without any measure: 0 {unit}."
    elif (cut := evaluation.cut or 0.0) < _EQUAL:
        yield (
            f"Your plan of {count} measure{'s' if count != 1 else ''} cuts nothing: "
            f"{units.quantity} still {value:,.2f} {unit} a year."
        )
    else:
        yield (
            f"Your plan of {count} measure{'s' if count != 1 else ''} cuts {units.quantity} from "
            f"{baseline:,.2f} to {value:,.2f} {unit} a year: {cut:,.2f} less "
            f"({evaluation.cut_share or 0.0:.1%})."
        )
    yours = evaluation.comparison[0]
    if yours.promised - yours.cut >= _EQUAL:
        back = "all" if yours.cut < _EQUAL else f"{yours.promised - yours.cut:,.2f}"
        yield (
            f"If the trafficker kept to what it does today, your plan would cut "
            f"{yours.promised:,.2f} {unit}; going round takes {back} of that back."
        )
    elif yours.cut - yours.promised >= _EQUAL:
        yield (
            f"If the trafficker kept to what it does today, your plan would cut "
            f"{yours.promised:,.2f} {unit}; it gives up {yours.cut - yours.promised:,.2f} more, "
            "which no longer pays."
        )
    takes = [f"{evaluation.spent:,.2f} {units.money} a year"]
    resources = resource_names(network)
    takes += [
        f"{plain_number(amount)} {resources[name]}"
        for name, amount in evaluation.used.items()
        if amount > 0.0
    ]
    yield f"It takes {', '.join(takes)}."
    for breach in evaluation.broken:
        yield f"It breaks a condition: {breach}."
    if evaluation.broken and evaluation.best is not None:
        yield "The best plan below breaks none."


def _print_comparison(
    console: Console, network: Network, evaluation: Evaluation, units: Units, *, full: bool
) -> None:
    """Print the plans side by side and the measures of the best; with `full`, of every other."""
    if len(evaluation.comparison) < 2:
        return
    table = new_table(["plan", units.money, f"{units.unit} left", "cut", "cut if nobody re-routed"])
    for row in evaluation.comparison:
        numbers = (row.spent, row.value, row.cut, row.promised)
        table.add_row(_NAMES[row.plan], *(f"{number:,.2f}" for number in numbers))
    money = evaluation.spent if evaluation.budget is None else evaluation.budget
    title = f"Beside it, for {money:,.2f} {units.money} a year"
    print_table(console, title, table)
    names = MeasureNames(network)
    for row in evaluation.comparison[1:]:
        if row.plan != "best" and not full:
            continue
        measures = names.listed(row.measures.split(";")) if row.measures else "no measure"
        console.print(plain(f"{_NAMES[row.plan]}: {measures}"))


def _foresight(evaluation: Evaluation, units: Units, *, full: bool) -> Iterator[str]:
    """Yield the differences between the plans, and their certainty; with `full`, in every word."""
    plans = {row.plan: row for row in evaluation.comparison}
    unit, yours = units.unit, plans["yours"]
    best, coverage = plans.get("best"), plans.get("coverage")
    if best is not None:
        more = best.cut - yours.cut
        if more >= _EQUAL:
            yield f"The best plan cuts {more:,.2f} {unit} more than yours."
        elif more <= -_EQUAL:
            yield f"Yours cuts {-more:,.2f} {unit} more than the best plan that was found."
        else:
            yield "No plan that was found for this money does better than yours."
        yield _certainty(best, unit, evaluation.limit)
    if coverage is not None:
        if full:  # as the table above says
            yield (
                f"The plan that covers most of today's flow promises to cut "
                f"{coverage.promised:,.2f} {unit}; once the trafficker goes round it cuts "
                f"{coverage.cut:,.2f}."
            )
        if coverage.status != "optimal":
            yield "Not proved: another plan may cover more."
    if best is not None and coverage is not None:
        yield f"Foresight is worth {best.cut - coverage.cut:,.2f} {unit} a year."


def _certainty(best: PlanCompared, unit: str, limit: LimitReason | None) -> str:
    bound, gap = best.bound or 0.0, best.gap or 0.0
    if best.status == "optimal":
        closeness = f" to {gap:.3%}" if gap > 0.0005e-2 else ""
        return f"Proved{closeness}: no plan for this money leaves less than {bound:,.2f} {unit}."
    return (
        f"Not proved{stopped_by(limit)}: a better plan may exist, but none below "
        f"{bound:,.2f} {unit} (gap {gap:.2%})."
    )
