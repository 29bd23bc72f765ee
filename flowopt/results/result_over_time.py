"""The shared head of results over time: which question they answer, and how they say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowopt.results.document import head
from flowopt.results.folder_result import FolderResult
from flowopt.results.rows import named


class ResultOverTime(FolderResult):
    """Result over all periods of a network; what it has is declared where it is made."""

    __slots__ = ()

    network: str
    input_sha256: str
    objective: str
    ties: str | None
    unit: str
    years: float
    discount: float

    def __post_init__(self) -> None:
        named(self, self._about)

    @property
    def _about(self) -> dict[str, str | float | None]:
        """The columns that name it in its tables."""
        return {"network": self.network, "objective": self.objective}

    def _hashes(self) -> tuple[str, ...]:
        return (self.input_sha256,)

    def _asked(self) -> dict[str, Any]:
        """Return how `summary.json` begins."""
        return {
            **head(),
            "network": self.network,
            "input_sha256": self.input_sha256,
            "objective": self.objective,
            **({} if self.ties is None else {"ties": self.ties}),
            "unit": self.unit,
            "years": self.years,
            "discount": self.discount,
        }


class PlannedOverTime(ResultOverTime):
    """Result over time about schedules, for which there is money in each period."""

    __slots__ = ()

    budget: float | Mapping[str, float] | None

    @property
    def _about(self) -> dict[str, str | float | None]:
        """The columns that name it in its tables."""
        budget = self.budget if isinstance(self.budget, float) else None
        return {**super()._about, "budget": budget}
