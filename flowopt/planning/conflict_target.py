"""The smallest set of demands that clash where one of them is a target.

Every plan that keeps the rules misses some of the demands of an impossible request, so every set
of demands that clash holds one of those that it misses. The search goes the other way round: it
takes the fewest demands that hit what each known plan misses, and asks for a plan that meets them.
If there is one, what it misses is one more set to hit; if there is none, they clash, and fewer
cannot.

Source: A. Ignatiev, A. Previti, M. Liffiton and J. Marques-Silva, "Smallest MUS extraction with
minimal hitting set dualization", CP 2015.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from flowopt.clock import Clock
from flowopt.errors import OutOfTime, SolverError
from flowopt.model.interdiction import Limits, allowed, closure
from flowopt.model.milp import MilpBuilder
from flowopt.model.search import Plan
from flowopt.model.solver import SolverOptions, solve_milp
from flowopt.planning.conflicts import Clash, Demand, Demands, ordered
from flowopt.planning.plan_constraints import core
from flowopt.planning.target import TargetTask, Unreachable
from flowopt.results.numbers import EQUAL

_TRIALS = 200  # sets of demands that are looked at, at most

MakeTask = Callable[[Limits], TargetTask]


class UndecidedError(Exception):
    """It is not known whether some demands clash: the time ran out, or the user stopped it."""


@dataclass(frozen=True, slots=True)
class SmallestClash:
    """The search for the smallest clash with a target.

    Attributes
    ----------
    demands
        The demands of a request that no plan meets.
    make_task
        Gives the search for a plan that keeps some limits and reaches a target, with what is left
        of the time.
    worth
        The objective under a plan.
    baseline
        The objective without measures.
    clock
        The time for it.
    """

    demands: Demands
    make_task: MakeTask
    worth: Callable[[Plan], float]
    baseline: float
    clock: Clock = field(default_factory=Clock)

    def smallest(self, known: Clash | None) -> Clash:
        """Return the smallest clash; `known` is the smallest one without the target, if any."""
        every = self.demands.all()
        missed: list[set[Demand]] = []
        for _ in range(_TRIALS):
            try:
                tried = _fewest_hitting(every, missed, self.clock)
                if known is not None and len(tried) >= len(known.demands):
                    return known
                plan = None if len(tried) == len(every) else self._meets(tried)
                if plan is None:
                    return self._clash(tried)
                missed.append(self._missed_by(plan))
                wider = plan | closure(self.demands.model, self.demands.limits.include)
                if allowed(self.demands.model, self.demands.only(()), wider):
                    missed.append(self._missed_by(wider))
            except (UndecidedError, OutOfTime):
                break
        return self.unfinished(known)

    def unfinished(self, known: Clash | None) -> Clash:
        """Return what clashes though fewer demands may: the known clash, or all of the demands."""
        if known is None:
            known = self._clash(self.demands.all(), in_time=False)
        return replace(known, smallest=False)

    def _meets(self, tried: Iterable[Demand]) -> Plan | None:
        """Return a plan that meets some demands, None if no plan does.

        Raises
        ------
        UndecidedError, OutOfTime
            When neither is known in time.
        """
        kept = list(tried)
        limits = self.demands.only(kept)
        forced = core(self.demands.model, limits)
        if not allowed(self.demands.model, limits, forced):
            return None
        if not any(demand.kind == "target" for demand in kept):
            return forced
        try:
            found = self.make_task(limits).reach(self.baseline, self._target, any_plan=True)
        except Unreachable:
            return None
        if found is None:
            raise UndecidedError
        return found.plan

    @property
    def _target(self) -> float:
        return np.inf if self.demands.target is None else self.demands.target

    def _reaches(self, value: float) -> bool:
        """Return whether a value is the target or below, as `TargetTask` takes it."""
        return value <= self._target + EQUAL * (self.baseline if self.baseline > 0.0 else 1.0)

    def _missed_by(self, plan: Plan) -> set[Demand]:
        missed = self.demands.missed_by(plan)
        if not self._reaches(self.worth(plan)):
            missed.add(Demand("target", amount=self._target))
        return missed

    def _clash(self, tried: Iterable[Demand], *, in_time: bool = True) -> Clash:
        """Return demands that clash, with how far plans get that meet all but the target."""
        clashing = ordered(tried)
        others = [demand for demand in clashing if demand.kind != "target"]
        limits = self.demands.only(others)
        barred = limits.exclude
        open_ones = frozenset(range(len(self.demands.model.measures))) - barred
        unsaid = Clash(clashing, "The solver has proved that no plan does all of it.")
        try:
            task, least = self.make_task(limits), self.worth(open_ones)
        except OutOfTime:
            return unsaid
        if task.programme.monotone and not self._reaches(least):
            left = "other " if barred else ""
            count = f"All {len(open_ones)} {left}measures together bring"
            return Clash(clashing, f"{count} the objective to {least:,.6g}.")
        if not in_time:
            return unsaid
        try:
            best = task.run(self.baseline)
        except OutOfTime:
            return unsaid
        keeps = " and ".join(self.demands.words(demand) for demand in others) or "the rules"
        if best.status == "optimal":
            why = f"The best plan that keeps {keeps} brings the objective to {best.value:,.6g}."
        elif not self._reaches(best.bound):
            why = f"No plan that keeps {keeps} brings the objective below {best.bound:,.6g}."
        else:
            return unsaid
        return Clash(clashing, why)


def _fewest_hitting(
    every: tuple[Demand, ...], missed: list[set[Demand]], clock: Clock
) -> tuple[Demand, ...]:
    """Return the fewest demands of which each set holds one.

    Raises
    ------
    UndecidedError
        When the time is over first.
    """
    if not missed:
        return ()
    place = {demand: i for i, demand in enumerate(every)}
    build = MilpBuilder()
    chosen = build.variables("demand", len(every), integer=True)
    row = [number for number, some in enumerate(missed) for _ in some]
    column = [place[demand] for some in missed for demand in sorted(some, key=place.__getitem__)]
    build.rows("plan", [(row, chosen[column], 1.0)], lower=1.0, count=len(missed))
    milp = build.build([(chosen, np.ones(len(every)))])
    left = None if clock.limit is None else max(0.05, clock.left())
    found = solve_milp(milp, SolverOptions(gap=0.0, time_limit=left))
    if found.limit is not None:
        raise UndecidedError
    if found.values is None:
        raise SolverError("a plan meets every demand of a request that has none; please report it")
    return tuple(every[i] for i in np.flatnonzero(found.values[chosen] > 0.5).tolist())
