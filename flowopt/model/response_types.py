"""The trafficker's best response to a plan, and the prices that prove it, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

from flowopt.model.activities import Floats


@dataclass(frozen=True, slots=True)
class TiePrices:
    """Prices that prove what a `bilevel` trafficker delivers among equally profitable flows.

    Attributes
    ----------
    sign : float
        1 where the most is delivered that the profit allows, -1 where the least.
    rate : float
        Weighted tonnes that a M USD less of profit would move.
    good_price, capacity_price : arrays
        pi and mu of the second programme, weighted tonnes per tonne.
    """

    sign: float
    rate: float
    good_price: Floats
    capacity_price: Floats


@dataclass(frozen=True, slots=True)
class BestResponse:
    """Best response to a plan: the activities, and the prices of goods and capacities.

    Attributes
    ----------
    value : float
        The planner's objective: weighted tonnes for `flow` and `bilevel`, M USD for `profit`.
    activity : array
        y, t/yr per activity.
    good_price, capacity_price : arrays
        pi and mu of the trafficker's programme: what a tonne of each good and a tonne more of
        each capacity is worth to it, weighted tonnes for `flow`, M USD for the others.
    limit : array
        U(x), t/yr, 0 where the plan closes everything in the row.
    cost : array
        Cost of a unit of each activity under the plan, M USD.
    good_worth, capacity_worth : arrays
        The most that a tonne of each could be worth to it if nothing cost anything, to a power of
        two: the measure of rounding in pi and mu.
    tie : TiePrices or None
        Prices of the second programme, for `bilevel`.
    tidy : bool
        Whether the activities are those of least cost and least transport; False where the deadline
        left no time to choose among equally good ones.
    """

    value: float
    activity: Floats
    good_price: Floats
    capacity_price: Floats
    limit: Floats
    cost: Floats
    good_worth: Floats
    capacity_worth: Floats
    tie: TiePrices | None = None
    tidy: bool = True
