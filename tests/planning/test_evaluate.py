"""Plans made by hand: against brute force, hand answers and what must be true of any of them."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import RequestError
from flowopt.model import search
from flowopt.network import schema
from flowopt.plain_text import name_and_id
from flowopt.planning import proof_loop, solver_session
from flowopt.planning.compare import compare
from flowopt.planning.evaluate import evaluate
from flowopt.planning.plan_file import read_plan
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.report.result_writer import write_frontier, write_solution
from flowopt.results.evaluation import Evaluation, PlanCompared
from flowopt.results.response import Response
from tests.draws import draws
from tests.networks import SHIPPED, effect, line, measure, shipped
from tests.oracles import rounding
from tests.oracles.coverage import kept_value
from tests.oracles.enumerate import (
    best_plan,
    feasible_plans,
    keeps_rules,
    plan_cost,
    plan_uses,
    resource_limits,
)
from tests.oracles.response import plan_value
from tests.oracles.rounding import optimal, same
from tests.peru import COVERAGE_20, CUT_20, PLAN_20, RESULT, best
from tests.strategies import budgets, limits, networks, plans


def by_name(found: Evaluation) -> dict[str, PlanCompared]:
    return {row.plan: row for row in found.comparison}


def amounts(response: Response) -> dict[tuple[str, ...], float]:
    """Return what the trafficker does, as the oracle names it."""
    return {
        **{("ship", row.arc, row.commodity): row.flow for row in response.flows},
        **{("run", row.site): row.activity for row in response.sites},
        **{("take", row.node, row.commodity): row.supplied for row in response.supplies},
        **{("deliver", row.node, row.commodity): row.delivered for row in response.markets},
    }


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["flow", "profit"])
@settings(max_examples=draws(10))
@given(data=st.data())
def test_brute_force(objective: Any, data: st.DataObject) -> None:
    """Yours is worth what the oracle says, the best plan is the best, the covering covers most."""
    network = data.draw(networks(max_measures=5))
    plan = data.draw(plans(network))
    budget = data.draw(st.one_of(st.none(), budgets(network)))
    given = data.draw(limits(network))
    found = evaluate(
        network, plan, budget=budget, resources=given, objective=objective, against=["coverage"]
    )
    rows, money = by_name(found), plan_cost(network, plan) if budget is None else budget
    assert list(rows) == ["yours", "best", "coverage"]
    truth = best_plan(network, money, resources=given, objective=objective)
    size = rounding.size(network, objective)
    assert same(found.value, plan_value(network, plan, objective), objective, size)
    assert optimal(rows["best"].value, truth.value, objective, size)
    today = amounts(found.before)
    left = {
        other: kept_value(network, other, today, objective)
        for other in feasible_plans(network, money, given)
    }
    # What is covered hangs on which of several cheapest flows is today's, to the last digits.
    near = rounding.VALUE * size
    assert rows["coverage"].promised == pytest.approx(size - min(left.values()), abs=near)
    for row in found.comparison:
        measures = tuple(filter(None, row.measures.split(";")))
        assert same(row.value, plan_value(network, measures, objective), objective, size)
        kept = kept_value(network, measures, today, objective)
        assert row.promised == pytest.approx(size - kept, abs=near)
        # What the trafficker can do within today's flow it can do in truth.
        assert row.cut <= row.promised + near
        if row.plan != "yours":
            assert measures in left
            assert row.status == "optimal"


@settings(max_examples=draws(12))
@given(data=st.data())
def test_what_is_broken_is_what_the_rows_say(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=1))
    plan = data.draw(plans(network))
    budget = data.draw(budgets(network))
    given = data.draw(limits(network))
    found = evaluate(network, plan, budget=budget, resources=given, alone=True)
    used = plan_uses(network, plan)
    most = resource_limits(network, given)
    over = plan_cost(network, plan) > budget + 1e-9
    assert any("over the budget" in text for text in found.broken) == over
    labels = {r.resource: name_and_id(r.name, r.resource) for r in network.resources}
    for name, limit in most.items():
        said = any(f" of {labels[name]}, " in text for text in found.broken)
        assert said == (used[name] > limit + 1e-9)
    rules = [text for text in found.broken if " requires " in text or " exclude " in text]
    assert bool(rules) != keeps_rules(network, plan)


def test_a_plan_that_breaks_everything_is_evaluated_and_each_breach_named() -> None:
    network = shipped("shared-crew")
    found = evaluate(network, ["m_chase", "m_boats", "m_ferry"], budget=7)
    assert found.broken == (
        "it costs 9 M USD a year, 2 over the budget of 7",
        "it takes 12 of crew, 2 over the limit of 10",
        "Chase aircraft (m_chase) requires Radar over the basin (m_radar), which is not in the "
        "plan",
        "Patrol boats (m_boats) and Ferry licences (m_ferry) exclude each other",
    )
    assert found.value == pytest.approx(5.75)  # 5 * .25 + 4 * .25 * .5 + 4
    row = by_name(found)["best"]
    assert (row.value, row.spent, row.measures) == (5.0, 7.0, "m_radar;m_chase;m_check;m_vetting")


def test_what_foresight_is_worth_on_the_leaky_river() -> None:
    """Boats seize 80 % of all that passes today, but a road beside the river takes 5 t."""
    found = evaluate(shipped("leaky-river"), ["m_patrol"], against=["coverage"])
    rows = by_name(found)
    assert (rows["yours"].promised, rows["yours"].cut) == pytest.approx((8.0, 5.0))
    assert (rows["coverage"].measures, rows["coverage"].bound) == ("m_patrol", None)
    assert rows["coverage"].promised_bound == pytest.approx(8.0)
    assert (rows["best"].measures, rows["best"].cut) == ("m_uproot", pytest.approx(6.0))


@pytest.mark.slow
def test_what_foresight_is_worth_in_peru() -> None:
    """The figures of `docs/questions.md`; `test_results.py` solves for the best plan."""
    asked: dict[str, Any] = {"alone": True, "against": ["coverage"]}
    rows = by_name(evaluate(shipped("peru-2014"), PLAN_20, budget=20, **asked))
    assert [row.status for row in rows.values()] == ["evaluated", "optimal"]
    summary = json.loads((RESULT / "summary.json").read_text())
    assert summary["cut"] == pytest.approx(CUT_20, abs=0.005)
    found = (rows["coverage"].promised, rows["coverage"].cut)
    assert found == pytest.approx(COVERAGE_20, abs=0.005)


def test_how_cuts_and_losses_combine_where_nobody_re_routes() -> None:
    """10 t of 20 on both arcs: cuts of one arc multiply, of two the deeper counts, losses too."""
    network = line(
        measures=[measure(f"m{i}") for i in range(1, 6)],
        effects=[
            effect("m1", "arc", "a1", cut=0.5),
            effect("m2", "arc", "a1", cut=0.2),
            effect("m3", "arc", "a2", cut=0.3),
            effect("m4", "arc", "a1", loss=0.1),
            effect("m5", "node", "M", loss=0.5),
        ],
    )
    for plan, kept, left in (
        (["m1"], 5.0, 10.0),
        (["m1", "m2"], 4.0, 8.0),
        (["m1", "m3"], 5.0, 10.0),
        (["m3", "m2"], 7.0, 10.0),
        (["m4", "m5"], 4.5, 6.75),
        (["m1", "m4", "m5"], 2.25, 4.5),
    ):
        found = evaluate(network, plan, alone=True)
        assert found.value == pytest.approx(left), plan
        assert found.comparison[0].promised == pytest.approx(10.0 - kept), plan


def test_a_supply_that_is_not_used_up_is_covered_all_the_same() -> None:
    network = line(measures=[measure("m")], effects=[effect("m", "supply", "A", cut=0.2)])
    found = evaluate(network, ["m"], alone=True)
    assert (found.cut, found.comparison[0].promised) == (0.0, pytest.approx(2.0))


def test_alone_leaves_out_the_best_plan() -> None:
    network = shipped("tiny")
    assert list(by_name(evaluate(network, ["m_strip"], alone=True))) == ["yours"]
    found = evaluate(network, ["m_strip"], alone=True, against=["coverage"])
    assert list(by_name(found)) == ["yours", "coverage"]
    assert found.best is None
    assert found.coverage is not None


def test_the_empty_plan_and_one_that_holds_everything() -> None:
    network = shipped("tiny")
    nothing = evaluate(network, [])
    assert (nothing.cut, nothing.spent, nothing.plan) == (0.0, 0.0, ())
    assert by_name(nothing)["best"].measures == ""
    everything = evaluate(network, [row.measure for row in network.measures])
    assert everything.next == ()
    assert everything.value == pytest.approx(4.0)


def test_a_good_plan_is_never_beaten_by_a_worse_best_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no time to search, the plan at hand is the best one known."""
    monkeypatch.setattr(search.Search, "run", lambda _, **__: None)
    monkeypatch.setattr(proof_loop.ProofLoop, "prove", lambda _, bound, *_given: bound)
    plan = ["m_strip", "m_scanner", "m_vetting"]
    found = evaluate(shipped("tiny"), plan, time_limit=5.0, solver="highs")
    row = by_name(found)["best"]
    assert (row.measures, row.value) == ("m_strip;m_scanner;m_vetting", 6.0)
    assert row.status == "limit"
    assert row.bound is not None
    assert row.bound < row.value


