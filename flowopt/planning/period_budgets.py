"""Money of each period: what a request gives, else what the table says."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from flowopt.errors import RequestError
from flowopt.network.checks.time_warnings import unpayable
from flowopt.network.network import Network
from flowopt.network.timeline import Timeline
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.plain_text import name_and_id
from flowopt.similar_names import closest

Budget = float | Mapping[str, float] | None  # M USD a year of every period, or of some by id
Money = tuple[float | None, ...]  # of each period, M USD a year; None where nothing says


def budgets_of(network: Network, budget: Budget) -> Money:
    """Return the money of each period; a period that the request leaves out has its own.

    Raises
    ------
    RequestError
        Naming every period that is not there, and every amount that is none.
    """
    known = [row.period for row in network.periods]
    given = budget if isinstance(budget, Mapping) else dict.fromkeys(known, budget)
    faults = []
    for period, money in given.items():
        if period not in known:
            near = closest(period, known)
            hint = f"did you mean '{near}'?" if near else f"it has {', '.join(known)}"
            faults.append(f"budget of '{period}': the network has no such period; {hint}")
        elif money is not None and not (math.isfinite(money) and money >= 0.0):
            whose = f"budget of '{period}'" if isinstance(budget, Mapping) else "budget"
            faults.append(f"{whose} {money} is not a number of at least 0")
    if faults:
        raise RequestError("\n".join(dict.fromkeys(faults)))
    own = {row.period: row.budget for row in network.periods}
    return tuple(own[each] if given.get(each) is None else given[each] for each in known)


def given_budget(budget: Budget) -> float | dict[str, float] | None:
    """Return a budget as a result holds it."""
    if isinstance(budget, Mapping):
        return {period: float(money) for period, money in budget.items()}
    return None if budget is None else float(budget)


def insist_on_budgets(network: Network, budgets: Money) -> None:
    """Refuse blanks, where money has to be known.

    Raises
    ------
    RequestError
        Naming every period without a budget.
    """
    pairs = zip(network.periods, budgets, strict=True)
    if blank := [row.period for row, money in pairs if money is None]:
        raise RequestError(
            f"no budget for {', '.join(blank)}: give one for every period, M USD a year, or fill "
            "in the column budget of periods.csv"
        )


def request_warnings(
    network: Network, budgets: Money, objective: Objective, *, carry: bool
) -> Iterable[str]:
    """Yield what is odd about a request on a network with periods.

    Budgets of the table alone were looked at when the network was read.
    """
    timeline = Timeline(network.periods)
    if budgets != tuple(row.budget for row in network.periods):
        for row in network.measures:
            message = unpayable(row, timeline, budgets, carry=carry)
            if message:
                yield f"setup of {name_and_id(row.name, row.measure)}: {message}"
    weights = {row.weight for row in network.periods}
    if OBJECTIVES[objective].for_money and weights != {1.0}:
        yield "weights of periods do not touch money: under profit every period counts alike"
