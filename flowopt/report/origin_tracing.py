"""Origins of deliveries: growing area, processing, exit, market, for the Sankey diagram.

Every delivered tonne is followed backwards through the stated activities. Where a good of several
origins lies together at a node, what leaves it is a mix of them in proportion to what came in, so
the shares u of the delivered tonnes that passed each (node, commodity) solve u = d + P'u, with d
what is delivered and P the shares of what came in by each activity. A site is followed to the
inputs that descend from growing areas. Everything is counted in tonnes that arrive in the end, so
the sum is the same at each stage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import Activity, Good, Names, residual_network
from flowopt.planning.recheck.certificate_reader import StatedProof

STAGES = ("area", "site", "exit", "market")
StageNode = tuple[str, str]  # stage, node
Link = tuple[StageNode, StageNode]
_LEAST = 1e-9  # t/yr: less is the solver's rounding
_SHARE = 1e-9  # of the start: as little as that is not followed any further
_MOST_ROUNDS = 10_000


@dataclass(slots=True)
class _Chain:
    """Inflows of each good by activity, and the stops of a walk backwards."""

    network: Network
    into: dict[Good, list[tuple[Names, float]]] = field(default_factory=lambda: defaultdict(list))
    activities: Mapping[Names, Activity] = field(default_factory=dict)
    raw: set[str] = field(default_factory=set)
    rooted: set[str] = field(default_factory=set)

    def sources(self, activity: Names) -> dict[Good, float]:
        """Return the inputs to which an activity is followed, as shares."""
        used = self.activities[activity].used
        if activity[0] == "run":
            used = {good: q for good, q in used.items() if good[1] in self.rooted} or used
        total = sum(used.values())
        return {good: q / total for good, q in used.items()} if total > 0.0 else {}


def links(network: Network, stated: StatedProof) -> dict[Link, float]:
    """Return the delivered t/yr that passed from each stage to the next.

    Parameters
    ----------
    network
        The network.
    stated
        The trafficker's activities under a plan.

    Returns
    -------
    mapping
        t/yr by ((stage, node), (stage, node)), stages as in `STAGES`; a stage that tonnes did not
        pass (no processing, a market at home) is left out for them.
    """
    chain = _chain(network, stated)
    home = _home(network)
    flows: dict[Link, float] = defaultdict(float)
    at_exit: dict[str, dict[Good, float]] = defaultdict(lambda: defaultdict(float))
    at_site: dict[str, dict[Good, float]] = defaultdict(lambda: defaultdict(float))
    arcs = {arc.arc: (arc.tail, arc.head) for arc in network.arcs}

    def leaves(activity: Names) -> str:
        tail, head = arcs[activity[1]] if activity[0] == "ship" else ("", "")
        out = home.get(tail, "") and home[tail] != home.get(head)
        return tail if out and activity[2] in network.market_commodities else ""

    def stop(to: StageNode, inside: bool) -> Callable[[Names, Good, float], bool]:
        def stops(activity: Names, good: Good, amount: float) -> bool:
            if not inside and (exit_ := leaves(activity)):
                flows[("exit", exit_), to] += amount
                at_exit[exit_][exit_, activity[2]] += amount
            elif activity[0] == "supply":
                flows[("area", good[0]), to] += amount
            elif activity[0] == "run" and all(g[1] in chain.raw for g in chain.sources(activity)):
                flows[("site", good[0]), to] += amount
                for source, share in chain.sources(activity).items():
                    at_site[good[0]][source] += amount * share
            else:
                return False
            return True

        return stops

    delivered: dict[str, dict[Good, float]] = defaultdict(dict)
    for names, amount in stated.amounts.items():
        if names[0] == "deliver" and amount > _LEAST:
            delivered[names[1]][names[1], names[2]] = amount
    for market, goods in delivered.items():
        _walk(chain, goods, stop(("market", market), inside=False))
    for node, goods in list(at_exit.items()):
        _walk(chain, goods, stop(("exit", node), inside=True))
    for node, goods in list(at_site.items()):
        _walk(chain, goods, stop(("site", node), inside=True))
    return {link: amount for link, amount in flows.items() if amount > _LEAST}


def _walk(
    chain: _Chain, start: Mapping[Good, float], stops: Callable[[Names, Good, float], bool]
) -> None:
    """Follow amounts backwards until every part has stopped: Jacobi's method on u = d + P'u.

    Without cycles in the flow it ends after as many rounds as the longest path has arcs; amounts on
    a cycle shrink with every round, and a pure cycle is given up.
    """
    waiting = dict(start)
    total = sum(start.values())
    for _ in range(_MOST_ROUNDS):
        if sum(waiting.values()) <= _SHARE * total:
            return
        upstream: dict[Good, float] = defaultdict(float)
        for good, amount in waiting.items():
            inflows = chain.into.get(good, [])
            whole = sum(quantity for _, quantity in inflows)
            for activity, quantity in inflows:
                part = amount * quantity / whole
                if not stops(activity, good, part):
                    for source, share in chain.sources(activity).items():
                        upstream[source] += part * share
        waiting = upstream


def _chain(network: Network, stated: StatedProof) -> _Chain:
    """Return the inflows of each good under the plan."""
    chain = _Chain(network, activities=residual_network(network, stated.measures).activities)
    for names, amount in stated.amounts.items():
        activity = chain.activities.get(names)
        if activity is not None and amount > _LEAST:
            for good, made in activity.made.items():
                if made * amount > 0.0:
                    chain.into[good].append((names, made * amount))
    made_somewhere = {line.commodity for line in network.recipes if line.quantity > 0.0}
    chain.raw = {row.commodity for row in network.commodities} - made_somewhere
    chain.rooted = _rooted(network)
    return chain


def _rooted(network: Network) -> set[str]:
    """Return the commodities that descend from growing areas."""
    areas = {node.node for node in network.nodes if node.kind == "area"}
    grown_goods = {row.commodity for row in network.supplies if row.node in areas}
    recipes: dict[str, tuple[set[str], set[str]]] = {}
    for line in network.recipes:
        used, made = recipes.setdefault(line.recipe, (set(), set()))
        (used if line.quantity < 0.0 else made).add(line.commodity)
    grown = -1
    while grown != len(grown_goods):
        grown = len(grown_goods)
        for used, made in recipes.values():
            if used & grown_goods:
                grown_goods |= made
    return grown_goods


def _home(network: Network) -> dict[str, str]:
    """Return the country of each node that lies in a country with growing areas."""
    growing = growers(network)
    return {node.node: node.country for node in network.nodes if node.country in growing}


def growers(network: Network) -> set[str]:
    """Return the countries with growing areas."""
    return {node.country for node in network.nodes if node.kind == "area" and node.country}


def passing(flows: Iterable[Mapping[Link, float]]) -> dict[StageNode, float]:
    """Return the most that passes each place in any of some diagrams, t/yr."""
    most: dict[StageNode, float] = defaultdict(float)
    for flow in flows:
        out: dict[StageNode, float] = defaultdict(float)
        into: dict[StageNode, float] = defaultdict(float)
        for (tail, head), amount in flow.items():
            out[tail] += amount
            into[head] += amount
        for place in dict.fromkeys((*out, *into)):  # in one order, whatever the process
            most[place] = max(most[place], out[place], into[place])
    return dict(most)
