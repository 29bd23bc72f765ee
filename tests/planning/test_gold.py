"""The second chain: gold without papers, in the same format, under each objective."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from tests.networks import ROOT, shipped
from tests.oracles.response import plan_value

PLAN = ("g10", "g11", "g12", "g20", "g21", "g28")
VALUES: dict[Objective, tuple[float, float]] = {
    "flow": (31.2396, 20.3285),
    "profit": (372.26, 215.30),
    "bilevel": (31.209, 19.960),
}


@pytest.fixture(scope="module")
def gold() -> Network:
    return shipped("madre-de-dios-gold")


@pytest.mark.parametrize("objective", VALUES)
def test_what_the_plan_leaves(gold: Network, objective: Objective) -> None:
    without, left = VALUES[objective]
    assert respond(gold, objective=objective).value == pytest.approx(without, abs=0.01)
    assert respond(gold, PLAN, objective=objective).value == pytest.approx(left, abs=0.01)


def test_an_independent_programme_agrees(gold: Network) -> None:
    assert plan_value(gold, PLAN) == pytest.approx(VALUES["flow"][1], abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("objective", VALUES)
def test_the_three_objectives_agree_on_the_plan(gold: Network, objective: Objective) -> None:
    found = solve(gold, budget=10, objective=objective)
    assert (found.status, found.measures) == ("optimal", PLAN)


@pytest.mark.slow
def test_the_plan_rests_on_how_much_mercury_gold_takes(gold: Network) -> None:
    """The figures of the network's README."""
    recipes = [
        replace(row, quantity=-0.64)
        if (row.recipe, row.commodity) == ("amalgam", "mercury")
        else row
        for row in gold.recipes
    ]
    little = gold.replace(recipes=recipes)
    best = solve(little, budget=10)
    assert best.measures == ("g01", "g07", "g08", "g09")
    assert best.cut == pytest.approx(2.39, abs=0.01)
    assert respond(little, PLAN).value == pytest.approx(30.73, abs=0.01)


def test_gold_goes_round_by_bolivia(gold: Network) -> None:
    loss = {arc.arc: arc.loss for arc in gold.arcs if arc.head == "G_LPZ"}

    def into_la_paz(plan: tuple[str, ...]) -> float:
        flows = respond(gold, plan, objective="bilevel").flows
        return sum(r.flow * (1 - loss[r.arc]) for r in flows if r.arc in loss)

    assert into_la_paz(()) == pytest.approx(4.7, abs=0.1)
    assert into_la_paz(("g20", "g21")) == pytest.approx(15.9, abs=0.1)


def test_what_was_chosen_after_the_event_says_so(gold: Network) -> None:
    notes = {row.measure: row.note for row in gold.measures}
    assert all("chosen after the event" in notes[name] for name in ("g02", "g22", "g23"))
    text = (ROOT / "networks" / "madre-de-dios-gold" / "README.md").read_text(encoding="utf-8")
    assert "This is no test of the model." in text
