"""Tables of a stress: how the plans fared over the draws, and what drove it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from flowopt.model.activities import Floats
from flowopt.planning.stress.moving import MovingNumbers
from flowopt.results.stress import StressedPlan

TOLERANCE = 1e-6  # of the value of doing nothing as things stand: plans as near as that are tied
_DRAWS_PER_GROUP = 5


def plan_rows(
    names: Sequence[str], base: Sequence[float], values: Floats, tolerance: float
) -> Iterator[StressedPlan]:
    """Yield a row for each plan.

    Parameters
    ----------
    names
        Of the plans.
    base
        Their values as things stand.
    values : array, draws x (1 + plans)
        Values of doing nothing, and of the plans.
    tolerance
        In the unit of the values.
    """
    of_plans = values[:, 1:]
    least = of_plans.min(axis=1)
    for i, name in enumerate(names):
        value = of_plans[:, i]
        cut = cuts(values, i, tolerance)
        regret = np.where(value - least <= tolerance, 0.0, value - least)
        p05, p25, p50, p75, p95 = _quantiles(value, 5, 25, 50, 75, 95)
        cut_p05, cut_p50, cut_p95 = _quantiles(cut, 5, 50, 95)
        yield StressedPlan(
            plan=name,
            value=float(base[i]),
            mean=float(value.mean()),
            sd=float(value.std(ddof=1)),
            p05=p05,
            p25=p25,
            p50=p50,
            p75=p75,
            p95=p95,
            cut_mean=float(cut.mean()),
            cut_p05=cut_p05,
            cut_p50=cut_p50,
            cut_p95=cut_p95,
            cuts_nothing=float((cut <= 0.0).mean()),
            best_share=float((regret <= 0.0).mean()),
            behind_mean=float(regret.mean()),
            behind_p95=_quantiles(regret, 95)[0],
            behind_max=float(regret.max()),
        )


def cuts(values: Floats, plan: int, tolerance: float) -> Floats:
    """Return what a plan takes off the value of doing nothing, draw by draw; 0 for next to it."""
    found: Floats = values[:, 0] - values[:, 1 + plan]
    found[np.abs(found) <= tolerance] = 0.0
    return found


def _quantiles(values: Floats, *percents: float) -> list[float]:
    return [float(each) for each in np.percentile(values, percents)]


def best_plans(names: Sequence[str], values: Floats, tolerance: float) -> tuple[str, ...]:
    """Return by draw the plans that no other betters, joined by ``;``."""
    best = values[:, 1:] <= values[:, 1:].min(axis=1, keepdims=True) + tolerance
    return tuple(
        ";".join(name for name, one in zip(names, row, strict=True) if one) for row in best.tolist()
    )


def nothing_cut(values: Floats, tolerance: float) -> float:
    """Return the share of draws in which no plan cuts anything."""
    return float((values[:, 0] - values[:, 1:].min(axis=1) <= tolerance).mean())


def rank_correlations(cut: Floats, factors: Floats) -> tuple[list[float | None], float | None]:
    """Return the rank correlation of each group's factor with a cut, and the R2 of all together.

    The R2 is that of the regression of the ranks of the cut on the ranks of all factors; None
    where there are fewer than five draws a group, which fit too well, or nothing moves.

    Parameters
    ----------
    cut : array, draws
        Cuts.
    factors : array, draws x groups
        Of the groups that count.
    """
    from scipy.stats import rankdata

    draws, groups = factors.shape
    of_cut = rankdata(cut)
    if not groups or np.ptp(of_cut) == 0.0:
        return [None] * groups, None
    ranks = rankdata(factors, axis=0)
    of_cut -= of_cut.mean()
    ranks -= ranks.mean(axis=0)
    spread = np.sqrt((ranks**2).sum(axis=0) * (of_cut**2).sum())
    correlations = [
        float(both / each) if each > 0.0 else None
        for both, each in zip(ranks.T @ of_cut, spread, strict=True)
    ]
    if draws < _DRAWS_PER_GROUP * groups:
        return correlations, None
    fitted = ranks @ np.linalg.lstsq(ranks, of_cut, rcond=None)[0]
    return correlations, float((fitted**2).sum() / (of_cut**2).sum())


def grades_of(moving: MovingNumbers) -> list[str]:
    """Return by group how many of its numbers have each grade."""
    counts: list[Counter[str]] = [Counter() for _ in moving.groups]
    for number, group in zip(moving.numbers, moving.group_of.tolist(), strict=True):
        counts[group][number.grade or "none"] += 1
    return ["; ".join(f"{grade} {count}" for grade, count in sorted(c.items())) for c in counts]


def counted_groups(
    moving: MovingNumbers, uncounted: Sequence[str], measures: Collection[str]
) -> npt.NDArray[np.bool_]:
    """Return which groups have a number that a value can hang on.

    Parameters
    ----------
    uncounted
        Columns that the objective does not count.
    measures
        Those of the plans; what others do hangs on no plan.
    """
    counts = np.zeros(len(moving.groups), dtype=np.bool_)
    for number, group in zip(moving.numbers, moving.group_of.tolist(), strict=True):
        row = getattr(moving.network, number.table)[number.rows[0]]
        idle = number.table in ("measures", "effects", "reforms") and row.measure not in measures
        counts[group] |= number.column not in uncounted and not idle
    return counts
