"""Flows and prices of a best response, checked against each other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from flowopt.errors import SolverError
from flowopt.model.activities import Floats
from flowopt.model.lexicographic import TOLERANCE
from flowopt.model.response_types import BestResponse, TiePrices
from flowopt.model.shortfall import without_shortfall
from flowopt.model.stripping import stripped
from flowopt.model.warm_programme import WarmProgramme

_TIDYING = 0.5  # of the time up to the deadline, at most, goes into choosing among equal flows


class FlowsAndPrices(WarmProgramme):
    """Flows and prices of the optimum found last."""

    def _check(self, activity: Floats, best: float) -> None:
        """Check that activities earn the best profit: nobody runs what loses, who may do nothing.

        Raises
        ------
        SolverError
            When they earn less.
        """
        if not self._traits.for_money:
            return
        earned = float((self.model.price - self._lp.cost) @ activity)
        if earned < best - TOLERANCE * max(self._lp.unit * self._lp.coin, abs(best)):
            raise SolverError(
                f"the best response earns {earned:.9g} M USD where the best is {best:.9g}; "
                "please report the network"
            )

    def _same(self, dual: float, value: float) -> bool:
        """Return whether what prices add up to is the value, but for the solver's tolerance."""
        least = self._lp.unit * self._lp.coin
        return abs(dual - value) <= TOLERANCE * max(least, abs(value))

    def _adds_up(self, found: BestResponse) -> bool:
        """Return whether the prices of a response to the plan applied last are worth its value."""
        finite = self._lp.finite
        return self._same(float(self._lp.limit[finite] @ found.capacity_price[finite]), found.value)

    def _idle(self, best: float, value: float) -> bool:
        """Return whether the trafficker gains nothing and delivers nothing, and so does nothing."""
        return best == value == 0.0 and self.model.whole_weight is None

    def _bare(self, activity: Floats, *, idle: bool = False) -> Floats:
        """Return activities of the plan applied last without waste, where that comes to an end."""
        found = self._stripped(activity, idle=idle)
        return activity if found is None else found

    def _stripped(self, activity: Floats, *, idle: bool = False) -> Floats | None:
        """Return activities of the plan applied last without waste, None where that has no end.

        They use only what is there: the solver's tolerance may be more than that of a row's own.
        """
        if idle:  # what the solver's tolerances leave of them is waste
            return np.zeros_like(activity)
        model = self.model
        counted = [model.weight] + [model.price - self._lp.cost] * self._traits.for_money
        there = without_shortfall(model, activity, self._lp.limit, *counted)
        return stripped(model, there, self._lp.shut())

    @contextmanager
    def _part_of_the_time(self) -> Iterator[None]:
        """Leave half of the time up to the deadline to others, if the value does not hang on it."""
        whole = self.deadline
        if whole is not None and not self._traits.ties:
            now = time.perf_counter()
            self.deadline = now + _TIDYING * max(0.0, whole - now)
        try:
            yield
        finally:
            self.deadline = whole

    def _answer(
        self,
        value: float,
        activity: Floats,
        tie: TiePrices | None,
        *,
        tidy: bool,
        prices: tuple[Floats, Floats] | None = None,
    ) -> BestResponse:
        """Return a response to the plan applied last, with the prices of the first goal."""
        good_price, capacity_price = self._lp.prices(self._lp.coin) if prices is None else prices
        capacity_worth = np.zeros(len(self.model.limit))
        capacity_worth[self._lp.finite] = self._lp.of_capacity * self._lp.coin
        return BestResponse(
            value=value,
            activity=activity,
            good_price=good_price,
            capacity_price=capacity_price,
            limit=self._lp.limit_left(),
            cost=self._lp.cost.copy(),
            good_worth=self._lp.of_good * self._lp.coin,
            capacity_worth=capacity_worth,
            tie=tie,
            tidy=tidy,
        )
