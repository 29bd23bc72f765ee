"""Periods by plain sums: when each begins, what trends make of it, what may open and be bought.

Written from the words of the network format alone, as `arithmetic` is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import Names, places_of

SLACK = 1e-9  # years by which two times may differ and be the same
InForce = tuple[str, int]  # a measure, and the place of the period


class Horizon:
    """Periods of a network, and what a year of each counts.

    Attributes
    ----------
    names : tuple of str
        The periods by id.
    starts : tuple of float
        When each begins, years after the first.
    tonnes, money : tuples of float
        What a year of each counts of tonnes, and of the trafficker's money.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.names = tuple(row.period for row in network.periods)
        self.starts = tuple(
            math.fsum(row.years for row in network.periods[:t]) for t in range(len(self.names))
        )
        rows = network.periods
        self.tonnes = tuple(row.years * row.weight for row in rows)
        self.money = tuple(
            row.years * self.worth(start) for row, start in zip(rows, self.starts, strict=True)
        )

    def worth(self, start: float) -> float:
        """Return what money of a time is worth at the beginning."""
        return float((1.0 + self.network.info.discount) ** -start)

    def label(self, each: InForce) -> str:
        """Return a measure in a period as `m01@2015`."""
        return f"{each[0]}@{self.names[each[1]]}"

    def ready(self, period: int, lead: float) -> list[int]:
        """Return the periods that begin at least a lead after one begins."""
        first = self.starts[period] + lead - SLACK
        return [t for t, start in enumerate(self.starts) if start >= first]

    def window(self, row: schema.Measure | schema.Campaign) -> range:
        """Return the periods from the first to the last that a row names."""
        first = self.names.index(row.from_) if row.from_ else 0
        last = self.names.index(row.until) if row.until else len(self.names) - 1
        return range(first, last + 1)

    def serves(self, row: schema.Measure, bought: int, period: int) -> bool:
        """Return whether a purchase serves a period."""
        age = self.starts[period] - self.starts[bought]
        end = math.inf if row.lasts is None else row.lead + row.lasts
        return row.lead - SLACK <= age < end - SLACK

    def possible(self, row: schema.Measure, period: int) -> bool:
        """Return whether a measure can be in force in a period, whatever a purchase costs."""
        if period not in self.window(row):
            return False
        if row.setup:
            return any(self.serves(row, q, period) for q in range(period + 1))
        return self.starts[period] >= row.lead - SLACK

    def latest_purchases(self, row: schema.Measure, periods: Iterable[int]) -> list[int]:
        """Return the fewest purchases for a measure in force, each as late as possible."""
        bought: list[int] = []
        for t in sorted(periods) if row.setup else ():
            if not any(self.serves(row, q, t) for q in bought):
                bought.append(max(q for q in range(t + 1) if self.serves(row, q, t)))
        return bought

    def openable(self) -> dict[Names, schema.Opening]:
        """Return the capacities that may open, with the row that says so."""
        return {
            place: row for row in self.network.openings for place in places_of(self.network, row)
        }

    def year(self, period: int, *, counts: bool = True) -> Network:
        """Return the network of one year of a period: its trends, and nothing that opens.

        Without `counts` its deliveries weigh nothing.
        """
        network, factor = self.network, self._factors(period)
        demands = tuple(
            replace(
                row,
                quantity=_times(row.quantity, factor("capacity", *_of_demand(row))),
                price=_times(row.price, factor("price", *_of_demand(row))),
                weight=row.weight if counts else 0.0,
            )
            for row in network.demands
        )
        return replace(
            network,
            nodes=tuple(
                replace(row, capacity=_times(row.capacity, factor("capacity", ("node", row.node))))
                for row in network.nodes
            ),
            arcs=tuple(
                replace(
                    row,
                    capacity=_times(row.capacity, factor("capacity", ("arc", row.arc))),
                    cost=_times(row.cost, factor("cost", ("arc", row.arc))),
                )
                for row in network.arcs
            ),
            sites=tuple(
                replace(
                    row,
                    capacity=_times(row.capacity, factor("capacity", *_of_site(row))),
                    cost=_times(row.cost, factor("cost", *_of_site(row))),
                )
                for row in network.sites
            ),
            supplies=tuple(
                replace(
                    row,
                    capacity=_times(row.capacity, factor("capacity", _of_supply(row))),
                    cost=_times(row.cost, factor("cost", _of_supply(row))),
                )
                for row in network.supplies
            ),
            demands=demands,
        )

    def _factors(self, period: int) -> Any:
        """Return a function of a column and places: the product of what trends say of them."""
        latest: dict[tuple[str, str, str, str], tuple[int, schema.Trend]] = {}
        for row in self.network.trends:
            begins = self.names.index(row.from_)
            for column in ("capacity", "cost", "price"):
                key = (column, row.on, row.target, row.commodity)
                if begins <= period and getattr(row, column) is not None:
                    latest[key] = max(latest.get(key, (-1, row)), (begins, row), key=_first)
        found: dict[tuple[str, Names], list[float]] = {}
        for (column, *_), (_, row) in latest.items():
            for place in places_of(self.network, row):
                found.setdefault((column, place), []).append(getattr(row, column))
        return lambda column, *places: math.prod(
            factor for place in dict.fromkeys(places) for factor in found.get((column, place), ())
        )


