"""A request on several scenarios: the same plan, limits and rules, and another network in each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from flowopt.clock import Clock
from flowopt.criteria import CRITERIA, TAIL, CriterionName
from flowopt.errors import InputError, Problem, RequestError
from flowopt.model.activities import Floats
from flowopt.model.build import build_in_time
from flowopt.model.scenario_programme import shared_rules
from flowopt.network.network import Network
from flowopt.planning.plan_constraints import PlanProblem, problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.recorded_options import Given


@dataclass(frozen=True, slots=True)
class CriterionRequest:
    """The criterion of a request, and the share of the weight that its tail is.

    Attributes
    ----------
    criterion : str
        One of `CRITERIA`.
    tail : float
        Counts for ``cvar`` alone.
    """

    criterion: CriterionName
    tail: float = TAIL

    def check(self) -> None:
        """Refuse an unknown criterion, or a tail out of range, with a `RequestError`."""
        if self.criterion not in CRITERIA:
            raise RequestError(f"criterion '{self.criterion}' is not one of {', '.join(CRITERIA)}")
        if not 0.0 < self.tail <= 1.0:
            raise RequestError(f"tail {self.tail} is not a share above 0, such as 0.2, up to 1")

    def recorded(self) -> dict[str, Given]:
        """Return the options of a result that repeat it."""
        tail = self.tail if self.criterion == "cvar" else None
        return {"criterion": self.criterion, "tail": tail}


@dataclass(frozen=True, slots=True)
class World:
    """One scenario, as a network of its own.

    Attributes
    ----------
    scenario, name : str
        Its id and its name.
    weight : float
        How much it counts in a mean, relative to the others.
    network : Network
        What holds in it.
    as_it_stands : bool
        Whether nothing in it is changed.
    """

    scenario: str
    name: str
    weight: float
    network: Network
    as_it_stands: bool = False


@dataclass(frozen=True, slots=True)
class ScenarioProblem:
    """A request on several scenarios.

    Attributes
    ----------
    worlds : tuple of World
        The scenarios.
    problems : tuple of PlanProblem
        The request on the network of each.
    rules : PlanProblem
        The request on what all have in common: what plans cost and use, and may be.
    wanted : CriterionRequest
        The criterion.
    """

    worlds: tuple[World, ...]
    problems: tuple[PlanProblem, ...]
    rules: PlanProblem
    wanted: CriterionRequest

    @property
    def shares(self) -> Floats:
        """Each scenario's share of the weight."""
        weights = np.array([world.weight for world in self.worlds])
        return np.asarray(weights / math.fsum(weights.tolist()))

    @property
    def expected_one(self) -> int:
        """The scenario that a planner who looks at one alone would take.

        The network as it stands, if that is one; else that of the greatest weight.
        """
        places = range(len(self.worlds))
        return max(places, key=lambda n: (self.worlds[n].as_it_stands, self.worlds[n].weight, -n))


def worlds_of(network: Network) -> tuple[World, ...]:
    """Return the scenarios of a network.

    Raises
    ------
    InputError
        When it has none.
    """
    rows = network.scenarios
    if not rows:
        what = "a criterion is about scenarios, and the network has none: give it scenarios.csv"
        raise InputError([Problem("scenarios.csv", None, None, what)])
    changed = {row.scenario for row in network.changes}
    return tuple(
        World(
            row.scenario,
            row.name,
            row.weight,
            network.scenario(row.scenario),
            row.scenario not in changed,
        )
        for row in rows
    )


def scenario_problem_of(
    worlds: Sequence[World], request: PlanRequest, wanted: CriterionRequest, clock: Clock
) -> ScenarioProblem:
    """Return the problem that a request poses on several scenarios.

    Raises
    ------
    RequestError
        When the request names something that the networks lack.
    """
    models = [build_in_time(world.network, clock) for world in worlds]
    problems = [
        problem_of(world.network, model, request)
        for world, model in zip(worlds, models, strict=True)
    ]
    rules = replace(problems[0], model=shared_rules(models))
    return ScenarioProblem(tuple(worlds), tuple(problems), rules, wanted)
