"""Several traffickers behind the face of one: values, and bounds that hold."""

from __future__ import annotations

import numpy as np
import pytest

from flowopt.criteria import CRITERIA, CriterionName
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.search import Search
from flowopt.model.several_traffickers import ScenarioValues, SeveralTraffickers
from tests.model.test_scenario_programme import criterion_of, drawn
from tests.oracles.criterion import ScenarioTruth


def several(
    seed: int, name: CriterionName
) -> tuple[SeveralTraffickers, ScenarioTruth, ScenarioValues, float]:
    """Return traffickers of drawn scenarios, the truth, their values, and a budget."""
    networks, weights, budget = drawn(f"several-{seed}")
    truth = ScenarioTruth(networks, weights, budget, "flow")
    values = ScenarioValues([BestResponseSolver(activity_model(each)) for each in networks])
    scenarios = range(len(networks))
    return SeveralTraffickers(values, scenarios, criterion_of(name, truth)), truth, values, budget


@pytest.mark.parametrize("name", CRITERIA)
@pytest.mark.parametrize("seed", range(2))
def test_values_and_bounds_on_what_one_measure_more_takes(seed: int, name: CriterionName) -> None:
    traffickers, truth, values, _ = several(seed, name)
    criterion, size = criterion_of(name, truth), truth.base(name) or 1.0
    measures = values.traffickers[0].model.measures
    place = {measure: i for i, measure in enumerate(measures)}
    for plan in truth.plans[:6]:
        chosen = [place[measure] for measure in plan]
        worth = truth.criterion(name, plan) + criterion.shift
        assert traffickers.value(chosen) == pytest.approx(worth, rel=1e-6, abs=1e-6 * size)
        traffickers.remember(chosen)
        most, sure = traffickers.most_lost(), traffickers.surely_lost()
        found, losses = traffickers.value_and_losses(chosen)
        assert found == traffickers.value(chosen)
        for measure in set(range(len(measures))) - set(chosen):
            gain = worth - traffickers.value([*chosen, measure])
            room = 1e-6 * size
            assert sure[measure] - room <= gain <= min(most[measure], losses[measure]) + room


@pytest.mark.parametrize("name", CRITERIA)
def test_a_search_over_them_finds_good_plans(name: CriterionName) -> None:
    found = best = 0.0
    for seed in range(3):
        traffickers, truth, values, budget = several(seed, name)
        scale = truth.base(name) or 1.0
        search = Search(
            values.traffickers[0].model,
            traffickers,
            PlanConstraints(budget=budget),
            (),
            scale=scale,
        )
        search.run()
        search.shake()
        found += (search.value - criterion_of(name, truth).shift) / scale
        best += truth.optimum(name)[0] / scale
    assert found == pytest.approx(best, abs=1e-6)


def test_each_value_is_found_once_and_the_best_allowed_plan_is_known() -> None:
    traffickers, truth, values, _ = several(0, "worst")
    nothing = values.values(())
    assert nothing == pytest.approx(truth.nothing)
    before = traffickers.iterations
    assert (values.values(()) == nothing).all()
    assert traffickers.iterations == before
    values.note(0, [0], -1.0)
    assert values.least(0, lambda plan: True) == (frozenset({0}), -1.0)  # noqa: ARG005  # any plan
    assert values.least(0, lambda plan: not plan) == (frozenset(), nothing[0])
    assert values.least(0, lambda plan: len(plan) > 99) is None
    assert np.isfinite(nothing).all()
