"""Plans of rows where measures may fail, as one result."""

from __future__ import annotations

from collections.abc import Sequence

from flowopt.errors import OutOfTime, RequestError
from flowopt.planning.recorded_options import on_record
from flowopt.planning.side_by_side import means_side_by_side
from flowopt.planning.sweep.budgets import ALL
from flowopt.planning.sweep.criterion_rows import with_bounds
from flowopt.planning.sweep.lucky_steps import LuckyStepSource, steps_of
from flowopt.planning.sweep.row import RowResult
from flowopt.planning.sweep.row_sources import RowSource
from flowopt.planning.sweep.sweep_request import SweepRequest
from flowopt.results.luck_plans import LuckPlans

_REASONS = {
    "infeasible": "no plan keeps the conditions for a budget of",
    "no_solution": "the time limit came before anything was known at budget",
}


def plans_under_luck(
    sweep: SweepRequest, source: RowSource, budgets: str, *, interrupted: bool
) -> LuckPlans:
    """Return the plans of rows in the mean over what works.

    Parameters
    ----------
    sweep, source
        The comparison, and the source of its rows.
    budgets
        As they were asked for.
    interrupted
        Whether the user stopped it.

    Raises
    ------
    RequestError
        When no plan keeps the conditions for any budget.
    OutOfTime
        When there was no time for any row.
    """
    rows, gap = source.results(), sweep.options.gap
    left_out = _left_out(rows)
    beyond: tuple[float, ...] = ()
    complete: bool | None = None
    if isinstance(source, LuckyStepSource):
        steps = steps_of(source, rows, sweep.options)
        solved, beyond, complete = steps.solutions, steps.beyond, steps.complete
    else:
        solved = with_bounds([row.luck for row in rows if row.luck is not None], gap)
    asked = {n: v for n, v in solved[0].options.items() if n not in ("budget", "threads")}
    return means_side_by_side(
        source.first.network,
        solved,
        by="budget",
        options={**on_record(budgets=ALL if complete is not None else budgets), **asked},
        seconds=sweep.clock.elapsed(),
        interrupted=interrupted,
        left_out=left_out,
        beyond=beyond,
        complete=complete,
    )


def _left_out(rows: Sequence[RowResult]) -> tuple[str, ...]:
    """Return which rows have no plan, and why, where some have one."""
    left_out = tuple(f"{_REASONS[r.status]} {r.budget:.10g}" for r in rows if r.luck is None)
    if len(left_out) < len(rows):
        return left_out
    if any(row.status == "infeasible" for row in rows):
        raise RequestError("\n".join(left_out))
    raise OutOfTime("the time limit came before any row was solved")
