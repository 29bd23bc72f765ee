"""Rows of a comparison over time: the best schedule for one budget, a year's in every period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from flowopt.clock import Clock
from flowopt.model.solver import OnProgress
from flowopt.network.chances import may_fail
from flowopt.planning.luck_schedule import best_under_luck
from flowopt.planning.solve_over_time import best_schedule
from flowopt.planning.sweep.neighbour_grid import NeighbourRequest
from flowopt.planning.sweep.row import RowResult
from flowopt.planning.sweep.shared_model import shared_over_time


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRowRequest(NeighbourRequest):
    """One row to solve over all periods.

    Attributes
    ----------
    carry : bool
        Whether money that is left stays for later periods.
    """

    carry: bool

    @property
    def asked(self) -> str:
        """Request beside objective and budget."""
        return "over time"

    def solve(self, on_progress: OnProgress | None) -> RowResult:
        """Return the best schedule for the budget."""
        clock = Clock(self.seconds_left)
        best = best_under_luck
        if not may_fail(self.network):
            best = partial(best_schedule, built=shared_over_time(self.network))
        found = best(
            self.network,
            replace(self.plan_request, budget=None),
            replace(self.options, on_progress=on_progress),
            clock,
            budget=self.budget,
            carry=self.carry,
            starts=self.starts,
            floor=self.known_bound or 0.0,
        )
        return self.solved(found, clock, schedule=found)
