"""Measures of the programme over time: in force in a period, and purchases; what they need."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flowopt.model.activities import Floats
from flowopt.network.network import Network
from flowopt.network.timeline import Timeline


class MeasuresOverTime:
    """Measures in force and bought: their indices, what they cost, and what they need."""

    def __init__(self, network: Network, timeline: Timeline) -> None:
        self.network, self.timeline = network, timeline
        periods = range(len(timeline))
        self.in_force = {
            (row.measure, t): t * len(network.measures) + i
            for t in periods
            for i, row in enumerate(network.measures)
        }
        buying = [(row.measure, q) for row in network.measures if row.setup for q in periods]
        self.bought = {each: k for k, each in enumerate(buying, start=len(self.in_force))}
        self.count = len(self.in_force) + len(self.bought)

    def names(self) -> tuple[str, ...]:
        """Return the names of all of them, in their order."""
        ids = [each.period for each in self.timeline.periods]
        return (
            *(f"{measure}@{ids[t]}" for measure, t in self.in_force),
            *(f"{measure}!{ids[q]}" for measure, q in self.bought),
        )

    def needs(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield what needs at least one of others, the latest of them last."""
        for row in self.network.measures:
            for t in range(len(self.timeline)):
                if serving := self.timeline.purchases(row, t):
                    yield (
                        self.in_force[row.measure, t],
                        tuple(self.bought[row.measure, q] for q in serving),
                    )
        for rule in self.network.rules:
            if rule.relation == "after":
                for t in range(1, len(self.timeline)):
                    before = tuple(self.in_force[rule.other, s] for s in range(t))
                    yield self.in_force[rule.measure, t], before

    def impossible(self) -> frozenset[int]:
        """Return what can never be in force, and purchases that serve nothing."""
        possible: set[int] = set()
        for row in self.network.measures:
            for t in self.timeline.possible(row):
                possible.add(self.in_force[row.measure, t])
                possible |= {self.bought[row.measure, q] for q in self.timeline.purchases(row, t)}
        for rule in self.network.rules:
            if rule.relation == "after":
                possible.discard(self.in_force[rule.measure, 0])
        return frozenset(range(self.count)) - possible

    def spending(self) -> Floats:
        """Return the money that each takes in each period, M USD: (periods, measures)."""
        found = np.zeros((len(self.timeline), self.count))
        rows = {row.measure: row for row in self.network.measures}
        for (measure, t), index in self.in_force.items():
            found[t, index] = rows[measure].cost * self.timeline.periods[t].years
        for (measure, q), index in self.bought.items():
            found[q, index] = rows[measure].setup
        return found

    def resources(self, resources: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of money in each period, and of each resource in each."""
        ids = [each.period for each in self.timeline.periods]
        return (*(f"money@{t}" for t in ids), *(f"{r}@{t}" for r in resources for t in ids))

    def uses(self, uses: Floats) -> Floats:
        """Return what each takes of money, M USD a year, and of every resource, by period."""
        years = np.array([period.years for period in self.timeline.periods])
        measures = len(self.network.measures)
        found = [self.spending() / years[:, None]]
        for each in uses:
            of_resource = np.zeros((len(years), self.count))
            for t in range(len(years)):
                of_resource[t, t * measures : (t + 1) * measures] = each
            found.append(of_resource)
        return np.vstack(found)
