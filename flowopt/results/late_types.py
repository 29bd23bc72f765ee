"""Types of results that load when a type hint asks for them: most commands need none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowopt.late_names import late_names

if TYPE_CHECKING:
    from flowopt.results.luck_solution import LuckSolution
    from flowopt.results.scenario_solution import ScenarioSolution

__all__ = ["LuckSolution", "ScenarioSolution"]

__getattr__ = late_names(
    __name__,
    {
        "LuckSolution": "flowopt.results.luck_solution",
        "ScenarioSolution": "flowopt.results.scenario_solution",
    },
)
