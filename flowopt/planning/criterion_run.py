"""One run for the plan that is best by a criterion over some scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flowopt.clock import Clock
from flowopt.criteria import CRITERIA
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import allowed
from flowopt.model.formulations import Programme
from flowopt.model.incumbent import WORK, Plan, SearchStopped
from flowopt.model.luck import Chances, Luck
from flowopt.model.plan_cuts import LuckyWorld, PlanCuts
from flowopt.model.plan_valuer import PlanValuer
from flowopt.model.scenario_programme import ScenarioProgramme
from flowopt.model.search import STALE, Search
from flowopt.model.several_traffickers import ScenarioValues, SeveralTraffickers
from flowopt.model.solver import SolverOptions
from flowopt.model.tightening import far_apart
from flowopt.objectives import OBJECTIVES
from flowopt.planning.cut_proof import CutProof
from flowopt.planning.own_best_runs import MANY
from flowopt.planning.plan_constraints import PlanProblem
from flowopt.planning.proof_loop import ProofLoop
from flowopt.planning.run_options import RunOptions
from flowopt.planning.solve_run import FIRST_LOOK, SolveRun
from flowopt.planning.target_ladder import TargetLadder
from flowopt.results.numbers import EQUAL, relative_gap

_STARTS_SHARE = 0.3  # of the time left, at most, goes to climbing from known plans
_CLIMBED = 3  # of these plans, the best ones, are climbed from
_SHAKEN = 12  # draws that shaking ends after, where no climb led to better, or branch and cut will
# Scenarios from which branch and cut is ahead of the one programme, and the size of each up to
# which its programmes are too small to need a look at the clock.
CUT_FROM, _CUT_ACTIVITIES = 8, 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedScenarios:
    """The scenarios that count in a run, and what is known of each.

    Attributes
    ----------
    values : ScenarioValues
        Values of plans in all scenarios.
    places : tuple of int
        Which of them count.
    problems : tuple of PlanProblem
        The request on the network of each that counts.
    criterion : Criterion
        Over these.
    least, nothing : arrays
        What no allowed plan goes below in each, and the values without measures.
    base : float
        What gaps are a share of where the criterion compares values, and what counts as nothing.
    starts : tuple of plans
        Plans to begin with.
    """

    values: ScenarioValues
    places: tuple[int, ...]
    problems: tuple[PlanProblem, ...]
    criterion: Criterion
    least: Floats
    nothing: Floats
    base: float
    starts: tuple[Plan, ...]


def criterion_gap(criterion: Criterion, value: float, bound: float, base: float) -> float:
    """Return the gap of a criterion: a share of the value, or of the base where values compare."""
    if not CRITERIA[criterion.name].differs:
        return relative_gap(value, bound, base)
    missing = value - bound
    return 0.0 if missing <= EQUAL * base else missing / base


def base_of_gaps(criterion: Criterion, nothing: Floats) -> float:
    """Return the base of gaps, given what each scenario leaves without measures.

    The most of it where values compare, else the criterion of it.
    """
    differs = CRITERIA[criterion.name].differs
    return float(nothing.max()) if differs else criterion.of(nothing)


class CriterionRun(SolveRun):
    """Run for the best plan by a criterion; values include the criterion's shift.

    Parameters
    ----------
    problem
        The request on the rules of plans, which are the same in every scenario.
    options, clock
        Options of the run, and its time.
    counted
        The scenarios.
    """

    least_work = FIRST_LOOK / 2  # the own bests have the other half

    def __init__(
        self, problem: PlanProblem, options: RunOptions, clock: Clock, counted: CountedScenarios
    ) -> None:
        self.counted = counted
        self.proves = OBJECTIVES[problem.request.objective].programme == "zero-sum"
        self.search_work = WORK * len(counted.places)
        super().__init__(problem, options, clock)

    def remaining(self) -> SolverOptions:
        """Return the options of the solver, whose gap is a share of the shifted criterion."""
        options = super().remaining()
        if not CRITERIA[self.counted.criterion.name].differs:
            return options
        share = self.scale / max(self.scale, self._search.value)
        return replace(options, gap=options.gap * share)

    def well_searched(self, search: Search) -> bool:  # noqa: ARG002  # whatever it was
        """Return that the solver goes for the bound: its own search in many blocks takes long."""
        return True

    def report(self, incumbent: float | None, bound: float | None) -> None:
        """Report progress, in the criterion without its shift."""
        shift = self.counted.criterion.shift
        super().report(
            None if incumbent is None else incumbent - shift,
            None if bound is None else bound - shift,
        )

    def is_proved(self, value: float, bound: float) -> bool:
        """Return whether a bound proves a criterion within the gap."""
        gap = criterion_gap(self.counted.criterion, value, bound, self.scale)
        return gap <= self.options.gap

    def most_proved(self, bound: float) -> float:
        """Return the largest criterion that a bound proves within the gap, but for rounding."""
        if CRITERIA[self.counted.criterion.name].differs:
            return bound + self.options.gap * self.scale
        return super().most_proved(bound)

    def least_proving(self, value: float) -> float:
        """Return the least bound that proves a criterion within the gap."""
        differs = CRITERIA[self.counted.criterion.name].differs
        size = self.scale if differs else abs(value)
        return value - max(self.options.gap * size, EQUAL * self.scale)

    @property
    def by_cuts(self) -> bool:
        """True where branch and cut proves the plan, not the one programme.

        It has prices as they are derived, so not where they are worth tightening.
        """
        problems, objective = self.counted.problems, self.problem.request.objective
        return (
            self.proves
            and len(problems) >= CUT_FROM
            and self.solver_options.name == "highs"
            and all(len(each.model.activities) <= _CUT_ACTIVITIES for each in problems)
            and not any(far_apart(each.model, objective) for each in problems)
        )

    def _proof(self) -> ProofLoop | TargetLadder:
        if not self.by_cuts:
            return super()._proof()
        return CutProof(self, self._search, cuts=self._cuts, least_proving=self.least_proving)

    def _cuts(self) -> PlanCuts:
        counted = self.counted
        worlds = [
            LuckyWorld(Luck(each.network, Chances.of(each.network)), each.model)
            for each in counted.problems
        ]
        return PlanCuts(
            self.model,
            worlds,
            self.problem.request.objective,
            counted.criterion,
            least=counted.least,
            nothing=counted.nothing,
            scale=self.scale,
            check=self.insist_on_time,
        )

    def _levels(self) -> tuple[PlanValuer, Programme]:
        counted = self.counted
        programme = ScenarioProgramme(
            [each.model for each in counted.problems],
            self.problem.request.objective,
            counted.criterion,
            least=counted.least,
            nothing=counted.nothing,
        )
        several = SeveralTraffickers(counted.values, counted.places, counted.criterion)
        return several, programme

    def _branching(self) -> None:
        """Return that plans are not tried one by one."""

    def _set_scale(self, baseline: float) -> None:  # noqa: ARG002  # the criterion has its own
        self.scale = self.counted.base if self.counted.base > 0.0 else 1.0

    def _first_hints(self) -> list[Plan]:
        return self._starts()

    def _starts(self) -> list[Plan]:
        return [each for each in self.counted.starts if allowed(self.model, self.limits, each)]

    def _improve(self, hints: list[Plan]) -> None:  # noqa: ARG002  # a run without them has its own
        """Look for better plans from the best of the starts, from their unions, and by shaking."""
        search, starts = self._search, self._starts()
        for plan in starts:
            search.offer(plan)
        if len(self.counted.places) > MANY and self.ended():
            return  # each step below begins with some work in every scenario
        known = dict.fromkeys([*starts, *self._united(search, starts)])
        search.run(swaps=False)
        best = sorted(known, key=lambda plan: (search.value_of(plan), search.key(plan)))[:_CLIMBED]
        better = [
            search.climb(plan, self.clock.part(_STARTS_SHARE).deadline)
            for plan in best
            if plan != search.best
        ]
        search.shake(STALE if any(better) and not self.by_cuts else _SHAKEN)

    def _united(self, search: Search, plans: Sequence[Plan]) -> list[Plan]:
        """Return the union of all plans, and of each two, trimmed to what is allowed."""
        pairs = [a | b for n, a in enumerate(plans) for b in plans[:n]]
        found: list[Plan] = []
        for union in dict.fromkeys([frozenset[int]().union(*plans), *pairs]):
            if union & self.limits.exclude:
                continue
            try:
                found.append(search.trimmed(union))
            except SearchStopped:
                break
        return [plan for plan in found if allowed(self.model, self.limits, plan)]
