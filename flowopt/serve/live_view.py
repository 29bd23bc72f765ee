"""The trafficker of one question, kept ready for the plans that people try."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Generic, TypeVar

from flowopt.clock import Clock
from flowopt.defaults import TIE_RULE
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import build_in_time
from flowopt.model.coverage import kept_to
from flowopt.model.incumbent import Plan
from flowopt.network.chances import as_if_sure, may_fail
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.marginal_values import TOO_LATE, next_measures, proof_by
from flowopt.planning.plan_conditions import broken
from flowopt.planning.plan_constraints import indices, plan_totals, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.response_tables import describe
from flowopt.results.luck_rows import LuckNextMeasure
from flowopt.results.numbers import rounded
from flowopt.results.response import Response
from flowopt.results.rows import NextMeasure
from flowopt.serve.live_luck import LiveLuck, LuckOfPlan
from flowopt.serve.live_map import LiveMap

Found = TypeVar("Found")
_KEPT = 16  # plans; a page asks again for those it goes back to
_TURN, _LONGEST = (
    5.0,
    80.0,
)  # seconds of the first and of the last turn of a search for what is next


@dataclass(frozen=True, slots=True)
class TriedPlan:
    """One plan that was tried: what can be told of it at once.

    Attributes
    ----------
    measures : tuple of str
        The plan, in file order.
    value : float
        The planner's objective under it.
    amounts : mapping
        t/yr that enter each arc of each commodity, by (arc, commodity): of equally good flows one
        that is near to today's.
    spent : float
        What it costs, M USD a year.
    used : mapping
        What it takes of each resource.
    promised : float
        What it would cut if the trafficker kept to what it does today.
    broken : tuple of str
        Rules and limits of the network that it breaks, in a sentence each.
    luck : LuckOfPlan or None
        Where measures may fail: how its value, a mean then, spreads. The flows are those when all
        works.
    """

    measures: tuple[str, ...]
    value: float
    amounts: Mapping[tuple[str, str], float]
    spent: float
    used: dict[str, float]
    promised: float
    broken: tuple[str, ...]
    luck: LuckOfPlan | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """Measures that come next, best first, and warnings on what was not looked at.

    `looking` says that time ended before all were looked at, so that the list is not ready: asked
    for again, the search takes twice as long.
    """

    rows: Sequence[NextMeasure | LuckNextMeasure]
    warnings: Sequence[str] = ()
    looking: bool = False


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
        As given; where its measures may fail, that in which all works that can.
    success : dict
        The chance of each measure.
    objective : str
        As given.
    baseline : Response
        What the trafficker does without measures.
    luck : LiveLuck or None
        Means of plans, where measures may fail.
    map : LiveMap
        The map of the network.
    """

    def __init__(self, network: Network, objective: Objective) -> None:
        whole, network = network, as_if_sure(network)
        self.network, self.objective = network, objective
        self.success = {row.measure: row.success for row in whole.measures}
        model = build_in_time(network, Clock(None, time.perf_counter()))
        self._problem = problem_of(network, model, PlanRequest(objective=objective))
        self._hot = self._trafficker()
        today = self._hot.respond(())
        self._today = today.activity
        self.baseline = describe(self._problem, (), today)
        kept = kept_to(model, network, self.baseline.proof)
        self._still = BestResponseSolver(kept, OBJECTIVES[objective].planner)
        self.luck = LiveLuck(whole, self._problem, self.baseline) if may_fail(whole) else None
        self.map = LiveMap(network)
        self._ships = [
            (place, (network.arcs[activity.row].arc, activity.commodity))
            for place, activity in enumerate(model.activities)
            if activity.kind == "ship"
        ]
        self._tried: Kept[TriedPlan] = Kept(self._valued)
        self._responses: Kept[Response] = Kept(self._responded)
        self._searching = threading.Lock()
        self._turns: dict[Plan, float] = {}  # seconds of the next turn where one was too short

    def _trafficker(self) -> BestResponseSolver:
        return BestResponseSolver(self._problem.model, self.objective, ties=TIE_RULE)

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
        """Return what a plan does, as soon as it is known."""
        return self._tried.of(plan)

    def response(self, plan: Plan) -> Response:
        """Return the response to a plan as `flowopt evaluate` shows it.

        Of equally good flows it is the one nearest to today's, whatever was tried before.
        """
        return self._responses.of(plan) if plan else self.baseline

    def _valued(self, plan: Plan) -> TriedPlan:
        chosen = sorted(plan)
        found = self._hot.respond(chosen, before=self._today)
        moved = found.activity.tolist()
        spent, used = plan_totals(self._problem.model, chosen)
        luck = None if self.luck is None else self.luck.of(plan)
        return TriedPlan(
            measures=self.ids(plan),
            value=rounded(found.value) if luck is None else luck.mean,
            luck=luck,
            amounts={key: moved[place] for place, key in self._ships if moved[place] > 0.0},
            spent=spent,
            used=used,
            promised=max(0.0, self.baseline.value - self._still.value(chosen))
            if luck is None
            else luck.promised,
            broken=tuple(broken(self._problem, plan)),
        )

    def _responded(self, plan: Plan) -> Response:
        chosen = sorted(plan)
        found = self._nearest.respond(chosen, anew=True, before=self._today)
        return describe(self._problem, chosen, found)

    @cached_property
    def _nearest(self) -> BestResponseSolver:
        return self._trafficker()

    @cached_property
    def _looking(self) -> BestResponseSolver:
        return self._trafficker()

    def following(self, plan: Plan) -> Following:
        """Return the measures that would add most to a plan, one at a time, as far as is known."""
        with self._searching:
            seconds = self._turns.pop(plan, _TURN)
            found = self._following(plan, seconds)
            late = any(TOO_LATE in warning for warning in found.warnings)
            if not late or seconds >= _LONGEST:
                return found
            self._turns[plan] = 2.0 * seconds
            if len(self._turns) > _KEPT:
                del self._turns[next(iter(self._turns))]
            return replace(found, looking=True)

    def _following(self, plan: Plan, seconds: float) -> Following:
        """Return what a search of so many seconds finds."""
        if self.luck is not None:
            return Following(*self.luck.following(plan, seconds))
        found = next_measures(
            self._problem,
            plan,
            self._looking.value(sorted(plan)),
            scale=self.baseline.value,
            trafficker=self._looking,
            prove=partial(proof_by, self._looking, self._problem),
            clock=Clock(seconds, time.perf_counter()),
        )
        return Following(found.rows, found.warnings)


class Kept(Generic[Found]):
    """Answers last found for plans; each is found once, one at a time.

    Parameters
    ----------
    find
        Finds it.
    """

    def __init__(self, find: Callable[[Plan], Found]) -> None:
        self._find = find
        self._found: OrderedDict[Plan, Found] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._found)

    def of(self, plan: Plan) -> Found:
        """Return what is found for a plan."""
        with self._lock:
            found = self._found.get(plan)
            if found is None:
                found = self._found[plan] = self._find(plan)
            self._found.move_to_end(plan)
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)
            return found
