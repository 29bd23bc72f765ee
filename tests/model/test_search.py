"""Good plans without proof: what the search may return, and that it looks further than a swap."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints, allowed, closure, rounded
from flowopt.model.search import Search
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from tests.drawn.dice import Dice
from tests.drawn.shapes import PLAIN
from tests.drawn.wild import valid_network
from tests.draws import draws
from tests.networks import effect, line, measure, shipped
from tests.oracles.enumerate import optimal_plans
from tests.peru import best as best_known
from tests.strategies import budgets, networks


def search_of(model: ActivityModel, limits: PlanConstraints, work: int = 60_000) -> Search:
    trafficker = BestResponseSolver(model)
    first, scale = closure(model, limits.include), max(1.0, trafficker.value())
    return Search(model, trafficker, limits, first, scale=scale, work=work)


@settings(max_examples=draws(12))
@given(st.data())
def test_a_plan_of_the_search_is_allowed_worth_what_it_says_and_never_below_the_best(
    data: st.DataObject,
) -> None:
    network: Network = data.draw(networks())
    budget = data.draw(budgets(network))
    model = activity_model(network)
    limits = problem_of(network, model, PlanRequest(budget=budget)).constraints
    search = search_of(model, limits)
    search.run()
    climbed = search.value
    search.shake()
    assert search.value <= climbed
    assert allowed(model, limits, search.best)
    assert BestResponseSolver(model).value(search.best) == pytest.approx(
        search.value, rel=1e-7, abs=1e-7
    )
    least = optimal_plans(network, budget).value
    assert search.value >= least * (1.0 - 1e-7) - 1e-7


@settings(max_examples=draws(20))
@given(st.data())
def test_shares_of_measures_are_rounded_to_an_allowed_plan_that_no_share_is_missing_from(
    data: st.DataObject,
) -> None:
    network: Network = data.draw(networks())
    budget = data.draw(budgets(network))
    model = activity_model(network)
    limits = problem_of(network, model, PlanRequest(budget=budget)).constraints
    share = st.sampled_from((0.0, 0.25, 0.5, 1.0))
    count = len(model.measures)
    shares = np.array(data.draw(st.lists(share, min_size=count, max_size=count)))
    first = closure(model, limits.include)
    plan = rounded(model, limits, shares, first)
    assert first <= plan
    assert allowed(model, limits, plan)
    if not model.needs:  # another of those that are needed may come later
        for one in np.flatnonzero(shares > 0.0).tolist():
            assert one in plan or not allowed(model, limits, closure(model, plan | {one}))


def test_going_past_the_budget_and_back_finds_what_swaps_miss() -> None:
    """On Peru at 10 M USD swaps end at 208.824 t; the best plan lets 207.610 t through."""
    model = activity_model(shipped("peru-2014"))
    search = search_of(model, PlanConstraints(10.0), work=4_000)
    ids = ("m01", "m02", "m03", "m04", "m05", "m08", "m35")
    search.offer(map(model.measures.index, ids))
    first = search.best
    assert not search.climb(first, None)
    search.shake(0)
    assert search.best != first
    assert search.value == pytest.approx(best_known(10), abs=1e-3)
    assert allowed(model, search.limits, search.best)
    assert search.shaken


def test_a_search_finds_the_same_each_time() -> None:
    """It draws, and its work runs out in the middle of shaking."""
    model = activity_model(shipped("peru-2014"))
    searches = [search_of(model, PlanConstraints(30.0), work=1_000) for _ in range(2)]
    for search in searches:
        search.run()
        climbed = search.value
        search.shake()
        assert search.value < climbed
        assert not search.shaken
    first, second = searches
    assert (first.best, first.value) == (second.best, second.value)
    assert first._known == second._known


def test_what_must_be_in_the_plan_stays_in_it() -> None:
    model = activity_model(shipped("peru-2014"))
    limits = PlanConstraints(12.0, include=closure(model, {8}))
    search = search_of(model, limits, work=1_500)  # and 12,000 go into shaking
    search.run()
    search.shake()
    assert limits.include <= search.best
    assert allowed(model, limits, search.best)


def test_everything_trimmed_holds_what_only_works_together() -> None:
    """Each of two bridges alone changes nothing: growing stops at once, trimming keeps both."""
    model = activity_model(shipped("two-bridges"))
    limits = PlanConstraints(4.0)
    search = search_of(model, limits)
    everything = frozenset(range(len(model.measures)))
    plan = search.trimmed(everything)
    assert allowed(model, limits, plan)
    assert search.value_of(plan) == pytest.approx(2.0)


def test_a_target_is_reached_though_no_measure_alone_gains_anything() -> None:
    model = activity_model(shipped("two-bridges"))
    search = search_of(model, PlanConstraints(float("inf")))
    search.reach(2.0)
    assert search.value <= 2.0
    for one in search.best:
        assert BestResponseSolver(model).value(search.best - {one}) > 2.0


@settings(max_examples=draws(12))
@given(st.data())
def test_what_all_measures_reach_is_reached(data: st.DataObject) -> None:
    network: Network = data.draw(networks())
    model = activity_model(network)
    limits = problem_of(network, model, PlanRequest()).constraints
    everything = frozenset(range(len(model.measures)))
    search = search_of(model, limits)
    least = BestResponseSolver(model).value(everything)
    worst = least + data.draw(st.sampled_from((1e-6, 0.1, 0.5))) * max(1e-3, search.value - least)
    search.reach(worst)
    assert allowed(model, limits, search.best)
    if allowed(model, limits, everything):
        assert search.value <= worst


@settings(max_examples=draws(12))
@given(st.data())
def test_trimming_keeps_what_is_forced_and_the_limits(data: st.DataObject) -> None:
    network: Network = data.draw(networks())
    model = activity_model(network)
    budget = data.draw(budgets(network))
    some = (
        st.sets(st.sampled_from(range(len(model.measures)))) if model.measures else st.just(set())
    )
    forced = closure(model, data.draw(some))
    limits = PlanConstraints(budget, include=forced)
    search = search_of(model, limits)
    search.run()
    search.shake()
    if allowed(model, limits, forced):
        assert allowed(model, limits, search.best)
    plan = search.trimmed(frozenset(range(len(model.measures))))
    assert forced <= plan


def test_prices_find_the_cut_where_hitting_most_flow_only_diverts_it() -> None:
    """Ten roads share what a dearer ferry carries all of: closing two of the roads does nothing."""
    roads = [f"r{i}" for i in range(10)]
    arcs = [
        schema.Arc(arc=arc, tail=tail, head=head, commodities=("c",), capacity=capacity)
        for arc, tail, head, capacity in (
            ("ferry", "A", "T", 5.0),
            *((road, "T", "M", 4.0) for road in roads),
        )
    ]
    network = line(
        arcs=arcs,
        measures=[measure("m-ferry", 2.0), *(measure(f"m-{road}") for road in roads)],
        effects=[effect(f"m-{arc.arc}", "arc", arc.arc, cut=1.0) for arc in arcs],
    )
    search = search_of(activity_model(network), PlanConstraints(2.0))
    assert search.value == 5.0
    assert search.value_of(search._covering()) == 5.0
    assert search.first_value() == 0.0
    assert (search.best, search.value) == (frozenset(), 5.0)  # known, not taken
    search.take_known()
    assert (search.best, search.value) == (frozenset({0}), 0.0)


def test_a_plan_is_filled_as_if_one_measure_came_after_another() -> None:
    model = activity_model(shipped("peru-2014"))
    limits = PlanConstraints(37.0)
    search = search_of(model, limits)
    search.covering()
    gains = search._trafficker.most_lost(together=True)
    per_cost = gains / model.measure_cost
    plan: frozenset[int] = frozenset()
    for each in sorted(range(len(gains)), key=lambda m: (-per_cost[m], m)):
        grown = closure(model, plan | {each})
        if gains[each] > 0.0 and allowed(model, limits, grown):
            plan = grown
    assert search._filled(frozenset(), gains) == plan


def test_what_stands_idle_is_dropped_though_there_is_no_work_left_for_swaps() -> None:
    roads = [schema.Arc(arc=a, tail="A", head="M", commodities=("c",)) for a in ("r1", "r2")]
    network = line(
        arcs=roads,
        supplies=[schema.Supply(node="A", commodity="c", capacity=2.0)],
        measures=[measure("cheap"), measure("dear", 2.0), measure("idle")],
        effects=[
            effect("cheap", "supply", "A", cut=1.0),
            effect("dear", "supply", "A", cut=1.0),
            effect("idle", "arc", "r2", cut=1.0),
        ],
    )
    for work, best in ((-1.0, {1}), (1_000.0, {0})):
        search = search_of(activity_model(network), PlanConstraints(3.0))
        search.offer({1, 2})
        search.settle(search.value, work)
        assert search.best == best


@pytest.mark.parametrize("seed", [270, 371])  # drawn until there were two
def test_shaking_finds_a_cheaper_plan_that_reaches_than_swaps_do(seed: int) -> None:
    network = valid_network(Dice.seeded(f"shake-{seed}"), PLAIN, 9)
    model = activity_model(network)
    limits = problem_of(network, model, PlanRequest(budget=1e6)).constraints
    search = search_of(model, limits)
    least = search.value_of(frozenset(range(len(model.measures))))
    worst = least + 0.6 * (search.value_of(frozenset()) - least)
    search.reach(worst)
    before = search.key(search.best)
    search.shake_reaching(worst, 12)
    assert search.key(search.best) < before
    assert allowed(model, limits, search.best)
    assert BestResponseSolver(model).value(search.best) <= worst + 1e-9


def test_only_plans_no_worse_than_the_best_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    monkeypatch.setattr(BestResponseSolver, "keep", lambda _, plan: kept.append(set(plan)))
    network = line(
        measures=[measure("m1"), measure("m2")],
        effects=[effect("m1", "arc", "a1", cut=0.2), effect("m2", "arc", "a1", cut=0.9)],
    )
    search = search_of(activity_model(network), PlanConstraints(2.0))
    for plan in ({1}, {0}, {0, 1}):
        search.value_of(frozenset(plan))
    assert kept == [set(), {1}, {0, 1}]


def test_shaking_gets_further_than_swaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its draws alone, without the given ways past the budget and back."""
    monkeypatch.setattr(Search, "_oscillate", lambda _: None)
    model = activity_model(shipped("madre-de-dios-gold"))
    search = search_of(model, PlanConstraints(20.0))
    search.run()
    swapped = search.value
    search.shake()
    assert search.value < swapped - 0.02
    assert allowed(model, search.limits, search.best)


