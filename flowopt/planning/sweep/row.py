"""One row: the best plan for one budget, given what other budgets have taught.

A row is a function of its question alone: it builds its own programmes, so any process on any
machine gives the same answer, unless a time limit cuts it short.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from flowopt.atomic import write_file
from flowopt.clock import Clock, LimitReason
from flowopt.errors import OutOfTime as NoTime
from flowopt.errors import RequestError
from flowopt.model.activities import ActivityModel, Objective, Ties
from flowopt.model.build import activity_model
from flowopt.model.interdiction import Limits, allowed
from flowopt.model.search import OutOfTime, Plan, Search
from flowopt.model.solver import OnProgress, Progress, SolverOptions
from flowopt.model.trafficker import Trafficker
from flowopt.network.network import Network
from flowopt.planning.described import response_of
from flowopt.planning.plan_constraints import core, plan_limits
from flowopt.planning.respond import describe, indices
from flowopt.planning.sweep.budgets import Prices
from flowopt.planning.sweep.environment import Environment, environment
from flowopt.planning.task import Found, Task
from flowopt.results.document import Document
from flowopt.results.numbers import EQUAL, relative_gap
from flowopt.results.proof import Proof
from flowopt.results.response import Response

_LEAST = 0.05  # seconds: a row whose time is up still gives the plan it begins with
_RESERVED = 0.2  # of the time limit, at most, is kept for the response to the plan
_EVERY = 0.5  # seconds between notes of progress


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for every row of a comparison."""

    resources: Mapping[str, float]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    solver: str
    gap: float
    ties: Ties = "pessimistic"


@dataclass(frozen=True, slots=True)
class Question:
    """One row to solve.

    Attributes
    ----------
    network, objective, budget, conditions
        What is asked.
    time_limit : float or None
        Seconds.
    starts : tuple of tuples of str
        Plans found for other budgets, from which the search starts as well.
    until : float or None
        `time.time` at which it must end, where it shares a limit with others on this machine: a
        process may take a while to begin.
    floor : float
        What no plan for this budget brings the objective below, proved for a larger one.
    """

    network: Network
    objective: Objective
    budget: float
    conditions: Conditions
    time_limit: float | None
    starts: tuple[tuple[str, ...], ...] = ()
    until: float | None = None
    floor: float = 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds that it may take from now on, None for no limit."""
        if self.until is None:
            return self.time_limit
        left = max(_LEAST, self.until - time.time())
        return left if self.time_limit is None else min(self.time_limit, left)

    @property
    def key(self) -> str:
        """A name for the row, unlike that of any other row of a comparison."""
        return f"{self.network.info.id} {self.objective} {self.budget!r}"


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan that was valued on the way and may be the best one for another budget.

    Attributes
    ----------
    plan : tuple of str
        The measures, in file order.
    spent, value : float
        What it costs, M USD a year, and the objective under it.
    """

    plan: tuple[str, ...]
    spent: float
    value: float


@dataclass(frozen=True, slots=True)
class Answer(Document):
    """What a row found: plain values that survive JSON without a change.

    Attributes
    ----------
    network, objective, budget
        Which row.
    status : str
        ``optimal``, ``limit``, ``infeasible`` or ``no_solution``.
    plan : tuple of str
        The measures, in file order.
    spent, value, bound : float or None
        None without a plan.
    delivered, totals : tuples of float
        The trafficker's deliveries and totals, t/yr, in the order of its response.
    seconds : float
        What the row took.
    proof : Proof or None
        Of the value; None without a plan.
    limit : str or None
        What stopped the proof, as for a `Solution`; None where nothing did.
    offers : tuple of Offer
        Of all plans valued on the way, those that no cheaper one is as good as, costs rising.
    """

    network: str
    objective: str
    budget: float
    status: str
    plan: tuple[str, ...] = ()
    spent: float | None = None
    value: float | None = None
    bound: float | None = None
    delivered: tuple[float, ...] = ()
    totals: tuple[float, ...] = ()
    seconds: float = 0.0
    proof: Proof | None = None
    limit: LimitReason | None = None
    offers: tuple[Offer, ...] = ()


class TaughtTask(Task):
    """A solve that starts from the plans of other budgets, and hands on those it valued."""

    starts: tuple[Plan, ...] = ()

    def offers(self) -> tuple[Offer, ...]:
        """Return the plans worth handing on to other budgets."""
        return undominated(self.model, self.limits, self._known, same=EQUAL * self._scale)

    def _first_plan(self) -> Search:
        """Search from nothing and from each known plan, and return the best of these searches."""
        search = super()._first_plan()
        if not self.starts:
            return search
        with suppress(NoTime):  # what is found by then counts
            search.run()
            for plan in self.starts:
                other = super()._first_plan()
                with suppress(OutOfTime):
                    other.offer(other.trimmed(plan))
                other.run()
                search.offer(other.best)
        return search


