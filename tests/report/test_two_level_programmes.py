"""Programmes of two levels as AUX files: the follower answers as the trafficker does."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.respond import respond
from tests.draws import draws
from tests.networks import effect, line, measure, shipped
from tests.oracles.enumerate import feasible_plans
from tests.oracles.mps import Mps, answer, read_aux, read_indices, read_mps
from tests.report.test_programmes import SMALL, by_highs, written
from tests.strategies import budgets, limits, networks, plans, tied_networks


def check_follower(
    network: Network, objective: Objective, plan: tuple[str, ...], path: Path
) -> None:
    """Compare the answer of the follower in the files with `flowopt`'s own."""
    mps = read_mps(path.with_suffix(".mps").read_text(encoding="utf-8"))
    follower = read_aux(path.read_text(encoding="utf-8"))
    assert read_indices(path.with_suffix(".txt").read_text(encoding="utf-8"), mps) == follower
    assert mps.whole == mps.columns.keys() - follower.goal.keys()
    fixed = {f"x_{m.measure}": float(m.measure in plan) for m in network.measures}
    chosen = [m.measure in plan for m in network.measures]
    for reform, target in pairs_of(network):
        names = f"{network.measures[reform].measure}_{network.measures[target].measure}"
        fixed[f"v_{names}"] = float(chosen[reform] and chosen[target])
    gained, counted = answer(mps, follower, fixed)
    response = respond(network, plan, objective=objective, ties="optimistic")
    # Tonnes of `bilevel` are comparable to 1e-4.
    near = 1e-4 if objective == "bilevel" else 1e-6
    assert counted == pytest.approx(response.value, rel=near, abs=near)
    earned = response.weighted if objective == "flow" else response.profit
    assert -gained == pytest.approx(earned, rel=1e-6, abs=1e-6)


def pairs_of(network: Network) -> tuple[tuple[int, int], ...]:
    from flowopt.model.build import activity_model

    return activity_model(network).virtual


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_follower_answers_as_the_trafficker_does(
    name: str, objective: Objective, tmp_path: Path
) -> None:
    network = shipped(name)
    if objective != "flow" and not any(row.price for row in network.demands):
        with pytest.raises(RequestError, match="nothing brings the trafficker a profit"):
            written(network, tmp_path, "model.aux", budget=4.0, objective=objective)
        return
    path = written(network, tmp_path, "model.aux", budget=4.0, objective=objective)
    ids = [m.measure for m in network.measures]
    for plan in [(), tuple(ids), *((m,) for m in ids), tuple(ids[:3]), tuple(ids[1:4])]:
        check_follower(network, objective, plan, path)


@pytest.mark.parametrize(
    "objective",
    # The programme of `bilevel` holds both levels.
    [o if o == "bilevel" else pytest.param(o, marks=pytest.mark.slow) for o in OBJECTIVES],
)
def test_peru(objective: Objective, tmp_path: Path) -> None:
    """Leaf weighs hundreds of times what becomes of it, and nothing is scaled."""
    network = shipped("peru-2014")
    path = written(network, tmp_path, "model.aux", budget=20.0, objective=objective)
    for plan in ((), ("m01", "m11", "m12", "m13"), tuple(m.measure for m in network.measures)):
        check_follower(network, objective, plan, path)


