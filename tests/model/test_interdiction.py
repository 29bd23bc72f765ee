"""The programme itself: its golden files, and what it promises."""

from __future__ import annotations

import re

import numpy as np
import pytest

from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bounds import derive_bounds
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints, allowed
from flowopt.model.interdiction import cheapest, zero_sum
from flowopt.model.solver import SolverOptions, solve_milp
from flowopt.network import schema
from tests.golden import CASES, Case, golden, text
from tests.networks import effect, line, measure, shipped
from tests.peru import BASELINE

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def test_the_formulation_is_the_golden_one(case: Case) -> None:
    """A changed formulation is seen; `python -m tests.golden` writes the files again.

    The last digits of a coefficient are those of the processor and of numpy.
    """
    now, kept = text(case), golden(case).read_text(encoding="utf-8")
    assert _NUMBER.sub("#", now).split() == _NUMBER.sub("#", kept).split()
    numbers = [list(map(float, _NUMBER.findall(each))) for each in (now, kept)]
    assert len(numbers[0]) > 100
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-13, abs=0.0)


def test_every_coefficient_lies_between_minus_one_and_one() -> None:
    model = activity_model(shipped("peru-2014"))
    problem = zero_sum(
        model, derive_bounds(model, "flow"), "flow", PlanConstraints(20.0), scale=BASELINE
    )
    rows = abs(problem.milp.matrix).max(axis=1).toarray().ravel()
    assert rows == pytest.approx(np.ones(len(rows)))
    assert (problem.milp.upper <= 1.0).all()


def test_the_value_at_a_fixed_plan_is_the_trafficker_s() -> None:
    """With every measure forced in or out, the programme is the dual of the best response."""
    network = shipped("shared-crew")
    model = activity_model(network)
    trafficker = BestResponseSolver(model)
    everyone = frozenset(range(len(model.measures)))
    core = [{i} for i in range(len(model.measures)) if allowed(model, PlanConstraints(1e9), {i})]
    assert core
    for plan in core:
        chosen = frozenset(plan)
        limits = PlanConstraints(1e9, include=chosen, exclude=everyone - chosen)
        problem = zero_sum(model, derive_bounds(model, "flow"), "flow", limits, scale=1.0)
        found = solve_milp(problem.milp, SolverOptions(gap=0.0))
        assert found.objective == pytest.approx(trafficker.value(plan), rel=1e-7)


def test_sums_are_compared_with_the_slack_of_the_format() -> None:
    model = activity_model(line(measures=[measure("m1", 0.1), measure("m2", 0.2)], effects=[]))
    assert allowed(model, PlanConstraints(0.3), {0, 1})
    assert allowed(model, PlanConstraints(0.3 - 5e-10), {0, 1})
    assert not allowed(model, PlanConstraints(0.3 - 5e-9), {0, 1})


def test_rules() -> None:
    model = activity_model(
        line(
            measures=[measure(m) for m in ("a", "b", "c")],
            effects=[],
            rules=[
                schema.Rule(measure="a", relation="requires", other="b"),
                schema.Rule(measure="c", relation="excludes", other="b"),
            ],
        )
    )
    every = [set(), {0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}]
    kept = [plan for plan in every if allowed(model, PlanConstraints(9.0), plan)]
    assert kept == [set(), {1}, {2}, {0, 1}]


def test_the_cheapest_plan_for_a_target() -> None:
    network = line(
        measures=[measure("m1", 3.0), measure("m2", 2.0)],
        effects=[effect("m1", "arc", "a1", cut=0.8), effect("m2", "arc", "a2", cut=0.7)],
    )
    model = activity_model(network)
    problem = zero_sum(
        model, derive_bounds(model, "flow"), "flow", PlanConstraints(9.0), scale=10.0
    )
    for target, cost in ((10.0, 0.0), (6.0, 2.0), (5.0, 3.0), (4.0, 3.0)):
        found = solve_milp(cheapest(problem, model, target), SolverOptions(gap=0.0))
        assert found.objective == pytest.approx(cost)
    assert solve_milp(cheapest(problem, model, 3.0), SolverOptions()).status == "infeasible"
