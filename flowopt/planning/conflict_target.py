"""The smallest conflict of which one condition is a target.

Every plan that keeps the rules violates some conditions of an infeasible request, so every conflict
holds one of those that it violates. The search goes the other way round: it takes the smallest set
of conditions that hits what each known plan violates, and looks for a plan that meets them. If
there is one, what it violates is one more set to hit; if there is none, they conflict, and no
smaller set does.

Source: A. Ignatiev, A. Previti, M. Liffiton and J. Marques-Silva, "Smallest MUS extraction with
minimal hitting set dualization", CP 2015.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import OutOfTime, SolverError
from flowopt.model.feasible_plans import PlanConstraints, allowed, closure
from flowopt.model.formulations import Programme
from flowopt.model.incumbent import Plan
from flowopt.model.milp import MilpBuilder
from flowopt.model.solver import SolverOptions, solve_milp
from flowopt.planning.conflicts import Condition, Conditions, Conflict, ordered
from flowopt.planning.plan_constraints import PlanProblem, forced_plan
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve_run import FoundPlan
from flowopt.planning.target_run import TargetRun, Unreachable
from flowopt.results.numbers import EQUAL

_TRIALS = 200  # sets of conditions tried, at most


class ReachingRun(Protocol):
    """A run for a target, as `TargetRun` is one."""

    programme: Programme

    def reach(self, baseline: float, target: float, *, any_plan: bool = False) -> FoundPlan | None:
        """Return a plan that reaches the target, None if none was found; see `TargetRun`."""

    def run(self, baseline: float) -> FoundPlan:
        """Return the best plan, whatever the target."""


class UndecidedError(Exception):
    """Undecided conflict: the time ran out, or the user stopped the search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The level that a target sets to the values of runs, and the words for such values.

    Attributes
    ----------
    most : float
        What a value is to be brought to, or below.
    scale : float
        What tolerances are shares of.
    counted : str
        Phrase for what the target is about.
    shift, sign : float
        What is added to it to make a value, and -1 where more of it is better.
    """

    most: float
    scale: float
    counted: str
    shift: float = 0.0
    sign: float = 1.0

    def reached_by(self, value: float) -> bool:
        """Return whether a value is low enough, to the tolerance of `TargetRun`."""
        return value <= self.most + EQUAL * self.scale

    def brought_to(self, value: float) -> str:
        """Return the phrase for what a plan brings about."""
        return f"{self.counted} to {self._amount(value)}"

    def beyond(self, bound: float) -> str:
        """Return the phrase for what no plan brings about."""
        return f"{self.counted} {'below' if self.sign > 0.0 else 'above'} {self._amount(bound)}"

    def _amount(self, value: float) -> str:
        return f"{self.sign * (value - self.shift) + 0.0:,.6g}"


@dataclass(frozen=True, slots=True)
class ConflictSearch:
    """Search for the smallest conflict with a target.

    Attributes
    ----------
    conditions
        The conditions of a request that no plan meets.
    options
        Options of each run for the target.
    value_of
        The objective under a plan.
    baseline
        The objective without measures.
    clock
        The time for it.
    level
        What the target sets to values; by default itself.
    new_run
        Maker of a run for the target, under other constraints on plans.
    """

    conditions: Conditions
    options: RunOptions
    value_of: Callable[[Plan], float]
    baseline: float
    clock: Clock = field(default_factory=Clock)
    level: Level | None = None
    new_run: Callable[[PlanProblem, RunOptions, Clock], ReachingRun] = TargetRun

    def smallest(self, known: Conflict | None) -> Conflict:
        """Return the smallest conflict; `known` is the smallest one without the target, if any."""
        all_conditions = self.conditions.all()
        violated: list[set[Condition]] = []
        for _ in range(_TRIALS):
            try:
                tried = _smallest_hitting_set(all_conditions, violated, self.clock)
                if known is not None and len(tried) >= len(known.conditions):
                    return known
                plan = None if len(tried) == len(all_conditions) else self._plan_meeting(tried)
                if plan is None:
                    return self._conflict(tried)
                violated.append(self._violated_by(plan))
                wider = plan | closure(self.conditions.model, self.conditions.limits.include)
                if allowed(self.conditions.model, self.conditions.limits_of(()), wider):
                    violated.append(self._violated_by(wider))
            except (UndecidedError, OutOfTime):
                break
        return self.unfinished(known)

    def unfinished(self, known: Conflict | None) -> Conflict:
        """Return a conflict that may not be smallest: the known one, or all conditions."""
        if known is None:
            known = self._conflict(self.conditions.all(), in_time=False)
        return replace(known, smallest=False)

    def _plan_meeting(self, tried: Iterable[Condition]) -> Plan | None:
        """Return a plan that meets some conditions, None if no plan does.

        Raises
        ------
        UndecidedError, OutOfTime
            When neither is known in time.
        """
        kept = list(tried)
        limits = self.conditions.limits_of(kept)
        forced = forced_plan(self.conditions.model, limits)
        if not allowed(self.conditions.model, limits, forced):
            return None
        if not any(condition.kind == "target" for condition in kept):
            return forced
        try:
            solved = self._run(limits).reach(self.baseline, self._level.most, any_plan=True)
        except Unreachable:
            return None
        if solved is None:
            raise UndecidedError
        return solved.plan

    def _run(self, limits: PlanConstraints) -> ReachingRun:
        """Return a run for the target, under other constraints on plans, in the time left."""
        problem = replace(self.conditions.problem, constraints=limits)
        return self.new_run(problem, self.options, self.clock)

    @property
    def _level(self) -> Level:
        if self.level is not None:
            return self.level
        target, counted = self.conditions.target, self.conditions.problem.counted
        scale = self.baseline if self.baseline > 0.0 else 1.0
        return Level(most=np.inf if target is None else target, scale=scale, counted=counted)

    def _violated_by(self, plan: Plan) -> set[Condition]:
        violated = self.conditions.violated_by(plan)
        if not self._level.reached_by(self.value_of(plan)):
            violated.add(self.conditions.all()[0])  # the target
        return violated

    def _conflict(self, tried: Iterable[Condition], *, in_time: bool = True) -> Conflict:
        """Return a conflict, with the best value of plans that meet all but the target."""
        conflicting, level = ordered(tried), self._level
        others = [condition for condition in conflicting if condition.kind != "target"]
        limits = self.conditions.limits_of(others)
        barred = limits.exclude
        open_ones = frozenset(range(len(self.conditions.model.measures))) - barred
        unexplained = Conflict(conflicting, "The solver has proved that no plan does all of it.")
        try:
            run, least = self._run(limits), self.value_of(open_ones)
        except OutOfTime:
            return unexplained
        if run.programme.monotone and not level.reached_by(least):
            left = "other " if barred else ""
            count = f"All {len(open_ones)} {left}measures together bring"
            return Conflict(conflicting, f"{count} {level.brought_to(least)}.")
        if not in_time:
            return unexplained
        try:
            best = run.run(self.baseline)
        except OutOfTime:
            return unexplained
        keeps = (
            " and ".join(self.conditions.label(condition) for condition in others) or "the rules"
        )
        if best.status == "optimal":
            reason = f"The best plan that keeps {keeps} brings {level.brought_to(best.value)}."
        elif not level.reached_by(best.bound):
            reason = f"No plan that keeps {keeps} brings {level.beyond(best.bound)}."
        else:
            return unexplained
        return Conflict(conflicting, reason)


def _smallest_hitting_set(
    all_conditions: tuple[Condition, ...], violated: list[set[Condition]], clock: Clock
) -> tuple[Condition, ...]:
    """Return the smallest set of conditions that hits each given set.

    Raises
    ------
    UndecidedError
        When the time is over first.
    """
    if not violated:
        return ()
    place = {condition: i for i, condition in enumerate(all_conditions)}
    build = MilpBuilder()
    chosen = build.variables("demand", len(all_conditions), integer=True)
    row = [number for number, some in enumerate(violated) for _ in some]
    column = [
        place[condition] for some in violated for condition in sorted(some, key=place.__getitem__)
    ]
    build.rows("plan", [(row, chosen[column], 1.0)], lower=1.0, count=len(violated))
    milp = build.build([(chosen, np.ones(len(all_conditions)))])
    left = None if clock.limit is None else max(0.05, clock.left())
    solution = solve_milp(milp, SolverOptions(gap=0.0, time_limit=left))
    if solution.limit is not None:
        raise UndecidedError
    if solution.values is None:
        raise SolverError("a plan meets every demand of a request that has none; please report it")
    return tuple(all_conditions[i] for i in np.flatnonzero(solution.values[chosen] > 0.5).tolist())
