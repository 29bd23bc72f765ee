"""Text of networks, responses and solutions: sentences, then tables of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from flowopt.network.checks.warning_groups import unpriced
from flowopt.network.network import Network
from flowopt.network.timeline import Timeline
from flowopt.plain_text import plain_number
from flowopt.report.alternatives_text import print_alternatives
from flowopt.report.certainty import no_cut, stopped_by, style_of
from flowopt.report.effects_text import print_effects
from flowopt.report.marginal_text import print_binding, print_plan
from flowopt.report.organisation_text import print_receipts
from flowopt.report.part_text import part_sentences
from flowopt.report.plan_words import resource_names
from flowopt.report.scenario_text import print_heading, print_warnings
from flowopt.report.terminal import (
    MOST_ROWS,
    TITLES,
    display_name,
    new_console,
    new_table,
    plain,
    print_table,
)
from flowopt.report.units import Units
from flowopt.results.response import Response
from flowopt.results.solution import Solution

_FEW = 5  # rows of a table of the first screen
_FIRST = ("exit", "mode")  # totals of the first screen
_EQUAL_SHARE = 0.001  # of the best value: plans that near are a free choice


def check_report(network: Network) -> None:
    """Print the size of each table of a sound network, and its warnings."""
    console = new_console()
    messages = (*network.warnings, *unpriced(network))
    for warning in messages:
        console.print(plain(f"warning: {warning}"), soft_wrap=True)
    console.print(plain(f"{network.info.title} ({network.info.label})", style="bold"))
    if network.periods:
        console.print(plain(Timeline(network.periods).described()))
    table = new_table(["table", "rows", "assumed or not graded", "warnings"])
    places = [warning.partition(":")[0] for warning in messages]
    for name, rows in network.tables().items():
        if rows:
            assumed = sum(row.grade in (None, "X") for row in rows)
            # As a folder, a workbook and a JSON file call a table.
            ends = (f"{name}.csv", f"sheet {name}", f"/{name}")
            odd = sum(place.endswith(ends) for place in places)
            table.add_row(name, f"{len(rows):,}", f"{assumed:,}", f"{odd:,}" if odd else "-")
    console.print(table)
    warnings, scenarios = len(messages), len(network.scenarios)
    counted = f" in the network and its {scenarios} scenario{'s' * (scenarios != 1)}"
    console.print(
        f"no errors, {warnings} warning{'s' * (warnings != 1)}{counted if scenarios else ''}; "
        f"sha256 {network.sha256[:12]}..."
    )


def response_report(network: Network, response: Response, *, full: bool = True) -> None:
    """Print the trafficker's best response.

    Parameters
    ----------
    network, response
        The network and the response.
    full
        Print every table; else the largest markets, exits and modes.
    """
    console, units = new_console(), Units(network, response.objective, response.of)
    print_heading(console, network)
    console.print(
        f"Without measures the trafficker delivers {response.delivered:,.1f} {units.mass} a year, "
        f"earns {response.revenue:,.1f} and spends {response.expenses:,.1f}: "
        f"a profit of {response.profit:,.1f} {units.money}."
    )
    if units.part is not None:
        counted = f"{units.quantity[0].upper()}{units.quantity[1:]}"
        console.print(plain(f"{counted}: {response.value:,.2f} {units.unit} a year."))
        for sentence in part_sentences(response.summary(), units, lambda t: f"{t:,.2f}"):
            console.print(plain(sentence))
    shortened = _print_deliveries(console, response, units, full=full)
    for by, title in TITLES.items():
        if full or by in _FIRST:
            shortened |= _print_totals(console, network, response, units, by, title, full=full)
    if full:
        print_binding(console, network, response, units)
        print_receipts(console, response, units)
    elif left_out := [*(["all rows"] if shortened else []), *_left_out(response)]:
        console.print()
        console.print(plain(f"--full prints the rest: {', '.join(left_out)}."))
    print_warnings(console, response.warnings)


def _left_out(response: Response) -> Iterable[str]:
    """Yield what the first screen has no table of."""
    seen = {by for by, _, amount in response.totals if amount > 0.0}
    yield from (f"by {by}" for by in TITLES if by in seen and by not in _FIRST)
    if response.binding:
        yield "what holds the trafficker back"
    if response.organisations:
        yield "who earns"


def _print_deliveries(console: Console, response: Response, units: Units, *, full: bool) -> bool:
    """Print what reaches each market, or those that get most; return whether some are left out."""
    rows = [row for row in response.markets if row.delivered > 0.0]
    shown = rows if full else sorted(rows, key=lambda row: -row.delivered)[:_FEW]
    table = new_table(["market", "commodity", f"{units.mass}/yr", "it would take"])
    for row in shown:
        quantity = "" if row.quantity is None else f"{row.quantity:,.1f}"
        table.add_row(plain(row.name), row.commodity, f"{row.delivered:,.1f}", quantity)
    rest = len(rows) - len(shown)
    print_table(console, "Deliveries by market", table, f"and {rest} more" if rest else "")
    return rest > 0


def _print_totals(
    console: Console,
    network: Network,
    response: Response,
    units: Units,
    by: str,
    title: str,
    *,
    full: bool,
) -> bool:
    """Print the flow by one attribute, the largest first; return whether some is left out."""
    amounts = sorted(
        ((k, v) for b, k, v in response.totals if b == by and v > 0.0), key=lambda each: -each[1]
    )
    if not amounts:
        return False
    shown = amounts[: MOST_ROWS if full else _FEW]
    table = new_table([by, f"{units.mass}/yr"])
    for key, amount in shown:
        table.add_row(plain(display_name(network, by, key)), f"{amount:,.1f}")
    rest = len(amounts) - len(shown)
    print_table(console, title, table, f"and {rest} more" if rest else "")
    return rest > 0


def solution_report(network: Network, solution: Solution, *, full: bool = True) -> None:
    """Print a plan, its certainty, its cost, and what it shifts.

    Parameters
    ----------
    network, solution
        The network and the plan.
    full
        Print every table; else the largest shifts and the first measures that come next.
    """
    console, units = new_console(), Units(network, solution.objective, solution.of)
    print_heading(console, network, plans=True)
    if solution.value is None:
        console.print(
            "There is no plan that keeps the conditions."
            if solution.status == "infeasible"
            else f"No plan was found{stopped_by(solution.limit)}."
        )
        return
    for sentence in (*_answer(solution, units), *_about_part(solution, units)):
        console.print(plain(sentence, style=style_of(sentence)), soft_wrap=False)
    if solution.plan:
        print_plan(console, solution, units)
    if solution.alternatives:
        print_alternatives(
            console, network, solution.alternatives, units, aimed=solution.target is not None
        )
    if taken := _taken(network, solution, full=full):
        console.print(plain(f"It takes {', '.join(taken)}."))
    print_effects(console, network, solution, units, full=full)
    print_warnings(console, solution.warnings)


def _about_part(solution: Solution, units: Units) -> Iterable[str]:
    """Return what is counted, where it is a part of the markets."""
    return part_sentences(solution.summary(), units, lambda tonnes: f"{tonnes:,.2f}")


def _taken(network: Network, solution: Solution, *, full: bool) -> list[str]:
    """Return what the plan takes of resources; without `full` only of those with a limit."""
    resources, taken = resource_names(network), list[str]()
    for name, amount in solution.used.items():
        limit = solution.resources.get(name)
        if amount > 0.0 and (full or limit is not None):
            of = "" if limit is None else f" of {plain_number(limit)}"
            taken.append(f"{plain_number(amount)}{of} {resources[name]}")
    return taken


# -- parts -----------------------------------------------------------------------------------


def _answer(solution: Solution, units: Units) -> Iterable[str]:
    """Yield the answer and its certainty, as sentences."""
    value, bound, baseline = solution.value, solution.bound, solution.baseline
    if value is not None and solution.target is not None:
        yield from _target_answer(solution, units, value)
    if value is None or bound is None:
        return
    unit, budget = units.unit, f"{plain_number(solution.budget or 0.0)} {units.money} a year"
    if baseline <= 0.0:
        yield f"There is nothing to cut: {units.quantity} without any measure: 0 {unit}."
    elif not solution.measures:
        yield no_cut(
            f"For {budget}",
            units.quantity,
            f"{baseline:,.2f} {unit} a year",
            proved=solution.status == "optimal",
        )
    else:
        count = len(solution.measures)
        yield (
            f"For {budget}, {count} measure{'s' if count != 1 else ''} "
            f"cut{'s' if count == 1 else ''} {units.quantity} from {baseline:,.2f} to {value:,.2f} "
            f"{unit} a year: {baseline - value:,.2f} less ({solution.cut_share or 0.0:.1%})."
        )
    if solution.ties is not None and solution.after is not None:
        before, after = solution.before.profit, solution.after.profit
        yield (
            "The trafficker ships what earns most, not the most tonnes: its profit goes from "
            f"{before:,.1f} to {after:,.1f} {units.money} a year."
        )
    gap = solution.gap or 0.0
    if solution.status == "optimal" and gap <= 0.0:
        yield f"Proved: no plan for this money does better than {value:,.2f} {unit}."
    elif solution.status == "optimal":
        yield (f"Proved to {gap:.3%}: no plan for this money does better than {bound:,.2f} {unit}.")
    else:
        yield (
            f"Not proved{stopped_by(solution.limit)}: a better plan may exist, but none below "
            f"{bound:,.2f} {unit} (gap {gap:.2%})."
        )


def _target_answer(solution: Solution, units: Units, value: float) -> Iterable[str]:
    """Yield the cost of reaching a target and its certainty."""
    unit, spent, floor = units.unit, solution.spent or 0.0, solution.cost_bound or 0.0
    count = len(solution.measures)
    yield (
        f"Bringing {units.quantity} from {solution.baseline:,.2f} to "
        f"{plain_number(solution.target or 0.0)} {unit} a year or below takes "
        f"{count} measure{'s' if count != 1 else ''} for {spent:,.2f} {units.money} a year; "
        f"they leave {value:,.2f} {unit}."
    )
    if solution.status == "optimal":
        yield f"Proved: no plan that does it costs less than {floor:,.2f} {units.money}."
    else:
        yield (
            f"Not proved{stopped_by(solution.limit)}: a cheaper plan may exist, but none below "
            f"{floor:,.2f} {units.money} (gap {solution.cost_gap or 0.0:.2%})."
        )
