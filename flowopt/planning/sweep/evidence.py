"""Proofs of the plans of a comparison under one objective, each made once."""

from __future__ import annotations

import time
from collections.abc import Iterable

from flowopt.errors import OutOfTime
from flowopt.model.activities import ActivityModel
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.certificate import prove, settled
from flowopt.model.objectives import Objective, Ties
from flowopt.network.network import Network
from flowopt.planning.respond import indices
from flowopt.results.numbers import rounded
from flowopt.results.proof import Proof

MeasureIds = tuple[str, ...]


class ProofCache:
    """Cache of proofs by plan, each made on first use.

    Parameters
    ----------
    network, model, objective, ties
        The programme and objective that plans are valued under.
    known
        Proofs that exist already.
    deadline
        `time.perf_counter` after which no more are made, or None.
    """

    def __init__(
        self,
        network: Network,
        model: ActivityModel,
        objective: Objective,
        ties: Ties,
        known: Iterable[Proof],
        deadline: float | None = None,
    ) -> None:
        self._deadline = deadline
        self._network = network
        self._model = model
        self._objective: Objective = objective
        self._ties: Ties = ties
        self._known: dict[MeasureIds, Proof] = {proof.measures: proof for proof in known}
        self._trafficker: BestResponseSolver | None = None

    def of(self, plan: Iterable[str]) -> Proof:
        """Return the proof of a plan's value; `plan` is in any order.

        Raises
        ------
        OutOfTime
            When it has to be made and the deadline is over.
        """
        chosen = indices(self._model.measures, plan, what="measure")
        ids = tuple(self._model.measures[i] for i in chosen)
        if ids not in self._known:
            self._known[ids] = self._prove(chosen)
        return self._known[ids]

    def all(self) -> tuple[Proof, ...]:
        """Return every proof made so far, in the order in which they were."""
        return tuple(self._known.values())

    def _prove(self, chosen: list[int]) -> Proof:
        if self._deadline is not None and time.perf_counter() > self._deadline:
            raise OutOfTime("the time was over before a plan could be proved")
        if self._trafficker is None:
            self._trafficker = BestResponseSolver(self._model, self._objective, ties=self._ties)
            self._trafficker.deadline = self._deadline
        response = settled(self._model, self._objective, chosen, self._trafficker.respond(chosen))
        return prove(self._network, self._model, chosen, response, value=rounded(response.value))
