"""Hypothesis strategies: small networks that keep every rule of the format, and budgets for them.

Numbers are nice on purpose (shares in steps of 0.05, capacities in quarters), so that equally good
plans and equally profitable flows do happen. Everything shrinks towards one area, one market, one
arc and no measure.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, TypeVar

from hypothesis import strategies as st

from flowopt.network.network import Network
from flowopt.network.schema import (
    Arc,
    Commodity,
    Demand,
    Earning,
    Effect,
    EffectOn,
    Info,
    Measure,
    Node,
    NodeKind,
    RecipeLine,
    Reform,
    Relation,
    Resource,
    Rule,
    Site,
    Supply,
    Use,
)

T = TypeVar("T")

INFO = Info(id="drawn", title="A drawn network")

MASSES = (8.0, 4.0, 10.0, 2.0, 5.0, 1.0, 6.0, 12.0, 3.0, 2.5, 0.25, 7.75, 0.5, 20.0)
QUANTITIES = (10.0, 20.0, 12.0, 30.0, 16.0, 5.0, 8.5, 40.0, 2.0)  # what markets take
COSTS = (0.0, 1.0, 2.0, 0.5, 0.25, 3.0)
SMALL_COSTS = (0.0, 0.01, 0.02, 0.05)  # for what is needed by the hundred
PRICES = (50.0, 20.0, 30.0, 10.0, 40.0, 5.0)
LOSSES = (0.0, 0.0, 0.0, 0.05, 0.1, 0.2, 0.5)
SHARES = (1.0, 0.5, 0.9, 0.75, 0.8, 0.6, 0.25, 0.95, 0.85, 0.4, 0.05)
UPTIMES = (1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.8, 0.95, 0.9, 0.25, 0.75, 0.0)
CORRUPTIONS = (0.0, 0.0, 0.0, 0.0, 0.5, 0.2, 0.25, 0.1, 0.9, 1.0)
BOUGHT_OFF = (0.5, 0.8, 1.0, 0.9, 1.0, 0.25, 0.05)  # corruption of measures that a reform helps
REFORMED = (0.0, 0.0, 0.1, 0.2, 0.5)
MEASURE_COSTS = (1.0, 2.0, 3.0, 1.5, 0.5, 5.0, 2.25, 4.0, 0.0)
RELATIONS: tuple[Relation, ...] = ("requires", "excludes")
REFORM_COSTS = (0.5, 1.0, 0.25, 2.0)
# Consumed and produced per unit of activity; only the first recipe of a chain may be a big one.
YIELDS = ((1.0, 1.0), (2.0, 1.0), (1.0, 0.5), (1.0, 0.8), (325.0, 1.0), (1.0, 0.004))

_RANGES = [st.integers(0, n) for n in range(100)]


class _Dice:
    """Few and cheap draws: every choice is one small integer that shrinks to 0."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self._draw = draw

    def upto(self, n: int) -> int:
        return int(self._draw(_RANGES[n])) if n > 0 else 0

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.upto(len(choices) - 1)]

    def chance(self, percent: int) -> bool:
        """Return True that often; shrinks to False."""
        return self.upto(99) >= 100 - percent

    def subset(self, choices: Sequence[T]) -> list[T]:
        """Return some of the choices, possibly none, in order; one draw for up to 6 choices."""
        if len(choices) > 6:
            return self.subset(choices[:6]) + self.subset(choices[6:])
        mask = int(self._draw(_MASKS[len(choices)]))
        return [choice for i, choice in enumerate(choices) if mask >> i & 1]


_MASKS = [st.integers(0, 2**n - 1) for n in range(7)]


