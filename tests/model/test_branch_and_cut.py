"""Branch and cut over plans whose measures may fail, held against every plan and every outcome."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
import pytest

from flowopt.criteria import CRITERIA, CRITERION_NAMES, CriterionName
from flowopt.model import plan_cuts
from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.branch_and_cut import BranchAndCut
from flowopt.model.build import activity_model
from flowopt.model.criterion import Criterion
from flowopt.model.cut_programme import Relaxed
from flowopt.model.feasible_plans import PlanConstraints, allowed
from flowopt.model.incumbent import Plan
from flowopt.model.luck import Chances, Luck
from flowopt.model.luck_blocks import ChosenColumns, LuckBlock, rules_of, split_where_it_tells
from flowopt.model.plan_cuts import LuckyWorld, PlanCuts
from flowopt.model.separation import threads_for_cuts
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.drawn.dice import Dice
from tests.drawn.luck import many_coins
from tests.drawn.scenarios import drawn_scenarios
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.draws import draws
from tests.oracles.luck import expected_value

ROOM = 1e-6  # of the value without measures
SUCCESS = (0.7, 1.0, 0.5, 0.9, 0.25, 0.0)
OWN = (1.0, 1.0, 1.0, 0.5, 0.8)  # of rows of effects
NUMBER = draws(24)  # of networks; more where there is time
MANY = 90


@dataclass(slots=True)
class Case:
    """A drawn question: scenarios with their luck, a criterion, and what plans may be."""

    networks: list[Network]
    chances: Chances
    objective: Objective
    base: ActivityModel
    worlds: list[LuckyWorld]
    limits: PlanConstraints
    criterion: Criterion
    plans: dict[Plan, Floats]  # the allowed ones, and their values by scenario
    least: Floats
    nothing: Floats
    scale: float

    @staticmethod
    def drawn(seed: int) -> Case:
        dice = Dice.seeded(f"branch-and-cut-{seed}")
        network = valid_network(dice, SHAPES[dice.pick(tuple(SHAPES))])
        networks, weights = [network], [1.0]
        if dice.chance(40):
            networks, weights = drawn_scenarios(dice, network, 2 + dice.upto(1))
        chances = Chances(
            tuple(dice.pick(SUCCESS) for _ in network.measures),
            tuple(dice.pick(OWN) for _ in network.effects),
        )
        objective: Objective = ("flow", "profit")[dice.upto(1)]
        worlds = []
        for each in networks:
            luck = Luck(each, chances)
            worlds.append(LuckyWorld(luck, activity_model(luck.network)))
        base = activity_model(network)
        budget = float(base.measure_cost.sum()) * dice.pick((0.5, 0.3, 0.75, 1.0))
        limits = PlanConstraints(budget=budget, resources=_limits_of(network))
        values = [Values(world, objective) for world in worlds]
        count = len(base.measures)
        every = [frozenset(i for i in range(count) if n >> i & 1) for n in range(2**count)]
        plans = {
            plan: np.array([each.of(plan) for each in values])
            for plan in every
            if allowed(base, limits, plan)
        }
        nothing = np.array([each.of(frozenset()) for each in values])
        least = np.array([each.least() for each in values])
        criterion = _criterion(dice, plans, nothing, np.array(weights))
        base_value = nothing.max() if criterion.shift else criterion.of(nothing)
        return Case(
            networks, chances, objective, base, worlds, limits, criterion, plans, least, nothing,
            float(base_value) or 1.0,
        )  # fmt: skip

    @property
    def best(self) -> float:
        return min(self.criterion.of(values) for values in self.plans.values())

    def tree(
        self, goal: Goal, plan: Plan, cells: int = 8, pool: Executor | None = None
    ) -> BranchAndCut:
        cuts = PlanCuts(
            self.base,
            self.worlds,
            self.objective,
            self.criterion,
            least=self.least,
            nothing=self.nothing,
            scale=self.scale,
        )
        return cuts.tree(self.limits, plan, goal, cells=cells, pool=pool)


class Values:
    """Expected values of plans in one scenario, by a trafficker of its own."""

    def __init__(self, world: LuckyWorld, objective: Objective) -> None:
        self._luck, self._trafficker = world.luck, BestResponseSolver(world.model, objective)

    def of(self, plan: Plan) -> float:
        return sum(
            outcome.probability * self._trafficker.value(outcome.acts)
            for outcome in self._luck.outcomes(plan)
        )

    def least(self) -> float:
        count = max(self._luck.owners, default=-1) + 1
        return self._trafficker.value(self._luck.acting(range(count)))


@dataclass(slots=True)
class Goal:
    """The best plan so far, of those whose values are known."""

    case: Case
    plan: Plan
    gap: float = 0.0
    nodes: int = 10**9
    known: bool = True
    value: float = field(init=False)
    looks: int = 0

    def __post_init__(self) -> None:
        self.value = self.case.criterion.of(self.case.plans[self.plan])

    def offer(self, plan: Plan) -> float | None:
        value = self.case.criterion.of(self.case.plans[plan])
        if value < self.value:
            self.value, self.plan = value, plan
        return value if self.known else None

    def proving(self) -> float:
        return self.value - max(self.gap * abs(self.value), 1e-7 * self.case.scale)

    def ended(self) -> bool:
        self.looks += 1
        return self.looks > self.nodes


def _limits_of(network: Network) -> tuple[tuple[int, float], ...]:
    return tuple((i, row.limit) for i, row in enumerate(network.resources) if row.limit is not None)


def _criterion(
    dice: Dice, plans: dict[Plan, Floats], nothing: Floats, weights: Floats
) -> Criterion:
    name: CriterionName = "expected" if len(nothing) == 1 else dice.pick(CRITERION_NAMES)
    best = np.stack(list(plans.values())).min(axis=0)
    zero = np.zeros(len(nothing))
    reference: dict[str, Floats] = {"zero": zero, "nothing": nothing, "best": best}
    traits = CRITERIA[name]
    shift = float(nothing.max()) if traits.differs else 0.0
    return Criterion(
        name, weights / weights.sum(), reference[traits.reference], shift=shift, tail=0.4
    )


def found_whole(seed: int) -> None:
    """Assert that a tree that is left to its end finds the best plan and proves it."""
    case = Case.drawn(seed)
    goal = Goal(case, frozenset() if frozenset() in case.plans else next(iter(case.plans)))
    tree = case.tree(goal, goal.plan)
    tree.start(goal.plan)
    room = ROOM * case.scale
    assert tree.bound <= case.best + room, seed
    tree.run()
    assert tree.done
    assert tree.bound <= case.best + room, seed
    assert goal.value == pytest.approx(case.best, abs=room), seed
    assert min(tree.bound, goal.value) == pytest.approx(case.best, abs=room), seed


def test_bound_and_best_plan_meet_at_the_best_value() -> None:
    for seed in range(NUMBER):
        found_whole(seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(6))
def test_they_meet_on_many_networks(part: int) -> None:
    for seed in range(part, MANY, 6):
        found_whole(seed)


def test_the_bound_holds_whenever_it_ends_and_within_a_gap() -> None:
    for seed in range(0, NUMBER, 3):
        case = Case.drawn(seed)
        first = next(iter(case.plans))
        for goal in (Goal(case, first, nodes=seed % 7), Goal(case, first, gap=0.05)):
            tree = case.tree(goal, first)
            tree.start(first)
            tree.run()
            assert tree.bound <= case.best + ROOM * case.scale, seed
            if goal.gap:
                assert tree.bound >= goal.proving() - ROOM * case.scale, seed
                assert goal.value >= case.best - ROOM * case.scale


def test_plans_of_unknown_values_are_bounded_by_their_cuts() -> None:
    for seed in range(0, NUMBER, 3):
        case = Case.drawn(seed)
        goal = Goal(case, next(iter(case.plans)), known=False)
        tree = case.tree(goal, goal.plan, cells=1 + seed % 3)
        tree.start(goal.plan)
        tree.run()
        assert tree.bound <= case.best + ROOM * case.scale, seed


@pytest.mark.parametrize("seed", [2, 16, 35])  # one network each, and several cells of luck
def test_it_is_the_same_on_any_number_of_threads(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_cuts, "_LEAST_CELLS", 1)
    case, found = Case.drawn(seed), []
    for threads in (1, 2, 3):
        goal = Goal(case, max(case.plans, key=len))
        with threads_for_cuts(threads) as pool:
            tree = case.tree(goal, goal.plan, cells=16, pool=pool)
            assert len({id(block.held) for block in tree.separation.blocks}) > 1
            tree.start(goal.plan)
            tree.run()
        found.append((tree.bound, tree.nodes, tree.work, goal.plan))
    assert found[1:] == found[:1] * 2
    assert min(found[0][0], goal.value) == pytest.approx(case.best, abs=ROOM * case.scale)


def blocks_of(case: Case) -> Iterator[tuple[Values, LuckBlock, ActivityModel]]:
    cuts = PlanCuts(
        case.base,
        case.worlds,
        case.objective,
        case.criterion,
        least=case.least,
        nothing=case.nothing,
        scale=case.scale,
    )
    rules = rules_of(case.base, [(world.luck, world.model) for world in case.worlds])
    for scenario, world in enumerate(case.worlds):
        columns = ChosenColumns(world.luck, world.model, rules)
        block = LuckBlock(0, 1.0, cuts._held(scenario), columns)
        yield Values(world, case.objective), block, rules


def test_cuts_of_cells_are_below_every_plan_and_rise_to_the_value_of_their_own() -> None:
    for seed in range(0, NUMBER, 4):
        case = Case.drawn(seed)
        drawn = np.random.default_rng(seed)
        for values, block, rules in blocks_of(case):
            room = ROOM * max(case.scale, float(case.nothing.max()))
            plans = list(case.plans)
            plan = plans[int(drawn.integers(len(plans)))]
            choices = rules.chosen(plan).astype(float)
            coins = [coin for _, coin in block.uncertain(choices, block.cut(choices))]
            last = -np.inf
            for number in range(len(coins) + 1):  # Jensen first, and then finer and finer
                cut = block.cut(choices, coins[:number])
                assert last - room <= cut.at(choices) <= values.of(plan) + room, seed
                last = cut.at(choices)
                for other in plans:
                    assert cut.at(rules.chosen(other).astype(float)) <= values.of(other) + room
            open_coins = case.worlds[0].luck.coins_of(plan)
            whole = block.cut(choices, open_coins)
            assert whole.at(choices) == pytest.approx(values.of(plan), abs=room), seed


def test_cells_keep_their_shares_and_are_between_jensen_and_the_value() -> None:
    for seed in range(0, NUMBER, 4):
        case = Case.drawn(seed)
        for values, block, rules in blocks_of(case):
            plan = max(case.plans, key=len)
            choices = rules.chosen(plan).astype(float)
            room = ROOM * max(case.scale, float(case.nothing.max()))
            last = block.cut(choices).at(choices)
            for count in (2, 5, 16):
                cells = split_where_it_tells([block], choices, count, np.ones(1))
                assert len(cells) <= count
                assert sum(cell.share for cell in cells) == pytest.approx(1.0)
                found = sum(cell.share * cell.cut(choices).at(choices) for cell in cells)
                assert last - room <= found <= values.of(plan) + room, seed
                last = found


def test_the_values_that_bounds_are_held_against_are_those_of_the_oracle() -> None:
    for seed in range(0, NUMBER, 8):
        case = Case.drawn(seed)
        network, measures = case.networks[0], case.base.measures
        for plan in list(case.plans)[:6]:
            ids = tuple(measures[i] for i in sorted(plan))
            right = expected_value(
                network, ids, case.chances.measures, case.chances.effects, case.objective
            )
            room = ROOM * max(1.0, float(case.nothing[0]))
            assert case.plans[plan][0] == pytest.approx(right, abs=room), seed


class _Root:
    """A relaxation of one measure whose bound begins to rise late."""

    def __init__(self, late: int) -> None:
        self.bounds = [*[0.1] * late, 0.2, 0.3, *[0.4] * 200]
        self.rounds = 0

    def solve(self, *_: Floats) -> Relaxed:
        self.rounds += 1
        nothing = np.zeros(1)
        return Relaxed(self.bounds[self.rounds - 1], nothing, nothing, nothing, nothing)

    def add(self, *_: object) -> None:
        """Take cuts."""

    def purge(self) -> None:
        """Keep all."""


class _Looking:
    """A goal that is far, and cuts at every point."""

    def proving(self) -> float:
        return 1.0

    def ended(self) -> bool:
        return False

    def everywhere(self, *_: object) -> list[int]:
        return [0]

    half_way = cutting_off = everywhere


@pytest.mark.parametrize("late", [1, 30])
def test_the_root_is_not_given_up_before_its_bound_rises(late: int) -> None:
    network = many_coins(1)
    root, looking = _Root(late), _Looking()
    tree = BranchAndCut(
        activity_model(Luck(network, Chances.of(network)).network),
        PlanConstraints(np.inf),
        root,  # type: ignore[arg-type]  # what the root asks of it
        looking,  # type: ignore[arg-type]  # likewise
        looking,  # type: ignore[arg-type]  # likewise
        scale=1.0,
    )
    tree.start(frozenset())
    assert tree.bound == 0.4
    assert root.rounds < late + 20  # it is stale then