@pytest.mark.parametrize("hurry", [True, False])
def test_in_a_hurry_few_measures_are_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
    hurry: bool,  # a case
) -> None:
    """Of a plan like those before it, the order is known; the plan is no worse for that."""
    if not hurry:
        monkeypatch.setattr(Search, "_in_a_hurry", lambda _: nullcontext())
    search = search_of(activity_model(shipped("madre-de-dios-gold")), PlanConstraints(10.0))
    search.run(swaps=False)
    looked = len(search._known)
    search.shake(2)
    assert search.value == pytest.approx(20.3285, abs=1e-3)
    assert (len(search._known) - looked < 90) == hurry


def test_the_way_past_the_budget_ends_once_no_side_gains_from_the_best_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a gain each side is tried once more, that of the gain last."""
    search = search_of(activity_model(shipped("tiny")), PlanConstraints(4.0))
    best, gains, tried = search.best, iter([False, True]), []

    def back(_: Search, plan: frozenset[int], budget: float) -> frozenset[int]:
        tried.append(round(budget / 4.0, 2))
        return plan

    monkeypatch.setattr(Search, "_back_from", back)
    monkeypatch.setattr(Search, "_better", lambda *_: next(gains, False))
    search._oscillate()
    sides = tried[: len(set(tried))]
    assert len(set(tried)) == len(sides)
    assert tried == [*sides, *sides[:2]]
    assert search.best == best
