"""Results about one plan by a criterion over scenarios: what they have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flowopt.clock import LimitReason
from flowopt.criteria import CRITERIA, CriterionName
from flowopt.results.document import Option, head, listed
from flowopt.results.evaluation import Evaluation
from flowopt.results.folder_result import FolderResult
from flowopt.results.numbers import EQUAL, relative_gap, share
from flowopt.results.plan_result import Seconds, SolverRun
from flowopt.results.rows import Rows, named
from flowopt.results.stacked import StackedTable, stacked


class CriterionResult(FolderResult):
    """One plan and its effect in each scenario; what it has is declared where it is made."""

    __slots__ = ()

    network: str
    input_sha256: str
    objective: str
    criterion: CriterionName | None
    tail: float | None
    budget: float | None
    target: float | None
    cost_bound: float | None
    resources: Mapping[str, float]
    status: str
    baseline: float | None
    value: float | None
    bound: float | None
    spent: float | None
    used: Mapping[str, float]
    measures: tuple[str, ...]
    scenarios: Rows[Any]
    worlds: Mapping[str, Evaluation]
    solver: SolverRun
    seconds: Seconds
    ties: str | None
    limit: LimitReason | None
    options: Mapping[str, Option]

    def __post_init__(self) -> None:
        about = {"network": self.network, "objective": self.objective, "budget": self.budget}
        named(self, about)

    def _hashes(self) -> tuple[str, ...]:
        return (self.input_sha256,)

    @property
    def cut(self) -> float | None:
        """The part of the objective that the plan takes off, by the criterion, in its unit."""
        raise NotImplementedError

    @property
    def cut_share(self) -> float | None:
        """The cut as a share of the baseline; None where that is nothing."""
        if self.cut is None or self.baseline is None:
            return None
        return share(self.cut, self.baseline)

    @property
    def cost_gap(self) -> float | None:
        """With a target, ``(spent - cost_bound) / spent``; None without a plan or a bound."""
        if self.spent is None or self.cost_bound is None:
            return None
        return relative_gap(self.spent, self.cost_bound)

    @property
    def by_hand(self) -> bool:
        """True where the plan was made by hand, not looked for."""
        return self.bound is None and self.target is None

    @property
    def base(self) -> float:
        """The most left without measures in any scenario, of which differences are a share."""
        return max((row.baseline for row in self.scenarios), default=0.0)

    @property
    def gap(self) -> float | None:
        """The gap, as a share of the value; of the base for `cut` and `regret`, which may be 0."""
        if self.value is None or self.bound is None:
            return None
        if self.criterion is None or not CRITERIA[self.criterion].differs:
            return relative_gap(self.value, self.bound, self.baseline or 0.0)
        missing = self.value - self.bound
        return 0.0 if missing <= EQUAL * self.base else missing / self.base

    @property
    def flows(self) -> StackedTable:
        """Every commodity on every arc, before and after, by scenario."""
        return stacked({name: each.flows for name, each in self.worlds.items()})

    @property
    def markets(self) -> StackedTable:
        """Every commodity at every market, before and after, by scenario."""
        return stacked({name: each.markets for name, each in self.worlds.items()})

    @property
    def displacement(self) -> StackedTable:
        """The flow by mode, kind, exit, country, region and continent, by scenario."""
        return stacked({name: each.displacement for name, each in self.worlds.items()})

    def _asked(self, **about: str) -> dict[str, Any]:
        """Return how `summary.json` begins; `about` stands behind the network."""
        return {
            **head(),
            "network": self.network,
            **about,
            "input_sha256": self.input_sha256,
            "objective": self.objective,
            **({} if self.ties is None else {"ties": self.ties}),
            "criterion": self.criterion,
            "tail_share": self.tail,
            "budget": self.budget,
        }

    def _aimed(self) -> dict[str, float | None]:
        """Return the keys of `summary.json` that only a result for a target has."""
        if self.target is None:
            return {}
        return {"target": self.target, "cost_bound": self.cost_bound, "cost_gap": self.cost_gap}

    def _found(self, broken: Sequence[str]) -> dict[str, Any]:
        """Return what `summary.json` has from the limits to the gap."""
        return {
            "resources": dict(self.resources),
            "status": self.status,
            "limit": self.limit,
            "broken": list(broken),
            "baseline": self.baseline,
            "value": self.value,
            "bound": self.bound,
            "gap": self.gap,
        }

    def _made(self) -> dict[str, Any]:
        """Return what `summary.json` has from the costs to the seconds."""
        return {
            "spent": self.spent,
            "used": dict(self.used),
            "measures": list(self.measures),
            "options": listed(self.options),
            "solver": asdict(self.solver),
            "seconds": asdict(self.seconds),
        }
