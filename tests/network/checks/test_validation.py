"""The checks: sound networks pass, whatever their ids and order; gain and reach against oracles."""

from __future__ import annotations

import dataclasses
import random
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from flowopt.errors import InputError, Problem
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.mass_gain import gain_errors
from flowopt.network.checks.reachability import Reachability
from flowopt.network.checks.validation import add_warnings, find_problems
from flowopt.network.checks.warnings import shortfall
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.schema import (
    Arc,
    Commodity,
    Demand,
    Effect,
    Info,
    Measure,
    Node,
    RecipeLine,
    Rule,
    Site,
    Supply,
    columns,
)
from tests.network.overlays import BASE
from tests.oracles.response import best_response
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


def drawn(**features: int) -> st.SearchStrategy[Network]:
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

    tables = {
        table: tuple(
            dataclasses.replace(
                row, **{n: new(row, n, getattr(row, n)) for n in columns(type(row))}
            )
            for row in rows
        )
        for table, rows in network.tables().items()
    }
    return dataclasses.replace(network, **tables)


def shuffled(network: Network, seed: int) -> Network:
    dice = random.Random(seed)
    tables = {t: tuple(dice.sample(rows, len(rows))) for t, rows in network.tables().items()}
    return dataclasses.replace(network, **tables)


def without_rows(found: list[Problem]) -> Counter[tuple[str, str | None, str]]:
    """Count problems by what they say."""
    return Counter((p.file, p.column, re.sub(r"row \d+", "row", p.message)) for p in found)


@given(drawn())
def test_drawn_networks_are_sound_under_any_names(network: Network) -> None:
    errors, odd = find_problems(network)
    assert errors == []
    assert find_problems(renamed(network))[0] == []
    assert len(find_problems(renamed(network))[1]) == len(odd)


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


# -- cycles that multiply mass ------------------------------------------------------------------


def loop(*arcs: tuple[str, str, str, float], **recipes: dict[str, float]) -> Network:
    """Return a network of arcs (tail, head, commodity, loss) and a site `s_<recipe>` each.

    A recipe called ``p_1`` runs at the node P. One arc more leads away from P.
    """
    arcs = (*arcs, ("P", "Away", "a", 0.0))
    ends = {end for arc in arcs for end in arc[:2]} | {r[0].upper() for r in recipes}
    goods = {arc[2] for arc in arcs} | {c for lines in recipes.values() for c in lines}
    return Network(
        Info(id="loop", title="A loop"),
        commodities=tuple(Commodity(commodity=c, name=c) for c in sorted(goods)),
        nodes=tuple(Node(node=n, name=n, kind="site") for n in sorted(ends)),
        arcs=tuple(
            Arc(arc=f"a{i}", tail=tail, head=head, commodities=(c,), loss=loss)
            for i, (tail, head, c, loss) in enumerate(arcs)
        ),
        supplies=(Supply(node=min(ends), commodity=min(goods)),),
        recipes=tuple(
            RecipeLine(recipe=recipe, commodity=c, quantity=q)
            for recipe, lines in recipes.items()
            for c, q in lines.items()
        ),
        sites=tuple(Site(site=f"s_{r}", node=r[0].upper(), recipe=r) for r in recipes),
        demands=(Demand(node=max(ends), commodity=max(goods), quantity=1),),
    )


def gaining(network: Network) -> list[str]:
    return [str(p) for p in gain_errors(Draft(network.tables()))]


TURN = {"p": {"a": -1.0, "b": 2.0}, "q": {"b": -1.0, "a": 1.0}}  # at P and at Q
SPLIT = {"a": -1.0, "b": 0.6, "c": 0.6}


@pytest.mark.parametrize(
    ("network", "sites"),
    [
        (loop(("P", "Q", "a", 0), ("Q", "P", "a", 0)), None),
        (loop(p={"a": -1, "b": 5}), None),
        (loop(p={"a": -1, "b": 2}, p_2={"b": -2, "a": 1}), None),
        (loop(p={"a": -1, "b": 2}, p_2={"b": -2, "a": 1.001}), "s_p s_p_2"),
        (loop(("P", "Q", "b", 0.5), ("Q", "P", "a", 0), **TURN), None),
        (loop(("P", "Q", "b", 0.4), ("Q", "P", "a", 0), **TURN), "s_p s_q"),
        (loop(("P", "Q", "b", 1), ("Q", "P", "a", 0), **TURN), None),
        # The outputs of one recipe meet again: neither way round gains, both together may.
        (loop(p=SPLIT, p_2={"b": -1, "a": 1}, p_3={"c": -1, "a": 1}), "s_p s_p_2 s_p_3"),
        (loop(p=SPLIT, p_2={"b": -1, "a": 0.8}, p_3={"c": -1, "a": 0.8}), None),
        (loop(p=SPLIT, p_2={"b": -1, "a": 0.9}, p_3={"c": -1, "a": 0.7}), None),
        # A by-product leaves the cycle.
        (loop(p={"a": -1, "b": 1, "c": 1}, p_2={"b": -1, "a": 1}), "s_p s_p_2"),
        (loop(p={"a": -1, "b": 1, "c": 9}, p_2={"b": -1, "a": 0.99}), None),
        (loop(p={"a": -1, "b": 1, "c": 9}, p_2={"b": -1, "a": 0.9999999}), None),
        (
            loop(
                p={"a": -1, "b": 0.5, "c": 0.5, "d": 1},
                p_2={"b": -1, "a": 1},
                p_3={"c": -1, "a": 1},
            ),
            "s_p s_p_2 s_p_3",
        ),
        # Two separate cycles, told apart.
        (
            loop(
                ("P", "Q", "a", 0.9),
                **{"p": {"a": -1, "b": 2}, "p_2": {"b": -1, "a": 1}},
                **{"q": {"a": -1, "b": 2}, "q_2": {"b": -1, "a": 1}},
            ),
            "s_p s_p_2, s_q s_q_2",
        ),
    ],
)
def test_cycles_that_multiply_mass(network: Network, sites: str | None) -> None:
    told = gaining(network)
    expected = sites.split(", ") if sites else []
    assert len(told) == len(expected)
    for said, names in zip(told, expected, strict=True):
        assert [name for name in names.split() if f"'{name}' (row" in said] == names.split()
        assert said.count("(row") == len(names.split())
    lines = [str(problem) for problem in find_problems(network)[0]]
    assert [line for line in lines if "goes around this cycle" in line] == told


