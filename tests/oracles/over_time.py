"""The trafficker's optimum over periods, as one linear programme with openings as plain variables.

It is written from the words of the format, period by period, and shares no code with the product
beyond the row classes. In floating point: exact numbers would take too long.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Literal

from scipy.optimize import linprog
from scipy.sparse import coo_array

from flowopt.network.network import Network
from flowopt.network.schema import Opening
from tests.oracles.effects import Effective, Working, effective, targets
from tests.oracles.programme import Programme

Thing = tuple[str, Any]  # on, and its id or (node, commodity)
_SLACK = 1e-9
_TABLES = {
    "arc": ("arcs", "capacity"), "node": ("nodes", "capacity"), "site": ("sites", "capacity"),
    "supply": ("supplies", "capacity"), "demand": ("demands", "quantity"),
}  # fmt: skip


def value_over_time(
    network: Network,
    schedule: Iterable[tuple[str, str]],
    objective: Literal["flow", "profit"],
    *,
    openings: bool = True,
) -> float:
    """Return the weighted tonnes or the discounted profit over all periods.

    Parameters
    ----------
    network
        A network with periods.
    schedule
        (measure, period) of every measure in force.
    objective
        What the trafficker maximises.
    openings
        Whether anything opens.
    """
    chosen = set(schedule)
    starts = _starts(network)
    columns = 0
    rows: list[tuple[dict[int, float], float]] = []
    gains: list[float] = []
    things = {thing: o for o in network.openings for thing in _things(network, o)}
    usage: dict[tuple[Thing, int], tuple[dict[int, float], float, float]] = {}
    for t, period in enumerate(network.periods):
        year = in_period(network, t)
        plan = [m for m, p in chosen if p == period.period]
        left = effective(year, plan)
        work = Working(year, plan)
        programme = Programme(year, _without(left, things if openings else {}))
        counts = period.years * (
            period.weight
            if objective == "flow"
            else (1.0 + network.info.discount) ** -starts[t] / 1000.0
        )
        each = programme.weight if objective == "flow" else programme.margin
        gains += [float(gain) * counts for gain in each]
        limits = [({i: Fraction(1)}, most) for i, most in enumerate(programme.upper)]
        for row, most in (*programme.rows, *limits):
            if most != math.inf:
                rows.append(({columns + i: float(a) for i, a in row.items()}, float(most)))
        for thing in things if openings else ():
            share = float(work.capacity(*thing, 1.0))
            used = {columns + i: a for i, a in _usage(year, programme, left, thing).items()}
            usage[thing, t] = used, share, _table_capacity(year, thing)
        columns += len(programme.index)
    if openings:
        for thing, opening in things.items():
            in_all: dict[int, float] = {}
            opened = []
            for q, period in enumerate(network.periods):
                paid = opening.cost / 1000.0 * (1.0 + network.info.discount) ** -starts[q]
                gains.append(0.0 if objective == "flow" else -paid)
                if opening.most is not None:
                    rows.append(({columns: 1.0}, opening.most * period.years))
                in_all[columns] = 1.0
                opened.append((columns, starts[q] + opening.lead))
                columns += 1
            if opening.limit is not None:
                rows.append((in_all, opening.limit))
            for t, start in enumerate(starts):
                used, share, capacity = usage[thing, t]
                tied = dict(used)
                for column, ready in opened:
                    if ready <= start + _SLACK:
                        tied[column] = tied.get(column, 0.0) - share
                rows.append((tied, share * capacity))
    matrix = coo_array(
        (
            [a for row, _ in rows for a in row.values()],
            (
                [r for r, (row, _) in enumerate(rows) for _ in row],
                [i for row, _ in rows for i in row],
            ),
        ),
        shape=(len(rows), columns),
    )
    limits_of_rows = [most for _, most in rows]
    for presolve in (
        True,
        False,
    ):  # doing nothing is possible: "infeasible" is its presolve's fault
        found = linprog(  # type: ignore[call-overload]  # sparse arrays are taken, too
            [-gain for gain in gains],
            matrix.tocsr(),
            limits_of_rows,
            method="highs",
            options={"presolve": presolve},
        )
        if found.status == 0:
            break
    assert found.status == 0, found.message
    assert found.fun is not None
    return float(-found.fun)


def in_period(network: Network, period: int) -> Network:
    """Return the tables with the factors of `trends` in a period, and without periods."""
    order = {each.period: t for t, each in enumerate(network.periods)}
    factors: dict[tuple[Thing, str], dict[tuple[str, str, str], tuple[int, float]]] = {}
    for trend in network.trends:
        since = order[trend.from_]
        for column in ("capacity", "cost", "price"):
            factor = getattr(trend, column)
            if factor is None or since > period:
                continue
            for thing in _things(network, trend):
                known = factors.setdefault((thing, column), {})
                by = (trend.on, trend.target, trend.commodity)
                if by not in known or known[by][0] < since:
                    known[by] = since, factor
    tables: dict[str, list[Any]] = {name: list(getattr(network, name)) for name, _ in
                                    (*_TABLES.values(),)}  # fmt: skip
    for ((on, key), column), by_target in factors.items():
        product = math.prod(factor for _, factor in by_target.values())
        for table, place in _rows(network, on, key):
            own = "quantity" if (table, column) == ("demands", "capacity") else column
            row = tables[table][place]
            tables[table][place] = dataclasses.replace(row, **{own: getattr(row, own) * product})
    return dataclasses.replace(network, **{n: tuple(rows) for n, rows in tables.items()})  # type: ignore[arg-type]  # each its table


def _starts(network: Network) -> list[float]:
    return [sum(p.years for p in network.periods[:t]) for t in range(len(network.periods))]


def _things(network: Network, row: Any) -> list[Thing]:
    return [(row.on, key) for key in targets(network, row)]


def _rows(network: Network, on: str, key: Any) -> list[tuple[str, int]]:
    """Return table and place of the rows of a thing; those of a pool are its rows."""
    if on == "pool":
        return [
            (table, i)
            for table in ("sites", "demands")
            for i, row in enumerate(getattr(network, table))
            if row.pool == key
        ]
    table = _TABLES[on][0]
    names = [
        (row.node, row.commodity) if on in ("supply", "demand") else getattr(row, on)
        for row in getattr(network, table)
    ]
    return [(table, names.index(key))]


def _table_capacity(network: Network, thing: Thing) -> float:
    table, place = _rows(network, *thing)[0]
    row = getattr(network, table)[place]
    return float(row.quantity if table == "demands" else row.capacity)


def _without(left: Effective, things: dict[Thing, Opening]) -> Effective:
    """Return what a plan leaves, with no limit on what may open."""
    names = {
        "arc": "arc_capacity", "node": "node_capacity", "site": "site_capacity",
        "supply": "supply_capacity", "demand": "demand_quantity", "pool": "pool_capacity",
    }  # fmt: skip
    changed: dict[str, dict[Any, Any]] = {}
    for on, key in things:
        name = names[on]
        changed.setdefault(name, dict(getattr(left, name)))[key] = math.inf
    return dataclasses.replace(left, **changed)


def _usage(
    network: Network, programme: Programme, left: Effective, thing: Thing
) -> dict[int, float]:
    """Return what a unit of each activity takes of a thing's capacity."""
    on, key = thing
    place = programme.index
    if on == "arc":
        (arc,) = (a for a in network.arcs if a.arc == key)
        return {place["ship", key, c]: 1.0 for c in arc.commodities}
    if on == "node":
        return {
            place["ship", a.arc, c]: float(left.arc_share[a.arc])
            for a in network.arcs
            for c in a.commodities
            if a.head == key
        }
    if on == "pool":
        sites = {place["run", s.site]: 1.0 for s in network.sites if s.pool == key}
        markets = {
            place["deliver", d.node, d.commodity]: 1.0 for d in network.demands if d.pool == key
        }
        return sites | markets
    kind = {"site": "run", "supply": "take", "demand": "deliver"}[on]
    return {place[(kind, key) if on == "site" else (kind, *key)]: 1.0}
