"""Runs for a target, and the solver's plans that keep limits by its tolerance only."""

from __future__ import annotations

import pytest

from flowopt.model.search import Search
from flowopt.objectives import Objective
from flowopt.planning import target_run
from flowopt.planning.solve import solve
from flowopt.planning.solver_session import plan_of
from tests.networks import effect, line, measure


@pytest.mark.parametrize("objective", ["flow", "bilevel"])
def test_part_of_a_plan_that_breaks_limits_by_rounding_may_reach_the_target(
    monkeypatch: pytest.MonkeyPatch, objective: Objective
) -> None:
    """A solver's plan may pass a limit by its tolerance; it says nothing of what it holds."""
    measures = [measure("half", cost=6.0), measure("idle", cost=5.0)]
    network = line(measures=measures, effects=[effect("half", "demand", "M", cut=0.5)])
    first = iter([frozenset({0, 1})])
    monkeypatch.setattr(target_run, "plan_of", lambda *given: next(first, None) or plan_of(*given))
    monkeypatch.setattr(Search, "reach", lambda *_: None)
    monkeypatch.setattr(Search, "take_known_reaching", lambda *_: None)
    found = solve(network, target=5.0, budget=10.0, objective=objective, solver="highs")
    assert (found.status, found.measures, found.spent) == ("optimal", ("half",), 6.0)
