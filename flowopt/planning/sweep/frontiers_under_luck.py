"""Frontiers of several networks or objectives as one result, where measures of some may fail."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import groupby

from flowopt.errors import FlowoptError, OutOfTime, RequestError
from flowopt.planning.sweep.lucky_plans import plans_under_luck
from flowopt.planning.sweep.lucky_row import LuckyRowRequest
from flowopt.planning.sweep.plan_pool import completed_pools
from flowopt.planning.sweep.pooled_frontier import frontier_of, options_of
from flowopt.planning.sweep.row_sources import RowSource
from flowopt.planning.sweep.shared_model import forget_models
from flowopt.planning.sweep.sweep_request import SweepRequest
from flowopt.planning.sweep.sweep_run import SolvedRows, remove_if_empty
from flowopt.results.folder_result import of_networks
from flowopt.results.frontier import Frontier
from flowopt.results.luck_plans import LuckPlans
from flowopt.results.several_frontiers import SeveralFrontiers


def frontiers_under_luck(sweep: SweepRequest, swept: SolvedRows, budgets: str) -> SeveralFrontiers:
    """Return each frontier as comparing its network by itself makes it.

    Parameters
    ----------
    sweep, swept
        The comparison and its rows.
    budgets
        As they were asked for.

    Raises
    ------
    RequestError
        When no plan keeps the conditions for any budget of any network.
    OutOfTime
        When there was no time for any row.
    """
    found: list[Frontier | LuckPlans] = []
    failed: list[tuple[str, FlowoptError]] = []
    last = None if swept.interrupted else sweep.tables_deadline(swept.width)
    parts = _parts(swept.sources)
    try:
        for place, part in enumerate(parts):
            until = time.perf_counter() if swept.interrupted else _share(last, len(parts) - place)
            try:
                found.append(_frontier(sweep, part, budgets, until, interrupted=swept.interrupted))
            except (OutOfTime, RequestError) as error:  # of this network: the others have plans
                failed.append((_about(part), error))
    finally:
        forget_models()
    if not found:
        remove_if_empty(swept.store)
        raise _of_all(failed)
    several = SeveralFrontiers(
        frontiers=tuple(found),
        options=options_of(sweep, budgets),
        seconds=sweep.clock.elapsed(),
        interrupted=swept.interrupted,
        left_out=tuple(f"{about}: {line}" for about, e in failed for line in str(e).splitlines()),
    )
    return of_networks(several, *sweep.networks)


def _parts(sources: Sequence[RowSource]) -> list[list[RowSource]]:
    """Return the sources of each frontier: where measures may fail, one; else all of a network."""
    return [
        part
        for _, group in groupby(sources, key=lambda source: source.first.network.info.id)
        for part in _of_network([*group])
    ]


def _of_network(sources: list[RowSource]) -> list[list[RowSource]]:
    if isinstance(sources[0].first, LuckyRowRequest):
        return [[source] for source in sources]
    return [sources]


def _frontier(
    sweep: SweepRequest,
    part: Sequence[RowSource],
    budgets: str,
    deadline: float | None,
    *,
    interrupted: bool,
) -> Frontier | LuckPlans:
    """Return the frontier of some sources."""
    first = part[0]
    if interrupted and not any(source.results() for source in part):
        raise OutOfTime("stopped before any row was solved")
    if isinstance(first.first, LuckyRowRequest):
        return plans_under_luck(sweep, first, budgets, interrupted=interrupted)
    pools = completed_pools(part, deadline=deadline)
    frontier = frontier_of(sweep, pools, budgets, interrupted=interrupted)
    return of_networks(frontier, first.first.network)


def _about(part: Sequence[RowSource]) -> str:
    first = part[0].first
    lucky = isinstance(first, LuckyRowRequest)
    return f"{first.network.info.id}, {first.objective}" if lucky else first.network.info.id


def _share(last: float | None, parts: int) -> float | None:
    """Return the end of the time of the first of some parts."""
    if last is None:
        return None
    now = time.perf_counter()
    return now + max(0.0, last - now) / parts


def _of_all(failed: Sequence[tuple[str, FlowoptError]]) -> FlowoptError:
    """Return the error of a comparison without any frontier: only a proof rules all out."""
    text = "\n".join(f"{about}: {line}" for about, e in failed for line in str(e).splitlines())
    proved = all(isinstance(error, RequestError) for _, error in failed)
    return RequestError(text) if proved else OutOfTime(text)
