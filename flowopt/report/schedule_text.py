"""Terminal output of the best schedule: what it cuts, how sure that is, and when to do what."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from flowopt.network.network import Network
from flowopt.plain_text import name_and_id, plain_number
from flowopt.report.certainty import stopped_by, style_of
from flowopt.report.luck_over_time_text import luck_of_schedule, print_outcomes
from flowopt.report.over_time_text import print_heading_over_time, print_lines, print_openings
from flowopt.report.terminal import new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.over_time_rows import ScheduleAlternative, ScheduleRow
from flowopt.results.schedule_solution import ScheduleSolution
from flowopt.results.schedules_under_luck import LuckScheduleSolution


def schedule_report(network: Network, solution: ScheduleSolution) -> None:
    """Print the best schedule, period by period."""
    console, units = new_console(), Units(network, solution.objective)
    print_heading_over_time(console, network)
    if solution.value is None:
        console.print(
            "There is no schedule that keeps the conditions."
            if solution.status == "infeasible"
            else f"No schedule was found{stopped_by(solution.limit)}."
        )
        return
    lucky = isinstance(solution, LuckScheduleSolution)
    for sentence in _answer(solution, units):
        console.print(plain(sentence, style=style_of(sentence)), soft_wrap=False)
    if isinstance(solution, LuckScheduleSolution):
        console.print(plain(luck_of_schedule(solution, units)))
        print_outcomes(console, solution.outcomes, units)
    _print_periods(console, solution, units, " when all works" if lucky else "")
    _print_schedule(console, network, solution)
    _print_alternatives(console, solution, units)
    print_openings(console, network, solution.openings, units)
    print_lines(console, "Warnings", solution.warnings)


def _answer(solution: ScheduleSolution, units: Units) -> Iterator[str]:
    """Yield the answer and its certainty, as sentences."""
    value, bound = solution.value or 0.0, solution.bound or 0.0
    baseline, gap, unit = solution.baseline, solution.gap or 0.0, units.unit
    cut, over = baseline - value, f"over {solution.years:g} years"
    share = f" ({cut / baseline:.1%})" if baseline > 0.0 else ""
    spent = f"{plain_number(solution.spent or 0.0)} {units.money} in all"
    if solution.target is None:
        yield (
            f"For {spent} this schedule cuts {units.quantity} {over} from {baseline:,.2f} to "
            f"{value:,.2f} {unit}{_in_the_mean(solution)}: {cut:,.2f} less{share}."
        )
        none = "nothing does better than"
        if solution.status != "optimal":
            yield (
                f"Not proved{stopped_by(solution.limit)}: a better schedule may exist, but none "
                f"below {bound:,.2f} {unit} (gap {gap:.2%})."
            )
        elif gap <= 0.0:
            yield f"Proved: {none} {value:,.2f} {unit}."
        else:
            yield f"Proved to {gap:.3%}: {none} {bound:,.2f} {unit}."
    else:
        floor = solution.cost_bound or 0.0
        yield (
            f"Bringing {units.quantity} {over} from {baseline:,.2f} to "
            f"{plain_number(solution.target)} {unit} or below{_in_the_mean(solution)} takes "
            f"{spent}; it leaves {value:,.2f}."
        )
        yield (
            "Proved: no schedule does it for less."
            if solution.status == "optimal"
            else f"Not proved{stopped_by(solution.limit)}: none does it for less than "
            f"{plain_number(floor)} {units.money}."
        )
    closed = solution.baseline_without_openings
    without = closed - (solution.value_without_openings or 0.0)
    yield f"If nothing opened, it would cut {without:,.2f} of {closed:,.2f} {unit}."
    if solution.value_myopic is not None:
        simulated = baseline - solution.value_myopic
        yield (
            f"A trafficker without foresight would lose {simulated:,.2f} {unit} to it (simulated)."
        )


def _in_the_mean(solution: ScheduleSolution) -> str:
    return " in the mean over what works" if isinstance(solution, LuckScheduleSolution) else ""


def _print_periods(
    console: Console, solution: ScheduleSolution, units: Units, when: str = ""
) -> None:
    """Print the money and the objective of a year of each period."""
    simulated = any(row.value_myopic is not None for row in solution.periods)
    means = _means(solution)
    table = new_table(
        ["period", "years", f"{units.money}/yr", "of", "without", "with"]
        + ["in the mean"] * bool(means)
        + ["no foresight"] * simulated
    )
    for place, row in enumerate(solution.periods):
        table.add_row(
            plain(row.period),
            f"{row.years:g}",
            f"{row.spent:,.1f}",
            "" if row.budget is None else f"{row.budget:,.1f}",
            f"{row.baseline:,.1f}",
            f"{row.value:,.1f}",
            *([f"{means[place]:,.1f}"] if means else []),
            *([f"{row.value_myopic or 0.0:,.1f}"] if simulated else []),
        )
    note = f"without, with: {units.quantity} without and with the schedule, {units.unit} a year"
    if means:
        note += "; in the mean: with it, over what works"
    if simulated:
        note += "; no foresight: with it, if the trafficker expects what is in force to stay"
    print_table(console, f"A year of each period{when}", table, note)


def _means(solution: ScheduleSolution) -> list[float]:
    """Return the mean of each period over what works; empty where it is not known."""
    if not isinstance(solution, LuckScheduleSolution):
        return []
    return [row.value_mean for row in solution.periods if row.value_mean is not None]


def _print_schedule(console: Console, network: Network, solution: ScheduleSolution) -> None:
    """Print each measure with the periods in which it is bought and in force."""
    rows = list(solution.schedule)
    order = [row.measure for row in network.measures]
    measures = sorted({row.measure for row in rows}, key=order.index)
    if not measures:
        return
    shown = [period.period for period in network.periods][:8]
    place = {(row.measure, row.period): row for row in rows}
    names = {row.measure: row.name for row in rows}
    table = new_table(["measure", *shown])
    for measure in measures:
        marks = [_mark(place.get((measure, period))) for period in shown]
        table.add_row(plain(name_and_id(names[measure], measure)), *marks)
    more = len(network.periods) - len(shown)
    note = "x: in force; b: bought" + (f"; and {more} more periods" if more else "")
    print_table(console, "The schedule", table, note)


def _print_alternatives(console: Console, solution: ScheduleSolution, units: Units) -> None:
    """Print the best schedules, the later ones as what they swap against the first."""
    rows = list(solution.alternatives)
    if not rows:
        return
    best = _in_force(rows[0])
    table = new_table(["", units.unit, "gap", units.money, "plan"])
    for row in rows:
        these = _in_force(row)
        more = [f"+{each}" for each in these if each not in best]
        less = [f"-{each}" for each in best if each not in these]
        swap = "the schedule above" if row is rows[0] else " ".join(less + more)
        numbers = (f"{row.value:,.2f}", f"{row.rank_gap:.3%}", f"{row.spent:,.2f}")
        table.add_row(str(row.rank), *numbers, plain(swap))
    print_table(console, "The best schedules (none holds all of an earlier one)", table, "")


def _in_force(row: ScheduleAlternative) -> list[str]:
    return row.measures.split(";") if row.measures else []


def _mark(row: ScheduleRow | None) -> str:
    return "" if row is None else ("b" if row.bought else "") + ("x" if row.in_force else "")
