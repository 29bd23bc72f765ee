"""The trafficker's best response: one linear programme, re-solved in process for plan after plan.

Only column and row bounds (and, where a measure raises costs, the objective) change from plan to
plan, so the dual simplex starts from the last basis, without presolve. A large programme without
a basis is solved by the interior point method, with presolve and crossover to a basis; so is one
for which the simplex, from the last basis, has taken more steps than that would cost.

The flows shown are settled by later goals (least cost, then least hauling), each among the optima
of the goals before it. Those are a face of the feasible flows, which any optimal prices describe:
what loses by running stands still, and what has a price is used up. So a later goal only pins
columns and rows, and the primal simplex goes on from the basis that it has.

With `bilevel` the trafficker maximises profit, and a second programme settles what it delivers: the
most (pessimistic ties) or the least (optimistic) weighted tonnes among the flows whose profit is
within 1e-9 of the best. Its dual has a rate, the tonnes that a unit less of profit would move:

    w'y <= U'mu - rate * profit    for every flow y, if    A'pi + G'mu >= w + rate * p

HiGHS always minimises here, so the dual of a capacity row is minus what a unit more of it is
worth to the trafficker. Its tolerances are absolute, so everything is first scaled, by powers of
two, to what it can bring in the objective: a tonne of leaf counts as the kilograms it becomes, the
whole flow as about one hundred. What is missed is then a share of the objective, whether the
network speaks of kilograms or kilotonnes, dollars or millions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from flowopt.errors import OutOfTime, SolverError
from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.bounds import Bounds, derive_bounds, gross_worth, leading, most_delivered
from flowopt.model.objectives import OBJECTIVES, Objective, Ties
from flowopt.model.plan_terms import Flags, PlanTerms, Standing
from flowopt.model.watched_run import SHORT_PATIENCE, Job, watch

TOLERANCE = 1e-6  # relative: primal against dual value
TIED = 1e-9  # relative: profits closer than this are equal (the network format says so)
_SLACKS = (TIED, 1e-8, 1e-7)  # relative: tried in turn where what counts as tied is held
_TIGHT = 1e-9  # the solver's tolerances, in scaled units
_NOTHING = 1e-9  # in scaled units: what the trafficker gets by doing nothing, with rounding
_NO_TONNES = 1e-6  # likewise, for what is delivered by a trafficker who gains nothing by it
_FAINT = 2.0**-36  # worth of a unit, of the best: what is worth less would be scaled beyond reason
_DUST = 1e-11  # of the largest activity: the solver's rounding
_FAINTEST = 1e-15  # likewise: what is less is rounding, and no flow
_TINY, _HUGE = 2.0**-10, 2.0**20  # optima, in scaled units, for which other scales are better

_LARGE = 5_000  # activities from which a programme is solved by other ways, and watched
_VAST = 50_000  # activities from which exact edge weights for a new basis take seconds
_DEVEX = 1  # HiGHS's number of edge weights that begin at 1
_USUAL = ("simplex", "off", False)  # solver, presolve, whether steps are limited
_SMALL_WAYS = (_USUAL, _USUAL, ("simplex", "on", False))
_LARGE_WAYS = (("simplex", "off", True), ("ipm", "on", False), _USUAL, ("simplex", "on", False))
# Steps of the simplex after which a large programme starts anew by interior point: about as many
# as take as long as that, and one more for so many activities.
_STEPS, _ACTIVITIES_PER_STEP = 1_500, 50
_MOST_IN_VAIN = 4  # the simplex is left out ever longer where it did not arrive, up to 15 times
_ENDLESS = 2**31 - 1
_DUAL, _PRIMAL = 1, 4  # HiGHS's numbers of the dual and the primal simplex
_STANDINGS = 200  # that are remembered of a small programme: a search comes back to the same ones
_KEPT = 5  # responses to plans that are kept for the deadline
_MARGIN = 1.25  # times what interior point last took: what it is left
_TIDYING = 0.5  # of the time up to the deadline, at most, goes into choosing among equal flows


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
    """What the trafficker does under a plan, by activity, and what capacities are worth to it.

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
        Whether the activities are those of least cost and least hauling; False where the deadline
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


@dataclass(frozen=True, slots=True)
class _Beyond:
    """Columns that cost too much for any best response, with what a unit loses, and the duals."""

    columns: Indices
    loses: Floats
    dual: Floats


@dataclass(frozen=True, slots=True)
class _Stage:
    """The optimum of a later goal: activities, what the first goal's row is worth, and prices."""

    activity: Floats
    rate: float
    prices: tuple[Floats, Floats]


