"""Means of draws, and intervals that hold the mean of all luck 95 times in 100.

The mean of N draws of values y lies within

    t(N - 1, 0.975) s / sqrt(N)

of that of all luck. But it is known how likely it is that each measure works, so that a draw in
which more of them work than do in the mean says just that. With a the flags of what works in each
draw, mu their chances, and b the slopes of the least squares of y over a,

    mean(y) - b'(mean(a) - mu)  =  sum_i w_i y_i,      sum_i w_i = 1,

is nearer, by as much as values are linear in what works (*control variates*). Its half width is
that of the residuals e, each taken for what it would be had its draw not been fitted:

    t(N - 1 - rank, 0.975) sqrt( sum_i (w_i e_i / (1 - h_i))^2 ),      h_i the leverage.

Few draws are no ground for an interval, nor are draws that are all equal, as what is rare may not
have come: see `mean_of_draws`. Where some measures fell one way in all draws, these are draws of
what is left when they do. With u the sum of the chances that one of them falls otherwise,

    | E y  -  E(y | all fall as they did) |  <=  u (high - low),

since both lie between the ends; that much is added on either side. It covers what is
so rare that it never came.

Sources: S. S. Lavenberg and P. D. Welch, "A perspective on the use of control variables to increase
the efficiency of Monte Carlo simulations", Management Science 27, 1981; J. G. MacKinnon and
H. White, "Some heteroskedasticity-consistent covariance matrix estimators with improved finite
sample properties", Journal of Econometrics 29, 1985 (HC3).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from flowopt.model.activities import Floats

CONFIDENCE = 0.975  # one-sided: 95 % lie between the two ends
LEAST = 20  # draws without which an interval is what is certain of the mean
_CONTROLLED, _FOR_EACH = 500, 8  # draws, and draws for each flag, from which the flags are used
_SMALL = 1e-9  # of the largest singular value: one that counts as 0
_EQUAL = 1e-6  # of the values: a spread of draws that are all equal


def mean_of_draws(
    values: Floats, flags: Floats, chances: Floats, certain: tuple[float, float]
) -> tuple[float, float]:
    """Return the mean of draws, and half the width of the interval around it.

    Parameters
    ----------
    values
        The objective in each draw.
    flags, chances
        What works in each draw, a row each, and how likely that is.
    certain
        Ends between which every value lies, infinite where nothing is known: they are the interval
        where there are few draws. Where all are equal, what came in none of N draws is no likelier
        than 1 - 0.025^(1/N), 97.5 times in 100, and lies at an end.
    """
    count, low, high = len(values), *certain
    mean = float(values.mean())
    widest = max(mean - low, high - mean, 0.0)
    if count < LEAST and math.isfinite(widest):
        return mean, widest
    if not math.isfinite(widest):
        low = high = mean
        widest = 0.0
    if float(np.ptp(values)) <= _EQUAL * max(abs(low), abs(high)):
        unseen = 1.0 - (1.0 - CONFIDENCE) ** (1.0 / count)
        return mean, unseen * widest
    if count < max(_CONTROLLED, _FOR_EACH * (flags.shape[1] + 1)):
        found, half_width = mean_and_half_width(values.tolist())
    else:
        found, half_width = _controlled(values, flags, chances)
    return found, half_width + unseen_share(flags, chances) * (high - low)


def unseen_share(flags: Floats, chances: Floats) -> float:
    """Return how likely it is, at most, that something falls otherwise than in all of the draws."""
    never = flags.min(axis=0) == flags.max(axis=0)
    return min(1.0, float(np.abs(flags[0] - chances)[never].sum()))


def _controlled(values: Floats, flags: Floats, chances: Floats) -> tuple[float, float]:
    """Return the mean corrected by the flags, and its half width."""
    from scipy.special import stdtrit  # takes a while to import

    count, centre = len(values), flags.mean(axis=0)
    left, sizes, right = np.linalg.svd(flags - centre, full_matrices=False)
    kept = sizes > _SMALL * max(float(sizes.max(initial=0.0)), 1.0)
    left, right = left[:, kept], right[kept]
    weights = 1.0 / count - left @ ((right @ (centre - chances)) / sizes[kept])
    around = values - values.mean()
    residuals = around - left @ (left.T @ around)
    leverage = 1.0 / count + (left * left).sum(axis=1)
    each = weights * residuals / np.maximum(1.0 - leverage, _SMALL)
    freedom = count - 1 - int(kept.sum())
    half_width = float(stdtrit(freedom, CONFIDENCE)) * float(np.sqrt((each * each).sum()))
    return float(weights @ values), half_width


def mean_and_half_width(values: Iterable[float]) -> tuple[float, float]:
    """Return the mean of draws alone, and half the width of the interval around it.

    >>> tuple(round(part, 6) for part in mean_and_half_width([1.0, 2.0, 3.0]))
    (2.0, 2.484138)
    """
    from scipy.special import stdtrit

    drawn = list(values)
    count = len(drawn)
    mean = math.fsum(drawn) / count
    spread = math.fsum((each - mean) ** 2 for each in drawn) / (count - 1)
    return mean, float(stdtrit(count - 1, CONFIDENCE)) * math.sqrt(spread / count)


def jointly(intervals: int, draws: int) -> float:
    """Return by what intervals have to grow to hold all at once, 95 times in 100.

    A largest value lies in the widest of the intervals of all values only where each holds its own.
    That any of n fails is no likelier than n times that one does (Bonferroni), so each has to hold
    with 1 - 0.05 / n, however they hang together.

    Parameters
    ----------
    intervals
        How many there are, those of no width left out.
    draws
        The fewest on which one of them rests.
    """
    from scipy.special import stdtrit

    if intervals < 2:
        return 1.0
    freedom = max(LEAST - 1, 4 * draws // 5)  # no more than any of them has
    wanted = 1.0 - (1.0 - CONFIDENCE) / intervals
    return float(stdtrit(freedom, wanted) / stdtrit(freedom, CONFIDENCE))
