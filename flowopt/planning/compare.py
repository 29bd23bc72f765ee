"""The frontier: the best plan for each of many budgets, each warm starting others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Required, TypedDict, Unpack, overload

from flowopt.clock import Clock
from flowopt.criteria import TAIL, CriterionName
from flowopt.defaults import GAP, OBJECTIVE, SOLVER, TIE_RULE
from flowopt.errors import OutOfTime
from flowopt.keywords import naming_keywords
from flowopt.network.market_parts import one_part
from flowopt.network.periods import insist_on_one_year
from flowopt.network.read import NetworkOrPath, networks_of
from flowopt.objectives import Objective, Ties
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.recorded_options import on_record
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest
from flowopt.planning.side_by_side import side_by_side
from flowopt.planning.sweep.budgets import parse_budgets
from flowopt.planning.sweep.criterion_rows import with_bounds
from flowopt.planning.sweep.frontiers_under_luck import frontiers_under_luck
from flowopt.planning.sweep.lucky_plans import plans_under_luck
from flowopt.planning.sweep.plan_pool import completed_pools
from flowopt.planning.sweep.pooled_frontier import frontier_of
from flowopt.planning.sweep.progress import SweepProgress
from flowopt.planning.sweep.row import RowResult
from flowopt.planning.sweep.shared_model import forget_models
from flowopt.planning.sweep.sweep_request import SweepRequest
from flowopt.planning.sweep.sweep_run import SweepRun, remove_if_empty
from flowopt.results.folder_result import of_networks
from flowopt.results.frontier import Frontier
from flowopt.results.luck_plans import LuckPlans
from flowopt.results.scenario_plans import ScenarioPlans
from flowopt.results.several_frontiers import SeveralFrontiers


class CompareKeywords(TypedDict, total=False):
    """Options of `compare` with a criterion and without one."""

    budgets: Required[str | float | Iterable[float | str]]
    objectives: Objective | Iterable[Objective]
    of: str | None
    ties: Ties
    resources: Mapping[str, float] | None
    include: Iterable[str]
    exclude: Iterable[str]
    solver: str
    time_limit: float | None
    gap: float
    workers: int
    cluster: str | None
    keep: Path | str | None
    resume: bool
    restart: bool
    keep_on_interrupt: bool
    watch: SweepProgress | None
    on_message: Callable[[str], None] | None
    seconds_reading: float


@overload
def compare(
    networks: NetworkOrPath | Iterable[NetworkOrPath],
    *,
    criterion: None = None,
    **options: Unpack[CompareKeywords],
) -> Frontier: ...


@overload
def compare(
    networks: NetworkOrPath | Iterable[NetworkOrPath],
    *,
    criterion: CriterionName,
    tail: float = TAIL,
    **options: Unpack[CompareKeywords],
) -> ScenarioPlans: ...


@naming_keywords
def compare(
    networks: NetworkOrPath | Iterable[NetworkOrPath],
    *,
    budgets: str | float | Iterable[float | str],
    of: str | None = None,
    objectives: Objective | Iterable[Objective] = (OBJECTIVE,),
    criterion: CriterionName | None = None,
    tail: float = TAIL,
    ties: Ties = TIE_RULE,
    resources: Mapping[str, float] | None = None,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    solver: str = SOLVER,
    time_limit: float | None = None,
    gap: float = GAP,
    workers: int = 1,
    cluster: str | None = None,
    keep: Path | str | None = None,
    resume: bool = False,
    restart: bool = False,
    keep_on_interrupt: bool = False,
    watch: SweepProgress | None = None,
    on_message: Callable[[str], None] | None = None,
    seconds_reading: float = 0.0,
) -> Frontier | ScenarioPlans | LuckPlans | SeveralFrontiers:
    """Find the best plan for each of many budgets, and prove how good each is.

    Parameters
    ----------
    networks
        One or several checked networks with ids of their own, or paths of them.
    budgets
        Numbers, or texts such as ``0:100:5`` and ``0,5,12.5``, M USD a year; or ``all`` for every
        budget at which the best plan changes.
    of
        Count the deliveries of a part of the markets only, as in `solve`; every network has it.
    objectives
        One or several of those of `solve`.
    criterion, tail
        One plan for all scenarios of the network at each budget, the best by this criterion, as in
        `solve`; of one network, one objective and given budgets. By default networks are taken as
        they stand.
    ties
        How ``bilevel`` settles ties, as in `solve`.
    resources, include, exclude, solver, gap
        As in `solve`, for every row.
    time_limit
        Seconds for each row, with its part of what goes before the rows and of what is made of
        them; with ``all``, for the whole comparison. None for no limit.
    workers
        Processes that solve rows side by side. With more than one, a script of yours needs the
        usual ``if __name__ == "__main__":``, because they are spawned.
    cluster
        Address of a Dask scheduler, ``tcp://host:8786``, whose workers solve the rows instead.
    keep
        A folder for finished rows, for the day the comparison is stopped; none by default. It is
        yours to delete once the result is in safety.
    resume
        Go on with the rows in `keep`, if there are any.
    restart
        Delete the rows in `keep`, if there are any.
    keep_on_interrupt
        Return the rows finished so far on Ctrl-C instead of raising `KeyboardInterrupt`.
    watch
        Progress of the rows, updated while they are solved.
    on_message
        Called with a line for a kept row that is damaged and computed again, and for a cluster
        without workers.
    seconds_reading
        Time already spent, on starting up and reading the networks. With ``all`` it counts against
        the limit; else no row has a chance where it took longer than a row may for each network.

    Returns
    -------
    Frontier or ScenarioPlans or LuckPlans or SeveralFrontiers
        The second with a criterion, the third where measures of the network may fail, the last
        where those of one of several networks may, or several objectives are counted there. The
        same for any number of workers, unless a time limit cut a row short.

    Raises
    ------
    RequestError
        When an option is out of range, names something unknown, or `keep` holds the rows of
        another question.
    SolverError
        When a solver or a worker fails; finished rows are kept.
    OutOfTime
        When reading the networks took so long that no row has a chance, or a cluster has no
        workers for as long as the time limit of a row.

    Examples
    --------
    >>> import flowopt
    >>> network = flowopt.read_network("networks/two-bridges")
    >>> frontier = flowopt.compare(network, budgets="0:5:1")
    >>> [row.value for row in frontier.frontier]
    [10.0, 9.0, 7.0, 7.0, 2.0, 2.0]
    """
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    loaded = networks_of(networks)
    for network in loaded if criterion is None else ():
        insist_on_one_year(network, over_time="compare_over_time")
    request = PlanRequest(
        budget=0.0,
        of=None if of is None else one_part(loaded, of),
        resources=dict(resources or {}),
        ties=ties,
        include=tuple(include),
        exclude=tuple(exclude),
    )
    counted: list[Objective] = [objectives] if isinstance(objectives, str) else [*objectives]
    sweep = SweepRequest(
        networks=loaded,
        requests=tuple(replace(request, objective=each) for each in counted),
        budgets=parse_budgets(budgets),
        options=RunOptions(solver=solver, time_limit=time_limit, gap=gap, threads=1),
        clock=clock,
        wanted=None if criterion is None else CriterionRequest(criterion, tail),
    )
    sweep.check(workers)
    swept = SweepRun(
        workers=workers,
        cluster=cluster,
        keep=keep,
        resume=resume,
        restart=restart,
        keep_on_interrupt=keep_on_interrupt,
        watch=watch,
        on_message=on_message,
    ).solve(sweep)
    sources, interrupted = swept.sources, swept.interrupted
    text = budgets if isinstance(budgets, str) else ",".join(map(str, sweep.budgets))
    if sweep.lucky and len(sources) > 1:
        return frontiers_under_luck(sweep, swept, text)
    if sweep.lucky:
        forget_models()
        return plans_under_luck(sweep, sources[0], text, interrupted=interrupted)
    if sweep.wanted is not None:
        forget_models()
        return _plans(sweep, sources[0].results(), text, interrupted=interrupted)
    last = time.perf_counter() if interrupted else sweep.tables_deadline(swept.width)
    try:
        pools = completed_pools(sources, deadline=last)
        return of_networks(frontier_of(sweep, pools, text, interrupted=interrupted), *loaded)
    except OutOfTime:  # no row has a plan
        remove_if_empty(swept.store)
        raise
    finally:
        forget_models()


def _plans(
    sweep: SweepRequest, rows: Sequence[RowResult], budgets: str, *, interrupted: bool
) -> ScenarioPlans:
    """Return the plans of rows over scenarios.

    Raises
    ------
    OutOfTime
        When there was no time for any row.
    """
    solved = [row.scenarios for row in rows if row.scenarios is not None]
    if not solved:
        raise OutOfTime("the time limit came before any row was solved")
    late = tuple(
        f"the time limit came before anything was known at budget {row.budget:.10g}"
        for row in rows
        if row.scenarios is None
    )
    # Each row has a budget of its own, and workers have one thread each.
    asked = {n: v for n, v in solved[0].options.items() if n not in ("budget", "threads")}
    return side_by_side(
        sweep.networks[0],
        with_bounds(solved, sweep.options.gap),
        by="budget",
        options={**on_record(budgets=budgets), **asked},
        seconds=sweep.clock.elapsed(),
        interrupted=interrupted,
        left_out=late,
    )
