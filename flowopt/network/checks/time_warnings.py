"""Warnings about periods, and what opens, moves or is bought in them. They stop nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.reachability import Reachability
from flowopt.network.checks.targets import RowIndex, Targets
from flowopt.network.checks.trend_factors import FACTORS, latest, trend_cells
from flowopt.network.schema import number_text
from flowopt.network.tables import Tables
from flowopt.network.timeline import Timeline

_HALF = 0.5  # of a period, beyond which rounding a lead up is worth a warning


def time_warnings(network: Tables, draft: Draft, reach: Reachability) -> Iterator[Problem]:
    """Yield all warnings about the times of a network that has passed the checks.

    Parameters
    ----------
    network, draft
        The network, and its tables with their places.
    reach
        What a flow can use when all that may open is open.
    """
    if not network.periods:
        if network.info.discount:
            message = "counts for nothing: the network has no periods"
            yield Problem("network.toml", None, "discount", message)
        return
    timeline, targets = Timeline(network.periods), Targets(draft)
    for index, period in enumerate(network.periods):
        if period.weight == 0:
            message = "0: what is delivered in it counts for nothing (flow, bilevel)"
            yield draft.problem("periods", index, "weight", message)
    yield from _idle_measures(network, draft, timeline)
    yield from _idle_openings(network, draft, timeline, targets, reach)
    yield from _idle_trends(network, draft, timeline, targets, reach)


def _idle_measures(network: Tables, draft: Draft, timeline: Timeline) -> Iterator[Problem]:
    """Yield measures that can never be in force or bought, and leads that are rounded up far."""
    budgets = [period.budget for period in network.periods]
    for index, measure in enumerate(network.measures):
        if not timeline.possible(measure):
            message = (
                f"{measure.measure!r} can be in force in no period: lead, lasts, from and until "
                "leave none"
            )
            yield draft.problem("measures", index, "measure", message)
            continue
        if message := unpayable(measure, timeline, budgets):
            yield draft.problem("measures", index, "setup", message)
        if message := _rounded_up(measure.lead, timeline, every=measure.setup > 0):
            yield draft.problem("measures", index, "lead", message)


def unpayable(
    measure: schema.Measure,
    timeline: Timeline,
    budgets: Sequence[float | None],
    *,
    carry: bool = False,
) -> str:
    """Return the message that no budget can pay a setup, "" where one can or none is given.

    Parameters
    ----------
    measure, timeline
        The measure and the periods.
    budgets
        M USD a year of each period; None where nothing says.
    carry
        Whether money that is left over stays for later periods: then it is no oddity to need it.
    """
    bought = {q for t in timeline.possible(measure) for q in timeline.purchases(measure, t)}
    money = [
        row.years * each
        for row, each in zip(timeline.periods, budgets, strict=True)
        if each is not None
    ]
    if not bought or len(money) < len(budgets) or any(money[q] >= measure.setup for q in bought):
        return ""
    setup, saved = number_text(measure.setup), sum(money[: max(bought) + 1])
    if saved < measure.setup:
        return f"{setup} can be paid by no budget: all of them until then come to {saved:.10g}"
    if carry:
        return ""
    return (
        f"{setup} can be paid by no budget of one period; only by money that is carried over "
        "(--carry)"
    )


def _rounded_up(lead: float, timeline: Timeline, *, every: bool) -> str:
    """Return the message that a lead counts as a much longer one, "" where it does not."""
    if not lead:
        return ""
    for period in range(len(timeline) if every else 1):
        ready = next(timeline.since(period, lead), None)
        if ready is None:
            return ""
        counted = timeline.starts[ready] - timeline.starts[period]
        if counted - lead > _HALF * timeline.periods[ready - 1].years:
            return (
                f"{number_text(lead)} years from {timeline.periods[period].period!r} on count as "
                f"{counted:.10g}, when {timeline.periods[ready].period!r} begins; make the periods "
                "shorter if that matters"
            )
    return ""


def _idle_openings(
    network: Tables, draft: Draft, timeline: Timeline, targets: Targets, reach: Reachability
) -> Iterator[Problem]:
    """Yield openings that come too late, lead nowhere, or open nothing."""
    for index, opening in enumerate(network.openings):
        if not any(True for _ in timeline.since(0, opening.lead)):
            message = (
                f"{number_text(opening.lead)} years: what opens is ready only after the end, "
                f"{timeline.years:.10g} years on"
            )
            yield draft.problem("openings", index, "lead", message)
            continue
        if not max(timeline.most_open(opening)):
            column = "limit" if opening.limit == 0 else "most"
            yield draft.problem("openings", index, column, "0: nothing can open")
        elif all(row not in reach.live[table] for table, row in targets.rows(opening)):
            message = f"no flow can use {opening.target!r} ({opening.on}), so it never opens"
            yield draft.problem("openings", index, "target", message)
        if message := _rounded_up(opening.lead, timeline, every=True):
            yield draft.problem("openings", index, "lead", message)


def _idle_trends(
    network: Tables, draft: Draft, timeline: Timeline, targets: Targets, reach: Reachability
) -> Iterator[Problem]:
    """Yield trends that change nothing, and those of markets that nothing reaches."""
    rows = list(enumerate(network.trends))
    for index, trend in rows:
        given = [column for column in FACTORS if getattr(trend, column) is not None]
        moving = [c for c in given if _moves(rows, timeline, targets, trend, c)]
        if not given:
            message = "changes nothing: capacity, cost and price are all blank"
            yield draft.problem("trends", index, None, message)
        elif not moving:
            message = f"changes nothing: the {' and '.join(given)} of {trend.on} "
            message += f"{trend.target!r} stays as it is"
            yield draft.problem("trends", index, given[0], message)
        elif all(_unreached(place, reach) for place in targets.rows(trend)):
            message = f"nothing reaches the market {trend.target!r}, so its trend changes nothing"
            yield draft.problem("trends", index, "target", message)


def _moves(
    rows: list[tuple[int, schema.Trend]],
    timeline: Timeline,
    targets: Targets,
    trend: schema.Trend,
    column: str,
) -> bool:
    """Return True if a row gives another factor than before, of a number that is not 0."""
    begins = timeline.index[trend.from_]
    before = latest(rows, timeline, begins - 1, column).get(
        (trend.on, trend.target, trend.commodity)
    )
    known = 1.0 if before is None else getattr(rows[before][1], column)
    return getattr(trend, column) != known and any(
        getattr(targets.row((cell.table, cell.row)), cell.column)
        for cell in trend_cells(targets, trend, column)
    )


def _unreached(place: RowIndex, reach: Reachability) -> bool:
    table, row = place
    return table == "demands" and row not in reach.live[table]
