"""The trafficker of one question, kept ready for the plans that people try."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from flowopt.clock import Clock
from flowopt.defaults import TIE_RULE
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import build_in_time
from flowopt.model.coverage import kept_to
from flowopt.model.incumbent import Plan
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.marginal_values import NextMeasures, next_measures, proof_by
from flowopt.planning.plan_conditions import broken
from flowopt.planning.plan_constraints import indices, plan_totals, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.response_tables import describe
from flowopt.results.response import Response

_KEPT = 16  # responses; a page asks again for those it goes back to
_LOOKING = 10.0  # seconds that the search for what comes next may take


@dataclass(frozen=True, slots=True)
class TriedPlan:
    """One plan that was tried.

    Attributes
    ----------
    response : Response
        What the trafficker does under it.
    spent : float
        What it costs, M USD a year.
    used : mapping
        What it takes of each resource.
    promised : float
        What it would cut if the trafficker kept to what it does today.
    broken : tuple of str
        Rules and limits of the network that it breaks, in a sentence each.
    """

    response: Response
    spent: float
    used: dict[str, float]
    promised: float
    broken: tuple[str, ...]


class LiveView:
    """Best responses of one network to plans, for one objective.

    Answers may be asked for from several threads; each kind of answer is given one at a time.

    Parameters
    ----------
    network
        The network, of one scenario and period.
    objective
        What the planner keeps low.

    Attributes
    ----------
    network : Network
        As given.
    objective : str
        As given.
    baseline : Response
        What the trafficker does without measures.
    """

    def __init__(self, network: Network, objective: Objective) -> None:
        self.network, self.objective = network, objective
        model = build_in_time(network, Clock(None, time.perf_counter()))
        self._problem = problem_of(network, model, PlanRequest(objective=objective))
        self._hot = BestResponseSolver(model, objective, ties=TIE_RULE)
        self._looking = BestResponseSolver(model, objective, ties=TIE_RULE)
        self.baseline = describe(self._problem, (), self._hot.respond(()))
        today = kept_to(model, network, self.baseline.proof)
        self._still = BestResponseSolver(today, OBJECTIVES[objective].planner)
        self._tried: OrderedDict[Plan, TriedPlan] = OrderedDict()
        self._answering, self._searching = threading.Lock(), threading.Lock()

    def plan(self, measures: Iterable[str]) -> Plan:
        """Return a plan by the places of its measures.

        Raises
        ------
        RequestError
            Naming every measure that the network lacks.
        """
        return frozenset(indices(self._problem.model.measures, measures, what="measure"))

    def ids(self, plan: Plan) -> tuple[str, ...]:
        """Return the ids of a plan in file order."""
        return tuple(self._problem.model.measures[i] for i in sorted(plan))

    def tried(self, plan: Plan) -> TriedPlan:
        """Return what a plan does."""
        with self._answering:
            found = self._tried.get(plan)
            if found is None:
                found = self._tried[plan] = self._valued(plan)
            self._tried.move_to_end(plan)
            while len(self._tried) > _KEPT:
                self._tried.popitem(last=False)
            return found

    def _valued(self, plan: Plan) -> TriedPlan:
        chosen = sorted(plan)
        response = describe(self._problem, chosen, self._hot.respond(chosen))
        spent, used = plan_totals(self._problem.model, chosen)
        kept = self._still.value(chosen)
        promised = max(0.0, self.baseline.value - kept)
        return TriedPlan(response, spent, used, promised, tuple(broken(self._problem, plan)))

    def following(self, plan: Plan) -> NextMeasures:
        """Return the measures that would add most to a plan, one at a time."""
        with self._searching:
            return next_measures(
                self._problem,
                plan,
                self._looking.value(sorted(plan)),
                scale=self.baseline.value,
                trafficker=self._looking,
                prove=partial(proof_by, self._looking, self._problem),
                clock=Clock(_LOOKING, time.perf_counter()),
            )
