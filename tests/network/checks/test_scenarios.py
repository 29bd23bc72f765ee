"""Scenarios, changes and ranges that break the format or look odd, and scenarios that do.

`tests/data/scenario_faults.txt` holds a case in each block: the table, its rows as text, and every
line that reading the base with them has to say.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from flowopt.errors import InputError
from flowopt.network.column_types import column_types
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.schema import (
    CHANGEABLE,
    SHARES,
    TABLES,
    Arc,
    Change,
    Effect,
    Measure,
    RecipeLine,
    Scenario,
    Site,
)
from tests.network.overlays import BASE, DATA

HEADERS = {
    "scenarios": "scenario,name,weight",
    "changes": "scenario,on,target,commodity,column,factor,value",
    "ranges": "on,target,commodity,column,low,high,group,shape",
}
CASES = (DATA / "scenario_faults.txt").read_text(encoding="utf-8").strip().split("\n\n")


@pytest.fixture(scope="module")
def base() -> Network:
    return read_network(BASE)


def messages(folder: Path) -> list[str]:
    """Return what reading a network says: its errors, or else its warnings."""
    try:
        return [*read_network(folder).warnings]
    except InputError as error:
        return [*map(str, error.problems)]


@pytest.mark.parametrize("case", CASES, ids=[case.partition("\n")[0] for case in CASES])
def test_every_fault_and_oddity_is_told_with_its_place(case: str, tmp_path: Path) -> None:
    head, *expected = case.split("\n")
    table, *rows = head.split(" | ")
    folder = Path(shutil.copytree(BASE, tmp_path / "n"))
    text = "\n".join((HEADERS[table], *rows))
    (folder / f"{table}.csv").write_text(f"{text}\n", encoding="utf-8")
    assert messages(folder) == expected


def test_changes_need_scenarios(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BASE, tmp_path / "n"))
    (folder / "scenarios.csv").unlink()
    assert messages(folder) == [
        "changes.csv: says what scenarios change, but scenarios.csv names none; give it a row with "
        "scenario and name for each"
    ]


def test_faults_of_changes_are_told_with_those_of_other_tables(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BASE, tmp_path / "n"))
    (folder / "changes.csv").write_text(f"{HEADERS['changes']}\ndri,arc,a9,,cost,2,\n")
    (folder / "rules.csv").write_text("measure,relation,other\nm2,requires,m2\n")
    assert [line.partition(":")[0] for line in messages(folder)] == [
        "changes.csv", "changes.csv", "rules.csv",
    ]  # fmt: skip


# -- faults that only a scenario has ---------------------------------------------------------------


def refused(network: Network, *changes: Change, **tables: object) -> list[str]:
    """Return the errors of a network with two scenarios, "plain" and "dry"."""
    worlds = [Scenario(scenario=name, name=name) for name in ("plain", "dry")]
    with pytest.raises(InputError) as error:
        network.replace(scenarios=worlds, changes=changes, **tables)
    return [*map(str, error.value.problems)]


def test_a_closure_that_becomes_partial_needs_a_capacity(base: Network) -> None:
    effects = [*base.effects, Effect(measure="m1", on="arc", target="a2", cut=1.0)]
    rows = [
        Change(scenario="dry", on="arc", target="a1", column="cost", factor=2.0),
        Change(scenario="dry", on="effect", target="m1", column="cut", factor=0.9),
        Change(scenario="dry", on="demand", target="City", column="price", factor=2.0),
    ]
    assert refused(base, *rows, effects=effects) == [
        "changes.csv:3: factor: in scenario 'dry', effects.csv:9: cut: 0.9 works as 0.9, a part of "
        "a capacity, but the arc 'a2' (row 3 of arcs.csv) has none; give it one"
    ]
    limited = Change(scenario="dry", on="arc", target="a2", column="capacity", value=5.0)
    worlds = [Scenario(scenario="dry", name="A dry year")]
    found = base.replace(scenarios=worlds, changes=[*rows, limited], effects=effects)
    assert found.scenario("dry").effects[-1].cut == 0.9


def test_a_fault_is_put_down_to_the_row_that_completes_it(base: Network) -> None:
    effects = [*base.effects, Effect(measure="m1", on="arc", target="a2", cut=1.0, uptime=0.5)]
    effects[-1] = dataclasses.replace(effects[-1], uptime=1.0)
    rows = [
        Change(scenario="dry", on="effect", target="m1", column="cut", factor=1.0),
        Change(scenario="dry", on="effect", target="m1", column="uptime", value=0.6),
        Change(scenario="dry", on="effect", target="m1", column="corruption", value=0.2),
    ]
    (line,) = refused(base, *rows, effects=effects)
    assert line.startswith(
        "changes.csv:3: value: in scenario 'dry', effects.csv:9: cut: 1 works as"
    )


def test_a_scenario_may_not_make_mass_go_round(base: Network) -> None:
    recipes = [
        *base.recipes,
        RecipeLine(recipe="back", commodity="powder", quantity=-1.0),
        RecipeLine(recipe="back", commodity="paste", quantity=1.0),
    ]
    sites = [*base.sites, Site(site="s4", node="Lab", recipe="back")]
    change = Change(
        scenario="dry", on="recipe", target="refine", commodity="powder", column="quantity",
        factor=1.2,
    )  # fmt: skip
    (line,) = refused(base, change, recipes=recipes, sites=sites)
    assert line.startswith("changes.csv:2: factor: in scenario 'dry', sites.csv:4: recipe: 's3'")


def test_two_scenarios_with_a_fault_are_told_apart(base: Network) -> None:
    rows = [
        Change(scenario=name, on="effect", target="m3", column="loss", value=0.5)
        for name in ("dry", "plain")
    ]
    assert [line[:54] for line in refused(base, *rows)] == [
        "changes.csv:2: value: in scenario 'dry', effects.csv:4",
        "changes.csv:3: value: in scenario 'plain', effects.csv",
    ]


# -- warnings ----------------------------------------------------------------------------------


def test_what_the_network_is_warned_of_is_not_told_of_its_scenarios(base: Network) -> None:
    """More than can arrive is asked for as it stands, and in the scenario still more."""
    demands = [dataclasses.replace(base.demands[0], quantity=80.0), *base.demands[1:]]
    row = Change(scenario="dry", on="demand", target="City", column="quantity", factor=2.0)
    found = base.replace(demands=demands, changes=[row])
    assert [w.partition(" at most")[0] for w in found.warnings] == ["demands.csv:2: quantity:"]


def test_a_scenario_that_changes_nothing_repeats_no_warning(base: Network) -> None:
    measures = [*base.measures, Measure(measure="m7", name="Idle", cost=1.0)]
    found = base.replace(measures=measures)
    assert found.warnings == ("measures.csv:8: measure: 'm7' has no effects and reforms nothing",)


# -- what may be changed -------------------------------------------------------------------------


def test_columns_that_can_change_are_numbers_of_their_tables() -> None:
    tables = {"supply": "supplies", "pool": "sites"}
    for on, columns in CHANGEABLE.items():
        kinds = column_types(TABLES[tables.get(on, f"{on}s")])
        for column in columns:
            assert kinds[column].kind == "number"
            assert (kinds[column].most == 1) == (column in SHARES)


def test_the_shares_of_an_arc_are_known() -> None:
    assert {name for name, kind in column_types(Arc).items() if kind.most == 1} <= SHARES
