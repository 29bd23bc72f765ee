"""Terminal output of the best schedules for many budgets."""

from __future__ import annotations

from flowopt.network.network import Network
from flowopt.report.luck_over_time_text import MEANS
from flowopt.report.over_time_text import print_heading_over_time, print_lines
from flowopt.report.terminal import new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.schedule_frontier import ScheduleFrontier


def schedule_frontier_report(network: Network, result: ScheduleFrontier) -> None:
    """Print each budget with its best schedule, as what it swaps against the one before."""
    console, units = new_console(), Units(network, result.objective)
    print_heading_over_time(console, network)
    console.print(
        plain(
            f"Without measures {units.quantity} {units.come} to {result.baseline:,.1f} "
            f"{units.unit} over {result.years:g} years."
        )
    )
    if result.under_luck:
        console.print(plain(MEANS))
    spent = f"{units.money} in all"
    table = new_table(["budget", spent, units.unit, "cut", "gap", "plan"])
    before: list[str] = []
    for row in result.frontier:
        if row.value is None or row.cut is None:
            table.add_row(f"{row.budget:g}", "", "", "", "", plain(row.status))
            continue
        now = row.measures.split(";") if row.measures else []
        changes = [f"-{each}" for each in before if each not in now]
        changes += [f"+{each}" for each in now if each not in before]
        before = now
        table.add_row(
            f"{row.budget:g}",
            f"{row.spent:,.1f}",
            f"{row.value:,.2f}",
            f"{row.cut:,.2f}",
            f"{row.gap:.3%}",
            plain(" ".join(changes) or "as before"),
        )
    note = (
        f"budget: {units.money} a year; the plan: what is in force beside, or no longer, the row "
        "above"
    )
    print_table(console, f"The best schedules over {result.years:g} years", table, note)
    print_lines(console, "Warnings", result.warnings)
