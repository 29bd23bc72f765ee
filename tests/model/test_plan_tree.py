"""Branch over plans: all plans tried by an oracle, bounds of what is cut short, room for more."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints, allowed, closure
from flowopt.model.incumbent import Plan
from flowopt.model.plan_room import PlanRoom
from flowopt.model.plan_tree import LeastCost, LeastValue, PlanTree
from flowopt.model.plan_values import Line, PlanResponse, plan_values
from flowopt.network.network import Network
from flowopt.objectives import Objective, Ties
from flowopt.results.numbers import EQUAL
from tests.draws import draws
from tests.networks import effect, line, measure
from tests.oracles import rounding
from tests.oracles.enumerate import feasible_plans, plan_cost
from tests.oracles.enumerate import plan_values as exact_values
from tests.oracles.rounding import optimal
from tests.strategies import budgets, networks, tied_networks

AIMS: tuple[tuple[Objective, Ties], ...] = (
    ("flow", "pessimistic"),
    ("profit", "pessimistic"),
    ("bilevel", "pessimistic"),
    ("bilevel", "optimistic"),
)
STEP = (False, True)  # what `stop` answers to look at one node
some_networks = st.one_of(networks(max_measures=6), tied_networks())


class Tried:
    """Trees of one network and objective, within a budget."""

    def __init__(self, network: Network, objective: Objective, ties: Ties, budget: float) -> None:
        self.model = activity_model(network)
        self.trafficker = BestResponseSolver(self.model, objective, ties=ties)
        self.values = plan_values(self.model, self.trafficker, ties)
        self.baseline = self.trafficker.value(())
        limits = ((r, row.limit) for r, row in enumerate(network.resources))
        self.limits = PlanConstraints(
            budget=budget, resources=tuple((r, most) for r, most in limits if most is not None)
        )

    def least(self, nodes: float = math.inf) -> tuple[LeastValue, PlanTree]:
        """Return the best plan after so many nodes, and the tree."""
        same = EQUAL * (self.baseline or 1.0)
        goal = LeastValue(self.limits, self.baseline, frozenset(), same)
        tree = PlanTree(self.model, self.values, goal)
        tree.run(lambda: tree.nodes >= nodes)
        return goal, tree

    def cheapest(self, worst: float, nodes: float = math.inf) -> tuple[LeastCost, PlanTree]:
        """Return the cheapest plan worth `worst` or less after so many nodes, and the tree."""
        goal = LeastCost(self.model, self.limits, worst)
        tree = PlanTree(self.model, self.values, goal)
        tree.run(lambda: tree.nodes >= nodes)
        return goal, tree

    def names(self, plan: Plan) -> tuple[str, ...]:
        """Return the ids of a plan."""
        return tuple(self.model.measures[m] for m in sorted(plan))


@pytest.mark.parametrize(("objective", "ties"), AIMS)
@settings(max_examples=draws(6))
@given(data=st.data())
def test_the_best_plan_is_that_of_all_plans(
    objective: Objective, ties: Ties, data: st.DataObject
) -> None:
    """Whole, and cut short after any number of nodes: a bound is then below all plans."""
    network = data.draw(some_networks)
    budget = data.draw(budgets(network))
    truth = exact_values(network, feasible_plans(network, budget), objective, ties)
    least, size = min(truth.values()), rounding.size(network, objective)
    tried = Tried(network, objective, ties, budget)
    goal, tree = tried.least()
    assert tree.done
    assert tree.bound == math.inf
    assert optimal(goal.value, least, objective, size)
    assert optimal(truth[tried.names(goal.plan)], least, objective, size)
    for nodes in {1, tree.nodes // 2}:
        goal, cut = tried.least(nodes)
        bound = min(cut.bound, goal.value)
        assert bound <= least or optimal(bound, least, objective, size)


@pytest.mark.parametrize(("objective", "ties"), AIMS)
@settings(max_examples=draws(6))
@given(data=st.data())
def test_the_cheapest_plan_for_a_value_is_that_of_all_plans(
    objective: Objective, ties: Ties, data: st.DataObject
) -> None:
    network = data.draw(some_networks)
    budget = data.draw(budgets(network))
    truth = exact_values(network, feasible_plans(network, budget), objective, ties)
    size = rounding.size(network, objective)
    value = data.draw(st.sampled_from(sorted(truth.values())))
    worst = value + rounding.allowed(objective, value, size) + EQUAL * size
    ranks = [plan for plan, own in truth.items() if own <= worst]  # in file order
    first = min(ranks, key=lambda plan: round(plan_cost(network, plan), 8))
    tried = Tried(network, objective, ties, budget)
    goal, tree = tried.cheapest(worst)
    assert tree.done
    assert goal.plan is not None
    assert goal.cost == pytest.approx(plan_cost(network, first), abs=1e-8)
    if objective != "bilevel":  # whose values hang on ties
        assert tried.names(goal.plan) == first
    goal, cut = tried.cheapest(worst, tree.nodes // 2)
    assert min(cut.cost_bound, goal.cost) <= plan_cost(network, first) + 1e-8


@pytest.mark.parametrize(("objective", "ties"), AIMS)
@settings(max_examples=draws(6))
@given(data=st.data())
def test_equally_good_plans_are_what_a_tree_left_alone(
    objective: Objective, ties: Ties, data: st.DataObject
) -> None:
    """The first of them, from a tree that is done, is the first of all plans."""
    network = data.draw(some_networks)
    budget = data.draw(budgets(network))
    tried = Tried(network, objective, ties, budget)
    found, tree = tried.least()
    worst = found.value + EQUAL * (tried.baseline or 1.0)
    goal = LeastCost(tried.model, tried.limits, worst, found.plan)
    following = tree.following(goal)
    following.run(lambda: False)
    alone, _ = tried.cheapest(worst)
    assert goal.plan == alone.plan


@pytest.mark.parametrize(("objective", "ties"), AIMS)
@pytest.mark.parametrize(
    "hits", [{"cut": 0.6}, {"cut": 1.0}, {"loss": 0.6}, {"cost": 1e3}], ids=str
)
def test_whatever_measures_do_is_tried(
    hits: dict[str, float], objective: Objective, ties: Ties
) -> None:
    """Money for one of three measures, of which the last one does most and the first nothing."""
    weaker = {name: amount / 2.0 for name, amount in hits.items()}
    network = line(
        measures=[measure("m1"), measure("m2"), measure("m3")],
        effects=[
            effect("m1", "arc", "a1", loss=0.0, cut=1e-12),
            effect("m2", "arc", "a2", **weaker),
            effect("m3", "arc", "a2", **hits),
        ],
    )
    tried = Tried(network, objective, ties, 1.0)
    goal, tree = tried.least()
    assert tree.done
    touched = objective == "profit" or "cost" not in hits
    assert tried.names(goal.plan) == (("m3",) if touched else ())


class DrawnValues:
    """Values of plans without a programme, whose bounds are as good or poor as they are drawn."""

    zero_sum = False
    first_line = Line(0.0, 0.0)
    visit = 1.0
    iterations = 0

    def __init__(self, measures: int, seed: int) -> None:
        self._measures, self._drawn = measures, np.random.default_rng(seed)

    def optimum(self, plan: Plan) -> float:  # noqa: ARG002  # the protocol's
        return float(self._drawn.uniform(0.0, 10.0))

    def respond(
        self,
        plan: Plan,
        every: Plan,
        matters: Callable[[float], bool],  # noqa: ARG002  # the protocol's
    ) -> PlanResponse:
        touching = np.isin(np.arange(self._measures), list(every - plan))
        return PlanResponse(100.0, self.optimum(plan), np.zeros(self._measures), touching)

    def line(self, plan: Plan, floor: float) -> Line:  # noqa: ARG002  # likewise
        value, rate = self._drawn.uniform(0.0, (10.0, 1.0)).tolist()
        return Line(value, rate, floor)


@pytest.mark.parametrize("seed", range(2, 6))
def test_what_a_node_is_known_to_leave_holds_for_all_below_it(seed: int) -> None:
    """A poorer bound on some of its plans does not take the place of a better one on all."""
    model = activity_model(line(measures=[measure(f"m{number}") for number in range(5)]))
    goal = LeastValue(PlanConstraints(budget=3.0), 200.0, frozenset(), 0.0)
    tree = PlanTree(model, DrawnValues(5, seed), goal)
    bounds = []
    while not tree.done:
        bounds.append(tree.bound)
        tree.run(cycle(STEP).__next__)
    assert len(bounds) > 5
    assert bounds == sorted(bounds)


@settings(max_examples=draws(40))
@given(data=st.data())
def test_room_is_what_may_be_added(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=2, max_measures=6))
    model: ActivityModel = activity_model(network)
    every = st.frozensets(st.integers(0, len(model.measures) - 1), max_size=3)
    limits = PlanConstraints(
        budget=data.draw(budgets(network)),
        resources=tuple((r, 2.0) for r in range(len(model.resources))),
        exclude=data.draw(every),
        covers=tuple(c for c in data.draw(st.lists(every, max_size=2)) if c),
    )
    plan, barred = closure(model, data.draw(every)), data.draw(every)
    room = PlanRoom(model, limits)
    if not allowed(model, limits, plan) or plan & barred:
        return
    every_one = np.arange(len(model.measures))
    found = room.open(np.isin(every_one, list(plan)), np.isin(every_one, list(barred)))
    for added in range(len(model.measures)):
        grown = closure(model, plan | {added})
        fits = added not in plan and not grown & barred and allowed(model, limits, grown)
        assert bool(found[added]) == fits
