"""The residual network of a plan, and the trafficker's activities: plain sums and products.

Written from the words of the network format alone. It shares no code with the mathematics that
solves, so that a fault there does not hide here.
"""

from __future__ import annotations

import fnmatch
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flowopt.network import schema
from flowopt.network.network import Network

USD_PER_KG = 0.001  # M USD per t
SLACK = 1e-9  # on sums of costs and uses, of the limit where that is larger than 1

_CAPACITY_OF = {"ship": "arc", "run": "site", "supply": "supply", "deliver": "demand"}

Names = tuple[str, ...]
Good = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity of the trafficker under a plan, per unit of it.

    Attributes
    ----------
    used, made : mapping
        t of each (node, commodity) that it uses up and makes.
    taken : mapping
        t of each capacity that it takes: ("arc", id), ("node", id), ("site", id), ("pool", id),
        ("supply", node, commodity), ("demand", node, commodity).
    weight, price, cost : float
        Its weight for the planner, its revenue and its cost (M USD).
    closed : bool
        Whether a working cut of 1 closes it, whatever its capacity.
    """

    used: Mapping[Good, float]
    made: Mapping[Good, float]
    taken: Mapping[Names, float]
    weight: float = 0.0
    price: float = 0.0
    cost: float = 0.0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Residual:
    """Residual network: what a plan leaves of a network.

    Attributes
    ----------
    capacity : mapping
        t/yr that each capacity still allows, `inf` where unlimited.
    activities : mapping
        Activities: ("ship", arc, commodity), ("run", site), ("supply", node, commodity),
        ("deliver", node, commodity).
    """

    capacity: Mapping[Names, float]
    activities: Mapping[Names, Activity]


def residual_network(network: Network, plan: Iterable[str]) -> Residual:
    """Return the residual network of a plan, multiplied and added up row by row.

    Parameters
    ----------
    network
        A checked network.
    plan
        Ids of the measures in force; ids that are not in the network do nothing.
    """
    effects = _WorkingEffects(network, plan)
    capacity: dict[Names, float] = {}
    activities: dict[Names, Activity] = {}
    for node in network.nodes:
        capacity["node", node.node] = effects.capacity(("node", node.node), node.capacity)
    for arc in network.arcs:
        here: Names = ("arc", arc.arc)
        gate: Names = ("node", arc.head)
        capacity[here] = effects.capacity(here, arc.capacity)
        arrives = (1.0 - arc.loss) * effects.passes(here) * effects.passes(gate)
        for commodity in arc.commodities:
            activities["ship", arc.arc, commodity] = Activity(
                used={(arc.tail, commodity): 1.0},
                made={(arc.head, commodity): arrives},
                taken={here: 1.0, gate: arrives},
                cost=(arc.cost + effects.cost_increase(here) + effects.cost_increase(gate))
                * USD_PER_KG,
                closed=effects.closes(here) or effects.closes(gate),
            )
    for supply in network.supplies:
        here = ("supply", supply.node, supply.commodity)
        capacity[here] = effects.capacity(here, supply.capacity)
        activities[here] = Activity(
            used={},
            made={(supply.node, supply.commodity): 1.0},
            taken={here: 1.0},
            cost=(supply.cost + effects.cost_increase(here)) * USD_PER_KG,
            closed=effects.closes(here),
        )
    _add_sites(network, effects, capacity, activities)
    _add_demands(network, effects, capacity, activities)
    return Residual(capacity, activities)


def _add_sites(
    network: Network,
    effects: _WorkingEffects,
    capacity: dict[Names, float],
    activities: dict[Names, Activity],
) -> None:
    recipes: dict[str, list[schema.RecipeLine]] = defaultdict(list)
    for line in network.recipes:
        recipes[line.recipe].append(line)
    for site in network.sites:
        own, shared = ("site", site.site), ("pool", site.pool)
        here: Names = shared if site.pool else own
        capacity[here] = effects.capacity(here, site.capacity)
        lines = recipes[site.recipe]
        activities["run", site.site] = Activity(
            used={(site.node, li.commodity): -li.quantity for li in lines if li.quantity < 0.0},
            made={(site.node, li.commodity): li.quantity for li in lines if li.quantity > 0.0},
            taken={here: 1.0},
            cost=(site.cost + sum(effects.cost_increase(place) for place in {own, here}))
            * USD_PER_KG,
            closed=effects.closes(here),
        )


def _add_demands(
    network: Network,
    effects: _WorkingEffects,
    capacity: dict[Names, float],
    activities: dict[Names, Activity],
) -> None:
    for demand in network.demands:
        own = ("demand", demand.node, demand.commodity)
        here: Names = ("pool", demand.pool) if demand.pool else own
        capacity[here] = effects.capacity(here, demand.quantity)
        activities["deliver", demand.node, demand.commodity] = Activity(
            used={(demand.node, demand.commodity): 1.0},
            made={},
            taken={here: 1.0},
            weight=demand.weight,
            price=demand.price * USD_PER_KG,
            cost=sum(effects.cost_increase(place) for place in {own, here}) * USD_PER_KG,
            closed=effects.closes(here),
        )


class _WorkingEffects:
    """Working effects of a plan by their target, one entry per row of `effects`."""

    def __init__(self, network: Network, plan: Iterable[str]) -> None:
        self._cuts: dict[Names, list[float]] = defaultdict(list)
        self._losses: dict[Names, list[float]] = defaultdict(list)
        self._costs: dict[Names, list[float]] = defaultdict(list)
        chosen = set(plan)
        for effect in network.effects:
            if effect.measure not in chosen:
                continue
            works = effect.uptime * (1.0 - _corruption(network, chosen, effect))
            for place in places_of(network, effect):
                self._cuts[place].append(effect.cut * works)
                self._losses[place].append(effect.loss * works)
                self._costs[place].append(effect.cost * works)

    def closes(self, place: Names) -> bool:
        return any(cut >= 1.0 for cut in self._cuts[place])

    def capacity(self, place: Names, base: float | None) -> float:
        if self.closes(place):
            return 0.0
        if base is None:
            return math.inf
        return base * math.prod(1.0 - cut for cut in self._cuts[place])

    def passes(self, place: Names) -> float:
        return math.prod(1.0 - loss for loss in self._losses[place])

    def cost_increase(self, place: Names) -> float:
        return math.fsum(self._costs[place])


def shares_left(
    network: Network, plan: Iterable[str], places: Iterable[Names]
) -> dict[Names, float]:
    """Return the share of each capacity that a plan leaves."""
    effects = _WorkingEffects(network, plan)
    return {place: effects.capacity(place, 1.0) for place in places}


def _corruption(network: Network, chosen: set[str], effect: schema.Effect) -> float:
    """Return the corruption of an effect: a chosen reform's where that is lower."""
    measures = [row.measure for row in network.measures]
    reformed = [
        reform.corruption
        for reform in network.reforms
        if reform.measure in chosen
        and reform.measure != effect.measure
        and effect.measure in matching_ids(reform.target, measures)
    ]
    return min([effect.corruption, *reformed])


