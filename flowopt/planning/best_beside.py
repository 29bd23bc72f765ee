"""The best schedule beside schedules made by hand, for the money that they spend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

from flowopt.clock import Clock
from flowopt.model.build_over_time import OverTime
from flowopt.network.network import Network
from flowopt.planning.luck_schedule_search import best_beside_luck
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.period_budgets import Budget
from flowopt.planning.period_solver import PeriodSolver
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_outcome import schedule_in
from flowopt.planning.schedule_problem import schedule_problem_of
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.schedules import Schedule, spending
from flowopt.results.numbers import rounded

BEST = "best"


class Certainty(TypedDict, total=False):
    """Status and bound of a best schedule."""

    status: str
    bound: float


@dataclass(frozen=True, slots=True)
class Bests:
    """Best schedules, and what proves them, by the name of each.

    Attributes
    ----------
    schedules : tuple of Schedule
        The schedules.
    found : dict of str to FoundSchedule
        Value, bound and status of each.
    missing : int
        How many more were not looked for, as the user stopped it.
    """

    schedules: tuple[Schedule, ...]
    found: dict[str, FoundSchedule]
    missing: int = 0

    def certainty(self, name: str) -> Certainty:
        """Return what is known of a schedule, where it is one of the best: for its row."""
        one = self.found.get(name)
        if one is None:
            return {}
        return {"status": one.status, "bound": rounded(one.bound)}

    def warnings(self) -> Iterator[str]:
        """Yield what was left out."""
        if self.missing:
            yield f"the user stopped it: {self.missing} best schedules were not looked for"


def bests_beside(
    network: Network,
    built: OverTime,
    schedules: Sequence[Schedule],
    request: PlanRequest,
    *,
    budget: Budget,
    carry: bool,
    options: RunOptions,
    workers: int,
    clock: Clock,
    lucky: LuckySchedules | None = None,
) -> Bests:
    """Return the best schedule for a budget; without one, for the money of each schedule.

    Parameters
    ----------
    network, built
        The network, and its programme.
    schedules
        Schedules made by hand. None that keeps the conditions is better than the best beside it.
    request, budget, carry
        The conditions of a schedule: all but the budget; M USD a year in every period, or in some;
        and whether money that is left stays for later.
    options, workers, clock
        How it is solved, and the time for all of it.
    lucky
        Values in the mean over what works, where measures may fail; bounds are then on means.
    """
    asked: list[tuple[str, Budget, list[Schedule]]]
    if budget is None:
        asked = [(f"{BEST} for {each.name}", _money(network, each), [each]) for each in schedules]
    else:
        asked = [(BEST, budget, list(schedules))]
    taken = {each.name for each in schedules}
    best: list[Schedule] = []
    found: dict[str, FoundSchedule] = {}
    with PeriodSolver(options, workers=workers) as periods:
        for left, (name, money, beside) in zip(range(len(asked), 0, -1), asked, strict=True):
            while name in taken:
                name += "*"  # whatever schedules are called
            problem = schedule_problem_of(network, built, request, budget=money, carry=carry)
            starts = [frozenset(built.in_force[at] for at in each.in_force) for each in beside]
            time = clock.part(1.0 / left)
            run = ScheduleRun(problem, options, time, solver=periods, starts=starts)
            one = run.run() if lucky is None else best_beside_luck(lucky, run, starts, time)
            if one is not None:  # it always is: nothing is forced
                best.append(schedule_in(problem, one.plan, name))
                found[name] = one
            if run.interrupted:
                break
    missing = len(asked) - len(best)
    return Bests(tuple(best), found, missing)


def _money(network: Network, schedule: Schedule) -> dict[str, float]:
    """Return what a schedule spends in each period, M USD a year."""
    spent = spending(network, schedule)
    return {row.period: each.a_year for row, each in zip(network.periods, spent, strict=True)}
