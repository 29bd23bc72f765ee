"""Check that plans of rising budgets, and their bounds, are beaten by none of another budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flowopt.planning.recheck.verdict import Check, Comparison

_NOTHING = 2e-7  # of the most that is left: values closer than this are equal to a planner


@dataclass(frozen=True, slots=True)
class AtBudget:
    """Statement of a result on one budget.

    Attributes
    ----------
    name : str
        Its plan.
    budget : float
        M USD a year.
    value, bound : float or None
        Of its best plan; None without one.
    most : float
        The most that is left of what values are part of.
    half_width : float
        Of the interval of a value that was estimated.
    """

    name: str
    budget: float
    value: float | None
    bound: float | None
    most: float
    half_width: float = 0.0


def check_order(rows: Sequence[AtBudget], *, comparable: bool = True) -> Check:
    """Check that budgets rise, and that neither value nor bound does, but for intervals.

    Parameters
    ----------
    rows
        What is stated of each budget.
    comparable
        Whether values of several budgets are of one kind.
    """
    check = Comparison("budgets rise, and no plan or bound is beaten by that of another budget")
    budgets = [row.budget for row in rows]
    check.equal("the budgets", budgets, sorted(set(budgets)))
    feasible = [row for row in rows if row.value is not None]
    first = [row.name for row in rows[: len(rows) - len(feasible)]]
    check.equal("those without a plan", first, [row.name for row in rows if row.value is None])
    if not comparable:
        check.note("a regret is against the best plans for the same money, so it may rise")
        return check.check()
    for lower, upper in pairwise(feasible):
        check.about = f"{upper.name}: "
        floor = _NOTHING * upper.most
        room = floor + lower.half_width + upper.half_width
        for what, low, high, most in (
            ("the value", upper.value, lower.value, room),
            ("the bound", upper.bound, lower.bound, floor),
        ):
            if low is not None and high is not None:
                check.at_most(what, low, high, floor=most)
    return check.check()
