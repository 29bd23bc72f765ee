"""Networks of periods: the tables as one of `periods` has them, each a network of one year."""

from __future__ import annotations

import dataclasses

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.checks.cells import with_numbers
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.targets import Targets
from flowopt.network.checks.trend_factors import factors_of
from flowopt.network.checks.validation import checked
from flowopt.network.tables import Tables, TablesT, matches
from flowopt.network.timeline import Timeline
from flowopt.similar_names import closest


def insist_on_one_year(network: Tables, *, over_time: str = "") -> None:
    """Refuse a network with periods, of which nothing would count.

    Parameters
    ----------
    network
        The network.
    over_time
        What is there for all periods, which the message names.

    Raises
    ------
    RequestError
        When it has any.
    """
    if network.periods:
        raise RequestError(
            f"the network has {Timeline(network.periods).described()}, and this is asked of one "
            f"year: take one of them, with --period {network.periods[0].period} or Network.period"
            + f"; flowopt.{over_time} is asked of all of them"
            * bool(over_time)
        )


def timeless(network: TablesT) -> TablesT:
    """Return the network of one year that the tables describe, with nothing of time in them.

    Every measure is there, whenever it can be in force. What was checked needs no further check.
    """
    blank = {"setup": 0.0, "lead": 0.0, "lasts": None, "from_": "", "until": ""}
    return dataclasses.replace(
        network,
        info=dataclasses.replace(network.info, discount=0.0),
        measures=tuple(dataclasses.replace(row, **blank) for row in network.measures),  # type: ignore[arg-type]  # each its column
        rules=tuple(rule for rule in network.rules if rule.relation != "after"),
        periods=(),
        openings=(),
        trends=(),
        campaigns=(),
    )


def period_networks(network: TablesT) -> tuple[TablesT, ...]:
    """Return the network of one year of each period, in their order: with its trends.

    Nothing has opened in them, and every measure is there, whenever it can be in force.
    """
    timeline, plain = Timeline(network.periods), timeless(network)
    tables = plain.tables()
    targets, rows = Targets(Draft(tables)), list(enumerate(network.trends))
    found = []
    for period in range(len(timeline)):
        numbers = {}
        for cell, (factor, _) in factors_of(targets, rows, timeline, period).items():
            number = getattr(tables[cell.table][cell.row], cell.column)
            numbers[cell] = None if number is None else number * factor
        found.append(dataclasses.replace(plain, **with_numbers(tables, numbers)))  # type: ignore[arg-type]  # each its table
    return tuple(found)


def period_network(network: TablesT, period: str) -> TablesT:
    """Return one period alone as a network of one year, checked like a file.

    It has the numbers of that period, nothing that opens, and the measures that can be in force in
    it, as if they were bought.

    Raises
    ------
    RequestError
        When the network has no such period.
    """
    timeline = Timeline(network.periods)
    if period not in timeline.index:
        raise RequestError(_no_such(period, list(timeline.index)))
    place = timeline.index[period]
    gone = {m.measure for m in network.measures if place not in timeline.possible(m)}
    if not place:  # nothing was in force before the first
        gone |= {rule.measure for rule in network.rules if rule.relation == "after"}
    while (
        more := {
            rule.measure
            for rule in network.rules
            if rule.relation == "requires" and rule.other in gone
        }
        - gone
    ):
        gone |= more
    found = period_networks(network)[place]
    row = timeline.periods[place]
    return checked(
        dataclasses.replace(
            _without_measures(found, gone),
            info=dataclasses.replace(found.info, period=row.name or row.period),
            warnings=(),
        )
    )


def _without_measures(network: TablesT, gone: set[str]) -> TablesT:
    """Return the network without some measures, and without the rows that name them."""
    reforms = [
        dataclasses.replace(reform, target=name)
        for reform in network.reforms
        for name in _targets(network, reform)
        if reform.measure not in gone and name not in gone
    ]
    return dataclasses.replace(
        network,
        measures=tuple(row for row in network.measures if row.measure not in gone),
        effects=tuple(row for row in network.effects if row.measure not in gone),
        uses=tuple(row for row in network.uses if row.measure not in gone),
        rules=tuple(row for row in network.rules if not {row.measure, row.other} & gone),
        reforms=tuple(reforms) if gone else network.reforms,
        changes=tuple(row for row in network.changes if not _only_of(network, row, gone)),
        ranges=tuple(row for row in network.ranges if not _only_of(network, row, gone)),
    )


def _only_of(network: Tables, row: schema.Change | schema.Range, gone: set[str]) -> bool:
    """Return True if a row names numbers of measures that are gone, and of no other."""
    rows = {"effect": network.effects, "reform": network.reforms}.get(row.on, ())
    return bool(rows) and gone.issuperset(matches(row.target, [each.measure for each in rows]))


def _targets(network: Tables, reform: schema.Reform) -> list[str]:
    """Return the measures that a reform makes work better."""
    names = matches(reform.target, [row.measure for row in network.measures])
    return [name for name in names if name != reform.measure]


def _no_such(period: str, known: list[str]) -> str:
    """Return the message that a network has no such period."""
    if not known:
        return f"period {period!r}: the network has none; give it periods.csv"
    near = closest(period, known)
    hint = f"did you mean {near!r}?" if near else f"it has {', '.join(known)}"
    return f"the network has no period {period!r}; {hint}"
