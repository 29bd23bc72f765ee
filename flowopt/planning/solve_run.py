"""One run for the best plan within limits: hints, first look, search, proof and tie-break."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from flowopt.clock import Clock, LimitReason
from flowopt.errors import SolverError
from flowopt.model.feasible_plans import PlanConstraints, most_within
from flowopt.model.formulations import Bilevel
from flowopt.model.incumbent import WORK, Plan
from flowopt.model.runnable_activities import leading
from flowopt.model.search import STALE, Search
from flowopt.model.solver import Progress, SolverOptions
from flowopt.model.spread_tree import SpreadTree
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.plan_branching import PlanBranching, branching_of
from flowopt.planning.plan_constraints import PlanProblem, forced_plan
from flowopt.planning.plan_request import AlternativesRequest
from flowopt.planning.proof_loop import ProofLoop, first_look
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solver_session import SolverSession
from flowopt.planning.spread_proof import grow, spread_tree
from flowopt.planning.target_ladder import TargetLadder
from flowopt.planning.tie_break import TieBreak
from flowopt.results.numbers import EQUAL
from flowopt.results.plan_result import Status

# Of the time left, at most, that goes to a plan under another objective: the planner's own, which
# the solver looks for as well for so many nodes, or the trafficker's.
_OWN_HINT_SHARE, _HINT_SHARE, _HINT_NODES = 0.25, 0.1, 200
# The first plan may take so much of the time left once the baseline is known; or else, as without
# it there is none, what it mostly takes beside the baseline, late by a share of the limit at most.
_FIRST_VALUE_SHARE, _BESIDE_BASELINE, _LATER = 0.9, 0.25, 0.1
_SEARCH_SHARE = 0.3  # of the time limit, at most, goes to the first plan
_ALL_FIRST = 5_000  # activities from which all measures are valued before flows spread
FIRST_LOOK = 8_000  # work that it may take however short the limit: under a second


@dataclass(frozen=True, slots=True)
class FoundPlan:
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


class SolveRun(SolverSession):
    """Run for the best plan within limits, and for the next best ones."""

    search_work: float = WORK  # of each stage of a search
    least_work: float = FIRST_LOOK  # of its searches, however short the limit
    shaken: int = STALE  # draws in vain after which shaking ends; none for 0
    settles: bool = True  # whether a run settles ties; else `settled` does, when there is time
    unsettled: bool = False

    def __init__(self, problem: PlanProblem, options: RunOptions, clock: Clock) -> None:
        super().__init__(problem, options, clock)
        self.limits = problem.constraints
        self._search: Search
        self._bound = 0.0  # on every plan's value, so far
        self._known: dict[Plan, float] = {}
        self._hinted = False
        self._started = False  # from a plan of a like request
        self.branching = self._branching()
        self.tree: SpreadTree | None = None  # of the last proof by flows that spread

    def _branching(self) -> PlanBranching | None:
        """Return the branch over plans, where plans are tried before the programme."""
        return branching_of(self)

    def answer(self, baseline: float) -> FoundPlan | None:
        """Return the plan that the request asks for, None if there was no time for any."""
        return self.run(baseline)

    def note(self, plan: Plan, value: float) -> None:
        """Record the objective under a plan that was valued elsewhere."""
        self._known[plan] = value

    @property
    def known(self) -> Mapping[Plan, float]:
        """Every plan that was valued so far, with the objective under it."""
        return self._known

    def value_first_plan(self) -> None:
        """Value a first plan, before there is time for anything that takes long.

        What the trafficker does without measures is kept, for when there is no time for it again.
        """
        began = time.perf_counter()
        baseline = self.value(())
        took = time.perf_counter() - began
        self.trafficker.keep(())
        self._set_scale(baseline)
        self._known.setdefault(frozenset(), baseline)
        self.trafficker.deadline = self._first_plan_deadline(took)
        with self.stoppable():
            self._first_plan().first_value()
        self.trafficker.deadline = self.clock.deadline

    def _first_plan_deadline(self, baseline_took: float) -> float | None:
        """Return when a first plan is given up, after a baseline that took so many seconds."""
        deadline, clock = self.clock.deadline, self.clock.part(_FIRST_VALUE_SHARE)
        if deadline is None or clock.deadline is None:
            return None
        enough = time.perf_counter() + _BESIDE_BASELINE * baseline_took
        latest = deadline + _LATER * (self.clock.limit or 0.0)
        return max(clock.deadline, min(enough, latest))

    def alternatives(self, first: FoundPlan, wanted: AlternativesRequest) -> list[FoundPlan]:
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
            if self.ended():
                break
            limits = replace(limits, covers=(*limits.covers, found[-1].plan))
            following = self.run(self.scale, limits, floor=first.bound)
            if following.value > worst + EQUAL * self.scale:
                break
            found.append(following)
        return found

    def run(
        self,
        baseline: float,
        limits: PlanConstraints | None = None,
        floor: float = 0.0,
        starts: Iterable[Plan] = (),
    ) -> FoundPlan:
        """Search, prove and settle ties.

        Parameters
        ----------
        baseline
            The objective without measures.
        limits
            What plans may be, if not as in the request.
        floor
            A known bound on every plan's value.
        starts
            Best plans of like requests to begin with; those that are not allowed are left out.
            Where a search from nothing finds none better, none is shaken: the proof finds it.
        """
        self._set_scale(baseline)
        self.limits = limits or self.limits
        self.effort = 0
        self.tree = None
        self.programme.loosen()
        self._known.setdefault(frozenset(), baseline)
        self._search = self._forced_plan()
        self._started = False
        for plan in starts:
            self._started = self._search.offer(plan) or self._started
        self._bound = floor
        self._try_plans()
        if not self._proved() and not self.interrupted:
            self._search_and_prove()
        self.unsettled = self._proved() and not self.interrupted
        return self.settled() if self.unsettled and self.settles else self._found()

    def settled(self) -> FoundPlan:
        """Move to the first of the plans as good as the one proved last, and return it."""
        self.unsettled = False
        self._settle_ties()
        return self._found()

    def search(self, baseline: float) -> Plan:
        """Return a good plan without a proof."""
        self._set_scale(baseline)
        self._known.setdefault(frozenset(), baseline)
        self._search = self._first_plan()
        with self.stoppable():
            self._search.covering()
        with self.stoppable():
            self._improve([])
        return self._search.best

    def look(self, nodes: int) -> Plan:
        """Return the best plan after a search and so many nodes of the solver on top of it."""
        self.solver_options = replace(self.solver_options, nodes=nodes)
        with suppress(SolverError):  # nothing hangs on it: what it found before is a plan as well
            self._prove(ProofLoop(self, self._search))
        return self._search.best

    # -- steps --------------------------------------------------------------------------------

    def _try_plans(self) -> None:
        """Try all plans one after the other, on networks where few can be of use."""
        if self.branching is None:
            return
        try:
            with self.stoppable():
                self.branching.least_value(self._search)
        finally:
            self._bound = max(self._bound, self.branching.bound)

    def _search_and_prove(self) -> None:
        """Look for good plans, and prove the best one by the programme."""
        hints = self._first_hints()
        tried = self._search.best
        search = self._search = self._first_plan()
        search.offer(tried)
        self._value_candidates(hints)
        simple = self._simple_bounds()
        small = len(self.model.activities) < _ALL_FIRST
        self._raise_bound(islice(simple, 1) if small else simple)
        if not self._proved() and not self.ended():
            self._spread()
        if not self._proved() and not self.interrupted:
            self._raise_bound(simple)  # what flows that spread mostly make needless
        proof = self._proof()
        if (look := first_look(self)) is not None:
            self._prove(proof, look)
        if not self._proved() and not self.interrupted:
            with self.stoppable():
                self._improve(hints)
        if isinstance(proof, ProofLoop) and not self._proved() and not self.ended():
            with self.stoppable():  # a ladder does so for each of its targets
                self.tighten(self.limits, search.value)
        self._prove(proof)
        if not self._proved():
            search.take_known()

    def _settle_ties(self) -> None:
        """Move to the first of the equally good plans."""
        with self.stoppable():
            TieBreak(self, self._search, self._bound, self.branching, self.tree).settle()

    def _set_scale(self, baseline: float) -> None:
        self.scale = baseline if baseline > 0.0 else 1.0

    def _proof(self) -> ProofLoop | TargetLadder:
        """Return the way to a proof that the programme takes."""
        if isinstance(self.programme, Bilevel):
            return TargetLadder(self, self.programme, self._search)
        return ProofLoop(self, self._search)

    def _proved(self) -> bool:
        return self.is_proved(self._search.value, self._bound)

    def _first_hints(self) -> list[Plan]:
        """Return the hints, the first time; later runs have their values."""
        hints: list[Plan] = []
        if not self._hinted:
            self._hinted = True
            with self.stoppable():
                hints.extend(self._hints())
        return hints

    def _value_candidates(self, hints: list[Plan]) -> None:
        """Value the plans that cost least to find, and the hints."""
        with self.stoppable():
            self._search.covering()
        with self.stoppable():
            for plan in hints:
                self._search.value_of(plan)

    def _raise_bound(self, bounds: Iterable[float]) -> None:
        """Raise the bound by others, and take a plan that they prove."""
        with self.stoppable():
            for each in bounds:
                self._bound = max(self._bound, each)
        if min(self._known.values()) <= self._bound + EQUAL * self.scale:
            self._search.take_known()  # nothing is left to look for

    def _spread(self) -> None:
        """Raise the bound by flows that spread, and take the plans that they lead to."""
        with self.stoppable():
            self.tree = spread_tree(self, self._search)
        if self.tree is None or self.interrupted:
            return
        with self.stoppable():
            grow(self.tree, self, self._search)
        self._bound = max(self._bound, self.tree.bound)

    def _prove(self, proof: ProofLoop | TargetLadder, options: SolverOptions | None = None) -> None:
        """Raise the bound by the solver, unless the plan is proved, or the run has ended."""
        if self._proved() or self.ended() or not self.proves:
            return
        with self.stoppable():
            self._bound = max(self._bound, proof.prove(self._bound, options))

    def _improve(self, hints: list[Plan]) -> None:
        """Look for better plans without the solver, from nothing and from some hints."""
        search, before = self._search, self._search.value
        shakes = bool(self.shaken) and not hints and not self._started
        search.run(swaps=not shakes)
        if self._started and search.value >= before:
            search.shaken = True  # as the run was from which it comes
        elif hints:  # they were shaken where a plan's value takes less
            deadline = self.clock.part(_SEARCH_SHARE).deadline
            for plan in sorted(hints, key=search.value_of):
                search.climb(plan, deadline)
        elif self.shaken:
            search.shake(self.shaken)

    def _found(self) -> FoundPlan:
        search, bound = self._search, self._bound
        if search.value - bound <= EQUAL * self.scale:
            bound = search.value  # what is left is the solver's rounding
        status: Status = "optimal" if self.is_proved(search.value, bound) else "limit"
        return FoundPlan(search.best, search.value, bound, status, limit=self.limit_of(status))

    def _simple_bounds(self) -> Iterator[float]:
        """Yield bounds on every plan that take no programme.

        Measures never help the trafficker, so all of them at once bound every plan. Nor do they
        take more than all that they hit of what it does without them. Where they may help, there
        are none.
        """
        if not self.programme.monotone:
            return
        self.values.remember(())
        hit = self.values.most_lost(together=True)
        bound = self.value(()) - most_within(self.model, self.limits, hit)
        yield bound
        everything = frozenset(range(len(self.model.measures))) - self.limits.exclude
        if not self.is_proved(self._search.value, bound) and self._leads(everything):
            yield self.value(everything)

    def _leads(self, plan: Plan) -> bool:
        """Return whether anything can be delivered under a plan."""
        model, acts = self.model, self.model.chosen(plan)
        return bool(leading(model, model.limits_under(acts), model.closed_under(acts)).any())

    # -- first plans --------------------------------------------------------------------------

    def _hints(self) -> Iterator[Plan]:
        """Yield plans that are worth a look before the first search.

        A planner who counts tonnes against a trafficker who counts money first looks for good plans
        where both count the same: tonnes, then money.
        """
        traits = OBJECTIVES[self.problem.request.objective]
        if traits.planner == traits.trafficker:
            return
        # A first look at tonnes is taken in any case: its plan is a plan.
        yield self._good_under(traits.planner, _OWN_HINT_SHARE, _HINT_NODES)
        if not self.ended():
            yield self._good_under(traits.trafficker, _HINT_SHARE)

    def _good_under(self, objective: Objective, share: float, nodes: int = 0) -> Plan:
        """Return a good plan under another objective, found in a share of the time left.

        With `nodes`, by so many of HiGHS's as well, which alone counts them on its way to the same
        plan each time.
        """
        problem = replace(self.problem.with_objective(objective), constraints=self.limits)
        told = None if self.options.on_progress is None else self._at_work
        options = replace(self.options, solver="highs", on_progress=told, keep_on_interrupt=True)
        run = SolveRun(problem, options, self.clock.part(share))
        run.least_work = self._least_of_each
        plan = run.search(run.value(()))
        if nodes and not run.interrupted:
            plan = run.look(nodes)
        if run.interrupted:
            self.stopped_by_user()
        return plan

    @property
    def _least_of_each(self) -> float:
        """Least work of a search: a half where one under another objective comes before its own."""
        traits = OBJECTIVES[self.problem.request.objective]
        return self.least_work if traits.planner == traits.trafficker else self.least_work / 2

    def _at_work(self, _: Progress) -> None:
        """Report what is known here, as another objective's run says nothing of this one."""
        self.report(self._search.value, self._bound)

    def _first_plan(self) -> Search:
        """Return the search for the best plan, from the first plans that there are."""
        return self._forced_plan()

    def _forced_plan(self) -> Search:
        """Return a search that has valued the forced plan."""
        return Search(
            self.model,
            self.values,
            self.limits,
            forced_plan(self.model, self.limits),
            scale=self.scale,
            work=self.search_work,
            deadline=self.clock.part(_SEARCH_SHARE).deadline,
            least=self._least_of_each,
            known=self._known,
        )