@dataclass
class _Draft:
    """The tables while they grow; `need` is how much of a commodity a final tonne takes."""

    dice: _Dice
    free: bool  # no ordinary costs
    lossless: bool
    tables: dict[str, list[Any]] = field(default_factory=dict)
    need: dict[str, float] = field(default_factory=dict)
    route: set[str] = field(default_factory=set)  # ids on the way from the first area to market

    def rows(self, table: str) -> list[Any]:
        return self.tables.setdefault(table, [])

    def add(self, row: Any) -> Any:
        self.rows(row.table).append(row)
        return row

    def mass(self, scale: float, unlimited: int) -> float | None:
        """Return a capacity, unlimited in so many percent of cases, seldom zero."""
        if self.dice.chance(unlimited):
            return None
        mass = 0.0 if self.dice.chance(1) else self.dice.pick(MASSES)
        return mass * scale

    def cost(self, scale: float) -> float:
        if self.free:
            return 0.0
        return self.dice.pick(SMALL_COSTS if scale >= 50 else COSTS)

    def node(self, kind: NodeKind, prefix: str) -> str:
        name = f"{prefix}_{sum(n.node.startswith(prefix) for n in self.rows('nodes')) + 1}"
        capacity = (
            self.mass(1.0, 0) if kind not in ("area", "site") and self.dice.chance(40) else None
        )
        self.add(Node(node=name, name=name, kind=kind, capacity=capacity))
        return name

    def arc(self, tail: str, head: str, first: str, *, sure: bool = False) -> None:
        """Add an arc for a commodity and perhaps others; a sure one carries something."""
        carried = [first]
        if len(self.need) > 1 and self.dice.chance(35):
            carried += [c for c in self.dice.subset(list(self.need)) if c != first]
        elif "pot" in self.need and first != "pot" and self.dice.chance(50):
            carried.append("pot")
        scale = max(self.need[c] for c in carried)
        loss = 0.0 if self.lossless else self.dice.pick(LOSSES)
        capacity = self.mass(scale, 25)
        if not sure and not self.lossless and self.dice.chance(2):
            loss = 1.0
        mode = self.dice.pick(("road", "river", "flight"))
        number = len(self.rows("arcs")) + 1
        if sure:
            self.route |= {f"{mode[0].upper()}_{number}", head}
        self.add(
            Arc(
                arc=f"{mode[0].upper()}_{number}",
                tail=tail,
                head=head,
                commodities=tuple(carried),
                mode=mode,
                capacity=scale if sure and capacity == 0 else capacity,
                cost=self.cost(scale),
                loss=loss,
            )
        )

    def site(self, node: str, recipe: str, *, sure: bool = False) -> None:
        made = [r for r in self.rows("recipes") if r.recipe == recipe and r.quantity > 0]
        scale = self.need[made[0].commodity] / made[0].quantity
        if sure:
            self.route.add(f"L_{len(self.rows('sites')) + 1}")
        self.add(
            Site(
                site=f"L_{len(self.rows('sites')) + 1}",
                node=node,
                recipe=recipe,
                capacity=self.mass(scale, 30),
                cost=self.cost(1.0 / min(1.0, made[0].quantity)),
            )
        )

    def supply(self, node: str, commodity: str) -> None:
        if not any((u.node, u.commodity) == (node, commodity) for u in self.rows("supplies")):
            scale = self.need[commodity]
            self.add(
                Supply(
                    node=node,
                    commodity=commodity,
                    capacity=self.mass(scale, 25),
                    cost=self.cost(scale),
                )
            )

    def demand(self, node: str, commodity: str, *, price: bool) -> None:
        if not any((d.node, d.commodity) == (node, commodity) for d in self.rows("demands")):
            scale = self.need[commodity]
            asked = self.dice.pick(PRICES) if price else 0.0
            self.add(
                Demand(
                    node=node,
                    commodity=commodity,
                    quantity=self.dice.pick(QUANTITIES) * scale,
                    price=asked / 200 if scale >= 50 else asked,
                    weight=self.dice.pick((1.0, 1.0, 1.0, 1.0, 2.0, 0.5, 0.25, 0.0)),
                )
            )


