"""Targets of effects, earnings, changes, ranges and the like: the rows that each reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowopt.network import schema
from flowopt.network.checks.draft import Draft, StandIn
from flowopt.network.tables import matches

RowIndex = tuple[str, int]  # table, index
Targeting = (  # rows with a target
    schema.Effect | schema.Earning | schema.Change | schema.Range | schema.Opening | schema.Trend
)

_OWN_ID = {"arc": "arcs", "node": "nodes", "site": "sites", "measure": "measures"}
_OTHERS = {
    "supply": ("supplies", "node"),
    "demand": ("demands", "node"),
    "pool": ("sites", "pool"),
    "recipe": ("recipes", "recipe"),
    "effect": ("effects", "measure"),
    "reform": ("reforms", "measure"),
}
_BY_COMMODITY = ("supply", "demand", "recipe")
_VERBS = {"supply": "supplies", "demand": "buys", "recipe": "uses or makes"}


class Targets:
    """Index of the rows that an effect, an earning, a change or another such row reaches."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._names: dict[str, Mapping[str, Any] | None] = {}
        self._matched: dict[tuple[str, str], list[str]] = {}

    def names(self, on: str) -> Mapping[str, Any] | None:
        """Return the names that effects may have, or None where a table of them was not read."""
        if on not in self._names:
            self._names[on] = self._names_of(on)
        return self._names[on]

    def _names_of(self, on: str) -> Mapping[str, Any] | None:
        if on in _OWN_ID:
            return self._draft.ids(_OWN_ID[on])
        table, column = _OTHERS[on]
        tables = (table, "demands") if on == "pool" else (table,)
        if not all(map(self._draft.legible, tables)):
            return None
        found: dict[str, list[RowIndex]] = {}
        for each in tables:
            for index, row in enumerate(self._draft.tables[each]):
                if name := getattr(row, column):
                    found.setdefault(name, []).append((each, index))
        return found

    def matched(self, effect: Targeting) -> list[str]:
        """Return the names that the effect's target stands for."""
        names = self.names(effect.on) or {}
        if effect.target in names:
            return [effect.target]
        key = (effect.on, effect.target)
        if key not in self._matched:
            self._matched[key] = matches(effect.target, names)
        return self._matched[key]

    def rows(self, effect: Targeting) -> list[RowIndex]:
        """Return the rows the effect reaches: of a pool all its rows."""
        names = self.names(effect.on) or {}
        if effect.on in _OWN_ID:
            return [(_OWN_ID[effect.on], names[name]) for name in self.matched(effect)]
        found = [row for name in self.matched(effect) for row in names[name]]
        if effect.commodity and effect.on in _BY_COMMODITY:
            found = [r for r in found if self.row(r).commodity == effect.commodity]
        return found

    def row(self, row: RowIndex) -> Any:
        """Return the row at a place."""
        return self._draft.tables[row[0]][row[1]]

    def called(self, effect: Targeting, row: RowIndex) -> str:
        """Return a row that the effect reaches, in words with its place."""
        name = getattr(self.row(row), _OTHERS[effect.on][1] if effect.on in _OTHERS else effect.on)
        return f"the {effect.on} {name!r} ({self._draft.place(*row)})"

    def pooled(self, effect: Targeting) -> RowIndex | None:
        """Return a row of a pool that is named as a site or a demand, not by its pool."""
        if effect.on not in ("site", "demand"):
            return None
        return next((place for place in self.rows(effect) if self.row(place).pool), None)

    def unlimited(self, effect: Targeting) -> RowIndex | None:
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
    return f"an {on}" if on[0] in "ae" else f"a {on}"


def unmatched_target(draft: Draft, targets: Targets, effect: Targeting) -> str:
    """Return the message that a target matches nothing."""
    names = targets.names(effect.on) or {}
    if effect.on == "pool":
        where = f"{draft.file('sites')} or {draft.file('demands')}"
    else:
        where = draft.file(_OWN_ID[effect.on] if effect.on in _OWN_ID else _OTHERS[effect.on][0])
    hint = draft.hint(effect.target, names, f"name {with_article(effect.on)} that is there")
    named_by = _OTHERS[effect.on][1] if effect.on in _OTHERS else effect.on
    whose = f" (named by its {named_by})" if named_by not in ("pool", effect.on) else ""
    return f"{effect.target!r} matches no {effect.on}{whose} of {where}; {hint}"


def no_such_row(draft: Draft, effect: Targeting) -> str:
    """Return the message that the target has no row of the commodity."""
    verb = _VERBS[effect.on]
    return (
        f"{effect.target!r} {verb} no {effect.commodity!r} in {draft.file(_OTHERS[effect.on][0])}; "
        f"name what it {verb}, or leave it blank for all"
    )


def reach_fault(
    draft: Draft, targets: Targets, row: Targeting, takers: str
) -> tuple[str, str] | None:
    """Return the column and the message of what is wrong with a target that reaches nothing.

    Parameters
    ----------
    draft, targets
        The tables, and the index of what rows may name.
    row
        The row with a target.
    takers
        What takes a commodity in its table, in words: "a supply or a demand".
    """
    if row.commodity and with_article(row.on) not in takers:
        message = (
            f"{row.commodity!r} is given, but only {takers} takes a commodity; leave it blank on "
            f"{with_article(row.on)}"
        )
        return "commodity", message
    if targets.names(row.on) is None:
        return None
    if not targets.matched(row):
        return "target", unmatched_target(draft, targets, row)
    if not targets.rows(row):
        known = row.commodity in (draft.ids("commodities") or {})  # others are reported already
        return ("commodity", no_such_row(draft, row)) if known else None
    return None
