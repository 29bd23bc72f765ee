"""The shipped networks, and small hand-made ones, for tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.read import read_network

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "networks"
DATA = ROOT / "tests" / "data"

WAYS = ("auto", "highs")  # solvers that try plans where few are of use, and that never do


@cache
def shipped(name: str) -> Network:
    """Read a network of the repository, once in each process."""
    return read_network(SHIPPED / name)


def line(**tables: Any) -> Network:
    """Return area A -> transit T -> market M, 10 t of one commodity; tables replace or add."""
    base: dict[str, Any] = {
        "info": schema.Info(id="line", title="A line"),
        "commodities": [schema.Commodity(commodity="c", name="Goods")],
        "nodes": [
            schema.Node(node="A", name="Area", kind="area"),
            schema.Node(node="T", name="Town", kind="transit"),
            schema.Node(node="M", name="Market", kind="market"),
        ],
        "arcs": [
            schema.Arc(arc="a1", tail="A", head="T", commodities=("c",), capacity=20.0),
            schema.Arc(arc="a2", tail="T", head="M", commodities=("c",), capacity=20.0),
        ],
        "supplies": [schema.Supply(node="A", commodity="c", capacity=15.0)],
        "demands": [schema.Demand(node="M", commodity="c", quantity=10.0, price=2000.0)],
    }
    base.update(tables)
    made: dict[str, Any] = {k: v if k == "info" else tuple(v) for k, v in base.items()}
    return Network(**made)


def measure(name: str, cost: float = 1.0) -> schema.Measure:
    """Return a measure."""
    return schema.Measure(measure=name, name=f"Measure {name}", cost=cost)


def effect(name: str, on: str, target: str, **amounts: Any) -> schema.Effect:
    """Return an effect of a measure."""
    return schema.Effect(measure=name, on=on, target=target, **amounts)  # type: ignore[arg-type]  # a literal


def narrow_bridges() -> Network:
    """Return two bridges with scenarios in which the avenue or a bridge carries little."""
    return shipped("two-bridges").replace(
        scenarios=[
            schema.Scenario(scenario="wide", name="As it stands"),
            schema.Scenario(scenario="low", name="A narrow avenue", weight=2.0),
            schema.Scenario(scenario="shut", name="A narrow bridge"),
        ],
        changes=[
            schema.Change(
                scenario="low", on="arc", target="avenue", column="capacity", factor=0.25
            ),
            schema.Change(
                scenario="shut", on="arc", target="south", column="capacity", factor=0.25
            ),
        ],
    )
