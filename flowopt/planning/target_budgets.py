"""Budgets for which no plan reaches a target: bounds on what the cheapest plan for it costs.

The value of the best plan for a budget moves at every branching, and the cost of the cheapest plan
for a target hardly ever, as a share of a measure may have all of its effect. So budgets some per
cent below the cost of the plan in hand are asked whether any plan reaches the target for them.
Where none does, the budget is a bound; where one does, it is a cheaper plan, and budgets are
counted from that.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.incumbent import Plan, SearchStopped
from flowopt.model.search import Search
from flowopt.planning.cutoff_run import CutoffRun
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve_run import FoundPlan
from flowopt.planning.solver_session import SolverSession
from flowopt.results.numbers import EQUAL

_FIRST_GAP = 0.03  # below the cost of the plan in hand, before the gap asked for
_EXACT = 1e-6  # a smaller gap is left to the programme of the least cost
_SHARE = 0.6  # of the time left, at most, that the proof for one budget takes
_SEARCHES_SHARE = 0.25  # likewise, that searches for cheaper plans take
_GAP = 1e-9  # relative, of values: what is asked is on which side of the target they lie
_ROUNDING = 1e-6  # of the gap: the last budget lies so much closer, or it would just miss it


class TargetBudgets:
    """Budgets asked whether any plan reaches a target for them.

    Parameters
    ----------
    session
        The session of the run for the target.
    search
        Its search, whose best plan reaches the target, and which takes cheaper ones.
    baseline
        The objective without measures.
    worst
        The most that a plan which reaches the target leaves.
    known
        Plans that were valued, with the objective under each.
    """

    def __init__(
        self,
        session: SolverSession,
        search: Search,
        baseline: float,
        worst: float,
        known: Mapping[Plan, float],
    ) -> None:
        self._session = session
        self._search = search
        self._baseline = baseline
        self._worst = worst
        self._known = known

    def descend(self, bound: float) -> float:
        """Halve what lies between a bound and the cost of the plan in hand, by searches alone.

        The bound stays. A budget for which a search reaches the target leads to a cheaper plan;
        else the cheapest is taken to cost more. Measures that only pay together are missed by a
        search for the target.
        """
        if not self._reaches:
            return bound
        least, clock = bound, self._session.clock.part(_SEARCHES_SHARE)
        while not self._ended(clock) and self._spent - least > _FIRST_GAP * self._spent:
            budget = (least + self._spent) / 2.0
            run = self._run(clock)
            plan = run.searched(self._baseline, self._within(budget))
            self._heed(run)
            if run.value(plan) <= self._worst:
                self._take(plan)
            else:
                least = budget
        return bound

    def climb(self, bound: float) -> float:
        """Return a bound on the cost of every plan that reaches the target, raised from `bound`."""
        session = self._session
        last = session.options.gap
        first = [_FIRST_GAP] if session.clock.limit is not None and last < _FIRST_GAP else []
        for gap in (*first, last) if self._reaches else ():
            while not session.ended() and gap >= _EXACT:
                budget = self._spent * (1.0 - gap * (1.0 - _ROUNDING))
                if budget <= bound:
                    break
                run = self._run(session.clock.part(_SHARE))
                found = run.reaching(self._baseline, self._within(budget))
                session.count(run.effort, found.limit)
                self._heed(run)
                if found.value <= self._worst:
                    self._take(found.plan)
                elif found.bound >= run.enough:
                    bound = budget
                else:
                    return bound
        return bound

    @property
    def _reaches(self) -> bool:
        return self._search.value <= self._worst

    @property
    def _spent(self) -> float:
        return self._search.key(self._search.best)[0]

    def _within(self, budget: float) -> PlanConstraints:
        """Return the limits of the request, with a budget below its own."""
        limits = self._search.limits
        return replace(limits, budget=min(limits.budget, budget))

    def _run(self, clock: Clock) -> _BudgetRun:
        """Return a run for a budget, which knows all plans that were valued."""
        session = self._session
        options = replace(session.options, gap=_GAP, on_progress=None)
        run = _BudgetRun(session.problem, options, clock, self._worst)
        for plan, value in self._known.items():
            run.note(plan, value)
        return run

    def _ended(self, clock: Clock) -> bool:
        return self._session.ended() or clock.late()

    def _heed(self, run: _BudgetRun) -> None:
        """End all of it where the user has stopped a run."""
        if run.interrupted:
            self._session.stopped_by_user()

    def _take(self, plan: Plan) -> None:
        """Take a cheaper plan, and leave out of it what the target does not need."""
        self._search.offer_equal(plan, self._worst)
        with suppress(SearchStopped):
            plan = self._search.trimmed(plan, self._worst)
        self._search.offer_equal(plan, self._worst)


class _BudgetRun(CutoffRun):
    """Run that ends once a plan within its budget reaches a target, or none can.

    Parameters
    ----------
    problem, options, clock
        The request, the options of the run, and its time.
    worst
        The most that a plan which reaches the target leaves.
    """

    settles = False

    def __init__(
        self, problem: PlanProblem, options: RunOptions, clock: Clock, worst: float
    ) -> None:
        super().__init__(problem, options, clock, worst)
        self._worst = worst

    def reaching(self, baseline: float, limits: PlanConstraints) -> FoundPlan:
        """Return the plan that was best when it ended."""
        self._set_scale(baseline)
        self.enough = self._worst + EQUAL * self.scale
        return self.run(baseline, limits)

    def searched(self, baseline: float, limits: PlanConstraints) -> Plan:
        """Return a good plan without a proof."""
        self.limits = limits
        return self.search(baseline)

    def is_proved(self, value: float, bound: float) -> bool:
        """Return whether it is known on which side of the target all plans lie."""
        return value <= self._worst or bound >= self.enough
