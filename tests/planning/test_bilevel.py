"""Tonnes against money: brute force for both ties, answers by hand, and what must be true."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.clock import Clock
from flowopt.errors import RequestError, SolverError
from flowopt.model import formulations
from flowopt.model.build import activity_model
from flowopt.network.network import Network
from flowopt.network.schema import Arc, Demand, Node
from flowopt.objectives import Ties
from flowopt.planning.compare import compare
from flowopt.planning.evaluate import evaluate
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.respond import respond
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve import solve
from flowopt.planning.solve_run import SolveRun
from flowopt.planning.verify import verify
from flowopt.report.result_writer import write_solution
from tests.draws import draws
from tests.networks import ROOT, WAYS, effect, line, measure, shipped
from tests.oracles import rounding
from tests.oracles.enumerate import feasible_plans, optimal_plans, plan_cost, plan_values
from tests.oracles.response import best_response, bilevel_value
from tests.oracles.rounding import EQUAL, VALUE, allowed, optimal, same
from tests.strategies import budgets, limits, networks, plans, tied_networks

TIES: tuple[Ties, ...] = ("pessimistic", "optimistic")


def close(a: float | None, b: float, size: float = 1e-2) -> bool:
    """Return whether tonnes may stand for others, of so many without measures."""
    return same(a, b, "bilevel", size)


def compare_with_brute_force(network: Network, data: st.DataObject) -> None:
    budget = data.draw(budgets(network))
    resources = data.draw(limits(network))
    size = rounding.size(network, "bilevel")
    for ties in TIES:
        truth = optimal_plans(network, budget, resources, objective="bilevel", ties=ties)
        for way in WAYS:
            found = solve(
                network,
                budget=budget,
                resources=resources,
                objective="bilevel",
                ties=ties,
                solver=way,
            )
            assert found.status == "optimal"
            assert optimal(found.value, truth.value, "bilevel", size)
            assert found.bound is not None
            assert found.value is not None
            assert found.bound <= found.value
            assert truth.value >= found.bound - VALUE * found.bound - EQUAL * size
            assert close(found.value, bilevel_value(network, found.measures, ties), size)
            assert plan_cost(network, found.measures) <= budget + 1e-9


# Brute force judges targets, frontiers and evaluations below, verified results and wild networks.
@pytest.mark.slow
@settings(max_examples=draws(6))
@given(data=st.data())
def test_brute_force_for_both_ties(data: st.DataObject) -> None:
    compare_with_brute_force(data.draw(networks()), data)


@pytest.mark.slow
@settings(max_examples=draws(6))
@given(data=st.data())
def test_brute_force_where_profit_ties_are_many(data: st.DataObject) -> None:
    compare_with_brute_force(data.draw(tied_networks()), data)


@settings(max_examples=draws(15))
@given(data=st.data())
def test_responses_are_those_of_the_oracle_and_lie_between_the_zero_sum_ones(
    data: st.DataObject,
) -> None:
    network = data.draw(st.one_of(networks(), tied_networks()))
    plan = data.draw(plans(network))
    worst, kindest = (respond(network, plan, objective="bilevel", ties=t) for t in TIES)
    size, money = rounding.size(network, "bilevel"), rounding.size(network, "profit")
    assert close(worst.value, bilevel_value(network, plan, "pessimistic"), size)
    assert close(kindest.value, bilevel_value(network, plan, "optimistic"), size)
    assert kindest.value <= worst.value + allowed("bilevel", worst.value, size)
    most = best_response(network, plan).value
    assert worst.value <= most + allowed("bilevel", most, size)
    best = best_response(network, plan, "profit").profit
    for response in (worst, kindest):
        assert same(response.profit, best, "profit", money)


def rivals(**changes: Any) -> Network:
    """Return 10 t for M (5 USD/kg, weight 1) or N (as much, weight 3); m1 makes N dearer."""
    rows: dict[str, Any] = {
        "nodes": [Node(node=n, name=n, kind="market") for n in "ATMN"],
        "arcs": [
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10),
            Arc(arc="a2", tail="T", head="M", commodities=("c",)),
            Arc(arc="a3", tail="T", head="N", commodities=("c",)),
        ],
        "demands": [
            Demand(node="M", commodity="c", quantity=10, price=5),
            Demand(node="N", commodity="c", quantity=10, price=5, weight=3),
        ],
        "effects": [effect("m1", "arc", "a3", cost=1), effect("m2", "arc", "a1", cut=0.5)],
        "measures": [measure("m1", 1.0), measure("m2", 2.0)],
    }
    return line(**(rows | changes))


@pytest.mark.parametrize("way", WAYS)
def test_ties_by_hand(way: str) -> None:
    network = rivals()
    answers = {"pessimistic": (30.0, ("m1",), 10.0), "optimistic": (10.0, (), 10.0)}
    for ties, (baseline, plan, value) in answers.items():
        found = solve(network, budget=1, objective="bilevel", ties=ties, solver=way)  # type: ignore[call-overload]  # a literal
        assert close(found.baseline, baseline)
        assert found.measures == plan
        assert close(found.value, value)
        assert found.status == "optimal"
        assert found.ties == ties


def harmful() -> Network:
    """Return a network whose m2 drives the trafficker from M (weight 1) to N (weight 3)."""
    return rivals(
        demands=[
            Demand(node="M", commodity="c", quantity=10, price=6),
            Demand(node="N", commodity="c", quantity=10, price=5, weight=3),
        ],
        effects=[effect("m2", "arc", "a2", cost=2), effect("m1", "arc", "a1", cut=0.5)],
    )


def test_an_evaluation_of_a_plan_that_does_harm_is_verified(tmp_path: Path) -> None:
    network = harmful()
    found = evaluate(network, measures=["m2"], objective="bilevel")
    assert close(found.value, 30.0)
    found.write(tmp_path / "out")
    verdict = verify(tmp_path / "out", network)
    assert verdict.passed, [str(check) for check in verdict.checks if not check.passed]


@pytest.mark.parametrize("way", WAYS)
def test_a_measure_may_do_harm(way: str) -> None:
    network = harmful()
    found = solve(network, budget=9, objective="bilevel", solver=way)
    assert found.measures == ("m1",)
    assert close(found.value, 5.0)
    forced = solve(
        network, budget=9, objective="bilevel", include=["m2"], exclude=["m1"], solver=way
    )
    assert close(forced.baseline, 10.0)
    assert close(forced.value, 30.0)
    assert forced.cut == pytest.approx(-20.0)
    assert [row.lost_if_dropped for row in forced.plan] == pytest.approx([-20.0])


@pytest.mark.parametrize("way", WAYS)
def test_shipping_less_may_pay_more(way: str) -> None:
    """N pays twice as much but half is lost on the way there: profit and tonnes part."""
    network = rivals(
        arcs=[
            Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=10),
            Arc(arc="a2", tail="T", head="M", commodities=("c",)),
            Arc(arc="a3", tail="T", head="N", commodities=("c",), loss=0.5),
        ],
        demands=[
            Demand(node="M", commodity="c", quantity=10, price=5),
            Demand(node="N", commodity="c", quantity=10, price=15),
        ],
        effects=[effect("m1", "arc", "a3", cut=1), effect("m2", "arc", "a2", cut=1)],
    )
    assert respond(network).value == pytest.approx(10.0)
    found = solve(network, budget=9, objective="bilevel", solver=way)
    assert close(found.baseline, 5.0)
    assert close(found.value, 0.0)
    assert found.measures == ("m1", "m2")
    one = solve(network, budget=1, objective="bilevel", solver=way)
    assert one.measures == ()  # closing the way to N alone would double what is delivered
    assert close(one.value, 5.0)


def test_the_programme_learns_from_ties(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its cuts it stands by the kinder tie, and nothing is proved."""
    network = rivals(effects=[effect("m1", "arc", "a2", cut=1), effect("m2", "arc", "a1", cut=0.1)])
    monkeypatch.setattr(formulations.Bilevel, "separate", lambda *_, **__: False)
    with pytest.raises(SolverError, match="again and again"):
        solve(network, budget=1, objective="bilevel", gap=0.0, solver="highs")


