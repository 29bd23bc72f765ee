"""The trafficker's best response: one linear programme, re-solved in process for plan after plan.

Only column and row bounds (and, where a measure raises costs, the objective) change from plan to
plan, so the dual simplex starts from the last basis. Presolve is off: on large flow programmes it
costs far more than it saves.

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

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.errors import SolverError
from flowopt.model.activities import ActivityModel, Floats, Objective, Ties
from flowopt.model.bounds import gross_worth, most_activity

TOLERANCE = 1e-6  # relative: primal against dual value
TIED = 1e-9  # relative: profits closer than this are equal (the network format says so)
_SLACKS = (0.0, 1e-9, 1e-8, 1e-7)  # relative: tried in turn where a later goal holds an earlier
_TIED_SLACKS = (TIED, 1e-8, 1e-7)  # tried in turn where what counts as tied is held
_TIGHT = 1e-9  # the solver's tolerances, in scaled units
_NOTHING = 1e-9  # in scaled units: what the trafficker gets by doing nothing, with rounding
_NO_TONNES = 1e-6  # likewise, for what is delivered by a trafficker who gains nothing by it


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
    tie : TiePrices or None
        Prices of the second programme, for `bilevel`.
    """

    value: float
    activity: Floats
    good_price: Floats
    capacity_price: Floats
    limit: Floats
    cost: Floats
    tie: TiePrices | None = None


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

    Notes
    -----
    Not safe to share between threads: give each its own.
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
        self._sign = 1.0 if ties == "pessimistic" else -1.0
        self.iterations = 0  # simplex iterations so far: work that does not depend on the clock
        most = most_activity(model)[model.weight + model.price > 0.0]
        self._unit = _power_of_two(most[np.isfinite(most)]) / 64.0
        self._tonne = _power_of_two(model.weight)
        self._coin = self._tonne if objective == "flow" else _power_of_two(model.price)
        self._finite = np.flatnonzero(np.isfinite(model.limit))
        self._of_good, self._of_capacity, self._of_activity = self._scales()
        self._acts: npt.NDArray[np.bool_] = model.chosen(())
        self._limit = model.limit.copy()
        self._closed = np.zeros(len(model.activities), dtype=np.bool_)
        self._cost = model.cost.copy()
        self._highs = self._load()

    # -- what others call -------------------------------------------------------------------

    def value(self, plan: Iterable[int] = ()) -> float:
        """Return the planner's objective under a plan of measure indices.

        Raises
        ------
        SolverError
            When the solver does not prove an optimum.
        """
        self._apply(self.model.chosen(plan))
        best = self._optimum()
        if self.objective != "bilevel":
            return best
        with self._later_goals([-self._goal(), self._settling()]) as later:
            return self._weighed(next(later).activity)

    def respond(self, plan: Iterable[int] = ()) -> BestResponse:
        """Return the best response to a plan: the optimum, then least cost, then least hauling.

        Raises
        ------
        SolverError
            When the solver does not prove an optimum, or its primal and dual values differ.
        """
        self._apply(self.model.chosen(plan))
        value = self._optimum()
        good_price, capacity_price = self._prices(self._coin)
        dual = float(self._limit[self._finite] @ capacity_price[self._finite])
        if abs(dual - value) > TOLERANCE * max(self._unit * self._coin, abs(value)):
            raise SolverError(
                f"the best response has value {value:.9g} but its prices add up to {dual:.9g}; "
                "please report the network"
            )
        activity, tie = self._tidy()
        return BestResponse(
            value=self._weighed(activity) if self.objective == "bilevel" else value,
            activity=activity,
            good_price=good_price,
            capacity_price=capacity_price,
            limit=self._limit_left(),
            cost=self._cost.copy(),
            tie=tie,
        )

    # -- the programme ----------------------------------------------------------------------

    def _load(self) -> highspy.Highs:
        model = self.model
        columns = len(model.activities)
        rows = sparse.vstack([model.used - model.made, model.takes.tocsr()[self._finite]])
        scale = np.concatenate([self._of_good, self._of_capacity])
        matrix = sparse.csc_array(
            sparse.diags_array(scale) @ rows @ sparse.diags_array(self._of_activity)
        )
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, matrix.shape[0]
        lp.col_cost_ = -self._goal()
        lp.col_lower_ = np.zeros(columns)
        lp.col_upper_ = np.full(columns, highspy.kHighsInf)
        lp.row_lower_ = np.full(matrix.shape[0], -highspy.kHighsInf)
        lp.row_upper_ = np.concatenate([np.zeros(len(model.goods)), self._room(model.limit)])
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
        for option, setting in options.items():
            highs.setOptionValue(option, setting)
        if highs.passModel(lp) == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refused the trafficker's programme; please report the network")
        return highs

    def _scales(self) -> tuple[Floats, Floats, Floats]:
        """Return by what rows of goods, of finite capacities, and columns are multiplied."""
        good, activity = gross_worth(self.model, self.objective)
        capacity = np.zeros(len(self.model.limit))
        takes = self.model.takes.tocoo()
        np.maximum.at(capacity, takes.row, takes.data * activity[takes.col])
        return (
            _powers_of_two(good / self._coin),
            _powers_of_two(capacity / self._coin)[self._finite],
            1.0 / _powers_of_two(activity / self._coin),
        )

    def _room(self, limit: Floats) -> Floats:
        """Return the right-hand sides of the finite capacities."""
        return limit[self._finite] * self._of_capacity / self._unit

    def _goal(self) -> Floats:
        """Return what each column brings the trafficker under the plan applied last."""
        if self.objective == "flow":
            return self.model.weight * self._of_activity / self._coin
        return (self.model.price - self._cost) * self._of_activity / self._coin

    def _apply(self, acts: npt.NDArray[np.bool_]) -> None:
        """Bring the programme to a plan, touching only what differs from the last one."""
        if np.array_equal(acts, self._acts):
            return
        model = self.model
        limit, closed = model.limits_under(acts), model.closed_under(acts)
        rows = np.flatnonzero(limit[self._finite] != self._limit[self._finite])
        if len(rows):
            self._highs.changeRowsBounds(
                len(rows),
                (rows + len(model.goods)).astype(np.int32),
                np.full(len(rows), -highspy.kHighsInf),
                self._room(limit)[rows],
            )
        columns = np.flatnonzero(closed != self._closed)
        if len(columns):
            self._highs.changeColsBounds(
                len(columns),
                columns.astype(np.int32),
                np.zeros(len(columns)),
                np.where(closed[columns], 0.0, highspy.kHighsInf),
            )
        cost = model.costs_under(acts)
        dearer = np.flatnonzero(cost != self._cost)
        self._acts, self._limit, self._closed, self._cost = acts, limit, closed, cost
        if len(dearer) and self.objective != "flow":
            self._minimise(-self._goal(), dearer)

    def _minimise(self, cost: Floats, columns: npt.NDArray[np.int64] | None = None) -> None:
        chosen = np.arange(len(cost)) if columns is None else columns
        self._highs.changeColsCost(len(chosen), chosen.astype(np.int32), cost[chosen])

    def _optimum(self) -> float:
        self._run()
        best: float = -self._highs.getObjectiveValue()
        return best * self._unit * self._coin if best > _NOTHING else 0.0

    def _run(self) -> None:
        if not self._solved():
            status = self._highs.modelStatusToString(self._highs.getModelStatus())
            raise SolverError(f"HiGHS could not solve the trafficker's programme: {status}")

    def _solved(self) -> bool:
        """Solve; return whether to an optimum.

        A basis left by another plan can mislead the simplex, so it tries again from nothing, and
        once more with presolve. Doing nothing is always possible: an answer of "infeasible" only
        says that the tolerances were missed.
        """
        for presolve in ("off", "off", "on"):
            self._highs.setOptionValue("presolve", presolve)
            self._highs.run()
            self.iterations += self._highs.getInfo().simplex_iteration_count
            if self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                break
            self._highs.clearSolver()
        self._highs.setOptionValue("presolve", "off")
        return bool(self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def _prices(self, coin: float) -> tuple[Floats, Floats]:
        """Return pi and mu of the programme solved last, whose objective counts in `coin`."""
        goods, finite = len(self.model.goods), len(self._finite)
        prices = -coin * np.array(self._highs.getSolution().row_dual)[: goods + finite]
        prices *= np.concatenate([self._of_good, self._of_capacity])
        capacity_price = np.zeros(len(self.model.limit))
        capacity_price[self._finite] = np.maximum(prices[goods:], 0.0)
        return np.maximum(prices[:goods], 0.0), capacity_price

    def _settling(self) -> Floats:
        """Return what the second programme of `bilevel` minimises."""
        return -self._sign * self.model.weight * self._of_activity / self._tonne

    def _weighed(self, activity: Floats) -> float:
        weighted = float(self.model.weight @ activity)
        return weighted if weighted > _NO_TONNES * self._unit * self._tonne else 0.0

    def _tidy(self) -> tuple[Floats, TiePrices | None]:
        """Return the activities of an optimum of least cost and, among those, of least hauling.

        Costs of zero would otherwise leave goods going round in circles in what people read. With
        `bilevel` the tonnes come before the hauling, and their prices are returned as well.
        """
        hauled = ("supply", "ship", "site")
        hauling = np.array([float(a.kind in hauled) for a in self.model.activities])
        hauling *= self._of_activity / self._of_activity.min(initial=np.inf)
        cost = self._cost * self._of_activity
        between = {
            "flow": [cost / _power_of_two(cost)],
            "profit": [],
            "bilevel": [self._settling()],
        }[self.objective]
        activity = self._activity()
        tie = None
        with self._later_goals([-self._goal(), *between, hauling]) as later:
            for number, stage in enumerate(later):
                activity = stage.activity
                if number == 0 and self.objective == "bilevel":
                    rate = stage.rate * self._tonne / self._coin
                    tie = TiePrices(self._sign, rate, *stage.prices)
        return activity, tie

    def _activity(self) -> Floats:
        scaled = np.maximum(np.array(self._highs.getSolution().col_value), 0.0)
        found: Floats = scaled * self._of_activity * self._unit
        return found

    @contextmanager
    def _later_goals(self, goals: list[Floats]) -> Iterator[Iterator[_Stage]]:
        """Give the optima of the goals after the first, each among those of the goals before it.

        The programme, which is at the optimum of the first, is left as it was found.
        """
        basis, rows = self._highs.getBasis(), self._highs.getNumRow()
        try:
            yield self._stages(goals, rows)
        finally:
            added = self._highs.getNumRow() - rows
            self._highs.deleteRows(added, np.arange(rows, rows + added, dtype=np.int32))
            self._minimise(goals[0])
            self._highs.setBasis(basis)

    def _stages(self, goals: list[Floats], rows: int) -> Iterator[_Stage]:
        """Yield the optimum of each later goal; only the last, which tidies up, may be missed.

        Each goal that is reached is held by a row more, exactly if the solver's tolerances allow,
        else with the least slack that they do.
        """
        held: list[float] = []
        spare = 0.0
        for reached, following in pairwise(goals):
            held.append(self._highs.getObjectiveValue())
            columns = np.flatnonzero(reached)
            self._highs.addRow(
                -highspy.kHighsInf,
                held[-1],
                len(columns),
                columns.astype(np.int32),
                reached[columns],
            )
            self._minimise(following)
            if self.objective == "bilevel" and len(held) == 1:
                stage, spare = self._settled(rows, held)
                yield stage
            elif self._solved_holding(rows, held, _SLACKS, spare) is None:
                return
            else:
                yield self._stage(rows)

    def _settled(self, first: int, held: list[float]) -> tuple[_Stage, float]:
        """Return the optimum among what counts as tied, and the slack that it needs.

        What is within the tie's tolerance counts. But where the exact ties deliver as much, they
        are shown: a profit short by a billionth only litters the tables.
        """
        spare = self._solved_holding(first, held, _TIED_SLACKS, 0.0)
        if spare is None:
            raise SolverError(
                "HiGHS could not settle what is delivered among equally profitable flows; "
                "please report the network"
            )
        near, reached = self._stage(first), self._highs.getObjectiveValue()
        if self._solved_holding(first, held, (0.0,), 0.0) is not None:
            exact = self._highs.getObjectiveValue()
            if abs(exact - reached) <= TOLERANCE * max(self._unit, abs(reached)):
                return self._stage(first), 0.0
        return near, spare

    def _stage(self, first: int) -> _Stage:
        rate = max(0.0, -float(self._highs.getSolution().row_dual[first]))
        return _Stage(self._activity(), rate, self._prices(self._tonne))

    def _solved_holding(
        self, first: int, held: list[float], slacks: tuple[float, ...], spare: float
    ) -> float | None:
        """Solve with rows from `first` on holding earlier goals; return the slack that it took.

        The first goal has at least the slack `spare`. None if no slack will do.
        """
        for slack in slacks:
            for number, bound in enumerate(held):
                room = max(slack, spare) if number == 0 else slack
                # A tie is relative: where nothing can be gained, nothing may be lost.
                side = abs(bound) if self.objective == "bilevel" else max(1.0, abs(bound))
                self._highs.changeRowBounds(first + number, -highspy.kHighsInf, bound + room * side)
            if self._solved():
                return slack
        return None

    def _limit_left(self) -> Floats:
        """U(x), with 0 where every activity of the row is closed."""
        closed = self.model.takes.tocsr()
        left = self._limit.copy()
        open_columns = closed @ (~self._closed).astype(float)
        left[open_columns == 0.0] = 0.0
        return left


def _power_of_two(values: Floats) -> float:
    """Return the power of two nearest to the largest of some values, 1 if there is none."""
    largest = float(values.max(initial=0.0))
    return float(2.0 ** np.round(np.log2(largest))) if largest > 0.0 else 1.0


def _powers_of_two(values: Floats) -> Floats:
    """Return the power of two nearest to each of some values, 1 where they are not positive."""
    positive = np.where(values > 0.0, values, 1.0)
    return np.exp2(np.round(np.log2(positive)))
