"""The effect of each measure on each thing: the rows of `effects` and `reforms`, combined.

Several rows of one measure on one thing combine as the format says: what survives multiplies,
costs add. A reform is a free *virtual* measure, chosen exactly when the reform and its target both
are; it does what the target would do with the reform's corruption, beyond what it does already:
a cut of 1 - (1 - d') / (1 - d), losses alike, and for cost increases the difference.

Which rows act where hangs on no number, so `EffectSlots` finds that once, and combines whatever
numbers the rows have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from flowopt.model.activities import Floats, Indices
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.tables import matches

Key = str | tuple[str, str]
Place = tuple[schema.EffectOn, Key]
EFFECT_NUMBERS = ("cut", "loss", "cost", "uptime", "corruption")


class CombinedEffect(NamedTuple):
    """Effect of one measure on one thing: survival of capacity and mass, and the cost increase.

    `slot` is the index of its numbers in `Combined`; virtual measures follow the real ones.
    """

    keeps: float
    passes: float
    cost_increase: float
    slot: int


EffectsByMeasure = dict[int, CombinedEffect]


@dataclass(frozen=True, slots=True)
class EffectNumbers:
    """The numbers of the rows of `effects`, one entry each, and of `reforms` in `reformed`."""

    cut: Floats
    loss: Floats
    cost: Floats
    uptime: Floats
    corruption: Floats
    reformed: Floats

    @staticmethod
    def of(network: Network) -> EffectNumbers:
        """Return the numbers that a network's rows have."""

        def column(name: str) -> Floats:
            return np.array([getattr(row, name) for row in network.effects], dtype=np.float64)

        reformed = np.array([row.corruption for row in network.reforms], dtype=np.float64)
        cut, loss, cost, uptime, corruption = map(column, EFFECT_NUMBERS)
        return EffectNumbers(cut, loss, cost, uptime, corruption, reformed)


@dataclass(frozen=True, slots=True)
class Combined:
    """Combined effects by slot: survival of capacity and of mass, and cost increases, USD/kg."""

    keeps: Floats
    passes: Floats
    cost_increase: Floats

    def beyond(self, base: Combined) -> Combined:
        """Return what has to act on top of `base` to give this."""
        return Combined(
            _share_of(self.keeps, base.keeps),
            _share_of(self.passes, base.passes),
            self.cost_increase - base.cost_increase,
        )

    @property
    def idle(self) -> list[bool]:
        """True where an effect does nothing."""
        idle = (self.keeps == 1.0) & (self.passes == 1.0) & (self.cost_increase == 0.0)
        return list(map(bool, idle))


def _share_of(survives: Floats, base: Floats) -> Floats:
    """Return what survives of what `base` leaves, all where that is nothing."""
    share = np.ones(len(survives))
    np.divide(survives, base, out=share, where=base > 0.0)
    return share


