"""The smallest conflict: against brute force over all sets of conditions and all plans."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.clock import Clock
from flowopt.model.activities import ActivityModel
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning import conflict_target
from flowopt.planning import conflicts as conflicts
from flowopt.planning.conflict_target import ConflictSearch
from flowopt.planning.conflicts import Condition, Conditions, Conflict
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.respond import respond
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve import solve
from flowopt.planning.target_run import TargetRun
from tests.draws import draws
from tests.networks import ROOT, line, measure, shipped
from tests.oracles.enumerate import keeps_rules, plan_cost, plan_uses
from tests.oracles.response import plan_value
from tests.oracles.rounding import EQUAL, size
from tests.strategies import networks


def meets(network: Network, plan: tuple[str, ...], demand: Condition, model: ActivityModel) -> bool:
    """Return whether a plan meets a demand, from the rows alone."""
    if demand.kind in ("include", "exclude"):
        return (model.measures[demand.index] in plan) == (demand.kind == "include")
    if demand.kind == "budget":
        return plan_cost(network, plan) <= demand.amount + 1e-9
    if demand.kind == "resource":
        return plan_uses(network, plan)[model.resources[demand.index]] <= demand.amount + 1e-9
    return plan_value(network, plan) <= demand.amount + EQUAL * size(network, "flow")


def smallest_by_trying(network: Network, demands: tuple[Condition, ...]) -> int | None:
    """Return how many demands clash at least; None if a plan meets them all."""
    model = activity_model(network)
    ids = [row.measure for row in network.measures]
    plans = [p for n in range(len(ids) + 1) for p in combinations(ids, n)]
    met = [
        frozenset(d for d in demands if meets(network, plan, d, model))
        for plan in plans
        if keeps_rules(network, plan)
    ]
    for count in range(len(demands) + 1):
        for some in combinations(demands, count):
            if not any(set(some) <= kept for kept in met):
                return count
    return None


def conflict_of(demands: Conditions) -> Conflict | None:
    """Return the smallest clash as `solve` finds it."""
    known = demands.conflict()
    if demands.target is None:
        return known
    options, baseline = RunOptions(threads=1), respond(demands.network).value
    worth = TargetRun(demands.problem, options, Clock()).value
    return ConflictSearch(demands, options, worth, baseline).smallest(known)


@settings(max_examples=draws(25))
@given(data=st.data())
def test_the_smallest_clash_of_limits_rules_and_choices(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=2, max_measures=5))
    demands = draw_demands(data, network, None)
    least = smallest_by_trying(network, demands.all())
    found = conflict_of(demands)
    if least is None:
        assert found is None
        return
    assert found is not None
    assert found.smallest
    assert len(found.conditions) == least
    assert set(found.conditions) <= set(demands.all())
    assert smallest_by_trying(network, found.conditions) == least


@settings(max_examples=draws(10))
@given(data=st.data(), share=st.sampled_from([0.0, 0.2, 0.5, 0.8]))
def test_the_smallest_clash_with_a_target(data: st.DataObject, share: float) -> None:
    network = data.draw(networks(min_measures=1, max_measures=4))
    target = round(share * respond(network).value, 3)
    demands = draw_demands(data, network, target)
    least = smallest_by_trying(network, demands.all())
    if least is None:
        return
    found = conflict_of(demands)
    assert found is not None
    assert found.smallest
    assert len(found.conditions) == least
    assert smallest_by_trying(network, found.conditions) == least


def conditions_of(
    network: Network, limits: PlanConstraints, target: float | None = None
) -> Conditions:
    """Return the conditions that some constraints and a target make."""
    problem = problem_of(network, activity_model(network), PlanRequest(target=target))
    return Conditions(replace(problem, constraints=limits))


def draw_demands(data: st.DataObject, network: Network, target: float | None) -> Conditions:
    model = activity_model(network)
    count = len(model.measures)
    some = st.sets(st.integers(0, count - 1), max_size=4)
    amount = st.sampled_from([0.0, 0.5, 1.0, 2.0, 4.0, 100.0])
    limits = PlanConstraints(
        budget=data.draw(st.sampled_from([0.0, 1.0, 2.5, 4.0, 8.0, math.inf])),
        resources=tuple((r, data.draw(amount)) for r in range(len(model.resources))),
        include=frozenset(data.draw(some)),
        exclude=frozenset(data.draw(some)),
    )
    return conditions_of(network, limits, target)


def forced(costs: list[float], *, rules: list[Any] | None = None, **limits: Any) -> Conditions:
    """Return a request that forces every measure but those whose id begins with `x`."""
    measures = [measure(f"m{i}", cost) for i, cost in enumerate(costs)]
    network = line(measures=measures, effects=[], rules=rules or [])
    return conditions_of(network, PlanConstraints(include=frozenset(range(len(costs))), **limits))


def test_few_dear_measures_clash_with_a_budget_before_many_cheap_ones() -> None:
    demands = forced([1.0, 1.0, 3.0, 1.0, 2.5, 1.0, 1.0], budget=5.0)
    found = demands.conflict()
    assert found is not None
    assert demands.message(found) == (
        "These demands clash: --include m2, --include m4 and --budget 5. m2 and m4 cost 5.5 M USD."
    )


def test_what_is_required_by_several_is_paid_once() -> None:
    rules = [schema.Rule(measure=f"m{i}", relation="requires", other="m3") for i in range(3)]
    network = line(
        measures=[measure(f"m{i}", cost) for i, cost in enumerate([1.0, 1.0, 1.0, 4.0])],
        effects=[],
        rules=rules,
    )
    demands = conditions_of(network, PlanConstraints(6.5, include=frozenset([0, 1, 2])))
    found = demands.conflict()
    assert found is not None
    assert len(found.conditions) == 4
    assert found.reason == "m0, m1 and m2 with m3, which m0 requires, cost 7 M USD."


def test_a_limit_that_fewer_measures_are_over_goes_before_the_budget() -> None:
    network = line(
        measures=[measure(f"m{i}") for i in range(4)],
        effects=[],
        resources=[schema.Resource(resource="boats", name="Boats", limit=5.0)],
        uses=[schema.Use(measure=f"m{i}", resource="boats", amount=3.0) for i in (1, 3)],
    )
    found = solve(network, budget=2.5, include=[row.measure for row in network.measures])
    assert found.reasons == (
        "These demands clash: --include m1, --include m3 and the network's limit of 5 on boats. "
        "m1 and m3 use 6 of boats.",
    )


def test_one_measure_that_contradicts_itself_goes_before_two_that_contradict_each_other() -> None:
    rules = [
        schema.Rule(measure="m0", relation="requires", other="a"),
        schema.Rule(measure="m1", relation="requires", other="a"),
        schema.Rule(measure="m1", relation="requires", other="b"),
        schema.Rule(measure="a", relation="excludes", other="b"),
    ]
    network = line(
        measures=[measure(name) for name in ("m0", "m1", "a", "b")], effects=[], rules=rules
    )
    found = solve(network, budget=9, include=["m0", "m1"])
    assert found.reasons == (
        "This demand can't be met: --include m1. a and b exclude each other; m1 requires a, "
        "m1 requires b.",
    )


def test_a_chain_of_rules_is_named() -> None:
    rules = [schema.Rule(measure=f"m{i}", relation="requires", other=f"m{i + 1}") for i in range(3)]
    found = solve(
        line(measures=[measure(f"m{i}") for i in range(4)], effects=[], rules=rules),
        budget=9,
        include=["m0"],
        exclude=["m3"],
    )
    assert found.reasons == (
        "These demands clash: --include m0 and --exclude m3. m0 requires m1, m1 requires m2, "
        "m2 requires m3.",
    )


def test_many_equal_measures_are_no_puzzle() -> None:
    found = forced([1.0] * 40, budget=20.0).conflict()
    assert found is not None
    assert (len(found.conditions), found.smallest) == (22, True)


def test_a_search_that_is_cut_short_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflicts, "_NODES", 3)
    demands = forced([1.0, 2.0, 1.5, 2.5, 1.0, 2.0], budget=6.0)
    found = demands.conflict()
    assert found is not None
    assert not found.smallest
    assert "clash, though fewer of them may clash already: " in demands.message(found)
    # None of them can be spared, all the same.
    least = math.fsum(demands.model.measure_cost[d.index] for d in found.conditions[:-1])
    assert least > 6.0
    assert all(least - demands.model.measure_cost[d.index] <= 6.0 for d in found.conditions[:-1])


def test_a_target_cut_short_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflict_target, "_TRIALS", 1)
    found = solve(shipped("tiny"), target=7.0, budget=1.0, exclude=["m_crops"])
    assert found.status == "infeasible"
    (reason,) = found.reasons
    assert reason.startswith("These demands clash, though fewer of them may clash already: ")
    assert "--target 7, --exclude m_crops and --budget 1" in reason


def test_demands_that_do_not_matter_are_left_out() -> None:
    question: dict[str, Any] = {"target": 7.0, "budget": 1.0, "exclude": ["m_crops"]}
    (reason,) = solve(shipped("tiny"), **question).reasons
    assert reason == (
        "These demands clash: --target 7 and --budget 1. The best plan that keeps --budget 1 "
        "brings the objective to 9."
    )
    (reason,) = solve(shipped("tiny"), target=1.0, budget=1.0, include=["m_strip"]).reasons
    assert reason.startswith("This demand can't be met: --target 1. All 5 measures together")


def test_a_target_that_only_an_excluded_measure_reaches() -> None:
    found = solve(shipped("two-bridges"), target=2.0, exclude=["m_north"])
    assert found.reasons == (
        "These demands clash: --target 2 and --exclude m_north. All 3 other measures together "
        "bring the objective to 7.",
    )


def test_rules_alone_can_put_a_target_out_of_reach() -> None:
    base = shipped("two-bridges")
    rules = [schema.Rule(measure="m_north", relation="excludes", other="m_south")]
    found = solve(base.replace(rules=rules), target=2.0, budget=100.0)
    assert found.reasons == (
        "This demand can't be met: --target 2. The best plan that keeps the rules brings the "
        "objective to 7.",
    )


def test_the_reason_stands_in_the_summary_and_the_documentation() -> None:
    found = solve(shipped("shared-crew"), budget=5, include=["m_chase", "m_check", "m_ferry"])
    assert found.summary()["warnings"][0] == found.reasons[0]
    text = " ".join((ROOT / "docs" / "questions.md").read_text(encoding="utf-8").split())
    assert found.reasons[0] in text
