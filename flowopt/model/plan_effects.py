"""Effects of plans on limits, closures and costs, at the places that a measure touches.

A plan that is valued may differ from the last one in a few measures, and most rows and columns of
a large programme are touched by none at all. What is returned does not depend on plans seen
before: each touched place is computed anew from the network's own number, in the order of
`ActivityModel.limits_under` and its neighbours, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from flowopt.model.activities import ActivityModel, Flags, Floats, Indices, Terms
from flowopt.model.bounds import Bounds
from flowopt.model.stoppers import common, stoppers

TRUSTED = 1e-6  # relative: tolerance of a bound on what a measure takes


@dataclass(frozen=True, slots=True)
class Touched:
    """The places that some terms touch, and which of them each term touches.

    Attributes
    ----------
    places : array of int
        Rows or columns, ascending, each once.
    entry : array of int
        Of each term: index into `places`.
    measure, amount : arrays
        As in `Terms`.
    """

    places: Indices
    entry: Indices
    measure: Indices
    amount: Floats

    @staticmethod
    def of(terms: Terms) -> Touched:
        """Group terms by place."""
        places, entry = np.unique(terms.place, return_inverse=True)
        return Touched(places, entry.astype(np.int64), terms.measure, terms.amount)


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A best response, seen from the places that measures touch.

    A plan that holds all of its own, and takes nothing that it uses, leaves it possible and at the
    same price. Other flows only got worse, so it stays a best response: nothing is to be solved.

    Attributes
    ----------
    acts : array of bool
        The measures that act under its plan.
    value : float
        The planner's objective.
    tonnes : float
        The weighted tonnes that it delivers.
    limits, passes : arrays
        Of the touched rows: their limits under its plan, and what it takes of them, t/yr.
    runs : array
        Its activity in the columns that a measure may close, t/yr.
    costs, spends : arrays
        Of the columns that may get dearer: their costs under its plan, M USD per unit, and its
        activity.
    rents : array or None
        What each capacity row earns at the trafficker's prices; they add up to what it maximises.
    """

    acts: Flags
    value: float
    tonnes: float
    limits: Floats
    passes: Floats
    runs: Floats
    costs: Floats
    spends: Floats
    rents: Floats | None


