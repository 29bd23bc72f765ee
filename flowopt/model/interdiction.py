"""Zero-sum interdiction as one mixed-integer programme.

For a plan x the trafficker's optimum equals, by LP duality, the least U(x)'mu over the dual
prices (see `bounds`), so the planner minimises over x, pi and mu at once:

    minimise    sum_c U_c nu_cK
    subject to  used_j'pi + takes_j'mu + sum_m rise_jm x_m + sum_m share_jm M_j x_m
                                                     >= p_j + made_j'pi        for each activity j
                nu_c0 = mu_c,  nu_ck = nu_c(k-1) - d_ck w_ck                   for each cut k of c
                w_ck <= nu_c(k-1),  w_ck <= M_c x_m(k)
                0 <= pi <= B,  0 <= mu <= M,  w >= 0,  x binary, budgets and rules

The chain is the exact product mu * prod(1 - d x) at binary x: where x_m = 1 the best w is the
whole nu, where x_m = 0 it is 0. A closed activity's row is switched off by its own margin; the
pass lane of a stage only needs `share` of it, because the seized lane's row
pi_k >= (1 - s) pi_(k+1) still holds. A virtual measure is v = x_reform * x_target, written with its
three inequalities.

All prices are divided by their bounds, so every variable lies in [0, 1], and each row by its
largest coefficient. The objective is divided by `scale`, the value without measures.

Sources: R. K. Wood, "Deterministic network interdiction", Mathematical and Computer Modelling
17(2), 1993 (dualise and link); G. P. McCormick, Mathematical Programming 10, 1976 (the envelopes).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.bounds import Bounds
from flowopt.model.feasible_plans import PlanConstraints, slack
from flowopt.model.milp import Milp, MilpBuilder
from flowopt.objectives import Objective


@dataclass(frozen=True, slots=True)
class Interdiction:
    """The programme, and where the real measures stand in it.

    Attributes
    ----------
    milp : Milp
        Minimises value / scale.
    plan : array of int
        Variable of each real measure.
    scale : float
        The programme's objective times this is the planner's objective.
    prices : array of int
        Variable of each good's price, as a share of its netback; -1 for a good that brings nothing.
        Empty where no caller asks for it.
    activities : array of int
        Variable of each activity, as a share of its bound; -1 for one that is left out. Empty where
        the flow is not in the programme.
    tonnes : array of float
        Weighted tonnes of the flow that a unit of each variable is worth. Empty likewise.
    """

    milp: Milp
    plan: Indices
    scale: float
    prices: Indices = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    activities: Indices = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    tonnes: Floats = field(default_factory=lambda: np.zeros(0))


def zero_sum(
    model: ActivityModel,
    bounds: Bounds,
    objective: Objective,
    limits: PlanConstraints,
    *,
    scale: float,
) -> Interdiction:
    """Build the programme of a zero-sum objective.

    Parameters
    ----------
    model, bounds
        The trafficker's programme and the bounds derived for the objective.
    objective
        What the trafficker maximises.
    limits
        What the plan may be.
    scale
        Divides the objective; the value without measures is a good one. Must be positive.
    """
    build = MilpBuilder()
    x, acts = add_plan(build, model, limits)
    dual = _Dual(model, bounds, objective, build, acts)
    cost = dual.add()
    scaled = [(variable, coefficient / scale) for variable, coefficient in cost]
    return Interdiction(milp=build.build(scaled), plan=x, scale=scale, prices=dual.prices)


def add_plan(
    build: MilpBuilder, model: ActivityModel, limits: PlanConstraints, *, whole: bool = False
) -> tuple[Indices, Indices]:
    """Add the plan with everything it must keep; return its real measures and all that act.

    Virtual measures follow from the real ones; `whole` says that they are whole numbers too.
    """
    every = np.arange(len(model.measures))
    x = build.variables(
        "x",
        len(every),
        lower=np.isin(every, list(limits.include)).astype(float),
        upper=(~np.isin(every, list(limits.exclude))).astype(float),
        integer=True,
    )
    acts = np.concatenate([x, build.variables("v", len(model.virtual), integer=whole)])
    _add_plan_rows(build, model, limits, x, acts)
    return x, acts


def add_dual(
    build: MilpBuilder,
    model: ActivityModel,
    bounds: Bounds,
    objective: Objective,
    acts: Indices,
    *,
    name: str = "",
) -> list[tuple[Indices, Floats]]:
    """Add the dual prices and the chains; return the (variable, coefficient) blocks of U(x)'mu.

    `name` begins the names of all variables and rows, where a programme has several such blocks.
    """
    return _Dual(model, bounds, objective, build, acts, name).add()


def cheapest(
    problem: Interdiction,
    model: ActivityModel,
    target: float,
    *,
    some_of: Iterable[Iterable[int]] = (),
) -> Milp:
    """Return the programme of the cheapest plan that brings the objective to `target` or below.

    Parameters
    ----------
    problem, model
        A zero-sum programme and its activity model.
    target
        In the objective's unit.
    some_of
        Sets of measures of each of which the plan must hold at least one; none by default.
    """
    milp = problem.milp
    cost = np.zeros(len(milp.cost))
    cost[problem.plan] = model.measure_cost
    rows, names = [milp.cost], ["target"]
    lower, upper = [-np.inf], [target / problem.scale]
    for number, some in enumerate(some_of):
        members = problem.plan[sorted(some)]
        rows.append(np.isin(np.arange(len(milp.cost)), members).astype(float))
        names.append(f"some{number}")
        lower.append(1.0)
        upper.append(np.inf)
    return replace(
        milp,
        cost=cost,
        row_names=(*milp.row_names, *names),
        matrix=sparse.csr_array(sparse.vstack([milp.matrix, sparse.csr_array(np.array(rows))])),
        row_lower=np.concatenate([milp.row_lower, lower]),
        row_upper=np.concatenate([milp.row_upper, upper]),
    )


def _add_plan_rows(
    build: MilpBuilder, model: ActivityModel, limits: PlanConstraints, x: Indices, acts: Indices
) -> None:
    """Add budget, resources, rules, plans ruled out and the virtual measures of reforms."""
    ones = np.ones(len(x))
    zero = np.zeros(len(x), dtype=np.int64)
    spends = [("budget", model.measure_cost, limits.budget)]
    spends += [(f"resource{r}_", model.uses[r], limit) for r, limit in limits.resources]
    for name, amounts, limit in spends:
        build.rows(name, [(zero, x, amounts)], upper=limit + slack(limit), count=1)
    for name, pairs, sign, most in (
        ("requires", model.requires, -1.0, 0.0),
        ("excludes", model.excludes, 1.0, 1.0),
    ):
        if pairs:
            a, b = np.array(pairs).T
            row = np.arange(len(pairs))
            build.rows(name, [(row, x[a], 1.0), (row, x[b], sign)], upper=most, count=len(pairs))
    if model.needs:
        row = np.arange(len(model.needs))
        others = np.repeat(row, [len(some) for _, some in model.needs])
        needing = np.array([a for a, _ in model.needs])
        needed = np.array([b for _, some in model.needs for b in some])
        entries = [(row, x[needing], 1.0), (others, x[needed], -1.0)]
        build.rows("needs", entries, upper=0.0, count=len(row))
    for number, cover in enumerate(limits.covers):
        members = x[sorted(cover)]
        build.rows(
            f"cover{number}_",
            [(zero[: len(members)], members, ones[: len(members)])],
            upper=len(members) - 1.0,
            count=1,
        )
    if model.virtual:
        reform, target = np.array(model.virtual).T
        v, row = acts[len(x) :], np.arange(len(model.virtual))
        build.rows("vreform", [(row, v, 1.0), (row, x[reform], -1.0)], upper=0.0, count=len(row))
        build.rows("vtarget", [(row, v, 1.0), (row, x[target], -1.0)], upper=0.0, count=len(row))
        build.rows(
            "vboth",
            [(row, v, 1.0), (row, x[reform], -1.0), (row, x[target], -1.0)],
            lower=-1.0,
            count=len(row),
        )


@dataclass(slots=True)
class _Dual:
    """Builder of the dual prices, the chains and the activities' rows; used once."""

    model: ActivityModel
    bounds: Bounds
    objective: Objective
    build: MilpBuilder
    acts: Indices
    name: str = ""
    prices: Indices = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def add(self) -> list[tuple[Indices, Floats]]:
        """Add everything; return the objective's (variable, coefficient) blocks."""
        model, bounds = self.model, self.bounds
        priced = bounds.netback > 0.0
        finite = np.isfinite(model.limit) & (model.limit > 0.0) & (bounds.row > 0.0)
        pi = np.full(len(priced), -1, dtype=np.int64)
        pi[priced] = self.build.variables(f"{self.name}pi", int(priced.sum()), spare=True)
        self.prices = pi
        mu = np.full(len(finite), -1, dtype=np.int64)
        mu[finite] = self.build.variables(f"{self.name}mu", int(finite.sum()), spare=True)
        self._activities(pi, mu)
        return self._chains(mu, finite)

    def _activities(self, pi: Indices, mu: Indices) -> None:
        model, bounds = self.model, self.bounds
        earns, cost_increases = model.stakes(self.objective)
        number = np.full(len(bounds.live), -1, dtype=np.int64)
        number[bounds.live] = np.arange(int(bounds.live.sum()))
        entries = []
        for matrix, variable, bound, sign in (
            (model.used, pi, bounds.netback, 1.0),
            (model.made, pi, bounds.netback, -1.0),
            (model.takes, mu, bounds.row, 1.0),
        ):
            coo = matrix.tocoo()
            keep = bounds.live[coo.col] & (variable[coo.row] >= 0)
            place, column = coo.row[keep], coo.col[keep]
            entries.append((number[column], variable[place], sign * coo.data[keep] * bound[place]))
        for terms, amount in (
            (cost_increases, bounds.enough(cost_increases)),
            (model.closures, model.closures.amount * bounds.margin[model.closures.place]),
        ):
            keep = bounds.live[terms.place]
            entries.append(
                (number[terms.place[keep]], self.acts[terms.measure[keep]], amount[keep])
            )
        live = int(bounds.live.sum())
        self.build.rows(f"{self.name}y", entries, lower=earns[bounds.live], count=live)

    def _chains(self, mu: Indices, finite: npt.NDArray[np.bool_]) -> list[tuple[Indices, Floats]]:
        """Add w and its rows; the objective is sum U M (mu - sum d w)."""
        model, bounds = self.model, self.bounds
        worth = model.limit[finite] * bounds.row[finite]
        keep = finite[model.cuts.place]
        place, measure = model.cuts.place[keep], model.cuts.measure[keep]
        share = model.cuts.amount[keep]
        w = self.build.variables(f"{self.name}w", len(place))
        row = np.arange(len(place))
        linked = [(row, w, 1.0), (row, self.acts[measure], -1.0)]
        self.build.rows(f"{self.name}link", linked, upper=0.0, count=len(row))
        # Terms are sorted by place, so the earlier links of a chain stand right before it.
        first = np.searchsorted(place, place, side="left")
        later = np.repeat(row, row - first)
        earlier = np.arange(len(later)) - np.repeat(
            np.cumsum(row - first) - (row - first) - first, row - first
        )
        self.build.rows(
            f"{self.name}chain",
            [(row, w, 1.0), (row, mu[place], -1.0), (later, w[earlier], share[earlier])],
            upper=0.0,
            count=len(row),
        )
        return [
            (mu[finite], worth),
            (w, -share * model.limit[place] * bounds.row[place]),
        ]
