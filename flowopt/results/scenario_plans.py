"""Plans for several scenarios side by side: by each criterion, or for each of many budgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flowopt.criteria import CriterionName
from flowopt.overview import Overview
from flowopt.results.column_units import Money, Objective, Share
from flowopt.results.document import Option, restored, state
from flowopt.results.plans_side_by_side import PlansSideBySide, mean_left
from flowopt.results.rows import Rows
from flowopt.results.scenario_solution import ScenarioSolution

By = Literal["criterion", "budget"]


@dataclass(frozen=True, slots=True)
class ScenarioPlan:
    """One plan, by its own criterion and by all others.

    Attributes
    ----------
    plan : str
        The name of the plan, and of the folder that holds its result.
    criterion : str
        The criterion that it was made or valued by.
    budget : float or None
        Most that it may cost, M USD a year; None when no budget was given.
    status : str
        As in a `ScenarioSolution`.
    baseline, value, bound : float or None
        The criterion of doing nothing, of the plan, and what no plan goes below.
    gap : float or None
        What is left to prove, as in a `ScenarioSolution`.
    spent : float or None
        What it costs, M USD a year.
    mean_left, most_left : float or None
        The objective in the weighted mean of the scenarios, and in the worst of them.
    sure_cut : float or None
        The least that it takes off in any scenario.
    most_regret : float or None
        The most that it leaves above the best plan for a scenario alone.
    measures : str
        Its measures in file order, joined by ``;``.
    """

    plan: str
    criterion: str
    budget: Money | None
    status: str
    baseline: Objective | None
    value: Objective | None
    bound: Objective | None
    gap: Share | None
    spent: Money | None
    mean_left: Objective | None
    most_left: Objective | None
    sure_cut: Objective | None
    most_regret: Objective | None
    measures: str


@dataclass(frozen=True, slots=True)
class PlanInScenario:
    """One plan in one scenario.

    Attributes
    ----------
    plan, scenario : str
        The name of the plan, and the id of the scenario.
    weight : float
        The scenario's share of the weight of all.
    baseline, value : float
        The objective without measures, and under the plan.
    cut : float
        How much the plan takes off it.
    own_best, own_bound : float
        The value of the best plan known for this scenario alone and the same money, and what no
        plan goes below.
    regret : float
        How much more the plan leaves than that best plan.
    """

    plan: str
    scenario: str
    weight: Share
    baseline: Objective
    value: Objective
    cut: Objective
    own_best: Objective
    own_bound: Objective
    regret: Objective


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ScenarioPlans(PlansSideBySide):
    """Plans for several scenarios side by side.

    Attributes
    ----------
    network, input_sha256, objective : str
        The network's id, the hash of what its tables hold, and the objective.
    by : str
        What differs from plan to plan: ``criterion`` or ``budget``.
    solutions : tuple of ScenarioSolution
        The plans, each with its proofs; by budget they rise.
    options : mapping
        The options of the request.
    seconds : float
        Time that all of it took.
    interrupted : bool
        Whether the user stopped it; then the solutions are those found by then.
    left_out : tuple of str
        Plans that are not there, and why.
    """

    network: str
    input_sha256: str
    objective: str
    by: By
    solutions: tuple[ScenarioSolution, ...]
    options: Mapping[str, Option] = field(default_factory=dict)
    seconds: float = 0.0
    interrupted: bool = False
    left_out: tuple[str, ...] = ()

    __getstate__ = state
    __setstate__ = restored

    @property
    def criteria(self) -> tuple[CriterionName, ...]:
        """The criteria, each once."""
        return tuple(dict.fromkeys(each.criterion for each in self.solutions))

    def named(self) -> Iterator[tuple[str, ScenarioSolution]]:
        """Yield the plans with their names."""
        for each in self.solutions:
            budget = "" if each.budget is None else f"{each.budget:.10g}"
            yield (each.criterion if self.by == "criterion" else f"budget-{budget}"), each

    @property
    def plans(self) -> Rows[ScenarioPlan]:
        """A row for each plan."""
        rows = (_plan_row(name, each) for name, each in self.named())
        return Rows(ScenarioPlan, rows, self._about)

    @property
    def scenarios(self) -> Rows[PlanInScenario]:
        """A row for each plan in each scenario."""
        return self._in_scenarios(PlanInScenario)

    def _overview(self) -> Overview:
        return self._shown(self.by, f", {', '.join(self.criteria)} of the scenarios")

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        return self._summary(by=self.by, criteria=list(self.criteria))


def _plan_row(name: str, found: ScenarioSolution) -> ScenarioPlan:
    rows = found.scenarios
    return ScenarioPlan(
        plan=name,
        criterion=found.criterion,
        budget=found.budget,
        status=found.status,
        baseline=found.baseline,
        value=found.value,
        bound=found.bound,
        gap=found.gap,
        spent=found.spent,
        mean_left=mean_left(rows) if rows else None,
        most_left=max((row.value for row in rows), default=None),
        sure_cut=min((row.cut for row in rows), default=None),
        most_regret=max((row.regret for row in rows), default=None),
        measures=";".join(found.measures),
    )
