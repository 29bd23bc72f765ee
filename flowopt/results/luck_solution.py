"""One plan whose measures may fail: what it leaves in the mean over what works."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from flowopt.clock import LimitReason
from flowopt.criteria import CriterionName
from flowopt.overview import Overview, amount, enumerated, first_line, sizes
from flowopt.plain_text import name_and_id
from flowopt.results.column_units import Objective, Share
from flowopt.results.criterion_result import CriterionResult
from flowopt.results.document import Option, restored, state
from flowopt.results.evaluation import Evaluation
from flowopt.results.folder_result import PageResult
from flowopt.results.luck_rows import (
    ActingValue,
    LuckAlternative,
    LuckCompared,
    LuckNextMeasure,
    LuckPlanRow,
    OwnMean,
)
from flowopt.results.numbers import rounded
from flowopt.results.plan_result import Seconds, SolverRun
from flowopt.results.proof import Proof
from flowopt.results.rows import Rows

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """Outcome of the luck of a plan, and the objective in it.

    Attributes
    ----------
    scenario : str
        The scenario; blank where the network as it stands was asked about.
    works : str
        Ids of the measures that work, in file order, joined by ``;``.
    failed_effects : str
        Rows of `effects` that fail though their measure works, counted from 1, joined by ``;``.
    probability : float
        How likely it is that this and no more works.
    drawn : int or None
        In how many draws it came; None where all outcomes were counted.
    value : float
        The objective then.
    """

    scenario: str
    works: str
    failed_effects: str
    probability: Share
    drawn: int | None
    value: Objective


@dataclass(frozen=True, slots=True)
class LuckRow:
    """Scenario, or the network as it stands, and the plan in it.

    Attributes
    ----------
    scenario, name : str
        The scenario, blank where the network as it stands was asked about, and its name.
    weight : float
        Its share of the weight of all.
    baseline, value : float
        The objective without measures, and in the mean over what works of the plan.
    low, high : float
        The interval of a value that was estimated, 95 of 100; else equal to it.
    cut, cut_share : float or None
        How much the plan takes off it in the mean, and as a share of the baseline, None where there
        is none.
    left_p05, left_p95 : float
        In 5 of 100 years the objective is no more than the first, in 95 no more than the second.
    all_works, all_works_value : float
        How likely it is that all that can work does, and the objective then.
    own_best, own_bound : float or None
        With `regret`, the mean of the best plan known for this scenario alone, and what no plan's
        goes below; else None.
    regret : float or None
        How much more the plan leaves in the mean than that best plan.
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
    left_p05: Objective
    left_p95: Objective
    all_works: Share
    all_works_value: Objective
    own_best: Objective | None = None
    own_bound: Objective | None = None
    regret: Objective | None = None
    own_measures: str = ""


