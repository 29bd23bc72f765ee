"""Wild networks: any arcs between a few places, of every feature of the format but earnings."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from flowopt.errors import InputError
from flowopt.network.checks.validation import checked
from flowopt.network.network import Network
from flowopt.network.schema import (
    Arc,
    Commodity,
    Demand,
    Info,
    Node,
    NodeKind,
    RecipeLine,
    Site,
    Supply,
)
from tests.drawn.dice import Dice
from tests.drawn.odd import add_oddities
from tests.drawn.shapes import Shape
from tests.drawn.wild_draft import WildDraft
from tests.drawn.wild_measures import add_measures
from tests.oracles.effects import effective
from tests.oracles.exact import Unbounded
from tests.oracles.programme import Programme
from tests.oracles.validity import broken_rules

INFO = Info(id="wild", title="A wild network")
KINDS: tuple[NodeKind, ...] = ("site", "market", "area", "transit")

Pair = tuple[str, str]


def valid_network(dice: Dice, shape: Shape, measures: int = 5) -> Network:
    """Return a wild network that keeps the format: the first one drawn, or one of the next."""
    while not _valid(network := wild_network(dice, shape, measures)):
        pass
    return network


def _valid(network: Network) -> bool:
    """Return whether rules are kept and `check` passes: of circles it is the stricter one."""
    if broken_rules(network):
        return False
    try:
        checked(network)
    except InputError:
        return False
    return True


def wild_network(dice: Dice, shape: Shape, measures: int = 5) -> Network:
    """Return a network of a shape, with up to so many measures.

    Nearly all keep the format; a recipe's way back may close a circle that gains by another recipe,
    or counts as one that does.
    """
    draft = WildDraft(dice, shape, size=dice.pick(shape.sizes))
    goods = [f"k{i}" for i in range(1 + dice.upto(2))]
    nodes = [f"N{i}" for i in range(2 + dice.upto(2))]
    for name in goods:
        draft.add(Commodity(commodity=name, name=name))
    for name in nodes:
        limit = draft.capacity() if dice.chance(25) else None
        draft.add(Node(node=name, name=name, kind=dice.pick(KINDS), capacity=limit))
    _recipes(draft, goods)
    _arcs(draft, nodes, goods)
    _sites(draft, nodes)
    _ends(draft, nodes, goods)
    if dice.chance(shape.level):
        _level(draft)
    add_measures(draft, dice.upto(measures - 1) + 1)
    if shape.odd:
        add_oddities(draft)
    return _network(draft)


def _network(draft: WildDraft) -> Network:
    return Network(info=INFO, **{name: tuple(rows) for name, rows in draft.tables.items()})


def _recipes(draft: WildDraft, goods: list[str]) -> None:
    """Recipes make later goods of earlier ones, so that nothing comes of nothing; but see loops."""
    dice, shape = draft.dice, draft.shape
    number = 0
    for i, j in combinations(range(len(goods)), 2):
        if not dice.chance(75):
            continue
        made = dice.pick(shape.yields)
        lines = {goods[i]: -1.0, goods[j]: made}
        if made < 1 and dice.chance(50):
            lines = {goods[i]: -round(1 / made, 6), goods[j]: 1.0}
        second = [g for k, g in enumerate(goods) if k < j and g not in lines]
        if second and dice.chance(shape.inputs):
            lines[second[0]] = -dice.pick((1.0, 0.5, 3.0))
        late = [g for k, g in enumerate(goods) if k > i and g not in lines]
        if late and dice.chance(shape.by_products):
            lines[late[0]] = dice.pick((0.001, 1.0, 0.5, *shape.yields))
        back = dice.chance(shape.loops)
        for good, quantity in lines.items():
            draft.add(RecipeLine(recipe=f"R{number}", commodity=good, quantity=quantity))
        number += 1
        if back:
            share = (1.0 - dice.pick(shape.leaks)) * -lines[goods[i]] / lines[goods[j]]
            draft.add(RecipeLine(recipe=f"R{number}", commodity=goods[j], quantity=-1.0))
            draft.add(RecipeLine(recipe=f"R{number}", commodity=goods[i], quantity=share))
            number += 1


def _arcs(draft: WildDraft, nodes: list[str], goods: list[str]) -> None:
    dice, shape = draft.dice, draft.shape
    for number in range(2 + dice.upto(5)):
        tail, head = dice.pick(nodes), dice.pick(nodes)
        if tail == head and not dice.chance(3):
            head = nodes[(nodes.index(tail) + 1) % len(nodes)]
        draft.add(
            Arc(
                arc=f"A{number}",
                tail=tail,
                head=head,
                commodities=tuple(dice.subset(goods)) or (goods[-1],),
                mode=dice.pick(("road", "river")),
                capacity=draft.capacity(),
                cost=dice.pick(shape.costs),
                loss=dice.pick(shape.losses),
            )
        )


def _sites(draft: WildDraft, nodes: list[str]) -> None:
    dice = draft.dice
    recipes = list(dict.fromkeys(row.recipe for row in draft.rows("recipes")))
    names = [recipe for recipe in recipes for _ in range(1 + dice.chance(25))]
    pool, shared = (dice.chance(20), draft.capacity()) if names else (False, None)
    for number, recipe in enumerate(names):
        pooled = pool and dice.chance(60)
        draft.add(
            Site(
                site=f"S{number}",
                node=dice.pick(nodes),
                recipe=recipe,
                capacity=shared if pooled else draft.capacity(),
                cost=dice.pick(draft.shape.costs),
                pool="P0" if pooled else "",
            )
        )


def _ends(draft: WildDraft, nodes: list[str], goods: list[str]) -> None:
    """Supplies, and demands that what is supplied mostly can reach."""
    dice, shape = draft.dice, draft.shape
    supplied: list[Pair] = []
    for _ in range(1 + dice.upto(2)):
        at = (dice.pick(nodes), goods[0] if dice.chance(60) else dice.pick(goods))
        if at not in supplied:
            supplied.append(at)
            cost = dice.pick(shape.costs)
            draft.add(Supply(node=at[0], commodity=at[1], capacity=draft.capacity(), cost=cost))
    reached = [at for at in _reached(draft, supplied) if at not in supplied]
    pool, shared = dice.chance(20), draft.amount(dice.pick(shape.quantities))
    wanted: list[Pair] = []
    for _ in range(1 + dice.upto(2)):
        at = (dice.pick(nodes), dice.pick(goods))
        if reached and dice.chance(90):
            at = dice.pick(reached)
        if at not in wanted:
            wanted.append(at)
            pooled = pool and dice.chance(70)
            quantity = shared if pooled else draft.amount(dice.pick(shape.quantities))
            draft.add(
                Demand(
                    node=at[0],
                    commodity=at[1],
                    quantity=quantity or 0.0,
                    price=dice.pick(shape.prices),
                    weight=dice.pick(shape.weights),
                    pool="D0" if pooled else "",
                )
            )


def _reached(draft: WildDraft, supplied: list[Pair]) -> list[Pair]:
    """Return where goods can get to, the furthest first."""
    reached = dict.fromkeys(supplied)
    recipes: dict[str, list[RecipeLine]] = {}
    for line in draft.rows("recipes"):
        recipes.setdefault(line.recipe, []).append(line)
    for _ in range(12):
        for arc in draft.rows("arcs"):
            reached |= {(arc.head, c): None for c in arc.commodities if (arc.tail, c) in reached}
        for site in draft.rows("sites"):
            lines = recipes[site.recipe]
            if all((site.node, r.commodity) in reached for r in lines if r.quantity < 0):
                reached |= {(site.node, r.commodity): None for r in lines if r.quantity > 0}
    return list(reversed(reached))


def _level(draft: WildDraft) -> None:
    """Let nothing limit but one supply, of exactly what the one demand takes."""
    for name in ("nodes", "arcs", "sites"):
        draft.tables[name] = [
            replace(row, capacity=None, **({"pool": ""} if name == "sites" else {}))
            for row in draft.rows(name)
        ]
    supplies = [replace(row, capacity=None) for row in draft.rows("supplies")]
    most = draft.amount(draft.dice.pick(draft.shape.quantities))
    draft.tables["supplies"] = [replace(supplies[0], capacity=most)]
    demand = replace(draft.rows("demands")[0], weight=1.0, pool="")
    draft.tables["demands"] = [replace(demand, quantity=1e12)]
    network = _network(draft)
    programme = Programme(network, effective(network, ()))
    try:
        most = float(programme.tableau().maximise(programme.weight))
    except Unbounded:
        most = 0.0
    draft.tables["demands"] = [replace(demand, quantity=min(most, 1e12) or demand.quantity)]
