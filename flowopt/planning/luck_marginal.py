"""Marginal values under luck: the loss in the mean without each measure, and the gains of others.

Each compares two plans under the same luck (`model.luck_change`). What one more measure gains is
bounded by its chance times what it can take of the responses to the plan, so that most of them need
no look.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from flowopt.errors import OutOfTime
from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import closure, with_others, without
from flowopt.model.incumbent import Plan
from flowopt.model.luck import Outcome, in_order
from flowopt.model.luck_change import DRAWN, look_ahead, mean_change
from flowopt.model.luck_means import jointly
from flowopt.model.lucky_traffickers import LuckyTraffickers
from flowopt.objectives import OBJECTIVES
from flowopt.planning.luck_own_bests import LuckOwnBest
from flowopt.planning.lucky_worlds import PROVED, Played, ValuedPlan, outcome_proof
from flowopt.planning.marginal_values import MAX_LISTED, NO_WORTH, SOME_ONLY, TOO_LATE, possible
from flowopt.planning.plan_constraints import indices
from flowopt.results.evaluation import PlanCompared
from flowopt.results.luck_rows import ActingValue, LuckCompared, LuckNextMeasure, LuckPlanRow
from flowopt.results.numbers import EQUAL, rounded
from flowopt.results.rows import Rows

_LOOKED = 4_000  # values that looking for what comes next may take
_SHARE = 0.6  # of the time left, for all of it; the rest is for writing


@dataclass(frozen=True, slots=True)
class LuckMarginals:
    """Marginal values of a plan whose measures may fail.

    Attributes
    ----------
    plan : Rows of LuckPlanRow
        Its measures, the one that would be missed most first; unknown losses come last.
    following : Rows of LuckNextMeasure
        The measures that come next.
    beside : Rows of LuckCompared
        The plan, and those that stand beside it; empty where none do.
    acting : mapping
        By scenario, values beside the plan's outcomes on which the counted ones of these rest.
    warnings : tuple of str
        One for each part left out.
    """

    plan: Rows[LuckPlanRow]
    following: Rows[LuckNextMeasure]
    beside: Rows[LuckCompared]
    acting: dict[str, tuple[ActingValue, ...]]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Worth:
    """Rise of the criterion from the plan to another one."""

    plan: Plan
    rise: float
    half_width: float
    counted: bool

    @property
    def how(self) -> str:
        return "counted" if self.counted else "sampled"


def marginals_under_luck(
    found: Sequence[Played],
    criterion: Criterion,
    value: float,
    bests: Sequence[LuckOwnBest | None],
    listed: Sequence[Plan] = (),
) -> LuckMarginals:
    """Return the marginal values of a plan, as far as the time of its traffickers goes.

    Parameters
    ----------
    found
        The plan in each scenario.
    criterion, value
        The criterion over the scenarios, and what it makes of the plan.
    bests
        The best plans of single scenarios, where they are told.
    listed
        Other plans whose counted means are told.
    """
    valued, warnings = [each.valued for each in found], []
    looks = _Looks(valued, criterion, value, found[0].evaluation.comparison)
    with _in_time(valued):
        try:
            looks.compare()
        except OutOfTime:
            warnings.append(_late("the plan that covers most of today's flow was left out"))
        try:
            looks.drop()
        except OutOfTime:
            plan = found[0].plan
            warnings.append(_late(NO_WORTH.format(len(plan) - len(looks.dropped), len(plan))))
        try:
            if looks.add():
                warnings.append(SOME_ONLY)
        except OutOfTime:
            warnings.append(_late(TOO_LATE))
        following = looks.following()
        others = (*looks.beside.values(), *looks.dropped.values())
        counted = [w.plan for w in (*others, *(w for _, w in following)) if w.counted]
        acting = looks.acting([*counted, *listed], bests)
    return LuckMarginals(
        looks.plan_rows(), looks.next_rows(following), looks.beside_rows(), acting, tuple(warnings)
    )  # fmt: skip


def next_under_luck(
    found: Sequence[ValuedPlan], criterion: Criterion, value: float
) -> tuple[Rows[LuckNextMeasure], tuple[str, ...]]:
    """Return the measures that come next, as far as the time of the traffickers goes.

    With them come warnings on what was not looked at; parameters as in `marginals_under_luck`.
    """
    looks = _Looks(found, criterion, value)
    warnings: tuple[str, ...] = ()
    try:
        if looks.add():
            warnings = (SOME_ONLY,)
    except OutOfTime:
        warnings = (_late(TOO_LATE),)
    return looks.next_rows(looks.following()), warnings


@contextmanager
def _in_time(found: Sequence[ValuedPlan]) -> Iterator[None]:
    """Leave a part of the time of the traffickers to what comes after."""
    traffickers = [each.lucky.values.trafficker for each in found]
    deadlines, now = [each.deadline for each in traffickers], time.perf_counter()
    for trafficker, deadline in zip(traffickers, deadlines, strict=True):
        if deadline is not None:
            trafficker.deadline = now + _SHARE * max(0.0, deadline - now)
    try:
        yield
    finally:
        for trafficker, deadline in zip(traffickers, deadlines, strict=True):
            trafficker.deadline = deadline


def _late(text: str) -> str:
    return f"the time limit came first: {text}"


@dataclass(slots=True)
class _Looks:
    """Looks at a plan without single measures, and with more of them."""

    found: Sequence[ValuedPlan]
    criterion: Criterion
    value: float
    comparison: Sequence[PlanCompared] = ()
    dropped: dict[int, _Worth] = field(default_factory=dict)
    added: dict[int, _Worth] = field(default_factory=dict)
    beside: dict[str, _Worth] = field(default_factory=dict)

    @property
    def _plan(self) -> Plan:
        return self.found[0].plan

    def compare(self) -> None:
        """Look at the plans beside it."""
        ids = self.found[0].lucky.problem.model.measures
        for row in self.comparison[1:]:
            plan = frozenset(indices(ids, filter(None, row.measures.split(";")), what="measure"))
            self.beside[row.plan] = self._worth(plan)

    def beside_rows(self) -> Rows[LuckCompared]:
        """Return the rows of the plan and those beside it."""
        if not self.beside:
            return Rows(LuckCompared)
        first, rows = self.found[0], []
        for row in self.comparison:
            worth = self.beside.get(row.plan)
            if worth is None and row.plan != "yours":
                continue
            value = self.value + (0.0 if worth is None else worth.rise)
            width, how = (0.0, "counted") if worth is None else (worth.half_width, worth.how)
            if worth is None and first.expectation.draws is not None:
                how = "sampled"
            cut = rounded(first.baseline - value)
            rows.append(
                LuckCompared(
                    row.plan, row.spent, value, width, how, cut, row.value, row.promised,
                    row.measures,
                )
            )  # fmt: skip
        return Rows(LuckCompared, rows)

    def drop(self) -> None:
        """Look at the plan without each of its measures, and those that require it."""
        model = self.found[0].lucky.problem.model
        left = {m: without(model, self._plan, m) for m in sorted(self._plan)}
        self._ahead(list(left.values()))
        for measure, plan in left.items():
            self.dropped[measure] = self._worth(plan)

    def add(self) -> bool:
        """Look at the plan with one more measure; return whether some were not looked at."""
        most, model = self._most_gained(), self.found[0].lucky.problem.model
        began, listed, order = self._looked, [0.0] * MAX_LISTED, self._may_gain(most)
        for place, measure in enumerate(order):
            if most[measure] <= listed[0]:
                return False
            if place % MAX_LISTED == 0:
                if self._looked - began > _LOOKED:
                    return True
                some = order[place : place + MAX_LISTED]  # most of them are looked at in any case
                self._ahead([self._plan | closure(model, [each]) for each in some])
            worth = self._worth(self._plan | closure(model, [measure]))
            if -worth.rise > self._nothing:
                self.added[measure] = worth
                listed = sorted([*listed, -worth.rise])[-MAX_LISTED:]
        return False

    def _may_gain(self, most: Floats) -> list[int]:
        """Return the measures that the plan may take and gain by, what may gain most first."""
        problem = self.found[0].lucky.problem
        return [
            measure
            for measure in np.argsort(-most, kind="stable").tolist()
            if most[measure] > self._nothing
            and possible(problem.model, self._plan, measure, problem.constraints.exclude)
        ]

    def _ahead(self, plans: list[Plan]) -> None:
        for each in self.found:
            look_ahead(each.lucky.values, each.plan, plans)

    def following(self) -> list[tuple[int, _Worth]]:
        """Return the measures that add most, best first."""
        best = sorted(self.added.items(), key=lambda each: (round(each[1].rise, 9), each[0]))
        return best[:MAX_LISTED]

    def plan_rows(self) -> Rows[LuckPlanRow]:
        """Return the plan's rows; in a monotone programme a loss below 0 is rounding."""
        problem = self.found[0].lucky.problem
        least = 0.0 if OBJECTIVES[problem.request.objective].monotone else -math.inf
        lost = {m: max(least, worth.rise) for m, worth in self.dropped.items()}
        order = sorted(self._plan, key=lambda m: (-round(lost.get(m, -math.inf), 9), m))
        rows = []
        for rank, m in enumerate(order, start=1):
            row, worth = problem.network.measures[m], self.dropped.get(m)
            about = (rank, row.measure, row.name, row.kind, row.cost, lost.get(m))
            rows.append(LuckPlanRow(*about, None if worth is None else worth.half_width,
                                    None if worth is None else worth.how))  # fmt: skip
        return Rows(LuckPlanRow, rows)

    def next_rows(self, following: Sequence[tuple[int, _Worth]]) -> Rows[LuckNextMeasure]:
        """Return the rows of the measures that come next."""
        problem, rows = self.found[0].lucky.problem, []
        for rank, (m, worth) in enumerate(following, start=1):
            row, bought = problem.network.measures[m], sorted(worth.plan - self._plan)
            cost, adds = float(problem.model.measure_cost[bought].sum()), -worth.rise
            rows.append(
                LuckNextMeasure(
                    rank, row.measure, row.name, row.kind, cost, adds, worth.half_width, worth.how,
                    adds / cost if cost > 0.0 else None,
                )
            )  # fmt: skip
        return Rows(LuckNextMeasure, rows)

    def acting(
        self, plans: Sequence[Plan], bests: Sequence[LuckOwnBest | None]
    ) -> dict[str, tuple[ActingValue, ...]]:
        """Return the values that counted means rest on, the likeliest first, some with proofs."""
        found = {}
        for each, best in zip(self.found, bests, strict=True):
            own = [best.plan] if best is not None and best.expectation.draws is None else []
            found[each.lucky.world.scenario] = tuple(_acting(each, [*plans, *own]))
        return found

    def _worth(self, plan: Plan) -> _Worth:
        changes = [
            mean_change(
                each.lucky.values, each.plan, plan, drawn=each.expectation.draws is not None
            )
            for each in self.found
        ]
        means = [each.expectation.mean for each in self.found]
        grown = [mean + each.amount for mean, each in zip(means, changes, strict=True)]
        widths = np.array([[each.half_width] for each in changes])
        if self.criterion.name != "expected":
            widths *= jointly(int((widths > 0.0).sum()), DRAWN)
        return _Worth(
            plan,
            rounded(self.criterion.of(np.array(grown))) - self.value,
            float(self.criterion.most_lost(widths)[0]),
            all(each.counted for each in changes),
        )

    def _most_gained(self) -> Floats:
        """Return what each measure more gains at most; -1 for those of the plan."""
        model = self.found[0].lucky.problem.model
        most = np.full(len(model.measures), np.inf)
        if OBJECTIVES[self.found[0].lucky.problem.request.objective].monotone:
            several = LuckyTraffickers([each.lucky.values for each in self.found], self.criterion)
            several.remember(self._plan)
            most = several.most_lost()
        most[with_others(model, self._plan)] = np.inf
        most[sorted(self._plan)] = -1.0
        return most

    @property
    def _looked(self) -> int:
        return sum(each.lucky.values.looked for each in self.found)

    @property
    def _nothing(self) -> float:
        """Gain up to which a measure is not listed."""
        return EQUAL * max((each.baseline for each in self.found), default=0.0)


def _acting(played: ValuedPlan, plans: Sequence[Plan]) -> Iterator[ActingValue]:
    """Yield what acts in the outcomes of some plans and in none of the plan's own."""
    values, measures = played.lucky.values, len(played.lucky.problem.model.measures)
    own = {each.outcome.acts for each in played.expectation.outcomes}
    chance: dict[frozenset[int], float] = {}
    for plan in plans:
        for each in values.luck.outcomes(plan):
            if each.acts not in own:
                chance[each.acts] = max(each.probability, chance.get(each.acts, 0.0))
    ids, late = played.lucky.problem.model.measures, False
    for place, outcome in enumerate(in_order(Outcome(p, acts) for acts, p in chance.items())):
        proof = None
        if place < PROVED and not late:
            try:
                proof = outcome_proof(played.lucky, outcome, measures)
            except OutOfTime:
                late = True
        works = sorted(i for i in outcome.acts if i < measures)
        yield ActingValue(
            tuple(ids[i] for i in works),
            tuple(row + 1 for row in values.luck.failed_effects(works, outcome.acts)),
            rounded(values.value_of(outcome.acts)),
            proof,
        )
