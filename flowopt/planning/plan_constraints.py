"""Constraints on plans: a request on a network, its ids turned into indices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flowopt.clock import Clock
from flowopt.defaults import TIE_RULE
from flowopt.errors import RequestError
from flowopt.model.activities import ActivityModel
from flowopt.model.feasible_plans import PlanConstraints, closure
from flowopt.model.incumbent import Plan
from flowopt.network.market_parts import MarketPart, part_of
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.plan_request import PlanRequest
from flowopt.similar_names import closest

# Seconds that a row of the network, or an activity, takes in the files of a result with its proofs,
# and what they are left at most of the time limit.
_WRITING, _WRITTEN = 2e-5, 0.1
_NAMED = 20  # ids of a message, at most


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """A request on the activities of a network, as search and proof take it.

    Attributes
    ----------
    network, model
        The network and its activities.
    request
        The request, checked.
    constraints
        Its limits and measures by index; a budget of infinity is none.
    resource_limits : mapping
        Limits of resources by id: those of the request, and the network's where it gives none.
    part : MarketPart or None
        The part of the markets whose deliveries count; None for all of them.
    """

    network: Network
    model: ActivityModel
    request: PlanRequest
    constraints: PlanConstraints
    resource_limits: Mapping[str, float]
    part: MarketPart | None = None

    @property
    def counted(self) -> str:
        """Phrase for the planner's objective."""
        if self.part is None:
            return "the objective"
        traits = OBJECTIVES[self.request.objective]
        return self.part.deliveries if traits.for_money else self.part.reach

    def with_objective(self, objective: Objective) -> PlanProblem:
        """Return the problem of the same plans under another objective, without a target."""
        request = replace(self.request, objective=objective, ties=TIE_RULE, target=None)
        return replace(self, request=request)

    def before_writing(self, clock: Clock) -> Clock:
        """Return the clock of all that comes before the result is written, by its size."""
        seconds = seconds_to_write([self.network], len(self.model.activities))
        return clock.before(min(seconds, _WRITTEN * (clock.limit or 0.0)))


def seconds_to_write(networks: Iterable[Network], activities: int = 0) -> float:
    """Return about how long the files of a result take, by the rows and activities in them."""
    rows = sum(len(table) for each in networks for table in each.tables().values())
    return _WRITING * (rows + activities)


def problem_of(network: Network, model: ActivityModel, request: PlanRequest) -> PlanProblem:
    """Return the problem that a request poses on a network.

    Raises
    ------
    RequestError
        When the request names something that the network lacks, or a part of the markets that
        counts for nothing.
    """
    part = None if request.of is None else _counting_part(network, request.of)
    if part is not None:
        request, model = replace(request, of=str(part)), model.counting(part.demands)
    given = request.resources
    indices(model.resources, given, what="resource")
    limits = {
        row.resource: float(limit)
        for row in network.resources
        if (limit := given.get(row.resource, row.limit)) is not None
    }
    place = {name: i for i, name in enumerate(model.resources)}
    constraints = PlanConstraints(
        budget=math.inf if request.budget is None else float(request.budget),
        resources=tuple((place[name], limit) for name, limit in limits.items()),
        include=frozenset(indices(model.measures, request.include, what="measure")),
        exclude=frozenset(indices(model.measures, request.exclude, what="measure")),
    )
    return PlanProblem(network, model, request, constraints, limits, part)


def _counting_part(network: Network, words: str) -> MarketPart:
    """Return the part of the markets that a request names, of which something counts."""
    part = part_of(network, words)
    if not any(network.demands[i].weight > 0.0 for i in part.demands):
        raise RequestError(
            f"{part.deliveries} have a weight of 0 in demands.csv: there is nothing to bring down"
        )
    return part


def indices(ids: tuple[str, ...], names: Iterable[str], *, what: str) -> list[int]:
    """Return the sorted indices of `names` in `ids`.

    Raises
    ------
    RequestError
        Naming those that are not there: twenty of them, and how many more.
    """
    index = {name: i for i, name in enumerate(ids)}
    unknown = []
    found = set()
    for name in names:
        if name in index:
            found.add(index[name])
        else:
            close = closest(name, ids)
            unknown.append(
                f"{what} '{name}' is not in the network"
                + (f"; did you mean '{close}'?" if close else "")
            )
    if unknown:
        more = len(unknown) - _NAMED
        rest = [f"and {more:,} more that are not there"] if more > 0 else []
        raise RequestError("\n".join([*unknown[:_NAMED], *rest]))
    return sorted(found)


def forced_plan(model: ActivityModel, limits: PlanConstraints) -> Plan:
    """Return the forced measures and everything they require."""
    return closure(model, limits.include)


def plan_totals(model: ActivityModel, plan: list[int]) -> tuple[float, dict[str, float]]:
    """Return the cost of a plan, M USD a year, and its use by resource."""
    used = {name: float(math.fsum(model.uses[i, plan])) for i, name in enumerate(model.resources)}
    return math.fsum(model.measure_cost[plan]), used
