"""Text of a plan for several scenarios: sentences, the table of scenarios, and the measures."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from flowopt.network.network import Network
from flowopt.report.certainty import stopped_by
from flowopt.report.digits import fixed
from flowopt.report.marginal_text import print_plan
from flowopt.report.terminal import new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.scenario_solution import ScenarioRow, ScenarioSolution

_SAID = 1e-4  # share of the largest value: a difference that is worth a sentence


def scenarios_report(network: Network, solution: ScenarioSolution) -> None:
    """Print a plan for several scenarios, and what it does in each."""
    console, units = new_console(), Units(network, solution.objective)
    console.print(plain(f"{network.info.title} ({network.info.id})", style="bold"))
    if solution.value is None:
        console.print("There is no plan that keeps the conditions.")
        return
    for sentence in (_answer(solution, units), _certainty(solution, units)):
        if sentence:
            console.print(plain(sentence))
    for each in solution.broken:
        console.print(plain(f"It breaks a condition: {each}."))
    _print_scenarios(console, solution.scenarios)
    for sentence in _sentences(solution, units):
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
        rows = solution.scenarios
        gap = solution.gap
        proved = "-" if gap is None else f"gap {gap:.2%}"
        if solution.status == "optimal":
            proved = "yes"
        table.add_row(
            solution.criterion,
            f"{fixed(sum(row.weight * row.value for row in rows), 2)}",
            f"{fixed(max(row.value for row in rows), 2)}",
            f"{fixed(min(row.cut for row in rows), 2)}",
            f"{fixed(max(row.regret for row in rows), 2)}",
            f"{solution.spent:,.1f}",
            proved,
        )
    print_table(console, "A plan for each criterion", table)
    for solution in solutions:
        console.print(plain(f"{solution.criterion}: {', '.join(solution.measures) or 'nothing'}"))


def _answer(solution: ScenarioSolution, units: Units) -> str:
    """Return the sentence that tells the plan's criterion."""
    value, baseline = solution.value or 0.0, solution.baseline or 0.0
    many, unit = len(solution.scenarios), f"{units.unit} a year"
    name = ", ".join(solution.measures) or "without measures"
    over = f"Over {many} scenarios the plan {name}"
    cost = f"for {solution.spent:,.1f}"
    if solution.budget is not None:
        cost += f" of {solution.budget:,.10g}"
    cost += f" {units.money}"
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


def _certainty(solution: ScenarioSolution, units: Units) -> str:
    """Return the sentence that tells how good the plan is known to be."""
    bound, gap = solution.bound, solution.gap
    if bound is None or gap is None:
        return "It was made by hand: that no plan is better is not claimed."
    stopped = stopped_by(solution.limit) if solution.status == "limit" else ""
    if solution.criterion == "cut":
        said = f"No plan is sure to cut more than {fixed(-bound, 2)} {units.unit}"
    elif solution.criterion == "regret":
        said = f"No plan's most regret is less than {fixed(bound, 2)} {units.unit}"
    else:
        said = f"No plan leaves less than {fixed(bound, 2)} {units.unit}"
    of = " of the most that is left without measures" if solution.criterion in _DIFFER else ""
    return f"{said} (gap {gap:.2%}{of}){stopped}."


_DIFFER = ("cut", "regret")


def _print_scenarios(console: Console, rows: Sequence[ScenarioRow]) -> None:
    table = new_table(["name", "weight", "nothing", "plan", "cut", "best there", "regret"])
    table.columns[0].header = "scenario"
    for row in rows:
        numbers = (row.baseline, row.value, row.cut, row.own_best, row.regret)
        table.add_row(
            plain(row.scenario), f"{row.weight:.0%}", *(f"{fixed(number, 2)}" for number in numbers)
        )
    print_table(console, "Scenarios", table)


def _sentences(solution: ScenarioSolution, units: Units) -> list[str]:
    """Return what the table says in words, and what looking and knowing are worth."""
    rows, unit = solution.scenarios, units.unit
    least, furthest = min(rows, key=lambda row: row.cut), max(rows, key=lambda row: row.regret)
    far = f", and is furthest from the best there in '{furthest.scenario}'"
    if furthest.regret <= _SAID * solution.base:
        far = ", and is as good as the best there in all of them"
    found = [f"It cuts least in '{least.scenario}'{far}."]
    high, value = solution.regret_high, solution.value or 0.0
    if high is not None and high - value > _SAID * solution.base:
        found.append(
            f"The best plans of the scenarios are known within a gap, so the true regret is "
            f"between {fixed(value, 2)} and {fixed(high, 2)} {unit}."
        )
    looking, knowing = solution.worth_of_looking, solution.worth_of_knowing
    if looking is not None:
        found.append(
            f"The plan for '{solution.looked_at}' alone would leave {fixed(value + looking, 2)} "
            f"{unit} in the mean: looking at all {len(rows)} is worth {fixed(looking, 2)} {unit} a "
            "year."
        )
    if knowing is not None:
        found.append(
            "Knowing which scenario holds before choosing would be worth at most "
            f"{fixed(knowing[1], 2)} {unit} more."
        )
    return found