def solve_row(question: Question, asked: Environment, progress: str | None = None) -> Answer:
    """Answer one question, as the process would that asks it.

    Parameters
    ----------
    question
        The row.
    asked
        The versions and the code of that process.
    progress
        Name of a file to note the progress in.

    Raises
    ------
    RequestError
        When this process has others.
    """
    unlike = environment(question.conditions.solver).unlike(asked)
    if unlike:
        raise RequestError(
            f"a worker has {', '.join(unlike)} as the comparison was asked with: install the same "
            "on every machine"
        )
    note = None if progress is None else _noting(Path(progress))
    return _solve(question, note)


def _solve(question: Question, on_progress: OnProgress | None) -> Answer:
    began = time.perf_counter()
    network, asked = question.network, question.conditions
    model = activity_model(network)
    limits, _ = plan_limits(
        network, model, question.budget, asked.resources, asked.include, asked.exclude
    )
    row = (network.info.id, question.objective, question.budget)
    if not allowed(model, limits, core(model, limits)):  # part of every plan
        return Answer(*row, status="infeasible", seconds=time.perf_counter() - began)
    options = SolverOptions(name=asked.solver, gap=asked.gap)
    clock = Clock(question.seconds_left, began)
    task = TaughtTask(
        model, question.objective, limits, options, clock, on_progress, False, asked.ties
    )
    task.starts = tuple(
        frozenset(indices(model.measures, names, what="measure")) for names in question.starts
    )
    try:
        baseline = task.value(())
        task.clock = clock.before(_reserve(clock))
        found = task.run(baseline, floor=question.floor)
        after = _after(network, task, found.plan, clock)
    except NoTime:  # not even what the trafficker does today: other rows may know a plan
        late = time.perf_counter() - began
        offers = task.offers()
        return Answer(*row, status="no_solution", limit="time", seconds=late, offers=offers)
    spent = Prices(model).of(found.plan)
    answer = _answer(row, found, after, spent, (asked.gap, baseline), began)
    return replace(answer, offers=task.offers())


def _reserve(clock: Clock) -> float:
    """Return the seconds to keep for the response to the plan, which takes like the first one."""
    return 0.0 if clock.limit is None else min(clock.elapsed(), _RESERVED * clock.limit)


def _after(network: Network, task: Task, plan: Plan, clock: Clock) -> Response:
    """Return the response to a plan, by a trafficker that has seen no other if there is time."""
    try:
        return cold_response(
            network, task.model, task.objective, plan, task.ties, deadline=clock.deadline
        )
    except NoTime:
        return response_of(network, task, sorted(plan))


def _answer(
    row: tuple[str, str, float],
    found: Found,
    after: Response,
    spent: float,
    wanted: tuple[float, float],
    began: float,
) -> Answer:
    gap, baseline = wanted
    bound = min(found.bound, after.value)
    status = "optimal" if relative_gap(after.value, bound, baseline) <= gap else "limit"
    answer = described(Answer(*row, status=status, spent=spent, bound=bound), after)
    limit = found.limit if status == "limit" else None
    return replace(answer, limit=limit, seconds=time.perf_counter() - began)


def described(row: Answer, after: Response) -> Answer:
    """Return a row with a plan and what the trafficker does under it."""
    return replace(
        row,
        plan=after.measures,
        value=after.value,
        delivered=tuple(market.delivered for market in after.markets),
        totals=tuple(amount for _, _, amount in after.totals),
        proof=after.proof,
    )


def undominated(
    model: ActivityModel, limits: Limits, values: Mapping[Plan, float], *, same: float
) -> tuple[Offer, ...]:
    """Return the plans that no cheaper one is as good as, costs rising.

    Parameters
    ----------
    model, limits
        What a plan may be, whatever it costs.
    values
        The objective under each plan.
    same
        Differences up to this don't count.
    """
    limits = replace(limits, budget=math.inf, covers=())
    costs = {plan: float(model.measure_cost[sorted(plan)].sum()) for plan in values}
    prices, best, found = Prices(model), math.inf, []
    for plan in sorted(values, key=lambda plan: (costs[plan], values[plan], sorted(plan))):
        if values[plan] < best - same and allowed(model, limits, plan):
            best = values[plan]
            ids = tuple(model.measures[i] for i in sorted(plan))
            found.append(Offer(ids, prices.of(plan), best))
    return tuple(found)


def cold_response(
    network: Network,
    model: ActivityModel,
    objective: Objective,
    plan: Iterable[int],
    ties: Ties,
    *,
    deadline: float | None = None,
) -> Response:
    """Return the response to a plan by a trafficker that has seen no other.

    Where several answers are equally good for it, the one it gives may hang on what it was asked
    before: asked cold, equal plans have equal rows.
    """
    chosen = sorted(plan)
    trafficker = Trafficker(model, objective, ties=ties)
    trafficker.deadline = deadline
    return describe(network, model, objective, chosen, trafficker.respond(chosen))


def _noting(path: Path) -> Callable[[Progress], None]:
    """Return what writes the progress into a file, whole and not too often."""
    last = -math.inf

    def note(progress: Progress) -> None:
        nonlocal last
        if progress.seconds < last + _EVERY:
            return
        last = progress.seconds
        text = json.dumps([progress.seconds, progress.incumbent, progress.bound])
        with suppress(RequestError):  # progress is for the eye only
            write_file(path, text, force=True, durable=False)

    return note
