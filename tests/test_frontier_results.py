"""The reference frontier is what the documented command makes of the shipped network today.

After a meant change of the network or the format, make it again:

    flowopt compare networks/peru-2014 --budgets 0:160:10 --out results/peru-2014/frontier --force
"""

from __future__ import annotations

import json

import pytest

from flowopt.clock import Clock
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import allowed
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import PlanRequest
from flowopt.planning.run_options import RunOptions
from flowopt.planning.sweep.row import WarmStartedRun
from flowopt.planning.trafficker import Trafficker
from flowopt.report.result_reader import read_rows
from flowopt.results.budget_rows import FrontierRow, LadderRow
from tests.networks import shipped
from tests.peru import BASELINE, FRONTIER


def table(name: str) -> list[dict[str, str]]:
    return read_rows(FRONTIER / f"{name}.csv", {"frontier": FrontierRow, "ladder": LadderRow}[name])


def test_the_reference_frontier_is_about_today_s_network() -> None:
    summary = json.loads((FRONTIER / "summary.json").read_text(encoding="utf-8"))
    assert summary["budgets"] == [10.0 * k for k in range(17)]
    assert (summary["rows"], summary["proved"]) == (17, 17)
    assert summary["frontiers"][0]["input_sha256"] == shipped("peru-2014").sha256


def test_its_values_are_what_its_plans_leave() -> None:
    network, rows = shipped("peru-2014"), table("frontier")
    assert [float(row["budget"]) for row in rows] == [10.0 * k for k in range(17)]
    costs = {measure.measure: measure.cost for measure in network.measures}
    trafficker = Trafficker(network)
    for row in rows:
        plan = [name for name in row["measures"].split(";") if name]
        assert float(row["value"]) == pytest.approx(trafficker.value(plan), rel=1e-9)
        assert float(row["spent"]) == pytest.approx(sum(costs[name] for name in plan))
        assert float(row["spent"]) <= float(row["budget"]) + 1e-9
        assert row["status"] == "optimal"
        assert 0.0 <= float(row["value"]) - float(row["bound"]) <= 1e-4 * float(row["value"])


def test_its_ladder_can_be_climbed() -> None:
    trafficker, bought = Trafficker(shipped("peru-2014")), list[str]()
    for row in table("ladder"):
        bought += [name for name in row["buy"].split(";") if name]
        assert float(row["value"]) == pytest.approx(trafficker.value(bought), rel=1e-8)
    assert len(set(bought)) == len(bought)


@pytest.mark.slow
def test_neighbours_teach_where_to_begin() -> None:
    """The best plan for 110 is found from those for 100 and 120, of which one costs too much."""
    network = shipped("peru-2014")
    problem = problem_of(network, activity_model(network), PlanRequest(budget=110.0))
    model, limits = problem.model, problem.constraints
    rows = table("frontier")
    plans = [frozenset(map(model.measures.index, rows[k]["measures"].split(";"))) for k in (10, 12)]
    assert [allowed(model, limits, plan) for plan in plans] == [True, False]
    run = WarmStartedRun(problem, RunOptions(threads=1), Clock())
    run.starts, run.scale = tuple(plans), BASELINE
    search = run._search = run._first_plan()
    began = search.value
    run._improve([])
    assert allowed(model, limits, search.best)
    best = float(rows[11]["value"])
    assert float(rows[10]["value"]) > best + 0.3
    assert began < (best + float(rows[10]["value"])) / 2.0
    assert search.value == pytest.approx(best, rel=1e-4)
