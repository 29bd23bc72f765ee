"""A rung of `bilevel` in parts: each with bounds of its own, several at a time.

The part of all plans is split in two by a measure, which the plans of one part hold and those of
the other lack, and each of these again. For a part prices and activities are tightened anew
(`target_bounds`): what its plans hold is no longer in any M, what they lack is in no relaxation,
and measures that no longer fit beside the rest are left out. So a part is far easier than the same
node in a solver's own tree, whose rows stay as they were. It ends

- where the least regret of its relaxation is more than what counts,
- or by the solver in a few nodes, which it is given where that regret has come near enough.

The measure of a split is the one whose parts both have the most regret in the relaxation.

What a part is and what becomes of it hangs on its own limits alone, whoever works on it and when,
and of several plans that parts find the first in order counts. So the answer is the same with any
number of threads, as long as no limit of time ends it. After a plan is found the tree goes on for a
lower target with what came before that part closed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from flowopt.model.bilevel_milp import TargetBounds
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.formulations import Bilevel
from flowopt.model.interdiction import Interdiction
from flowopt.model.relaxation import Relaxation
from flowopt.model.rung_parts import Found, Left, Part, RungWork
from flowopt.model.solver import SolverOptions, solve_once
from flowopt.model.watched_run import SHORT_PATIENCE, Job, watch

_NEAR = 0.6  # of the regret that the whole rung lacks: a part that lacks no more is the solver's
# Nodes of the solver in a part, before it is split all the same; and in the whole, without cuts,
# which easy rungs are quicker without.
_NODES, _WHOLE_NODES = 2_000, 1_000
_SHARE = 1e-3  # of a measure in the relaxation: with less, a part without it is much the same
_LEAST_TIME = 0.05  # seconds of the solver
_PATIENCE, _PATIENT = 1.0, 0.1  # seconds, and share of the time: to tell what was left open


class RungTree:
    """Parts of a rung that are still open.

    Parameters
    ----------
    programme
        The programmes of the question.
    bounds
        Bounds for all plans that leave the target or less.
    scale
        Weighted tonnes without measures.
    threads
        Parts that are looked at side by side.
    whole
        Whether the solver first has the whole, as a part.

    Attributes
    ----------
    left : list of (programme, paths)
        What is open after the last try: programmes, and for each the decisions that lead to its
        open nodes.
    effort : int
        Simplex steps, times rows, of the solver, as many with any number of threads.
    side_by_side : bool
        Whether there were several parts in the last try.
    """

    def __init__(
        self,
        programme: Bilevel,
        bounds: TargetBounds,
        scale: float,
        threads: int,
        *,
        whole: bool,
    ) -> None:
        self.left: list[Left] = []
        self.effort, self.side_by_side = 0, False
        self._programme, self._scale, self._threads = programme, scale, threads
        near = -np.inf if whole else np.inf
        self._open: tuple[Part, ...] = (Part((), frozenset(), frozenset(), bounds, near),)

    def prove(
        self,
        limits: PlanConstraints,
        target: float,
        options: SolverOptions,
        report: Callable[[], None],
    ) -> tuple[Found | None, bool]:
        """Look for a solution in what is open; return the first, and whether the user stopped it.

        With none, and nothing left, there is no plan within the limits that leaves the target or
        less.

        Parameters
        ----------
        limits
            What plans may be.
        target
            Weighted tonnes; no more than those of an earlier try.
        options
            Options of the solver for the whole.
        report
            Called now and then, in the caller's thread. What it raises is passed on.
        """
        work = RungWork(self._programme, limits, target, self._scale, options, self._open)
        jobs = [_Worker(work) for _ in range(self._threads)]
        patience = min(_PATIENCE, _PATIENT * (options.time_limit or 0.0))

        def over() -> float | None:
            report()
            return SHORT_PATIENCE if work.late(patience) else None

        interrupted = watch(jobs, over)
        for job in jobs:
            job.check()
        self.effort += work.effort
        self.side_by_side = work.splits > 0
        self._open = work.still_open()
        self.left = work.left() if work.found is None else []
        return work.found, interrupted


class _Stopped(Exception):
    """A part that is no longer wanted."""


class _Worker(Job):
    """One of those who look at parts, in a thread of its own."""

    def __init__(self, work: RungWork) -> None:
        super().__init__(work.stop)
        self._all = work

    def _solve(self) -> None:
        while (part := self._all.take()) is not None:
            try:
                self._look_at(part)
            except BaseException:
                self._all.stop.set()
                raise

    def _look_at(self, part: Part) -> None:
        """Close a part, split it, or leave it where the time is over."""
        regret = self._all.relaxed(part)[2]
        if regret is None:  # it has no point, or is large: the solver tells
            self._solve_part(part, nodes=None)
        elif regret > self._enough:
            self._all.close(part)
        elif regret >= part.near:
            self._solve_part(part, nodes=_NODES if part.path else _WHOLE_NODES)
        else:
            self._tighten(part, solvable=True)

    @property
    def _enough(self) -> float:
        return self._all.options.enough or 0.0

    def _tighten(self, part: Part, *, solvable: bool) -> None:
        """Look at a part within bounds of its own; split it, unless the solver may have it."""
        work = self._all
        if part.path and not work.ended():
            bounds = work.programme.bounds_within(
                part.bounds,
                work.limits_of(part),
                work.target,
                work.scale,
                deadline=work.deadline,
                stop=work.stop,
            )
            part = replace(part, bounds=bounds)
        problem, relaxation, regret = work.relaxed(part)
        if work.ended() or regret is None:
            work.leave(part, problem, ((),))
        elif regret > self._enough:
            work.close(part)
        elif solvable and regret >= part.near:
            self._solve_part(part, nodes=_NODES)
        elif (measure := self._measure(problem, relaxation)) is not None:
            known = solvable and np.isfinite(part.near)
            near = part.near if known else _NEAR * min(regret, 0.0)
            work.split(part, _halves(replace(part, near=near), measure))
        else:  # the relaxation holds all of a measure or nothing: there is no half to gain by
            self._solve_part(part, nodes=None)

    def _solve_part(self, part: Part, nodes: int | None) -> None:
        """Let the solver look for a solution in a part; split what it does not finish."""
        work, problem = self._all, self._all.problem(part)
        options = replace(work.options, nodes=nodes, cuts=bool(part.path))
        if work.deadline is not None:
            left = work.deadline - time.perf_counter()
            options = replace(options, time_limit=max(_LEAST_TIME, left))

        def wanted(_: object) -> None:
            if work.in_vain(part):
                raise _Stopped

        try:
            result = solve_once(problem.milp, options, None, wanted)
        except _Stopped:
            work.leave(part, problem, ((),))
            return
        work.count(part, (result.iterations or 0) * len(problem.milp.row_names))
        if result.values is not None:
            work.close(part, found=Found(part, problem, result))
        elif result.status == "infeasible":
            work.close(part)
        elif result.limit == "nodes" and nodes is not None:
            self._tighten(part, solvable=False)
        else:
            work.leave(part, problem, result.open_nodes or ((),))

    def _measure(self, problem: Interdiction, relaxation: Relaxation) -> int | None:
        """Return the measure whose halves lack the least regret, None where none is in part."""
        best, measure = -np.inf, None
        shares = relaxation.values()[problem.plan]
        for candidate in np.flatnonzero((shares > _SHARE) & (shares < 1.0 - _SHARE)).tolist():
            variable = int(problem.plan[candidate])
            least = np.inf
            for bound, upper in ((0.0, True), (1.0, False)):
                regret = relaxation.least(problem.milp.cost, ((variable, bound, upper),))
                least = min(least, np.inf if regret is None else regret)
            if measure is None or least > best:
                best, measure = least, candidate
        return measure


def _halves(part: Part, measure: int) -> tuple[Part, Part]:
    """Return the plans of a part with a measure, and those without."""
    lacking = replace(part, path=(*part.path, 1), exclude=part.exclude | {measure})
    include, path = part.include | {measure}, (*part.path, 0)
    return replace(part, path=path, include=include, after=(lacking, *part.after)), lacking
