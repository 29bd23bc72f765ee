"""Text of the earnings of organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from flowopt.report.terminal import new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.response import Response
from flowopt.results.solution import Solution

if TYPE_CHECKING:  # most commands do not need it
    from flowopt.results.evaluation import Evaluation

_SMALL = 0.005  # M USD/yr: smaller changes are not shown
_TITLE = "Who earns, {} a year"
_GROSS = "receipts before what each of them pays, so they don't add up"


def print_receipts(console: Console, response: Response, units: Units) -> None:
    """Print the earnings of each organisation, if the network has any."""
    if not response.organisations:
        return
    table = new_table(["organisation", units.money])
    for row in response.organisations:
        table.add_row(plain(row.organisation), f"{row.earned:,.2f}")
    print_table(console, _TITLE.format(units.money), table, _GROSS)


def print_changed_receipts(console: Console, result: Solution | Evaluation, units: Units) -> None:
    """Print the earnings of each organisation before and after a plan, if there are any."""
    if not result.organisations:
        return
    table = new_table(["organisation", "before", "after", "change", "share"])
    for row in result.organisations:
        moved = abs(row.earned_change) >= _SMALL
        share = (
            ""
            if row.earned_change_share is None or not moved
            else f"{row.earned_change_share:+.1%}"
        )
        change = f"{row.earned_change:+,.2f}" if moved else "-"
        name = plain(row.organisation)
        table.add_row(name, f"{row.earned_before:,.2f}", f"{row.earned_after:,.2f}", change, share)
    print_table(console, _TITLE.format(units.money), table, _GROSS)
