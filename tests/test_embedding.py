"""In other people's programs: in threads and processes, beside a HiGHS of theirs, in silence."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import highspy
import pytest

from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.compare import compare
from flowopt.planning.evaluate import evaluate
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.results.plan_result import Seconds
from flowopt.results.solution import Solution
from tests.networks import ROOT, shipped

ASKED: tuple[tuple[str, float, Objective], ...] = (
    ("tiny", 4.0, "flow"),
    ("two-bridges", 4.0, "flow"),
    ("tiny", 4.0, "profit"),
    ("shared-crew", 5.0, "flow"),
    ("leaky-river", 3.0, "profit"),
    ("tiny", 3.0, "bilevel"),
)
NEVER = Seconds(0.0, 0.0, 0.0, 0.0)


def best(network: Network, budget: float, objective: Objective) -> Solution:
    """Solve, and forget how long it took."""
    return replace(solve(network, budget=budget, objective=objective), seconds=NEVER)


def run_script(code: str, *options: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, *options, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def their_highs(threads: int) -> str:
    """Solve a knapsack as a caller does who has a model of its own; return what HiGHS says."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", threads)
    whole = highspy.HighsVarType.kInteger
    x, y, z = (highs.addVariable(0.0, 1.0, -worth, whole) for worth in (5.0, 4.0, 3.0))
    highs.addConstr(x + y + z <= 2.0)
    highs.run()
    return str(highs.modelStatusToString(highs.getModelStatus()))


@pytest.fixture
def fresh_thread() -> Iterator[Callable[..., Any]]:
    """Run things one after another in a thread in which HiGHS has not run before."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda *call: pool.submit(*call).result()


def test_solves_in_threads_give_what_they_give_alone() -> None:
    networks = {name: shipped(name) for name, _, _ in ASKED}
    alone = [best(networks[name], budget, objective) for name, budget, objective in ASKED]
    before = set(threading.enumerate())  # what other tests left at work is none of this one's
    with ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(best, networks[name], budget, objective)
            for name, budget, objective in ASKED * 2
        ]
        answers = [pool.submit(respond, networks["tiny"], ["m_strip"]) for _ in range(4)]
    assert [job.result() for job in jobs] == alone * 2
    assert {answer.result().value for answer in answers} == {9.0}
    assert set(threading.enumerate()) <= before


def test_comparisons_in_threads_give_what_they_give_alone() -> None:
    network = shipped("two-bridges")
    alone = compare(network, budgets="0:4:2").frontier
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(compare, network, budgets="0:4:2") for _ in range(2)]
    for job in jobs:
        rows = [replace(row, seconds=0.0) for row in job.result().frontier]
        assert rows == [replace(row, seconds=0.0) for row in alone]


def test_a_caller_s_own_highs_with_other_threads(fresh_thread: Callable[..., Any]) -> None:
    network = shipped("tiny")
    alone = best(network, 4.0, "flow")
    assert fresh_thread(their_highs, 2) == "Optimal"
    assert fresh_thread(best, network, 4.0, "flow") == alone
    assert fresh_thread(lambda: respond(network).value) == 10.0
    assert fresh_thread(their_highs, 2) == "Optimal"  # and theirs is as it was


def test_a_caller_s_own_highs_after_ours(fresh_thread: Callable[..., Any]) -> None:
    # As `docs/modellers.md` says: HiGHS keeps, for each thread, the first number of workers.
    assert fresh_thread(lambda: respond(shipped("tiny")).value) == 10.0
    assert fresh_thread(their_highs, 0) == "Optimal"
    assert fresh_thread(their_highs, 2) == "Not Set"
    fresh_thread(highspy.Highs.resetGlobalScheduler, True)
    assert fresh_thread(their_highs, 2) == "Optimal"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes can be forked")
def test_forked_processes_solve_though_the_parent_has_solved() -> None:
    code = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
import highspy
import flowopt

def ask(budget):
    return flowopt.solve(network, budget=budget).value, flowopt.respond(network).value

def ask_all():
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        return list(pool.map(ask, (0, 2, 4)))

network = flowopt.read_network("networks/tiny")
print([ask(budget) for budget in (0, 2, 4)] == ask_all())
highspy.Highs.resetGlobalScheduler(True)
highs = highspy.Highs()
highs.setOptionValue("output_flag", False)
highs.setOptionValue("threads", 2)
highs.addVariable(0.0, 1.0, -1.0)
highs.run()
print(ask_all())
"""
    # Python 3.12 warns of any fork beside threads, here those of the caller's HiGHS.
    said = run_script(code, "-W", "ignore::DeprecationWarning")
    assert said == ["True", "[(10.0, 10.0), (8.0, 10.0), (6.0, 10.0)]"]


@pytest.mark.parametrize(
    "solver",
    # A race is of the two that are slow here.
    ["cbc", "race", *(pytest.param(name, marks=pytest.mark.slow) for name in ("highs", "scip"))],
)
def test_nothing_is_printed_or_logged(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, solver: str
) -> None:
    network = shipped("tiny")
    with caplog.at_level(logging.DEBUG, logger="flowopt"):
        solve(network, budget=4, solver=solver, alternatives=2)
        solve(network, budget=2, target=5, solver=solver)
        solve(network, budget=3, objective="bilevel", solver=solver)
        compare(network, budgets=[2], solver=solver)
        evaluate(network, ["m_strip"], budget=3, against=["coverage"], solver=solver)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_importing_and_solving_leave_the_process_as_it_was() -> None:
    code = """
import locale, logging, os, signal, sys, threading
def state():
    return {
        "signals": {n: signal.getsignal(n) for n in signal.valid_signals()},
        "logging": (logging.root.handlers[:], logging.root.level),
        "threads": threading.active_count(),
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "hooks": (sys.excepthook, threading.excepthook, sys.displayhook),
        "locale": locale.setlocale(locale.LC_ALL),
        "umask": os.umask(0o22),
        "recursion": sys.getrecursionlimit(),
    }
os.umask(0o22)
before = state()
import flowopt
for name in flowopt.__all__:
    getattr(flowopt, name)
network = flowopt.read_network("networks/tiny")
flowopt.solve(network, budget=4)
import flowopt.cli
after = state()
print(*[key for key in before if before[key] != after[key]])
"""
    assert run_script(code) == [""]


def test_importing_loads_next_to_nothing() -> None:
    code = """
import sys
before = set(sys.modules)
import flowopt
loaded = set(sys.modules) - before
ours = sorted(name for name in loaded if name.partition(".")[0] == "flowopt")
print(*ours)
print(*sorted({name.partition(".")[0] for name in loaded} - sys.stdlib_module_names))
"""
    assert run_script(code) == ["flowopt flowopt._version flowopt.late_names", "flowopt"]


def test_a_solve_in_another_thread_leaves_ctrl_c_alone() -> None:
    handler = signal.getsignal(signal.SIGINT)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(solve, shipped("tiny"), budget=4, keep_on_interrupt=True).result()
    assert (found.status, found.interrupted) == ("optimal", False)
    assert signal.getsignal(signal.SIGINT) is handler
