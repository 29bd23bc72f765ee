"""The trafficker's flow under a plan, as variables and rows of a programme (see `bilevel_milp`)."""

from __future__ import annotations

import numpy as np

from flowopt.model.activities import ActivityModel, Floats, Indices
from flowopt.model.bounds import Bounds
from flowopt.model.milp import MilpBuilder


class FlowRows:
    """Builder of the trafficker's flow under the plan; used once.

    Parameters
    ----------
    model, bounds
        The trafficker's programme and the bounds of its profit, as they are under every plan: those
        of some plans only may leave out what runs in a tie.
    build, acts
        The programme, and its variables of the measures that act.
    most
        Y, a bound on each activity, `inf` where none.
    name
        Begins the names of all variables and rows, where a programme has several flows.
    """

    def __init__(
        self,
        model: ActivityModel,
        bounds: Bounds,
        build: MilpBuilder,
        acts: Indices,
        most: Floats,
        name: str = "",
    ) -> None:
        self.name = name
        self.model = model
        self.build = build
        self.acts = acts
        self.live = bounds.live
        self.dearer = bounds.enough(model.cost_increases)
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
        self.y[self.live] = self.build.variables(f"{self.name}y", count, upper=upper)
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
        self.build.rows(f"{self.name}good", entries, upper=0.0, count=int(needed.sum()))

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
        self.build.rows(
            f"{self.name}cap", entries, upper=model.limit[binds], count=int(binds.sum())
        )

    def _chains(self, place: Indices, measure: Indices, share: Floats) -> Indices:
        """Add t_k = s_(k-1) x_k for each cut, s_(k-1) = 1 - sum of the earlier d t of its row.

        The flow wants capacity, so t wants to be low: t >= s_(k-1) + x_k - 1 and t >= L x_k, L
        being what all earlier cuts together leave, hold it up.
        """
        t = self.build.variables(f"{self.name}t", len(place))
        row = np.arange(len(place))
        first = np.searchsorted(place, place, side="left")
        later = np.repeat(row, row - first)
        earlier = np.arange(len(later)) - np.repeat(
            np.cumsum(row - first) - (row - first) - first, row - first
        )
        least = np.ones(len(place))
        np.multiply.at(least, later, 1.0 - share[earlier])
        x = self.acts[measure]
        self.build.rows(
            f"{self.name}tlow", [(row, t, 1.0), (row, x, -least)], lower=0.0, count=len(row)
        )
        chained = np.flatnonzero(row > first)
        number = np.full(len(place), -1, dtype=np.int64)
        number[chained] = np.arange(len(chained))
        self.build.rows(
            f"{self.name}tchain",
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
            f"{self.name}shut",
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
        q = self.build.variables(f"{self.name}q", len(place))
        row = np.arange(len(place))
        self.build.rows(
            f"{self.name}rise",
            [(row, q, 1.0), (row, self.y[place], -1.0), (row, self.acts[measure], -1.0)],
            lower=-1.0,
            count=len(row),
        )
        self.cost_increases = (q, -amount * self.size[place])
