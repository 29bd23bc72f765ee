"""Hypothesis strategies: small networks that keep every rule of the format, and questions for them.

Numbers are nice on purpose (shares in steps of 0.05, capacities in quarters), so that equally good
plans and equally profitable flows do happen; wild networks have other numbers. Everything shrinks
towards one area, one market, one arc and no measure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from flowopt.errors import InputError
from flowopt.network.network import Network
from flowopt.network.schema import (
    Arc,
    Commodity,
    Demand,
    Effect,
    Info,
    Measure,
    Node,
    NodeKind,
    Supply,
)
from tests.drawn.chains import add_backbone, add_extras, add_places, add_recipes
from tests.drawn.dice import Dice
from tests.drawn.draft import MASSES, Draft
from tests.drawn.earnings import add_earnings
from tests.drawn.measures import MEASURE_COSTS, SHARES, add_measures, measure_count
from tests.drawn.periods import over_time
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network

INFO = Info(id="drawn", title="A drawn network")
# What UTF-8 can hold: to find out what that is takes `st.text()` seconds in each process.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@st.composite
def networks(
    draw: Callable[[Any], Any],
    *,
    min_measures: int = 0,
    max_measures: int = 7,
    recipes: bool | None = None,
    places: bool | None = None,
    earnings: bool | None = None,
) -> Network:
    """Draw a small valid network, of every feature of the format but sources.

    Parameters
    ----------
    min_measures, max_measures
        How many measures there are.
    recipes
        Whether sites run recipes; drawn when not given.
    places
        Whether nodes carry countries, continents and coordinates; drawn when not given.
    earnings
        Whether organisations earn; drawn when not given.
    """
    dice = Dice.drawn(draw)
    count = measure_count(dice, min_measures, max_measures)
    stages = dice.pick((0, 1, 2, 1)) if recipes is None else dice.pick((1, 2)) if recipes else 0
    draft = Draft(dice, free=dice.chance(20), lossless=dice.chance(35))
    priced = not dice.chance(10)
    chain = add_recipes(draft, stages)
    add_backbone(draft, chain, priced=priced)
    add_extras(draft, priced=priced)
    if places or (places is None and dice.chance(40)):
        add_places(draft)
    add_measures(draft, count)
    if earnings or (earnings is None and dice.chance(40)):
        add_earnings(draft)
    return Network(info=INFO, **{name: tuple(rows) for name, rows in draft.tables.items()})


@st.composite
def tied_networks(draw: Callable[[Any], Any]) -> Network:
    """Draw a network in which many flows are equally profitable.

    One price or two, no costs but those that measures add, and markets that count differently: what
    a tonne earns does not say what it counts.
    """
    network: Network = draw(networks(min_measures=1, max_measures=5))
    dice = Dice.drawn(draw)
    prices = (10.0, dice.pick((10.0, 20.0)))
    free = {
        name: tuple(replace(row, cost=0.0) for row in getattr(network, name))
        for name in ("arcs", "supplies", "sites")
    }
    markets = tuple(
        replace(row, price=dice.pick(prices), weight=dice.pick((1.0, 3.0, 2.0, 0.5)))
        for row in network.demands
    )
    return network.replace(**free, demands=markets)


@st.composite
def pure_networks(
    draw: Callable[[Any], Any], *, min_measures: int = 0, max_measures: int = 5
) -> Network:
    """Draw a network of plain maximum flow: one commodity, capacities, and cuts of arcs.

    No recipes, losses, costs or capacities of nodes, every weight 1, whole and partial cuts.
    """
    dice = Dice.drawn(draw)
    draft = Draft(dice, free=True, lossless=True, need={"hcl": 1.0})
    draft.add(Commodity(commodity="hcl", name="Hydrochloride"))
    areas = [f"A_{i + 1}" for i in range(1 + dice.upto(1))]
    transits = [f"T_{i + 1}" for i in range(dice.upto(4))]
    markets = [f"M_{i + 1}" for i in range(1 + dice.upto(1))]
    kinds: dict[str, NodeKind] = {"A": "area", "T": "transit", "M": "market"}
    nodes = [*areas, *transits, *markets]
    for name in nodes:
        draft.add(Node(node=name, name=name, kind=kinds[name[0]]))
    route = [areas[0], *dice.subset(transits), markets[0]]
    ends = list(pairwise(route))
    others = [node for node in nodes if node not in route]
    ends += [pair for node in others for pair in ((dice.pick(route), node), (node, route[-1]))]
    for _ in range(dice.upto(6)):
        tail, head = dice.pick(nodes), dice.pick(nodes)
        ends += [(tail, head)] if tail != head else []
    for i, (tail, head) in enumerate(ends):
        capacity = None if dice.chance(10) else dice.pick(MASSES)
        draft.add(
            Arc(arc=f"R_{i + 1}", tail=tail, head=head, commodities=("hcl",), capacity=capacity)
        )
    for area in areas:
        capacity = None if dice.chance(50) else dice.pick(MASSES)
        draft.add(Supply(node=area, commodity="hcl", capacity=capacity))
    for market in markets:
        draft.add(Demand(node=market, commodity="hcl", quantity=3 * dice.pick(MASSES)))
    for i in range(min_measures + dice.upto(max_measures - min_measures)):
        name = f"m{i + 1}"
        draft.add(Measure(measure=name, name=name, cost=dice.pick(MEASURE_COSTS)))
        for _ in range(dice.pick((1, 1, 2))):
            arc = dice.pick(draft.rows("arcs"))
            cut = 1.0 if arc.capacity is None else dice.pick(SHARES)
            draft.add(Effect(measure=name, on="arc", target=arc.arc, cut=cut))
    return Network(info=INFO, **{name: tuple(rows) for name, rows in draft.tables.items()})


@st.composite
def wild_networks(draw: Callable[[Any], Any], *, max_measures: int = 4) -> Network:
    """Draw a network of any shape of `tests/drawn/shapes.py`."""
    dice = Dice.drawn(draw)
    return valid_network(dice, SHAPES[dice.pick(list(SHAPES))], max_measures)


@st.composite
def networks_over_time(draw: Callable[[Any], Any], *, max_measures: int = 4) -> Network:
    """Draw a small network over two or three periods, with openings, trends and purchases."""
    network: Network = draw(networks(max_measures=max_measures))
    return over_time(network, Dice.drawn(draw))


def closing(network: Network) -> Network:
    """Return the network with measures that close whatever they acted on, and do no more."""
    whole = [
        replace(each, cut=1.0, loss=0.0, cost=0.0, uptime=1.0, corruption=0.0)
        for each in network.effects
        if each.cut > 0.0 or each.loss > 0.0
    ]
    try:
        return network.replace(effects=whole, reforms=[])
    except InputError:  # a rule of what may be cut together
        assume(False)
        raise


@st.composite
def budgets(draw: Callable[[Any], Any], network: Network) -> float:
    """Draw a sensible budget: what some measures cost, all of them, more, half or nothing."""
    dice = Dice.drawn(draw)
    costs = [row.cost for row in network.measures]
    how = dice.upto(29) if costs else 29
    if how == 29:
        return 0.0
    if how < 14:
        return sum(dice.subset(costs)) or sum(costs) / 2
    return (max(costs), sum(costs), sum(costs) + 1.0)[how % 3]


@st.composite
def limits(draw: Callable[[Any], Any], network: Network) -> dict[str, float]:
    """Draw limits of some resources that are given with the budget."""
    dice = Dice.drawn(draw)
    names = dice.subset([row.resource for row in network.resources])
    return {name: dice.pick((1.0, 2.0, 0.5, 4.0, 0.0)) for name in names}


@st.composite
def plans(draw: Callable[[Any], Any], network: Network) -> tuple[str, ...]:
    """Draw any measures, in file order, whatever budget and rules say."""
    return tuple(Dice.drawn(draw).subset([row.measure for row in network.measures]))
