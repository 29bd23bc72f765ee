"""The shared half of results about one plan: what it changes, and how it was computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flowopt.results.numbers import change_of
from flowopt.results.response import Response
from flowopt.results.rows import Displacement, FlowChange, MarketChange, OrganisationChange, Rows

Status = Literal["optimal", "limit", "infeasible", "no_solution"]


@dataclass(frozen=True, slots=True)
class SolverRun:
    """Who solved it.

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
    """Where the time went, seconds.

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
                change_share=(
                    change_of(b.delivered, a.delivered) / b.delivered if b.delivered else None
                ),
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
                before=b.earned,
                after=a.earned,
                change=change_of(b.earned, a.earned),
                change_share=change_of(b.earned, a.earned) / b.earned if b.earned else None,
            )
            for b, a in zip(before.organisations, after.organisations, strict=True)
        ),
    )
