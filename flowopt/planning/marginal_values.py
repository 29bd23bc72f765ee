"""Marginal values: the loss without each measure of a plan, and the gains of those left out.

Each is one more best response of the trafficker, warm started from the last one's basis.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.certificate import prove, settled
from flowopt.model.interdiction import closure, without
from flowopt.model.plan_effects import TRUSTED
from flowopt.model.search import Plan
from flowopt.network.network import Network
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.solve_run import SolveRun
from flowopt.results.numbers import EQUAL
from flowopt.results.proof import Proof
from flowopt.results.rows import NextMeasure, PlanRow, Rows

MAX_LISTED = 10  # next measures with their proofs; more would swell the certificate
TOO_LATE = "not all of the measures that come next were looked at"
NO_WORTH = "what {} of the plan's {} measures are worth was not looked at"
_SEARCH_SHARE = 0.5  # of the time for the search for them; the rest is for their proofs

Prove = Callable[[Plan], Proof]


@dataclass(frozen=True, slots=True)
class NextMeasures:
    """Measures that come next, with the proof of each value, best first."""

    rows: Rows[NextMeasure]
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MarginalValues:
    """Marginal values of the measures of a plan, and of those that come next.

    Attributes
    ----------
    plan : Rows of PlanRow
        The plan, the largest loss first; measures whose loss is not known come last.
    dropped : mapping
        By measure index, proof of the best response without it.
    following : NextMeasures
        The measures that come next.
    warnings : tuple of str
        One for each part left out.
    """

    plan: Rows[PlanRow]
    dropped: Mapping[int, Proof]
    following: NextMeasures
    warnings: tuple[str, ...]


NO_VALUES = MarginalValues(Rows(PlanRow), {}, NextMeasures(Rows(NextMeasure)), ())


def marginal_values_of(
    run: SolveRun, plan: Plan, value: float, *, scale: float, clock: Clock
) -> MarginalValues:
    """Return the marginal values of a plan, and of the measures that come next.

    Parameters
    ----------
    run
        The solve whose trafficker values plans.
    plan, value
        The plan, and the objective under it.
    scale
        The objective without measures: what "nothing" is relative to.
    clock
        The time for it. Parts beyond it, or beyond an interrupt by the user, are left out with a
        warning.
    """
    dropped: dict[int, Proof] = {}
    following: NextMeasures | None = None
    with run.stoppable():
        for i in sorted(plan):
            if not (clock.late() or run.interrupted):
                # The measures that require it are dropped with it.
                dropped[i] = proof_of(run, without(run.model, plan, i))
    with run.stoppable():
        if not run.interrupted:
            following = next_measures(
                run.problem,
                plan,
                value,
                scale=scale,
                trafficker=run.trafficker,
                prove=partial(proof_of, run),
                clock=clock,
            )
    warnings = [TOO_LATE] if following is None else [*following.warnings]
    if len(dropped) < len(plan):
        warnings.insert(0, NO_WORTH.format(len(plan) - len(dropped), len(plan)))
    cause = "you stopped it, so " if run.interrupted else "the time limit came first: "
    return MarginalValues(
        ranked_plan(run.problem.network, plan, dropped, value, monotone=run.programme.monotone),
        dropped,
        following or NextMeasures(Rows(NextMeasure)),
        tuple(cause + each for each in warnings),
    )


def proof_of(run: SolveRun, plan: Iterable[int]) -> Proof:
    """Return the proof of the best response to a plan."""
    chosen = sorted(plan)
    network, model, objective = run.problem.network, run.model, run.problem.request.objective
    response = settled(model, objective, chosen, run.trafficker.respond(chosen, tidy=False))
    return prove(network, model, chosen, response)


def ranked_plan(
    network: Network, plan: Plan, dropped: Mapping[int, Proof], value: float, *, monotone: bool
) -> Rows[PlanRow]:
    """Return the plan's rows, the largest loss first.

    In a monotone programme, a loss below 0 is the solver's rounding. Measures whose loss is not
    known come last, in file order.
    """
    least = 0.0 if monotone else -math.inf
    lost = {i: max(least, proof.value - value) for i, proof in dropped.items()}
    order = sorted(plan, key=lambda i: (-round(lost[i], 9) if i in lost else math.inf, i))
    rows = []
    for rank, i in enumerate(order, start=1):
        row = network.measures[i]
        rows.append(PlanRow(rank, row.measure, row.name, row.kind, row.cost, lost.get(i)))
    return Rows(PlanRow, rows)


def next_measures(
    problem: PlanProblem,
    plan: Plan,
    value: float,
    *,
    scale: float,
    trafficker: BestResponseSolver,
    prove: Prove,
    clock: Clock,
) -> NextMeasures:
    """Return the measures left out that would add most, one at a time, on top of a plan.

    Each comes with what it requires. Money and other resources do not count here, rules do, and
    so does what the request excludes. Measures work together: what two of them add is not the sum.

    Parameters
    ----------
    problem
        The network, its activities, and the measures that may not be bought.
    plan, value, scale
        As in `marginal_values_of`.
    trafficker
        Solver of best responses.
    prove
        Returns the proof of a plan's value.
    clock
        The time for it. At its end the measures that certainly come next, and are proved, are
        returned, with a warning that others may follow.
    """
    model, search_clock = problem.model, clock.part(_SEARCH_SHARE)
    gains, certain, warnings = _gains(problem, plan, value, scale, trafficker, search_clock)
    best = sorted(gains, key=lambda m: (-round(gains[m], 9), m))[:MAX_LISTED]
    best = [m for m in best if gains[m] >= certain]
    proofs: dict[int, Proof] = {}
    with suppress(OutOfTime):
        for m in best:
            if clock.late():
                break
            proofs[m] = prove(plan | closure(model, [m]))
    if len(proofs) < len(best):
        warnings = (TOO_LATE,)
        best = [m for m in best if m in proofs]
    adds = {m: value - proofs[m].value for m in best}
    best.sort(key=lambda m: (-round(adds[m], 9), m))
    rows = []
    for rank, m in enumerate(best, start=1):
        row, added = problem.network.measures[m], closure(model, [m]) - plan
        cost = float(model.measure_cost[sorted(added)].sum())
        per_million = adds[m] / cost if cost > 0.0 else None
        rows.append(NextMeasure(rank, row.measure, row.name, row.kind, cost, adds[m], per_million))
    proofs_by_id = {model.measures[m]: proofs[m] for m in best}
    return NextMeasures(Rows(NextMeasure, rows), proofs_by_id, warnings)


def _gains(
    problem: PlanProblem,
    plan: Plan,
    value: float,
    scale: float,
    trafficker: BestResponseSolver,
    clock: Clock,
) -> tuple[dict[int, float], float, tuple[str, ...]]:
    """Return the gains of measures on top of a plan, and the gain above which none is missing.

    Measures are tried by falling bound, until no other can come before the last listed. Each
    response bounds what the others gain, too: the trafficker can do as under the plan with the
    measure that was tried, but for what another one hits of it.
    """
    model, exclude = problem.model, problem.constraints.exclude
    try:
        trafficker.remember(plan)
    except OutOfTime:
        return {}, math.inf, (TOO_LATE,)
    most, unbounded = trafficker.most_lost(), [a for a, b in model.requires if b not in plan]
    most[unbounded] = np.inf
    queue = [
        (-float(most[m]), m)
        for m in range(len(most))
        if m not in plan and _possible(model, plan, m, exclude)
    ]
    heapq.heapify(queue)
    gains: dict[int, float] = {}
    listed: list[float] = []  # the best gains so far, ascending
    while queue:
        known, measure = heapq.heappop(queue)
        if most[measure] < -known:  # its bound has fallen since
            heapq.heappush(queue, (-float(most[measure]), measure))
            continue
        threshold = listed[0] if len(listed) == MAX_LISTED else EQUAL * scale
        # Gains are compared with nine digits, and equal ones in file order.
        if most[measure] < threshold - TRUSTED * scale:
            break
        try:
            if clock.late():
                raise OutOfTime
            left, losses = trafficker.value_and_losses(plan | closure(model, [measure]))
        except OutOfTime:
            return gains, float(most[measure]), (TOO_LATE,)
        gain = value - left
        losses[unbounded] = np.inf
        most = np.minimum(most, gain + losses)
        if gain > EQUAL * scale:
            gains[measure] = gain
            listed = sorted([*listed, gain])[-MAX_LISTED:]
    return gains, 0.0, ()


def _possible(model: ActivityModel, plan: Plan, measure: int, exclude: Plan) -> bool:
    """Return whether a measure, with what it requires, may join a plan."""
    bought = closure(model, [measure]) - plan
    both = plan | bought
    return not bought & exclude and not any(
        a in both and b in both and (a in bought or b in bought) for a, b in model.excludes
    )
