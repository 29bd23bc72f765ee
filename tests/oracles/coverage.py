"""What a plan leaves if the trafficker keeps to today's flow, straight from the rows by one LP."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import prod
from typing import Any, Literal

from flowopt.network.network import Network
from tests.oracles.effects import Working, effective
from tests.oracles.exact import exact
from tests.oracles.programme import Names, Programme, Row
from tests.oracles.response import M_USD


def kept_value(
    network: Network,
    plan: Iterable[str],
    today: Mapping[Names, float],
    objective: Literal["flow", "profit"] = "flow",
) -> float:
    """Return the objective with every amount held to today's share that the cuts leave.

    Parameters
    ----------
    network, plan
        The network, and ids of the chosen measures.
    today
        t/yr by ("ship", arc, commodity), ("run", site), ("take", node, commodity) and
        ("deliver", node, commodity).
    objective
        What is counted: weighted tonnes, or profit.
    """
    chosen = tuple(plan)
    work, left = Working(network, chosen), effective(network, chosen)
    programme = Programme(network, left)

    def keeps(on: str, target: Any) -> Fraction:
        return prod((1 - cut for cut in work.cuts[on, target]), start=Fraction(1))

    pools: dict[Names, str] = {("run", s.site): s.pool for s in network.sites}
    pools |= {("deliver", d.node, d.commodity): d.pool for d in network.demands}
    heads = {arc.arc: arc for arc in network.arcs}
    arriving: dict[tuple[str, str], Row] = defaultdict(dict)
    most: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for names, i in programme.index.items():
        kind, *rest = names
        amount = exact(today.get(names, 0.0))
        key = rest[0] if kind in ("ship", "run") else tuple(rest)
        on = {"ship": "arc", "run": "site", "take": "supply", "deliver": "demand"}[kind]
        share = keeps("pool", pools[names]) if pools.get(names) else keeps(on, key)
        programme.upper[i] = amount * share
        if kind == "ship":
            arc = heads[rest[0]]
            arriving[arc.head, rest[1]][i] = left.arc_share[arc.arc]
            most[arc.head, rest[1]] += amount * (1 - exact(arc.loss))
    for (node, commodity), row in arriving.items():
        programme.rows.append((row, most[node, commodity] * keeps("node", node)))
    if objective == "flow":
        return float(programme.tableau().maximise(programme.weight))
    return float(programme.tableau().maximise(programme.margin) / M_USD)
