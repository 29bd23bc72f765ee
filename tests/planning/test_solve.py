"""The best plan: against brute force, a second solver, hand answers and what must be true."""

from __future__ import annotations

import csv
import dataclasses
import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.results.solution import Solution
from tests.draws import draws
from tests.networks import DATA, WAYS, effect, line, measure, shipped
from tests.oracles import rounding
from tests.oracles.enumerate import (
    Plan,
    best_plan,
    feasible_plans,
    optimal_plans,
    plan_cost,
    plan_values,
)
from tests.oracles.response import best_response
from tests.oracles.rounding import EQUAL, VALUE, optimal, same
from tests.strategies import budgets, limits, networks


def check_arithmetic(network: Network, solution: Solution) -> None:
    """Recompute what a solution says of itself from the rows."""
    chosen = set(solution.measures)
    assert solution.value is not None
    assert solution.bound is not None
    assert solution.after is not None
    assert solution.spent is not None
    assert solution.budget is not None
    assert solution.spent == pytest.approx(
        math.fsum(m.cost for m in network.measures if m.measure in chosen)
    )
    assert solution.spent <= solution.budget + 1e-9
    for name, limit in solution.resources.items():
        used = math.fsum(
            u.amount for u in network.uses if u.resource == name and u.measure in chosen
        )
        assert solution.used[name] == pytest.approx(used)
        assert used <= limit + 1e-9
    assert solution.bound <= solution.value <= solution.baseline + 1e-9
    assert [m.measure for m in network.measures if m.measure in chosen] == list(solution.measures)
    assert {row.measure for row in solution.plan} == chosen
    assert [row.rank for row in solution.plan] == list(range(1, len(chosen) + 1))


# Brute force judges comparisons, evaluations, verified results and wild networks as well.
@pytest.mark.slow
@settings(max_examples=draws(10))
@given(data=st.data())
def test_brute_force_on_flow(data: st.DataObject) -> None:
    compare_with_brute_force(data, "flow")


@pytest.mark.slow
@settings(max_examples=draws(8))
@given(data=st.data())
def test_brute_force_on_profit(data: st.DataObject) -> None:
    compare_with_brute_force(data, "profit")


@pytest.mark.parametrize("way", WAYS)
def test_losses_on_losses_of_heavy_inputs_still_count(way: str) -> None:
    """8 t shrink to 1.25 kg on six legs of leaf: 1.6e-4 of the whole, which is not nothing."""
    legs = [*(f"T{i}" for i in range(4))]
    network = line(
        commodities=[schema.Commodity(commodity=c, name=c) for c in ("leaf", "c")],
        nodes=[
            schema.Node(node=n, name=n, kind=k)  # type: ignore[arg-type]  # a literal
            for n, k in [("A", "area"), *((leg, "transit") for leg in legs), ("M", "market")]
        ],
        arcs=[
            schema.Arc(arc=f"R{i}", tail=a, head=b, commodities=("leaf",))
            for i, (a, b) in enumerate(pairwise(["A", *legs, "M"]))
        ],
        supplies=[schema.Supply(node="A", commodity="leaf", capacity=2000.0)],
        recipes=[
            schema.RecipeLine(recipe="cook", commodity="leaf", quantity=-1.0),
            schema.RecipeLine(recipe="cook", commodity="c", quantity=0.004),
        ],
        sites=[schema.Site(site="L", node="M", recipe="cook")],
        measures=[measure("m1"), measure("m2")],
        effects=[effect("m1", "arc", "R*", loss=0.8), effect("m2", "arc", "R1", loss=0.5)],
    )
    found = solve(network, budget=2, solver=way)
    assert found.baseline == pytest.approx(8.0)
    assert found.value == pytest.approx(8.0 * 0.2**5 * 0.5, rel=1e-6)
    assert solve(network, budget=1, solver=way).measures == ("m1",)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_free_and_useless_is_left_out(way: str) -> None:
    """Plans with free, useless measures are no cheaper, and some stand earlier in the file."""
    network = line(
        measures=[measure("m1", 0.0), measure("m2", 0.5), measure("m3", 0.0)],
        effects=[
            effect("m1", "arc", "a1", cut=0.1),
            effect("m2", "arc", "a2", cut=1),
            effect("m3", "arc", "a1", cut=0.1),
        ],
    )
    truth = best_plan(network, 1.0)
    assert solve(network, budget=1, solver=way).measures == tuple(truth.plan)