@pytest.mark.slow
@settings(max_examples=draws(8))
@given(data=st.data())
def test_targets_by_brute_force(data: st.DataObject) -> None:
    network = data.draw(st.one_of(networks(max_measures=5), tied_networks()))
    ties = data.draw(st.sampled_from(TIES))
    values = plan_values(network, feasible_plans(network, math.inf), "bilevel", ties)
    least = min(values.values())
    target = data.draw(st.sampled_from(sorted({round(v, 6) for v in values.values()})))
    margin = 1e-4 * max(1e-2, target)
    reach = [plan_cost(network, p) for p, v in values.items() if v <= target + margin]
    for way in WAYS:
        found = solve(network, target=target + margin, objective="bilevel", ties=ties, solver=way)
        if not reach:
            assert found.status == "infeasible"
            assert f"{least:.2g}"[:2] in found.reasons[0]
            continue
        assert found.status == "optimal"
        assert found.value is not None
        assert found.value <= target + 2 * margin
        assert found.spent == pytest.approx(min(reach), abs=1e-6)


@settings(max_examples=draws(4))  # brute force says so of the frontiers below, too
@given(data=st.data())
def test_more_money_never_raises_the_flow(data: st.DataObject) -> None:
    network = data.draw(st.one_of(networks(), tied_networks()))
    ties = data.draw(st.sampled_from(TIES))
    total = sum(row.cost for row in network.measures)
    values = [
        solve(network, budget=share * total, objective="bilevel", ties=ties).value
        for share in (0.0, 0.3, 0.6, 1.0)
    ]
    for less, more in zip(values[1:], values, strict=False):
        assert less is not None
        assert more is not None
        assert less <= more + 2e-4 * max(1e-2, more)


