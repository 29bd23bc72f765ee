"""The proof of a `bilevel` plan, by a ladder of targets below it.

A rung is a target T, so many per cent below the best plan. Where no flow of T tonnes or less has a
regret of nothing (`model/bilevel_milp.py`), no plan leaves T or less: T is a bound. Where one has,
its plan is better than the best one, which the rungs are counted from; the search climbs from it.
The last rung is the gap asked for. Bounds derived for it hold for those above it as well, hardly
slacker than bounds of their own, and these take as long to derive as an easy rung: all share them.
There are few rungs above it: one that leaves a good bound should the time be over, or the lowest
that there may be time for. One that is not finished leaves a bound as well, where the solver tells
what it left open (`model/unfinished_rung.py`).

A flow is looked at up to a regret that is a thousand times what counts as tied. So rounding
can't lose a best response, and what else is found is settled: its plan is valued by the
trafficker's programme and ruled out as far as it is known to leave more (`Bilevel.separate`).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

from flowopt.errors import SolverError
from flowopt.model.bilevel_milp import REGRET_UNIT
from flowopt.model.feasible_plans import PlanConstraints, allowed
from flowopt.model.formulations import Bilevel
from flowopt.model.incumbent import Plan
from flowopt.model.interdiction import Interdiction
from flowopt.model.rung_parts import Left
from flowopt.model.rung_tree import RungTree
from flowopt.model.rung_whole import WholeRung
from flowopt.model.search import Search
from flowopt.model.solver import (
    MilpResult,
    Progress,
    SolverOptions,
    nothing_found,
    second_look,
    tells_open,
)
from flowopt.model.unfinished_rung import least_tonnes
from flowopt.planning.rung_levels import RungLevels
from flowopt.planning.solver_session import SolverSession, plan_in, plan_of
from flowopt.results.numbers import EQUAL

_FIRST_NODES = 30  # of the solver on the last rung, before the others: small programmes are done
# Gaps on the way to the one asked for: the first without a limit of time, or where a rung that is
# not finished leaves a bound; else all, and the first of them within bounds of every plan as well.
_FIRST, _RUNGS = 0.03, (0.3, 0.1, 0.05, 0.03, 0.02, 0.01)
# Times that a rung takes when it lies a per cent lower; from this gap up all are about as easy.
_FASTER, _EASY = 2.3, 0.05
_RUNG_SHARE = 0.6  # of the time left, at most, that the next rung may be expected to take
_FIRST_SHARE = 0.2  # of the time left, at most, goes into the first nodes
_QUICK_SHARE = 0.005  # likewise: where they took less, every rung is as good as the first one
_LAST_SHARE = 0.9  # likewise, into any other rung; what it leaves open is looked at in the rest
_AIM_SHARE = 0.3  # of the time left, at most, goes into the bounds of a rung
_CLIMB_SHARE = 0.3  # likewise, into the search from a plan that the solver found
_LOW = 0.03  # gap of a rung that is tried with cuts as well; lower ones are in parts
# Of rungs in parts: times as long for a per cent lower, and share of the time left, both as above.
_FASTER_IN_PARTS, _PARTS_SHARE = 2.0, 0.75
_NEAR = 2e-3  # relative: bounds for a target so little higher do for a rung
_ROUNDING = 1e-6  # of the gap: the last rung lies so much closer, or its bound would just miss it
# Regrets that are looked at, as shares of the profit without measures: by the gap, within these.
_LEAST_REGRET, _MOST_REGRET, _REGRET = 1e-7, 1e-6, 1e-2
_OVER_TIED = 10.0  # and at least so many times what counts as tied


@dataclass(slots=True)
class TargetLadder:
    """Proof of the best plan of a search, which takes the plans that the solver finds.

    Attributes
    ----------
    session, programme
        The session of the run, and its programme.
    search : Search
        The search, with the best plan and its limits.
    limits : PlanConstraints
        Those of the search, and plans ruled out since the solver broke limits by its tolerance.
    """

    session: SolverSession
    programme: Bilevel
    search: Search
    limits: PlanConstraints = field(init=False)
    _seconds: float = 0.0  # that the solver took the last time, on one thread
    _tree: tuple[float, RungTree] | None = None  # the gap of a rung that is looked at in parts
    _levels: RungLevels | None = None  # where the time is limited and rungs may be left open
    _low: float = _LOW  # gap of the highest rung that is tried with cuts as well
    _easy: bool = False  # whether the last rung in one piece was done without cuts

    def prove(self, bound: float, options: SolverOptions | None = None) -> float:
        """Return a bound on every plan; offer the plans on the way to the search.

        Without `options`, in what is left of the time.
        """
        self.limits = self.search.limits
        self.programme.forget_aims()
        self._tree, self._easy = None, False
        session = self.session
        gap = session.options.gap
        first = max(gap, _FIRST if self._needs_no_more() else _RUNGS[0])
        self._levels, self._low = None, _LOW
        for share in (gap, *((first,) if first == _RUNGS[0] else ())):
            with session.stoppable():
                bound = self._rung(share, bound, options, _FIRST_NODES)
            if session.is_proved(self.search.value, bound):
                return bound
        if first == _FIRST and session.clock.limit is not None:
            with session.stoppable():
                first = self._near_enough(first)
        return self._descend(first, bound, options)

    def _near_enough(self, first: float) -> float:
        """Return the gap of the first rung, a higher one where that is too hard to begin with."""
        session = self.session
        if session.ended() or self._seconds < _QUICK_SHARE * session.clock.left():
            return first
        self._aim_at(self._target(session.options.gap))
        self._levels = RungLevels(self.programme, self.limits, session.scale)
        deadline = session.clock.part(_AIM_SHARE).deadline
        with session.building():
            near = self._levels.first(self._target, first, deadline)
        self._low = max(_LOW, near or first)
        return near or first

    def _needs_no_more(self) -> bool:
        """Return whether there is a bound at the end without rungs that are proved in any case."""
        session = self.session
        return session.clock.limit is None or tells_open(session.solver_options.name)

    def _descend(self, first: float, bound: float, options: SolverOptions | None) -> float:
        """Return the bound after the rungs from one on, within bounds for the last one."""
        share: float | None = first
        while share is not None:
            if self.session.is_proved(self.search.value, bound) or self.session.ended():
                break
            with self.session.stoppable():  # what the rungs above have proved stays
                bound = self._rung(share, bound, options, None)
            share = self._next(share) if self._target(share) <= bound else None
        return bound

    def _next(self, share: float) -> float | None:
        """Return the gap of the rung after one that is proved, None after the last.

        It is the last one, or the lowest that there may be time for; from an easy one no further
        than to the first of those that tell how hard the last one is.
        """
        session = self.session
        gap, left, faster = session.options.gap, _RUNG_SHARE * session.clock.left(), _FASTER
        if tells_open(session.solver_options.name) and share <= _LOW:  # the next one is in parts
            left = _PARTS_SHARE * session.clock.left() * session.options.threads
            faster = _FASTER_IN_PARTS
        if share <= gap:
            return None
        if self._levels is not None and share > _LOW and self._seconds > 0.0:
            lower = self._levels.next(share, left / self._seconds)
            if lower is not None:
                return lower
        least = _FIRST if share > _FIRST > 2.0 * gap else gap
        ahead = [least, *(rung for rung in reversed(_RUNGS) if least < rung < share)]
        for rung in ahead:
            lower = max(0.0, min(share, _EASY) - rung)
            if self._seconds * faster ** (100.0 * lower) <= left:
                return rung
        return ahead[-1]

    def _rung(
        self, gap: float, bound: float, options: SolverOptions | None, nodes: int | None
    ) -> float:
        """Return the target of a rung if it is proved, else the bound so far.

        With `nodes`, a first try within the bounds of every plan.
        """
        session, search = self.session, self.search
        stuck = False
        while not session.ended():
            target = self._target(gap)
            if target <= bound:
                return bound
            if target < 0.0 or self.programme.excludes_all(target):
                return target
            if nodes is None:
                self._aim_at(max(target, self._target(session.options.gap)))
            with session.building():
                problem = self.programme.build_regret(self.limits, target, session.scale)
            left: list[Left] = []
            low = nodes is None and tells_open(session.solver_options.name)
            if low and gap < _LOW:
                tree = self._tree_of(gap, target)
                problem, result = self._solve_in_parts(tree, problem, target, bound, options)
                left = tree.left
            else:
                if low and gap <= self._low:
                    result = self._solve_both_ways(problem, bound, options)
                else:
                    result = self._solve(problem, bound, options, nodes)
                left = [] if result.open_nodes is None else [(problem, result.open_nodes)]
            if result.rejected is not None:
                self._climb(plan_in(problem, result.rejected))
            plan = plan_of(problem, result)
            if plan is None:
                if result.status == "infeasible":
                    return target
                return max(bound, min(target, self._left_open(left, result)))
            if not allowed(session.model, search.limits, plan):
                # Within the solver's tolerance, but not within ours: rule it out and go on.
                self.limits = replace(self.limits, covers=(*self.limits.covers, plan))
                continue
            value = search.value_of(plan)  # once: where little is left it is not the same twice
            if value <= target:
                if not self._climb(plan):
                    search.offer_equal(plan, target)
                continue
            if stuck:
                raise SolverError(
                    f"the solver finds a plan worth {value:.9g} below the target {target:.9g} "
                    "again and again; please report the network"
                )
            stuck = not self.programme.separate(plan, value, claimed=target)
        return bound

    def _left_open(self, left: list[Left], result: MilpResult) -> float:
        """Return a bound from what the solver left open when its time was over."""
        session = self.session
        if result.interrupted or session.clock.limit is None:
            return 0.0
        least = math.inf if left else 0.0
        for done, (part, paths) in enumerate(left):
            tonnes = least_tonnes(
                part,
                paths,
                regret=self._most_regret(),
                scale=session.scale,
                deadline=session.clock.part(1.0 / (len(left) - done)).deadline,
            )
            least = min(least, tonnes)
        return least

    def _target(self, gap: float) -> float:
        """Return what a plan must leave to be better by more than a gap."""
        value, same = self.search.value, EQUAL * self.session.scale
        missing = max(gap * abs(value), same)
        # The tie-break may move to a plan that leaves more by that much: it is to be proved, too.
        missing -= min(same, missing / 2.0)
        return value - (1.0 - _ROUNDING) * missing

    def _aim_at(self, target: float) -> None:
        """Derive bounds for a target, unless those there are do."""
        if self.programme.aimed(target) > target + _NEAR * abs(target):
            deadline = self.session.clock.part(_AIM_SHARE).deadline
            with self.session.building():
                self.programme.aim(self.limits, target, self.session.scale, deadline)

    def _most_regret(self) -> float:
        """Return the regret up to which a flow counts, in the unit of the programme."""
        by_gap = min(max(_REGRET * self.session.options.gap, _LEAST_REGRET), _MOST_REGRET)
        return max(by_gap, _OVER_TIED * self.programme.tied) / REGRET_UNIT

    def _climb(self, plan: Plan) -> bool:
        """Look for better plans from one on; return whether the best one has changed."""
        deadline = self.session.clock.part(_CLIMB_SHARE).deadline
        return self.search.climb(plan, deadline)

    def _tree_of(self, gap: float, target: float) -> RungTree:
        """Return the parts of a rung that are still open."""
        if self._tree is None or self._tree[0] != gap:
            threads = self.session.options.threads
            bounds = self.programme.bounds_for(target)
            whole = self._easy and gap > self.session.options.gap
            tree = RungTree(self.programme, bounds, self.session.scale, threads, whole=whole)
            self._tree = (gap, tree)
        return self._tree[1]

    def _solve_in_parts(
        self,
        tree: RungTree,
        problem: Interdiction,
        target: float,
        bound: float,
        options: SolverOptions | None,
    ) -> tuple[Interdiction, MilpResult]:
        """Look at a rung in parts; return the programme of the one with a solution, and that."""
        session = self.session
        options = self._options(options, None)

        def report() -> None:
            session.report(self.search.value, bound)

        began, effort = time.perf_counter(), tree.effort
        found, interrupted = tree.prove(self.limits, target, options, report)
        self._seconds = time.perf_counter() - began
        if tree.side_by_side:
            self._seconds *= session.options.threads
        session.count(tree.effort - effort, limit="time" if tree.left else None)
        if interrupted:
            session.stopped_by_user()
        if found is not None:
            return found.problem, found.result
        result = nothing_found(options, interrupted=interrupted, open_=bool(tree.left))
        if result.status != "infeasible":
            return problem, result
        return problem, second_look(problem.milp, self._options(None, None), result)

    def _solve_both_ways(
        self, problem: Interdiction, bound: float, options: SolverOptions | None
    ) -> MilpResult:
        """Look at a rung in one piece, without cuts and with them."""
        session = self.session
        rung = WholeRung(problem, self._options(options, None), session.options.threads)

        def report() -> None:
            session.report(self.search.value, bound)

        result, interrupted = rung.prove(report)
        self._easy, self._seconds = rung.easy, rung.seconds
        session.count((result.iterations or 0) * len(problem.milp.row_names), limit=result.limit)
        if interrupted:
            session.stopped_by_user()
        if result.status != "infeasible":
            return result
        return second_look(problem.milp, self._options(None, None), result)

    def _options(self, options: SolverOptions | None, nodes: int | None) -> SolverOptions:
        """Return the options of the solver on a rung."""
        options = options or self.session.remaining()
        if options.time_limit is not None:
            rest = _LAST_SHARE if tells_open(options.name) else 1.0
            share = rest if nodes is None else _FIRST_SHARE
            options = replace(options, time_limit=share * options.time_limit)
        return replace(
            options,
            nodes=nodes,
            tell_open=True,
            gap=0.0,
            good_start=True,
            cuts=False,
            careful=True,
            enough=self._most_regret(),
        )

    def _solve(
        self,
        problem: Interdiction,
        bound: float,
        options: SolverOptions | None,
        nodes: int | None,
    ) -> MilpResult:
        session, search = self.session, self.search

        def report(_: Progress) -> None:
            session.report(search.value, bound)

        options = self._options(options, nodes)
        began = time.perf_counter()
        result = session.solve(problem.milp, options, None, report)
        self._seconds = time.perf_counter() - began
        return result
