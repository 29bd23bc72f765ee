"""Means of draws and their intervals, worked out anew: see `model/luck_means` for the mathematics.

Draws that are alike are taken together, and the least squares are those of the normal equations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flowopt.network.network import Network
from flowopt.planning.recheck.luck_reader import AnyOutcome

Floats = npt.NDArray[np.float64]

_CONFIDENCE = 0.975  # one-sided
_FEW = 20  # draws up to which the interval is what is certain
_FLAGS, _FLAGS_EACH = 500, 8  # draws, and draws for each flag, from which flags are used
_SAME = 1e-6  # of the values: a spread of draws that are all equal
_NOTHING = 1e-10  # of the largest: an eigenvalue that counts as 0


@dataclass(frozen=True, slots=True)
class Draws:
    """Values of outcomes, in how many draws each came, what works in each, and how likely that is.

    Attributes
    ----------
    values, counts, flags, chances
        By outcome and, for flags, by what may work.
    ends : (float, float) or None
        The objective when all works and without measures, between which every value lies.
    """

    values: Sequence[float]
    counts: Sequence[int]
    flags: Floats
    chances: Floats
    ends: tuple[float, float] | None


def flags_of(
    network: Network, plan: Sequence[str], outcomes: Sequence[AnyOutcome]
) -> tuple[Floats, Floats]:
    """Return what works in each outcome of what may fail, and how likely that is."""
    chosen = {row.measure: row.success for row in network.measures if row.measure in set(plan)}
    rows = [
        (place, row)
        for place, row in enumerate(network.effects)
        if chosen.get(row.measure, 0.0) > 0.0 and 0.0 < row.success < 1.0
    ]
    uncertain = [name for name, chance in chosen.items() if 0.0 < chance < 1.0]
    flags = [
        [float(name in each.works) for name in uncertain]
        + [float(row.measure in each.works and place not in each.failed) for place, row in rows]
        for each in outcomes
    ]
    chances = [chosen[name] for name in uncertain]
    chances += [chosen[row.measure] * row.success for _, row in rows]
    return np.array(flags).reshape(len(outcomes), len(chances)), np.array(chances)


def mean_of_draws(draws: Draws) -> tuple[float, float]:
    """Return the mean, and half the width of its interval."""
    values, counts = np.array(draws.values), np.array(draws.counts, dtype=np.float64)
    count = int(counts.sum())
    if count == 0:
        return math.nan, math.nan
    mean = float(counts @ values) / count
    low, high = draws.ends or (mean, mean)
    widest = max(mean - low, high - mean, 0.0)
    if count < _FEW and draws.ends is not None:
        return mean, widest
    if float(np.ptp(values)) <= _SAME * max(abs(low), abs(high)):
        return mean, widest * (1.0 - (1.0 - _CONFIDENCE) ** (1.0 / count))
    if count < max(_FLAGS, _FLAGS_EACH * (len(draws.chances) + 1)):
        spread = float(counts @ (values - mean) ** 2) / (count - 1)
        found = mean, _quantile(count - 1) * math.sqrt(spread / count)
    else:
        found = _by_flags(draws, values, counts)
    always, never = draws.flags.all(axis=0), ~draws.flags.any(axis=0)
    unseen = (1.0 - draws.chances)[always].sum() + draws.chances[never].sum()
    return found[0], found[1] + min(1.0, float(unseen)) * (high - low)


def _by_flags(draws: Draws, values: Floats, counts: Floats) -> tuple[float, float]:
    count = counts.sum()
    centre, mean = counts @ draws.flags / count, float(counts @ values) / count
    around = draws.flags - centre
    sizes, vectors = np.linalg.eigh(around.T @ (counts[:, None] * around))
    kept = sizes > _NOTHING * max(float(sizes.max(initial=0.0)), 1.0)
    inverse = (vectors[:, kept] / sizes[kept]) @ vectors[:, kept].T
    slopes = inverse @ (around.T @ (counts * (values - mean)))
    off = centre - draws.chances
    residuals = values - mean - around @ slopes
    weights = 1.0 / count - around @ (inverse @ off)
    leverage = 1.0 / count + ((around @ inverse) * around).sum(axis=1)
    each = weights * residuals / np.maximum(1.0 - leverage, 1e-9)
    half = _quantile(int(count) - 1 - int(kept.sum())) * math.sqrt(float(counts @ (each * each)))
    return mean - float(slopes @ off), half


def widened(count: int, draws: int) -> float:
    """Return by what intervals grow that hold all at once, as many times as each did before."""
    if count <= 1:
        return 1.0
    freedom = max(_FEW - 1, 4 * draws // 5)
    return _quantile(freedom, 1.0 - (1.0 - _CONFIDENCE) / count) / _quantile(freedom)


def _quantile(freedom: int, confidence: float = _CONFIDENCE) -> float:
    from scipy.special import stdtrit  # takes a while to import

    return float(stdtrit(freedom, confidence))
