"""Checks of ranges: rows that move nothing, overlap, or have their ends the wrong way round."""

from __future__ import annotations

from collections.abc import Iterator

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.cells import named_by, named_cells
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.naming import naming_errors
from flowopt.network.checks.targets import Targets
from flowopt.network.schema import number_text


def range_errors(draft: Draft) -> Iterator[Problem]:
    """Yield faulty rows of `ranges`, and numbers that two rows name."""
    if not draft.tables["ranges"]:
        return
    targets, rows = Targets(draft), list(draft.whole("ranges"))
    faults = list(naming_errors(draft, targets, "ranges", rows))
    yield from faults
    for index, row in rows:
        if found := _wrong_ends(row):
            yield draft.problem("ranges", index, *found)
    faulty = {problem.row for problem in faults}
    reported: set[tuple[int, int]] = set()
    sound = [(index, row) for index, row in rows if draft.row("ranges", index) not in faulty]
    for cell, named in named_by(targets, sound).items():
        if len(named) > 1 and (named[0], named[1]) not in reported:
            reported.add((named[0], named[1]))
            row = draft.tables["ranges"][named[1]]
            message = (
                f"the {cell.column} of {targets.called(row, (cell.table, cell.row))} has the range "
                f"of {draft.place('ranges', named[0], 'ranges')} already; a number has one range: "
                "narrow one of the two targets, or delete a row"
            )
            yield draft.problem("ranges", named[1], "target", message)


def _wrong_ends(row: schema.Range) -> tuple[str, str] | None:
    """Return the column and the message of ends that are no range.

    A blank end is that of the number's grade, whatever that is set to: low at most 1, high at
    least 1.
    """
    low, high = row.low, row.high
    for column, end in (("low", low), ("high", high)):
        if end == 0:
            return column, "0 is no factor of a range; give one above 0"
    if low is not None and high is not None and low > high:
        return "low", f"{number_text(low)} is above high, {number_text(high)}; swap the two"
    peak = row.shape == "peak"
    why = "the peak of this shape is at 1" if peak else "the end left blank is that of the grade"
    way = "the shape even" if peak else "both ends"
    if low is not None and low > 1 and (peak or high is None):
        return "low", f"{number_text(low)} is above 1, but {why}; give at most 1, or {way}"
    if high is not None and high < 1 and (peak or low is None):
        return "high", f"{number_text(high)} is below 1, but {why}; give at least 1, or {way}"
    return None


def range_warnings(draft: Draft) -> Iterator[Problem]:
    """Yield ranges that move nothing."""
    if not draft.tables["ranges"]:
        return
    targets = Targets(draft)
    for index, row in draft.whole("ranges"):
        numbers = [
            getattr(draft.tables[cell.table][cell.row], cell.column)
            for cell in named_cells(targets, row)
        ]
        share = row.column in schema.SHARES  # moves on its odds: none and all stay what they are
        if not any(number and not (share and number == 1) for number in numbers):
            still = "0 or 1" if share else "0 or unlimited"
            message = f"moves nothing: the {row.column} of {row.on} {row.target!r} is {still}"
            yield draft.problem("ranges", index, "column", message)
