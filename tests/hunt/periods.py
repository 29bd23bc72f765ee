"""`python -m tests.hunt.periods`: the best schedule held against every schedule, at random.

Networks of every shape over two or three periods, with openings, trends, purchases, leads, windows
and orders of measures, and two bridges where all has to be bought and money is short for what pays;
each is asked under one objective, with and without carrying money. What a schedule may be is read
off the tables, and its value is that of an independent programme in which openings are plain
variables; under `bilevel` it is the trafficker's own. Beside that: a trafficker who opens nothing,
or foresees nothing, brings no more; and a period cut in two is worth the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace

from flowopt.clock import Clock
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import build_over_time
from flowopt.network.network import Network
from flowopt.network.schema import Period
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.myopic import myopic
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_problem import schedule_problem_of
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.schedules import named_schedule
from tests.drawn.dice import Dice
from tests.drawn.periods import over_time, rivals
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.hunt.counted import hunted
from tests.networks import shipped
from tests.oracles.over_time import value_over_time
from tests.oracles.schedules import Places, feasible

MOST = 2  # measures: 64 schedules over three periods
RIVALS = 40  # percent of networks in which all measures have to be bought, and pay
BUDGETS = (0.0, 1.0, 2.0, 3.0, 4.0, 8.0)
GAP, EQUAL = 1e-7, 1e-6
ASKED: tuple[Objective, ...] = ("flow", "profit", "bilevel")


def drawn(seed: int, number: int) -> tuple[Network, Dice]:
    """Return a network over time, and the dice with which questions are drawn."""
    dice = Dice.seeded(f"periods-{seed}-{number}")
    if dice.chance(RIVALS):
        return rivals(_part_of(_bridges(dice)), dice), dice
    network = valid_network(dice, list(SHAPES.values())[number % len(SHAPES)])
    return over_time(_part_of(network), dice), dice


def _bridges(dice: Dice) -> Network:
    """Return the two bridges beside another ford, of which closing both pays most."""
    network = shipped("two-bridges")
    ford = dice.pick((2.0, 1.0, 0.5, 3.0))
    return network.replace(
        arcs=[replace(row, capacity=ford) if row.arc == "ford" else row for row in network.arcs]
    )


def _part_of(network: Network) -> Network:
    """Return a network with few enough measures to try all schedules."""
    kept = {row.measure for row in network.measures[:MOST]}
    return network.replace(
        measures=network.measures[:MOST],
        effects=[row for row in network.effects if row.measure in kept],
        uses=[row for row in network.uses if row.measure in kept],
        rules=[row for row in network.rules if {row.measure, row.other} <= kept],
        reforms=[],
    )


def best(network: Network, budget: float, objective: Objective, *, carry: bool) -> FoundSchedule:
    """Return the best schedule."""
    problem = schedule_problem_of(
        network,
        build_over_time(network),
        PlanRequest(objective=objective),
        budget=budget,
        carry=carry,
    )
    found = ScheduleRun(problem, RunOptions(gap=GAP, threads=1), Clock()).run()
    assert found is not None
    return found


class Schedules:
    """Every schedule of a network within a budget, with its least money and its value."""

    def __init__(self, network: Network, budget: float, objective: Objective, carry: bool) -> None:
        self.network, self.objective = network, objective
        self.built = build_over_time(network)
        self.trafficker = BestResponseSolver(self.built.model, objective)
        money = [budget] * len(network.periods)
        self.spent = dict(feasible(network, money, carry=carry))
        self.values = {plan: self._value(plan) for plan in self.spent}

    def _value(self, plan: Places) -> float:
        if self.objective == "bilevel":
            index = self.built.timeline.index
            return self.trafficker.value([self.built.in_force[m, index[p]] for m, p in plan])
        return value_over_time(self.network, plan, self.objective)

    def faults(self, found: FoundSchedule) -> Iterator[str]:
        """Yield what is wrong with an answer."""
        least, before = min(self.values.values()), self.values[frozenset()]
        near = EQUAL * max(1.0, abs(before))
        if self.objective == "bilevel":  # ties between equally profitable flows
            near *= 10.0
        model, places = self.built.model, list(self.built.in_force.items())
        names = self.network.periods
        plan = frozenset((m, names[t].period) for (m, t), i in places if i in found.plan)
        if plan not in self.values:
            yield f"the schedule {sorted(plan)} breaks a condition"
            return
        if abs(found.value - self.values[plan]) > near:
            yield f"value {found.value!r} of {sorted(plan)}, right {self.values[plan]!r}"
        if found.value > least + near and found.status == "optimal":
            yield f"value {found.value!r} said to be best, right {least!r}"
        if found.bound > least + near:
            yield f"bound {found.bound!r} above the best, {least!r}"
        if OBJECTIVES[self.objective].programme == "zero-sum" and found.status != "optimal":
            yield f"no proof: {found.value!r}, bound {found.bound!r}"
        spent = float(model.measure_cost[sorted(found.plan)].sum())
        if spent < self.spent[plan] - EQUAL:
            yield f"spent {spent!r} on {sorted(plan)}, which takes {self.spent[plan]!r}"

    def faults_of_foresight(self, plan: Places) -> Iterator[str]:
        """Yield orders of three traffickers that do not hold."""
        if self.objective == "bilevel":
            return
        words = [f"{m}@{p}" for m, p in sorted(plan)]
        schedule = named_schedule(self.network, "drawn", words)
        acts = [self.built.in_force[each] for each in schedule.in_force]
        most = self.values[plan]
        closed = BestResponseSolver(self.built.closed().model, self.objective).value(acts)
        simulated = myopic(self.built, schedule, self.objective).value
        near = EQUAL * max(1.0, abs(most))
        if closed > most + near:
            yield f"{words}: {closed!r} with nothing opened, {most!r} with all foreseen"
        if simulated > most + near:
            yield f"{words}: {simulated!r} without foresight, {most!r} with it"
        if self.objective == "flow" and closed > simulated + near:
            yield f"{words}: {closed!r} with nothing opened, {simulated!r} without foresight"


def timeless_over(network: Network, periods: list[Period]) -> Network:
    """Return the network with other periods, in which nothing opens, moves or is bought."""
    rows = [
        replace(row, setup=0.0, lead=0.0, lasts=None, from_="", until="")
        for row in network.measures
    ]
    return network.replace(
        info=replace(network.info, discount=0.0),
        periods=periods,
        openings=[],
        trends=[],
        measures=rows,
        rules=[rule for rule in network.rules if rule.relation != "after"],
    )


def faults_of(seed: int, number: int) -> list[str]:
    """Return what is wrong with the answers about a network."""
    network, dice = drawn(seed, number)
    objective = ASKED[number // len(SHAPES) % len(ASKED)]
    budget, carry = dice.pick(BUDGETS), dice.chance(30)
    asked = f"{objective} budget {budget!r}{' carry' if carry else ''}"
    try:
        every = Schedules(network, budget, objective, carry)
        found = list(every.faults(best(network, budget, objective, carry=carry)))
        found += every.faults_of_foresight(dice.pick(sorted(every.values, key=sorted)))
        whole = timeless_over(network, [Period(period="both", years=2.0)])
        halves = timeless_over(network, [Period(period="first"), Period(period="second")])
        one, two = (best(each, budget, objective, carry=False) for each in (whole, halves))
        near = 10.0 * EQUAL * max(1.0, abs(one.value))
        if abs(one.value - two.value) > near and {one.status, two.status} == {"optimal"}:
            found.append(f"two years are worth {one.value!r}, twice one {two.value!r}")
    except Exception as error:  # whatever the program raises is a finding
        found = [f"{type(error).__name__}: {error}"]
    return [f"{asked}: {fault}" for fault in found]


def looked_at(seed: int, numbers: range) -> Iterator[tuple[str, list[str]]]:
    for number in numbers:
        yield f"{seed}-{number}", faults_of(seed, number)


def main(words: list[str] | None = None) -> int:
    return hunted("tests.hunt.periods", __doc__, looked_at, words)


if __name__ == "__main__":
    sys.exit(main())
