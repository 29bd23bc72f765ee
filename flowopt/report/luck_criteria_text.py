"""Text of plans whose measures may fail side by side, the best by each criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowopt.network.network import Network
from flowopt.report.digits import fixed
from flowopt.report.luck_text import worth_within
from flowopt.report.plan_words import MeasureNames
from flowopt.report.terminal import new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.numbers import rounded
from flowopt.results.plans_side_by_side import mean_left


def luck_criteria_report(network: Network, solutions: Sequence[LuckSolution]) -> None:
    """Print the plans of several criteria, each valued by all of them.

    The most regret of each is beside the best plans of the scenarios that were found for `regret`.
    """
    console, units = new_console(), Units(network, solutions[0].objective)
    console.print(plain(f"{network.info.title} ({network.info.id})", style="bold"))
    best = _best_known(solutions)
    columns = ["plan", "mean", "most left", "sure cut", "most regret", "its criterion", "spent"]
    table = new_table([*columns, "proved"])
    for solution in solutions:
        regret = _most_regret(solution, best)
        table.add_row(
            solution.criterion,
            fixed(rounded(mean_left(tuple(solution.scenarios))), 2),
            fixed(max(row.value for row in solution.scenarios), 2),
            fixed(min(row.cut for row in solution.scenarios), 2),
            "" if regret is None else fixed(regret, 2),
            worth_within(_counted(solution), solution.luck.half_width),
            f"{solution.spent:,.1f}",
            _proved(solution),
        )
    title = f"A plan for each criterion: {units.unit} a year in the mean over what works"
    print_table(console, title, table)
    for solution in solutions:
        listed = MeasureNames(network).listed(solution.measures) or "nothing"
        console.print(plain(f"{solution.criterion}: {listed}"))
    for text in dict.fromkeys(text for each in solutions for text in each.warnings):
        console.print(plain(f"warning: {text}"), soft_wrap=True)


def _counted(solution: LuckSolution) -> float:
    """Return what a plan's criterion counts; of a sure cut that is what is taken off."""
    return solution.cut if solution.criterion == "cut" else solution.value


def _best_known(solutions: Sequence[LuckSolution]) -> dict[str, float]:
    """Return the least mean that is known in each scenario, where the best plan was looked for."""
    best = {
        row.scenario: row.own_best
        for solution in solutions
        for row in solution.scenarios
        if row.own_best is not None
    }
    for solution in solutions:
        if not solution.by_hand:  # one made by hand may break a condition
            means = {row.scenario: row.value for row in solution.scenarios}
            best = {name: min(value, means[name]) for name, value in best.items()}
    return best


def _most_regret(solution: LuckSolution, best: Mapping[str, float]) -> float | None:
    """Return how far a plan is from the best ones; None where they were not looked for."""
    if len(best) < len(solution.scenarios):
        return None
    return max(row.value - best[row.scenario] for row in solution.scenarios)


def _proved(solution: LuckSolution) -> str:
    if solution.by_hand:
        return "-"
    if solution.status == "optimal":
        return "yes"
    estimate = "estimated, " if solution.status == "estimated" else ""
    return f"{estimate}gap {solution.gap or 0.0:.2%}"
