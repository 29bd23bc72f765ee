"""`verify --enumerate` over time: every schedule tried, against the search and against lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import flowopt
from flowopt.errors import RequestError
from flowopt.network.schema import Rule
from flowopt.objectives import Objective
from flowopt.planning.compare_over_time import compare_over_time
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.enumerate_schedules import prove_schedule
from flowopt.planning.solve_over_time import solve_over_time
from tests.command import run
from tests.draws import draws
from tests.networks import SHIPPED, shipped
from tests.oracles.schedules import feasible
from tests.planning.tampering import edit, rewrite, rows_of
from tests.strategies import networks_over_time

TINY = "networks/tiny-years"


@settings(max_examples=draws(6), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_what_is_found_is_the_best_of_all(tmp_path: Path, data: st.DataObject) -> None:
    network = data.draw(networks_over_time(max_measures=3))
    objective: Objective = data.draw(st.sampled_from(("flow", "profit", "bilevel")))
    carry, budget = data.draw(st.booleans()), data.draw(st.sampled_from((0.0, 2.0, 6.0)))
    count = data.draw(st.sampled_from((1, 3)))
    found = solve_over_time(
        network, budget=budget, carry=carry, objective=objective, alternatives=count, gap=1e-7
    )
    found.write(tmp_path / "out", force=True)
    check = prove_schedule(tmp_path / "out", network)
    assert check.faults == ()
    assert "none does better than" in check.seen
    money = [budget] * len(network.periods)
    every = len(list(feasible(network, money, carry=carry)))
    assert f"{every} schedules keep the conditions" in check.seen


def test_a_target_is_reached_for_no_less(tmp_path: Path) -> None:
    solve_over_time(TINY, target=16.0).write(tmp_path / "out")
    check = prove_schedule(tmp_path / "out", shipped("tiny-years"))
    assert check.passed
    assert "the cheapest that reaches the target costs 4" in check.seen
    edit(tmp_path / "out", "certificate.json", (("claim", "cost_bound"), 5.0))
    assert not prove_schedule(tmp_path / "out", shipped("tiny-years")).passed


LIES: dict[str, tuple[tuple[Any, ...], Any]] = {
    "a bound that a schedule beats": (("claim", "bound"), 20.0),
    "nothing that was excluded": (("exclude",), []),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_claim_that_a_schedule_refutes_fails(lie: str, tmp_path: Path) -> None:
    network = shipped("tiny-years")
    solve_over_time(network, budget=3, exclude=["m_radar"]).write(tmp_path / "out")
    assert prove_schedule(tmp_path / "out", network).passed
    edit(tmp_path / "out", "certificate.json", LIES[lie])
    assert not prove_schedule(tmp_path / "out", network).passed


def test_an_alternative_that_is_missing_is_named(tmp_path: Path) -> None:
    network, out = shipped("tiny-years"), tmp_path / "out"
    solve_over_time(network, budget=3, alternatives=3).write(out)
    (check,) = prove_by_enumeration(out)
    assert check.passed
    rows = rows_of(out / "alternatives.csv")
    rewrite(out / "alternatives.csv", [rows[0], rows[1], rows[3]])
    (check,) = prove_by_enumeration(out, network)
    assert "is missing" in "; ".join(check.faults)
    rows[2][4] = "1.5"
    rewrite(out / "alternatives.csv", rows)
    (check,) = prove_by_enumeration(out, network)
    assert "the value of alternative 2" in "; ".join(check.faults)


def test_an_order_of_measures_is_kept(tmp_path: Path) -> None:
    network = shipped("tiny-years")
    network = network.replace(rules=[Rule(measure="m_radar", relation="after", other="m_boats")])
    solve_over_time(network, budget=5, carry=True).write(tmp_path / "out")
    assert prove_schedule(tmp_path / "out", network).passed


def test_each_budget_is_tried(tmp_path: Path) -> None:
    compare_over_time(TINY, budgets="0:3:1").write(tmp_path / "out")
    checks = prove_by_enumeration(tmp_path / "out")
    assert [check.name.partition(":")[0] for check in checks] == [
        "budget-0", "budget-1", "budget-2", "budget-3",
    ]  # fmt: skip
    assert all(check.passed for check in checks)
    ran = run("verify", tmp_path / "out", "--enumerate")
    assert "every other schedule was tried" in ran.stdout


def test_what_cannot_be_tried_is_refused(tmp_path: Path) -> None:
    flowopt.evaluate_over_time(TINY, ["all"]).write(tmp_path / "out")
    with pytest.raises(RequestError, match="this one has no best schedule"):
        prove_by_enumeration(tmp_path / "out")
    flowopt.solve_over_time(TINY, budget=3).write(tmp_path / "one")
    with pytest.raises(RequestError, match=r"has \d+ times 5"):
        prove_schedule(tmp_path / "one", flowopt.read_network(SHIPPED / "peru-2015-2019"))
