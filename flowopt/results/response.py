"""The trafficker's best response to a plan, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from flowopt.overview import Overview, amount, enumerated, first_line, sizes
from flowopt.results.document import Option, head, listed, restored
from flowopt.results.folder_result import FolderResult
from flowopt.results.proof import Proof
from flowopt.results.rows import Binding, Delivery, Earned, Flow, Rows, SiteRun, SupplyUse, named

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True, repr=False)
class Response(FolderResult):
    """The trafficker's best response to a plan.

    Attributes
    ----------
    network, input_sha256 : str
        Which network, and the hash of what its tables say.
    objective : str
        ``flow``, ``profit`` or ``bilevel``.
    measures : tuple of str
        The plan, in file order.
    value : float
        The planner's objective, in its unit.
    delivered, weighted : float
        Tonnes delivered a year, plain and weighted.
    revenue, expenses, profit : float
        M USD a year.
    flows, sites, supplies, markets : Rows
        The tables.
    binding : Rows of Binding
        The capacities that hold it back, the one that is worth most to it first.
    totals : tuple of (str, str, float)
        (by, key, t/yr): the flow by mode, kind, exit, country, region and continent.
    proof : Proof
        The flow and the prices that meet in `value`.
    organisations : Rows of Earned
        Who earns, in file order of first appearance. These are gross receipts: what one
        organisation pays is part of what another one earns, so they don't add up to anything.
    ties : str or None
        How `bilevel` settles ties, None for the others.
    options : mapping
        Every option of `respond`, as a `Solution` has them; empty for one inside another result.
    warnings : tuple of str
        What is odd in the network and the question; empty for one inside another result.
    tidy : bool
        Whether the flows are the cheapest of those that bring the trafficker as much; False where
        a time limit left no time to choose.
    scenario : str or None
        The scenario of the network that it is about; None for the network as it stands.
    of : str or None
        The part of the markets whose deliveries count, as in a `Solution`; None for all, and for
        one inside another result.
    """

    network: str
    input_sha256: str
    objective: str
    measures: tuple[str, ...]
    value: float
    delivered: float
    weighted: float
    revenue: float
    expenses: float
    profit: float
    flows: Rows[Flow]
    sites: Rows[SiteRun]
    supplies: Rows[SupplyUse]
    markets: Rows[Delivery]
    binding: Rows[Binding]
    totals: tuple[tuple[str, str, float], ...]
    proof: Proof
    organisations: Rows[Earned] = field(default_factory=lambda: Rows(Earned))
    ties: str | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    tidy: bool = True
    scenario: str | None = None
    of: str | None = None

    __setstate__ = restored

    def __post_init__(self) -> None:
        named(self, {"network": self.network, "objective": self.objective})

    def _hashes(self) -> tuple[str, ...]:
        return (self.input_sha256,)

    def _overview(self) -> Overview:
        tables = ("flows", "sites", "supplies", "markets", "binding", "organisations")
        return Overview(
            f"Response on {self.network}: the trafficker under a plan, {self.objective}",
            (
                ("plan", enumerated(self.measures) or "no measures"),
                ("value", amount(self.value)),
                ("delivers", f"{amount(self.delivered)} t/yr"),
                ("earns", f"{amount(self.profit)} M USD/yr"),
                ("tables", sizes((name, getattr(self, name)) for name in tables)),
                ("warnings", first_line(self.warnings)),
            ),
        )

    def summary(self) -> dict[str, Any]:
        """Return `summary.json`: the scalars by name."""
        tables = {"flows", "sites", "supplies", "markets", "organisations", "binding"}
        tables |= {"totals", "proof", "tidy"}
        tables |= {name for name in ("ties", "scenario", "of") if getattr(self, name) is None}
        names = [f.name for f in fields(self) if f.name not in tables]
        return {**head(), **{name: listed(getattr(self, name)) for name in names}}

    def to_frame(self) -> pandas.DataFrame:
        """Return the flows as a frame, one row per arc and commodity."""
        return self.flows.to_frame()
