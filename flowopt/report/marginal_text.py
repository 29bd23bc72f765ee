"""Text of marginal values: measures of a plan, next measures, binding capacities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from flowopt.network.network import Network
from flowopt.plain_text import plain_number
from flowopt.report.labels import shared_name
from flowopt.report.terminal import new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.response import Response
from flowopt.results.rows import Binding
from flowopt.results.solution import Solution

if TYPE_CHECKING:  # most commands need none of them
    from flowopt.results.evaluation import Evaluation
    from flowopt.results.scenario_solution import ScenarioSolution

_MOST_ROWS = 5


def print_plan(
    console: Console, result: Solution | Evaluation | ScenarioSolution, units: Units
) -> None:
    """Print the measures of a plan, each with its marginal value."""
    table = new_table(["", "measure", "name", units.money, f"{units.unit} lost if dropped"])
    for row in result.plan:
        table.add_row(
            str(row.rank),
            plain(row.measure),
            plain(row.name),
            f"{row.cost:,.2f}",
            "" if row.lost_if_dropped is None else f"{row.lost_if_dropped:,.2f}",
        )
    most = "" if result.budget is None else f" of {plain_number(result.budget)}"
    print_table(console, f"The plan: {result.spent:,.2f}{most} {units.money} a year", table)


def print_next(
    console: Console, result: Solution | Evaluation, units: Units, *, most: int = _MOST_ROWS
) -> None:
    """Print the measures that would add most on top of a plan, one at a time, `most` of them."""
    if not result.next:
        return
    headers = ["", "measure", "name", units.money, f"{units.unit} further", f"per {units.money}"]
    table = new_table(headers)
    for row in result.next[:most]:
        per_million = "" if row.per_million is None else f"{row.per_million:,.3f}"
        table.add_row(
            str(row.rank),
            plain(row.measure),
            plain(row.name),
            f"{row.added_cost:,.2f}",
            f"{row.adds:,.2f}",
            per_million,
        )
    print_table(
        console,
        "What comes next: one more measure, with what it requires, on top of the plan",
        table,
        "Measures work together: what two of them add is not the sum.",
    )


def print_binding(console: Console, network: Network, response: Response, units: Units) -> None:
    """Print the binding capacities, the largest shadow price first."""
    if not response.binding:
        return
    table = new_table(["capacity", f"{units.mass}/yr", f"{units.gain} for one more"])
    for row in response.binding[:_MOST_ROWS]:
        table.add_row(
            plain(_place(network, row)), f"{row.capacity:,.4g}", f"{row.shadow_price:,.3g}"
        )
    rest = len(response.binding) - _MOST_ROWS
    print_table(
        console,
        f"What holds the trafficker back: a {units.mass} more of it would bring it at most",
        table,
        f"and {rest} worth less" if rest > 0 else "",
    )


def _place(network: Network, row: Binding) -> str:
    """Return the label of a capacity, by name where there is one."""
    names = {node.node: node.name for node in network.nodes}
    if row.on == "arc":
        arc = next(arc for arc in network.arcs if arc.arc == row.id)
        return f"{names[arc.tail]} to {names[arc.head]} (arc {arc.arc})"
    if row.on == "node":
        return f"{names[row.id]} (node {row.id})"
    commodity = f", {row.commodity}" if row.commodity else ""
    name = names.get(row.id, "") if row.commodity else shared_name(network, row.on, row.id)
    place = f"{row.on} {row.id}"
    return f"{f'{name} ({place})' if name else place}{commodity}"
