"""What `evaluate` returns: a plan made by hand, beside others for the same money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from flowopt.clock import LimitReason
from flowopt.results.document import Document, Option, listed, restored
from flowopt.results.numbers import rounded
from flowopt.results.plan_result import (
    Seconds,
    SolverRun,
    displaced,
    flow_changes,
    market_changes,
    paid,
)
from flowopt.results.proof import Proof
from flowopt.results.response import Response
from flowopt.results.rows import (
    Binding,
    Displacement,
    FlowChange,
    MarketChange,
    NextMeasure,
    OrganisationChange,
    PlanRow,
    Rows,
    named,
)

if TYPE_CHECKING:
    import pandas


STATUS = "evaluated"


@dataclass(frozen=True, slots=True)
class PlanCompared:
    """One of the plans set side by side.

    Attributes
    ----------
    plan : str
        ``yours``, ``best`` (for the same money) or ``coverage`` (covers most of today's flow).
    spent : float
        What it costs, M USD a year.
    value, cut, cut_share : float
        The objective once the trafficker has re-routed, and how much the plan takes off it.
    bound, gap : float or None
        For ``best`` as of a solution. For ``coverage`` they are about what it promises: no plan
        for this money leaves less of today's flow than `bound`, in the objective's unit.
    status : str
        ``evaluated`` for ``yours``; for the others ``optimal`` or ``limit``.
    delivered, weighted, profit : float
        The trafficker's, t a year and M USD a year.
    promised : float
        What the plan would cut if the trafficker kept to what it does today.
    measures : str
        Ids of its measures in file order, joined by ``;``.
    """

    plan: str
    spent: float
    value: float
    bound: float | None
    gap: float | None
    status: str
    cut: float
    cut_share: float | None
    delivered: float
    weighted: float
    profit: float
    promised: float
    measures: str


@dataclass(frozen=True, slots=True)
class Evaluation(Document):
    """What a plan made by hand does, what it costs and breaks, and what others would do.

    Attributes
    ----------
    network, input_sha256, objective : str
        What was asked of which network.
    budget : float or None
        Most that a plan may cost, M USD a year; None when none was given.
    resources : mapping
        The limits on plans, by resource.
    broken : tuple of str
        Each limit and rule that the plan breaks, in a sentence. The best plan breaks none.
    baseline, value : float
        The objective without measures, and once the trafficker has answered the plan.
    spent : float
        What the plan costs, M USD a year.
    used : mapping
        What it takes of each resource.
    plan : Rows of PlanRow
        Its measures, the one that would be missed most first.
    measures : tuple of str
        The same, in file order.
    comparison : Rows of PlanCompared
        This plan, and those that were asked for beside it.
    next : Rows of NextMeasure
        The measures left out that would add most, one at a time, on top of it.
    before, after : Response
        The trafficker without measures and under the plan.
    best, coverage : Response or None
        The trafficker under the best plan for the same money, and under the one that covers most
        of today's flow.
    dropped, added : mapping
        Proofs of what the trafficker can do without each measure, and with each of `next`.
    kept : mapping
        By plan of the comparison, proof of what it leaves of today's flow.
    interrupted : bool
        Whether the user stopped the search for the other plans.
    ties : str or None
        How `bilevel` settles ties, None for the others.
    solver : SolverRun
        Who solved it.
    seconds : Seconds
        Where the time went.
    warnings : tuple of str
        What is odd in the network, or was left out for lack of time.
    limit : str or None
        What stopped the search for the best plan, or else for the covering one, short of a proof:
        ``time``, ``nodes`` or ``interrupted``, as in `Solution`.
    options : mapping
        Every option of `evaluate`, as a `Solution` has them.
    """

    network: str
    input_sha256: str
    objective: str
    budget: float | None
    resources: Mapping[str, float]
    broken: tuple[str, ...]
    baseline: float
    value: float
    spent: float
    used: Mapping[str, float]
    plan: Rows[PlanRow]
    measures: tuple[str, ...]
    comparison: Rows[PlanCompared]
    before: Response
    after: Response
    solver: SolverRun
    seconds: Seconds
    best: Response | None = None
    coverage: Response | None = None
    next: Rows[NextMeasure] = field(default_factory=lambda: Rows(NextMeasure))
    dropped: Mapping[str, Proof] = field(default_factory=dict)
    added: Mapping[str, Proof] = field(default_factory=dict)
    kept: Mapping[str, Proof] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    ties: str | None = None
    limit: LimitReason | None = None
    options: Mapping[str, Option] = field(default_factory=dict)

    __setstate__ = restored

    def __post_init__(self) -> None:
        named(self, self._about)

    @property
    def _about(self) -> dict[str, str | float | None]:
        """What its tables belong to."""
        return {"network": self.network, "objective": self.objective, "budget": self.budget}

    @property
    def cut(self) -> float:
        """How much the plan takes off the objective, in its unit."""
        return rounded(self.baseline - self.value)

    @property
    def cut_share(self) -> float | None:
        """The cut as a share of the baseline; None where there was nothing to cut."""
        return None if self.baseline <= 0.0 else self.cut / self.baseline

    @property
    def flows(self) -> Rows[FlowChange]:
        """Every commodity on every arc, before and after."""
        return flow_changes(self.before, self.after).of(self._about)

    @property
    def markets(self) -> Rows[MarketChange]:
        """Every commodity at every market, before and after."""
        return market_changes(self.before, self.after).of(self._about)

    @property
    def displacement(self) -> Rows[Displacement]:
        """The flow by mode, kind, exit, country, region and continent, before and after."""
        return displaced(self.before, self.after).of(self._about)

    @property
    def binding(self) -> Rows[Binding]:
        """The capacities that hold the trafficker back under the plan."""
        return self.after.binding.of(self._about)

    @property
    def organisations(self) -> Rows[OrganisationChange]:
        """Who earns, before and after; empty without `earnings.csv`. Gross receipts."""
        return paid(self.before, self.after).of(self._about)

    def summary(self) -> dict[str, Any]:
        """Return what `summary.json` says, in its order."""
        from flowopt._version import __version__

        return {
            "flowopt": __version__,
            "network": self.network,
            "input_sha256": self.input_sha256,
            "objective": self.objective,
            **({} if self.ties is None else {"ties": self.ties}),
            "budget": self.budget,
            "resources": dict(self.resources),
            "status": STATUS,
            "limit": self.limit,
            "broken": list(self.broken),
            "baseline": self.baseline,
            "value": self.value,
            "cut": self.cut,
            "cut_share": self.cut_share,
            "spent": self.spent,
            "used": dict(self.used),
            "measures": list(self.measures),
            "delivered": self.after.delivered,
            "weighted": self.after.weighted,
            "profit": self.after.profit,
            "options": listed(self.options),
            "solver": asdict(self.solver),
            "seconds": asdict(self.seconds),
            "warnings": list(self.warnings),
        }

    def to_frame(self) -> pandas.DataFrame:
        """Return the comparison as a frame, one row per plan."""
        return self.comparison.to_frame()
