"""The request of a comparison: its networks, objectives and budgets, and the rows they make."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from flowopt.clock import Clock
from flowopt.errors import RequestError
from flowopt.model.build import insist_on_time_to_build
from flowopt.model.solver import solver_version
from flowopt.network.chances import as_if_sure, may_fail, may_fail_somewhere
from flowopt.network.network import Network
from flowopt.planning.lucky_worlds import check_under_luck
from flowopt.planning.plan_constraints import problem_of, seconds_to_write
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.question_over_time import insist_on_periods
from flowopt.planning.run_options import RunOptions
from flowopt.planning.scenario_problem import CriterionRequest, worlds_of
from flowopt.planning.schedule_problem import schedule_problem_of
from flowopt.planning.sweep.budgets import ALL
from flowopt.planning.sweep.criterion_rows import CriterionRowRequest
from flowopt.planning.sweep.lucky_row import LuckyRowRequest
from flowopt.planning.sweep.lucky_steps import LuckyStepSource
from flowopt.planning.sweep.neighbour_grid import NeighbourGrid
from flowopt.planning.sweep.row import RowRequest
from flowopt.planning.sweep.row_sources import BreakpointSource, GridSource, RowSource
from flowopt.planning.sweep.schedule_rows import ScheduleRowRequest
from flowopt.planning.sweep.shared_model import shared_model, shared_over_time
from flowopt.planning.workers import check_workers

_TABLES_SHARE = 0.1  # of the time of rows goes to what is made of them
_AROUND = 2.3  # times building: what a row takes at least, with the tables and files made of it
_STEP_SHARE = 0.1  # of the time of all rows, at most, for each where measures may fail


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRequest:
    """One comparison: the same request for every network, objective and budget.

    Attributes
    ----------
    networks : tuple of Network
        The networks.
    requests : tuple of PlanRequest
        A request for each objective, for no money; alike in all else.
    budgets : tuple of float or "all"
        Budgets, M USD a year; ``all`` for each at which the best plan changes.
    options : RunOptions
        Options of each row; with ``all``, its time limit is for the whole comparison.
    clock : Clock
        Start and time limit.
    wanted : CriterionRequest or None
        The criterion, where plans are for all scenarios.
    carry : bool or None
        Over time, whether money that is left stays for later periods; None where plans are of one
        year.
    """

    networks: tuple[Network, ...]
    requests: tuple[PlanRequest, ...]
    budgets: tuple[float, ...] | Literal["all"]
    options: RunOptions
    clock: Clock
    wanted: CriterionRequest | None = None
    carry: bool | None = None

    @property
    def lucky(self) -> bool:
        """True where measures of a network may fail; by a criterion, in any scenario."""
        return self.carry is None and any(map(self._fails, self.networks))

    def _fails(self, network: Network) -> bool:
        """Return whether measures of one network may fail; by a criterion, in any scenario."""
        return may_fail(network) if self.wanted is None else may_fail_somewhere(network)

    @property
    def count(self) -> int:
        """The number of rows, where each has a limit of its own; of `all` it is open."""
        rows = 1 if self.budgets == ALL else len(self.budgets)
        return rows * len(self.networks) * len(self.requests)

    def turns(self, workers: int) -> int:
        """Return how many rows are solved one after another, by workers side by side."""
        return math.ceil(self.count / workers)

    def row_limit(self, workers: int) -> float | None:
        """Return the seconds that a row may take itself, None where it has no limit of its own.

        Of its time a share goes to what is made of the rows, and its part of what went before the
        first of them, starting up, reading and checking, and of writing the files.
        """
        limit = self.options.time_limit
        if self.budgets == ALL or limit is None:
            return None
        around = self.clock.elapsed() + self._writing
        return (1.0 - _TABLES_SHARE) * limit - around / self.turns(workers)

    @property
    def _writing(self) -> float:
        """Seconds kept for writing the files, by their size."""
        most = _TABLES_SHARE * (self.options.time_limit or 0.0)
        return min(seconds_to_write(self.networks), most)

    def tables_deadline(self, workers: int) -> float | None:
        """Return the `time.perf_counter` at which what is made of the rows ends, None for never.

        Called once all rows are solved: it gets what they left of their time, and no more than one
        of them had.
        """
        limit = self.options.time_limit
        if limit is None or self.budgets == ALL:
            return self.clock.deadline
        left = self.turns(workers) * limit - self.clock.elapsed() - self._writing
        return time.perf_counter() + min(limit, max(_TABLES_SHARE * limit, left))

    @property
    def last_row(self) -> float | None:
        """`time.perf_counter` at which the last row ends where rows share a limit, else None."""
        limit = self.options.time_limit
        if self.budgets != ALL or limit is None:
            return None
        return self.clock.began + (1.0 - _TABLES_SHARE) * limit

    def sources(self, workers: int) -> Sequence[RowSource]:
        """Return the source of the rows of each network and objective."""
        seconds = self.row_limit(workers)
        if self.lucky:
            return [
                self._lucky_source(network, each, seconds)
                if self._fails(network)
                else self._source(RowRequest(network, each, self.options, seconds=seconds))
                for network in self.networks
                for each in self.requests
            ]
        if self.wanted is not None and self.budgets != ALL:
            network, request = self.networks[0], self.requests[0]
            row = CriterionRowRequest(
                network, request, self.options, wanted=self.wanted, seconds=seconds
            )
            return [NeighbourGrid(row, self.budgets)]
        if self.carry is not None and self.budgets != ALL:
            schedule = ScheduleRowRequest(
                self.networks[0], self.requests[0], self.options, carry=self.carry, seconds=seconds
            )
            return [NeighbourGrid(schedule, self.budgets)]
        return [
            self._source(RowRequest(network, each, self.options, seconds=seconds))
            for network in self.networks
            for each in self.requests
        ]

    def _source(self, first: RowRequest) -> RowSource:
        """Return the source of rows where all measures work."""
        return BreakpointSource(first) if self.budgets == ALL else GridSource(first, self.budgets)

    def _lucky_source(
        self, network: Network, request: PlanRequest, seconds: float | None
    ) -> RowSource:
        """Return the source of rows where measures of the network may fail."""
        row = LuckyRowRequest(network, request, self.options, wanted=self.wanted, seconds=seconds)
        if self.budgets != ALL:
            return NeighbourGrid(row, self.budgets)
        limit = self.options.time_limit
        part = None if limit is None else _STEP_SHARE * limit
        return LuckyStepSource(replace(row, seconds=part))

    def check(self, workers: int) -> None:
        """Refuse a request that no row can answer, before any is solved."""
        if not self.networks or not self.requests:
            raise RequestError("give at least one network and one objective")
        ids = [network.info.id for network in self.networks]
        for name in ids:
            if ids.count(name) > 1:
                raise RequestError(
                    f"two networks have the id '{name}', so their rows could not be told apart; "
                    "change one in its network.toml"
                )
        self.options.check()
        for request in self.requests:
            request.check()
            if self.requests.count(request) > 1:
                raise RequestError(f"objective '{request.objective}' is asked for twice")
        if self.wanted is not None:
            self._check_criterion(self.wanted)
        if self.lucky:
            check_under_luck(self.wanted)
        check_workers(workers)
        solver_version(self.options.solver)
        if self.carry is not None:
            self._check_schedules(carry=self.carry)
            return
        share = 1 if self.budgets == ALL else len(self.networks)
        limit = self.options.time_limit
        reading = Clock(None if limit is None else share * limit, self.clock.began)
        built = 0.0
        for network in self.networks:
            insist_on_time_to_build(network, reading)
            began = time.perf_counter()
            sure = as_if_sure(network) if self.lucky else network
            problem_of(sure, shared_model(sure), self.requests[0])
            built += time.perf_counter() - began
        share = 1 if self.budgets == ALL else self.turns(workers)
        rows = Clock(None if limit is None else share * limit, self.clock.began)
        rows.insist("reading and building", "a plan with its tables and files", _AROUND * built)

    def _check_schedules(self, *, carry: bool) -> None:
        """Refuse what is not asked over time.

        Raises
        ------
        RequestError
            When there is no list of budgets, or the request names what the network lacks.
        """
        if self.budgets == ALL:
            raise RequestError(
                "budgets 'all' are for one year: over time give numbers, such as 0:40:10"
            )
        network, request = as_if_sure(self.networks[0]), self.requests[0]
        insist_on_periods(network)
        schedule_problem_of(
            network,
            shared_over_time(network),
            replace(request, budget=None),
            budget=max(map(float, self.budgets)),
            carry=carry,
        )

    def _check_criterion(self, wanted: CriterionRequest) -> None:
        """Refuse what is not asked over scenarios.

        Raises
        ------
        RequestError
            When there are several networks or objectives, or no list of budgets.
        InputError
            When the network has no scenarios.
        """
        wanted.check()
        if len(self.networks) > 1 or len(self.requests) > 1:
            raise RequestError("a criterion compares budgets of one network and one objective")
        if self.budgets == ALL:
            raise RequestError(
                "a criterion compares given budgets, such as 0:40:5, not every one at which its "
                "plan changes"
            )
        if self.requests[0].of is not None:
            raise RequestError("a part of the markets is for one network: leave out the criterion")
        worlds_of(self.networks[0])

    def stored(self) -> dict[str, Any]:
        """Return the request as a store keeps it; rows of another one are stale."""
        common = self.requests[0]
        return {
            "networks": {network.info.id: network.sha256 for network in self.networks},
            "of": common.of,
            "objectives": [each.objective for each in self.requests],
            "budgets": self.budgets if self.budgets == ALL else list(self.budgets),
            "resources": dict(common.resources),
            "include": list(common.include),
            "exclude": list(common.exclude),
            "gap": self.options.gap,
            "ties": common.ties,
            "time_limit": self.options.time_limit,
            "criterion": None if self.wanted is None else self.wanted.recorded(),
            "carry": self.carry,
        }
