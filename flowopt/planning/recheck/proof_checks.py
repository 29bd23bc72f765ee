"""One flow and its prices, weighed against the network: the trafficker can do that and no more.

With what a plan leaves (capacities U, and activities that use, make and take), a flow y and prices
pi of goods and mu of capacities:

- the flow is possible: y >= 0, no closed activity runs, what is used of a good is made, and what
  is taken of a capacity is there. So the trafficker can reach its value;
- the prices hold: pi, mu >= 0, and every open activity uses and takes at least what it brings.
  Then no flow at all is worth more than U'mu;
- both come to the value that is stated. So it is exactly what the trafficker can still do.

With `bilevel` they come to the profit. A second set of prices, weighed like the first but against
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

from flowopt.planning.recheck.arithmetic import Good, Left, Names
from flowopt.planning.recheck.certificate_reader import Prices, Stated, say
from flowopt.planning.recheck.verdict import ROWS, VALUES, Check, Comparison

_FLOOR = 1e-10  # of the largest amount or price: the rounding of the programme that found them
_TONNES = 1e-4  # relative: weighted tonnes of `bilevel`, which hang on a hair of profit
_NOTHING = 1e-9  # of the value without measures: what can't be told from nothing
_NO_TONNES = 1e-7  # likewise, of what is delivered by a trafficker who gains nothing by it


class ProofChecks:
    """The checks of one proof, or of several of a kind together.

    Parameters
    ----------
    objective
        ``flow``, ``profit`` or ``bilevel``.
    ties
        How ``bilevel`` settles them, None for the others.
    what
        The plan, or plans, in words.
    baseline
        The proof without measures; None where the proof is the only one there is.
    """

    def __init__(
        self, objective: str, ties: str | None, what: str, baseline: Stated | None
    ) -> None:
        self._objective = objective
        self._largest = 0.0 if baseline is None else _largest(baseline)
        self._size = 0.0 if baseline is None else abs(baseline.value)
        self._sign = 1.0 if ties == "pessimistic" else -1.0
        self._possible = Comparison(f"the flow {what} is possible", ROWS)
        self._hold = Comparison(f"the prices {what} hold", ROWS)
        self._meet = Comparison(f"flow and prices {what} come to {self._common()}", VALUES)
        self._tied = Comparison(f"equal profits {what} deliver the stated value", _TONNES)

    def weigh(self, left: Left, stated: Stated, about: str = "") -> None:
        """Weigh one proof against what its plan leaves of the network."""
        for check in (self._possible, self._hold, self._meet, self._tied):
            check.about = about
        stakes = {
            names: deed.weight if self._objective == "flow" else deed.price - deed.cost
            for names, deed in left.deeds.items()
        }
        first = Prices(stated.goods, stated.prices)
        _weigh_flow(left, stated, self._possible, _FLOOR * max(self._largest, _largest(stated)))
        _weigh_prices(left, first, stakes, self._hold)
        reached, bound = _brings(stakes, stated), _bounds(left, first)
        if self._objective != "bilevel":
            said = f"flow {reached:.10g}, prices {bound:.10g}, stated {stated.value:.10g}"
            self._meet.note(said)
            floor = _NOTHING * self._size
            self._meet.close("what the flow comes to", reached, stated.value, floor=floor)
            self._meet.close("what the prices come to", bound, stated.value, floor=floor)
        elif stated.tie is not None:
            self._meet.note(f"flow {reached:.10g}, prices {bound:.10g}")
            # Revenue and cost may nearly cancel.
            side = math.fsum(abs(stakes[n]) * x for n, x in stated.amounts.items() if n in stakes)
            self._meet.close("what the flow earns", reached, bound, side=side)
            self._weigh_tie(left, stated, stated.tie, stakes, reached)

    def checks(self) -> list[Check]:
        """Return what became of them."""
        tied = [self._tied.check()] if self._objective == "bilevel" else []
        return [self._possible.check(), self._hold.check(), self._meet.check(), *tied]

    def _common(self) -> str:
        return "the same profit" if self._objective == "bilevel" else "the stated value"

    def _weigh_tie(
        self,
        left: Left,
        stated: Stated,
        tie: Prices,
        stakes: Mapping[Names, float],
        profit: float,
    ) -> None:
        """Weigh what equally profitable flows can deliver."""
        weights = {names: deed.weight for names, deed in left.deeds.items()}
        both = {n: self._sign * weights[n] + stated.rate * stakes[n] for n in stakes}
        self._tied.at_most("minus the rate", -stated.rate, 0.0)
        _weigh_prices(left, tie, both, self._hold)
        paid, forgone = _bounds(left, tie), stated.rate * profit
        tonnes, bound = _brings(weights, stated), self._sign * (paid - forgone)
        self._tied.note(f"flow {tonnes:.10g}, prices {bound:.10g}, stated {stated.value:.10g}")
        nothing = _NO_TONNES * (self._size or abs(stated.value) or 1.0)
        self._tied.close("what the flow delivers", tonnes, stated.value, floor=nothing)
        # The difference of two sums that are the larger, the dearer a tonne is to forgo.
        floor = max(nothing, ROWS * max(abs(paid), abs(forgone)))
        self._tied.close("what the prices allow", bound, stated.value, floor=floor)


def _largest(stated: Stated) -> float:
    """Return the largest amount of any activity, t/yr."""
    return max(stated.amounts.values(), default=0.0)


def _weigh_flow(left: Left, stated: Stated, check: Comparison, floor: float) -> None:
    taken: dict[Names, float] = defaultdict(float)
    used: dict[Good, float] = defaultdict(float)
    made: dict[Good, float] = defaultdict(float)
    for names, amount in stated.amounts.items():
        deed = left.deeds.get(names)
        if deed is None:
            check.fault(f"{say(names)}: the network has no such activity")
            continue
        check.at_most(f"minus {say(names)}", -amount, 0.0)
        if deed.closed:
            check.equal(f"{say(names)}, which the plan closes,", amount, 0.0)
        _gather(taken, deed.taken, amount)
        _gather(used, deed.used, amount)
        _gather(made, deed.made, amount)
    for place, amount in taken.items():
        if math.isfinite(left.capacity[place]):
            check.at_most(f"what passes {say(place)}", amount, left.capacity[place], floor=floor)
    for good in dict.fromkeys([*used, *made]):
        check.at_most(f"what leaves {say(good)}", used[good], made[good], floor=floor)
    # Goods may be abandoned, but the flow shown is the one of least hauling: it brings nothing in
    # vain. Only what a recipe makes beside something else may be left over.
    for names, amount in stated.amounts.items():
        deed = left.deeds.get(names)
        if deed is None or names[0] == "deliver":
            continue
        ends = [good for good, quantity in deed.made.items() if quantity > 0.0]
        vain = min((made[good] - used[good] for good in ends), default=amount)
        side = min((made[good] for good in ends), default=0.0)
        check.at_most(f"what {say(names)} brings in vain", vain, 0.0, floor=floor, side=side)


def _gather(total: dict[Any, float], shares: Mapping[Any, float], amount: float) -> None:
    for key, share in shares.items():
        total[key] += share * amount


def _weigh_prices(
    left: Left, stated: Prices, stakes: Mapping[Names, float], check: Comparison
) -> None:
    _weigh_labels(left, stated, check)
    floor = _FLOOR * max((abs(stake) for stake in stakes.values()), default=0.0)
    needed: set[Good] = set()
    scarce: set[Names] = set()
    for names, deed in left.deeds.items():
        if deed.closed:
            continue
        paid = _worth(deed.used, stated.goods) + _worth(deed.taken, stated.prices)
        made = _worth(deed.made, stated.goods)
        # Costs make the difference of two larger numbers of what is brought.
        side = max(paid, made, abs(stakes[names]))
        brings = made + stakes[names]
        check.at_most(f"what a tonne of {say(names)} brings", brings, paid, floor=floor, side=side)
        if paid - brings <= max(floor, ROWS * side):
            needed |= deed.used.keys()
            scarce |= {place for place, share in deed.taken.items() if share > 0.0}
    idle: dict[Names, float] = {good: stated.goods[good] for good in stated.goods.keys() - needed}
    idle |= {place: stated.prices[place] for place in stated.prices.keys() - scarce}
    for names, price in sorted(idle.items()):
        if price > floor:
            check.fault(f"the price of {say(names)}, {price:.12g}, is more than any use needs")


def _weigh_labels(left: Left, stated: Prices, check: Comparison) -> None:
    """Check that what has a price can have one."""
    for names, price in [*stated.prices.items(), *stated.goods.items()]:
        check.at_most(f"minus the price of {say(names)}", -price, 0.0)
    moved = {good for deed in left.deeds.values() for good in (*deed.used, *deed.made)}
    for good in stated.goods:
        if good not in moved:
            check.fault(f"{say(good)} has a price, but nothing in the network moves it there")
    for place in stated.prices:
        if place not in left.capacity:
            check.fault(f"{say(place)} has a price, but the network has no such capacity")
        elif not math.isfinite(left.capacity[place]):
            check.fault(f"{say(place)} has a price, but its capacity is unlimited")


def _worth(shares: Mapping[Any, float], prices: Mapping[Any, float]) -> float:
    return math.fsum(share * prices.get(key, 0.0) for key, share in shares.items())


def _brings(stakes: Mapping[Names, float], stated: Stated) -> float:
    """Return what the flow comes to."""
    return math.fsum(stakes[n] * amount for n, amount in stated.amounts.items() if n in stakes)


def _bounds(left: Left, stated: Prices) -> float:
    """Return U'mu, what the prices come to."""
    return math.fsum(
        left.capacity[place] * price
        for place, price in stated.prices.items()
        if math.isfinite(left.capacity.get(place, math.inf))
    )
