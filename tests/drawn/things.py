"""What effects and earnings may act on."""

from __future__ import annotations

from dataclasses import dataclass

from flowopt.network.schema import (
    EffectOn,
)
from tests.drawn.draft import Draft

GLOBS: dict[EffectOn, tuple[str, ...]] = {
    "arc": ("R_*", "?_1", "[RV]_*", "F_*", "*_[1-3]", "*", "[!F]_*"),
    "node": ("T_*", "M_*", "*_1", "[SA]_*", "*"),
    "site": ("L_*", "L_[12]", "*"),
    "pool": ("*P_1", "*"),
    "supply": ("A_*", "*", "[AP]_1"),
    "demand": ("M_*", "*", "?_1"),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something an effect may act on: the id it is named by, and what a cut of it may be."""

    name: str
    commodity: str = ""
    limited: bool = True
    pool: str = ""
    at: str = ""  # the head of an arc
    dead: bool = False  # a node that no arc enters: only globs hit it


def acted_on(draft: Draft) -> dict[EffectOn, list[Thing]]:
    """Return what there is to act on, by `on`."""
    nodes, arcs = draft.rows("nodes"), draft.rows("arcs")
    entered = {a.head for a in arcs}
    sites, demands = draft.rows("sites"), draft.rows("demands")
    pools = {s.pool: s.capacity is not None for s in sites} | {d.pool: True for d in demands}
    things: dict[EffectOn, list[Thing]] = {
        "arc": [Thing(a.arc, limited=a.capacity is not None, at=a.head) for a in arcs],
        "node": [
            Thing(n.node, limited=n.capacity is not None, dead=n.node not in entered) for n in nodes
        ],
        "supply": [
            Thing(u.node, u.commodity, u.capacity is not None) for u in draft.rows("supplies")
        ],
        "demand": [Thing(d.node, d.commodity, pool=d.pool) for d in demands],
        "site": [Thing(s.site, limited=s.capacity is not None, pool=s.pool) for s in sites],
        "pool": [Thing(name, limited=limited) for name, limited in pools.items() if name],
    }
    return {on: found for on, found in things.items() if found}


ONS: tuple[EffectOn, ...] = (
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
