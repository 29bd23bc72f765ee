"""The best schedule, period by period, with a bound on every schedule.

Periods are tied by what the trafficker opens, and by what the planner buys. Let go of both:

- Under `flow` opening costs nothing that counts, so all that can be open is: the trafficker's
  programme falls apart into one of a year per period, with larger capacities. Under `profit` any
  fixed plan of openings is possible for the trafficker, so the sum of what each period then
  yields, less what they cost, is a bound on every schedule; the response to the best schedule known
  is the plan of openings to take.
- If everything that could have been bought is there for nothing, the best plans of the periods
  bound every schedule.

So one solve of a year per period gives a bound, and plans that make up a schedule; its value is
that of the whole programme. Schedules are then branched on what ties periods: purchases, what comes
after what, and money that is carried over. What is left over (openings under `profit`) is for the
whole programme, which begins from the schedule and the bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from flowopt.clock import Clock, LimitReason
from flowopt.errors import OutOfTime
from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.feasible_plans import allowed, closure
from flowopt.model.incumbent import Plan
from flowopt.model.opened_capacity import most_open_in_each, open_in_each
from flowopt.model.solver import Progress
from flowopt.objectives import OBJECTIVES
from flowopt.planning.best_schedule_known import BestScheduleKnown
from flowopt.planning.conflicts import Conditions
from flowopt.planning.joint_purchases import joint_purchases
from flowopt.planning.open_years import OpenYears
from flowopt.planning.period_solver import PeriodRequest, PeriodSolver
from flowopt.planning.purchase_branching import PurchaseBranching
from flowopt.planning.relaxed_money import lines_of
from flowopt.planning.relaxed_periods import RelaxedPeriods
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_branch import Branch
from flowopt.planning.schedule_branching import ScheduleBranching
from flowopt.planning.schedule_problem import ScheduleProblem, with_purchases
from flowopt.planning.solve_run import FoundPlan
from flowopt.planning.target_run import run_of
from flowopt.results.numbers import EQUAL, relative_gap
from flowopt.results.plan_result import Status

_ROUNDING = 1e-12
_ROUNDS = 4  # of openings that are those of the best schedule so far
# Of a period's own money, where lines touch what it leaves by the relaxed programme.
_TOUCHED = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class FoundSchedule:
    """A schedule, and a bound on the value of every schedule.

    Attributes
    ----------
    plan : frozenset of int
        Its measures in force and purchases, as measures of the programme over time.
    value, bound : float
        Over all periods.
    status : str
        Whether the schedule is proved.
    cost_bound : float or None
        With a target, what no cheaper schedule can undercut, M USD over all periods.
    limit : str or None
        With status `limit`, what stopped the proof.
    """

    plan: Plan
    value: float
    bound: float
    status: Status
    cost_bound: float | None = None
    limit: LimitReason | None = None


class ScheduleRun:
    """One run for the best schedule.

    Parameters
    ----------
    problem, options, clock
        The request, the options of the run, and the time for all of it.
    solver
        Solver of requests on single periods; one of its own if not given.
    starts
        Schedules to begin with; none is better than the result, if it keeps the conditions.
    floor
        A known bound on every schedule.

    Attributes
    ----------
    trafficker : BestResponseSolver
        Of the whole programme.
    baseline : float
        The objective over all periods without measures.
    """

    def __init__(
        self,
        problem: ScheduleProblem,
        options: RunOptions,
        clock: Clock,
        *,
        solver: PeriodSolver | None = None,
        starts: Iterable[Plan] = (),
        floor: float = 0.0,
    ) -> None:
        self.problem, self.options, self.clock = problem, options, clock
        self.built, self.model = problem.built, problem.whole.model
        request = problem.request
        self.trafficker = BestResponseSolver(self.model, request.objective, ties=request.ties)
        self.baseline = self.trafficker.value(())
        self.interrupted = False
        self._scale = self.baseline if self.baseline > 0.0 else 1.0
        self._known = BestScheduleKnown(problem, self.trafficker.value, self._scale)
        self._bound = floor
        self._stopped_by: LimitReason | None = None
        self._solver = solver or PeriodSolver(options)
        self._starts = tuple(starts)

    def _report(self, _: Progress | None = None) -> None:
        """Report what is known of all periods, whatever is known of the one at hand."""
        if self.options.on_progress is not None:
            value = None if self._known.plan is None else self._known.value
            bound = self._bound or None
            self.options.on_progress(Progress(self.clock.elapsed(), value, bound))

    def conflicts(self) -> list[str]:
        """Return the sentences on periods in which no plan keeps the conditions."""
        found = []
        for period, row in enumerate(self.built.timeline.periods):
            nothing = np.zeros(len(self.built.yearly[period].limit))
            conditions = Conditions(self.problem.of_period(period, nothing))
            if conflict := conditions.conflict():
                found.append(f"{row.period}: {conditions.message(conflict)}")
        return found

    def run(self) -> FoundSchedule | None:
        """Return the best schedule found, with a bound on all; None where none was found.

        Raises
        ------
        Unreachable
            When it is proved that no schedule reaches the target.
        """
        traits = OBJECTIVES[self.problem.request.objective]
        if self.problem.request.target is not None:
            return self._cheapest()
        forced = closure(self.model, self.problem.whole.constraints.include)
        for plan in (forced, *self._starts):  # however short the time is
            if not self._known.take(plan):
                self._known.take(with_purchases(self.problem, plan))
        if traits.planner == traits.trafficker:
            try:
                self._by_periods(for_money=traits.for_money)
            except KeyboardInterrupt:
                self._interrupt()
            except OutOfTime:
                pass
            self._stopped_by = self._solver.stopped_by
        if not (self._proved() or self.interrupted or self.clock.late()):
            self._whole()
        return self._found()

    # -- period by period ------------------------------------------------------------------------

    def _by_periods(self, *, for_money: bool) -> None:
        """Bound every schedule by its periods, and put schedules together from their plans."""
        if self.clock.late() or self._proved():
            return
        everything = frozenset(range(len(self.model.measures))) - self.built.impossible
        least = self.trafficker.value(everything)  # measures do no harm
        self._bound = max(self._bound, least)
        if not for_money:
            self._round(most_open_in_each(self.built, self.problem.network.openings), 0.0)
            return
        columns = [each.column for each in self.built.opened]
        opened = np.zeros(len(columns))
        for _ in range(_ROUNDS):
            before = self._bound, self._known.value
            paid = float(self.model.cost[columns] @ opened)
            self._round(open_in_each(self.built, opened), paid)
            if self._proved() or self.ended() or before == (self._bound, self._known.value):
                return
            if self._known.plan is not None:
                opened = self.trafficker.respond(self._known.plan).activity[columns]

    def _round(self, raised: list[Floats], paid: float) -> None:
        """Bound every schedule, with some openings; offer schedules on the way.

        Parameters
        ----------
        raised
            What is open of each capacity beside the table's, by period, t/yr.
        paid
            What that costs the trafficker, M USD.
        """
        own = replace(self.problem, carry=False)  # money of others is split only by branching
        relaxed = RelaxedPeriods(own, raised, paid, self._solved)
        bound = relaxed.solved()
        if not self.problem.carry:
            self._bound = max(self._bound, bound)
        if math.isfinite(bound):
            self._offer(relaxed)
        if self._proved() or self.ended():
            return
        money = OBJECTIVES[self.problem.request.objective].for_money
        if money or self.problem.carry or self._orders():
            self._branch_on_ties(raised, paid)
        elif self._known.plan is not None:
            self._branch(relaxed)

    def _orders(self) -> bool:
        """Return whether some measure may be in force only after another was."""
        in_force = frozenset(self.built.in_force.values())
        return any(not in_force.isdisjoint(some) for _, some in self.model.needs)

    def _branch_on_ties(self, raised: list[Floats], paid: float) -> None:
        """Branch on all that ties periods, as long as that tells schedules apart."""
        tree = ScheduleBranching(Branch(self._open_years(raised, paid)), self._solved)
        while not (self._proved() or self.ended() or tree.complete):
            enough = math.inf if self._known.plan is None else self._enough()
            for each in tree.step(enough):
                self._known.offer(each.plans(), each.purchases())
                if self.problem.carry:
                    self._known.offer(each.best_known(), each.purchases())
            if self._known.plan is not None:
                self._bound = max(self._bound, min(tree.bound(), self._known.value))

    def _open_years(self, raised: list[Floats], paid: float) -> OpenYears:
        """Return the periods, with what each leaves whatever is in force."""
        request, least, lines = self.problem.request, [], []
        for period, more in enumerate(raised):
            year = self.problem.of_period(period, more)
            every = frozenset(range(len(year.model.measures))) - year.constraints.exclude
            trafficker = BestResponseSolver(year.model, request.objective, ties=request.ties)
            least.append(trafficker.value(every))  # measures do no harm
            if self.problem.carry:
                most, own = year.constraints.budget, self.problem.budgets[period]
                touched = [share * own for share in _TOUCHED if share * own < most]
                lines.append(list(lines_of(year, [*touched, most], self.options, self.clock)))
        return OpenYears(self.problem, raised, paid, least, lines)

    def _branch(self, relaxed: RelaxedPeriods) -> None:
        """Branch on the purchases of periods that are solved, as long as that tells them apart."""
        tree = PurchaseBranching(relaxed, self._solved)
        while not (self._proved() or self.ended()):
            branches = tree.branch(self._enough())
            if branches is None:
                return
            for each in branches:
                self._known.offer(each.plans(), each.made)
            self._bound = max(self._bound, tree.bound())

    def _solved(self, requests: Sequence[PeriodRequest]) -> list[FoundPlan]:
        """Solve requests on single periods, in the time that is left."""
        watched = None if self.options.on_progress is None else self._report
        found = self._solver.solve(requests, self.clock, watched)
        self._report()
        return found

    def _offer(self, relaxed: RelaxedPeriods) -> None:
        """Value schedules of plans of the periods, also of some that buy less for them."""
        whole = self._known.offer(relaxed.plans())
        if whole is None or allowed(self.model, self.problem.whole.constraints, whole):
            return
        self._known.offer(relaxed.without_purchases())
        for schedule in joint_purchases(self.problem, relaxed, self.trafficker.value):
            self._known.take(schedule)

    # -- the whole programme ---------------------------------------------------------------------

    def _whole(self) -> None:
        """Go on by the whole programme, from the schedule and the bound that there are."""
        run = run_of(self.problem.whole, self.options, self.clock)
        if self._known.plan is not None:
            run.note(self._known.plan, self._known.value)
        found = run.run(run.value(()), floor=self._bound)
        self.interrupted = self.interrupted or run.interrupted
        self._stopped_by = found.limit
        if allowed(self.model, self.problem.whole.constraints, found.plan):
            self._known.take(found.plan)
        self._bound = max(self._bound, found.bound)

    def _cheapest(self) -> FoundSchedule | None:
        """Return the cheapest schedule that reaches the target."""
        run = run_of(self.problem.whole, self.options, self.clock)
        found = run.answer(run.value(()))
        self.interrupted = run.interrupted
        if found is None:
            return None
        return FoundSchedule(
            found.plan, found.value, found.bound, found.status, found.cost_bound, found.limit
        )

    # -- the end ---------------------------------------------------------------------------------

    def _proves(self, bound: float) -> bool:
        if self._known.plan is None:
            return False
        return relative_gap(self._known.value, bound, self._scale) <= self.options.gap

    def _proved(self) -> bool:
        return self._proves(self._bound)

    def _enough(self) -> float:
        """Return a bound that proves the best schedule known."""
        value, share = abs(self._known.value), max(self.options.gap, _ROUNDING)
        return self._known.value - max(EQUAL * self._scale, share * value) + _ROUNDING * self._scale

    def ended(self) -> bool:
        """Return whether the user or the clock ended it."""
        return self.interrupted or self.clock.late()

    def _interrupt(self) -> None:
        if not self.options.keep_on_interrupt:
            raise KeyboardInterrupt
        self.interrupted = True

    def _found(self) -> FoundSchedule | None:
        if self._known.plan is None:
            return None
        bound = min(self._bound, self._known.value)
        status: Status = "optimal" if self._proves(bound) else "limit"
        limit: LimitReason | None = None
        if status == "limit":
            late: LimitReason | None = "time" if self.clock.late() else self._stopped_by
            limit = "interrupted" if self.interrupted else late
        return FoundSchedule(self._known.plan, self._known.value, bound, status, limit=limit)
