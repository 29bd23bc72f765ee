"""Cycles that multiply mass are found exactly, against a linear programme."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from flowopt.network.checks.draft import Draft
from flowopt.network.checks.mass_gain import gain_errors
from flowopt.network.checks.validation import find_problems
from flowopt.network.network import Network
from flowopt.network.schema import (
    Arc,
    Commodity,
    Demand,
    Info,
    Node,
    RecipeLine,
    Site,
    Supply,
)
from tests.draws import draws


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
                p={"a": -1, "b": 2},
                p_2={"b": -1, "a": 1},
                q={"a": -1, "b": 2},
                q_2={"b": -1, "a": 1},
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
    """A worth that travels along two thousand arcs and back is neither a cycle nor an accident."""
    ring = [(f"N{i}", f"N{i + 1}", "b", 0.0) for i in range(2000)]
    back = [(f"N{i + 1}", f"N{i}", "b", 0.0) for i in range(2000)]
    ends = [("P", "N0", "b", 0.0), ("N2000", "Q", "b", 0.0), ("Q", "P", "a", 0.0)]
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
    for step, (source, gains) in zip(rows, steps, strict=True):
        for good, gain in gains.items():
            step[goods[good]] += gain
        step[goods[source]] -= 1
    return linprog(np.ones(len(goods)), rows, np.zeros(len(steps)), bounds=(1, None)).status == 2


@settings(max_examples=draws(50))
@given(loops())
def test_cycles_against_a_linear_programme(network: Network) -> None:
    assert bool(gaining(network)) == multiplies(network)
