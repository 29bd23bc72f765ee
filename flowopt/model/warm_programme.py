"""The optimum of the trafficker's programme, plan after plan from a warm start."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from flowopt.defaults import OBJECTIVE, TIE_RULE
from flowopt.errors import OutOfTime
from flowopt.model.activities import ActivityModel, Flags
from flowopt.model.lexicographic import LaterGoals
from flowopt.model.lp_scales import power_of_two
from flowopt.model.lp_solver import LpSolver
from flowopt.model.plan_effects import PlanEffects
from flowopt.model.response_cache import ResponseCache
from flowopt.model.response_lp import ResponseLp
from flowopt.objectives import OBJECTIVES, Objective, Ties

_NOTHING = 1e-9  # in what counts as 1: what doing nothing brings, with rounding
_NO_TONNES = 1e-6  # in scaled units: what is delivered by a trafficker who gains nothing by it
_FAINTEST = 1e-15  # likewise: what is less is rounding, and no flow
_ROUNDED = 2.0**-48  # of what earnings and costs come to: a profit that is their rounding
_TINY, _HUGE = 2.0**-10, 2.0**20  # optima, in scaled units, for which other scales are better
_VISITED = 50  # rows and columns that are read and written in the time of an iteration
_ACTIVITIES_PER_SECOND = 2_000  # that all goals at once take at least, with much to spare


class WarmProgramme:
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

    @property
    def first_basis(self) -> Any:
        """The optimal basis without measures, as HiGHS has it; None where none is known."""
        return self._solver.first_basis

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
            if not self.large:
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
        if not acts.any() and not solver.returns and (cold or not self._lp.primal):
            solver.first_basis, solver.first_is_tidy = self._lp.highs.getBasis(), all_at_once
        solver.returns = False
        if self._lp.scaled_for is not self.model and not _TINY < best < _HUGE:
            self._set_up()  # other numbers than those the scales were made for, by orders
            self._lp.apply(acts)
            best = self._solver.optimum()
        least = _NOTHING
        if best < _TINY:
            best = self._looked_at_closely(best)
            least *= self._lp.grain / self._lp.unit
        return best * self._lp.unit * self._lp.coin if best > least else 0.0

    @property
    def _hot(self) -> bool:
        """True where the programme returns to its basis without measures."""
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
        Where earnings and costs are equal, nothing is left but their rounding: no measure.
        """
        left = best if best > _ROUNDED * self._lp.turnover() else 0.0
        if self._traits.ties:
            left = max(left, self._delivered())
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
