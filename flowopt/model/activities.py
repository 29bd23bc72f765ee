"""The trafficker's problem as one linear programme over activities.

    maximise    p'y
    subject to  A y <= 0        a balance row per good: what is used up cannot exceed what arrives
                G y <= U(x)     a row per capacity (arc, node, site or pool, supply, demand)
                0 <= y <= T(x)  T is 0 for an activity that the plan closes, unlimited otherwise

A *good* is a commodity at a place: at a node, or at a point on the way (behind the arc's entrance,
at the node's gate). An *activity* uses up goods and makes goods: take supply, ship on an arc, pass
a lane or a gate, run a site, deliver. Quantities are t/yr, money is M USD, so 1 USD/kg is 0.001
M USD per t.

A plan x in {0,1}^m acts in three ways, and every effect of the format becomes one of them:

- a *cut* takes the share d of a capacity row: U_c(x) = U_c * prod(1 - d_cm x_m);
- a *closure* shuts an activity: a cut of 1, or the pass lane of a stage. A loss is a stage: what
  passes takes a pass lane, which the measure closes, or a seized lane, which loses the share. The
  losses of several measures are stages in series, so they multiply;
- a *cost increase* makes an activity dearer. Costs are per kg that *enters* an arc, so increases
  sit on the activity that enters and not on the lanes behind it: they add up whatever the stages
  lose.

A reform is a *virtual* measure more (see `combined_effects`).

Over time there is one such programme for all periods, with more activities that tie them; see
`build_over_time`.

Source: the reduction of interdiction to capacities follows R. K. Wood, "Deterministic network
interdiction", Mathematical and Computer Modelling 17(2), 1993; activities with recipes are
Koopmans' activity analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.network.schema import EffectOn
from flowopt.objectives import OBJECTIVES, Objective

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
ActivityKind = Literal[
    "supply", "ship", "pass", "seized", "gate", "site", "deliver", "base", "open"
]

_INNER = ("pass", "seized", "gate")
USD_PER_KG = 1e-3  # M USD per t


@dataclass(frozen=True, slots=True)
class Activity:
    """Meaning of a column of the programme: `row` is the row of the table that it comes from.

    Over time `period` is the place of its period. A `base` lets users have a capacity as it is in
    the tables, an `open` adds to it; their `row` is that of `openings`.
    """

    kind: ActivityKind
    row: int
    commodity: str
    period: int = 0


@dataclass(frozen=True, slots=True)
class Capacity:
    """Meaning of a capacity row: an id (a node for supplies and demands), or a pool's name.

    Over time `period` is the place of its period, and `opens` says of what limits the opening of
    the capacity: how much in the period, or how much in all.
    """

    kind: EffectOn
    name: str
    commodity: str = ""
    period: int = 0
    opens: Literal["", "in a period", "in all"] = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """Acts of measures as parallel arrays, one entry per (place, measure), sorted by both.

    Attributes
    ----------
    place : array of int
        Row of the capacity that is cut, or column of the activity that is closed or dearer.
    measure : array of int
        Index of the measure, real or virtual.
    amount : array of float
        Cut share, share of the passing mass that a closed lane costs (1 for a whole closure), or
        cost increase in M USD per t.
    """

    place: Indices
    measure: Indices
    amount: Floats

    @staticmethod
    def of(entries: Iterable[tuple[int, int, float]]) -> Terms:
        """Sort (place, measure, amount) entries into arrays."""
        ordered = sorted(entries)
        return Terms(
            place=np.array([e[0] for e in ordered], dtype=np.int64),
            measure=np.array([e[1] for e in ordered], dtype=np.int64),
            amount=np.array([e[2] for e in ordered], dtype=np.float64),
        )

    def __iter__(self) -> Iterator[tuple[int, int, float]]:
        return zip(self.place.tolist(), self.measure.tolist(), self.amount.tolist(), strict=True)

    def __len__(self) -> int:
        return len(self.place)


@dataclass(frozen=True, slots=True)
class ActivityModel:
    """The trafficker's programme and what measures do to it, as labelled sparse arrays.

    Attributes
    ----------
    goods : tuple of (str, str)
        Label of each balance row: (node, commodity), or a point on the way as ``"arc>1"``.
    activities : tuple of Activity
        Label of each column.
    capacities : tuple of Capacity
        Label of each capacity row.
    used, made : sparse arrays, goods x activities
        What one unit of activity uses up and makes; A = used - made.
    takes : sparse array, capacities x activities
        G.
    limit : array
        U in t/yr, `inf` where unlimited.
    weight : array
        What a unit of activity counts in the planner's objective: the weight of a delivered tonne.
    whole_weight : array or None
        The same in all markets, where `weight` counts a part of them only; None where it counts
        them all.
    price, cost : arrays
        What a unit of activity earns and costs the trafficker, M USD.
    measures : tuple of str
        Ids of the real measures; virtual ones follow them in every index.
    virtual : tuple of (int, int)
        (reform, target) of each virtual measure.
    cuts, closures, cost_increases : Terms
        What measures do.
    measure_cost, uses : arrays
        Cost of the real measures (M USD/yr), and resources x measures.
    requires, excludes : tuples of (int, int)
        The rules.
    needs : tuple of (int, tuple of int)
        Measures that need at least one of others, the one to take where none is there last: a
        measure in force one of the purchases that serve its period, or one in force before.
    inner, on_the_way : arrays of bool
        Activities that only pass a point on the way, lanes and gates; and the goods that they use
        up, those points.
    delivers : array of bool
        Activities that deliver.
    derived : mapping
        What `once` has worked out, by its name.
    """

    goods: tuple[tuple[str, str], ...]
    activities: tuple[Activity, ...]
    capacities: tuple[Capacity, ...]
    used: sparse.csc_array
    made: sparse.csc_array
    takes: sparse.csc_array
    limit: Floats
    weight: Floats
    price: Floats
    cost: Floats
    measures: tuple[str, ...]
    virtual: tuple[tuple[int, int], ...]
    cuts: Terms
    closures: Terms
    cost_increases: Terms
    measure_cost: Floats
    resources: tuple[str, ...]
    uses: Floats
    requires: tuple[tuple[int, int], ...]
    excludes: tuple[tuple[int, int], ...]
    needs: tuple[tuple[int, tuple[int, ...]], ...] = ()
    whole_weight: Floats | None = None
    inner: Flags = field(init=False, repr=False, compare=False)
    on_the_way: Flags = field(init=False, repr=False, compare=False)
    delivers: Flags = field(init=False, repr=False, compare=False)
    derived: dict[str, tuple[Floats, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Mark what only stands between nodes, and what delivers, once: proofs ask for it often."""
        inner = np.array([a.kind in _INNER for a in self.activities], dtype=np.bool_)
        column = np.repeat(np.arange(len(inner)), np.diff(self.used.indptr))
        on_the_way = np.zeros(len(self.goods), dtype=np.bool_)
        on_the_way[self.used.indices[inner[column]]] = True
        delivers = np.array([a.kind == "deliver" for a in self.activities], dtype=np.bool_)
        object.__setattr__(self, "delivers", delivers)
        object.__setattr__(self, "inner", inner)
        object.__setattr__(self, "on_the_way", on_the_way)

    def once(self, name: str, arrays: Callable[[], tuple[Floats, ...]]) -> tuple[Floats, ...]:
        """Return arrays that follow from the model's numbers, worked out the first time only.

        A solve loads the programme several times: to search, to describe, to compare. Nobody may
        write into what all of them share.
        """
        if name not in self.derived:
            found = arrays()
            for each in found:
                each.flags.writeable = False
            self.derived[name] = found
        return self.derived[name]

    @property
    def weight_anywhere(self) -> Floats:
        """The weights of all markets, also where only a part of them counts."""
        return self.weight if self.whole_weight is None else self.whole_weight

    def counting(self, demands: Collection[int]) -> ActivityModel:
        """Return the model in which only the deliveries of some rows of the demands count."""
        counts = [a.kind == "deliver" and a.row in demands for a in self.activities]
        whole = self.weight_anywhere
        return replace(self, weight=np.where(counts, whole, 0.0), whole_weight=whole)

    @property
    def outright(self) -> bool:
        """True where every measure closes something outright, and none only hampers."""
        shares = np.concatenate([self.cuts.amount, self.closures.amount])
        return not len(self.cost_increases) and bool((shares >= 1.0).all())

    def stakes(self, objective: Objective) -> tuple[Floats, Terms]:
        """Return p, the gain of a unit without measures, and the increases of cost that lower it.

        Weighted tonnes, which no cost changes, or M USD.
        """
        if OBJECTIVES[objective].for_money:
            return self.price - self.cost, self.cost_increases
        return self.weight, Terms.of(())

    def chosen(self, plan: Iterable[int]) -> Flags:
        """Return which measures act under a plan of real ones, virtual ones included."""
        acts = np.zeros(len(self.measures) + len(self.virtual), dtype=np.bool_)
        acts[list(plan)] = True
        for index, (reform, target) in enumerate(self.virtual, start=len(self.measures)):
            acts[index] = acts[reform] and acts[target]
        return acts

    def limits_under(self, acts: Flags) -> Floats:
        """Return U(x): what partial cuts leave of each capacity row, t/yr."""
        left = self.limit.copy()
        on = acts[self.cuts.measure]
        np.multiply.at(left, self.cuts.place[on], 1.0 - self.cuts.amount[on])
        return left

    def closed_under(self, acts: Flags) -> Flags:
        """Return which activities the plan closes."""
        closed = np.zeros(len(self.activities), dtype=np.bool_)
        closed[self.closures.place[acts[self.closures.measure]]] = True
        return closed

    def costs_under(self, acts: Flags) -> Floats:
        """Return what a unit of each activity costs under the plan, M USD."""
        cost = self.cost.copy()
        on = acts[self.cost_increases.measure]
        np.add.at(cost, self.cost_increases.place[on], self.cost_increases.amount[on])
        return cost
