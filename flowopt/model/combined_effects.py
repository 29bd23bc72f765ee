"""The effect of each measure on each thing: the rows of `effects` and `reforms`, combined.

Several rows of one measure on one thing combine as the format says: what survives multiplies,
costs add. A reform is a free *virtual* measure, chosen exactly when the reform and its target both
are; it does what the target would do with the reform's corruption, beyond what it does already:
a cut of 1 - (1 - d') / (1 - d), losses alike, and for cost increases the difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.tables import matches


@dataclass(frozen=True, slots=True)
class CombinedEffect:
    """Effect of one measure on one thing: survival of capacity and mass, and the cost increase."""

    keeps: float = 1.0
    passes: float = 1.0
    cost_increase: float = 0.0

    def with_effect(self, effect: schema.Effect, corruption: float) -> CombinedEffect:
        """Combine with one more effect: cuts and losses multiply, costs add."""
        working = effect.uptime * (1.0 - corruption)
        return CombinedEffect(
            keeps=self.keeps * (1.0 - effect.cut * working),
            passes=self.passes * (1.0 - effect.loss * working),
            cost_increase=self.cost_increase + effect.cost * working,
        )

    def beyond(self, base: CombinedEffect) -> CombinedEffect:
        """Return what has to act on top of `base` to give this."""
        return CombinedEffect(
            keeps=self.keeps / base.keeps if base.keeps > 0.0 else 1.0,
            passes=self.passes / base.passes if base.passes > 0.0 else 1.0,
            cost_increase=self.cost_increase - base.cost_increase,
        )


_NONE = CombinedEffect()
Key = str | tuple[str, str]
EffectsByMeasure = dict[int, CombinedEffect]
Place = tuple[schema.EffectOn, Key]


def combined_effects(
    network: Network, measure_index: dict[str, int]
) -> tuple[tuple[tuple[int, int], ...], dict[Place, EffectsByMeasure]]:
    """Return the virtual measures, and the effects of measures on each thing, in measure order."""
    reforms: dict[str, tuple[int, float]] = {}
    for reform in network.reforms:
        for target in matches(reform.target, measure_index):
            if target != reform.measure:
                reforms[target] = (measure_index[reform.measure], reform.corruption)
    plain: dict[Place, EffectsByMeasure] = defaultdict(dict)
    reformed: dict[Place, EffectsByMeasure] = defaultdict(dict)
    keys = _effect_keys(network)
    for effect in network.effects:
        measure = measure_index[effect.measure]
        lower = reforms.get(effect.measure)
        for key in keys(effect):
            place = effect.on, key
            combined = plain[place]
            combined[measure] = combined.get(measure, _NONE).with_effect(effect, effect.corruption)
            if lower is not None:
                combined, least = reformed[place], min(effect.corruption, lower[1])
                combined[measure] = combined.get(measure, _NONE).with_effect(effect, least)
    virtual: dict[tuple[int, int], int] = {}
    found: dict[Place, EffectsByMeasure] = {}
    names = tuple(measure_index)
    for place, own in plain.items():
        found[place] = {m: own[m] for m in sorted(own)}
        for measure, lowered in sorted(reformed[place].items()) if place in reformed else ():
            extra = lowered.beyond(own[measure])
            if extra != _NONE:
                pair = (reforms[names[measure]][0], measure)
                index = len(names) + virtual.setdefault(pair, len(virtual))
                found[place][index] = extra
    return tuple(virtual), found


def _effect_keys(network: Network) -> Callable[[schema.Effect], list[Key]]:
    """Return the function that lists what an effect acts on."""
    ids: dict[str, dict[str, list[Key]]] = {
        "arc": {arc.arc: [arc.arc] for arc in network.arcs},
        "node": {node.node: [node.node] for node in network.nodes},
        "site": {site.site: [site.site] for site in network.sites},
        "pool": {pool: [pool] for pool in network.pools},
        "supply": defaultdict(list),
        "demand": defaultdict(list),
    }
    rows: tuple[tuple[str, tuple[schema.Supply, ...] | tuple[schema.Demand, ...]], ...] = (
        ("supply", network.supplies),
        ("demand", network.demands),
    )
    for on, table in rows:
        for row in table:
            ids[on].setdefault(row.node, []).append((row.node, row.commodity))

    def keys(effect: schema.Effect) -> list[Key]:
        known = ids[effect.on]
        found = [key for name in matches(effect.target, known) for key in known[name]]
        if effect.commodity:
            found = [key for key in found if key[1] == effect.commodity]
        return found

    return keys
