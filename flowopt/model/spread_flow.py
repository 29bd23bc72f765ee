"""Flows that spread: whatever a planner closes, most of them still arrives.

Let y be a flow that is possible without measures, and g_m what measure m takes of it at most: what
y runs where m acts, at the margins of `bounds`. The trafficker can always go on as in y without
what a plan x hits, so

    V(x)  >=  p'y - g(y)'x       for every plan x,

and where plans keep the sums a_k'x <= b_k, none leaves less than

    p'y - max { g(y)'x : a x <= b, 0 <= x <= 1 }
        =  p'y - min { b'r + sum s : a_m'r + s_m >= g_m(y),  r, s >= 0 }.

The flow of which that is most is a linear programme in y, r and s, the dual of the relaxation of
`interdiction`: the trafficker's own, with a rate r for each sum, and for each measure a row and its
spare s, what it takes beyond the rates. It starts from an optimal basis of the trafficker's. Only
measures on which a flow comes to hang get a row. The multiplier of that is the share of the measure
which the relaxed planner takes.

In a node of a tree some measures are in, whose spare may be negative, and some are out, whose spare
costs nothing: neither spoils a basis for the primal simplex.

The solver finds a flow. The bound is arithmetic on it, as above, for whatever rates: no multiplier
of the solver is trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Flags, Floats, Indices
from flowopt.model.bounds import derive_bounds
from flowopt.model.feasible_plans import PlanConstraints, limited_amounts
from flowopt.model.incumbent import Plan
from flowopt.model.lp_solver import LpSolver
from flowopt.model.plan_effects import PlanEffects
from flowopt.model.response_lp import PRIMAL, ResponseLp
from flowopt.objectives import OBJECTIVES, Objective

_ROWS = 150  # measures that get a row at a time
_BESIDE = 1e-7  # of the flow: what measures without a row may take beyond the rates
_NO_SUM = 1e-6  # a limit from which nothing can be bought
_NO_PERTURBATION = (
    "dual_simplex_cost_perturbation_multiplier",
    "primal_simplex_bound_perturbation_multiplier",
)
_Status = highspy.HighsBasisStatus


@dataclass(frozen=True, slots=True)
class SpreadBound:
    """A flow that spreads, and what it says of plans.

    Attributes
    ----------
    value : float
        What no plan of the node goes below.
    shares : array
        Of each measure, how much of it the relaxed planner takes.
    least_with, least_without : arrays
        What no plan of the node goes below that holds each measure, or that does not.
    basis : highspy.HighsBasis
        The optimal basis.
    """

    value: float
    shares: Floats
    least_with: Floats
    least_without: Floats
    basis: Any


class SpreadFlow:
    """The programme of the flow that spreads best, kept hot in the solver.

    Parameters
    ----------
    model
        The network; bounds are close where measures close things outright.
    objective
        One that both levels count alike.
    limits
        What a plan may be; rules and covers are not looked at.
    steps
        Iterations that all solutions may take, but for the flow without measures.
    basis
        An optimal basis of the trafficker's programme of this model, if one is known.
    deadline
        `time.perf_counter` after which a large programme is given up with `OutOfTime`.
    """

    def __init__(
        self,
        model: ActivityModel,
        objective: Objective,
        limits: PlanConstraints,
        *,
        steps: int,
        basis: Any = None,
        deadline: float | None = None,
    ) -> None:
        self._steps = steps
        self._lp = ResponseLp(model, objective, PlanEffects(model))
        self._solver = LpSolver()
        self._solver.take(self._lp)
        self._solver.deadline = deadline
        self._earns, _ = model.stakes(objective)
        self._hits = measure_hits(model, objective)
        amounts, most = limited_amounts(model, limits)
        self._never: Flags = np.any(amounts > most[:, None], axis=0)
        self._never[list(limits.exclude)] = True
        limiting = np.isfinite(most) & (most > _NO_SUM)
        self._amounts, self._most = amounts[limiting], most[limiting]
        self._first_rate = len(model.activities)
        self._row = np.full(len(model.measures), -1, dtype=np.int64)
        self._spare = np.full(len(model.measures), -1, dtype=np.int64)
        self._in: frozenset[int] = frozenset()
        self._out: frozenset[int] = frozenset()
        self._start(basis)

    @property
    def iterations(self) -> int:
        """Iterations of the solver so far."""
        return self._solver.iterations

    @property
    def rows(self) -> int:
        """Rows of the programme as it stands."""
        return int(self._lp.highs.getNumRow())

    def solve(self, kept: Plan, barred: Plan, basis: Any = None) -> SpreadBound | None:
        """Return the best bound on plans that hold `kept` and nothing of `barred`.

        None where the solver finds no optimum.

        Parameters
        ----------
        basis
            One of an earlier solution to start from, that of the last one by default.

        Raises
        ------
        OutOfTime
            When a large programme takes until the deadline.
        """
        self._enter(kept, barred)
        if basis is not None:
            self._put(list(basis.col_status), list(basis.row_status))
        left = max(0, self._steps - self.iterations)
        self._lp.highs.setOptionValue("simplex_iteration_limit", left)
        while self._solver.from_basis():
            flow, rates = self._flow(), self._rate_values()
            taken = self._hits @ flow
            taken[self._never] = 0.0
            beyond = taken - rates @ self._amounts
            brings = float(self._earns @ flow)
            if not self._add_missing(beyond, brings):
                return self._bound(brings, taken, beyond, rates)
        return None

    # -- the programme ------------------------------------------------------------------------

    def _start(self, basis: Any) -> None:
        """Find the best flow, and add the rates."""
        highs = self._lp.highs
        if basis is not None:
            highs.setBasis(basis)
        if basis is None or not self._solver.from_basis():
            self._solver.optimum()
        basis = highs.getBasis()
        highs.setOptionValue("simplex_strategy", PRIMAL)
        for option in _NO_PERTURBATION:
            highs.setOptionValue(option, 0.0)
        self._add_columns(len(self._most))
        self._put(list(basis.col_status), list(basis.row_status))
        self._steps += self.iterations

    def _enter(self, kept: Plan, barred: Plan) -> None:
        """Turn to a node: what is in has a spare of any sign, what is out a spare for nothing."""
        unknown = [m for m in sorted(kept) if self._row[m] < 0]
        if unknown:
            self._add_rows(np.array(unknown))
        highs = self._lp.highs
        for measure in sorted(kept ^ self._in):
            least = -highspy.kHighsInf if measure in kept else 0.0
            highs.changeColBounds(int(self._spare[measure]), least, highspy.kHighsInf)
        self._in = kept
        for measure in sorted(barred ^ self._out):
            if self._row[measure] >= 0:
                cost = 0.0 if measure in barred else 1.0
                highs.changeColCost(int(self._spare[measure]), cost)
        self._out = barred

    def _add_missing(self, beyond: Floats, brings: float) -> bool:
        """Give rows to the measures that take most beyond the rates; return whether any must."""
        missing = np.where(self._row < 0, beyond, 0.0)
        missing[list(self._out)] = 0.0
        if np.maximum(missing, 0.0).sum() <= _BESIDE * brings:
            return False
        order = np.argsort(-missing, kind="stable")[:_ROWS]
        order = order[missing[order] > 0.0]
        self._add_rows(order)
        return True

    def _add_rows(self, measures: Indices) -> None:
        """Add a row and a spare for each measure, the spare in the basis."""
        highs, count = self._lp.highs, len(measures)
        basis = highs.getBasis()
        columns, rows = list(basis.col_status), list(basis.row_status)
        first_row, first_spare = highs.getNumRow(), highs.getNumCol()
        self._row[measures] = first_row + np.arange(count)
        self._spare[measures] = first_spare + np.arange(count)
        self._add_columns(count)
        lp = self._lp
        rates = sparse.csr_array(-(self._amounts[:, measures] / self._most[:, None]).T)
        matrix = sparse.csr_array(
            sparse.hstack(
                [
                    self._hits[measures] * (lp.of_activity / lp.coin)[None, :],
                    rates,
                    sparse.csr_array((count, first_spare - self._first_rate - rates.shape[1])),
                    -sparse.eye_array(count),
                ]
            )
        )
        highs.addRows(
            count,
            np.full(count, -highspy.kHighsInf),
            np.zeros(count),
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )
        columns += [_Status.kBasic] * count
        rows += [_Status.kUpper] * count
        self._put(columns, rows)

    def _add_columns(self, count: int) -> None:
        """Add columns in no row yet, each of cost 1 and at least 0."""
        self._lp.highs.addCols(
            count,
            np.ones(count),
            np.zeros(count),
            np.full(count, highspy.kHighsInf),
            0,
            np.zeros(count, dtype=np.int32),
            np.zeros(0, dtype=np.int32),
            np.zeros(0),
        )

    def _put(self, columns: list[Any], rows: list[Any]) -> None:
        """Start from a basis, to which columns and rows may have been added since."""
        highs, basis = self._lp.highs, highspy.HighsBasis()
        columns += [_Status.kLower] * (highs.getNumCol() - len(columns))
        rows += [_Status.kBasic] * (highs.getNumRow() - len(rows))
        basis.col_status, basis.row_status, basis.valid = columns, rows, True
        highs.setBasis(basis)

    # -- what a flow says ---------------------------------------------------------------------

    def _flow(self) -> Floats:
        """Return the flow of the last solution, t/yr."""
        scaled = np.array(self._lp.highs.getSolution().col_value)[: self._first_rate]
        return self._lp.activity(np.maximum(scaled, 0.0))

    def _rate_values(self) -> Floats:
        """Return the rates of the last solution, in the objective's unit for each of the sums."""
        lp, first = self._lp, self._first_rate
        found = np.array(lp.highs.getSolution().col_value)[first : first + len(self._most)]
        rates: Floats = np.maximum(found, 0.0) * lp.unit * lp.coin / self._most
        return rates

    def _bound(self, brings: float, taken: Floats, beyond: Floats, rates: Floats) -> SpreadBound:
        """Return what a flow says by arithmetic, given what each measure takes of it."""
        spare = np.maximum(beyond, 0.0)
        spare[self._never] = 0.0
        whole = brings - float(rates @ self._most) - float(spare.sum())
        kept, barred = sorted(self._in), sorted(self._out)
        value = whole - float(taken[kept].sum() - spare[kept].sum()) + float(spare[barred].sum())
        value += float((rates @ self._amounts)[kept].sum())
        duals = np.array(self._lp.highs.getSolution().row_dual)
        shares = np.zeros(len(spare))
        known = self._row >= 0
        shares[known] = np.clip(-duals[self._row[known]], 0.0, 1.0)
        least_with = np.where(self._never, np.inf, value + np.maximum(-beyond, 0.0))
        least_without = value + spare
        least_with[kept], least_without[kept] = value, np.inf
        least_with[barred], least_without[barred] = np.inf, value
        return SpreadBound(value, shares, least_with, least_without, self._lp.highs.getBasis())


def measure_hits(model: ActivityModel, objective: Objective) -> sparse.csr_array:
    """Return what each real measure takes at most of a unit of each activity, in the objective.

    Measures x activities: what several take together is no more than the sum. As
    `PlanEffects.most_lost` has it of one flow; what a reform adds counts for its target.
    """
    bounds = derive_bounds(model, objective)
    targets = [target for _, target in model.virtual]
    owner = np.concatenate([np.arange(len(model.measures)), np.array(targets, dtype=np.int64)])
    shut, cut, dearer = model.closures, model.cuts, model.cost_increases
    by_activity = [(shut.amount * bounds.margin[shut.place], owner[shut.measure], shut.place)]
    if OBJECTIVES[objective].in_money:
        by_activity.append((dearer.amount, owner[dearer.measure], dearer.place))
    amounts, measures, places = (np.concatenate(each) for each in zip(*by_activity, strict=True))
    shape = len(model.measures), len(model.activities)
    taken = sparse.csr_array((amounts, (measures, places)), shape=shape)
    of_row = sparse.csr_array(
        (cut.amount * bounds.row[cut.place], (owner[cut.measure], cut.place)),
        shape=(shape[0], len(model.limit)),
    )
    return sparse.csr_array(taken + of_row @ model.takes)
