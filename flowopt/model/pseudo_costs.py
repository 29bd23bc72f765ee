"""Pseudo-costs: by how much branching on each measure has lifted bounds so far, for both halves."""

from __future__ import annotations

import numpy as np

from flowopt.model.activities import Floats, Indices

_LEAST = 1e-7  # a half that nothing is known to lift still counts as much


class PseudoCosts:
    """Mean lifts of bounds by branching, for each unit that a measure was not whole.

    Parameters
    ----------
    measures
        How many there are.
    """

    def __init__(self, measures: int) -> None:
        self._lifted = np.zeros((2, measures))
        self._tried = np.zeros((2, measures), dtype=np.int64)

    def note(self, measure: int, *, chosen: bool, moved: float, lift: float) -> None:
        """Take a lift that came of moving a measure so far."""
        self._lifted[int(chosen), measure] += max(lift, 0.0) / moved
        self._tried[int(chosen), measure] += 1

    def tried(self, measure: int) -> int:
        """Return how often the half that was tried less has been tried."""
        return int(self._tried[:, measure].min())

    def scores(self, measures: Indices, point: Floats) -> Floats:
        """Return how much branching on each measure should lift both halves, as their product."""
        mean = np.full_like(self._lifted, _LEAST)
        for half in (0, 1):
            tried = self._tried[half] > 0
            if tried.any():
                mean[half] = self._lifted[half].sum() / self._tried[half].sum()
            mean[half, tried] = self._lifted[half, tried] / self._tried[half, tried]
        out = np.maximum(mean[0, measures] * point[measures], _LEAST)
        inside = np.maximum(mean[1, measures] * (1.0 - point[measures]), _LEAST)
        return np.asarray(out * inside)
