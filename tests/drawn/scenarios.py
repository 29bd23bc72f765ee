"""Drawn scenarios of a network: some of its numbers multiplied, as `changes.csv` may."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flowopt.errors import InputError
from flowopt.network.network import Network
from flowopt.network.schema import Change, Scenario
from tests.drawn.dice import Dice

FACTORS = (1.0, 0.5, 2.0, 0.75, 1.25, 0.0)
SHARES = (1.0, 0.5, 0.8)
WEIGHTS = (1.0, 1.0, 2.0, 0.5, 0.0)
# Tables, the column that is multiplied, and by what: shares may not grow above 1.
CHANGED: tuple[tuple[str, str, tuple[float, ...]], ...] = (
    ("arcs", "capacity", FACTORS),
    ("supplies", "capacity", FACTORS),
    ("sites", "capacity", FACTORS),
    ("demands", "quantity", FACTORS),
    ("demands", "price", FACTORS),
    ("effects", "cut", SHARES),
    ("effects", "loss", SHARES),
    ("arcs", "loss", SHARES),
)


def drawn_scenarios(dice: Dice, network: Network, count: int) -> tuple[list[Network], list[float]]:
    """Return so many scenarios of a network and their weights, one of them above 0."""
    networks = [network]
    while len(networks) < count:
        networks.append(_changed(dice, network))
    weights = [dice.pick(WEIGHTS) for _ in networks]
    return networks, weights if any(weights) else [1.0, *weights[1:]]


def _changed(dice: Dice, network: Network) -> Network:
    """Return the network with some numbers multiplied; as it stands where nothing else is valid."""
    for _ in range(20):
        tables: dict[str, list[Any]] = {}
        for table, column, factors in CHANGED:
            rows = tables.setdefault(table, list(getattr(network, table)))
            for place, row in enumerate(rows):
                if dice.chance(40) and not getattr(row, "pool", None):
                    rows[place] = _multiplied(row, column, dice.pick(factors))
        try:
            return network.replace(**tables)
        except InputError:
            continue
    return network


def _multiplied(row: Any, column: str, factor: float) -> Any:
    value = getattr(row, column)
    return row if value is None else replace(row, **{column: value * factor})


def with_scenarios(dice: Dice, network: Network, count: int) -> Network:
    """Return the network with so many scenarios of its own, the first as it stands."""
    names = [f"w{n}" for n in range(count)]
    scenarios = [
        Scenario(scenario=name, name=f"World {name}", weight=dice.pick(WEIGHTS)) for name in names
    ]
    scenarios[0] = replace(scenarios[0], weight=1.0)
    changes: list[Change] = []
    for name in names[1:]:
        for _ in range(20):
            more = [*changes, *_drawn_changes(dice, network, name)]
            try:
                network = network.replace(scenarios=scenarios, changes=more)
            except InputError:
                continue
            changes = more
            break
    return network.replace(scenarios=scenarios, changes=changes)


def _drawn_changes(dice: Dice, network: Network, scenario: str) -> list[Change]:
    """Return some factors of single rows; now and then none, or those of a world without flow."""
    if dice.chance(10):
        return []  # as it stands, like the first one
    if dice.chance(10):
        where = dice.pick((("supply", "*", "capacity"), ("arc", "*", "capacity")))
        return [_factor(scenario, *where, 0.0)]
    cells = [
        *(("arc", row.arc, "capacity", FACTORS) for row in network.arcs),
        *(("arc", row.arc, "cost", FACTORS) for row in network.arcs),
        *(("supply", row.node, "capacity", FACTORS) for row in network.supplies),
        *(("site", row.site, "cost", FACTORS) for row in network.sites),
        *(("demand", row.node, "quantity", FACTORS) for row in network.demands if not row.pool),
        *(("demand", row.node, "price", FACTORS) for row in network.demands),
        *(("recipe", row.recipe, "quantity", FACTORS[1:5]) for row in network.recipes),
        *(("effect", row.measure, "cut", SHARES) for row in network.effects),
        *(("effect", row.measure, "loss", SHARES) for row in network.effects),
    ]
    some = [cell for cell in dict.fromkeys(cells) if dice.chance(25)]
    return [
        _factor(scenario, on, target, column, dice.pick(factors))
        for on, target, column, factors in some
    ]


def _factor(scenario: str, on: str, target: str, column: str, factor: float) -> Change:
    return Change(scenario=scenario, on=on, target=target, column=column, factor=factor)  # type: ignore[arg-type]  # of the tables above
