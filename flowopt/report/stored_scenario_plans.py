"""Reader of a folder with plans for several scenarios side by side, for pictures and pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.report.result_reader import (
    read_summary,
    typed_rows,
)
from flowopt.report.stored_parts import own_summary
from flowopt.report.stored_scenarios import StoredScenarios, read_scenarios
from flowopt.report.summary_schema import SCENARIO_PLANS
from flowopt.report.units import Units
from flowopt.results.scenario_plans import ScenarioPlan


@dataclass(frozen=True, slots=True)
class StoredPlans:
    """Stored plans for several scenarios side by side.

    Attributes
    ----------
    network : Network
        The network with the scenarios, by its hash.
    units : Units
        Labels.
    summary : dict
        `summary.json`.
    rows : tuple of ScenarioPlan
        The plans that there are, and the rows of those that there are not.
    results : dict
        The result of each plan, by its name, without its flow.
    """

    network: Network
    units: Units
    summary: dict[str, Any]
    rows: tuple[ScenarioPlan, ...]
    results: dict[str, StoredScenarios]

    @property
    def by_budget(self) -> bool:
        """True where each plan is for another budget."""
        return bool(self.summary["by"] == "budget")

    @property
    def first(self) -> StoredScenarios:
        """The first of the plans."""
        return next(iter(self.results.values()))

    @property
    def found(self) -> list[ScenarioPlan]:
        """The rows with a plan."""
        return [row for row in self.rows if row.plan in self.results]

    def distinct(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the measures of each plan once, with the names of all plans that have them."""
        names: dict[str, list[str]] = {}
        for row in self.found:
            names.setdefault(row.measures, []).append(row.plan)
        yield from names.items()


def is_of_scenario_plans(folder: Path) -> bool:
    """Return whether a folder holds plans for several scenarios side by side."""
    return {"by", "criteria", "plans"} <= set(read_summary(folder))


def read_scenario_plans(folder: Path, network: Network) -> StoredPlans:
    """Read plans for several scenarios from their folder.

    Raises
    ------
    RequestError
        When there is no plan, when a file can't be read, or when it is about other data than the
        network.
    """
    summary = own_summary(folder, network, SCENARIO_PLANS)
    rows = typed_rows(folder / "plans.csv", ScenarioPlan)
    results = {
        row.plan: read_scenarios(folder / row.plan, network, flows=False)
        for row in rows
        if row.value is not None
    }
    if not results:
        raise RequestError(f"{folder} holds no plan, so there is nothing to show")
    return StoredPlans(network, Units(network, summary["objective"]), summary, rows, results)
