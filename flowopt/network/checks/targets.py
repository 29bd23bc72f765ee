"""Targets of effects and earnings: the rows that each of them reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowopt.network import schema
from flowopt.network.checks.draft import Draft, StandIn
from flowopt.network.tables import matches

RowIndex = tuple[str, int]  # table, index
Targeting = schema.Effect | schema.Earning  # rows that name a target

_OWN_ID = {"arc": "arcs", "node": "nodes", "site": "sites"}
_OTHERS = {
    "supply": ("supplies", "node"),
    "demand": ("demands", "node"),
    "pool": ("sites", "pool"),
}


class Targets:
    """Index of the rows that an effect, or an earning, reaches."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._groups: dict[str, dict[str, list[RowIndex]]] = {}
        self._matched: dict[tuple[str, str], list[str]] = {}

    def names(self, on: str) -> Mapping[str, Any] | None:
        """Return the names that effects may have, or None where a table of them was not read."""
        if on in _OWN_ID:
            return self._draft.ids(_OWN_ID[on])
        if on not in self._groups:
            table, column = _OTHERS[on]
            tables = (table, "demands") if on == "pool" else (table,)
            if not all(map(self._draft.legible, tables)):
                return None
            found: dict[str, list[RowIndex]] = {}
            for each in tables:
                for index, row in enumerate(self._draft.tables[each]):
                    if name := getattr(row, column):
                        found.setdefault(name, []).append((each, index))
            self._groups[on] = found
        return self._groups[on]

    def matched(self, effect: Targeting) -> list[str]:
        """Return the names that the effect's target stands for."""
        key = (effect.on, effect.target)
        if key not in self._matched:
            self._matched[key] = matches(effect.target, self.names(effect.on) or {})
        return self._matched[key]

    def rows(self, effect: Targeting) -> list[RowIndex]:
        """Return the rows the effect reaches: of a pool all its rows."""
        names = self.names(effect.on) or {}
        if effect.on in _OWN_ID:
            return [(_OWN_ID[effect.on], names[name]) for name in self.matched(effect)]
        found = [row for name in self.matched(effect) for row in names[name]]
        if effect.commodity and effect.on != "pool":
            found = [r for r in found if self.row(r).commodity == effect.commodity]
        return found

    def row(self, row: RowIndex) -> Any:
        """Return the row at a place."""
        return self._draft.tables[row[0]][row[1]]

    def called(self, effect: schema.Effect, row: RowIndex) -> str:
        """Return a row that the effect reaches, in words with its place."""
        name = getattr(self.row(row), _OTHERS[effect.on][1] if effect.on in _OTHERS else effect.on)
        return f"the {effect.on} {name!r} ({self._draft.place(*row)})"

    def unlimited(self, effect: schema.Effect) -> RowIndex | None:
        """Return a row without a capacity that the effect reaches; of a pool all rows are."""
        limited: set[str] = set()
        blank: list[RowIndex] = []
        for row in self.rows(effect):
            each = self.row(row)
            if isinstance(each, StandIn) or getattr(each, "capacity", 0.0) is not None:
                limited.add(getattr(each, "pool", ""))
            else:
                blank.append(row)
        if effect.on == "pool":  # rows that contradict each other are reported elsewhere
            blank = [row for row in blank if self.row(row).pool not in limited]
        return blank[0] if blank else None


def with_article(on: str) -> str:
    """Return the word for a kind of target with its article."""
    return f"an {on}" if on == "arc" else f"a {on}"


def unmatched_target(draft: Draft, targets: Targets, effect: Targeting) -> str:
    """Return the message that a target matches nothing."""
    names = targets.names(effect.on) or {}
    if effect.on == "pool":
        where = f"{draft.file('sites')} or {draft.file('demands')}"
    else:
        where = draft.file(_OWN_ID[effect.on] if effect.on in _OWN_ID else _OTHERS[effect.on][0])
    hint = draft.hint(effect.target, names, f"name {with_article(effect.on)} that is there")
    whose = " (named by its node)" if effect.on in ("supply", "demand") else ""
    return f"{effect.target!r} matches no {effect.on}{whose} of {where}; {hint}"


def no_such_row(draft: Draft, effect: Targeting) -> str:
    """Return the message that the target has no supply or demand of the commodity."""
    verb = "supplies" if effect.on == "supply" else "buys"
    return (
        f"{effect.target!r} {verb} no {effect.commodity!r} in {draft.file(_OTHERS[effect.on][0])}; "
        f"name what it {verb}, or leave it blank for all"
    )
