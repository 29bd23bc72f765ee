"""The rules of the network format, each written down once more and read literally.

It says which rules a network that was built by hand breaks. It is the guard of the drawn networks
of `tests/strategies.py`, not a reader: it neither names rows nor mends anything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from fractions import Fraction

from flowopt.network.network import Network
from flowopt.network.schema import TABLES, Earning, Effect
from tests.oracles.effects import named, targets
from tests.oracles.exact import Tableau, exact


def broken_rules(network: Network) -> list[str]:
    """Return what breaks the format, empty for a valid network."""
    return [
        *_keys(network),
        *_references(network),
        *_recipes(network),
        *_pools(network),
        *_reforms(network),
        *(problem for effect in network.effects for problem in _effect(network, effect)),
        *(problem for earning in network.earnings for problem in _earning(network, earning)),
    ]


def possible_corruptions(network: Network, effect: Effect) -> set[float]:
    """Return the corruptions with which an effect may count: its own, and its reform's."""
    measures = [row.measure for row in network.measures]
    reformed = {
        min(effect.corruption, reform.corruption)
        for reform in network.reforms
        if reform.measure != effect.measure and effect.measure in named(reform.target, measures)
    }
    return {effect.corruption, *reformed}


def _keys(network: Network) -> list[str]:
    found = [
        f"{name} is empty"
        for name in ("commodities", "nodes", "arcs", "supplies", "demands")
        if not getattr(network, name)
    ]
    for name, rows in network.tables().items():
        if TABLES[name].key:
            keys = Counter(tuple(getattr(row, k) for k in TABLES[name].key) for row in rows)
            found += [f"{name}: {key} twice" for key, count in keys.items() if count > 1]
    found += [
        f"arc {a.arc}: a commodity twice"
        for a in network.arcs
        if len({*a.commodities}) < len(a.commodities)
    ]
    return found


def _references(network: Network) -> list[str]:
    nodes = {row.node for row in network.nodes}
    commodities = {row.commodity for row in network.commodities}
    recipes = {row.recipe for row in network.recipes}
    measures = {row.measure for row in network.measures}
    resources = {row.resource for row in network.resources}
    pairs: list[tuple[str, Iterable[str], set[str]]] = [
        ("arc ends", (n for a in network.arcs for n in (a.tail, a.head)), nodes),
        ("arc commodities", (c for a in network.arcs for c in a.commodities), commodities),
        ("supply nodes", (u.node for u in network.supplies), nodes),
        ("supply commodities", (u.commodity for u in network.supplies), commodities),
        ("recipe commodities", (r.commodity for r in network.recipes), commodities),
        ("site nodes", (s.node for s in network.sites), nodes),
        ("site recipes", (s.recipe for s in network.sites), recipes),
        ("demand nodes", (d.node for d in network.demands), nodes),
        ("demand commodities", (d.commodity for d in network.demands), commodities),
        ("effect measures", (e.measure for e in network.effects), measures),
        ("effect commodities", (e.commodity for e in network.effects), {*commodities, ""}),
        ("earning commodities", (e.commodity for e in network.earnings), {*commodities, ""}),
        ("use measures", (u.measure for u in network.uses), measures),
        ("use resources", (u.resource for u in network.uses), resources),
        ("rule measures", (m for r in network.rules for m in (r.measure, r.other)), measures),
        ("reform measures", (r.measure for r in network.reforms), measures),
    ]
    found = [
        f"{what}: {name} is unknown" for what, names, known in pairs for name in {*names} - known
    ]
    found += [f"rule of {r.measure} on itself" for r in network.rules if r.measure == r.other]
    return found


def _recipes(network: Network) -> list[str]:
    """Every recipe produces, and no cycle makes something out of nothing."""
    recipes = {row.recipe: dict[str, float]() for row in network.recipes}
    for row in network.recipes:
        recipes[row.recipe][row.commodity] = row.quantity
    found = [
        f"recipe {name} produces nothing"
        for name, lines in recipes.items()
        if not any(quantity > 0 for quantity in lines.values())
    ]
    if _multiplies(network, recipes):
        found.append("a cycle multiplies mass")
    return found


def _multiplies(network: Network, recipes: dict[str, dict[str, float]]) -> bool:
    """Return whether a mix of activities that consume something needs nothing and leaves some."""
    steps: list[dict[tuple[str, str], Fraction]] = [
        {(a.tail, c): Fraction(-1), (a.head, c): 1 - exact(a.loss)}
        if a.tail != a.head
        else {(a.tail, c): -exact(a.loss)}
        for a in network.arcs
        for c in a.commodities
    ]
    steps += [
        {(s.node, c): exact(quantity) for c, quantity in recipes[s.recipe].items()}
        for s in network.sites
        if any(quantity < 0 for quantity in recipes[s.recipe].values())
    ]
    needs: dict[tuple[str, str], dict[int, Fraction]] = defaultdict(dict)
    for j, step in enumerate(steps):
        for place, quantity in step.items():
            needs[place][j] = -quantity
    rows = [(row, Fraction(0)) for row in needs.values()]
    rows += [({j: Fraction(1)}, Fraction(1)) for j in range(len(steps))]
    leaves = [sum(step.values(), start=Fraction(0)) for step in steps]
    return Tableau(len(steps), rows).maximise(leaves) > 0


