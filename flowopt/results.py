"""What the verbs return: frozen, tabular, and ignorant of how it was computed.

Each table is a `Rows`: a tuple of frozen rows whose fields are the columns of the CSV file of the
same name, in order. Units follow the format: t/yr, M USD/yr, USD/kg, shares in [0, 1]; the
*objective's unit* is weighted t/yr for `flow` and M USD/yr for `profit`. A number that does not
exist is None and becomes a blank cell: no solution means no numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    import pandas

    from flowopt.model.certificate import Proof

Status = Literal["optimal", "limit", "infeasible", "no_solution"]
RowT = TypeVar("RowT")


class Rows(tuple[RowT, ...], Generic[RowT]):
    """A table: a tuple of rows of one class that knows its columns even when empty."""

    row: type[RowT]

    def __new__(cls, row: type[RowT], rows: Iterable[RowT] = ()) -> Rows[RowT]:
        """Make a table of the given row class."""
        table = super().__new__(cls, rows)
        table.row = row
        return table

    def __reduce__(self) -> tuple[Any, ...]:
        return (Rows, (self.row, tuple(self)))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, in order."""
        return tuple(f.name for f in fields(self.row))  # type: ignore[arg-type]  # a dataclass

    def to_frame(self) -> pandas.DataFrame:
        """Return the table as a pandas frame, one row each, columns as in the CSV file."""
        import pandas

        records = [[getattr(row, name) for name in self.columns] for row in self]
        return pandas.DataFrame(records, columns=list(self.columns))


@dataclass(frozen=True, slots=True)
class Flow:
    """One commodity on one arc: t/yr entering, capacity left, worth of a tonne more of it."""

    arc: str
    tail: str
    head: str
    mode: str
    commodity: str
    flow: float
    capacity: float | None
    shadow_price: float | None


@dataclass(frozen=True, slots=True)
class SiteRun:
    """Activity of one site, t/yr; `capacity` is its pool's if it has one."""

    site: str
    node: str
    recipe: str
    activity: float
    capacity: float | None
    shadow_price: float | None


