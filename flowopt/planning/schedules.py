"""Schedules: measures in force period by period, the purchases they need, and what they break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flowopt.errors import RequestError
from flowopt.model.feasible_plans import slack
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.timeline import Timeline
from flowopt.plain_text import name_and_id
from flowopt.planning.period_budgets import Money
from flowopt.similar_names import closest

InForce = tuple[str, int]  # a measure, and the place of the period


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule with its purchases: the fewest, each as late as possible.

    Attributes
    ----------
    name : str
        What it is called.
    in_force : tuple of (str, int)
        Measures in force, period by period, in file order; none that cannot be.
    bought : tuple of (str, int)
        Purchases likewise.
    impossible : tuple of str
        Sentences on what was asked for and cannot be in force, which is left out.
    """

    name: str
    in_force: tuple[InForce, ...]
    bought: tuple[InForce, ...]
    impossible: tuple[str, ...] = ()

    def at(self, period: int) -> list[str]:
        """Return the measures in force in a period."""
        return [measure for measure, t in self.in_force if t == period]


def campaigns_of(network: Network, names: Iterable[str]) -> list[Schedule]:
    """Return campaigns of the network as schedules, `all` being every one in file order.

    Raises
    ------
    RequestError
        Naming every campaign that is not there.
    """
    known = list(dict.fromkeys(row.campaign for row in network.campaigns))
    wanted, faults = [], []
    for name in names:
        if name == "all" and name not in known:
            wanted += known
            faults += [] if known else ["the network has no campaigns; give it campaigns.csv"]
        elif name in known:
            wanted.append(name)
        else:
            near = closest(name, known)
            hint = f"; did you mean '{near}'?" if near else f"; it has {', '.join(known)}"
            faults.append(f"campaign '{name}' is not in the network{hint if known else ''}")
    if faults:
        raise RequestError("\n".join(faults))
    timeline = Timeline(network.periods)
    return [
        schedule_of(
            network,
            name,
            (
                (row.measure, period)
                for row in network.campaigns
                if row.campaign == name
                for period in timeline.between(row)
            ),
        )
        for name in dict.fromkeys(wanted)
    ]


def named_schedule(network: Network, name: str, words: Iterable[str]) -> Schedule:
    """Return the schedule that words name, as `named_in_force`."""
    return schedule_of(network, name, named_in_force(network, words))


def named_in_force(network: Network, words: Iterable[str]) -> list[InForce]:
    """Return what words name: `m01@2015`, or `m01` for every period in which it may be in force.

    Raises
    ------
    RequestError
        Naming every measure and period that is not there.
    """
    timeline = Timeline(network.periods)
    measures = {row.measure: row for row in network.measures}
    wanted: list[InForce] = []
    faults = []
    for word in words:
        measure, at, period = (word, "", "") if word in measures else word.rpartition("@")
        if measure not in measures:
            near = closest(measure or word, measures)
            hint = f"; did you mean '{near}'?" if near else ""
            faults.append(f"measure '{measure or word}' is not in the network{hint}")
        elif not at:
            wanted += [(measure, place) for place in timeline.possible(measures[measure])]
        elif period in timeline.index:
            wanted.append((measure, timeline.index[period]))
        else:
            near = closest(period, timeline.index)
            hint = f"did you mean '{near}'?" if near else f"it has {', '.join(timeline.index)}"
            faults.append(f"'{word}': the network has no period '{period}'; {hint}")
    if faults:
        raise RequestError("\n".join(faults))
    return wanted


def schedule_of(network: Network, name: str, wanted: Iterable[InForce]) -> Schedule:
    """Return the schedule of measures in force, with the fewest and latest purchases for it."""
    timeline = Timeline(network.periods)
    asked = set(wanted)
    in_force: list[InForce] = []
    bought: list[InForce] = []
    impossible = []
    for row in network.measures:
        possible = set(timeline.possible(row))
        wanted_in = sorted(t for measure, t in asked if measure == row.measure)
        there = [period for period in wanted_in if period in possible]
        impossible += [
            _impossible(row, timeline, period) for period in wanted_in if period not in possible
        ]
        in_force += [(row.measure, period) for period in there]
        bought += [(row.measure, q) for q in timeline.latest_purchases(row, there)]
    order = {row.measure: place for place, row in enumerate(network.measures)}

    def by_time(each: InForce) -> tuple[int, int]:
        return each[1], order[each[0]]

    return Schedule(
        name,
        tuple(sorted(in_force, key=by_time)),
        tuple(sorted(bought, key=by_time)),
        tuple(impossible),
    )