def _pools(network: Network) -> list[str]:
    found = []
    sites = {row.pool for row in network.sites if row.pool}
    demands = {row.pool for row in network.demands if row.pool}
    found += [f"pool {pool} of sites and of demands" for pool in sites & demands]
    for pool in sites:
        if len({row.capacity for row in network.sites if row.pool == pool}) > 1:
            found.append(f"pool {pool}: several capacities")
    for pool in demands:
        if len({row.quantity for row in network.demands if row.pool == pool}) > 1:
            found.append(f"pool {pool}: several quantities")
    return found


def _reforms(network: Network) -> list[str]:
    found = []
    measures = [row.measure for row in network.measures]
    count: Counter[str] = Counter()
    for reform in network.reforms:
        hit = named(reform.target, measures)
        if not hit:
            found.append(f"reform target {reform.target} matches nothing")
        if hit == [reform.measure]:
            found.append(f"reform {reform.measure} acts on itself only")
        count.update(name for name in hit if name != reform.measure)
    return found + [f"measure {name} is reformed twice" for name, n in count.items() if n > 1]


def _effect(network: Network, effect: Effect) -> list[str]:
    where = f"effect of {effect.measure} on {effect.on} {effect.target}"
    hit = targets(network, effect)
    found = [] if hit else [f"{where}: matches nothing"]
    if effect.commodity and effect.on not in ("supply", "demand"):
        found.append(f"{where}: names a commodity")
    if effect.loss and effect.on not in ("arc", "node"):
        found.append(f"{where}: a loss")
    if not effect.cut:
        return found
    sites = {row.site: row for row in network.sites}
    demands = {(row.node, row.commodity): row for row in network.demands}
    if effect.on in ("site", "demand"):
        rows = [sites[key] if effect.on == "site" else demands[key] for key in hit]
        found += [f"{where}: cuts a row in a pool" for row in rows if row.pool]
    if any(_capacity(network, effect.on, key) is None for key in hit):
        for corruption in possible_corruptions(network, effect):
            if 0 < effect.cut * effect.uptime * (1 - corruption) < 1:
                found.append(f"{where}: a partial cut of something unlimited")
    return found


def _earning(network: Network, earning: Earning) -> list[str]:
    """Return what is wrong with an earning: it counts nothing, or a site's or pool's commodity."""
    where = f"earning of {earning.organisation} on {earning.on} {earning.target}"
    found = [] if earning.rate >= 0 else [f"{where}: a negative rate"]
    if earning.on in ("site", "pool") and earning.commodity:
        found.append(f"{where}: names a commodity")
    pairs: dict[str, list[tuple[str, str]]] = {
        "arc": [(a.arc, c) for a in network.arcs for c in a.commodities],
        "node": [(a.head, c) for a in network.arcs for c in a.commodities],
        "supply": [(u.node, u.commodity) for u in network.supplies],
        "demand": [(d.node, d.commodity) for d in network.demands],
        "site": [(s.site, "") for s in network.sites],
        "pool": [(s.pool, "") for s in network.sites if s.pool]
        + [(d.pool, "") for d in network.demands if d.pool],
    }
    if earning.on == "node" and not earning.commodity:
        pairs["node"] = [(n.node, "") for n in network.nodes]
    known = [name for name, _ in pairs[earning.on]]
    if earning.on == "node":
        known = [n.node for n in network.nodes]
    hit = named(earning.target, known)
    if not any(n in hit and earning.commodity in ("", c) for n, c in pairs[earning.on]):
        found.append(f"{where}: counts nothing")
    return found


def _capacity(network: Network, on: str, key: object) -> float | None:
    """Return the capacity of a target in ordinary times, None for unlimited."""
    if on == "arc":
        return next(row.capacity for row in network.arcs if row.arc == key)
    if on == "node":
        return next(row.capacity for row in network.nodes if row.node == key)
    if on == "supply":
        return next(r.capacity for r in network.supplies if (r.node, r.commodity) == key)
    if on == "demand":
        return next(r.quantity for r in network.demands if (r.node, r.commodity) == key)
    if on == "site":
        return next(row.capacity for row in network.sites if row.site == key)
    shared = {row.pool: row.capacity for row in network.sites}
    shared |= {row.pool: row.quantity for row in network.demands}
    return shared[str(key)]