@pytest.mark.slow
def test_a_time_limit_is_shared() -> None:
    found = evaluate(
        shipped("peru-2014"), ["m11", "m12", "m13"], budget=80, against=["coverage"], time_limit=4.0
    )
    row = by_name(found)["best"]
    assert (row.status, found.limit) == ("limit", "time")
    assert row.bound is not None
    assert row.bound <= best(80) <= row.value + 1e-2
    assert found.seconds.solve < 12.0


def test_ctrl_c_raises_unless_the_plans_so_far_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(solver_session, "solve_milp", interrupt)
    network, plan = shipped("tiny"), ["m_crops", "m_strip"]
    with pytest.raises(KeyboardInterrupt):
        evaluate(network, plan, solver="highs")
    found = evaluate(network, plan, against=["coverage"], solver="highs", keep_on_interrupt=True)
    assert (found.limit, found.interrupted) == ("interrupted", True)
    assert by_name(found)["best"].status == "limit"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measures": ["m_strip", "m_x", "m_y"]}, "'m_x' is not in the network(.|\n)*'m_y' is not"),
        ({"measures": [f"m{i}" for i in range(9999)]}, "'m19' is not .*\nand 9,979 more that"),
        ({"against": ["everything"]}, "against 'everything' is not one of coverage"),
        ({"budget": -1.0}, "budget -1"),
        ({"resources": {"boats": 1.0}}, "resource 'boats'"),
        ({"objective": "harm"}, "objective 'harm'"),
        ({"solver": "nosuch"}, "not known"),
        ({"gap": 2.0}, "gap 2"),
    ],
)
def test_a_wrong_request_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError, match=message):
        evaluate(shipped("tiny"), **{"measures": ["m_strip"], **options})


