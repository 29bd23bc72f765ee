"""Plans whose measures may fail, valued for a search: scenarios and their luck as one trafficker.

A plan with few coins has its outcomes counted. One with more is valued under common draws, the same
luck for all plans, in which each coin falls well in its share: that tells good plans from others
with few draws, though the number is none to report, as the least of several means is biased low.

Source: M. D. McKay, R. J. Beckman and W. J. Conover, "A comparison of three methods for selecting
values of input variables in the analysis of output from a computer code", Technometrics 21, 1979
(Latin hypercubes: what is a sum over coins has the mean of all luck, whatever the draws).

A measure more works with its chance p, and takes no more of each outcome then than what it hits of
the trafficker's response there. So the mean falls by no more than p times the mean of that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from flowopt.model.activities import Floats
from flowopt.model.criterion import Criterion
from flowopt.model.incumbent import Plan
from flowopt.model.plan_luck import SEED, LuckValues
from flowopt.objectives import Objective

_COUNTED = 6  # coins up to which a search counts the outcomes
_DRAWS = 24  # of a search, each coin falling well in its share: enough to tell plans apart
_RESPONSES = 384  # to a plan, of all scenarios together, that a search does with
_FEWEST = 3  # draws of a scenario, where there are very many
_KEPT = 20_000  # responses whose losses are kept

Weighted = list[tuple[float, frozenset[int]]]  # what works, and how likely


class LuckyTraffickers:
    """Criterion of plans in the mean over what works, for a search that knows one trafficker.

    Parameters
    ----------
    scenarios
        The values under luck of each.
    criterion
        Over them.
    """

    def __init__(self, scenarios: Sequence[LuckValues], criterion: Criterion) -> None:
        self._scenarios, self._criterion = tuple(scenarios), criterion
        each = max(_FEWEST, _RESPONSES // len(self._scenarios))
        self._draws, self._few = min(_DRAWS, each), min(_COUNTED, each.bit_length() - 1)
        self._reference: Plan = frozenset()
        self._losses: dict[tuple[int, frozenset[int]], Floats] = {}

    @property
    def deadline(self) -> float | None:
        """`time.perf_counter` after which a large programme is given up with `OutOfTime`."""
        return self._scenarios[0].trafficker.deadline

    @deadline.setter
    def deadline(self, deadline: float | None) -> None:
        for each in self._scenarios:
            each.trafficker.deadline = deadline

    @property
    def objective(self) -> Objective:
        """The objective of both levels, in every scenario."""
        return self._scenarios[0].trafficker.objective

    @property
    def iterations(self) -> int:
        """Iterations of all solvers so far."""
        return sum(each.trafficker.iterations for each in self._scenarios)

    @property
    def visit(self) -> float:
        """Work of valuing a plan beside its iterations, in all scenarios."""
        return sum(each.trafficker.visit for each in self._scenarios)

    def value(self, plan: Iterable[int] = ()) -> float:
        """Return the criterion of a plan in the mean over its outcomes, or over common draws."""
        plan = frozenset(plan)
        means = [
            sum(chance * values.value_of(acts) for chance, acts in self._outcomes(place, plan))
            for place, values in enumerate(self._scenarios)
        ]
        return self._criterion.of(np.array(means))

    def keep(self, plan: Iterable[int]) -> None:
        """Keep nothing: one response is none to all that may work."""

    def remember(self, plan: Iterable[int] = ()) -> None:
        """Prepare for plans that hold this one."""
        self._reference = frozenset(plan)

    def most_lost(self, *, together: bool = False) -> Floats:  # noqa: ARG002  # they are in any case
        """Return by how much each measure more can lower the criterion of the remembered plan."""
        return self._most_lost(self._reference)

    def surely_lost(self) -> Floats:
        """Return that nothing is promised."""
        return np.zeros(self._measures)

    def value_and_losses(self, plan: Iterable[int]) -> tuple[float, Floats]:
        """Return the criterion of a plan, and by how much each measure more can lower it."""
        plan = frozenset(plan)
        return self.value(plan), self._most_lost(plan)

    @property
    def _measures(self) -> int:
        luck = self._scenarios[0].luck
        return max(luck.owners, default=-1) + 1

    def _most_lost(self, plan: Plan) -> Floats:
        losses = []
        for scenario, values in enumerate(self._scenarios):
            mean = np.zeros(self._measures)
            for chance, acts in self._outcomes(scenario, plan):
                mean += chance * self._lost(scenario, acts)
            works = values.luck.own_chances()
            losses.append(np.where(works > 0.0, mean, 0.0) * works)
        return self._criterion.most_lost(np.array(losses))

    def _lost(self, scenario: int, acts: frozenset[int]) -> Floats:
        """Return what each measure, with its parts, can take at most when some act already."""
        known = self._losses.get((scenario, acts))
        if known is None:
            values = self._scenarios[scenario]
            values.trafficker.remember(acts)
            known = np.zeros(self._measures)
            lost = values.trafficker.most_lost(together=True)
            np.add.at(known, np.array(values.luck.owners, dtype=np.int64), lost)
            if len(self._losses) >= _KEPT:
                self._losses.clear()
            self._losses[scenario, acts] = known
        return known

    def _outcomes(self, scenario: int, plan: Plan) -> Weighted:
        """Return outcomes of a plan, or draws: those of many scenarios differ, as few are drawn."""
        luck = self._scenarios[scenario].luck
        if len(luck.coins_of(plan)) <= self._few:
            return [(each.probability, each.acts) for each in luck.outcomes(plan)]
        seed = SEED + 1 + (scenario if self._draws < _DRAWS else 0)
        count = Counter(luck.drawn(plan, draws=self._draws, seed=seed, even=True))
        return [(times / self._draws, acts) for acts, times in count.items()]
