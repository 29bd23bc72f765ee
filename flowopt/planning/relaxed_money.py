"""Lines below all that a period can leave for its money, by the relaxed programme.

The multipliers of one solution bound the period for any money: only that row's limit changes. So
each solution gives a line, and a few of them are nearly the relaxed programme's whole curve.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from flowopt.clock import Clock
from flowopt.model.feasible_plans import slack
from flowopt.model.relaxation import Relaxation
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve_run import SolveRun

_EFFORT = 20_000_000  # simplex steps, times rows, of one line: a second
_BUDGET = "budget0"


class Line(NamedTuple):
    """A line: what every plan leaves at least for some money, and how that falls with more.

    Attributes
    ----------
    money : float
        M USD a year.
    left : float
        What every plan for it leaves at least in a year.
    slope : float
        By a million more; never above 0.
    """

    money: float
    left: float
    slope: float

    def at(self, money: float) -> float:
        """Return what every plan for so much money leaves at least."""
        return self.left + self.slope * (_with_slack(money) - _with_slack(self.money))


def lines_of(
    problem: PlanProblem, money: Iterable[float], options: RunOptions, clock: Clock
) -> Iterator[Line]:
    """Yield lines of a period that touch the curve of its relaxed programme.

    Parameters
    ----------
    problem
        The request on a year of the period, for the most money that there can be.
    money
        Where they touch it, M USD a year.
    options, clock
        Options of the run, and its time.
    """
    session = SolveRun(problem, options, clock)
    session.scale = session.value(()) or 1.0
    programme = session.build(problem.constraints)
    milp, row = programme.milp, programme.milp.row_names.index(_BUDGET)
    unit = milp.row_upper[row] / _with_slack(problem.constraints.budget)  # rows are scaled
    for each in money:
        limits = milp.row_upper.copy()
        limits[row] = unit * _with_slack(each)
        relaxation = Relaxation(
            replace(milp, row_upper=limits),
            effort=_EFFORT,
            stop=threading.Event(),
            deadline=clock.deadline,
        )
        if (left := relaxation.optimum()) is not None:
            slope = unit * min(0.0, float(relaxation.multipliers()[row]))
            yield Line(each, programme.scale * left, programme.scale * slope)


def _with_slack(money: float) -> float:
    return money + slack(money)
