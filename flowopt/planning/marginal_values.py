"""Marginal values: the loss without each measure of a plan, and the gains of those left out.

Each is one more best response of the trafficker, warm started from the last one's basis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import OutOfTime
from flowopt.garbage import no_collection
from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.certificate import prove, settled
from flowopt.model.feasible_plans import closure, with_others, without
from flowopt.model.incumbent import Plan
from flowopt.model.plan_effects import TRUSTED
from flowopt.model.response_types import BestResponse
from flowopt.network.network import Network
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.solve_run import SolveRun
from flowopt.results.numbers import EQUAL
from flowopt.results.proof import Proof
from flowopt.results.rows import NextMeasure, PlanRow, Rows

MAX_LISTED = 10  # next measures with their proofs; more would swell the certificate
TOO_LATE = "not all of the measures that come next were looked at"
SOME_ONLY = (
    "what comes next are the best of the measures looked at: in so large a network looking at all "
    "of them takes long, and others may add more"
)
NO_WORTH = "what {} of the plan's {} measures are worth was not looked at"
_WORK = 10_000.0  # simplex iterations, and visits of the programme, that looking for them may take
_BLIND = 5.0  # times as much where nothing says which come first, and proofs take longer too
_MANY, _AGAIN = 12, 8  # measures left for which one response spreads; looks before the next one
_BELOW = 0.999  # of the least gain listed: what a response leaves to measures should be less
_SEARCH_SHARE = 0.5  # of the time for the search for them; the rest is for their proofs

Prove = Callable[[Plan, BestResponse | None], Proof]


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
    # What comes next is bounded by the tidy response to the plan, which was the last one.
    with run.stoppable(), run.trafficker.still_remembering():
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
        tuple(each if each == SOME_ONLY else cause + each for each in warnings),
    )


def proof_of(run: SolveRun, plan: Iterable[int], known: BestResponse | None = None) -> Proof:
    """Return the proof of the best response to a plan, which may be known."""
    return proof_by(run.trafficker, run.problem, plan, known)


def proof_by(
    trafficker: BestResponseSolver,
    problem: PlanProblem,
    plan: Iterable[int],
    known: BestResponse | None = None,
) -> Proof:
    """Return the proof of the best response of a trafficker to a plan, which may be known."""
    chosen = sorted(plan)
    model, objective = problem.model, problem.request.objective
    found = trafficker.respond(chosen, tidy=False) if known is None else known
    with no_collection():
        return prove(problem.network, model, chosen, settled(model, objective, chosen, found))


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
        Returns the proof of a plan's value, given its response where that is known.
    clock
        The time for it. At its end the measures that certainly come next, and are proved, are
        returned, with a warning that others may follow.
    """
    model, looks = problem.model, _Looks(problem, plan, value, scale, trafficker, left=_WORK)
    certain, warnings = _look_at_all(looks, clock.part(_SEARCH_SHARE))
    gains = looks.gains
    best = sorted(gains, key=lambda m: (-round(gains[m], 9), m))[:MAX_LISTED]
    best = [m for m in best if gains[m] >= certain]
    proofs: dict[int, Proof] = {}
    with suppress(OutOfTime):
        for m in best:
            if clock.late():
                break
            proofs[m] = prove(plan | closure(model, [m]), looks.responses.get(m))
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