class Trafficker:
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
    deadline : float or None
        `time.perf_counter` after which a large programme is given up with `OutOfTime`.
    large : bool
        Whether the programme is large: it is then given up at the deadline.
    iterations : int
        Iterations of the solver so far: work that does not depend on the clock.
    tied : float
        With `bilevel`, by how much of profit, M USD, flows have counted as tied at most so far.

    Notes
    -----
    Not safe to share between threads: give each its own. Large programmes are solved in a thread
    of their own, so that Ctrl-C and the deadline are heard within a second.
    """

    def __init__(
        self,
        model: ActivityModel,
        objective: Objective = "flow",
        *,
        ties: Ties = "pessimistic",
    ) -> None:
        self.model = model
        self.objective: Objective = objective
        self._traits = OBJECTIVES[objective]
        self.deadline: float | None = None
        self.iterations = 0
        self.tied = 0.0
        self._standing: Standing | None = None
        self._standings: dict[bytes, Standing] = {}
        self._bounds: Bounds | None = None
        self._sign = 1.0 if ties == "pessimistic" else -1.0
        self._apart = False
        self._last: tuple[Flags, BestResponse] | None = None
        self._kept: dict[bytes, BestResponse] = {}
        self._terms = PlanTerms(model)
        self._anew_seconds = 0.0  # that the last solution from nothing took
        self._set_up()

    # -- what others call -------------------------------------------------------------------

    def value(self, plan: Iterable[int] = ()) -> float:
        """Return the planner's objective under a plan of measure indices.

        Raises
        ------
        SolverError
            When the solver does not prove an optimum.
        OutOfTime
            When a large programme takes until the deadline.
        """
        acts = self._terms.chosen(plan)
        known = self._standing
        if known is not None and self._terms.stands(self.model, known, acts):
            return known.value
        with self._intact():
            value, activity = self._valued(acts)
            if activity is not None:  # of two programmes: that is not done twice
                self._note(self._terms.standing(self.model, acts, value, activity))
        return value

    def remember(self, plan: Iterable[int] = ()) -> None:
        """Keep the best response to a plan, so that `value` knows that of plans which leave it.

        Worth its while before many plans are valued that hold this one: most measures touch
        nothing of what the trafficker does.
        """
        acts = self._terms.chosen(plan)
        if self._standing is not None and np.array_equal(acts, self._standing.acts):
            return
        key = acts.tobytes()
        if key not in self._standings:
            with self._intact():
                self._note(self._stood(acts))
        self._standing = self._standings[key]

    def keep(self, plan: Iterable[int]) -> None:
        """Keep the response to the plan valued last, for when there is no time for it once more.

        Only where the programme is large and was solved for this very plan; it is not tidied up.
        The last few are kept, and that of no measures.
        """
        acts = self._terms.chosen(plan)
        if self._last is not None and np.array_equal(acts, self._last[0]):
            nothing = self._terms.chosen(()).tobytes()
            others = [key for key in self._kept if key != nothing]
            if len(others) == _KEPT:
                del self._kept[others[0]]
            self._kept[acts.tobytes()] = self._last[1]

    def most_lost(self, *, together: bool = False) -> Floats:
        """Return by how much each measure, added alone to the remembered plan, can lower `value`.

        One entry per real measure, in the objective's unit; `inf` where nothing is known. With
        `together`, what several of them do at once is no more than their sum.
        """
        if self._standing is None or self._traits.ties:
            return np.full(len(self.model.measures), np.inf)
        if self._bounds is None:
            self._bounds = derive_bounds(self.model, self.objective)
        return self._terms.most_lost(
            self._standing, self._bounds, money=self._traits.in_money, together=together
        )

    def surely_lost(self) -> Floats:
        """Return by how much each measure, added alone to the remembered plan, lowers `value`.

        At least: what its prices promise. One entry per real measure, in the objective's unit; 0
        where nothing is promised, as for `bilevel`.
        """
        if self._standing is None or self._standing.rents is None:
            return np.zeros(len(self.model.measures))
        return self._terms.surely_lost(self.model, self._standing.rents)

    def _note(self, standing: Standing) -> None:
        """Take a response among those that `remember` need not solve once more."""
        if len(self._standings) == (1 if self.large else _STANDINGS):
            self._standings.clear()
        self._standings[standing.acts.tobytes()] = standing

    def _stood(self, acts: Flags) -> Standing:
        """Return the best response to a plan as `remember` keeps it."""
        value, activity = self._valued(acts)
        rents = None
        if activity is None:
            activity = self._activity()
            rents = self._rents(self._prices(self._coin)[1])
        return self._terms.standing(self.model, acts, value, activity, rents)

    def _valued(self, acts: Flags) -> tuple[float, Floats | None]:
        """Return the planner's objective and, with `bilevel`, the activities it counts."""
        self._last = None  # what it says is no longer so
        best = self._best(acts)
        if not self._traits.ties:
            if self.large:
                self._last = acts, self._answer(best, self._activity(), None, tidy=False)
            return best, None
        prices = self._prices(self._coin) if self.large else None
        with self._later_goals([-self._goal(), self._settling()]) as later:
            stage = next(later)
            self._check(stage.activity, best)
        value = self._weighed(stage.activity, best)
        if prices is not None:
            tie = self._tie(stage)
            self._last = acts, self._answer(value, stage.activity, tie, tidy=False, prices=prices)
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
        earned = float((self.model.price - self._cost) @ activity)
        if earned < best - TOLERANCE * max(self._unit * self._coin, abs(best)):
            raise SolverError(
                f"the best response earns {earned:.9g} M USD where the best is {best:.9g}; "
                "please report the network"
            )

    def respond(self, plan: Iterable[int] = ()) -> BestResponse:
        """Return the best response to a plan: the optimum, then least cost, then least hauling.

        Where the deadline comes in between, it is the optimum, or the one that was kept for the
        plan.

        Raises
        ------
        SolverError
            When the solver does not prove an optimum, or its primal and dual values differ.
        OutOfTime
            When a large programme takes until the deadline, and nothing is known of the plan.
        """
        acts = self._terms.chosen(plan)
        try:
            return self._respond(acts)
        except OutOfTime:
            kept = self._kept.get(acts.tobytes())
            if kept is None:
                raise
            return kept

    def _respond(self, acts: Flags) -> BestResponse:
        """Return the best response, tidied up as far as time allows."""
        with self._intact():
            value = self._best(acts)
            prices = self._prices(self._coin)
            dual = float(self._limit[self._finite] @ prices[1][self._finite])
            if abs(dual - value) > TOLERANCE * max(self._unit * self._coin, abs(value)):
                raise SolverError(
                    f"the best response has value {value:.9g} but its prices add up to "
                    f"{dual:.9g}; please report the network"
                )
            with self._part_of_the_time():
                activity, tie, tidy = self._tidy()
            self._check(activity, value)
            if self._traits.ties:
                value = self._weighed(activity, value)
            # Without circles it hits what measures can take more closely than the first optimum.
            rents = None if self._traits.ties else self._rents(prices[1])
            self._standing = self._terms.standing(self.model, acts, value, activity, rents)
            return self._answer(value, activity, tie, tidy=tidy, prices=prices)

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
        good_price, capacity_price = self._prices(self._coin) if prices is None else prices
        capacity_worth = np.zeros(len(self.model.limit))
        capacity_worth[self._finite] = self._of_capacity * self._coin
        return BestResponse(
            value=value,
            activity=activity,
            good_price=good_price,
            capacity_price=capacity_price,
            limit=self._limit_left(),
            cost=self._cost.copy(),
            good_worth=self._of_good * self._coin,
            capacity_worth=capacity_worth,
            tie=tie,
            tidy=tidy,
        )

    def rebase(self, model: ActivityModel) -> None:
        """Go on with other numbers of the same network: other limits, weights, prices and costs.

        The programme in the solver is kept, with its basis, unless something that nothing limited
        now is limited, or something that was nothing is something: these need other rows or scales.

        Parameters
        ----------
        model
            `dataclasses.replace` of the present one.
        """
        if model is self.model:
            return
        if model.takes is not self.model.takes or model.used is not self.model.used:
            raise ValueError("the model is another network's; make a Trafficker of its own for it")
        self._kept = {}
        with self._intact():
            scaled = self._scaled_for
            if not (
                np.array_equal(np.isinf(model.limit), np.isinf(scaled.limit))
                and np.array_equal(model.limit > 0.0, scaled.limit > 0.0)
                and np.array_equal(model.price > 0.0, scaled.price > 0.0)
                and np.array_equal(model.weight > 0.0, scaled.weight > 0.0)
            ):
                self.model = model
                self._set_up()
                return
            limit, cost = model.limit.copy(), model.cost.copy()
            limit[self._terms.cuts.places] = self._terms.limits(model.limit, self._acts)
            cost[self._terms.rises.places] = self._terms.costs(model.cost, self._acts)
            rows = np.flatnonzero(limit != self._limit)
            self._bound_rows(rows, limit[rows])
            self.model, self._cost = model, cost
            if self._traits.for_money:
                self._most_cost = _most_cost(gross_worth(model, self.objective)[1])
            self._forget()
            self._minimise(-self._goal())

    # -- the programme ----------------------------------------------------------------------

    def _set_up(self) -> None:
        """Load the programme without measures into a new solver, in scales that fit it."""
        began, model = time.perf_counter(), self.model
        self._scaled_for = model
        # What brings nothing in the objective must not set the scale of what does.
        brings = model.weight + model.price if self._traits.for_money else model.weight
        most = most_delivered(model)[brings > 0.0]
        self._unit = _power_of_two(most[np.isfinite(most)]) / 64.0
        self._grain = self._unit
        self._tonne = _power_of_two(model.weight)
        self._coin = _power_of_two(model.price) if self._traits.for_money else self._tonne
        self._finite = np.flatnonzero(np.isfinite(model.limit))
        self._of_good, self._of_capacity, self._of_activity = self._scales()
        self._row_of = np.full(len(model.limit), -1, dtype=np.int32)
        self._row_of[self._finite] = len(model.goods) + np.arange(len(self._finite))
        self._row_scale = np.zeros(len(model.limit))
        self._row_scale[self._finite] = self._of_capacity / self._grain
        self._acts: Flags = self._terms.chosen(())
        self._limit = model.limit.copy()
        self._cost = model.cost.copy()
        self._closed = np.zeros(len(self._terms.closures.places), dtype=np.bool_)
        self._hauls: Floats | None = None
        self.large = len(model.activities) >= _LARGE
        self._has_basis = False
        self._in_vain = self._waits = 0
        self._first_basis: Any = None  # of a large programme without measures
        self._returns = False  # to it
        self._intact_now = self._ended = True
        self._forget()
        self._highs = self._load()
        self._load_seconds = time.perf_counter() - began

    def _forget(self) -> None:
        """Forget what was known of a response, and of the model's numbers."""
        self._standing = None
        self._standings = {}
        self._last = None
        self._bounds = None

    @contextmanager
    def _intact(self) -> Iterator[None]:
        """Load the programme anew if the last call was broken off in the middle.

        At the deadline the solver mostly stops by itself, and is left as after any other run.
        """
        if not self._intact_now:
            anew = time.perf_counter() + self._load_seconds + self._anew_seconds
            if self.deadline is not None and anew >= self.deadline:
                raise self._late()
            self._set_up()
        self._intact_now = False
        try:
            yield
        except OutOfTime:
            self._intact_now = self._ended
            raise
        self._intact_now = self._ended

    def _load(self) -> highspy.Highs:
        model = self.model
        columns = len(model.activities)
        matrix = self._matrix()
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, matrix.shape[0]
        lp.col_cost_ = -self._goal()
        lp.col_lower_ = np.zeros(columns)
        lp.col_upper_ = np.full(columns, highspy.kHighsInf)
        lp.row_lower_ = np.full(matrix.shape[0], -highspy.kHighsInf)
        room = model.limit[self._finite] * self._row_scale[self._finite]
        lp.row_upper_ = np.concatenate([np.zeros(len(model.goods)), room])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = matrix.indptr
        lp.a_matrix_.index_ = matrix.indices
        lp.a_matrix_.value_ = matrix.data
        highs = highspy.Highs()
        options: dict[str, bool | int | float | str] = {
            "output_flag": False,
            "presolve": "off",
            "solver": "simplex",
            "threads": 1,
            # Losses on top of losses, and ties at 1e-9 of the profit, need what the solver can do.
            "primal_feasibility_tolerance": _TIGHT,
            "dual_feasibility_tolerance": _TIGHT,
        }
        if self.large:  # perturbed costs have to be put right, step by step, at the end
            options["dual_simplex_cost_perturbation_multiplier"] = 0.0
        if columns >= _VAST:
            options["simplex_dual_edge_weight_strategy"] = _DEVEX
        for option, setting in options.items():
            highs.setOptionValue(option, setting)
        self._stop = threading.Event()
        if self.large:
            _listen(highs, self._stop)
        if highs.passModel(lp) == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refused the trafficker's programme; please report the network")
        return highs

    def _matrix(self) -> sparse.csc_array:
        """Return the scaled rows of goods and of finite capacities, as HiGHS takes them."""
        model = self.model
        used, made, takes = model.used.tocoo(), model.made.tocoo(), model.takes.tocoo()
        finite = self._row_of[takes.row] >= 0
        row = np.concatenate([used.row, made.row, self._row_of[takes.row[finite]]])
        column = np.concatenate([used.col, made.col, takes.col[finite]])
        value = np.concatenate([used.data, -made.data, takes.data[finite]])
        value *= np.concatenate([self._of_good, self._of_capacity])[row]
        value *= self._of_activity[column]
        shape = len(model.goods) + len(self._finite), len(model.activities)
        matrix = sparse.csc_array((value, (row, column)), shape=shape)
        matrix.eliminate_zeros()
        return matrix

    def _scales(self) -> tuple[Floats, Floats, Floats]:
        """Return by what rows of goods, of finite capacities, and columns are multiplied."""
        good, activity = gross_worth(self.model, self.objective)
        capacity = np.zeros(len(self.model.limit))
        takes = self.model.takes.tocoo()
        np.maximum.at(capacity, takes.row, takes.data * activity[takes.col])
        self._most_cost = _most_cost(activity)
        # What brings nothing only loses what it uses up: that is its measure.
        worth = np.where(activity > 0.0, activity, self.model.used.T @ good)
        faint = np.where(worth > 0.0, np.maximum(worth, _FAINT * self._coin), 0.0)
        return (
            _powers_of_two(good / self._coin),
            _powers_of_two(capacity / self._coin)[self._finite],
            1.0 / _powers_of_two(faint / self._coin),
        )

    def _goal(self) -> Floats:
        """Return what each column brings the trafficker under the plan applied last."""
        if not self._traits.for_money:
            return self.model.weight * self._of_activity / self._coin
        cost = np.minimum(self._cost, self._most_cost)
        return (self.model.price - cost) * self._of_activity / self._coin

    def _apply(self, acts: Flags) -> None:
        """Bring the programme to a plan, touching only what differs from the last one."""
        if np.array_equal(acts, self._acts):
            return
        terms = self._terms
        rows = terms.cuts.places
        limit = terms.limits(self.model.limit, acts)
        changed = np.flatnonzero(limit != self._limit[rows])
        if len(changed):
            self._bound_rows(rows[changed], limit[changed])
        columns, closed = terms.closures.places, terms.closed(acts)
        changed = np.flatnonzero(closed != self._closed)
        if len(changed):
            self._highs.changeColsBounds(
                len(changed),
                columns[changed].astype(np.int32),
                np.zeros(len(changed)),
                np.where(closed[changed], 0.0, highspy.kHighsInf),
            )
            self._closed = closed
        columns, cost = terms.rises.places, terms.costs(self.model.cost, acts)
        changed = np.flatnonzero(cost != self._cost[columns])
        if len(changed):
            columns = columns[changed]
            self._cost[columns] = cost[changed]
            if self._traits.for_money:
                counted = np.minimum(cost[changed], self._most_cost[columns])
                earned = (self.model.price[columns] - counted) * self._of_activity[columns]
                self._cost_columns(columns, -earned / self._coin)
        self._acts = acts

    def _bound_rows(self, rows: Indices, limits: Floats) -> None:
        """Give some capacities, none of them unlimited, other limits."""
        self._limit[rows] = limits
        self._highs.changeRowsBounds(
            len(rows),
            self._row_of[rows],
            np.full(len(rows), -highspy.kHighsInf),
            limits * self._row_scale[rows],
        )

    def _cost_columns(self, columns: Indices, cost: Floats) -> None:
        """Change what some columns add to the goal that is minimised."""
        self._highs.changeColsCost(len(columns), columns.astype(np.int32), cost)

    def _minimise(self, cost: Floats) -> None:
        self._cost_columns(np.arange(len(cost)), cost)

    # -- solving ----------------------------------------------------------------------------

    def _best(self, acts: Flags) -> float:
        """Return the best that the trafficker can reach under a plan, in its own unit."""
        self._count_in(self._unit)
        moved = not np.array_equal(acts, self._acts)
        self._apply(acts)
        nothing = self.large and not acts.any()
        self._returns = nothing and moved and self._first_basis is not None
        if self._returns:
            self._highs.setBasis(self._first_basis)
        best = self._optimum()
        if nothing and not self._returns:
            self._first_basis = self._highs.getBasis()
        self._returns = False
        if self._scaled_for is not self.model and not _TINY < best < _HUGE:
            self._set_up()  # other numbers than those the scales were made for, by orders
            self._apply(acts)
            best = self._optimum()
        if best < _TINY:
            best = self._looked_at_closely(best)
        return best * self._unit * self._coin if best > _NOTHING else 0.0

    def _looked_at_closely(self, best: float) -> float:
        """Solve once more, with what a plan leaves as the measure, where it is next to nothing.

        Tolerances are shares of what there is without measures. Where little of it is left, a loop
        that loses little could live on them: what is short in each round comes back many times.
        """
        left = max(best, self._delivered() if self._traits.ties else 0.0)
        if not _FAINTEST < left < _TINY:
            return self._optimum() if self._traits.ties else best
        self._count_in(self._unit * _power_of_two(np.array([max(left, _NOTHING)])))
        if self._solved():
            return -float(self._highs.getObjectiveValue()) * self._grain / self._unit
        self._count_in(self._unit)  # numbers too far apart for it
        return self._optimum()

    def _delivered(self) -> float:
        """Return what is delivered among equally profitable flows, in scaled units."""
        with self._later_goals([-self._goal(), self._settling()]) as later:
            weighted = float(self.model.weight @ next(later).activity)
        return weighted / (self._grain * self._tonne)

    def _count_in(self, unit: float) -> None:
        """Let the programme count amounts in another unit: only limits are amounts."""
        if unit == self._grain:
            return
        self._grain = unit
        self._row_scale[self._finite] = self._of_capacity / unit
        self._bound_rows(self._finite, self._limit[self._finite])

    def _optimum(self) -> float:
        """Solve; return the optimum in scaled units."""
        if not self._solved():
            status = self._highs.modelStatusToString(self._highs.getModelStatus())
            raise SolverError(f"HiGHS could not solve the trafficker's programme: {status}")
        return -float(self._highs.getObjectiveValue())

    def _solved(self) -> bool:
        """Solve; return whether to an optimum.

        A basis left by another plan can mislead the simplex, so it tries again from nothing, and
        once more with presolve. Doing nothing is always possible: an answer of "infeasible" only
        says that the tolerances were missed.
        """
        hot = self._returns or (self._has_basis and not self._waits)
        if not self._returns:
            self._waits = max(0, self._waits - 1)
        ways = _SMALL_WAYS if not self.large else _LARGE_WAYS[0 if hot else 1 :]
        for number, way in enumerate(ways):
            if number or not hot:
                self._highs.clearSolver()
            if self._solved_by(*way):
                self._has_basis = True
                if way[2]:
                    self._in_vain = 0
                return True
            if way[2]:
                self._in_vain = min(self._in_vain + 1, _MOST_IN_VAIN)
                self._waits = 2**self._in_vain - 1
        self._has_basis = False
        return False

    def _solved_by(self, solver: str, presolve: str, limited: bool) -> bool:
        """Solve in one way; return whether to an optimum."""
        highs = self._highs
        usual = (solver, presolve, limited) == _USUAL
        if not usual:
            highs.setOptionValue("solver", solver)
            highs.setOptionValue("presolve", presolve)
            more = len(self.model.activities) // _ACTIVITIES_PER_STEP
            steps = _STEPS + more if limited else _ENDLESS
            highs.setOptionValue("simplex_iteration_limit", steps)
        began = time.perf_counter()
        try:
            if self.large:
                self._run_watched(self._leaving_time() if limited else None)
            else:
                self._run_here_or_apart()
        finally:
            if not usual and self._ended:
                highs.setOptionValue("solver", "simplex")
                highs.setOptionValue("presolve", "off")
                highs.setOptionValue("simplex_iteration_limit", _ENDLESS)
        info = highs.getInfo()
        self.iterations += max(info.simplex_iteration_count, 0)
        if not usual:
            self.iterations += max(info.ipm_iteration_count, 0)
        optimal = bool(highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)
        if optimal and solver == "ipm":
            self._anew_seconds = time.perf_counter() - began
        return optimal

    def _leaving_time(self) -> float | None:
        """Return when the simplex has to leave the rest of the time to interior point.

        That takes about as long as it last did. None where it is not in time anyway, so that the
        simplex may be, or where there is no deadline.
        """
        if self.deadline is None:
            return None
        latest = self.deadline - _MARGIN * self._anew_seconds
        return latest if latest > time.perf_counter() else None

    def _run_watched(self, leave: float | None = None) -> None:
        """Run the solver in a thread of its own, and stop it at Ctrl-C or at the deadline.

        It may `leave` earlier, unsolved.
        """
        highs, late = self._highs, False
        if self.deadline is not None:  # presolve looks at the clock, but hears nobody
            left = self.deadline - time.perf_counter()
            if left <= 0.0:
                raise self._late()
            if leave is not None:
                left = max(0.0, leave - time.perf_counter())
            highs.setOptionValue("time_limit", highs.getRunTime() + left)

        def over() -> float | None:
            nonlocal late
            late = late or (self.deadline is not None and time.perf_counter() > self.deadline)
            return SHORT_PATIENCE if late else None

        self._ended = False
        job = _Call(highs.run, self._stop)
        interrupted = watch([job], over)
        if job.done.is_set():
            self._ended = True
            self._stop.clear()
            if self.deadline is not None:
                highs.setOptionValue("time_limit", highspy.kHighsInf)
                timed_out = highs.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
                late = late or (
                    timed_out and (leave is None or time.perf_counter() >= self.deadline)
                )
            if interrupted or late:
                self._has_basis = bool(highs.getBasis().valid)
        job.check()
        if interrupted:
            raise KeyboardInterrupt
        if late:
            raise self._late()

    def _late(self) -> OutOfTime:
        """Return the error of a response that is not known at the deadline."""
        size = len(self.model.activities)
        return OutOfTime(
            "the time limit was over before the trafficker's best response was known: its "
            f"programme of {size:,} activities takes longer than that; give it more time, such as "
            f"{_usual_seconds(size):g} seconds"
        )

    def _run_here_or_apart(self) -> None:
        """Run HiGHS in this thread, or where it refuses, in one of its own.

        HiGHS keeps a scheduler for each thread, with as many workers as the first programme solved
        there asked for, and refuses programmes that ask for others: those of a caller who uses
        HiGHS too. Resetting theirs would crash a solver that they are in the middle of.
        """
        if not self._apart:
            said = self._highs.run()
            unsolved = self._highs.getModelStatus() == highspy.HighsModelStatus.kNotset
            self._apart = said == highspy.HighsStatus.kError and unsolved
        if self._apart:
            _run_apart(self._highs)

    def _prices(self, coin: float, dual: Floats | None = None) -> tuple[Floats, Floats]:
        """Return pi and mu of the programme solved last, whose objective counts in `coin`."""
        goods, finite = len(self.model.goods), len(self._finite)
        dual = np.array(self._highs.getSolution().row_dual) if dual is None else dual
        prices = -coin * dual[: goods + finite]
        prices *= np.concatenate([self._of_good, self._of_capacity])
        capacity_price = np.zeros(len(self.model.limit))
        capacity_price[self._finite] = np.maximum(prices[goods:], 0.0)
        return np.maximum(prices[:goods], 0.0), capacity_price

    def _rents(self, capacity_price: Floats) -> Floats:
        """Return what each capacity row earns at its price, under the plan applied last."""
        rents = np.zeros(len(capacity_price))
        rents[self._finite] = self._limit_left()[self._finite] * capacity_price[self._finite]
        return rents

    # -- later goals ------------------------------------------------------------------------

    def _settling(self) -> Floats:
        """Return what the second programme of `bilevel` minimises."""
        return -self._sign * self.model.weight * self._of_activity / self._tonne

    def _weighed(self, activity: Floats, best: float) -> float:
        """Return the weighted tonnes of activities, without the dust of who gains nothing."""
        weighted = float(self.model.weight @ activity)
        return weighted if best > 0.0 or weighted > _NO_TONNES * self._unit * self._tonne else 0.0

    def _tidy(self) -> tuple[Floats, TiePrices | None, bool]:
        """Return the activities of an optimum of least cost and, among those, of least hauling.

        Costs of zero would otherwise leave goods going round in circles in what people read. With
        `bilevel` the tonnes come before the hauling, and their prices are returned as well. Also
        whether there was time for all goals but those that the value hangs on.
        """
        cost = self._cost * self._of_activity
        if self._traits.ties:
            between = [self._settling()]
        elif self._traits.for_money or not cost.any():
            between = []
        else:
            between = [cost / _power_of_two(cost)]
        activity, goals = self._activity(), [-self._goal(), *between, self._hauling()]
        tie = None
        try:
            with self._later_goals(goals) as later:
                for number, stage in enumerate(later):
                    activity = stage.activity
                    if number == 0 and self._traits.ties:
                        tie = self._tie(stage)
        except OutOfTime:
            if tie is None and self._traits.ties:
                raise
            return activity, tie, False
        return activity, tie, True

    def _tie(self, stage: _Stage) -> TiePrices:
        """Return the prices that prove what the second goal of `bilevel` reached."""
        rate = stage.rate * self._tonne / self._coin
        return TiePrices(self._sign, rate, *stage.prices)

    def _hauling(self) -> Floats:
        """Return what each column hauls, tonnes that are supplied, shipped or processed."""
        if self._hauls is None:
            hauled = ("supply", "ship", "site")
            hauls = np.array([float(a.kind in hauled) for a in self.model.activities])
            self._hauls = hauls * self._of_activity / self._of_activity.min(initial=np.inf)
        return self._hauls

    def _activity(self) -> Floats:
        """Return the activities of the programme solved last, t/yr, without dust.

        That is what is next to nothing both in tonnes and scaled, where it counts what it can
        bring: a microgram may be all that arrives, and tonnes may lose nearly all.
        """
        scaled = np.maximum(np.array(self._highs.getSolution().col_value), 0.0)
        found: Floats = scaled * self._of_activity * self._grain
        trifles = [each <= _DUST * each.max(initial=0.0) for each in (scaled, found)]
        found[trifles[0] & trifles[1]] = 0.0
        return found

    @contextmanager
    def _later_goals(self, goals: list[Floats]) -> Iterator[Iterator[_Stage]]:
        """Give the optima of the goals after the first, each among those of the goals before it.

        The programme, which is at the optimum of the first, is left as it was found.
        """
        highs = self._highs
        basis, rows = highs.getBasis(), highs.getNumRow()
        self._pinned_columns: list[Indices] = []
        self._pinned_rows: list[Indices] = []
        self._held: Floats = np.array([])
        highs.setOptionValue("simplex_strategy", _PRIMAL)
        try:
            yield self._stages(goals, rows)
        except OutOfTime:
            if self._ended:
                self._leave_later_goals(goals[0], basis, rows)
                self._has_basis = True
            raise
        self._leave_later_goals(goals[0], basis, rows)

    def _leave_later_goals(self, first: Floats, basis: Any, rows: int) -> None:
        """Return to the first goal, with the rows and the basis that it had."""
        highs = self._highs
        highs.setOptionValue("simplex_strategy", _DUAL)
        added = highs.getNumRow() - rows
        highs.deleteRows(added, np.arange(rows, rows + added, dtype=np.int32))
        self._held = self._held[:0]
        self._unpin(rows)
        self._minimise(first)
        highs.setBasis(basis)

    def _stages(self, goals: list[Floats], rows: int) -> Iterator[_Stage]:
        """Yield the optimum of each later goal; only the last, which tidies up, may be missed."""
        for number, (reached, following) in enumerate(pairwise(goals)):
            if self._traits.ties and number == 0:
                yield self._settled(reached, following)
                continue
            self._pin()
            self._minimise(following)
            if not self._solved():
                return
            yield self._stage(rows)

    def _pin(self) -> None:
        """Hold the programme, which is at an optimum, to the face of all its optima.

        What leads to no market is shut too, and nothing has to be used up there. A shut gate lets
        dust pass within a tolerance, and that is tonnes before a loss of nearly all.
        """
        solution = self._highs.getSolution()
        shut = np.zeros(len(self.model.activities), dtype=np.bool_)
        shut[self._terms.closures.places[self._closed]] = True
        leads = leading(self.model, self._limit, shut)
        self._shut(np.flatnonzero((np.abs(solution.col_dual) > _TIGHT) | ~leads))
        scarce = np.abs(solution.row_dual) > _TIGHT
        scarce[: len(self.model.goods)] &= self.model.used @ leads.astype(float) > 0.0
        used_up = np.flatnonzero(scarce)
        side = self._sides()[used_up]
        self._highs.changeRowsBounds(len(used_up), used_up.astype(np.int32), side, side)
        self._pinned_rows.append(used_up)

    def _shut(self, columns: Indices) -> Indices:
        """Shut columns until the goals are left, and return which the plan had not shut before."""
        columns = np.setdiff1d(columns, self._terms.closures.places[self._closed])
        nothing = np.zeros(len(columns))
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), nothing, nothing)
        self._pinned_columns.append(columns)
        return columns

    def _unpin(self, rows: int) -> None:
        """Let go of what was pinned, in the first `rows` rows."""
        columns = np.unique(np.concatenate([np.array([], dtype=np.int64), *self._pinned_columns]))
        endless = np.full(len(columns), highspy.kHighsInf)
        self._highs.changeColsBounds(
            len(columns), columns.astype(np.int32), np.zeros(len(columns)), endless
        )
        pinned = np.unique(np.concatenate([np.array([], dtype=np.int64), *self._pinned_rows]))
        pinned = pinned[pinned < rows]
        endless = np.full(len(pinned), -highspy.kHighsInf)
        self._highs.changeRowsBounds(
            len(pinned), pinned.astype(np.int32), endless, self._sides()[pinned]
        )

    def _sides(self) -> Floats:
        """Return the right-hand sides of all rows as they stand."""
        finite, goods = self._finite, len(self.model.goods)
        sides = [np.zeros(goods), self._limit[finite] * self._row_scale[finite], self._held]
        return np.concatenate(sides)

    def _settled(self, reached: Floats, following: Floats) -> _Stage:
        """Return the optimum of the second goal of `bilevel` among what counts as tied.

        What is within the tie's tolerance counts. But where the exact ties deliver as much, they
        are shown: a profit short by a billionth only litters the tables.
        """
        highs = self._highs
        first, best = highs.getNumRow(), highs.getObjectiveValue()
        beyond = self._shut_beyond()
        columns = np.flatnonzero(reached)
        highs.addRow(
            -highspy.kHighsInf, best, len(columns), columns.astype(np.int32), reached[columns]
        )
        self._minimise(following)
        slack = next((each for each in _SLACKS if self._solved_within(first, best, each)), None)
        if slack is not None:
            self.tied = max(self.tied, slack * abs(best) * self._grain * self._coin)
            near, value = self._stage(first, beyond), highs.getObjectiveValue()
            if self._solved_within(first, best, 0.0):
                exact = highs.getObjectiveValue()
                if abs(exact - value) <= TOLERANCE * max(self._unit, abs(value)):
                    return self._stage(first, beyond)
            if self._solved_within(first, best, slack):
                return near
        raise SolverError(
            "HiGHS could not settle what is delivered among equally profitable flows; "
            "please report the network"
        )

    def _solved_within(self, row: int, best: float, slack: float) -> bool:
        """Solve with a row holding the profit to its best but for a relative slack."""
        self._held = np.array([best + slack * abs(best)])
        self._highs.changeRowBounds(row, -highspy.kHighsInf, self._held[0])
        return self._solved()

    def _shut_beyond(self) -> _Beyond:
        """Shut what costs too much for any best response: it would run as dust within a tolerance.

        The programme is at the optimum of the first goal, whose prices say so.
        """
        solution = self._highs.getSolution()
        columns = self._shut(np.flatnonzero(self._cost > self._most_cost))
        loses = np.maximum(np.array(solution.col_dual)[columns], _TIGHT)
        return _Beyond(columns, loses, np.array(solution.row_dual))

    def _stage(self, first: int, beyond: _Beyond | None = None) -> _Stage:
        """Return the optimum just found, with prices that hold for what was shut as well.

        As many times the prices of the first goal may be added as the rate of its profit rises: on
        flows of the best profit both come to the same.
        """
        solution = self._highs.getSolution()
        dual = np.array(solution.row_dual)
        rate = max(0.0, -float(dual[first])) if len(dual) > first else 0.0
        if beyond is not None and len(beyond.columns):
            brings = -np.array(solution.col_dual)[beyond.columns]
            more = max(0.0, float((brings / beyond.loses).max()))
            dual[:first] += more * beyond.dual[:first]
            rate += more
        return _Stage(self._activity(), rate, self._prices(self._tonne, dual))

    def _limit_left(self) -> Floats:
        """U(x), with 0 where every activity of the row is closed."""
        free = np.ones(len(self.model.activities))
        free[self._terms.closures.places[self._closed]] = 0.0
        left = self._limit.copy()
        left[self.model.takes @ free == 0.0] = 0.0
        return left


