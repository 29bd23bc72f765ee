"""Large programmes of long ways or narrow ends start from a tree of best uses."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest

from flowopt.model import lp_solver, tree_basis
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build import activity_model
from flowopt.network import schema
from flowopt.network.network import Network
from tests.networks import line, shipped

CLOSED: dict[str, Any] = {"measure": "m", "on": "arc", "cut": 1.0}


def path(nodes: int, chance: random.Random | None = None) -> Network:
    """Return a path of nodes there and back, with what chance adds: losses, capacities, markets."""
    names = [f"n{i}" for i in range(nodes)]
    arcs = []
    for i, (tail, head) in enumerate(itertools.pairwise(names)):
        for way, ends in (("on", (tail, head)), ("back", (head, tail))):
            more: dict[str, Any] = {"capacity": 10.0}
            if chance is not None and chance.random() < 0.2:
                more = {"loss": chance.choice([0.0, 0.01]), "cost": chance.choice([0.0, 0.5])}
                more["capacity"] = chance.choice([None, 1.0, 4.0, 12.0])
            arcs.append(
                schema.Arc(arc=f"{way}{i}", tail=ends[0], head=ends[1], commodities=("c",), **more)
            )
    sells = {names[0]} if chance is None else {names[0], *chance.sample(names, 3)}
    buys = {names[-1]} if chance is None else {names[-1], *chance.sample(names, 3)}
    return line(
        nodes=[schema.Node(node=each, name=each, kind="transit") for each in names],
        arcs=arcs,
        supplies=[schema.Supply(node=each, commodity="c", capacity=9.0) for each in sorted(sells)],
        demands=[
            schema.Demand(node=each, commodity="c", quantity=5.0, price=100.0)
            for each in sorted(buys)
        ],
        measures=[schema.Measure(measure="m", name="Close", cost=1.0)],
        effects=[schema.Effect(target=f"on{nodes // 2}", **CLOSED)],
    )


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
def test_a_long_path_takes_a_few_steps(objective: Any) -> None:
    model = activity_model(path(1_200))
    trafficker = BestResponseSolver(model, objective)
    found = trafficker.respond()
    assert trafficker.value() == pytest.approx(0.5 if objective == "profit" else 5.0)
    assert trafficker.iterations < 20
    assert found.activity.max() == pytest.approx(5.0)
    assert np.flatnonzero(found.activity).size == 1_199 + 2  # every arc on, none back
    assert trafficker.value([0]) == 0.0


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("seed", range(12))
def test_it_leads_to_the_same_optimum(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_basis, "_DOUBLINGS", 3)
    made: list[bool] = []

    def noting(lp: Any) -> Any:
        found = tree_basis.tree_basis(lp)
        made.append(found is not None)
        return found

    monkeypatch.setattr(lp_solver, "tree_basis", noting)
    model = activity_model(path(30, random.Random(seed)))
    for objective in ("flow", "profit", "bilevel"):
        by_tree = BestResponseSolver(model, objective)
        values = [by_tree.value(plan) for plan in ((), (0,))]
        tidy = by_tree.respond(anew=True)
        with monkeypatch.context() as patch:
            patch.setattr(lp_solver, "tree_basis", lambda _: None)
            other = BestResponseSolver(model, objective)
            assert values == pytest.approx([other.value(plan) for plan in ((), (0,))], rel=1e-9)
            assert tidy.value == pytest.approx(other.respond(anew=True).value, rel=1e-9)
    assert any(made)


@pytest.mark.usefixtures("large")
def test_it_is_left_out_where_it_does_not_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    def basis(network: Network) -> Any:
        solver = BestResponseSolver(activity_model(network), "flow")
        return tree_basis.tree_basis(solver._lp)

    assert basis(path(1_200)) is not None
    assert basis(path(900)) is None  # short ways
    monkeypatch.setattr(tree_basis, "_DOUBLINGS", 0)
    assert basis(path(9)) is not None
    assert basis(shipped("tiny")) is None  # recipes with several goods


@pytest.mark.usefixtures("large")
def test_a_tree_that_is_far_off_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lp_solver, "_STEPS", 0)
    monkeypatch.setattr(lp_solver, "_ACTIVITIES_PER_STEP", 10**9)
    solver = BestResponseSolver(activity_model(path(1_200)), "flow")
    assert solver.value() == pytest.approx(5.0)
    assert solver.value([0]) == 0.0


def web(chance: random.Random, *, doors: int, behind: int = 1) -> Network:
    """Return arcs at random between a source behind some arcs in a row, and a market.

    From the row and to the market lead so many `doors`.
    """
    inner = [f"n{i}" for i in range(24)]
    row = [f"s{i}" for i in range(behind)]
    ends = list(itertools.pairwise(row))
    ends += [(row[-1], each) for each in chance.sample(inner, doors)]
    ends += [(each, "t") for each in chance.sample(inner, doors)]
    ends += [(a, b) for a in inner for b in chance.sample(inner, 3) if a != b]
    arcs = [
        schema.Arc(
            arc=f"a{i}",
            tail=tail,
            head=head,
            commodities=("c",),
            capacity=chance.choice([1.0, 2.0, 5.0]),
            cost=chance.choice([0.0, 0.5, 1.0]),
        )
        for i, (tail, head) in enumerate(ends)
    ]
    closed = chance.sample(range(len(arcs)), 6)
    return line(
        nodes=[schema.Node(node=each, name=each, kind="transit") for each in (*row, *inner, "t")],
        arcs=arcs,
        supplies=[schema.Supply(node=row[0], commodity="c", capacity=99.0)],
        demands=[schema.Demand(node="t", commodity="c", quantity=99.0, price=100.0)],
        measures=[schema.Measure(measure=f"m{i}", name=f"Close {i}", cost=1.0) for i in closed],
        effects=[schema.Effect(measure=f"m{i}", on="arc", target=f"a{i}", cut=1.0) for i in closed],
    )


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("seed", range(6))
def test_narrow_ends_lead_to_the_same_optimum(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_basis, "_may_be_long", lambda _: True)
    chance = random.Random(seed)
    model = activity_model(web(chance, doors=4, behind=chance.choice([1, 3])))
    plans = [(), (0, 1), (2, 3, 4, 5)]
    for objective in ("flow", "profit"):
        by_tree = BestResponseSolver(model, objective)
        found = [by_tree.respond(plan) for plan in plans]
        assert by_tree._solver.from_tree
        with monkeypatch.context() as patch:
            patch.setattr(lp_solver, "tree_basis", lambda _: None)
            other = BestResponseSolver(model, objective)
            for plan, each in zip(plans, found, strict=True):
                right = other.respond(plan)
                assert not other._solver.from_tree
                assert each.value == pytest.approx(right.value, rel=1e-9)
                costs = [float(model.cost @ response.activity) for response in (each, right)]
                assert costs[0] == pytest.approx(costs[1], rel=1e-6, abs=1e-6)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("behind", [1, 4])
def test_ends_are_narrow_where_few_arcs_lead_on(
    behind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_basis, "_may_be_long", lambda _: True)
    monkeypatch.setattr(tree_basis, "_FEW", 5)
    for doors, pays in ((5, True), (6, False)):
        model = activity_model(web(random.Random(0), doors=doors, behind=behind))
        solver = BestResponseSolver(model, "flow")
        assert (tree_basis.tree_basis(solver._lp) is not None) == pays
        assert solver._lp.options["primal_simplex_bound_perturbation_multiplier"] == 0.0
        solver.respond()
        _, now = solver._lp.highs.getOptionValue("primal_simplex_bound_perturbation_multiplier")
        assert now == 0.0  # for the plans that follow
