"""Default price: what a delivered kg brings, above the cost of any path to it.

A path passes a node once at most. With N nodes, c the dearest arc and s the dearest supply, in USD
per kg, and g_v = 1 / (1 - loss) of the lossiest arc into node v that lets something through, a kg
that is delivered was at most G = prod_v g_v kg anywhere on its path, which costs less than

    N (c + s) G,

which is the price, and at least 1. Without losses G is 1, and for a single commodity no augmenting
path costs more either, since it passes a node once as well: at this price the trafficker delivers
all that the network can carry, at the least cost. With losses that does not follow: where two paths
lose nearly the same, each kg that the better one saves may cost any sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from flowopt.network.foreign.plain_graph import PlainArc

# Beyond it the price would be so far from every cost that the costs drown in rounding.
MOST_GAIN = 1000.0


def price_above(nodes: int, arcs: Iterable[PlainArc], supply_costs: Iterable[str]) -> float | None:
    """Return a price above the cost of any path, USD per kg, or None where losses allow none.

    Parameters
    ----------
    nodes
        Number of nodes.
    arcs
        The arcs, with `cost` and `loss` among their cells; a text that is no number counts as 0,
        since the checks report it.
    supply_costs
        Costs of the supplies, USD per kg.
    """
    arcs = list(arcs)
    dearest = max((_number(arc.cells.get("cost", "")) for arc in arcs), default=0.0)
    supplied = max(map(_number, supply_costs), default=0.0)
    worst: dict[str, float] = {}
    for arc in arcs:
        loss = _number(arc.cells.get("loss", ""))
        for each in arc.directions if 0.0 < loss < 1.0 else ():
            worst[each["head"]] = max(worst.get(each["head"], 0.0), loss)
    costs = max(nodes, 2) * (dearest + supplied)
    gain = math.prod(1.0 / (1.0 - loss) for loss in worst.values())
    if costs > 0.0 and gain > MOST_GAIN:
        return None
    return max(1.0, costs * gain)


def _number(text: str) -> float:
    """Return an amount, 0 for a text that is none."""
    try:
        number = float(text or "0")
    except ValueError:
        return 0.0
    return number if math.isfinite(number) and number > 0.0 else 0.0
