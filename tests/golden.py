"""The golden LP files: `python -m tests.golden` writes them again after a meant change."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bounds import derive_bounds
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.interdiction import zero_sum
from flowopt.report.programmes import lp_text
from tests.networks import DATA, shipped

Case = tuple[str, Literal["flow", "profit"], float]
CASES: list[Case] = [("tiny", "flow", 4.0), ("tiny", "profit", 4.0), ("shared-crew", "flow", 7.0)]


def golden(case: Case) -> Path:
    """Return where the golden file of a case lies."""
    return DATA / "golden" / f"{case[0]}_{case[1]}.lp"


def text(case: Case) -> str:
    """Return the programme of a case as `flowopt export` writes it."""
    name, objective, budget = case
    model = activity_model(shipped(name))
    limits = PlanConstraints(budget, resources=((0, 4.0),) if model.resources else ())
    scale = BestResponseSolver(model, objective).value()
    bounds = derive_bounds(model, objective)
    return lp_text(zero_sum(model, bounds, objective, limits, scale=scale).milp, [])


if __name__ == "__main__":
    for each in CASES:
        golden(each).write_text(text(each), encoding="utf-8")
