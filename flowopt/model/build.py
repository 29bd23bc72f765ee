"""Builder of the trafficker's programme of one year from the network's rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from flowopt.clock import Clock
from flowopt.garbage import no_collection
from flowopt.model.activities import (
    USD_PER_KG,
    Activity,
    ActivityModel,
    Capacity,
    Terms,
)
from flowopt.model.combined_effects import EffectsByMeasure, Key, combined_effects
from flowopt.model.origins import NOBODY, OriginLog, Origins, origins
from flowopt.network import schema
from flowopt.network.chances import insist_on_certain
from flowopt.network.network import Network
from flowopt.network.periods import insist_on_one_year

_SECONDS_PER_ROW = 1e-5  # of building: as on networks of 20,000 and 50,000 arcs and measures


def activity_model(network: Network) -> ActivityModel:
    """Build the trafficker's programme of a checked network."""
    with no_collection():
        return _Builder(network).build()


def traced_model(network: Network) -> tuple[ActivityModel, Origins]:
    """Build the trafficker's programme, and return where its numbers come from beside it."""
    builder = _Builder(network)
    with no_collection():
        return builder.build(), builder.origins()


def build_in_time(network: Network, clock: Clock) -> ActivityModel:
    """Build the trafficker's programme, if that does not overrun the clock.

    Raises
    ------
    OutOfTime
        When reading a large network has taken so long that building would.
    """
    insist_on_time_to_build(network, clock)
    return activity_model(network)


def insist_on_time_to_build(network: Network, clock: Clock) -> None:
    """Raise `OutOfTime` where building the trafficker's programme would overrun the clock."""
    tables = (network.nodes, network.arcs, network.sites, network.measures, network.effects)
    seconds = _SECONDS_PER_ROW * sum(map(len, tables))
    clock.insist("reading the network", "building its programme", seconds)


