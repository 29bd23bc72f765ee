"""Text of the best plans: swaps against the first one, and how many are as good as equal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from flowopt.network.network import Network
from flowopt.report.plan_words import MeasureNames
from flowopt.report.terminal import new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.luck_rows import LuckAlternative
from flowopt.results.rows import Alternative

_EQUAL_SHARE = 0.001  # of the best value: plans within it are a free choice


def print_alternatives(
    console: Console,
    network: Network,
    rows: Sequence[Alternative] | Sequence[LuckAlternative],
    units: Units,
    *,
    aimed: bool = False,
) -> None:
    """Print the best plans; `aimed` ones are compared by their costs."""
    names = MeasureNames(network)
    unit = units.money if aimed else units.unit
    first, *others = rows
    best = first.measures.split(";") if first.measures else []
    table = new_table(["", units.unit, "gap", units.money, f"{unit} more", "plan"])
    near = 1
    for row in rows:
        more, amount = (
            (row.spent - first.spent, first.spent)
            if aimed
            else (row.value - first.value, first.value)
        )
        near += row is not first and more <= _EQUAL_SHARE * abs(amount)
        plan = row.measures.split(";") if row.measures else []
        swap = "the plan above" if row is first else names.swap(plan, best)
        numbers = (f"{row.rank_gap:.3%}", f"{row.spent:,.2f}", f"{more:+,.2f}")
        table.add_row(str(row.rank), _amount(row), *numbers, plain(swap))
    note = (
        f"{near} plans lie within {_EQUAL_SHARE:.1%} of the best: the choice between them is free."
        if others and near > 1
        else ""
    )
    print_table(console, "The best plans (none holds all of an earlier one)", table, note)


def _amount(row: Alternative | LuckAlternative) -> str:
    """Return what is left under a plan, with the interval of an estimate."""
    width = row.half_width if isinstance(row, LuckAlternative) else 0.0
    return f"{row.value:,.2f}" + (f" ± {width:,.2f}" if width else "")
