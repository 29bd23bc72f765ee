"""Warnings of a result: those of its network in brief, and those of its request."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from flowopt.network.checks.warning_groups import grouped_warnings
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES
from flowopt.plain_text import plain_number

_ROUNDING = 1e-9  # of all that measures take of a resource
_MISTAKEN = 10.0  # times the sum of all costs: mistaken units are out by a thousand or a million


def network_warnings(network: Network, objective: str, profit: float) -> tuple[str, ...]:
    """Return the warnings of a network for a result.

    Parameters
    ----------
    network
        The network.
    objective
        One of `OBJECTIVES`.
    profit
        What the trafficker earns without measures, M USD a year.
    """
    lines = grouped_warnings(network.warnings)
    if not OBJECTIVES[objective].for_money or profit > 0.0:
        return lines
    return ("no market pays enough; fill in price in demands.csv", *lines)


def out_of_scale(
    network: Network, budget: float | None, resources: Mapping[str, float]
) -> Iterator[str]:
    """Yield a warning for each limit far above all that measures can take, or that limits nothing.

    Parameters
    ----------
    network
        The network.
    budget
        Most that the plan may cost, M USD a year; None for no budget.
    resources
        The limits that were given, by resource.
    """
    money = f"M {network.info.currency}"
    total = math.fsum(row.cost for row in network.measures)
    if budget is not None and 0.0 < total < budget / _MISTAKEN:
        yield (
            f"the budget of {plain_number(budget)} {money} a year is more than all measures cost "
            f"together, {plain_number(total)} {money}: amounts are in millions"
        )
    for name, limit in resources.items():
        taken = math.fsum(row.amount for row in network.uses if row.resource == name)
        if limit > taken * (1.0 + _ROUNDING):
            yield (
                f"the limit of {plain_number(limit)} of {name} is more than all measures take "
                f"together, {plain_number(taken)}: it limits nothing"
            )
