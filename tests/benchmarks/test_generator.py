"""Generated supply chains: the same everywhere, valid, of the size asked for, and all connected."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import networkx as nx
import pytest

from flowopt.model.build import activity_model
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.write import write_network
from flowopt.planning.respond import respond
from tests.benchmarks.generator import Spec, generate

SPECS = (
    Spec(activities=250, measures=100),
    Spec(activities=330, measures=100, seed=2),
    Spec(activities=1000, measures=200),
    Spec(activities=2001, measures=150, seed=7),
)
every_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)


@cache
def network(spec: Spec) -> Network:
    return generate(spec)


@pytest.mark.parametrize(
    ("spec", "begins"),
    [
        (SPECS[0], "bcb3b4f19edd"),
        (Spec(activities=5000, measures=500), "c3f871741806"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_same_on_every_python(spec: Spec, begins: str) -> None:
    # What was measured yesterday must be what is measured today: a new number needs a reason.
    assert network(spec).sha256.startswith(begins)


def test_another_seed_is_another_network() -> None:
    again = generate(Spec(activities=250, measures=100))
    other = generate(Spec(activities=250, measures=100, seed=2))
    assert again == network(SPECS[0])
    assert again.arcs != other.arcs


@every_spec
def test_the_size_asked_for(spec: Spec) -> None:
    model = activity_model(network(spec))
    assert len(model.activities) == spec.activities
    assert len(network(spec).measures) == len(model.measures) == spec.measures


@every_spec
def test_no_warning_but_of_markets_that_want_more(spec: Spec) -> None:
    odd = [line for line in network(spec).warnings if "can arrive of" not in line]
    assert odd == []


@every_spec
def test_what_is_written_reads_back(spec: Spec, tmp_path: Path) -> None:
    write_network(network(spec), tmp_path / "net")
    assert read_network(tmp_path / "net") == network(spec)


@every_spec
def test_every_area_reaches_a_market_and_every_market_an_area(spec: Spec) -> None:
    graph = nx.DiGraph((arc.tail, arc.head) for arc in network(spec).arcs)
    kinds = {node.node: node.kind for node in network(spec).nodes}
    assert set(graph) == set(kinds)
    sources = [n for n, kind in kinds.items() if kind in ("area", "precursor")]
    markets = [n for n, kind in kinds.items() if kind == "market"]
    assert all(any(nx.has_path(graph, s, m) for m in markets) for s in sources)
    assert all(any(nx.has_path(graph, s, m) for s in sources) for m in markets)
    assert respond(network(spec)).value > 0.0


@every_spec
def test_every_kind_of_effect_and_rule(spec: Spec) -> None:
    effects = network(spec).effects
    assert any(0.0 < e.cut < 1.0 for e in effects)
    assert any(e.cut == 1.0 for e in effects)
    assert any(e.loss > 0.0 for e in effects)
    assert any(e.cost > 0.0 for e in effects)
    assert {e.on for e in effects} == {"arc", "node", "supply", "site", "pool"}
    assert {rule.relation for rule in network(spec).rules} == {"requires", "excludes"}


def test_too_small_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match=r"needs at least \d+ activities, 40 are asked for"):
        generate(Spec(activities=40, measures=100))


def test_a_budget_is_a_share_of_the_cost_of_all() -> None:
    spec = SPECS[2]
    cost = sum(measure.cost for measure in network(spec).measures)
    assert spec.budget(0.1) == pytest.approx(0.1 * cost, rel=0.1)
    assert spec.budget(0.1) * 2 == round(spec.budget(0.1) * 2)
