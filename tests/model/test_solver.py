"""Every status a solver can end with is mapped to the truth."""

from __future__ import annotations

import dataclasses
import gc
import re
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from flowopt.errors import RequestError, SolverError
from flowopt.model import (
    solver,
    solver_highs,
    solver_pulp,
    solver_scip,
    solver_types,
)
from flowopt.model.build import activity_model
from flowopt.model.milp import Milp, MilpBuilder
from flowopt.model.solver import Progress, SolverOptions, solve_milp
from flowopt.model.solver_types import MilpResult, wanted
from tests.networks import ROOT, effect, line, measure


def knapsack(count: int = 3, *, least: float = 0.0, seed: int = 1) -> Milp:
    """Return minimise -worth'x subject to weight'x <= half of all, sum x >= least."""
    random = np.random.default_rng(seed)
    weight = random.integers(20, 100, count).astype(float)
    build = MilpBuilder()
    x = build.variables("x", count, integer=True)
    zero = np.zeros(count, dtype=np.int64)
    build.rows("weight", [(zero, x, weight)], upper=float(weight.sum() // 2), count=1)
    build.rows("least", [(zero, x, 1.0)], lower=least, count=1)
    return build.build([(x, -weight - random.integers(0, 3, count))])


@pytest.mark.parametrize("name", ["highs", "cbc", "scip", "race"])
def test_optimal(name: str) -> None:
    milp = knapsack(12)
    found = solve_milp(milp, SolverOptions(name=name, gap=0.0))
    assert found.status == "optimal"
    assert found.values is not None
    assert found.objective == pytest.approx(float(milp.cost @ found.values))
    assert found.bound == pytest.approx(found.objective)


def test_the_solvers_agree() -> None:
    for seed in range(5):
        milp = knapsack(15, seed=seed)
        values = [solve_milp(milp, SolverOptions(name=n, gap=0.0)).objective for n in SOLVERS]
        assert values == pytest.approx([values[0]] * len(SOLVERS))


SOLVERS = ("highs", "cbc", "scip", "race")


@pytest.mark.parametrize("name", SOLVERS)
def test_infeasible_has_no_values(name: str) -> None:
    found = solve_milp(knapsack(3, least=4.0), SolverOptions(name=name))
    assert (found.status, found.values, found.objective) == ("infeasible", None, None)


@pytest.mark.parametrize("name", SOLVERS)
def test_a_solution_that_is_enough_ends_the_search_and_none_above_is_wanted(name: str) -> None:
    milp = knapsack(12)
    best = solve_milp(milp, SolverOptions(gap=0.0)).objective
    assert best is not None
    for careful in (False, True):
        options = SolverOptions(name=name, gap=0.0, careful=careful, enough=best + 30.0)
        found = solve_milp(milp, options)
        assert (found.status, found.limit) == ("optimal", None)
        assert found.objective is not None
        assert found.objective <= best + 30.0
        found = solve_milp(milp, dataclasses.replace(options, enough=best - 0.5))
        assert (found.status, found.values, found.objective) == ("infeasible", None, None)


def knapsacks(count: int, rows: int) -> Milp:
    """Return a knapsack with many weights: with a hundred things nobody lives to see its end."""
    build = MilpBuilder()
    x = build.variables("x", count, integer=True)
    random = np.random.default_rng(3)
    for row in range(rows):
        weight = random.integers(1, 1000, count).astype(float)
        zero = np.zeros(count, dtype=np.int64)
        build.rows(f"w{row}_", [(zero, x, weight)], upper=weight.sum() / 2, count=1)
    return build.build([(x, -random.integers(1, 1000, count).astype(float))])


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize("name", SOLVERS)
def test_enough_of_a_programme_without_whole_numbers(name: str, careful: bool) -> None:
    # HiGHS ends such a one above `enough` without a word on how far it is proved.
    milp = dataclasses.replace(knapsacks(40, 20), integer=np.zeros(40, dtype=np.bool_))
    best = solve_milp(milp, SolverOptions(gap=0.0)).objective
    assert best is not None
    options = SolverOptions(name=name, gap=0.0, careful=careful, enough=1.1 * best)
    assert solve_milp(milp, options).status == "infeasible"
    found = solve_milp(milp, dataclasses.replace(options, enough=best + 0.5))
    assert (found.status, found.limit) == ("optimal", None)


def test_a_node_limit_is_a_limit_with_a_true_bound() -> None:
    milp = knapsacks(40, 20)
    full = solve_milp(milp, SolverOptions(gap=0.0))
    cut_short = solve_milp(milp, SolverOptions(gap=0.0, nodes=1))
    assert full.status == "optimal"
    assert cut_short.status == "limit"
    assert full.objective is not None
    assert cut_short.bound is not None
    assert cut_short.objective is not None
    assert cut_short.bound <= full.objective + 1e-6 <= cut_short.objective + 2e-6


def test_a_start_is_taken() -> None:
    milp = knapsack(30)
    best = solve_milp(milp, SolverOptions(gap=0.0))
    assert best.values is not None
    started = solve_milp(milp, SolverOptions(gap=0.5), start=best.values)
    assert started.objective == pytest.approx(best.objective)


def test_progress_is_reported() -> None:
    seen: list[Progress] = []
    solve_milp(knapsack(30), SolverOptions(gap=0.0), on_progress=seen.append)
    assert seen
    assert all(p.seconds >= 0.0 for p in seen)


def test_what_progress_raises_stops_the_solver_and_is_passed_on() -> None:
    def enough(progress: Progress) -> None:
        if progress.incumbent is not None:
            raise LookupError("seen enough")

    others = set(threading.enumerate())
    with pytest.raises(LookupError, match="seen enough"):
        solve_milp(knapsacks(200, 40), SolverOptions(gap=0.0), on_progress=enough)
    for thread in set(threading.enumerate()) - others:
        thread.join(30.0)
        assert not thread.is_alive()


def test_an_unknown_solver_is_the_users_mistake() -> None:
    with pytest.raises(RequestError, match=r"'nosuch' is not known; one of .*highs"):
        solve_milp(knapsack(), SolverOptions(name="nosuch"))


def test_a_missing_solver_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_pulp, "_ALIASES", {"mosek": ("MOSEK",)})
    with pytest.raises(SolverError, match="not installed or has no licence"):
        solve_milp(knapsack(), SolverOptions(name="mosek"))


def test_a_failing_solver_is_a_solver_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no licence file")

    monkeypatch.setattr("flowopt.model.solver_pulp.pulp.LpProblem.solve", broken)
    with pytest.raises(SolverError, match="cbc failed: OSError: no licence file"):
        solve_milp(knapsack(), SolverOptions(name="cbc"))


def test_variables_the_solver_never_saw_stand_at_their_lower_bound() -> None:
    build = MilpBuilder()
    build.variables("unused", 2, lower=0.5)
    x = build.variables("x", 1, integer=True)
    build.rows("one", [([0], x, 1.0)], lower=1.0, count=1)
    for name in SOLVERS:
        found = solve_milp(build.build([(x, np.ones(1))]), SolverOptions(name=name))
        assert found.values is not None
        assert found.values.tolist() == [0.5, 0.5, 1.0]


# -- solvers that run in this process -------------------------------------------------------------

HERE = ("highs", "scip", "race")
ENDLESS = knapsacks(200, 40)


def assert_true(found: solver_types.MilpResult) -> None:
    """Assert that a stopped solve says what can be true of a solution and a bound."""
    assert found.status == "limit"
    assert found.values is not None
    assert found.objective is not None
    assert found.objective == pytest.approx(float(ENDLESS.cost @ found.values))
    assert (ENDLESS.matrix @ found.values <= ENDLESS.row_upper + 1e-6).all()
    assert found.bound is None or found.bound < found.objective


@pytest.mark.parametrize("name", HERE)
def test_a_time_limit_is_a_limit_with_a_plan(name: str) -> None:
    # A bound too, but on a busy machine no solver needs to have one so soon.
    found = solve_milp(ENDLESS, SolverOptions(name=name, gap=0.0, time_limit=0.5))
    assert_true(found)
    assert found.limit == "time"


@pytest.mark.parametrize("name", HERE)
def test_the_user_stops_it_and_keeps_what_there_is(name: str) -> None:
    def enough(progress: Progress) -> None:
        if progress.incumbent is not None and progress.bound is not None:
            raise KeyboardInterrupt

    others = set(threading.enumerate())
    found = solve_milp(ENDLESS, SolverOptions(name=name, gap=0.0), on_progress=enough)
    assert_true(found)
    assert found.bound is not None
    assert (found.limit, found.interrupted) == ("interrupted", True)
    for thread in set(threading.enumerate()) - others:
        thread.join(30.0)
        assert not thread.is_alive()


@pytest.mark.parametrize("name", [name for name in HERE if name != "race"])
def test_a_limit_of_nodes_is_named(name: str) -> None:
    found = solve_milp(knapsacks(40, 20), SolverOptions(name=name, gap=0.0, nodes=1))
    assert (found.status, found.limit) == ("limit", "nodes")
    assert solve_milp(knapsack(12), SolverOptions(name=name, gap=0.0, nodes=1000)).limit is None


@pytest.mark.parametrize("name", HERE)
def test_progress_brackets_the_optimum(name: str) -> None:
    seen: list[Progress] = []
    milp = knapsacks(30, 10)
    found = solve_milp(milp, SolverOptions(name=name, gap=0.0), on_progress=seen.append)
    assert found.objective is not None
    assert seen
    for progress in seen:
        assert progress.bound is None or progress.bound <= found.objective + 1e-6
        assert progress.incumbent is None or progress.incumbent >= found.objective - 1e-6


@pytest.mark.parametrize("name", HERE)
def test_a_start_of_whole_numbers_is_completed(name: str) -> None:
    """Prices are not part of a start: the solver finds those that go with the measures."""
    milp = priced()
    best = solve_milp(milp, SolverOptions(name=name, gap=0.0))
    assert best.values is not None
    start = np.where(milp.integer, np.round(best.values), np.nan)
    for good in (False, True):
        options = SolverOptions(name=name, gap=0.0, nodes=1, good_start=good)
        started = solve_milp(milp, options, start=start)
        assert started.objective == pytest.approx(best.objective, abs=1e-7)


def priced() -> Milp:
    """Return a choice of 6 out of 14 things with a price each, nine in ten of them unknown."""
    build = MilpBuilder()
    x = build.variables("x", 14, integer=True)
    random = np.random.default_rng(5)
    rows = np.arange(150)
    price = build.variables("p", 150, upper=np.inf)
    build.rows("sum", [(np.zeros(14, dtype=np.int64), x, 1.0)], upper=6.0, count=1)
    entries: list[tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]] = [(rows, price, 1.0)]
    entries += [(rows, x[random.integers(0, 14, 150)], random.random(150)) for _ in range(4)]
    build.rows("price", entries, lower=random.random(150) + 0.5, count=150)
    return build.build([(price, random.random(150))])


