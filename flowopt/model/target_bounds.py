"""Smaller bounds on prices and activities for the plans that leave a target of tonnes or less.

Let x be a plan with a best response y of w'y <= T. With only the measures I that all plans hold, y
is possible as well and costs no more, so the plan leaves the trafficker at most

    P(T) = max { p(I)'y : A y <= 0,  G y <= U(I),  w'y <= T },

one linear programme. *Prices*: every plan up to the cutoff P(T) keeps its best prices within what
`tightening` makes of it. *Activities*: y and these prices are a point of the relaxed programme of
`bilevel_milp.least_regret` with a regret of nothing, so Y_j need be no more than the largest y_j of
such points. Both are larger by what counts as tied, and by room for rounding.
"""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np

from flowopt.model.activities import ActivityModel, Indices
from flowopt.model.bilevel_flow import FlowRows
from flowopt.model.bilevel_milp import REGRET_UNIT, TargetBounds, least_regret
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.milp import MilpBuilder
from flowopt.model.relaxation import Relaxation
from flowopt.model.tightening import LEAST_LIFT, tightened
from flowopt.model.watched_run import Job, run_alone

_LEAST = 1e-6  # of the bounds under every plan: none falls below, since flows are divided by them
_TIED = 1e-6  # of the profit without measures: a regret that is still one of nothing, with room
_EFFORT = 400_000_000  # simplex steps, times rows, of a relaxation: some ten seconds
_WORTH = 0.04  # of what is missing, that a round of prices has to lift for a part of the plans
_MOST_ACTIVITIES = 4_000  # live ones: in larger programmes a single relaxation takes as long


def target_bounds(
    model: ActivityModel,
    bounds: TargetBounds,
    limits: PlanConstraints,
    *,
    target: float,
    scale: float,
    worth: float,
    deadline: float | None = None,
) -> TargetBounds:
    """Return bounds for the plans within `limits` that leave the target or less.

    Those there are, where the programme is large.

    Parameters
    ----------
    model, bounds
        The trafficker's programme and its bounds for every plan.
    limits
        What the plan may be.
    target, scale
        Weighted tonnes: most that is left, and what there is without measures.
    worth
        The trafficker's profit without measures, M USD.
    deadline
        `time.perf_counter` at which it ends with what it has.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    if int(bounds.derived.live.sum()) > _MOST_ACTIVITIES:
        return bounds
    bounds = _priced(
        model, bounds, limits, target=target, scale=scale, worth=worth, deadline=deadline
    )
    job = _Activities(model, bounds, limits, (target, scale, worth), deadline)
    run_alone(job)
    return replace(bounds, most=job.most)


def part_bounds(
    model: ActivityModel,
    bounds: TargetBounds,
    limits: PlanConstraints,
    *,
    target: float,
    scale: float,
    worth: float,
    deadline: float | None = None,
    stop: threading.Event | None = None,
) -> TargetBounds:
    """Return bounds for a part of the plans for which there are target bounds already.

    Prices go on for more rounds than those for all plans, but those of finished goods alone, and
    activities stay, as little comes of them.

    Parameters are those of `target_bounds`, and `stop`, set to end it like the deadline.
    """
    if int(bounds.derived.live.sum()) > _MOST_ACTIVITIES:
        return bounds
    return _priced(
        model,
        bounds,
        limits,
        target=target,
        scale=scale,
        worth=worth,
        deadline=deadline,
        stop=stop,
        least=_WORTH,
        finished=True,
    )


def _priced(
    model: ActivityModel,
    bounds: TargetBounds,
    limits: PlanConstraints,
    *,
    target: float,
    scale: float,
    worth: float,
    deadline: float | None,
    stop: threading.Event | None = None,
    least: float = LEAST_LIFT,
    finished: bool = False,
) -> TargetBounds:
    """Return bounds with prices for the plans whose profit may be that of a flow of the target."""
    cutoff = most_profit(
        model, bounds, limits, target=target, scale=scale, worth=worth, deadline=deadline
    )
    if cutoff >= worth:
        return bounds
    priced = tightened(
        model,
        bounds.priced,
        "profit",
        limits,
        cutoff,
        scale=worth,
        deadline=deadline,
        stop=stop,
        worth=least,
        finished=finished,
    )
    return replace(bounds, priced=priced)


def most_profit(
    model: ActivityModel,
    bounds: TargetBounds,
    limits: PlanConstraints,
    *,
    target: float,
    scale: float,
    worth: float,
    deadline: float | None = None,
) -> float:
    """Return P(T), the most that a flow of so many tonnes earns with what all plans hold."""
    build = MilpBuilder()
    held = model.chosen(limits.include).astype(float)
    acts = build.variables("x", len(held), lower=held, upper=held)
    flow = FlowRows(model, bounds.derived, build, acts, bounds.most)
    flow.add()
    tonnes = [(np.zeros(len(v)), v, coefficient / scale) for v, coefficient in flow.weighted()]
    build.rows("tonnes", tonnes, upper=target / scale, count=1)
    milp = build.build([(v, -coefficient / worth) for v, coefficient in flow.profit()])
    alone = threading.Event()
    earned = Relaxation(milp, effort=_EFFORT, stop=alone, deadline=deadline).optimum()
    return worth if earned is None else min(worth, -earned * worth)


class _Activities(Job):
    """Largest activities of the relaxed programme, in a thread of their own; used once."""

    def __init__(
        self,
        model: ActivityModel,
        bounds: TargetBounds,
        limits: PlanConstraints,
        aim: tuple[float, float, float],
        deadline: float | None,
    ) -> None:
        super().__init__()
        self.most = bounds.most
        self._model, self._bounds, self._limits = model, bounds, limits
        self._target, self._scale, self._worth = aim
        self._deadline = deadline

    def _solve(self) -> None:
        problem = least_regret(
            self._model,
            self._bounds,
            self._limits,
            target=self._target,
            scale=self._scale,
            worth=self._worth,
        )
        milp = replace(problem.milp, cost=problem.milp.cost * REGRET_UNIT)
        relaxation = Relaxation(milp, effort=_EFFORT, stop=self.stop, deadline=self._deadline)
        if relaxation.optimum() is None:
            return
        relaxation.cut_off(_TIED)
        some = self._closed()
        share = np.clip(relaxation.largest(problem.activities[some]), _LEAST, 1.0)
        self.most = self.most.copy()
        self.most[some] *= share

    def _closed(self) -> Indices:
        """Return the activities whose bounds stand in a row with a measure."""
        model, bounds = self._model, self._bounds
        touched = np.zeros(len(bounds.most), dtype=np.bool_)
        for terms in (model.closures, model.cost_increases):
            touched[terms.place] = True
        some = touched & bounds.derived.live & (bounds.most > 0.0) & np.isfinite(bounds.most)
        return np.flatnonzero(some)
