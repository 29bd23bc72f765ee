"""Tables of the format made of a plain graph and import options, checked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from flowopt.errors import InputError, Problem, RequestError
from flowopt.network.assemble import assemble
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.validation import add_warnings, with_warnings
from flowopt.network.foreign.default_price import price_above
from flowopt.network.foreign.import_warnings import import_warnings
from flowopt.network.foreign.node_names import named_nodes
from flowopt.network.foreign.plain_graph import (
    EVERY_ARC,
    NOTHING,
    ImportOptions,
    PlainArc,
    PlainGraph,
    PlainNode,
    cell_text,
)
from flowopt.network.raw_tables import RawNetwork, RawTable
from flowopt.network.schema import number_text
from flowopt.network.tables import Tables, TablesT

_NO = frozenset({"", "0", "0.0", "false", "no", "none", "nan"})
_UNLIMITED = frozenset({"inf", "infinity", "+inf", "unlimited"})
Cells = Mapping[str, str]
NumberedRows = Sequence[tuple[int, dict[str, str]]]


def checked_network(kind: type[TablesT], graph: PlainGraph, options: ImportOptions) -> TablesT:
    """Return the checked network; its warnings name the tables that it would be written to.

    Raises
    ------
    InputError
        With every error, by the file's own rows and names.
    RequestError
        When an option is out of range or names what is not there.
    """
    raw, network = _assembled(kind, graph, options)
    plain = replace(network, warnings=())
    return add_warnings(with_warnings(plain, Draft(plain.tables(), {}, {})), raw.warnings)


def raw_tables_of(graph: PlainGraph, options: ImportOptions) -> RawNetwork:
    """Return raw tables that are known to be sound; raises like `checked_network`."""
    return _assembled(Tables, graph, options)[0]


def _assembled(
    kind: type[TablesT], graph: PlainGraph, options: ImportOptions
) -> tuple[RawNetwork, TablesT]:
    options.check()
    if graph.problems:
        raise InputError(map(graph.located, graph.problems))
    if lacks := [part for part, rows in (("nodes", graph.nodes), ("arcs", graph.arcs)) if not rows]:
        message = f"has no {' and no '.join(lacks)}; a network needs both"
        raise InputError([Problem(graph.file, None, None, message)])
    raw = _Builder(graph, options).raw_network()
    try:
        return raw, assemble(raw, kind)
    except InputError as error:
        raise InputError(map(graph.located, error.problems)) from None


class _Builder:
    """Builder of the raw tables, with the options filled in; used once."""

    def __init__(self, graph: PlainGraph, options: ImportOptions) -> None:
        self.graph, self.options = graph, options
        self.arcs = [replace(arc, cells=dict(arc.cells)) for arc in graph.arcs]
        self.problems: list[Problem] = []
        self.into: dict[str, float] = {}
        self.price: str | None = None  # default price, once a demand lacks one
        cost = options.arc_cost or graph.default_cost
        for name in (options.capacity, options.arc_cost):
            if name not in (None, NOTHING):
                self._check_attribute(str(name))
        for arc in self.arcs:
            self._weigh(arc, cost)

    def raw_network(self) -> RawNetwork:
        supplies = list(self._supplies())
        demands = list(self._demands([cells.get("cost", "") for _, cells in supplies]))
        measures, effects = self._measures()
        if self.problems:
            raise InputError(map(self.graph.located, self.problems))
        takes = {cells["node"] for _, cells in demands}
        gives = {cells["node"] for _, cells in supplies}
        self._refuse_same_ends(supplies, demands)
        nodes = [(node.row, self._node(node.cells, gives, takes)) for node in self.graph.nodes]
        arcs = [(arc.row, each) for arc in self.arcs for each in arc.directions]
        names = dict.fromkeys(
            name
            for _, cells in (*arcs, *supplies, *demands)
            for name in (cells.get("commodity") or cells["commodities"]).split(";")
        )
        goods = [
            (1, {"commodity": name, "name": name}) for name in names or [self.options.commodity]
        ]
        graph = self.graph
        tables = {
            "commodities": _table(graph.file, goods),
            "nodes": _table(graph.nodes_file, nodes),
            "arcs": _table(graph.arcs_file, arcs),
            "supplies": _table(graph.nodes_file, supplies),
            "demands": _table(graph.nodes_file, demands),
            "measures": _table(graph.arcs_file, measures),
            "effects": _table(graph.arcs_file, effects),
        }
        files = {name: table.file for name, table in tables.items()}
        return RawNetwork(
            tables={name: t for name, t in tables.items() if t.rows},
            info=self._info(),
            info_file=graph.file,
            file_of=lambda table: files.get(table, f"{table}.csv"),
            warnings=[*graph.warnings, *import_warnings(graph, self.options)],
        )

    def _weigh(self, arc: PlainArc, cost: str) -> None:
        """Fill in an arc's commodities, capacity and cost, and add to what can enter its head."""
        cells, attributes = arc.cells, arc.attributes
        cells.setdefault("commodities", self.options.commodity)
        cells["capacity"] = self._scaled(
            _attribute(attributes, self.options.capacity or "capacity")
        )
        cells["cost"] = _attribute(attributes, cost)
        room = _number(cells["capacity"]) if cells["capacity"] else None
        for each in arc.directions:
            if each["tail"] != each["head"]:
                most = math.inf if room is None else room
                self.into[each["head"]] = self.into.get(each["head"], 0.0) + most

    def _scaled(self, text: str) -> str:
        """Return an amount in t a year; a text that is no number is left to the checks."""
        if text.strip().lower() in _UNLIMITED:
            return ""
        number = _number(text)
        if number is None or self.options.capacity_factor == 1.0:
            return text
        return number_text(number * self.options.capacity_factor)

    def _node(self, cells: Cells, gives: set[str], takes: set[str]) -> dict[str, str]:
        name = cells["node"]
        kind = "market" if name in takes else "area" if name in gives else "transit"
        filled = {"name": name, "kind": kind, **{k: v for k, v in cells.items() if v}}
        if "capacity" in filled:
            filled["capacity"] = self._scaled(filled["capacity"])
        return filled

    # -- supplies and demands -----------------------------------------------------------------

    def _supplies(self) -> Iterator[tuple[int, dict[str, str]]]:
        chosen = named_nodes(self.graph, self.options.sources, "source")
        found = False
        for node in self.graph.nodes:
            name = node.cells["node"]
            rows = node.supplies
            if self.options.sources:
                rows = [{}] if name in chosen else []
            for row in rows:
                found = True
                cells = {"commodity": self.options.commodity, **row, "node": name}
                yield node.row, cells | {"capacity": self._scaled(cells.get("capacity", ""))}
        if not found:
            message = (
                "no node supplies anything: give nodes a number `supply` (or a `demand` below 0, "
                "as networkx has it), or name sources (--source ID)"
            )
            self._report(message)

    def _demands(self, supply_costs: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
        chosen = named_nodes(self.graph, self.options.sinks, "sink")
        found = False
        for node in self.graph.nodes:
            name = node.cells["node"]
            rows = node.demands
            if self.options.sinks:
                rows = [{}] if name in chosen else []
            for row in rows:
                found = True
                cells = {"commodity": self.options.commodity, **row, "node": name}
                if not cells.get("price"):
                    cells["price"] = self._default_price(supply_costs)
                cells["quantity"] = (
                    self._scaled(row["quantity"]) if "quantity" in row else self._quantity(node)
                )
                yield node.row, cells
        if not found:
            message = (
                "no node takes anything: give nodes a number `demand`, or name sinks (--sink ID)"
            )
            self._report(message)

    def _refuse_same_ends(self, supplies: NumberedRows, demands: NumberedRows) -> None:
        """Refuse a chosen node that supplies what it takes, which would never travel."""
        if not (self.options.sources or self.options.sinks):
            return
        given = {(cells["node"], cells["commodity"]) for _, cells in supplies}
        for _, cells in demands:
            if (cells["node"], cells["commodity"]) in given:
                message = f"node {cells['node']!r} is source and sink; they must differ"
                raise RequestError(message)

    def _quantity(self, node: PlainNode) -> str:
        if self.options.quantity is not None:
            return number_text(self.options.quantity)
        most = self.into.get(node.cells["node"], 0.0)
        if math.isinf(most):
            message = (
                "an arc into it has no capacity, so nothing says how much it takes; give the "
                "quantity (--quantity T_A_YEAR)"
            )
            self.problems.append(Problem(self.graph.nodes_file, node.row, "quantity", message))
            return "0"
        return number_text(most)

    def _default_price(self, supply_costs: list[str]) -> str:
        """Return the price of a delivered kg where the file has none."""
        if self.price is None:
            price = self.options.price
            if price is None:
                price = price_above(len(self.graph.nodes), self.arcs, supply_costs)
            if price is None:
                self._report(
                    "the losses of its arcs multiply so that no price is surely above what a "
                    "delivered kg costs; give the price (--price USD_PER_KG)"
                )
            self.price = number_text(price or 0.0)
        return self.price

    def _report(self, message: str) -> None:
        self.problems.append(Problem(self.graph.file, None, None, message))

    # -- measures -----------------------------------------------------------------------------

    def _measures(self) -> tuple[list[tuple[int, Cells]], list[tuple[int, Cells]]]:
        measures: list[tuple[int, Cells]] = []
        effects: list[tuple[int, Cells]] = []
        for arc in self._closable():
            name = f"close_{arc.cells['arc']}"
            label = f"Close {arc.cells['tail']} - {arc.cells['head']}"
            measures.append((arc.row, {"measure": name, "name": label, "cost": self._cost(arc)}))
            for each in arc.directions:
                cells = {"measure": name, "on": "arc", "target": each["arc"], "cut": "1"}
                effects.append((arc.row, cells))
        return measures, effects

    def _closable(self) -> Iterable[PlainArc]:
        wanted = self.options.measures
        if wanted == NOTHING:
            return []
        if wanted == EVERY_ARC:
            return self.arcs
        self._check_attribute(wanted)
        return [arc for arc in self.arcs if _says_yes(arc.attributes.get(wanted))]

    def _cost(self, arc: PlainArc) -> str:
        wanted = self.options.measure_cost
        if not isinstance(wanted, str):
            return number_text(wanted)
        self._check_attribute(wanted)
        text = cell_text(arc.attributes.get(wanted))
        number = _number(text)
        if number is None or not 0.0 <= number < math.inf:
            seen = f"{text!r} is no number of at least 0" if text else "is not there"
            message = (
                f"{seen}, and a measure's cost was to be taken from it; mend it or give a number"
            )
            self.problems.append(Problem(self.graph.arcs_file, arc.row, wanted, message))
        return text

    def _check_attribute(self, attribute: str) -> None:
        """Refuse an attribute that no arc has."""
        names = dict.fromkeys(str(name) for arc in self.arcs for name in arc.attributes)
        if attribute not in names:
            known = ", ".join(list(names)[:12]) or "none"
            message = f"no arc of {self.graph.file} has an attribute '{attribute}'"
            raise RequestError(f"{message}; those there are: {known}")

    def _info(self) -> dict[str, object]:
        options, graph = self.options, self.graph
        described = f"Converted from {graph.kind}. {graph.note}"
        if self.price is not None:
            described += f"A delivered kg brings {self.price} USD where the file does not say."
        return {
            "id": options.id or graph.name,
            "title": options.title or graph.title or f"{graph.name} ({graph.kind})",
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


def _attribute(attributes: Mapping[str, object], name: str) -> str:
    """Return an attribute, blank where it is missing or not a number."""
    text = "" if name == NOTHING else cell_text(attributes.get(name))
    return "" if text == "nan" else text


def _says_yes(value: object) -> bool:
    return cell_text(value).lower() not in _NO
