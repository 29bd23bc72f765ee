"""Programmes as files: other solvers read them and find what `flowopt` finds."""

from __future__ import annotations

import pickle
import re
import subprocess
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
from tests.oracles.mps import read_mps
from tests.oracles.response import plan_value
from tests.strategies import budgets, limits, networks

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


def test_activities_in_series_have_the_name_of_their_first() -> None:
    """A bridge's row is that which closing it switches off."""
    programme = formulate(shipped("two-bridges"), budget=4)
    rows, matrix = programme.milp.row_names, programme.milp.matrix
    for bridge in ("north", "south"):
        number = rows.index(f"y_arc_{bridge}_goods")
        stands = matrix.indices[matrix.indptr[number] : matrix.indptr[number + 1]]
        assert {programme.milp.names[j] for j in stands} == {
            f"x_m_{bridge}", "pi_node_T_WEST_goods", "pi_node_T_EAST_goods", f"mu_arc_{bridge}",
        }  # fmt: skip


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
