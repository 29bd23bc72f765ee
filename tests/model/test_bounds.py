"""Netbacks and margins by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from flowopt.errors import SolverError
from flowopt.model import netback, runnable_activities
from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.activity_bounds import most_activity
from flowopt.model.bounds import capped_bounds, derive_bounds
from flowopt.model.build import activity_model
from flowopt.model.runnable_activities import leading, reachable
from flowopt.network import schema
from flowopt.network.network import Network
from tests.draws import draws
from tests.networks import line, shipped


def test_netback_of_flow_is_what_arrives() -> None:
    arcs = [
        schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), loss=0.5),
        schema.Arc(arc="a2", tail="T", head="M", commodities=("c",), loss=0.2),
    ]
    model = activity_model(line(arcs=arcs))
    bounds = derive_bounds(model, "flow")
    found = dict(zip(model.goods, bounds.netback.tolist(), strict=True))
    assert found == pytest.approx({("M", "c"): 1.0, ("T", "c"): 0.8, ("A", "c"): 0.4})


def test_what_leads_nowhere_is_told_from_what_can_be_delivered() -> None:
    arcs = [
        schema.Arc(arc="on", tail="A", head="T", commodities=("c",)),
        schema.Arc(arc="out", tail="T", head="M", commodities=("c",)),
        schema.Arc(arc="astray", tail="T", head="X", commodities=("c",)),
        schema.Arc(arc="back", tail="X", head="Y", commodities=("c",)),
        schema.Arc(arc="never", tail="Y", head="M", commodities=("c",), loss=1.0),
        schema.Arc(arc="unreached", tail="Z", head="M", commodities=("c",)),
    ]
    nodes = [schema.Node(node=n, name=n, kind="transit") for n in "ATMXYZ"]
    model = activity_model(line(nodes=nodes, arcs=arcs))
    open_, names = np.zeros(len(model.activities), dtype=np.bool_), [a.arc for a in arcs]

    def led(closed: npt.NDArray[np.bool_]) -> set[str]:
        flags = leading(model, model.limit, closed)
        found = [a for a, leads in zip(model.activities, flags, strict=True) if leads]
        return {names[a.row] if a.kind == "ship" else a.kind for a in found}

    assert led(open_) == {"supply", "on", "out", "deliver"}
    out = [a.kind == "ship" and names[a.row] == "out" for a in model.activities]
    assert led(np.array(out)) == set()


def test_netback_of_profit_is_price_less_costs_on_the_best_way() -> None:
    arcs = [
        schema.Arc(arc="dear", tail="A", head="M", commodities=("c",), cost=900.0),
        schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), cost=100.0),
        schema.Arc(arc="a2", tail="T", head="M", commodities=("c",), cost=200.0, loss=0.5),
    ]
    model = activity_model(line(arcs=arcs))
    bounds = derive_bounds(model, "profit")
    found = dict(zip(model.goods, bounds.netback.tolist(), strict=True))
    # From T: 0.5 x 2,000 - 200 = 800; from A: max(2,000 - 900, 800 - 100) = 1,100 USD/kg.
    assert found == pytest.approx({("M", "c"): 2.0, ("T", "c"): 0.8, ("A", "c"): 1.1})


def test_a_recipe_divides_by_what_it_consumes() -> None:
    network = line(
        commodities=[schema.Commodity(commodity=c, name=c) for c in ("leaf", "c")],
        recipes=[
            schema.RecipeLine(recipe="r", commodity="leaf", quantity=-300.0),
            schema.RecipeLine(recipe="r", commodity="c", quantity=1.0),
        ],
        sites=[schema.Site(site="s", node="A", recipe="r")],
        supplies=[schema.Supply(node="A", commodity="leaf")],
    )
    model = activity_model(network)
    bounds = derive_bounds(model, "flow")
    found = dict(zip(model.goods, bounds.netback.tolist(), strict=True))
    assert found["A", "leaf"] == pytest.approx(1 / 300)


def test_a_cap_lowers_what_stands_before_it() -> None:
    arcs = [
        schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), loss=0.5),
        schema.Arc(arc="a2", tail="T", head="M", commodities=("c",), cost=200.0),
        schema.Arc(arc="straight", tail="A", head="M", commodities=("c",), cost=1200.0),
    ]
    model = activity_model(line(arcs=arcs))
    bounds = derive_bounds(model, "profit")
    assert by_good(model, bounds.netback) == pytest.approx({"A": 0.9, "T": 1.8, "M": 2.0})
    caps = np.array([{"M": 1.9, "T": 1.5, "A": np.inf}[node] for node, _ in model.goods])
    none = replace(bounds, netback=0.0 * bounds.netback, margin=0.0 * bounds.margin)
    lower = capped_bounds(model, "profit", bounds, caps, none)
    # From A: at most half of 1.5, or 1.9 less 1.2, which no longer is the better way.
    assert by_good(model, lower.netback) == pytest.approx({"A": 0.75, "T": 1.5, "M": 1.9})
    ships = [a.kind == "ship" for a in model.activities]
    assert lower.margin[ships] == pytest.approx([0.75, 1.7, 0.7])
    kept = replace(bounds, netback=0.9 * bounds.netback, margin=0.5 * bounds.margin)
    lower = capped_bounds(model, "profit", bounds, caps, kept)
    assert by_good(model, lower.netback) == pytest.approx({"A": 0.81, "T": 1.62, "M": 1.9})


def by_good(model: ActivityModel, netback: Floats) -> dict[str, float]:
    """Return the netbacks of one commodity by node."""
    return {node: worth for (node, _), worth in zip(model.goods, netback.tolist(), strict=True)}


def test_what_can_not_run_or_not_pay_is_not_live() -> None:
    arcs = [
        schema.Arc(arc="a1", tail="A", head="M", commodities=("c",)),
        schema.Arc(arc="from nowhere", tail="T", head="M", commodities=("c",)),
        schema.Arc(arc="to nowhere", tail="A", head="T", commodities=("c",), capacity=0.0),
    ]
    model = activity_model(line(arcs=arcs))
    live = derive_bounds(model, "flow").live
    ships = [j for j, a in enumerate(model.activities) if a.kind == "ship"]
    assert live[ships].tolist() == [True, False, False]


def test_a_lossless_circle_settles() -> None:
    arcs = [
        schema.Arc(arc="a1", tail="A", head="T", commodities=("c",)),
        schema.Arc(arc="a2", tail="T", head="A", commodities=("c",)),
        schema.Arc(arc="a3", tail="T", head="M", commodities=("c",)),
    ]
    bounds = derive_bounds(activity_model(line(arcs=arcs)), "flow")
    assert np.allclose(bounds.netback, 1.0)


def test_a_cycle_that_multiplies_mass_is_refused() -> None:
    network = line(
        recipes=[
            schema.RecipeLine(recipe="r", commodity="c", quantity=-1.0),
            schema.RecipeLine(recipe="r", commodity="d", quantity=2.0),
            schema.RecipeLine(recipe="back", commodity="d", quantity=-1.0),
            schema.RecipeLine(recipe="back", commodity="c", quantity=1.0),
        ],
        commodities=[schema.Commodity(commodity=c, name=c) for c in ("c", "d")],
        sites=[
            schema.Site(site="s", node="A", recipe="r"),
            schema.Site(site="t", node="A", recipe="back"),
        ],
    )
    with pytest.raises(SolverError, match="flowopt check"):
        derive_bounds(activity_model(network), "flow")


def loop(loss: float, aside: float = 0.001) -> Network:
    """Return A -> b at A, a by-product for the market, and back to A but for a loss."""
    recipes = [("r", "a", -1.0), ("r", "b", 1.0), ("r", "c", aside), ("q", "b", -1.0)]
    return line(
        commodities=[schema.Commodity(commodity=c, name=c) for c in ("a", "b", "c")],
        recipes=[
            schema.RecipeLine(recipe=r, commodity=c, quantity=q)
            for r, c, q in [*recipes, ("q", "a", 1.0)]
        ],
        sites=[
            schema.Site(site="there", node="A", recipe="r"),
            schema.Site(site="back", node="T", recipe="q"),
        ],
        supplies=[schema.Supply(node="A", commodity="a", capacity=1.0)],
        arcs=[
            schema.Arc(arc="out", tail="A", head="T", commodities=("b",)),
            schema.Arc(arc="in", tail="T", head="A", commodities=("a",), loss=loss),
            schema.Arc(arc="sold", tail="A", head="M", commodities=("c",)),
        ],
    )


@pytest.mark.parametrize("loss", [0.5, 1e-2, 1e-4, 1e-6, 1e-7])
def test_a_loop_that_loses_little_is_worth_all_its_rounds(loss: float) -> None:
    model = activity_model(loop(loss))
    netback = dict(zip(model.goods, derive_bounds(model, "flow").netback.tolist(), strict=True))
    assert netback["A", "a"] == pytest.approx(0.001 / loss, rel=1e-7)


@pytest.mark.parametrize("loss", [1e-2, 1e-4, 1e-6])
def test_what_goes_round_a_loop_is_bounded(loss: float) -> None:
    """Each of 1 t passes every site once more for each time that it is not lost."""
    model = activity_model(loop(loss))
    most = most_activity(model)
    sites = [j for j, a in enumerate(model.activities) if a.kind == "site"]
    assert (most[sites] >= 1.0 / loss * 0.999).all()
    assert (most[sites] <= 2.0 / loss * 1.001).all()


@pytest.mark.parametrize("way", ["sweeps", "one by one", "policies"])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=draws(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_way_to_the_netbacks_ends_at_the_least_solution(
    way: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the least sum of prices that fulfil all rows: a linear programme."""
    monkeypatch.setattr(netback, "_SMALL", 0)
    monkeypatch.setattr(netback, "_SWEEPS", 1000 if way == "sweeps" else 2)
    monkeypatch.setattr(netback, "_VISITS", 1000 if way != "policies" else 0)
    random = np.random.default_rng(seed)
    goods = int(random.integers(2, 9))
    rows, earns = [], []
    tables: tuple[list[npt.NDArray[np.float64]], list[npt.NDArray[np.float64]]] = ([], [])
    for _ in range(int(random.integers(2, 16))):
        inputs = random.choice(goods, int(random.integers(1, 3)), replace=False)
        outputs = random.choice(goods, int(random.integers(0, 3)), replace=False)
        used = random.integers(1, 5, len(inputs)).astype(float)
        # Together no more than what each input alone is worth: no cycle multiplies mass.
        made = random.random(len(outputs))
        made *= random.choice([0.5, 0.99, 0.9999]) * used.min() / max(made.sum(), 1e-9)
        earns.append(float(random.integers(1, 9)) if not len(outputs) else -random.random() / 9.0)
        for table, places, amounts in ((0, inputs, used), (1, outputs, made)):
            column = np.zeros(goods)
            column[places] = amounts
            tables[table].append(column)
        for place, amount in zip(inputs, used, strict=True):
            row = tables[1][-1].copy()
            row[place] -= amount
            rows.append((row, -earns[-1]))
    used_up, makes = (sparse.csc_array(np.array(table).T) for table in tables)
    model = SimpleNamespace(used=used_up, made=makes, goods=tuple(range(goods)))
    found = netback.netbacks(model, np.array(earns))  # type: ignore[arg-type]  # all it looks at
    truth = linprog(
        np.ones(goods), np.array([r for r, _ in rows]), [b for _, b in rows], bounds=(0, None)
    )
    assert found == pytest.approx(truth.x, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", ["tiny", "two-bridges", "peru-2014"])
def test_what_can_run_is_the_same_one_by_one_and_at_once(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = activity_model(shipped(name))
    none = model.limit.copy()
    none[::5] = 0.0
    closed = np.arange(len(model.activities)) % 7 == 0
    questions = [(model.limit, None), (none, None), (model.limit, closed), (none, closed)]
    found = []
    for small in (0, len(model.goods)):
        monkeypatch.setattr(runnable_activities, "_SMALL", small)
        found.append([reachable(model, *question).tolist() for question in questions])
    assert found[0] == found[1]
    assert sum(found[0][0]) > sum(found[0][3])


def test_a_long_path_settles() -> None:
    """No sweep is made for each of its nodes; it would take minutes."""
    count = 3000
    names = [f"n{i}" for i in range(count)]
    there = [
        schema.Arc(arc=f"a{i}", tail=names[i], head=names[i + 1], commodities=("c",))
        for i in range(count - 1)
    ]
    back = [
        schema.Arc(arc=f"b{i}", tail=names[i + 1], head=names[i], commodities=("c",))
        for i in range(count - 1)
    ]
    network = line(
        nodes=[schema.Node(node=name, name=name, kind="transit") for name in names],
        arcs=[*there, *back],
        supplies=[schema.Supply(node=names[0], commodity="c", capacity=15.0)],
        demands=[schema.Demand(node=names[-1], commodity="c", quantity=10.0, price=2000.0)],
    )
    bounds = derive_bounds(activity_model(network), "flow")
    assert np.allclose(bounds.netback, 1.0)
    assert bounds.live.all()
