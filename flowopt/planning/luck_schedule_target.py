"""The cheapest schedule whose mean over what works is brought to a target, over all periods.

It is the question of one year (`luck_target`) in the programme over all periods, whose costs are
M USD in all, purchases included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowopt.clock import Clock, LimitReason
from flowopt.model.criterion import Criterion
from flowopt.planning.luck_target import LuckTargetRun
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.lucky_worlds import LuckyWorld
from flowopt.planning.plan_constraints import forced_plan
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_run import FoundForAll
from flowopt.planning.scenario_target import NotReachedError
from flowopt.planning.target_run import Unreachable

_OUT_OF_REACH = (
    "no schedule within the conditions brings the mean of the objective over what works to the "
    "target"
)


@dataclass(frozen=True, slots=True)
class Reached:
    """Cheapest schedule that was found for a target, or why there is none.

    Attributes
    ----------
    found : FoundForAll or None
        The schedule, with the bound on costs.
    reasons : tuple of str
        Why no schedule does it.
    limit : str or None
        What stopped the search before there was one.
    """

    found: FoundForAll | None
    reasons: tuple[str, ...] = ()
    limit: LimitReason | None = None


def cheapest_schedule(
    lucky: LuckySchedules, world: LuckyWorld, target: float, options: RunOptions, clock: Clock
) -> Reached:
    """Return the cheapest schedule that brings the mean to a target or below.

    Parameters
    ----------
    lucky, world
        Values under luck, and the question over all periods as a world.
    target
        Over all periods, in the objective's unit.
    options, clock
        How it is looked for, and how long.
    """
    nothing = np.array([lucky.values.value_of(frozenset())])
    criterion = Criterion("expected", np.ones(1), np.zeros(1))
    run = LuckTargetRun([world], criterion, options, clock, nothing, target=target, named=False)
    try:
        best = run.cheapest([forced_plan(run.model, run.limits)])
        while True:
            plan = best.plan & lucky.in_force_indices
            mean = lucky.values.expected(plan, until=clock.deadline)
            if mean.draws is not None or run.level.reached_by(mean.mean):
                return Reached(best)
            run.learn(best.plan, np.array([mean.mean]))
            best = run.next_cheapest()
    except Unreachable:
        return Reached(None, (_OUT_OF_REACH,))
    except NotReachedError as error:
        return Reached(None, (), error.limit)
