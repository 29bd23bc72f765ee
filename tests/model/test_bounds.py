"""Netbacks and margins by hand."""

from __future__ import annotations

import numpy as np
import pytest

from flowopt.errors import SolverError
from flowopt.model.bounds import derive_bounds
from flowopt.model.build import activity_model
from flowopt.network import schema
from tests.networks import line


def test_netback_of_flow_is_what_arrives() -> None:
    arcs = [
        schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), loss=0.5),
        schema.Arc(arc="a2", tail="T", head="M", commodities=("c",), loss=0.2),
    ]
    model = activity_model(line(arcs=arcs))
    bounds = derive_bounds(model, "flow")
    found = dict(zip(model.goods, bounds.netback.tolist(), strict=True))
    assert found == pytest.approx({("M", "c"): 1.0, ("T", "c"): 0.8, ("A", "c"): 0.4})


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


def test_a_cycle_that_multiplies_mass_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowopt.model.bounds._SWEEPS", 100)
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
