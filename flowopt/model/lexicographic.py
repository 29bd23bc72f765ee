"""Later goals of the trafficker, each among the optima of the goals before it.

The flows shown are settled by least cost, then least transport; where only a part of the markets
counts, before that by the most that all of them can get. The optima of a goal are a face of
the feasible flows, which any optimal prices describe: what loses by running stands still, and what
has a price is used up. So a later goal only pins columns and rows, and the primal simplex goes on
from the basis that it has.

With `bilevel` the trafficker maximises profit, and a second programme settles what it delivers: the
most (pessimistic ties) or the least (optimistic) weighted tonnes among the flows whose profit is
within 1e-9 of the best. Its dual has a rate, the tonnes that a unit less of profit would move:

    w'y <= U'mu - rate * profit    for every flow y, if    A'pi + G'mu >= w + rate * p
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import highspy
import numpy as np

from flowopt.errors import OutOfTime, SolverError
from flowopt.model.activities import Flags, Floats, Indices
from flowopt.model.least_change import least_change
from flowopt.model.lp_scales import power_of_two
from flowopt.model.lp_solver import LpSolver
from flowopt.model.response_lp import DUAL, PERTURBED, PRIMAL, TIGHT, ResponseLp
from flowopt.model.response_types import TiePrices

TOLERANCE = 1e-6  # relative: primal against dual value
TIED = 1e-9  # relative: profits closer than this are equal (the network format says so)
_KEPT = 1e-7  # relative: what a later goal may take of the value
_BESIDE = 2.0**-10  # what a goal counts beside the one before where all are solved at once,
_ON_ALL_WAYS = 0.25  # and the second beside the first, on a way through every good
_SLACKS = (TIED, 1e-8, 1e-7)  # relative: tried in turn where what counts as tied is held


@dataclass(frozen=True, slots=True)
class _Beyond:
    """Columns that cost too much for any best response, with what a unit loses, and the duals."""

    columns: Indices
    loses: Floats
    dual: Floats


@dataclass(frozen=True, slots=True)
class Stage:
    """The optimum of a later goal.

    Of the second goal of `bilevel` with what the row of the first goal is worth, and what all rows
    are.
    """

    activity: Floats
    rate: float = 0.0
    dual: Floats | None = None


class LaterGoals:
    """The goals after the first, with a solver whose programme is at the optimum of the first.

    Parameters
    ----------
    solver
        The solver.
    sign
        1 where the most is delivered that the profit of `bilevel` allows, -1 where the least.

    Attributes
    ----------
    tied : float
        With `bilevel`, by how much of profit, M USD, flows have counted as tied at most so far.
    """

    def __init__(self, solver: LpSolver, sign: float) -> None:
        self.tied = 0.0
        self._solver, self._sign = solver, sign
        self._lp: ResponseLp

    @property
    def pessimistic(self) -> bool:
        """True where the most is delivered that the profit of `bilevel` allows."""
        return self._sign > 0.0

    def take(self, lp: ResponseLp) -> None:
        """Go on with another programme."""
        self._lp = lp

    def tidied(self, before: Floats | None = None) -> tuple[Floats, TiePrices | None, bool]:
        """Return the activities of an optimum of least cost and, among those, of least transport.

        Where a small programme leaves several, it is the one nearest to the activities `before`.

        Costs of zero would otherwise leave goods going round in circles in what people read. With
        `bilevel` the tonnes come before the transport, and their prices are returned as well. Also
        whether there was time for all goals but those that the value hangs on.
        """
        activity, goals, tie = self._lp.activity(), self._goals(), None
        try:
            with self._later_goals(goals) as later:
                for number, stage in enumerate(later):
                    if number == 0 and self._lp.traits.ties:
                        tie = self.tie(stage)
                    elif not self._keeps(activity, stage.activity):
                        return activity, tie, True
                    activity = stage.activity
                if before is not None and not self._lp.large and self._solver.ended:
                    activity = self._nearest(goals, before, activity)
        except OutOfTime:
            if tie is None and self._lp.traits.ties:
                raise
            return activity, tie, False
        return activity, tie, True

    def _keeps(self, reached: Floats, found: Floats) -> bool:
        """Return whether the optimum of a later goal is worth what the value was reached with.

        Its face is held within tolerances, which are more than there is where next to nothing is.
        """
        model, traits = self._lp.model, self._lp.traits
        worth = self._sign * model.weight if traits.ties else self._lp.goal() / self._lp.of_activity
        lost = float(worth @ reached - worth @ found)
        return lost <= max(_KEPT * abs(float(worth @ reached)), TIED * float(abs(worth) @ reached))

    def _nearest(self, goals: list[Floats], before: Floats, activity: Floats) -> Floats:
        """Return the optimum of all goals nearest to earlier activities, where one is found."""
        self._pin()
        found = least_change(self._lp, goals, before)
        return activity if found is None else found

    def _goals(self) -> list[Floats]:
        """Return all goals: the first, and those that choose among its optima."""
        cost, whole = self._lp.cost * self._lp.of_activity, self._lp.model.whole_weight
        between = []
        if self._lp.traits.ties:
            between = [self._settling()]
        elif not self._lp.traits.for_money:
            if whole is not None:
                between.append(-whole * self._lp.of_activity / self._lp.tonne)
            if cost.any():
                between.append(cost / power_of_two(cost))
        return [-self._lp.goal(), *between, self._lp.transport()]

    def optimum_tidied(self) -> float:
        """Return the optimum of the first goal, near those of the later ones.

        From nothing, or from an optimum of the same kind under fewer measures. All goals at once,
        each next to nothing beside the one before, have few optima. So crossover has little to
        choose, and the first goal alone, and the later ones, go on from its basis.
        """
        highs = self._lp.highs
        first, *later = self._goals()
        together, beside = first.copy(), _ON_ALL_WAYS / max(1, len(self._lp.model.goods))
        for goal in later:
            together += beside * goal / power_of_two(goal)
            beside *= _BESIDE
        highs.setOptionValue("simplex_strategy", DUAL)
        self._lp.minimise(together)
        try:
            self._solver.solved()
        finally:
            if self._solver.ended:
                self._lp.minimise(first)
                highs.setOptionValue("simplex_strategy", PRIMAL)
        try:
            return self._solver.optimum()
        finally:
            if self._solver.ended:
                highs.setOptionValue("simplex_strategy", self._lp.strategy)

    def deliveries(self) -> AbstractContextManager[Iterator[Stage]]:
        """Give the optimum of the second goal of `bilevel`."""
        return self._later_goals([-self._lp.goal(), self._settling()])

    def least_delivered(self, floor: float) -> tuple[float, float]:
        """Return the least weighted tonnes of a flow that earns `floor`, and what a unit more adds.

        Both are 0 where the solver finds no optimum.
        """
        lp, highs = self._lp, self._lp.highs
        goal = -lp.goal()
        with self._returning(goal) as rows:
            self._shut_beyond()
            columns = np.flatnonzero(goal)
            held = -floor / (lp.grain * lp.coin)
            highs.addRow(
                -highspy.kHighsInf, held, len(columns), columns.astype(np.int32), goal[columns]
            )
            lp.minimise(lp.model.weight * lp.of_activity / lp.tonne)
            if not self._solver.solved():
                return 0.0, 0.0
            rate = max(0.0, -float(highs.getSolution().row_dual[rows]))
            least = max(0.0, float(highs.getObjectiveValue())) * lp.grain * lp.tonne
        return least, rate * lp.tonne / lp.coin

    def _settling(self) -> Floats:
        """Return what the second programme of `bilevel` minimises."""
        return -self._sign * self._lp.model.weight * self._lp.of_activity / self._lp.tonne

    def tie(self, stage: Stage) -> TiePrices:
        """Return the prices that prove what the second goal of `bilevel` reached."""
        rate = stage.rate * self._lp.tonne / self._lp.coin
        return TiePrices(self._sign, rate, *self._lp.prices(self._lp.tonne, stage.dual))

    @contextmanager
    def _later_goals(self, goals: list[Floats]) -> Iterator[Iterator[Stage]]:
        """Give the optima of the goals after the first, each among those of the goals before it.

        The programme, which is at the optimum of the first, is left as it was found.
        """
        with self._returning(goals[0]):
            yield self._stages(goals)

    @contextmanager
    def _returning(self, first: Floats) -> Iterator[int]:
        """Give the number of rows, and return to the first goal with its rows and basis."""
        highs = self._lp.highs
        basis, rows = highs.getBasis(), highs.getNumRow()
        self._pinned_columns = np.zeros(highs.getNumCol(), dtype=np.bool_)
        self._pinned_rows = np.zeros(rows + 1, dtype=np.bool_)  # one may be added
        self._held: Floats = np.array([])
        highs.setOptionValue("simplex_strategy", PRIMAL)
        if self._solver.from_tree:  # most of a tree runs nothing: steps would move nothing
            highs.setOptionValue(PERTURBED, 1.0)
        try:
            yield rows
        except OutOfTime:
            if self._solver.ended:
                self._leave_later_goals(first, basis, rows)
                self._solver.has_basis = True
            raise
        self._leave_later_goals(first, basis, rows)

    def _leave_later_goals(self, first: Floats, basis: Any, rows: int) -> None:
        """Return to the first goal, with the rows and the basis that it had."""
        highs = self._lp.highs
        highs.setOptionValue("simplex_strategy", self._lp.strategy)
        highs.setOptionValue(PERTURBED, self._lp.options.get(PERTURBED, 1.0))
        added = highs.getNumRow() - rows
        highs.deleteRows(added, np.arange(rows, rows + added, dtype=np.int32))
        self._held = self._held[:0]
        self._unpin(rows)
        self._lp.minimise(first)
        highs.setBasis(basis)

    def _stages(self, goals: list[Floats]) -> Iterator[Stage]:
        """Yield the optimum of each later goal; only the last, which tidies up, may be missed."""
        for number, (reached, following) in enumerate(pairwise(goals)):
            if self._lp.traits.ties and number == 0:
                yield self._settled(reached, following)
                continue
            self._pin()
            self._lp.minimise(following)
            if not self._solver.solved():
                return
            yield Stage(self._lp.activity())

    def _pin(self) -> None:
        """Hold the programme, which is at an optimum, to the face of all its optima.

        What leads to no market is shut too, and nothing has to be used up there. A shut gate lets
        dust pass within a tolerance, and that is tonnes before a loss of nearly all. Goods that
        nobody uses who leads to a market are worth nothing, whatever price a vertex may give them:
        who makes them beside what is wanted is judged without it.
        """
        lp, model = self._lp, self._lp.model
        solution = lp.highs.getSolution()
        column, row = np.array(solution.col_dual), np.array(solution.row_dual)
        leads, unused = lp.leading()
        price = row[: len(model.goods)]
        vain = np.flatnonzero(unused & (price != 0.0))
        if len(vain):
            bears = np.zeros(len(price))
            bears[vain] = (lp.of_good * price)[vain]
            column -= lp.of_activity * (model.made.T @ bears)
            price[vain] = 0.0
        self._shut((np.abs(column) > TIGHT) | ~leads)
        used_up = np.flatnonzero(np.abs(row) > TIGHT)
        side = self._sides()[used_up]
        lp.highs.changeRowsBounds(len(used_up), used_up.astype(np.int32), side, side)
        self._pinned_rows[used_up] = True

    def _shut(self, wanted: Flags) -> Indices:
        """Shut columns until the goals are left, and return which the plan had not shut before."""
        wanted[self._lp.effects.closures.places[self._lp.closed]] = False
        columns = np.flatnonzero(wanted)
        self._lp.bound_columns(columns, 0.0)
        self._pinned_columns[columns] = True
        return columns

    def _unpin(self, rows: int) -> None:
        """Let go of what was pinned, in the first `rows` rows."""
        self._lp.bound_columns(np.flatnonzero(self._pinned_columns), highspy.kHighsInf)
        pinned = np.flatnonzero(self._pinned_rows[:rows])
        endless = np.full(len(pinned), -highspy.kHighsInf)
        self._lp.highs.changeRowsBounds(
            len(pinned), pinned.astype(np.int32), endless, self._sides()[pinned]
        )

    def _sides(self) -> Floats:
        """Return the right-hand sides of all rows as they stand."""
        return np.concatenate([self._lp.sides(), self._held])

    def _settled(self, reached: Floats, following: Floats) -> Stage:
        """Return the optimum of the second goal of `bilevel` among what counts as tied.

        What is within the tie's tolerance counts. But where the exact ties deliver as much, they
        are shown: a profit short by a billionth only litters the tables.
        """
        highs = self._lp.highs
        first, best = highs.getNumRow(), highs.getObjectiveValue()
        beyond = self._shut_beyond()
        columns = np.flatnonzero(reached)
        highs.addRow(
            -highspy.kHighsInf, best, len(columns), columns.astype(np.int32), reached[columns]
        )
        self._lp.minimise(following)
        slack = next((each for each in _SLACKS if self._solved_within(first, best, each)), None)
        if slack is not None:
            self.tied = max(self.tied, slack * abs(best) * self._lp.grain * self._lp.coin)
            near, value = self._stage(first, beyond), highs.getObjectiveValue()
            if self._solved_within(first, best, 0.0):
                exact = highs.getObjectiveValue()
                if abs(exact - value) <= TOLERANCE * max(self._lp.unit, abs(value)):
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
        self._lp.highs.changeRowBounds(row, -highspy.kHighsInf, self._held[0])
        return self._solver.solved()

    def _shut_beyond(self) -> _Beyond:
        """Shut what costs too much for any best response: it would run as dust within a tolerance.

        The programme is at the optimum of the first goal, whose prices say so.
        """
        solution = self._lp.highs.getSolution()
        columns = self._shut(self._lp.cost > self._lp.most_cost)
        loses = np.maximum(np.array(solution.col_dual)[columns], TIGHT)
        return _Beyond(columns, loses, np.array(solution.row_dual))

    def _stage(self, first: int, beyond: _Beyond) -> Stage:
        """Return the optimum just found, with prices that hold for what was shut as well.

        As many times the prices of the first goal may be added as the rate of its profit rises: on
        flows of the best profit both come to the same.
        """
        solution = self._lp.highs.getSolution()
        dual = np.array(solution.row_dual)
        rate = max(0.0, -float(dual[first]))
        if len(beyond.columns):
            brings = -np.array(solution.col_dual)[beyond.columns]
            more = max(0.0, float((brings / beyond.loses).max()))
            dual[:first] += more * beyond.dual[:first]
            rate += more
        return Stage(self._lp.activity(), rate, dual)
