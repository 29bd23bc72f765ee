"""Schedules that buy in one period all that the plans of the periods use for nothing.

Before it, and in it, what needs no purchase is in force; the measures of its period give way, those
that are missed least for their money first, until it pays. Later periods keep their plans. One of
these is mostly near the best schedule, so that branching knows early what is good enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flowopt.model.feasible_plans import allowed, without
from flowopt.model.incumbent import Plan
from flowopt.planning.relaxed_periods import Plans, RelaxedPeriods
from flowopt.planning.schedule_problem import ScheduleProblem


def joint_purchases(
    problem: ScheduleProblem, relaxed: RelaxedPeriods, value: Callable[[Plan], float]
) -> Iterator[Plan]:
    """Yield the schedules that are allowed, one for each period in which all is bought.

    Parameters
    ----------
    problem
        The request.
    relaxed
        The periods, solved.
    value
        Values a schedule.
    """
    plain = relaxed.without_purchases()
    used = dict.fromkeys(measure for measure, _ in relaxed.unpaid())
    if plain is None or not used:
        return
    for period in range(len(problem.built.timeline)):
        bought = [
            (m, period)
            for m in used
            if (m, period) in problem.built.bought and (m, period) not in relaxed.ruled_out
        ]
        if bought and problem.pays(period, [m for m, _ in bought]):
            schedule = _with(problem, bought, dict(relaxed.plans()), plain)
            if (trimmed := _trimmed(problem, schedule, period, value)) is not None:
                yield trimmed


def _with(
    problem: ScheduleProblem,
    bought: list[tuple[str, int]],
    plans: dict[int, list[str]],
    plain: Plans,
) -> Plan:
    """Return a schedule with purchases, and the plain plan of periods that they do not serve."""
    built = problem.built
    served = {(m, t) for m, q in bought for t in built.timeline.serves(problem.row(m), q)}
    schedule = {built.bought[each] for each in bought}
    for period, without_purchases in plain:
        needs = [m for m in plans[period] if problem.serving(m, period)]
        kept = all((m, period) in served for m in needs)
        names = plans[period] if kept else without_purchases
        schedule |= {built.in_force[m, period] for m in names}
    return frozenset(schedule)


def _trimmed(
    problem: ScheduleProblem, schedule: Plan, period: int, value: Callable[[Plan], float]
) -> Plan | None:
    """Return a schedule with less in force in a period, as much as is allowed; None for none."""
    model, limits = problem.whole.model, problem.whole.constraints
    there = [i for (_, t), i in problem.built.in_force.items() if t == period and i in schedule]
    if not allowed(model, limits, schedule):
        costs = {i: max(1e-9, float(model.measure_cost[i])) for i in there}
        now = value(schedule)
        there.sort(key=lambda i: (value(without(model, schedule, i)) - now) / costs[i])
    for index in there:
        if allowed(model, limits, schedule):
            break
        schedule = without(model, schedule, index)
    return schedule if allowed(model, limits, schedule) else None