@pytest.mark.slow
@settings(max_examples=draws(5))
@given(data=st.data())
def test_frontiers_by_brute_force(data: st.DataObject) -> None:
    network = data.draw(st.one_of(networks(max_measures=5), tied_networks()))
    ties = data.draw(st.sampled_from(TIES))
    total = sum(row.cost for row in network.measures)
    found = compare(
        network, budgets=[0.0, total / 3, total], objectives="bilevel", ties=ties, gap=1e-6
    )
    size = rounding.size(network, "bilevel")
    for row in found.frontier:
        truth = optimal_plans(network, row.budget, objective="bilevel", ties=ties)
        assert row.status == "optimal"
        assert optimal(row.value, truth.value, "bilevel", size)
        assert row.bound is not None
        assert row.bound <= truth.value + VALUE * truth.value + EQUAL * size
    values = [row.value for row in found.frontier if row.value is not None]
    assert values == sorted(values, reverse=True)


@pytest.mark.slow
@settings(max_examples=draws(6))
@given(data=st.data())
def test_evaluations_say_what_the_oracle_says(data: st.DataObject) -> None:
    network = data.draw(st.one_of(networks(), tied_networks()))
    plan = data.draw(plans(network))
    ties = data.draw(st.sampled_from(TIES))
    found = evaluate(network, plan, objective="bilevel", ties=ties, against=["coverage"])
    size = rounding.size(network, "bilevel")
    assert close(found.value, bilevel_value(network, plan, ties), size)
    assert found.best is not None
    cost = plan_cost(network, plan)
    truth = optimal_plans(network, cost, objective="bilevel", ties=ties)
    assert optimal(found.best.value, truth.value, "bilevel", size)
    for row in found.next:
        rest = bilevel_value(network, {*plan, *needed(network, row.measure)}, ties)
        assert abs(found.value - row.adds - rest) <= 2 * allowed("bilevel", found.value, size)


def needed(network: Network, name: str) -> set[str]:
    """Return a measure with all that it requires."""
    wanted = {name}
    for _ in network.rules:
        wanted |= {
            r.other for r in network.rules if r.relation == "requires" and r.measure in wanted
        }
    return wanted


@pytest.mark.slow
def test_the_bound_on_peru_is_below_the_plans_of_the_other_objectives() -> None:
    """With little time the bound is honest; how good the plan is then depends on the machine."""
    network = shipped("peru-2014")
    found = solve(network, budget=20, objective="bilevel", time_limit=4)
    assert found.value is not None
    assert found.bound is not None
    proved = json.loads((ROOT / "results" / "peru-2014" / "budget-20" / "summary.json").read_text())
    earning = solve(network, budget=20, objective="profit", time_limit=2)
    for plan in (proved["measures"], earning.measures):
        reached = respond(network, plan, objective="bilevel").value
        assert found.bound <= min(found.value, reached)


@pytest.mark.slow
def test_the_search_on_peru_ends_no_worse_than_the_best_plan_of_flow() -> None:
    """That is four measures far from all that a search meets: the solver's nodes find it."""
    network = shipped("peru-2014")
    model = activity_model(network)
    problem = problem_of(network, model, PlanRequest(budget=20.0, objective="bilevel"))
    run = SolveRun(problem, RunOptions(), Clock())
    run.proves = False
    found = run.run(run.value(()))
    proved = json.loads((ROOT / "results" / "peru-2014" / "budget-20" / "summary.json").read_text())
    plan = [model.measures.index(name) for name in proved["measures"]]
    assert found.value <= run.value(plan) + EQUAL * run.scale


def test_a_measure_that_stands_in_no_row_leaves_a_plain_programme_with_a_bound() -> None:
    network = rivals(measures=[measure("m1", 0.0)], effects=[])
    for ties in TIES:
        found = solve(network, budget=1, objective="bilevel", ties=ties, solver="highs")
        assert found.status == "optimal"
        assert found.bound is not None
        assert close(found.bound, 30.0 if ties == "pessimistic" else 10.0)


def test_unknown_ties_are_refused() -> None:
    with pytest.raises(RequestError, match="ties 'kind' is not one of pessimistic, optimistic"):
        respond(rivals(), objective="bilevel", ties="kind")  # type: ignore[arg-type]  # a literal


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ties", TIES)
def test_a_rise_beyond_what_anything_pays_leaves_a_proof(
    ties: Ties, way: str, tmp_path: Path
) -> None:
    """What it closes is not in the second programme, and its prices must hold for it as well."""
    network = line(effects=[effect("m1", "arc", "a1", cost=9e3)], measures=[measure("m1")])
    found = solve(network, budget=1, objective="bilevel", ties=ties, solver=way)
    assert (found.value, found.measures) == (0.0, ("m1",))
    write_solution(found, network, tmp_path / "out")
    assert verify(tmp_path / "out").passed
