"""Rows about single measures of a plan whose measures may fail, and values of what may work."""

from __future__ import annotations

from dataclasses import dataclass

from flowopt.results.column_units import Money, Objective, PerMillion, Share
from flowopt.results.proof import Proof


@dataclass(frozen=True, slots=True)
class LuckPlanRow:
    """One measure of a plan that may fail.

    Attributes
    ----------
    rank : int
        1 for the measure that would be missed most in the mean.
    measure, name, kind : str
        Its id, name, and kind, blank if it has none.
    cost : float
        M USD/yr, spent whether it works or not.
    lost_if_dropped : float or None
        How much the objective rises in the mean without it and those that require it, in its unit;
        None where there was no time to look.
    half_width : float or None
        Of the interval around that, where it was estimated: it holds the loss 95 times in 100; 0
        where all outcomes were counted.
    how : str or None
        ``counted`` over all outcomes, or ``sampled`` by draws that both plans have in common.
    """

    rank: int
    measure: str
    name: str
    kind: str
    cost: Money
    lost_if_dropped: Objective | None
    half_width: Objective | None
    how: str | None


@dataclass(frozen=True, slots=True)
class LuckNextMeasure:
    """One measure that the plan left out, and what it would add on top of it in the mean.

    Attributes
    ----------
    rank : int
        1 for the one that would add most.
    measure, name, kind : str
        Its id, name, and kind, blank if it has none.
    added_cost : float
        M USD/yr, together with the measures that it requires and the plan lacks.
    adds : float
        How much further the objective falls with it in the mean, in its unit.
    half_width : float
        Of the interval around that, where it was estimated; 0 where all outcomes were counted.
    how : str
        ``counted`` over all outcomes, or ``sampled`` by draws that both plans have in common.
    per_million : float or None
        The same per M USD; None where it costs nothing.
    """

    rank: int
    measure: str
    name: str
    kind: str
    added_cost: Money
    adds: Objective
    half_width: Objective
    how: str
    per_million: PerMillion | None


@dataclass(frozen=True, slots=True)
class LuckCompared:
    """One of the plans that stand beside each other, in the mean over what works.

    Attributes
    ----------
    plan : str
        ``yours``, or ``coverage``: the plan that covers most of today's flow when all works.
    spent : float
        M USD/yr.
    value : float
        The objective under it in the mean.
    half_width : float
        Of the interval around its difference from yours, where that was estimated; else 0.
    how : str
        ``counted`` over all outcomes, or ``sampled`` by draws that both plans have in common.
    cut : float
        How much it takes off the objective in the mean.
    all_works_value : float
        The objective when all of it works.
    promised : float
        How much it would take off then if nobody went another way.
    measures : str
        Ids in file order, joined by ``;``.
    """

    plan: str
    spent: Money
    value: Objective
    half_width: Objective
    how: str
    cut: Objective
    all_works_value: Objective
    promised: Objective
    measures: str


@dataclass(frozen=True, slots=True)
class LuckAlternative:
    """One of the best plans, from the best down; none holds all of an earlier one.

    Attributes
    ----------
    rank : int
        1 for the best one.
    value : float
        The objective under it in the mean over what works.
    rank_bound : float
        What no plan goes below in the mean of those that hold all of none of the plans before it.
    rank_gap : float
        What is left to prove of that, as a share of the value.
    status : str
        ``optimal`` (proved within the gap), ``limit``, or ``estimated`` where the value is a mean
        of draws.
    spent : float
        M USD/yr, whether it works or not.
    half_width : float
        Of the interval around a value that was estimated: it holds the mean 95 times in 100; else
        0.
    measures : str
        Ids in file order, joined by ``;``.
    """

    rank: int
    value: Objective
    rank_bound: Objective
    rank_gap: Share
    status: str
    spent: Money
    half_width: Objective
    measures: str


@dataclass(frozen=True, slots=True)
class ActingValue:
    """The objective when some measures act, of the plan or beside it.

    Attributes
    ----------
    works : tuple of str
        Ids of the measures that work, in file order.
    failed_effects : tuple of int
        Rows of `effects` that fail though their measure works, counted from 1.
    value : float
        The objective.
    proof : Proof or None
        Of the likeliest of them.
    """

    works: tuple[str, ...]
    failed_effects: tuple[int, ...]
    value: float
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class OwnMean:
    """The best plan known for one scenario alone, in the mean over what works.

    Attributes
    ----------
    measures : tuple of str
        Its measures, in file order.
    value, half_width : float
        Its mean, and half the width of the interval where that was estimated; else 0.
    draws : int or None
        Of an estimate; None where all outcomes were counted.
    bound : float
        What no plan's mean goes below in that scenario.
    """

    measures: tuple[str, ...]
    value: float
    half_width: float
    draws: int | None
    bound: float
