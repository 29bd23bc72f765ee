"""Cuts that the bilevel programme takes from the response to one plan, against all plans."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.tie_cuts import TieCut, point_cut, tie_cut
from flowopt.network.network import Network
from flowopt.network.schema import Arc, Demand, Node
from flowopt.objectives import TIES, Ties
from tests.hunt.networks import Quarry
from tests.networks import effect, line, measure


def rivals() -> Network:
    """Return 10 t for M or N, which pay as much; m1 makes N dearer, m4 takes from M."""
    return line(
        nodes=[Node(node=n, name=n, kind="market") for n in "ATMN"],
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10),
            Arc(arc="a2", tail="T", head="M", commodities=("c",), capacity=10),
            Arc(arc="a3", tail="T", head="N", commodities=("c",)),
        ],
        demands=[
            Demand(node="M", commodity="c", quantity=10, price=5),
            Demand(node="N", commodity="c", quantity=10, price=5, weight=3),
        ],
        effects=[
            effect("m1", "arc", "a3", cost=1),
            effect("m2", "arc", "a1", cut=0.5),
            effect("m3", "arc", "a1", loss=0.1),
            effect("m4", "arc", "a2", cut=0.5),
            effect("m5", "arc", "a1", cut=0.001),
        ],
        measures=[measure(f"m{k}") for k in range(1, 6)],
    )


def learnt(model: ActivityModel, plan: frozenset[int], ties: Ties = "pessimistic") -> TieCut:
    trafficker = BestResponseSolver(model, "bilevel", ties=ties)
    return tie_cut(model, BestResponseSolver(model, "profit"), trafficker, plan)


@pytest.mark.parametrize(
    ("plan", "value", "held", "clear"),
    [
        ([], 30.0, [], [0, 1, 2, 4]),  # all goes to N, and what m4 does to M is nothing to it
        ([0], 10.0, [], [1, 2, 3, 4]),  # it goes to M, and might as well without m1
        ([1], 15.0, [1], [0, 2, 4]),  # without m2 there is more to gain
        ([1, 3], 15.0, [1], [0, 2, 4]),
        ([0, 2], 9.0, [2], [1, 3, 4]),
        ([4], 29.97, [4], [0, 1, 2]),  # without m5 a thousandth more
    ],
)
def test_a_response_stays_best_where_nothing_touches_it(
    plan: list[int], value: float, held: list[int], clear: list[int]
) -> None:
    cut = learnt(activity_model(rivals()), frozenset(plan))
    assert cut.value == pytest.approx(value)
    assert (cut.held, cut.clear) == (frozenset(held), frozenset(clear))


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("name", ["tie-0-1", "tie-0-4", "plain-0-2", "rise-0-3", "near-0-1"])
def test_no_plan_is_worth_less_than_a_response_says(name: str, ties: Ties) -> None:
    """And the response says it of its own plan, else the same plan would be looked at for ever."""
    network, _ = Quarry.named(name).drawn()
    model = activity_model(network)
    trafficker, count = BestResponseSolver(model, "bilevel", ties=ties), len(model.measures)
    plans = list(
        map(frozenset, chain.from_iterable(combinations(range(count), k) for k in range(count + 1)))
    )
    values = {plan: trafficker.value(plan) for plan in plans}
    rounding = 1e-6 * max(values.values())
    for plan in plans:
        for cut in (learnt(model, plan, ties), point_cut(model, plan, values[plan])):
            says = [
                other
                for other in plans
                if cut.held <= set(model.chosen(other).nonzero()[0])
                and not cut.clear & set(model.chosen(other).nonzero()[0])
            ]
            assert plan in says
            assert min(values[other] for other in says) >= cut.value - rounding
