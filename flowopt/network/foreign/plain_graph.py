"""Plain graph: nodes and arcs with a few numbers, as other programs have it, and import options.

A plain graph lacks most of what the format asks for. `ImportOptions` supply it, with a default for
each:

- *commodity*: one, that every arc carries unless the arc names others;
- *supplies and demands*: those in the file, or `sources` and `sinks`. A source supplies
  without limit; a sink takes `quantity`, or all that the arcs into it can carry;
- *price*: what a delivered kg brings, where the file has none. By default more than any path
  costs: the number of nodes times the dearest arc and the dearest supply together, times what
  losses make of it, and at least 1 (`default_price`). Where one commodity moves, no arc loses any
  of it and the file has no prices, the trafficker then delivers all that the network can carry at
  the least cost, and `profit` is minimum-cost-flow interdiction, with

      least cost = price * tonnes delivered - 1000 * profit in M USD.

  Where losses multiply too far for a price, the option is needed;
- *measures*: none, one for every arc, or one for each arc with an attribute that is yes. A measure
  closes its arc, in an undirected network both ways.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from flowopt.errors import Problem, RequestError
from flowopt.network.schema import number_text
from flowopt.plain_text import cut

_SHOWN = 12  # names in a line
NOTHING, EVERY_ARC = "none", "every-arc"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """Options of an import: what a plain graph leaves open.

    Attributes
    ----------
    commodity : str
        Id of the one commodity.
    sources, sinks : tuple of str
        Nodes that supply without limit, and nodes that take; in place of those of the file.
    quantity : float or None
        Demand of each of `sinks`, t a year; None for all that the arcs into it can carry.
    price : float or None
        Price of a delivered kg where the file has none, USD; None for more than any path
        costs, supply and losses included, which is refused where losses multiply too far.
    capacity : str or None
        Attribute of arcs that is their capacity, t a year; an arc without it has no limit, and with
        ``none`` no arc has one. None for `capacity`, which then need not be there.
    capacity_factor : float
        Tonnes a year in a unit of the file's capacities, supplies and demands.
    arc_cost : str or None
        Attribute of arcs that is their cost, USD per kg; ``none`` for free arcs, None for the
        usual one of the kind of file.
    measures : str
        ``none``, ``every-arc``, or an attribute of arcs that is yes for those to close.
    measure_cost : float or str
        Cost of each measure, M USD a year, or an attribute of arcs that holds it.
    id, title : str or None
        Of the network; None for those of a graph that has its own, else the name of the file.
    """

    commodity: str = "flow"
    sources: tuple[str, ...] = ()
    sinks: tuple[str, ...] = ()
    quantity: float | None = None
    price: float | None = None
    capacity: str | None = None
    capacity_factor: float = 1.0
    arc_cost: str | None = None
    measures: str = NOTHING
    measure_cost: float | str = 1.0
    id: str | None = None
    title: str | None = None

    def check(self) -> None:
        """Refuse options out of range.

        Raises
        ------
        RequestError
            When a number is out of range or a name is blank.
        """
        for name, value in (("quantity", self.quantity), ("price", self.price)):
            if value is not None and not _is_amount(value):
                raise RequestError(f"{name} {value!r} is not a number of at least 0")
        if not _is_amount(self.capacity_factor) or self.capacity_factor == 0.0:
            raise RequestError(f"capacity factor {self.capacity_factor!r} is not above 0")
        texts: dict[str, object] = {
            "commodity": self.commodity,
            "measures": self.measures,
        }
        may = {"capacity": self.capacity, "arc_cost": self.arc_cost, "id": self.id}
        may["title"] = self.title
        texts |= {name: value for name, value in may.items() if value is not None}
        for name, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                raise RequestError(f"{name} {text!r} is no name")
        if not isinstance(self.measure_cost, str) and not _is_amount(self.measure_cost):
            raise RequestError(f"cost {self.measure_cost!r} of a measure is not at least 0")


def _is_amount(value: object) -> bool:
    try:
        return isinstance(value, (int, float)) and 0.0 <= float(value) < math.inf
    except OverflowError:  # a whole number beyond all floats
        return False


def import_options(given: Mapping[str, Any]) -> ImportOptions:
    """Return import options by name.

    Raises
    ------
    RequestError
        When there is no such option, or one is not a list where several belong.
    """
    names = [each.name for each in fields(ImportOptions)]
    if unknown := [name for name in given if name not in names]:
        raise RequestError(f"'{unknown[0]}' is no choice; there are {', '.join(names)}")
    for name in ("sources", "sinks"):
        value = given.get(name, ())
        if isinstance(value, str):
            raise RequestError(f"{name} '{value}' is a text; give a list of nodes")
        if not isinstance(value, Iterable):
            raise RequestError(f"{name} {value!r} is no list; give a list of nodes")
    several = {n: tuple(map(cell_text, given[n])) for n in ("sources", "sinks") if n in given}
    return ImportOptions(**{**given, **several})


@dataclass(slots=True, kw_only=True)
class PlainNode:
    """Node of a plain graph: its row, the cells of `nodes`, its supplies and demands.

    `supplies` and `demands` are cells of those tables but for the node; their quantities, and a
    price that is blank, are still to be scaled and filled in.
    """

    row: int
    cells: dict[str, str]
    supplies: list[dict[str, str]] = field(default_factory=list)
    demands: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class PlainArc:
    """Arc of a plain graph: its row, cells of `arcs`, its reverse, and all its attributes.

    Capacity and cost are taken from `attributes`, as `ImportOptions` names them.
    """

    row: int
    cells: dict[str, str]
    reverse_id: str = ""  # id of the opposite arc of an undirected one
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def directions(self) -> list[dict[str, str]]:
        """The arc, or both arcs of an undirected one."""
        if not self.reverse_id:
            return [self.cells]
        reverse = {"arc": self.reverse_id, "tail": self.cells["head"], "head": self.cells["tail"]}
        return [self.cells, self.cells | reverse]


@dataclass(slots=True, kw_only=True)
class PlainGraph:
    """Nodes and arcs of a file, with its problems and warnings, before options fill them in.

    Attributes
    ----------
    file : str
        Name of the file in messages.
    nodes_file, arcs_file : str
        Names of its parts with the nodes, and with the arcs.
    name, kind : str
        The network's name, and the kind of file for its title.
    title : str
        The title that the file gives it; "" where it gives none.
    nodes, arcs : lists
        The nodes and arcs.
    problems, warnings : list of Problem
        Errors and warnings found while reading.
    column_names : mapping
        The file's name of a column, by the name that the format gives it.
    row_labels : mapping
        Label of a row that messages give instead of its number, by file and number.
    default_cost : str
        The attribute of arcs that is their cost unless an option names another, or ``none``.
    note : str
        More for the description.
    attributes_read : mapping
        Names of the attributes that are read, by `nodes_file` and `arcs_file`.
    node_attributes : Counter
        How many nodes have an attribute, by its name.
    """

    file: str
    nodes_file: str
    arcs_file: str
    name: str
    kind: str
    title: str = ""
    nodes: list[PlainNode] = field(default_factory=list)
    arcs: list[PlainArc] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    column_names: Mapping[str, str] = field(default_factory=dict)
    row_labels: dict[tuple[str, int], str] = field(default_factory=dict)
    default_cost: str = "cost"
    note: str = ""
    attributes_read: Mapping[str, frozenset[str]] = field(default_factory=dict)
    node_attributes: Counter[str] = field(default_factory=Counter)

    def located(self, problem: Problem) -> Problem:
        """Return a problem with its place in the file's own names."""
        column = self.column_names.get(problem.column or "", problem.column)
        place = self.row_labels.get((problem.file, problem.row or 0))
        if place is None:
            return Problem(problem.file, problem.row, column, problem.message)
        return Problem(self.file, None, f"{place}: {column}" if column else place, problem.message)


def ignored_message(part: str, names: Sequence[str]) -> str:
    """Return the message that some names of a part of the file are not read."""
    shown = ", ".join(map(cut, names[:_SHOWN])) + ", ..." * (len(names) > _SHOWN)
    return f"of {part} is not read: {shown}"


def cell_text(value: object) -> str:
    """Return the text of a value in a file; None is a blank, several are joined by `;`."""
    if value is None:
        return ""
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return ";".join(map(cell_text, value))
    return str(value).strip()
