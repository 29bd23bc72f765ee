"""The trafficker's optimum under a plan, in exact numbers.

This is the independent truth of the tests: it shares no code with the product beyond the row
classes, prefers the obvious to the fast, and has no tolerance. Money is reported in million USD.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from flowopt.network.network import Network
from tests.oracles.effects import Pair, effective
from tests.oracles.programme import Programme

Objective = Literal["flow", "profit"]
Aim = Literal["flow", "profit", "bilevel"]
Ties = Literal["pessimistic", "optimistic"]

M_USD = 1000  # thousand USD in a million
TIED = Fraction(1, 10**9)  # relative: profits as close are equal, says the network format


@dataclass(frozen=True, slots=True)
class Response:
    """What the trafficker does.

    Attributes
    ----------
    value : float
        The objective: weighted t/yr for `flow`, M USD/yr for `profit`.
    weighted, cost, profit : float
        Weighted t/yr, M USD/yr and M USD/yr of this very solution. Only `value` is always unique,
        with `cost` under `flow` and `profit` under `profit`: the rest may differ between equally
        good solutions.
    ship, run, take, deliver : dict
        t/yr by (arc, commodity), activity by site, t/yr by (node, commodity), the last twice.
    """

    value: float
    weighted: float
    cost: float
    profit: float
    ship: dict[Pair, float] = field(repr=False)
    run: dict[str, float] = field(repr=False)
    take: dict[Pair, float] = field(repr=False)
    deliver: dict[Pair, float] = field(repr=False)


def best_response(
    network: Network, plan: Iterable[str] = (), objective: Objective = "flow"
) -> Response:
    """Return the trafficker's optimum under a plan.

    Parameters
    ----------
    network
        The network, assumed to keep the rules of the format.
    plan
        Ids of the chosen measures.
    objective
        `flow`: most weighted tonnes, then least cost. `profit`: most profit.
    """
    programme = Programme(network, effective(network, plan))
    tableau = programme.tableau()
    if objective == "profit":
        tableau.maximise(programme.margin)
        return _response(programme, tableau.point(), objective)
    tableau.maximise(programme.weight)
    tableau.keep(Fraction(0))
    tableau.maximise([-cost for cost in programme.cost])
    return _response(programme, tableau.point(), objective)


def bilevel_value(
    network: Network,
    plan: Iterable[str] = (),
    ties: Ties = "pessimistic",
    tied: Fraction = TIED,
    spare: Fraction = Fraction(0),
) -> float:
    """Return the weighted tonnes that a profit-seeking trafficker delivers under a plan.

    Parameters
    ----------
    network
        The network, assumed to keep the rules of the format.
    plan
        Ids of the chosen measures.
    ties
        Among equally profitable flows the one that delivers most (`pessimistic` for the planner)
        or least (`optimistic`).
    tied
        How far, relative to the best profit, profits may lie below it and count as equal.
    spare
        The same, relative to what may be earned without costs; the larger of both counts.
    """
    programme = Programme(network, effective(network, plan))
    tableau = programme.tableau()
    slack = Fraction(0)
    if spare:
        gross = [max(margin, Fraction(0)) for margin in programme.margin]
        slack = spare * tableau.maximise(gross)
    tableau.keep(max(tied * tableau.maximise(programme.margin), slack))
    sign = 1 if ties == "pessimistic" else -1
    return float(sign * tableau.maximise([sign * weight for weight in programme.weight]))


def plan_value(
    network: Network,
    plan: Iterable[str] = (),
    objective: Aim = "flow",
    ties: Ties = "pessimistic",
) -> float:
    """Return what the planner minimises."""
    if objective == "bilevel":
        return bilevel_value(network, plan, ties)
    programme = Programme(network, effective(network, plan))
    if objective == "flow":
        return float(programme.tableau().maximise(programme.weight))
    return float(programme.tableau().maximise(programme.margin) / M_USD)


def _response(programme: Programme, x: Sequence[Fraction], objective: Objective) -> Response:
    """Return a solution by name, with what it costs and brings."""
    amounts: dict[str, dict[Any, float]] = {"ship": {}, "run": {}, "take": {}, "deliver": {}}
    for (kind, *key), i in programme.index.items():
        amounts[kind][key[0] if kind == "run" else tuple(key)] = float(x[i])

    def total(each: Sequence[Fraction]) -> Fraction:
        return sum((a * b for a, b in zip(each, x, strict=True)), start=Fraction(0))

    weighted, cost = total(programme.weight), total(programme.cost) / M_USD
    profit = total(programme.price) / M_USD - cost
    return Response(
        value=float(weighted if objective == "flow" else profit),
        weighted=float(weighted),
        cost=float(cost),
        profit=float(profit),
        **amounts,
    )
