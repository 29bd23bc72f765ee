"""Networks of scenarios: what rows of changes make of the numbers, and what they leave alone."""

from __future__ import annotations

import dataclasses
import fnmatch
import math
import pickle
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import InputError, RequestError
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.schema import CHANGEABLE, Change, Range, Scenario
from flowopt.network.write import write_network
from flowopt.planning.respond import respond
from tests.drawn.dice import Dice
from tests.network.overlays import BASE
from tests.strategies import networks

OF = {
    "arc": "arcs", "node": "nodes", "site": "sites", "supply": "supplies", "demand": "demands",
    "recipe": "recipes", "effect": "effects", "reform": "reforms",
}  # fmt: skip
NAMED_BY = {"supply": "node", "demand": "node", "effect": "measure", "reform": "measure"}


def name_of(on: str) -> str:
    """Return the column by whose text a row is named."""
    return NAMED_BY.get(on, on)


@pytest.fixture(scope="module")
def base() -> Network:
    return read_network(BASE)


def world(base: Network, *changes: dict[str, Any], **tables: Any) -> Network:
    """Return the scenario that changes make of the base."""
    return whole(base, *changes, **tables).scenario("dry")


def whole(base: Network, *changes: dict[str, Any], **tables: Any) -> Network:
    """Return the base with a scenario of changes."""
    rows = [Change(scenario="dry", **each) for each in changes]
    dry = Scenario(scenario="dry", name="A dry year")
    return base.replace(scenarios=[dry], changes=rows, **tables)


# -- what a network says of its scenarios ---------------------------------------------------------


def test_shares_of_scenarios_add_up_to_one(base: Network) -> None:
    names = {"plain": 2.0, "dry": 1.0, "wet": 0.0}
    rows = [Scenario(scenario=k, name=k, weight=w) for k, w in names.items()]
    network = base.replace(scenarios=rows, changes=())
    assert network.scenario_weights() == {"plain": 2 / 3, "dry": 1 / 3, "wet": 0.0}


def test_a_blank_weight_is_one(base: Network) -> None:
    assert base.scenarios[1].weight == 1.0


def test_a_scenario_without_changes_is_the_network_as_it_stands(base: Network) -> None:
    plain = base.scenario("plain")
    same = {t: rows for t, rows in base.tables().items() if t not in ("scenarios", "changes")}
    assert {t: plain.tables()[t] for t in same} == same
    assert (plain.scenarios, plain.changes, plain.ranges) == ((), (), base.ranges)
    assert (plain.info.scenario, plain.info.label) == ("plain", "base, scenario plain")


def test_a_scenario_with_other_rows_is_nobodys_scenario(base: Network) -> None:
    """A result about it would else name a scenario that it is not about."""
    dry = base.scenario("dry")
    assert dry.replace().info.scenario == "dry"
    assert dry.replace(rules=()).info.scenario == ""
    assert dry.with_changes({("arcs", "a1"): {"cost": 9.0}}).info.scenario == ""


def test_the_network_as_it_stands_is_no_scenario_unless_a_row_says_so(base: Network) -> None:
    network = base.replace(scenarios=base.scenarios[1:])
    assert list(network.scenario_weights()) == ["dry"]


@pytest.mark.parametrize(
    ("network", "name", "message"),
    [
        ("base", "dri", "the network has no scenario 'dri'; did you mean 'dry'?"),
        ("base", "high", "the network has no scenario 'high'; it has plain, dry"),
        ("none", "dry", "scenario 'dry': the network has none; give it scenarios.csv"),
    ],
)
def test_an_unknown_scenario_is_refused(
    base: Network, network: str, name: str, message: str
) -> None:
    given = base if network == "base" else base.replace(scenarios=(), changes=())
    with pytest.raises(RequestError) as refused:
        given.scenario(name)
    assert str(refused.value) == message


def test_a_network_built_by_hand_is_checked(base: Network) -> None:
    row = Change(scenario="dry", on="arc", target="a9", column="cost", factor=2.0)
    with pytest.raises(InputError, match=r"changes\.csv:2: target: 'a9' matches no arc"):
        dataclasses.replace(base, changes=(row,)).scenario("dry")


def test_a_scenario_is_checked_like_a_file(base: Network) -> None:
    dry = world(base, {"on": "demand", "target": "City", "column": "quantity", "factor": 10.0})
    assert dry.warnings == (
        "demands.csv:2: quantity: at most 60 t/yr can arrive of the 300 t/yr that 'City' takes, "
        "even without measures",
    )


# -- the hash ---------------------------------------------------------------------------------


def test_tables_without_rows_leave_the_hash_alone(base: Network) -> None:
    bare = base.replace(scenarios=(), changes=(), ranges=())
    with_rows = [
        bare.replace(scenarios=base.scenarios),
        bare.replace(scenarios=base.scenarios, changes=base.changes),
        bare.replace(ranges=base.ranges),
    ]
    assert len({network.sha256 for network in (bare, *with_rows)}) == 4


