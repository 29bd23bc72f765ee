"""One solve: search, proof, check and tie-break around one hot trafficker."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from flowopt.clock import Clock, LimitReason
from flowopt.errors import OutOfTime, SolverError
from flowopt.model.activities import Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.interdiction import Interdiction, PlanConstraints, allowed, cheapest, most_within
from flowopt.model.lexicographic import TOLERANCE
from flowopt.model.milp import Milp
from flowopt.model.objectives import OBJECTIVES, Objective
from flowopt.model.programme import Bilevel, programme_of
from flowopt.model.search import Plan, Search
from flowopt.model.solver import (
    MilpResult,
    OnProgress,
    Progress,
    SolverOptions,
    solve_milp,
    solver_version,
)
from flowopt.planning.plan_constraints import PlanProblem, forced_plan
from flowopt.planning.plan_request import AlternativesRequest
from flowopt.planning.run_options import RunOptions
from flowopt.results.numbers import EQUAL, relative_gap
from flowopt.results.plan_result import Status

# The tie-break is proved by the solver where the proof of the value took at most so much work
# (simplex iterations times rows), and the order among equally cheap plans up to so many measures.
# Beyond that it would double the time of a long solve, and dropping and swapping has to do.
_TIE_EFFORT = 5_000_000
_TIE_MEASURES = 60
_TIE_NODES = 200
_TIE_ROUNDS = 20  # plans that a programme which only bounds them may be wrong about
# What the zero-sum questions may take of the time that is left: a share, or all but some seconds.
_PLANNER_HINT, _TRAFFICKER_HINT = (0.15, np.inf), (0.6, 15.0)
# Nodes of the solver before the search: a few, and where measures close things outright as many as
# it takes. There its own searches find the best plan, and may take half of the time.
_PROBE_NODES, _OUTRIGHT_PROBE_NODES, _OUTRIGHT_NODES = 8, 2, 500
_OUTRIGHT_SHARE = 0.5
_PROBED_ACTIVITIES = 30_000  # activities up to which the solver probes before the search
_FIRST_VALUE_SHARE = 0.9  # of the time left once the baseline is known
_SEARCH_SHARE = 0.3  # of the time limit, at most, goes to the first plan
_FIRST_LOOK = 8_000  # work that it may take however short the limit: under a second


@dataclass(frozen=True, slots=True)
class Found:
    """A plan, a bound on every plan's value, and what that makes of it.

    Where the plan was asked to be cheap, `cost_bound` is what no other that does it can undercut.
    With status `limit`, `limit` is what stopped the proof.
    """

    plan: Plan
    value: float
    bound: float
    status: Status
    cost_bound: float | None = None
    limit: LimitReason | None = None


class SolveRun:
    """One solve: the steps share the hot trafficker, the clock and the interrupt."""

    def __init__(
        self,
        problem: PlanProblem,
        options: RunOptions,
        clock: Clock,
    ) -> None:
        model, request = problem.model, problem.request
        self.problem = problem
        self.model = model
        self.limits = problem.constraints
        self.options = options
        self.solver_options = options.for_solver
        self.whole_clock = clock
        self.clock = clock  # of all that comes before the reserve
        self.trafficker = BestResponseSolver(model, request.objective, ties=request.ties)
        self.trafficker.deadline = clock.deadline
        self.programme = programme_of(model, request.objective, self.trafficker)
        self.interrupted = False
        self.build_seconds = 0.0
        self.solver_name = options.solver.lower()
        self.solver_version = solver_version(options.solver)
        self._search: Search
        self._scale = 1.0
        self._effort = 0
        self._bound = 0.0  # on every plan's value, so far
        self._stopped_by: LimitReason | None = None  # the solver's last run towards the proof
        self._known: dict[Plan, float] = {}
        self._hinted = False

    def value(self, plan: Iterable[int]) -> float:
        """Return the objective under a plan."""
        return self.trafficker.value(plan)

    def reserve(self, seconds: float) -> None:
        """Keep so many seconds before the limit for what follows the search and the proof."""
        self.clock = self.whole_clock.before(seconds)

    def answer(self, baseline: float) -> Found | None:
        """Return the plan that the request asks for, None if there was no time for any."""
        return self.run(baseline)

    def note(self, plan: Plan, value: float) -> None:
        """Take note of the objective under a plan that was valued elsewhere."""
        self._known[plan] = value

    def value_first_plan(self) -> None:
        """Value a first plan, before there is time for anything that takes long.

        What the trafficker does without measures is kept, for when there is no time for it again.
        """
        baseline = self.value(())
        self.trafficker.keep(())
        self._scale = baseline if baseline > 0.0 else 1.0
        self._known.setdefault(frozenset(), baseline)
        self.trafficker.deadline = self.clock.part(_FIRST_VALUE_SHARE).deadline
        with self.stoppable():
            self._first_plan().first_value()
        self.trafficker.deadline = self.clock.deadline

    def alternatives(self, first: Found, wanted: AlternativesRequest) -> list[Found]:
        """Return the best plans from `first` on, each proved like it; none if one is enough.

        Plans that hold everything of an earlier one are left out: they cost more, or are as good
        only because the earlier one is.
        """
        if wanted.count == 1:
            return []
        found = [first]
        worst = np.inf
        if wanted.within is not None:
            worst = first.value + wanted.within * abs(first.value)
        limits = self.limits
        forced = forced_plan(self.model, limits)
        while len(found) < wanted.count and not found[-1].plan <= forced:
            if self.interrupted or self._late():
                break
            limits = replace(limits, covers=(*limits.covers, found[-1].plan))
            following = self.run(self._scale, limits, floor=first.bound)
            if following.value > worst + EQUAL * self._scale:
                break
            found.append(following)
        return found

    def run(
        self,
        baseline: float,
        limits: PlanConstraints | None = None,
        floor: float = 0.0,
        *,
        tie_break: bool = True,
    ) -> Found:
        """Search, prove and settle ties; `floor` is a known bound on every plan's value.

        Without `tie_break` any of the equally good plans will do.
        """
        self._scale = baseline if baseline > 0.0 else 1.0
        self.limits = limits or self.limits
        self._effort = 0
        hints: list[Plan] = []
        self._known.setdefault(frozenset(), baseline)
        if not self._hinted:
            self._hinted = True
            with self.stoppable():
                hints.extend(self._hints())
        search = self._search = self._first_plan()
        self._bound = floor
        with self.stoppable():
            search.covering()
        with self.stoppable():
            for plan in hints:
                search.value_of(plan)
        if self.programme.monotone:
            with self.stoppable():
                for simple in self._simple_bounds():
                    self._bound = max(self._bound, simple)
            if min(self._known.values()) <= self._bound + EQUAL * self._scale:
                search.take_known()  # nothing is left to look for
        if self._probe_first(self._bound):
            for options in self._root_probes():
                if not self._over():
                    with self.stoppable():
                        self._bound = max(self._bound, self._prove(self._bound, options))
        if not self._proved(self._bound) and not self.interrupted:
            with self.stoppable():
                self._improve(hints)
        if not self._over():
            with self.stoppable():
                self._bound = max(self._bound, self._prove(self._bound))
        bound = self._bound
        if not self._proved(bound):
            search.take_known()
        if tie_break and self._proved(bound) and not self.interrupted:
            with self.stoppable():
                self._settle_ties()
        if search.value - bound <= EQUAL * self._scale:
            bound = search.value  # what is left is the solver's rounding
        status: Status = "optimal" if self._proved(bound) else "limit"
        return Found(search.best, search.value, bound, status, limit=self._limit(status))

    def _over(self) -> bool:
        """Return whether nothing is left to do: proved, stopped, or out of time."""
        return self._proved(self._bound) or self.interrupted or self._late()

    def _improve(self, hints: Iterable[Plan]) -> None:
        """Look for better plans without the solver, from nothing and from some hints."""
        search = self._search
        search.run()
        better = [search.offer(plan) for plan in hints]
        if any(better):
            search.run()
        search.shake()

    def _limit(self, status: Status) -> LimitReason | None:
        """Return what stopped a proof: the user, the clock, or the solver's own last limit."""
        if status != "limit":
            return None
        if self.interrupted:
            return "interrupted"
        return "time" if self._late() else self._stopped_by

    # -- steps ------------------------------------------------------------------------------

    def _simple_bounds(self) -> Iterator[float]:
        """Yield bounds on every plan that take no programme.

        Measures never help the trafficker, so all of them at once bound every plan. Nor do they
        take more than all that they hit of what it does without them.
        """
        self.trafficker.remember(())
        hit = self.trafficker.most_lost(together=True)
        bound = self.value(()) - most_within(self.model, self.limits, hit)
        yield bound
        if not self._proved(bound):
            yield self.value(frozenset(range(len(self.model.measures))) - self.limits.exclude)

    def _hints(self) -> Iterator[Plan]:
        """Yield plans that are worth a look before the first search.

        A planner who counts tonnes against a trafficker who counts money first asks the two
        zero-sum questions about the same money. Their plans are good starts, and no plan leaves
        the trafficker less profit than the proof of `profit` says.
        """
        if not isinstance(self.programme, Bilevel):
            return
        traits = OBJECTIVES[self.problem.request.objective]
        hints = ((traits.planner, _PLANNER_HINT), (traits.trafficker, _TRAFFICKER_HINT))
        for objective, (share, but) in hints:
            if self.interrupted or (self._late() and objective != traits.planner):
                return  # a first look at tonnes is taken in any case: its plan is a plan
            found = self._other(objective, share, but)
            yield found.plan
            if objective == traits.trafficker:
                self.programme.floor = max(self.programme.floor, found.bound)

    def _other(self, objective: Objective, share: float, but: float) -> Found:
        """Answer the same question for another objective, in a part of the time that is left."""
        left = self.clock.left()
        part = max(share, 1.0 - but / left) if 0.0 < left < math.inf else 1.0

        on_progress = self.options.on_progress

        def report(_: Progress) -> None:
            if on_progress is not None:
                on_progress(Progress(self._elapsed(), None, None))

        problem = replace(self.problem.with_objective(objective), constraints=self.limits)
        options = replace(self.options, on_progress=report, keep_on_interrupt=True)
        run = SolveRun(problem, options, self.clock.part(part))
        found = run.run(run.value(()), tie_break=False)
        self.build_seconds += run.build_seconds
        if run.interrupted:
            self.stopped_by_user()
        return found

    def _first_plan(self) -> Search:
        return Search(
            self.model,
            self.trafficker,
            self.limits,
            forced_plan(self.model, self.limits),
            scale=self._scale,
            deadline=self.clock.part(_SEARCH_SHARE).deadline,
            least=_FIRST_LOOK,
            known=self._known,
        )

    def _probe_first(self, bound: float) -> bool:
        """Return whether the root node comes before any search for plans.

        Where every measure closes an arc outright it mostly proves the best plan there, in less
        time than a search takes; elsewhere it costs a second. Only HiGHS counts nodes.
        """
        return (
            self.options.solver.lower() in ("highs", "race")
            and self.programme.monotone
            and len(self.model.activities) <= _PROBED_ACTIVITIES
            and not self._proved(bound)
        )

    def _prove(self, bound: float, options: SolverOptions | None = None) -> float:
        """Solve the programme; offer its plan to the search and return its bound.

        Without `options`, in what is left of the time, from the best plan. What the solver claims
        against a plan that is known is never taken: it looks again, with care.
        """
        limits, careful = self.limits, False
        while True:
            problem = self._problem(limits)
            result = self._solve(problem, bound, options, careful=careful)
            plan = plan_of(problem, result)
            if plan is not None and not allowed(self.model, self.limits, plan):
                if self.interrupted or self._late():
                    return bound
                # Within the solver's tolerance, but not within ours: rule it out and go on.
                limits = replace(limits, covers=(*limits.covers, plan))
                continue
            if plan is not None:
                self._search.offer(plan)
            claimed = claimed_bound(result, bound, problem.scale)
            if claimed > self._search.value + TOLERANCE * self._scale:
                if careful:
                    raise SolverError(
                        f"the solver's bound {claimed:.9g} is above a plan worth "
                        f"{self._search.value:.9g}; please report the network"
                    )
                if self.interrupted or self._late():
                    return bound
                careful = True
                continue
            bound = claimed
            if plan is None:
                return bound
            disputed = self._disputed(plan, (result.objective or 0.0) * problem.scale, bound)
            if self._proved(bound) or self.interrupted or self._late():
                return bound
            if not disputed:
                if careful or result.status != "optimal":
                    return bound
                careful = True  # it stopped content, but what it says is no proof

    def _disputed(self, plan: Plan, said: float, bound: float) -> bool:
        """Check what the programme said of a plan against the trafficker's own programme.

        More than the truth is a solution whose prices the solver has not polished. Less means
        that the programme promises more than the plan does: one that only bounds plans from below
        then learns of it and is to be solved again, if `bound` is no proof yet; any other is at
        fault.
        """
        true = self.value(plan)
        if said >= true - (TOLERANCE if self._proved(bound) else EQUAL) * self._scale:
            return False
        if self.programme.separate(plan, true, said=said):
            return True
        if said >= true - TOLERANCE * self._scale:
            return False
        raise SolverError(
            f"the solver values its plan at {said:.9g}, the trafficker's programme at "
            f"{true:.9g}; please report the network"
        )

    def _settle_ties(self) -> None:
        """Move to the cheapest of the equally good plans, then to the first in file order."""
        search = self._search
        worst = search.value + EQUAL * self._scale
        search.settle(worst)
        if self._effort > _TIE_EFFORT:
            return
        if search.key(search.best)[0] > search.key(forced_plan(self.model, self.limits))[0]:
            self._take_equal(worst, self.limits)
        if len(self.model.measures) <= _TIE_MEASURES:
            self._first_in_order(worst)
        # The solver's own plan may hold what costs nothing and does nothing, and stands anywhere.
        search.settle(worst)

    def _first_in_order(self, worst: float) -> None:
        """Prove, place by place, that no equally good and cheap plan stands before the best one.

        Plans are compared as tuples of file positions: an earlier one shares the first k measures
        and has an earlier next one.
        """
        search = self._search
        k = 0
        while k < len(search.best):
            members = sorted(search.best)
            after = members[k - 1] if k else -1
            earlier = [m for m in range(after + 1, members[k]) if m not in self.limits.exclude]
            limits = replace(
                self.limits,
                include=self.limits.include | frozenset(members[:k]),
                exclude=self.limits.exclude | (frozenset(range(after + 1)) - set(members[:k])),
            )
            if not earlier or not self._take_equal(worst, limits, some_of=earlier):
                k += 1

    def _take_equal(
        self, worst: float, limits: PlanConstraints, *, some_of: Iterable[int] | None = None
    ) -> bool:
        """Look for a plan no worse than `worst` that ranks before the best one, and take it."""
        search = self._search
        most = search.key(search.best)[0]
        limits = replace(limits, budget=min(limits.budget, most))
        options = replace(self._rest(), name="highs", threads=1, gap=1e-9, nodes=_TIE_NODES)
        for _ in range(_TIE_ROUNDS):
            problem = self._problem(limits)
            milp = cheapest(problem, self.model, worst, some_of=[some_of] if some_of else [])
            result = solve_milp(milp, options, start=None if some_of else self._start(problem))
            self._note(result)
            plan = plan_of(problem, result)
            if plan is None or not allowed(self.model, self.limits, plan):
                return False
            if search.key(plan) >= search.key(search.best):
                return False
            true = self.value(plan)
            if true <= worst or not self.programme.separate(plan, true, said=worst):
                return search.offer_equal(plan, worst)
        return False

    # -- the solver, the clock and the user ---------------------------------------------------

    def _problem(self, limits: PlanConstraints) -> Interdiction:
        began = time.perf_counter()
        problem = self.programme.build(limits, self._scale)
        self.build_seconds += time.perf_counter() - began
        return problem

    def _solve(
        self,
        problem: Interdiction,
        bound: float,
        options: SolverOptions | None,
        *,
        careful: bool = False,
    ) -> MilpResult:
        search, on_progress = self._search, self.options.on_progress

        def report(progress: Progress) -> None:
            if on_progress is None:
                return
            seen = [
                search.value,
                *([progress.incumbent * problem.scale] if progress.incumbent is not None else []),
            ]
            low = [bound, *([progress.bound * problem.scale] if progress.bound is not None else [])]
            on_progress(Progress(self._elapsed(), min(seen), max(low)))

        # With a start that shaking can't better, the solver's own search for plans is wasted work.
        options = options or replace(self._rest(), good_start=search.shaken)
        return self._solve_milp(
            problem.milp, options, self._start(problem), report, careful=careful
        )

    def _root_probes(self) -> Iterator[SolverOptions]:
        """Yield the options of each probe of the first nodes, before any search for plans."""
        model = self.model
        partial = len(model.cuts) or len(model.rises) or (model.closures.amount < 1.0).any()
        rest = replace(self._rest(), name="highs", threads=1)
        yield replace(
            rest, good_start=True, nodes=_PROBE_NODES if partial else _OUTRIGHT_PROBE_NODES
        )
        if not partial:
            rest = replace(self._rest(), name="highs", threads=1)
            if rest.time_limit is not None:
                rest = replace(rest, time_limit=_OUTRIGHT_SHARE * rest.time_limit)
            yield replace(rest, nodes=_OUTRIGHT_NODES)

    def _solve_milp(
        self,
        milp: Milp,
        options: SolverOptions,
        start: Floats | None,
        report: OnProgress | None = None,
        *,
        careful: bool = False,
    ) -> MilpResult:
        if careful:
            options = replace(options, name="highs", careful=True, gap=options.gap / 2.0)
        result = solve_milp(milp, options, start=start, on_progress=report)
        self._effort += (result.iterations or 0) * len(milp.row_names)
        self._stopped_by = result.limit
        self._note(result)
        return result

    def _start(self, problem: Interdiction) -> Floats:
        start = np.full(len(problem.milp.cost), np.nan)
        start[problem.plan] = 0.0
        start[problem.plan[sorted(self._search.best)]] = 1.0
        return start

    def _rest(self) -> SolverOptions:
        """Return the options with what is left of the time limit."""
        if self.clock.limit is None:
            return self.solver_options
        return replace(self.solver_options, time_limit=max(0.05, self.clock.left()))

    def _elapsed(self) -> float:
        return self.clock.elapsed()

    def _late(self) -> bool:
        return self.clock.late()

    def _proved(self, bound: float) -> bool:
        return relative_gap(self._search.value, bound, self._scale) <= self.options.gap

    def _note(self, result: MilpResult) -> None:
        if result.interrupted:
            self.stopped_by_user()

    def stopped_by_user(self) -> None:
        """End the run with the best plan so far, or raise `KeyboardInterrupt` where not wanted."""
        if not self.options.keep_on_interrupt:
            raise KeyboardInterrupt
        self.interrupted = True

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Let a step end early, at Ctrl-C or because the trafficker takes until the deadline."""
        try:
            yield
        except KeyboardInterrupt:
            self.stopped_by_user()
        except OutOfTime:
            return


def plan_of(problem: Interdiction, result: MilpResult) -> Plan | None:
    """Return the plan of a solution, None where there is none."""
    if result.values is None:
        return None
    return frozenset(np.flatnonzero(result.values[problem.plan] > 0.5).tolist())


def claimed_bound(result: MilpResult, bound: float, scale: float) -> float:
    """Return what a solver claims that no plan goes below: infinity where it finds none at all."""
    if result.status == "infeasible":
        return np.inf
    return bound if result.bound is None else max(bound, result.bound * scale)
