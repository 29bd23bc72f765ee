"""Regions in which measures act, by the nodes that their effects touch."""

from __future__ import annotations

from collections.abc import Iterable

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.report.quality import reformed_by, targets


def measure_regions(network: Network, measures: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the regions of each measure, in file order; none where the nodes bear none.

    An effect on legs counts where they have fewer regions: strips whose legs go to four places lie
    in one region, and so does a port that legs from four places lead to. A reform acts where the
    measures do that it makes better.
    """
    everything = {row.measure for row in network.measures}
    region = {row.node: row.region for row in network.nodes}
    found: dict[str, tuple[str, ...]] = {}
    for measure in measures:
        behind = {measure, *reformed_by(network, measure, everything)}
        places = dict.fromkeys(
            each
            for name in (row.measure for row in network.measures if row.measure in behind)
            for each in _regions(network, name, region)
        )
        found[measure] = tuple(places)
    return found


def _regions(network: Network, measure: str, region: dict[str, str]) -> list[str]:
    rows = [
        row
        for effect in network.effects
        if effect.measure == measure
        for row in targets(network, effect)
    ]
    legs = [row for row in rows if isinstance(row, schema.Arc)]
    ends = [[region[leg.tail] for leg in legs], [region[leg.head] for leg in legs]]
    fewer = min(filter(any, ends), key=lambda regions: len(set(regions)), default=[])
    nodes = [region[node] for row in rows if (node := str(getattr(row, "node", "")))]
    return list(dict.fromkeys(filter(None, (*nodes, *fewer))))
