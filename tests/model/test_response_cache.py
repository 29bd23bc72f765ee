"""Cached responses and other plans: values without a solve, and bounds on gains."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints, allowed, most_within
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.draws import draws
from tests.networks import effect, line, measure, shipped
from tests.strategies import networks, plans


def drawn(data: st.DataObject) -> tuple[Network, ActivityModel, frozenset[int], list[int]]:
    """Draw a network, a plan of it, and the other measures."""
    network = data.draw(networks())
    model = activity_model(network)
    place = {name: i for i, name in enumerate(model.measures)}
    plan = frozenset(place[name] for name in data.draw(plans(network)))
    return network, model, plan, sorted(set(place.values()) - plan)


@settings(max_examples=draws(20))
@given(st.data(), st.sampled_from(["flow", "profit", "bilevel"]))
def test_memory_changes_no_value(data: st.DataObject, objective: Objective) -> None:
    _, model, plan, others = drawn(data)
    remembers, forgets = BestResponseSolver(model, objective), BestResponseSolver(model, objective)
    remembers.remember(plan)
    for m in others:
        fresh = forgets.value(plan | {m})
        assert remembers.value(plan | {m}) == pytest.approx(fresh, rel=1e-6, abs=1e-7)
    for m in sorted(plan):
        assert remembers.value(plan - {m}) == pytest.approx(forgets.value(plan - {m}), abs=1e-7)


@settings(max_examples=draws(20))
@given(st.data(), st.sampled_from(["flow", "profit"]))
def test_no_measure_takes_more_than_its_bound(data: st.DataObject, objective: Objective) -> None:
    _, model, plan, others = drawn(data)
    trafficker = BestResponseSolver(model, objective)
    value = trafficker.value(plan)
    trafficker.remember(plan)
    alone, together = trafficker.most_lost(), trafficker.most_lost(together=True)
    slack = 1e-7 * max(1.0, value)
    for m in others:
        assert value - trafficker.value(plan | {m}) <= alone[m] + slack
    some = data.draw(st.sets(st.sampled_from(others))) if others else set()
    assert value - trafficker.value(plan | some) <= together[sorted(some)].sum() + slack
    assert (together[sorted(plan)] == 0.0).all()


def test_cuts_that_only_bind_together_are_bounded_together() -> None:
    """9 of 10 t pass; a cut of a twelfth leaves room for them, two do not."""
    network = line(
        measures=[measure("a"), measure("b")],
        effects=[effect(name, "arc", "a1", cut=1 / 12) for name in "ab"],
        arcs=[
            schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10.0),
            schema.Arc(arc="a2", tail="T", head="M", commodities=("c",)),
        ],
        demands=[schema.Demand(node="M", commodity="c", quantity=9.0)],
    )
    model = activity_model(network)
    trafficker = BestResponseSolver(model)
    trafficker.remember()
    assert trafficker.most_lost().tolist() == [0.0, 0.0]
    left = 10.0 * (11 / 12) ** 2
    assert trafficker.value([0, 1]) == pytest.approx(left)
    assert trafficker.most_lost(together=True).sum() >= 9.0 - left


def test_what_leaves_the_response_alone_is_not_solved_again() -> None:
    trafficker = BestResponseSolver(activity_model(shipped("peru-2014")))
    trafficker.remember()
    before = trafficker.iterations
    values = [trafficker.value([m]) for m in np.flatnonzero(trafficker.most_lost() == 0.0).tolist()]
    assert len(values) > 5
    assert set(values) == {trafficker.value()}
    assert trafficker.iterations == before


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_a_plan_remembered_again_costs_nothing(objective: Objective) -> None:
    trafficker = BestResponseSolver(activity_model(shipped("tiny")), objective)
    plans = [(), (0,), (1, 2)]

    def seen() -> list[list[float]]:
        found = []
        for plan in plans:
            trafficker.remember(plan)
            found.append([trafficker.value(plan), *trafficker.most_lost()])
        return found

    first, before = seen(), trafficker.iterations
    assert seen() == first
    assert trafficker.iterations == before


@settings(max_examples=draws(20))
@given(st.data())
def test_parts_of_measures_gain_no_less_than_whole_ones(data: st.DataObject) -> None:
    _, model, plan, _ = drawn(data)
    count = len(model.measures)
    gains = np.array(data.draw(st.lists(st.floats(0.0, 9.0), min_size=count, max_size=count)))
    spent = float(model.measure_cost[sorted(plan)].sum())
    resources = tuple((r, float(model.uses[r, sorted(plan)].sum())) for r in range(len(model.uses)))
    limits = PlanConstraints(spent, resources=resources)
    if allowed(model, limits, plan):
        assert gains[sorted(plan)].sum() <= most_within(model, limits, gains) + 1e-6


def test_prices_promise_no_more_than_a_plan_takes() -> None:
    for name in ("peru-2014", "tiny", "two-bridges"):
        model = activity_model(shipped(name))
        for objective in ("flow", "profit"):
            trafficker = BestResponseSolver(model, objective)
            before = trafficker.value()
            trafficker.remember()
            sure = trafficker.surely_lost()
            for each in np.flatnonzero(sure).tolist():
                assert trafficker.value([each]) <= before - sure[each] + 1e-6 * before


def test_what_only_a_closed_way_serves_is_worth_nothing_with_it() -> None:
    """The measure closes the way out of the town, whose own capacity is what has a price."""
    town = schema.Node(node="T", name="Town", kind="transit", capacity=6.0)
    base = line()
    model = activity_model(
        line(
            nodes=[base.nodes[0], town, base.nodes[2]],
            measures=[measure("m")],
            effects=[effect("m", "arc", "a2", cut=1.0)],
        )
    )
    trafficker = BestResponseSolver(model)
    trafficker.remember()
    assert trafficker.surely_lost().tolist() == [6.0]


@settings(max_examples=draws(20))
@given(st.data(), st.sampled_from(["flow", "profit", "bilevel"]))
def test_a_response_to_one_measure_more_bounds_all_the_others(
    data: st.DataObject, objective: Objective
) -> None:
    """From the plan with one measure, what another one leaves of it holds without the first."""
    _, model, plan, others = drawn(data)
    trafficker, fresh = BestResponseSolver(model, objective), BestResponseSolver(model, objective)
    trafficker.remember(plan)
    scale = max(1.0, fresh.value())
    for m in others:
        value, losses = trafficker.value_and_losses(plan | {m})
        assert value == pytest.approx(fresh.value(plan | {m}), rel=1e-6, abs=1e-7)
        for each in others:
            assert fresh.value(plan | {each}) >= value - losses[each] - 1e-6 * scale


def test_what_is_remembered_stays_while_other_plans_are_answered() -> None:
    trafficker = BestResponseSolver(activity_model(shipped("peru-2014")))
    trafficker.respond([0, 1, 3])
    with trafficker.still_remembering():
        trafficker.respond([0, 1])
    before = trafficker.iterations
    trafficker.remember([0, 1, 3])
    assert trafficker.iterations == before
