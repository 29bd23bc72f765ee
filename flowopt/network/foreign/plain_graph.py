"""A pure network as a file has it, nodes and arcs with a few numbers, and what it leaves open.

What other programs call a network lacks most of what the format asks for. `Choices` says it, with
a default for each:

- *commodity*: one, that every arc carries unless the arc names others;
- *supplies and demands*: what the file says of nodes, or `sources` and `sinks`. A source supplies
  without limit; a sink takes `quantity`, or all that the arcs into it can carry;
- *price*: what a delivered kg brings, where the file does not say. By default more than any way
  costs: the number of nodes times the dearest arc and the dearest supply together, times what
  losses make of it, and at least 1 (`price`). Where one commodity moves, no arc loses any of it and
  the file has no prices, the trafficker then delivers all that the network can carry at the least
  cost, and `profit` is minimum-cost-flow interdiction, with

      least cost = price * tonnes delivered - 1000 * profit in M USD.

  Where losses multiply too far to tell, the price is asked for;
- *measures*: none, one for every arc, or one for each arc in which an attribute says yes. A measure
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
class Choices:
    """What a pure network leaves open.

    Attributes
    ----------
    commodity : str
        What moves.
    sources, sinks : tuple of str
        Nodes that supply without limit, and nodes that take; instead of what the file says.
    quantity : float or None
        What each of `sinks` takes, t a year; None for all that the arcs into it can carry.
    price : float or None
        What a delivered kg brings where the file does not say, USD; None for more than any way
        costs, supply and losses included, which is refused where losses multiply too far.
    capacity : str or None
        Attribute of arcs that is their capacity, t a year; an arc without it has no limit, and with
        ``none`` no arc has one. None for `capacity`, which then need not be there.
    capacity_factor : float
        Tonnes a year in a unit of what the file calls capacity, supply and demand.
    arc_cost : str or None
        Attribute of arcs that is their cost, USD per kg; ``none`` for free arcs, None for the
        usual one of the kind of file.
    measures : str
        ``none``, ``every-arc``, or an attribute of arcs that says yes for those to close.
    measure_cost : float or str
        What each measure costs, M USD a year, or an attribute of arcs that says so.
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
        """Refuse what can't be meant.

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


def chosen(given: Mapping[str, Any]) -> Choices:
    """Return choices by name.

    Raises
    ------
    RequestError
        When there is no such choice, or one is not a list where several belong.
    """
    names = [each.name for each in fields(Choices)]
    if unknown := [name for name in given if name not in names]:
        raise RequestError(f"'{unknown[0]}' is no choice; there are {', '.join(names)}")
    for name in ("sources", "sinks"):
        value = given.get(name, ())
        if isinstance(value, str):
            raise RequestError(f"{name} '{value}' is a text; give a list of nodes")
        if not isinstance(value, Iterable):
            raise RequestError(f"{name} {value!r} is no list; give a list of nodes")
    several = {n: tuple(map(cell_text, given[n])) for n in ("sources", "sinks") if n in given}
    return Choices(**{**given, **several})


@dataclass(slots=True, kw_only=True)
class Place:
    """A node as a file has it: its row, the cells of `nodes`, and what it supplies and takes.

    `supplies` and `demands` are cells of those tables but for the node; their quantities, and a
    price that is blank, are still to be scaled and filled in.
    """

    row: int
    cells: dict[str, str]
    supplies: list[dict[str, str]] = field(default_factory=list)
    demands: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Leg:
    """An arc as a file has it: its row, cells of `arcs`, the way back, and all that it says.

    Capacity and cost are taken from `attributes`, as `Choices` names them.
    """

    row: int
    cells: dict[str, str]
    back: str = ""  # id of the opposite arc of an undirected one
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def ways(self) -> list[dict[str, str]]:
        """The arc, or both of an undirected one."""
        if not self.back:
            return [self.cells]
        turned = {"arc": self.back, "tail": self.cells["head"], "head": self.cells["tail"]}
        return [self.cells, self.cells | turned]


@dataclass(slots=True, kw_only=True)
class Pure:
    """A pure network while it is read.

    Attributes
    ----------
    file : str
        What messages call the file.
    nodes_file, arcs_file : str
        What they call the part with the nodes, and with the arcs.
    name, kind : str
        The network's name, and the kind of file for its title.
    title : str
        The title that the file gives it; "" where it gives none.
    places, legs : lists
        The nodes and arcs.
    problems, odd : list of Problem
        What is wrong, and what is odd.
    words : mapping
        What the file calls a column, by what the format calls it.
    rows : mapping
        What messages call a row instead of its number, by file and number.
    usual_cost : str
        The attribute of arcs that is their cost where nobody says, or ``none``.
    note : str
        More for the description.
    reads : mapping
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
    places: list[Place] = field(default_factory=list)
    legs: list[Leg] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    odd: list[Problem] = field(default_factory=list)
    words: Mapping[str, str] = field(default_factory=dict)
    rows: dict[tuple[str, int], str] = field(default_factory=dict)
    usual_cost: str = "cost"
    note: str = ""
    reads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    node_attributes: Counter[str] = field(default_factory=Counter)

    def told(self, problem: Problem) -> Problem:
        """Return a problem in the words of the file."""
        column = self.words.get(problem.column or "", problem.column)
        place = self.rows.get((problem.file, problem.row or 0))
        if place is None:
            return Problem(problem.file, problem.row, column, problem.message)
        return Problem(self.file, None, f"{place}: {column}" if column else place, problem.message)


def not_read(part: str, names: Sequence[str]) -> str:
    """Say what of a part of the file is not read."""
    shown = ", ".join(map(cut, names[:_SHOWN])) + ", ..." * (len(names) > _SHOWN)
    return f"of {part} is not read: {shown}"


def cell_text(value: object) -> str:
    """Return what a file would say for a value; None is a blank, several are joined by `;`."""
    if value is None:
        return ""
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return ";".join(map(cell_text, value))
    return str(value).strip()
