"""One programme for several scenarios: a plan, and a block of prices for each of them.

Each block is the zero-sum programme of its scenario (`interdiction`), and only the plan is common:
f_s(x) stands for the objective of block s. With R of `criterion`, the programme is

    expected            minimise sum_s q_s f_s
    worst, cut, regret  minimise t                             subject to t >= f_s - r_s
    cvar                minimise t + sum_s q_s u_s / tail      subject to t + u_s >= f_s, u_s >= 0.

f_s(x) is the trafficker's optimum in scenario s at every plan, and R falls in none of them, so the
optimum is the least criterion, and a bound on it one on every plan's. A virtual measure of a reform
is the same in every scenario: the blocks share it.

Where prices are tightened, block s keeps its value for every plan that is worth no more there than
its share of the cutoff allows, the others being worth what no plan goes below (`most_valued`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from flowopt.clock import Clock
from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.bounds import Bounds, derive_bounds
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.interdiction import Interdiction, add_dual, add_plan
from flowopt.model.milp import MilpBuilder
from flowopt.model.tightening import far_apart, tightened
from flowopt.objectives import OBJECTIVES, Objective

_ROOM = 1e-6  # of the scale: between what bounds the criterion and the bounds of its variables
Blocks = list[tuple[Indices, Floats]]


def shared_rules(models: Sequence[ActivityModel]) -> ActivityModel:
    """Return the model of the common plan: the first, with the virtual measures of all."""
    virtual = sorted({pair for model in models for pair in model.virtual})
    return replace(models[0], virtual=tuple(virtual))


class ScenarioProgramme:
    """Programme of a zero-sum objective over several scenarios.

    Parameters
    ----------
    models
        The activity model of each scenario.
    objective
        What planner and trafficker count.
    criterion
        Over these scenarios.
    least
        What no allowed plan goes below in each scenario.
    nothing
        The values without measures.

    Attributes
    ----------
    narrow : bool
        Whether only plans worth little more than the least are asked for: prices are then tightened
        although markets pay much the same.
    """

    def __init__(
        self,
        models: Sequence[ActivityModel],
        objective: Objective,
        criterion: Criterion,
        *,
        least: Floats,
        nothing: Floats,
    ) -> None:
        self.monotone = OBJECTIVES[objective].monotone
        self._models = tuple(models)
        self._objective: Objective = objective
        self._criterion = criterion
        self._least, self._nothing = least, nothing
        self._tightened: list[Bounds] | None = None
        self.narrow = False

    def build(self, limits: PlanConstraints, scale: float) -> Interdiction:
        """Return the programme, its objective divided by `scale`."""
        build = MilpBuilder()
        rules = shared_rules(self._models)
        x, acts = add_plan(build, rules, limits)
        place = {pair: acts[len(x) + n] for n, pair in enumerate(rules.virtual)}
        blocks: list[Blocks] = []
        for number, (model, bounds) in enumerate(zip(self._models, self._bounds(), strict=True)):
            own = np.array([place[pair] for pair in model.virtual], dtype=np.int64)
            mine = np.concatenate([x, own])
            dual = add_dual(build, model, bounds, self._objective, mine, name=f"s{number}_")
            blocks.append([(v, np.broadcast_to(c, v.shape) / scale) for v, c in dual])
        cost = add_criterion(
            build,
            self._criterion,
            blocks,
            scale=scale,
            least=self._least,
            nothing=self._nothing,
        )
        return Interdiction(build.build(cost), x, scale)

    def tighten(
        self, limits: PlanConstraints, cutoff: float, scale: float, deadline: float | None
    ) -> None:
        """Tighten the prices of each block where that pays."""
        criterion, count = self._criterion, len(self._models)
        if criterion.of(self._least) > cutoff:
            return  # rounding: there is a plan worth the cutoff
        # With room in the criterion: of one scenario with little weight it is much.
        cutoffs = criterion.most_valued(self._least, cutoff + _ROOM * scale)
        clock = Clock()
        if deadline is not None:
            clock = Clock(deadline - clock.began, clock.began)
        bounds = [*self._derived]
        for number, model in enumerate(self._models):
            nothing = float(self._nothing[number])
            if nothing <= 0.0 or cutoffs[number] >= nothing:
                continue
            if not (self.narrow or far_apart(model, self._objective)):
                continue
            bounds[number] = tightened(
                model,
                bounds[number],
                self._objective,
                limits,
                float(cutoffs[number]),
                scale=nothing,
                deadline=clock.part(1.0 / (count - number)).deadline,
            )
        self._tightened = bounds

    def loosen(self) -> None:
        """Forget the tightened prices."""
        self._tightened = None

    @cached_property
    def _derived(self) -> list[Bounds]:
        return [derive_bounds(model, self._objective) for model in self._models]

    def _bounds(self) -> list[Bounds]:
        return self._tightened or self._derived

    def separate(self, plan: frozenset[int], value: float, *, claimed: float) -> bool:  # noqa: ARG002  # the protocol's
        """Return that there is nothing to take note of."""
        return False


def add_criterion(
    build: MilpBuilder,
    criterion: Criterion,
    blocks: Sequence[Blocks],
    *,
    scale: float,
    least: Floats,
    nothing: Floats,
) -> Blocks:
    """Add the rows of a criterion over scenarios; return its objective.

    Parameters
    ----------
    build
        Of the programme.
    criterion
        Over the scenarios.
    blocks
        The value of each scenario divided by `scale`, as (variable, coefficient) blocks.
    scale
        Divides all that is in the objective's unit.
    least, nothing
        What no allowed plan goes below in each scenario, and the values without measures.
    """
    if criterion.name == "expected":
        return [
            (variable, share * coefficient)
            for block, share in zip(blocks, criterion.shares.tolist(), strict=True)
            for variable, coefficient in block
        ]
    lowest, highest = criterion.of(least), criterion.of(nothing)
    tail, most = criterion.name == "cvar", float(nothing.max() - least.min())
    if tail:  # the t of the best plan is one of its values
        lowest, highest = float(least.min()), float(nothing.max())
    t = build.variables(
        "t", 1, lower=lowest / scale - _ROOM, upper=max(lowest, highest) / scale + _ROOM
    )
    objective: Blocks = [(t, np.ones(1))]
    beyond = build.variables("u", len(blocks) if tail else 0, upper=most / scale + _ROOM)
    for number, block in enumerate(blocks):
        entries = [(np.zeros(len(v), dtype=np.int64), v, -c) for v, c in block]
        entries.append((np.zeros(1, dtype=np.int64), t, np.ones(1)))
        if tail:
            entries.append((np.zeros(1, dtype=np.int64), beyond[[number]], np.ones(1)))
        above = (criterion.shift - float(criterion.reference[number])) / scale
        build.rows(f"scenario{number}_", entries, lower=above, count=1)
    if tail:
        objective.append((beyond, criterion.shares / criterion.tail))
    return objective
