"""Checks of recipes and of the pools that sites and demands share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowopt.errors import Problem
from flowopt.network.checks.draft import Draft, StandIn
from flowopt.network.schema import number_text


def recipe_errors(draft: Draft) -> Iterator[Problem]:
    """Yield recipes that make nothing, or make something out of nothing."""
    recipes: dict[str, list[tuple[int, Any]]] = {}
    for index, line in enumerate(draft.tables["recipes"]):
        recipes.setdefault(line.recipe, []).append((index, line))
    for recipe, lines in recipes.items():
        if any(isinstance(line, StandIn) for _, line in lines):
            continue
        idle = [index for index, line in lines if line.quantity == 0]
        for index in idle:
            message = "0 neither consumes nor produces; give the quantity or delete the row"
            yield draft.problem("recipes", index, "quantity", message)
        if idle:
            continue
        if all(line.quantity < 0 for _, line in lines):
            message = (
                f"the recipe {recipe!r} produces nothing; "
                "at least one quantity is positive (consumed is negative)"
            )
            yield draft.problem("recipes", lines[0][0], "quantity", message)
        elif all(line.quantity > 0 for _, line in lines):
            message = (
                f"the recipe {recipe!r} consumes nothing, so it would make mass out of nothing; "
                "give what it consumes as a negative quantity (a supply needs no recipe)"
            )
            yield draft.problem("recipes", lines[0][0], "quantity", message)


def pool_errors(draft: Draft) -> Iterator[Problem]:
    """Yield rows that contradict the first row of their pool."""
    first: dict[str, tuple[str, int]] = {}
    taken: set[str] = set()
    for table, column in (("sites", "capacity"), ("demands", "quantity")):
        for index, row in draft.whole(table):
            if not row.pool:
                continue
            where, earlier = first.setdefault(row.pool, (table, index))
            place = draft.place(where, earlier, table)
            if where != table and row.pool not in taken:
                taken.add(row.pool)
                message = (
                    f"{row.pool!r} is already a pool of sites ({place}); "
                    "give the pool of demands another id"
                )
                yield draft.problem(table, index, "pool", message)
            if where != table:
                continue
            mine, theirs = getattr(row, column), getattr(draft.tables[table][earlier], column)
            if mine != theirs:
                message = (
                    f"{_shown(mine)}, but {place} of the pool {row.pool!r} says {_shown(theirs)}; "
                    "the rows of a pool share one amount, repeat the same"
                )
                yield draft.problem(table, index, column, message)


def _shown(amount: float | None) -> str:
    return "blank" if amount is None else number_text(amount)