def test_networks_from_before_scenarios_keep_their_hash() -> None:
    bridges = read_network(Path(__file__).parents[2] / "networks" / "two-bridges")
    network = bridges.replace(
        demands=[dataclasses.replace(row, price=0.0) for row in bridges.demands]
    )
    known = "6ad67d839c20879bb79173c52851b07408cb88e452c8cf9a4b906d53af6bbebb"
    assert network.sha256 == known


def test_a_scenario_has_a_hash_of_its_own(base: Network) -> None:
    plain = base.scenario("plain")
    assert plain.sha256 != base.replace(scenarios=(), changes=()).sha256
    assert pickle.loads(pickle.dumps(plain)).sha256 == plain.sha256


# -- what changes do -----------------------------------------------------------------------------


def test_a_factor_multiplies_and_a_value_replaces(base: Network) -> None:
    dry = base.scenario("dry")
    assert dry.supplies[0].capacity == 800.0
    assert dry.demands[0].price == 950.0
    assert dry.nodes[3].capacity == 90.0
    assert dry.arcs == base.arcs


def test_factors_on_one_cell_multiply_in_any_order(base: Network) -> None:
    factors = [0.1, 0.7, 3.0, 1.1]
    rows = [{"on": "arc", "target": "a1", "column": "cost", "factor": f} for f in factors]
    found = {world(base, *random.Random(i).sample(rows, 4)).arcs[0].cost for i in range(9)}
    assert len(found) == 1
    assert found.pop() == pytest.approx(0.1 * math.prod(factors))


def test_globs_overlap_and_multiply(base: Network) -> None:
    dry = world(
        base,
        {"on": "arc", "target": "a*", "column": "cost", "factor": 2.0},
        {"on": "arc", "target": "a[12]", "column": "cost", "factor": 0.5},
    )
    assert [arc.cost for arc in dry.arcs] == [0.1, 0.3, 10.0, 18.0, 18.0]


def test_an_id_that_is_written_out_wins_over_its_reading_as_a_glob(base: Network) -> None:
    arcs = [dataclasses.replace(base.arcs[0], arc="a[1]"), *base.arcs]
    dry = world(base, {"on": "arc", "target": "a[1]", "column": "cost", "value": 7.0}, arcs=arcs)
    assert [arc.cost for arc in dry.arcs[:2]] == [7.0, 0.1]


def test_a_factor_works_on_the_default_of_a_blank(base: Network) -> None:
    dry = world(
        base,
        {"on": "demand", "target": "Town", "column": "weight", "factor": 3.0},
        {"on": "effect", "target": "m4", "column": "uptime", "factor": 0.5},
    )
    assert [demand.weight for demand in dry.demands] == [2.0, 3.0, 3.0]
    assert [e.uptime for e in dry.effects if e.measure == "m4"] == [0.5]


def test_nothing_becomes_unlimited_and_a_value_limits(base: Network) -> None:
    left = world(base, {"on": "arc", "target": "a2", "column": "capacity", "factor": 0.5})
    assert left.arcs[1].capacity is None
    limited = world(base, {"on": "arc", "target": "a2", "column": "capacity", "value": 70.0})
    assert limited.arcs[1].capacity == 70.0


def test_a_pool_is_changed_through_its_name(base: Network) -> None:
    dry = world(
        base,
        {"on": "pool", "target": "kettles", "column": "capacity", "factor": 0.5},
        {"on": "pool", "target": "town", "column": "capacity", "value": 4.0},
        {"on": "demand", "target": "Town", "column": "price", "factor": 2.0},
        {"on": "site", "target": "s*", "column": "cost", "factor": 2.0},
    )
    assert [site.capacity for site in dry.sites] == [30.0, 30.0, 50.0]
    assert [site.cost for site in dry.sites] == [60.0, 50.0, 80.0]
    assert [demand.quantity for demand in dry.demands] == [30.0, 4.0, 4.0]
    assert [demand.price for demand in dry.demands] == [900.0, 1400.0, 1000.0]


def test_a_commodity_narrows_a_change(base: Network) -> None:
    dry = world(
        base,
        {"on": "demand", "target": "*", "commodity": "paste", "column": "price", "factor": 2.0},
        {"on": "recipe", "target": "*", "commodity": "leaf", "column": "quantity", "factor": 2.0},
        {"on": "recipe", "target": "cook", "commodity": "acid", "column": "quantity", "value": -3},
    )
    assert [demand.price for demand in dry.demands] == [900.0, 700.0, 1000.0]
    assert [line.quantity for line in dry.recipes[:6]] == [-20.0, -3.0, 1.0, -24.0, -1.0, 1.0]


