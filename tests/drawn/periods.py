"""Periods of drawn networks: what opens, moves and is bought in them, and schedules for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flowopt.network.network import Network
from flowopt.network.schema import Measure, Opening, Period, Rule, Trend
from flowopt.network.timeline import Timeline
from tests.drawn.dice import Dice

YEARS = (1.0, 2.0, 0.5, 1.0)
WEIGHTS = (1.0, 1.0, 0.5, 2.0, 0.0)
FACTORS = (1.1, 0.9, 1.5, 0.5, 0.0, 2.0)
LEADS = (0.0, 1.0, 0.5, 2.0)
AMOUNTS = (5.0, 1.0, 10.0, 0.5, 2.0)


def over_time(network: Network, dice: Dice) -> Network:
    """Return a drawn network over two or three periods, with some of all that time can bring."""
    periods = [
        Period(period=f"y{t + 1}", years=dice.pick(YEARS), weight=dice.pick(WEIGHTS), budget=4.0)
        for t in range(2 + dice.upto(1))
    ]
    if not any(period.weight for period in periods):
        periods[0] = replace(periods[0], weight=1.0)
    limited = _limited(network)
    return network.replace(
        info=replace(network.info, discount=dice.pick((0.0, 0.05, 0.25))),
        periods=periods,
        openings=[_opening(dice, *thing) for thing in limited if dice.chance(45)],
        trends=_trends(limited, periods, dice),
        measures=[_measure(row, periods, dice) for row in network.measures],
        rules=[*network.rules, *_after(network, dice)],
    )


def rivals(network: Network, dice: Dice) -> Network:
    """Return a network over three periods whose measures all have to be bought, at one price.

    Each purchase is weighed against the others, and against what is left to run what was bought.
    """
    cost, setup = dice.pick((0.5, 0.0, 1.0)), dice.pick((1.0, 2.0, 3.0))
    return network.replace(
        periods=[
            Period(period=f"y{t + 1}", years=1.0, weight=dice.pick((1.0, 1.0, 2.0, 0.5, 0.0)))
            for t in range(2)
        ]
        + [Period(period="y3")],
        measures=[
            replace(
                row,
                cost=cost,
                setup=setup,
                lead=dice.pick((0.0, 0.0, 1.0)),
                lasts=dice.pick((None, None, None, 2.0)),
            )
            for row in network.measures
        ],
    )


def schedule(network: Network, dice: Dice) -> list[tuple[str, str]]:
    """Return a schedule of measures that can be in force, whatever rules say."""
    timeline = Timeline(network.periods)
    return [
        (row.measure, timeline.periods[t].period)
        for row in network.measures
        for t in timeline.possible(row)
        if dice.chance(50)
    ]


def _limited(network: Network) -> list[tuple[str, str, str]]:
    """Return on, target and commodity of everything that has a capacity."""
    pools = {row.pool for row in (*network.sites, *network.demands) if row.pool}
    named = [
        *(("arc", a.arc, "", a.capacity) for a in network.arcs),
        *(("node", n.node, "", n.capacity) for n in network.nodes),
        *(("site", s.site, "", s.capacity) for s in network.sites if not s.pool),
        *(("supply", u.node, u.commodity, u.capacity) for u in network.supplies),
        *(("demand", d.node, d.commodity, d.quantity) for d in network.demands if not d.pool),
        *(("pool", pool, "", network.pools[pool]) for pool in sorted(pools)),
    ]
    return [(on, target, c) for on, target, c, limit in named if _has_limit(limit)]


def _has_limit(limit: Any) -> bool:
    rows = limit if isinstance(limit, tuple) else ()
    return limit is not None and all(getattr(r, "capacity", 0.0) is not None for r in rows)


def _opening(dice: Dice, on: Any, target: str, commodity: str) -> Opening:
    most = dice.pick((*AMOUNTS, None))
    limit = dice.pick(AMOUNTS) if most is None or dice.chance(50) else None
    return Opening(
        on=on, target=target, commodity=commodity, most=most, limit=limit,
        cost=dice.pick((0.0, 1.0, 5.0)), lead=dice.pick(LEADS),
    )  # fmt: skip


def _trends(limited: list[tuple[str, str, str]], periods: list[Period], dice: Dice) -> list[Trend]:
    found = [
        Trend(from_=period.period, on=on, target=target, commodity=c, capacity=dice.pick(FACTORS))  # type: ignore[arg-type]  # one of the words
        for on, target, c in limited
        for period in periods[1:]
        if dice.chance(20)
    ]
    for period in periods:
        if dice.chance(30):
            found.append(Trend(from_=period.period, on="arc", target="*", cost=dice.pick(FACTORS)))
        if dice.chance(30):
            price = dice.pick(FACTORS)
            found.append(Trend(from_=period.period, on="demand", target="*", price=price))
    return found


def _measure(row: Measure, periods: list[Period], dice: Dice) -> Measure:
    """Return a measure that has perhaps to be bought, or may not be in force always."""
    setup = dice.pick((0.0, 0.0, 1.0, 2.0))
    changed = replace(
        row,
        setup=setup,
        lead=dice.pick((0.0, 0.0, *LEADS)),
        lasts=dice.pick((None, 1.0, 2.0)) if setup else None,
    )
    if dice.chance(20):
        changed = replace(changed, from_=periods[dice.upto(len(periods) - 1)].period)
    elif dice.chance(20):
        changed = replace(changed, until=periods[dice.upto(len(periods) - 1)].period)
    return changed


def _after(network: Network, dice: Dice) -> list[Rule]:
    """Return a rule that one measure comes after another, at times."""
    names = [row.measure for row in network.measures]
    if len(names) < 2 or not dice.chance(30):
        return []
    return [Rule(measure=names[1], relation="after", other=names[0])]
