"""Verification of comparisons: sound ones pass, and lies that stand in every file are seen."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.compare import compare
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.recheck import frontier_tables
from flowopt.planning.recheck.verdict import Verdict
from flowopt.planning.verify import verify
from flowopt.report.result_writer import write_frontier
from flowopt.results.budget_rows import LadderRow, PlanAt
from flowopt.results.rows import Rows
from tests import strategies
from tests.command import run
from tests.draws import draws
from tests.networks import SHIPPED, line, measure, shipped
from tests.planning.frontiers import ASKED, write
from tests.planning.tampering import edit, rewrite, rows_of
from tests.planning.verify_results import verified_without_solver

CERTIFICATE, SUMMARY = "certificate.json", "summary.json"
Copied = Callable[[str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Copied:
    """Return the function that gives the folder of a comparison, made once."""
    root = tmp_path_factory.mktemp("frontiers")

    def make(name: str) -> Path:
        if not (root / name).exists():
            write(name, root / name)
        return root / name

    return make


@pytest.fixture
def copied(made: Copied, tmp_path: Path) -> Copied:
    """Return the function that gives a comparison to be tampered with."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(made(name), tmp_path / name))

    return copy


def faults(verdict: Verdict) -> str:
    return "\n".join(
        fault
        for check in verdict.checks
        for fault in (check.name, *check.faults)
        if not check.passed
    )