def _usual_seconds(activities: int) -> float:
    """Return about how long a first response to so many activities takes at most, rounded up."""
    return 10.0 * float(np.ceil(1.0 + activities / 10_000))


class _Call(Job):
    """One run of HiGHS."""

    def __init__(self, run: Callable[[], object], stop: threading.Event | None = None) -> None:
        super().__init__(stop)
        self._run = run

    def check(self) -> None:
        """Raise what went wrong in the job's thread."""
        if self.failure is not None:
            raise self.failure

    def _solve(self) -> None:
        self._run()


def _run_apart(highs: highspy.Highs) -> None:
    """Run HiGHS in a thread of its own and wait for it, with Ctrl-C too: it may not be left."""
    job = _Call(highs.run)
    interrupted = watch([job], lambda: None, patience=np.inf)
    job.check()
    if interrupted:
        raise KeyboardInterrupt


def _listen(highs: highspy.Highs, stop: threading.Event) -> None:
    """Let the solver look up for a stop, again and again while it works."""

    def look_up(event: Any) -> None:
        event.interrupt(stop.is_set())  # what was said last stays said, in later runs too

    for event in (highs.cbSimplexInterrupt, highs.cbIpmInterrupt):
        event.subscribe(look_up)


def _most_cost(worth: Floats) -> Floats:
    """Return what the programme counts of an activity's cost at most: twice what it can bring.

    What costs that much is in no best response; more of it would only scale its column by what the
    solver can't hold against the rest. What brings nothing keeps its cost, which may break a tie.
    """
    return np.where(worth > 0.0, 2.0 * worth, np.inf)


def _power_of_two(values: Floats) -> float:
    """Return the power of two nearest to the largest of some values, 1 if there is none."""
    largest = float(values.max(initial=0.0))
    return float(2.0 ** np.round(np.log2(largest))) if largest > 0.0 else 1.0


def _powers_of_two(values: Floats) -> Floats:
    """Return the power of two nearest to each of some values, 1 where they are not positive."""
    positive = np.where(values > 0.0, values, 1.0)
    return np.exp2(np.round(np.log2(positive)))
