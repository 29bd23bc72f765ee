"""Checks of scenarios and of the rows of their changes, one by one and together on one cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.cells import Cell, combined, named_by, named_cells
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.naming import naming_errors
from flowopt.network.checks.targets import Targets
from flowopt.network.schema import number_text

Changes = Sequence[tuple[int, Any]]  # rows of `changes` with their index


def scenario_row_errors(draft: Draft) -> Iterator[Problem]:
    """Yield faults of the tables `scenarios` and `changes`, but those of scenarios as networks."""
    rows = list(draft.whole("scenarios"))
    if rows and draft.all_whole("scenarios") and not any(row.weight for _, row in rows):
        message = "0 for every scenario; give one of them a weight above 0, or leave it blank for 1"
        yield draft.problem("scenarios", rows[0][0], "weight", message)
    if draft.tables["changes"] and draft.legible("scenarios") and not draft.tables["scenarios"]:
        message = (
            f"says what scenarios change, but {draft.file('scenarios')} names none; give it a row "
            "with scenario and name for each"
        )
        yield draft.problem("changes", None, None, message)
    yield from change_errors(draft, list(draft.whole("changes")))


def change_errors(draft: Draft, changes: Changes) -> Iterator[Problem]:
    """Yield faults of rows of `changes`: of each by itself, and of those on one cell together."""
    targets = Targets(draft)
    faults = [
        *naming_errors(draft, targets, "changes", changes),
        *_number_errors(draft, changes),
    ]
    yield from faults
    faulty = {problem.row for problem in faults}
    sound = [(i, row) for i, row in changes if draft.row("changes", i) not in faulty]
    by_scenario: dict[str, list[tuple[int, schema.Change]]] = {}
    for index, change in sound:
        by_scenario.setdefault(change.scenario, []).append((index, change))
    for rows in by_scenario.values():
        yield from _cell_errors(draft, targets, rows)


def _number_errors(draft: Draft, changes: Changes) -> Iterator[Problem]:
    """Yield rows with no number or two, and values out of the range of their column."""
    for index, change in changes:
        column, message = "value", ""
        value = change.value
        if change.factor is None and value is None:
            column, message = "factor", "is blank, and so is value; give one of the two"
        elif change.factor is not None and value is not None:
            message = (
                f"{number_text(value)} stands beside the factor {number_text(change.factor)}; "
                "keep one of the two"
            )
        elif value is not None and value < 0 and change.on != "recipe":
            message = f"{number_text(value)} is negative; give 0 or more"
        elif value is not None and value > 1 and change.column in schema.SHARES:
            message = f"{number_text(value)} is above 1; give a share from 0 to 1"
        if message:
            yield draft.problem("changes", index, column, message)


def _cell_errors(draft: Draft, targets: Targets, changes: Changes) -> Iterator[Problem]:
    """Yield changes of one scenario that cannot stand together on a cell, or lead out of range.

    A row that is at fault on many cells is reported for the first.
    """
    rows, reported = dict(changes), set()
    for cell, named in named_by(targets, changes).items():
        pair = _beside_a_value(rows, named)
        fault = "" if pair else _out_of_range(draft, cell, [rows[i] for i in named])
        index = pair[1] if pair else named[-1]
        if not (pair or fault) or (index, pair) in reported:
            continue
        reported.add((index, pair))
        change = rows[index]
        where = targets.called(change, (cell.table, cell.row))
        if pair:
            other = draft.place("changes", pair[0], "changes")
            fault = (
                f"{_stated(change)} for the {cell.column} of {where}, which {other} changes too in "
                f"scenario {change.scenario!r}; a value stands alone: keep one of the two rows, or "
                "give factors in both"
            )
        else:
            fault = f"in scenario {change.scenario!r} the {cell.column} of {where} {fault}"
        yield draft.problem("changes", index, _given(change), fault)


def _beside_a_value(rows: dict[int, Any], named: Sequence[int]) -> tuple[int, int] | None:
    """Return the first two rows on a cell that do not go together, as one of them has a value."""
    valued = next((i for i in named if rows[i].value is not None), None)
    if valued is None or len(named) == 1:
        return None
    other = next(i for i in named if i != valued)
    return min(valued, other), max(valued, other)


def _out_of_range(draft: Draft, cell: Cell, changes: Sequence[schema.Change]) -> str:
    """Return what is wrong with the number that changes make of a cell; "" for none."""
    before = getattr(draft.tables[cell.table][cell.row], cell.column)
    after = combined(before, changes)
    if after is None or before is None:
        return ""
    if not math.isfinite(after):
        return f"becomes too large: {number_text(before)} times its factors"
    if cell.table == "recipes" and (after == 0 or (after > 0) != (before > 0)):
        return (
            f"becomes {number_text(after + 0.0)} from {number_text(before)}; what a recipe "
            "consumes stays negative, what it produces positive: keep the sign, and give no 0"
        )
    if cell.column in schema.SHARES and after > 1:
        return f"becomes {after:.10g}, above 1; a share is not clipped: lower the factor"
    return ""


def _given(change: schema.Change) -> str:
    """Return the column that holds the number of a change."""
    return "factor" if change.value is None else "value"


def _stated(change: schema.Change) -> str:
    """Return the number of a change as text."""
    number = change.factor if change.value is None else change.value
    return "" if number is None else number_text(number)


# -- warnings ---------------------------------------------------------------------------------


def change_warnings(draft: Draft) -> Iterator[Problem]:
    """Yield changes that change nothing, and scenarios that count nowhere or say the same."""
    targets = Targets(draft)
    for index, change in draft.whole("changes"):
        if message := _idle(draft, targets, change):
            yield draft.problem("changes", index, _given(change), message)
    yield from _same_scenarios(draft, targets)
    for index, scenario in draft.whole("scenarios"):
        if scenario.weight == 0:
            message = "0: it counts in no mean, only in worst, cut and regret"
            yield draft.problem("scenarios", index, "weight", message)


def _idle(draft: Draft, targets: Targets, change: schema.Change) -> str:
    """Return the message that a change changes nothing, or leaves something unlimited."""
    cells = list(named_cells(targets, change))
    before = [getattr(draft.tables[c.table][c.row], c.column) for c in cells]
    unlimited = [cell for cell, number in zip(cells, before, strict=True) if number is None]
    if change.value is None and unlimited:
        first = targets.called(change, (unlimited[0].table, unlimited[0].row))
        more = f" (and {len(unlimited) - 1} more)" if len(unlimited) > 1 else ""
        return (
            f"{_stated(change)} leaves the {change.column} of {first}{more} unlimited; give a "
            "value to limit it"
        )
    if any(combined(number, [change]) != number for number in before):
        return ""
    what = f"{change.on} {change.target!r}"
    if change.factor is not None and change.factor != 1:
        return f"{_stated(change)} changes nothing: the {change.column} of {what} is 0"
    return f"{_stated(change)} changes nothing: the {change.column} of {what} stays as it is"


def _same_scenarios(draft: Draft, targets: Targets) -> Iterator[Problem]:
    """Yield scenarios that are the same network as one before them."""
    changes: dict[str, list[tuple[int, Any]]] = {}
    for index, change in draft.whole("changes"):
        changes.setdefault(change.scenario, []).append((index, change))
    first: dict[frozenset[tuple[Cell, float | None]], int] = {}
    for index, scenario in draft.whole("scenarios"):
        numbers = frozenset(_differing(draft, targets, changes.get(scenario.scenario, [])))
        earlier = first.setdefault(numbers, index)
        if earlier != index:
            other = draft.tables["scenarios"][earlier].scenario
            message = (
                f"{scenario.scenario!r} is the same network as {other!r} "
                f"({draft.place('scenarios', earlier, 'scenarios')})"
            )
            yield draft.problem("scenarios", index, "scenario", message)


def _differing(
    draft: Draft, targets: Targets, changes: Changes
) -> Iterator[tuple[Cell, float | None]]:
    """Yield the cells that a scenario changes, with their numbers."""
    rows = dict(changes)
    for cell, named in named_by(targets, changes).items():
        before = getattr(draft.tables[cell.table][cell.row], cell.column)
        after = combined(before, [rows[i] for i in named])
        if after != before:
            yield cell, after
