"""Checks of proofs over periods: a year of each, and that no other openings bring more.

In period t, with the capacities U of its tables and what is open of them, Z, a proof of one year
says that the flow shown is the best there is (`proof_checks`). Let s be what the measures leave of
a capacity, mu its price for a year, w what a year counts, and c what opening a tonne costs. If

    sum over the periods in which it is ready of w s mu <= c + alpha_q + beta,  alpha, beta >= 0,

then no openings and flows at all are worth more than the sum of w s U mu over all periods, with
most_q alpha_q and limit beta for what may open. What is shown reaches that bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import (
    USD_PER_KG,
    Activity,
    Names,
    Residual,
    residual_network,
    shares_left,
)
from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.planning.recheck.json_values import label
from flowopt.planning.recheck.period_arithmetic import Horizon, InForce
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.stated_over_time import StatedOverTime, StatedRents
from flowopt.planning.recheck.verdict import ROWS, VALUES, Check, Comparison

_NOTHING = 1e-9  # of the value without measures: equal to zero
_TONNES = 1e-4  # relative: weighted tonnes of `bilevel`, which are sensitive to the profit
_FLOOR = 1e-10  # of the largest capacity that opens: rounding


@dataclass(frozen=True, slots=True)
class YearLeft:
    """Capacities that a schedule leaves of a year of a period.

    Attributes
    ----------
    network : Network
        The period's network, nothing open.
    plan : tuple of str
        The measures in force.
    left : Residual
        Its residual network with what is open.
    table : Residual
        The same with nothing open.
    shares : mapping
        What the measures leave of each capacity that may open.
    """

    network: Network
    plan: tuple[str, ...]
    left: Residual
    table: Residual
    shares: Mapping[Names, float]

    def runs(self, amounts: Mapping[Names, float]) -> Iterator[tuple[Activity, float]]:
        """Yield the activities of a flow that there are, with how much each runs."""
        for names, amount in amounts.items():
            activity = self.left.activities.get(names)
            if activity is not None:
                yield activity, amount


class Years:
    """Years of a network, each worked out once.

    Parameters
    ----------
    network, objective
        The network with periods, and what is counted.
    """

    def __init__(self, network: Network, objective: str) -> None:
        self.network, self.objective = network, objective
        self.horizon = Horizon(network)
        self.openable = self.horizon.openable()
        counts = [objective == "profit" or tonnes > 0.0 for tonnes in self.horizon.tonnes]
        self.networks = [
            self.horizon.year(t, counts=counts[t]) for t in range(len(self.horizon.names))
        ]
        self._tables: dict[tuple[int, tuple[str, ...]], YearLeft] = {}

    @property
    def rates(self) -> tuple[float, ...]:
        """Weight of a year of each period for the trafficker."""
        return self.horizon.tonnes if self.objective == "flow" else self.horizon.money

    def left(
        self, schedule: Iterable[InForce], opened: Mapping[tuple[Names, str], float]
    ) -> list[YearLeft]:
        """Return what a schedule leaves of each year, with what is open."""
        chosen, found = set(schedule), []
        for t in range(len(self.networks)):
            plan = tuple(row.measure for row in self.network.measures if (row.measure, t) in chosen)
            year = self._table(t, plan)
            more = self.open_in(t, opened)
            capacity = {
                **year.table.capacity,
                **{
                    place: year.table.capacity[place] + year.shares[place] * amount
                    for place, amount in more.items()
                    if place in year.table.capacity
                },
            }
            found.append(replace(year, left=Residual(capacity, year.table.activities)))
        return found

    def table(self, period: int) -> Residual:
        """Return the residual network of a period's tables without measures."""
        return self._table(period, ()).table

    def open_in(self, period: int, opened: Mapping[tuple[Names, str], float]) -> dict[Names, float]:
        """Return what is open of each capacity in a period, t/yr."""
        found: dict[Names, float] = {}
        for (place, paid), amount in opened.items():
            row = self.openable.get(place)
            if row is not None and paid in self.horizon.names:
                start = self.horizon.names.index(paid)
                if period in self.horizon.ready(start, row.lead):
                    found[place] = found.get(place, 0.0) + amount
        return found

    def _table(self, period: int, plan: tuple[str, ...]) -> YearLeft:
        if (period, plan) not in self._tables:
            network = self.networks[period]
            table = residual_network(network, plan)
            shares = shares_left(network, plan, self.openable)
            self._tables[period, plan] = YearLeft(network, plan, table, table, shares)
        return self._tables[period, plan]


