"""Builder of the trafficker's programme over all periods: that of each year, tied by what opens.

    maximise    sum over t of w_t p_t'y_t - c'z
    subject to  every period's own rows, with capacities U_ct + Z_ct in place of U_ct
                Z_ct = sum of z_cq over the periods q whose openings are ready in t
                z_cq <= most_c * Y_q,   sum over q of z_cq <= limit_c

The periods' programmes stand side by side, and w_t counts a year of period t: Y_t * weight_t for
tonnes, Y_t * (1 + discount)^-B_t for money, with Y_t its years and B_t its beginning. What is paid
to open is paid once, in q, and discounted likewise.

A capacity row c that can open becomes a good per period, its *slots*: whatever took of the row uses
slots. A `base` activity makes them of the row, which keeps its limit and its cuts. An `open`
activity makes opened slots in every period in which they are ready; a measure that cuts the row by
a share stands between these and the slots as a stage of two lanes, as a loss does, so that it acts
on new capacity as on old. Then flows are possible exactly if they keep to s(x) * (U + Z), s(x) what
the plan's cuts leave: base makes at most s U, the lanes let s Z of Z through, and slots may be left
over. A whole cut closes the activities themselves, as in one year.

A measure of this programme is a measure of the network in force in one period, or the purchase of
one in a period.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from flowopt.garbage import no_collection
from flowopt.model.activities import (
    USD_PER_KG,
    Activity,
    ActivityKind,
    ActivityModel,
    Capacity,
    Terms,
)
from flowopt.model.build import activity_model
from flowopt.model.measures_over_time import MeasuresOverTime
from flowopt.network import schema
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.targets import Targets
from flowopt.network.network import Network
from flowopt.network.periods import period_networks
from flowopt.network.timeline import Timeline

_SLOT = "slot"  # commodity of the goods of capacities that open
_Entry = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class Opened:
    """Column of what opens: of which capacity, in which period.

    Attributes
    ----------
    column : int
        The column.
    row : int
        Row of `openings`.
    capacity : int
        Place of the capacity row within a period's.
    period : int
        Period in which it is paid.
    ready : tuple of int
        Periods in which it counts.
    in_period, in_all : int
        Capacity rows of how much may open in the period, and in all.
    """

    column: int
    row: int
    capacity: int
    period: int
    ready: tuple[int, ...]
    in_period: int
    in_all: int


@dataclass(frozen=True, slots=True)
class OverTime:
    """The trafficker's programme over all periods, and what its measures and columns stand for.

    Attributes
    ----------
    model : ActivityModel
        The programme. Its measures are ``measure@period`` in force, period by period, and then
        ``measure!period`` bought. Costs and uses of the planner stand in `measure_cost` (M USD
        over the whole time) and in `uses` (money a year of each period, then every resource in
        each period).
    timeline : Timeline
        The periods.
    networks : tuple of Network
        The network of one year of each period.
    yearly : tuple of ActivityModel
        The programme of one year of each period, without openings.
    in_force, bought : mappings of (str, int) to int
        Index of a measure in force, and of a purchase, by the measure's id and the period.
    impossible : frozenset of int
        Measures in force that can never be, and purchases that serve nothing.
    rows : tuple of int
        Capacity rows of each period begin here, and end with the next; the same of columns.
    columns : tuple of int
    goods : tuple of int
        Likewise the goods.
    slots : tuple of mappings of int to int
        By period, the good of its slots by the place of the capacity row within the period's.
    opened : tuple of Opened
        What may open.
    rates : tuple of (float, float)
        What a year of each period counts in tonnes and in money.
    growth : float
        One and the discount: what a year takes of the worth of money.
    """

    model: ActivityModel
    timeline: Timeline
    networks: tuple[Network, ...]
    yearly: tuple[ActivityModel, ...]
    in_force: Mapping[tuple[str, int], int]
    bought: Mapping[tuple[str, int], int]
    impossible: frozenset[int]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    goods: tuple[int, ...]
    slots: tuple[Mapping[int, int], ...]
    opened: tuple[Opened, ...]
    rates: tuple[tuple[float, float], ...]
    growth: float

    def closed(self) -> OverTime:
        """Return the programme in which nothing opens: with the same columns, none of it open."""
        limit = self.model.limit.copy()
        limit[[each.in_period for each in self.opened]] = 0.0
        return replace(self, model=replace(self.model, limit=limit))


def build_over_time(network: Network, *, openings: bool = True) -> OverTime:
    """Build the trafficker's programme over the periods of a checked network.

    Parameters
    ----------
    network
        The network, with periods.
    openings
        Whether anything opens.
    """
    with no_collection():
        return _Builder(network, openings=openings).build()


class _Builder:
    """Builder of the programme over time; used once."""

    def __init__(self, network: Network, *, openings: bool) -> None:
        self.network = network
        self.timeline = Timeline(network.periods)
        self.networks = period_networks(network)
        self.yearly = tuple(map(activity_model, self.networks))
        self.first = self.yearly[0]
        self.goods: list[tuple[str, str]] = []
        self.slots: list[Mapping[int, int]] = []
        self.activities: list[Activity] = []
        self.capacities: list[Capacity] = []
        self.limit: list[float] = []
        self.used: list[_Entry] = []
        self.made: list[_Entry] = []
        self.takes: list[_Entry] = []
        self.numbers: tuple[list[float], list[float], list[float]] = ([], [], [])
        self.cuts: list[_Entry] = []
        self.closures: list[_Entry] = []
        self.cost_increases: list[_Entry] = []
        self.opening = self._opening_rows() if openings else {}
        self.purchases = MeasuresOverTime(network, self.timeline)
        discount = 1.0 + network.info.discount
        self.rates = tuple(
            (period.years * period.weight, period.years * discount**-start)
            for period, start in zip(self.timeline.periods, self.timeline.starts, strict=True)
        )

    def build(self) -> OverTime:
        rows, columns, goods, ready = [], [], [], []
        for period in range(len(self.timeline)):
            rows.append(len(self.capacities))
            columns.append(len(self.activities))
            goods.append(len(self.goods))
            ready.append(self._period(period))
        rows.append(len(self.capacities))
        columns.append(len(self.activities))
        goods.append(len(self.goods))
        opened = tuple(self._openings(ready))
        return OverTime(
            model=self._assemble(),
            timeline=self.timeline,
            networks=self.networks,
            yearly=self.yearly,
            in_force=self.purchases.in_force,
            bought=self.purchases.bought,
            impossible=self.purchases.impossible(),
            rows=tuple(rows),
            columns=tuple(columns),
            goods=tuple(goods),
            slots=tuple(self.slots),
            opened=opened,
            rates=self.rates,
            growth=1.0 + self.network.info.discount,
        )

    def _opening_rows(self) -> dict[int, int]:
        """Return the row of `openings` by the capacity row that it opens, as in one year."""
        place = {label: row for row, label in enumerate(self.first.capacities)}
        targets = Targets(Draft(self.networks[0].tables()))
        found = {}
        for index, opening in enumerate(self.network.openings):
            for label in _opened_capacities(targets, opening):
                if label in place:  # nothing takes of a node that no arc enters
                    found[place[label]] = index
        return found

    # -- goods, columns and rows ------------------------------------------------------------------

    def _period(self, period: int) -> dict[int, int]:
        """Add the programme of a year of a period; return where what opened goes, by row."""
        year = self.yearly[period]
        tonnes, money = self.rates[period]
        name = self.timeline.periods[period].period
        good, row, column = len(self.goods), len(self.capacities), len(self.activities)
        self.goods += [(f"{place}@{name}", commodity) for place, commodity in year.goods]
        self.activities += [replace(each, period=period) for each in year.activities]
        self.capacities += [replace(each, period=period) for each in year.capacities]
        self.limit += year.limit.tolist()
        weight, price, cost = self.numbers
        weight += (year.weight * tonnes).tolist()
        price += (year.price * money).tolist()
        cost += (year.cost * money).tolist()
        self.used += _shifted(year.used, good, column)
        self.made += _shifted(year.made, good, column)
        slots = {c: self._good(f"{_words(year.capacities[c])}@{name}") for c in self.opening}
        for c, j, amount in _shifted(year.takes, 0, column):
            if c in slots:
                self.used.append((slots[c], j, amount))
            else:
                self.takes.append((row + c, j, amount))
        self.slots.append(slots)
        acts = self._acting(period)
        self.cuts += [(row + c, acts(m), d) for c, m, d in year.cuts]
        self.closures += [(column + j, acts(m), d) for j, m, d in year.closures]
        self.cost_increases += [(column + j, acts(m), d * money) for j, m, d in year.cost_increases]
        for c, slot in slots.items():
            base = self._column("base", self.opening[c], period, made=[(slot, 1.0)])
            self.takes.append((row + c, base, 1.0))
        return {c: self._lanes(c, slot, period) for c, slot in slots.items()}

    def _lanes(self, capacity: int, target: int, period: int) -> int:
        """Put a stage of two lanes before the slots for each measure that cuts them by a share."""
        year, acts = self.yearly[period], self._acting(period)
        for c, measure, cut in year.cuts:
            if c == capacity:
                before = self._good(f"{self.goods[target][0]}>{measure}")
                row = self.opening[capacity]
                free = self._column("pass", row, period, used=[(before, 1.0)], made=[(target, 1.0)])
                self.closures.append((free, acts(measure), cut))
                left = [(target, 1.0 - cut)]
                self._column("seized", row, period, used=[(before, 1.0)], made=left)
                target = before
        return target

    def _openings(self, ready: Sequence[Mapping[int, int]]) -> Iterator[Opened]:
        """Add what opens, with its limits; yield it in the order of rows and periods."""
        discount = 1.0 + self.network.info.discount
        for capacity, row in self.opening.items():
            opening, label = self.network.openings[row], self.first.capacities[capacity]
            in_all = self._row(label, 0, opening.limit, "in all")
            for period, each in enumerate(self.timeline.periods):
                served = list(self.timeline.since(period, opening.lead))
                if not served:
                    continue
                paid = opening.cost * USD_PER_KG * discount ** -self.timeline.starts[period]
                made = [(ready[s][capacity], 1.0) for s in served]
                column = self._column("open", row, period, made=made, cost=paid)
                most = None if opening.most is None else opening.most * each.years
                in_period = self._row(label, period, most, "in a period")
                self.takes += [(in_period, column, 1.0), (in_all, column, 1.0)]
                yield Opened(column, row, capacity, period, tuple(served), in_period, in_all)

    def _good(self, name: str) -> int:
        self.goods.append((name, _SLOT))
        return len(self.goods) - 1

    def _row(self, label: Capacity, period: int, limit: float | None, opens: str) -> int:
        self.capacities.append(replace(label, period=period, opens=opens))  # type: ignore[arg-type]  # one of the words
        self.limit.append(math.inf if limit is None else limit)
        return len(self.limit) - 1

    def _column(
        self,
        kind: ActivityKind,
        row: int,
        period: int,
        *,
        used: Sequence[tuple[int, float]] = (),
        made: Sequence[tuple[int, float]] = (),
        cost: float = 0.0,
    ) -> int:
        column = len(self.activities)
        self.activities.append(Activity(kind, row, _SLOT, period))
        self.used += [(good, column, amount) for good, amount in used]
        self.made += [(good, column, amount) for good, amount in made]
        for numbers, number in zip(self.numbers, (0.0, 0.0, cost), strict=True):
            numbers.append(number)
        return column

    # -- the arrays -------------------------------------------------------------------------------

    def _acting(self, period: int) -> _Acting:
        year = len(self.first.measures), len(self.first.virtual)
        return _Acting(*year, period, self.purchases.count)

    def _assemble(self) -> ActivityModel:
        plan, goods, columns = self.purchases, len(self.goods), len(self.activities)
        weight, price, cost = map(np.array, self.numbers)
        acts = [self._acting(period) for period in range(len(self.timeline))]

        def pairs(each: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
            return tuple((act(a), act(b)) for act in acts for a, b in each)

        return ActivityModel(
            goods=tuple(self.goods),
            activities=tuple(self.activities),
            capacities=tuple(self.capacities),
            used=_matrix(self.used, (goods, columns)),
            made=_matrix(self.made, (goods, columns)),
            takes=_matrix(self.takes, (len(self.limit), columns)),
            limit=np.array(self.limit),
            weight=weight,
            price=price,
            cost=cost,
            measures=plan.names(),
            virtual=pairs(self.first.virtual),
            cuts=Terms.of(self.cuts),
            closures=Terms.of(self.closures),
            cost_increases=Terms.of(self.cost_increases),
            measure_cost=plan.spending().sum(axis=0),
            resources=plan.resources(self.first.resources),
            uses=plan.uses(self.first.uses),
            requires=pairs(self.first.requires),
            excludes=pairs(self.first.excludes),
            needs=tuple(plan.needs()),
        )


@dataclass(frozen=True, slots=True)
class _Acting:
    """Index in the whole of a measure, real or virtual, of the programme of one year."""

    real: int
    virtual: int
    period: int
    whole: int

    def __call__(self, measure: int) -> int:
        """Return it: purchases stand between the real and the virtual ones."""
        if measure < self.real:
            return self.period * self.real + measure
        return self.whole + self.period * self.virtual + (measure - self.real)


def _opened_capacities(targets: Targets, opening: schema.Opening) -> Iterator[Capacity]:
    """Yield the capacities that a row of `openings` opens."""
    if opening.on == "pool":
        yield from (Capacity("pool", name) for name in targets.matched(opening))
        return
    for place in targets.rows(opening):
        row = targets.row(place)
        if opening.on in ("supply", "demand"):
            yield Capacity(opening.on, row.node, row.commodity)
        else:
            yield Capacity(opening.on, getattr(row, opening.on))


def _words(label: Capacity) -> str:
    return " ".join(filter(None, (label.kind, label.name, label.commodity)))


def _shifted(matrix: sparse.csc_array, row: int, column: int) -> list[_Entry]:
    """Return the entries of an array, with their places moved on."""
    found = matrix.tocoo()
    rows, columns = (found.row + row).tolist(), (found.col + column).tolist()
    return list(zip(rows, columns, found.data.tolist(), strict=True))


def _matrix(entries: Sequence[_Entry], shape: tuple[int, int]) -> sparse.csc_array:
    """Return the sparse array of (row, column, value) entries."""
    rows = np.array([e[0] for e in entries], dtype=np.int64)
    columns = np.array([e[1] for e in entries], dtype=np.int64)
    return sparse.csc_array((np.array([e[2] for e in entries]), (rows, columns)), shape=shape)
