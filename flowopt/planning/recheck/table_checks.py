"""Checks of the CSV tables of a result, from its certificate and the network."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import Names, Residual
from flowopt.planning.recheck.certificate_reader import Certificate, StatedProof
from flowopt.planning.recheck.verdict import Check, Comparison
from flowopt.reading import input_text
from flowopt.result_names import table_now

NOTHING = 1e-9  # a change within this of the larger side counts as none
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?")
_ROUNDING = 1e-6  # of a capacity: rounding of 1e-15 of it, at a share of 1e-9
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # first letters that an apostrophe precedes in a cell


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that is the difference of larger ones, of which `side` is the largest."""

    value: float
    side: float


@dataclass(frozen=True, slots=True)
class Unproved:
    """Number that no proof gives, measured or simulated: any of at least 0."""


ANY_SECONDS = ANY_NUMBER = Unproved()
Cell = str | float | Difference | Unproved | None
ExpectedRow = Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowContext:
    """Context of one flow: the network, and the proofs before and after a plan."""

    network: Network
    left_before: Residual
    left_after: Residual
    before: StatedProof
    after: StatedProof

    def capacity_after(self, place: Names) -> Cell:
        """Return a capacity under the plan, None where unlimited or where there is none.

        1 - cut is the difference of two like numbers.
        """
        left = self.left_after.capacity.get(place, math.inf)
        if not math.isfinite(left):
            return None
        before = self.left_before.capacity[place]
        return Difference(left, _ROUNDING * before if math.isfinite(before) else 0.0)

    def limits(self, place: Names) -> tuple[Cell, float | None]:
        """Return capacity and price after the plan, None where unlimited."""
        capacity = self.capacity_after(place)
        return capacity, None if capacity is None else self.after.price(*place)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContext(FlowContext):
    """Context of one plan: the context of its flow, and its certificate."""

    certificate: Certificate
    value: float

    @property
    def about(self) -> dict[str, Cell]:
        """The first columns of each table."""
        return about_of(self.certificate)


def about_of(certificate: Certificate) -> dict[str, Cell]:
    """Return the first columns of each table of a result, which say what it belongs to."""
    about: dict[str, Cell] = {
        "network": certificate.network,
        "objective": certificate.objective,
    }
    return about if certificate.result == "response" else {**about, "budget": certificate.budget}


def read_table(
    path: Path, columns: str, check: Comparison, about: Mapping[str, Cell] = MappingProxyType({})
) -> list[list[str]]:
    """Return the rows of a CSV table below its header; record its faults in `check`.

    The columns of `about` come first and hold its values; they are compared and left out of the
    rows. Tables of earlier versions lack them.
    """
    names = columns.split()
    try:
        first, *others = list(csv.reader(io.StringIO(input_text(path), newline=""))) or [[]]
    except (OSError, ValueError, csv.Error) as error:
        check.fault(f"{path.name} can't be read: {error}")
        return []
    header, rows = table_now(path, first, others)
    if header == names:
        about = {}
    elif not check.equal("the header", header, [*about, *names]):
        return []
    for number, cells in enumerate(rows, start=2):
        check.equal(f"the number of cells in row {number}", len(cells), len(header))
    whole = [cells for cells in rows if len(cells) == len(header)]
    for cells in whole:
        for cell, (name, value) in zip(cells, about.items(), strict=False):
            compare_cell(check, name, cell, value)
    return [cells[len(about) :] for cells in whole]


def compare_table(
    path: Path,
    columns: str,
    expected: Sequence[ExpectedRow],
    about: Mapping[str, Cell] = MappingProxyType({}),
) -> Check:
    """Compare a CSV table, row by row and cell by cell, with the expected rows.

    Parameters
    ----------
    path
        The file.
    columns
        The header, separated by blanks.
    expected
        The rows.
    about
        Columns before these, with the value that stands in each row.
    """
    check = Comparison(f"{path.name} agrees with the certificate")
    rows = read_table(path, columns, check, about)
    check.equal("the number of rows", len(rows), len(expected))
    for number, (cells, expected_row) in enumerate(zip(rows, expected, strict=False), start=2):
        check.about = f"row {number}: "
        for name, cell, value in zip(columns.split(), cells, expected_row, strict=True):
            compare_cell(check, name, cell, value)
    return check.check()