def places_of(network: Network, row: schema.Effect | schema.Trend | schema.Opening) -> list[Names]:
    """Return the targets of an effect, a trend or an opening."""
    if row.on in ("supply", "demand"):
        rows = network.supplies if row.on == "supply" else network.demands
        pairs = [(each.node, each.commodity) for each in rows]
        nodes = set(matching_ids(row.target, [node for node, _ in pairs]))
        matching = [pair for pair in pairs if row.commodity in ("", pair[1])]
        return [(row.on, *pair) for pair in matching if pair[0] in nodes]
    ids = {
        "arc": [row.arc for row in network.arcs],
        "node": [row.node for row in network.nodes],
        "site": [row.site for row in network.sites],
        "pool": [s.pool for s in network.sites if s.pool]
        + [d.pool for d in network.demands if d.pool],
    }[row.on]
    return [(row.on, name) for name in matching_ids(row.target, ids)]


def matching_ids(target: str, ids: Iterable[str]) -> list[str]:
    """Return the ids that a target names: the one it spells, or those its pattern matches."""
    known = list(dict.fromkeys(ids))
    if target in known:
        return [target]
    return [name for name in known if fnmatch.fnmatchcase(name, target)]


# -- plans ----------------------------------------------------------------------------------------


def exceeds(total: float, limit: float) -> bool:
    """Return whether a sum exceeds its limit by more than the format's slack."""
    return total > limit + SLACK * max(1.0, abs(limit))


