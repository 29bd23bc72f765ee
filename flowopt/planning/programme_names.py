"""Names of variables and rows in a programme for other solvers, made of the network's own ids.

A name is the letter of its block in the formulation and what it is about: ``x_m_scanner``,
``y_arc_a17_leaf``, ``mu_supply_F_HILLS_leaf``. Formats of programmes permit few signs, so accents
are dropped and other signs become ``_``; names that would be the same are numbered. The symbols
beside the file give the ids as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from flowopt.model.bilevel_program import TwoLevels
from flowopt.model.milp import Milp
from flowopt.planning.symbols import Symbol

_NUMBER = re.compile(r"(?:\d+_)?\d+$")  # of a variable in its block
_OTHER = re.compile(r"[^A-Za-z0-9_.]")
_SIDES = ("_le", "_ge")  # what LP adds to the name of a row with two sides
_LONGEST = 120  # CPLEX takes 255 letters


def with_readable_names(
    milp: Milp, symbols: Iterable[Symbol], levels: TwoLevels | None
) -> tuple[Milp, tuple[Symbol, ...], TwoLevels | None]:
    """Return a programme, its symbols and its levels with names made of ids.

    Parameters
    ----------
    milp, symbols
        The programme, and the symbols of its variables and then of its rows, in its order.
    levels
        The two levels of the same programme, None where it has one.
    """
    known = tuple(symbols)
    count = len(milp.names)
    names = [*_distinct(known[:count]), *_distinct(known[count:])]
    renamed = replace(milp, names=tuple(names[:count]), row_names=tuple(names[count:]))
    return (
        renamed,
        tuple(replace(each, name=name) for each, name in zip(known, names, strict=True)),
        None if levels is None else replace(levels, milp=renamed),
    )


def _distinct(symbols: Sequence[Symbol]) -> Iterator[str]:
    """Yield a name for each symbol; no two are the same, not even but for their case."""
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for symbol in symbols:
        wanted = name = _name(symbol)
        alike = wanted.casefold()
        while name.casefold() in taken:
            counts[alike] = counts.get(alike, 1) + 1
            name = f"{wanted}_{counts[alike]}"
        taken.add(name.casefold())
        yield name


def _name(symbol: Symbol) -> str:
    """Return the block of a symbol and the ids that it is about, in signs that formats permit."""
    block = _NUMBER.sub("", symbol.name)
    if symbol.on == "measure":  # a rule between two
        parts = [block, symbol.measure, symbol.target]
    else:
        parts = [block, symbol.on, symbol.target, symbol.commodity, symbol.measure]
    plain = unicodedata.normalize("NFKD", "_".join(filter(None, parts)))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    name = _OTHER.sub("_", letters)[:_LONGEST]
    return f"{name}_" if name.endswith(_SIDES) else name
