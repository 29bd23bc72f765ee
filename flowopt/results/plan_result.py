"""The shared half of results about one plan: what it changes, and how it was computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from flowopt.clock import LimitReason
from flowopt.overview import Overview, amount, enumerated, first_line, sizes
from flowopt.plain_text import name_and_id
from flowopt.results.displacement_rows import (
    Displacement,
    FlowChange,
    MarketChange,
    OrganisationChange,
)
from flowopt.results.document import Option, head, listed, restored, state
from flowopt.results.folder_result import PageResult
from flowopt.results.numbers import change_of, rounded, share
from flowopt.results.proof import Proof, ServedRange
from flowopt.results.response import Response
from flowopt.results.rows import Binding, NextMeasure, PlanRow, Rows, named

Status = Literal["optimal", "limit", "infeasible", "no_solution"]


@dataclass(frozen=True, slots=True)
class SolverRun:
    """The solver, and how it ran.

    Attributes
    ----------
    name, version : str
        The solver and its version, or that of the PuLP which calls it.
    threads : int
        How many threads it had; in a race, both solvers together.
    """

    name: str
    version: str
    threads: int


@dataclass(frozen=True, slots=True)
class Seconds:
    """Time by what it was spent on, seconds.

    Attributes
    ----------
    read, build, solve, total : float
        Reading the network, building the programmes, searching and proving, and all of it with what
        comes after: the proofs of the values and what each measure is worth.
    """

    read: float
    build: float
    solve: float
    total: float


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PlanResult(PageResult):
    """One plan beside no measures at all: the shared half of `Solution` and `Evaluation`.

    Attributes
    ----------
    network, input_sha256, objective : str
        The network's id, the hash of what its tables hold, and the objective.
    budget : float or None
        Most that a plan may cost, M USD a year; None when none was given.
    resources : mapping
        The limits on plans, by resource.
    baseline : float
        The objective without measures.
    value : float or None
        The objective once the trafficker has re-routed, by its own programme; None without a plan.
    spent : float or None
        What the plan costs, M USD a year.
    used : mapping
        What it takes of each resource.
    plan : Rows of PlanRow
        Its measures, the one that would be missed most first.
    measures : tuple of str
        Their ids, in file order.
    before, after : Response
        The trafficker without measures and under the plan; `after` is None without a plan.
    solver : SolverRun
        The solver, and how it ran.
    seconds : Seconds
        Where the time went.
    dropped : mapping
        By measure of the plan, proof of what the trafficker can do without it.
    next : Rows of NextMeasure
        The measures left out that would add most, one at a time, on top of the plan.
    added : mapping
        By each of them, proof of what the trafficker can do once it is bought as well.
    warnings : tuple of str
        What is odd in the network, or was left out for lack of time.
    interrupted : bool
        Whether the user stopped the search.
    ties : str or None
        How `bilevel` settles ties, None for the others.
    limit : str or None
        What stopped the search short of a proof: ``time``, ``nodes`` (the solver's limit of nodes)
        or ``interrupted`` (the user). None where nothing did, or the solver ended of itself.
    options : mapping
        Every option, as those of the command are named: what was asked, and how it was solved. No
        limit of time is None.
    scenario : str or None
        The scenario of the network that it is about; None for the network as it stands.
    of : str or None
        The part of the markets whose deliveries count, as ``continent:Europe``; None for all. With
        ``flow``, `baseline` and `value` are then the most that can reach it, whatever the
        trafficker does, and the flows bring that much there before they serve other markets.
    served : mapping
        With `of` and ``flow``, by ``before`` and ``after``: what arrives there when the trafficker
        brings as much as it can to all markets, least and most among its equally good flows.
    """

    network: str
    input_sha256: str
    objective: str
    budget: float | None
    resources: Mapping[str, float]
    baseline: float
    value: float | None
    spent: float | None
    used: Mapping[str, float]
    plan: Rows[PlanRow]
    measures: tuple[str, ...]
    before: Response
    after: Response | None
    solver: SolverRun
    seconds: Seconds
    dropped: Mapping[str, Proof] = field(default_factory=dict)
    next: Rows[NextMeasure] = field(default_factory=lambda: Rows(NextMeasure))
    added: Mapping[str, Proof] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    ties: str | None = None
    limit: LimitReason | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    scenario: str | None = None
    of: str | None = None
    served: Mapping[str, ServedRange] = field(default_factory=dict)

    __getstate__ = state
    __setstate__ = restored

    def __post_init__(self) -> None:
        named(self, self._about)

    @property
    def _about(self) -> dict[str, str | float | None]:
        """The columns that name it in its tables."""
        return {"network": self.network, "objective": self.objective, "budget": self.budget}

    def _hashes(self) -> tuple[str, ...]:
        return (self.input_sha256,)

    def _overview_of(
        self, status: str, asked: Sequence[str], proved: str, others: tuple[tuple[str, str], ...]
    ) -> Overview:
        """Return the overview, with what only some results have at its places."""
        baseline = f"{amount(self.baseline)} without measures"
        share = "" if self.cut_share is None else f", {self.cut_share:.1%} less"
        value = f"{amount(self.value)} of {baseline}{share}{proved}"
        names = [name_and_id(row.name, row.measure) for row in self.plan]
        after, before = self.after, self.before
        tables = () if after is None else (
            ("plan", self.plan), ("flows", before.flows), ("markets", before.markets),
            ("displacement", before.totals), ("binding", after.binding), ("next", self.next),
            ("organisations", before.organisations),
        )  # fmt: skip
        return Overview(
            f"{type(self).__name__} on {self.network}: {status}",
            (
                ("asked", ", ".join((self.objective, *asked))),
                ("value", baseline if self.value is None else value),
                ("plan", "" if self.spent is None else f"{amount(self.spent)} M USD/yr"),
                ("buys", enumerated(names)),
                *others,
                ("tables", sizes(tables)),
                ("warnings", first_line(self.warnings)),
            ),
        )

    @property
    def cut(self) -> float | None:
        """The part of the objective that the plan takes off, in its unit."""
        return None if self.value is None else rounded(self.baseline - self.value)

    @property
    def cut_share(self) -> float | None:
        """The cut as a share of the baseline; None where there was nothing to cut."""
        return None if self.cut is None else share(self.cut, self.baseline)

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
        """Gross receipts before and after; empty without a plan or without `earnings.csv`.

        They don't add up: what one organisation pays, another one may earn.
        """
        found = Rows(OrganisationChange) if self.after is None else paid(self.before, self.after)
        return found.of(self._about)

    def _part(self) -> dict[str, Any]:
        """Return what `summary.json` holds of the part of the markets that counts, if one does."""
        if self.of is None:
            return {}
        served = {
            when: {"least": each.least.value, "most": each.most.value}
            for when, each in self.served.items()
        }
        return {"of": self.of, "served": served}

    def _summary(
        self,
        *,
        status: str,
        target: Mapping[str, Any],
        broken: Mapping[str, Any],
        proved: Mapping[str, Any],
        warnings: tuple[str, ...],
    ) -> dict[str, Any]:
        """Return `summary.json`, with what only some results have at its places."""
        after = self.after
        return {
            **head(),
            "network": self.network,
            **({} if self.scenario is None else {"scenario": self.scenario}),
            "input_sha256": self.input_sha256,
            "objective": self.objective,
            **({} if self.ties is None else {"ties": self.ties}),
            **self._part(),
            "budget": self.budget,
            **target,
            "resources": dict(self.resources),
            "status": status,
            "limit": self.limit,
            **broken,
            "baseline": self.baseline,
            "value": self.value,
            **proved,
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
            "warnings": list(warnings),
        }


def flow_changes(before: Response, after: Response) -> Rows[FlowChange]:
    """Return every commodity on every arc, before and after a plan."""
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
            for b, a in zip(before.flows, after.flows, strict=True)
        ),
    )


def market_changes(before: Response, after: Response) -> Rows[MarketChange]:
    """Return every commodity at every market, before and after a plan."""
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
                change_share=share(change_of(b.delivered, a.delivered), b.delivered),
            )
            for b, a in zip(before.markets, after.markets, strict=True)
        ),
    )


def displaced(before: Response, after: Response) -> Rows[Displacement]:
    """Return the flow by mode, kind, exit, country, region and continent, before and after."""
    return Rows(
        Displacement,
        (
            Displacement(by=by, key=key, before=was, after=now, change=change_of(was, now))
            for (by, key, was), (_, _, now) in zip(before.totals, after.totals, strict=True)
        ),
    )


def paid(before: Response, after: Response) -> Rows[OrganisationChange]:
    """Return what organisations earn, before and after, M USD a year."""
    return Rows(
        OrganisationChange,
        (
            OrganisationChange(
                organisation=b.organisation,
                earned_before=b.earned,
                earned_after=a.earned,
                earned_change=change_of(b.earned, a.earned),
                earned_change_share=share(change_of(b.earned, a.earned), b.earned),
            )
            for b, a in zip(before.organisations, after.organisations, strict=True)
        ),
    )
