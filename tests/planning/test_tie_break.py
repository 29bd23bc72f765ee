"""The tie-break's smallest difference of two costs, from which on a bound settles it."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from flowopt.model.solver_types import MilpResult
from flowopt.planning import tie_break
from flowopt.planning.solve import solve
from flowopt.planning.solver_session import SolverSession
from flowopt.planning.tie_break import TieBreak, _unit
from tests.networks import effect, line, measure


@pytest.mark.parametrize(
    ("costs", "unit"),
    [
        ([1.0, 3.0], 1.0),
        ([0.0, 3.0, 4.5], 1.5),
        ([0.5, 1.25], 0.25),
        ([0.1, 0.2, 0.7], 0.1),
        ([0.0, 0.0], 0.0),
        ([], 0.0),
        ([1.0, 1.0 / 3.0], 0.0),
        ([1e-7, 1.0], 0.0),
    ],
)
def test_two_costs_differ_by_the_largest_amount_that_divides_all(
    costs: list[float], unit: float
) -> None:
    assert _unit(np.array(costs)) == pytest.approx(unit)


@pytest.mark.parametrize("cheap", [2.0, 1.9, 1.0 + 1e-7])
def test_the_cheaper_of_two_equal_plans_is_found_however_little_it_saves(cheap: float) -> None:
    """Two that close what one closes alone: no swap of one measure finds the pair."""
    measures = [measure("whole", cost=2.0 + 1e-6), measure("half", cost=cheap / 2.0)]
    measures += [measure("other", cost=cheap / 2.0)]
    effects = [effect("whole", "demand", "M", cut=0.75)]
    effects += [effect(name, "demand", "M", cut=0.5) for name in ("half", "other")]
    found = solve(line(measures=measures, effects=effects), budget=2.5)
    assert found.measures == ("half", "other")


@pytest.mark.parametrize("gap", [1e-4, 1e-9, 0.0])
@pytest.mark.parametrize("more", [1e-10, 1e-8, 9e-8])
def test_a_proof_by_targets_still_holds_for_what_the_tie_break_takes(
    more: float, gap: float
) -> None:
    """The bound lies as far below the best plan as the gap lets it, and an equal one is worse."""
    measures = [measure("first"), measure("better")]
    effects = [effect("first", "arc", "a1", cut=0.75 - more)]
    effects += [effect("better", "arc", "a2", cut=0.75)]
    network = line(measures=measures, effects=effects)
    found = solve(network, budget=1.0, objective="bilevel", solver="highs", gap=gap)
    assert (found.status, found.limit) == ("optimal", None)
    assert found.value == pytest.approx(5.0, abs=1e-7 * 20.0)
    if more < 5e-8:
        assert found.measures == ("first",)


@pytest.mark.parametrize("seconds", [None, 60.0])
def test_the_solver_is_asked_where_there_is_time_to_build_its_programme(
    monkeypatch: pytest.MonkeyPatch, seconds: float | None
) -> None:
    measures = [measure("whole", cost=2.0), measure("half", 0.5), measure("other", 0.5)]
    effects = [effect("whole", "demand", "M", cut=0.75)]
    effects += [effect(name, "demand", "M", cut=0.5) for name in ("half", "other")]
    network, asked = line(measures=measures, effects=effects), SolverSession.solve_aside
    calls = []

    def counted(self: SolverSession, *given: Any) -> MilpResult:
        calls.append(self)
        return asked(self, *given)

    monkeypatch.setattr(SolverSession, "solve_aside", counted)
    solve(network, budget=2.5, solver="highs", time_limit=seconds)
    assert calls
    calls.clear()
    monkeypatch.setattr(tie_break, "_BUILDING", 100.0)
    assert solve(network, budget=2.5, solver="highs", time_limit=seconds).status == "optimal"
    assert bool(calls) == (seconds is None)


def test_swaps_take_a_tenth_of_a_proof_and_steps_of_a_tree_are_short() -> None:
    """The same count of steps is a tenth of the seconds where flows that spread took them."""
    session, search = Mock(effort=1_200_000), Mock()
    by_solver = TieBreak(session, search, 0.0)._work()
    by_tree = TieBreak(session, search, 0.0, tree=Mock(effort=1_200_000))._work()
    assert by_solver == tie_break._SWAPS + 1_000
    assert by_tree == tie_break._SWAPS + 100
