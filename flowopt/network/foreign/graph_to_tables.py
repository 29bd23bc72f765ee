"""From a pure network and choices to the tables of the format, checked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from flowopt.errors import InputError, Problem, RequestError
from flowopt.network.assemble import assemble
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.validation import add_warnings, with_warnings
from flowopt.network.foreign.default_price import price_above
from flowopt.network.foreign.import_warnings import left_open
from flowopt.network.foreign.node_names import named_nodes
from flowopt.network.foreign.plain_graph import (
    EVERY_ARC,
    NOTHING,
    Choices,
    Leg,
    Place,
    Pure,
    cell_text,
)
from flowopt.network.raw_tables import RawNetwork, RawTable
from flowopt.network.schema import number_text
from flowopt.network.tables import Tables, TablesT

_NO = frozenset({"", "0", "0.0", "false", "no", "none", "nan"})
_UNLIMITED = frozenset({"inf", "infinity", "+inf", "unlimited"})
Cells = Mapping[str, str]
Rows = Sequence[tuple[int, dict[str, str]]]


def network_of(kind: type[TablesT], pure: Pure, choices: Choices) -> TablesT:
    """Return the checked network; its warnings speak of the tables that it would be written to.

    Raises
    ------
    InputError
        With everything that is wrong, by the file's own rows and words.
    RequestError
        When a choice is out of range or names what is not there.
    """
    raw, network = _assembled(kind, pure, choices)
    plain = replace(network, warnings=())
    return add_warnings(with_warnings(plain, Draft(plain.tables(), {}, {})), raw.odd)


def raw_of(pure: Pure, choices: Choices) -> RawNetwork:
    """Return raw tables that are known to be sound; raises like `network_of`."""
    return _assembled(Tables, pure, choices)[0]


def _assembled(kind: type[TablesT], pure: Pure, choices: Choices) -> tuple[RawNetwork, TablesT]:
    choices.check()
    if pure.problems:
        raise InputError(map(pure.told, pure.problems))
    if lacks := [what for what, rows in (("nodes", pure.places), ("arcs", pure.legs)) if not rows]:
        what = f"has no {' and no '.join(lacks)}; a network needs both"
        raise InputError([Problem(pure.file, None, None, what)])
    raw = _Tables(pure, choices).raw()
    try:
        return raw, assemble(raw, kind)
    except InputError as error:
        raise InputError(map(pure.told, error.problems)) from None


class _Tables:
    """Fills in what is lacking and makes the raw tables; used once."""

    def __init__(self, pure: Pure, choices: Choices) -> None:
        self.pure, self.choices = pure, choices
        self.legs = [replace(leg, cells=dict(leg.cells)) for leg in pure.legs]
        self.problems: list[Problem] = []
        self.into: dict[str, float] = {}
        self.price: str | None = None  # where the file does not say, once somebody asked
        cost = choices.arc_cost or pure.usual_cost
        for name in (choices.capacity, choices.arc_cost):
            if name not in (None, NOTHING):
                self._known(str(name))
        for leg in self.legs:
            self._weigh(leg, cost)

    def raw(self) -> RawNetwork:
        supplies = list(self._supplies())
        demands = list(self._demands([cells.get("cost", "") for _, cells in supplies]))
        measures, effects = self._measures()
        if self.problems:
            raise InputError(map(self.pure.told, self.problems))
        takes = {cells["node"] for _, cells in demands}
        gives = {cells["node"] for _, cells in supplies}
        self._refuse_same_ends(supplies, demands)
        nodes = [(place.row, self._node(place.cells, gives, takes)) for place in self.pure.places]
        arcs = [(leg.row, way) for leg in self.legs for way in leg.ways]
        names = dict.fromkeys(
            name
            for _, cells in (*arcs, *supplies, *demands)
            for name in (cells.get("commodity") or cells["commodities"]).split(";")
        )
        goods = [
            (1, {"commodity": name, "name": name}) for name in names or [self.choices.commodity]
        ]
        pure = self.pure
        tables = {
            "commodities": _table(pure.file, goods),
            "nodes": _table(pure.nodes_file, nodes),
            "arcs": _table(pure.arcs_file, arcs),
            "supplies": _table(pure.nodes_file, supplies),
            "demands": _table(pure.nodes_file, demands),
            "measures": _table(pure.arcs_file, measures),
            "effects": _table(pure.arcs_file, effects),
        }
        files = {name: table.file for name, table in tables.items()}
        return RawNetwork(
            tables={name: t for name, t in tables.items() if t.rows},
            info=self._info(),
            info_file=pure.file,
            called=lambda table: files.get(table, f"{table}.csv"),
            odd=[*pure.odd, *left_open(pure, self.choices)],
        )

    def _weigh(self, leg: Leg, cost: str) -> None:
        """Fill in what an arc carries and costs, and note what its head can take."""
        cells, said = leg.cells, leg.attributes
        cells.setdefault("commodities", self.choices.commodity)
        cells["capacity"] = self._scaled(_said(said, self.choices.capacity or "capacity"))
        cells["cost"] = _said(said, cost)
        room = _number(cells["capacity"]) if cells["capacity"] else None
        for way in leg.ways:
            if way["tail"] != way["head"]:
                most = math.inf if room is None else room
                self.into[way["head"]] = self.into.get(way["head"], 0.0) + most

    def _scaled(self, text: str) -> str:
        """Return an amount in t a year; what is no number is left for the checks to tell."""
        if text.strip().lower() in _UNLIMITED:
            return ""
        number = _number(text)
        if number is None or self.choices.capacity_factor == 1.0:
            return text
        return number_text(number * self.choices.capacity_factor)

    def _node(self, cells: Cells, gives: set[str], takes: set[str]) -> dict[str, str]:
        name = cells["node"]
        kind = "market" if name in takes else "area" if name in gives else "transit"
        filled = {"name": name, "kind": kind, **{k: v for k, v in cells.items() if v}}
        if "capacity" in filled:
            filled["capacity"] = self._scaled(filled["capacity"])
        return filled

    # -- supplies and demands -----------------------------------------------------------------

    def _supplies(self) -> Iterator[tuple[int, dict[str, str]]]:
        chosen = named_nodes(self.pure, self.choices.sources, "source")
        found = False
        for place in self.pure.places:
            node = place.cells["node"]
            rows = place.supplies
            if self.choices.sources:
                rows = [{}] if node in chosen else []
            for row in rows:
                found = True
                cells = {"commodity": self.choices.commodity, **row, "node": node}
                yield place.row, cells | {"capacity": self._scaled(cells.get("capacity", ""))}
        if not found:
            what = (
                "no node supplies anything: give nodes a number `supply` (or a `demand` below 0, "
                "as networkx has it), or name sources (--source ID)"
            )
            self._say(what)

    def _demands(self, supply_costs: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
        chosen = named_nodes(self.pure, self.choices.sinks, "sink")
        found = False
        for place in self.pure.places:
            node = place.cells["node"]
            rows = place.demands
            if self.choices.sinks:
                rows = [{}] if node in chosen else []
            for row in rows:
                found = True
                cells = {"commodity": self.choices.commodity, **row, "node": node}
                if not cells.get("price"):
                    cells["price"] = self._usual_price(supply_costs)
                cells["quantity"] = (
                    self._scaled(row["quantity"]) if "quantity" in row else self._quantity(place)
                )
                yield place.row, cells
        if not found:
            what = "no node takes anything: give nodes a number `demand`, or name sinks (--sink ID)"
            self._say(what)

    def _refuse_same_ends(self, supplies: Rows, demands: Rows) -> None:
        """Refuse a chosen node that supplies what it takes, which would never travel."""
        if not (self.choices.sources or self.choices.sinks):
            return
        given = {(cells["node"], cells["commodity"]) for _, cells in supplies}
        for _, cells in demands:
            if (cells["node"], cells["commodity"]) in given:
                what = f"node {cells['node']!r} is source and sink; they must differ"
                raise RequestError(what)

    def _quantity(self, place: Place) -> str:
        if self.choices.quantity is not None:
            return number_text(self.choices.quantity)
        most = self.into.get(place.cells["node"], 0.0)
        if math.isinf(most):
            what = (
                "an arc into it has no capacity, so nothing says how much it takes; give the "
                "quantity (--quantity T_A_YEAR)"
            )
            self.problems.append(Problem(self.pure.nodes_file, place.row, "quantity", what))
            return "0"
        return number_text(most)

    def _usual_price(self, supply_costs: list[str]) -> str:
        """Return what a delivered kg brings where the file does not say."""
        if self.price is None:
            price = self.choices.price
            if price is None:
                price = price_above(len(self.pure.places), self.legs, supply_costs)
            if price is None:
                self._say(
                    "the losses of its arcs multiply so that no price is surely above what a "
                    "delivered kg costs; give the price (--price USD_PER_KG)"
                )
            self.price = number_text(price or 0.0)
        return self.price

    def _say(self, what: str) -> None:
        self.problems.append(Problem(self.pure.file, None, None, what))

    # -- measures -----------------------------------------------------------------------------

    def _measures(self) -> tuple[list[tuple[int, Cells]], list[tuple[int, Cells]]]:
        measures: list[tuple[int, Cells]] = []
        effects: list[tuple[int, Cells]] = []
        for leg in self._closable():
            arc = leg.cells["arc"]
            name = f"close_{arc}"
            label = f"Close {leg.cells['tail']} - {leg.cells['head']}"
            measures.append((leg.row, {"measure": name, "name": label, "cost": self._cost(leg)}))
            for way in leg.ways:
                cells = {"measure": name, "on": "arc", "target": way["arc"], "cut": "1"}
                effects.append((leg.row, cells))
        return measures, effects

    def _closable(self) -> Iterable[Leg]:
        wanted = self.choices.measures
        if wanted == NOTHING:
            return []
        if wanted == EVERY_ARC:
            return self.legs
        self._known(wanted)
        return [leg for leg in self.legs if _says_yes(leg.attributes.get(wanted))]

    def _cost(self, leg: Leg) -> str:
        wanted = self.choices.measure_cost
        if not isinstance(wanted, str):
            return number_text(wanted)
        self._known(wanted)
        text = cell_text(leg.attributes.get(wanted))
        number = _number(text)
        if number is None or not 0.0 <= number < math.inf:
            seen = f"{text!r} is no number of at least 0" if text else "is not there"
            what = f"{seen}, and a measure's cost was to be taken from it; mend it or give a number"
            self.problems.append(Problem(self.pure.arcs_file, leg.row, wanted, what))
        return text

    def _known(self, attribute: str) -> None:
        """Refuse an attribute that no arc has."""
        names = dict.fromkeys(str(name) for leg in self.legs for name in leg.attributes)
        if attribute not in names:
            known = ", ".join(list(names)[:12]) or "none"
            what = f"no arc of {self.pure.file} has an attribute '{attribute}'"
            raise RequestError(f"{what}; those there are: {known}")

    def _info(self) -> dict[str, object]:
        choices, pure = self.choices, self.pure
        described = f"Converted from {pure.kind}. {pure.note}"
        if self.price is not None:
            described += f"A delivered kg brings {self.price} USD where the file does not say."
        return {
            "id": choices.id or pure.name,
            "title": choices.title or pure.title or f"{pure.name} ({pure.kind})",
            "description": described.strip(),
        }


def _table(file: str, rows: Iterable[tuple[int, Cells]]) -> RawTable:
    """Return rows of cells as a raw table, with the columns that any of them has."""
    rows = list(rows)
    header = list(dict.fromkeys(name for _, cells in rows for name in cells))
    return RawTable(file, header, [(n, [cells.get(c, "") for c in header]) for n, cells in rows])


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _said(attributes: Mapping[str, object], name: str) -> str:
    """Return an attribute, blank where it is missing or not a number."""
    text = "" if name == NOTHING else cell_text(attributes.get(name))
    return "" if text == "nan" else text


def _says_yes(value: object) -> bool:
    return cell_text(value).lower() not in _NO
