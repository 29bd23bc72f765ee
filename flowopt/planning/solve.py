"""The best plan for a budget: search, proof, check, tie-break, and what each measure is worth."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.activities import ActivityModel
from flowopt.model.build import build_in_time
from flowopt.model.interdiction import PlanConstraints
from flowopt.model.objectives import Objective, Ties
from flowopt.model.solver import OnProgress, SolverOptions, solver_threads
from flowopt.network.network import Network
from flowopt.planning.conflict_target import ConflictSearch
from flowopt.planning.conflicts import Conditions, Conflict
from flowopt.planning.marginal_values import marginal_values_of, proof_of
from flowopt.planning.plan_constraints import check_options, check_request, plan_limits, plan_totals
from flowopt.planning.recorded_options import on_record
from flowopt.planning.respond import check_time_limit
from flowopt.planning.result_warnings import network_warnings, out_of_scale
from flowopt.planning.solve_responses import first_response, plan_response, untidy_warning
from flowopt.planning.solve_run import Found, SolveRun
from flowopt.planning.target_run import TargetRun, Unreachable
from flowopt.results.numbers import relative_gap, rounded
from flowopt.results.plan_result import Seconds, SolverRun
from flowopt.results.proof import Proof
from flowopt.results.rows import Alternative, NextMeasure, PlanRow, Rows
from flowopt.results.solution import Solution

PROVED = 20  # alternatives whose values the certificate proves; more would swell it


def solve(
    network: Network,
    *,
    budget: float | None = None,
    target: float | None = None,
    resources: Mapping[str, float] | None = None,
    objective: Objective = "flow",
    ties: Ties = "pessimistic",
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    solver: str = "highs",
    alternatives: int = 1,
    within: float | None = None,
    time_limit: float | None = None,
    gap: float = 1e-4,
    threads: int = 2,
    on_progress: OnProgress | None = None,
    keep_on_interrupt: bool = False,
    seconds_reading: float = 0.0,
) -> Solution:
    """Find the measures that cut the most within a budget, and prove how good they are.

    Parameters
    ----------
    network
        A checked network.
    budget
        Most the plan may cost, M USD a year.
    target
        Ask the reverse: the cheapest plan that brings the objective to this or below, in the
        objective's unit; a budget is then only a limit.
    resources
        Limits of other resources by id; they count instead of those in the network.
    objective
        ``flow``: weighted tonnes delivered. ``profit``: the trafficker's profit, M USD a year.
        ``bilevel``: weighted tonnes delivered by a trafficker who maximises profit.
    ties
        For ``bilevel``: which of the equally profitable flows counts, the one worst for the planner
        (``pessimistic``) or the best (``optimistic``).
    include, exclude
        Measures that must, or may not, be in the plan.
    alternatives
        How many of the best plans to find; those that hold all of an earlier one are left out.
    within
        Leave out alternatives whose value is worse than the best by more than this share.
    solver
        ``highs``, ``scip``, ``race`` (both side by side on two cores; which of the plans within the
        gap is reported may then depend on which was faster), ``cbc`` or any name PuLP knows.
    time_limit
        Seconds for all of it, with those already spent on reading; None for no limit. At the
        limit the best plan so far is returned with its bound, and what there was no time for, such
        as what each measure is worth, is left out and named in `warnings`.
    gap
        Relative gap at which the plan counts as optimal.
    threads
        Threads of HiGHS. Another number may give another of the plans within the gap, the same
        number always the same; 1 is best where several solves run side by side.
    on_progress
        Called now and then, in the caller's thread, with a `Progress` in the objective's unit.
        What it raises stops the solver and is passed on: the way to stop a solve from outside.
    keep_on_interrupt
        Return the best plan so far on Ctrl-C instead of raising `KeyboardInterrupt`.
    seconds_reading
        Time already spent, on starting up and reading the network; it counts against the limit.

    Returns
    -------
    Solution
        With status ``infeasible`` and its reasons when no plan keeps the conditions. Among equal
        plans it is the cheapest, then the first in file order.

    Raises
    ------
    RequestError
        When an option is out of range or names something unknown.
    SolverError
        When the solver fails or its answer fails the check against the trafficker's programme.
    OutOfTime
        When the time limit is over before it is known what the trafficker does without measures.

    Examples
    --------
    >>> import flowopt
    >>> network = flowopt.read_network("networks/two-bridges")
    >>> solution = flowopt.solve(network, budget=4)
    >>> solution.status, solution.baseline, solution.value
    ('optimal', 10.0, 2.0)
    """
    clock = Clock(time_limit, time.perf_counter() - seconds_reading)
    include, exclude = tuple(include), tuple(exclude)
    check_time_limit(time_limit)
    model = build_in_time(network, clock)
    limits, stated = plan_limits(network, model, budget, resources, include, exclude)
    check_request(budget, target, alternatives)
    check_options(objective, ties, time_limit, gap, alternatives, within, threads=threads)
    options = SolverOptions(name=solver, gap=gap, threads=threads)
    kind = SolveRun if target is None else TargetRun
    run = kind(model, objective, limits, options, clock, on_progress, keep_on_interrupt, ties)
    baseline, reserve = first_response(network, run)
    run.clock = clock.before(reserve)
    conditions = Conditions(
        network, model, limits, given=resources or (), target=target, deadline=clock.deadline
    )
    conflict = conditions.conflict()
    found, reachable = (None, True) if conflict else _find(run, baseline.value, target)
    if target is not None and (conflict or not reachable):
        conflict = _with_target(conditions, run, baseline.value, conflict, keep_on_interrupt)
    reasons = () if conflict is None else (conditions.message(conflict),)
    more = run.alternatives(found, alternatives, within) if found and alternatives > 1 else []
    solved = time.perf_counter()
    plan = sorted(found.plan) if found else []
    after = plan_response(network, run, plan, baseline) if found else None
    spent, used = plan_totals(model, plan)
    value = after.value if after else None
    others, left_out = _proofs_of(network, run, more, clock)
    marginal = (
        None
        if value is None
        else marginal_values_of(
            network,
            run,
            frozenset(plan),
            value,
            exclude=limits.exclude,
            scale=baseline.value,
            clock=clock,
        )
    )
    return Solution(
        network=network.info.id,
        input_sha256=baseline.input_sha256,
        objective=objective,
        budget=None if budget is None else limits.budget,
        resources=stated,
        status=found.status if found else "infeasible" if reasons else "no_solution",
        baseline=baseline.value,
        value=value,
        bound=(
            None
            if found is None or value is None or target is not None
            else min(rounded(found.bound), value)
        ),
        spent=spent if found else None,
        used=used if found else {},
        plan=marginal.plan if marginal else Rows(PlanRow),
        measures=tuple(model.measures[i] for i in plan),
        before=baseline,
        after=after,
        solver=SolverRun(
            name=run.solver_name, version=run.solver_version, threads=solver_threads(options)
        ),
        seconds=Seconds(
            read=seconds_reading,
            build=run.build_seconds,
            solve=solved - clock.began - seconds_reading - run.build_seconds,
            total=clock.elapsed(),
        ),
        include=tuple(model.measures[i] for i in sorted(limits.include)),
        exclude=tuple(model.measures[i] for i in sorted(limits.exclude)),
        dropped={model.measures[i]: proof for i, proof in marginal.dropped.items()}
        if marginal
        else {},
        next=marginal.following.rows if marginal else Rows(NextMeasure),
        added=marginal.following.proofs if marginal else {},
        others=others,
        warnings=(
            *out_of_scale(network, budget, resources),
            *network_warnings(network, objective, baseline.profit),
            *untidy_warning(baseline, after),
            *left_out,
            *(marginal.warnings if marginal else ()),
        ),
        alternatives=_alternatives(
            model, more[: len(others)] if left_out else more, baseline.value
        ),
        interrupted=run.interrupted,
        limit=found.limit if found else None,
        reasons=reasons,
        target=None if target is None else float(target),
        cost_bound=found.cost_bound if found else None,
        ties=baseline.ties,
        options=on_record(
            budget=budget,
            target=target,
            resource=resources or {},
            objective=objective,
            ties=ties,
            include=include,
            exclude=exclude,
            alternatives=alternatives,
            within=within,
            solver=solver,
            time_limit=time_limit,
            gap=gap,
            threads=threads,
        ),
    )


def _find(run: SolveRun, baseline: float, target: float | None) -> tuple[Found | None, bool]:
    """Return the plan, if one was found in time, and whether there may be one."""
    try:
        if target is None or not isinstance(run, TargetRun):
            return run.run(baseline), True
        return run.reach(baseline, target), True
    except Unreachable:
        return None, False
    except OutOfTime:  # before even the measures that must be in were valued
        return None, True


def _with_target(
    conditions: Conditions,
    run: SolveRun,
    baseline: float,
    known: Conflict | None,
    keep_on_interrupt: bool,
) -> Conflict:
    """Return the smallest clash with a target, as far as what is left of the time allows."""

    def make_run(limits: PlanConstraints) -> TargetRun:
        return TargetRun(
            run.model,
            run.objective,
            limits,
            run.options,
            run.clock,
            None,
            keep_on_interrupt,
            run.ties,
        )

    search = ConflictSearch(conditions, make_run, run.value, baseline, run.clock)
    try:
        return search.smallest(known)
    except KeyboardInterrupt:
        if not keep_on_interrupt:
            raise
        run.interrupted = True
        return search.unfinished(known)


def _proofs_of(
    network: Network, run: SolveRun, found: list[Found], clock: Clock
) -> tuple[tuple[Proof, ...], tuple[str, ...]]:
    """Return the proofs of the first alternatives, and a warning where time was short of one.

    Alternatives from there on are left out.
    """
    proofs: list[Proof] = []
    with run.stoppable():
        for each in found[:PROVED]:
            if proofs and (clock.late() or run.interrupted):
                break
            proofs.append(proof_of(network, run, each.plan))
    missing = len(found) - len(proofs)
    if len(proofs) == min(PROVED, len(found)):
        return tuple(proofs), ()
    return tuple(proofs), (f"{missing} more alternatives were found, too late to be proved",)


def _alternatives(model: ActivityModel, found: list[Found], baseline: float) -> Rows[Alternative]:
    """Return the rows of the best plans."""
    return Rows(
        Alternative,
        (
            Alternative(
                rank=rank,
                value=rounded(each.value),
                bound=rounded(min(each.bound, each.value)),
                gap=relative_gap(rounded(each.value), rounded(each.bound), baseline),
                status=each.status,
                spent=plan_totals(model, sorted(each.plan))[0],
                plan=";".join(model.measures[i] for i in sorted(each.plan)),
            )
            for rank, each in enumerate(found, start=1)
        ),
    )
