"""The tables of a wild network while they grow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.drawn.dice import Dice
from tests.drawn.shapes import Shape


@dataclass
class WildDraft:
    """The tables of one network while they grow."""

    dice: Dice
    shape: Shape
    size: float = 1.0
    tables: dict[str, list[Any]] = field(default_factory=dict)

    def rows(self, table: str) -> list[Any]:
        return self.tables.setdefault(table, [])

    def add(self, row: Any) -> None:
        self.rows(row.table).append(row)

    def amount(self, base: float | None) -> float | None:
        """Return a capacity or quantity of this network's size, or of one of its own."""
        if base is None:
            return None
        apart = self.dice.chance(self.shape.apart)
        return base * (self.dice.pick(self.shape.sizes) if apart else self.size)

    def capacity(self) -> float | None:
        return self.amount(self.dice.pick(self.shape.amounts))
