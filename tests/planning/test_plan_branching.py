"""The branch over plans within `solve`: when it is taken, cut short, and stopped."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from flowopt.errors import SolverError
from flowopt.objectives import Objective
from flowopt.planning import plan_branching, solver_session
from flowopt.planning.solve import solve
from flowopt.results.solution import Solution
from tests.networks import shipped

REQUESTS: tuple[dict[str, Any], ...] = (
    {"budget": 4, "alternatives": 3},
    {"budget": 3, "include": ["m_vetting"], "exclude": ["m_strip"]},
    {"target": 7.0},
)
# `profit` differs from `flow` in what it counts, not in how plans are branched on.
ASKED: tuple[tuple[Objective, int], ...] = (
    *(("flow", number) for number in range(len(REQUESTS))),
    ("profit", 0),
    *(("bilevel", number) for number in range(len(REQUESTS))),
)


def told(found: Solution) -> tuple[Any, ...]:
    """Return what must not hang on the way to it."""
    alternatives = [(row.measures, pytest.approx(row.value)) for row in found.alternatives]
    return found.status, found.measures, pytest.approx(found.value), found.spent, alternatives


@pytest.mark.parametrize(("objective", "number"), ASKED)
def test_a_small_network_needs_no_programme(
    objective: Objective, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = REQUESTS[number] | {"objective": objective}
    by_programme = solve(shipped("tiny"), **asked, solver="highs", gap=1e-9)

    def refused(*_: object, **__: object) -> None:
        raise SolverError("the programme was solved")

    monkeypatch.setattr(solver_session, "solve_milp", refused)
    found = solve(shipped("tiny"), **asked)
    assert told(found) == told(by_programme)
    if "budget" in asked:
        assert (found.bound, found.gap) == (found.value, 0.0)


def test_a_solver_that_is_named_proves_all_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise SolverError("the programme was solved")

    monkeypatch.setattr(solver_session, "solve_milp", refused)
    with pytest.raises(SolverError, match="the programme was solved"):
        solve(shipped("tiny"), budget=4, solver="highs")


@cache
def left_alone(objective: Objective, number: int) -> Solution:
    found: Solution = solve(shipped("tiny"), **REQUESTS[number], objective=objective, gap=1e-9)
    return found


@pytest.mark.parametrize("work", [10, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 30))])
@pytest.mark.parametrize(("objective", "number"), ASKED)
def test_what_it_leaves_the_programme_proves(
    objective: Objective, number: int, work: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut short anywhere it hands on its plan and bound, and the answer stays what it is."""
    whole = left_alone(objective, number)
    for name in ("_WORK", "_OUTRIGHT_WORK", "_BILEVEL_WORK", "_TIE_WORK"):
        monkeypatch.setattr(plan_branching, name, work)
    monkeypatch.setattr(plan_branching, "_LEAST_NODES", 0)
    found = solve(shipped("tiny"), **REQUESTS[number], objective=objective, gap=1e-9)
    assert told(found) == told(whole)


def test_the_user_may_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(plan_branching, "_REPORT", 1)
    network = shipped("tiny")
    with pytest.raises(KeyboardInterrupt):
        solve(network, budget=4, on_progress=interrupt)
    found = solve(network, budget=4, on_progress=interrupt, keep_on_interrupt=True)
    assert (found.status, found.limit, found.interrupted) == ("limit", "interrupted", True)
    assert found.value is not None
    assert found.bound is not None
    assert found.bound < found.value
