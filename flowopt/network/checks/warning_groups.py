"""Groups of warnings: one line for many of a kind, as all commands but `check` print them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flowopt.network.tables import Tables

_EACH = 3  # warnings of a kind that stand one by one
_NAMED = 3  # of the others that a line names
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NUMBER = re.compile(r"\d[\d.,]*")
_ROW = re.compile(r":(\d+): ")
_AMOUNT = re.compile(r"'[^']*'|\"[^\"]*\"|(?<![:\w])\d[\d.,]*")  # or a name, which stays


def grouped_warnings(warnings: Iterable[str]) -> tuple[str, ...]:
    """Return warnings with one line for more than three that differ in names and numbers alone.

    >>> grouped_warnings(f"nodes.csv:{n}: node: 'n{n}' has no arcs" for n in (2, 3, 4, 5, 6))[0]
    "nodes.csv:2: node: 'n2' has no arcs (and 4 more like it: 'n3', 'n4', 'n5', ...; flowopt check \
lists all)"
    """
    kinds: dict[str, list[str]] = {}
    for line in warnings:
        kinds.setdefault(_NUMBER.sub("0", _QUOTED.sub("''", line)), []).append(line)
    found: list[str] = []
    for lines in kinds.values():
        if len(lines) <= _EACH:
            found += lines
            continue
        first, *others = lines
        names = ", ".join(map(_name, others[:_NAMED])) + ", ..." * (len(others) > _NAMED)
        more = f"and {len(others):,} more like it: {names}; flowopt check lists all"
        found.append(f"{first} ({more})")
    return tuple(found)


def without_amounts(warning: str) -> str:
    """Return a warning with 0 in place of amounts; names and rows stay.

    >>> without_amounts("demands.csv:5: quantity: at most 16.9 t can arrive of the 18 at 'M_2'")
    "demands.csv:5: quantity: at most 0 t can arrive of the 0 at 'M_2'"
    """
    return _AMOUNT.sub(lambda found: found[0] if found[0][0] in "'\"" else "0", warning)


def _name(line: str) -> str:
    """Return the subject of a line: the first name it quotes, or its row."""
    quoted, row = _QUOTED.search(line), _ROW.search(line)
    return quoted[0] if quoted else f"row {row[1]}" if row else line


def unpriced(network: Tables) -> tuple[str, ...]:
    """Return the warning that no market pays anything, where none does.

    It is none of the network's own warnings: where tonnes alone count, prices may well be left out.
    """
    if any(demand.price > 0.0 for demand in network.demands):
        return ()
    return (
        "demands.csv: price: no market pays enough for the objectives profit and bilevel to count "
        "anything; fill in price in demands.csv",
    )
