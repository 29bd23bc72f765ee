"""One programme for several scenarios, held against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from flowopt.criteria import CRITERIA, CriterionName
from flowopt.model.build import activity_model
from flowopt.model.criterion import Criterion
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.scenario_programme import ScenarioProgramme
from flowopt.model.solver import SolverOptions, solve_milp
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.drawn.dice import Dice
from tests.drawn.scenarios import drawn_scenarios
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.oracles.criterion import ScenarioTruth

EXACT = SolverOptions(gap=0.0)


def drawn(seed: str, shape: str = "plain") -> tuple[list[Network], list[float], float]:
    """Return scenarios, their weights, and a budget."""
    dice = Dice.seeded(seed)
    network = valid_network(dice, SHAPES[shape])
    networks, weights = drawn_scenarios(dice, network, 2 + dice.upto(2))
    costs = [row.cost for row in network.measures]
    return networks, weights, sum(costs) * dice.pick((0.5, 0.3, 0.75))


def criterion_of(name: CriterionName, truth: ScenarioTruth) -> Criterion:
    """Return the criterion, moved away from 0 as a solve does."""
    reference = {"zero": [0.0] * len(truth.nothing), "nothing": truth.nothing, "best": truth.best}
    traits = CRITERIA[name]
    shift = max(truth.nothing) if traits.differs else 0.0
    return Criterion(
        name, np.array(truth.shares), np.array(reference[traits.reference]), shift=shift
    )


@pytest.mark.parametrize("name", CRITERIA)
@pytest.mark.parametrize("seed", range(8))
def test_its_optimum_is_the_least_criterion_with_tightened_prices_too(
    seed: int, name: CriterionName
) -> None:
    networks, weights, budget = drawn(f"programme-{seed}")
    objective: Objective = ("flow", "profit")[seed % 2]
    truth = ScenarioTruth(networks, weights, budget, objective)
    scale = truth.base(name) or 1.0
    programme = ScenarioProgramme(
        [activity_model(network) for network in networks],
        objective,
        criterion := criterion_of(name, truth),
        least=np.array(truth.best),
        nothing=np.array(truth.nothing),
    )
    limits = PlanConstraints(budget=budget)
    best, _ = truth.optimum(name)
    for _ in range(2):
        built = programme.build(limits, scale)
        found = solve_milp(built.milp, EXACT)
        assert found.objective is not None
        value = found.objective * built.scale - criterion.shift
        assert value == pytest.approx(best, rel=1e-6, abs=1e-6 * scale)
        programme.tighten(limits, best + criterion.shift, scale, None)


def test_rows_and_columns_have_names_of_their_own() -> None:
    networks, weights, budget = drawn("programme-0")
    truth = ScenarioTruth(networks, weights, budget, "flow")
    for name in CRITERIA:
        programme = ScenarioProgramme(
            [activity_model(network) for network in networks],
            "flow",
            criterion_of(name, truth),  # type: ignore[arg-type]  # of the table
            least=np.array(truth.best),
            nothing=np.array(truth.nothing),
        )
        milp = programme.build(PlanConstraints(budget=budget), 1.0).milp
        assert len(set(milp.names)) == len(milp.names)
        assert len(set(milp.row_names)) == len(milp.row_names)
