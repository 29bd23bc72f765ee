"""The textbook model: dualise, link with one big M, hand it to PuLP. What flowopt is measured by.

    minimise    sum_c U_c (mu_c - sum_k d_ck w_ck)
    subject to  used_j'pi + takes_j'mu + sum_m rise_jm x_m + sum_{m closes j} M x_m
                                                 >= p_j + made_j'pi            for each activity j
                w_ck <= mu_c - sum_{i<k} d_ci w_ci,  w_ck <= M x_m(k)          for each cut k of c
                pi, mu, w >= 0,  x binary, budget, resources and rules

It is what a modeller writes after Wood (1993): every price is free, every link has the same M, no
row is scaled, and the pass lane of a stage is closed like any other activity. It begins with the
same activities as flowopt, so both speak of the same trafficker, and asks HiGHS for the same
tolerances; all else that flowopt does is missing here.

*M is valid.* Some optimal prices never exceed what a tonne can bring (`flowopt.model.bounds` has
the proof), and that is at most the best price times what each recipe can multiply. Where no cycle
of recipes comes back to its inputs, a way to a market passes each recipe at most once, so

    M = max_d p_d * prod_r max(1, what r makes / its least input) * max_r max(1, what r makes).

`bilevel` is one level by strong duality: the trafficker's flow y is added, must be possible under
the plan, and must earn what the prices cost; the weighted tonnes w'y are the objective,

    A y <= 0,  G y <= U s_K,  y_j <= Y (1 - x_m) for each closure of j by m,
    p'y - sum rise_jm q_jm >= sum_c U_c (mu_c - sum_k d_ck w_ck),  q_jm >= y_j - Y (1 - x_m),
    s_0 = 1,  s_k = s_(k-1) - d_k t_k,  t_k >= s_(k-1) - (1 - x_m(k)),  q, t >= 0,

with one Y for all activities: in a flow without cycles none exceeds all that is supplied times what
recipes can multiply. Of equally profitable flows it takes the one best for the planner, so where
there are ties it says too little (a run that does is ``short`` of a proof).

Source: R. K. Wood, "Deterministic network interdiction", Mathematical and Computer Modelling
17(2), 1993; S. Dempe, Foundations of Bilevel Programming, 2002 (one level by strong duality).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np
import pulp
from scipy import sparse

from flowopt.model.activities import ActivityModel
from flowopt.model.feasible_plans import SUM_SLACK, PlanConstraints
from flowopt.network.network import Network
from flowopt.objectives import Objective

Term = tuple[Any, float]


@dataclass(frozen=True, slots=True)
class Plain:
    """The model, and the variable of each measure.

    Attributes
    ----------
    problem : pulp.LpProblem
        Minimises the objective, unscaled.
    plan : list of pulp variables
        In the order of the measures.
    """

    problem: Any
    plan: list[Any]


@dataclass(frozen=True, slots=True)
class BigM:
    """The two constants.

    Attributes
    ----------
    price : float
        M, in the unit of the trafficker's objective per unit of activity.
    activity : float
        Y, t/yr; `inf` where something can be supplied without limit.
    """

    price: float
    activity: float


def big_m(network: Network, objective: Objective) -> BigM:
    """Return the constants for a network.

    Raises
    ------
    ValueError
        When recipes come back to their inputs, so that they would need more thought.
    """
    needs: dict[str, set[str]] = defaultdict(set)
    recipes: dict[str, list[float]] = defaultdict(list)
    inputs: dict[str, set[str]] = defaultdict(set)
    for line in network.recipes:
        recipes[line.recipe].append(line.quantity)
        if line.quantity < 0.0:
            inputs[line.recipe].add(line.commodity)
    for line in network.recipes:
        if line.quantity > 0.0:
            needs[line.commodity] |= inputs[line.recipe]
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        raise ValueError(f"the recipes of {network.info.id} come back to {error.args[1]}") from None
    growth, largest, least = 1.0, 1.0, 1.0
    for quantities in recipes.values():
        made = math.fsum(q for q in quantities if q > 0.0)
        input_ = min((-q for q in quantities if q < 0.0), default=made)
        growth *= max(1.0, made / input_)
        largest, least = max(largest, made), min(least, input_)
    best = max(d.weight if objective == "flow" else d.price / 1000.0 for d in network.demands)
    free = [r for r, quantities in recipes.items() if min(quantities) > 0.0]
    unlimited = any(row.capacity is None for row in network.supplies) or bool(free)
    supplied = math.fsum(row.capacity or 0.0 for row in network.supplies)
    return BigM(
        price=best * growth * largest,
        activity=math.inf if unlimited else supplied * growth * largest / least,
    )


def plain_model(
    model: ActivityModel, objective: Objective, limits: PlanConstraints, most: BigM
) -> Plain:
    """Return the textbook model.

    Parameters
    ----------
    model
        The trafficker's programme.
    objective
        ``flow``, ``profit`` or ``bilevel``.
    limits
        Budget and resource limits; nothing else of it is looked at.
    most
        M and Y.

    Raises
    ------
    ValueError
        When Y is unlimited and the objective needs it.
    """
    problem = pulp.LpProblem("plain", pulp.LpMinimize)
    x = [problem.add_variable(f"x{m}", 0, 1, pulp.LpInteger) for m in range(len(model.measures))]
    acts = x + [problem.add_variable(f"v{v}", 0, 1) for v in range(len(model.virtual))]
    _plan_rows(problem, model, limits, x, acts)
    cost = _dual(problem, model, objective, acts, most.price)
    if objective == "bilevel":
        if not math.isfinite(most.activity):
            raise ValueError("no activity has a bound where something is supplied without limit")
        cost = _flow(problem, model, acts, most.activity, cost)
    problem.setObjective(_sum(cost))
    return Plain(problem, x)


def _dual(
    problem: Any, model: ActivityModel, objective: Objective, acts: list[Any], most: float
) -> list[Term]:
    """Add prices, links and a row per activity; return the terms of U(x)'mu."""
    earns, cost_increases = model.stakes(objective)
    pi = [problem.add_variable(f"pi{i}", 0) for i in range(len(model.goods))]
    mu = {
        c: problem.add_variable(f"mu{c}", 0)
        for c in np.flatnonzero(np.isfinite(model.limit)).tolist()
    }
    value: list[Term] = [(price, model.limit[c]) for c, price in mu.items()]
    left: dict[int, list[Term]] = {c: [(price, 1.0)] for c, price in mu.items()}
    for c, m, share in model.cuts:
        w = problem.add_variable(f"w{c}_{m}", 0)
        _row(problem, [(w, -1.0), *left[c]], 0.0)
        _row(problem, [(acts[m], most), (w, -1.0)], 0.0)
        left[c].append((w, -share))
        value.append((w, -share * model.limit[c]))
    terms: list[list[Term]] = [[] for _ in model.activities]
    for matrix, price, sign in (
        (model.used, pi, 1.0),
        (model.made, pi, -1.0),
        (model.takes, mu, 1.0),
    ):
        for place, j, amount in _entries(matrix):
            if not isinstance(price, dict) or place in price:
                terms[j].append((price[place], sign * amount))
    for j, m, rise in cost_increases:
        terms[j].append((acts[m], rise))
    for j, m, _ in model.closures:
        terms[j].append((acts[m], most))
    for j, row in enumerate(terms):
        if row:  # what uses and takes nothing has no price to pay
            _row(problem, row, float(earns[j]))
    return value


