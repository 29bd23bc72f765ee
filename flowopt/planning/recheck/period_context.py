"""Context of a re-check over periods: what is stated, and what a schedule leaves of each year."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from flowopt.planning.recheck.arithmetic import USD_PER_KG, Names
from flowopt.planning.recheck.period_arithmetic import InForce, in_order
from flowopt.planning.recheck.period_proofs import YearLeft, Years
from flowopt.planning.recheck.stated_over_time import (
    StatedResponse,
    TimeCertificate,
)
from flowopt.planning.recheck.table_checks import Cell, FlowContext

LEAST_OPENED = 1e-6  # t/yr: what opens less is not listed


@dataclass(frozen=True, slots=True)
class Money:
    """Money of a schedule in one period: M USD a year in force, once bought, and a year in all."""

    running: float
    setup: float
    a_year: float


@dataclass(frozen=True, slots=True)
class YearTotals:
    """Totals of a year of one period."""

    delivered: float
    weighted: float
    revenue: float
    expenses: float

    @property
    def profit(self) -> float:
        """Revenue less expenses, M USD."""
        return self.revenue - self.expenses


class Shown:
    """One schedule with the trafficker's response to it, as it is stated.

    Parameters
    ----------
    years
        The years of the network.
    stated
        The response.
    bought
        The purchases, as ``m01@2015``.
    """

    def __init__(self, years: Years, stated: StatedResponse, bought: tuple[str, ...] = ()) -> None:
        self.years, self.stated = years, stated
        self.network, self.horizon = years.network, years.horizon
        self.in_force = parsed(years, stated.open.measures)
        self.bought = parsed(years, bought)

    @cached_property
    def left(self) -> list[YearLeft]:
        """Capacities that the schedule leaves of each year, with those that are open."""
        return self.years.left(self.in_force, self.stated.open.opened)

    @cached_property
    def money(self) -> list[Money]:
        """Its cost in each period."""
        rows = {row.measure: row for row in self.network.measures}
        found = []
        for t, period in enumerate(self.network.periods):
            running = math.fsum(rows[m].cost for m, s in self.in_force if s == t and m in rows)
            setup = math.fsum(rows[m].setup for m, s in self.bought if s == t and m in rows)
            found.append(Money(running, setup, running + setup / period.years))
        return found

    @property
    def spent(self) -> float:
        """Its cost in all, M USD."""
        rows = zip(self.money, self.network.periods, strict=True)
        return math.fsum(each.a_year * row.years for each, row in rows)

    @cached_property
    def totals(self) -> list[YearTotals]:
        """Tonnes and M USD of a year of each period."""
        weights = {(row.node, row.commodity): row.weight for row in self.network.demands}
        found = []
        for name, year in zip(self.horizon.names, self.left, strict=True):
            amounts = self.stated.open.periods[name].amounts
            runs = list(year.runs(amounts))
            arrives = [(n[1:], x) for n, x in amounts.items() if n[0] == "deliver"]
            found.append(
                YearTotals(
                    delivered=math.fsum(x for _, x in arrives),
                    weighted=math.fsum(weights.get((n[0], n[1]), 0.0) * x for n, x in arrives),
                    revenue=math.fsum(a.price * x for a, x in runs),
                    expenses=math.fsum(a.cost * x for a, x in runs),
                )
            )
        return found

    @property
    def paid(self) -> float:
        """Cost of opening, M USD, discounted."""
        horizon = self.horizon
        return math.fsum(
            self.years.openable[place].cost
            * USD_PER_KG
            * amount
            * horizon.worth(horizon.starts[horizon.names.index(period)])
            for (place, period), amount in self.stated.open.opened.items()
            if place in self.years.openable and period in horizon.names
        )

    def opened(self, period: str) -> float:
        """Return the capacity that opens in a period, as it is listed, t/yr."""
        return math.fsum(
            amount
            for (_, paid), amount in self.stated.open.opened.items()
            if paid == period and amount > LEAST_OPENED
        )


@dataclass(frozen=True, slots=True)
class ScheduleMean:
    """Means of a schedule over what works, as they were re-checked.

    Attributes
    ----------
    value, half_width, closed : float
        The mean, half the width of its interval, and the mean if nothing opened.
    drawn : bool
        Whether it is an estimate by draws.
    coins : int
        The chances that it hangs on.
    all_works, all_works_value : float
        How likely it is that all of it works, and the objective then.
    yearly : tuple of float, or None
        The mean of a year of each period, where all flows are proved.
    without : mapping
        The mean without a measure: by ``m01@2015`` in one period, by ``m01`` in all.
    """

    value: float
    half_width: float
    closed: float
    drawn: bool
    coins: int
    all_works: float
    all_works_value: float
    yearly: tuple[float, ...] | None
    without: Mapping[str, float] = field(default_factory=dict)


def parsed(years: Years, labels: tuple[str, ...]) -> list[InForce]:
    """Return measures in periods by their labels, in order; those of neither are left out."""
    measures = {row.measure for row in years.network.measures}
    names = years.horizon.names
    pairs = [label.rpartition("@")[::2] for label in labels]
    known = [(m, names.index(p)) for m, p in pairs if m in measures and p in names]
    return in_order(years.network, known)


def contexts(before: Shown, after: Shown) -> Iterator[tuple[str, FlowContext]]:
    """Yield each period with the context of its flows."""
    rows = zip(before.horizon.names, before.left, after.left, strict=True)
    for name, old, new in rows:
        yield (
            name,
            FlowContext(
                network=new.network,
                left_before=old.left,
                left_after=new.left,
                before=before.stated.open.periods[name],
                after=after.stated.open.periods[name],
            ),
        )


def about_of(certificate: TimeCertificate) -> dict[str, Cell]:
    """Return the first columns of each table of a result."""
    about: dict[str, Cell] = {
        "network": certificate.network,
        "objective": certificate.objective,
    }
    if certificate.result == "response_over_time":
        return about
    budget = certificate.budget
    return {**about, "budget": None if isinstance(budget, Mapping) else budget}


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """One line of a table of openings, as it must be."""

    period: str
    place: Names
    cells: tuple[Cell, ...]
    opened: float
    baseline: float


def opening_lines(before: Shown | None, after: Shown) -> list[OpeningLine]:
    """Return what opens, in the order of things: without `before` what opens most first."""
    horizon, years = after.horizon, after.years
    new = after.stated.open.opened
    old = {} if before is None else before.stated.open.opened
    found = []
    for place, period in {**old, **new}:
        known = place in years.openable and period in horizon.names
        opened, baseline = new.get((place, period), 0.0), old.get((place, period), 0.0)
        if not known or max(opened, baseline) <= LEAST_OPENED:
            continue
        row, q = years.openable[place], horizon.names.index(period)
        ready = horizon.ready(q, row.lead)
        table = years.table(ready[0]).capacity.get(place, 0.0) if ready else 0.0
        there = years.open_in(ready[0], new).get(place, 0.0) if ready else 0.0
        earlier = math.fsum(new.get((place, name), 0.0) for name in horizon.names[:q])
        cells: tuple[Cell, ...] = (
            period,
            place[0],
            place[1],
            place[2] if len(place) > 2 else None,
            earlier,
            opened,
            table,
            table + there,
            row.cost * USD_PER_KG * opened,
            after.stated.open.rents.most.get((place, period), 0.0),
        )
        found.append(OpeningLine(period, place, cells, opened, baseline))
    found.sort(key=lambda line: horizon.names.index(line.period))
    found.sort(key=_by_most if before is None else _by_change)
    return found


def _by_most(line: OpeningLine) -> tuple[float, str, str, str]:
    return (-_digits(line.opened), *_of_place(line))


def _by_change(line: OpeningLine) -> tuple[float, float, str, str, str]:
    opened, baseline = _digits(line.opened), _digits(line.baseline)
    return (-round(opened - baseline, 9), -opened, *_of_place(line))


def _of_place(line: OpeningLine) -> tuple[str, str, str]:
    return (line.place[0], line.place[1], line.place[2] if len(line.place) > 2 else "")


def _digits(number: float) -> float:
    return float(f"{number:.12g}")


def lost(without: float | None, value: float, objective: str) -> float | None:
    """Return what the objective regains without a measure; below 0 it is rounding, mostly."""
    if without is None:
        return None
    gained = without - value
    return gained if objective == "bilevel" else max(0.0, gained)
