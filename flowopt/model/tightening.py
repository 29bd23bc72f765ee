"""Tightened prices: smaller bounds on the dual prices, exact for every plan up to a cutoff.

A plan in hand is worth the *cutoff*, and only plans up to it matter. Every such plan, with its best
prices, is a point of the relaxed programme among those with  objective <= cutoff. So in each round

1. the largest price of each good there caps that good's price (see `relaxation`);
2. netbacks, margins and rows follow from the caps (`bounds.capped_bounds`);
3. the programme with these smaller M is a tighter one, and the next round begins.

*Exact.* Let x be a plan with V(x) <= cutoff and (pi, mu) its best prices within the bounds so far.
They are a point of 1, so pi <= caps, and (min(pi, B), mu) is feasible within the bounds B of 2 and
costs the same. By induction over rounds x keeps its value; a plan above the cutoff can only be
valued too high, or have no point at all. So the programme's optimum is the best value as long as
the cutoff is no less, and every bound up to the cutoff is one on all plans.

What rounding could do is kept away from by room: the cutoff is a millionth of the scale larger, and
no bound falls below a millionth of what it was, since prices are divided by their bounds.

It pays where markets' prices lie far apart: there the margin of the dearest stands in every M
upstream of it. Where all pay much the same, as they do for tonnes, it is not worth its time
(`far_apart`); where programmes are large, it does not begin; where it lifts the optimum of the
relaxation by little, rounds end. All of it is decided by numbers and by work that is counted: the
bounds are the same on every machine.

Known as optimality-based bound tightening; here the M are derived anew from each round.
"""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt

from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.bounds import Bounds, capped_bounds
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.interdiction import zero_sum
from flowopt.model.relaxation import Relaxation
from flowopt.model.watched_run import Job, run_alone
from flowopt.objectives import Objective

_ROOM = 1e-6  # of the scale, above the cutoff
_LEAST = 1e-6  # of the untightened bounds: none falls below
_APART = 2.0  # times what the cheapest market pays: below, the dearest exaggerates little
_ROUNDS = 10
LEAST_LIFT = 0.1  # of what is missing up to the cutoff, that a round has to lift mostly
_EFFORT = 400_000_000  # simplex steps, times rows, of all rounds: some ten seconds
_FIRST_EFFORT = 20_000_000  # likewise, of a relaxation before anything in it is made large


def far_apart(model: ActivityModel, objective: Objective) -> bool:
    """Return whether what markets pay for a unit lies so far apart that tightening pays."""
    paid, _ = model.stakes(objective)
    paid = paid[paid > 0.0]
    return bool(paid.max(initial=0.0) > _APART * paid.min(initial=np.inf))


def tightened(
    model: ActivityModel,
    bounds: Bounds,
    objective: Objective,
    limits: PlanConstraints,
    cutoff: float,
    *,
    scale: float,
    deadline: float | None = None,
    stop: threading.Event | None = None,
    worth: float = LEAST_LIFT,
    finished: bool = False,
) -> Bounds:
    """Return bounds within which every allowed plan worth at most `cutoff` keeps its exact value.

    Parameters
    ----------
    model
        The trafficker's programme.
    bounds
        The bounds derived for the objective.
    objective
        What the trafficker maximises: a zero-sum one.
    limits
        What plans may be.
    cutoff
        In the objective's unit.
    scale
        The value without measures: what is small is small beside it. Must be positive.
    deadline
        `time.perf_counter` at which it ends with what it has.
    stop
        Set to end it likewise.
    worth
        Of what is missing up to the cutoff: a round that lifts less is the last.
    finished
        Whether only the prices of goods are sought of which nothing is made any more. What goods
        are made of follows from these: most of what can be had, in a third of the time.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    most = cutoff + _ROOM * scale
    goods = _at_nodes(model)
    if finished and (last := goods & ~_made_into_others(model)).any():
        goods = last
    job = _Tightening(model, bounds, objective, limits, most, scale, deadline, stop, worth, goods)
    run_alone(job)
    return job.bounds


class _Tightening(Job):
    """The rounds, in a thread of their own; used once."""

    def __init__(
        self,
        model: ActivityModel,
        bounds: Bounds,
        objective: Objective,
        limits: PlanConstraints,
        cutoff: float,
        scale: float,
        deadline: float | None,
        stop: threading.Event | None,
        worth: float,
        goods: npt.NDArray[np.bool_],
    ) -> None:
        super().__init__(stop)
        self.bounds = bounds
        self._model, self._objective, self._limits = model, objective, limits
        self._cutoff, self._scale, self._deadline = cutoff, scale, deadline
        self._worth, self._goods = worth, goods
        self._effort = 0

    def _solve(self) -> None:
        # A relaxation takes about a step per row, and has at least a row per activity.
        if int(self.bounds.live.sum()) ** 2 > _FIRST_EFFORT:
            return
        least = _share(self.bounds, _LEAST)
        before = -np.inf
        for _ in range(_ROUNDS):
            caps = self._caps(before)
            if caps is None:
                return
            before, lowest = caps
            self.bounds = capped_bounds(self._model, self._objective, self.bounds, lowest, least)

    def _caps(self, before: float) -> tuple[float, Floats] | None:
        """Return the optimum of the relaxation, and caps; None where there is no use in more."""
        problem = zero_sum(
            self._model, self.bounds, self._objective, self._limits, scale=self._scale
        )
        relaxation = Relaxation(
            problem.milp,
            effort=_FIRST_EFFORT,
            stop=self.stop,
            deadline=self._deadline,
        )
        optimum, cutoff = relaxation.optimum(), self._cutoff / self._scale
        # An optimum above the cutoff is rounding, and no proof: a plan has that value.
        if optimum is None or optimum >= cutoff:
            return None
        if optimum - before < self._worth * (cutoff - optimum):
            return None
        relaxation.most_effort = _EFFORT - self._effort
        relaxation.cut_off(cutoff)
        goods = np.flatnonzero(self._goods & (problem.prices >= 0))
        caps = np.full(len(self._goods), np.inf)
        share = relaxation.largest(problem.prices[goods])
        caps[goods] = share * self.bounds.netback[goods]
        self._effort += relaxation.effort
        return optimum, caps


def _share(bounds: Bounds, share: float) -> Bounds:
    return Bounds(share * bounds.netback, share * bounds.margin, share * bounds.row, bounds.live)


def _at_nodes(model: ActivityModel) -> npt.NDArray[np.bool_]:
    """Return which goods are at nodes; the prices of points on the way follow from these."""
    used = model.used.tocoo()
    from_node = np.array([a.kind in ("ship", "site", "deliver") for a in model.activities])
    flags = np.zeros(len(model.goods), dtype=np.bool_)
    flags[used.row[from_node[used.col]]] = True
    return flags


def _made_into_others(model: ActivityModel) -> npt.NDArray[np.bool_]:
    """Return which goods are of commodities that some site uses."""
    used = model.used.tocoo()
    at_site = np.array([a.kind == "site" for a in model.activities])
    inputs = {model.goods[good][1] for good in used.row[at_site[used.col]].tolist()}
    return np.array([commodity in inputs for _, commodity in model.goods], dtype=np.bool_)
