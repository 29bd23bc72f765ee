"""Factors of all numbers that move, draw by draw: a Latin hypercube with a Gaussian copula.

    u_i = Phi(sqrt(c) z_group + sqrt(1 - c) z_i),    factor_i = low_i^(1 - u_i) high_i^u_i

Half of the variance, c = 0.5, is common to a group: independent errors would average out over
hundreds of assumptions, one common error would be one number. Each u_i is even in (0, 1) whatever
c is, so every number keeps exactly its range; one of shape ``peak`` is triangular in the logarithm,
with its peak at 1.

A Gaussian copula by the standard construction; see R. B. Nelsen, "An Introduction to Copulas",
2006. The hypercube stratifies each z, so that what is common is sampled evenly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from flowopt.model.activities import Floats
from flowopt.planning.stress.moving import MovingNumbers


@dataclass(frozen=True, slots=True)
class Sample:
    """Factors of all draws.

    Attributes
    ----------
    factors : array, draws x numbers
        The factor of each number.
    common : array, draws x groups
        The common part of each group: the geometric mean of the factors that its numbers would
        have without their own part.
    """

    factors: Floats
    common: Floats


def sample(moving: MovingNumbers, *, draws: int, seed: int, common: float) -> Sample:
    """Return the factors of a number of draws: the same for the same arguments.

    Parameters
    ----------
    moving
        The numbers that move.
    draws
        How many draws.
    seed
        Of the hypercube.
    common
        Share of the variance that the numbers of a group have in common, from 0 to 1.
    """
    from scipy.stats import qmc  # which takes a second to import

    groups, numbers = len(moving.groups), len(moving.numbers)
    if not numbers:
        return Sample(np.ones((draws, 0)), np.ones((draws, 0)))
    cube = qmc.LatinHypercube(d=groups + numbers, seed=np.random.default_rng(seed))
    even = cube.random(draws)
    normal = ndtri(even)
    of_group, own = normal[:, :groups], normal[:, groups:]
    mixed = np.sqrt(common) * of_group[:, moving.group_of] + np.sqrt(1.0 - common) * own
    factors = factors_at(moving, even[:, groups:] if common == 0.0 else ndtr(mixed))
    together = factors_at(moving, even[:, :groups][:, moving.group_of])
    return Sample(factors, group_means(moving, together))


def factors_at(moving: MovingNumbers, even: Floats) -> Floats:
    """Return the factors at places from 0 to 1 of their ranges, draws x numbers."""
    low, high = np.log(moving.low), np.log(moving.high)
    logs = low + even * (high - low)
    peaked = moving.peaked
    if len(peaked):
        logs[:, peaked] = _triangular(even[:, peaked], low[peaked], high[peaked])
    # The power of a logarithm is off by rounding; a range is kept to the last bit.
    factors: Floats = np.clip(np.exp(logs), moving.low, moving.high)
    return factors


def _triangular(even: Floats, low: Floats, high: Floats) -> Floats:
    """Return the quantiles of the triangular distribution from `low` to `high` with its peak at 0.

    Of the area, -low / (high - low) lies below the peak.
    """
    width = high - low
    below = np.divide(-low, width, out=np.zeros_like(width), where=width > 0.0)
    rising = low + np.sqrt(np.maximum(even * width * -low, 0.0))
    falling = high - np.sqrt(np.maximum((1.0 - even) * width * high, 0.0))
    return np.where(even < below, rising, falling)


def factors_of_ends(moving: MovingNumbers, group: int, place: float) -> Floats:
    """Return the factors with one group at a place of its ranges, all others as they stand.

    Parameters
    ----------
    group
        Index of the group.
    place
        From -1, the low ends, over 0, as it stands, to 1, the high ends.
    """
    factors = np.ones(len(moving.numbers))
    own = moving.group_of == group
    ends = moving.high if place > 0.0 else moving.low
    factors[own] = ends[own] ** abs(place)
    return factors


def group_means(moving: MovingNumbers, factors: Floats) -> Floats:
    """Return the geometric mean of the factors of each group, draws x groups."""
    sums = np.zeros((len(moving.groups), len(factors)))
    np.add.at(sums, moving.group_of, np.log(factors).T)
    counts = np.bincount(moving.group_of, minlength=len(moving.groups))
    means: Floats = np.exp(sums / counts[:, None]).T
    return means
