"""The planner counts tonnes, the trafficker money: bilevel interdiction as one programme.

The planner minimises the weighted tonnes w'y of a flow y that the trafficker chooses for its
profit. A flow that is possible under the plan and earns as much as some dual prices cost is a best
response, by strong duality. The prices' cost less what the flow earns is its *regret*,

    r = sum_c U_c nu_cK - (p'y - sum rise_jm q_jm) >= 0,

and over x, y, pi and mu at once stand

    A y <= 0,  G y <= U(x),  y_j <= Y_j (1 - x_m) for each closure of j by m
    q_jm >= y_j - Y_j (1 - x_m) for each cost increase of j by m
    pi, mu and the chains of `interdiction`, for the profit

with U_c(x) = U_c s_cK from a chain of its own, s_k = s_(k-1) - d_k t_k, t_k = s_(k-1) x_k, which
is exact at binary x. Y bounds an activity in some best response (`bounds.useful_activity`); where
it has no bound, the row is left out and the programme only says too little. Two programmes stand on
these rows:

    `bilevel`       minimises theta >= w'y subject to r <= eps: the best plan, in one programme
    `least_regret`  minimises r subject to w'y <= T: no plan leaves T tonnes or less, if r > eps

The first is what other solvers get, and what the cheapest plan is looked for in. Its relaxation
bends profit and tonnes apart at will, and nothing moves until a branch has closed nearly all of it.
The regret moves at every branching, so proofs go by targets T (`planning/target_ladder.py`).

Among equally profitable flows both take the one best for the planner. So they bound the
pessimistic objective from below, and plans are valued one by one by the trafficker's own two
programmes. Where a plan D is worth more than a programme says, the worse tie y' is *separated*
(`tie_cuts`):

    theta >= w'y' (1 - sum_{m in D} (1 - x_m) - sum_{m in H} x_m),

H being the measures that touch y'. It is valid: a plan that holds D leaves the trafficker no more
profit than D does, and one that also keeps off H leaves y' possible and as profitable; so y' still
is one of its best responses. D is first stripped of what does not change the profit. Under a target
below w'y' it says that some measure of D is missing or some of H acts. Each cut settles at least
the plan it was made for, so the iteration ends.

Sources: S. Dempe, Foundations of Bilevel Programming, 2002 (optimistic and pessimistic);
J. Fortuny-Amat and B. McCarl, JORS 32, 1981 (one level by optimality conditions).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.bilevel_flow import FlowRows
from flowopt.model.bounds import Bounds
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.interdiction import Interdiction, add_dual, add_plan
from flowopt.model.milp import MilpBuilder
from flowopt.model.tie_cuts import TieCut

# The regret is counted in this share of the profit without measures. Solvers take reduced costs
# within 1e-7 for nothing: counted in whole profits, a regret of nothing would pass for 1e-7.
REGRET_UNIT = 1e-6

_Blocks = list[tuple[Indices, Floats]]


@dataclass(frozen=True, slots=True)
class TargetBounds:
    """Bounds for every plan that leaves a target of weighted tonnes or less.

    Attributes
    ----------
    derived : Bounds
        Those derived for the trafficker's profit under every plan: smaller ones may leave out what
        runs in a tie, and the flow must not.
    priced : Bounds
        On the prices.
    most : array
        Y, on the activities; `inf` where none.
    """

    derived: Bounds
    priced: Bounds
    most: Floats


def bilevel(
    model: ActivityModel,
    bounds: TargetBounds,
    limits: PlanConstraints,
    *,
    scale: float,
    tied: float,
    cuts: Iterable[TieCut] = (),
) -> Interdiction:
    """Build the programme of the best plan.

    Parameters
    ----------
    model, bounds
        The trafficker's programme, and bounds for every plan that matters.
    limits
        What the plan may be.
    scale
        Divides the objective; the value without measures is a good one. Must be positive.
    tied
        By how much of profit, M USD, flows count as tied: at least as much as plans are valued by.
    cuts
        What is known of single plans.
    """
    build = MilpBuilder()
    x, acts = add_plan(build, model, limits)
    dual = add_dual(build, model, bounds.priced, "profit", acts)
    theta = build.variables("theta", 1, upper=np.inf)
    flow = FlowRows(model, bounds.derived, build, acts, bounds.most)
    flow.add()
    build.rows("strong", _row(_regret(dual, flow)), upper=tied, count=1)
    tonnes = [(v, -coefficient / scale) for v, coefficient in flow.weighted()]
    build.rows("tonnes", _row([(theta, np.ones(1)), *tonnes]), lower=0.0, count=1)
    for number, cut in enumerate(cuts):
        held, clear = acts[sorted(cut.held)], acts[sorted(cut.clear)]
        worth = cut.value / scale
        blocks = [(theta, np.ones(1)), (held, np.full(len(held), -worth))]
        blocks += [(clear, np.full(len(clear), worth))]
        build.rows(f"tie{number}_", _row(blocks), lower=worth * (1 - len(held)), count=1)
    return Interdiction(milp=build.build([(theta, np.ones(1))]), plan=x, scale=scale)


def least_regret(
    model: ActivityModel,
    bounds: TargetBounds,
    limits: PlanConstraints,
    *,
    target: float,
    scale: float,
    worth: float,
    cuts: Iterable[TieCut] = (),
) -> Interdiction:
    """Build the programme of the least regret of a flow that leaves the target or less.

    Parameters
    ----------
    model, bounds
        The trafficker's programme, and bounds for the target or a higher one.
    limits
        What the plan may be.
    target, scale
        Weighted tonnes: most that is left, and what there is without measures.
    worth
        The trafficker's profit without measures, M USD: the objective is in `REGRET_UNIT` of it.
        Must be positive.
    cuts
        What is known of single plans. Those above the target count, and none of these may hold for
        every plan.
    """
    build = MilpBuilder()
    x, acts = add_plan(build, model, limits)
    dual = add_dual(build, model, bounds.priced, "profit", acts)
    flow = FlowRows(model, bounds.derived, build, acts, bounds.most)
    flow.add()
    tonnes = [(v, coefficient / scale) for v, coefficient in flow.weighted()]
    build.rows("tonnes", _row(tonnes), upper=target / scale, count=1)
    for number, cut in enumerate(cut for cut in cuts if cut.value > target):
        held, clear = acts[sorted(cut.held)], acts[sorted(cut.clear)]
        blocks = [(held, -np.ones(len(held))), (clear, np.ones(len(clear)))]
        build.rows(f"tie{number}_", _row(blocks), lower=1.0 - len(held), count=1)
    unit = REGRET_UNIT * worth
    regret = [(v, coefficient / unit) for v, coefficient in _regret(dual, flow)]
    milp = build.build(regret)
    weights = np.zeros(len(milp.cost))
    for variables, weight in flow.weighted():
        weights[variables] = weight
    return Interdiction(milp=milp, plan=x, scale=unit, activities=flow.y, tonnes=weights)


def _regret(dual: _Blocks, flow: FlowRows) -> _Blocks:
    return [*dual, *((v, -coefficient) for v, coefficient in flow.profit())]


def _row(blocks: _Blocks) -> list[tuple[Indices, Indices, Floats]]:
    return [(np.zeros(len(v), dtype=np.int64), v, coefficient) for v, coefficient in blocks]
