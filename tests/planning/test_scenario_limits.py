"""Time that is over in the middle of a plan for several scenarios: what was found is not lost."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flowopt.criteria import CriterionName
from flowopt.errors import OutOfTime
from flowopt.model.incumbent import Incumbent
from flowopt.model.lp_solver import LpSolver
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning import own_best_runs
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.planning.solve_run import FIRST_LOOK
from flowopt.results.scenario_solution import ScenarioSolution
from tests.drawn.dice import Dice
from tests.drawn.scenarios import with_scenarios
from tests.networks import shipped

# So many programmes, two a scenario, take the responses without measures, and to what is included.
FIRST_PLANS = 12


class _Late:
    """A solver whose time is over after some programmes, where it has a limit at all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.solved, self.most = 0, 10**9
        whole = LpSolver.solved

        def solved(solver: LpSolver) -> bool:
            self.solved += 1
            if self.solved > self.most and solver.deadline is not None:
                raise solver.late()
            return whole(solver)

        monkeypatch.setattr(LpSolver, "solved", solved)

    def solve(
        self, network: Network, criterion: CriterionName, most: int, options: dict[str, Any]
    ) -> ScenarioSolution:
        """Return the answer when time is over after so many programmes."""
        self.solved, self.most = 0, most
        return solve(network, criterion=criterion, time_limit=1e4, **options)


def places(count: int, *, more: bool) -> set[int]:
    """Return after how many programmes of so many time is over, or at which others it may be."""
    if more:
        return {FIRST_PLANS + 2, count // 3, 2 * count // 3}
    return {FIRST_PLANS, count // 2, count - 1}


@pytest.mark.parametrize("more", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("criterion", "options"),
    [
        ("expected", {"budget": 3}),
        ("regret", {"budget": 3}),
        pytest.param("cut", {"budget": 3, "include": ["m_strip"]}, marks=pytest.mark.slow),
        ("worst", {"target": 6.0}),
    ],
)
def test_a_plan_is_there_whenever_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch, criterion: CriterionName, options: dict[str, Any], more: bool
) -> None:
    network = with_scenarios(Dice.seeded("5"), shipped("tiny"), 3)
    late = _Late(monkeypatch)
    whole = late.solve(network, criterion, 10**9, options)
    assert whole.status == "optimal"
    assert whole.value is not None
    count = late.solved
    aimed = "target" in options  # before a plan that reaches it, there is none
    for most in places(count, more=more):
        early = late.solve(network, criterion, most, options)
        assert early.status in {"optimal", "limit", *(["no_solution"] if aimed else [])}
        if aimed or criterion == "regret":  # which is told from the best plans known by then
            continue
        assert early.value is not None
        sign = -1.0 if criterion == "cut" else 1.0
        assert sign * early.value >= sign * whole.value - 1e-6


@pytest.mark.parametrize("seconds", [30.0, 0.5])
def test_too_little_time_for_a_plan_in_many_scenarios_ends_in_words(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """Not late: what the trafficker does without measures tells how long that takes."""
    network = with_scenarios(Dice.seeded("5"), shipped("tiny"), 4)
    monkeypatch.setattr(own_best_runs, "MANY", 1)
    monkeypatch.setattr(own_best_runs, "_TRIED", 2)
    monkeypatch.setattr(own_best_runs, "_SURELY", 1e9)
    words = "does in 2 of 4 scenarios without measures .* a plan in each of them"
    with pytest.raises(OutOfTime, match=words) as found:
        solve(network, budget=2.0, criterion="worst", time_limit=seconds)
    met = re.search(
        r"--measures (\S+), for (\S+) M USD: over all 4 scenarios it leaves "
        r"at most (\S+), in '(\w+)'",
        str(found.value),
    )
    if seconds < 1.0:  # no time to look for a plan
        assert met is None
        return
    assert met is not None
    plan = met[1].split(",")
    values = {
        row.scenario: respond(network.scenario(row.scenario), plan).value
        for row in network.scenarios
    }
    assert float(met[3]) == pytest.approx(max(values.values()), abs=0.01)
    assert values[met[4]] == pytest.approx(max(values.values()))
    costs = {row.measure: row.cost for row in network.measures}
    assert float(met[2]) == pytest.approx(sum(costs[each] for each in plan))
    assert float(met[2]) <= 2.0


@pytest.fixture
def least(monkeypatch: pytest.MonkeyPatch) -> dict[Any, float]:
    """The most work that a search may do after its limit, for each trafficker."""
    found: dict[Any, float] = {}
    whole = Incumbent.__init__

    def begun(search: Incumbent, model: Any, trafficker: Any, *given: Any, **more: Any) -> None:
        found[trafficker] = max(more["least"], found.get(trafficker, 0.0))
        whole(search, model, trafficker, *given, **more)

    monkeypatch.setattr(Incumbent, "__init__", begun)
    return found


@pytest.mark.parametrize(
    ("name", "budget", "objective", "searches", "looks"),
    [
        ("tiny", 3.0, "flow", 4, (0.5, 1.0)),
        ("tiny", 3.0, "bilevel", 7, (0.5, 1.0)),
        ("two-bridges-luck", 4.0, "flow", 4, (1.0, 2.0)),
        ("two-bridges-luck", 4.0, "bilevel", 11, (1.0, 2.0)),
    ],
)
def test_all_searches_together_have_the_least_work_of_one_and_under_luck_of_two(
    least: dict[Any, float],
    name: str,
    budget: float,
    objective: Objective,
    searches: int,
    looks: tuple[float, float],  # between which, in first looks, all their least work lies
) -> None:
    """However short the limit, a search does some work: several of them may not add it up.

    Under luck two do: when all works, and in the mean. What is found late in single outcomes
    proves nothing.
    """
    network = with_scenarios(Dice.seeded("5"), shipped(name), 3)
    solve(network, budget=budget, criterion="expected", objective=objective, time_limit=1e-3)
    assert len(least) == searches
    more_than, most = (each * FIRST_LOOK for each in looks)
    assert more_than < sum(least.values()) <= most + 1e-6
