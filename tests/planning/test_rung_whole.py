"""A rung of `bilevel` in one piece, by two ways: right, and the same on any number of threads."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from flowopt.model import rung_whole
from flowopt.model.milp import MilpBuilder
from flowopt.model.rung_whole import WholeRung
from flowopt.model.solver import SolverOptions, nothing_found, solve_once
from flowopt.model.solver_scip import scip_installed
from tests.hunt.networks import Quarry
from tests.oracles.enumerate import optimal_plans
from tests.planning.test_rung_parts import half, ladder

pytestmark = pytest.mark.skipif(not scip_installed(), reason="SCIP is an extra")


class Programme:
    """A rung that nobody looks into."""

    milp = MilpBuilder().build([])


def whole(threads: int, seconds: float | None = None) -> WholeRung:
    """Return a rung whose tries are written by the test."""
    options = SolverOptions(name="scip", time_limit=seconds)
    return WholeRung(Programme(), options, threads)  # type: ignore[arg-type]  # all that is read


@pytest.mark.parametrize("nodes", [1, 1_000], ids=["with-cuts", "without"])
@pytest.mark.parametrize("name", ["tie-7-5", "plain-7-3"])
def test_both_ways_prove_the_same_on_one_thread_and_on_two(
    name: str, nodes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rung_whole, "_NODES", nodes)
    network = Quarry.named(name).drawn()[0]
    truth = optimal_plans(network, half(network), objective="bilevel").value
    answers = []
    for threads in (1, 2):
        asked = ladder(network, threads=threads)
        bound = asked._rung(0.03, 0.0, None, None)
        answers.append((asked.search.best, bound, asked.session.effort, asked._easy))
        assert bound <= truth + 1e-6 * asked.session.scale
        assert bound >= asked._target(0.03)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("easy", [True, False])
def test_the_try_without_cuts_counts_if_it_ends(
    easy: bool, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the other one ends before it, and stops that if it does not."""

    def told(_: Any, options: SolverOptions, __: None, go_on: Any) -> Any:
        done = nothing_found(options, interrupted=False, open_=False)
        if not options.cuts:
            time.sleep(0.02)
            left = replace(done, status="no_solution", limit="nodes")
            return replace(done if easy else left, iterations=5)
        while easy:
            time.sleep(0.001)
            go_on(None)
        return replace(done, iterations=7)

    monkeypatch.setattr(rung_whole, "solve_once", told)
    rung = whole(threads)
    result, interrupted = rung.prove(lambda: None)
    assert not interrupted
    assert rung.easy is easy
    assert (result.status, result.iterations) == ("infeasible", 5 if easy else 12)
    assert rung.seconds >= 0.02 if easy else rung.seconds < 0.02


@pytest.mark.parametrize("threads", [1, 2])
def test_one_thread_keeps_time_for_the_try_with_cuts(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {}

    def late(_: Any, options: SolverOptions, *__: Any) -> Any:
        given[options.cuts] = options.time_limit
        left = nothing_found(options, interrupted=False, open_=True)
        return replace(left, open_nodes=((),)) if options.cuts else left

    monkeypatch.setattr(rung_whole, "solve_once", late)
    result, _ = whole(threads, 100.0).prove(lambda: None)
    assert (result.status, result.open_nodes) == ("no_solution", ((),))
    assert given[True] == pytest.approx(100.0, abs=1.0)
    assert given[False] == pytest.approx(15.0 if threads == 1 else 100.0, abs=1.0)


def test_a_rung_that_neither_way_finishes_leaves_an_honest_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    once: Any = solve_once

    def cut_short(*args: Any) -> Any:
        return replace(once(*args), status="no_solution", values=None, limit="time")

    monkeypatch.setattr(rung_whole, "solve_once", cut_short)
    network = Quarry.named("tie-7-5").drawn()[0]
    truth = optimal_plans(network, half(network), objective="bilevel").value
    asked = ladder(network, seconds=1_000.0)
    bound = asked._rung(0.03, 0.0, None, None)
    assert bound <= truth + 1e-6 * asked.session.scale
    assert bound < asked._target(0.03) + 1e-9
    assert asked.session.limit_of("limit") == "time"


def test_what_goes_wrong_in_a_try_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(rung_whole, "solve_once", broken)
    with pytest.raises(RuntimeError, match="broken"):
        whole(2).prove(lambda: None)
