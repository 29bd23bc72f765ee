"""Periods with what is open in them: what all branches of schedules share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from flowopt.model.activities import Floats
from flowopt.model.feasible_plans import slack
from flowopt.planning.relaxed_money import Line
from flowopt.planning.schedule_problem import ScheduleProblem

_ROUNDING = 1e-12  # of costs
_DIGITS = range(7)  # of costs, M USD


@dataclass(frozen=True)
class OpenYears:
    """The request, and its periods with what is open in them: the same for all branches.

    Attributes
    ----------
    problem : ScheduleProblem
        The request.
    raised : sequence of array
        What is open of each capacity beside the table's, by period, t/yr.
    paid : float
        What that costs the trafficker, M USD, where money counts.
    least : sequence of float
        What a year of each period leaves whatever is in force.
    lines : sequence of lists of Line
        Lines below what each leaves for its money; of use where money stays for later.
    """

    problem: ScheduleProblem
    raised: Sequence[Floats]
    paid: float
    least: Sequence[float]
    lines: Sequence[Sequence[Line]] = ()

    @cached_property
    def lengths(self) -> list[float]:
        """Years of each period."""
        return [row.years for row in self.problem.built.timeline.periods]

    @cached_property
    def rates(self) -> list[float]:
        """Weight of a year of each period in the objective."""
        return [self.problem.rate(t) for t in range(len(self.lengths))]

    @cached_property
    def unit(self) -> float:
        """A power of ten of which all costs in a period are multiples, M USD; 0 for none."""
        costs = self.problem.whole.model.measure_cost.tolist()
        for digits in _DIGITS:
            if all(abs(round(cost, digits) - cost) < _ROUNDING for cost in costs):
                return float(10.0**-digits)
        return 0.0

    def above(self, money: float) -> float:
        """Return the least that a plan costs which costs more than that, M USD."""
        more = money + slack(money)
        if not self.unit:
            return more
        return max(more, (math.floor(more / self.unit) + 1) * self.unit)

    def below(self, money: float) -> float:
        """Return the most that a plan costs which costs no more than that, M USD."""
        return math.floor(money / self.unit + 1e-6) * self.unit if self.unit else money
