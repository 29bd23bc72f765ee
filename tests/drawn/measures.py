"""Drawn measures: effects, reforms, rules and resources."""

from __future__ import annotations

import fnmatch

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
from tests.drawn.dice import Dice
from tests.drawn.draft import Draft
from tests.drawn.things import GLOBS, ONS, Thing, acted_on

SHARES = (1.0, 0.5, 0.9, 0.75, 0.8, 0.6, 0.25, 0.95, 0.85, 0.4, 0.05)
UPTIMES = (1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.8, 0.95, 0.9, 0.25, 0.75, 0.0)
CORRUPTIONS = (0.0, 0.0, 0.0, 0.0, 0.5, 0.2, 0.25, 0.1, 0.9, 1.0)
BOUGHT_OFF = (0.5, 0.8, 1.0, 0.9, 1.0, 0.25, 0.05)  # corruption of measures that a reform helps
REFORMED = (0.0, 0.0, 0.1, 0.2, 0.5)
MEASURE_COSTS = (1.0, 2.0, 3.0, 1.5, 0.5, 5.0, 2.25, 4.0, 0.0)
RELATIONS: tuple[Relation, ...] = ("requires", "excludes")
REFORM_COSTS = (0.5, 1.0, 0.25, 2.0)


def _reforms(draft: Draft, count: int) -> tuple[list[str], dict[str, float]]:
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


def _effects(draft: Draft, measure: str, reformed: float | None, count: int) -> None:
    """Draw the effects of a measure; a reform may come with a corruption that makes it matter."""
    things = acted_on(draft)
    ons = [on for on in ONS if on in things]
    on: EffectOn = "arc"
    thing: Thing | None = None
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
    draft: Draft,
    measure: str,
    reformed: float | None,
    on: EffectOn,
    thing: Thing,
    kin: list[Thing],
) -> Effect:
    dice = draft.dice
    target, commodity, hit = thing.name, "", [other for other in kin if other.name == thing.name]
    if dice.chance(20):
        globs = [g for g in GLOBS[on] if fnmatch.fnmatchcase(thing.name, g)]
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
        limited = acted_on(draft)["pool"]
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


def _strength(draft: Draft, on: str) -> tuple[float, float, float]:
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


def _conditions(draft: Draft, ids: list[str]) -> None:
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


def measure_count(dice: Dice, least: int, most: int) -> int:
    """Return how many measures there are, seldom the least: few measures say little."""
    counts = list(range(least, most + 1))
    return dice.pick(counts + 3 * [n for n in counts if n > 1])


def add_measures(draft: Draft, count: int) -> None:
    dice = draft.dice
    ids, reformed = _reforms(draft, count)
    for name in ids:
        cost = dice.pick(REFORM_COSTS if name[0] == "q" else MEASURE_COSTS)
        draft.add(Measure(measure=name, name=f"Measure {name}", cost=cost))
        counts = (0, 0, 1, 2) if name[0] == "q" else (1, 2, 2, 3, 2)
        _effects(draft, name, reformed.get(name), dice.pick(counts))
    _conditions(draft, ids)
