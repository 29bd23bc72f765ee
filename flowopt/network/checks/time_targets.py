"""Checks of openings and trends: rows that reach nothing, or may not act on what they reach."""

from __future__ import annotations

import math
from collections.abc import Iterator

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.draft import Draft, StandIn
from flowopt.network.checks.targets import RowIndex, Targets, reach_fault, with_article
from flowopt.network.checks.time_rows import timeline_of
from flowopt.network.checks.trend_factors import factors_of
from flowopt.network.schema import number_text

_TAKERS = "a supply or a demand"
_PRICED = {"cost": ("arc", "site", "supply", "pool"), "price": ("demand", "pool")}
_ALL_PRICED = {
    "cost": "an arc, a site, a supply or a pool of sites",
    "price": "a demand or a pool of demands",
}


def opening_errors(draft: Draft) -> Iterator[Problem]:
    """Yield openings of what has no limit, without a limit of their own, or named twice."""
    targets = Targets(draft)
    first: dict[tuple[str, object], int] = {}
    for index, row in draft.whole("openings"):
        if row.most is None and row.limit is None:
            message = (
                "is blank, and so is limit; give one of the two, as what opens without end would "
                "be no capacity"
            )
            yield draft.problem("openings", index, "most", message)
        if fault := _opening_fault(draft, targets, row):
            yield draft.problem("openings", index, *fault)
            continue
        things: list[object] = [*(targets.matched(row) if row.on == "pool" else targets.rows(row))]
        earlier = next((first[row.on, thing] for thing in things if (row.on, thing) in first), None)
        for thing in things:
            first.setdefault((row.on, thing), index)
        if earlier is not None and not _same_key(draft.tables["openings"][earlier], row):
            other = draft.place("openings", earlier, "openings")
            message = (
                f"{row.target!r} names {with_article(row.on)} that {other} opens already; one "
                "thing opens by one row: narrow one of the two targets"
            )
            yield draft.problem("openings", index, "target", message)


def _same_key(one: schema.Opening, other: schema.Opening) -> bool:
    """Return True for a plain repeat, which is reported as such."""
    return all(getattr(one, name) == getattr(other, name) for name in one.key)


def _opening_fault(draft: Draft, targets: Targets, row: schema.Opening) -> tuple[str, str] | None:
    """Return the column and the message of what is wrong with the target of an opening."""
    if fault := reach_fault(draft, targets, row, _TAKERS):
        return fault
    if (place := targets.pooled(row)) is not None:
        return "target", (
            f"{row.target!r} names {targets.called(row, place)}, which opens through its pool; "
            f"name {targets.row(place).pool!r} instead (on = pool)"
        )
    if (place := targets.unlimited(row)) is not None:
        return "target", (
            f"{row.target!r} names {targets.called(row, place)}, which has no limit to raise; give "
            "it a capacity, or name others"
        )
    return None


def trend_errors(draft: Draft) -> Iterator[Problem]:
    """Yield trends that reach nothing, or multiply what is not there or not theirs."""
    targets = Targets(draft)
    faulty = set()
    for index, row in draft.whole("trends"):
        for fault in _trend_faults(draft, targets, row):
            faulty.add(index)
            yield draft.problem("trends", index, *fault)
    timeline = timeline_of(draft)
    rows = [(i, r) for i, r in draft.whole("trends") if i not in faulty]
    if timeline is None or any(row.from_ not in timeline.index for _, row in rows):
        return
    for period, each in enumerate(timeline.periods):
        for cell, (factor, index) in factors_of(targets, rows, timeline, period).items():
            number = getattr(targets.row((cell.table, cell.row)), cell.column)
            if number is not None and not math.isfinite(number * factor):
                where = draft.place(cell.table, cell.row)
                message = (
                    f"the {cell.column} of {where} becomes too large in {each.period!r}: "
                    f"{number_text(number)} times its factors"
                )
                yield draft.problem("trends", index, None, message)
                return


def _trend_faults(draft: Draft, targets: Targets, row: schema.Trend) -> Iterator[tuple[str, str]]:
    """Yield the columns and messages of what is wrong with a trend."""
    if fault := reach_fault(draft, targets, row, _TAKERS):
        yield fault
        return
    if row.capacity is not None and (place := targets.pooled(row)) is not None:
        yield (
            "capacity",
            (
                f"{row.target!r} names {targets.called(row, place)}, which shares the capacity of "
                f"its pool; name {targets.row(place).pool!r} instead (on = pool)"
            ),
        )
    elif row.capacity is not None and (place := targets.unlimited(row)) is not None:
        yield (
            "capacity",
            (
                f"{number_text(row.capacity)} times no capacity: {targets.called(row, place)} has "
                "none; give it one, or leave the factor blank"
            ),
        )
    for column, kinds in _PRICED.items():
        factor = getattr(row, column)
        if factor is None:
            continue
        if row.on not in kinds or (row.on == "pool" and _unpriced(targets, row, column)):
            having = _ALL_PRICED[column]
            yield (
                column,
                (
                    f"{number_text(factor)} on {with_article(row.on)}, but only {having} has "
                    f"a {column}; leave it blank"
                ),
            )


def _unpriced(targets: Targets, row: schema.Trend, column: str) -> RowIndex | None:
    """Return a row of a pool that has no such column, None where all have it."""
    table = "sites" if column == "cost" else "demands"
    return next(
        (
            place
            for place in targets.rows(row)
            if place[0] != table and not isinstance(targets.row(place), StandIn)
        ),
        None,
    )
