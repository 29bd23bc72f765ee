"""Set-up of branch and cut: the programmes of all scenarios and their luck, and one of cuts.

Each scenario begins as one block, whose bound is that of Jensen. Blocks are split where the best
plan known calls for it, so that bounds are sharp near it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.bounds import Bounds, derive_bounds
from flowopt.model.branch_and_cut import BranchAndCut, Goal
from flowopt.model.cheapest_tree import CheapestTree
from flowopt.model.criterion import Criterion
from flowopt.model.cut_programme import CutProgramme
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.held_programme import HeldProgramme
from flowopt.model.incumbent import Plan
from flowopt.model.interdiction import add_plan
from flowopt.model.luck import Luck
from flowopt.model.luck_blocks import (
    ChosenColumns,
    LuckBlock,
    rules_of,
    split_where_it_tells,
)
from flowopt.model.milp import MilpBuilder
from flowopt.model.scenario_programme import add_criterion
from flowopt.model.separation import Separation
from flowopt.model.series_model import in_series
from flowopt.objectives import Objective

_ROOM = 1e-6  # of the scale: between what bounds values and the bounds of their variables
_CELLS = 16  # of the luck of all scenarios together, or one for each of them
_STRANDS = 4  # hot programmes for cells, where there are fewer scenarios
_LEAST_CELLS = 4  # of a hot programme: the next point is far for it, the next cell is near
_KEPT = 1_000  # cuts that are kept, or more where there are many blocks
_KEPT_EACH = 20


@dataclass(frozen=True, slots=True)
class LuckyWorld:
    """One scenario: its luck, and the activity model of the network with its parts."""

    luck: Luck
    model: ActivityModel


class PlanCuts:
    """Branch and cut for the plan that is best by a criterion, over scenarios and their luck.

    Parameters
    ----------
    base
        The model of the network without parts, whose rules plans keep.
    worlds
        The scenarios.
    objective
        What planner and trafficker count: a zero-sum objective.
    criterion
        Over the scenarios.
    least, nothing
        What no allowed plan goes below in each scenario, and the values without measures.
    scale
        The criterion without measures, or what differences are a share of. Must be positive.
    check
        Called before each scenario's part is built, and before each cut, so that it can raise where
        time is over.
    """

    def __init__(
        self,
        base: ActivityModel,
        worlds: Sequence[LuckyWorld],
        objective: Objective,
        criterion: Criterion,
        *,
        least: Floats,
        nothing: Floats,
        scale: float,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._check = check
        self._rules = rules_of(base, [(world.luck, world.model) for world in worlds])
        self._worlds, self._objective, self._criterion = tuple(worlds), objective, criterion
        self._least, self._nothing, self._scale = least, nothing, scale
        self._models: list[ActivityModel] = []
        self._bounds: list[Bounds] = []
        for world in worlds:
            check()
            self._models.append(in_series(world.model))
            self._bounds.append(derive_bounds(self._models[-1], objective))

    def tree(
        self,
        limits: PlanConstraints,
        plan: Plan,
        goal: Goal,
        *,
        cells: int = _CELLS,
        pool: Executor | None = None,
        budget: float = np.inf,
    ) -> BranchAndCut:
        """Return the tree, not begun, with cells that are split near a good plan.

        Cuts are made side by side where there is a `pool`. With a `budget` below that of the limits
        the tree is over plans that cost no more than that.
        """
        choices = self._rules.chosen(plan).astype(float)
        blocks = self._blocks(choices, cells)
        counted = self._counted
        weights = np.array([block.share * counted[block.scenario] for block in blocks])
        return BranchAndCut(
            self._rules,
            limits,
            self._programme(_up_to(limits, budget), blocks),
            Separation(blocks, weights, 0.5 * choices, scale=self._scale, pool=pool),
            goal,
            scale=self._scale,
        )

    def cheapest_tree(
        self,
        limits: PlanConstraints,
        plan: Plan,
        goal: Goal,
        *,
        most: float,
        unit: float,
        cells: int = _CELLS,
        pool: Executor | None = None,
    ) -> CheapestTree:
        """Return the tree for the cheapest plan whose criterion is `most` or less, not begun.

        Parameters
        ----------
        limits, plan, goal, cells, pool
            As for `tree`; the plan need not be cheap.
        most
            What the criterion is brought to, or below.
        unit
            Divides the costs of plans. Must be positive.
        """
        choices = self._rules.chosen(plan).astype(float)
        blocks = self._blocks(choices, cells)
        weights = np.array([b.share * self._counted[b.scenario] for b in blocks])
        return CheapestTree(
            self._rules,
            limits,
            self._programme(limits, blocks, most=most, unit=unit),
            Separation(blocks, weights, 0.5 * choices, scale=self._scale, pool=pool),
            goal,
            scale=self._scale,
            unit=unit,
        )

    def within(
        self, tree: BranchAndCut, limits: PlanConstraints, budget: float, goal: Goal
    ) -> BranchAndCut:
        """Return the tree over plans of no more than a budget, with all cuts of another tree.

        What that one has taken out is out of this one, too: its bound does not speak of it.
        """
        programme = self._programme(_up_to(limits, budget), tree.separation.blocks)
        programme.take_over(tree.programme)
        return BranchAndCut(
            self._rules, limits, programme, tree.separation, goal, scale=self._scale
        )

    @property
    def rows(self) -> int:
        """Rows of activities in a scenario's programme, of the largest."""
        return max((len(model.activities) for model in self._models), default=0)

    @property
    def _counted(self) -> Floats:
        """Most that each scenario counts for in the criterion."""
        return self._criterion.most_lost(np.eye(len(self._worlds)))

    def _blocks(self, choices: Floats, cells: int) -> list[LuckBlock]:
        blocks = [
            LuckBlock(
                scenario,
                1.0,
                self._held(scenario),
                ChosenColumns(world.luck, world.model, self._rules),
            )
            for scenario, world in enumerate(self._worlds)
        ]
        cells = max(cells, len(blocks))
        return self._in_strands(split_where_it_tells(blocks, choices, cells, self._counted))

    def _in_strands(self, blocks: Sequence[LuckBlock]) -> list[LuckBlock]:
        """Return blocks with a hot programme for several neighbours of a scenario, in order.

        There are as many of them for any number of threads: what one starts from, the other cells
        of its strand have left, and another number would make other cuts.
        """
        found, most = [], max(1, _STRANDS // len(self._worlds))
        for scenario in range(len(self._worlds)):
            own = [block for block in blocks if block.scenario == scenario]
            size = max(_LEAST_CELLS, -(-len(own) // most))
            for first in range(0, len(own), size):
                held = self._held(scenario) if first else own[0].held
                found += [replace(block, held=held) for block in own[first : first + size]]
        return found

    def _held(self, scenario: int) -> HeldProgramme:
        self._check()
        return HeldProgramme(
            self._models[scenario],
            self._bounds[scenario],
            self._objective,
            scale=self._scale,
            check=self._check,
        )

    def _programme(
        self,
        limits: PlanConstraints,
        blocks: Sequence[LuckBlock],
        *,
        most: float | None = None,
        unit: float = 1.0,
    ) -> CutProgramme:
        """Return the programme of the least criterion, or of the least cost where it has a most."""
        build, scale = MilpBuilder(), self._scale
        measures, acts = add_plan(build, self._rules, limits)
        scenario = np.array([block.scenario for block in blocks])
        thetas = build.variables(
            "theta",
            len(blocks),
            lower=self._least[scenario] / scale - _ROOM,
            upper=self._nothing[scenario] / scale + _ROOM,
        )
        shares = np.array([block.share for block in blocks])
        of = [scenario == n for n in range(len(self._worlds))]
        cost = add_criterion(
            build,
            self._criterion,
            [[(thetas[own], shares[own])] for own in of],
            scale=scale,
            least=self._least,
            nothing=self._nothing,
        )
        if most is not None:
            row = [(np.zeros(len(v), dtype=np.int64), v, c) for v, c in cost]
            build.rows("target", row, upper=most / scale + _ROOM, count=1)
            cost = [(measures, self._rules.measure_cost / unit)]
        return CutProgramme(
            build.build(cost),
            measures=measures,
            acts=acts,
            thetas=thetas,
            keep=max(_KEPT, _KEPT_EACH * len(blocks)),
        )


def _up_to(limits: PlanConstraints, budget: float) -> PlanConstraints:
    return replace(limits, budget=min(limits.budget, budget))