class PlanEffects:
    """Effects of plans on the touched limits, columns and costs of one model.

    Attributes
    ----------
    cuts, closures, cost_increases : Touched
        The touched capacity rows, the touched columns, and the columns that may get dearer.
    """

    def __init__(self, model: ActivityModel) -> None:
        self.cuts = Touched.of(model.cuts)
        self.closures = Touched.of(model.closures)
        self.cost_increases = Touched.of(model.cost_increases)
        self._real = len(model.measures)
        self._stoppers: Indices | None = None
        pairs = np.array(model.virtual, dtype=np.int64).reshape(-1, 2)
        self._reform, self._target = pairs[:, 0], pairs[:, 1]

    def renumber(self, model: ActivityModel) -> None:
        """Go on with other amounts of the same acts, those of another model of the network."""
        self.cuts = replace(self.cuts, amount=model.cuts.amount)
        self.closures = replace(self.closures, amount=model.closures.amount)
        self.cost_increases = replace(self.cost_increases, amount=model.cost_increases.amount)

    def chosen(self, plan: Iterable[int]) -> Flags:
        """Return which measures act, as `ActivityModel.chosen` does."""
        acts = np.zeros(self._real + len(self._reform), dtype=np.bool_)
        acts[list(plan)] = True
        if len(self._reform):
            acts[self._real :] = acts[self._reform] & acts[self._target]
        return acts

    def limits(self, limit: Floats, acts: Flags) -> Floats:
        """Return what partial cuts leave of the touched rows of `limit`, t/yr."""
        left: Floats = limit[self.cuts.places]
        on = acts[self.cuts.measure]
        np.multiply.at(left, self.cuts.entry[on], 1.0 - self.cuts.amount[on])
        return left

    def closed(self, acts: Flags) -> Flags:
        """Return which of the touched columns the plan closes."""
        closed = np.zeros(len(self.closures.places), dtype=np.bool_)
        closed[self.closures.entry[acts[self.closures.measure]]] = True
        return closed

    def costs(self, cost: Floats, acts: Flags) -> Floats:
        """Return what the touched columns of `cost` come to under the plan, M USD per unit."""
        dearer: Floats = cost[self.cost_increases.places]
        on = acts[self.cost_increases.measure]
        np.add.at(dearer, self.cost_increases.entry[on], self.cost_increases.amount[on])
        return dearer

    def cached_response(
        self,
        model: ActivityModel,
        acts: Flags,
        value: float,
        activity: Floats,
        rents: Floats | None = None,
    ) -> CachedResponse:
        """Return what `still_best` needs of a best response, `activity` of a plan worth `value`."""
        return CachedResponse(
            acts=acts,
            value=value,
            tonnes=float(model.weight @ activity),
            limits=self.limits(model.limit, acts),
            passes=(model.takes @ activity)[self.cuts.places],
            runs=activity[self.closures.places],
            costs=self.costs(model.cost, acts),
            spends=activity[self.cost_increases.places],
            rents=rents,
        )

    def still_best(self, model: ActivityModel, known: CachedResponse, acts: Flags) -> bool:
        """Return whether a response is surely still a best one under another plan."""
        if (known.acts & ~acts).any() or known.runs[self.closed(acts)].any():
            return False
        limits = self.limits(model.limit, acts)
        if ((known.passes > limits) & (limits != known.limits)).any():
            return False
        return not known.spends[self.costs(model.cost, acts) != known.costs].any()

    def most_lost(
        self, known: CachedResponse, bounds: Bounds, *, money: bool, together: bool = False
    ) -> Floats:
        """Return by how much each real measure, added alone, can lower the value at most.

        The trafficker can always go on as before without what the measure hits, which brings at
        most its margin (see `bounds`), and pay what gets dearer. Only for objectives in which the
        trafficker's loss is the planner's gain.

        Parameters
        ----------
        known
            The response to the plan that a measure is added to.
        bounds
            Those of the objective.
        money
            Whether the trafficker counts costs.
        together
            Whether the sum over several measures must bound what they do together: then a cut hits
            its share of all that passes, since an earlier one may have used up the room. Else `inf`
            is given where a reform comes to work.
        """
        lost = np.zeros(self._real + len(self._reform))
        shut, cut, dearer = self.closures, self.cuts, self.cost_increases
        margin = (bounds.margin[shut.places] * known.runs)[shut.entry]
        np.add.at(lost, shut.measure, shut.amount * margin)
        passes = known.passes[cut.entry]
        room = passes if together else known.limits[cut.entry]
        over = passes - room * (1.0 - cut.amount)
        np.add.at(lost, cut.measure, np.maximum(over, 0.0) * bounds.row[cut.places][cut.entry])
        if money:
            np.add.at(lost, dearer.measure, dearer.amount * known.spends[dearer.entry])
        lost[known.acts] = 0.0
        most: Floats = lost[: self._real]
        if together:
            # What a reform adds counts for its target, or where that acts already, for itself.
            owner = np.where(known.acts[self._target], self._reform, self._target)
            np.add.at(most, owner, lost[self._real :])
            return most
        most[self._reform[known.acts[self._target]]] = np.inf
        most[self._target[known.acts[self._reform]]] = np.inf
        return most

    def most_run(self, bounds: Bounds, wanted: Floats) -> Floats:
        """Return up to which activity each column may run so that no closure of it takes too much.

        As `most_lost` counts it, of each column alone; `inf` where nothing is wanted.

        Parameters
        ----------
        bounds
            Those of the objective.
        wanted
            By real measure, what it may take; `inf` where it is no matter.
        """
        most = np.full(len(bounds.margin), np.inf)
        shut = self.closures
        on = np.flatnonzero(shut.measure < self._real)
        on = on[np.isfinite(wanted[shut.measure[on]])]
        places = shut.places[shut.entry[on]]
        takes = shut.amount[on] * bounds.margin[places]
        some = takes > 0.0
        np.minimum.at(most, places[some], wanted[shut.measure[on[some]]] / takes[some])
        return most

    def touching(self, model: ActivityModel, known: CachedResponse, most: Flags) -> Flags:
        """Return which real measures of `most`, added to those of a response, may take from it.

        A plan that adds none of them, however many others of `most`, leaves it a best response. A
        cut counts where all of `most` together leave less than what passes.

        Parameters
        ----------
        most
            The measures that may act, those that act already among them; virtual ones included.
        """
        touches = np.zeros(self._real + len(self._reform), dtype=np.bool_)
        short = known.passes > self.limits(model.limit, most)
        for terms, used in (
            (self.closures, known.runs > 0.0),
            (self.cuts, short),
            (self.cost_increases, known.spends > 0.0),
        ):
            touches[terms.measure[used[terms.entry]]] = True
        touches &= most & ~known.acts
        real: Flags = touches[: self._real].copy()
        at = np.flatnonzero(touches[self._real :])
        real[self._reform[at]] = real[self._target[at]] = True
        real &= ~known.acts[: self._real]
        return real

    def surely_lost(self, model: ActivityModel, rents: Floats) -> Floats:
        """Return by how much each real measure, added alone, lowers the trafficker's optimum.

        At least, and several that touch no row in common by their sum: with the same prices, it
        can't have more than what its capacities still earn.

        Parameters
        ----------
        rents
            Those of the response to the plan that a measure is added to.
        """
        if self._stoppers is None:
            self._stoppers = stoppers(model)
        lost = np.zeros(self._real)
        by = common(model.takes.tocsr(), self._stoppers)
        rows = np.flatnonzero(by >= 0)
        np.add.at(lost, by[rows], rents[rows])
        on = np.flatnonzero(self.cuts.measure < self._real)
        share = self.cuts.amount[on] * rents[self.cuts.places][self.cuts.entry[on]]
        np.add.at(lost, self.cuts.measure[on], share)
        return lost
