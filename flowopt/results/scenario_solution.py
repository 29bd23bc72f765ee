"""One plan for several scenarios, and its effect in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowopt.clock import LimitReason
from flowopt.criteria import CriterionName
from flowopt.overview import Overview, amount, enumerated, first_line, sizes
from flowopt.plain_text import name_and_id
from flowopt.result_names import EACH
from flowopt.results.column_units import Objective, Share
from flowopt.results.criterion_result import CriterionResult
from flowopt.results.document import Option, restored, state
from flowopt.results.evaluation import Evaluation
from flowopt.results.folder_result import PageResult
from flowopt.results.numbers import rounded
from flowopt.results.plan_result import Seconds, SolverRun
from flowopt.results.proof import Proof
from flowopt.results.rows import PlanRow, Rows
from flowopt.results.stacked import StackedTable, stacked

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """One scenario, and what the plan does in it.

    Attributes
    ----------
    scenario, name : str
        Its id and its name.
    weight : float
        Its share of the weight of all.
    baseline, value : float
        The objective without measures, and under the plan.
    low, high : float
        Interval of a value that was sampled, else equal to it.
    cut, cut_share : float or None
        How much the plan takes off it, and as a share of the baseline, None where there is none.
    own_best, own_bound : float
        The value of the best plan known for this scenario alone, and what no plan goes below.
    regret : float
        How much more the plan leaves than that best plan.
    own_measures : str
        Ids of that best plan's measures in file order, joined by ``;``.
    """

    scenario: str
    name: str
    weight: Share
    baseline: Objective
    value: Objective
    low: Objective
    high: Objective
    cut: Objective
    cut_share: Share | None
    own_best: Objective
    own_bound: Objective
    regret: Objective
    own_measures: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ScenarioSolution(CriterionResult, PageResult):
    """One plan for several scenarios: the best by a criterion, or one made by hand.

    Attributes
    ----------
    network, input_sha256, objective : str
        The network's id, the hash of what its tables hold, and the objective.
    criterion : str
        ``expected``, ``worst``, ``cut``, ``regret`` or ``cvar``.
    tail : float or None
        Share of the weight that ``cvar`` looks at; None for the others.
    budget : float or None
        Most that a plan may cost, M USD a year; None when none was given.
    target, cost_bound : float or None
        What the criterion had to be brought to, or what the sure cut had to reach; and what no
        plan that does it can cost less than.
    resources : mapping
        The limits on plans, by resource.
    status : str
        ``optimal`` (proved within the gap), ``limit`` (stopped before that, or without a proof),
        ``evaluated`` (made by hand), ``infeasible`` (no plan keeps the conditions, the target
        among them), ``no_solution`` (none was found that reaches the target).
    baseline, value, bound : float or None
        The criterion of doing nothing, of the plan, and what no plan goes below. None where there
        is no plan, the bound also where it was made by hand or a target was given.
    spent : float or None
        What the plan costs, M USD a year.
    used : mapping
        What it takes of each resource.
    plan : Rows of PlanRow
        Its measures, the one that would be missed most by the criterion first.
    measures : tuple of str
        Their ids, in file order.
    scenarios : Rows of ScenarioRow
        The plan in each scenario.
    worlds : mapping
        By scenario, the evaluation of the plan there, beside the best plan for it alone.
    looked_at : str or None
        For ``expected``: the scenario that a planner who looks at one alone would take.
    looking : mapping
        By scenario, proof of what the best plan for that one leaves there.
    solver : SolverRun
        The solver, and how it ran.
    seconds : Seconds
        Where the time went.
    include, exclude : tuple of str
        The measures that had to, or could not, be in the plan.
    warnings, reasons : tuples of str
        What is odd or was left out; why no plan keeps the conditions.
    interrupted : bool
        Whether the user stopped the search.
    ties, limit, options
        As in a `Solution`.
    """

    network: str
    input_sha256: str
    objective: str
    criterion: CriterionName
    tail: float | None
    budget: float | None
    resources: Mapping[str, float]
    status: str
    baseline: float | None
    value: float | None
    bound: float | None
    spent: float | None
    used: Mapping[str, float]
    plan: Rows[PlanRow]
    measures: tuple[str, ...]
    scenarios: Rows[ScenarioRow]
    worlds: Mapping[str, Evaluation]
    solver: SolverRun
    seconds: Seconds
    target: float | None = None
    cost_bound: float | None = None
    looked_at: str | None = None
    looking: Mapping[str, Proof] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    interrupted: bool = False
    ties: str | None = None
    limit: LimitReason | None = None
    options: Mapping[str, Option] = field(default_factory=dict)

    __getstate__ = state
    __setstate__ = restored

    @property
    def broken(self) -> tuple[str, ...]:
        """Each limit and rule that the plan breaks, in a sentence."""
        return next((each.broken for each in self.worlds.values()), ())

    @property
    def cut(self) -> float | None:
        """The part of the criterion that the plan takes off, in the objective's unit."""
        if self.value is None or self.baseline is None:
            return None
        return rounded(self.baseline - self.value)

    @property
    def regret_high(self) -> float | None:
        """For `regret`: the most that the true regret can be, as own bests are within a gap."""
        if self.value is None or self.criterion != "regret":
            return None
        return self.value + max(row.own_best - row.own_bound for row in self.scenarios)

    @property
    def worth_of_looking(self) -> float | None:
        """The gain in the mean over the best plan for one scenario alone; for `expected` only."""
        if self.value is None or not self.looking:
            return None
        return self._mean({name: proof.value for name, proof in self.looking.items()}) - self.value

    @property
    def worth_of_knowing(self) -> tuple[float, float] | None:
        """The gain of knowing the scenario first, by the own bests, and at most by their bounds."""
        if self.value is None or self.criterion != "expected" or self.target is not None:
            return None
        best = self._mean({row.scenario: row.own_best for row in self.scenarios})
        bound = self._mean({row.scenario: row.own_bound for row in self.scenarios})
        return self.value - best, self.value - bound

    def _mean(self, values: Mapping[str, float]) -> float:
        return sum(row.weight * values[row.scenario] for row in self.scenarios)

    @property
    def next(self) -> StackedTable:
        """The measures left out that would add most, by scenario."""
        return stacked({name: each.next for name, each in self.worlds.items()})

    @property
    def plan_table(self) -> StackedTable:
        """The plan's measures, with what is lost without each by the criterion and by scenario."""
        lost = {
            name: {row.measure: row.lost_if_dropped for row in each.plan}
            for name, each in self.worlds.items()
        }
        rows = zip(self.plan, self.plan.records(), strict=True)
        return StackedTable(
            (*self.plan.columns, *(f"lost_if_dropped{EACH}{name}" for name in lost)),
            tuple(
                (*record, *(by_measure.get(row.measure) for by_measure in lost.values()))
                for row, record in rows
            ),
        )

    def _overview(self) -> Overview:
        baseline = f"{amount(self.baseline)} without measures"
        budget = "" if self.budget is None else f", budget {amount(self.budget)}"
        budget += "" if self.target is None else f", target {amount(self.target)}"
        bound = "" if self.bound is None else f", bound {amount(self.bound)}"
        value = f"{amount(self.value)} of {baseline}{bound}"
        names = [name_and_id(row.name, row.measure) for row in self.plan]
        tables = (("plan", self.plan), ("scenarios", self.scenarios))
        return Overview(
            f"{type(self).__name__} on {self.network}: {self.status}",
            (
                ("asked", f"{self.objective}, {self.criterion} of the scenarios{budget}"),
                ("value", "" if self.value is None else value),
                ("plan", "" if self.spent is None else f"{amount(self.spent)} M USD/yr"),
                ("buys", enumerated(names)),
                ("no plan", first_line(self.reasons)),
                ("tables", sizes(tables)),
                ("warnings", first_line(self.warnings)),
            ),
        )

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        knowing = self.worth_of_knowing
        return {
            **self._asked(),
            **self._aimed(),
            **self._found(self.broken),
            "regret_high": self.regret_high,
            "cut": self.cut,
            "cut_share": self.cut_share,
            "looking": self.worth_of_looking,
            "knowing": None if knowing is None else knowing[0],
            "knowing_bound": None if knowing is None else knowing[1],
            "luck": None,
            **self._made(),
            "warnings": [*self.reasons, *self.warnings],
        }

    def to_frame(self) -> pandas.DataFrame:
        """Return the scenarios as a frame, one row each."""
        return self.scenarios.to_frame()
