"""Plans side by side, each with its effect in each scenario: what such results have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from flowopt.overview import Overview, first_line, sizes
from flowopt.results.document import Option, head, listed
from flowopt.results.folder_result import PageResult
from flowopt.results.luck_solution import LuckRow
from flowopt.results.rows import Rows
from flowopt.results.scenario_solution import ScenarioRow

if TYPE_CHECKING:
    import pandas


class PlansSideBySide(PageResult):
    """Plans that answer one question; what it has is declared where it is made."""

    __slots__ = ()

    network: str
    input_sha256: str
    objective: str
    solutions: tuple[Any, ...]
    options: Mapping[str, Option]
    seconds: float
    interrupted: bool
    left_out: tuple[str, ...]

    def _hashes(self) -> tuple[str, ...]:
        return (self.input_sha256,)

    def named(self) -> Iterator[tuple[str, Any]]:
        """Yield the plans with their names."""
        raise NotImplementedError

    @property
    def plans(self) -> Rows[Any]:
        """A row for each plan."""
        raise NotImplementedError

    @property
    def scenarios(self) -> Rows[Any]:
        """A row for each plan in each scenario."""
        raise NotImplementedError

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings of the plans, each once."""
        texts = (text for each in self.solutions for text in each.warnings)
        return tuple(dict.fromkeys((*self.left_out, *texts)))

    def to_frame(self) -> pandas.DataFrame:
        """Return the plans as a frame, one row each."""
        return self.plans.to_frame()

    @property
    def _about(self) -> dict[str, str | float | None]:
        return {"network": self.network, "objective": self.objective}

    def _in_scenarios(self, kind: type[Any]) -> Rows[Any]:
        """Return the name of each plan before those columns of its scenarios that `kind` has."""
        names = [each.name for each in fields(kind)][1:]
        rows = (
            kind(name, *(getattr(row, column) for column in names))
            for name, each in self.named()
            for row in each.scenarios
        )
        return Rows(kind, rows, self._about)

    def _shown(self, by: str, asked: str) -> Overview:
        """Return an overview of what differs from plan to plan and what was asked of all."""
        tables = (("plans", self.plans), ("scenarios", self.scenarios))
        states = ", ".join(f"{name}: {each.status}" for name, each in self.named())
        return Overview(
            f"{type(self).__name__} on {self.network}, by {by}",
            (
                ("asked", f"{self.objective}{asked}"),
                ("plans", states),
                ("tables", sizes(tables)),
                ("warnings", first_line(self.warnings)),
            ),
        )

    def _summary(self, **asked: Any) -> dict[str, Any]:
        """Return `summary.json`, in its order; `asked` stands behind the objective."""
        return {
            **head(),
            "network": self.network,
            "input_sha256": self.input_sha256,
            "objective": self.objective,
            **asked,
            "plans": [name for name, _ in self.named()],
            "interrupted": self.interrupted,
            "options": listed(self.options),
            "seconds": {"total": self.seconds},
            "warnings": list(self.warnings),
        }


def mean_left(rows: Iterable[ScenarioRow | LuckRow]) -> float:
    """Return the weighted mean of what a plan leaves in each scenario."""
    return sum(row.weight * row.value for row in rows)
