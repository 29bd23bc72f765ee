"""Measures of wild networks: effects, reforms, rules and resources."""

from __future__ import annotations

from flowopt.network.schema import (
    Effect,
    EffectOn,
    Measure,
    Reform,
    Relation,
    Resource,
    Rule,
    Use,
)
from tests.drawn.wild_draft import WildDraft

RELATIONS: tuple[Relation, ...] = ("requires", "excludes")
COSTS = (1.0, 2.0, 3.0, 1.0, 0.5, 4.0, 0.0)
ONS: tuple[EffectOn, ...] = ("arc", "arc", "arc", "node", "supply", "site", "pool", "demand")


def add_measures(draft: WildDraft, count: int) -> None:
    dice = draft.dice
    ids = [f"m{i}" for i in range(count)]
    reformer = ids[-1] if count > 1 and dice.chance(25) else ""
    helped = dice.pick(ids[:-1]) if reformer else ""
    for name in ids:
        draft.add(Measure(measure=name, name=name, cost=dice.pick(COSTS)))
        for _ in range(1 + dice.upto(2)):
            draft.add(_effect(draft, name, reformed=name == helped))
    if reformer:
        corruption = dice.pick((0.0, 0.0, 0.25, 0.5))
        draft.add(Reform(measure=reformer, target=helped, corruption=corruption))
    if count > 1 and dice.chance(25):
        i = dice.upto(count - 1)
        other = ids[(i + 1 + dice.upto(count - 2)) % count]
        draft.add(Rule(measure=ids[i], relation=dice.pick(RELATIONS), other=other))
    if dice.chance(25):
        draft.add(Resource(resource="h", name="h", limit=dice.pick((None, 3.0, 2.0, 5.0))))
        for name in dice.subset(ids):
            draft.add(Use(measure=name, resource="h", amount=dice.pick((2.0, 1.0, 3.0, 0.0))))


def _effect(draft: WildDraft, measure: str, *, reformed: bool) -> Effect:
    """Return an effect that the format allows: only what is limited is cut in part."""
    dice, shape = draft.dice, draft.shape
    there = _limits(draft)
    on = dice.pick([on for on in ONS if there.get(on)])
    target, commodity, limit, pool = dice.pick(there[on])
    both = on in ("arc", "node")
    kind = dice.pick(("cut", "loss", "cost", "all") if both else ("cut", "cut", "cost", "all"))
    cut = dice.pick(shape.cuts) if kind in ("cut", "all") else 0.0
    loss = dice.pick(shape.hit_losses) if kind in ("loss", "all") and both else 0.0
    cost = dice.pick(shape.rises) if kind in ("cost", "all") else 0.0
    uptime = dice.pick(shape.uptimes)
    corruption = dice.pick((0.5, 0.9, 1.0, 0.2)) if reformed else dice.pick((0.0, 0.0, 0.0, 0.1))
    if cut and pool:
        on, target, commodity, limit = "pool", pool, "", _pooled(draft)[pool]
    if cut and limit is None:
        cut, uptime, corruption = 1.0, 1.0, 0.0
    return Effect(
        measure=measure,
        on=on,
        target=target,
        commodity=commodity if dice.chance(50) else "",
        cut=cut,
        loss=loss,
        cost=cost,
        uptime=uptime,
        corruption=corruption,
    )


def _pooled(draft: WildDraft) -> dict[str, float | None]:
    pools = {s.pool: s.capacity for s in draft.rows("sites")}
    pools |= {d.pool: d.quantity for d in draft.rows("demands")}
    pools.pop("", None)
    return pools


def _limits(draft: WildDraft) -> dict[str, list[tuple[str, str, float | None, str]]]:
    """Return what effects may act on: target, commodity, limit and pool, by `on`."""
    supplies, demands = draft.rows("supplies"), draft.rows("demands")
    # A cut of a node's supplies or demands that names no commodity must be possible for all.
    free = {row.node for row in supplies if row.capacity is None}
    pools = {row.node: row.pool for row in demands if row.pool}
    return {
        "arc": [(a.arc, "", a.capacity, "") for a in draft.rows("arcs")],
        "node": [
            (n.node, "", n.capacity, "")
            for n in draft.rows("nodes")
            if any(a.head == n.node for a in draft.rows("arcs"))
        ],
        "supply": [
            (u.node, u.commodity, None if u.node in free else u.capacity, "") for u in supplies
        ],
        "site": [(s.site, "", s.capacity, s.pool) for s in draft.rows("sites")],
        "pool": [(pool, "", limit, "") for pool, limit in _pooled(draft).items()],
        "demand": [(d.node, d.commodity, d.quantity, pools.get(d.node, "")) for d in demands],
    }