def compare_with_brute_force(data: st.DataObject, objective: Any) -> None:
    """Value, plan and tie-break must be those of the enumeration over all plans."""
    network = data.draw(networks())
    budget = data.draw(budgets(network))
    resources = data.draw(limits(network))
    truth = best_plan(network, budget, resources=resources, objective=objective)
    size = rounding.size(network, objective)
    for way in WAYS:
        found = solve(network, budget=budget, resources=resources, objective=objective, solver=way)
        assert found.status == "optimal"
        assert optimal(found.value, truth.value, objective, size)
        assert found.measures == tuple(truth.plan)
        check_arithmetic(network, found)
        alone = best_response(network, found.measures, objective)
        assert same(found.value, alone.value, objective, size)


@settings(max_examples=draws(7))
@given(data=st.data())
def test_forced_and_forbidden_measures(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=2))
    ids = [m.measure for m in network.measures]
    include = data.draw(st.sets(st.sampled_from(ids), max_size=2))
    exclude = data.draw(st.sets(st.sampled_from(ids), max_size=2))
    budget = data.draw(budgets(network))
    ways = [
        solve(network, budget=budget, include=include, exclude=exclude, solver=way) for way in WAYS
    ]
    try:
        truth = optimal_plans(network, budget, include=include, exclude=exclude)
    except ValueError:
        for found in ways:
            assert found.status == "infeasible"
            assert found.reasons
            assert found.value is None
        return
    for found in ways:
        assert optimal(found.value, truth.value, "flow", rounding.size(network, "flow"))
        assert found.measures == tuple(truth.plans[0])


@pytest.mark.parametrize("solver", ["scip", "race"])
@settings(max_examples=draws(5))
@given(data=st.data())
def test_scip_and_the_race_find_what_trying_all_plans_finds(
    solver: str, data: st.DataObject
) -> None:
    network = data.draw(networks(min_measures=1))
    budget = data.draw(budgets(network))
    objective: Objective = data.draw(st.sampled_from(["flow", "profit"]))
    truth = best_plan(network, budget, objective=objective)
    found = solve(network, budget=budget, objective=objective, solver=solver)
    assert found.status == "optimal"
    assert optimal(found.value, truth.value, objective, rounding.size(network, objective))
    assert found.measures == tuple(truth.plan)


@settings(max_examples=draws(5))
@given(data=st.data())
def test_cbc_agrees_with_highs(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=1))
    budget = data.draw(budgets(network))
    found = [solve(network, budget=budget, solver=name) for name in ("highs", "cbc")]
    assert found[0].status == found[1].status == "optimal"
    assert optimal(found[0].value, found[1].value or 0.0, "flow", found[0].baseline)


@settings(max_examples=draws(5))  # brute force says so of the frontiers in `test_compare.py`, too
@given(data=st.data())
def test_more_budget_never_raises_the_flow(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=1))
    total = sum(m.cost for m in network.measures)
    values = [solve(network, budget=total * share).value for share in (0.0, 0.3, 0.6, 1.0)]
    assert values[0] is not None
    for less, more in pairwise(values):
        assert less is not None
        assert more is not None
        assert more <= less + EQUAL * values[0] + VALUE * less


@settings(max_examples=draws(5))
@given(data=st.data(), seed=st.randoms(use_true_random=False))
def test_names_and_row_order_do_not_matter(data: st.DataObject, seed: Any) -> None:
    network = data.draw(networks(min_measures=1))
    budget = data.draw(budgets(network))
    shuffled = {name: seed.sample(rows, len(rows)) for name, rows in network.tables().items()}
    other = Network(info=network.info, **{n: tuple(r) for n, r in shuffled.items()})
    first, second = solve(network, budget=budget), solve(other, budget=budget)
    assert optimal(second.value, first.value or 0.0, "flow", first.baseline)


@settings(max_examples=draws(5))
@given(data=st.data())
def test_a_useless_measure_changes_nothing(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=1))
    budget = data.draw(budgets(network))
    useless = schema.Measure(measure="useless", name="Does nothing", cost=0.0)
    more = dataclasses.replace(network, measures=(*network.measures, useless))
    before, after = solve(network, budget=budget), solve(more, budget=budget)
    assert (before.measures, before.status) == (after.measures, after.status)
    assert optimal(after.value, before.value or 0.0, "flow", before.baseline)