def test_a_change_reaches_all_rows_of_a_measure(base: Network) -> None:
    dry = world(
        base,
        {"on": "effect", "target": "m6", "column": "uptime", "factor": 0.5},
        {"on": "reform", "target": "m5", "column": "corruption", "value": 0.0},
    )
    assert [e.uptime for e in dry.effects if e.measure == "m6"] == [0.5, 0.5, 0.25]
    assert [reform.corruption for reform in dry.reforms] == [0.0]


def test_a_leg_may_exist_in_one_world_alone(base: Network) -> None:
    network = base.replace(
        scenarios=[Scenario(scenario=n, name=n) for n in ("open", "shut")],
        changes=[Change(scenario="shut", on="arc", target="a4", column="capacity", value=0.0)],
    )
    assert respond(network.scenario("open")).delivered == 40.0
    assert respond(network.scenario("shut")).delivered == 10.0


def test_what_was_whole_may_become_partial_where_there_is_a_capacity(base: Network) -> None:
    effects = [*base.effects, dataclasses.replace(base.effects[0], target="a4", cut=1.0, loss=0.0)]
    row = {"on": "effect", "target": "m1", "column": "cut", "factor": 0.9}
    assert world(base, row, effects=effects).effects[-1].cut == 0.9


# -- files and order -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["n", "n.json", "n.xlsx"])
def test_scenarios_come_back_from_every_kind_of_file(
    base: Network, tmp_path: Path, name: str
) -> None:
    write_network(base, tmp_path / name)
    back = read_network(tmp_path / name)
    assert (back, back.sha256) == (base, base.sha256)
    dry = base.scenario("dry")
    assert back.scenario("dry") == dry
    write_network(dry, tmp_path / f"dry-{name}")
    again = read_network(tmp_path / f"dry-{name}")
    assert (again, again.sha256, again.warnings) == (dry, dry.sha256, dry.warnings)


def literal(network: Network, scenario: str) -> dict[tuple[str, int, str], float | None]:
    """Return the numbers of a scenario, read from the rules of the format word by word."""
    found: dict[tuple[str, int, str], float | None] = {}
    for change in (row for row in network.changes if row.scenario == scenario):
        tables = ("sites", "demands") if change.on == "pool" else (OF[change.on],)
        for table in tables:
            by = "pool" if change.on == "pool" else name_of(change.on)
            rows = network.tables()[table]
            names = [getattr(row, by) for row in rows]
            for at, (row, name) in enumerate(zip(rows, names, strict=True)):
                fits = name == change.target or (
                    change.target not in names and fnmatch.fnmatchcase(name, change.target)
                )
                if not name or not fits or (change.commodity and change.commodity != row.commodity):
                    continue
                column = "quantity" if (change.on, table) == ("pool", "demands") else change.column
                cell = (table, at, column)
                number = found.get(cell, getattr(row, column))
                if change.value is not None:
                    number = change.value
                elif number is not None:
                    number *= change.factor
                found[cell] = number
    return found


FACTORS = (0.5, 1.0, 2.0, 0.25, 0.0)


def changed_at_random(network: Network, dice: Dice) -> Network:
    """Return a drawn network with two scenarios; changes that the format refuses are left out."""
    worlds = [Scenario(scenario=name, name=name) for name in ("x", "y")]
    found = network.replace(scenarios=worlds)
    for scenario in ("x", "y"):
        for _ in range(dice.upto(5)):
            on = dice.pick([on for on in CHANGEABLE if network.tables().get(OF.get(on, ""))])
            target = getattr(dice.pick(network.tables()[OF[on]]), name_of(on))
            change = Change(
                scenario=scenario,
                on=on,
                target="*" if dice.chance(20) else target,
                column=dice.pick(CHANGEABLE[on]),
                factor=dice.pick(FACTORS),
            )
            with suppress(InputError):
                found = found.replace(changes=[*found.changes, change])
    return found


@settings(max_examples=25)
@given(networks(), st.data(), st.integers(0, 9))
def test_a_scenario_is_what_the_format_says_in_any_order(
    network: Network, data: st.DataObject, seed: int
) -> None:
    drawn = changed_at_random(network, Dice.drawn(data.draw))
    mixed = random.Random(seed).sample(drawn.changes, len(drawn.changes))
    shuffled = drawn.replace(changes=mixed)
    for scenario in ("x", "y"):
        found = drawn.scenario(scenario)
        assert found == shuffled.scenario(scenario)
        for table, rows in found.tables().items():
            for at, row in enumerate(rows):
                before = network.tables()[table][at]
                for each in dataclasses.fields(row):
                    expected = literal(drawn, scenario).get(
                        (table, at, each.name), getattr(before, each.name)
                    )
                    assert getattr(row, each.name) == expected


def test_ranges_stay_with_a_scenario(base: Network) -> None:
    row = Range(on="arc", target="a1", column="capacity", low=0.5, high=2.0)
    network = base.replace(ranges=[row])
    assert network.scenario("dry").ranges == (row,)
