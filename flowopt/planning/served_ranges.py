"""Deliveries to a part of the markets by a trafficker who serves all of them: least and most.

A plan for a part is valued by the most that can reach it. A trafficker who brings as much as it can
to all markets may bring less there, and how much is left open by its equally good flows. That is
the programme of `bilevel` with tonnes in all markets in place of profit: both ties of it, with the
proof that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from flowopt.model.activities import ActivityModel, Terms
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.certificate import prove, settled
from flowopt.objectives import OBJECTIVES, TIES, Objective, Ties
from flowopt.planning.solve_run import SolveRun
from flowopt.results.numbers import rounded
from flowopt.results.proof import Proof, ServedRange

_OBJECTIVE: Objective = "bilevel"
_TOO_LARGE = "in so large a network it takes long"


@dataclass(frozen=True, slots=True)
class ServedRanges:
    """Ranges by ``before`` and ``after``, and a warning where some are missing."""

    by_plan: Mapping[str, ServedRange] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def served_ranges(run: SolveRun, plan: Iterable[int] | None) -> ServedRanges:
    """Return what arrives at the part that a request names, without measures and under a plan.

    Empty where the request is about all markets, or the trafficker ships what earns most.
    """
    if run.problem.part is None or OBJECTIVES[run.problem.request.objective].for_money:
        return ServedRanges()
    plans: dict[str, tuple[int, ...]] = {"before": ()}
    if plan is not None:
        plans["after"] = tuple(sorted(plan))
    found: dict[str, ServedRange] = {}
    if not run.trafficker.large:
        looks = _Looks(run)
        with run.stoppable():
            for name, measures in plans.items():
                if not (run.interrupted or run.whole_clock.late()):
                    found[name] = looks.at(measures)
    if len(found) == len(plans):
        return ServedRanges(found)
    cause = "you stopped it" if run.interrupted else "the time limit came first"
    cause = _TOO_LARGE if run.trafficker.large else cause
    lacking = f"{cause}: what a trafficker who serves all markets brings there was left out"
    return ServedRanges(found, (lacking,))


class _Looks:
    """Looks at what a trafficker who serves all markets brings to a part of them."""

    def __init__(self, run: SolveRun) -> None:
        self._network, self._model = run.problem.network, _all_for_money(run.model)
        self._solvers = {tie: BestResponseSolver(self._model, _OBJECTIVE, ties=tie) for tie in TIES}
        for solver in self._solvers.values():
            solver.deadline = run.whole_clock.deadline

    def at(self, plan: tuple[int, ...]) -> ServedRange:
        """Return the least and the most that arrives under a plan."""
        return ServedRange(
            least=self._proof(plan, "optimistic"), most=self._proof(plan, "pessimistic")
        )

    def _proof(self, plan: tuple[int, ...], ties: Ties) -> Proof:
        """Return the proof of what arrives with one rule for ties."""
        response = self._solvers[ties].respond(plan, anew=True)
        response = settled(self._model, _OBJECTIVE, plan, response)
        return prove(self._network, self._model, plan, response, value=rounded(response.value))


def _all_for_money(model: ActivityModel) -> ActivityModel:
    """Return the model of a trafficker who is paid the weight of each tonne, wherever it goes."""
    return replace(
        model,
        whole_weight=None,
        price=model.weight_anywhere,
        cost=np.zeros(len(model.cost)),
        cost_increases=Terms.of(()),
    )
