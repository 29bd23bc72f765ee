"""Names beside ids in a workbook: columns for the reader, whose titles begin with `_`.

Such a column is no part of the network and is not read back. It stands right of the ids that it
names, and holds text, no formula: spreadsheets look ids up without a difference between upper and
lower case, and take a glob for a pattern of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flowopt.network import schema
from flowopt.network.tables import Tables, matches
from flowopt.plain_text import cut

Label = Callable[[Any], str]

_NAMED = ("commodities", "nodes", "measures", "resources", "scenarios")  # tables with names
_MOST_ROWS = 20_000  # of a sheet that people read: the names would double a larger one
_MOST_NAMES = 3  # of a glob or a list
_LONGEST = 120  # letters


class Labels:
    """Names for the ids of a network, by table and column."""

    def __init__(self, network: Tables) -> None:
        self._names: dict[str, dict[str, str]] = {
            table: {getattr(row, row.key[0]): row.name for row in getattr(network, table)}
            for table in _NAMED
        }
        nodes = self._names["nodes"]
        self._targets: dict[str, Mapping[str, str]] = {
            "node": nodes,
            **dict.fromkeys(("measure", "effect", "reform"), self._names["measures"]),
            "arc": {
                row.arc: f"{nodes.get(row.tail, row.tail)} to {nodes.get(row.head, row.head)}"
                for row in network.arcs
            },
            "site": {row.site: nodes.get(row.node, row.node) for row in network.sites},
            "supply": {row.node: nodes.get(row.node, row.node) for row in network.supplies},
            "demand": {row.node: nodes.get(row.node, row.node) for row in network.demands},
        }

    def of(self, row: type[schema.Row], count: int) -> dict[str, Label]:
        """Return what names the ids of each column of a table, by column.

        Parameters
        ----------
        row, count
            The class of the table's rows, and how many there are.
        """
        if count > _MOST_ROWS:
            return {}
        return {
            name: label
            for name, about in schema.columns(row).items()
            if (label := self._label(row, name, about.refers)) is not None
        }

    def _label(self, row: type[schema.Row], name: str, refers: str) -> Label | None:
        if name == "target" and "on" in schema.columns(row):
            return lambda each: self._of_target(each.on, each.target)
        if refers in _NAMED and refers != row.table:
            names = self._names[refers]
            return lambda each: _named(getattr(each, name), names)
        return None

    def _of_target(self, on: str, target: str) -> str:
        names = self._targets.get(on, {})
        found = matches(target, names)
        return "" if target in found and names[target] == target else _joined(found, names)


def _named(ids: str | tuple[str, ...], names: Mapping[str, str]) -> str:
    """Return the names of ids, "" where they say no more than the ids, or there are none."""
    listed = (ids,) if isinstance(ids, str) else ids
    if isinstance(ids, str) and ids not in names:  # a glob
        listed = tuple(matches(ids, names))
    return "" if all(names.get(each, each) == each for each in listed) else _joined(listed, names)


def _joined(ids: Sequence[str], names: Mapping[str, str]) -> str:
    more = f" and {len(ids) - _MOST_NAMES} more" if len(ids) > _MOST_NAMES else ""
    return cut(f"{'; '.join(names.get(each, each) for each in ids[:_MOST_NAMES])}{more}", _LONGEST)
