"""Proofs of the plans of a comparison under one objective, each made once."""

from __future__ import annotations

import time
from collections.abc import Iterable

from flowopt.errors import OutOfTime
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.certificate import prove, settled
from flowopt.planning.plan_constraints import PlanProblem, indices
from flowopt.results.numbers import rounded
from flowopt.results.proof import Proof

MeasureIds = tuple[str, ...]


class ProofCache:
    """Cache of proofs by plan, each made on first use.

    Parameters
    ----------
    problem
        The network, activities and objective that plans are valued under.
    known
        Proofs that exist already.
    deadline
        `time.perf_counter` after which no more are made, or None.
    """

    def __init__(
        self, problem: PlanProblem, known: Iterable[Proof], deadline: float | None = None
    ) -> None:
        self._deadline = deadline
        self._problem = problem
        self._known: dict[MeasureIds, Proof] = {proof.measures: proof for proof in known}
        self._trafficker: BestResponseSolver | None = None

    def of(self, plan: Iterable[str]) -> Proof:
        """Return the proof of a plan's value; `plan` is in any order.

        Raises
        ------
        OutOfTime
            When it has to be made and the deadline is over.
        """
        measures = self._problem.model.measures
        chosen = indices(measures, plan, what="measure")
        ids = tuple(measures[i] for i in chosen)
        if ids not in self._known:
            self._known[ids] = self._prove(chosen)
        return self._known[ids]

    def all(self) -> tuple[Proof, ...]:
        """Return every proof made so far, in the order in which they were."""
        return tuple(self._known.values())

    def _prove(self, chosen: list[int]) -> Proof:
        if self._deadline is not None and time.perf_counter() > self._deadline:
            raise OutOfTime("the time was over before a plan could be proved")
        network, model, request = self._problem.network, self._problem.model, self._problem.request
        if self._trafficker is None:
            self._trafficker = BestResponseSolver(model, request.objective, ties=request.ties)
            self._trafficker.deadline = self._deadline
        response = settled(model, request.objective, chosen, self._trafficker.respond(chosen))
        return prove(network, model, chosen, response, value=rounded(response.value))
