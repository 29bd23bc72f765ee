"""Checks of effects: what each row of `effects` reaches, and whether it may act on that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.draft import Draft, StandIn
from flowopt.network.checks.rules import reformed
from flowopt.network.schema import number_text
from flowopt.network.tables import matches

Row = tuple[str, int]  # table, index
Aimed = schema.Effect | schema.Earning  # what names a target

_OWN_ID = {"arc": "arcs", "node": "nodes", "site": "sites"}
_OTHERS = {
    "supply": ("supplies", "node"),
    "demand": ("demands", "node"),
    "pool": ("sites", "pool"),
}


class Targets:
    """Finds the rows that an effect, or an earning, reaches."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._groups: dict[str, dict[str, list[Row]]] = {}
        self._matched: dict[tuple[str, str], list[str]] = {}

    def names(self, on: str) -> Mapping[str, Any] | None:
        """Return what effects may name, or None where a table of it could not be read."""
        if on in _OWN_ID:
            return self._draft.ids(_OWN_ID[on])
        if on not in self._groups:
            table, column = _OTHERS[on]
            tables = (table, "demands") if on == "pool" else (table,)
            if not all(map(self._draft.legible, tables)):
                return None
            found: dict[str, list[Row]] = {}
            for each in tables:
                for index, row in enumerate(self._draft.tables[each]):
                    if name := getattr(row, column):
                        found.setdefault(name, []).append((each, index))
            self._groups[on] = found
        return self._groups[on]

    def matched(self, effect: Aimed) -> list[str]:
        """Return the names that the effect's target stands for."""
        key = (effect.on, effect.target)
        if key not in self._matched:
            self._matched[key] = matches(effect.target, self.names(effect.on) or {})
        return self._matched[key]

    def rows(self, effect: Aimed) -> list[Row]:
        """Return the rows the effect reaches: of a pool all its rows."""
        names = self.names(effect.on) or {}
        if effect.on in _OWN_ID:
            return [(_OWN_ID[effect.on], names[name]) for name in self.matched(effect)]
        found = [row for name in self.matched(effect) for row in names[name]]
        if effect.commodity and effect.on != "pool":
            found = [r for r in found if self.row(r).commodity == effect.commodity]
        return found

    def row(self, row: Row) -> Any:
        """Return the row at a place."""
        return self._draft.tables[row[0]][row[1]]

    def called(self, effect: schema.Effect, row: Row) -> str:
        """Return what to call a row that the effect reaches."""
        name = getattr(self.row(row), _OTHERS[effect.on][1] if effect.on in _OTHERS else effect.on)
        return f"the {effect.on} {name!r} ({self._draft.place(*row)})"

    def unlimited(self, effect: schema.Effect) -> Row | None:
        """Return a row without a capacity that the effect reaches; of a pool all rows are."""
        limited: set[str] = set()
        blank: list[Row] = []
        for row in self.rows(effect):
            each = self.row(row)
            if isinstance(each, StandIn) or getattr(each, "capacity", 0.0) is not None:
                limited.add(getattr(each, "pool", ""))
            else:
                blank.append(row)
        if effect.on == "pool":  # rows that contradict each other are told elsewhere
            blank = [row for row in blank if self.row(row).pool not in limited]
        return blank[0] if blank else None


def effect_errors(draft: Draft) -> Iterator[Problem]:
    """Yield effects that reach nothing or may not act on what they reach."""
    targets = Targets(draft)
    reforms = reformed(draft)
    for index, effect in draft.whole("effects"):
        column, message = "loss", ""
        if effect.loss > 0 and effect.on not in ("arc", "node"):
            message = f"a {effect.on} has no loss; only an arc or a node does: leave it blank"
        elif effect.commodity and effect.on not in ("supply", "demand"):
            column = "commodity"
            message = (
                f"{effect.commodity!r} is given, but only a supply or a demand takes a commodity; "
                f"leave it blank on {_a(effect.on)}"
            )
        if message:
            yield draft.problem("effects", index, column, message)
        if targets.names(effect.on) is None:
            continue
        if not targets.matched(effect):
            yield draft.problem("effects", index, "target", nothing(draft, targets, effect))
        elif not targets.rows(effect):
            if effect.commodity in (draft.ids("commodities") or {}):
                yield draft.problem("effects", index, "commodity", no_such_row(draft, effect))
        elif effect.cut > 0:
            message = _pooled(effect, targets) or _unlimited(draft, effect, targets, reforms)
            if message:
                yield draft.problem("effects", index, "cut", message)


def _a(on: str) -> str:
    return f"an {on}" if on == "arc" else f"a {on}"


def nothing(draft: Draft, targets: Targets, effect: Aimed) -> str:
    """Say that a target matches nothing."""
    names = targets.names(effect.on) or {}
    if effect.on == "pool":
        where = f"{draft.file('sites')} or {draft.file('demands')}"
    else:
        where = draft.file(_OWN_ID[effect.on] if effect.on in _OWN_ID else _OTHERS[effect.on][0])
    hint = draft.hint(effect.target, names, f"name {_a(effect.on)} that is there")
    whose = " (named by its node)" if effect.on in ("supply", "demand") else ""
    return f"{effect.target!r} matches no {effect.on}{whose} of {where}; {hint}"


def no_such_row(draft: Draft, effect: Aimed) -> str:
    """Say that the target has no supply or demand of the commodity."""
    verb = "supplies" if effect.on == "supply" else "buys"
    return (
        f"{effect.target!r} {verb} no {effect.commodity!r} in {draft.file(_OTHERS[effect.on][0])}; "
        f"name what it {verb}, or leave it blank for all"
    )


def _pooled(effect: schema.Effect, targets: Targets) -> str:
    """Say that a cut names a row of a pool instead of the pool; "" if it does not."""
    if effect.on not in ("site", "demand"):
        return ""
    for place in targets.rows(effect):
        if pool := targets.row(place).pool:
            return (
                f"{number_text(effect.cut)} on {targets.called(effect, place)}, which is in the "
                f"pool {pool!r}; cut the pool instead (on = pool), or leave the cut blank"
            )
    return ""


def _unlimited(
    draft: Draft,
    effect: schema.Effect,
    targets: Targets,
    reforms: Mapping[str, tuple[int, float]],
) -> str:
    """Say that a partial cut acts on something without a capacity; "" if it does not."""
    reform, lower = reforms.get(effect.measure, (None, effect.corruption))
    plain = effect.cut * working_share(effect, effect.corruption)
    under = effect.cut * working_share(effect, min(lower, effect.corruption))
    if 0 < plain < 1:
        how = f"works as {plain:.10g}"
    elif 0 < under < 1:
        how = f"works as {under:.10g} under the reform of {draft.place('reforms', reform or 0)}"
    else:
        return ""
    place = targets.unlimited(effect)
    if place is None:
        return ""
    return (
        f"{number_text(effect.cut)} {how}, a part of a capacity, but "
        f"{targets.called(effect, place)} has none; give it one"
    )


def working_share(effect: schema.Effect, corruption: float) -> float:
    """Return what part of an effect works: its uptime, less what is bought off."""
    return effect.uptime * (1.0 - corruption)