# --------------------------------------------------------------------------------------------
# The supply chain
# --------------------------------------------------------------------------------------------


def _recipes(draft: _Draft, stages: int) -> list[str]:
    """Draw the commodities and a chain of recipes; return the commodities along the chain."""
    dice = draft.dice
    chain = [["hcl"], ["leaf", "hcl"], ["leaf", "base", "hcl"]][stages]
    acid = stages > 0 and dice.chance(35)
    pot = dice.chance(30)
    needs = {"hcl": 1.0}
    yields: dict[int, tuple[float, float]] = {}
    for k in reversed(range(stages)):
        yields[k] = dice.pick(YIELDS if k == 0 else YIELDS[:4])
        needs[chain[k]] = needs[chain[k + 1]] * yields[k][0] / yields[k][1]
    draft.need = {c: needs[c] for c in chain} | ({"acid": 1.0} if acid else {})
    draft.need |= {"pot": 1.0} if pot else {}
    for c in draft.need:
        draft.add(Commodity(commodity=c, name=c.capitalize()))
    for k in range(stages):
        consumed, produced = yields[k]
        lines = {chain[k]: -consumed, chain[k + 1]: produced}
        if acid and (k == 0 or dice.chance(50)):
            lines["acid"] = -produced * dice.pick((1.0, 0.5, 0.25, 2.0))
        if pot and dice.chance(15):
            lines["pot"] = 0.25 * produced  # a by-product
        for c, quantity in lines.items():
            draft.add(RecipeLine(recipe=f"make_{chain[k + 1]}", commodity=c, quantity=quantity))
    if stages and dice.chance(5):  # a way back that loses half, so the cycle multiplies nothing
        draft.add(RecipeLine(recipe="back", commodity="hcl", quantity=-1.0))
        draft.add(RecipeLine(recipe="back", commodity=chain[-2], quantity=0.5 * needs[chain[-2]]))
    return chain


def _backbone(draft: _Draft, chain: list[str], *, priced: bool) -> None:
    """Draw places, one route from the first area to the first market, and what hangs on it."""
    dice = draft.dice
    areas = [draft.node("area", "A") for _ in range(1 + dice.upto(2))]
    sites = [draft.node("site", "S") for _ in range(dice.upto(2) if len(chain) > 1 else 0)]
    kinds: tuple[NodeKind, ...] = ("transit", "airstrip", "port", "border")
    transits = [draft.node(dice.pick(kinds), "T") for _ in range(dice.upto(3))]
    markets = [draft.node("market", "M") for _ in range(1 + dice.upto(2))]
    on_route = transits[: dice.upto(len(transits))]

    draft.supply(areas[0], chain[0])
    draft.route.add(areas[0])
    here, makers = areas[0], []
    for before, after in pairwise(chain):
        there = dice.pick([here, *sites])
        if there != here:
            draft.arc(here, there, before, sure=True)
        draft.site(there, f"make_{after}", sure=True)
        makers.append((there, before, after))
        here = there
    for there in (*on_route, markets[0]):
        draft.arc(here, there, "hcl", sure=True)
        here = there
    draft.demand(markets[0], "hcl", price=priced)

    if "acid" in draft.need:
        _acid(draft, makers)
    sources = [areas[0], *sites, *on_route]
    for area in areas[1:]:
        if not dice.chance(10):
            draft.supply(area, chain[0])
            draft.arc(area, dice.pick([*(m[0] for m in makers), *sources]), chain[0])
    for there in sites:
        if all(there != node for node, _, _ in makers) and not dice.chance(15):
            _, before, after = dice.pick(makers)
            draft.arc(dice.pick([areas[0], *(m[0] for m in makers)]), there, before)
            draft.site(there, f"make_{after}")
            draft.arc(there, dice.pick([*on_route, *markets]), after)
    exits = [makers[-1][0] if makers else areas[0], *on_route]
    for there in transits[len(on_route) :]:
        if not dice.chance(15):
            draft.arc(dice.pick(exits), there, "hcl")
            draft.arc(there, dice.pick(markets), "hcl")
    for market in markets[1:]:
        draft.demand(market, "hcl", price=priced)
        if not dice.chance(10):
            draft.arc(dice.pick([*exits, *transits]), market, "hcl")


