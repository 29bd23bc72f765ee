"""Flows that spread, and the tree of plans that they bound: every plan by an oracle."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints, allowed, closure
from flowopt.model.incumbent import Plan
from flowopt.model.series_model import in_series
from flowopt.model.spread_flow import SpreadFlow, measure_hits
from flowopt.model.spread_tree import SpreadTree
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.draws import draws
from tests.networks import effect, line, measure
from tests.oracles import rounding
from tests.oracles.enumerate import feasible_plans
from tests.oracles.enumerate import plan_values as exact_values
from tests.strategies import budgets, closing, networks

OBJECTIVES: tuple[Objective, ...] = ("flow", "profit")
_STEPS = 100_000
_SAME = 1e-9  # of what there is without measures: values this close are one


class Tried:
    """All plans of a network within a budget, and a tree over them that takes what it finds."""

    def __init__(self, network: Network, objective: Objective, budget: float) -> None:
        self.model = activity_model(network)
        self.trafficker = BestResponseSolver(self.model, objective)
        rows = enumerate(network.resources)
        self.limits = PlanConstraints(
            budget=budget,
            resources=tuple((r, row.limit) for r, row in rows if row.limit is not None),
        )
        place = {name: m for m, name in enumerate(self.model.measures)}
        exact = exact_values(network, feasible_plans(network, budget), objective, "pessimistic")
        self.truth = {frozenset(place[m] for m in plan): value for plan, value in exact.items()}
        self.least = min(self.truth.values())
        self.size = rounding.size(network, objective) or 1.0
        self.best: Plan = frozenset()
        self.value = self.trafficker.value(())
        self.flow = SpreadFlow(in_series(self.model), objective, self.limits, steps=_STEPS)
        same = _SAME * self.size
        self.tree = SpreadTree(self.model, self.flow, self.limits, self, same=same)

    def offer(self, plan: Plan) -> bool:
        """Take a plan if it is better."""
        assert allowed(self.model, self.limits, plan)
        value = self.trafficker.value(plan)
        better = value < self.value
        if better:
            self.best, self.value = plan, value
        return better

    def no_more_than(self, bound: float, truth: float) -> bool:
        """Return whether a bound holds, but for rounding."""
        return bound <= truth + rounding.VALUE * self.size


@pytest.mark.parametrize("objective", OBJECTIVES)
@settings(max_examples=draws(12))
@given(data=st.data())
def test_no_plan_goes_below_its_bounds(objective: Objective, data: st.DataObject) -> None:
    """Whatever measures do, after each node; and the limits up to a value hold what is worth it."""
    network = data.draw(networks(min_measures=1, max_measures=6))
    tried = Tried(network, objective, data.draw(budgets(network)))

    def stop() -> bool:
        assert tried.no_more_than(tried.tree.bound, tried.least)
        return tried.tree.nodes > 30

    tried.tree.run(stop)
    assert tried.no_more_than(tried.tree.bound, tried.least)
    for plan, value in tried.truth.items():
        limits = tried.tree.limits_up_to(value + rounding.VALUE * tried.size)
        assert allowed(tried.model, limits, plan)


@pytest.mark.parametrize("objective", OBJECTIVES)
@settings(max_examples=draws(12))
@given(data=st.data())
def test_what_closes_outright_is_proved(objective: Objective, data: st.DataObject) -> None:
    """And the limits up to its value hold every plan that is as good."""
    network = closing(data.draw(networks(min_measures=1, max_measures=6)))
    tried = Tried(network, objective, data.draw(budgets(network)))
    tried.tree.run(lambda: False)
    same = rounding.VALUE * tried.size
    assert tried.value == pytest.approx(tried.least, abs=same)
    assert tried.tree.bound == pytest.approx(tried.least, abs=same)
    limits = tried.tree.limits_up_to(tried.least + same)
    for plan, value in tried.truth.items():
        assert value > tried.least + 0.5 * same or allowed(tried.model, limits, plan)


@pytest.mark.parametrize("objective", OBJECTIVES)
@settings(max_examples=draws(12))
@given(data=st.data())
def test_a_node_bounds_its_own_plans(objective: Objective, data: st.DataObject) -> None:
    """From one node to another, in any order."""
    network = data.draw(networks(min_measures=2, max_measures=6))
    tried = Tried(network, objective, data.draw(budgets(network)))
    some = st.frozensets(st.integers(0, len(tried.model.measures) - 1), max_size=2)
    for _ in range(4):
        kept, barred = closure(tried.model, data.draw(some)), data.draw(some)
        own = [v for plan, v in tried.truth.items() if kept <= plan and not barred & plan]
        found = tried.flow.solve(kept, barred) if own else None
        assert found is None or tried.no_more_than(found.value, min(own))
        assert (found is None) == (not own)


@pytest.mark.parametrize("objective", OBJECTIVES)
@settings(max_examples=draws(20))
@given(data=st.data())
def test_hits_are_those_of_a_response(objective: Objective, data: st.DataObject) -> None:
    model = activity_model(data.draw(networks(min_measures=1)))
    trafficker = BestResponseSolver(model, objective)
    response = trafficker.respond(())
    hits = measure_hits(model, objective) @ response.activity
    assert hits == pytest.approx(trafficker.most_lost(together=True), rel=1e-9, abs=1e-9)


def test_a_flow_goes_round_what_a_plan_could_close() -> None:
    """Two ways of 20 t for 20 t: by one of them a plan takes all, by both of them half."""
    network = line(measures=[measure("m1"), measure("m2")])
    twin = replace(network.arcs[1], arc="a3")
    network = network.replace(
        arcs=[*network.arcs, twin],
        effects=[effect("m1", "arc", "a2", cut=1.0), effect("m2", "arc", "a3", cut=1.0)],
    )
    tried = Tried(network, "flow", 1.0)
    assert tried.least == tried.value  # the other way takes all that there is
    for kept, share in ((frozenset[int](), 2.0), (frozenset({0}), 1.0), (frozenset[int](), 2.0)):
        found = tried.flow.solve(kept, frozenset())
        assert found is not None
        assert found.value == pytest.approx(tried.value / share)
    tried.tree.run(lambda: False)
    assert tried.tree.bound == pytest.approx(tried.least)
    assert tried.tree.nodes == 3


def test_steps_that_are_used_up_leave_a_bound() -> None:
    network = line(measures=[measure("m1")], effects=[effect("m1", "arc", "a1", cut=1.0)])
    model = activity_model(network)
    flow = SpreadFlow(model, "flow", PlanConstraints(budget=1.0), steps=0)
    assert flow.solve(frozenset(), frozenset()) is None
