"""Text of a stress: what the sample shows, the plans, and what hangs on each group alone."""

from __future__ import annotations

from flowopt.network.network import Network
from flowopt.report.scenario_text import print_heading
from flowopt.report.stress_words import PLAN_HEADERS, plan_cells, sentences
from flowopt.report.terminal import new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.stress import Stress

_SHOWN = 10  # groups
_TELLING = 0.05  # in the unit: what moves the cut by less is not listed


def stress_report(network: Network, stress: Stress) -> None:
    """Print what the sample shows, how the plans compare, and the groups that matter alone."""
    console, units = new_console(), Units(network, stress.objective)
    print_heading(console, network)
    for sentence in sentences(network, stress):
        console.print(plain(sentence))
    table = new_table(PLAN_HEADERS)
    for row in stress.plans:
        name, *cells = plan_cells(row, stress.baseline)
        table.add_row(plain(name), *cells)
    note = "regret: what the best of these plans cuts more, in the worst draw"
    print_table(console, f"Cut over the draws, {units.unit} a year", table, note)
    wide = [
        row
        for row in stress.drivers
        if row.cut_low is not None
        and row.cut_high is not None
        and (abs(row.cut_high - row.cut_low) >= _TELLING or row.rival)
    ]
    if not wide:
        return
    table = new_table(["name", "at low", "at high", "flip below", "flip above", "better there"])
    for driver in wide[:_SHOWN]:
        ends = (f"{driver.cut_low:,.1f}", f"{driver.cut_high:,.1f}")
        flips = (
            "" if flip is None else f"x {flip:.2f}" for flip in (driver.flip_low, driver.flip_high)
        )
        table.add_row(plain(driver.group), *ends, *flips, plain(driver.rival))
    rest = len(wide) - len(table.rows)
    note = f"and {rest} more in drivers.csv" if rest > 0 else ""
    print_table(console, "The plan's cut with one group at its low or high end", table, note)
