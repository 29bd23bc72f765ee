"""Proofs by tightened prices and fewer rows: what they rest on, and what if they are wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from flowopt.errors import SolverError
from flowopt.model.activities import ActivityModel
from flowopt.model.bounds import Bounds
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.fewer_rows import FewerRows, with_fewer_rows
from flowopt.model.milp import Milp
from flowopt.model.solver_types import MilpResult
from flowopt.model.tightening import tightened
from flowopt.objectives import Objective
from flowopt.planning import solve_run
from flowopt.planning.solve import solve
from flowopt.planning.solver_session import SolverSession
from tests.hunt.networks import Quarry
from tests.networks import shipped

Tightened = Callable[..., Bounds]


@pytest.fixture
def _by_the_programme(monkeypatch: pytest.MonkeyPatch) -> None:
    """No plans tried one by one and no look before the search: both prove small networks.

    Prices are tightened for tonnes too, whose markets all count alike here.
    """
    monkeypatch.setattr("flowopt.model.formulations.far_apart", lambda *_: True)
    monkeypatch.setattr(solve_run, "branching_of", lambda _: None)
    monkeypatch.setattr(solve_run, "first_look", lambda _: None)


@pytest.fixture
def cutoffs(monkeypatch: pytest.MonkeyPatch, _by_the_programme: None) -> list[tuple[float, float]]:
    """The (budget, cutoff) of each tightening."""
    seen: list[tuple[float, float]] = []

    def noted(
        model: ActivityModel,
        bounds: Bounds,
        objective: Objective,
        limits: PlanConstraints,
        cutoff: float,
        *,
        scale: float,
        deadline: float | None,
    ) -> Bounds:
        seen.append((limits.budget, cutoff))
        return tightened(model, bounds, objective, limits, cutoff, scale=scale, deadline=deadline)

    monkeypatch.setattr("flowopt.model.formulations.tightened", noted)
    return seen


def test_the_cutoff_is_the_plan_in_hand(cutoffs: list[tuple[float, float]]) -> None:
    solution = solve(shipped("shared-crew"), budget=4)
    assert cutoffs == [(4.0, pytest.approx(solution.value))]


def test_each_alternative_has_its_own_cutoff(cutoffs: list[tuple[float, float]]) -> None:
    solution = solve(shipped("shared-crew"), budget=4, alternatives=3)
    found = [plan.value for plan in solution.alternatives]
    assert len(found) == 3
    assert found == sorted(found)
    assert [cutoff for _, cutoff in cutoffs][: len(found)] == pytest.approx(found)


def test_a_target_is_a_cutoff_and_a_known_plan_the_budget(
    cutoffs: list[tuple[float, float]],
) -> None:
    solution = solve(shipped("shared-crew"), target=8.0)
    assert solution.status == "optimal"
    (budget, cutoff), *more = cutoffs
    assert not more
    assert budget >= (solution.spent or 0.0)
    assert cutoff == pytest.approx(8.0, abs=1e-5)


@pytest.mark.usefixtures("_by_the_programme")
@pytest.mark.parametrize("share", [0.5, 1e-3])
def test_prices_that_are_too_low_are_not_believed(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The solver then claims more than a plan that is known is worth, and looks again without."""

    def wrong(_: ActivityModel, bounds: Bounds, *__: object, **___: object) -> Bounds:
        return replace(
            bounds,
            netback=share * bounds.netback,
            margin=share * bounds.margin,
            row=share * bounds.row,
        )

    monkeypatch.setattr("flowopt.model.formulations.tightened", wrong)
    right = solve(shipped("shared-crew"), budget=4)
    assert (right.status, right.value) == ("optimal", pytest.approx(8.0))
    assert solve(shipped("shared-crew"), target=8.0).spent == pytest.approx(right.spent)


OTHER_SHAPES = ("plain", "near", "mixed")


@pytest.mark.usefixtures("_by_the_programme")
@pytest.mark.parametrize(
    "shape",
    ["multiply", "tie", "size", *(pytest.param(s, marks=pytest.mark.slow) for s in OTHER_SHAPES)],
)
def test_answers_are_those_of_brute_force(shape: str) -> None:
    asked: list[Objective] = ["flow", "profit"]
    for number, objective in enumerate(asked):
        for answer in Quarry(shape, 11, number).asked((objective, "pessimistic"), whole=False):
            assert answer.outcome in ("equal", "near"), (shape, number, answer)


@pytest.mark.usefixtures("_by_the_programme")
def test_the_proof_has_fewer_rows_and_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = []

    def noted(milp: Milp) -> FewerRows:
        fewer = with_fewer_rows(milp)
        gone.append(len(milp.row_names) - len(fewer.milp.row_names))
        return fewer

    monkeypatch.setattr("flowopt.planning.proof_loop.with_fewer_rows", noted)
    network = shipped("shared-crew")
    found = solve(network, budget=4, solver="highs")
    assert found.status == "optimal"
    assert max(gone) > 0
    careful = solve(network, budget=4, solver="cbc")
    assert found.value == pytest.approx(careful.value)


class LowSolver:
    """HiGHS with every value and bound too low, of careful looks only where it `insists`."""

    def __init__(self) -> None:
        self.insists = False
        self.looks: list[tuple[bool, int]] = []
        self._solve = SolverSession.solve

    def solve(
        self, session: SolverSession, milp: Milp, *given: Any, careful: bool = False
    ) -> MilpResult:
        self.looks.append((careful, len(milp.row_names)))
        found = self._solve(session, milp, *given, careful=careful)
        if careful and not self.insists:
            return found
        assert found.objective is not None
        assert found.bound is not None
        return replace(found, objective=found.objective - 0.1, bound=found.bound - 0.1)


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch, _by_the_programme: None) -> LowSolver:
    solver = LowSolver()
    monkeypatch.setattr(
        SolverSession, "solve", lambda *given, **options: solver.solve(*given, **options)
    )
    return solver


def test_a_plan_valued_too_low_is_looked_at_again_by_the_whole_programme(low: LowSolver) -> None:
    found = solve(shipped("shared-crew"), budget=4, solver="highs")
    assert (found.status, found.value) == ("optimal", pytest.approx(8.0))
    assert [careful for careful, _ in low.looks] == [False, True]
    assert low.looks[0][1] < low.looks[1][1]  # no rows are taken into columns


def test_a_solver_that_insists_on_too_low_a_value_is_an_error(low: LowSolver) -> None:
    low.insists = True
    with pytest.raises(SolverError, match=r"values its plan at .*, the trafficker's programme at"):
        solve(shipped("shared-crew"), budget=4, solver="highs")


def test_without_time_for_another_look_the_plan_is_kept_and_not_the_doubtful_bound(
    low: LowSolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SolverSession, "late", lambda _: bool(low.looks))
    found = solve(shipped("shared-crew"), budget=4, solver="highs")
    assert (found.status, found.limit, found.value) == ("limit", "time", pytest.approx(8.0))
    assert [careful for careful, _ in low.looks] == [False]
    assert found.bound == pytest.approx(4.5)  # of all measures at once