@dataclass(frozen=True, slots=True)
class SupplyUse:
    """What one node puts into the chain, t/yr."""

    node: str
    commodity: str
    supplied: float
    capacity: float | None
    shadow_price: float | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one market receives of one commodity, t/yr."""

    node: str
    name: str
    continent: str
    commodity: str
    delivered: float
    quantity: float | None
    shadow_price: float | None


@dataclass(frozen=True, slots=True)
class Response:
    """The trafficker's best response to a plan.

    Attributes
    ----------
    network, input_sha256 : str
        Which network, and the hash of what its tables say.
    objective : str
        What the trafficker maximises.
    measures : tuple of str
        The plan, in file order.
    value : float
        The optimum, in the objective's unit.
    delivered, weighted : float
        Tonnes delivered a year, plain and weighted.
    revenue, cost, profit : float
        M USD a year.
    flows, sites, supplies, markets : Rows
        The tables.
    totals : tuple of (str, str, float)
        (by, key, t/yr): the flow by mode, kind, exit, country, region and continent.
    proof : Proof
        The flow and the prices that meet in `value`.
    """

    network: str
    input_sha256: str
    objective: str
    measures: tuple[str, ...]
    value: float
    delivered: float
    weighted: float
    revenue: float
    cost: float
    profit: float
    flows: Rows[Flow]
    sites: Rows[SiteRun]
    supplies: Rows[SupplyUse]
    markets: Rows[Delivery]
    totals: tuple[tuple[str, str, float], ...]
    proof: Proof

    def summary(self) -> dict[str, Any]:
        """Return the scalars by name."""
        tables = {"flows", "sites", "supplies", "markets", "totals", "proof"}
        scalars = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in tables}
        return {**scalars, "measures": list(self.measures)}

    def to_frame(self) -> pandas.DataFrame:
        """Return the flows as a frame, one row per arc and commodity."""
        return self.flows.to_frame()


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One measure of a plan; `lost_if_dropped` is what the objective regains without it."""

    rank: int
    measure: str
    name: str
    kind: str
    cost: float
    lost_if_dropped: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the best plans; `plan` is its measures in file order, joined by ``;``."""

    rank: int
    value: float
    bound: float
    gap: float
    status: str
    spent: float
    plan: str


@dataclass(frozen=True, slots=True)
class FlowChange:
    """One commodity on one arc, before and after the plan; the shadow price is after it."""

    arc: str
    tail: str
    head: str
    mode: str
    commodity: str
    before: float
    after: float
    change: float
    capacity_before: float | None
    capacity_after: float | None
    shadow_price: float | None


@dataclass(frozen=True, slots=True)
class MarketChange:
    """One commodity at one market, before and after the plan."""

    node: str
    name: str
    continent: str
    commodity: str
    before: float
    after: float
    change: float
    change_share: float | None


@dataclass(frozen=True, slots=True)
class Displacement:
    """The flow by one attribute, before and after the plan."""

    by: str
    key: str
    before: float
    after: float
    change: float


@dataclass(frozen=True, slots=True)
class SolverRun:
    """Who solved it."""

    name: str
    version: str
    threads: int


@dataclass(frozen=True, slots=True)
class Seconds:
    """Where the time went."""

    read: float
    build: float
    solve: float
    total: float


@dataclass(frozen=True, slots=True)
class Solution:
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
        ``optimal`` (proved within the gap), ``limit`` (a time limit or the user stopped it; the
        plan and the bound hold), ``infeasible`` (no plan keeps the conditions), ``no_solution``.
    baseline : float
        The objective without measures.
    value, bound, gap : float or None
        The objective under the plan (re-computed by the trafficker's programme), a proved lower
        bound on every plan's, and (value - bound) / max(1e-9, |value|).
    spent : float or None
        What the plan costs, M USD a year.
    used : mapping
        What it takes of each resource.
    plan : Rows of PlanRow
        The measures, the one that would be missed most first.
    alternatives : Rows of Alternative
        The best plans, this one first, when more than one was asked for; none holds another.
    before, after : Response
        The trafficker without measures and under the plan; `after` is None without a plan.
    include, exclude : tuple of str
        The measures that had to, or could not, be in the plan.
    dropped : mapping
        By measure of the plan, proof of what the trafficker can do without it.
    others : tuple of Proof
        Proof of the values of the first alternatives.
    interrupted : bool
        Whether the user stopped it.
    reasons : tuple of str
        Why no plan keeps the conditions, when `infeasible`.
    target, cost_bound : float or None
        What the objective had to be brought to, and what no plan that does it can cost less than.
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
    others: tuple[Proof, ...] = ()
    warnings: tuple[str, ...] = ()
    alternatives: Rows[Alternative] = field(default_factory=lambda: Rows(Alternative))
    interrupted: bool = False
    reasons: tuple[str, ...] = ()
    target: float | None = None
    cost_bound: float | None = None

    @property
    def gap(self) -> float | None:
        """(value - bound) / max(1e-9, |value|), None without a plan or a bound.

        With a target it is the costs that are compared: (spent - cost_bound) / spent.
        """
        if self.spent is not None and self.cost_bound is not None:
            return relative_gap(self.spent, self.cost_bound)
        if self.value is None or self.bound is None:
            return None
        return relative_gap(self.value, self.bound)

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
        if self.after is None:
            return Rows(FlowChange)
        return Rows(
            FlowChange,
            (
                FlowChange(
                    arc=b.arc,
                    tail=b.tail,
                    head=b.head,
                    mode=b.mode,
                    commodity=b.commodity,
                    before=b.flow,
                    after=a.flow,
                    change=change_of(b.flow, a.flow),
                    capacity_before=b.capacity,
                    capacity_after=a.capacity,
                    shadow_price=a.shadow_price,
                )
                for b, a in zip(self.before.flows, self.after.flows, strict=True)
            ),
        )

    @property
    def markets(self) -> Rows[MarketChange]:
        """Every commodity at every market, before and after; empty without a plan."""
        if self.after is None:
            return Rows(MarketChange)
        return Rows(
            MarketChange,
            (
                MarketChange(
                    node=b.node,
                    name=b.name,
                    continent=b.continent,
                    commodity=b.commodity,
                    before=b.delivered,
                    after=a.delivered,
                    change=change_of(b.delivered, a.delivered),
                    change_share=(
                        change_of(b.delivered, a.delivered) / b.delivered if b.delivered else None
                    ),
                )
                for b, a in zip(self.before.markets, self.after.markets, strict=True)
            ),
        )

    @property
    def displacement(self) -> Rows[Displacement]:
        """The flow by mode, kind, exit, country, region and continent; empty without a plan."""
        if self.after is None:
            return Rows(Displacement)
        return Rows(
            Displacement,
            (
                Displacement(
                    by=by, key=key, before=before, after=after, change=change_of(before, after)
                )
                for (by, key, before), (_, _, after) in zip(
                    self.before.totals, self.after.totals, strict=True
                )
            ),
        )

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
            "budget": self.budget,
            **reverse,
            "resources": dict(self.resources),
            "status": self.status,
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
            "solver": asdict(self.solver),
            "seconds": asdict(self.seconds),
            "warnings": [*self.reasons, *self.warnings],
        }

    def to_frame(self) -> pandas.DataFrame:
        """Return the summary as one row; lists joined by ``;``, nested keys by ``_``.

        Rows of several solutions stack with `pandas.concat`.
        """
        import pandas

        row: dict[str, Any] = {}
        for key, value in self.summary().items():
            if isinstance(value, dict):
                row.update({f"{key}_{inner}": v for inner, v in value.items()})
            else:
                row[key] = ";".join(value) if isinstance(value, list) else value
        return pandas.DataFrame([row])


def relative_gap(value: float, bound: float) -> float:
    """Return (value - bound) / max(1e-9, |value|), and 0 where the bound meets the value."""
    return max(0.0, value - bound) / max(1e-9, abs(value))


def rounded(x: float) -> float:
    """Return a number without the last digits, which are the solver's rounding.

    >>> rounded(5.999999999999998)
    6.0
    """
    return float(f"{x:.12g}")


def change_of(before: float, after: float) -> float:
    """Return after - before, without the solver's rounding of equal numbers."""
    change = after - before
    return 0.0 if abs(change) <= 1e-9 * max(abs(before), abs(after)) else change
