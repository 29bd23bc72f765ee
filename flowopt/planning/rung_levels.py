"""Hardness of rungs of `bilevel` beside each other, by the least regret of their relaxations.

A relaxation that lacks more regret takes more branchings until nothing is lacking: e times
as many for each `_STEP` of the profit without measures. So a rung is worth its time where the
relaxation does not lack much, and above it the time of one that was proved tells that of the next.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from flowopt.model.bilevel_milp import REGRET_UNIT
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.formulations import Bilevel
from flowopt.model.milp import Milp
from flowopt.model.relaxation import Relaxation
from flowopt.model.watched_run import Job, run_alone

GAPS = (0.03, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.3)  # of rungs that may be the first
_NEAR = 0.03  # of the profit without measures: what the first rung may lack, at most
_STEP = 0.0025  # likewise: a rung that lacks so much more takes e times as long
_MOST = 100.0  # of such steps, at most: more than there is ever time for
_MOST_ACTIVITIES = 4_000  # live ones: in larger programmes a single relaxation takes long
_EFFORT = 400_000_000  # simplex steps, times rows, of a relaxation


class RungLevels:
    """Regrets that the relaxations of rungs lack, as shares of the profit without measures.

    Parameters
    ----------
    programme, limits, scale
        The programmes of the question, what plans may be, and the tonnes without measures.
    """

    def __init__(self, programme: Bilevel, limits: PlanConstraints, scale: float) -> None:
        self._programme, self._limits, self._scale = programme, limits, scale
        self._lacking: dict[float, float] = {}

    def first(
        self, target: Callable[[float], float], gap: float, deadline: float | None
    ) -> float | None:
        """Return the gap of the lowest rung that is near enough; None where that is not known.

        Parameters
        ----------
        target
            Gives the target of a rung, weighted tonnes, by its gap.
        gap
            No rung is lower.
        deadline
            `time.perf_counter` up to which relaxations are solved.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C.
        """
        if int(self._programme.bounds_for(target(gap)).derived.live.sum()) > _MOST_ACTIVITIES:
            return None
        for rung in (rung for rung in GAPS if rung >= gap):
            problem = self._programme.build_regret(self._limits, target(rung), self._scale)
            look = _Look(problem.milp, deadline)
            run_alone(look)
            least = look.least
            if least is None:  # it has no point, or is large
                return None
            self._lacking[rung] = max(0.0, -least * REGRET_UNIT)
            if self._lacking[rung] <= _NEAR:
                return rung
        return GAPS[-1]

    def next(self, proved: float, times: float) -> float | None:
        """Return the lowest rung that may take so many times as long as one that is proved.

        The one below it where none is as quick; None where that is not known.
        """
        if proved not in self._lacking:
            return None
        lower = [rung for rung in GAPS if rung < proved and rung in self._lacking]
        for rung in lower:
            more = self._lacking[rung] - self._lacking[proved]
            if math.exp(min(more / _STEP, _MOST)) <= times:
                return rung
        return lower[-1] if lower else None


class _Look(Job):
    """Relaxation of a rung, in a thread of its own; used once."""

    def __init__(self, milp: Milp, deadline: float | None) -> None:
        super().__init__()
        self.least: float | None = None
        self._milp, self._deadline = milp, deadline

    def _solve(self) -> None:
        relaxation = Relaxation(self._milp, effort=_EFFORT, stop=self.stop, deadline=self._deadline)
        self.least = relaxation.optimum()
