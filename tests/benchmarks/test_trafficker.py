"""The ready trafficker beside the bare solver: the same programmes, told the same differences.

    python -m pytest tests/benchmarks/test_trafficker.py --benchmark-only --benchmark-json FILE

The bare loop knows beforehand what changes from plan to plan and looks at nothing but the optimum,
so `flowopt` at four fifths of its speed spends at most a fifth of the time on its own work.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.objectives import Objective
from tests.networks import effect, measure, shipped

PLANS = 200
Call = tuple[str, tuple[Any, ...]]


def grid(side: int = 26) -> Network:
    """A grid of about 2,000 arcs, from a source on the left to a market on the right."""
    random = np.random.default_rng(1)
    ends = [("s", f"n{i}_0") for i in range(side)] + [
        (f"n{i}_{side - 1}", "t") for i in range(side)
    ]
    inner = [(f"n{i}_{j}", f"n{i}_{j + 1}") for i in range(side) for j in range(side - 1)]
    for i in range(side - 1):
        for j in range(side):
            inner += [(f"n{i}_{j}", f"n{i + 1}_{j}"), (f"n{i + 1}_{j}", f"n{i}_{j}")]
    arcs = [
        schema.Arc(arc=f"e{k}", tail=tail, head=head, commodities=("c",))
        for k, (tail, head) in enumerate(ends)
    ] + [
        schema.Arc(
            arc=f"a{k}",
            tail=tail,
            head=head,
            commodities=("c",),
            capacity=float(random.integers(10, 100)),
            cost=float(random.integers(0, 4)),
        )
        for k, (tail, head) in enumerate(inner)
    ]
    names = ["s", "t", *(f"n{i}_{j}" for i in range(side) for j in range(side))]
    return Network(
        info=schema.Info(id="grid", title="Grid"),
        commodities=(schema.Commodity(commodity="c", name="Goods"),),
        nodes=tuple(schema.Node(node=name, name=name, kind="transit") for name in names),
        arcs=tuple(arcs),
        supplies=(schema.Supply(node="s", commodity="c"),),
        demands=(schema.Demand(node="t", commodity="c", quantity=1e6, price=50_000.0),),
        measures=tuple(measure(f"m{k}") for k in range(200)),
        effects=tuple(
            effect(f"m{k}", "arc", f"a{random.integers(len(inner))}", cut=share)
            for k in range(200)
            for share in (1.0, 0.5, 0.25)
        ),
    )


class Told:
    """Stands in for a solver and writes down what it is told to change."""

    def __init__(self, highs: Any) -> None:
        self.highs, self.calls = highs, list[Call]()

    def __getattr__(self, name: str) -> Any:
        told = getattr(self.highs, name)
        if not name.startswith("change"):
            return told

        def noted(*arguments: Any) -> Any:
            self.calls.append((name, arguments))
            return told(*arguments)

        return noted


def bare_steps(trafficker: BestResponseSolver, plans: list[list[int]]) -> list[Callable[[], float]]:
    """Return what values each plan, and in the end none, in the solver's own calls."""
    highs = trafficker._lp.highs
    scale = trafficker._lp.unit * trafficker._lp.coin
    steps: list[list[Call]] = []
    for plan in plans:
        trafficker._lp.highs = told = Told(highs)
        trafficker._lp.apply(trafficker._effects.chosen(plan))
        steps.append(told.calls)
    trafficker._lp.highs = highs

    def value(calls: list[Call]) -> float:
        for name, arguments in calls:
            getattr(highs, name)(*arguments)
        highs.run()
        return -float(highs.getObjectiveValue()) * scale

    return [partial(value, calls) for calls in steps]


@pytest.mark.parametrize("objective", ["flow", "profit"])
@pytest.mark.parametrize("name", ["peru-2014", "grid"])
def test_values_of_plans(benchmark: Any, name: str, objective: Objective) -> None:
    """Times both in turns, plan by plan; `share_of_bare_speed` is of processor time."""
    model = activity_model(grid() if name == "grid" else shipped(name))
    random = np.random.default_rng(7)
    count = len(model.measures)
    plans = [
        random.choice(count, random.integers(0, 20), replace=False).tolist() for _ in range(PLANS)
    ] + [[]]
    mine, other = BestResponseSolver(model, objective), BestResponseSolver(model, objective)
    steps = bare_steps(other, plans)
    for plan, step in zip(plans, steps, strict=True):
        assert mine.value(plan) == pytest.approx(step(), rel=1e-7)
    spent = {"flowopt": 0.0, "bare": 0.0}

    def both() -> None:
        for plan, step in zip(plans, steps, strict=True):
            began = time.process_time()
            mine.value(plan)
            middle = time.process_time()
            step()
            spent["flowopt"] += middle - began
            spent["bare"] += time.process_time() - middle

    benchmark.pedantic(both, rounds=3)
    benchmark.extra_info["share_of_bare_speed"] = spent["bare"] / spent["flowopt"]
    for who, seconds in spent.items():
        benchmark.extra_info[f"{who}_ms_per_plan"] = 1e3 * seconds / 3 / len(plans)
