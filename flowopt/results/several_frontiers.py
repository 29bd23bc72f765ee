"""Frontiers side by side, of several networks or objectives, where measures may fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowopt.overview import Overview, enumerated, first_line, sizes
from flowopt.results.budget_rows import FrontierRow
from flowopt.results.column_units import Money, Objective, PerMillion, Share
from flowopt.results.document import Option, head, listed
from flowopt.results.folder_result import PageResult
from flowopt.results.frontier import Frontier
from flowopt.results.luck_plans import LuckPlan, LuckPlans
from flowopt.results.rows import Rows

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class SeveralFrontiersRow:
    """One budget of one network and objective.

    Attributes
    ----------
    network, objective : str
        What was compared.
    budget : float
        Most that the plan may cost, M USD a year.
    status : str
        As in a `LuckSolution` where measures of the network may fail, else as in a `Frontier`.
    baseline, value : float or None
        The objective of doing nothing, and of the plan; where measures may fail, in the mean over
        what works. None where there is no plan.
    low, high : float or None
        The interval of a value that was estimated; else equal to it.
    bound : float or None
        What no plan goes below.
    gap : float or None
        What is left to prove.
    cut : float or None
        How much the plan takes off.
    marginal : float or None
        How much more it cuts than the plan before it, per M USD that the budget is larger.
    spent : float or None
        What it costs, M USD a year.
    measures : str
        Its measures in file order, joined by ``;``.
    """

    network: str
    objective: str
    budget: Money
    status: str
    baseline: Objective | None
    value: Objective | None
    low: Objective | None
    high: Objective | None
    bound: Objective | None
    gap: Share | None
    cut: Objective | None
    marginal: PerMillion | None
    spent: Money | None
    measures: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SeveralFrontiers(PageResult):
    """Frontiers side by side, where measures of a network may fail.

    Attributes
    ----------
    frontiers : tuple of Frontier or LuckPlans
        For each network what comparing it by itself gives: `LuckPlans` where its measures may
        fail, one for each objective; else a `Frontier` of all objectives.
    options : mapping
        The options of the request.
    seconds : float
        Time that all of it took.
    interrupted : bool
        Whether the user stopped it; then the rows are those found by then.
    left_out : tuple of str
        Networks that are not there, and why.
    """

    frontiers: tuple[Frontier | LuckPlans, ...]
    options: Mapping[str, Option] = field(default_factory=dict)
    seconds: float = 0.0
    interrupted: bool = False
    left_out: tuple[str, ...] = ()

    def named(self) -> Iterator[tuple[str, Frontier | LuckPlans]]:
        """Yield the frontiers with the names of their folders."""
        for number, each in enumerate(self.frontiers, start=1):
            yield f"frontier-{number}", each

    @property
    def rows(self) -> Rows[SeveralFrontiersRow]:
        """A row for each budget, one network and objective after the other."""
        return Rows(SeveralFrontiersRow, self._rows())

    def _rows(self) -> Iterator[SeveralFrontiersRow]:
        for each in self.frontiers:
            if isinstance(each, Frontier):
                yield from (_row(row, row.network, row.objective) for row in each.frontier)
            else:
                yield from (_row(row, each.network, each.objective) for row in each.plans)

    @property
    def networks(self) -> dict[str, str]:
        """The hash of the tables of each network, by its id."""
        return {
            name: sha256
            for each in self.frontiers
            for name, sha256 in (
                ((sweep.network, sweep.input_sha256) for sweep in each.sweeps)
                if isinstance(each, Frontier)
                else ((each.network, each.input_sha256),)
            )
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings of the frontiers, each once."""
        texts = (
            text
            for each in self.frontiers
            for part in (each.sweeps if isinstance(each, Frontier) else (each,))
            for text in part.warnings
        )
        return tuple(dict.fromkeys((*self.left_out, *texts)))

    def to_frame(self) -> pandas.DataFrame:
        """Return the rows as a frame."""
        return self.rows.to_frame()

    def _hashes(self) -> tuple[str, ...]:
        return tuple(self.networks.values())

    def _overview(self) -> Overview:
        return Overview(
            f"Frontiers of {enumerated([*self.networks])} side by side",
            (
                ("tables", sizes((("rows", self.rows),))),
                ("warnings", first_line(self.warnings)),
            ),
        )

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        return {
            **head(),
            "networks": self.networks,
            "folders": [name for name, _ in self.named()],
            "interrupted": self.interrupted,
            "options": listed(self.options),
            "seconds": {"total": self.seconds},
            "warnings": list(self.warnings),
        }


def _row(row: FrontierRow | LuckPlan, network: str, objective: str) -> SeveralFrontiersRow:
    low, high = (row.low, row.high) if isinstance(row, LuckPlan) else (row.value, row.value)
    return SeveralFrontiersRow(
        network=network,
        objective=objective,
        budget=row.budget or 0.0,
        status=row.status,
        baseline=row.baseline,
        value=row.value,
        low=low,
        high=high,
        bound=row.bound,
        gap=row.gap,
        cut=row.cut,
        marginal=row.marginal,
        spent=row.spent,
        measures=row.measures,
    )