def impossible_in(network: Network, timeline: Timeline, each: InForce) -> str:
    """Return the sentence that a measure cannot be in force in a period."""
    (row,) = (row for row in network.measures if row.measure == each[0])
    return _impossible(row, timeline, each[1])


def _impossible(row: schema.Measure, timeline: Timeline, period: int) -> str:
    """Return the sentence that a measure cannot be in force in a period."""
    name, when = name_and_id(row.name, row.measure), timeline.periods[period].period
    if period not in timeline.between(row):
        ends = [f"from {row.from_}"] if row.from_ else []
        ends += [f"until {row.until}"] if row.until else []
        why = f"it may be {' '.join(ends)}"
    else:
        years = f"{row.lead:g} year{'s' * (row.lead != 1)}"
        why = f"its lead of {years} is not over" if row.lead else "no purchase serves it then"
    return f"{name} cannot be in force in {when}: {why}"


@dataclass(frozen=True, slots=True)
class Spending:
    """Money that a schedule takes in one period.

    Attributes
    ----------
    running : float
        Cost of what is in force, M USD a year.
    setup : float
        What is bought, M USD once.
    a_year : float
        Both, M USD a year of the period.
    """

    running: float
    setup: float
    a_year: float


def spending(network: Network, schedule: Schedule) -> list[Spending]:
    """Return the money that a schedule takes in each period."""
    rows = {row.measure: row for row in network.measures}
    found = []
    for period, each in enumerate(network.periods):
        running = sum(rows[measure].cost for measure in schedule.at(period))
        setup = sum(rows[measure].setup for measure, q in schedule.bought if q == period)
        found.append(Spending(running, setup, running + setup / each.years))
    return found


def broken_over_time(
    network: Network,
    schedule: Schedule,
    *,
    budgets: Money,
    carry: bool = False,
    resources: Mapping[str, float] | None = None,
) -> Iterator[str]:
    """Yield each limit and rule that a schedule breaks, in a sentence with its period.

    Parameters
    ----------
    network, schedule
        The network and the schedule.
    budgets
        M USD a year of each period; None for no limit.
    carry
        Let money that is left over stay for later periods.
    resources
        Limits of resources that count instead of those in the network.
    """
    yield from _over_budget(network, schedule, budgets, carry=carry)
    given = resources or {}
    names = {row.measure: name_and_id(row.name, row.measure) for row in network.measures}
    for period, each in enumerate(network.periods):
        chosen = set(schedule.at(period))
        for row in network.resources:
            limit = given.get(row.resource, row.limit)
            used = sum(
                use.amount
                for use in network.uses
                if use.resource == row.resource and use.measure in chosen
            )
            if limit is not None and used > limit + slack(limit):
                what = name_and_id(row.name, row.resource)
                over = f"{used - limit:g} over the limit of {limit:g}"
                yield f"{each.period}: it takes {used:g} of {what}, {over}"
        before = {measure for measure, t in schedule.in_force if t < period}
        for rule in network.rules:
            if rule.measure not in chosen:
                continue
            one, other = names[rule.measure], names[rule.other]
            if rule.relation == "requires" and rule.other not in chosen:
                yield f"{each.period}: {one} requires {other}, which is not in force"
            elif rule.relation == "excludes" and rule.other in chosen:
                yield f"{each.period}: {one} and {other} exclude each other"
            elif rule.relation == "after" and rule.other not in before:
                yield f"{each.period}: {one} comes after {other}, which was not in force before"


def _over_budget(
    network: Network, schedule: Schedule, budgets: Money, *, carry: bool
) -> Iterator[str]:
    """Yield the periods that cost more than there is."""
    money = f"M {network.info.currency}"
    saved = 0.0
    spent_in_each = spending(network, schedule)
    for period, spent, there in zip(network.periods, spent_in_each, budgets, strict=True):
        if there is None:
            saved = 0.0
            continue
        left = there + saved / period.years
        if spent.a_year > left + slack(left):
            yield (
                f"{period.period}: it costs {spent.a_year:g} {money} a year, "
                f"{spent.a_year - left:g} over the {left:g} that there are"
            )
        saved = max(0.0, (left - spent.a_year) * period.years) if carry else 0.0
