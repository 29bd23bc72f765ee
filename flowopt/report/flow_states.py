"""States of the flow: without measures, and under each plan that a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowopt.planning.recheck.certificate_reader import StatedProof
from flowopt.report.result_reader import StoredFlow, number


@dataclass(frozen=True, slots=True)
class FlowState:
    """State of the flow: a plan and what moves under it.

    Attributes
    ----------
    label : str
        The plan in a few words.
    plan : tuple of str
        Its measures, by rank.
    amounts : mapping
        t/yr that enter each arc of each commodity, by (arc, commodity).
    rows : tuple of str
        The measures by their number in the list that the page shows, where that is another one.
    """

    label: str
    plan: tuple[str, ...]
    amounts: Mapping[tuple[str, str], float]
    rows: tuple[str, ...] = ()

    @property
    def ranks(self) -> dict[str, int]:
        """The number of each measure of the plan in the list that the page shows."""
        order = self.rows or self.plan
        return {name: order.index(name) + 1 for name in self.plan}


def result_states(result: StoredFlow) -> list[FlowState]:
    """Return the flow without measures and under the plan of a result."""
    rows = [((row["arc"], row["commodity"]), row) for row in result.flows]
    ranked = tuple(row["measure"] for row in result.plan)
    return [
        FlowState("without measures", (), {key: number(row["before"]) for key, row in rows}),
        FlowState("under the plan", ranked, {key: number(row["after"]) for key, row in rows}),
    ]


def stated_state(label: str, plan: Iterable[str], proof: StatedProof) -> FlowState:
    """Return the flow that a proof states."""
    shipped = {
        (names[1], names[2]): amount
        for names, amount in proof.amounts.items()
        if names[0] == "ship"
    }
    return FlowState(label, tuple(plan), shipped)