def _flow(
    problem: Any, model: ActivityModel, acts: list[Any], most: float, dual: list[Term]
) -> list[Term]:
    """Add the flow, which earns what the prices cost; return the terms of w'y."""
    y = [problem.add_variable(f"y{j}", 0) for j in range(len(model.activities))]
    earns, cost_increases = model.stakes("bilevel")
    goods: list[list[Term]] = [[] for _ in model.goods]
    taken: list[list[Term]] = [[] for _ in model.limit]
    for matrix, rows, sign in (
        (model.used, goods, -1.0),
        (model.made, goods, 1.0),
        (model.takes, taken, -1.0),
    ):
        for i, j, amount in _entries(matrix):
            rows[i].append((y[j], sign * amount))
    left: dict[int, list[Term]] = defaultdict(list)  # s_k - 1 of each capacity so far
    for c, m, share in model.cuts:
        t = problem.add_variable(f"t{c}_{m}", 0)
        _row(problem, [(t, 1.0), (acts[m], -1.0), *((v, -a) for v, a in left[c])], 0.0)
        left[c].append((t, -share))
    for row in goods:
        _row(problem, row, 0.0)
    for c, row in enumerate(taken):
        limit = float(model.limit[c])
        if math.isfinite(limit):
            _row(problem, [*row, *((v, limit * a) for v, a in left[c])], -limit)
    for j, m, _ in model.closures:
        _row(problem, [(y[j], -1.0), (acts[m], -most)], -most)
    profit: list[Term] = [(each, float(earn)) for each, earn in zip(y, earns, strict=True)]
    for j, m, rise in cost_increases:
        q = problem.add_variable(f"q{j}_{m}", 0)
        _row(problem, [(q, 1.0), (y[j], -1.0), (acts[m], -most)], -most)
        profit.append((q, -rise))
    _row(problem, [*profit, *((v, -amount) for v, amount in dual)], 0.0)
    return [(each, float(weight)) for each, weight in zip(y, model.weight, strict=True)]


