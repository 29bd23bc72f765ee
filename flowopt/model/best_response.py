"""Solver of the trafficker's best response: one linear programme, re-solved for plan after plan."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from flowopt.defaults import OBJECTIVE, TIE_RULE
from flowopt.errors import OutOfTime, SolverError
from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.lexicographic import TOLERANCE, LaterGoals
from flowopt.model.lp_solver import LpSolver
from flowopt.model.plan_effects import CachedResponse, Flags, PlanEffects
from flowopt.model.response_cache import CACHED, ResponseCache
from flowopt.model.response_lp import ResponseLp, power_of_two
from flowopt.model.response_types import BestResponse, TiePrices
from flowopt.model.stripping import stripped
from flowopt.objectives import OBJECTIVES, Objective, Ties

_NOTHING = 1e-9  # in scaled units: what the trafficker gets by doing nothing, with rounding
_NO_TONNES = 1e-6  # likewise, for what is delivered by a trafficker who gains nothing by it
_FAINTEST = 1e-15  # likewise: what is less is rounding, and no flow
_TINY, _HUGE = 2.0**-10, 2.0**20  # optima, in scaled units, for which other scales are better
_CACHED_LARGE = 40  # responses to a large programme whose steps cost more than a response
_VISITED = 50  # rows and columns that are read and written in the time of an iteration
_ACTIVITIES_PER_SECOND = 2_000  # that all goals at once take at least, with much to spare
_TIDYING = 0.5  # of the time up to the deadline, at most, goes into choosing among equal flows


class BestResponseSolver:
    """The trafficker's programme of one activity model, kept hot in the solver.

    Parameters
    ----------
    model
        The activity model.
    objective
        What the trafficker maximises: weighted deliveries (`flow`), or profit.
    ties
        For `bilevel`: which of the equally profitable flows counts, the one worst for the planner
        (``pessimistic``) or the best (``optimistic``).

    Attributes
    ----------
    model : ActivityModel
        The activity model, or the one that `rebase` put in its place.
    objective : str
        The objective.

    Notes
    -----
    Not safe to share between threads: give each its own. Large programmes are solved in a thread
    of their own, so that Ctrl-C and the deadline are heard within a second.
    """

    def __init__(
        self,
        model: ActivityModel,
        objective: Objective = OBJECTIVE,
        *,
        ties: Ties = TIE_RULE,
    ) -> None:
        self.model = model
        self.objective: Objective = objective
        self._traits = OBJECTIVES[objective]
        self._effects = PlanEffects(model)
        self._cache = ResponseCache(self._effects)
        self._solver = LpSolver()
        self._goals = LaterGoals(self._solver, 1.0 if ties == "pessimistic" else -1.0)
        self._anchor: tuple[ActivityModel, Any] = (model, None)
        self._set_up()

    @property
    def deadline(self) -> float | None:
        """`time.perf_counter` after which a large programme is given up with `OutOfTime`."""
        return self._solver.deadline

    @deadline.setter
    def deadline(self, deadline: float | None) -> None:
        self._solver.deadline = deadline

    @property
    def large(self) -> bool:
        """True where the programme is large: it is then given up at the deadline."""
        return self._lp.large

    @property
    def iterations(self) -> int:
        """Iterations of the solver so far: work that does not depend on the clock."""
        return self._solver.iterations

    @property
    def visit(self) -> float:
        """Work of valuing a plan beside its iterations: the programme is read and written."""
        model = self.model
        return (len(model.goods) + len(model.activities) + len(model.limit)) / _VISITED

    @property
    def pessimistic(self) -> bool:
        """True where of equally profitable flows the one worst for the planner counts."""
        return self._goals.pessimistic

    @property
    def tied(self) -> float:
        """With `bilevel`, by how much of profit, M USD, flows have counted as tied at most."""
        return self._goals.tied

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
            # Few are kept, and each costs as much as some steps of the simplex.
            if self.large or self._lp.primal:
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
                found = self._stripped(self._lp.activity())
                if found is not None:
                    self._check(found, value)
                    return self._answer(value, found, None, tidy=False, prices=prices)
            with self._part_of_the_time():
                activity, tie, tidy = self._goals.tidied(before)
            self._check(activity, value)
            if self._traits.ties:
                value = self._weighed(float(self.model.weight @ activity), value)
            # Without circles it hits what measures can take more closely than the first optimum.
            rents = None if self._traits.ties else self._lp.rents(prices[1])
            cached = self._effects.cached_response(self.model, acts, value, activity, rents)
            self._cache.reference = cached
            # What changes least leaves grams behind that solvers take for rounding.
            shown = activity if tidy and before is None else self._bare(activity)
            return self._answer(value, shown, tie, tidy=tidy, prices=prices)

    def _same(self, dual: float, value: float) -> bool:
        """Return whether what prices add up to is the value, but for the solver's tolerance."""
        least = self._lp.unit * self._lp.coin
        return abs(dual - value) <= TOLERANCE * max(least, abs(value))

    def _adds_up(self, found: BestResponse) -> bool:
        """Return whether the prices of a response to the plan applied last are worth its value."""
        finite = self._lp.finite
        return self._same(float(self._lp.limit[finite] @ found.capacity_price[finite]), found.value)

    def _bare(self, activity: Floats) -> Floats:
        """Return activities of the plan applied last without waste, where that comes to an end."""
        found = self._stripped(activity)
        return activity if found is None else found

    def _stripped(self, activity: Floats) -> Floats | None:
        """Return activities of the plan applied last without waste, None where that has no end."""
        shut = np.zeros(len(self.model.activities), dtype=np.bool_)
        shut[self._effects.closures.places[self._lp.closed]] = True
        return stripped(self.model, activity, shut)

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

    def rebase(self, model: ActivityModel) -> None:
        """Go on with other numbers of the same network, whatever they stand for.

        The programme in the solver is kept, with its basis, unless something that nothing limited
        now is limited, or something that was nothing is something: these need other rows or scales.

        Parameters
        ----------
        model
            `dataclasses.replace` of the present one, with coefficients and acts of measures at the
            same places, as of `ModelNumbers`.
        """
        if model is self.model:
            return
        if not _same_structure(model, self.model):
            raise ValueError("the model is another network's; make a solver of its own")
        self._cache.drop_kept()
        with self._intact():
            self.model = model
            self._effects.renumber(model)
            if not self._lp.fits(model):
                self._set_up()
                return
            self._lp.renumber(model)
            self._solver.renumbered()
            if self._lp.primal:
                self._solver.first_basis = None  # an optimum no more
            self._cache.forget()

    def anchor(self) -> None:
        """Keep the numbers and the basis of the answer given last, for `restart`."""
        self._anchor = (self.model, self._lp.highs.getBasis())

    def restart(self, model: ActivityModel) -> None:
        """Go on with other numbers, as `rebase`, from the basis at `anchor` in a new solver.

        What follows is the same to the last bit, whatever was solved before. The scales are those
        of the numbers at `anchor`.
        """
        anchored, basis = self._anchor
        if not _same_structure(model, anchored):
            raise ValueError("the model is another network's; make a solver of its own")
        if self._lp.scaled_for is not anchored:
            self.model = anchored
            self._effects.renumber(anchored)
            self._set_up()
        self.model = model
        self._effects.renumber(model)
        self._cache.drop_kept()
        if not self._lp.fits(model):
            self._set_up()
            return
        self._lp.load_anew(model)
        self._take()
        self._lp.highs.setBasis(basis)
        self._solver.has_basis = True

    def _set_up(self) -> None:
        """Load the programme without measures into a new solver, in scales that fit it."""
        self._lp = ResponseLp(self.model, self.objective, self._effects)
        self._take()

    def _take(self) -> None:
        """Go on with the programme, just loaded."""
        self._solver.take(self._lp)
        self._goals.take(self._lp)
        self._intact_now = True
        self._cache.forget()

    @contextmanager
    def _intact(self) -> Iterator[None]:
        """Load the programme anew if the last call was broken off in the middle.

        At the deadline the solver mostly stops by itself, and is left as after any other run.
        """
        if not self._intact_now:
            anew = time.perf_counter() + self._lp.load_seconds + self._solver.anew_seconds
            if self.deadline is not None and anew >= self.deadline:
                raise self._solver.late()
            self._set_up()
        self._intact_now = False
        try:
            yield
        except OutOfTime:
            self._intact_now = self._solver.ended
            raise
        self._intact_now = self._solver.ended

    def _best(self, acts: Flags, *, tidy: bool = False) -> float:
        """Return the best that the trafficker can reach under a plan, in its own unit.

        With `tidy`, a large programme without a basis starts near the optimum that is shown, and
        one for the primal simplex always does.
        """
        self._cache.last = None  # the solver goes on
        if tidy and self._lp.primal and self._solver.first_basis is None:
            self._solver.has_basis = False
            if acts.any():
                self._best(np.zeros_like(acts), tidy=True)
        self._lp.count_in(self._lp.unit)
        solver, cold = self._solver, not self._solver.has_basis
        solver.returns = solver.first_basis is not None and self._starts_over(acts, tidy=tidy)
        self._lp.apply(acts)
        if solver.returns:
            self._lp.highs.setBasis(solver.first_basis)
        all_at_once = self._all_at_once(tidy=tidy)
        best = self._goals.optimum_tidied() if all_at_once else solver.optimum()
        if not acts.any() and not solver.returns and (cold or not self._lp.primal) and self._hot:
            solver.first_basis, solver.first_is_tidy = self._lp.highs.getBasis(), all_at_once
        solver.returns = False
        if self._lp.scaled_for is not self.model and not _TINY < best < _HUGE:
            self._set_up()  # other numbers than those the scales were made for, by orders
            self._lp.apply(acts)
            best = self._solver.optimum()
        if best < _TINY:
            best = self._looked_at_closely(best)
        return best * self._lp.unit * self._lp.coin if best > _NOTHING else 0.0

    @property
    def _hot(self) -> bool:
        """True where a basis without measures is worth keeping."""
        return self.large or self._lp.primal

    def _starts_over(self, acts: Flags, *, tidy: bool) -> bool:
        """Return whether a plan is solved from the basis without measures, not from the last one.

        The primal simplex takes the one that differs in fewer measures; from the last one, which
        of equally good flows is found would hang on the plans before.
        """
        moved = int((acts != self._lp.acts).sum())
        if self._lp.primal:
            return tidy or int(acts.sum()) < moved
        return self.large and moved > 0 and not acts.any()

    def _all_at_once(self, *, tidy: bool) -> bool:
        """Return whether the goals are first solved together.

        Profit has few optima as it is. And where costs spoil what presolve would take out, all
        goals together may take longer than the first alone, which must be known at a deadline.
        """
        solver = self._solver
        if self._lp.primal and solver.returns:
            return tidy and solver.first_is_tidy
        anew = self._hot and not solver.has_basis and not solver.returns
        if not anew or self._traits.for_money:
            return False
        if self.deadline is None:
            return tidy or self._lp.primal
        seconds = len(self.model.activities) / _ACTIVITIES_PER_SECOND
        return self._lp.primal and self.deadline > time.perf_counter() + seconds

    def _looked_at_closely(self, best: float) -> float:
        """Solve once more, with what a plan leaves as the measure, where it is next to nothing.

        Tolerances are shares of what there is without measures. Where little of it is left, a loop
        that loses little could live on them: what is short in each round comes back many times.
        """
        left = max(best, self._delivered() if self._traits.ties else 0.0)
        if not _FAINTEST < left < _TINY:
            return self._solver.optimum() if self._traits.ties else best
        self._lp.count_in(self._lp.unit * power_of_two(np.array([max(left, _NOTHING)])))
        if self._solver.solved():
            return -float(self._lp.highs.getObjectiveValue()) * self._lp.grain / self._lp.unit
        self._lp.count_in(self._lp.unit)  # numbers too far apart for it
        return self._solver.optimum()

    def _delivered(self) -> float:
        """Return what is delivered among equally profitable flows, in scaled units."""
        with self._goals.deliveries() as later:
            weighted = float(self.model.weight @ next(later).activity)
        return weighted / (self._lp.grain * self._lp.tonne)

    def _weighed(self, weighted: float, best: float) -> float:
        """Return weighted tonnes of activities, without the dust of who gains nothing."""
        dust = _NO_TONNES * self._lp.unit * self._lp.tonne
        return weighted if best > 0.0 or weighted > dust else 0.0


def _same_structure(model: ActivityModel, other: ActivityModel) -> bool:
    """Return whether two models are one network's, and differ in numbers alone."""
    shared = (
        (model.takes, other.takes),
        (model.goods, other.goods),
        (model.cuts.place, other.cuts.place),
        (model.closures.place, other.closures.place),
        (model.cost_increases.place, other.cost_increases.place),
    )
    return all(one is two for one, two in shared)
