"""The trafficker's best response: one linear programme, re-solved in process for plan after plan.

Only column and row bounds (and, where a measure raises costs, the objective) change from plan to
plan, so the dual simplex starts from the last basis. Presolve is off: on large flow programmes it
costs far more than it saves.

HiGHS always minimises here, so the dual of a capacity row is minus what a unit more of it is
worth to the trafficker. Its tolerances are absolute, so quantities and prices are first scaled,
by powers of two, to numbers around one hundred and one: kilograms or kilotonnes, dollars or
millions give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.errors import SolverError
from flowopt.model.activities import ActivityModel, Floats, Objective

TOLERANCE = 1e-6  # relative: primal against dual value
_SLACKS = (0.0, 1e-9, 1e-8, 1e-7)  # relative: tried in turn where a later goal holds an earlier
_NOTHING = 1e-9  # in scaled units: what the trafficker gets by doing nothing, with rounding


@dataclass(frozen=True, slots=True)
class BestResponse:
    """What the trafficker does under a plan, by activity, and what capacities are worth to it.

    Attributes
    ----------
    value : float
        The optimum: weighted tonnes for `flow`, M USD for `profit`.
    activity : array
        y, t/yr per activity.
    good_price, capacity_price : arrays
        pi and mu of the objective's programme: value per tonne of each good and capacity.
    limit : array
        U(x), t/yr, 0 where the plan closes everything in the row.
    cost : array
        Cost of a unit of each activity under the plan, M USD.
    """

    value: float
    activity: Floats
    good_price: Floats
    capacity_price: Floats
    limit: Floats
    cost: Floats


class Trafficker:
    """The trafficker's programme of one activity model, kept hot in the solver.

    Parameters
    ----------
    model
        The activity model.
    objective
        What the trafficker maximises: weighted deliveries (`flow`) or profit.

    Notes
    -----
    Not safe to share between threads: give each its own.
    """

    def __init__(self, model: ActivityModel, objective: Objective = "flow") -> None:
        self.model = model
        self.objective: Objective = objective
        self.iterations = 0  # simplex iterations so far: work that does not depend on the clock
        most = most_activity(model)[model.weight + model.price > 0.0]
        self._unit = _power_of_two(most[np.isfinite(most)]) / 64.0
        self._coin = _power_of_two(model.weight if objective == "flow" else model.price)
        self._finite = np.flatnonzero(np.isfinite(model.limit))
        self._acts: npt.NDArray[np.bool_] = model.chosen(())
        self._limit = model.limit.copy()
        self._closed = np.zeros(len(model.activities), dtype=np.bool_)
        self._cost = model.cost.copy()
        self._highs = self._load()

    # -- what others call -------------------------------------------------------------------

    def value(self, plan: Iterable[int] = ()) -> float:
        """Return the optimum under a plan of measure indices: weighted tonnes, or M USD.

        Raises
        ------
        SolverError
            When the solver does not prove an optimum.
        """
        self._apply(self.model.chosen(plan))
        return self._optimum()

    def respond(self, plan: Iterable[int] = ()) -> BestResponse:
        """Return the best response to a plan: the optimum, then least cost, then least hauling.

        Raises
        ------
        SolverError
            When the solver does not prove an optimum, or its primal and dual values differ.
        """
        model = self.model
        self._apply(self.model.chosen(plan))
        value = self._optimum()
        prices = -self._coin * np.array(self._highs.getSolution().row_dual)
        good_price = np.maximum(prices[: len(model.goods)], 0.0)
        capacity_price = np.zeros(len(model.limit))
        capacity_price[self._finite] = np.maximum(
            prices[len(model.goods) : len(model.goods) + len(self._finite)], 0.0
        )
        dual = float(self._limit[self._finite] @ capacity_price[self._finite])
        if abs(dual - value) > TOLERANCE * max(self._unit * self._coin, abs(value)):
            raise SolverError(
                f"the best response has value {value:.9g} but its prices add up to {dual:.9g}; "
                "please report the network"
            )
        activity = self._tidy()
        return BestResponse(
            value=value,
            activity=activity,
            good_price=good_price,
            capacity_price=capacity_price,
            limit=self._limit_left(),
            cost=self._cost.copy(),
        )

    # -- the programme ----------------------------------------------------------------------

    def _load(self) -> highspy.Highs:
        model = self.model
        columns = len(model.activities)
        matrix = sparse.csc_array(
            sparse.vstack(
                [model.used - model.made, model.takes.tocsr()[self._finite]], format="csc"
            )
        )
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, matrix.shape[0]
        lp.col_cost_ = -self._goal()
        lp.col_lower_ = np.zeros(columns)
        lp.col_upper_ = np.full(columns, highspy.kHighsInf)
        lp.row_lower_ = np.full(matrix.shape[0], -highspy.kHighsInf)
        lp.row_upper_ = np.concatenate(
            [np.zeros(len(model.goods)), model.limit[self._finite] / self._unit]
        )
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = matrix.indptr
        lp.a_matrix_.index_ = matrix.indices
        lp.a_matrix_.value_ = matrix.data
        highs = highspy.Highs()
        for option, setting in (
            ("output_flag", False),
            ("presolve", "off"),
            ("solver", "simplex"),
            ("threads", 1),
        ):
            highs.setOptionValue(option, setting)
        if highs.passModel(lp) == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refused the trafficker's programme; please report the network")
        return highs

    def _goal(self) -> Floats:
        """Return what a unit of activity brings the trafficker under the plan applied last."""
        if self.objective == "flow":
            return self.model.weight / self._coin
        return (self.model.price - self._cost) / self._coin

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
                limit[self._finite][rows] / self._unit,
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
        if len(dearer) and self.objective == "profit":
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

    def _tidy(self) -> Floats:
        """Return the activities of an optimum of least cost and, among those, of least hauling.

        Costs of zero would otherwise leave goods going round in circles in what people read.
        """
        hauled = ("supply", "ship", "site")
        hauling = np.array([float(a.kind in hauled) for a in self.model.activities])
        costs = [self._cost / _power_of_two(self._cost)] if self.objective == "flow" else []
        goals = [-self._goal(), *costs, hauling]
        basis = self._highs.getBasis()
        rows = self._highs.getNumRow()
        activity = np.array(self._highs.getSolution().col_value)
        held: list[float] = []
        try:
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
                if not self._solved_holding(rows, held):
                    break
                activity = np.array(self._highs.getSolution().col_value)
        finally:
            added = self._highs.getNumRow() - rows
            self._highs.deleteRows(added, np.arange(rows, rows + added, dtype=np.int32))
            self._minimise(goals[0])
            self._highs.setBasis(basis)
        found: Floats = np.maximum(activity, 0.0) * self._unit
        return found

    def _solved_holding(self, first: int, held: list[float]) -> bool:
        """Solve with rows from `first` on holding earlier goals at their optimum.

        They are held exactly if the solver's tolerances allow, else with the least slack that
        they do. Returns whether it worked.
        """
        for slack in _SLACKS:
            for number, bound in enumerate(held):
                most = bound + slack * max(1.0, abs(bound))
                self._highs.changeRowBounds(first + number, -highspy.kHighsInf, most)
            if self._solved():
                return True
        return False

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


def most_activity(model: ActivityModel, sweeps: int = 100) -> Floats:
    """Return a bound on each activity from what can arrive, whatever markets would take.

    A demand of 1e9 often stands for "as much as there is": it must not set the scale. Bounds
    only fall from sweep to sweep, so they hold wherever it stops.
    """
    makes = model.made.tocsr()
    used, takes = model.used.tocoo(), model.takes.tocoo()
    least = np.full(len(model.activities), np.inf)
    np.minimum.at(least, takes.col, model.limit[takes.row] / takes.data)
    for _ in range(sweeps):
        endless = makes @ np.isinf(least).astype(float) > 0.0
        arriving = np.where(endless, np.inf, makes @ np.where(np.isinf(least), 0.0, least))
        fallen = least.copy()
        np.minimum.at(fallen, used.col, arriving[used.row] / used.data)
        if np.array_equal(fallen, least):
            break
        least = fallen
    return least
