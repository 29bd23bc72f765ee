"""Programmes of measures that may fail: other solvers find the best mean over what works."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.network.chances import may_fail
from flowopt.objectives import OBJECTIVES, Objective
from flowopt.planning import luck_formulation
from flowopt.planning.formulate import formulate
from flowopt.report.programmes import programme_files
from tests.command import run
from tests.drawn.shapes import HUNTED
from tests.hunt.luck import LuckTruth, drawn
from tests.hunt.networks import Quarry
from tests.hunt.questions import drawn_budget
from tests.networks import shipped
from tests.oracles.enumerate import feasible_plans
from tests.planning.lucky import lucky_bridges, many, right
from tests.report.test_programmes import by_cbc, by_highs, written


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_optimum_is_that_of_solve(objective: Objective, tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    best = flowopt.solve(network, budget=4, objective=objective, ties="optimistic")
    for suffix in ("lp", "mps"):
        path = written(network, tmp_path, f"m.{suffix}", budget=4, objective=objective)
        value, values = by_highs(path)
        assert value == pytest.approx(best.value, rel=1e-6)
        chosen = [m.measure for m in network.measures if values[f"x_{m.measure}"] > 0.5]
        mean = flowopt.evaluate(network, chosen, objective=objective, ties="optimistic").value
        assert mean == pytest.approx(value, rel=1e-6)
    assert by_cbc(path) == pytest.approx(best.value, rel=1e-5)


@pytest.mark.parametrize(("place", "objective"), [*enumerate(OBJECTIVES)])
def test_drawn_networks_have_the_best_of_all_plans(
    place: int, objective: Objective, tmp_path: Path
) -> None:
    """Chances of 0, of rows, of reforms and their targets; the truth is every fall of all coins."""
    looked_at = 0
    for shape in [*HUNTED][place::3]:
        network, dice = drawn(Quarry(shape, 77, 1))
        budget = drawn_budget(dice, network)
        if not may_fail(network):
            continue
        looked_at += 1
        truth = LuckTruth(network, objective, "optimistic")
        best = min(truth.mean(plan) for plan in feasible_plans(network, budget, {}))
        path = written(network, tmp_path, "m.lp", budget=budget, objective=objective)
        assert by_highs(path)[0] == pytest.approx(best, abs=max(truth.room, 1e-6 * abs(best)))
    assert looked_at > 1


def test_a_reform_acts_where_it_works_and_its_target_does(tmp_path: Path) -> None:
    network = shipped("tiny")
    network = network.replace(measures=[replace(row, success=0.6) for row in network.measures])
    plan = ("m_scanner", "m_vetting")
    others = [row.measure for row in network.measures if row.measure not in plan]
    path = written(network, tmp_path, "m.lp", budget=99, include=plan, exclude=others)
    assert by_highs(path)[0] == pytest.approx(right(network, plan), rel=1e-6)


def test_the_file_says_what_each_block_is_about(tmp_path: Path) -> None:
    programme = formulate(shipped("two-bridges-luck"), budget=4)
    rows = programme.outcomes
    assert math.fsum(row.probability for row in rows) == pytest.approx(1.0)
    block = {(row.fails, row.failed_effects): row.block for row in rows}
    # A roadblock that fails, and one of which the only effect does: the same for the trafficker.
    assert block["m_block", ""] == block["", "3"] != block["", ""] == 1
    assert len({row.block for row in rows}) == 8
    assert len(rows) == 12
    worth = {row.block: 0.0 for row in rows}
    for row in rows:
        worth[row.block] += row.probability
    supplies = dict(zip(programme.milp.names, programme.milp.cost, strict=True))
    for number, share in worth.items():  # 10 t of supply, whose price is at most one
        assert supplies[f"o{number}_mu_supply_F_VALLEY_goods"] == pytest.approx(10.0 * share)
    for name, mark in (("m.lp", "\\"), ("m.mps", "*")):
        text = programme_files(programme, tmp_path / name)[tmp_path / name]
        about = " ".join(line[2:].strip() for line in text.splitlines() if line.startswith(mark))
        assert "block 1, probability 0.2744: no measure fails" in about
        assert (
            "block 2, probability 0.0686: no measure fails; of the rest, effects by row: 3" in about
        )
        assert "block 8, probability 0.027: fails 'm_north, m_south, m_block'" in about


def test_names_tell_outcome_and_measure() -> None:
    programme = formulate(lucky_bridges(), budget=4)
    by_name = {row.name: row for row in programme.symbols}
    cut = by_name["o1_w_arc_valley_m_block"]
    assert (cut.measure, cut.on, cut.target) == ("m_block", "arc", "valley")
    for symbol in programme.symbols:
        shared = re.match(r"(x_|budget)", symbol.name)
        assert shared or re.match(r"o([1-9]\d*)_", symbol.name), symbol
    fails = {row.block: row.fails.split(";") for row in programme.outcomes}
    for number, failed in fails.items():
        acting = f"o{number}_w_arc_valley_m_block" in by_name
        assert acting is ("m_block" not in failed)


def test_a_row_with_a_chance_of_its_own_is_under_the_id_of_its_measure() -> None:
    programme = formulate(shipped("two-bridges-luck"), budget=4)
    assert {row.measure for row in programme.symbols} == {
        "", "m_north", "m_south", "m_block", "m_gate",
    }  # fmt: skip


def test_too_many_chances_are_told_with_what_to_do() -> None:
    message = r"hang on 14 chances.*up to 12; exclude measures.*solve finds the best plan"
    with pytest.raises(RequestError, match=message):
        formulate(many(), budget=3)
    left_out = [f"m{i}" for i in range(4, 14)]
    programme = formulate(many(), budget=3, exclude=left_out)
    assert len(programme.outcomes) == 16
    dear = many().replace(  # what no plan can pay counts no more than what is excluded
        measures=[
            replace(row, cost=9.0) if row.measure in left_out else row for row in many().measures
        ]
    )
    assert len(formulate(dear, budget=3).outcomes) == 16


def test_a_programme_out_of_all_proportion_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(luck_formulation, "_MOST_LINES", 100)
    with pytest.raises(RequestError, match=r"8 blocks.*variables and rows; up to 100 are written"):
        formulate(shipped("two-bridges-luck"), budget=4)


def test_two_levels_are_refused(tmp_path: Path) -> None:
    done = run("export", "networks/two-bridges-luck", tmp_path / "m.aux", "--budget", "4")
    assert done.returncode == 2, done
    assert "export it in one level, as .lp or .mps" in " ".join(done.stderr.split())


def test_measures_that_always_work_have_no_outcomes(tmp_path: Path) -> None:
    programme = formulate(shipped("two-bridges"), budget=4)
    assert not programme.outcomes
    lp = programme_files(programme, tmp_path / "m.lp")[tmp_path / "m.lp"]
    assert "probability" not in lp
