"""Oddities that planners' tables hold and that no number shows: twins, strays, globs, deadlocks.

Each is one change of a wild network; a network of the shape `odd` takes a handful of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flowopt.network.schema import (
    Arc,
    Demand,
    Effect,
    Measure,
    Node,
    Reform,
    Resource,
    Rule,
    Site,
    Supply,
    Use,
)
from tests.drawn.wild_draft import WildDraft
from tests.drawn.wild_measures import RELATIONS

# Letters that no keyboard has: right to left, joined, wide, without width; and markup.
LETTERS = ("é", "Ω", "ж", "中", "ש", "🚚", "ß", "İ", "[b]", "&amp;", "<i>", "a\u200db", "ﬀ", "'")


def add_oddities(draft: WildDraft) -> None:
    """Change a network in a few ways; those that break the format are drawn again by the caller."""
    for _ in range(1 + draft.dice.upto(4)):
        draft.dice.pick(ODDITIES)(draft)


def _rows(draft: WildDraft, table: str, **columns: Any) -> None:
    draft.tables[table] = [replace(row, **columns) for row in draft.rows(table)]


def _one(draft: WildDraft, table: str, **columns: Any) -> None:
    rows = draft.rows(table)
    if rows:
        at = draft.dice.upto(len(rows) - 1)
        rows[at] = replace(rows[at], **columns)


def _twin_arc(draft: WildDraft) -> None:
    """Two arcs alike in all but their ids, and perhaps their capacity."""
    arc = draft.dice.pick(draft.rows("arcs"))
    capacity = draft.dice.pick((arc.capacity, None, 0.0))
    draft.add(replace(arc, arc=f"{arc.arc}x{len(draft.rows('arcs'))}", capacity=capacity))


def _self_loop(draft: WildDraft) -> None:
    node = draft.dice.pick(draft.rows("nodes")).node
    goods = tuple(row.commodity for row in draft.rows("commodities"))
    loss = draft.dice.pick((0.0, 0.1, 1.0))
    draft.add(Arc(arc=f"O{len(draft.rows('arcs'))}", tail=node, head=node, commodities=goods,
                  mode="road", capacity=draft.capacity(), loss=loss))  # fmt: skip


def _stray(draft: WildDraft) -> None:
    """A market, a supply and a site which nothing leads to or from."""
    name = f"Z{len(draft.rows('nodes'))}"
    draft.add(Node(node=name, name=name, kind="market"))
    good = draft.dice.pick(draft.rows("commodities")).commodity
    what = draft.dice.upto(2)
    if what != 1:
        price = draft.dice.pick(draft.shape.prices)
        draft.add(Demand(node=name, commodity=good, quantity=5.0 * draft.size, price=price))
    if what != 0:  # where both are, they are served on the spot
        draft.add(Supply(node=name, commodity=good, capacity=draft.capacity()))
    if draft.rows("recipes") and draft.dice.chance(30):
        recipe = draft.dice.pick(draft.rows("recipes")).recipe
        draft.add(Site(site=f"S{name}", node=name, recipe=recipe, capacity=draft.capacity()))


def _all_goods(draft: WildDraft) -> None:
    """A market that takes every good, perhaps all of them in one pool."""
    node = draft.dice.pick(draft.rows("nodes")).node
    taken = {(row.node, row.commodity) for row in draft.rows("demands")}
    pool = draft.dice.pick(("", "D9"))
    for row in draft.rows("commodities"):
        if (node, row.commodity) not in taken:
            weight = draft.dice.pick(draft.shape.weights)
            price = draft.dice.pick(draft.shape.prices)
            draft.add(Demand(node=node, commodity=row.commodity, quantity=9.0 * draft.size,
                             price=price, weight=weight, pool=pool))  # fmt: skip


def _by_product_upstream(draft: WildDraft) -> None:
    """A recipe whose by-product an earlier one needs, or which gives some of its input back."""
    rows = draft.rows("recipes")
    if not rows:
        return
    line = draft.dice.pick(rows)
    goods = [row.commodity for row in draft.rows("commodities")]
    has = {row.commodity for row in rows if row.recipe == line.recipe}
    free = [good for good in goods if good not in has]
    if free:
        good, share = draft.dice.pick(free), draft.dice.pick((0.1, 0.3, 0.001, 0.9))
        draft.add(replace(line, commodity=good, quantity=share))


def _nothing(draft: WildDraft) -> None:
    """A column that is 0 throughout: no costs, prices, weights, capacities or quantities."""
    table, column = draft.dice.pick(
        (("arcs", "cost"), ("measures", "cost"), ("demands", "price"), ("demands", "weight"),
         ("supplies", "capacity"), ("nodes", "capacity"), ("effects", "uptime"))
    )  # fmt: skip
    (_one if draft.dice.chance(50) else _rows)(draft, table, **{column: 0.0})


def _alike(draft: WildDraft) -> None:
    """Prices, weights or costs of measures that are all the same, and no other costs."""
    column = draft.dice.pick((("demands", "price"), ("demands", "weight"), ("measures", "cost")))
    _rows(draft, column[0], **{column[1]: draft.dice.pick((1.0, 3.0, 1 / 3))})
    for table in ("arcs", "supplies", "sites"):
        _rows(draft, table, cost=0.0)


def _bought_off(draft: WildDraft) -> None:
    """Effects that never hold, are wholly bought off, or hold to the last share."""
    _one(draft, "effects", **draft.dice.pick(({"uptime": 0.0}, {"corruption": 1.0}, {"loss": 1.0})))
    rows = draft.rows("effects")
    if rows and rows[-1].on not in ("arc", "node"):
        draft.tables["effects"] = [
            row if row.on in ("arc", "node") else replace(row, loss=0.0) for row in rows
        ]


def _twin_measure(draft: WildDraft) -> None:
    """A measure that does what another one does, for as much."""
    row = draft.dice.pick(draft.rows("measures"))
    name = f"{row.measure}t"
    if any(each.measure == name for each in draft.rows("measures")):
        return
    draft.add(replace(row, measure=name, name=name))
    for effect in [each for each in draft.rows("effects") if each.measure == row.measure]:
        draft.add(replace(effect, measure=name))


def _one_measure(draft: WildDraft) -> None:
    """A network of one measure, or of none that does anything."""
    name = draft.dice.pick(draft.rows("measures")).measure
    for table in ("measures", "effects", "uses"):
        draft.tables[table] = [row for row in draft.rows(table) if row.measure == name]
    draft.tables |= {"rules": [], "reforms": []}
    if draft.dice.chance(20):
        draft.tables["effects"] = []


def _glob(draft: WildDraft) -> None:
    """An effect on everything of a kind."""
    measure = draft.dice.pick(draft.rows("measures")).measure
    on, target = draft.dice.pick((("arc", "*"), ("arc", "A*"), ("node", "N*"), ("site", "*"),
                                  ("supply", "*"), ("demand", "*")))  # fmt: skip
    if (on == "site" and not draft.rows("sites")) or draft.dice.chance(50):
        on, target = "arc", "*[0-9]"
    loss = draft.dice.pick(draft.shape.hit_losses) if on in ("arc", "node") else 0.0
    cost = draft.dice.pick(draft.shape.rises)
    draft.add(Effect(measure=measure, on=on, target=target, loss=loss, cost=cost))  # type: ignore[arg-type]  # of the kinds above


def _closed_and_reformed(draft: WildDraft) -> None:
    """Two measures that close one arc outright, both helped by a reform that does more itself."""
    names = [row.measure for row in draft.rows("measures")]
    if draft.rows("reforms") or len(names) > 4:
        return
    _one(draft, "arcs", capacity=7.0 * draft.size)
    arc = next((row for row in draft.rows("arcs") if row.capacity), None)
    if arc is None:
        return
    for name in ("c1", "c2"):
        corruption = draft.dice.pick((0.0, 1.0, 0.5))
        draft.add(Measure(measure=name, name=name, cost=1.0))
        draft.add(Effect(measure=name, on="arc", target=arc.arc, cut=1.0, corruption=corruption))
    draft.add(Measure(measure="r", name="r", cost=draft.dice.pick((0.0, 1.0))))
    draft.add(Effect(measure="r", on="arc", target=arc.arc, cut=0.5, uptime=0.5))
    draft.add(Reform(measure="r", target="c*", corruption=draft.dice.pick((0.0, 0.25, 1.0))))


def _deadlock(draft: WildDraft) -> None:
    """Rules that no plan with these measures keeps, or that tie measures to one another."""
    names = [row.measure for row in draft.rows("measures")]
    if len(names) < 2:
        return
    i = draft.dice.upto(len(names) - 2)
    first, second = names[i], names[i + 1]
    rules = [Rule(measure=first, relation="requires", other=second)]
    relation = draft.dice.pick(RELATIONS)
    rules.append(Rule(measure=second, relation=relation, other=first))
    have = {(r.measure, r.relation, r.other) for r in draft.rows("rules")}
    for rule in rules:
        if (rule.measure, rule.relation, rule.other) not in have:
            draft.add(rule)


def _used_up(draft: WildDraft) -> None:
    """A resource of which there is nothing."""
    draft.add(Resource(resource="none", name="none", limit=draft.dice.pick((0.0, 1e-9, 1.0))))
    for row in draft.rows("measures"):
        if draft.dice.chance(50):
            amount = draft.dice.pick((1.0, 0.0, 1e-12))
            draft.add(Use(measure=row.measure, resource="none", amount=amount))


def _letters(draft: WildDraft) -> None:
    """Names of measures and places in letters that programs stumble over."""
    for table in ("measures", "nodes", "commodities"):
        draft.tables[table] = [
            replace(row, name=f"{draft.dice.pick(LETTERS)}{row.name} {draft.dice.pick(LETTERS)}")
            for row in draft.rows(table)
        ]


ODDITIES: tuple[Callable[[WildDraft], None], ...] = (
    _twin_arc, _self_loop, _stray, _all_goods, _by_product_upstream, _nothing, _alike,
    _bought_off, _twin_measure, _one_measure, _glob, _closed_and_reformed, _deadlock, _used_up,
    _letters,
)  # fmt: skip
