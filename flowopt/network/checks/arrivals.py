"""Most that arrives at each market, by its last step; those that are rounding beside another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowopt.errors import Problem
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.reachability import Reachability
from flowopt.network.tables import Tables

# Times what another market takes: profits within a billionth count as equal (`bilevel`).
FAR_APART = 1e9


@dataclass(frozen=True, slots=True)
class DemandGroup:
    """Demands that share one quantity, mostly a single row.

    Attributes
    ----------
    rows
        Indices of `demands`.
    arrives
        Upper bound on what the last step before the market can bring, t/yr; may be infinite.
    reached
        Whether a flow can use any of the rows.
    """

    rows: tuple[int, ...]
    arrives: float
    reached: bool


def demand_groups(network: Tables, reach: Reachability) -> list[DemandGroup]:
    """Return the demands by pool, in file order, with what can arrive for each."""
    groups: dict[str | int, list[int]] = {}
    for index, demand in enumerate(network.demands):
        groups.setdefault(demand.pool or index, []).append(index)
    wanted: dict[str, dict[str | int, set[str]]] = {}
    for group, rows in groups.items():
        for demand in (network.demands[index] for index in rows):
            wanted.setdefault(demand.node, {}).setdefault(group, set()).add(demand.commodity)
    most = dict.fromkeys(groups, 0.0)
    for (_, group), amount in _arrivals(network, reach, wanted).items():
        most[group] += amount
    live = reach.live["demands"]
    return [
        DemandGroup(tuple(rows), most[group], any(index in live for index in rows))
        for group, rows in groups.items()
    ]


def unequal_markets(
    draft: Draft, groups: Sequence[DemandGroup], reach: Reachability
) -> Iterator[Problem]:
    """Yield the largest market, by weighted mass or else in money, if it dwarfs another one."""
    if not _far_apart(draft, groups, None):
        return
    made = _most_made(reach)  # a quantity may stand for "no limit" where the supply has one
    for counted, column in (("", "weight"), (" in money", "price")):
        sizes = _sizes(draft, groups, column, made)
        if not sizes or max(sizes)[0] <= FAR_APART * min(sizes)[0]:
            continue
        (most, large), (least, small) = max(sizes), min(sizes)
        names = [draft.tables["demands"][row].node for row in (large, small)]
        message = (
            f"{names[0]!r} takes {most / least:.3g} times as much{counted} as {names[1]!r} "
            f"({draft.place('demands', small, 'demands')}), which is rounding beside it: plans "
            "within --gap count as equally good, and profits within a billionth as equal; write "
            f"what {names[0]!r} can take at most, or ask about the other alone (--of {names[1]})"
        )
        yield draft.problem("demands", large, "quantity", message)
        return


def _far_apart(
    draft: Draft, groups: Sequence[DemandGroup], made: Mapping[str, float] | None
) -> bool:
    """Return whether a market dwarfs another one, by weighted mass or in money."""
    both = (_sizes(draft, groups, column, made) for column in ("weight", "price"))
    return any(sizes and max(sizes)[0] > FAR_APART * min(sizes)[0] for sizes in both)


def _sizes(
    draft: Draft, groups: Sequence[DemandGroup], column: str, made: Mapping[str, float] | None
) -> list[tuple[float, int]]:
    """Return what each group can take at most, times the largest factor of its rows, if any.

    With `made`, no more than there can be of its commodities.
    """
    sizes = []
    for group in groups:
        rows = [draft.tables["demands"][index] for index in group.rows]
        most = min(rows[0].quantity, group.arrives)
        if made is not None:
            most = min(most, sum(made[each] for each in {row.commodity for row in rows}))
        size = most * max(getattr(row, column) for row in rows)
        if group.reached and size > 0.0:
            sizes.append((size, group.rows[0]))
    return sizes


def _most_made(reach: Reachability) -> dict[str, float]:
    """Return an upper bound on what there can be of each commodity, t/yr; may be infinite.

    It lets every recipe have all of each of its inputs. Each pass makes a bound tighter, and stays
    one; without circles of recipes the last one changes nothing.
    """
    network = reach.network
    supplied = {row.commodity: 0.0 for row in network.commodities}
    for supply in network.supplies:
        supplied[supply.commodity] += _or_infinite(supply.capacity)
    runs: dict[str, float] = {}
    for index in reach.running_sites:
        site = network.sites[index]
        runs[site.recipe] = runs.get(site.recipe, 0.0) + _or_infinite(site.capacity)
    most = dict.fromkeys(supplied, math.inf)
    for _ in range(len(supplied)):
        tighter = dict(supplied)
        for recipe, capacity in runs.items():
            parts = reach.recipes[recipe].items()
            fed = (most[name] / -quantity for name, quantity in parts if quantity < 0.0)
            times = min((capacity, *fed))
            for name, quantity in parts:
                if quantity > 0.0 and times > 0.0:
                    tighter[name] += quantity * times
        if tighter == most:
            break
        most = tighter
    return most


def _arrivals(
    network: Tables, reach: Reachability, wanted: dict[str, dict[str | int, set[str]]]
) -> dict[tuple[str, str | int], float]:
    """Return the upper bound on arrivals by (node, group of demands there), t/yr."""
    found = {(node, group): 0.0 for node, groups in wanted.items() for group in groups}
    for index in reach.open_arcs:
        arc = network.arcs[index]
        for group, commodities in wanted.get(arc.head, {}).items():
            if arc.tail != arc.head and any(
                c in commodities and (arc.tail, c) in reach.available for c in arc.commodities
            ):
                found[arc.head, group] += _or_infinite(arc.capacity) * (1 - arc.loss)
    for node in network.nodes:
        for group in wanted.get(node.node, {}):
            found[node.node, group] = min(found[node.node, group], _or_infinite(node.capacity))
    for supply in network.supplies:
        for group, commodities in wanted.get(supply.node, {}).items():
            if supply.commodity in commodities:
                found[supply.node, group] += _or_infinite(supply.capacity)
    for index in reach.running_sites:
        site = network.sites[index]
        for group, commodities in wanted.get(site.node, {}).items():
            made = sum(
                max(quantity, 0.0)
                for commodity, quantity in reach.recipes[site.recipe].items()
                if commodity in commodities
            )
            if made:
                found[site.node, group] += _or_infinite(site.capacity) * made
    return found


def _or_infinite(capacity: float | None) -> float:
    return math.inf if capacity is None else capacity
