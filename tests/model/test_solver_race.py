"""The race of HiGHS and SCIP: which answers, and what both know together."""

from __future__ import annotations

import re
import threading

import numpy as np
import pytest

from flowopt.errors import SolverError
from flowopt.model import (
    solver,
    solver_highs,
    solver_race,
    solver_scip,
    solver_types,
)
from flowopt.model.solver import SolverOptions, solve_milp
from tests.model.test_solver import HERE, knapsack


def fail(*_: object, **__: object) -> None:
    raise OSError("no memory")


@pytest.mark.parametrize("loser", ["highs", "scip"])
def test_if_one_fails_the_other_answers(monkeypatch: pytest.MonkeyPatch, loser: str) -> None:
    kind = {"highs": solver_highs.HighsRun, "scip": solver_scip.ScipRun}[loser]
    monkeypatch.setattr(kind, "_solve", fail)
    milp = knapsack(12)
    found = solve_milp(milp, SolverOptions(name="race", gap=0.0))
    alone = solve_milp(milp, SolverOptions(name="cbc", gap=0.0))
    assert (found.status, found.solver) == ("optimal", "race")
    assert found.objective == pytest.approx(alone.objective)
    with pytest.raises(SolverError, match="failed: OSError: no memory"):
        solve_milp(milp, SolverOptions(name=loser))


def test_if_both_fail_both_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (solver_highs.HighsRun, solver_scip.ScipRun):
        monkeypatch.setattr(kind, "_solve", fail)
    with pytest.raises(SolverError, match=r"HiGHS failed: .*no memory; SCIP failed: .*no memory"):
        solve_milp(knapsack(), SolverOptions(name="race"))


def test_the_first_to_prove_stops_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the other would never end by itself."""
    ended = threading.Event()

    def endless(run: solver_highs.HighsRun) -> None:
        run.stop.wait(60.0)
        ended.set()
        raise OSError("told to stop")

    monkeypatch.setattr(solver_highs.HighsRun, "_solve", endless)
    found = solve_milp(knapsack(12), SolverOptions(name="race", gap=0.0))
    assert found.status == "optimal"
    assert ended.is_set()


def told(status: str, objective: float | None, bound: float | None) -> solver_types.MilpResult:
    values = None if objective is None else np.array([objective])
    return solver_types.MilpResult(
        status,  # type: ignore[arg-type]  # one of them
        values,
        objective,
        bound,
        "time" if status in ("limit", "no_solution") else None,
        "one",
        "1",
    )


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        (("limit", 10.0, 7.0), ("limit", 9.0, 6.0), ("limit", 9.0, 7.0)),
        (("limit", 10.0, 7.0), ("no_solution", None, 8.0), ("limit", 10.0, 8.0)),
        (("limit", 10.0, 7.0), ("limit", 12.0, 9.99995), ("optimal", 10.0, 9.99995)),
        (("limit", 10.0, None), ("optimal", 8.0, 8.0), ("optimal", 8.0, 8.0)),
        (("no_solution", None, None), ("infeasible", None, None), ("infeasible", None, None)),
        (("no_solution", None, None), ("no_solution", None, 3.0), ("no_solution", None, 3.0)),
        (("limit", 10.0, None), ("limit", 12.0, None), ("limit", 10.0, None)),
    ],
)
def test_the_answer_is_the_best_of_both(
    first: tuple[str, float | None, float | None],
    second: tuple[str, float | None, float | None],
    answer: tuple[str, float | None, float | None],
) -> None:
    for pair in ((first, second), (second, first)):
        found = solver_race._together([told(*each) for each in pair], 1e-4)
        assert (found.status, found.objective, found.bound) == answer
        assert (found.values is None) is (found.objective is None)
        if found.values is not None:
            assert found.values.tolist() == [found.objective]


def test_a_racers_solution_refutes_that_there_is_none() -> None:
    pair = [told("infeasible", None, None), told("limit", 4.0, 1.0)]
    found = solver_race._together(pair, 1e-4)
    assert (found.status, found.objective, found.bound) == ("limit", 4.0, 1.0)


def test_a_race_names_both_and_has_two_threads() -> None:
    found = solve_milp(knapsack(), SolverOptions(name="Race"))
    assert found.solver == "race"
    assert re.fullmatch(r"HiGHS \d+\.\d+\.\d+, SCIP \d+\.\d+\.\d+", found.version)
    assert solver.solver_version("race") == found.version
    assert [solver.solver_threads(SolverOptions(name=n, threads=3)) for n in HERE] == [3, 1, 2]


def test_a_race_without_scip_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "scip_installed", lambda: False)
    for ask in (
        lambda: solver.solver_version("race"),
        lambda: solve_milp(knapsack(), SolverOptions(name="race")),
    ):
        with pytest.raises(SolverError, match=r"SCIP is not installed.*'flowopt\[scip\]'"):
            ask()
