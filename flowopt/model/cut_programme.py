"""The planner's programme by cuts: the plan, a value for each block, and the criterion over them.

The prices of the trafficker are not in it. What they would say is said by cuts, linear in the plan
and in what acts with it, which are added where a point calls for them: theta_b >= cut of block b.
Whatever cuts there are, the optimum is a bound on the criterion of every plan (see `criterion`: it
falls in no value). Its whole numbers are let go, and the simplex goes on from its last basis as
rows come, bounds of the plan change, and slack rows go. What went is kept outside the solver, and
comes back where a point breaks it; the slackest are forgotten where there are very many.

No bound is the solver's: each is found by arithmetic from its multipliers (see `weak_duality`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from flowopt.model.activities import Flags, Floats, Indices
from flowopt.model.held_programme import Cut
from flowopt.model.highs_arrays import hot_relaxation
from flowopt.model.milp import Milp
from flowopt.model.weak_duality import ROUNDING, least_terms, usable

_SLACK = 1e-7  # of a row that has long been slack, in scaled units
_SPARE = 4  # rows of the solver are let out where one in so many of them is slack
_TINY = 1e-11  # of the scale: a coefficient of a cut below it is left out, and paid for


BlockCut = tuple[int, Cut]  # the place of a block, and a cut of its value


@dataclass(frozen=True, slots=True)
class Relaxed:
    """Optimum of the relaxation within bounds of the plan.

    Attributes
    ----------
    bound : float
        On the objective of every plan within them.
    plan : array
        The plan, whole or not, and what acts with it.
    thetas : array
        The value of each block, as far as its cuts say.
    more, less : arrays
        By how much the bound rises where a measure is chosen, and where it is not; 0 or more.
    """

    bound: float
    plan: Floats
    thetas: Floats
    more: Floats
    less: Floats


class CutProgramme:
    """The relaxation in the solver, with its cuts.

    Parameters
    ----------
    milp
        The plan's rows, those of the criterion, and a variable for each block.
    measures
        Variables of the real measures.
    acts
        Variables that cuts are about: those of the measures and of what acts with two of them.
    thetas
        Variable of each block.
    keep
        Cuts that are kept although they are slack.

    Attributes
    ----------
    iterations : int
        Simplex steps so far.
    """

    def __init__(
        self, milp: Milp, *, measures: Indices, acts: Indices, thetas: Indices, keep: int
    ) -> None:
        self.iterations = 0
        self._milp, self._acts, self._thetas = milp, acts, thetas
        self._measures = measures.astype(np.int32)
        self._keep = keep
        self._columns = sparse.csr_array(milp.matrix.T)
        self._first = len(milp.row_names)
        self._cuts = np.zeros((0, len(milp.cost)))
        self._least = np.zeros(0)
        self._lasting = np.zeros(0, dtype=np.bool_)
        self._loaded = np.zeros(0, dtype=np.int64)  # cuts by row of the solver
        self._lower, self._upper = milp.lower.copy(), milp.upper.copy()
        self._highs = hot_relaxation(
            milp.matrix,
            cost=milp.cost,
            columns=(milp.lower, milp.upper),
            rows=(milp.row_lower, milp.row_upper),
            name="the programme of cuts",
        )

    @property
    def rows(self) -> int:
        """Number of cuts."""
        return len(self._least)

    @property
    def loaded(self) -> int:
        """Number of cuts in the solver."""
        return len(self._loaded)

    def add(self, cuts: Sequence[BlockCut], scale: float) -> None:
        """Add cuts of blocks, whose values are divided by `scale`."""
        rows = np.zeros((len(cuts), len(self._milp.cost)))
        least = np.zeros(len(cuts))
        for number, (block, cut) in enumerate(cuts):
            slope = cut.slope / scale
            tiny = np.abs(slope) < _TINY
            least[number] = cut.constant / scale + np.minimum(slope[tiny], 0.0).sum()
            rows[number, self._acts] = np.where(tiny, 0.0, -slope)
            rows[number, self._thetas[block]] = 1.0
        self._add_rows(rows, least)

    def take_over(self, other: CutProgramme) -> None:
        """Take all cuts of a programme with the same variables, and what it leaves out.

        Cuts stay outside the solver until a point breaks them.
        """
        first = self.rows
        self._cuts = np.vstack([self._cuts, other._cuts])
        self._least = np.concatenate([self._least, other._least])
        self._lasting = np.concatenate([self._lasting, other._lasting])
        self._load(first + np.flatnonzero(other._lasting))

    def ask_for_more_than(self, plan: Flags) -> None:
        """Leave out all plans within this one."""
        self._leave_out(np.where(plan, 0.0, 1.0), 1.0)

    def rule_out(self, plan: Flags) -> None:
        """Leave out this plan alone."""
        self._leave_out(np.where(plan, -1.0, 1.0), 1.0 - float(plan.sum()))

    def _leave_out(self, weights: Floats, least: float) -> None:
        row = np.zeros((1, len(self._milp.cost)))
        row[0, self._measures] = weights
        self._add_rows(row, np.array([least]), lasting=True)

    def _add_rows(self, rows: Floats, least: Floats, *, lasting: bool = False) -> None:
        if not len(rows):
            return
        new = len(self._least) + np.arange(len(rows))
        self._cuts = np.vstack([self._cuts, rows])
        self._least = np.concatenate([self._least, least])
        self._lasting = np.concatenate([self._lasting, np.full(len(rows), lasting)])
        self._load(new)

    def _load(self, some: Indices) -> None:
        """Take cuts that are kept into the solver."""
        if not len(some):
            return
        matrix = sparse.csr_array(self._cuts[some])
        self._highs.addRows(
            len(some),
            self._least[some],
            np.full(len(some), highspy.kHighsInf),
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )
        self._loaded = np.concatenate([self._loaded, some])

    def solve(self, lower: Floats, upper: Floats) -> Relaxed | None:
        """Solve with the measures between bounds; None where no plan is within them, for certain.

        What the solver does not solve has no point to go by: the plan is then as it was, and the
        bound what its multipliers are worth.
        """
        measures, highs = self._measures, self._highs
        self._lower[measures], self._upper[measures] = lower, upper
        highs.changeColsBounds(len(measures), measures, lower, upper)
        while True:
            status = self._run()
            if status == highspy.HighsModelStatus.kInfeasible and self._certainly_infeasible():
                return None
            solution = highs.getSolution()
            values = np.array(solution.col_value)
            if len(values) != len(self._lower) or not np.isfinite(values).all():
                values = self._lower
                break
            missed = self._missed(values)
            if not len(missed):
                break
            self._load(missed)
        bound, reduced = self._bounded_by(np.array(solution.row_dual), self._milp.cost)
        free = upper > lower
        own = reduced[measures]
        return Relaxed(
            bound,
            np.clip(values[self._acts], 0.0, 1.0),
            values[self._thetas],
            np.where(free, np.maximum(own, 0.0), 0.0),
            np.where(free, np.maximum(-own, 0.0), 0.0),
        )

    def _missed(self, values: Floats) -> Indices:
        """Return the cuts out of the solver that a point breaks."""
        missed = self._cuts @ values < self._least - _SLACK
        missed[self._loaded] = False
        return np.flatnonzero(missed)

    def purge(self) -> None:
        """Take slack cuts out of the solver; let the slackest go where twice too many are kept.

        The rows of those that bind anywhere make each step of the simplex dear, and few bind at
        once.
        """
        solution = self._highs.getSolution()
        if len(solution.row_value) != self._first + len(self._loaded):
            return  # it has no point
        slack = self._cuts @ np.array(solution.col_value) - self._least
        activity = np.array(solution.row_value)[self._first :]
        slack[self._loaded] = activity - self._least[self._loaded]
        spare = (slack > _SLACK) & ~self._lasting
        out = np.flatnonzero(spare[self._loaded])
        if _SPARE * len(out) >= len(self._loaded):
            self._highs.deleteRows(len(out), (out + self._first).astype(np.int32))
            self._loaded = np.delete(self._loaded, out)
        if self.rows >= 2 * self._keep:
            spare[self._loaded] = False
            self._let_go(np.where(spare, slack, 0.0))

    def _let_go(self, slack: Floats) -> None:
        """Let the slackest cuts go for good; those with a slack of 0 stay."""
        order = np.argsort(-slack, kind="stable")[: self.rows - self._keep]
        kept = np.setdiff1d(np.arange(self.rows), order[slack[order] > 0.0])
        self._loaded = np.searchsorted(kept, self._loaded)
        self._cuts, self._least = self._cuts[kept], self._least[kept]
        self._lasting = self._lasting[kept]

    def _run(self) -> Any:
        """Solve, once more from nothing where that does not end with an answer."""
        settled = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        for anew in (False, True):
            if anew:
                self._highs.clearSolver()
            self._highs.run()
            self.iterations += max(self._highs.getInfo().simplex_iteration_count, 0)
            status = self._highs.getModelStatus()
            if status in settled:
                return status
        return status

    def _bounded_by(self, multipliers: Floats, cost: Floats) -> tuple[float, Floats]:
        """Return the bound on a cost that multipliers are worth, and the reduced costs."""
        milp, first = self._milp, self._first
        if len(multipliers) != first + len(self._loaded):
            multipliers = np.zeros(first + len(self._loaded))
        binding = np.flatnonzero(multipliers[first:] > 0.0)
        of_cuts, which = multipliers[first:][binding], self._loaded[binding]
        y = usable(multipliers[:first], milp.row_lower, milp.row_upper)
        reduced = cost - self._columns @ y - self._cuts[which].T @ of_cuts
        rows = least_terms(y, milp.row_lower, milp.row_upper)
        cuts = of_cuts * self._least[which]
        columns = least_terms(reduced, self._lower, self._upper)
        sizes = sum(float(np.abs(terms).sum()) for terms in (rows, cuts, columns))
        return float(rows.sum() + cuts.sum() + columns.sum()) - ROUNDING * sizes, reduced

    def _certainly_infeasible(self) -> bool:
        """Return whether a ray of the solver proves, by arithmetic, that no plan is within."""
        _, exists, ray = self._highs.getDualRay()
        if not exists:
            return False
        for sign in (1.0, -1.0):
            least, _ = self._bounded_by(sign * np.array(ray), np.zeros(len(self._milp.cost)))
            if least > 0.0:
                return True
        return False
