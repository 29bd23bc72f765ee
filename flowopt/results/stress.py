"""Result of a stress: a sample of values of plans when numbers move, and never a proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowopt.overview import Overview, amount, enumerated
from flowopt.result_names import EACH
from flowopt.results.column_units import Correlation, Factor, Objective, Share
from flowopt.results.document import head
from flowopt.results.folder_result import FolderResult
from flowopt.results.rows import Rows

if TYPE_CHECKING:
    import pandas

BASELINE, BEST = "baseline", "best_plans"
OWN = ("own_best", "own_bound")  # columns of draws that were solved


@dataclass(frozen=True, slots=True)
class StressedPlan:
    """A plan over all draws.

    Attributes
    ----------
    plan : str
        ``plan``, or the name of a rival.
    value : float
        Its value on the network as it stands.
    mean, sd, p05, p25, p50, p75, p95 : float
        Mean, standard deviation and quantiles of its value over the draws, in the objective's unit.
    cut_mean, cut_p05, cut_p50, cut_p95 : float
        Mean and quantiles of what it takes off the value of doing nothing in the same draw.
    cuts_nothing : float
        Share of draws in which it cuts nothing.
    best_share : float
        Share of draws in which no plan compared is better; ties count for all.
    behind_mean, behind_p95, behind_max : float
        How much better the best of the plans compared is in the same draw: its mean, its 95 %
        quantile and its most. It is no regret, which is against the best plan that there is.
    """

    plan: str
    value: Objective
    mean: Objective
    sd: Objective
    p05: Objective
    p25: Objective
    p50: Objective
    p75: Objective
    p95: Objective
    cut_mean: Objective
    cut_p05: Objective
    cut_p50: Objective
    cut_p95: Objective
    cuts_nothing: Share
    best_share: Share
    behind_mean: Objective
    behind_p95: Objective
    behind_max: Objective


@dataclass(frozen=True, slots=True)
class Driver:
    """A group of numbers that move together, and what hangs on it.

    Blank where no value hangs on the group: no number of it is counted by the objective, as costs
    with ``flow``, or they are effects of measures that no plan compared has.

    Attributes
    ----------
    group : str
        The group: what it is on, the column, and the mode, commodity or kind; or its own name.
    numbers : int
        How many numbers move.
    grades : str
        How many of them have each grade, as ``B 3; X 12``.
    correlation : float or None
        Rank correlation of the group's common factor with the cut of the plan, over the draws.
    cut_low, cut_high : float or None
        Cut of the plan with all numbers of the group at the low and at the high end of their
        ranges, all others as they stand.
    flip_low, flip_high : float or None
        The factors nearest to 1, below and above, at which another plan becomes better than the
        plan, or where that is not the best as it stands, at which it becomes the best; all others
        as they stand. The geometric mean over the group's numbers. Blank where there is none
        within the ranges.
    rival : str
        The other plan at the flips: one name, or that of the low and of the high one, with ``;``.
    """

    group: str
    numbers: int
    grades: str
    correlation: Correlation | None
    cut_low: Objective | None
    cut_high: Objective | None
    flip_low: Factor | None
    flip_high: Factor | None
    rival: str


@dataclass(frozen=True, slots=True)
class GroupFactor:
    """The common part of a group in a draw.

    Attributes
    ----------
    draw : int
        The draw, from 1.
    group : str
        The group.
    factor : float
        What the common part alone would multiply its numbers by: the geometric mean over them. Of
        shares it multiplies the odds.
    """

    draw: int
    group: str
    factor: Factor


@dataclass(frozen=True, slots=True)
class DrawTable:
    """Values of all plans, and of doing nothing, in each draw.

    Attributes
    ----------
    plans : tuple of str
        Names of the plans, the first the one that is stressed.
    values : tuple of tuples of float
        By draw: of doing nothing, then of each plan, in the objective's unit.
    best : tuple of str
        By draw: the plans that no other betters, joined by ``;``.
    own : tuple of (float, float or None)
        Of the first draws, those that were solved: value and bound of the best plan for the
        budget there.
    """

    plans: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    best: tuple[str, ...]
    own: tuple[tuple[float, float | None], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns: draw, baseline, a value per plan, the best plans, and what was solved."""
        values = (f"value{EACH}{name}" for name in self.plans)
        return ("draw", BASELINE, *values, BEST, *(OWN if self.own else ()))

    def records(self) -> Iterator[tuple[Any, ...]]:
        """Yield the values of each draw in the order of the columns."""
        for i, (values, best) in enumerate(zip(self.values, self.best, strict=True)):
            own = self.own[i] if i < len(self.own) else (None, None)
            yield (i + 1, *values, best, *(own if self.own else ()))

    def to_frame(self) -> pandas.DataFrame:
        """Return the table as a pandas frame."""
        import pandas

        return pandas.DataFrame(list(self.records()), columns=list(self.columns))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Stress(FolderResult):
    """A sample of how plans fare when all numbers move within their ranges; it proves nothing.

    Attributes
    ----------
    network, input_sha256 : str
        Id of the network and hash of its tables.
    objective, ties : str
        What is counted.
    measures : mapping
        Measures of each plan, by its name; the first is the plan that is stressed.
    baseline : float
        Value of doing nothing on the network as it stands.
    seed : int
        Of the draws.
    common : float
        Share of the variance that the numbers of a group have in common.
    ranges : mapping
        Largest factor by grade.
    numbers, groups : int
        How many numbers move, in how many groups.
    r2 : float or None
        Share of the variance of the ranks of the plan's cut that the ranks of the groups' common
        factors explain together; the rest is what each number has of its own, and interaction.
    nothing_cut : float
        Share of draws in which no plan compared cuts anything.
    tolerance : float
        Plans as near as that are tied, and as small a cut is none; in the objective's unit.
    plans : Rows of StressedPlan
        How each plan fares.
    draws : DrawTable
        Value of each plan in each draw.
    drivers : Rows of Driver
        What hangs on each group.
    factors : Rows of GroupFactor
        Common factor of each group in each draw.
    luck_draws : int or None
        Throws of coins of which the mean over what works of a plan is an estimate, in every draw;
        0 where all outcomes were counted, None where all measures work.
    budget : float or None
        Of the plans that draws were solved for, M USD a year.
    regret : mapping
        Of the draws that were solved: mean and most of how much better the best plan known is than
        the plan, and the most that it could be by the bounds.
    seconds : float
        That it took.
    """

    network: str
    input_sha256: str
    objective: str
    ties: str
    measures: Mapping[str, tuple[str, ...]]
    baseline: float
    seed: int
    common: float
    ranges: Mapping[str, float]
    numbers: int
    groups: int
    r2: float | None
    nothing_cut: float
    tolerance: float
    plans: Rows[StressedPlan]
    draws: DrawTable
    drivers: Rows[Driver]
    factors: Rows[GroupFactor]
    luck_draws: int | None = None
    budget: float | None = None
    regret: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    def _hashes(self) -> tuple[str, ...]:
        return (self.input_sha256,)

    def _overview(self) -> Overview:
        plan = self.plans[0]
        return Overview(
            f"Stress of {self.network}: a sample of {len(self.draws.values):,} draws, not a proof",
            (
                ("plan", enumerated(self.measures[plan.plan])),
                ("cut", f"{amount(plan.cut_p05)} to {amount(plan.cut_p95)} (5 to 95 of 100)"),
                ("best", f"in {plan.best_share:.0%} of the draws, of {len(self.plans)} plans"),
                ("tables", "plans, draws, drivers, factors"),
            ),
        )

    def summary(self) -> dict[str, Any]:
        """Return the content of `summary.json`."""
        return {
            **head(),
            "network": self.network,
            "input_sha256": self.input_sha256,
            "status": "sampled",
            "objective": self.objective,
            "ties": self.ties,
            "plans": {name: list(measures) for name, measures in self.measures.items()},
            "baseline": self.baseline,
            "draws": len(self.draws.values),
            "seed": self.seed,
            "common": self.common,
            "ranges": dict(self.ranges),
            "numbers": self.numbers,
            "groups": self.groups,
            "r2": self.r2,
            "nothing_cut": self.nothing_cut,
            "tolerance": self.tolerance,
            **({} if self.luck_draws is None else {"luck_draws": self.luck_draws}),
            "resolved": len(self.draws.own),
            "budget": self.budget,
            "regret": dict(self.regret),
            "seconds": {"total": self.seconds},
        }
