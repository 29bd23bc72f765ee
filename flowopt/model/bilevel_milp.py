"""The planner counts tonnes, the trafficker money: bilevel interdiction as one programme.

The planner minimises the weighted tonnes w'y of a flow y that the trafficker chooses for its
profit. A flow that is possible under the plan and earns as much as some dual prices cost is a best
response, by strong duality, so the planner minimises over x, y, pi and mu at once:

    minimise    theta
    subject to  theta >= w'y
                A y <= 0,  G y <= U(x),  y_j <= Y_j (1 - x_m) for each closure of j by m
                p'y - sum rise_jm q_jm >= sum_c U_c nu_cK - slack,    q_jm >= y_j - Y_j (1 - x_m)
                pi, mu and the chains of `interdiction`, for the profit

with U_c(x) = U_c s_cK from a chain of its own, s_k = s_(k-1) - d_k t_k, t_k = s_(k-1) x_k, which
is exact at binary x. Y bounds an activity in some best response (`bounds.useful_activity`); where
it has no bound, the row is left out and the programme only says too little.

Among equally profitable flows this takes the one best for the planner. So it bounds the
pessimistic objective from below, and plans are valued one by one by the trafficker's own two
programmes. Where a plan D is worth more than the programme says, the worse tie y' is *separated*:

    theta >= w'y' (1 - sum_{m in D} (1 - x_m) - sum_{m in H} x_m),

H being the measures that touch y'. It is valid: a plan that holds D leaves the trafficker no more
profit than D does, and one that also keeps off H leaves y' possible and as profitable; so y' still
is one of its best responses. D is first stripped of what does not change the profit. Each cut
settles at least the plan it was made for, so the iteration ends.

`floor`, a proved bound on the trafficker's profit under every allowed plan, closes much of the
gap: fractional plans otherwise bend profit and tonnes apart.

Sources: S. Dempe, Foundations of Bilevel Programming, 2002 (optimistic and pessimistic);
J. Fortuny-Amat and B. McCarl, JORS 32, 1981 (one level by optimality conditions).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.bounds import Bounds, useful_activity
from flowopt.model.interdiction import Interdiction, PlanConstraints, add_dual, add_plan
from flowopt.model.milp import MilpBuilder
from flowopt.model.response_types import BestResponse

# Share of the profit without measures by which the row `floor` stays below the floor proved: where
# all measures are the best plan, no more than a sliver would be left else, and solvers lose it.
_ROOM = 1e-6
_SAME = 1e-10  # relative: profits closer than this are one, but for rounding


@dataclass(frozen=True, slots=True)
class TieCut:
    """theta >= value under every plan where all of `held` act and none of `clear` does.

    Attributes
    ----------
    value : float
        Weighted tonnes.
    held, clear : frozensets of int
        Indices of measures, virtual ones included.
    """

    value: float
    held: frozenset[int]
    clear: frozenset[int]


def bilevel(
    model: ActivityModel,
    bounds: Bounds,
    limits: PlanConstraints,
    *,
    scale: float,
    best: float,
    tied: float,
    floor: float = 0.0,
    cuts: Iterable[TieCut] = (),
) -> Interdiction:
    """Build the programme.

    Parameters
    ----------
    model, bounds
        The trafficker's programme and the bounds derived for its profit.
    limits
        What the plan may be.
    scale
        Divides the objective; the value without measures is a good one. Must be positive.
    best
        The trafficker's profit without measures, M USD.
    tied
        By how much of profit, M USD, flows count as tied: at least as much as plans are valued by.
    floor
        A proved bound on its profit under every allowed plan.
    cuts
        What is known of single plans.
    """
    build = MilpBuilder()
    x, acts = add_plan(build, model, limits)
    dual = add_dual(build, model, bounds, "profit", acts)
    theta = build.variables("theta", 1, upper=np.inf)
    flow = _Flow(model, bounds, build, acts)
    flow.add()

    def row(blocks: list[tuple[Indices, Floats]]) -> list[tuple[Indices, Indices, Floats]]:
        return [(np.zeros(len(v), dtype=np.int64), v, coefficient) for v, coefficient in blocks]

    profit = flow.profit()
    against = [(v, -coefficient) for v, coefficient in dual]
    build.rows("strong", row([*profit, *against]), lower=-tied, count=1)
    if floor > 0.0:
        build.rows("floor", row(profit), lower=floor - _ROOM * best, count=1)
    tonnes = [(v, -coefficient / scale) for v, coefficient in flow.weighted()]
    build.rows("tonnes", row([(theta, np.ones(1)), *tonnes]), lower=0.0, count=1)
    for number, cut in enumerate(cuts):
        held, clear = acts[sorted(cut.held)], acts[sorted(cut.clear)]
        worth = cut.value / scale
        blocks = [(theta, np.ones(1)), (held, np.full(len(held), -worth))]
        blocks += [(clear, np.full(len(clear), worth))]
        build.rows(f"tie{number}_", row(blocks), lower=worth * (1 - len(held)), count=1)
    return Interdiction(milp=build.build([(theta, np.ones(1))]), plan=x, scale=scale)


class _Flow:
    """Builder of the trafficker's flow under the plan; used once."""

    def __init__(
        self, model: ActivityModel, bounds: Bounds, build: MilpBuilder, acts: Indices
    ) -> None:
        self.model = model
        self.build = build
        self.acts = acts
        self.live = bounds.live
        self.dearer = bounds.enough(model.cost_increases)
        most = useful_activity(model, bounds.live)
        self.bounded = np.isfinite(most)
        largest = float(most[self.bounded].max(initial=0.0))
        # y_j = size_j * (variable j), which lies in [0, 1] where the activity is bounded.
        self.size = np.where(self.bounded & (most > 0.0), most, largest or 1.0)
        self.most = most
        self.y = np.full(len(most), -1, dtype=np.int64)
        self.cost_increases: tuple[Indices, Floats] = (np.zeros(0, dtype=np.int64), np.zeros(0))

    def add(self) -> None:
        """Add y, what holds it, and what the plan takes of it."""
        count = int(self.live.sum())
        upper = np.where(self.bounded, np.where(self.most > 0.0, 1.0, 0.0), np.inf)[self.live]
        self.y[self.live] = self.build.variables("y", count, upper=upper)
        self._balances()
        self._capacities()
        self._closures()
        self._cost_increases()

    def weighted(self) -> list[tuple[Indices, Floats]]:
        """Return the (variable, coefficient) blocks of w'y."""
        return [(self.y[self.live], (self.model.weight * self.size)[self.live])]

    def profit(self) -> list[tuple[Indices, Floats]]:
        """Return the (variable, coefficient) blocks of what the flow earns."""
        earns, _ = self.model.stakes("profit")
        return [(self.y[self.live], (earns * self.size)[self.live]), self.cost_increases]

    def _balances(self) -> None:
        used, made = self.model.used.tocoo(), self.model.made.tocoo()
        entries = []
        needed = np.zeros(len(self.model.goods), dtype=np.bool_)
        needed[used.row[self.live[used.col]]] = True
        number = np.cumsum(needed) - 1
        for matrix, sign in ((used, 1.0), (made, -1.0)):
            keep = self.live[matrix.col] & needed[matrix.row]
            row, column = matrix.row[keep], matrix.col[keep]
            value = sign * matrix.data[keep] * self.size[column]
            entries.append((number[row], self.y[column], value))
        self.build.rows("good", entries, upper=0.0, count=int(needed.sum()))

    def _capacities(self) -> None:
        """Add G y <= U s_K for every row that binds, s_K being 1 without cuts."""
        model = self.model
        takes = model.takes.tocoo()
        binds = np.zeros(len(model.limit), dtype=np.bool_)
        binds[takes.row[self.live[takes.col]]] = True
        binds &= np.isfinite(model.limit)
        number = np.cumsum(binds) - 1
        keep = self.live[takes.col] & binds[takes.row]
        row, column = takes.row[keep], takes.col[keep]
        entries = [(number[row], self.y[column], takes.data[keep] * self.size[column])]
        on = binds[model.cuts.place]
        place, measure = model.cuts.place[on], model.cuts.measure[on]
        share = model.cuts.amount[on]
        t = self._chains(place, measure, share)
        entries.append((number[place], t, share * model.limit[place]))
        self.build.rows("cap", entries, upper=model.limit[binds], count=int(binds.sum()))

    def _chains(self, place: Indices, measure: Indices, share: Floats) -> Indices:
        """Add t_k = s_(k-1) x_k for each cut, s_(k-1) = 1 - sum of the earlier d t of its row.

        The flow wants capacity, so t wants to be low: t >= s_(k-1) + x_k - 1 and t >= L x_k, L
        being what all earlier cuts together leave, hold it up.
        """
        t = self.build.variables("t", len(place))
        row = np.arange(len(place))
        first = np.searchsorted(place, place, side="left")
        later = np.repeat(row, row - first)
        earlier = np.arange(len(later)) - np.repeat(
            np.cumsum(row - first) - (row - first) - first, row - first
        )
        least = np.ones(len(place))
        np.multiply.at(least, later, 1.0 - share[earlier])
        x = self.acts[measure]
        self.build.rows("tlow", [(row, t, 1.0), (row, x, -least)], lower=0.0, count=len(row))
        chained = np.flatnonzero(row > first)
        number = np.full(len(place), -1, dtype=np.int64)
        number[chained] = np.arange(len(chained))
        self.build.rows(
            "tchain",
            [
                (number[chained], t[chained], 1.0),
                (number[chained], x[chained], -1.0),
                (number[later], t[earlier], share[earlier]),
            ],
            lower=0.0,
            count=len(chained),
        )
        return t

    def _closures(self) -> None:
        closures = self.model.closures
        keep = self.live[closures.place] & self.bounded[closures.place]
        place, measure = closures.place[keep], closures.measure[keep]
        row = np.arange(len(place))
        self.build.rows(
            "shut",
            [(row, self.y[place], 1.0), (row, self.acts[measure], 1.0)],
            upper=1.0,
            count=len(row),
        )

    def _cost_increases(self) -> None:
        cost_increases = self.model.cost_increases
        keep = self.live[cost_increases.place] & self.bounded[cost_increases.place]
        place, measure, amount = (
            cost_increases.place[keep],
            cost_increases.measure[keep],
            self.dearer[keep],
        )
        q = self.build.variables("q", len(place))
        row = np.arange(len(place))
        self.build.rows(
            "rise",
            [(row, q, 1.0), (row, self.y[place], -1.0), (row, self.acts[measure], -1.0)],
            lower=-1.0,
            count=len(row),
        )
        self.cost_increases = (q, -amount * self.size[place])


