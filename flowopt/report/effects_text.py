"""Text of the effects of a plan: the first screen, or every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from flowopt.network.network import Network
from flowopt.report.marginal_text import print_binding, print_next
from flowopt.report.organisation_text import print_changed_receipts
from flowopt.report.terminal import plain, print_changes, print_shifts
from flowopt.report.units import Units
from flowopt.results.solution import Solution

if TYPE_CHECKING:  # most commands do not need it
    from flowopt.results.evaluation import Evaluation

_FEW = 3  # measures that come next, unless all is printed
_REST = ("what holds the trafficker back", "every change", "who earns")


def print_effects(
    console: Console,
    network: Network,
    result: Solution | Evaluation,
    units: Units,
    *,
    full: bool,
    left_out: tuple[str, ...] = (),
) -> None:
    """Print the shifts of a plan and the measures that come next.

    Parameters
    ----------
    console, network, result, units
        Where it is printed, and the plan on its network.
    full
        Print every table; else the largest shifts and the first measures that come next.
    left_out
        Names of what the caller leaves out as well, unless all is printed.
    """
    if full:
        _print_tables(console, network, result, units)
        return
    print_shifts(console, network, result, units)
    print_next(console, result, units, most=_FEW)
    console.print()
    console.print(plain(f"--full prints the rest: {', '.join((*left_out, *_REST))}."))


def _print_tables(
    console: Console, network: Network, result: Solution | Evaluation, units: Units
) -> None:
    """Print every table on what a plan does and what could follow."""
    print_next(console, result, units)
    if result.after is not None:
        print_binding(console, network, result.after, units)
    print_changes(console, network, result, units)
    print_changed_receipts(console, result, units)