class TimeProofs:
    """Checks of proofs over periods, one or several of a kind together.

    Parameters
    ----------
    years, ties
        The years, and how ``bilevel`` settles ties.
    subject
        Phrase for the schedule or schedules.
    baseline
        The proof without measures; None where the proof is the only one there is.
    opens
        Whether anything opens.
    """

    def __init__(
        self,
        years: Years,
        ties: str | None,
        subject: str,
        baseline: StatedOverTime | None,
        *,
        opens: bool = True,
    ) -> None:
        self._years, self._baseline, self._opens = years, baseline, opens
        self._sign = 1.0 if ties == "pessimistic" else -1.0
        names = years.horizon.names
        self._by_period = {
            name: ProofChecks(
                years.objective,
                ties,
                f"in {name} {subject}",
                None if baseline is None else baseline.periods.get(name),
            )
            for name in names
        }
        self._form = Comparison(f"the proof {subject} is about every period")
        self._possible = Comparison(f"what opens {subject} may open", ROWS)
        self._rents = Comparison(f"the rents of what opens {subject} hold", ROWS)
        common = "profit" if years.objective == "bilevel" else "the stated value"
        self._value = Comparison(f"all periods {subject} come to {common}", VALUES)
        self._tied = Comparison(f"equal profits {subject} deliver the stated total", _TONNES)

    def add(
        self,
        schedule: Sequence[InForce],
        stated: StatedOverTime,
        about: str = "",
        *,
        years: Years | None = None,
    ) -> None:
        """Add one proof, checked against what its schedule leaves.

        Parameters
        ----------
        schedule, stated, about
            What is in force, the proof, and words that name it.
        years
            Years in which some effects of measures fail, in place of those of all.
        """
        checks = (self._form, self._possible, self._rents, self._value, self._tied)
        for check in checks:
            check.about = about
        horizon = self._years.horizon
        measures = tuple(horizon.label(each) for each in schedule)
        self._form.equal("the schedule", stated.measures, measures)
        names = self._form.equal("the periods", sorted(stated.periods), sorted(horizon.names))
        if not self._opens:
            bare = (stated.opened, stated.rents.most, stated.rents.limit)
            self._form.equal("what opens", bare, ({}, {}, {}))
        if not names:
            return
        left = (years or self._years).left(schedule, stated.opened)
        self._check_years(left, stated, about)
        self._check_opened(stated)
        self._check_value(left, stated)

    def checks(self) -> list[Check]:
        """Return the finished checks."""
        tied = [self._tied.check()] if self._years.objective == "bilevel" else []
        each = [check for proofs in self._by_period.values() for check in proofs.checks()]
        return [
            self._form.check(),
            *each,
            *((self._possible.check(), self._rents.check()) if self._opens else ()),
            self._value.check(),
            *tied,
        ]

    def _check_years(self, years: Sequence[YearLeft], stated: StatedOverTime, about: str) -> None:
        """Add the proof of a year of each period.

        Profits are equal, or not, in all periods together: a single one of them, which may bring
        nothing by itself, can bear all that counts for nothing beside the total.
        """
        horizon = self._years.horizon
        proofs = [stated.periods[name] for name in horizon.names]
        tied = ROWS * abs(_total(horizon.money, years, proofs, weighted=False))
        for t, (name, year, proof) in enumerate(zip(horizon.names, years, proofs, strict=True)):
            self._form.equal(f"the measures in {name}", proof.measures, year.plan)
            money, tonnes = horizon.money[t], horizon.tonnes[t]
            self._by_period[name].add(year.left, proof, about, tied=tied / money if money else 0.0)
            if stated.tie is not None and tonnes > 0.0:
                self._form.close(f"the rate in {name}", proof.rate, stated.rate * money / tonnes)

    # -- what opens -------------------------------------------------------------------------------

    def _check_opened(self, stated: StatedOverTime) -> None:
        """Check that what opens may open: how much, and early enough to count."""
        horizon, check = self._years.horizon, self._possible
        total: dict[Names, float] = {}
        floor = _FLOOR * max(stated.opened.values(), default=0.0)
        for (place, paid), amount in stated.opened.items():
            row, what = self._years.openable.get(place), f"{label(place)} in {paid}"
            if row is None or paid not in horizon.names:
                check.fault(f"{what}: the network has no such thing to open")
                continue
            start = horizon.names.index(paid)
            check.at_most(f"minus {what}", -amount, 0.0)
            if not horizon.ready(start, row.lead):
                check.fault(f"{what} opens too late to count")
            if row.most is not None:
                years = self._years.network.periods[start].years
                check.at_most(what, amount, row.most * years, floor=floor)
            total[place] = total.get(place, 0.0) + amount
        for place, amount in total.items():
            limit = self._years.openable[place].limit
            if limit is not None:
                check.at_most(f"{label(place)} in all", amount, limit, floor=floor)

    def _least_rents(
        self, years: Sequence[YearLeft], worth: Sequence[Mapping[Names, float]], paid: float
    ) -> tuple[StatedRents, float]:
        """Return the least rents, and what they come to.

        Parameters
        ----------
        years
            What the schedule leaves.
        worth
            By period, what a tonne of each capacity is worth over all its years.
        paid
            How much a M USD of what opening costs counts.
        """
        horizon = self._years.horizon
        most: dict[tuple[Names, str], float] = {}
        limit: dict[Names, float] = {}
        total = 0.0
        for place, row in self._years.openable.items():
            over: list[tuple[float, float, str]] = []
            for q, name in enumerate(horizon.names):
                ready = horizon.ready(q, row.lead)
                brings = math.fsum(worth[t].get(place, 0.0) * years[t].shares[place] for t in ready)
                cost = row.cost * USD_PER_KG * horizon.worth(horizon.starts[q]) * paid
                room = math.inf
                if row.most is not None:
                    room = row.most * self._years.network.periods[q].years
                left = brings - cost
                if ready and left > ROWS * brings / 100.0:
                    over.append((left, room, name))
            in_all = _last(over, row)
            if in_all > 0.0:
                limit[place] = in_all
                total += in_all * float(row.limit or 0.0)
            for left, room, name in over:
                if left > in_all:
                    most[place, name] = left - in_all
                    total += (left - in_all) * room
        return StatedRents(most, limit), total

    def _check_rents(self, stated: StatedRents, least: StatedRents, scale: float) -> None:
        """Compare stated rents with the least that hold."""
        check, floor = self._rents, ROWS * scale
        for key in {**stated.most, **least.most}:
            place, name = key
            what = f"the rent of {label(place)} in {name}"
            check.close(what, stated.most.get(key, 0.0), least.most.get(key, 0.0), floor=floor)
        for place in {**stated.limit, **least.limit}:
            what = f"the rent of {label(place)} in all"
            check.close(what, stated.limit.get(place, 0.0), least.limit.get(place, 0.0),
                        floor=floor)  # fmt: skip

    # -- the value --------------------------------------------------------------------------------

    def _check_value(self, years: Sequence[YearLeft], stated: StatedOverTime) -> None:
        horizon, objective = self._years.horizon, self._years.objective
        rates = self._years.rates
        proofs = [stated.periods[name] for name in horizon.names]
        paid = 0.0 if objective == "flow" else 1.0
        reached = _total(rates, years, proofs, weighted=objective == "flow")
        spent = paid * self._opening_cost(stated.opened)
        bound = self._bound(years, rates, [p.prices for p in proofs], stated.rents, paid)
        floor = _NOTHING * (0.0 if self._baseline is None else abs(self._baseline.value))
        # Earnings that cancel out are as exact as what is taken in and paid.
        earned = abs(reached) if objective == "flow" else _gross(rates, years, proofs)
        side = math.fsum((earned, abs(spent)))
        if objective != "bilevel":
            numbers = f"flows {reached - spent:.10g}, prices {bound:.10g}"
            self._value.note(f"{numbers}, stated {stated.value:.10g}")
            self._value.close("what the flows come to", reached - spent, stated.value,
                              floor=floor, side=side)  # fmt: skip
            self._value.close("what the prices come to", bound, stated.value, floor=floor,
                              side=side)  # fmt: skip
            return
        self._value.note(f"flows {reached - spent:.10g}, prices {bound:.10g}")
        self._value.close("what the flows earn", reached - spent, bound, side=side)
        if stated.tie is None:
            return
        each = [t or m for t, m in zip(horizon.tonnes, horizon.money, strict=True)]
        prices = [proof.tie.prices if proof.tie else {} for proof in proofs]
        ties = self._bound(years, each, prices, stated.tie, stated.rate)
        tonnes = _total(horizon.tonnes, years, proofs, weighted=True)
        forgone = stated.rate * (reached - spent)
        least = 1e-7 * (abs(self._baseline.value) if self._baseline else abs(stated.value) or 1.0)
        self._tied.at_most("minus the rate", -stated.rate, 0.0)
        self._tied.note(f"flows {tonnes:.10g}, stated {stated.value:.10g}")
        self._tied.close("what the flows deliver", tonnes, stated.value, floor=least)
        floor = max(least, ROWS * max(abs(ties), abs(forgone)))
        self._tied.close("what the prices allow", self._sign * (ties - forgone), stated.value,
                         floor=floor)  # fmt: skip

    def _bound(
        self,
        years: Sequence[YearLeft],
        rates: Sequence[float],
        prices: Sequence[Mapping[Names, float]],
        rents: StatedRents,
        paid: float,
    ) -> float:
        """Return what no flows and openings exceed, and check the rents that are part of it."""
        worth = [
            {place: rate * price for place, price in each.items()}
            for rate, each in zip(rates, prices, strict=True)
        ]
        tables = math.fsum(
            year.table.capacity[place] * price
            for year, each in zip(years, worth, strict=True)
            for place, price in each.items()
            if math.isfinite(year.table.capacity.get(place, math.inf))
        )
        if not self._opens:
            return tables
        least, total = self._least_rents(years, worth, paid)
        scale = max((price for each in worth for price in each.values()), default=0.0)
        self._check_rents(rents, least, scale)
        return tables + total

    def _opening_cost(self, opened: Mapping[tuple[Names, str], float]) -> float:
        """Return what opening costs, M USD, discounted."""
        horizon, openable = self._years.horizon, self._years.openable
        return math.fsum(
            openable[place].cost
            * USD_PER_KG
            * amount
            * horizon.worth(horizon.starts[horizon.names.index(paid)])
            for (place, paid), amount in opened.items()
            if place in openable and paid in horizon.names
        )


def _last(over: list[tuple[float, float, str]], row: schema.Opening) -> float:
    """Return what the last tonne that fits into the limit on all leaves over."""
    if row.limit is None:
        return 0.0
    taken = 0.0
    for left, room, _ in sorted(over, reverse=True):
        taken += room
        if taken >= row.limit:
            return left
    return 0.0


def _gross(
    rates: Sequence[float], years: Sequence[YearLeft], proofs: Sequence[StatedProof]
) -> float:
    """Return all that flows take in and pay over all periods, M USD."""
    return math.fsum(
        abs(rate * amount) * (abs(activity.price) + abs(activity.cost))
        for rate, year, proof in zip(rates, years, proofs, strict=True)
        for activity, amount in year.runs(proof.amounts)
    )


def _total(
    rates: Sequence[float],
    years: Sequence[YearLeft],
    proofs: Sequence[StatedProof],
    *,
    weighted: bool,
) -> float:
    """Return what flows are worth over all periods: weighted tonnes, or M USD."""
    return math.fsum(
        rate * (activity.weight if weighted else activity.price - activity.cost) * amount
        for rate, year, proof in zip(rates, years, proofs, strict=True)
        for activity, amount in year.runs(proof.amounts)
    )
