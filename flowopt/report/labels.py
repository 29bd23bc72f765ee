"""Labels of what limits the trafficker: names before ids."""

from __future__ import annotations

from flowopt.network.network import Network


def capacity_label(network: Network, on: str, target: str, commodity: str) -> str:
    """Return the label of a capacity, by name where there is one.

    Parameters
    ----------
    network
        The network.
    on, target, commodity
        The kind of thing, its id, and its commodity, as in `results.rows.Binding`.
    """
    names = {node.node: node.name for node in network.nodes}
    goods = {row.commodity: row.name for row in network.commodities}
    good = f", {goods.get(commodity, commodity)}" if commodity else ""
    if on == "arc":
        arc = next((arc for arc in network.arcs if arc.arc == target), None)
        if arc is not None:
            way = f" by {arc.mode}" if arc.mode else ""
            return f"{names[arc.tail]} to {names[arc.head]}{way}"
    words = {"supply": "supply of ", "demand": "demand of ", "pool": "pool ", "site": "site "}
    return f"{words.get(on, '')}{names.get(target, target)}{good}"
