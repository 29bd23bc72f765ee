"""Result of `compare`: the frontier, one row per budget, and how to read it.

Every table is tidy: one row per network, objective and budget (and measure, market or key). Units
are those of `results`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from flowopt.clock import LimitReason
from flowopt.overview import Overview, Overviewed, amount, sizes
from flowopt.results.budget_rows import (
    DisplacementAt,
    FrontierRow,
    LadderRow,
    MarketAt,
    MeasureAt,
    PlanAt,
)
from flowopt.results.document import Option, head, listed, restored
from flowopt.results.folder_result import PageResult
from flowopt.results.plan_result import SolverRun
from flowopt.results.proof import Proof
from flowopt.results.rows import Rows

if TYPE_CHECKING:
    import pandas

_SHOWN = 3  # networks and objectives in an overview


@dataclass(frozen=True, slots=True, repr=False)
class Evidence(Overviewed):
    """Proofs of the values of one network and objective.

    Attributes
    ----------
    network, objective : str
        Of which comparison.
    proofs : tuple of Proof
        Of every plan that a table values under the objective, each once; first of none at all.
    below : tuple of float or None
        Where every change of the best plan was asked for, for each row but the first: what no plan
        that costs less than the row's brings the objective below. None where budgets were given.
    beyond : float or None
        Likewise, what no plan at all brings it below.
    crossed : bool
        Whether there was time for the cross table.
    """

    network: str
    objective: str
    proofs: tuple[Proof, ...]
    below: tuple[float | None, ...]
    beyond: float | None
    crossed: bool = True

    def _overview(self) -> Overview:
        proofs = f"{len(self.proofs):,} proofs"
        return Overview(f"Evidence on {self.network}, {self.objective}: {proofs}")


@dataclass(frozen=True, slots=True)
class SweepSummary:
    """Summary of one network and objective of a comparison.

    Attributes
    ----------
    network, input_sha256, objective : str
        What was compared.
    baseline : float
        The objective without measures.
    rows, proved : int
        How many rows there are, and how many are proved within the gap.
    complete : bool or None
        Where every change of the best plan was asked for: whether none larger than the gap is
        missing. None where budgets were given.
    core, stays : tuple of str
        Measures in every plan that buys anything; those that stay once bought.
    switches : mapping
        By measure that comes and goes, the budgets whose plans hold it.
    knees : tuple of float
        Budgets beyond which further money buys much less.
    most_regret : float or None
        The most that following the ladder loses at any budget.
    warnings : tuple of str
        What is odd in the network.
    scenario : str or None
        The scenario of the network that was compared; None for the network as it stands.
    """

    network: str
    input_sha256: str
    objective: str
    baseline: float
    rows: int
    proved: int
    complete: bool | None
    core: tuple[str, ...]
    stays: tuple[str, ...]
    switches: Mapping[str, tuple[float, ...]]
    knees: tuple[float, ...]
    most_regret: float | None
    warnings: tuple[str, ...]
    scenario: str | None = None

    __setstate__ = restored  # of an earlier version, which had no scenarios

    def summary(self) -> dict[str, Any]:
        """Return its part of `summary.json`."""
        names = [f.name for f in fields(self) if f.name != "scenario" or self.scenario is not None]
        return {name: listed(getattr(self, name)) for name in names}


@dataclass(frozen=True, slots=True, repr=False)
class Frontier(PageResult):
    """Plans for many budgets, of one or several networks and objectives.

    Attributes
    ----------
    budgets : tuple of float, or str
        What was asked: budgets in rising order, or ``all``.
    resources, include, exclude, allowed_gap, time_limit
        The other conditions, as in `flowopt.solve`; `allowed_gap` is the gap that was asked for.
    frontier, measures, markets, displacement, ladder, plans : Rows
        The tables; see their row classes.
    sweeps : tuple of SweepSummary
        One per network and objective.
    solver : SolverRun
        Who solved it.
    seconds : float
        Time from the question to the answer; a resumed comparison counts from the resumption.
    ties : str or None
        How ``bilevel`` settled them, where it was among the objectives.
    limit : str or None
        What stopped it before every row was proved: ``time``, ``nodes``, or ``interrupted``, where
        rows may be missing. None where all are.
    evidence : tuple of Evidence
        What `flowopt.verify` re-checks the values with; one for each of `sweeps`.
    options : mapping
        Every option of `compare` but where it ran, as a `Solution` has them.
    of : str or None
        The part of the markets whose deliveries count, as in a `Solution`; None for all.
    """

    budgets: tuple[float, ...] | Literal["all"]
    resources: Mapping[str, float]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    allowed_gap: float
    time_limit: float | None
    frontier: Rows[FrontierRow]
    measures: Rows[MeasureAt]
    markets: Rows[MarketAt]
    displacement: Rows[DisplacementAt]
    ladder: Rows[LadderRow]
    sweeps: tuple[SweepSummary, ...]
    solver: SolverRun
    seconds: float
    plans: Rows[PlanAt] = field(default_factory=lambda: Rows(PlanAt))
    ties: str | None = None
    evidence: tuple[Evidence, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    limit: LimitReason | None = None
    of: str | None = None

    __setstate__ = restored

    def rows_of(self, sweep: SweepSummary) -> tuple[FrontierRow, ...]:
        """Return the rows of one network and objective, budgets rising."""
        return tuple(
            row
            for row in self.frontier
            if (row.network, row.objective) == (sweep.network, sweep.objective)
        )

    def ladder_of(self, sweep: SweepSummary) -> tuple[LadderRow, ...]:
        """Return the ladder of one network and objective, budgets rising."""
        return tuple(
            row
            for row in self.ladder
            if (row.network, row.objective) == (sweep.network, sweep.objective)
        )

    def _overview(self) -> Overview:
        tables = ("frontier", "measures", "markets", "displacement", "ladder", "plans")
        shown = [(f"{each.network}, {each.objective}", self._reach(each)) for each in self.sweeps]
        more = f"and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
        proved = sum(sweep.proved for sweep in self.sweeps)
        return Overview(
            f"Frontier of {len(self.frontier):,} budgets, of which {proved:,} proved",
            (
                *shown[:_SHOWN],
                ("", more),
                ("tables", sizes((name, getattr(self, name)) for name in tables)),
                ("stopped by", self.limit or ""),
            ),
        )

    def _hashes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(sweep.input_sha256 for sweep in self.sweeps))

    def _reach(self, sweep: SweepSummary) -> str:
        """Return where a sweep begins and ends."""
        rows = [row for row in self.rows_of(sweep) if row.value is not None]
        start = f"{amount(sweep.baseline)} without measures"
        if not rows:
            return start
        return f"{start}, {amount(rows[-1].value)} for {amount(rows[-1].budget)} M USD/yr"

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`, in its order."""
        return {
            **head(),
            "budgets": self.budgets if self.budgets == "all" else list(self.budgets),
            "resources": dict(self.resources),
            "include": list(self.include),
            "exclude": list(self.exclude),
            "allowed_gap": self.allowed_gap,
            **({} if self.ties is None else {"ties": self.ties}),
            **({} if self.of is None else {"of": self.of}),
            "time_limit": self.time_limit,
            "limit": self.limit,
            "rows": len(self.frontier),
            "proved": sum(sweep.proved for sweep in self.sweeps),
            "frontiers": [sweep.summary() for sweep in self.sweeps],
            "options": listed(self.options),
            "solver": asdict(self.solver),
            "seconds": {"total": self.seconds},
        }

    def to_frame(self) -> pandas.DataFrame:
        """Return `frontier.csv` as a frame, one row per network, objective and budget."""
        return self.frontier.to_frame()