def tie_cut(
    model: ActivityModel,
    profit: BestResponseSolver,
    plan: frozenset[int],
    response: BestResponse,
) -> TieCut:
    """Return the cut by the response to a plan on other plans, for pessimistic ties.

    Parameters
    ----------
    model
        The activity model.
    profit
        A trafficker of objective `profit`.
    plan
        Indices of real measures.
    response
        The pessimistic best response to the plan.
    """
    most = profit.value(plan) * (1.0 + _SAME)
    held = plan
    for measure in sorted(plan):
        if profit.value(held - {measure}) <= most:
            held -= {measure}
    acts = model.chosen(plan)
    runs = response.activity > 0.0
    passes = np.asarray(model.takes @ response.activity)
    touched = {
        int(measure)
        for terms, place_touched in (
            (model.closures, runs),
            (model.cost_increases, runs),
            (model.cuts, passes > 0.0),
        )
        for measure in terms.measure[place_touched[terms.place]]
    }
    clear = frozenset(m for m in touched if not acts[m])
    return TieCut(response.value, held, clear)


def point_cut(model: ActivityModel, plan: frozenset[int], value: float) -> TieCut:
    """Return the cut by the value of a plan on that plan alone."""
    return TieCut(value, plan, frozenset(range(len(model.measures))) - plan)
