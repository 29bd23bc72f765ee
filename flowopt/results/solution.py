"""The best plan for a budget or a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from flowopt.clock import LimitReason
from flowopt.results.document import Document, Option, listed, restored
from flowopt.results.numbers import relative_gap, rounded
from flowopt.results.plan_result import (
    Seconds,
    SolverRun,
    Status,
    displaced,
    flow_changes,
    market_changes,
    paid,
)
from flowopt.results.proof import Proof
from flowopt.results.response import Response
from flowopt.results.rows import (
    Alternative,
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


@dataclass(frozen=True, slots=True)
class Solution(Document):
    """The best plan found for a budget, and how good it is known to be.

    Attributes
    ----------
    network, input_sha256, objective : str
        What was asked of which network.
    budget : float or None
        Most the plan may cost, M USD a year; None when only a target was given.
    resources : mapping
        The limits that bound the plan, by resource.
    status : str
        ``optimal`` (proved within the gap), ``limit`` (stopped before that; the plan and the bound
        hold), ``infeasible`` (no plan keeps the conditions), ``no_solution``.
    baseline : float
        The objective without measures.
    value, bound, gap : float or None
        The objective under the plan (re-computed by the trafficker's programme), a proved lower
        bound on every plan's, and ``(value - bound) / max(1e-9, |value|)``, 0 where they differ by
        no more than 1e-7 of the baseline.
    spent : float or None
        What the plan costs, M USD a year.
    used : mapping
        What it takes of each resource.
    plan : Rows of PlanRow
        The measures, the one that would be missed most first.
    measures : tuple of str
        Their ids, in file order.
    alternatives : Rows of Alternative
        The best plans, this one first, when more than one was asked for; none holds all of an
        earlier one.
    before, after : Response
        The trafficker without measures and under the plan; `after` is None without a plan.
    include, exclude : tuple of str
        The measures that had to, or could not, be in the plan.
    dropped : mapping
        By measure of the plan, proof of what the trafficker can do without it.
    next : Rows of NextMeasure
        The measures left out that would add most, one at a time, on top of the plan.
    added : mapping
        By each of them, proof of what the trafficker can do once it is bought as well.
    others : tuple of Proof
        Proof of the values of the first alternatives.
    interrupted : bool
        Whether the user stopped it.
    reasons : tuple of str
        Why no plan keeps the conditions, when `infeasible`.
    target, cost_bound : float or None
        What the objective had to be brought to, and what no plan that does it can cost less than.
    ties : str or None
        How `bilevel` settles ties, None for the others.
    solver : SolverRun
        Who solved it.
    seconds : Seconds
        Where the time went.
    warnings : tuple of str
        What is odd in the network, or was left out for lack of time.
    limit : str or None
        What stopped it short of a proof: ``time``, ``nodes`` (the solver's limit of nodes) or
        ``interrupted`` (the user). None with another status, or where the solver ended of itself.
    options : mapping
        Every option, as those of the command are named: what was asked, and how it was solved. No
        limit of time is None.
    """

    network: str
    input_sha256: str
    objective: str
    budget: float | None
    resources: Mapping[str, float]
    status: Status
    baseline: float
    value: float | None
    bound: float | None
    spent: float | None
    used: Mapping[str, float]
    plan: Rows[PlanRow]
    measures: tuple[str, ...]
    before: Response
    after: Response | None
    solver: SolverRun
    seconds: Seconds
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    dropped: Mapping[str, Proof] = field(default_factory=dict)
    next: Rows[NextMeasure] = field(default_factory=lambda: Rows(NextMeasure))
    added: Mapping[str, Proof] = field(default_factory=dict)
    others: tuple[Proof, ...] = ()
    warnings: tuple[str, ...] = ()
    alternatives: Rows[Alternative] = field(default_factory=lambda: Rows(Alternative))
    interrupted: bool = False
    reasons: tuple[str, ...] = ()
    target: float | None = None
    cost_bound: float | None = None
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
    def gap(self) -> float | None:
        """``(value - bound) / max(1e-9, |value|)``, None without a plan or a bound.

        With a target it is the costs that are compared: (spent - cost_bound) / spent.
        """
        if self.spent is not None and self.cost_bound is not None:
            return relative_gap(self.spent, self.cost_bound)
        if self.value is None or self.bound is None:
            return None
        return relative_gap(self.value, self.bound, self.baseline)

    @property
    def cut(self) -> float | None:
        """How much the plan takes off the objective, in its unit."""
        return None if self.value is None else rounded(self.baseline - self.value)

    @property
    def cut_share(self) -> float | None:
        """The cut as a share of the baseline; None where there was nothing to cut."""
        return None if self.cut is None or self.baseline <= 0.0 else self.cut / self.baseline

    @property
    def flows(self) -> Rows[FlowChange]:
        """Every commodity on every arc, before and after; empty without a plan."""
        found = Rows(FlowChange) if self.after is None else flow_changes(self.before, self.after)
        return found.of(self._about)

    @property
    def markets(self) -> Rows[MarketChange]:
        """Every commodity at every market, before and after; empty without a plan."""
        after = self.after
        found = Rows(MarketChange) if after is None else market_changes(self.before, after)
        return found.of(self._about)

    @property
    def displacement(self) -> Rows[Displacement]:
        """The flow by mode, kind, exit, country, region and continent; empty without a plan."""
        found = Rows(Displacement) if self.after is None else displaced(self.before, self.after)
        return found.of(self._about)

    @property
    def binding(self) -> Rows[Binding]:
        """The capacities that hold the trafficker back after the plan; empty without a plan."""
        found = Rows(Binding) if self.after is None else self.after.binding
        return found.of(self._about)

    @property
    def organisations(self) -> Rows[OrganisationChange]:
        """Who earns, before and after; empty without a plan or without `earnings.csv`.

        Gross receipts, which don't add up: what one organisation pays, another one may earn.
        """
        found = Rows(OrganisationChange) if self.after is None else paid(self.before, self.after)
        return found.of(self._about)

    def summary(self) -> dict[str, Any]:
        """Return what `summary.json` says, in its order."""
        from flowopt._version import __version__

        after = self.after
        reverse = (
            {} if self.target is None else {"target": self.target, "cost_bound": self.cost_bound}
        )
        return {
            "flowopt": __version__,
            "network": self.network,
            "input_sha256": self.input_sha256,
            "objective": self.objective,
            **({} if self.ties is None else {"ties": self.ties}),
            "budget": self.budget,
            **reverse,
            "resources": dict(self.resources),
            "status": self.status,
            "limit": self.limit,
            "baseline": self.baseline,
            "value": self.value,
            "bound": self.bound,
            "gap": self.gap,
            "cut": self.cut,
            "cut_share": self.cut_share,
            "spent": self.spent,
            "used": dict(self.used),
            "measures": list(self.measures),
            "delivered": after.delivered if after else None,
            "weighted": after.weighted if after else None,
            "profit": after.profit if after else None,
            "options": listed(self.options),
            "solver": asdict(self.solver),
            "seconds": asdict(self.seconds),
            "warnings": [*self.reasons, *self.warnings],
        }

    def to_frame(self) -> pandas.DataFrame:
        """Return the summary as one row; lists joined by ``;``, nested keys by ``_``.

        Rows of several solutions stack with `pandas.concat`.
        """
        import pandas

        return pandas.DataFrame([_flat(self.summary())])


def _flat(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return a summary without nesting: inner keys after a `_`, lists joined by `;`."""
    row: dict[str, Any] = {}
    for key, value in summary.items():
        if isinstance(value, dict):
            row.update({f"{key}_{inner}": v for inner, v in _flat(value).items()})
        else:
            row[key] = ";".join(value) if isinstance(value, list) else value
    return row