def failed(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


# -- sound comparisons ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ASKED)
def test_sound_comparisons_pass(name: str, made: Copied) -> None:
    folder = made(name)
    for networks in (None, ASKED[name][0]()):
        verdict = verify(folder, networks)
        assert verdict.passed, faults(verdict)
    if name != "impossible":
        assert any("says so" in claim for claim in verdict.claims)


@pytest.mark.parametrize("name", ASKED)
def test_trying_every_plan_confirms_them(name: str, made: Copied) -> None:
    for check in prove_by_enumeration(made(name)):
        assert check.passed, check


@settings(max_examples=draws(5))
@given(data=st.data(), objective=st.sampled_from(["flow", "profit", "bilevel"]))
def test_comparisons_of_any_network_pass(
    data: st.DataObject, objective: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    network = data.draw(strategies.networks(max_measures=4))
    resources = data.draw(strategies.limits(network))
    every = data.draw(st.booleans())
    total = sum(row.cost for row in network.measures)
    budgets: Any = "all" if every else [0.0, total / 3, total / 2]
    folder = tmp_path_factory.mktemp("drawn") / "out"
    found = compare(
        network, budgets=budgets, objectives=["flow", objective][objective == "flow" :],
        resources=resources,
    )  # fmt: skip
    write_frontier(found, [network], folder)
    verdict = verify(folder)
    assert verdict.passed, faults(verdict)
    for check in prove_by_enumeration(folder):
        assert check.passed, check


def test_a_folder_without_its_network_needs_one(copied: Copied) -> None:
    folder = copied("tiny, every change")
    (folder / "network.json").unlink()
    assert verify(folder, shipped("tiny")).passed
    with pytest.raises(RequestError, match=r"holds no network\.json"):
        verify(folder)


def test_what_is_proved_and_what_is_the_solver_s_word(made: Copied) -> None:
    verdict = verify(made("tiny, every change"))
    claims = "\n".join(verdict.claims)
    assert "no plan brings the objective below the bounds of 8 rows: auto" in claims
    assert "no cheaper plan does the same where step is proved" in claims
    assert "seconds in frontier.csv" in claims


def test_what_had_no_time_is_named(tmp_path: Path) -> None:
    """A comparison without ladder and cross table is sound, if it says so."""
    found = compare(shipped("tiny"), budgets="0,4")
    sweep = replace(found.sweeps[0], most_regret=None)
    bare = replace(
        found,
        ladder=Rows(LadderRow),
        plans=Rows(PlanAt),
        sweeps=(sweep,),
        evidence=(replace(found.evidence[0], crossed=False),),
    )
    write_frontier(bare, [shipped("tiny")], tmp_path / "out")
    verdict = verify(tmp_path / "out")
    assert verdict.passed, faults(verdict)
    assert any("no time for its rows of plans.csv" in claim for claim in verdict.claims)


def test_rows_may_be_missing_where_it_was_interrupted(tmp_path: Path) -> None:
    found = compare(shipped("tiny"), budgets="0,4")
    options = {**found.options, "budgets": "0,4,6"}
    short = replace(found, budgets=(0.0, 4.0, 6.0), options=options)
    stopped = replace(short, limit="interrupted")
    write_frontier(stopped, [shipped("tiny")], tmp_path / "stopped")
    assert verify(tmp_path / "stopped").passed, faults(verify(tmp_path / "stopped"))
    write_frontier(short, [shipped("tiny")], tmp_path / "short")
    assert failed(verify(tmp_path / "short")) == ["the certificate of tiny, flow is whole"]
    write_frontier(replace(found, limit="time"), [shipped("tiny")], tmp_path / "proved")
    assert failed(verify(tmp_path / "proved")) == ["summary.json agrees with the certificate"]


# -- other networks -------------------------------------------------------------------------------


def test_another_network_fails(made: Copied, copied: Copied) -> None:
    assert failed(verify(made("tiny, every change"), shipped("two-bridges"))) == [
        "the networks are those of the result"
    ]
    folder = copied("two networks")
    other = json.loads((folder / "network-2.json").read_text())
    other["measures"][0]["cost"] = 0.5
    (folder / "network-2.json").write_text(json.dumps(other))
    assert "the hash of switching in it" in faults(verify(folder))
    (folder / "network-2.json").write_text("{")
    assert failed(verify(folder)) == ["the result can be read"]
    (folder / "network-2.json").unlink()
    assert "the networks in it" in faults(verify(folder))


# -- lies that stand in every file ----------------------------------------------------------------


def test_a_bound_above_a_plan_that_is_known_is_seen(copied: Copied) -> None:
    """At 2 a plan of 7 t is known, so 8 t are no bound."""
    folder = copied("two networks")
    edit(folder, CERTIFICATE, (("frontiers", 0, "rows", 2, "bound"), 8.0))
    names = failed(verify(folder))
    assert "the values, bounds and statuses of two-bridges, flow fit together" in names


def test_a_plan_that_costs_too_much_is_seen(copied: Copied) -> None:
    folder = copied("two networks")
    rows = json.loads((folder / CERTIFICATE).read_text())["frontiers"][0]["rows"]
    edit(folder, CERTIFICATE, (("frontiers", 0, "rows", 1, "proof"), rows[4]["proof"]))
    text = faults(verify(folder))
    assert "budget 1: it costs 4, over the budget of 1" in text


def test_a_row_worse_than_another_plan_that_fits_is_seen(copied: Copied) -> None:
    """A row keeps its plan though the row before has a better one."""
    folder = copied("two networks")
    rows = json.loads((folder / CERTIFICATE).read_text())["frontiers"][0]["rows"]
    worse = ("frontiers", 0, "rows", 3)
    changes = [((*worse, "proof"), rows[1]["proof"]), ((*worse, "status"), "limit")]
    edit(folder, CERTIFICATE, *changes)
    text = faults(verify(folder))
    assert "budget 3: the value, beside that for less is 9 instead of at most 7" in text
    assert "budget 3: the value, beside other rows is 9 instead of at most 7" in text


def test_a_ladder_that_gives_up_what_it_bought_is_seen(copied: Copied) -> None:
    folder = copied("tiny, every change")
    ladder = json.loads((folder / CERTIFICATE).read_text())["frontiers"][0]["ladder"]
    edit(folder, CERTIFICATE, (("frontiers", 0, "ladder", len(ladder) - 1, 1), 0))
    assert "the ladder of tiny, flow can be climbed" in failed(verify(folder))


def test_a_ladder_that_beats_a_row_is_seen(copied: Copied) -> None:
    """Of the rows only the last one has a plan, but the ladder knows one for each."""
    folder = copied("two networks")
    rows = json.loads((folder / CERTIFICATE).read_text())["frontiers"][0]["rows"]
    edit(
        folder,
        CERTIFICATE,
        *((("frontiers", 0, "rows", k, "proof"), rows[0]["proof"]) for k in (2, 3, 4)),
        *((("frontiers", 0, "rows", k, "status"), "limit") for k in (2, 3, 4)),
    )
    assert "budget 4: the value, beside other rows is 10 instead of at most" in faults(
        verify(folder)
    )


@pytest.mark.parametrize("status", ["infeasible", "limit", "no_solution"])
def test_a_budget_without_a_plan_has_a_reason(status: str, copied: Copied) -> None:
    """Either no plan is possible, or a limit stopped the comparison; here neither is true."""
    folder = copied("forced")
    proofs = json.loads((folder / CERTIFICATE).read_text())["frontiers"][0]["rows"]
    assert [row["proof"] is None for row in proofs] == [True, True, False, False, False]
    edit(
        folder,
        CERTIFICATE,
        (("frontiers", 0, "rows", 2, "proof"), None),
        (("frontiers", 0, "rows", 2, "status"), status),
        (("frontiers", 0, "rows", 2, "bound"), None),
    )
    assert f"the status {status!r} has no reason" in faults(verify(folder))


def test_a_cheaper_plan_than_a_step_claims_is_seen(copied: Copied) -> None:
    folder = copied("tiny, every change")
    edit(folder, CERTIFICATE, (("frontiers", 0, "rows", 3, "below"), 99.0))
    assert any("cheaper plans" in name for name in failed(verify(folder)))


def test_rows_of_another_order_of_buying_pass_only_where_rules_allow(copied: Copied) -> None:
    """Strong waits for base: which of two is bought first is a proposal, unless a rule says it."""
    folder = copied("two networks")
    table = rows_of(folder / "ladder.csv")
    row = next(r for r in table if r[3].count(";") == 1 and r[0] == "switching")
    assert row[3] == "base;strong"
    row[3] = "strong;base"
    rewrite(folder / "ladder.csv", table)
    assert failed(verify(folder)) == ["ladder.csv agrees with the certificate"]


def test_an_order_of_buying_keeps_every_requirement() -> None:
    rules = [schema.Rule(measure=m, relation="requires", other="base") for m in ("one", "two")]
    measures = [measure(name) for name in ("base", "one", "two")]
    sweep: Any = SimpleNamespace(network=line(measures=measures, rules=rules))
    for order in itertools.permutations(("base", "one", "two")):
        stated = ";".join(order)
        found = frontier_tables._in_order(sweep, set(), ["base", "one", "two"], stated)
        assert (found == stated) == (order[0] == "base")
    assert frontier_tables._in_order(sweep, {"base"}, ["one", "two"], "two;one") == "two;one"


# -- optimality -----------------------------------------------------------------------------------


def test_a_row_that_is_not_the_best_is_only_seen_by_trying_all(tmp_path: Path) -> None:
    network = shipped("tiny")
    found = compare(network, budgets="0:6:2", exclude=["m_scanner"])
    write_frontier(found, [network], tmp_path / "out")
    for name in (CERTIFICATE, SUMMARY):
        edit(tmp_path / "out", name, (("exclude",), []), (("options", "exclude"), []))
    verdict = verify(tmp_path / "out")
    assert verdict.passed, faults(verdict)
    (check,) = prove_by_enumeration(tmp_path / "out")
    assert not check.passed
    assert any("the bound" in fault for fault in check.faults)


def test_trying_all_is_for_small_networks(tmp_path: Path) -> None:
    network = shipped("peru-2014")
    write_frontier(compare(network, budgets="0"), [network], tmp_path / "out")
    assert verify(tmp_path / "out").passed
    with pytest.raises(RequestError, match=r"up to 20 measures; peru-2014 has \d+"):
        prove_by_enumeration(tmp_path / "out")


# -- the command ----------------------------------------------------------------------------------


def test_the_command(copied: Copied) -> None:
    folder = copied("two networks")
    done = run("verify", folder, "--enumerate")
    assert (done.returncode, done.stderr) == (0, "")
    assert "FAILED" not in done.stdout
    assert "none does better than any of 5 rows" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("checks, all passed")
    done = run("verify", folder, "--network", SHIPPED / "two-bridges", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    edit(folder, SUMMARY, (("frontiers", 0, "baseline"), 10.1))
    done = run("verify", folder, "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["passed"]) == (1, False)
    assert [c["faults"] for c in said["checks"] if not c["passed"]] == [
        ["frontiers: 1: baseline is 10.1 instead of 10"]
    ]


def test_a_verification_loads_no_solver(made: Copied) -> None:
    verified_without_solver(made("chains"))


def test_networks_are_given_as_they_are_held(made: Copied) -> None:
    networks: list[Network] = ASKED["two networks"][0]()
    assert verify(made("two networks"), networks[1]).passed
    assert verify(made("two networks"), networks[::-1]).passed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("resource", {"teams": 4.0}),
        ("include", ["m1"]),
        ("exclude", []),
        ("solver", "scip"),
        ("gap", 0.5),
        ("time_limit", None),
        ("objective", ["flow"]),
        ("ties", "optimistic"),
        ("budgets", "all"),
        ("budgets", "0:9:3"),
        ("budgets", "0,2,5,nine"),
    ],
)
def test_a_lie_about_the_options_is_seen(name: str, value: Any, copied: Copied) -> None:
    folder = copied("chains")
    edit(folder, SUMMARY, (("options", name), value))
    assert failed(verify(folder)) == ["summary.json agrees with the certificate"]
    edit(folder, CERTIFICATE, (("options", name), value))  # the same lie in both
    assert failed(verify(folder)) == ["the options are those of the question"]