def compare_cell(check: Comparison, name: str, cell: str, expected: Cell) -> None:
    """Compare one cell with the expected value."""
    if expected is None or isinstance(expected, str):
        text = expected or ""
        check.equal(name, cell, f"'{text}" if text.startswith(_DANGEROUS) else text)
        return
    if not _NUMBER.fullmatch(cell):
        check.fault(f"{name} is {cell!r}, not a number")
        return
    stated = float(cell)
    if isinstance(expected, Unproved):
        check.equal(f"that {name} is at least 0", stated >= 0.0, True)
    elif isinstance(expected, Difference):
        check.close(name, stated, expected.value, side=expected.side)
    else:
        check.close(name, stated, float(expected))


def change_of(before: float, after: float) -> Difference:
    """Return after - before, with the size of what it is the difference of."""
    side = max(abs(before), abs(after))
    change = after - before
    return Difference(0.0 if abs(change) <= NOTHING * side else change, side)


def _known(capacity: float) -> float | None:
    return capacity if math.isfinite(capacity) else None


# -- the tables of a plan -------------------------------------------------------------------------

PLAN = "rank measure name kind cost lost_if_dropped"
FLOWS = (
    "arc tail head mode commodity before after change capacity_before capacity_after shadow_price"
)
MARKETS = "node name continent commodity before after change change_share"
BINDING = "rank on id commodity capacity shadow_price"
DISPLACEMENT = "by key before after change"


def plan_rows(context: PlanContext) -> Iterator[ExpectedRow]:
    """Yield the measures, the one that would be missed most first, then in file order."""
    measures = {row.measure: row for row in context.network.measures}
    # With `bilevel` a measure may do harm; else a loss below 0 is the solver's rounding.
    least = -math.inf if context.certificate.objective == "bilevel" else 0.0
    lost = {
        name: max(least, p.value - context.value) for name, p in context.certificate.dropped.items()
    }
    order = [name for name in context.certificate.plan if name in measures]
    # Those that there was no time to look at come last, with a blank.
    order.sort(key=lambda m: -round(lost[m], 9) if m in lost else math.inf)
    for rank, name in enumerate(order, start=1):
        row, worth = measures[name], None
        if name in lost:
            side = max(abs(context.value), context.certificate.dropped[name].value)
            worth = Difference(lost[name], side)
        yield (float(rank), name, row.name, row.kind, row.cost, worth)


def flow_rows(context: FlowContext) -> Iterator[ExpectedRow]:
    """Yield every commodity on every arc."""
    for arc in context.network.arcs:
        place = ("arc", arc.arc)
        limits = (_known(context.left_before.capacity[place]), *context.limits(place))
        for commodity in arc.commodities:
            before = context.before.amount("ship", arc.arc, commodity)
            after = context.after.amount("ship", arc.arc, commodity)
            ends = (arc.arc, arc.tail, arc.head, arc.mode, commodity)
            yield (*ends, before, after, change_of(before, after), *limits)


def market_rows(context: FlowContext) -> Iterator[ExpectedRow]:
    """Yield every commodity at every market."""
    nodes = {node.node: node for node in context.network.nodes}
    for demand in context.network.demands:
        node = nodes[demand.node]
        before = context.before.amount("deliver", demand.node, demand.commodity)
        after = context.after.amount("deliver", demand.node, demand.commodity)
        change = change_of(before, after)
        share = Difference(change.value / before, change.side / before) if before else None
        names = (node.node, node.name, node.continent, demand.commodity)
        yield (*names, before, after, change, share)


def binding_rows(context: FlowContext) -> Iterator[ExpectedRow]:
    """Yield the capacities with a price, the highest first, then by name."""
    priced = [(p, place) for place, p in context.after.prices.items() if p > 0.0]
    priced.sort(key=lambda row: (-float(f"{row[0]:.9g}"), row[1][0], row[1][1], row[1][2:]))
    for rank, (price, place) in enumerate(priced, start=1):
        capacity = context.capacity_after(place)
        commodity = place[2] if len(place) > 2 else ""
        yield (float(rank), place[0], place[1], commodity, capacity, price)


