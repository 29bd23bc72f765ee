"""Reader of a folder with plans whose measures may fail side by side, for pictures and pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.network.network import Network
from flowopt.report.result_reader import read_summary, typed_rows
from flowopt.report.stored_parts import own_summary
from flowopt.report.summary_schema import LUCK_PLANS
from flowopt.report.units import Units
from flowopt.results.luck_plans import LuckPlan, LuckPlanInScenario


@dataclass(frozen=True, slots=True)
class StoredLuckPlans:
    """Stored plans whose measures may fail.

    Attributes
    ----------
    network : Network
        The network, by its hash.
    units : Units
        Labels.
    summary : dict
        `summary.json`.
    rows : tuple of LuckPlan
        The plans.
    scenarios : tuple of LuckPlanInScenario
        The plans in each scenario.
    """

    network: Network
    units: Units
    summary: dict[str, Any]
    rows: tuple[LuckPlan, ...]
    scenarios: tuple[LuckPlanInScenario, ...]

    @property
    def by_budget(self) -> bool:
        """True where budgets differ from plan to plan, not criteria."""
        return bool(self.summary["by"] == "budget")


def is_of_luck_plans(folder: Path) -> bool:
    """Return whether a folder holds plans whose measures may fail side by side."""
    summary = read_summary(folder)
    return {"by", "criterion", "plans"} <= set(summary) and "criteria" not in summary


def read_luck_plans(folder: Path, network: Network) -> StoredLuckPlans:
    """Read plans whose measures may fail from their folder.

    Raises
    ------
    RequestError
        When a file can't be read, or when it is about other data than the network.
    """
    summary = own_summary(folder, network, LUCK_PLANS)
    return StoredLuckPlans(
        network=network,
        units=Units(network, summary["objective"], summary.get("of")),
        summary=summary,
        rows=typed_rows(folder / "plans.csv", LuckPlan),
        scenarios=typed_rows(folder / "scenarios.csv", LuckPlanInScenario),
    )
