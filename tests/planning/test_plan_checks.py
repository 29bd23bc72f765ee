"""Each check of a plan, a reason and a claim by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import (
    with_requirements,
    without,
)
from flowopt.planning.recheck.certificate_reader import (
    Certificate,
    Claim,
    StatedProof,
)
from flowopt.planning.recheck.condition_checks import check_no_plan, check_plan
from flowopt.planning.recheck.summary_checks import check_claim
from tests.networks import measure
from tests.planning.test_proof_checks import FLOW, PRICES, network


def ruled() -> Network:
    """Return four measures of which b requires a, c requires b, and d excludes a."""
    return replace(
        network(),
        measures=tuple(measure(name) for name in "abcd"),
        effects=(),
        rules=(
            schema.Rule(measure="b", relation="requires", other="a"),
            schema.Rule(measure="c", relation="requires", other="b"),
            schema.Rule(measure="d", relation="excludes", other="a"),
        ),
        resources=(
            schema.Resource(resource="crew", name="Crew", limit=5.0),
            schema.Resource(resource="boats", name="Boats"),
        ),
        uses=(
            schema.Use(measure="a", resource="crew", amount=2.0),
            schema.Use(measure="b", resource="crew", amount=3.0),
        ),
    )


CLAIM = Claim("optimal", 10.0, None, "highs", "1", 1.0)


def certificate(**changes: Any) -> Certificate:
    sound: dict[str, Any] = {
        "result": "solution", "network": "line", "input_sha256": "", "objective": "flow",
        "ties": None, "budget": 2.0, "target": None, "resources": {"crew": 5.0},
        "include": (), "exclude": (),
        "plan": ("a", "b"), "value": 10.0, "baseline": 10.0,
        "claim": CLAIM,
        "before": StatedProof((), 10.0, FLOW, {}, PRICES),
        "after": StatedProof(("a", "b"), 10.0, FLOW, {}, PRICES),
        "dropped": {}, "next": {}, "alternatives": (), "compared": (),
    }  # fmt: skip
    return Certificate(**{**sound, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"budget": 2.0 - 1e-10}, None),
        ({"budget": None}, None),
        ({"budget": 1.9}, "it costs 2, over the budget of 1.9"),
        ({"resources": {"crew": 4.9}}, "it takes 5 of crew, over 4.9"),
        ({"resources": {}}, "crew has a limit of 5 in the network, but none here"),
        ({"resources": {"crew": 5.0, "jets": 1.0}}, "the network has no resource jets"),
        ({"plan": ("b",)}, "it breaks the rule b requires a"),
        ({"plan": ("a", "d")}, "it breaks the rule d excludes a"),
        ({"plan": ("b", "a")}, "the plan in file order is ('b', 'a') instead of ('a', 'b')"),
        ({"plan": ("a", "x")}, "the plan in file order is ('a', 'x') instead of ('a',)"),
        ({"include": ("c",)}, "c had to be in it"),
        ({"exclude": ("b",)}, "b could not be in it"),
    ],
)
def test_each_condition_on_a_plan_is_checked(changes: dict[str, Any], said: str | None) -> None:
    check = check_plan(ruled(), certificate(**changes))
    assert check.faults == (() if said is None else (said,))


NO_PLAN = {"plan": (), "value": None, "after": None}


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"include": ("c",)}, "infeasible", "it costs 3, over the budget of 2"),
        ({"include": ("c",), "exclude": ("a",)}, "infeasible", "a could not be in it"),
        ({"include": ("a", "d")}, "infeasible", "it breaks the rule d excludes a"),
        ({"include": ("b",), "resources": {"crew": 1.0}}, "infeasible", "it takes 5 of crew"),
        ({"target": 1.0, "budget": None}, "infeasible", "is the solver's claim"),
        ({}, "no_solution", "is the solver's claim"),
    ],
)
def test_why_there_is_no_plan(changes: dict[str, Any], status: str, said: str) -> None:
    check = check_no_plan(ruled(), certificate(**NO_PLAN, **changes), status)
    assert check.passed, check
    assert said in check.seen


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({}, "infeasible", "what is forced, with what it requires, is a plan itself"),
        ({"include": ("c",)}, "no_solution", "the status is 'no_solution' instead of 'infeasible'"),
        ({"include": ("c",), "plan": ("a",)}, "infeasible", "the certificate has a plan or its"),
        ({"include": ("c",), "value": 1.0}, "infeasible", "the certificate has a plan or its"),
    ],
)
def test_a_reason_that_is_none(changes: dict[str, Any], status: str, said: str) -> None:
    check = check_no_plan(ruled(), certificate(**{**NO_PLAN, **changes}), status)
    assert len(check.faults) == 1
    assert check.faults[0].startswith(said)


def test_what_a_plan_needs_and_what_stays_without_a_measure() -> None:
    assert with_requirements(ruled(), ["c"]) == {"a", "b", "c"}
    assert without(ruled(), ["a", "b", "c"], "a") == set()
    assert without(ruled(), ["a", "b", "c"], "c") == {"a", "b"}


PROOF = StatedProof(("a", "b"), 10.0, FLOW, {}, PRICES)


@pytest.mark.parametrize(
    ("changes", "claim", "said"),
    [
        ({}, {}, None),
        ({"before": None}, {}, "the baseline has no proof"),
        ({"before": replace(PROOF)}, {}, "the plan of the baseline is ('a', 'b')"),
        ({"baseline": 11.0}, {}, "the baseline is 11.0 instead of 10.0"),
        ({"after": replace(PROOF, measures=("a",))}, {}, "the plan behind the value is ('a',)"),
        ({"after": replace(PROOF, value=10.5)}, {}, "the value is 10.0 instead of 10.5"),
        ({"value": 11.0, "after": replace(PROOF, value=11.0)}, {}, "the value is 11 instead of at"),
        ({}, {"bound": 10.1}, "the bound is 10.1 instead of at most 10"),
        ({}, {"bound": None}, "there is no bound"),
        ({"target": 10.0}, {"bound": None, "cost_bound": 2.0}, None),
        ({"target": 9.9}, {"bound": None, "cost_bound": 2.0}, "the value is 10 instead of at most"),
        ({"target": 10.0}, {"cost_bound": 2.0}, "the bound, where costs are what is bounded,"),
        ({}, {"cost_bound": 2.0}, "the bound on costs, where there is no target,"),
        ({"target": 10.0}, {"bound": None}, "there is no bound on the cost"),
        ({}, {"status": "infeasible"}, "that there is a plan is True instead of False"),
    ],
)
def test_values_and_claims_must_fit(
    changes: dict[str, Any], claim: dict[str, Any], said: str | None
) -> None:
    whole = certificate(**changes)
    check = check_claim(whole, replace(CLAIM, **claim))
    assert len(check.faults) == (0 if said is None else 1), check.faults
    assert said is None or check.faults[0].startswith(said)