@dataclass(slots=True)
class _Looks:
    """Looks at single measures on top of a plan: the gains so far, and bounds on all others.

    Attributes
    ----------
    left : float
        What may still be spent, in simplex iterations.
    gains : mapping
        By measure index, the gains above nothing of those looked at.
    responses : mapping
        By measure index, the responses with those of the largest gains, where they were kept.
    most : array
        Bounds on the gains of those that were not, -1 where a measure was, or may not join.
    """

    problem: PlanProblem
    plan: Plan
    value: float
    scale: float
    trafficker: BestResponseSolver
    left: float
    gains: dict[int, float] = field(default_factory=dict)
    responses: dict[int, BestResponse] = field(default_factory=dict)
    most: Floats = field(default_factory=lambda: np.array([]))
    _listed: list[float] = field(default_factory=list)  # the best gains, ascending
    _looks: int = 0  # since a response was spread

    def prepare(self) -> None:
        """Bound all gains by what measures hit of the response to the plan."""
        model, exclude = self.problem.model, self.problem.constraints.exclude
        self.trafficker.remember(self.plan)
        self.most = self.trafficker.most_lost()
        if np.isinf(self.most).all():
            self.left *= _BLIND
        self.most[with_others(self.problem.model, self.plan)] = np.inf
        for m in range(len(self.most)):
            if m in self.plan or not possible(model, self.plan, m, exclude):
                self.most[m] = -1.0

    def look(self, measure: int) -> None:
        """Value the plan with a measure, which bounds what the others gain, too.

        The trafficker can do as in response to it, but for what another measure hits.
        """
        before = self.trafficker.iterations
        grown = self.plan | closure(self.problem.model, [measure])
        left, losses = self.trafficker.value_and_losses(grown)
        gain = self.value - left
        losses[with_others(self.problem.model, self.plan)] = np.inf
        self.most = np.minimum(self.most, np.maximum(gain + losses, 0.0))
        self.most[measure] = -1.0
        if gain > self._nothing:
            self.gains[measure] = gain
            self._listed = sorted([*self._listed, gain])[-MAX_LISTED:]
            if gain >= self._listed[0]:
                self._note_response(measure, grown)
        self.left -= self.trafficker.iterations - before + self.trafficker.visit
        self._looks += 1

    def _spread(self) -> None:
        """Bound what the measures that may be listed gain by a response that spreads over them.

        Where they are many, that takes fewer steps than as many looks, and mostly leaves few.
        """
        least = max(self._nothing, self._least_listed())
        many = np.flatnonzero(self.most > least)
        if self._looks < _AGAIN or len(many) <= _MANY or self.left <= 0.0:
            return
        self._looks = 0
        before = self.trafficker.iterations
        wanted = np.full(len(self.most), np.inf)
        wanted[many] = _BELOW * least if least > self._nothing else 0.0
        lost = self.trafficker.even_losses(self.plan, wanted, steps=int(self.left))
        lost[with_others(self.problem.model, self.plan)] = np.inf
        self.most = np.minimum(self.most, lost)
        self.left -= self.trafficker.iterations - before + self.trafficker.visit

    def _note_response(self, measure: int, plan: Plan) -> None:
        """Keep the response to the plan looked at last, for its proof."""
        found = self.trafficker.found_last(plan)
        if found is not None:
            self.responses[measure] = found
        for m in [m for m in self.responses if self.gains[m] < self._listed[0]]:
            del self.responses[m]

    def surest(self) -> list[int]:
        """Return the measures of which prices promise most: likely the best, looked at first."""
        sure = np.where(self.most >= 0.0, self.trafficker.surely_lost(), 0.0)
        first = np.argsort(-sure, kind="stable")[:MAX_LISTED]
        return [m for m in first.tolist() if sure[m] > self._nothing]

    def following(self) -> int | None:
        """Return the measure that may gain most, None where none comes before the last listed."""
        self._spread()
        measure = int(self.most.argmax()) if len(self.most) else 0
        most = float(self.most.max(initial=0.0))
        # Gains are compared with nine digits, and equal ones in file order.
        return measure if most > self._nothing and most >= self._least_listed() else None

    @property
    def _nothing(self) -> float:
        """Gain up to which a measure is not listed."""
        return EQUAL * self.scale

    def _least_listed(self) -> float:
        """Return the bound on a gain from which a measure may be listed as things stand."""
        least = self._listed[0] if len(self._listed) == MAX_LISTED else 0.0
        return least - TRUSTED * self.scale


def _look_at_all(looks: _Looks, clock: Clock) -> tuple[float, tuple[str, ...]]:
    """Look until no measure is missing, and return the gain above which none is.

    Those of which prices promise most come first, and then those that may gain most. A warning is
    returned where some are missing; where that is for lack of time, not even that one of those
    found comes before them is taken for granted.
    """
    try:
        looks.prepare()
        surest = looks.surest()
        while (measure := surest.pop(0) if surest else looks.following()) is not None:
            if looks.left <= 0.0:
                return 0.0, (SOME_ONLY,)
            if clock.late():
                raise OutOfTime
            looks.look(measure)
    except OutOfTime:
        return float(looks.most.max(initial=0.0)) if len(looks.most) else math.inf, (TOO_LATE,)
    return 0.0, ()


def possible(model: ActivityModel, plan: Plan, measure: int, exclude: Plan) -> bool:
    """Return whether a measure, with what it requires, may join a plan."""
    bought = closure(model, [measure]) - plan
    both = plan | bought
    return not bought & exclude and not any(
        a in both and b in both and (a in bought or b in bought) for a, b in model.excludes
    )
