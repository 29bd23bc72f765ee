"""The rule by which rounding is judged, one for every comparison of the program with an oracle.

Oracles are exact (`exact.py`), so a difference is the program's. What it may be:

- **A plan's value** is off by 1e-6 of itself at most: a plan is valued by the trafficker's own
  programme, whose primal and dual values agree to that, or it is an error (CONTRIBUTING.md).
- **Tonnes of `bilevel`** are comparable to 1e-4 (the network format). They hang on which flows
  count as equally profitable: those within 1e-9 of the best profit, which a solver holds to 1e-7
  where it can't do better. So the truth is a range, from flows of exactly the best profit to those
  within 1e-7 of it, and a value is right if it is in there. Where hardly any profit is left of what
  is earned, that is 1e-12 of the earnings: prices and costs have 16 digits.
- **Nothing** is 1e-9 of what there is without measures (of the money where money is counted), and
  1e-7 of it for tonnes of `bilevel`, which a trafficker ships who gains as little by it: a
  programme in floating point can't tell less from nothing. No amount counts as nothing by its own
  size, since a network may be all in grams.
- **Plans as good as each other** are those within 1e-7 of what there is without measures
  (`search.EQUAL`): the cheapest of them is the answer, so that the best value may be missed by it.
- **Gaps** are shares of 1e-9 (t, M USD) at least, which is how results state them. So where less is
  left, a bound may be further off than the gap makes one think.
- **Sums** of costs and of resources may exceed a limit by 1e-9 of it, at least 1e-9.

A fault of the program is most often far above all of these; each is as small as the shipped solver
holds on the networks of `python -m tests.hunt`.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from flowopt.network.network import Network
from tests.oracles.response import Aim, Ties, bilevel_value, plan_value

VALUE = 1e-6  # of a value
TONNES = 1e-4  # of a value of `bilevel`
NOTHING = 1e-9  # of what there is without measures
NO_TONNES = 1e-7  # likewise, of `bilevel`
EQUAL = 1e-7  # of what there is without measures: plans as close are as good as each other
SUM = 1e-9  # of a limit
LEAST = 1e-9  # what a gap is at least a share of
TIED = Fraction(1, 10**7)  # of the best profit
SPARE = Fraction(1, 10**12)  # of what may be earned


class Range(NamedTuple):
    """Where a value lies: at one point, but for tonnes that hang on ties."""

    low: float
    high: float


def size(network: Network, objective: Aim) -> float:
    """Return what there is without measures: the most tonnes, or the best profit, M USD."""
    return plan_value(network, (), "profit" if objective == "profit" else "flow")


def allowed(objective: Aim, value: float, size: float) -> float:
    """Return how far a plan's value may be off."""
    if objective == "bilevel":
        return TONNES * abs(value) + NO_TONNES * size
    return VALUE * abs(value) + NOTHING * size


def missing(gap: float, value: float) -> float:
    """Return how far a gap lets a bound be from a value."""
    return gap * max(LEAST, abs(value))


def within(found: float | None, truth: Range, objective: Aim, size: float) -> bool:
    """Return whether a value may stand for the truth."""
    return found is not None and (
        truth.low - allowed(objective, truth.low, size)
        <= found
        <= truth.high + allowed(objective, truth.high, size)
    )


def same(found: float | None, truth: float, objective: Aim, size: float) -> bool:
    """Return whether a value is the true one."""
    return within(found, Range(truth, truth), objective, size)


def optimal(found: float | None, truth: float, objective: Aim, size: float) -> bool:
    """Return whether a value may stand for the best one, within what makes plans equal."""
    return found is not None and (
        abs(found - truth) <= allowed(objective, truth, size) + EQUAL * size
    )


def value_range(
    network: Network, plan: Iterable[str], objective: Aim, ties: Ties = "pessimistic"
) -> Range:
    """Return where the value of a plan lies."""
    plan = tuple(plan)
    if objective != "bilevel":
        value = plan_value(network, plan, objective)
        return Range(value, value)
    exact = bilevel_value(network, plan, ties, Fraction(0))
    ends = (exact, bilevel_value(network, plan, ties, TIED, SPARE))
    return Range(min(ends), max(ends))
