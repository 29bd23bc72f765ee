"""Plans in words: names of measures before their ids, and swaps of one plan for another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flowopt.network.network import Network
from flowopt.plain_text import name_and_id


class MeasureNames:
    """Names of the measures of a network, as sentences and tables give them."""

    def __init__(self, network: Network) -> None:
        self._names = {row.measure: row.name for row in network.measures}

    def of(self, measure: str) -> str:
        """Return the name of a measure with its id."""
        name = self._names.get(measure, measure)
        return name_and_id(name, measure)

    def listed(self, measures: Iterable[str]) -> str:
        """Return measures as an enumeration; names hold commas, so that other signs part them."""
        names = [self.of(measure) for measure in measures]
        return " and ".join(["; ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    def in_table(self, measures: str) -> str:
        """Return measures that a table joins by semicolons, by name; "nothing" for none."""
        return "; ".join(map(self.of, filter(None, measures.split(";")))) or "nothing"

    def swap(self, plan: Sequence[str], best: Sequence[str]) -> str:
        """Return what a plan holds instead of measures of the best one."""
        gone = [measure for measure in best if measure not in plan]
        new = [measure for measure in plan if measure not in best]
        if not gone and not new:
            return "the same plan"
        if not new:
            return f"without {self.listed(gone)}"
        return (
            f"instead of {self.listed(gone)}: {self.listed(new)}"
            if gone
            else (f"besides: {self.listed(new)}")
        )


def resource_names(network: Network) -> dict[str, str]:
    """Return the name of each resource with its id, by id."""
    return {row.resource: name_and_id(row.name, row.resource) for row in network.resources}
