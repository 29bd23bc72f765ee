"""Text of a plan for several scenarios: sentences, the table of scenarios, and the measures."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from flowopt.network.network import Network
from flowopt.report.certainty import stopped_by
from flowopt.report.digits import fixed
from flowopt.report.marginal_text import print_plan
from flowopt.report.plan_words import MeasureNames
from flowopt.report.scenario_sections import label_of
from flowopt.report.scenario_words import (
    COLUMNS,
    MEASURED,
    certainty,
    measured,
    paid,
    sentences,
    target_answer,
)
from flowopt.report.terminal import new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.scenario_plans import ScenarioPlans
from flowopt.results.scenario_solution import ScenarioRow, ScenarioSolution

_LONGEST = 30  # signs of a bar
_MOST_BARS = 24  # scenarios of a strip: more of them have the table alone


def scenarios_report(network: Network, solution: ScenarioSolution) -> None:
    """Print a plan for several scenarios, and what it does in each."""
    console, units = new_console(), Units(network, solution.objective)
    console.print(plain(f"{network.info.title} ({network.info.id})", style="bold"))
    if solution.value is None:
        known = solution.status == "infeasible"
        console.print(
            "There is no plan that keeps the conditions."
            if known
            else f"No plan was found that reaches the target{stopped_by(solution.limit)}."
        )
        return
    summary = solution.summary()
    answer = _answer(solution, units)
    if solution.target is not None:
        answer = target_answer(summary, len(solution.scenarios), units)
    for sentence in (answer, certainty(summary, units)):
        console.print(plain(sentence))
    for each in solution.broken:
        console.print(plain(f"It breaks a condition: {each}."))
    _print_scenarios(console, solution.scenarios, units)
    console.print()
    for sentence in sentences(summary, solution.scenarios, solution.looked_at, units):
        console.print(plain(sentence))
    if solution.plan:
        print_plan(console, solution, units)
    for warning in solution.warnings:
        console.print(plain(f"warning: {warning}"), soft_wrap=True)


def criteria_report(network: Network, solutions: Sequence[ScenarioSolution]) -> None:
    """Print the plans of several criteria side by side, each valued by all of them."""
    console = new_console()
    console.print(plain(f"{network.info.title} ({network.info.id})", style="bold"))
    if any(solution.value is None for solution in solutions):
        console.print("There is no plan that keeps the conditions.")
        return
    table = new_table(["plan", "mean", "most left", "sure cut", "most regret", "spent", "proved"])
    for solution in solutions:
        gap = solution.gap
        proved = "-" if gap is None else f"gap {gap:.2%}"
        if solution.status == "optimal":
            proved = "yes"
        counted = measured(solution.summary(), solution.scenarios)
        numbers = (fixed(counted[name], 2) for name in ("expected", "worst", "cut", "regret"))
        table.add_row(solution.criterion, *numbers, f"{solution.spent:,.1f}", proved)
    print_table(console, "A plan for each criterion", table)
    for solution in solutions:
        listed = MeasureNames(network).listed(solution.measures) or "nothing"
        console.print(plain(f"{solution.criterion}: {listed}"))


def budgets_report(network: Network, plans: ScenarioPlans) -> None:
    """Print the plans of several budgets by one criterion, each valued by all of them."""
    console, units = new_console(), Units(network, plans.objective)
    console.print(plain(f"{network.info.title} ({network.info.id})", style="bold"))
    first = plans.solutions[0]
    if all(each.value is None for each in plans.solutions):
        console.print("There is no plan that keeps the conditions.")
        return
    word, sign = MEASURED[first.criterion], -1.0 if first.criterion == "cut" else 1.0
    others = {MEASURED[name]: key for name, key in COLUMNS.items() if name != first.criterion}
    table = new_table(["budget", "spent", word, "bound", "proved", *others])
    for row in plans.plans:
        if row.value is None or row.bound is None:
            table.add_row(f"{row.budget:,.10g}", *[""] * (4 + len(others)))
            continue
        numbers = [sign * row.value, sign * row.bound]
        proved = "yes" if row.status == "optimal" else f"gap {row.gap or 0.0:.2%}"
        table.add_row(
            f"{row.budget:,.10g}",
            f"{row.spent:,.1f}",
            *(fixed(number, 2) for number in numbers),
            proved,
            *(fixed(getattr(row, key) or 0.0, 2) for key in others.values()),
        )
    print_table(console, f"By budget, {units.money} a year: {word}, {units.unit} a year", table)
    for row in plans.plans:
        if row.value is not None:
            listed = MeasureNames(network).in_table(row.measures)
            console.print(plain(f"{row.budget:,.10g}: {listed}"))
    for warning in plans.warnings:
        console.print(plain(f"warning: {warning}"), soft_wrap=True)


def _answer(solution: ScenarioSolution, units: Units) -> str:
    """Return the sentence that tells the plan's criterion."""
    value, baseline = solution.value or 0.0, solution.baseline or 0.0
    many, unit = len(solution.scenarios), f"{units.unit} a year"
    count = len(solution.measures)
    plan = (
        f"this plan of {count} measure{'s' * (count != 1)}" if count else "a plan without measures"
    )
    over = f"Over {many} scenarios {plan}"
    cost = f"for {paid(solution.summary(), units)}"
    share = "" if solution.cut_share is None else f" ({solution.cut_share:.1%})"
    less = f"of {fixed(baseline, 2)}: it cuts {fixed(solution.cut or 0.0, 2)}{share}, {cost}."
    match solution.criterion:
        case "expected":
            return f"{over} leaves {fixed(value, 2)} {unit} in the mean {less}"
        case "worst":
            return f"{over} leaves {fixed(value, 2)} {unit} at most {less}"
        case "cvar":
            part = f"in the mean of the worst {solution.tail or 0.0:.0%} of the weight"
            return f"{over} leaves {fixed(value, 2)} {unit} {part} {less}"
        case "cut":
            return f"{over} cuts at least {fixed(-value, 2)} {unit}, whichever holds, {cost}."
        case "regret":
            return (
                f"{over} leaves at most {fixed(value, 2)} {unit} more than the best plan for the "
                f"scenario that holds, {cost}."
            )


def _print_scenarios(console: Console, rows: Sequence[ScenarioRow], units: Units) -> None:
    table = new_table(["name", "weight", "nothing", "plan", "cut", "best there", "regret"])
    table.columns[0].header = "scenario"
    for row in rows:
        numbers = (row.baseline, row.value, row.cut, row.own_best, row.regret)
        table.add_row(
            plain(label_of(row)),
            f"{row.weight:.0%}",
            *(f"{fixed(number, 2)}" for number in numbers),
        )
    print_table(console, "Scenarios", table)
    _print_strip(console, rows, units)


def _print_strip(console: Console, rows: Sequence[ScenarioRow], units: Units) -> None:
    """Print a bar for each scenario: what the plan cuts of what the best plan there cuts."""
    most = max(row.baseline - row.own_best for row in rows)
    if most <= 0.0 or len(rows) > _MOST_BARS:
        return
    table = new_table(["name", "", ""])
    table.columns[1].justify = "left"
    table.columns[1].no_wrap = True
    for row in rows:
        best = row.baseline - row.own_best
        full, all_of_it = (round(_LONGEST * max(0.0, cut) / most) for cut in (row.cut, best))
        bar = "#" * full + "." * (all_of_it - full)
        table.add_row(plain(label_of(row)), plain(bar), f"{fixed(row.cut, 2)} of {fixed(best, 2)}")
    table.show_header = False
    print_table(
        console, f"What the plan cuts, of what the best plan there cuts, {units.unit} a year", table
    )