@settings(max_examples=draws(12))
@given(data=st.data())
def test_drawn_followers(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    objective: Objective = data.draw(st.sampled_from(list(OBJECTIVES)))
    drawn = st.one_of(networks(), tied_networks()) if objective == "bilevel" else networks()
    network = data.draw(drawn)
    folder = tmp_path_factory.mktemp("drawn")
    try:
        path = written(network, folder, "model.aux", budget=1.0, objective=objective)
    except RequestError:
        # No bound is derived of what an unlimited supply feeds, nor of what goes round.
        free = any(row.capacity is None for row in network.supplies)
        free |= any(row.recipe == "back" for row in network.recipes)
        assert free or respond(network, objective=objective).value == 0.0
        return
    check_follower(network, objective, data.draw(plans(network)), path)


def keeps_the_leaders_rows(mps: Mps, held: list[str], chosen: dict[str, float]) -> bool:
    """Return whether the rows that are not the follower's, and the bounds, allow a choice."""
    for name, value in chosen.items():
        if not mps.lower.get(name, 0.0) <= value <= mps.upper[name]:
            return False
    for row, sense in mps.senses.items():
        if row in held:
            continue
        used = sum(entries.get(row, 0.0) * chosen.get(n, 0.0) for n, entries in mps.columns.items())
        over = used - mps.sides.get(row, 0.0)
        if over > 1e-12 if sense == "L" else over < -1e-12:
            return False
    return True


@settings(max_examples=draws(20))
@given(data=st.data())
def test_the_leader_may_choose_what_the_rules_allow(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    network = data.draw(networks(max_measures=5))
    budget, resources = data.draw(budgets(network)), data.draw(limits(network))
    asked = {"budget": budget, "resources": resources}
    folder = tmp_path_factory.mktemp("drawn")
    try:
        path = written(network, folder, "model.aux", **asked)
    except RequestError:
        return
    mps = read_mps(path.with_suffix(".mps").read_text(encoding="utf-8"))
    held = read_aux(path.read_text(encoding="utf-8")).rows
    ids = [m.measure for m in network.measures]
    pairs = pairs_of(network)
    allowed = set()
    for signs in product((0.0, 1.0), repeat=len(ids)):
        chosen = {f"x_{name}": sign for name, sign in zip(ids, signs, strict=True)}
        both = {f"v_{ids[a]}_{ids[b]}": signs[a] * signs[b] for a, b in pairs}
        for name, product_of_both in both.items():
            wrong = both | {name: 1.0 - product_of_both}
            assert not keeps_the_leaders_rows(mps, held, chosen | wrong)
        if keeps_the_leaders_rows(mps, held, chosen | both):
            allowed.add(frozenset(name for name, sign in zip(ids, signs, strict=True) if sign))
    assert allowed == {frozenset(plan) for plan in feasible_plans(network, budget, resources)}


def test_three_cuts_of_one_row_multiply(tmp_path: Path) -> None:
    """15 t of supply, less 20, 50 and 90 %: the chain has each product, not a sum."""
    network = line(
        measures=[measure("m1"), measure("m2"), measure("m3")],
        effects=[effect(f"m{i}", "supply", "A", cut=c) for i, c in ((1, 0.2), (2, 0.5), (3, 0.9))],
    )
    path = written(network, tmp_path, "model.aux", budget=9.0)
    mps = read_mps(path.with_suffix(".mps").read_text(encoding="utf-8"))
    follower = read_aux(path.read_text(encoding="utf-8"))
    for plan, left in (("m1 m2", 6.0), ("m1 m3", 1.2), ("m1 m2 m3", 0.6), ("m3", 1.5), ("", 10.0)):
        fixed = {f"x_{name}": float(name in plan.split()) for name in ("m1", "m2", "m3")}
        assert answer(mps, follower, fixed) == pytest.approx((-left, left))


def test_dearer_ways_are_dearer_together(tmp_path: Path) -> None:
    """10 t at 2,000 USD/kg, 30 and 45 USD/kg dearer: of 20 M USD, 0.3 and 0.45 are gone."""
    network = line(
        measures=[measure("m1"), measure("m2")],
        effects=[effect("m1", "arc", "a1", cost=30.0), effect("m2", "arc", "a1", cost=45.0)],
    )
    path = written(network, tmp_path, "model.aux", budget=9.0, objective="profit")
    mps = read_mps(path.with_suffix(".mps").read_text(encoding="utf-8"))
    follower = read_aux(path.read_text(encoding="utf-8"))
    for x0, x1, profit in (
        (0.0, 0.0, 20.0),
        (1.0, 0.0, 19.7),
        (0.0, 1.0, 19.55),
        (1.0, 1.0, 19.25),
    ):
        assert answer(mps, follower, {"x_m1": x0, "x_m2": x1}) == pytest.approx((-profit, profit))


def test_what_nothing_bounds_cannot_be_closed_by_a_row(tmp_path: Path) -> None:
    from flowopt.network.schema import Arc, Supply

    loop = [
        Arc(arc="a1", tail="A", head="T", commodities=("c",)),
        Arc(arc="back", tail="T", head="A", commodities=("c",)),
        Arc(arc="a2", tail="T", head="M", commodities=("c",)),
    ]
    network = line(
        arcs=loop,
        supplies=[Supply(node="A", commodity="c")],
        measures=[measure("m1")],
        effects=[effect("m1", "arc", "a1", cut=1.0)],
    )
    with pytest.raises(RequestError, match=r"nothing bounds arc 'a1'.* give a capacity"):
        written(network, tmp_path, "model.aux", budget=9.0)
    value, _ = by_highs(written(network, tmp_path, "model.lp", budget=9.0))
    assert value == pytest.approx(0.0, abs=1e-9)
