"""Rents of what the trafficker may open: prices under which no other openings bring it more.

Let mu_ct be the price of a capacity c for a year of period t, w_t what such a year counts, and s_ct
what the measures in force leave of c. A tonne a year that opens in q is worth the sum of
w_t s_ct mu_ct over the periods in which it is ready, and costs c_q. What is left over,

    e_q = sum over t of w_t s_ct mu_ct - c_q,

is paid out as rents: alpha_q of what may open in q, and beta of what may open in all, such that

    e_q <= alpha_q + beta,      alpha, beta >= 0.

Then no openings z bring more than sum_q most_q alpha_q + limit beta beyond the capacities of the
tables. The least such rents are the dual of a fractional knapsack: the best q first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from flowopt.model.activities import Floats
from flowopt.model.build_over_time import Opened, OverTime
from flowopt.model.response_types import BestResponse
from flowopt.model.settling import plain
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.results.proof import Row
from flowopt.results.proof_over_time import OpeningProof

_DUST = 1e-9  # of what a tonne that opens is worth: less is left over by rounding


def opening_proof(
    built: OverTime,
    objective: Objective,
    found: BestResponse,
    years: Sequence[BestResponse],
    remaining: Sequence[Floats],
) -> OpeningProof:
    """Return the openings of a response, and the rents that prove them.

    Parameters
    ----------
    built, objective
        The programme over time, and what was asked of it.
    found
        The response.
    years
        Its part in each period, with prices of a year.
    remaining
        By period, the share that the schedule leaves of each capacity row.
    """
    traits = OBJECTIVES[objective]
    amounts = plain(found.activity)
    opened = tuple(
        (*_names(built, each), _period(built, each), float(amounts[each.column]))
        for each in built.opened
        if amounts[each.column] > 0.0
    )
    tonnes, money = ([rate[k] for rate in built.rates] for k in (0, 1))
    rates = money if traits.for_money else tonnes
    worth = [
        rate * share * year.capacity_price
        for rate, share, year in zip(rates, remaining, years, strict=True)
    ]
    paid = 1.0 if traits.for_money else 0.0
    rents = _rents(built, worth, paid)
    if found.tie is None:
        return OpeningProof(opened, rents)
    ties = [
        (rate or pay) * share * year.tie.capacity_price
        for rate, pay, share, year in zip(tonnes, money, remaining, years, strict=True)
        if year.tie is not None
    ]
    return OpeningProof(opened, rents, found.tie.rate, _rents(built, ties, found.tie.rate))


def _rents(built: OverTime, worth: Sequence[Floats], paid: float) -> dict[str, tuple[Row, ...]]:
    """Return the least rents.

    Parameters
    ----------
    built
        The programme over time.
    worth
        By period, what a tonne more of each capacity row is worth over all its years.
    paid
        How much a M USD of what opening costs counts.
    """
    most: list[Row] = []
    limit: list[Row] = []
    for places in _by_capacity(built):
        left = [_left_over(built, each, worth, paid) for each in places]
        rooms = [float(built.model.limit[each.in_period]) for each in places]
        in_all = _rent_in_all(left, rooms, float(built.model.limit[places[0].in_all]))
        if in_all > 0.0:
            limit.append((*_names(built, places[0]), in_all))
        most += [
            (*_names(built, each), _period(built, each), over - in_all)
            for each, over in zip(places, left, strict=True)
            if over > in_all
        ]
    return {"most": tuple(most), "limit": tuple(limit)}


def _left_over(built: OverTime, each: Opened, worth: Sequence[Floats], paid: float) -> float:
    """Return what a tonne that opens brings beyond what it costs; 0 for rounding."""
    brings = math.fsum(float(worth[t][each.capacity]) for t in each.ready)
    over = brings - paid * float(built.model.cost[each.column])
    return over if over > _DUST * brings else 0.0


def _rent_in_all(left: Sequence[float], rooms: Sequence[float], limit: float) -> float:
    """Return the rent of the limit on all: what the last tonne that fits in leaves over."""
    if math.isinf(limit):
        return 0.0
    taken = 0.0
    for over, room in sorted(zip(left, rooms, strict=True), reverse=True):
        taken += room
        if taken >= limit:
            return over
    return 0.0


def _by_capacity(built: OverTime) -> Iterable[list[Opened]]:
    """Return what may open, capacity by capacity."""
    found: dict[int, list[Opened]] = {}
    for each in built.opened:
        found.setdefault(each.capacity, []).append(each)
    return found.values()


def _names(built: OverTime, each: Opened) -> tuple[str, str, str]:
    label = built.yearly[0].capacities[each.capacity]
    return (label.kind, label.name, label.commodity)


def _period(built: OverTime, each: Opened) -> str:
    return built.timeline.periods[each.period].period
