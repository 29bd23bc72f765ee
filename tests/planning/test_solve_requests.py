"""Questions with a plain answer, and those that are refused or have none."""

from __future__ import annotations

import math
from typing import Any

import pytest

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.planning.solve import solve
from tests.networks import effect, line, measure, shipped
from tests.oracles.enumerate import best_plan

CUT = {"measures": [measure("m1")], "effects": [effect("m1", "arc", "a1", cut=1.0)]}


def test_a_budget_of_zero() -> None:
    found = solve(line(**CUT), budget=0)
    assert (found.status, found.value, found.bound, found.measures) == ("optimal", 10.0, 10.0, ())
    assert (found.gap, found.cut, found.spent) == (0.0, 0.0, 0.0)


def test_a_budget_that_buys_everything_buys_only_what_helps() -> None:
    network = shipped("shared-crew")
    found = solve(network, budget=1e6)
    truth = best_plan(network, 1e6)
    assert (found.value, found.measures) == (pytest.approx(truth.value), tuple(truth.plan))


def test_a_network_without_measures() -> None:
    found = solve(line(), budget=5)
    assert (found.status, found.value, found.measures) == ("optimal", 10.0, ())


def test_a_network_without_a_path() -> None:
    arcs = [schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=20.0)]
    found = solve(line(**{**CUT, "arcs": arcs}), budget=5)
    assert (found.status, found.value, found.bound, found.gap) == ("optimal", 0.0, 0.0, 0.0)
    assert found.cut_share is None


def test_nothing_to_deliver() -> None:
    demands = [schema.Demand(node="M", commodity="c", quantity=0.0)]
    found = solve(line(**CUT, demands=demands), budget=5)
    assert (found.status, found.baseline, found.measures) == ("optimal", 0.0, ())


def test_weights_count_in_the_objective() -> None:
    demands = [schema.Demand(node="M", commodity="c", quantity=10.0, weight=2.5)]
    found = solve(line(demands=demands), budget=0)
    assert found.value == 25.0
    assert found.after is not None
    assert (found.after.delivered, found.after.weighted) == (10.0, 25.0)


def test_ties_go_to_the_cheapest_then_the_first() -> None:
    measures = [measure("dear", 3.0), measure("b", 2.0), measure("a", 2.0), measure("free", 0.0)]
    effects = [effect(m.measure, "arc", "a1", cut=1.0) for m in measures[:3]]
    found = solve(line(measures=measures, effects=effects), budget=10)
    assert found.measures == ("b",)


def test_a_resource_of_the_table_binds_and_a_given_one_counts_instead() -> None:
    network = line(
        **CUT,
        resources=[schema.Resource(resource="boats", name="Boats", limit=1.0)],
        uses=[schema.Use(measure="m1", resource="boats", amount=2.0)],
    )
    assert solve(network, budget=5).measures == ()
    found = solve(network, budget=5, resources={"boats": 2.0})
    assert (found.measures, found.used, found.resources) == (("m1",), {"boats": 2}, {"boats": 2})


def test_dropping_a_measure_drops_what_requires_it() -> None:
    network = line(
        measures=[measure("radar"), measure("chase")],
        effects=[effect("chase", "arc", "a1", cut=0.8)],
        rules=[schema.Rule(measure="chase", relation="requires", other="radar")],
    )
    found = solve(network, budget=2)
    assert found.value == pytest.approx(4.0)
    assert {row.measure: row.lost_if_dropped for row in found.plan} == pytest.approx(
        {"radar": 6.0, "chase": 6.0}
    )


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (
            {"budget": 1, "include": ["m1", "m3"]},
            "clash: --include m3 and --budget 1. m3 with m1, which m3 requires, cost 2 M USD.",
        ),
        ({"budget": 9, "include": ["m1"], "exclude": ["m1"]}, "can't be in the plan and out of it"),
        ({"budget": 9, "include": ["m3"], "exclude": ["m1"]}, "--exclude m1. m3 requires m1."),
        (
            {"budget": 9, "include": ["m1", "m2"]},
            "--include m1 and --include m2. m2 and m1 exclude each other.",
        ),
        ({"budget": 9, "include": ["m2", "m3"]}, "m2 and m1 exclude each other; m3 requires m1."),
        (
            {"budget": 9, "include": ["m3"], "resources": {"boats": 1}},
            "--resource boats=1. m3 uses 2 of boats.",
        ),
        ({"budget": 9, "include": ["m3"]}, "the network's limit of 1.5 on boats. m3 uses 2"),
    ],
)
def test_an_infeasible_request_says_why(request_: dict[str, Any], reason: str) -> None:
    network = line(
        measures=[measure("m1"), measure("m2"), measure("m3")],
        effects=[],
        resources=[schema.Resource(resource="boats", name="Boats", limit=1.5)],
        uses=[schema.Use(measure="m3", resource="boats", amount=2.0)],
        rules=[
            schema.Rule(measure="m3", relation="requires", other="m1"),
            schema.Rule(measure="m2", relation="excludes", other="m1"),
        ],
    )
    found = solve(network, **request_)
    assert found.status == "infeasible"
    assert any(reason in text for text in found.reasons)
    assert (found.value, found.bound, found.gap, found.spent) == (None, None, None, None)
    assert (len(found.flows), len(found.plan), found.after) == (0, 0, None)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"budget": -1}, "budget -1 is not a number of at least 0"),
        ({"budget": math.nan}, "budget nan"),
        ({"budget": math.inf}, "budget inf"),
        ({"budget": 1, "include": ["m11"]}, "measure 'm11' is not in the network; did you mean"),
        ({"budget": 1, "resources": {"boats": 1}}, "resource 'boats' is not in the network"),
        ({"budget": 1, "objective": "harm"}, "objective 'harm' is not one of flow, profit"),
        ({"budget": 1, "gap": 1.5}, "gap 1.5"),
        ({"budget": 1, "alternatives": 0}, "alternatives 0"),
        ({}, "give a budget, or a target"),
        ({"target": -1}, "target -1"),
        ({"target": 1, "alternatives": 2}, "alternatives are for a budget"),
        ({"budget": 1, "within": -0.1}, "within -0.1"),
        ({"budget": 1, "time_limit": 0}, "time limit 0"),
        ({"budget": 1, "solver": "nosuch"}, "solver 'nosuch' is not known"),
    ],
)
def test_a_wrong_request_is_refused(request_: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        solve(line(**CUT), **request_)