def plan_cost(network: Network, plan: Iterable[str]) -> float:
    """Return the cost of a plan, M USD a year."""
    chosen = set(plan)
    return math.fsum(row.cost for row in network.measures if row.measure in chosen)


def plan_uses(network: Network, plan: Iterable[str]) -> dict[str, float]:
    """Return the use of each resource by a plan."""
    chosen = set(plan)
    used: dict[str, list[float]] = {row.resource: [] for row in network.resources}
    for use in network.uses:
        if use.measure in chosen:
            used[use.resource].append(use.amount)
    return {name: math.fsum(amounts) for name, amounts in used.items()}


def broken_rules(network: Network, plan: Iterable[str]) -> list[str]:
    """Return the rules that a plan breaks, as phrases."""
    chosen = set(plan)
    return [
        f"{rule.measure} {rule.relation} {rule.other}"
        for rule in network.rules
        if rule.measure in chosen and (rule.other in chosen) != (rule.relation == "requires")
    ]


def with_requirements(network: Network, plan: Iterable[str]) -> set[str]:
    """Return the closure of a set of measures under `requires`."""
    forced_plan = set(plan)
    while True:
        more = {
            rule.other
            for rule in network.rules
            if rule.relation == "requires" and rule.measure in forced_plan
        }
        if more <= forced_plan:
            return forced_plan
        forced_plan |= more


def without(network: Network, plan: Iterable[str], measure: str) -> set[str]:
    """Return a plan without a measure, and without those that require it."""
    left, gone = set(plan) - {measure}, {measure}
    while gone:
        gone = {
            rule.measure
            for rule in network.rules
            if rule.relation == "requires" and rule.measure in left and rule.other in gone
        }
        left -= gone
    return left


def residual_without_rerouting(
    network: Network, plan: Iterable[str], today: Mapping[Names, float]
) -> Residual:
    """Return the residual network if every activity is bounded by its amount of today.

    A cut takes its share of today's flow, whether there was room to spare or not; losses and costs
    are those of the plan.

    Parameters
    ----------
    network, plan
        A checked network, and ids of the measures in force.
    today
        t/yr of each activity without measures, named as in `Residual.activities`.

    Returns
    -------
    Residual
        Only activities that run today. Arcs and nodes have a capacity per commodity:
        ("arc", id, commodity) and ("node", id, commodity).
    """
    effects = _WorkingEffects(network, plan)
    whole = residual_network(network, plan)
    untouched = residual_network(network, ())
    heads = {arc.arc: arc.head for arc in network.arcs}
    capacity: dict[Names, float] = {}
    activities: dict[Names, Activity] = {}
    arrives: dict[Names, list[float]] = defaultdict(list)
    for names, amount in today.items():
        if amount <= 0.0 or names not in whole.activities:
            continue
        activity = whole.activities[names]
        place = next(iter(activity.taken))  # of an arc and the node at its head, the arc
        own: Names = (_CAPACITY_OF[names[0]], *names[1:])
        taken = {own: 1.0}
        capacity[own] = effects.capacity(place, amount)
        if names[0] == "ship":
            gate: Names = ("node", heads[names[1]], names[2])
            taken[gate] = sum(activity.made.values())
            arrives[gate].append(amount * sum(untouched.activities[names].made.values()))
        activities[names] = replace(activity, taken=taken)
    for gate, amounts in arrives.items():
        capacity[gate] = effects.capacity(gate[:2], math.fsum(amounts))
    return Residual(capacity, activities)
