"""Folders of the General Modeling Network Specification (GMNS): ``node.csv`` and ``link.csv``.

Of `node.csv` it takes `node_id`, `name`, `x_coord` and `y_coord` (longitude and latitude, left out
where they are projected), of `link.csv` `link_id`, `from_node_id`, `to_node_id`, `directed` and the
attributes that `Choices` names. A link that is not directed becomes two arcs, the second one called
``<id>_back``, which one measure closes together.

GMNS knows capacity in cars an hour *and lane*: it is multiplied by `lanes` where there are any;
`Choices.capacity_factor` brings it to t a year. Supplies and demands are no part of it, so
`Choices.sources` and `sinks` are needed. Arcs are free unless `Choices.arc_cost` names an
attribute, such as ``length`` or ``toll``.

Source: Zephyr Foundation and Volpe Center, https://github.com/zephyr-data-specs/GMNS, schemas of
`node` and `link` (version 0.97).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from flowopt.errors import InputError, Problem
from flowopt.network.files.csv_folder import csv_table
from flowopt.network.foreign.plain_graph import Leg, Place, Pure, not_read
from flowopt.network.raw_tables import COLUMN_TWICE, ragged_row, too_wide
from flowopt.network.schema import number_text

NODES, LINKS = "node.csv", "link.csv"
_WORDS = {
    "node": "node_id",
    "lon": "x_coord",
    "lat": "y_coord",
    "arc": "link_id",
    "tail": "from_node_id",
    "head": "to_node_id",
}
_READS = {
    NODES: frozenset({"node_id", "name", "x_coord", "y_coord"}),
    LINKS: frozenset(
        {"link_id", "from_node_id", "to_node_id", "directed", "facility_type", "capacity", "lanes"}
    ),
}
_YES = frozenset({"true", "1", "t", "yes", "y", "1.0"})
_NO = frozenset({"false", "0", "f", "no", "n", "0.0"})
_BLANK = frozenset({"", "nan"})
Line = tuple[int, dict[str, str]]


def is_gmns(path: Path) -> bool:
    """Return whether a folder holds a network of this kind."""
    return (path / NODES).is_file() and (path / LINKS).is_file()


def read_gmns(folder: Path) -> Pure:
    """Read a folder; what is wrong with it stands in `problems`."""
    pure = Pure(
        file=folder.name,
        nodes_file=NODES,
        arcs_file=LINKS,
        name=folder.resolve().name,
        kind="a GMNS network",
        words=_WORDS,
        usual_cost="none",
        reads=_READS,
    )
    nodes = _lines(pure, folder / NODES, ("node_id",))
    links = _lines(pure, folder / LINKS, ("link_id", "from_node_id", "to_node_id"))
    on_globe = _on_globe(nodes)
    if not on_globe:
        what = "some lie beyond degrees, so all are left out; give longitude and latitude"
        pure.odd.append(Problem(NODES, None, "x_coord, y_coord", what))
    for row, said in nodes:
        cells = {"node": said["node_id"], "name": said.get("name", "")}
        if on_globe:
            cells |= {"lon": said.get("x_coord", ""), "lat": said.get("y_coord", "")}
        pure.places.append(Place(row=row, cells=cells))
        pure.node_attributes.update(name for name, text in said.items() if text)
    pure.legs.extend(_leg(pure, row, said) for row, said in links)
    pure.odd.extend(_taken_for_granted(links))
    others = sorted({p.name for p in folder.glob("*.csv")} - {NODES, LINKS})
    if others:
        pure.odd.append(Problem(folder.name, None, None, not_read("the folder", others)))
    return pure


def _taken_for_granted(links: list[Line]) -> Iterator[Problem]:
    """Yield what was read where the links leave it open."""
    one_way = [line for line in links if not line[1].get("directed")]
    closed = [line for line in links if _number(line[1].get("lanes", "")) == 0.0]
    lanes = [line for line in links if line[1].get("capacity") and not line[1].get("lanes")]
    for lines, column, what in (
        (one_way, "directed", "is blank, which is read as one way"),
        ([line for line in closed if not line[1].get("capacity")], "lanes",
         "is 0 and there is no capacity, which is read as without limit; give a capacity of 0 to "
         "close the link, or delete it"),
        ([line for line in closed if line[1].get("capacity")], "lanes",
         "is 0, so the capacity is 0"),
        (lanes, "lanes", "is blank, so the capacity is read as that of the whole link"),
    ):  # fmt: skip
        if lines:
            several = f" ({len(lines):,} such links in all)" if len(lines) > 1 else ""
            yield Problem(LINKS, lines[0][0], column, f"{what}{several}")


def _lines(pure: Pure, path: Path, needed: tuple[str, ...]) -> list[Line]:
    """Return the number of each row and what it says; what is wrong goes to the problems."""
    try:
        table = csv_table(path)
    except InputError as error:
        pure.problems.extend(error.problems)
        return []
    header = [name.strip() for name in table.header]
    if wide := too_wide(len(header)):
        pure.problems.append(Problem(path.name, table.header_row, None, wide))
        return []

    def say(row: int, column: str | None, what: str) -> None:
        pure.problems.append(Problem(path.name, row, column, what))

    missing = [name for name in needed if name not in header]
    for name in missing:
        what = f"the column is missing; there are {', '.join(header) or 'none'}"
        say(table.header_row, name, what)
    for name in dict.fromkeys(name for name in header if name and header.count(name) > 1):
        say(table.header_row, name, COLUMN_TWICE)
    found: list[Line] = []
    for row, cells in table.rows:
        texts = [text.strip() for text in cells]
        if not any(texts):
            continue
        if len(texts) != len(header):
            say(row, None, ragged_row(len(texts), len(header)))
        # GMNS takes `nan` as a blank too.
        said = zip(header, ("" if t.lower() in _BLANK else t for t in texts), strict=False)
        found.append((row, dict.fromkeys(header, "") | dict(said)))
    return [] if missing else found


def _on_globe(nodes: list[Line]) -> bool:
    """Return whether all coordinates may be degrees; what is no number is told later."""
    return not any(
        abs(_number(said.get(name, ""))) > most
        for _, said in nodes
        for name, most in (("x_coord", 180.0), ("y_coord", 90.0))
    )


def _leg(pure: Pure, row: int, said: dict[str, str]) -> Leg:
    cells = {"arc": said["link_id"], "tail": said["from_node_id"], "head": said["to_node_id"]}
    cells["mode"] = said.get("facility_type", "")
    capacity, lanes = said.get("capacity", ""), said.get("lanes", "")
    attributes = {**said, "capacity": _times(capacity, lanes) if lanes else capacity}
    directed = said.get("directed", "").lower()
    back = f"{said['link_id']}_back" if directed in _NO else ""
    if directed not in _NO | _YES | _BLANK:
        what = f"{said['directed']!r} is neither true nor false"
        pure.problems.append(Problem(LINKS, row, "directed", what))
    return Leg(row=row, cells=cells, back=back, attributes=attributes)


def _times(capacity: str, lanes: str) -> str:
    """Return the capacity of all lanes; what is no number is left for the checks to tell."""
    amount = _number(capacity) * _number(lanes)
    return number_text(amount) if not math.isnan(amount) else capacity


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