@dataclass(frozen=True, slots=True)
class LuckRecord:
    """Record of how the mean over what works was found.

    Attributes
    ----------
    how : str
        ``counted``: over all outcomes. ``sampled``: by draws, as there are too many.
    coins : int
        The chances on which the plan hangs, of the scenario that has most.
    outcomes : int
        The outcomes that were looked at, in all scenarios.
    half_width : float
        Half the width of the interval that holds the value 95 times in 100; 0 where it was counted.
    draws, seed : int or None
        Of the draws, which are the same for all plans; None where outcomes were counted.
    """

    how: str
    coins: int
    outcomes: int
    half_width: float
    draws: int | None
    seed: int | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LuckSolution(CriterionResult, PageResult):
    """One plan whose measures may fail, valued in the mean over what works of it.

    Attributes
    ----------
    network, input_sha256, objective : str
        The network's id, the hash of what its tables hold, and the objective.
    criterion : str or None
        By which scenarios are taken together; None for the network as it stands.
    tail : float or None
        Share of the weight that ``cvar`` looks at; None for the others.
    budget : float or None
        Most that a plan may cost, M USD a year; None when none was given.
    target, cost_bound : float or None
        What the value had to be brought to, or the sure cut had to reach; and what no plan that
        does it can cost less than.
    resources : mapping
        The limits on plans, by resource.
    status : str
        ``estimated`` where the value is a mean of draws. Else ``evaluated`` for a plan made by
        hand, and for one that was searched for ``optimal`` (proved within the gap) or ``limit``.
    baseline, value : float
        The objective without measures, and in the mean over what works; by the criterion.
    bound : float or None
        What no plan brings the value below, never an estimate; None for a plan made by hand, and
        with a target.
    luck : LuckRecord
        How that mean was found.
    spent : float
        What the plan costs, M USD a year, whether it works or not.
    used : mapping
        What it takes of each resource.
    plan : Rows of LuckPlanRow
        Its measures, the one that would be missed most in the mean first.
    next : Rows of LuckNextMeasure
        The measures left out that would add most in the mean, one at a time.
    comparison : Rows of LuckCompared
        A plan made by hand and those that were asked for beside it, in the mean; else empty.
    alternatives : Rows of LuckAlternative
        The best plans, where several were asked for; else empty.
    acting : mapping
        By scenario, values beside those of the outcomes, on which these tables rest.
    measures : tuple of str
        Their ids, in file order.
    scenarios : Rows of LuckRow
        The plan in each scenario; one row for the network as it stands.
    outcomes : Rows of OutcomeRow
        What may work of it, by scenario, the likeliest first.
    own : mapping
        With `regret`, by scenario, the best plan known for it alone; else empty.
    proofs : mapping
        By scenario, proofs of the values of its first outcomes.
    worlds : mapping
        By scenario, the plan there when all that can work does: its flows are those.
    solver : SolverRun
        The solver, and how it ran.
    seconds : Seconds
        Where the time went.
    include, exclude : tuples of str
        The measures that had to, or could not, be in the plan.
    broken, warnings : tuples of str
        Conditions that the plan breaks; what is odd or was left out.
    interrupted, ties, limit, options, scenario, of
        As in an `Evaluation`.
    """

    network: str
    input_sha256: str
    objective: str
    criterion: CriterionName | None
    tail: float | None
    budget: float | None
    resources: Mapping[str, float]
    status: str
    baseline: float
    value: float
    luck: LuckRecord
    spent: float
    used: Mapping[str, float]
    plan: Rows[LuckPlanRow]
    measures: tuple[str, ...]
    scenarios: Rows[LuckRow]
    outcomes: Rows[OutcomeRow]
    proofs: Mapping[str, tuple[Proof, ...]]
    worlds: Mapping[str, Evaluation]
    solver: SolverRun
    seconds: Seconds
    bound: float | None = None
    target: float | None = None
    cost_bound: float | None = None
    next: Rows[LuckNextMeasure] = field(default_factory=lambda: Rows(LuckNextMeasure))
    comparison: Rows[LuckCompared] = field(default_factory=lambda: Rows(LuckCompared))
    alternatives: Rows[LuckAlternative] = field(default_factory=lambda: Rows(LuckAlternative))
    acting: Mapping[str, tuple[ActingValue, ...]] = field(default_factory=dict)
    own: Mapping[str, OwnMean] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    ties: str | None = None
    limit: LimitReason | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    scenario: str | None = None
    of: str | None = None

    __getstate__ = state
    __setstate__ = restored

    @property
    def low(self) -> float:
        """The lower end of the interval of the value; the value itself where it was counted."""
        return rounded(self.value - self.luck.half_width)

    @property
    def high(self) -> float:
        """The upper end of that interval."""
        return rounded(self.value + self.luck.half_width)

    @property
    def regret_high(self) -> float | None:
        """For `regret`: the most that the true regret can be, as own bests are within a gap."""
        if not self.own:
            return None
        return self.high + max(each.value - each.bound for each in self.own.values())

    @property
    def cut(self) -> float:
        """The part of the objective that the plan takes off in the mean, in its unit."""
        return rounded(self.baseline - self.value)

    def _overview(self) -> Overview:
        budget = "" if self.budget is None else f", budget {amount(self.budget)}"
        budget += "" if self.target is None else f", target {amount(self.target)}"
        by = "" if self.criterion is None else f", {self.criterion} of the scenarios"
        width = self.luck.half_width
        bound = "" if self.bound is None else f", bound {amount(self.bound)}"
        within = "" if self.luck.how == "counted" else f" +- {amount(width)}"
        names = [name_and_id(row.name, row.measure) for row in self.plan]
        tables = (
            ("plan", self.plan), ("next", self.next), ("scenarios", self.scenarios),
            ("outcomes", self.outcomes), ("comparison", self.comparison),
            ("alternatives", self.alternatives),
        )  # fmt: skip
        return Overview(
            f"{type(self).__name__} on {self.network}: {self.status}",
            (
                ("asked", f"{self.objective} in the mean over what works{by}{budget}"),
                (
                    "value",
                    f"{amount(self.value)}{within} of {amount(self.baseline)} without measures"
                    f"{bound}",
                ),
                ("plan", f"{amount(self.spent)} M USD/yr"),
                ("buys", enumerated(names)),
                ("breaks", first_line(self.broken)),
                ("tables", sizes(tables)),
                ("warnings", first_line(self.warnings)),
            ),
        )

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        names = {"scenario": self.scenario, "of": self.of}
        about = {name: value for name, value in names.items() if value is not None}
        return {
            **self._asked(**about),
            **self._aimed(),
            **self._found(self.broken),
            "low": self.low,
            "high": self.high,
            **({} if self.regret_high is None else {"regret_high": self.regret_high}),
            "cut": self.cut,
            "cut_share": self.cut_share,
            "luck": asdict(self.luck),
            **self._made(),
            "warnings": list(self.warnings),
        }

    def to_frame(self) -> pandas.DataFrame:
        """Return the outcomes as a frame, one row each."""
        return self.outcomes.to_frame()


def quantile(values: Iterable[tuple[float, float]], part: float) -> float:
    """Return the least value up to which values have a part of the weight, but for rounding.

    Parameters
    ----------
    values
        Values and weights.
    part
        Share of the weight, above 0.

    Examples
    --------
    >>> quantile([(3.0, 0.25), (1.0, 0.5), (2.0, 0.25)], 0.5)
    1.0
    """
    ordered = sorted(values)
    whole, so_far = math.fsum(weight for _, weight in ordered), 0.0
    for value, weight in ordered:
        so_far += weight
        if so_far >= part * whole * (1.0 - 1e-12):
            return value
    return ordered[-1][0]
