"""Solver of the trafficker's best response: one linear programme, re-solved for plan after plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from flowopt.errors import OutOfTime, SolverError
from flowopt.model.activities import Flags, Floats
from flowopt.model.even_response import even_activity
from flowopt.model.flows_and_prices import FlowsAndPrices
from flowopt.model.plan_effects import CachedResponse
from flowopt.model.response_cache import CACHED
from flowopt.model.response_types import BestResponse

_CACHED_LARGE = 40  # responses to a large programme whose steps cost more than a response


class BestResponseSolver(FlowsAndPrices):
    """Best responses to plan after plan: values, flows and prices, and what they say of others.

    Parameters, attributes and notes are those of `WarmProgramme`.
    """

    def value(self, plan: Iterable[int] = ()) -> float:
        """Return the planner's objective under a plan of measure indices.

        Raises
        ------
        SolverError
            When the solver does not prove an optimum.
        OutOfTime
            When a large programme takes until the deadline.
        """
        acts = self._effects.chosen(plan)
        known = self._cache.known(self.model, acts)
        if known is None and self._lp.primal:
            known = self._cache.value_of(acts)
        if known is not None:
            return known
        with self._intact():
            if self._lp.primal:  # steps of the simplex cost more than what they lead to
                cached = self._cached_response(acts)
                self._cache.note(cached, most=self._most_cached)
                return cached.value
            value, activity = self._valued(acts)
            if activity is not None:  # of two programmes: that is not done twice
                cached = self._effects.cached_response(self.model, acts, value, activity)
                self._cache.note(cached, most=self._most_cached)
        return value

    @property
    def _most_cached(self) -> int:
        """Number of responses that are cached at most."""
        if not self.large:
            return CACHED
        return _CACHED_LARGE if self._lp.primal else 1

    def remember(self, plan: Iterable[int] = ()) -> None:
        """Keep the best response to a plan, so that `value` knows that of plans which leave it.

        Worth its while before many plans are valued that hold this one: most measures touch
        nothing of what the trafficker does.
        """
        acts = self._effects.chosen(plan)
        if not self._cache.recall(acts):
            with self._intact():
                self._cache.note(self._cached_response(acts), most=self._most_cached)
            self._cache.recall(acts)

    @contextmanager
    def still_remembering(self) -> Iterator[None]:
        """Return to what is remembered after responses to other plans, which take its place."""
        reference = self._cache.reference
        try:
            yield
        finally:
            self._cache.reference = reference

    def keep(self, plan: Iterable[int]) -> None:
        """Keep the response to the plan valued last, for when there is no time for it once more.

        Only where the programme is large and was solved for this very plan; it is not tidied up.
        The last few are kept, and that of no measures.
        """
        if self.large or self._lp.primal:
            self._cache.keep(self._effects.chosen(plan))

    def most_lost(self, *, together: bool = False) -> Floats:
        """Return by how much each measure, added alone to the remembered plan, can lower `value`.

        One entry per real measure, in the objective's unit; `inf` where nothing is known. With
        `together`, what several of them do at once is no more than their sum.
        """
        return self._cache.most_lost(self.model, self.objective, together=together)

    def value_and_losses(self, plan: Iterable[int]) -> tuple[float, Floats]:
        """Return the objective under a plan, and what each measure more can take of it at most.

        One entry per real measure, as `most_lost` has them; those of the remembered plan where
        its response is this plan's too.

        Raises
        ------
        SolverError, OutOfTime
            As `value`.
        """
        acts = self._effects.chosen(plan)
        if self._traits.ties or self._cache.known(self.model, acts) is not None:
            return self.value(plan), self.most_lost()
        with self._intact():
            value, _ = self._valued(acts)
            known = self._effects.cached_response(self.model, acts, value, self._lp.activity())
        return value, self._cache.most_lost(self.model, self.objective, known=known)

    def even_losses(self, plan: Iterable[int], wanted: Floats, *, steps: int) -> Floats:
        """Return what each measure more can take of the objective under a plan, at most.

        By an even response (see `even_response`), one entry per real measure, as `most_lost` has
        them. Measures of which nothing is `wanted` may be taken for more than they are.

        Parameters
        ----------
        plan
            Measure indices.
        wanted
            What each measure should take at most, in the objective's unit; `inf` for nothing.
        steps
            Iterations of the simplex that finding one may take.

        Raises
        ------
        SolverError, OutOfTime
            As `value`.
        """
        nothing = np.full(len(self.model.measures), np.inf)
        most = self._cache.most_run(self.model, self.objective, wanted)
        if self._traits.ties or not np.isfinite(most).any():
            return nothing
        with self._intact():
            best = self._best(self._effects.chosen(plan))
            activity = even_activity(self._lp, self._solver, most, steps=steps)
            if activity is None:
                return nothing
            earns = self.model.weight
            if self._traits.for_money:
                earns = self.model.price - self._lp.cost
            worth = float(earns @ activity)
            known = self._effects.cached_response(self.model, self._lp.acts, worth, activity)
        lost = self._cache.most_lost(self.model, self.objective, known=known)
        return max(0.0, best - worth) + lost

    def found_last(self, plan: Iterable[int]) -> BestResponse | None:
        """Return the response to the plan valued last, as `respond` without `tidy` does.

        None where the solver has moved on, or does not keep it.
        """
        found = self._cache.found_last(self._effects.chosen(plan))
        return found if found is not None and self._adds_up(found) else None

    def surely_lost(self) -> Floats:
        """Return by how much each measure, added alone to the remembered plan, lowers `value`.

        At least: what its prices promise. One entry per real measure, in the objective's unit; 0
        where nothing is promised, as for `bilevel`.
        """
        return self._cache.surely_lost(self.model)

    def touching(self, most: Iterable[int]) -> Flags:
        """Return which measures of `most`, added to the remembered plan, may change its response.

        One entry per real measure. A plan that adds none of them has the remembered plan's value.
        """
        return self._effects.touching(self.model, self._remembered(), self._effects.chosen(most))

    def delivered(self) -> float:
        """Return the weighted tonnes of the remembered response."""
        return self._weighed(self._remembered().tonnes, self._remembered().value)

    def _remembered(self) -> CachedResponse:
        if self._cache.reference is None:
            raise ValueError("no response is remembered")
        return self._cache.reference

    def least_delivered(self, plan: Iterable[int], floor: float) -> tuple[float, float]:
        """Return the least weighted tonnes of a flow under a plan that earns at least `floor`.

        And by how many they rise for each unit that the floor is higher. They are a convex function
        of the floor, so this line is below them for every other floor, too. Both are 0 where
        nothing is known.

        Parameters
        ----------
        floor
            In the trafficker's unit.
        """
        with self._intact():
            best = self._best(self._effects.chosen(plan))
            if best <= 0.0:
                return 0.0, 0.0
            return self._goals.least_delivered(floor)

    def _cached_response(self, acts: Flags) -> CachedResponse:
        """Return the best response to a plan as `remember` keeps it."""
        value, activity = self._valued(acts)
        rents = None
        if activity is None:
            activity = self._lp.activity()
            rents = self._lp.rents(self._lp.prices(self._lp.coin)[1])
        return self._effects.cached_response(self.model, acts, value, activity, rents)

    def _valued(self, acts: Flags) -> tuple[float, Floats | None]:
        """Return the planner's objective and, with `bilevel`, the activities it counts."""
        best = self._best(acts)
        if not self._traits.ties:
            # Few are wanted, and each costs as much as some steps of the simplex.
            self._cache.last = (
                acts,
                lambda: self._answer(best, self._bare(self._lp.activity()), None, tidy=False),
            )
            return best, None
        prices = self._lp.prices(self._lp.coin) if self.large else None
        with self._goals.deliveries() as later:
            stage = next(later)
            self._check(stage.activity, best)
        value = self._weighed(float(self.model.weight @ stage.activity), best)
        if prices is not None:
            tie = self._goals.tie(stage)
            self._cache.last = (
                acts,
                lambda: self._answer(
                    value, self._bare(stage.activity), tie, tidy=False, prices=prices
                ),
            )
        return value, stage.activity

    def respond(
        self,
        plan: Iterable[int] = (),
        *,
        tidy: bool = True,
        anew: bool = False,
        before: Floats | None = None,
    ) -> BestResponse:
        """Return the best response to a plan: the optimum, then least cost, then least transport.

        Where the deadline comes in between, it is the optimum, or the one that was kept for the
        plan.

        Parameters
        ----------
        plan
            Measure indices.
        tidy
            False where any optimum will do that brings nothing in vain, as for a proof of its
            value: choosing among them takes longer than finding one.
        anew
            Solve from nothing, so that which of equally good flows and prices is found does not
            hang on the plans before. A large programme goes on from where it is all the same; one
            for the primal simplex always starts from the response without measures, tidied up.
        before
            Activities to be changed as little as possible, last of all; not looked at where the
            programme is large.

        Raises
        ------
        SolverError
            When the solver does not prove an optimum, or its primal and dual values differ.
        OutOfTime
            When a large programme takes until the deadline, and nothing is known of the plan.
        """
        acts = self._effects.chosen(plan)
        if anew and not self.large and not self._lp.primal:
            self._solver.has_basis = False
        try:
            return self._respond(acts, tidy=tidy or self._traits.ties, before=before)
        except OutOfTime:
            kept = self._cache.kept(acts)
            if kept is None:
                raise
            return kept

    def _respond(self, acts: Flags, *, tidy: bool, before: Floats | None = None) -> BestResponse:
        """Return the best response, tidied up as far as time allows."""
        with self._intact():
            value = self._best(acts, tidy=tidy)
            prices = self._lp.prices(self._lp.coin)
            dual = float(self._lp.limit[self._lp.finite] @ prices[1][self._lp.finite])
            if not self._same(dual, value):
                raise SolverError(
                    f"the best response has value {value:.9g} but its prices add up to "
                    f"{dual:.9g}; please report the network"
                )
            if not tidy:
                found = self._stripped(self._lp.activity(), idle=self._idle(value, value))
                if found is not None:
                    self._check(found, value)
                    return self._answer(value, found, None, tidy=False, prices=prices)
            with self._part_of_the_time():
                activity, tie, tidy = self._goals.tidied(before)
            self._check(activity, value)
            best = value
            if self._traits.ties:
                value = self._weighed(float(self.model.weight @ activity), value)
            # Without circles it hits what measures can take more closely than the first optimum.
            activity = self._bare(activity, idle=self._idle(best, value))
            rents = None if self._traits.ties else self._lp.rents(prices[1])
            cached = self._effects.cached_response(self.model, acts, value, activity, rents)
            self._cache.reference = cached
            return self._answer(value, activity, tie, tidy=tidy, prices=prices)
