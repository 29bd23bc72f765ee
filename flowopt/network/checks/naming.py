"""Checks of the cells that rows of `changes` and `ranges` name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.cells import Naming
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.targets import Targets, reach_fault, with_article
from flowopt.similar_names import closest

_LIMITS = ("capacity", "quantity")
_TABLES = {
    "arc": schema.Arc, "node": schema.Node, "site": schema.Site, "pool": schema.Site,
    "supply": schema.Supply, "demand": schema.Demand, "recipe": schema.RecipeLine,
    "effect": schema.Effect, "measure": schema.Measure, "reform": schema.Reform,
}  # fmt: skip


def naming_errors(
    draft: Draft, targets: Targets, table: str, rows: Iterable[tuple[int, Naming]]
) -> Iterator[Problem]:
    """Yield rows that name no cell, or one that is the same in every scenario; one for each row.

    Parameters
    ----------
    draft, targets
        The tables, and the index of what rows may name.
    table
        The table of the rows.
    rows
        Rows with their index.
    """
    for index, row in rows:
        if found := _fault(draft, targets, row):
            yield draft.problem(table, index, *found)


def _fault(draft: Draft, targets: Targets, row: Naming) -> tuple[str, str] | None:
    """Return the column and the message of what is wrong with the cells that a row names."""
    if row.column not in schema.CHANGEABLE[row.on]:
        return "column", _not_changeable(row)
    if fault := reach_fault(draft, targets, row, "a supply, a demand or a recipe"):
        return fault
    place = targets.pooled(row) if row.column in _LIMITS else None
    if place is None:
        return None
    message = (
        f"{row.target!r} names {targets.called(row, place)}, which shares its {row.column} with "
        f"the pool {targets.row(place).pool!r}; name the pool instead (on = pool, column = "
        "capacity)"
    )
    return "target", message


def _not_changeable(row: Naming) -> str:
    """Return the message that a column is the same in every scenario, with the reason."""
    columns = schema.CHANGEABLE[row.on]
    others = f"of {with_article(row.on)} {', '.join(columns)} can"
    if row.column not in [each.name for each in fields(_TABLES[row.on])]:
        near = closest(row.column, columns)
        hint = f"did you mean {near!r}?" if near else others
        return f"{row.column!r} is no column that can change; {hint}"
    whose = " of a measure" if row.on == "measure" else ""
    return f"{row.column!r}{whose} cannot change: {_reason(row)}; {others}"


def _reason(row: Naming) -> str:
    """Return why a column of the tables is the same in every scenario."""
    if row.column in ("tail", "head", "commodities"):
        return (
            "a leg joins the same places and carries the same in every scenario (capacity 0 "
            "closes it in one)"
        )
    if row.on == "measure":
        return schema.SAME_PLANS
    if row.on == "pool" and row.column in ("cost", "pool"):
        return "only its capacity is the pool's (name its sites to change their costs)"
    return "names, ids, patterns and places are the same in every scenario"
