"""Checks of periods, and of the columns and rows that speak of them: windows, leads, campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.draft import Draft
from flowopt.network.schema import number_text
from flowopt.network.timeline import Timeline

_OF_TIME = ("setup", "lead", "lasts", "from", "until")  # columns of measures
_TABLES = ("openings", "trends", "campaigns")


def time_errors(draft: Draft) -> Iterator[Problem]:
    """Yield faults of periods and of what speaks of them, but for the targets of rows."""
    if draft.legible("periods") and not draft.tables["periods"]:
        yield from _without_periods(draft)
    yield from _period_errors(draft)
    yield from _measure_errors(draft)
    yield from _circles(draft)
    timeline = timeline_of(draft)
    if timeline is not None:
        yield from _reversed(draft, timeline)
        yield from _campaign_errors(draft, timeline)


def timeline_of(draft: Draft) -> Timeline | None:
    """Return the times of the periods, None where there are none or some are faulty."""
    rows = draft.tables["periods"]
    sound = bool(rows) and draft.all_whole("periods") and all(row.years > 0 for row in rows)
    return Timeline(rows) if sound else None


def _without_periods(draft: Draft) -> Iterator[Problem]:
    """Yield tables, columns and rules that speak of time where no period is named."""
    mend = f"add {draft.file('periods')} with a row for each period"
    for table in _TABLES:
        if draft.tables[table]:
            yield draft.problem(
                table, None, None, f"speaks of time, but no period is named; {mend}"
            )
    blanks = schema.defaults(schema.Measure)
    times, none = attrgetter(*map(schema.field_of, _OF_TIME)), tuple(map(blanks.get, _OF_TIME))
    for index, measure in draft.whole("measures"):
        if times(measure) == none:  # nearly all
            continue
        for column, value in zip(_OF_TIME, times(measure), strict=True):
            if value != blanks[column]:
                text = number_text(value) if isinstance(value, float) else repr(value)
                message = f"{text} speaks of time, but no period is named; {mend}"
                yield draft.problem("measures", index, column, message)
    for index, rule in draft.whole("rules"):
        if rule.relation == "after":
            message = f"'after' speaks of time, but no period is named; {mend}"
            yield draft.problem("rules", index, "relation", message)


def _period_errors(draft: Draft) -> Iterator[Problem]:
    """Yield periods that last no time, and weights that are 0 in all of them."""
    rows = list(draft.whole("periods"))
    for index, period in rows:
        if period.years == 0:
            message = "0: a period lasts some time; give its years, or leave it blank for 1"
            yield draft.problem("periods", index, "years", message)
    if rows and draft.all_whole("periods") and not any(row.weight for _, row in rows):
        message = "0 for every period; give one of them a weight above 0, or leave it blank for 1"
        yield draft.problem("periods", rows[0][0], "weight", message)


def _measure_errors(draft: Draft) -> Iterator[Problem]:
    """Yield purchases that last no time, or that need none."""
    for index, measure in draft.whole("measures"):
        if measure.lasts == 0:
            message = "0: a purchase serves some time; give its years, or leave it blank for no end"
            yield draft.problem("measures", index, "lasts", message)
        elif measure.lasts is not None and not measure.setup:
            message = (
                f"{number_text(measure.lasts)} without a setup: what costs nothing to buy again "
                "never ends; give it a setup, or leave it blank"
            )
            yield draft.problem("measures", index, "lasts", message)


def _reversed(draft: Draft, timeline: Timeline) -> Iterator[Problem]:
    """Yield windows whose end comes before their beginning."""
    for table in ("measures", "campaigns"):
        for index, row in draft.whole(table):
            if _known(row, timeline) and row.from_ and not timeline.between(row):
                message = (
                    f"{row.from_!r} comes after until, {row.until!r}, in the order of "
                    f"{draft.file('periods')}; swap the two"
                )
                yield draft.problem(table, index, "from", message)


def _campaign_errors(draft: Draft, timeline: Timeline) -> Iterator[Problem]:
    """Yield measures that a campaign has twice in one period."""
    first: dict[tuple[str, str, int], int] = {}
    keys: dict[tuple[str, str, str], int] = {}
    for index, row in draft.whole("campaigns"):
        if keys.setdefault((row.campaign, row.measure, row.from_), index) != index:
            continue  # a plain repeat, which is reported as such
        if not _known(row, timeline):
            continue
        for period in timeline.between(row):
            earlier = first.setdefault((row.campaign, row.measure, period), index)
            if earlier != index:
                message = (
                    f"{row.measure!r} is in force in {timeline.periods[period].period!r} by "
                    f"{draft.place('campaigns', earlier, 'campaigns')} already; let the periods of "
                    "the two rows not overlap"
                )
                yield draft.problem("campaigns", index, "measure", message)
                break


def _known(row: Any, timeline: Timeline) -> bool:
    """Return True if the periods that a row names are there; others are reported already."""
    return all(not name or name in timeline.index for name in (row.from_, row.until))


def _circles(draft: Draft) -> Iterator[Problem]:
    """Yield rules by which a measure comes after itself, through others."""
    after: dict[str, list[tuple[str, int]]] = {}
    for index, rule in draft.whole("rules"):
        if rule.relation == "after" and rule.measure != rule.other:
            after.setdefault(rule.measure, []).append((rule.other, index))
    done: set[str] = set()
    for measure in after:
        path = [] if measure in done else [measure]
        ahead = [iter(after[each]) for each in path]
        while path:
            other, index = next(ahead[-1], ("", -1))
            if index < 0:
                done.add(path.pop())
                ahead.pop()
            elif other in path:
                circle = [*path[path.index(other) :], other]
                message = (
                    f"{' after '.join(map(repr, circle))}: none of them can ever begin; delete "
                    "one of the rules"
                )
                yield draft.problem("rules", index, "relation", message)
            elif other in after and other not in done:
                path.append(other)
                ahead.append(iter(after[other]))
