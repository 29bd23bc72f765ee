"""Flows that use and take only what is there, made of optima that the solver let pass."""

from __future__ import annotations

import numpy as np
import pytest

from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.shortfall import without_shortfall
from tests.networks import line


def test_what_uses_or_takes_too_much_runs_that_much_less() -> None:
    network = line()
    model = activity_model(network)
    right = BestResponseSolver(model, "flow").respond(()).activity
    over = right.copy()
    ship = [a.kind for a in model.activities].index("ship")
    over[ship:] *= 1.0 + 1e-5
    found = without_shortfall(model, over, model.limit)
    assert found == pytest.approx(right, rel=1e-9)


def test_what_the_optimum_hangs_on_stays() -> None:
    model = activity_model(line())
    over = 1.5 * BestResponseSolver(model, "flow").respond(()).activity
    assert without_shortfall(model, over, model.limit, model.weight) is over


def test_rounding_stays_as_it_is() -> None:
    model = activity_model(line())
    activity = BestResponseSolver(model, "flow").respond(()).activity
    over = activity * (1.0 + 1e-10)
    assert without_shortfall(model, over, model.limit) is over
    assert np.isfinite(over).all()
