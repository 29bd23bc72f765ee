"""Drawn supply chains: one route that surely carries something, and what hangs on it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from flowopt.network.schema import (
    Commodity,
    NodeKind,
    RecipeLine,
)
from tests.drawn.draft import Draft

# Consumed and produced per unit of activity; only the first recipe of a chain may be a big one.
YIELDS = ((1.0, 1.0), (2.0, 1.0), (1.0, 0.5), (1.0, 0.8), (325.0, 1.0), (1.0, 0.004))


def add_recipes(draft: Draft, stages: int) -> list[str]:
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


def add_backbone(draft: Draft, chain: list[str], *, priced: bool) -> None:
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


def _acid(draft: Draft, makers: list[tuple[str, str, str]]) -> None:
    """Bring the precursor to every site that the backbone passes."""
    origin = draft.node("precursor", "P") if draft.dice.chance(70) else makers[0][0]
    draft.supply(origin, "acid")
    for place in dict.fromkeys(node for node, _, _ in makers):
        if place != origin:
            draft.arc(origin, place, "acid", sure=True)


def add_extras(draft: Draft, *, priced: bool) -> None:
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


def _share(draft: Draft, table: str, column: str, pool: str) -> None:
    """Put some rows of a table into one pool, which may span nodes."""
    rows = draft.rows(table)
    if not rows or not draft.dice.chance(40 if len(rows) > 1 else 8):
        return
    inside = draft.dice.subset(range(len(rows))) if draft.dice.chance(50) else range(len(rows))
    for i in inside:
        shared = getattr(rows[inside[0]], column)
        rows[i] = replace(rows[i], pool=pool, **{column: shared})


def add_places(draft: Draft) -> None:
    """Say where the nodes are, which only reports look at."""
    lands = (("Peru", "South America"), ("Spain", "Europe"), ("", ""), ("Ghana", "Africa"))
    shift = draft.dice.upto(3)
    nodes = draft.rows("nodes")
    for i, node in enumerate(nodes):
        country, continent = lands[(i + shift) % len(lands)]
        lat, lon = (-10.0 + i, -75.0 + 2 * i) if i % 3 else (None, None)
        nodes[i] = replace(node, country=country, continent=continent, lat=lat, lon=lon)
