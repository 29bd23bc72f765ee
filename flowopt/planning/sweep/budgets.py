"""Parser of budgets, and costs of plans, in exact decimals: 0.1 + 0.2 is 0.3 here."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm
from typing import Literal

from flowopt.amounts import amount_of
from flowopt.errors import RequestError
from flowopt.model.activities import ActivityModel
from flowopt.model.feasible_plans import slack

ALL: Literal["all"] = "all"
_MOST = 100_000
_FORMS = "give 0:100:5 (from, to, step), a list such as 0,5,12.5, or all"


def parse_budgets(
    raw: str | float | Iterable[float | str],
) -> tuple[float, ...] | Literal["all"]:
    """Return the budgets in rising order, each once.

    Parameters
    ----------
    raw
        ``0:100:5`` (both ends count if a step lands on them), ``0,5,12.5``, ``all``, a number, or
        several of these.

    Raises
    ------
    RequestError
        When it is none of these, or a budget is negative.

    Examples
    --------
    >>> parse_budgets("0:0.3:0.1")
    (0.0, 0.1, 0.2, 0.3)
    >>> parse_budgets([20, "5,7.5"])
    (5.0, 7.5, 20.0)
    """
    parts = [str(raw)] if isinstance(raw, str | float | int) else [str(each) for each in raw]
    words = [word.strip() for part in parts for word in part.split(",") if word.strip()]
    if words == [ALL]:
        return ALL
    if not words:
        raise RequestError(f"there is no budget to compare; {_FORMS}")
    budgets: set[Decimal] = set()
    for word in words:
        budgets.update(_range(word) if ":" in word else [_number(word, word)])
    return tuple(float(budget) for budget in sorted(budgets))


def _range(word: str) -> list[Decimal]:
    ends = [_number(end, word) for end in word.split(":")]
    if len(ends) != 3:
        raise RequestError(f"budgets '{word}' are no range; {_FORMS}")
    first, last, step = ends
    if step <= 0 or last < first:
        raise RequestError(f"budgets '{word}' do not rise: {_FORMS}")
    count = int((last - first) / step) + 1
    if count > _MOST:
        raise RequestError(
            f"budgets '{word}' are {count:,}, more than {_MOST:,}: take larger steps"
        )
    return [first + step * k for k in range(count)]


def _number(text: str, word: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise RequestError(f"budgets '{word}': {_advice(text)}; {_FORMS}") from None
    if not number.is_finite() or number < 0:
        raise RequestError(f"budgets '{word}': {text} is not a number of at least 0")
    return number


def _advice(text: str) -> str:
    """Return the message for a text that is no number, with what to write."""
    try:
        amount_of(text, unit="M USD a year")
    except ValueError as error:
        return str(error)
    return f"'{text}' is not a number"


class PlanCosts:
    """Costs of plans as exact decimals, and the next budget below a plan's cost."""

    def __init__(self, model: ActivityModel) -> None:
        self._costs: list[float] = model.measure_cost.tolist()

    def of(self, plan: Iterable[int]) -> float:
        """Return the cost of a plan, M USD a year."""
        return float(self._sum(plan))

    def below(self, plan: Iterable[int]) -> float:
        """Return a budget for every plan that costs less, but not for this one.

        Every cost is a multiple of the largest number that divides all of them. Where that is
        so small that the format's slack hides it, the slack counts.
        """
        cost = self._sum(plan)
        hidden = Fraction(repr(4.0 * slack(float(cost))))
        return max(0.0, float(cost - max(self._unit, hidden)))

    @cached_property
    def _unit(self) -> Fraction:
        """The largest number of which every cost is a multiple; 0 where all are free."""
        costs = [_exact(cost) for cost in set(self._costs)]
        common = lcm(*(cost.denominator for cost in costs))
        return Fraction(gcd(*(int(cost * common) for cost in costs)), common)

    def _sum(self, plan: Iterable[int]) -> Fraction:
        return sum((_exact(self._costs[i]) for i in plan), Fraction(0))


def _exact(cost: float) -> Fraction:
    """Return a cost as the decimal that was written."""
    return Fraction(repr(cost))