def _acid(draft: _Draft, makers: list[tuple[str, str, str]]) -> None:
    """Bring the precursor to every site that the backbone passes."""
    origin = draft.node("precursor", "P") if draft.dice.chance(70) else makers[0][0]
    draft.supply(origin, "acid")
    for place in dict.fromkeys(node for node, _, _ in makers):
        if place != origin:
            draft.arc(origin, place, "acid", sure=True)


def _extras(draft: _Draft, *, priced: bool) -> None:
    """Draw parallel arcs, two-way arcs, cycles, spare sites, second goods and pools."""
    dice = draft.dice
    nodes = [n.node for n in draft.rows("nodes")]
    for _ in range(dice.upto(3)):
        how, old = dice.upto(3), dice.pick(draft.rows("arcs") or [None])
        if how == 0 and old:
            draft.arc(old.tail, old.head, old.commodities[0])
        elif how == 1 and old:
            draft.arc(old.head, old.tail, old.commodities[0])
        else:
            tail, head = dice.pick(nodes), dice.pick(nodes)
            if tail != head or dice.chance(10):
                draft.arc(tail, head, dice.pick(list(draft.need)))
    recipes = list(dict.fromkeys(row.recipe for row in draft.rows("recipes")))
    spare = [r for r in recipes if r == "back"]
    if recipes and dice.chance(30):
        spare.append(dice.pick(recipes))
    for recipe in spare:
        places = [s.node for s in draft.rows("sites")]
        draft.site(dice.pick(places if dice.chance(70) else nodes), recipe)
    if "pot" in draft.need:
        draft.supply(dice.pick([n for n in nodes if n[0] in "AP"]), "pot")
        draft.demand(dice.pick([n for n in nodes if n[0] == "M"]), "pot", price=priced)
    if dice.chance(10):
        draft.demand(dice.pick(nodes), dice.pick(list(draft.need)), price=priced)
    _share(draft, "sites", "capacity", "LP_1")
    _share(draft, "demands", "quantity", "DP_1")


def _share(draft: _Draft, table: str, column: str, pool: str) -> None:
    """Put some rows of a table into one pool, which may span nodes."""
    rows = draft.rows(table)
    if not rows or not draft.dice.chance(40 if len(rows) > 1 else 8):
        return
    inside = draft.dice.subset(range(len(rows))) if draft.dice.chance(50) else range(len(rows))
    for i in inside:
        shared = getattr(rows[inside[0]], column)
        rows[i] = replace(rows[i], pool=pool, **{column: shared})


def _places(draft: _Draft) -> None:
    """Say where the nodes are, which only reports look at."""
    lands = (("Peru", "South America"), ("Spain", "Europe"), ("", ""), ("Ghana", "Africa"))
    shift = draft.dice.upto(3)
    nodes = draft.rows("nodes")
    for i, node in enumerate(nodes):
        country, continent = lands[(i + shift) % len(lands)]
        lat, lon = (-10.0 + i, -75.0 + 2 * i) if i % 3 else (None, None)
        nodes[i] = replace(node, country=country, continent=continent, lat=lat, lon=lon)


# --------------------------------------------------------------------------------------------
# Measures
# --------------------------------------------------------------------------------------------

_GLOBS: dict[EffectOn, tuple[str, ...]] = {
    "arc": ("R_*", "?_1", "[RV]_*", "F_*", "*_[1-3]", "*", "[!F]_*"),
    "node": ("T_*", "M_*", "*_1", "[SA]_*", "*"),
    "site": ("L_*", "L_[12]", "*"),
    "pool": ("*P_1", "*"),
    "supply": ("A_*", "*", "[AP]_1"),
    "demand": ("M_*", "*", "?_1"),
}


