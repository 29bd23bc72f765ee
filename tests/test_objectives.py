"""The table of objectives: complete, light, and true of what the trafficker's programme counts."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from typing import get_args

import numpy as np
import pytest

from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.formulations import programme_of
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.respond import respond
from tests.networks import ROOT, shipped

NAMES: tuple[Objective, ...] = get_args(Objective)


def test_every_objective_has_its_row() -> None:
    assert tuple(OBJECTIVES) == NAMES
    assert len({traits.help for traits in OBJECTIVES.values()}) == len(NAMES)


def test_the_table_loads_nothing_heavy() -> None:
    code = "import sys, flowopt.objectives; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("objective", NAMES)
def test_a_row_says_what_is_counted(objective: Objective) -> None:
    traits = OBJECTIVES[objective]
    for plan in ([], ["m_strip"], ["m_strip", "m_scanner"]):
        found = respond(shipped("tiny"), plan, objective=objective)
        assert found.value == pytest.approx(found.profit if traits.in_money else found.weighted)
        # The trafficker's own count is the most that there is under the plan.
        most = respond(shipped("tiny"), plan, objective=traits.trafficker).value
        own = found.profit if traits.for_money else found.weighted
        assert own == pytest.approx(most)
        assert (found.ties is not None) == traits.ties
    model = activity_model(shipped("tiny"))
    assert traits.in_money == (traits.unit == "M USD")
    earns, _ = model.stakes(objective)
    assert np.array_equal(earns, model.weight) != traits.for_money
    programme = programme_of(model, objective, BestResponseSolver(model, objective))
    assert programme.monotone == traits.monotone


@pytest.mark.parametrize("objective", [name for name in NAMES if OBJECTIVES[name].monotone])
def test_no_measure_helps_where_the_row_says_so(objective: Objective) -> None:
    network = shipped("tiny")
    ids = [row.measure for row in network.measures]
    trafficker = BestResponseSolver(activity_model(network), objective)
    plans = [p for n in range(4) for p in combinations(range(len(ids)), n)]
    for plan in plans:
        value = trafficker.value(plan)
        assert all(trafficker.value((*plan, more)) <= value + 1e-9 for more in range(len(ids)))
