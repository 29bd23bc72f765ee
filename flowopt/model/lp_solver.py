"""The trafficker's programme solved again and again, from its last basis, until a deadline.

The simplex (see `ResponseLp.strategy`) starts from the last basis, without presolve. A large
programme without a basis, or one for the primal simplex, is solved by the interior point method,
with presolve and crossover to a basis; so is one for which the simplex, from the last basis, has
taken more steps than that would cost. Where many columns are in series, that is done with one for
each series, and the simplex starts from the basis that comes of it. Where ways to market are long,
or few arcs lead off or arrive, it first starts from a tree of best uses (see `tree_basis`). A large
one is solved in a thread of its own, so that Ctrl-C and the deadline are heard within a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import highspy
import numpy as np

from flowopt.errors import OutOfTime, SolverError
from flowopt.model.response_lp import PERTURBED, PRIMAL, ResponseLp, listen
from flowopt.model.series import SeriesLp
from flowopt.model.tree_basis import tree_basis
from flowopt.model.watched_run import SHORT_PATIENCE, Job, run_alone, watch

ENDLESS = 2**31 - 1  # HiGHS's number of iterations without a limit
_MOST_IN_VAIN = 4  # the simplex is left out ever longer where it did not arrive, up to 15 times
_MARGIN = 1.25  # times what interior point last took: what it is left
# Steps of the simplex after which a large programme starts anew by interior point: about as many
# as take as long as that, and one more for so many activities.
_STEPS, _ACTIVITIES_PER_STEP = 1_500, 50
_ACTIVITIES_PER_TREE_STEP = 10  # where few capacities should bind, and interior point takes long


class Way(NamedTuple):
    """A way to solve a programme: HiGHS's solver, presolve, and whether steps are limited.

    With one more for `per_step` activities.
    """

    solver: str
    presolve: str
    limited: bool = False
    per_step: int = _ACTIVITIES_PER_STEP


_USUAL, _PRESOLVED = Way("simplex", "off"), Way("simplex", "on")
_FROM_BASIS, _ANEW = Way("simplex", "off", limited=True), Way("ipm", "on")
_FROM_TREE = Way("simplex", "off", limited=True, per_step=_ACTIVITIES_PER_TREE_STEP)
_SMALL_WAYS = (_USUAL, _USUAL, _PRESOLVED)
_LARGE_WAYS = (_FROM_BASIS, _ANEW, _USUAL, _PRESOLVED)
_SERIES_WAYS = (_FROM_BASIS, _ANEW)

# Nothing runs in a tree at first, and without perturbed bounds most steps would move nothing.
_TREE_OPTIONS = {"simplex_strategy": PRIMAL, PERTURBED: 1.0}

Programme = ResponseLp | SeriesLp


class LpSolver:
    """Solver of one `ResponseLp` at a time.

    Attributes
    ----------
    deadline : float or None
        `time.perf_counter` after which a large programme is given up with `OutOfTime`.
    iterations : int
        Iterations of the solver so far, of all programmes.
    ended : bool
        Whether the last run has come to its end; the programme is then in order.
    has_basis : bool
        Whether the programme has a basis to start from.
    first_basis : highspy.HighsBasis or None
        That of a programme without measures.
    first_is_tidy : bool
        Whether that is an optimum of all goals.
    returns : bool
        Whether the solver is about to start from it.
    from_tree : bool
        Whether the programme was first solved from a tree of best uses.
    anew_seconds : float
        That the last solution from nothing took.
    """

    def __init__(self) -> None:
        self.deadline: float | None = None
        self.iterations = 0
        self.anew_seconds = 0.0
        self._apart = False
        self._lp: ResponseLp

    def take(self, lp: ResponseLp) -> None:
        """Go on with another programme, from nothing."""
        self._lp = lp
        self.has_basis = False
        self.first_basis: Any = None
        self.first_is_tidy = False
        self.returns = self.from_tree = False
        self.ended = True
        self._in_vain = self._waits = 0
        self.renumbered()

    def renumbered(self) -> None:
        """Look for columns in series once more, as the programme's coefficients are others."""
        self._series: SeriesLp | None = None
        self._looked = False

    def optimum(self) -> float:
        """Solve; return the optimum in scaled units."""
        if not self.solved():
            status = self._lp.highs.modelStatusToString(self._lp.highs.getModelStatus())
            raise SolverError(f"HiGHS could not solve the trafficker's programme: {status}")
        return -float(self._lp.highs.getObjectiveValue())

    def solved(self) -> bool:
        """Solve; return whether to an optimum.

        A basis left by another plan can mislead the simplex, so it tries again from nothing, and
        once more with presolve, and all of that without what costs too much to be run. Doing
        nothing is always possible: an answer of "infeasible" only says that the tolerances were
        missed.
        """
        if self._lp.large and not (self.has_basis or self.returns) and self._solved_from_tree():
            self.has_basis = self.from_tree = True
            return True
        in_steps = self._lp.primal and self.has_basis
        if self._lp.large and not self.returns and not in_steps and self._solved_in_series():
            self.has_basis = True
            return True
        ways = _LARGE_WAYS if self._lp.large or self._lp.primal else _SMALL_WAYS
        self.has_basis = self._solved_in_turn(self._lp, ways, basis=self.has_basis)
        if not self.has_basis and self._lp.shut_beyond():
            self.has_basis = self._solved_in_turn(self._lp, ways, basis=False)
        return self.has_basis

    def from_basis(self) -> bool:
        """Go on from the basis in the solver, step by step; return whether to an optimum."""
        return self._solved_by(self._lp, _USUAL)

    def _solved_from_tree(self) -> bool:
        """Solve from a tree of best uses, where that may pay; return whether to an optimum."""
        basis = tree_basis(self._lp)
        if basis is None:
            return False
        highs = self._lp.highs
        usual = {name: highs.getOptionValue(name)[1] for name in _TREE_OPTIONS}
        for name, setting in _TREE_OPTIONS.items():
            highs.setOptionValue(name, setting)
        highs.setBasis(basis)
        try:
            return self._solved_by(self._lp, _FROM_TREE, leave=self._leaving_time())
        finally:
            if self.ended:
                for name, setting in usual.items():
                    highs.setOptionValue(name, setting)

    def _solved_in_series(self) -> bool:
        """Solve from the optimal basis of the programme in series; return whether to an optimum."""
        series = self._in_series()
        if series is None:
            return False
        basis = bool(series.highs.getBasis().valid)
        if not self._solved_in_turn(series, _SERIES_WAYS, basis=basis):
            return False
        self._lp.highs.setBasis(series.basis())
        found = self._solved_by(self._lp, _FROM_BASIS)
        self.has_basis = self.has_basis and found
        return found

    def _in_series(self) -> SeriesLp | None:
        """Return the programme in series as it stands now, None where columns are in none."""
        if self._series is None and not self._looked:
            self._looked = True
            self._series = SeriesLp.of(self._lp.highs, self._lp.options)
            if self._series is not None:
                listen(self._series.highs, self._series.stop)
            return self._series
        if self._series is None or not self._series.follow(self._lp.highs):
            return None
        return self._series

    def _solved_in_turn(self, lp: Programme, ways: tuple[Way, ...], *, basis: bool) -> bool:
        """Solve in the first way that leads to an optimum; return whether one does.

        The first starts from the last basis, and is left out where there is none. An optimum that
        rests on the solver's tolerances counts for none.
        """
        hot = self.returns or (basis and not self._waits)
        if not self.returns:
            self._waits = max(0, self._waits - 1)
        tried = ways if hot or ways == _SMALL_WAYS else ways[1:]
        for number, way in enumerate(tried):
            if number or not hot:
                lp.highs.clearSolver()
            if self._solved_by(lp, way, leave=self._leaving_time() if way.limited else None):
                if lp is self._lp and not self._lp.is_sound():
                    continue
                if way.limited:
                    self._in_vain = 0
                return True
            if way.limited:
                self._in_vain = min(self._in_vain + 1, _MOST_IN_VAIN)
                self._waits = 2**self._in_vain - 1
        return False

    def _solved_by(self, lp: Programme, way: Way, *, leave: float | None = None) -> bool:
        """Solve in one way; return whether to an optimum, which it may `leave` unfound."""
        highs, usual = lp.highs, way == _USUAL
        if not usual:
            highs.setOptionValue("solver", way.solver)
            highs.setOptionValue("presolve", way.presolve)
            more = len(self._lp.model.activities) // way.per_step
            steps = _STEPS + more if way.limited else ENDLESS
            highs.setOptionValue("simplex_iteration_limit", steps)
        began = time.perf_counter()
        try:
            if lp.large:
                self._run_watched(lp, leave)
            else:
                self._run_here_or_apart()
        finally:
            if not usual and (self.ended or lp is self._series):
                highs.setOptionValue("solver", "simplex")
                highs.setOptionValue("presolve", "off")
                highs.setOptionValue("simplex_iteration_limit", ENDLESS)
        info = highs.getInfo()
        self.iterations += max(info.simplex_iteration_count, 0)
        if not usual:
            self.iterations += max(info.ipm_iteration_count, 0)
        optimal = bool(highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)
        if optimal and way == _ANEW:
            self.anew_seconds = time.perf_counter() - began
        return optimal

    def _leaving_time(self) -> float | None:
        """Return when the simplex has to leave the rest of the time to interior point.

        That takes about as long as it last did. None where it is not in time anyway, so that the
        simplex may be, or where there is no deadline.
        """
        if self.deadline is None:
            return None
        latest = self.deadline - _MARGIN * self.anew_seconds
        return latest if latest > time.perf_counter() else None

    def _run_watched(self, lp: Programme, leave: float | None = None) -> None:
        """Run a solver in a thread of its own, and stop it at Ctrl-C or at the deadline.

        It may `leave` earlier, unsolved.
        """
        highs, late = lp.highs, False
        if self.deadline is not None:  # presolve heeds the clock, but no request to stop
            left = self.deadline - time.perf_counter()
            if left <= 0.0:
                raise self.late()
            if leave is not None:
                left = max(0.0, leave - time.perf_counter())
            highs.setOptionValue("time_limit", highs.getRunTime() + left)

        def over() -> float | None:
            nonlocal late
            late = late or (self.deadline is not None and time.perf_counter() > self.deadline)
            return SHORT_PATIENCE if late else None

        self._let_go(lp)
        job = _Call(highs.run, lp.stop)
        interrupted = watch([job], over)
        if job.done.is_set():
            self._take_back(lp)
            lp.stop.clear()
            if self.deadline is not None:
                highs.setOptionValue("time_limit", highspy.kHighsInf)
                timed_out = highs.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
                late = late or (
                    timed_out and (leave is None or time.perf_counter() >= self.deadline)
                )
            if lp is self._lp and (interrupted or late):
                self.has_basis = bool(highs.getBasis().valid)
        job.check()
        if interrupted:
            raise KeyboardInterrupt
        if late:
            raise self.late()

    def _let_go(self, lp: Programme) -> None:
        """Count a programme as unfit for use, in case its run is never over."""
        if lp is self._lp:
            self.ended = False
        else:
            self._series = None

    def _take_back(self, lp: Programme) -> None:
        """Go on with a programme whose run is over."""
        if isinstance(lp, SeriesLp):
            self._series = lp
        else:
            self.ended = True

    def late(self) -> OutOfTime:
        """Return the error of a response that is not known at the deadline."""
        size = len(self._lp.model.activities)
        return OutOfTime(
            "the time limit was over before the trafficker's best response was known: its "
            f"programme of {size:,} activities takes longer than that; give it more time, such as "
            f"{_usual_seconds(size):g} seconds"
        )

    def _run_here_or_apart(self) -> None:
        """Run HiGHS in this thread, or where it refuses, in one of its own.

        HiGHS keeps a scheduler for each thread, with as many workers as the first programme solved
        there asked for, and refuses programmes that ask for others: those of a caller who uses
        HiGHS too. Resetting theirs would crash a solver that they are in the middle of.
        """
        if not self._apart:
            status = self._lp.highs.run()
            unsolved = self._lp.highs.getModelStatus() == highspy.HighsModelStatus.kNotset
            self._apart = status == highspy.HighsStatus.kError and unsolved
        if self._apart:
            _run_apart(self._lp.highs)


def _usual_seconds(activities: int) -> float:
    """Return about how long a first response to so many activities takes at most, rounded up."""
    return 10.0 * float(np.ceil(1.0 + activities / 10_000))


@dataclass(frozen=True, slots=True)
class _Watched:
    """End of a watched run: whether the solver has stopped, and what made it stop early."""

    ended: bool
    interrupted: bool = False
    late: bool = False


class _Call(Job):
    """One run of HiGHS."""

    def __init__(self, run: Callable[[], object], stop: threading.Event | None = None) -> None:
        super().__init__(stop)
        self._run = run

    def _solve(self) -> None:
        self._run()


def _run_apart(highs: highspy.Highs) -> None:
    """Run HiGHS in a thread of its own and wait for it, with Ctrl-C too: it may not be left."""
    run_alone(_Call(highs.run), patience=np.inf)
