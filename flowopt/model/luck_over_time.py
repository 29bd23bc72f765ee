"""Luck over the periods: a measure has its coins once, for all the time in which it is in force.

A measure works in all periods in which it is in force, or in none, whether it is bought once or
again; so does a row of `effects` with a chance of its own. What is drawn is whether the measure is
any good, not whether a year is: independent years would let a mean hide behind their number. Then
a plan of the programme over time (`build_over_time`) has the coins of the measures that are in
force in some period, and the programme is that of one year in all that luck needs: columns that act
where measures are chosen and coins fall well. Purchases have no coins, and are paid in any case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace

import numpy as np

from flowopt.model.activities import ActivityModel, Terms
from flowopt.model.build_over_time import OverTime
from flowopt.model.luck import Luck

InForce = tuple[str, int]  # a measure or a part, and the place of the period


class LuckOverTime(Luck):
    """The coins of a network over its periods.

    Its measures are those of the programme in which all works, and the parts in force behind them.

    Parameters
    ----------
    luck
        The coins in one year.
    sure
        The programme over time of the network in which all works that can.
    parted
        That of the network with parts.

    Attributes
    ----------
    model : ActivityModel
        The programme with parts, whose measures are in the order of this luck. It has no rules and
        costs: those of plans are those of `sure`.
    places : tuple of (str, int)
        For each measure in force or part of it: its id, and the place of its period. Purchases have
        blank ids.
    """

    def __init__(self, luck: Luck, sure: OverTime, parted: OverTime) -> None:
        vars(self).update(vars(copy(luck)))
        names = [row.measure for row in luck.network.measures]
        real = len(names) - len(self._rows)
        count = len(sure.model.measures)
        behind = [
            (name, t) for t in range(len(sure.timeline)) for name in names[real:]
        ]  # parts, which are no measures of a plan
        order = [
            *(parted.in_force[each] for each in sure.in_force),
            *(parted.bought[each] for each in sure.bought),
            *(parted.in_force[each] for each in behind),
        ]
        self.model = _reordered(parted.model, order)
        self.places = (*sure.in_force, *((("", 0),) * len(sure.bought)), *behind)
        place = {each: index for index, each in enumerate(self.places) if each[0]}
        year = {name: index for index, name in enumerate(names)}
        coins, owners, rows = self._coins, self.owners, self._rows
        self._coins = [coins[year[name]] if name else () for name, _ in self.places]
        self.owners = tuple(
            index if index < count else place[names[owners[year[name]]], t]
            for index, (name, t) in enumerate(self.places)
        )
        self._rows = {place[each]: rows[year[each[0]]] for each in behind}
        self._parts = {}
        for each in behind:
            self._parts.setdefault(self.owners[place[each]], []).append(place[each])

    def once(self, plan: Iterable[int]) -> list[int]:
        """Return the measures of a plan in order, each in the first period of the plan."""
        first: dict[str, int] = {}
        for index in sorted(frozenset(plan)):
            name = self.places[index][0]
            if name:
                first.setdefault(name, index)
        return sorted(first.values())

    def working(self, plan: Iterable[int], fallen: Mapping[int, bool]) -> frozenset[int]:
        """Return what is in force and works, its parts among it, when the coins fall so."""
        return super().working((each for each in plan if self.places[each][0]), fallen)

    def in_force(self, acts: Iterable[int]) -> tuple[InForce, ...]:
        """Return what is in force and works, parts among it, as (id, place of the period)."""
        return tuple(self.places[index] for index in sorted(acts) if self.places[index][0])


def _reordered(model: ActivityModel, order: list[int]) -> ActivityModel:
    """Return the model with its measures in another order, without costs and rules.

    Those that are left out, purchases of parts, do nothing.
    """
    count = len(order)
    place = np.full(len(model.measures) + len(model.virtual), -1)
    place[order] = np.arange(count)
    place[len(model.measures) :] = np.arange(count, count + len(model.virtual))

    def moved(terms: Terms) -> Terms:
        return Terms.of((at, int(place[measure]), amount) for at, measure, amount in terms)

    return replace(
        model,
        measures=tuple(model.measures[index] for index in order),
        virtual=tuple((int(place[a]), int(place[b])) for a, b in model.virtual),
        cuts=moved(model.cuts),
        closures=moved(model.closures),
        cost_increases=moved(model.cost_increases),
        measure_cost=np.zeros(count),
        resources=(),
        uses=np.zeros((0, count)),
        requires=(),
        excludes=(),
        needs=(),
    )