class EffectSlots:
    """The slots of a network's effects: a measure and a thing it acts on, by rows of `effects`.

    Parameters
    ----------
    network
        The network; of its numbers none is read.
    measure_index
        Index of each measure.

    Attributes
    ----------
    slots : tuple of (place, measure)
        The thing and the index of the measure, in the order of the rows that bring them.
    reform : tuple of (int, int)
        Of the slots whose measure a reform betters, in order: the index of the slot, and that of
        the measure that reforms.
    """

    def __init__(self, network: Network, measure_index: dict[str, int]) -> None:
        by_reform: dict[str, int] = {}
        for index, reform in enumerate(network.reforms):
            for target in matches(reform.target, measure_index):
                if target != reform.measure:
                    by_reform[target] = index
        slots: dict[tuple[Place, int], int] = {}
        entries: list[tuple[int, int]] = []
        reform_row: dict[int, int] = {}
        keys = _effect_keys(network)
        for row, effect in enumerate(network.effects):
            measure = measure_index[effect.measure]
            for key in keys(effect):
                slot = slots.setdefault(((effect.on, key), measure), len(slots))
                entries.append((slot, row))
                if effect.measure in by_reform:
                    reform_row[slot] = by_reform[effect.measure]
        self.slots = tuple(slots)
        self._slot, self._row = _columns(entries)
        self._reformed = np.array(sorted(reform_row), dtype=np.int64)
        self.reform = tuple(
            (int(slot), measure_index[network.reforms[reform_row[int(slot)]].measure])
            for slot in self._reformed
        )
        # Of each entry: the row of its reform, and the slot among those that have one.
        among = np.full(len(slots), -1, dtype=np.int64)
        among[self._reformed] = np.arange(len(self._reformed))
        row_of = np.full(len(slots), -1, dtype=np.int64)
        row_of[self._reformed] = [reform_row[int(slot)] for slot in self._reformed]
        self._bettered = np.flatnonzero(among[self._slot] >= 0)
        self._among = among[self._slot[self._bettered]]
        self._reform_row = row_of[self._slot[self._bettered]]

    def combine(self, numbers: EffectNumbers) -> tuple[Combined, Combined]:
        """Return the combined effects of all slots, and what reforms add to theirs.

        The second has one entry for each of `reform`.
        """
        own = _combine(len(self.slots), self._slot, self._row, numbers, numbers.corruption)
        rows = self._row[self._bettered]
        least = np.minimum(numbers.corruption[rows], numbers.reformed[self._reform_row])
        lowered = _combine(len(self._reformed), self._among, rows, numbers, least, aligned=True)
        at = self._reformed
        base = Combined(own.keeps[at], own.passes[at], own.cost_increase[at])
        return own, lowered.beyond(base)


def _combine(
    slots: int,
    slot: Indices,
    row: Indices,
    numbers: EffectNumbers,
    corruption: Floats,
    *,
    aligned: bool = False,
) -> Combined:
    """Combine the effects of rows in their slots: cuts and losses multiply, costs add.

    Parameters
    ----------
    slot, row
        Of each entry.
    corruption
        By row of `effects`, or `aligned` with the entries.
    """
    bought_off = corruption if aligned else corruption[row]
    working = numbers.uptime[row] * (1.0 - bought_off)
    keeps, passes, cost = np.ones(slots), np.ones(slots), np.zeros(slots)
    np.multiply.at(keeps, slot, 1.0 - numbers.cut[row] * working)
    np.multiply.at(passes, slot, 1.0 - numbers.loss[row] * working)
    np.add.at(cost, slot, numbers.cost[row] * working)
    return Combined(keeps, passes, cost)


def combined_effects(
    network: Network, measure_index: dict[str, int]
) -> tuple[tuple[tuple[int, int], ...], dict[Place, EffectsByMeasure]]:
    """Return the virtual measures, and the effects of measures on each thing, in measure order."""
    found = EffectSlots(network, measure_index)
    own, extra = found.combine(EffectNumbers.of(network))
    idle, reforms = extra.idle, dict(found.reform)
    at = {slot: i for i, slot in enumerate(reforms)}
    by_place: dict[Place, list[tuple[int, int]]] = defaultdict(list)
    for slot, (place, measure) in enumerate(found.slots):
        by_place[place].append((measure, slot))
    virtual: dict[tuple[int, int], int] = {}
    effects: dict[Place, EffectsByMeasure] = {}
    for place, slots in by_place.items():
        slots.sort()
        effects[place] = {measure: _entry(own, slot, slot) for measure, slot in slots}
        for measure, slot in slots:
            if slot in at and not idle[at[slot]]:
                index = virtual.setdefault((reforms[slot], measure), len(virtual))
                entry = _entry(extra, at[slot], len(found.slots) + at[slot])
                effects[place][len(measure_index) + index] = entry
    return tuple(virtual), effects


def _entry(combined: Combined, at: int, slot: int) -> CombinedEffect:
    return CombinedEffect(
        float(combined.keeps[at]),
        float(combined.passes[at]),
        float(combined.cost_increase[at]),
        slot,
    )


def _columns(entries: Sequence[tuple[int, int]]) -> tuple[Indices, Indices]:
    """Return pairs as two arrays."""
    pairs = np.array(entries, dtype=np.int64).reshape(len(entries), 2)
    return pairs[:, 0], pairs[:, 1]


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
