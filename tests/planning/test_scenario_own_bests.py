"""Best plans of single scenarios, beside the one plan for all of them."""

from __future__ import annotations

import numpy as np
import pytest

from flowopt.clock import Clock
from flowopt.criteria import CRITERION_NAMES
from flowopt.errors import OutOfTime
from flowopt.model.feasible_plans import allowed, closure
from flowopt.model.incumbent import Plan
from flowopt.planning import own_best_runs, scenario_run
from flowopt.planning.own_bests import OwnBests
from flowopt.planning.scenario_run import ScenarioRun
from flowopt.planning.solve_run import FoundPlan, SolveRun
from tests.oracles.criterion import ScenarioTruth
from tests.planning.scenario_runs import assert_is_the_best, drawn, numbers, run_of


@pytest.mark.parametrize("many", [1, 12])
def test_own_bests_come_last_where_nothing_is_built_on_them(
    monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    for file in (scenario_run, own_best_runs):
        monkeypatch.setattr(file, "MANY", many)
    monkeypatch.setattr(scenario_run, "far_apart", lambda *_: False)
    steps: list[str] = []
    for method in (ScenarioRun._own_best, ScenarioRun._best_over):

        def noted(self, *given, of=method):  # type: ignore[no-untyped-def]  # as it is
            steps.append(of.__name__)
            return of(self, *given)

        monkeypatch.setattr(ScenarioRun, method.__name__, noted)
    networks, weights, budget = drawn(f"few-{many}", "plain")
    truth = ScenarioTruth(networks, weights, budget, "flow")
    for name in CRITERION_NAMES:
        steps.clear()
        run = run_of(networks, weights, budget, "flow", name)
        found = run.solve()
        assert_is_the_best(run, found, truth, name)
        near = 2e-6 * truth.base(name)
        assert [each.value for each in run.own] == pytest.approx(truth.best, abs=near)
        sought = "_best_over" in steps  # not where none is better than nothing
        assert steps[-1] == ("_best_over" if name == "regret" and sought else "_own_best")


def test_plans_for_single_scenarios_have_a_small_part_of_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scenario_run, "far_apart", lambda *_: False)
    networks, weights, budget = drawn("few-2", "plain")
    run = run_of(networks, weights, budget, "flow", "expected", limit=1000.0)
    limits: list[float] = []
    searched = run._searched

    def noted(place: int, clock: Clock) -> Plan:
        limits.append(clock.limit or 0.0)
        return searched(place, clock)

    monkeypatch.setattr(run, "_searched", noted)
    run.solve()
    assert len(limits) == len(networks)
    assert 0.15 * 800.0 <= len(networks) * limits[0] <= 0.15 * 1000.0
    assert max(limits) <= 0.15 * 1000.0


def test_own_bests_are_found_once_for_all_criteria(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    own_best = ScenarioRun._own_best

    def noted(self: ScenarioRun, place: int) -> FoundPlan:
        looked.append(place)
        return own_best(self, place)

    monkeypatch.setattr(ScenarioRun, "_own_best", noted)
    for seed in (0, 2):
        networks, weights, budget = drawn(f"shared-{seed}", "plain")
        truth = ScenarioTruth(networks, weights, budget, "flow")
        kept = OwnBests()
        for name in CRITERION_NAMES:
            run = run_of(networks, weights, budget, "flow", name, kept=kept)
            value, bound, _ = numbers(run, run.solve())
            best, _ = truth.optimum(name)
            assert value == pytest.approx(best, rel=1e-6, abs=2e-6 * truth.base(name))
            assert bound <= best + 2e-6 * truth.base(name)
        assert looked == list(range(len(networks)))
        looked.clear()


def poor(self: ScenarioRun, place: int) -> FoundPlan:
    """Return doing nothing as the best plan of a scenario, found in no time."""
    return FoundPlan(frozenset(), float(self.nothing[place]), 0.0, "limit")


def test_own_bests_cut_short_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    networks, weights, budget = drawn("shared-0", "plain")
    kept = OwnBests()
    with monkeypatch.context() as patch:
        patch.setattr(ScenarioRun, "_own_best", poor)
        run_of(networks, weights, budget, "flow", "expected", kept=kept).find_own_bests()
    assert not kept.found
    run_of(networks, weights, budget, "flow", "expected", kept=kept).find_own_bests()
    assert len(kept.found) == len(networks)


def test_many_scenarios_without_time_for_them_have_the_best_plan_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    networks, weights, budget = drawn("shared-0", "plain")
    run = run_of(networks, weights, budget, "flow", "worst", limit=1e4)
    looked: list[int] = []
    monkeypatch.setattr(ScenarioRun, "_own_best", lambda _, place: looked.append(place))
    monkeypatch.setattr(own_best_runs, "MANY", len(networks) - 1)
    affordable = next(
        plan
        for m in range(len(run.model.measures))
        if allowed(run.model, run.limits, plan := closure(run.model, [m]))
    )
    values = run.values.values(affordable)
    run.own = [FoundPlan(frozenset(), 1.0, 0.25, "limit") for _ in networks]
    run.clock = Clock(0.0)
    run.find_own_bests(share=1.0)
    assert not looked
    assert [each.value for each in run.own] == pytest.approx(np.minimum(values, run.nothing))
    assert {(each.bound, each.status, each.limit) for each in run.own} == {(0.25, "limit", "time")}


def test_an_own_best_without_time_is_bounded_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object) -> FoundPlan:
        raise OutOfTime("too late")

    networks, weights, budget = drawn("shared-0", "plain")
    run = run_of(networks, weights, budget, "flow", "expected")
    monkeypatch.setattr(SolveRun, "run", late)
    found = run._own_best(0)
    assert (found.plan, found.value) == (frozenset(), run.nothing[0])
    assert (found.status, found.limit, found.bound) == ("limit", "time", 0.0)


def test_no_regret_is_negative_where_own_bests_are_poor(monkeypatch: pytest.MonkeyPatch) -> None:
    networks, weights, budget = drawn("regret-1", "plain")
    truth = ScenarioTruth(networks, weights, budget, "flow")
    run = run_of(networks, weights, budget, "flow", "regret")

    monkeypatch.setattr(ScenarioRun, "_own_best", poor)
    found = run.solve()
    regrets = run.values.values(found.plan) - run.criterion.reference
    assert (regrets >= -1e-9).all()
    assert found.value - run.criterion.shift == pytest.approx(max(regrets))
    assert found.bound <= found.value
    best, _ = truth.optimum("regret")
    assert found.value - run.criterion.shift <= best + truth.base("regret")