def _first(pair: tuple[int, schema.Trend]) -> int:
    return pair[0]


def _times(number: Any, factor: float) -> Any:
    return None if number is None else number * factor


def _of_site(row: schema.Site) -> list[Names]:
    return [("site", row.site), *([("pool", row.pool)] if row.pool else [])]


def _of_demand(row: schema.Demand) -> list[Names]:
    own: Names = ("demand", row.node, row.commodity)
    return [own, *([("pool", row.pool)] if row.pool else [])]


def _of_supply(row: schema.Supply) -> Names:
    return ("supply", row.node, row.commodity)


# -- schedules ------------------------------------------------------------------------------------


def in_order(network: Network, schedule: Iterable[InForce]) -> list[InForce]:
    """Return measures in periods, period by period, in file order."""
    order = {row.measure: place for place, row in enumerate(network.measures)}
    return sorted(set(schedule), key=lambda each: (each[1], order[each[0]]))


def without_some(
    network: Network, schedule: Iterable[InForce], gone: Iterable[InForce]
) -> set[InForce]:
    """Return a schedule without some of it, and without what cannot be in force without that."""
    left = set(schedule) - set(gone)
    while True:
        lost = {
            (rule.measure, t)
            for rule in network.rules
            for measure, t in left
            if measure == rule.measure
            and (
                (rule.relation == "requires" and (rule.other, t) not in left)
                or (rule.relation == "after" and not any((rule.other, s) in left for s in range(t)))
            )
        }
        if not lost:
            return left
        left -= lost


def broken_by_period(
    network: Network, schedule: Iterable[InForce]
) -> list[tuple[int, schema.Rule]]:
    """Return the rules that a schedule breaks, each with the period, in their order."""
    chosen = set(schedule)
    found = []
    for t in range(len(network.periods)):
        for rule in network.rules:
            if (rule.measure, t) not in chosen:
                continue
            kept = {
                "requires": (rule.other, t) in chosen,
                "excludes": (rule.other, t) not in chosen,
                "after": any((rule.other, s) in chosen for s in range(t)),
            }[rule.relation]
            if not kept:
                found.append((t, rule))
    return found


def uses_by_period(network: Network, schedule: Iterable[InForce]) -> dict[str, float]:
    """Return the use of each resource in each period, as `crews@2015`."""
    chosen = set(schedule)
    return {
        f"{row.resource}@{period.period}": math.fsum(
            use.amount
            for use in network.uses
            if use.resource == row.resource and (use.measure, t) in chosen
        )
        for row in network.resources
        for t, period in enumerate(network.periods)
    }


def budgets_by_period(
    network: Network, given: float | Mapping[str, float] | None
) -> list[float | None]:
    """Return the money of each period, M USD a year: what is given, else the table's."""
    by_id = given if isinstance(given, Mapping) else {row.period: given for row in network.periods}
    return [
        row.budget if by_id.get(row.period) is None else by_id[row.period]
        for row in network.periods
    ]
