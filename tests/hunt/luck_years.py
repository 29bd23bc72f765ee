"""`python -m tests.hunt.luck_years`: the best schedule under luck against every schedule.

Networks over time (`tests.hunt.periods`) whose measures, and some rows of whose effects, may fail,
each asked for the best schedules under one objective, with and without carrying money, and for the
cheapest that reaches a target. The truth tries every schedule in every fall of every coin; the
folder of each answer must pass `verify`. Under `bilevel` each outcome is the program's own, and
there is no target.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from flowopt.clock import Clock
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.lucky_schedules import LuckySchedules
from flowopt.planning.schedules import named_schedule
from flowopt.planning.solve_over_time import solve_over_time
from flowopt.planning.verify import verify
from flowopt.results.schedules_under_luck import LuckScheduleSolution
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.hunt.counted import hunted
from tests.hunt.periods import ASKED, BUDGETS, EQUAL, GAP, drawn
from tests.oracles.luck import expected_over_time
from tests.oracles.schedules import Places, feasible


def faults_of(seed: int, number: int) -> list[str]:
    """Return what is wrong with the answer about a network."""
    network, dice = drawn(seed, number)
    network = with_chances(dice, network)
    budget, carry = dice.pick(BUDGETS), dice.chance(30)
    aim = ASKED[number % len(ASKED)]
    if not may_fail(network):
        return []
    money = [budget] * len(network.periods)
    spent = dict(feasible(network, money, carry=carry))
    truth = Truth(network, aim)
    means = {plan: truth.mean(sorted(plan)) for plan in spent}
    asked = f"{aim} budget {budget!r}{' carry' if carry else ''}"
    try:
        found = solve_over_time(
            network,
            budget=budget,
            carry=carry,
            objective=aim,
            gap=GAP,
            threads=1,
            alternatives=1 + number % 2,
        )
    except Exception as error:  # whatever the program raises is a finding
        return [f"{asked}: {type(error).__name__}: {error}"]
    if not isinstance(found, LuckScheduleSolution):
        return [f"{asked}: {found!r}"]
    near = EQUAL * max(1.0, abs(means[frozenset()]))
    near *= 10.0 if aim == "bilevel" else 1.0  # ties between equally profitable flows
    faults = [*_faults(found, means, near), *_of_tables(found, truth, near)]
    faults += _of_folder(found)
    faults += _of_alternatives(found, means, near)
    if aim == "bilevel":
        return [f"{asked}: {fault}" for fault in faults]
    target = _target(dice, sorted(set(means.values())), near)
    faults += _of_target(network, budget, means, spent, target, objective=aim, carry=carry)
    return [f"{asked}: {fault}" for fault in faults]


def _of_alternatives(
    found: LuckScheduleSolution, means: dict[Places, float], near: float
) -> Iterator[str]:
    """Yield what is wrong with the best schedules, none of which holds an earlier one."""
    earlier: list[Places] = []
    for row in found.alternatives:
        words = [each.rsplit("@", 1) for each in row.measures.split(";") if each]
        plan = frozenset((measure, period) for measure, period in words)
        left = [m for p, m in means.items() if not any(one <= p for one in earlier)]
        asked, least = f"alternative {row.rank}", min(left, default=math.inf)
        if plan not in means or any(one <= plan for one in earlier):
            yield f"{asked}: {sorted(plan)} is none that is left"
            continue
        if abs(row.value - means[plan]) > near:
            yield f"{asked}: value {row.value!r}, right {means[plan]!r}"
        if row.rank_bound > least + near or (row.status == "optimal" and row.value > least + near):
            yield f"{asked}: value {row.value!r}, bound {row.rank_bound!r}, right {least!r}"
        earlier.append(plan)


def _target(dice: Dice, means: list[float], near: float) -> float:
    """Return a target between two means that are told apart, or below all."""
    ends = [(low, high) for low, high in pairwise(means) if high - low > 10.0 * near]
    low, high = dice.pick([*ends, (0.0, max(0.0, means[0]))])
    return 0.5 * (low + high)


def _of_target(
    network: Network,
    budget: float,
    means: dict[Places, float],
    spent: dict[Places, float],
    target: float,
    *,
    objective: Literal["flow", "profit"],
    carry: bool,
) -> Iterator[str]:
    """Yield what is wrong with the cheapest schedule for a target."""
    costs = [spent[plan] for plan, mean in means.items() if mean <= target]
    found = solve_over_time(
        network, target=target, budget=budget, carry=carry, objective=objective, gap=GAP, threads=1
    )
    asked = f"target {target!r}"
    if not costs or found.spent is None:
        if costs or found.status != "infeasible":
            yield f"{asked}: {found.status}, cheapest {min(costs, default=None)!r}"
        return
    plan = frozenset(tuple(each.rsplit("@", 1)) for each in found.measures)
    if means.get(plan, math.inf) > target:  # type: ignore[arg-type]  # pairs
        yield f"{asked}: {sorted(plan)} does not reach it"
    if found.spent < min(costs) - EQUAL or (found.cost_bound or 0.0) > min(costs) + EQUAL:
        yield f"{asked}: spent {found.spent!r}, bound {found.cost_bound!r}, right {min(costs)!r}"
    if found.status == "optimal" and found.spent > min(costs) + EQUAL:
        yield f"{asked}: spent {found.spent!r} said to be least, right {min(costs)!r}"
    if isinstance(found, LuckScheduleSolution):
        yield from (f"{asked}: {fault}" for fault in _of_folder(found))


def _of_folder(found: LuckScheduleSolution) -> Iterator[str]:
    """Yield what `verify` finds wrong with the folder of a schedule."""
    with TemporaryDirectory(prefix="luck-years-") as scratch:
        found.write(Path(scratch) / "out")
        for check in verify(Path(scratch) / "out").checks:
            if not check.passed:
                yield f"verify: {check.name}: {check.faults}"


class Truth:
    """Means of schedules over every fall of every coin.

    Under ``bilevel`` each outcome is the program's own, as there is no independent programme.
    """

    def __init__(self, network: Network, objective: Objective) -> None:
        self.network, self.objective = network, objective
        self._own = LuckySchedules(network, objective, "pessimistic", Clock())

    def mean(self, plan: list[tuple[str, str]], *, openings: bool = True) -> float:
        """Return the mean of the measures in force."""
        if self.objective != "bilevel":
            return expected_over_time(self.network, plan, self.objective, openings=openings)
        words = [f"{measure}@{period}" for measure, period in plan]
        in_force = self._own.plan(named_schedule(self.network, "", words))
        values = self._own.values if openings else self._own.closed
        return values.expected(in_force).mean


def _of_tables(found: LuckScheduleSolution, truth: Truth, near: float) -> Iterator[str]:
    """Yield what is wrong with means by period, and with what measures are worth."""
    network, aim = truth.network, truth.objective
    plan = {(row.measure, row.period) for row in found.schedule if row.in_force}
    closed = truth.mean(sorted(plan), openings=False)
    if abs((found.value_without_openings or 0.0) - closed) > near:
        yield f"if nothing opened {found.value_without_openings!r}, right {closed!r}"
    years = [(row.years * row.tonne_weight, row.value_mean) for row in found.periods]
    if aim == "flow" and all(mean is not None for _, mean in years):
        total = sum(rate * (mean or 0.0) for rate, mean in years)
        if abs(total - (found.value or 0.0)) > near:
            yield f"the means of periods come to {total!r}, not {found.value!r}"
    for row in found.schedule if not network.rules else ():
        if row.lost_if_dropped is None:
            continue
        left = sorted(plan - {(row.measure, row.period)})
        lost = truth.mean(left) - (found.value or 0.0)
        lost = lost if aim == "bilevel" else max(0.0, lost)
        if abs(row.lost_if_dropped - lost) > near:
            yield f"{row.measure}@{row.period} is worth {row.lost_if_dropped!r}, right {lost!r}"


def _faults(
    found: LuckScheduleSolution, means: dict[frozenset[tuple[str, str]], float], near: float
) -> Iterator[str]:
    """Yield what is wrong with the best schedule, its mean and its bound."""
    plan = frozenset(tuple(each.rsplit("@", 1)) for each in found.measures)
    if plan not in means or found.value is None or found.bound is None:
        yield f"the schedule {sorted(plan)} breaks a condition"
        return
    least = min(means.values())
    if abs(found.value - means[plan]) > near:  # type: ignore[index]  # pairs
        yield f"value {found.value!r} of {sorted(plan)}, right {means[plan]!r}"  # type: ignore[index]  # pairs
    if found.bound > least + near:
        yield f"bound {found.bound!r} above the best, {least!r}"
    if found.status == "optimal" and found.value > least + near:
        yield f"value {found.value!r} said to be best, right {least!r}"


def looked_at(seed: int, numbers: range) -> Iterator[tuple[str, list[str]]]:
    for number in numbers:
        yield f"{seed}-{number}", faults_of(seed, number)


def main(words: list[str] | None = None) -> int:
    return hunted("tests.hunt.luck_years", __doc__, looked_at, words)


if __name__ == "__main__":
    sys.exit(main())
