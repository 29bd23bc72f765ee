"""The least regret of `bilevel` without its flow: cuts stand for what that earns.

Prices and flow of `bilevel_milp.least_regret` share nothing but the plan, so

    r(x) = D(x) - F(x)

with D the least cost of dual prices, and F the most that a flow of the target or less earns. In the
relaxation D is convex and F concave, and F is as good as its cuts (`earning_cuts`): minimise

    D(x) - z    subject to  z <= most_k - loses_k'x  for each cut k.

A cut more for each optimum, at its plan in part, until it claims no more than the flow there earns:
the relaxation then is as near as that with the flow, which has twice the rows. Cuts bound F from
above, so a plan with a regret of nothing has one here, too. Another may claim one that its flow
does not earn; cuts at plans near to the relaxed one come before that.

On Peru three cuts do at first, and a node takes a third of the time, or a fifth.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.bilevel_flow import FlowRows
from flowopt.model.bilevel_milp import REGRET_UNIT, TargetBounds, add_ties
from flowopt.model.earning_cuts import earning_cut
from flowopt.model.feasible_plans import PlanConstraints, rounded
from flowopt.model.interdiction import Interdiction, add_plan, add_priced_dual
from flowopt.model.milp import Milp, MilpBuilder
from flowopt.model.relaxation import Relaxation
from flowopt.model.tie_cuts import TieCut

_EFFORT = 400_000_000  # simplex steps, times rows, of a relaxation: some ten seconds
_ROUNDS = 20  # of cuts, at most, for one programme
_NEAR = 2e-5  # of the profit without measures: cuts that claim no more too much are enough
_NEAR_PLANS = 5e-4  # likewise, at plans that are not known to come up
_CLAIMED = 1e-7  # likewise, at a solution
_SOME = 0.02  # of a measure: with more, plans near to the relaxed one may hold it
# What is forgone of that profit is counted in this share, so that a tolerance of a row is little of
# a regret; and what it has as room for rounding.
_SHARE, _ROOM = 0.01, 1e-10


@dataclass(slots=True)
class RegretByCuts:
    """Programmes of the least regret in a part of the plans, with cuts in place of the flow.

    Attributes
    ----------
    model, bounds, limits
        The trafficker's programme, bounds for the target or a higher one, and what the plan may be.
        The bounds take up the cuts.
    target, scale
        Weighted tonnes: most that is left, and what there is without measures.
    worth
        The trafficker's profit without measures, M USD. Must be positive.
    ties
        What is known of single plans.
    stop, deadline
        What ends relaxations: the event, or `time.perf_counter`.
    """

    model: ActivityModel
    bounds: TargetBounds
    limits: PlanConstraints
    target: float
    scale: float
    worth: float
    ties: Iterable[TieCut] = ()
    stop: threading.Event = field(default_factory=threading.Event)
    deadline: float | None = None
    _earning: tuple[Milp, Indices, Relaxation] | None = None

    def problem(self, unit: float = REGRET_UNIT) -> Interdiction:
        """Return the programme, its objective in a share of the profit without measures."""
        build = MilpBuilder()
        x, acts = add_plan(build, self.model, self.limits)
        dual, prices = add_priced_dual(build, self.model, self.bounds.priced, "profit", acts)
        whole = build.variables("whole", 1, lower=1.0)
        forgone = build.variables("forgone", 1, upper=1.0 / _SHARE)
        for number, cut in enumerate(self.bounds.earned):
            zero = np.zeros(len(acts), dtype=np.int64)
            entries = [(0 * forgone, forgone, np.array([_SHARE])), (zero, acts, -cut.loses)]
            build.rows(f"earned{number}_", entries, lower=1.0 - cut.most - _ROOM, count=1)
        add_ties(build, acts, self.ties, self.target)
        scale = unit * self.worth
        cost = [(v, coefficient / scale) for v, coefficient in dual]
        cost += [(whole, np.array([-1.0 / unit])), (forgone, np.array([_SHARE / unit]))]
        return Interdiction(milp=build.build(cost), plan=x, scale=scale, prices=prices)

    def sharpened(self) -> tuple[Interdiction, Relaxation, float | None]:
        """Return the programme with all cuts it takes, its relaxation, and the least regret there.

        The regret is in the unit of the programme, None where it is not known.
        """
        for _ in range(_ROUNDS):
            problem = self.problem()
            relaxation = self._relaxation(problem.milp)
            least = relaxation.optimum()
            if least is None or least > 0.0 or relaxation.ended():
                break
            if not self._cut_at(self._acts(relaxation.values()), _NEAR):
                break
        return problem, relaxation, least

    def cut_at(self, values: Floats) -> bool:
        """Add the cut at a solution, if those there are claim too much there; return whether so."""
        return self._cut_at(self._acts(values), _CLAIMED)

    def cut_at_plans(self, values: Floats) -> None:
        """Add cuts at plans near to a relaxed one, which a solver is likely to come upon."""
        shares = values[: len(self.model.measures)]
        shares = np.where(shares > _SOME, shares, 0.0)
        seen = set()
        for first in np.flatnonzero(shares).tolist():
            ranked = shares.copy()
            ranked[first] = 2.0
            plan = rounded(self.model, self.limits, ranked, self.limits.include)
            if plan not in seen:
                seen.add(plan)
                self._cut_at(self.model.chosen(plan).astype(float), _NEAR_PLANS)

    def _acts(self, values: Floats) -> Floats:
        """Return how much of each measure acts: a plan comes first in every programme."""
        count = len(self.model.measures) + len(self.model.virtual)
        return np.clip(values[:count], 0.0, 1.0)

    def _cut_at(self, acts: Floats, more: float) -> bool:
        milp, variables, relaxation = self._earnings()
        cut = earning_cut(milp, variables, relaxation, acts)
        if cut is None:
            return False
        claimed = min((each.at(acts) for each in self.bounds.earned), default=1.0)
        if claimed <= cut.at(acts) + more:
            return False
        self.bounds = replace(self.bounds, earned=(*self.bounds.earned, cut))
        return True

    def _earnings(self) -> tuple[Milp, Indices, Relaxation]:
        """Return the programme of what a flow of the target or less earns."""
        if self._earning is None:
            build = MilpBuilder()
            count = len(self.model.measures) + len(self.model.virtual)
            acts = build.variables("x", count)
            flow = FlowRows(self.model, self.bounds.derived, build, acts, self.bounds.most)
            flow.add()
            tonnes = [(np.zeros(len(v)), v, c / self.scale) for v, c in flow.weighted()]
            build.rows("tonnes", tonnes, upper=self.target / self.scale, count=1)
            milp = build.build([(v, -c / self.worth) for v, c in flow.profit()])
            self._earning = (milp, acts, self._relaxation(milp))
        return self._earning

    def _relaxation(self, milp: Milp) -> Relaxation:
        return Relaxation(milp, effort=_EFFORT, stop=self.stop, deadline=self.deadline)
