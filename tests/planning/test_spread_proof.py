"""The proof by flows that spread within `solve`: when it is taken, cut short, and stopped."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

from flowopt.errors import SolverError
from flowopt.model.best_response import BestResponseSolver
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.objectives import Objective
from flowopt.planning import solver_session, spread_proof
from flowopt.planning.solve import solve
from flowopt.results.solution import Solution
from tests.networks import DATA, shipped

QUESTIONS: tuple[tuple[str, Objective, dict[str, Any]], ...] = (
    ("grid16x16_third_s1", "flow", {"budget": 3, "alternatives": 2}),
    ("grid16x16_third_s1", "flow", {"budget": 5, "include": ["m43"], "exclude": ["m50"]}),
    ("layered_mc3_86_all_s1", "profit", {"budget": 5}),
)


@cache
def network(name: str) -> Network:
    return read_network(DATA / "instances" / name)


def asked(question: int, **options: Any) -> Solution:
    name, objective, request = QUESTIONS[question]
    found: Solution = solve(network(name), objective=objective, **request, **options)
    return found


@cache
def left_alone(question: int) -> Solution:
    return asked(question, gap=1e-9)


def refuse_programmes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise SolverError("the programme was solved")

    monkeypatch.setattr(solver_session.SolverSession, "solve", refused)


def told(found: Solution) -> tuple[Any, ...]:
    """Return what must not hang on the way to it."""
    alternatives = [(row.measures, pytest.approx(row.value)) for row in found.alternatives]
    return found.status, found.measures, pytest.approx(found.value), found.spent, alternatives


@pytest.mark.parametrize("question", range(len(QUESTIONS)), ids=lambda q: str(QUESTIONS[q]))
def test_what_closes_arcs_needs_no_programme(
    question: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_programme = asked(question, solver="highs", gap=1e-9)
    refuse_programmes(monkeypatch)
    assert told(asked(question, gap=1e-9)) == told(by_programme)


@pytest.mark.parametrize("steps", [pytest.param(0, marks=pytest.mark.slow), 100])
@pytest.mark.parametrize("question", range(len(QUESTIONS)), ids=lambda q: str(QUESTIONS[q]))
def test_what_it_leaves_the_programme_proves(
    question: int, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut short anywhere it hands on its plan and bound, and the answer stays what it is."""
    whole = told(left_alone(question))
    monkeypatch.setattr(spread_proof, "_STEPS", steps)
    assert told(asked(question, gap=1e-9)) == whole


def test_all_measures_at_once_are_not_valued_where_it_proves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    valued: list[frozenset[int]] = []
    value = BestResponseSolver.value

    def noted(trafficker: BestResponseSolver, plan: Iterable[int] = ()) -> float:
        valued.append(frozenset(plan))
        return value(trafficker, valued[-1])

    monkeypatch.setattr(BestResponseSolver, "value", noted)
    assert asked(0, gap=1e-9).status == "optimal"
    assert 3 <= max(map(len, valued)) < 10


def test_it_is_left_out_where_measures_only_hamper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread_proof, "SpreadFlow", None)
    assert solve(shipped("tiny"), budget=4, gap=1e-9).status == "optimal"


def test_the_user_may_stop_it() -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked(2, on_progress=interrupt)
    found = asked(2, on_progress=interrupt, keep_on_interrupt=True, gap=1e-9)
    assert (found.status, found.limit, found.interrupted) == ("limit", "interrupted", True)
