"""A rung of `bilevel` in one piece, by two ways of the solver at once.

Without cuts its nodes are many and quick, with them few and dear. An easy rung is done without them
in a third of the time, a hard one with them alone. So it is tried without them for some nodes, and
beside that with them to the end; on one thread one after the other.

What the first try ends with counts, else the second's. So the answer is the same with any number of
threads, as long as no limit of time ends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from flowopt.model.interdiction import Interdiction
from flowopt.model.solver import MilpResult, SolverOptions, nothing_found, solve_once
from flowopt.model.watched_run import SHORT_PATIENCE, Job, watch

_NODES = 1_000  # without cuts
_SHARE = 0.15  # of the time, at most, goes into the try without cuts where the other one waits
_LEAST_TIME = 0.05  # seconds of the solver
_PATIENCE, _PATIENT = 1.0, 0.1  # seconds, and share of the time: to tell what was left open


class WholeRung:
    """A rung by two ways of the solver.

    Parameters
    ----------
    problem
        The programme of the least regret under a target.
    options
        Options of the solver for all of it.
    threads
        Tries that are made side by side.

    Attributes
    ----------
    easy : bool
        Whether the try without cuts was enough.
    seconds : float
        That the try took which counts.
    """

    def __init__(self, problem: Interdiction, options: SolverOptions, threads: int) -> None:
        self.easy, self.seconds = False, 0.0
        self._problem, self._options = problem, options
        self._side_by_side = threads > 1

    def prove(self, report: Callable[[], None]) -> tuple[MilpResult, bool]:
        """Look for a solution; return what the solver tells, and whether the user stopped it.

        Parameters
        ----------
        report
            Called now and then, in the caller's thread. What it raises is passed on.
        """
        options = self._options
        quick, slow = self._tries()
        waiting = (quick, slow) if self._side_by_side else (quick,)
        interrupted = self._watch(waiting, report)
        if not interrupted and not quick.told() and not self._side_by_side:
            interrupted = self._watch((slow,), report)
        self.easy = quick.told()
        one = quick if quick.told() else slow
        result, self.seconds = one.result, one.seconds
        if result is None:
            result = nothing_found(options, interrupted=interrupted, open_=True)
        steps = 0 if quick.told() else quick.steps
        return replace(result, iterations=steps + one.steps), interrupted

    def _tries(self) -> tuple[_Try, _Try]:
        """Return the tries without cuts and with them."""
        options, most = self._options, self._options.time_limit
        deadline = None if most is None else time.perf_counter() + most
        first = replace(options, nodes=_NODES, cuts=False)
        if most is not None and not self._side_by_side:
            first = replace(first, time_limit=_SHARE * most)
        slow = _Try(self._problem, replace(options, cuts=True), deadline, None)
        return _Try(self._problem, first, deadline, slow), slow

    def _watch(self, tries: tuple[_Try, ...], report: Callable[[], None]) -> bool:
        patience = min(_PATIENCE, _PATIENT * (self._options.time_limit or 0.0))

        def over() -> float | None:
            report()
            late = tries[0].deadline is not None and (
                time.perf_counter() > tries[0].deadline + patience
            )
            return SHORT_PATIENCE if late else None

        interrupted = watch(tries, over)
        for each in tries:
            each.check()
        return interrupted


class _Stopped(Exception):
    """A try that is no longer wanted."""


class _Try(Job):
    """One way of the solver, in a thread of its own."""

    def __init__(
        self,
        problem: Interdiction,
        options: SolverOptions,
        deadline: float | None,
        other: _Try | None,
    ) -> None:
        super().__init__()
        self.deadline, self.seconds = deadline, 0.0
        self.result: MilpResult | None = None
        self._problem, self._options, self._other = problem, options, other

    def told(self) -> bool:
        """Return whether it found a solution, or that there is none."""
        found = self.result
        return found is not None and (found.values is not None or found.status == "infeasible")

    @property
    def steps(self) -> int:
        """Simplex steps of the solver."""
        return 0 if self.result is None else self.result.iterations or 0

    def _solve(self) -> None:
        options, began = self._options, time.perf_counter()
        if self.deadline is not None and options.time_limit is not None:
            left = max(_LEAST_TIME, self.deadline - began)
            options = replace(options, time_limit=min(options.time_limit, left))
        try:
            self.result = solve_once(self._problem.milp, options, None, self._go_on)
        except _Stopped:
            return
        self.seconds = time.perf_counter() - began
        if self.told() and self._other is not None:
            self._other.stop.set()

    def _go_on(self, _: object) -> None:
        if self.stop.is_set():
            raise _Stopped
