"""Drawn organisations and what they earn."""

from __future__ import annotations

import fnmatch

from flowopt.network.schema import (
    Earning,
    EffectOn,
)
from tests.drawn.draft import Draft
from tests.drawn.things import GLOBS, ONS, acted_on


def add_earnings(draft: Draft) -> None:
    """Draw what some organisations earn; globs and rows of one organisation may overlap."""
    dice = draft.dice
    carried: dict[EffectOn, list[tuple[str, str]]] = {
        "arc": [(a.arc, c) for a in draft.rows("arcs") for c in a.commodities],
        "node": [(a.head, c) for a in draft.rows("arcs") for c in a.commodities],
    }
    things = acted_on(draft)
    taken = set()
    for _ in range(1 + dice.upto(4)):
        on = dice.pick([on for on in ONS if on in things])
        thing = dice.pick(things[on])
        target, commodity = thing.name, ""
        if dice.chance(25):
            globs = [g for g in GLOBS[on] if fnmatch.fnmatchcase(thing.name, g)]
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