def _reforms(draft: _Draft, count: int) -> tuple[list[str], dict[str, float]]:
    """Name the measures and draw the reforms; return the ids and the reformed corruptions."""
    dice = draft.dice
    reformers: list[int] = []
    if count > 1 and dice.chance(70):
        reformers = sorted({dice.upto(count - 1) for _ in range(dice.pick((1, 1, 2)))})
    ids = [f"{'q' if i in reformers else 'm'}{i + 1}" for i in range(count)]
    reformed: dict[str, float] = {}
    for i in reformers:
        globs = ("m*", "*", "m[1-3]", "?[2-5]")
        target = dice.pick(globs) if dice.chance(40) else dice.pick(ids[:i] + ids[i + 1 :])
        hit = [m for m in ids if fnmatch.fnmatchcase(m, target) and m != ids[i]]
        if not hit or reformed.keys() & set(hit):
            hit = [m for m in ids if m != ids[i] and m not in reformed][:1]
            target = "".join(hit)
        if hit:
            corruption = dice.pick(REFORMED)
            draft.add(Reform(measure=ids[i], target=target, corruption=corruption))
            reformed |= dict.fromkeys(hit, corruption)
    return ids, reformed


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something an effect may act on: the id it is named by, and what a cut of it may be."""

    name: str
    commodity: str = ""
    limited: bool = True
    pool: str = ""
    at: str = ""  # the head of an arc
    dead: bool = False  # a node that no arc enters: only globs hit it


def _things(draft: _Draft) -> dict[EffectOn, list[_Thing]]:
    """Return what there is to act on, by `on`."""
    nodes, arcs = draft.rows("nodes"), draft.rows("arcs")
    entered = {a.head for a in arcs}
    sites, demands = draft.rows("sites"), draft.rows("demands")
    pools = {s.pool: s.capacity is not None for s in sites} | {d.pool: True for d in demands}
    things: dict[EffectOn, list[_Thing]] = {
        "arc": [_Thing(a.arc, limited=a.capacity is not None, at=a.head) for a in arcs],
        "node": [
            _Thing(n.node, limited=n.capacity is not None, dead=n.node not in entered)
            for n in nodes
        ],
        "supply": [
            _Thing(u.node, u.commodity, u.capacity is not None) for u in draft.rows("supplies")
        ],
        "demand": [_Thing(d.node, d.commodity, pool=d.pool) for d in demands],
        "site": [_Thing(s.site, limited=s.capacity is not None, pool=s.pool) for s in sites],
        "pool": [_Thing(name, limited=limited) for name, limited in pools.items() if name],
    }
    return {on: found for on, found in things.items() if found}


_ONS: tuple[EffectOn, ...] = (
    "arc",
    "arc",
    "arc",
    "arc",
    "node",
    "node",
    "supply",
    "site",
    "pool",
    "demand",
)


def _effects(draft: _Draft, measure: str, reformed: float | None, count: int) -> None:
    """Draw the effects of a measure; a reform may come with a corruption that makes it matter."""
    things = _things(draft)
    ons = [on for on in _ONS if on in things]
    on: EffectOn = "arc"
    thing: _Thing | None = None
    for _ in range(count):
        again = thing is not None and draft.dice.chance(25)
        if again and on == "arc" and thing and draft.dice.chance(50):
            on, name = "node", thing.at  # the same arcs once more, through their head
            thing = next(node for node in things["node"] if node.name == name)
        elif not again or not thing:
            on = draft.dice.pick(ons)
            kin = things[on]
            live = [one for one in kin if not one.dead] or kin
            on_route = [one for one in live if one.name in draft.route]
            thing = draft.dice.pick(live + on_route * 3)
        draft.add(_effect(draft, measure, reformed, on, thing, things[on]))


def _effect(
    draft: _Draft,
    measure: str,
    reformed: float | None,
    on: EffectOn,
    thing: _Thing,
    kin: list[_Thing],
) -> Effect:
    dice = draft.dice
    target, commodity, hit = thing.name, "", [other for other in kin if other.name == thing.name]
    if dice.chance(20):
        globs = [g for g in _GLOBS[on] if fnmatch.fnmatchcase(thing.name, g)]
        if globs:
            target = dice.pick(globs)
            hit = [other for other in kin if fnmatch.fnmatchcase(other.name, target)]
    if thing.commodity and dice.chance(35):
        commodity = thing.commodity
        hit = [other for other in hit if other.commodity == commodity]
    cut, loss, cost = _strength(draft, on)
    uptime = dice.pick(UPTIMES)
    corruption = dice.pick(CORRUPTIONS if reformed is None else BOUGHT_OFF)
    if cut and any(other.pool for other in hit):
        # A row in a pool is cut through its pool.
        pool = next(other.pool for other in hit if other.pool)
        limited = _things(draft)["pool"]
        on, target, commodity = "pool", pool, ""
        hit = [other for other in limited if other.name == pool]
    if 0 < cut < 1 and on in ("arc", "node") and not all(other.limited for other in hit):
        cut, loss = 0.0, cut
    if cut and not all(other.limited for other in hit):
        # Whole or nothing, with and without the reform.
        cut, uptime = 1.0, 1.0
        corruption = 1.0 if corruption and not reformed and reformed is not None else 0.0
    return Effect(
        measure=measure,
        on=on,
        target=target,
        commodity=commodity,
        cut=cut,
        loss=loss,
        cost=cost,
        uptime=uptime,
        corruption=corruption,
    )


def _strength(draft: _Draft, on: str) -> tuple[float, float, float]:
    """Return cut, loss and cost of an effect, at least one of them positive."""
    dice = draft.dice
    both = on in ("arc", "node")
    kind = dice.pick(("cut", "cut", "mix", "loss" if both else "mix", "cut", "mix", "cost"))
    cut = loss = cost = 0.0
    if kind in ("cut", "mix"):
        cut = dice.pick(SHARES)
    if kind == "loss" or (kind == "mix" and both):
        loss = dice.pick(SHARES)
    if kind in ("cost", "mix"):
        cost = dice.pick((1.0, 2.0, 0.5, 5.0, 10.0, 0.05, 40.0))
    return cut, loss, cost


def _conditions(draft: _Draft, ids: list[str]) -> None:
    """Draw rules, resources and what the measures use of them."""
    dice = draft.dice
    if len(ids) > 1 and dice.chance(65):
        for _ in range(1 + dice.upto(2)):
            i = dice.upto(len(ids) - 1)
            j = (i + 1 + dice.upto(len(ids) - 2)) % len(ids)
            rule = Rule(measure=ids[i], relation=dice.pick(RELATIONS), other=ids[j])
            if rule not in draft.rows("rules"):
                draft.add(rule)
    for resource in ("hours", "teams")[: dice.pick((0, 1, 0, 2, 1)) if ids else 0]:
        limit = None if dice.chance(20) else dice.pick((2.0, 1.0, 3.0, 1.5, 0.5, 0.0))
        draft.add(Resource(resource=resource, name=resource.capitalize(), limit=limit))
        for measure in dice.subset(ids):
            amount = dice.pick((1.0, 2.0, 0.5, 3.0, 0.0))
            draft.add(Use(measure=measure, resource=resource, amount=amount))


def _count(dice: _Dice, least: int, most: int) -> int:
    """Return how many measures there are, seldom the least: few measures say little."""
    counts = list(range(least, most + 1))
    return dice.pick(counts + 3 * [n for n in counts if n > 1])


def _measures(draft: _Draft, count: int) -> None:
    dice = draft.dice
    ids, reformed = _reforms(draft, count)
    for name in ids:
        cost = dice.pick(REFORM_COSTS if name[0] == "q" else MEASURE_COSTS)
        draft.add(Measure(measure=name, name=f"Measure {name}", cost=cost))
        counts = (0, 0, 1, 2) if name[0] == "q" else (1, 2, 2, 3, 2)
        _effects(draft, name, reformed.get(name), dice.pick(counts))
    _conditions(draft, ids)


# --------------------------------------------------------------------------------------------
# Who earns
# --------------------------------------------------------------------------------------------


def _earnings(draft: _Draft) -> None:
    """Draw what some organisations earn; globs and rows of one organisation may overlap."""
    dice = draft.dice
    carried: dict[EffectOn, list[tuple[str, str]]] = {
        "arc": [(a.arc, c) for a in draft.rows("arcs") for c in a.commodities],
        "node": [(a.head, c) for a in draft.rows("arcs") for c in a.commodities],
    }
    things = _things(draft)
    taken = set()
    for _ in range(1 + dice.upto(4)):
        on = dice.pick([on for on in _ONS if on in things])
        thing = dice.pick(things[on])
        target, commodity = thing.name, ""
        if dice.chance(25):
            globs = [g for g in _GLOBS[on] if fnmatch.fnmatchcase(thing.name, g)]
            target = dice.pick([*globs, target])
        goods = [thing.commodity] if thing.commodity else []
        goods += [c for name, c in carried.get(on, []) if name == thing.name]
        if goods and dice.chance(40):
            commodity = dice.pick(goods)
        key = (dice.pick(("clan", "band", "ring")), on, target, commodity)
        if key not in taken:
            taken.add(key)
            rate = dice.pick((1.0, 5.0, 0.25, 300.0, 0.0, 40000.0))
            draft.add(
                Earning(organisation=key[0], on=on, target=target, commodity=commodity, rate=rate)
            )


# --------------------------------------------------------------------------------------------
# The strategies
# --------------------------------------------------------------------------------------------


@st.composite
def networks(
    draw: Callable[[Any], Any],
    *,
    min_measures: int = 0,
    max_measures: int = 7,
    recipes: bool | None = None,
    places: bool | None = None,
    earnings: bool | None = None,
) -> Network:
    """Draw a small valid network, of every feature of the format but sources.

    Parameters
    ----------
    min_measures, max_measures
        How many measures there are.
    recipes
        Whether sites run recipes; drawn when not given.
    places
        Whether nodes carry countries, continents and coordinates; drawn when not given.
    earnings
        Whether organisations earn; drawn when not given.
    """
    dice = _Dice(draw)
    count = _count(dice, min_measures, max_measures)
    stages = dice.pick((0, 1, 2, 1)) if recipes is None else dice.pick((1, 2)) if recipes else 0
    draft = _Draft(dice, free=dice.chance(20), lossless=dice.chance(35))
    priced = not dice.chance(10)
    chain = _recipes(draft, stages)
    _backbone(draft, chain, priced=priced)
    _extras(draft, priced=priced)
    if places or (places is None and dice.chance(40)):
        _places(draft)
    _measures(draft, count)
    if earnings or (earnings is None and dice.chance(40)):
        _earnings(draft)
    return Network(info=INFO, **{name: tuple(rows) for name, rows in draft.tables.items()})


@st.composite
def tied_networks(draw: Callable[[Any], Any]) -> Network:
    """Draw a network in which many flows are equally profitable.

    One price or two, no costs but those that measures add, and markets that count differently: what
    a tonne earns does not say what it counts.
    """
    network = draw(networks(min_measures=1, max_measures=5))
    dice = _Dice(draw)
    prices = (10.0, dice.pick((10.0, 20.0)))
    free = {
        name: tuple(replace(row, cost=0.0) for row in getattr(network, name))
        for name in ("arcs", "supplies", "sites")
    }
    markets = tuple(
        replace(row, price=dice.pick(prices), weight=dice.pick((1.0, 3.0, 2.0, 0.5)))
        for row in network.demands
    )
    return network.replace(**free, demands=markets)


@st.composite
def pure_networks(
    draw: Callable[[Any], Any], *, min_measures: int = 0, max_measures: int = 5
) -> Network:
    """Draw a network of plain maximum flow: one commodity, capacities, and cuts of arcs.

    No recipes, losses, costs or capacities of nodes, every weight 1, whole and partial cuts.
    """
    dice = _Dice(draw)
    draft = _Draft(dice, free=True, lossless=True, need={"hcl": 1.0})
    draft.add(Commodity(commodity="hcl", name="Hydrochloride"))
    areas = [f"A_{i + 1}" for i in range(1 + dice.upto(1))]
    transits = [f"T_{i + 1}" for i in range(dice.upto(4))]
    markets = [f"M_{i + 1}" for i in range(1 + dice.upto(1))]
    kinds: dict[str, NodeKind] = {"A": "area", "T": "transit", "M": "market"}
    nodes = [*areas, *transits, *markets]
    for name in nodes:
        draft.add(Node(node=name, name=name, kind=kinds[name[0]]))
    route = [areas[0], *dice.subset(transits), markets[0]]
    ends = list(pairwise(route))
    others = [node for node in nodes if node not in route]
    ends += [pair for node in others for pair in ((dice.pick(route), node), (node, route[-1]))]
    for _ in range(dice.upto(6)):
        tail, head = dice.pick(nodes), dice.pick(nodes)
        ends += [(tail, head)] if tail != head else []
    for i, (tail, head) in enumerate(ends):
        capacity = None if dice.chance(10) else dice.pick(MASSES)
        draft.add(
            Arc(arc=f"R_{i + 1}", tail=tail, head=head, commodities=("hcl",), capacity=capacity)
        )
    for area in areas:
        capacity = None if dice.chance(50) else dice.pick(MASSES)
        draft.add(Supply(node=area, commodity="hcl", capacity=capacity))
    for market in markets:
        draft.add(Demand(node=market, commodity="hcl", quantity=3 * dice.pick(MASSES)))
    for i in range(min_measures + dice.upto(max_measures - min_measures)):
        name = f"m{i + 1}"
        draft.add(Measure(measure=name, name=name, cost=dice.pick(MEASURE_COSTS)))
        for _ in range(dice.pick((1, 1, 2))):
            arc = dice.pick(draft.rows("arcs"))
            cut = 1.0 if arc.capacity is None else dice.pick(SHARES)
            draft.add(Effect(measure=name, on="arc", target=arc.arc, cut=cut))
    return Network(info=INFO, **{name: tuple(rows) for name, rows in draft.tables.items()})


@st.composite
def budgets(draw: Callable[[Any], Any], network: Network) -> float:
    """Draw a sensible budget: what some measures cost, all of them, more, half or nothing."""
    dice = _Dice(draw)
    costs = [row.cost for row in network.measures]
    how = dice.upto(29) if costs else 29
    if how == 29:
        return 0.0
    if how < 14:
        return sum(dice.subset(costs)) or sum(costs) / 2
    return (max(costs), sum(costs), sum(costs) + 1.0)[how % 3]


@st.composite
def limits(draw: Callable[[Any], Any], network: Network) -> dict[str, float]:
    """Draw limits of some resources that are given with the budget."""
    dice = _Dice(draw)
    names = dice.subset([row.resource for row in network.resources])
    return {name: dice.pick((1.0, 2.0, 0.5, 4.0, 0.0)) for name in names}


@st.composite
def plans(draw: Callable[[Any], Any], network: Network) -> tuple[str, ...]:
    """Draw any measures, in file order, whatever budget and rules say."""
    return tuple(_Dice(draw).subset([row.measure for row in network.measures]))
