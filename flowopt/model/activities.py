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
- a *closure* shuts an activity: a cut of 1, or the free lane of a stage. A loss is a stage: what
  passes takes a free lane, which the measure closes, or a hit lane, which loses the share. The
  losses of several measures are stages in series, so they multiply;
- a *rise* adds to the cost of an activity. Costs are per kg that *enters* an arc, so rises sit on
  the activity that enters and not on the lanes behind it: they add up whatever the stages lose.

A reform is a free *virtual* measure, chosen exactly when the reform and its target both are. It
takes what the target's effect would take with the reform's corruption, beyond what it takes
already: 1 - (1 - d') / (1 - d), and for rises the difference.

Source: the reduction of interdiction to capacities follows R. K. Wood, "Deterministic network
interdiction", Mathematical and Computer Modelling 17(2), 1993; activities with recipes are
Koopmans' activity analysis.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from flowopt.network import schema
from flowopt.network.network import Network, matches

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
ActivityKind = Literal["supply", "ship", "free", "hit", "gate", "site", "deliver"]
CapacityKind = Literal["arc", "node", "site", "pool", "supply", "demand"]

USD_PER_KG = 1e-3  # M USD per t


@dataclass(frozen=True, slots=True)
class Activity:
    """What a column of the programme stands for: `row` is the table's row it comes from."""

    kind: ActivityKind
    row: int
    commodity: str


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a capacity row stands for: an id (a node for supplies and demands), or a pool's name."""

    kind: CapacityKind
    name: str
    commodity: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """Where measures act: parallel arrays, one entry per (place, measure), sorted by both.

    Attributes
    ----------
    place : array of int
        Row of the capacity that is cut, or column of the activity that is closed or dearer.
    measure : array of int
        Index of the measure, real or virtual.
    amount : array of float
        Cut share, share of the passing mass that a closed lane costs (1 for a whole closure), or
        cost rise in M USD per t.
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
    price, cost : arrays
        What a unit of activity earns and costs the trafficker, M USD.
    measures : tuple of str
        Ids of the real measures; virtual ones follow them in every index.
    virtual : tuple of (int, int)
        (reform, target) of each virtual measure.
    cuts, closures, rises : Terms
        What measures do.
    measure_cost, uses : arrays
        Cost of the real measures (M USD/yr), and resources x measures.
    requires, excludes : tuples of (int, int)
        The rules.
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
    rises: Terms
    measure_cost: Floats
    resources: tuple[str, ...]
    uses: Floats
    requires: tuple[tuple[int, int], ...]
    excludes: tuple[tuple[int, int], ...]

    @property
    def profit(self) -> Floats:
        """Price less cost of a unit of each activity without measures, M USD."""
        return self.price - self.cost

    def chosen(self, plan: Iterable[int]) -> npt.NDArray[np.bool_]:
        """Return which measures act under a plan of real ones, virtual ones included."""
        acts = np.zeros(len(self.measures) + len(self.virtual), dtype=np.bool_)
        acts[list(plan)] = True
        for index, (reform, target) in enumerate(self.virtual, start=len(self.measures)):
            acts[index] = acts[reform] and acts[target]
        return acts

    def limits_under(self, acts: npt.NDArray[np.bool_]) -> Floats:
        """Return U(x): what partial cuts leave of each capacity row, t/yr."""
        left = self.limit.copy()
        on = acts[self.cuts.measure]
        np.multiply.at(left, self.cuts.place[on], 1.0 - self.cuts.amount[on])
        return left

    def closed_under(self, acts: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Return which activities the plan closes."""
        closed = np.zeros(len(self.activities), dtype=np.bool_)
        closed[self.closures.place[acts[self.closures.measure]]] = True
        return closed

    def costs_under(self, acts: npt.NDArray[np.bool_]) -> Floats:
        """Return what a unit of each activity costs under the plan, M USD."""
        cost = self.cost.copy()
        on = acts[self.rises.measure]
        np.add.at(cost, self.rises.place[on], self.rises.amount[on])
        return cost


def activity_model(network: Network) -> ActivityModel:
    """Build the trafficker's programme of a checked network."""
    return _Builder(network).build()


@dataclass(frozen=True, slots=True)
class Deed:
    """What one measure does to one thing: survival of capacity and mass, and the cost rise."""

    keeps: float = 1.0
    passes: float = 1.0
    rise: float = 0.0

    def with_effect(self, effect: schema.Effect, corruption: float) -> Deed:
        """Combine with one more effect: cuts and losses multiply, costs add."""
        working = effect.uptime * (1.0 - corruption)
        return Deed(
            keeps=self.keeps * (1.0 - effect.cut * working),
            passes=self.passes * (1.0 - effect.loss * working),
            rise=self.rise + effect.cost * working,
        )

    def beyond(self, base: Deed) -> Deed:
        """Return what has to act on top of `base` to give this."""
        return Deed(
            keeps=self.keeps / base.keeps if base.keeps > 0.0 else 1.0,
            passes=self.passes / base.passes if base.passes > 0.0 else 1.0,
            rise=self.rise - base.rise,
        )


Key = str | tuple[str, str]
Deeds = dict[int, Deed]


class _Builder:
    """Collects goods, columns and rows of one network; used once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.measure_index = {m.measure: i for i, m in enumerate(network.measures)}
        self.goods: dict[tuple[str, str], int] = {}
        self.activities: list[Activity] = []
        self.used: list[tuple[int, int, float]] = []
        self.made: list[tuple[int, int, float]] = []
        self.taken: list[tuple[int, int]] = []
        self.capacities: list[Capacity] = []
        self.limit: list[float] = []
        self.weight: list[float] = []
        self.price: list[float] = []
        self.cost: list[float] = []
        self.cuts: list[tuple[int, int, float]] = []
        self.closures: list[tuple[int, int, float]] = []
        self.rises: list[tuple[int, int, float]] = []
        self.virtual, self.deeds = _deeds(network, self.measure_index)

    def build(self) -> ActivityModel:
        for index, supply in enumerate(self.network.supplies):
            self._supply(index, supply)
        entrances = self._gates()
        for index, arc in enumerate(self.network.arcs):
            self._arc(index, arc, entrances)
        self._sites()
        self._demands()
        return self._assemble()

    # -- goods, columns and rows ------------------------------------------------------------

    def _good(self, place: str, commodity: str) -> int:
        return self.goods.setdefault((place, commodity), len(self.goods))

    def _column(
        self,
        activity: Activity,
        *,
        used: Sequence[tuple[int, float]] = (),
        made: Sequence[tuple[int, float]] = (),
        cost: float = 0.0,
        price: float = 0.0,
        weight: float = 0.0,
    ) -> int:
        column = len(self.activities)
        self.activities.append(activity)
        self.used.extend((good, column, q) for good, q in used)
        self.made.extend((good, column, q) for good, q in made if q > 0)
        self.cost.append(cost * USD_PER_KG)
        self.price.append(price * USD_PER_KG)
        self.weight.append(weight)
        return column

    def _capacity(
        self, label: Capacity, limit: float | None, columns: Sequence[int], deeds: Deeds
    ) -> None:
        """Add the capacity row over `columns` and what measures take of it.

        A whole cut closes the columns themselves: that needs no capacity, and its bound in the
        dual is each activity's own margin instead of the row's largest one.
        """
        row = len(self.capacities)
        self.capacities.append(label)
        self.limit.append(np.inf if limit is None else limit)
        self.taken.extend((row, column) for column in columns)
        for measure, deed in deeds.items():
            cut = 1.0 - deed.keeps
            if cut >= 1.0:
                self.closures.extend((column, measure, 1.0) for column in columns)
            elif cut > 0.0:
                if limit is None:
                    raise ValueError(f"a partial cut of {label} needs a capacity")
                self.cuts.append((row, measure, cut))

    def _rise(self, columns: Iterable[int], deeds: Deeds) -> None:
        for column in columns:
            self.rises.extend(
                (column, measure, deed.rise * USD_PER_KG)
                for measure, deed in deeds.items()
                if deed.rise > 0.0
            )

    # -- the tables -------------------------------------------------------------------------

    def _supply(self, index: int, supply: schema.Supply) -> None:
        good = self._good(supply.node, supply.commodity)
        column = self._column(
            Activity("supply", index, supply.commodity), made=[(good, 1.0)], cost=supply.cost
        )
        deeds = self._deeds_of("supply", (supply.node, supply.commodity))
        label = Capacity("supply", supply.node, supply.commodity)
        self._capacity(label, supply.capacity, [column], deeds)
        self._rise([column], deeds)

    def _gates(self) -> dict[tuple[str, str], int]:
        """Build what stands between arcs and nodes; return the good where arrivals land.

        Losses on a node act on every arc that enters it, and its capacity counts what is left
        after them: one set of lanes and one gate per commodity do for all its arcs.
        """
        arriving: dict[str, dict[str, None]] = defaultdict(dict)
        for arc in self.network.arcs:
            arriving[arc.head].update(dict.fromkeys(arc.commodities))
        entrances: dict[tuple[str, str], int] = {}
        for index, node in enumerate(self.network.nodes):
            deeds = self._deeds_of("node", node.node)
            closes = any(deed.keeps <= 0.0 for deed in deeds.values())
            gates: list[int] = []
            for commodity in arriving[node.node]:
                inside = self._good(node.node, commodity)
                if node.capacity is not None or closes:
                    outside = self._good(f">{node.node}", commodity)
                    activity = Activity("gate", index, commodity)
                    gates.append(
                        self._column(activity, used=[(outside, 1.0)], made=[(inside, 1.0)])
                    )
                    inside = outside
                entrance = self._stages(index, f">>{node.node}", commodity, inside, deeds)
                entrances[node.node, commodity] = entrance
            if gates:
                self._capacity(Capacity("node", node.node), node.capacity, gates, deeds)
        return entrances

    def _arc(self, index: int, arc: schema.Arc, entrances: dict[tuple[str, str], int]) -> None:
        deeds = self._deeds_of("arc", arc.arc)
        columns = []
        for commodity in arc.commodities:
            arrival = entrances[arc.head, commodity]
            behind = self._stages(index, f"{arc.arc}>", commodity, arrival, deeds)
            columns.append(
                self._column(
                    Activity("ship", index, commodity),
                    used=[(self._good(arc.tail, commodity), 1.0)],
                    made=[(behind, 1.0 - arc.loss)],
                    cost=arc.cost,
                )
            )
        self._capacity(Capacity("arc", arc.arc), arc.capacity, columns, deeds)
        self._rise(columns, deeds)
        self._rise(columns, self._deeds_of("node", arc.head))

    def _stages(
        self, index: int, name: str, commodity: str, target: int, deeds: Deeds
    ) -> int:
        """Put a stage of two lanes in front of `target` for each measure that seizes."""
        for measure, deed in deeds.items():
            share = 1.0 - deed.passes
            if share <= 0.0:
                continue
            before = self._good(f"{name}{measure}", commodity)
            free = self._column(
                Activity("free", index, commodity), used=[(before, 1.0)], made=[(target, 1.0)]
            )
            self.closures.append((free, measure, share))
            if deed.passes > 0.0:
                self._column(
                    Activity("hit", index, commodity),
                    used=[(before, 1.0)],
                    made=[(target, deed.passes)],
                )
            target = before
        return target

    def _sites(self) -> None:
        recipes: dict[str, list[schema.RecipeLine]] = defaultdict(list)
        for line in self.network.recipes:
            recipes[line.recipe].append(line)
        shared: dict[Capacity, tuple[float | None, list[int]]] = {}
        for index, site in enumerate(self.network.sites):
            lines = recipes[site.recipe]
            goods = [(self._good(site.node, line.commodity), line.quantity) for line in lines]
            column = self._column(
                Activity("site", index, site.recipe),
                used=[(good, -q) for good, q in goods if q < 0],
                made=[(good, q) for good, q in goods if q > 0],
                cost=site.cost,
            )
            self._rise([column], self._deeds_of("site", site.site))
            label = Capacity("pool", site.pool) if site.pool else Capacity("site", site.site)
            shared.setdefault(label, (site.capacity, []))[1].append(column)
        self._shared(shared)

    def _demands(self) -> None:
        shared: dict[Capacity, tuple[float | None, list[int]]] = {}
        for index, demand in enumerate(self.network.demands):
            column = self._column(
                Activity("deliver", index, demand.commodity),
                used=[(self._good(demand.node, demand.commodity), 1.0)],
                price=demand.price,
                weight=demand.weight,
            )
            self._rise([column], self._deeds_of("demand", (demand.node, demand.commodity)))
            own = Capacity("demand", demand.node, demand.commodity)
            label = Capacity("pool", demand.pool) if demand.pool else own
            shared.setdefault(label, (demand.quantity, []))[1].append(column)
        self._shared(shared)

    def _shared(self, shared: dict[Capacity, tuple[float | None, list[int]]]) -> None:
        """Add the capacity rows of sites or demands, alone or pooled.

        A cost on a pool acts on each of its rows; a cost on a row was added with its column.
        """
        for label, (limit, columns) in shared.items():
            key: Key = label.name if label.kind != "demand" else (label.name, label.commodity)
            deeds = self._deeds_of(label.kind, key)
            self._capacity(label, limit, columns, deeds)
            if label.kind == "pool":
                self._rise(columns, deeds)

    # -- the arrays -------------------------------------------------------------------------

    def _deeds_of(self, on: CapacityKind, key: Key) -> Deeds:
        return self.deeds.get((on, key), {})

    def _assemble(self) -> ActivityModel:
        network, index = self.network, self.measure_index
        columns, goods = len(self.activities), len(self.goods)
        resource_index = {r.resource: i for i, r in enumerate(network.resources)}
        uses = np.zeros((len(network.resources), len(network.measures)))
        for use in network.uses:
            uses[resource_index[use.resource], index[use.measure]] = use.amount
        pairs = {
            relation: tuple(
                (index[rule.measure], index[rule.other])
                for rule in network.rules
                if rule.relation == relation
            )
            for relation in ("requires", "excludes")
        }
        return ActivityModel(
            goods=tuple(self.goods),
            activities=tuple(self.activities),
            capacities=tuple(self.capacities),
            used=_matrix(self.used, (goods, columns)),
            made=_matrix(self.made, (goods, columns)),
            takes=_matrix([(r, c, 1.0) for r, c in self.taken], (len(self.limit), columns)),
            limit=np.array(self.limit),
            weight=np.array(self.weight),
            price=np.array(self.price),
            cost=np.array(self.cost),
            measures=tuple(index),
            virtual=self.virtual,
            cuts=Terms.of(self.cuts),
            closures=Terms.of(self.closures),
            rises=Terms.of(self.rises),
            measure_cost=np.array([m.cost for m in network.measures]),
            resources=tuple(resource_index),
            uses=uses,
            requires=pairs["requires"],
            excludes=pairs["excludes"],
        )


def _matrix(entries: Sequence[tuple[int, int, float]], shape: tuple[int, int]) -> sparse.csc_array:
    """Return the sparse array of (row, column, value) entries; repeated places add up."""
    rows = np.array([e[0] for e in entries], dtype=np.int64)
    columns = np.array([e[1] for e in entries], dtype=np.int64)
    values = np.array([e[2] for e in entries], dtype=np.float64)
    return sparse.csc_array((values, (rows, columns)), shape=shape)


def _deeds(
    network: Network, measure_index: dict[str, int]
) -> tuple[tuple[tuple[int, int], ...], dict[tuple[CapacityKind, Key], Deeds]]:
    """Return the virtual measures, and what each measure does to each thing, in measure order."""
    reforms: dict[str, tuple[int, float]] = {}
    for reform in network.reforms:
        for target in matches(reform.target, measure_index):
            if target != reform.measure:
                reforms[target] = (measure_index[reform.measure], reform.corruption)
    plain: dict[tuple[CapacityKind, Key], Deeds] = defaultdict(dict)
    reformed: dict[tuple[CapacityKind, Key], Deeds] = defaultdict(dict)
    keys = _effect_keys(network)
    for effect in network.effects:
        measure = measure_index[effect.measure]
        lower = reforms.get(effect.measure, (0, effect.corruption))[1]
        for key in keys(effect):
            for deeds, corruption in (
                (plain, effect.corruption),
                (reformed, min(effect.corruption, lower)),
            ):
                deed = deeds[effect.on, key].get(measure, Deed())
                deeds[effect.on, key][measure] = deed.with_effect(effect, corruption)
    virtual: dict[tuple[int, int], int] = {}
    found: dict[tuple[CapacityKind, Key], Deeds] = {}
    names = tuple(measure_index)
    for place, deeds in plain.items():
        found[place] = {m: deeds[m] for m in sorted(deeds)}
        for measure in sorted(deeds):
            extra = reformed[place][measure].beyond(deeds[measure])
            if extra != Deed():
                pair = (reforms[names[measure]][0], measure)
                index = len(names) + virtual.setdefault(pair, len(virtual))
                found[place][index] = extra
    return tuple(virtual), found


def _effect_keys(network: Network) -> Callable[[schema.Effect], list[Key]]:
    """Return the function that lists what an effect acts on, by the keys of `_deeds`."""
    ids: dict[str, dict[str, list[Key]]] = {
        "arc": {arc.arc: [arc.arc] for arc in network.arcs},
        "node": {node.node: [node.node] for node in network.nodes},
        "site": {site.site: [site.site] for site in network.sites},
        "pool": {pool: [pool] for pool in network.pools},
        "supply": defaultdict(list),
        "demand": defaultdict(list),
    }
    rows: tuple[tuple[str, tuple[schema.Supply, ...] | tuple[schema.Demand, ...]], ...] = (
        ("supply", network.supplies),
        ("demand", network.demands),
    )
    for on, table in rows:
        for row in table:
            ids[on].setdefault(row.node, []).append((row.node, row.commodity))

    def keys(effect: schema.Effect) -> list[Key]:
        known = ids[effect.on]
        found = [key for name in matches(effect.target, known) for key in known[name]]
        if effect.commodity:
            found = [key for key in found if key[1] == effect.commodity]
        return found

    return keys