def test_what_it_says_of_the_plan_is_what_solve_says_of_it() -> None:
    network = shipped("tiny")
    solved = solve(network, budget=4)
    found = evaluate(network, solved.measures, budget=4)
    assert (found.value, found.spent, found.cut) == (solved.value, solved.spent, solved.cut)
    for name in ("plan", "flows", "markets", "displacement", "binding", "next"):
        ours, theirs = (getattr(result, name).to_frame() for result in (found, solved))
        pandas.testing.assert_frame_equal(ours, theirs, obj=name)
    assert pickle.loads(pickle.dumps(found)) == found
    freely = evaluate(network, solved.measures, alone=True).plan.to_frame()
    assert freely["budget"].dtype == float  # stacks with those of others
    frame = found.to_frame()
    assert frame["plan"].tolist() == ["yours", "best"]
    assert frame["value"].tolist() == pytest.approx([6.0, 6.0])


# -- plans from files -----------------------------------------------------------------------------


def test_a_plan_is_read_from_a_table_or_a_result(tmp_path: Path) -> None:
    write_solution(solve(shipped("tiny"), budget=4), shipped("tiny"), tmp_path / "out")
    wanted = {"m_strip", "m_scanner", "m_vetting"}
    assert set(read_plan(tmp_path / "out")) == wanted
    assert set(read_plan(tmp_path / "out" / "plan.csv")) == wanted
    other = tmp_path / "mine.csv"
    other.write_text("\ufeffnote, measure\nfirst, m_strip \n,\n\n", encoding="utf-8")
    assert read_plan(other) == ("m_strip",)


