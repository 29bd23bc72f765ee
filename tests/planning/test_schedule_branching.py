"""Money split among periods, curves of what it leaves, and branches of schedules."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.clock import Clock
from flowopt.model.build import activity_model
from flowopt.model.build_over_time import build_over_time
from flowopt.model.opened_capacity import most_open_in_each
from flowopt.network.network import Network
from flowopt.network.schema import Period, Rule
from flowopt.planning.money_split import Step, best_split
from flowopt.planning.open_years import OpenYears
from flowopt.planning.period_solver import PeriodSolver
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.relaxed_money import Line, lines_of
from flowopt.planning.run_options import RunOptions
from flowopt.planning.schedule_branch import Branch
from flowopt.planning.schedule_branching import ScheduleBranching
from flowopt.planning.schedule_problem import schedule_problem_of
from flowopt.planning.schedule_run import FoundSchedule, ScheduleRun
from flowopt.planning.solve import solve
from flowopt.planning.solve_run import FoundPlan
from flowopt.planning.spending_curve import Piece, Point, SpendingCurve
from tests.draws import draws
from tests.networks import shipped
from tests.oracles.schedules import best_schedule
from tests.strategies import networks

ZeroSum = Literal["flow", "profit"]
OPTIONS = RunOptions(gap=1e-7)
NORTH, SOUTH = "m_north", "m_south"
PLAN = FoundPlan(frozenset(), 5.0, 5.0, "optimal")


def bridges(*rules: Rule, setup: float = 0.0, cost: float = 1.0) -> Network:
    """Return the two bridges over three years, the second of which counts three times."""
    network = shipped("two-bridges")
    return network.replace(
        periods=[Period(period="y1"), Period(period="y2", weight=3.0), Period(period="y3")],
        measures=[
            replace(row, cost=cost, setup=setup)
            for row in network.measures
            if row.measure in (NORTH, SOUTH)
        ],
        effects=[row for row in network.effects if row.measure in (NORTH, SOUTH)],
        rules=list(rules),
    )


def by_periods(
    network: Network, objective: ZeroSum, budget: float, *, carry: bool
) -> FoundSchedule:
    """Return the best schedule, which no whole programme may look for."""
    built, request = build_over_time(network), PlanRequest(objective=objective)
    problem = schedule_problem_of(network, built, request, budget=budget, carry=carry)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScheduleRun, "_whole", lambda _: pytest.fail("left to the whole programme"))
        found = ScheduleRun(problem, OPTIONS, Clock()).run()
    assert found is not None
    return found


@settings(max_examples=draws(20))
@given(st.data())
def test_a_split_of_money_is_the_best_of_all(data: st.DataObject) -> None:
    amounts = st.sampled_from((0.0, 0.5, 1.0, 2.0, 3.0))
    lefts = st.sampled_from((0.0, 1.0, 2.0, 5.0, math.inf))
    steps = st.lists(st.builds(Step, amounts, lefts), min_size=1, max_size=4)
    periods = data.draw(st.lists(steps, min_size=1, max_size=3))
    most = sorted(data.draw(amounts) for _ in periods)
    right = math.inf
    for chosen in product(*periods):
        spent = [sum(step.spent for step in chosen[: t + 1]) for t in range(len(chosen))]
        if all(s <= m for s, m in zip(spent, most, strict=True)):
            right = min(right, sum(step.left for step in chosen))
    found = best_split(periods, most)
    assert (math.inf if found is None else found.left) == right
    if found is not None:
        best = [steps[k] for steps, k in zip(periods, found.steps, strict=True)]
        assert sum(step.left for step in best) == right
        assert all(sum(s.spent for s in best[: t + 1]) <= m for t, m in enumerate(most))


def test_a_bound_for_more_money_holds_for_less() -> None:
    curve = SpendingCurve([Point(4.0, 3.0), Point(1.0, 2.0)])
    assert [point.bound for point in curve.points] == [3.0, 3.0]
    curve.add(Point(2.0, 5.0, PLAN))
    assert [(p.money, p.bound) for p in curve.points] == [(1.0, 5.0), (2.0, 5.0), (4.0, 3.0)]
    assert (curve.knows(2.0), curve.knows(1.0)) == (True, False)
    curve.add(Point(2.0, math.inf))
    assert [point.bound for point in curve.points] == [5.0, math.inf, 3.0]


def test_a_curve_up_to_less_money_ends_in_the_bound_for_more() -> None:
    curve = SpendingCurve([Point(1.0, 6.0, PLAN), Point(2.0, 5.0, PLAN), Point(4.0, 3.0)])
    shorter = curve.up_to(1.5, lambda point: point.money < 1.2)
    assert shorter.points == [Point(1.0, 6.0, PLAN), Point(1.5, 5.0)]
    assert curve.up_to(9.0, lambda _: True).points[-1] == Point(9.0, 3.0)


def test_lines_and_points_make_steps_that_fall() -> None:
    dear = Point(4.0, 3.0)
    curve = SpendingCurve([Point(1.0, 6.0, PLAN), dear], [Line(2.0, 4.5, -0.5)])
    first, second = curve.pieces()
    assert first == Piece(-math.inf, 1.0, 6.0, Point(1.0, 6.0, PLAN))
    assert second == Piece(1.0, 4.0, second.bound, dear)
    assert second.bound == pytest.approx(3.5)
    curve.halve(second)
    pieces = curve.pieces()
    assert [(p.above, p.money) for p in pieces[1:]] == [(1.0, 2.5), (2.5, 4.0)]
    assert [p.bound for p in pieces[1:]] == pytest.approx([4.25, 3.5])
    curve.add(Point(2.5, 6.0, PLAN))  # no less than for 1.0
    assert [(p.above, p.money) for p in curve.pieces()] == [(-math.inf, 1.0), (2.5, 4.0)]


@settings(max_examples=draws(8))
@given(st.data())
def test_lines_lie_below_all_that_a_period_can_leave(data: st.DataObject) -> None:
    network = data.draw(networks(max_measures=4))
    objective: ZeroSum = data.draw(st.sampled_from(("flow", "profit")))
    request = PlanRequest(budget=20.0, objective=objective)
    year = problem_of(network, activity_model(network), request)
    lines = list(lines_of(year, (0.5, 2.0, 20.0), OPTIONS, Clock()))
    for budget in (0.0, 1.0, 3.0, 20.0):
        best = solve(network, budget=budget, objective=objective, gap=0.0)
        assert best.value is not None
        near = 1e-6 * max(1.0, best.baseline)
        assert all(line.slope <= 0.0 for line in lines)
        assert all(line.at(budget) <= best.value + near for line in lines)


@pytest.mark.parametrize(
    ("setup", "cost", "budget", "objective"),
    [(0, 1, 1, "flow"), (0, 0.7, 1, "profit"), (1, 1, 1.5, "profit"), (0.5, 1, 1, "flow")],
)
def test_carried_money_is_split_by_periods(
    setup: float, cost: float, budget: float, objective: ZeroSum
) -> None:
    """Both bridges have to be closed in one year, for the money of several."""
    network = bridges(setup=setup, cost=cost)
    found = by_periods(network, objective, budget, carry=True)
    right = best_schedule(network, objective, [budget] * 3, carry=True)
    assert found.status == "optimal"
    assert found.value == pytest.approx(right.value)
    assert found.bound == pytest.approx(right.value)
    assert right.value < best_schedule(network, objective, [budget] * 3).value


@pytest.mark.parametrize(
    ("setup", "carry", "objective"),
    [(0, False, "profit"), (0, True, "flow"), (1, False, "flow"), (1, True, "profit")],
)
def test_orders_of_measures_are_branched_on(setup: float, carry: bool, objective: ZeroSum) -> None:
    network = bridges(Rule(measure=SOUTH, relation="after", other=NORTH), setup=setup)
    found = by_periods(network, objective, 2.0, carry=carry)
    right = best_schedule(network, objective, [2.0] * 3, carry=carry)
    assert found.status == "optimal"
    assert found.value == pytest.approx(right.value)
    assert found.bound == pytest.approx(right.value)


@pytest.mark.parametrize("after", range(1, 7))
def test_what_branching_leaves_open_is_in_the_bound(after: int) -> None:
    network = bridges(Rule(measure=SOUTH, relation="after", other=NORTH), setup=0.5)
    problem = schedule_problem_of(
        network, build_over_time(network), PlanRequest(), budget=1.5, carry=True
    )
    years = OpenYears(problem, most_open_in_each(problem.built, ()), 0.0, [0.0] * 3)
    solver, right = PeriodSolver(OPTIONS), best_schedule(network, "flow", [1.5] * 3, carry=True)
    tree = ScheduleBranching(Branch(years), lambda asked: solver.solve(asked, Clock()))
    for _ in range(after):
        tree.step()
        assert tree.bound() <= right.value + 1e-6
        if tree.complete:
            assert tree.bound() == pytest.approx(right.value)
            return
    assert tree.bound() > 0.0 or after < 6
