"""What a delivered kg has to bring so that it brings more than any way to it costs.

A way passes a node once at most. With N nodes, c the dearest arc and s the dearest supply, in USD
per kg, and g_v = 1 / (1 - loss) of the lossiest arc into node v that lets something through, a kg
that is delivered was at most G = prod_v g_v kg anywhere on its way, so that the way costs less than

    N (c + s) G,

which is the price, and at least 1. Without losses G is 1, and for a single commodity no way of
taking flow back and sending it elsewhere costs more either, since that passes a node once as well:
at this price the trafficker delivers all that the network can carry, at the least cost. With losses
that does not follow: where two ways lose nearly the same, what the better one saves may cost any
sum for each kg.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from flowopt.network.foreign.plain_graph import Leg

# Beyond it the price would be so far from every cost that the costs drown in rounding.
MOST_GAIN = 1000.0


def price_above(nodes: int, legs: Iterable[Leg], supply_costs: Iterable[str]) -> float | None:
    """Return a price above what any way costs, USD per kg, or None where losses allow none.

    Parameters
    ----------
    nodes
        How many there are.
    legs
        The arcs, with `cost` and `loss` among their cells; what is no number counts as 0, since
        the checks tell of it.
    supply_costs
        What the supplies cost, USD per kg.
    """
    legs = list(legs)
    dearest = max((_number(leg.cells.get("cost", "")) for leg in legs), default=0.0)
    supplied = max(map(_number, supply_costs), default=0.0)
    worst: dict[str, float] = {}
    for leg in legs:
        loss = _number(leg.cells.get("loss", ""))
        for way in leg.ways if 0.0 < loss < 1.0 else ():
            worst[way["head"]] = max(worst.get(way["head"], 0.0), loss)
    costs = max(nodes, 2) * (dearest + supplied)
    gain = math.prod(1.0 / (1.0 - loss) for loss in worst.values())
    if costs > 0.0 and gain > MOST_GAIN:
        return None
    return max(1.0, costs * gain)


def _number(text: str) -> float:
    """Return an amount, 0 for what is none."""
    try:
        number = float(text or "0")
    except ValueError:
        return 0.0
    return number if math.isfinite(number) and number > 0.0 else 0.0
