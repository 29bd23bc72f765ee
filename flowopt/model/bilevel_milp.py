"""The planner counts tonnes, the trafficker money: bilevel interdiction as one programme.

The planner minimises the weighted tonnes w'y of a flow y that the trafficker chooses for its
profit. A flow that is possible under the plan and earns as much as some dual prices cost is a best
response, by strong duality, so the planner minimises over x, y, pi and mu at once:

    minimise    theta
    subject to  theta >= w'y
                A y <= 0,  G y <= U(x),  y_j <= Y_j (1 - x_m) for each closure of j by m
                p'y - sum rise_jm q_jm >= sum_c U_c nu_cK - slack,    q_jm >= y_j - Y_j (1 - x_m)
                pi, mu and the chains of `interdiction`, for the profit

with U_c(x) = U_c s_cK from a chain of its own, s_k = s_(k-1) - d_k t_k, t_k = s_(k-1) x_k, which
is exact at binary x. Y bounds an activity in some best response (`bounds.useful_activity`); where
it has no bound, the row is left out and the programme only says too little.

Among equally profitable flows this takes the one best for the planner. So it bounds the
pessimistic objective from below, and plans are valued one by one by the trafficker's own two
programmes. Where a plan D is worth more than the programme says, the worse tie y' is *separated*:

    theta >= w'y' (1 - sum_{m in D} (1 - x_m) - sum_{m in H} x_m),

H being the measures that touch y'. It is valid: a plan that holds D leaves the trafficker no more
profit than D does, and one that also keeps off H leaves y' possible and as profitable; so y' still
is one of its best responses. D is first stripped of what does not change the profit. Each cut
settles at least the plan it was made for, so the iteration ends.

`floor`, a proved bound on the trafficker's profit under every allowed plan, closes much of the
gap: fractional plans otherwise bend profit and tonnes apart.

Sources: S. Dempe, Foundations of Bilevel Programming, 2002 (optimistic and pessimistic);
J. Fortuny-Amat and B. McCarl, JORS 32, 1981 (one level by optimality conditions).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.bilevel_flow import FlowRows
from flowopt.model.bounds import Bounds
from flowopt.model.interdiction import Interdiction, PlanConstraints, add_dual, add_plan
from flowopt.model.milp import MilpBuilder
from flowopt.model.tie_cuts import TieCut

# Share of the profit without measures by which the row `floor` stays below the floor proved: where
# all measures are the best plan, no more than a sliver would be left else, and solvers lose it.
_ROOM = 1e-6


def bilevel(
    model: ActivityModel,
    bounds: Bounds,
    limits: PlanConstraints,
    *,
    scale: float,
    best: float,
    tied: float,
    floor: float = 0.0,
    cuts: Iterable[TieCut] = (),
) -> Interdiction:
    """Build the programme.

    Parameters
    ----------
    model, bounds
        The trafficker's programme and the bounds derived for its profit.
    limits
        What the plan may be.
    scale
        Divides the objective; the value without measures is a good one. Must be positive.
    best
        The trafficker's profit without measures, M USD.
    tied
        By how much of profit, M USD, flows count as tied: at least as much as plans are valued by.
    floor
        A proved bound on its profit under every allowed plan.
    cuts
        What is known of single plans.
    """
    build = MilpBuilder()
    x, acts = add_plan(build, model, limits)
    dual = add_dual(build, model, bounds, "profit", acts)
    theta = build.variables("theta", 1, upper=np.inf)
    flow = FlowRows(model, bounds, build, acts)
    flow.add()

    def row(blocks: list[tuple[Indices, Floats]]) -> list[tuple[Indices, Indices, Floats]]:
        return [(np.zeros(len(v), dtype=np.int64), v, coefficient) for v, coefficient in blocks]

    profit = flow.profit()
    against = [(v, -coefficient) for v, coefficient in dual]
    build.rows("strong", row([*profit, *against]), lower=-tied, count=1)
    if floor > 0.0:
        build.rows("floor", row(profit), lower=floor - _ROOM * best, count=1)
    tonnes = [(v, -coefficient / scale) for v, coefficient in flow.weighted()]
    build.rows("tonnes", row([(theta, np.ones(1)), *tonnes]), lower=0.0, count=1)
    for number, cut in enumerate(cuts):
        held, clear = acts[sorted(cut.held)], acts[sorted(cut.clear)]
        worth = cut.value / scale
        blocks = [(theta, np.ones(1)), (held, np.full(len(held), -worth))]
        blocks += [(clear, np.full(len(clear), worth))]
        build.rows(f"tie{number}_", row(blocks), lower=worth * (1 - len(held)), count=1)
    return Interdiction(milp=build.build([(theta, np.ones(1))]), plan=x, scale=scale)