def test_a_long_way_round_settles() -> None:
    """A worth that travels along five thousand arcs and back is neither a cycle nor an accident."""
    ring = [(f"N{i}", f"N{i + 1}", "b", 0.0) for i in range(5000)]
    back = [(f"N{i + 1}", f"N{i}", "b", 0.0) for i in range(5000)]
    ends = [("P", "N0", "b", 0.0), ("N5000", "Q", "b", 0.0), ("Q", "P", "a", 0.0)]
    even = {"p": {"a": -1.0, "b": 0.1}, "q": {"b": -1.0, "a": 10.0}}
    assert gaining(loop(*ring, *back, *ends, **even)) == []
    (said,) = gaining(loop(*ring, *back, *ends, **even | {"q": {"b": -1.0, "a": 10.1}}))
    assert "'s_p' (row 2), 's_q' (row 3):" in said


@st.composite
def loops(draw: Any) -> Network:
    goods, places = "abc", "PQ"
    arcs = draw(
        st.lists(
            st.tuples(*map(st.sampled_from, (places, places, goods, (0.0, 0.1, 0.5)))),
            min_size=1,
            max_size=5,
        )
    )
    quantity = st.sampled_from((-3.0, -2.0, -1.0, -0.5, 0.5, 0.6, 1.0, 2.0, 3.0))
    recipe = st.dictionaries(st.sampled_from(goods), quantity, min_size=2).filter(
        lambda lines: min(lines.values()) < 0 < max(lines.values())
    )
    recipes = draw(st.lists(st.tuples(st.sampled_from("pq"), recipe), max_size=4))
    return loop(*arcs, **{f"{node}_{i}": lines for i, (node, lines) in enumerate(recipes)})


def multiplies(network: Network) -> bool:
    """Whether no worth of all goods exists, in one plain linear programme."""
    recipes: dict[str, dict[str, float]] = {}
    for row in network.recipes:
        recipes.setdefault(row.recipe, {})[row.commodity] = row.quantity
    steps = [
        ((a.tail, c), {(a.head, c): 1 - a.loss}) for a in network.arcs for c in a.commodities
    ] + [
        ((s.node, c), {(s.node, o): made / -q for o, made in recipes[s.recipe].items() if made > 0})
        for s in network.sites
        for c, q in recipes[s.recipe].items()
        if q < 0
    ]
    goods = {good: i for i, good in enumerate({g for f, t in steps for g in (f, *t)})}
    rows = np.zeros((len(steps), len(goods)))
    for row, (source, gains) in zip(rows, steps, strict=True):
        for good, gain in gains.items():
            row[goods[good]] += gain
        row[goods[source]] -= 1
    return linprog(np.ones(len(goods)), rows, np.zeros(len(steps)), bounds=(1, None)).status == 2


@settings(max_examples=300)
@given(loops())
def test_cycles_against_a_linear_programme(network: Network) -> None:
    assert bool(gaining(network)) == multiplies(network)


# -- what can get where -------------------------------------------------------------------------


def only(network: Network, index: int) -> Network:
    """Return the network with one demand, which is all that counts, and no measures."""
    demand = dataclasses.replace(network.demands[index], weight=1.0, pool="")
    return Network(
        network.info,
        **{
            table: getattr(network, table)
            for table in ("commodities", "nodes", "arcs", "supplies", "recipes", "sites")
        },
        demands=(demand,),
    )


@given(drawn(max_measures=1))
def test_markets_are_out_of_reach_exactly_when_nothing_can_be_delivered(network: Network) -> None:
    live = Reachability(network).live["demands"]
    for index in range(len(network.demands)):
        assert (best_response(only(network, index)).value > 1e-9) == (index in live)


@given(drawn(max_measures=1))
def test_what_is_told_to_be_short_is_short(network: Network) -> None:
    for problem in find_problems(network)[1]:
        if "can arrive of the" in problem.message:
            assert problem.row is not None
            first = network.demands[problem.row - 2]
            pool = [d for d in network.demands if d == first or (d.pool and d.pool == first.pool)]
            alone = dataclasses.replace(
                only(network, 0),
                demands=tuple(dataclasses.replace(d, weight=1.0) for d in pool),
            )
            assert best_response(alone).value < first.quantity * (1 - 1e-9)


@given(drawn(max_measures=1))
def test_rows_that_no_flow_can_use_are_not_missed(network: Network) -> None:
    live = Reachability(network).live
    kept = {
        table: tuple(row for i, row in enumerate(getattr(network, table)) if i in live[table])
        for table in ("arcs", "sites", "supplies", "demands")
    }
    left = dataclasses.replace(network, **kept)
    for objective in ("flow", "profit"):
        value = best_response(left, (), objective).value if kept["demands"] else 0.0
        assert value == pytest.approx(best_response(network, (), objective).value, abs=1e-7)


def test_a_rule_may_bind_in_both_directions(base: Network) -> None:
    back = [Rule(measure=r.other, relation=r.relation, other=r.measure) for r in base.rules]
    assert base.replace(rules=[*base.rules, *back]).warnings == ()
