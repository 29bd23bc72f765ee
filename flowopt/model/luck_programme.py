"""One programme for plans whose measures may fail: a block for each outcome of their luck.

Let the coins of all measures that a plan may hold fall in the ways o, with probabilities q_o, and
let x o be what acts of a plan x then. The mean over what works is

    v(x)  =  sum_o q_o f(x o),

a sum over finitely many o whatever x is, as the coins of what is not chosen change nothing. f(x o)
is the trafficker's optimum where the columns that o lets act follow the plan, and the others never
act. So each block is the programme of one level (`interdiction`, `bilevel_milp`) without the terms
of the latter, the plan is common to all of them, and the optimum is the best mean.

Outcomes in which the same columns act are one block, and so are those that differ in columns which
touch nothing that the objective looks at.

Source: R. J.-B. Wets, "Stochastic programs with fixed recourse: the equivalent deterministic
program", SIAM Review 16(3), 1974.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from flowopt.model.activities import ActivityModel, Flags, Floats, Indices, Terms
from flowopt.model.activity_bounds import useful_activity
from flowopt.model.bilevel_flow import FlowRows
from flowopt.model.bounds import Bounds, derive_bounds
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.interdiction import add_dual, add_plan
from flowopt.model.luck import Luck, Outcome
from flowopt.model.milp import Milp, MilpBuilder
from flowopt.objectives import OBJECTIVES, Objective

_Parts = list[tuple[Indices, Floats]]


@dataclass(frozen=True, slots=True)
class OutcomeBlock:
    """Outcomes in which the same acts, as one block of a programme.

    Attributes
    ----------
    probability : float
        That of all of them together.
    outcomes : tuple of Outcome
        The likeliest first.
    model : ActivityModel
        The trafficker's programme, with what may act then.
    """

    probability: float
    outcomes: tuple[Outcome, ...]
    model: ActivityModel


def outcome_blocks(
    luck: Luck, model: ActivityModel, objective: Objective, measures: Collection[int]
) -> tuple[OutcomeBlock, ...]:
    """Return the outcomes of some measures, were all of them chosen, the likeliest first.

    Parameters
    ----------
    luck, model
        The coins, and the trafficker's programme of the network with parts.
    objective
        What is looked at: where nobody counts money, nothing that costs more.
    measures
        All that a plan may hold.
    """
    telling = _telling(model, objective)
    found: dict[tuple[bool, ...], list[Outcome]] = {}
    for outcome in luck.outcomes(measures):
        acting = _acting(model, outcome.acts) & telling
        found.setdefault(tuple(acting.tolist()), []).append(outcome)
    return tuple(
        OutcomeBlock(
            math.fsum(each.probability for each in outcomes),
            tuple(outcomes),
            _with_terms_of(model, np.array(acting, dtype=np.bool_)),
        )
        for acting, outcomes in found.items()
    )


def expected_value_programme(
    rules: ActivityModel,
    blocks: Sequence[OutcomeBlock],
    owner: Indices,
    objective: Objective,
    limits: PlanConstraints,
    *,
    tied: float,
) -> Milp:
    """Return the programme of the least mean.

    Parameters
    ----------
    rules
        Of plans (`luck_blocks.rules_of`).
    blocks
        From `outcome_blocks`; the names of each begin with ``o`` and its number, from 1.
    owner
        Of each column of their models, the place of its choice in the acting vector of the rules.
    objective
        What planner and trafficker count.
    limits
        What the plan may be.
    tied
        By how much of profit flows count as tied, M USD, for `bilevel` alone.
    """
    build = MilpBuilder()
    _, choices = add_plan(build, rules, limits)
    acts = choices[owner]
    bilevel = OBJECTIVES[objective].programme == "bilevel"
    theta = build.variables("theta", int(bilevel), upper=np.inf)
    means: _Parts = []
    # Bounds hold for every plan, and so for whatever may act.
    bounds = derive_bounds(blocks[0].model, "profit" if bilevel else objective)
    most = useful_activity(blocks[0].model, bounds.live) if bilevel else np.zeros(0)
    for number, block in enumerate(blocks, start=1):
        name = f"o{number}_"
        if bilevel:
            flow = FlowRows(block.model, bounds, build, acts, most, name)
            value = _best_response(flow, bounds, tied)
        else:
            value = add_dual(build, block.model, bounds, objective, acts, name=name)
        means += [(v, np.broadcast_to(c, v.shape) * block.probability) for v, c in value]
    if not bilevel:
        return build.build(means)
    tonnes = [(theta, np.ones(1)), *((v, -c) for v, c in means)]
    build.rows("tonnes", _row(tonnes), lower=0.0, count=1)
    return build.build([(theta, np.ones(1))])


def _best_response(flow: FlowRows, bounds: Bounds, tied: float) -> _Parts:
    """Add a best response and the prices that prove it; return what it delivers."""
    build, name = flow.build, flow.name
    dual = add_dual(build, flow.model, bounds, "profit", flow.acts, name=name)
    flow.add()
    regret = [*dual, *((v, -c) for v, c in flow.profit())]
    build.rows(f"{name}strong", _row(regret), upper=tied, count=1)
    return flow.weighted()


def _row(parts: _Parts) -> list[tuple[Indices, Indices, Floats]]:
    return [(np.zeros(len(v), dtype=np.int64), v, c) for v, c in parts]


def _telling(model: ActivityModel, objective: Objective) -> Flags:
    """Return which columns touch anything that the objective looks at."""
    _, cost_increases = model.stakes(objective)
    touches = np.zeros(len(model.measures) + len(model.virtual), dtype=np.bool_)
    for terms in (model.cuts, model.closures, cost_increases):
        touches[terms.measure] = True
    return touches


def _acting(model: ActivityModel, acts: frozenset[int]) -> Flags:
    """Return which columns act where some measures work: a reform's, where both do."""
    real = [measure in acts for measure in range(len(model.measures))]
    both = [reform in acts and target in acts for reform, target in model.virtual]
    return np.array([*real, *both], dtype=np.bool_)


def _with_terms_of(model: ActivityModel, acting: Flags) -> ActivityModel:
    """Return the model in which no other column does anything."""

    def kept(terms: Terms) -> Terms:
        keep = acting[terms.measure]
        return Terms(terms.place[keep], terms.measure[keep], terms.amount[keep])

    return replace(
        model,
        cuts=kept(model.cuts),
        closures=kept(model.closures),
        cost_increases=kept(model.cost_increases),
    )