def displacement_rows(context: FlowContext) -> Iterator[ExpectedRow]:
    """Yield the flow by mode, kind, exit, region, country and continent, before and after."""
    before = totals_of(context.network, context.before)
    after = totals_of(context.network, context.after)
    for (by, key), amount in before.items():
        yield (by, key, amount, after[by, key], change_of(amount, after[by, key]))


def totals_of(network: Network, stated: StatedProof) -> dict[tuple[str, str], float]:
    """Return the tonnes of what markets buy, by attribute and its value; blanks are left out.

    On arcs: entering a mode, sent to a kind of node, leaving a growing country by a node (exit),
    leaving a region. At markets: delivered to a country and to a continent.
    """
    nodes = {node.node: node for node in network.nodes}
    growing = {node.country for node in network.nodes if node.kind == "area"} - {""}
    bought = {demand.commodity for demand in network.demands}
    groups: dict[str, dict[str, list[float]]] = {
        by: defaultdict(list) for by in ("mode", "kind", "exit", "country", "region", "continent")
    }
    for arc in network.arcs:
        tail, head = nodes[arc.tail], nodes[arc.head]
        abroad = head.country != tail.country
        for commodity in arc.commodities:
            if commodity not in bought:
                continue
            amount = stated.amount("ship", arc.arc, commodity)
            groups["mode"][arc.mode].append(amount)
            groups["kind"][head.kind].append(amount)
            if abroad and tail.country in growing:
                groups["exit"][tail.node].append(amount)
            if abroad or head.region != tail.region:
                groups["region"][tail.region].append(amount)
    for demand in network.demands:
        amount = stated.amount("deliver", demand.node, demand.commodity)
        groups["country"][nodes[demand.node].country].append(amount)
        groups["continent"][nodes[demand.node].continent].append(amount)
    return {
        (by, key): math.fsum(amounts)
        for by, keys in groups.items()
        for key, amounts in keys.items()
        if key
    }


# -- the tables of a response ---------------------------------------------------------------------

RESPONSE_FLOWS = "arc tail head mode commodity flow capacity shadow_price"
SITES = "site node recipe activity capacity shadow_price"
SUPPLIES = "node commodity supplied capacity shadow_price"
RESPONSE_MARKETS = "node name continent commodity delivered quantity shadow_price"


def response_flow_rows(context: FlowContext) -> Iterator[ExpectedRow]:
    """Yield every commodity on every arc."""
    for arc in context.network.arcs:
        for commodity in arc.commodities:
            amount = context.after.amount("ship", arc.arc, commodity)
            ends = (arc.arc, arc.tail, arc.head, arc.mode, commodity)
            yield (*ends, amount, *context.limits(("arc", arc.arc)))


def site_rows(context: FlowContext) -> Iterator[ExpectedRow]:
    """Yield every site with its capacity, or its pool's."""
    for site in context.network.sites:
        place = ("pool", site.pool) if site.pool else ("site", site.site)
        amount = context.after.amount("run", site.site)
        yield (site.site, site.node, site.recipe, amount, *context.limits(place))


def supply_rows(context: FlowContext) -> Iterator[ExpectedRow]:
    """Yield every supply."""
    for supply in context.network.supplies:
        place = ("supply", supply.node, supply.commodity)
        yield (supply.node, supply.commodity, context.after.amount(*place), *context.limits(place))


def response_market_rows(context: FlowContext) -> Iterator[ExpectedRow]:
    """Yield every demand with its quantity, or its pool's."""
    nodes = {node.node: node for node in context.network.nodes}
    for demand in context.network.demands:
        own = ("demand", demand.node, demand.commodity)
        place: Names = ("pool", demand.pool) if demand.pool else own
        amount = context.after.amount("deliver", demand.node, demand.commodity)
        node = nodes[demand.node]
        names = (node.node, node.name, node.continent, demand.commodity)
        yield (*names, amount, *context.limits(place))
