"""Parts of the markets: the words for them, and what is answered to others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.market_parts import part_of
from flowopt.network.network import Network
from tests.networks import line, shipped


def two_markets() -> Network:
    """Return a country "es" with two markets, of which one is called "es" as well."""
    nodes = [
        schema.Node(node="A", name="Area", kind="area", country="Far"),
        schema.Node(node="T", name="Town", kind="transit"),
        schema.Node(node="es", name="Madrid", kind="market", country="es", continent="Europe"),
        schema.Node(node="M", name="Cadiz", kind="market", country="es", continent="Europe"),
    ]
    demands = [schema.Demand(node=n, commodity="c", quantity=5.0) for n in ("es", "M")]
    arcs = [
        schema.Arc(arc=f"a{n}", tail=t, head=n, commodities=("c",))
        for t, n in (("A", "T"), ("T", "es"), ("T", "M"))
    ]
    return line(nodes=nodes, demands=demands, arcs=arcs)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("Europe", "continent:Europe"),
        ("europe", "continent:Europe"),
        ("M_SEUR", "market:M_SEUR"),
        ("south of europe", "market:M_SEUR"),
        ("country:Spain", "country:Spain"),
        ("Commodity: base", "commodity:base"),
        ("Hydrochloride", "commodity:hcl"),
        ("Brazil", "market:M_BRA"),  # the country has no other market
    ],
)
def test_names_and_ids_in_any_case_are_known(words: str, part: str) -> None:
    assert str(part_of(shipped("peru-2014"), words)) == part


def test_spelling_of_an_id_goes_before_that_of_a_name() -> None:
    network = two_markets()
    nodes = [replace(row, name="M") if row.node == "es" else row for row in network.nodes]
    assert part_of(replace(network, nodes=tuple(nodes)), "market:Cadiz").key == "M"


def test_word_of_several_kinds_is_refused_with_the_ways_to_write_it() -> None:
    with pytest.raises(RequestError) as refused:
        part_of(two_markets(), "es")
    assert "country:es" in str(refused.value)
    assert "market:es (Madrid)" in str(refused.value)
    assert part_of(two_markets(), "market:es").demands == {0}
    assert part_of(two_markets(), "country:es").demands == {0, 1}


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("Eurpe", "did you mean continent:Europe?"),
        ("Cadix", "did you mean market:M (Cadiz)?"),
        ("mad", "did you mean market:es (Madrid)?"),
        ("country:Far", "no country with a demand is called 'Far'; there are country:es"),
        ("market:Europe", "no market with a demand"),
        ("", "there are continent:Europe"),
    ],
)
def test_word_that_names_no_part_is_refused_with_what_comes_near(words: str, hint: str) -> None:
    with pytest.raises(RequestError) as refused:
        part_of(two_markets(), words)
    assert hint in str(refused.value)


def test_part_says_what_counts() -> None:
    network = two_markets()
    assert part_of(network, "Europe").reach == "what can reach Europe"
    assert part_of(network, "M").deliveries == "deliveries to Cadiz"
    assert part_of(network, "Goods").reach == "what can be delivered of Goods"