def _plan_rows(
    problem: Any, model: ActivityModel, limits: PlanConstraints, x: list[Any], acts: list[Any]
) -> None:
    """Add budget, resources, rules, and v = x_reform * x_target."""
    sums = [(model.measure_cost, limits.budget)]
    sums += [(model.uses[resource], limit) for resource, limit in limits.resources]
    for amounts, limit in sums:
        spent = [(each, -float(amount)) for each, amount in zip(x, amounts, strict=True)]
        _row(problem, spent, -limit - SUM_SLACK * max(1.0, abs(limit)))
    for a, b in model.requires:
        _row(problem, [(x[b], 1.0), (x[a], -1.0)], 0.0)
    for a, b in model.excludes:
        _row(problem, [(x[a], -1.0), (x[b], -1.0)], -1.0)
    for v, (reform, target) in zip(acts[len(x) :], model.virtual, strict=True):
        _row(problem, [(x[reform], 1.0), (v, -1.0)], 0.0)
        _row(problem, [(x[target], 1.0), (v, -1.0)], 0.0)
        _row(problem, [(v, 1.0), (x[reform], -1.0), (x[target], -1.0)], -1.0)


def _entries(matrix: sparse.csc_array) -> Iterable[tuple[int, int, float]]:
    coo = matrix.tocoo()
    return zip(coo.row.tolist(), coo.col.tolist(), coo.data.tolist(), strict=True)


def _row(problem: Any, terms: list[Term], least: float) -> None:
    """Add the row that a sum is at least something."""
    if terms and math.isfinite(least):
        problem.addConstraint(_sum(terms) >= least)


def _sum(terms: list[Term]) -> Any:
    """Return the expression of a sum in which variables may come up again."""
    total: dict[str, Term] = {}
    for variable, amount in terms:
        before = total[variable.name][1] if variable.name in total else 0.0
        total[variable.name] = (variable, before + amount)
    pairs = list(total.values())
    # Both generations of PuLP build an expression fastest from pairs, each in its own way.
    if hasattr(pulp.LpAffineExpression, "from_list"):
        return pulp.LpAffineExpression.from_list(pairs)
    return pulp.LpAffineExpression(pairs)
