"""The checks as a whole: sound networks pass, whatever their ids and order."""

from __future__ import annotations

import dataclasses
import random
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import InputError, Problem
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.validation import add_warnings, find_problems
from flowopt.network.checks.warnings import shortfall
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.schema import (
    Effect,
    Info,
    Measure,
    Node,
    Rule,
    columns,
    field_of,
)
from tests.draws import draws
from tests.network.overlays import BASE
from tests.oracles.validity import broken_rules
from tests.strategies import networks


@pytest.fixture(scope="module")
def base() -> Network:
    return read_network(BASE)


# -- calling the checks -------------------------------------------------------------------------


def test_replace_is_checked_like_a_file(base: Network) -> None:
    arcs = [dataclasses.replace(base.arcs[0], head="Lob"), *base.arcs[1:]]
    with pytest.raises(InputError, match=r"arcs\.csv:2: head: 'Lob' is no node of nodes\.csv; did"):
        base.replace(arcs=arcs)


def test_replace_gives_the_warnings_of_the_new_network(base: Network) -> None:
    lonely = base.replace(nodes=[*base.nodes, Node(node="Isle", name="Isle", kind="transit")])
    assert lonely.warnings == ("nodes.csv:8: node: 'Isle' has no arcs",)
    assert lonely.replace(nodes=base.nodes).warnings == ()


def test_replace_refuses_rows_of_another_table(base: Network) -> None:
    with pytest.raises(InputError, match=r"measures\.csv:2: a Node stands where a Measure belongs"):
        base.replace(measures=base.nodes[:1])
    with pytest.raises(InputError, match=r"network.toml: a dict stands where a schema\.Info"):
        base.replace(info={"id": "x"})


def test_row_numbers_and_names_of_tables_can_be_given(base: Network) -> None:
    broken = dataclasses.replace(base, rules=(*base.rules, base.rules[0]))
    errors, odd = find_problems(broken, {"rules": [3, 5, 9]}, files={"rules": "book.xlsx[rules]"})
    said = "measure 'm2', relation 'requires', other 'm1': already in row 3; keep one of the two"
    assert list(map(str, errors)) == [f"book.xlsx[rules]:9: {said} rows"]
    assert odd == []


def test_dearer_looks_can_add_warnings(base: Network) -> None:
    found = shortfall(Draft(base.tables()), base, 1, 8.5)
    told = add_warnings(base, [found, found])
    assert told.warnings == (
        "demands.csv:3: quantity: at most 8.5 t/yr can arrive of the 10 t/yr that the pool 'town' "
        "takes, even without measures",
    )
    assert told == base


def test_a_network_without_rows_lacks_the_mandatory_tables() -> None:
    errors, _ = find_problems(Network(Info(id="x", title="x")))
    assert {problem.file.removesuffix(".csv") for problem in errors} == {
        "arcs", "commodities", "demands", "nodes", "supplies",
    }  # fmt: skip


# -- sound networks -----------------------------------------------------------------------------


def drawn(**features: Any) -> st.SearchStrategy[Network]:
    """Draw networks that keep the rules; a recipe that consumes nothing is against ours."""
    return networks(**features).filter(
        lambda n: (
            not broken_rules(n)
            and {r.recipe for r in n.recipes} == {r.recipe for r in n.recipes if r.quantity < 0}
        )
    )


def renamed(network: Network) -> Network:
    """Put `x` before every id, everywhere; globs keep matching the same things."""

    def new(row: Any, name: str, value: Any) -> Any:
        about = columns(type(row))[name]
        is_id = about.refers or name in (*type(row).key, "pool", "target")
        if not value or not is_id or name in ("relation", "quantity", "on"):
            return value
        return tuple(f"x{v}" for v in value) if isinstance(value, tuple) else f"x{value}"

    tables: dict[str, Any] = {
        table: tuple(
            dataclasses.replace(
                row, **{field_of(n): new(row, n, getattr(row, n)) for n in columns(type(row))}
            )
            for row in rows
        )
        for table, rows in network.tables().items()
    }
    return dataclasses.replace(network, **tables)


def shuffled(network: Network, seed: int) -> Network:
    dice = random.Random(seed)
    tables: dict[str, Any] = {
        t: tuple(dice.sample(rows, len(rows))) for t, rows in network.tables().items()
    }
    return dataclasses.replace(network, **tables)


def without_rows(found: list[Problem]) -> Counter[tuple[str, str | None, str]]:
    """Count problems by what they say."""
    return Counter((p.file, p.column, re.sub(r"row \d+", "row", p.message)) for p in found)


@settings(max_examples=draws(25))
@given(drawn())
def test_drawn_networks_are_sound_under_any_names(network: Network) -> None:
    errors, odd = find_problems(network)
    assert errors == []
    assert find_problems(renamed(network))[0] == []
    assert len(find_problems(renamed(network))[1]) == len(odd)


@settings(max_examples=draws(25))
@given(drawn(), st.integers(0, 9))
def test_the_order_of_rows_does_not_matter(network: Network, seed: int) -> None:
    errors, odd = find_problems(shuffled(network, seed))
    assert errors == []
    assert without_rows(odd) == without_rows(find_problems(network)[1])


@pytest.mark.parametrize("seed", range(5))
def test_the_base_in_any_order_and_under_other_names(base: Network, seed: int) -> None:
    assert find_problems(shuffled(renamed(base), seed)) == ([], [])


def test_an_id_written_out_is_no_glob(base: Network) -> None:
    """A measure called `m?` is named by `m?`, and by no other reading of it."""
    odd = [*base.measures, Measure(measure="m?", name="Odd", cost=1)]
    rows = [*base.effects, Effect(measure="m?", on="arc", target="a1", cut=1)]
    (reform,) = base.reforms
    more = dataclasses.replace(reform, target="m?", measure="m6")
    assert base.replace(measures=odd, effects=rows, reforms=[reform, more]).warnings == ()


def test_a_reform_whose_glob_matches_itself_skips_itself(base: Network) -> None:
    (reform,) = base.reforms
    network = base.replace(reforms=[dataclasses.replace(reform, target="m*")])
    assert network.warnings == ()
    bought = Effect(measure="m5", on="arc", target="a2", cut=0.5, corruption=1)
    network = network.replace(effects=[*base.effects, bought])
    assert network.warnings == (
        "effects.csv:9: the effect changes nothing: its corruption of 1 buys all of it off",
    )


@pytest.mark.parametrize(("uptime", "corruption"), [(1.0, 0.0), (0.0, 0.0), (1.0, 1.0)])
def test_whole_or_idle_cuts_need_no_capacity(
    base: Network, uptime: float, corruption: float
) -> None:
    effect = Effect(
        measure="m4", on="arc", target="a2", cut=1, uptime=uptime, corruption=corruption
    )
    base.replace(effects=[*base.effects, effect])
    partial = dataclasses.replace(effect, uptime=0.5, corruption=0.5)
    with pytest.raises(InputError, match=r"cut: 1 works as 0.25, a part of a capacity"):
        base.replace(effects=[*base.effects, partial])


def test_an_effect_that_only_a_reform_frees_is_not_idle(base: Network) -> None:
    bought = Effect(measure="m1", on="arc", target="a4", cut=0.5, corruption=1)
    assert base.replace(effects=[*base.effects, bought]).warnings == ()
    assert len(base.replace(effects=[*base.effects, bought], reforms=[]).warnings) == 2


def test_a_rule_may_bind_in_both_directions(base: Network) -> None:
    back = [Rule(measure=r.other, relation=r.relation, other=r.measure) for r in base.rules]
    assert base.replace(rules=[*base.rules, *back]).warnings == ()
