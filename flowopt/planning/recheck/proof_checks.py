"""Checks of a proof: a flow that the trafficker can reach, and prices that no flow exceeds.

With what a plan leaves (capacities U, and activities that use, make and take), a flow y and prices
pi of goods and mu of capacities:

- the flow is possible: y >= 0, no closed activity runs, what is used of a good is made, and what
  is taken of a capacity is there. So the trafficker can reach its value;
- the prices hold: pi, mu >= 0, and every open activity uses and takes at least what it brings.
  Then no flow at all is worth more than U'mu;
- both come to the value that is stated. So it is exactly what the trafficker can still do.

With `bilevel` they come to the profit. A second set of prices, checked like the first but against
sign * weight + rate * profit, says that every flow y has sign * w'y <= U'mu - rate * profit(y):
one that earns as much as the flow shown delivers no more (pessimistic, sign 1) or no less
(optimistic, sign -1) than it does.

A tolerance of 1e-7 of the larger side in each row lets the value be off by as much at each of the
handful of steps from field to market: about 1e-6 in all. What a plan leaves may be next to nothing
of what there is without measures, and then is the rounding of the programme that found it: floors
are shares of the flow without measures, which has a proof of its own.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from flowopt.planning.recheck.arithmetic import Good, Names, Residual
from flowopt.planning.recheck.certificate_reader import Prices, StatedProof
from flowopt.planning.recheck.json_values import label
from flowopt.planning.recheck.verdict import ROWS, VALUES, Check, Comparison

_FLOOR = 1e-10  # of the largest amount, or of the most that a tonne brings or costs: rounding
_TONNES = 1e-4  # relative: weighted tonnes of `bilevel`, which are sensitive to the profit
_NOTHING = 1e-9  # of the value without measures: equal to zero
_NO_TONNES = 1e-7  # likewise, of deliveries that gain the trafficker nothing


class ProofChecks:
    """Checks of one proof, or of several of a kind together.

    Parameters
    ----------
    objective
        ``flow``, ``profit`` or ``bilevel``.
    ties
        How ``bilevel`` settles them, None for the others.
    subject
        Phrase for the plan or plans.
    baseline
        The proof without measures; None where the proof is the only one there is.
    gain
        Word for what the trafficker maximises with ``bilevel``.
    """

    def __init__(
        self,
        objective: str,
        ties: str | None,
        subject: str,
        baseline: StatedProof | None,
        *,
        gain: str = "profit",
    ) -> None:
        self._objective, self._gain = objective, gain
        self._largest = 0.0 if baseline is None else _largest(baseline)
        self._size = 0.0 if baseline is None else abs(baseline.value)
        self._sign = 1.0 if ties == "pessimistic" else -1.0
        self._primal_check = Comparison(f"the flow {subject} is possible", ROWS)
        self._dual_check = Comparison(f"the prices {subject} hold", ROWS)
        self._duality_check = Comparison(
            f"flow and prices {subject} come to {self._common()}", VALUES
        )
        self._tie_check = Comparison(f"equal {gain}s {subject} deliver the stated value", _TONNES)

    def add(
        self, left: Residual, stated: StatedProof, about: str = "", *, tied: float = 0.0
    ) -> None:
        """Add one proof, checked against the residual network of its plan.

        With ``bilevel``, the flow may earn less than the best by `tied`.
        """
        for check in (self._primal_check, self._dual_check, self._duality_check, self._tie_check):
            check.about = about
        coefficients = {
            names: activity.weight if self._objective == "flow" else activity.price - activity.cost
            for names, activity in left.activities.items()
        }
        first = Prices(stated.goods, stated.prices)
        dust = _FLOOR * max(self._largest, _largest(stated))
        _check_flow(left, stated, self._primal_check, dust)
        flow = self._objective == "flow"
        gross = max(
            (a.weight if flow else max(a.price, a.cost) for a in left.activities.values()),
            default=0.0,
        )
        _check_prices(left, first, coefficients, self._dual_check, _FLOOR * gross)
        reached, bound = _flow_value(coefficients, stated), _price_bound(left, first)
        if self._objective != "bilevel":
            numbers = f"flow {reached:.10g}, prices {bound:.10g}, stated {stated.value:.10g}"
            self._duality_check.note(numbers)
            floor = _NOTHING * self._size
            self._duality_check.close("what the flow comes to", reached, stated.value, floor=floor)
            self._duality_check.close("what the prices come to", bound, stated.value, floor=floor)
        elif stated.tie is not None:
            self._duality_check.note(f"flow {reached:.10g}, prices {bound:.10g}")
            # Revenue and cost may nearly cancel.
            side = math.fsum(
                abs(coefficients[n]) * x for n, x in stated.amounts.items() if n in coefficients
            )
            floor = max(tied, dust * gross)
            self._duality_check.close("what the flow earns", reached, bound, floor=floor, side=side)
            self._check_tie(left, stated, stated.tie, coefficients, reached)

    def checks(self) -> list[Check]:
        """Return the finished checks."""
        tied = [self._tie_check.check()] if self._objective == "bilevel" else []
        return [
            self._primal_check.check(),
            self._dual_check.check(),
            self._duality_check.check(),
            *tied,
        ]

    def _common(self) -> str:
        return f"the same {self._gain}" if self._objective == "bilevel" else "the stated value"

    def _check_tie(
        self,
        left: Residual,
        stated: StatedProof,
        tie: Prices,
        coefficients: Mapping[Names, float],
        profit: float,
    ) -> None:
        """Check the bound on deliveries of equally profitable flows."""
        weights = {names: activity.weight for names, activity in left.activities.items()}
        both = {n: self._sign * weights[n] + stated.rate * coefficients[n] for n in coefficients}
        self._tie_check.at_most("minus the rate", -stated.rate, 0.0)
        # A tonne delivered and the profit forgone for it may cancel, but for rounding.
        gross = max(
            (a.weight + abs(stated.rate) * max(a.price, a.cost) for a in left.activities.values()),
            default=0.0,
        )
        _check_prices(left, tie, both, self._dual_check, _FLOOR * gross)
        paid, forgone = _price_bound(left, tie), stated.rate * profit
        tonnes, bound = _flow_value(weights, stated), self._sign * (paid - forgone)
        self._tie_check.note(f"flow {tonnes:.10g}, prices {bound:.10g}, stated {stated.value:.10g}")
        nothing = _NO_TONNES * (self._size or abs(stated.value) or 1.0)
        self._tie_check.close("what the flow delivers", tonnes, stated.value, floor=nothing)
        # The difference of two sums that are the larger, the dearer a tonne is to forgo.
        floor = max(nothing, ROWS * max(abs(paid), abs(forgone)))
        self._tie_check.close("what the prices allow", bound, stated.value, floor=floor)


def _largest(stated: StatedProof) -> float:
    """Return the largest amount of any activity, t/yr."""
    return max(stated.amounts.values(), default=0.0)


def _check_flow(left: Residual, stated: StatedProof, check: Comparison, floor: float) -> None:
    taken: dict[Names, float] = defaultdict(float)
    used: dict[Good, float] = defaultdict(float)
    made: dict[Good, float] = defaultdict(float)
    for names, amount in stated.amounts.items():
        activity = left.activities.get(names)
        if activity is None:
            check.fault(f"{label(names)}: the network has no such activity")
            continue
        check.at_most(f"minus {label(names)}", -amount, 0.0)
        if activity.closed:
            check.equal(f"{label(names)}, which the plan closes,", amount, 0.0)
        _accumulate(taken, activity.taken, amount)
        _accumulate(used, activity.used, amount)
        _accumulate(made, activity.made, amount)
    for place, amount in taken.items():
        if math.isfinite(left.capacity[place]):
            check.at_most(f"what passes {label(place)}", amount, left.capacity[place], floor=floor)
    for good in dict.fromkeys([*used, *made]):
        check.at_most(f"what leaves {label(good)}", used[good], made[good], floor=floor)
    # Goods may be abandoned, but the flow shown is the one of least transport: it brings nothing in
    # vain. Only by-products of a recipe may be left over.
    for names, amount in stated.amounts.items():
        activity = left.activities.get(names)
        if activity is None or names[0] == "deliver":
            continue
        ends = [good for good, quantity in activity.made.items() if quantity > 0.0]
        unused = min((made[good] - used[good] for good in ends), default=amount)
        side = min((made[good] for good in ends), default=0.0)
        check.at_most(f"what {label(names)} brings in vain", unused, 0.0, floor=floor, side=side)


def _accumulate(total: dict[Any, float], shares: Mapping[Any, float], amount: float) -> None:
    for key, share in shares.items():
        total[key] += share * amount


def _check_prices(
    left: Residual,
    stated: Prices,
    coefficients: Mapping[Names, float],
    check: Comparison,
    floor: float,
) -> None:
    _check_labels(left, stated, check)
    needed: set[Good] = set()
    scarce: set[Names] = set()
    for names, activity in left.activities.items():
        if activity.closed:
            continue
        paid = _priced(activity.used, stated.goods) + _priced(activity.taken, stated.prices)
        made = _priced(activity.made, stated.goods)
        # Costs make the difference of two larger numbers of what is brought.
        side = max(paid, made, abs(coefficients[names]))
        brings = made + coefficients[names]
        check.at_most(
            f"what a tonne of {label(names)} brings", brings, paid, floor=floor, side=side
        )
        if paid - brings <= max(floor, ROWS * side):
            needed.update(activity.used)  # |= would copy the set, each time
            scarce |= {place for place, share in activity.taken.items() if share > 0.0}
    idle: dict[Names, float] = {good: stated.goods[good] for good in stated.goods.keys() - needed}
    idle |= {place: stated.prices[place] for place in stated.prices.keys() - scarce}
    for names, price in sorted(idle.items()):
        if price > floor:
            check.fault(f"the price of {label(names)}, {price:.12g}, is more than any use needs")


def _check_labels(left: Residual, stated: Prices, check: Comparison) -> None:
    """Check that only goods and capacities that exist have a price."""
    for names, price in [*stated.prices.items(), *stated.goods.items()]:
        check.at_most(f"minus the price of {label(names)}", -price, 0.0)
    moved = {
        good for activity in left.activities.values() for good in (*activity.used, *activity.made)
    }
    for good in stated.goods:
        if good not in moved:
            check.fault(f"{label(good)} has a price, but nothing in the network moves it there")
    for place in stated.prices:
        if place not in left.capacity:
            check.fault(f"{label(place)} has a price, but the network has no such capacity")
        elif not math.isfinite(left.capacity[place]):
            check.fault(f"{label(place)} has a price, but its capacity is unlimited")


def _priced(shares: Mapping[Any, float], prices: Mapping[Any, float]) -> float:
    return math.fsum(share * prices.get(key, 0.0) for key, share in shares.items())


def _flow_value(coefficients: Mapping[Names, float], stated: StatedProof) -> float:
    """Return the objective value of a flow."""
    return math.fsum(
        coefficients[n] * amount for n, amount in stated.amounts.items() if n in coefficients
    )


def _price_bound(left: Residual, stated: Prices) -> float:
    """Return U'mu, the bound of the prices."""
    return math.fsum(
        left.capacity[place] * price
        for place, price in stated.prices.items()
        if math.isfinite(left.capacity.get(place, math.inf))
    )