@pytest.mark.parametrize("name", HERE)
def test_nothing_to_choose(name: str) -> None:
    build = MilpBuilder()
    x = build.variables("x", 3, lower=0.5)
    build.rows("sum", [(np.zeros(3, dtype=np.int64), x, 1.0)], lower=2.0, count=1)
    found = solve_milp(build.build([(x, np.ones(3))]), SolverOptions(name=name))
    assert found.status == "optimal"
    assert found.objective == pytest.approx(2.0)
    assert found.bound == pytest.approx(2.0)


@pytest.mark.parametrize("name", [*HERE, "cbc"])
def test_nothing_is_printed(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    solve_milp(knapsacks(20, 5), SolverOptions(name=name, gap=0.01), start=np.zeros(20))
    solve_milp(knapsack(3, least=4.0), SolverOptions(name=name))
    assert capfd.readouterr() == ("", "")


def test_scip_says_what_it_did() -> None:
    found = solve_milp(knapsacks(30, 10), SolverOptions(name="SCIP", gap=0.0))
    assert found.solver == "scip"
    assert re.fullmatch(r"\d+\.\d+\.\d+", found.version)
    assert found.nodes is not None
    assert found.nodes > 1
    assert found.iterations is not None
    assert found.iterations > found.nodes


@pytest.mark.parametrize("cuts", [True, False])
def test_scip_adds_cuts_where_they_are_wanted(cuts: bool) -> None:
    pyscipopt = pytest.importorskip("pyscipopt", reason="SCIP is an extra")
    model = pyscipopt.Model()
    options = SolverOptions(name="scip", good_start=True, cuts=cuts)
    solver_scip.ScipRun(knapsack(), options, None, 0.0)._configure(model)
    assert (model.getParam("separating/gomory/freq") >= 0) is cuts


@pytest.mark.parametrize(
    ("state", "status"),
    [("gaplimit", "optimal"), ("memlimit", "limit"), ("inforunbd", "infeasible")],
)
def test_states_of_scip(state: str, status: str) -> None:
    run = solver_scip.ScipRun(knapsack(), SolverOptions(name="scip"), None, 0.0)
    run._end = solver_scip._End(state, -1.0, np.zeros(3), 1, 1)
    run.done.set()
    assert run.result(interrupted=False).status == status


@pytest.mark.parametrize("state", ["unknown", "unbounded", "a state of a later version"])
def test_what_scip_does_not_know_is_never_optimal(state: str) -> None:
    run = solver_scip.ScipRun(knapsack(), SolverOptions(name="scip"), None, 0.0)
    run._end = solver_scip._End(state, -1.0, np.zeros(3), 1, 1)
    run.done.set()
    with pytest.raises(SolverError, match=f"SCIP failed: {state}"):
        run.result(interrupted=False)


class Troubled:
    """A model of SCIP that runs into numerical trouble as its solve ends."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def optimizeNogil(self) -> None:
        self._model.optimizeNogil()
        raise Exception("SCIP: error in LP solver!")  # noqa: TRY002 - PySCIPOpt raises this


def test_numerical_trouble_of_scip_leaves_what_it_had_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build = solver_pulp.scip_model

    def troubled(milp: Milp, stop: Callable[[], bool]) -> tuple[object, list[object]]:
        built = build(milp, stop)
        assert built is not None
        return Troubled(built[0]), built[1]

    milp = knapsacks(30, 10)
    best = solve_milp(milp, SolverOptions(name="highs", gap=0.0))
    monkeypatch.setattr(solver_pulp, "scip_model", troubled)
    found = solve_milp(milp, SolverOptions(name="scip", gap=0.0, tell_open=True))
    assert (found.status, found.limit, found.open_nodes) == ("limit", None, None)
    assert found.objective == pytest.approx(best.objective)
    assert found.bound is not None
    assert best.objective is not None
    assert found.bound <= best.objective + 1e-6


@pytest.mark.parametrize("kind", [solver_highs.HighsRun, solver_scip.ScipRun])
def test_a_model_that_nobody_waits_for_is_not_built_to_its_end(kind: Any) -> None:
    run = kind(knapsack(), SolverOptions(), None, 0.0)
    run.halt()
    run.start(threading.Event())
    assert run.done.wait(30.0)
    found = run.result(interrupted=False)
    assert (found.status, found.limit, found.bound) == ("no_solution", "time", None)


def test_a_solve_leaves_no_model_of_scip_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[object]] = []
    build = solver_pulp.scip_model

    def kept(milp: Milp, stop: Callable[[], bool]) -> tuple[object, list[object]]:
        built = build(milp, stop)
        assert built is not None
        model, variables = built
        made.append(weakref.ref(model))
        return model, variables

    monkeypatch.setattr(solver_pulp, "scip_model", kept)
    solve_milp(knapsack(12), SolverOptions(name="scip"))
    gc.collect()
    assert [each() for each in made] == [None]


def test_the_first_solve_of_a_process_leaves_none_behind_either() -> None:
    code = (
        "import gc, flowopt, pyscipopt\n"
        "network = flowopt.read_network('networks/tiny')\n"
        "flowopt.solve(network, budget=4, solver='scip')\n"
        "gc.collect()\n"
        "print(sum(isinstance(each, pyscipopt.Model) for each in gc.get_objects()))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "0\n", "")


@pytest.mark.parametrize("name", ["highs", "cbc", "scip"])
def test_that_there_is_no_solution_is_looked_at_twice(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """One wrong "infeasible" is no answer; two that share little are."""
    real = solver.solve_once
    asked: list[SolverOptions] = []

    def blind(milp: Milp, options: SolverOptions, *others: Any) -> solver_types.MilpResult:
        asked.append(options)
        found = real(milp, options, *others)
        wrong = dataclasses.replace(found, status="infeasible", values=None, objective=None)
        return found if options.careful else wrong

    monkeypatch.setattr(solver, "solve_once", blind)
    found = solve_milp(knapsack(12), SolverOptions(name=name, gap=0.0))
    assert (found.status, found.solver) == ("optimal", "highs")
    assert [(each.name, each.careful) for each in asked] == [(name, False), ("highs", True)]
    asked.clear()
    assert solve_milp(knapsack(3, least=4.0), SolverOptions(name=name)).status == "infeasible"
    assert len(asked) == 2


# -- the choice ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("installed", "cut", "chosen"),
    [(True, 0.5, "scip"), (True, 1.0, "highs"), (False, 0.5, "highs"), (False, 1.0, "highs")],
)
def test_auto_goes_by_what_measures_do_and_never_by_the_clock(
    installed: bool, cut: float, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = activity_model(
        line(measures=[measure("m")], effects=[effect("m", "arc", "a1", cut=cut)])
    )
    monkeypatch.setattr(solver, "scip_installed", lambda: installed)
    assert solver.chosen_solver("auto", model, "profit") == chosen
    assert solver.chosen_solver("auto", model, "bilevel") == chosen
    assert solver.chosen_solver("auto", model, "flow") == "highs"
    assert solver.chosen_solver("cbc", model, "profit") == "cbc"
    assert ("SCIP" in solver.solver_version("auto")) == installed


def test_what_is_infeasible_needs_no_bound_to_hold_none_that_is_enough() -> None:
    found = MilpResult("infeasible", None, None, None, None, "highs", "1")
    assert wanted(found, 3.0).status == "infeasible"
    late = dataclasses.replace(found, status="no_solution")
    assert wanted(late, 3.0).status == "no_solution"
    assert wanted(dataclasses.replace(late, bound=4.0), 3.0).status == "infeasible"


@pytest.mark.parametrize("name", ["highs", "scip"])
def test_a_gap_is_a_share_however_small_the_costs_are(name: str) -> None:
    milp = knapsack(12)
    small = dataclasses.replace(milp, cost=1e-3 * milp.cost)
    whole, found = (solve_milp(each, SolverOptions(name=name, gap=0.0)) for each in (milp, small))
    assert whole.objective is not None
    assert found.objective == pytest.approx(1e-3 * whole.objective)
    assert found.bound == pytest.approx(found.objective)
