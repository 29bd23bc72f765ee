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
    if on in ("pool", "site") and not commodity and (name := shared_name(network, on, target)):
        return f"{name} ({on})"
    words = {"supply": "supply of ", "demand": "demand of ", "pool": "pool ", "site": "site "}
    return f"{words.get(on, '')}{names.get(target, target)}{good}"


def shared_name(network: Network, on: str, target: str) -> str:
    """Return the name of the place that a pool or a site is about, or of the first of several."""
    names = {node.node: node.name for node in network.nodes}
    if on == "pool":
        nodes = [row.node for row in (*network.sites, *network.demands) if row.pool == target]
    else:
        nodes = [site.node for site in network.sites if site.site == target]
    places = list(dict.fromkeys(names[node] for node in nodes))
    if not places:
        return ""
    return places[0] if len(places) == 1 else f"{places[0]} and {len(places) - 1} more"
