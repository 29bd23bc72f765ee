"""Rows of what a plan changes: flows, markets, displacement, who earns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowopt.results.column_units import Money, PricePerTonne, Share, Tonnes

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class FlowChange:
    """One commodity on one arc, before and after the plan.

    Attributes
    ----------
    arc, tail, head, mode : str
        The arc, the nodes it joins, and its mode, blank if it has none.
    commodity : str
        What is shipped.
    before, after, change : float
        What enters the arc without and with the plan, and the difference, t/yr.
    capacity_before, capacity_after : float or None
        The arc's capacity, and what the plan leaves of it, t/yr; None if unlimited.
    shadow_price : float or None
        After the plan, as for `Flow`.
    """

    arc: str
    tail: str
    head: str
    mode: str
    commodity: str
    before: Tonnes
    after: Tonnes
    change: Tonnes
    capacity_before: Tonnes | None
    capacity_after: Tonnes | None
    shadow_price: PricePerTonne | None


@dataclass(frozen=True, slots=True)
class MarketChange:
    """One commodity at one market, before and after the plan.

    Attributes
    ----------
    node, name, continent, commodity : str
        The market, its name and continent (blank if it has none), and what it buys.
    before, after, change : float
        What arrives without and with the plan, and the difference, t/yr.
    change_share : float or None
        The change as a share of what arrived before; None where that was nothing.
    """

    node: str
    name: str
    continent: str
    commodity: str
    before: Tonnes
    after: Tonnes
    change: Tonnes
    change_share: Share | None


@dataclass(frozen=True, slots=True)
class Displacement:
    """The flow by one attribute, before and after the plan.

    Attributes
    ----------
    by : str
        ``mode``, ``kind``, ``exit``, ``country``, ``region`` or ``continent``.
    key : str
        One value of it, such as ``river``.
    before, after, change : float
        Without and with the plan, and the difference, t/yr of what markets buy.
    """

    by: str
    key: str
    before: Tonnes
    after: Tonnes
    change: Tonnes


@dataclass(frozen=True, slots=True)
class OrganisationChange:
    """Gross receipts of one organisation, before and after the plan.

    Attributes
    ----------
    organisation : str
        Who.
    earned_before, earned_after, earned_change : float
        Without and with the plan, and the difference, M USD/yr.
    earned_change_share : float or None
        The change as a share of what it earned before; None where that was nothing.
    """

    organisation: str
    earned_before: Money
    earned_after: Money
    earned_change: Money
    earned_change_share: Share | None
