"""Solver of requests on single periods: several of them side by side, each only once.

What is found is a function of the requests so far, whichever process solves them. A plan and its
bound also answer a narrower request that still allows the plan; they are then not looked for again.
Else plans that the request allows are starts, and a bound of a wider one is a bound to begin with.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from typing import Self

from flowopt.clock import Clock, LimitReason
from flowopt.errors import OutOfTime
from flowopt.model.feasible_plans import PlanConstraints, allowed
from flowopt.model.incumbent import Plan
from flowopt.model.solver import OnProgress
from flowopt.planning.cutoff_run import CutoffRun
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve_run import FoundPlan, SolveRun
from flowopt.planning.workers import begin_work, deaths_in_words, started_quietly

_WORTH_A_PROCESS = 200  # activities: smaller programmes are solved before a process has started
_LEAST = 0.05  # seconds that a request in a process may take at any time
_SHAKES = (
    15  # draws without a better plan: there are many periods, and the proof finds what is left
)


@dataclass(frozen=True, slots=True, eq=False)
class PeriodRequest:
    """The request on one period.

    Attributes
    ----------
    period : int
        Its place.
    problem : PlanProblem
        The request, as on a network of one year.
    cutoff : float or None
        Ask for the best plan only if it leaves less, t/yr or M USD/yr, else for a bound that is no
        less; None for the best plan whatever it leaves.
    """

    period: int
    problem: PlanProblem
    cutoff: float | None = None

    def answered_by(self, other: PeriodRequest, found: FoundPlan) -> bool:
        """Return whether the plan of another request is the best for this one too.

        It is where this one allows no plan that the other does not, but that one.
        """
        return self.within(other) and self.allows(found.plan) and self.same_year(other)

    def solves(self, found: FoundPlan) -> bool:
        """Return whether what was found for it is the best plan, and not only a bound."""
        return self.cutoff is None or found.bound < self.cutoff

    def same(self, other: PeriodRequest) -> bool:
        """Return whether another request asks the same, if with another cutoff."""
        return self.same_year(other) and self.within(other) and other.within(self)

    def same_year(self, other: PeriodRequest) -> bool:
        """Return whether plans have the same values as for another request."""
        mine, its = self.problem, other.problem
        asked = (mine.request.objective, mine.request.ties, mine.request.of)
        return (
            self.period == other.period
            and asked == (its.request.objective, its.request.ties, its.request.of)
            and bool((mine.model.limit == its.model.limit).all())
        )

    def within(self, other: PeriodRequest) -> bool:
        """Return whether another request allows all plans that this one does."""
        return _narrower(self.problem.constraints, other.problem.constraints)

    def allows(self, plan: Plan) -> bool:
        """Return whether a plan keeps the conditions."""
        return allowed(self.problem.model, self.problem.constraints, plan)


@dataclass(frozen=True, slots=True)
class Beforehand:
    """Knowledge of a request before it is solved.

    Attributes
    ----------
    values : mapping
        Plans that it allows, with the objective a year under each.
    floor : float
        A bound on every plan that it allows.
    """

    values: Mapping[Plan, float]
    floor: float


def _narrower(one: PlanConstraints, other: PlanConstraints) -> bool:
    """Return whether everything that `one` allows is allowed by the other."""
    limits = dict(one.resources)
    return (
        one.budget <= other.budget
        and all(limits.get(name, math.inf) <= most for name, most in other.resources)
        and one.include >= other.include
        and one.exclude >= other.exclude
        and set(one.covers) >= set(other.covers)
    )


class PeriodSolver:
    """Solver of requests on single periods, with what it found so far.

    It is a context, at whose end its processes end, also while they work.

    Parameters
    ----------
    options
        Options of each run. Ctrl-C breaks it off, whatever they say.
    workers
        Processes that solve requests side by side.

    Attributes
    ----------
    stopped_by : str or None
        What stopped the last proof that was not finished.
    """

    def __init__(self, options: RunOptions, *, workers: int = 1) -> None:
        self._options = replace(options, keep_on_interrupt=False, on_progress=None)
        self._workers = workers
        self.stopped_by: LimitReason | None = None
        self._found: list[tuple[PeriodRequest, FoundPlan]] = []
        self._pool: ProcessPoolExecutor | None = None

    def known(self, request: PeriodRequest) -> FoundPlan | None:
        """Return what is known to answer a request, None where nothing is."""
        return next(
            (
                found
                for other, found in self._found
                if other.solves(found) and request.answered_by(other, found)
            ),
            None,
        )

    def beforehand(self, request: PeriodRequest) -> Beforehand:
        """Return what other requests on the same year say of one."""
        same = [(other, found) for other, found in self._found if request.same_year(other)]
        return Beforehand(
            values={found.plan: found.value for other, found in same if request.allows(found.plan)},
            floor=max((found.bound for other, found in same if request.within(other)), default=0.0),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def solve(
        self,
        requests: Sequence[PeriodRequest],
        clock: Clock,
        on_progress: OnProgress | None = None,
    ) -> list[FoundPlan]:
        """Return the best plan of each request, with its bound.

        Parameters
        ----------
        requests, clock
            What is asked, and the time for all of it.
        on_progress
            Called now and then, where requests are solved one by one.

        Raises
        ------
        OutOfTime
            When there was no time for one.
        """
        found = {place: self.known(each) for place, each in enumerate(requests)}
        asked = {place: _widest(requests, place) for place, plan in found.items() if plan is None}
        open_ = [place for place, other in asked.items() if place == other]
        several = self._workers > 1 and len(open_) > 1
        large = any(len(requests[p].problem.model.activities) >= _WORTH_A_PROCESS for p in open_)
        solve = self._side_by_side if several and large else self._one_by_one
        pairs = [(place, requests[place]) for place in open_]
        for place, plan in solve(pairs, clock, on_progress):
            if plan is None:
                raise OutOfTime("no time is left for a period")
            found[place] = plan
            self.stopped_by = plan.limit or self.stopped_by
        found |= {place: found[other] for place, other in asked.items()}
        answers = [plan for plan in found.values() if plan is not None]
        self._found += [(requests[place], answers[place]) for place in open_]
        return answers

    def _close(self) -> None:
        """End the processes, also while they work."""
        if self._pool is None:
            return
        for worker in list((self._pool._processes or {}).values()):
            worker.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None

    def _one_by_one(
        self,
        requests: Sequence[tuple[int, PeriodRequest]],
        clock: Clock,
        on_progress: OnProgress | None,
    ) -> Iterator[tuple[int, FoundPlan | None]]:
        options = replace(self._options, on_progress=on_progress)
        for left, (place, request) in zip(range(len(requests), 0, -1), requests, strict=True):
            yield place, _solved(request, self.beforehand(request), options, clock.part(1.0 / left))

    def _side_by_side(
        self, requests: Sequence[tuple[int, PeriodRequest]], clock: Clock, _: OnProgress | None
    ) -> Iterator[tuple[int, FoundPlan | None]]:
        """Yield what processes find, in the order in which they do."""
        waiting = list(requests)
        running: dict[Future[FoundPlan | None], int] = {}
        try:
            with deaths_in_words():
                while waiting or running:
                    while waiting and len(running) < self._workers:
                        share = min(1.0, self._workers / (len(waiting) + len(running)))
                        place, request = waiting.pop(0)
                        running[self._submitted(request, clock, share)] = place
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        yield running.pop(future), future.result()
        except BaseException:
            self._close()
            raise

    def _submitted(
        self, request: PeriodRequest, clock: Clock, share: float
    ) -> Future[FoundPlan | None]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=get_context("spawn"), initializer=begin_work
            )
        left = clock.left()
        until = None if math.isinf(left) else time.time() + max(_LEAST, share * left)
        options = replace(self._options, on_progress=None)
        known = self.beforehand(request)
        submit = partial(self._pool.submit, _solved_until, request, known, options, until)
        return started_quietly(submit)


def _widest(requests: Sequence[PeriodRequest], place: int) -> int:
    """Return the place of the request that also answers one of some: of the same, the last cutoff.

    Of several with it that is the first.
    """
    same = [at for at, each in enumerate(requests) if requests[place].same(each)]

    def cutoff(at: int) -> float:
        known = requests[at].cutoff
        return math.inf if known is None else known

    return max(same, key=cutoff)


def _run_of(request: PeriodRequest, options: RunOptions, clock: Clock) -> SolveRun:
    """Return the run for a request."""
    if request.cutoff is not None:
        return CutoffRun(request.problem, options, clock, request.cutoff)
    return SolveRun(request.problem, options, clock)


def _solved(
    request: PeriodRequest, known: Beforehand, options: RunOptions, clock: Clock
) -> FoundPlan | None:
    """Return the best plan of a request; None where there was no time for any."""
    run = _run_of(request, options, clock)
    run.shaken = _SHAKES
    for plan, value in known.values.items():
        run.note(plan, value)
    try:
        return run.run(run.value(()), floor=known.floor, starts=known.values)
    except OutOfTime:
        return None


def _solved_until(
    request: PeriodRequest, known: Beforehand, options: RunOptions, until: float | None
) -> FoundPlan | None:
    """Return the same in a process, up to a time of day."""
    clock = Clock(None if until is None else max(_LEAST, until - time.time()))
    return _solved(request, known, options, clock)
