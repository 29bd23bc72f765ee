"""Text of frontiers side by side, where measures of a network may fail."""

from __future__ import annotations

from collections.abc import Sequence

from flowopt.network.network import Network
from flowopt.report.frontier_text import frontier_report
from flowopt.report.luck_plans_text import luck_budgets_report
from flowopt.report.luck_text import worth_within
from flowopt.report.terminal import new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.frontier import Frontier
from flowopt.results.several_frontiers import SeveralFrontiers, SeveralFrontiersRow

_DRAWN = "± is the interval of an estimate, 95 of 100."
_OPEN = "? marks plans that are not proved to be the best."


def several_frontiers_report(networks: Sequence[Network], found: SeveralFrontiers) -> None:
    """Print every frontier, and what each budget leaves side by side."""
    by_id, console = {network.info.id: network for network in networks}, new_console()
    several = len({row.objective for row in found.rows}) > 1
    for number, each in enumerate(found.frontiers):
        if number:
            console.print()
        if isinstance(each, Frontier):
            frontier_report([by_id[each.sweeps[0].network]], each)
        else:
            luck_budgets_report(by_id[each.network], each, several=several)
    if found.options.get("budgets") != "all":
        _print_side_by_side(by_id, found)
    for warning in found.left_out:
        console.print(plain(f"warning: {warning}"), soft_wrap=True)


def _print_side_by_side(networks: dict[str, Network], found: SeveralFrontiers) -> None:
    """Print a line for each budget, with a column for each network and objective."""
    cells: dict[tuple[str, str], dict[float, SeveralFrontiersRow]] = {}
    for row in found.rows:
        cells.setdefault((row.network, row.objective), {})[row.budget] = row
    objectives = {objective for _, objective in cells}
    headers = ["budget"]
    of = found.options.get("of")
    for network, objective in cells:
        unit = Units(networks[network], objective, of if isinstance(of, str) else None).unit
        headers.append(f"{network}, {f'{objective}, ' * (len(objectives) > 1)}{unit}")
    table = new_table(headers)
    for budget in sorted({budget for rows in cells.values() for budget in rows}):
        table.add_row(f"{budget:,.10g}", *(_left(rows.get(budget)) for rows in cells.values()))
    notes = [_DRAWN] * any(row.status == "estimated" for row in found.rows)
    notes += [_OPEN] * any(_open(row) for row in found.rows)
    title = "Side by side, what is left by budget; where measures may fail, in the mean"
    print_table(new_console(), title, table, " ".join(notes))


def _left(row: SeveralFrontiersRow | None) -> str:
    if row is None or row.value is None:
        return "no plan"
    return worth_within(row.value, (row.high or 0.0) - row.value) + "?" * _open(row)


def _open(row: SeveralFrontiersRow) -> bool:
    return row.value is not None and row.status != "optimal"