class _Builder:
    """Builder of the goods, columns and rows of one network; used once."""

    def __init__(self, network: Network) -> None:
        insist_on_one_year(network)
        insist_on_certain(network)
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
        self.cost_increases: list[tuple[int, int, float]] = []
        self.virtual, self.effects = combined_effects(network, self.measure_index)
        self.log = OriginLog()

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
        for good, quantity in used:
            self.used.append((good, column, quantity))
        for good, quantity in made:
            if quantity > 0.0:
                self.made.append((good, column, quantity))
        self.cost.append(cost * USD_PER_KG)
        self.price.append(price * USD_PER_KG)
        self.weight.append(weight)
        return column

    def _capacity(
        self,
        label: Capacity,
        limit: float | None,
        columns: Sequence[int],
        effects: EffectsByMeasure,
        origin: tuple[str, int],
    ) -> None:
        """Add the capacity row over `columns` and what measures take of it.

        A whole cut closes the columns themselves: that needs no capacity, and its bound in the
        dual is each activity's own margin instead of the row's largest one.
        """
        row = len(self.capacities)
        self.capacities.append(label)
        self.limit.append(np.inf if limit is None else limit)
        self.log.limits.append(origin)
        self.taken.extend((row, column) for column in columns)
        for measure, effect in effects.items():
            cut = 1.0 - effect.keeps
            if cut >= 1.0:
                self.closures.extend((column, measure, 1.0) for column in columns)
                self.log.closures.extend(NOBODY for _ in columns)
            elif cut > 0.0:
                if limit is None:
                    raise ValueError(f"a partial cut of {label} needs a capacity")
                self.cuts.append((row, measure, cut))
                self.log.cuts.append(effect.slot)

    def _raise_costs(self, columns: Iterable[int], effects: EffectsByMeasure) -> None:
        for column in columns:
            for measure, effect in effects.items():
                if effect.cost_increase > 0.0:
                    increase = effect.cost_increase * USD_PER_KG
                    self.cost_increases.append((column, measure, increase))
                    self.log.cost_increases.append(effect.slot)

    # -- the tables -------------------------------------------------------------------------

    def _supply(self, index: int, supply: schema.Supply) -> None:
        good = self._good(supply.node, supply.commodity)
        column = self._column(
            Activity("supply", index, supply.commodity), made=[(good, 1.0)], cost=supply.cost
        )
        effects = self._effects_of("supply", (supply.node, supply.commodity))
        label = Capacity("supply", supply.node, supply.commodity)
        self._capacity(label, supply.capacity, [column], effects, ("supplies", index))
        self._raise_costs([column], effects)

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
            effects = self._effects_of("node", node.node)
            closes = any(effect.keeps <= 0.0 for effect in effects.values())
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
                entrance = self._stages(index, f">>{node.node}", commodity, inside, effects)
                entrances[node.node, commodity] = entrance
            if gates:
                label = Capacity("node", node.node)
                self._capacity(label, node.capacity, gates, effects, ("nodes", index))
        return entrances

    def _arc(self, index: int, arc: schema.Arc, entrances: dict[tuple[str, str], int]) -> None:
        effects = self._effects_of("arc", arc.arc)
        columns = []
        for commodity in arc.commodities:
            arrival = entrances[arc.head, commodity]
            behind = self._stages(index, f"{arc.arc}>", commodity, arrival, effects)
            if arc.loss < 1.0:
                self.log.losses.append((len(self.made), index))
            columns.append(
                self._column(
                    Activity("ship", index, commodity),
                    used=[(self._good(arc.tail, commodity), 1.0)],
                    made=[(behind, 1.0 - arc.loss)],
                    cost=arc.cost,
                )
            )
        self._capacity(Capacity("arc", arc.arc), arc.capacity, columns, effects, ("arcs", index))
        self._raise_costs(columns, effects)
        self._raise_costs(columns, self._effects_of("node", arc.head))

    def _stages(
        self, index: int, name: str, commodity: str, target: int, effects: EffectsByMeasure
    ) -> int:
        """Put a stage of two lanes in front of `target` for each measure that seizes."""
        for measure, effect in effects.items():
            share = 1.0 - effect.passes
            if share <= 0.0:
                continue
            before = self._good(f"{name}{measure}", commodity)
            passing = self._column(
                Activity("pass", index, commodity), used=[(before, 1.0)], made=[(target, 1.0)]
            )
            self.closures.append((passing, measure, share))
            self.log.closures.append(effect.slot)
            if effect.passes > 0.0:
                self.log.passes.append((len(self.made), effect.slot))
                self._column(
                    Activity("seized", index, commodity),
                    used=[(before, 1.0)],
                    made=[(target, effect.passes)],
                )
            target = before
        return target

    def _sites(self) -> None:
        recipes: dict[str, list[tuple[int, schema.RecipeLine]]] = defaultdict(list)
        for row, line in enumerate(self.network.recipes):
            recipes[line.recipe].append((row, line))
        shared: dict[Capacity, tuple[float | None, int, list[int]]] = {}
        for index, site in enumerate(self.network.sites):
            lines = recipes[site.recipe]
            goods = [(self._good(site.node, line.commodity), line.quantity) for _, line in lines]
            consumed = [row for row, line in lines if line.quantity < 0]
            produced = [row for row, line in lines if line.quantity > 0]
            self.log.consumed.extend(enumerate(consumed, start=len(self.used)))
            self.log.lines.extend(enumerate(produced, start=len(self.made)))
            column = self._column(
                Activity("site", index, site.recipe),
                used=[(good, -q) for good, q in goods if q < 0],
                made=[(good, q) for good, q in goods if q > 0],
                cost=site.cost,
            )
            self._raise_costs([column], self._effects_of("site", site.site))
            label = Capacity("pool", site.pool) if site.pool else Capacity("site", site.site)
            shared.setdefault(label, (site.capacity, index, []))[2].append(column)
        self._shared("sites", shared)

    def _demands(self) -> None:
        shared: dict[Capacity, tuple[float | None, int, list[int]]] = {}
        for index, demand in enumerate(self.network.demands):
            column = self._column(
                Activity("deliver", index, demand.commodity),
                used=[(self._good(demand.node, demand.commodity), 1.0)],
                price=demand.price,
                weight=demand.weight,
            )
            self._raise_costs([column], self._effects_of("demand", (demand.node, demand.commodity)))
            own = Capacity("demand", demand.node, demand.commodity)
            label = Capacity("pool", demand.pool) if demand.pool else own
            shared.setdefault(label, (demand.quantity, index, []))[2].append(column)
        self._shared("demands", shared)

    def _shared(
        self, table: str, shared: dict[Capacity, tuple[float | None, int, list[int]]]
    ) -> None:
        """Add the capacity rows of sites or demands, alone or pooled.

        A cost on a pool acts on each of its rows; a cost on a row was added with its column.
        """
        for label, (limit, first, columns) in shared.items():
            key: Key = label.name if label.kind != "demand" else (label.name, label.commodity)
            effects = self._effects_of(label.kind, key)
            self._capacity(label, limit, columns, effects, (table, first))
            if label.kind == "pool":
                self._raise_costs(columns, effects)

    def origins(self) -> Origins:
        """Return where the numbers of the model just built come from."""
        return origins(
            self.log,
            terms=(self.cuts, self.closures, self.cost_increases),
            used=self.used,
            made=self.made,
            shape=(len(self.goods), len(self.activities)),
        )

    # -- the arrays -------------------------------------------------------------------------

    def _effects_of(self, on: schema.EffectOn, key: Key) -> EffectsByMeasure:
        return self.effects.get((on, key), {})

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
            cost_increases=Terms.of(self.cost_increases),
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
