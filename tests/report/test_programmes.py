"""Programmes as files: other solvers read them and find what `flowopt` finds."""

from __future__ import annotations

import pickle
import re
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import highspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import RequestError
from flowopt.model.solver_pulp import solver_maker
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning.formulate import formulate
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.report.programmes import programme_files, write_programme
from tests.draws import draws
from tests.networks import effect, line, measure, shipped
from tests.oracles.enumerate import feasible_plans, plan_cost
from tests.oracles.mps import Mps, answer, read_aux, read_indices, read_mps
from tests.oracles.response import plan_value
from tests.strategies import budgets, limits, networks, plans, tied_networks

SMALL = ("tiny", "shared-crew", "two-bridges", "leaky-river")


def written(network: Network, folder: Path, name: str, **asked: object) -> Path:
    programme = formulate(network, bilevel=name.endswith(".aux"), **asked)  # type: ignore[arg-type]  # as asked
    assert folder / name in write_programme(programme, folder / name, force=True)
    return folder / name


def by_highs(path: Path) -> tuple[float, dict[str, float]]:
    """Return the optimum of a file and the values of its variables."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_feasibility_tolerance", 1e-9)
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    highs.run()
    # Where nothing can be cut, the programme has nothing to choose.
    states = highspy.HighsModelStatus
    assert highs.getModelStatus() in (states.kOptimal, states.kModelEmpty)
    names = highs.getLp().col_names_
    values = dict(zip(names, highs.getSolution().col_value, strict=True))
    return highs.getObjectiveValue(), values


def by_cbc(path: Path) -> float:
    """Return the optimum of a file as the program `cbc` tells it."""
    program = solver_maker("cbc")(msg=False).path
    said = path.with_suffix(".solution")
    subprocess.run(
        [program, str(path), "-ratioGap", "0", "-solve", "-solution", str(said)],
        capture_output=True,
        check=True,
    )
    first = said.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("Optimal")
    return float(first.split()[-1])


def resources_of(network: Network) -> dict[str, float]:
    return {row.resource: 4.0 for row in network.resources}


# -- one level ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_both_formats_have_the_optimum_of_solve(
    name: str, objective: Objective, tmp_path: Path
) -> None:
    network = shipped(name)
    asked = {"budget": 4.0, "objective": objective, "resources": resources_of(network)}
    best = solve(network, ties="optimistic", **asked)  # type: ignore[call-overload]  # as asked
    assert best.value is not None
    for suffix in ("lp", "mps"):
        value, values = by_highs(written(network, tmp_path, f"model.{suffix}", **asked))
        assert value == pytest.approx(best.value, rel=1e-6, abs=1e-6)
        chosen = [m.measure for m in network.measures if values[f"x_{m.measure}"] > 0.5]
        reached = respond(network, chosen, objective=objective, ties="optimistic").value
        assert reached == pytest.approx(best.value, rel=1e-6, abs=1e-6)
        assert plan_cost(network, chosen) <= 4.0 + 1e-6


@pytest.mark.parametrize("suffix", ["lp", "mps"])
@pytest.mark.parametrize("objective", ["flow", "profit"])
def test_cbc_reads_them_too(suffix: str, objective: Objective, tmp_path: Path) -> None:
    for name in ("tiny", "shared-crew"):
        network = shipped(name)
        asked = {"budget": 4.0, "objective": objective, "resources": resources_of(network)}
        best = solve(network, **asked)  # type: ignore[call-overload]  # as asked
        found = by_cbc(written(network, tmp_path, f"{name}.{suffix}", **asked))
        assert found == pytest.approx(best.value, rel=1e-5)


@settings(max_examples=draws(8))
@given(data=st.data())
def test_drawn_networks(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    network = data.draw(networks(max_measures=4))
    objective: Objective = data.draw(st.sampled_from(("flow", "profit")))
    asked: dict[str, Any] = {
        "budget": data.draw(budgets(network)),
        "resources": data.draw(limits(network)),
        "objective": objective,
    }
    suffix = data.draw(st.sampled_from(("lp", "mps")))
    path = written(network, tmp_path_factory.mktemp("drawn"), f"model.{suffix}", **asked)
    best = min(
        plan_value(network, plan, objective)
        for plan in feasible_plans(network, asked["budget"], asked["resources"])
    )
    assert by_highs(path)[0] == pytest.approx(best, rel=1e-5, abs=1e-6)


# -- two levels -----------------------------------------------------------------------------------


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


@pytest.mark.parametrize("objective", OBJECTIVES)
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


# -- symbols and names ----------------------------------------------------------------------------


def test_programmes_of_one_stem_keep_their_own_symbols(tmp_path: Path) -> None:
    network = shipped("tiny")
    lp = written(network, tmp_path, "t.lp", budget=4)
    symbols = (tmp_path / "t.lp.symbols.csv").read_bytes()
    assert b"t.lp.symbols.csv" not in lp.read_bytes()
    assert b".lp.symbols.csv file" in lp.read_bytes()
    write_programme(formulate(network, budget=4), tmp_path / "t.mps")  # without force
    written(network, tmp_path, "t.aux", budget=4)
    assert (tmp_path / "t.lp.symbols.csv").read_bytes() == symbols
    assert (tmp_path / "t.mps.symbols.csv").read_bytes() != symbols  # those of two levels
    with pytest.raises(RequestError, match=r"t\.mps is the upper part of .*t\.aux; give another"):
        write_programme(formulate(network, budget=4), tmp_path / "t.mps", force=True)


def test_a_pickle_by_the_former_path_of_the_two_levels_is_read(tmp_path: Path) -> None:
    programme = formulate(shipped("two-bridges"), budget=4, bilevel=True)
    now, former = b"cflowopt.model.bilevel_program\n", b"cflowopt.model.two_levels\n"
    kept = pickle.dumps(programme, protocol=2)  # in which paths stand as plain text
    assert kept.count(now) == 1
    again = pickle.loads(kept.replace(now, former))
    assert again.symbols == programme.symbols
    files = programme_files(programme, tmp_path / "m.aux")
    assert programme_files(again, tmp_path / "m.aux") == files


def test_symbols_say_what_each_name_is(tmp_path: Path) -> None:
    network = shipped("tiny")
    programme = formulate(network, budget=4, bilevel=True)
    symbols = {(s.part, s.name): s for s in programme.symbols}
    assert [s.name for s in programme.symbols if s.part == "row"] == list(programme.milp.row_names)
    assert symbols["variable", "x_m_crops"].measure == "m_crops"
    assert symbols["variable", "x_m_crops"].level == "planner"
    virtual = symbols["variable", "v_m_vetting_m_scanner"]
    assert virtual.measure == "m_vetting;m_scanner"
    flight = symbols["variable", "y_arc_flight_product"]
    assert (flight.on, flight.target, flight.commodity) == ("arc", "flight", "product")
    assert flight.level == "trafficker"
    assert symbols["row", "budget"].level == "planner"
    # A row and its symbol agree: the only activity of the capacity of the strip's flight is it.
    mps = read_mps(programme_files(programme, tmp_path / "m.aux")[tmp_path / "m.mps"])
    row = next(s.name for s in programme.symbols if s.part == "row" and s.target == "flight")
    assert {n for n, entries in mps.columns.items() if row in entries} == {
        "y_arc_flight_product",
        "x_m_strip",
    }


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_name_of_peru_stands_for_something(objective: Objective) -> None:
    network = shipped("peru-2014")
    programme = formulate(network, budget=20, objective=objective)
    by_name = {s.name: s for s in programme.symbols if s.part == "variable"}
    assert len(by_name) == len(programme.milp.names)
    rows = [s for s in programme.symbols if s.part == "row"]
    matrix = programme.milp.matrix
    for number, row in enumerate(rows):
        if not row.name.startswith(("link", "tlow", "shut", "rise")):
            continue
        stands = matrix.indices[matrix.indptr[number] : matrix.indptr[number + 1]]
        about = [by_name[programme.milp.names[j]] for j in stands]
        acts = [a for a in about if a.means.startswith("1 if")]
        assert [a.measure for a in acts] == [row.measure]
        for each in about:
            if each not in acts:
                assert (each.on, each.target, each.commodity) == (row.on, row.target, row.commodity)


def test_names_are_made_of_ids_and_no_two_are_the_same() -> None:
    """Ids that differ by accents, case or signs alone; and one that ends as LP ends a side."""
    ids = ("a b", "a_b", "A_B", "\xe1:b", "a_le", "1/2", "m" * 300, "m" * 301)
    network = line(
        measures=[measure(name) for name in ids],
        effects=[effect(name, "arc", "a1", cut=0.5) for name in ids],
    )
    for bilevel in (False, True):
        programme = formulate(network, budget=4, bilevel=bilevel)
        milp, symbols = programme.milp, programme.symbols
        assert [row.name for row in symbols] == [*milp.names, *milp.row_names]
        for names in (milp.names, milp.row_names):
            assert len({name.casefold() for name in names}) == len(names)
            assert all(re.fullmatch(r"[a-z][A-Za-z0-9_.]{0,130}", name) for name in names)
        by_measure = {row.measure: row.name for row in symbols if row.name.startswith("x_")}
        assert list(by_measure) == list(ids)
        assert list(by_measure.values())[:6] == [
            "x_a_b", "x_a_b_2", "x_A_B_3", "x_a_b_4", "x_a_le_", "x_1_2",
        ]  # fmt: skip


@settings(max_examples=draws(8))
@given(network=networks(max_measures=4), bilevel=st.booleans())
def test_every_name_of_a_drawn_programme_is_distinct(network: Network, bilevel: bool) -> None:
    try:
        programme = formulate(network, budget=3, bilevel=bilevel)
    except RequestError:  # nothing bounds what a measure closes
        return
    for names in (programme.milp.names, programme.milp.row_names):
        assert len(set(names)) == len(names)


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    one, two = (formulate(shipped("tiny"), budget=4, bilevel=b) for b in (False, True))
    with pytest.raises(RequestError, match=r"model\.txt: end the name of a programme in \.lp"):
        programme_files(one, tmp_path / "model.txt")
    for programme, name in ((one, "model.aux"), (two, "model.mps"), (two, "model.lp")):
        with pytest.raises(RequestError, match="two levels ends in"):
            programme_files(programme, tmp_path / name)


def test_a_network_without_measures_has_a_programme_too(tmp_path: Path) -> None:
    for suffix in ("lp", "mps"):
        value, _ = by_highs(written(line(), tmp_path, f"model.{suffix}", budget=1.0))
        assert value == pytest.approx(10.0)