@settings(max_examples=draws(8))
@given(data=st.data(), share=st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0]))
def test_a_target_is_reached_as_cheaply_as_can_be(data: st.DataObject, share: float) -> None:
    """By enumeration: the cheapest of all plans that reach it, or the truth that none does."""
    network = data.draw(networks(min_measures=1, max_measures=5))
    target = round(share * respond(network).value, 3)
    values = plan_values(network, feasible_plans(network, 1e9))
    near = EQUAL * rounding.size(network, "flow")
    reach = [p for p, v in values.items() if v <= target + near]
    for way in WAYS:
        found = solve(network, target=target, gap=0.0, solver=way)
        if not reach:
            assert found.status == "infeasible"
            assert f"--target {target:g}" in found.reasons[0]
            continue
        assert found.status == "optimal"
        assert found.spent == pytest.approx(min(plan_cost(network, p) for p in reach), abs=1e-9)
        assert found.cost_bound == pytest.approx(found.spent, abs=1e-6)
        assert found.value is not None
        assert found.value <= target + 2 * near


@pytest.mark.parametrize("way", WAYS)
def test_an_unreachable_target_says_how_far_plans_get(way: str) -> None:
    network = line(
        measures=[measure("m1"), measure("m2")],
        effects=[effect("m1", "arc", "a1", cut=0.8), effect("m2", "arc", "a2", cut=0.9)],
        rules=[schema.Rule(measure="m1", relation="excludes", other="m2")],
    )
    reasons = [solve(network, target=t, solver=way).reasons for t in (1.0, 3.0)]
    assert reasons == [
        (
            "This demand can't be met: --target 1. All 2 measures together bring the objective "
            "to 2.",
        ),
        (),
    ]
    limited = solve(network, target=3.0, budget=0.5, solver=way)
    assert limited.reasons == (
        "These demands clash: --target 3 and --budget 0.5. The best plan that keeps --budget 0.5 "
        "brings the objective to 10.",
    )


@settings(max_examples=draws(6))
@given(data=st.data(), within=st.sampled_from([None, 0.0, 0.2]))
def test_alternatives_are_the_next_best_plans(data: st.DataObject, within: float | None) -> None:
    """Each is the best plan that holds none of the earlier ones, by enumeration."""
    network = data.draw(networks(min_measures=2, max_measures=5))
    budget = data.draw(budgets(network))
    truth = plan_values(network, feasible_plans(network, budget))
    size = rounding.size(network, "flow")
    for way in WAYS:
        found = solve(network, budget=budget, alternatives=4, within=within, solver=way)
        check_alternatives(found, truth, size, within)


def check_alternatives(
    solution: Solution, truth: dict[Plan, float], size: float, within: float | None
) -> None:
    """Compare the alternatives of a solution with the values of all plans."""
    found = solution.alternatives
    earlier: list[set[str]] = []
    for row in found:
        left = {p: v for p, v in truth.items() if not any(e <= set(p) for e in earlier)}
        assert row.status == "optimal"
        assert optimal(row.value, min(left.values()), "flow", size)
        plan = tuple(part for part in row.measures.split(";") if part)
        assert same(row.value, left[plan], "flow", size)
        assert within is None or row.value <= found[0].value * (1 + within) + EQUAL * size
        earlier.append(set(plan))
    left = {p: v for p, v in truth.items() if not any(e <= set(p) for e in earlier)}
    if len(found) < 4 and left:
        assert within is not None
        assert min(left.values()) > found[0].value * (1 + within)


def hand_answers() -> list[dict[str, str]]:
    with (DATA / "hand_answers.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "solver",
    [
        "auto",
        "highs",
        # quick: drawn networks below, whose answers of cbc and of scip are those of brute force
        pytest.param("cbc", marks=pytest.mark.slow),
        pytest.param("scip", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(
    "row", hand_answers(), ids=lambda row: f"{row['network']}-{row['budget']}-{row['resources']}"
)
def test_hand_answers(row: dict[str, str], solver: str) -> None:
    resources = {
        name: float(amount)
        for name, amount in (part.split("=") for part in row["resources"].split(";") if part)
    }
    network = shipped(row["network"])
    found = solve(network, budget=float(row["budget"]), resources=resources, solver=solver)
    assert found.status == "optimal"
    assert found.value == pytest.approx(float(row["value"]), rel=1e-9, abs=1e-9)
    assert ";".join(found.measures) == row["plan"]
    check_arithmetic(network, found)


@pytest.mark.parametrize("name", ["tiny", "two-bridges", "leaky-river", "shared-crew"])
def test_the_hand_answers_stand_in_the_descriptions(name: str) -> None:
    text = shipped(name).info.description
    for row in hand_answers():
        if row["network"] == name and row["plan"] and f"Budget {row['budget']}:" in text:
            assert row["plan"] in text