def test_an_id_that_looks_like_a_formula_comes_back(tmp_path: Path) -> None:
    network = line(
        measures=[schema.Measure(measure="=m", name="M", cost=1.0)],
        effects=[effect("=m", "arc", "a1", cut=1.0)],
    )
    write_solution(solve(network, budget=1), network, tmp_path / "out")
    assert read_plan(tmp_path / "out") == ("=m",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no such folder or file"),
        ("", "needs one column 'measure' in its first row; it has nothing"),
        ("id,name\nm1,x\n", "it has id, name"),
        ("measure,measure\nm1,m2\n", "needs one column"),
        ("name,measure\nx,\n", ":2: measure is blank"),
        ("name,measure\nx\n", ":2: measure is blank"),
        (b"measure\n\xff\xfe\n", "no CSV file in UTF-8"),
        ("budget,measure,chosen\n1,m_strip,0\n", r"give the folder of the comparison and the bu"),
        ("rank,measure,cost,adds\n1,m_strip,1,2\n", r"the plan is the plan\.csv beside it"),
        ("measure,on,target,cut\nm_strip,arc,a,1\n", "says what measures do"),
        ("measure,relation,other\na,requires,b\n", "go together"),
        ("measure,resource,amount\na,crew,1\n", "take, and is no plan"),
        ("budget,measure\n1,m_strip\n2,m_uproot\n", r"several budgets \(1, 2\): keep the rows"),
        ("objective,measure\nflow,m\nprofit,n\n", "several objectives"),
        ("measure\nm_strip\n\nm_uproot\nm_strip\n", ":5: m_strip stands in row 2 already"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(
    text: str | bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "plan.csv"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RequestError, match=message):
        read_plan(path)


def test_a_network_s_own_measures_are_no_plan(tmp_path: Path) -> None:
    network, path = shipped("tiny"), SHIPPED / "tiny" / "measures.csv"
    with pytest.raises(RequestError, match="names every measure of tiny"):
        read_plan(path, network)
    fewer = tmp_path / "measures.csv"
    fewer.write_text("\n".join(path.read_text().splitlines()[:3]))
    assert read_plan(fewer, network) == ("m_uproot", "m_crops")
    fewer.write_text("\n".join(["measure", *(row.measure for row in network.measures)]))
    assert len(read_plan(fewer, network)) == len(network.measures)
    write_solution(solve(network, budget=100), network, tmp_path / "out")
    assert len(read_plan(tmp_path / "out", network)) > 1


def test_the_plan_of_a_row_of_a_comparison(tmp_path: Path) -> None:
    networks, out = [shipped("tiny"), shipped("two-bridges")], tmp_path / "out"
    frontier = compare(networks, budgets="0,2,4", objectives=["flow", "profit"])
    write_frontier(frontier, networks, out)
    for row in frontier.frontier:
        network = next(each for each in networks if each.info.id == row.network)
        plan = read_plan(out, network, budget=row.budget, objective=row.objective)
        assert plan == tuple(filter(None, row.measures.split(";")))
    for asked, message in (
        ({"network": networks[0]}, "a plan for each budget; give --budget: its budgets are 0, 2"),
        ({"network": networks[0], "budget": 3}, "no row for 3 M USD: its budgets are 0, 2, 4"),
        ({"network": networks[0], "budget": 2, "objective": "bilevel"}, "flow, profit, not bil"),
        ({"network": line(), "budget": 2}, "tiny, two-bridges, not "),
    ):
        with pytest.raises(RequestError, match=message):
            read_plan(out, **asked)
    with pytest.raises(RequestError, match="holds no plan"):
        read_plan(tmp_path)


def test_a_step_holds_until_the_next_one(tmp_path: Path) -> None:
    """Where every change was asked for, a budget between two steps has the lower one's plan."""
    network = shipped("two-bridges")
    write_frontier(compare(network, budgets="all"), [network], tmp_path / "out")
    assert read_plan(tmp_path / "out", network, budget=3.5) == ("m_block",)
    assert read_plan(tmp_path / "out", network, budget=50) == ("m_north", "m_south")
    poor = compare(network, budgets="0,2", include=["m_block"])
    write_frontier(poor, [network], tmp_path / "poor")
    with pytest.raises(RequestError, match="has no plan for 0 M USD"):
        read_plan(tmp_path / "poor", network, budget=0)


def test_respond_and_evaluate_agree() -> None:
    network = shipped("peru-2014")
    plan = ["m22", "m23", "m44"]
    found = evaluate(network, plan, alone=True)
    assert found.value == respond(network, plan).value


def test_a_plan_that_leaves_nothing_open_is_evaluated() -> None:
    network = line(
        effects=[effect("m1", "arc", "a*", cut=1), effect("m2", "supply", "A", cut=1)],
        measures=[measure("m1"), measure("m2")],
    )
    found = evaluate(network, ["m1", "m2"])
    assert (found.value, found.baseline) == (0.0, 10.0)
