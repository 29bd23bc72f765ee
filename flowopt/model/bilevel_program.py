"""The planner above, the trafficker below: the bilevel programme itself, for other solvers.

    the planner    minimises c'y over binary x that keep the budget, the limits and the rules,
    the trafficker answers with y, u, q >= 0 that

        maximise    p'y - rise'q                     (weighted tonnes for `flow`: no increases)
        subject to  A y <= 0                         a balance row per good
                    G y <= U, or G y <= u_K          a row per capacity, with measures that cut it
                    u_k <= u_(k-1)                   for its k-th measure, u_0 = U,
                    u_k <= (1 - d_k) u_(k-1) + d_k U (1 - x_k)
                    y_j <= Y_j (1 - x_m)             for each activity j that measure m closes
                    q_jm >= y_j - Y_j (1 - x_m)      for each activity j that m makes dearer

The chain u is the trafficker's, who wants capacity: its largest u_K is U prod(1 - d_k x_k) at
binary x, so the products of partial cuts cost no approximation, and the only variables of the
planner that the trafficker's rows know are binary, as solvers such as MibS ask for. Y bounds an
activity in some best response (`bounds.useful_activity`), so no value changes by it. A virtual
measure of a reform is a binary variable of the planner, held to the product by three rows.

c is w, the weighted tonnes, or for `profit` the trafficker's own gain. Solvers of such programmes
take the tie that is best for the planner, as `ties="optimistic"` does; only with `bilevel`, where
the two count different things, can that matter.

Unlike in `interdiction`, quantities stand in t/yr and M USD and rows are not scaled.

Source: S. Dempe, Foundations of Bilevel Programming, 2002.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flowopt.errors import RequestError
from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.activity_bounds import useful_activity
from flowopt.model.bounds import Bounds, derive_bounds
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.interdiction import add_plan
from flowopt.model.milp import Milp, MilpBuilder
from flowopt.objectives import OBJECTIVES, Objective


@dataclass(frozen=True, slots=True)
class TwoLevels:
    """A bilevel programme.

    Attributes
    ----------
    milp : Milp
        All variables and rows of both; its objective is the planner's, to be minimised.
    below, held : arrays of bool
        Which variables are the trafficker's, and which rows hold them.
    goal : array
        What the trafficker minimises, one entry per variable, 0 for the planner's.
    live, cuts, closures, cost_increases : arrays of int
        What the blocks stand for, as indices into the activity model: `y` its activities, `u` its
        cuts (the first of two or more in a row has its own), `shut` its closures, `q` its cost
        increases.
    goods, capacities : arrays of int
        The rows `good` and `cap`.
    """

    milp: Milp
    below: npt.NDArray[np.bool_]
    held: npt.NDArray[np.bool_]
    goal: Floats
    live: Indices
    cuts: Indices
    closures: Indices
    cost_increases: Indices
    goods: Indices
    capacities: Indices


def two_levels(model: ActivityModel, objective: Objective, limits: PlanConstraints) -> TwoLevels:
    """Build the bilevel programme of an objective.

    Parameters
    ----------
    model
        The trafficker's programme.
    objective
        Who counts what.
    limits
        What the plan may be.

    Raises
    ------
    RequestError
        When nothing bounds an activity that a measure closes or makes dearer, or when nothing
        that the trafficker can do brings it anything.
    """
    traits, bounds = OBJECTIVES[objective], derive_bounds(model, objective)
    if not bounds.live.any():
        what = "brings the trafficker a profit" if traits.for_money else "delivers anything"
        raise RequestError(f"nothing {what} even without measures: there is no lower level")
    build = MilpBuilder(scaled=False)
    _, acts = add_plan(build, model, limits, whole=True)
    upper_variables, upper_rows = build.size
    below = _Below(model, objective, build, acts, bounds)
    gain = below.add()
    weighed = [(below.y[below.live], model.weight[below.live])]
    milp = build.build(gain if traits.in_money else weighed)
    goal = np.zeros(len(milp.cost))
    for variable, coefficient in gain:
        goal[variable] -= coefficient
    return TwoLevels(
        milp=milp,
        below=np.arange(len(milp.names)) >= upper_variables,
        held=np.arange(len(milp.row_names)) >= upper_rows,
        goal=goal,
        live=below.live,
        cuts=below.chained,
        closures=below.closures,
        cost_increases=below.cost_increases,
        goods=below.goods,
        capacities=below.capacities,
    )


class _Below:
    """Builder of the trafficker's variables and rows; used once."""

    def __init__(
        self,
        model: ActivityModel,
        objective: Objective,
        build: MilpBuilder,
        acts: Indices,
        bounds: Bounds,
    ) -> None:
        live = bounds.live
        self.model, self.build, self.acts = model, build, acts
        self.runs = live
        self.live = np.flatnonzero(live)
        self.most = useful_activity(model, live)
        self.y = np.full(len(live), -1, dtype=np.int64)
        self.earns, self.terms = model.stakes(objective)
        self.dearer = bounds.enough(self.terms)
        none = np.zeros(0, dtype=np.int64)
        self.chained = self.closures = self.cost_increases = self.goods = self.capacities = none

    def add(self) -> list[tuple[Indices, Floats]]:
        """Add everything; return the (variable, coefficient) blocks of the trafficker's gain."""
        upper = np.where(self.most > 0.0, np.inf, 0.0)[self.live]
        self.y[self.live] = self.build.variables("y", len(self.live), upper=upper)
        self._balances()
        self._capacities()
        self._closures()
        q = self._cost_increases()
        amounts = self.dearer[self.cost_increases]
        return [(self.y[self.live], self.earns[self.live]), (q, -amounts)]

    def _balances(self) -> None:
        used, made = self.model.used.tocoo(), self.model.made.tocoo()
        needed = np.zeros(len(self.model.goods), dtype=np.bool_)
        needed[used.row[self.runs[used.col]]] = True
        self.goods = np.flatnonzero(needed)
        number = np.cumsum(needed) - 1
        entries = []
        for matrix, sign in ((used, 1.0), (made, -1.0)):
            keep = self.runs[matrix.col] & needed[matrix.row]
            row, column = matrix.row[keep], matrix.col[keep]
            entries.append((number[row], self.y[column], sign * matrix.data[keep]))
        self.build.rows("good", entries, upper=0.0, count=len(self.goods))

    def _capacities(self) -> None:
        """Add G y <= U(x): as one row without cuts or with one, else through the chain u."""
        model = self.model
        takes = model.takes.tocoo()
        binds = np.zeros(len(model.limit), dtype=np.bool_)
        binds[takes.row[self.runs[takes.col]]] = True
        binds &= np.isfinite(model.limit)
        self.capacities = np.flatnonzero(binds)
        number = np.cumsum(binds) - 1
        keep = self.runs[takes.col] & binds[takes.row]
        entries = [(number[takes.row[keep]], self.y[takes.col[keep]], takes.data[keep])]
        room = model.limit.copy()
        cuts = np.flatnonzero(binds[model.cuts.place])
        place = model.cuts.place[cuts]
        alone = np.bincount(place, minlength=len(room))[place] == 1
        once, self.chained = cuts[alone], cuts[~alone]
        at = model.cuts.place[once]
        taken = model.cuts.amount[once] * model.limit[at]
        entries.append((number[at], self.acts[model.cuts.measure[once]], taken))
        last, u = self._chains()
        entries.append((number[last], u, -np.ones(len(u))))
        room[last] = 0.0
        self.build.rows("cap", entries, upper=room[binds], count=len(self.capacities))

    def _chains(self) -> tuple[Indices, Indices]:
        """Add u for the rows that several measures cut; return the rows and the last u of each."""
        cuts = self.model.cuts
        place, share = cuts.place[self.chained], cuts.amount[self.chained]
        x, limit = self.acts[cuts.measure[self.chained]], self.model.limit[place]
        u = self.build.variables("u", len(place), upper=limit)
        row = np.arange(len(place))
        # Terms are sorted by place: a link that does not begin a chain follows the one before it.
        follows = row[1:][place[1:] == place[:-1]]
        before = u[follows - 1]
        self.build.rows(
            "left",
            [(row, u, 1.0), (row, x, share * limit), (follows, before, share[follows] - 1.0)],
            upper=np.where(np.isin(row, follows), share, 1.0) * limit,
            count=len(row),
        )
        number = np.arange(len(follows))
        self.build.rows(
            "fall",
            [(number, u[follows], 1.0), (number, before, -1.0)],
            upper=0.0,
            count=len(number),
        )
        ends = ~np.isin(row, follows - 1)
        return place[ends], u[ends]

    def _closures(self) -> None:
        terms = self.model.closures
        self.closures = np.flatnonzero(self.runs[terms.place])
        place, x = terms.place[self.closures], self.acts[terms.measure[self.closures]]
        most, row = self._most(place), np.arange(len(place))
        self.build.rows(
            "shut", [(row, self.y[place], 1.0), (row, x, most)], upper=most, count=len(row)
        )

    def _cost_increases(self) -> Indices:
        terms = self.terms
        self.cost_increases = np.flatnonzero(self.runs[terms.place])
        place, x = terms.place[self.cost_increases], self.acts[terms.measure[self.cost_increases]]
        most, row = self._most(place), np.arange(len(place))
        q = self.build.variables("q", len(place), upper=np.inf)
        self.build.rows(
            "rise",
            [(row, self.y[place], 1.0), (row, q, -1.0), (row, x, most)],
            upper=most,
            count=len(row),
        )
        return q

    def _most(self, place: Indices) -> Floats:
        """Return Y of some activities; refuse where there is none."""
        most = self.most[place]
        endless = place[np.isinf(most)]
        if len(endless):
            names = sorted({self._said(j) for j in endless.tolist()})
            raise RequestError(
                f"nothing bounds {', '.join(names[:3])}{' and more' * (len(names) > 3)}, which a "
                "measure closes or makes dearer, so no linear row can say it; give a capacity to "
                "it or to the supplies that feed it"
            )
        return most

    def _said(self, activity: int) -> str:
        used = self.model.used.tocsc()
        takes = self.model.takes.tocsc()
        rows = takes.indices[takes.indptr[activity] : takes.indptr[activity + 1]]
        if len(rows):
            label = self.model.capacities[rows[0]]
            return f"{label.kind} '{label.name}'"
        goods = used.indices[used.indptr[activity] : used.indptr[activity + 1]]
        return f"the way '{self.model.goods[goods[0]][0]}'"
