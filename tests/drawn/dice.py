"""Where drawn networks take their choices from: Hypothesis, which shrinks them, or a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

_RANGES = [st.integers(0, n) for n in range(100)]


class Dice:
    """Few and cheap draws: every choice is one small integer, and 0 is the plainest."""

    def __init__(self, roll: Callable[[int], int]) -> None:
        self._roll = roll  # a number from 0 to its argument

    @classmethod
    def drawn(cls, draw: Callable[[Any], Any]) -> Dice:
        """Return dice whose choices Hypothesis makes and shrinks to 0."""
        return cls(lambda n: int(draw(_RANGES[n])))

    @classmethod
    def seeded(cls, seed: str) -> Dice:
        """Return dice that fall alike for a seed, on every Python."""
        source = random.Random(seed)
        return cls(lambda n: int(source.random() * (n + 1)))

    def upto(self, n: int) -> int:
        return self._roll(n) if n > 0 else 0

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.upto(len(choices) - 1)]

    def chance(self, percent: int) -> bool:
        """Return True that often; shrinks to False."""
        return self.upto(99) >= 100 - percent

    def subset(self, choices: Sequence[T]) -> list[T]:
        """Return some of the choices, possibly none, in order; one draw for up to 6 choices."""
        if len(choices) > 6:
            return self.subset(choices[:6]) + self.subset(choices[6:])
        mask = self.upto(2 ** len(choices) - 1)
        return [choice for i, choice in enumerate(choices) if mask >> i & 1]
