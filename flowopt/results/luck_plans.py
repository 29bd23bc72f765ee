"""Plans whose measures may fail side by side: for each of many budgets, or by each criterion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from flowopt.overview import Overview
from flowopt.results.column_units import Money, Objective, PerMillion, Share
from flowopt.results.document import Option, restored, state
from flowopt.results.luck_solution import LuckRow, LuckSolution
from flowopt.results.plans_side_by_side import PlansSideBySide, mean_left
from flowopt.results.rows import Rows

By = Literal["criterion", "budget"]


@dataclass(frozen=True, slots=True)
class LuckPlan:
    """One plan whose measures may fail, by the criterion that was asked for and by others.

    Attributes
    ----------
    plan : str
        The name of the plan, and of the folder that holds its result.
    budget : float or None
        Most that it may cost, M USD a year.
    status : str
        As in a `LuckSolution`.
    baseline, value : float
        The objective of doing nothing, and of the plan in the mean over what works; by the
        criterion, if one was asked for.
    low, high : float
        The interval of a value that was estimated; else equal to it.
    bound : float or None
        What no plan goes below.
    gap : float or None
        What is left to prove, as in a `LuckSolution`.
    cut : float
        How much the plan takes off in the mean, by the criterion.
    marginal : float or None
        How much more it cuts than the plan before it, per M USD that the budget is larger.
    spent : float
        What it costs, M USD a year.
    mean_left, most_left, sure_cut : float
        Of its means in the scenarios: their weighted mean, the most, and the least that it takes
        off in any. Without a criterion those of the network as it stands.
    measures : str
        Its measures in file order, joined by ``;``.
    """

    plan: str
    budget: Money | None
    status: str
    baseline: Objective
    value: Objective
    low: Objective
    high: Objective
    bound: Objective | None
    gap: Share | None
    cut: Objective
    marginal: PerMillion | None
    spent: Money
    mean_left: Objective
    most_left: Objective
    sure_cut: Objective
    measures: str


@dataclass(frozen=True, slots=True)
class LuckPlanInScenario:
    """One plan in one scenario, or on the network as it stands.

    Attributes
    ----------
    plan : str
        The name of the plan.
    scenario, name : str
        The scenario, blank where the network as it stands was asked about, and its name.
    weight : float
        Its share of the weight of all.
    baseline, value, low, high, cut : float
        As in the table of the plans.
    left_p05, left_p95 : float
        In 5 of 100 years the objective is no more than the first, in 95 no more than the second.
    all_works, all_works_value : float
        How likely it is that all that can work does, and the objective then.
    """

    plan: str
    scenario: str
    name: str
    weight: Share
    baseline: Objective
    value: Objective
    low: Objective
    high: Objective
    cut: Objective
    left_p05: Objective
    left_p95: Objective
    all_works: Share
    all_works_value: Objective


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LuckPlans(PlansSideBySide):
    """Plans whose measures may fail side by side.

    Attributes
    ----------
    network, input_sha256, objective : str
        The network's id, the hash of what its tables hold, and the objective.
    by : str
        What differs from plan to plan: ``criterion`` or ``budget``.
    solutions : tuple of LuckSolution
        The plans, each with its proofs; by budget they rise.
    options : mapping
        The options of the request.
    seconds : float
        Time that all of it took.
    interrupted : bool
        Whether the user stopped it; then the solutions are those found by then.
    left_out : tuple of str
        Plans that are not there, and why.
    beyond : tuple of float
        With all budgets at which the best plan changes: for each plan, what none goes below that
        costs less than the next one, and for the last what none at all does; else empty.
    complete : bool or None
        With them: whether no change larger than the gap is missing; else None.
    """

    network: str
    input_sha256: str
    objective: str
    solutions: tuple[LuckSolution, ...]
    by: By = "budget"
    options: Mapping[str, Option] = field(default_factory=dict)
    seconds: float = 0.0
    interrupted: bool = False
    left_out: tuple[str, ...] = ()
    beyond: tuple[float, ...] = ()
    complete: bool | None = None

    __getstate__ = state
    __setstate__ = restored

    def named(self) -> Iterator[tuple[str, LuckSolution]]:
        """Yield the plans with their names."""
        for each in self.solutions:
            by_budget = "" if each.budget is None else f"budget-{each.budget:.10g}"
            yield (by_budget if self.by == "budget" else each.criterion or ""), each

    @property
    def plans(self) -> Rows[LuckPlan]:
        """A row for each plan."""
        marginal = [None, *(_marginal(a, b) for a, b in pairwise(self.solutions))]
        rows = (
            _plan_row(name, each, more)
            for (name, each), more in zip(self.named(), marginal, strict=True)
        )
        return Rows(LuckPlan, rows, self._about)

    @property
    def scenarios(self) -> Rows[LuckPlanInScenario]:
        """A row for each plan in each scenario."""
        return self._in_scenarios(LuckPlanInScenario)

    def _overview(self) -> Overview:
        return self._shown(self.by, " in the mean over what works")

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        first = self.solutions[0]
        of = {} if first.of is None else {"of": first.of}
        criterion = first.criterion if self.by == "budget" else None
        steps: dict[str, Any] = {}
        if self.complete is not None:
            steps = {"complete": self.complete, "beyond": list(self.beyond)}
        return self._summary(**of, by=self.by, criterion=criterion, **steps)


def _marginal(smaller: LuckSolution, larger: LuckSolution) -> float | None:
    """Return what each M USD more cuts; None where the budgets are one."""
    more = (larger.budget or 0.0) - (smaller.budget or 0.0)
    return (smaller.value - larger.value) / more if more > 0.0 else None


def _plan_row(name: str, found: LuckSolution, marginal: float | None) -> LuckPlan:
    rows: tuple[LuckRow, ...] = tuple(found.scenarios)
    return LuckPlan(
        plan=name,
        budget=found.budget,
        status=found.status,
        baseline=found.baseline,
        value=found.value,
        low=found.low,
        high=found.high,
        bound=found.bound,
        gap=found.gap,
        cut=found.cut,
        marginal=marginal,
        spent=found.spent,
        mean_left=mean_left(rows),
        most_left=max(row.value for row in rows),
        sure_cut=min(row.cut for row in rows),
        measures=";".join(found.measures),
    )
