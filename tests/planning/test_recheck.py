"""Each check of a verification by itself: it sees the one thing it is there for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import (
    exceeds,
    residual_network,
    with_requirements,
    without,
)
from flowopt.planning.recheck.certificate_reader import (
    Certificate,
    Claim,
    Prices,
    StatedProof,
    read_certificate,
)
from flowopt.planning.recheck.condition_checks import check_no_plan, check_plan
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.summary_checks import check_claim
from flowopt.planning.recheck.table_checks import compare_table
from flowopt.planning.recheck.verdict import Check, Comparison
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.planning.verify import verify
from flowopt.report.result_writer import write_response, write_solution
from tests.networks import effect, line, measure, shipped
from tests.planning.verify_networks import tied

# -- proofs ---------------------------------------------------------------------------------------

# On `line`, 15 t may leave A and 10 t are wanted at M. The second arc has no limit here.
FLOW: dict[tuple[str, ...], float] = {
    ("supply", "A", "c"): 10.0,
    ("ship", "a1", "c"): 10.0,
    ("ship", "a2", "c"): 10.0,
    ("deliver", "M", "c"): 10.0,
}
PRICES: dict[tuple[str, ...], float] = {("demand", "M", "c"): 1.0}


def network() -> Network:
    arcs = (replace(line().arcs[0], cost=1.0), replace(line().arcs[1], capacity=None))
    measures = [measure("half"), measure("closed"), measure("loss"), measure("cost")]
    return line(
        arcs=arcs,
        measures=measures,
        effects=[
            effect("half", "arc", "a1", cut=0.75),
            effect("closed", "arc", "a2", cut=1.0),
            effect("loss", "node", "M", loss=0.5),
            effect("cost", "demand", "M", cost=1.0),
        ],
    )


def faults(
    amounts: dict[Any, float] | None = None,
    prices: dict[Any, float] | None = None,
    goods: dict[Any, float] | None = None,
    *,
    value: float = 10.0,
    plan: tuple[str, ...] = (),
    baseline: StatedProof | None = None,
    objective: str = "flow",
) -> list[str]:
    """Return what is wrong with a proof that differs in some places from a sound one."""
    stated = StatedProof(plan, value, {**FLOW, **(amounts or {})}, goods or {}, prices or PRICES)
    checks = ProofChecks(objective, None, "here", baseline)
    checks.add(residual_network(network(), plan), stated)
    return [fault for check in checks.checks() for fault in check.faults]


def scaled(factor: float) -> dict[Any, float]:
    return {names: amount * factor for names, amount in FLOW.items()}


def test_sound_proofs_have_no_faults() -> None:
    assert faults() == []
    assert faults(scaled(0.5), {("arc", "a1"): 1.0}, {("M", "c"): 1.0, ("T", "c"): 1.0}, value=5.0,
                  plan=("half",)) == []  # fmt: skip
    nothing = dict.fromkeys(FLOW, 0.0)
    assert faults(nothing, {("x",): 0.0}, {("M", "c"): 1.0}, value=0.0, plan=("closed",)) == [
        "x has a price, but the network has no such capacity"
    ]


def test_rounding_is_a_share_of_what_there_is_without_measures() -> None:
    """Half a billionth of ten tonnes is lost on the way, of a billionth that is left."""
    whole = StatedProof((), 10.0, FLOW, {}, PRICES)
    dust = scaled(1e-10) | {("deliver", "M", "c"): 1.5e-9}
    said = "what leaves M c is 1.5e-09 instead of at most 1e-09"
    assert said in faults(dust, value=10.0)
    assert said not in faults(dust, value=10.0, baseline=whole)
    more = dust | {("deliver", "M", "c"): 2.5e-9}
    assert any("what leaves M c" in fault for fault in faults(more, value=10.0, baseline=whole))
    nothing = dict.fromkeys(FLOW, 0.0)
    little = {("demand", "M", "c"): 5e-10}
    said = "what the prices come to is 5e-09 instead of 0"
    assert said in faults(nothing, little, value=0.0)
    assert said not in faults(nothing, little, value=0.0, baseline=whole)
    more = {("demand", "M", "c"): 5e-9}
    said = "what the prices come to is 5e-08 instead of 0"
    assert said in faults(nothing, more, value=0.0, baseline=whole)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amounts": {("ship", "a2", "c"): -1.0}}, "minus ship a2 c is 1"),
        ({"amounts": {("ship", "a9", "c"): 1.0}}, "ship a9 c: the network has no such activity"),
        ({"plan": ("closed",)}, "ship a2 c, which the plan closes, is 10.0"),
        ({"plan": ("half",)}, "what passes arc a1 is 10 instead of at most 5"),
        ({"amounts": {("deliver", "M", "c"): 10.001}}, "what passes demand M c is 10.001"),
        ({"amounts": {("ship", "a1", "c"): 9.99}}, "what leaves T c is 10 instead of at most 9.99"),
        ({"plan": ("loss",)}, "what leaves M c is 10 instead of at most 5"),
        ({"amounts": {("supply", "A", "c"): 10.1}}, "what supply A c brings in vain is 0.1"),
        ({"prices": {("demand", "M", "c"): -1.0}}, "minus the price of demand M c is 1"),
        ({"goods": {("A", "c"): -1.0}}, "minus the price of A c is 1"),
        ({"goods": {("T", "x"): 1.0}}, "T x has a price, but nothing in the network moves it"),
        ({"prices": {("arc", "a9"): 1.0}}, "arc a9 has a price, but the network has no such"),
        ({"prices": {("arc", "a2"): 1.0}}, "arc a2 has a price, but its capacity is unlimited"),
        ({"prices": {("demand", "M", "c"): 0.9}}, "what a tonne of deliver M c brings is 1"),
        ({"goods": {("M", "c"): 0.1}}, "what a tonne of ship a2 c brings is 0.1"),
        ({"prices": {("demand", "M", "c"): 1.1}}, "the price of demand M c, 1.1, is more than any"),
        ({"goods": {("A", "c"): 0.1}}, "the price of A c, 0.1, is more than any use needs"),
        ({"value": 9.9}, "what the flow comes to is 10 instead of 9.9"),
        ({"value": 9.9}, "what the prices come to is 10 instead of 9.9"),
        # A tonne brings 2 M USD and costs 0.001 on the first arc.
        ({"objective": "profit"}, "what the flow comes to is 19.99 instead of 10"),
        ({"objective": "profit", "plan": ("cost",)}, "what the flow comes to is 19.98"),
        ({"objective": "profit"}, "what a tonne of deliver M c brings is 2 instead of at most 1"),
    ],
)  # fmt: skip
def test_each_fault_of_a_proof_is_named(wrong: dict[str, Any], said: str) -> None:
    assert any(fault.startswith(said) for fault in faults(**wrong)), faults(**wrong)


def test_a_tolerance_is_a_share_of_the_larger_side() -> None:
    assert faults({("deliver", "M", "c"): 10.0 * (1.0 + 5e-8)}) == []
    assert faults({("deliver", "M", "c"): 10.0 * (1.0 + 5e-7)}) != []
    assert faults(value=10.0 * (1.0 + 9e-7)) == []
    assert faults(value=10.0 * (1.0 + 2e-6)) != []
    assert faults(prices={("demand", "M", "c"): 1.0 - 5e-8}) == []
    assert faults(prices={("demand", "M", "c"): 1.0 - 5e-7}) != []


def test_a_price_that_no_use_needs_is_rounding_up_to_a_share_of_the_largest() -> None:
    assert faults(goods={("A", "c"): 5e-11}) == []
    said = "the price of A c, 2e-10, is more than any use needs"
    assert said in faults(goods={("A", "c"): 2e-10})


@pytest.mark.parametrize(("off", "sound"), [(1e-10, True), (1e-8, False)])
def test_a_copy_is_the_same_number(off: float, sound: bool, folder: Path) -> None:
    value = json.loads((folder / "summary.json").read_text())["value"]
    rewritten(folder, "summary.json", value=value * (1.0 + off))
    assert verify(folder, shipped("tiny")).passed == sound


@pytest.mark.parametrize(("off", "sound"), [(1e-10, True), (1e-8, False)])
def test_a_sum_keeps_its_limit_but_for_rounding(off: float, sound: bool) -> None:
    for limit in (0.0, 1.0, 300.0):
        assert exceeds(limit + off * max(1.0, limit), limit) != sound


def test_tonnes_that_hang_on_ties_are_compared_less_strictly(tmp_path: Path) -> None:
    """To a ten thousandth of themselves, and a ten millionth of what there is without measures."""
    write_solution(solve(tied(), budget=2, objective="bilevel"), tied(), tmp_path / "out")
    certificate = read_certificate(tmp_path / "out" / "certificate.json")
    before, after = certificate.before, certificate.after
    assert before is not None
    assert after is not None

    def sound(value: float, baseline: StatedProof | None) -> bool:
        checks = ProofChecks("bilevel", "pessimistic", "here", baseline)
        checks.add(residual_network(tied(), after.measures), replace(after, value=value))
        return all(check.passed for check in checks.checks())

    assert sound(after.value * (1.0 + 5e-5), None)
    assert not sound(after.value * (1.0 + 5e-4), None)
    much = replace(before, value=1e4 * after.value)
    assert sound(after.value * (1.0 + 5e-4), much)
    assert not sound(after.value * (1.0 + 5e-3), much)


def test_a_tie_at_which_tonnes_and_profit_cancel_has_rounding_of_both() -> None:
    """A tonne weighs 1 and earns 1 USD/kg: at a loss of that, and 1,000 t a M USD, nothing is left.

    What is left of 1 - 1,000 x 0.001 is measured by what cancels, not by itself.
    """
    demands = [replace(line().demands[0], price=1.0)]
    dear = [effect("m", "demand", "M", cost=2.0)]
    network = line(demands=demands, measures=[measure("m")], effects=dear)
    nothing = dict.fromkeys(FLOW, 0.0)
    for rate, sound in ((1000.0 * (1.0 - 5e-11), True), (1000.0 * (1.0 - 5e-6), False)):
        stated = StatedProof(("m",), 0.0, nothing, {}, {}, rate, Prices({}, {}))
        checks = ProofChecks("bilevel", "pessimistic", "here", None)
        checks.add(residual_network(network, ("m",)), stated)
        assert all(check.passed for check in checks.checks()) == sound


def test_what_is_no_number_is_never_close() -> None:
    check = Comparison("numbers")
    check.close("a", float("nan"), 1.0)
    check.at_most("b", float("nan"), 1.0)
    check.close("c", float("inf"), 1.0)
    check.close("d", None, 1.0)
    check.equal("e", True, 1.0)
    assert [fault.split()[0] for fault in check.check().faults] == ["a", "b", "c", "d", "e"]


# -- plans ----------------------------------------------------------------------------------------


def ruled() -> Network:
    """Return four measures of which b requires a, c requires b, and d excludes a."""
    return replace(
        network(),
        measures=tuple(measure(name) for name in "abcd"),
        effects=(),
        rules=(
            schema.Rule(measure="b", relation="requires", other="a"),
            schema.Rule(measure="c", relation="requires", other="b"),
            schema.Rule(measure="d", relation="excludes", other="a"),
        ),
        resources=(
            schema.Resource(resource="crew", name="Crew", limit=5.0),
            schema.Resource(resource="boats", name="Boats"),
        ),
        uses=(
            schema.Use(measure="a", resource="crew", amount=2.0),
            schema.Use(measure="b", resource="crew", amount=3.0),
        ),
    )


CLAIM = Claim("optimal", 10.0, None, "highs", "1", 1.0)


def certificate(**changes: Any) -> Certificate:
    sound: dict[str, Any] = {
        "result": "solution", "network": "line", "input_sha256": "", "objective": "flow",
        "ties": None, "budget": 2.0, "target": None, "resources": {"crew": 5.0},
        "include": (), "exclude": (),
        "plan": ("a", "b"), "value": 10.0, "baseline": 10.0,
        "claim": CLAIM,
        "before": StatedProof((), 10.0, FLOW, {}, PRICES),
        "after": StatedProof(("a", "b"), 10.0, FLOW, {}, PRICES),
        "dropped": {}, "next": {}, "alternatives": (), "compared": (),
    }  # fmt: skip
    return Certificate(**{**sound, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"budget": 2.0 - 1e-10}, None),
        ({"budget": None}, None),
        ({"budget": 1.9}, "it costs 2, over the budget of 1.9"),
        ({"resources": {"crew": 4.9}}, "it takes 5 of crew, over 4.9"),
        ({"resources": {}}, "crew has a limit of 5 in the network, but none here"),
        ({"resources": {"crew": 5.0, "jets": 1.0}}, "the network has no resource jets"),
        ({"plan": ("b",)}, "it breaks the rule b requires a"),
        ({"plan": ("a", "d")}, "it breaks the rule d excludes a"),
        ({"plan": ("b", "a")}, "the plan in file order is ('b', 'a') instead of ('a', 'b')"),
        ({"plan": ("a", "x")}, "the plan in file order is ('a', 'x') instead of ('a',)"),
        ({"include": ("c",)}, "c had to be in it"),
        ({"exclude": ("b",)}, "b could not be in it"),
    ],
)
def test_each_condition_on_a_plan_is_checked(changes: dict[str, Any], said: str | None) -> None:
    check = check_plan(ruled(), certificate(**changes))
    assert check.faults == (() if said is None else (said,))


NO_PLAN = {"plan": (), "value": None, "after": None}


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"include": ("c",)}, "infeasible", "it costs 3, over the budget of 2"),
        ({"include": ("c",), "exclude": ("a",)}, "infeasible", "a could not be in it"),
        ({"include": ("a", "d")}, "infeasible", "it breaks the rule d excludes a"),
        ({"include": ("b",), "resources": {"crew": 1.0}}, "infeasible", "it takes 5 of crew"),
        ({"target": 1.0, "budget": None}, "infeasible", "is the solver's claim"),
        ({}, "no_solution", "is the solver's claim"),
    ],
)
def test_why_there_is_no_plan(changes: dict[str, Any], status: str, said: str) -> None:
    check = check_no_plan(ruled(), certificate(**NO_PLAN, **changes), status)
    assert check.passed, check
    assert said in check.seen


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({}, "infeasible", "what is forced, with what it requires, is a plan itself"),
        ({"include": ("c",)}, "no_solution", "the status is 'no_solution' instead of 'infeasible'"),
        ({"include": ("c",), "plan": ("a",)}, "infeasible", "the certificate has a plan or its"),
        ({"include": ("c",), "value": 1.0}, "infeasible", "the certificate has a plan or its"),
    ],
)
def test_a_reason_that_is_none(changes: dict[str, Any], status: str, said: str) -> None:
    check = check_no_plan(ruled(), certificate(**{**NO_PLAN, **changes}), status)
    assert len(check.faults) == 1
    assert check.faults[0].startswith(said)


def test_what_a_plan_needs_and_what_stays_without_a_measure() -> None:
    assert with_requirements(ruled(), ["c"]) == {"a", "b", "c"}
    assert without(ruled(), ["a", "b", "c"], "a") == set()
    assert without(ruled(), ["a", "b", "c"], "c") == {"a", "b"}


PROOF = StatedProof(("a", "b"), 10.0, FLOW, {}, PRICES)


@pytest.mark.parametrize(
    ("changes", "claim", "said"),
    [
        ({}, {}, None),
        ({"before": None}, {}, "the baseline has no proof"),
        ({"before": replace(PROOF)}, {}, "the plan of the baseline is ('a', 'b')"),
        ({"baseline": 11.0}, {}, "the baseline is 11.0 instead of 10.0"),
        ({"after": replace(PROOF, measures=("a",))}, {}, "the plan behind the value is ('a',)"),
        ({"after": replace(PROOF, value=10.5)}, {}, "the value is 10.0 instead of 10.5"),
        ({"value": 11.0, "after": replace(PROOF, value=11.0)}, {}, "the value is 11 instead of at"),
        ({}, {"bound": 10.1}, "the bound is 10.1 instead of at most 10"),
        ({}, {"bound": None}, "there is no bound"),
        ({"target": 10.0}, {"bound": None, "cost_bound": 2.0}, None),
        ({"target": 9.9}, {"bound": None, "cost_bound": 2.0}, "the value is 10 instead of at most"),
        ({"target": 10.0}, {"cost_bound": 2.0}, "the bound, where costs are what is bounded,"),
        ({"target": 10.0}, {"bound": None}, "there is no bound on the cost"),
        ({}, {"status": "infeasible"}, "that there is a plan is True instead of False"),
    ],
)
def test_values_and_claims_must_fit(
    changes: dict[str, Any], claim: dict[str, Any], said: str | None
) -> None:
    whole = certificate(**changes)
    check = check_claim(whole, replace(CLAIM, **claim))
    assert len(check.faults) == (0 if said is None else 1), check.faults
    assert said is None or check.faults[0].startswith(said)


# -- files ----------------------------------------------------------------------------------------


def rewritten(folder: Path, name: str, **changes: Any) -> None:
    raw = json.loads((folder / name).read_text())
    for path, value in changes.items():
        place, *keys = [raw, *path.split("__")]
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value
    (folder / name).write_text(json.dumps(raw))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a result with alternatives, of the network `tiny`."""
    write_solution(
        solve(shipped("tiny"), budget=4, alternatives=3), shipped("tiny"), tmp_path / "out"
    )
    return tmp_path / "out"


def only_fault(folder: Path, network: Network) -> str:
    checks = [check for check in verify(folder, network).checks if not check.passed]
    assert len(checks) == 1, checks
    return "\n".join(checks[0].faults)


def test_one_name_for_two_networks_is_seen_by_the_hash(folder: Path) -> None:
    tiny = shipped("tiny")
    other = replace(tiny, info=replace(tiny.info, period="1984"))
    (folder / "network.json").unlink()
    assert only_fault(folder, other).startswith("the hash of its tables")
    rewritten(folder, "certificate.json", network="other")
    rewritten(folder, "summary.json", network="other")
    assert only_fault(folder, tiny) == "the network is 'other' instead of 'tiny'"


@pytest.mark.parametrize(
    ("proof", "changes", "said"),
    [
        ("certificate.json", {"budget": None}, "it has neither a budget nor a target"),
        ("certificate.json", {"dropped": {}}, "row 2: lost_if_dropped is"),
        ("certificate.json", {"dropped__m_strip__measures": ["m_strip"]}, "what is left without"),
    ],
)
def test_a_certificate_must_be_whole(
    proof: str, changes: dict[str, Any], said: str, folder: Path
) -> None:
    rewritten(folder, proof, **changes)
    lines = list(verify(folder, shipped("tiny")).lines(only_failures=True))
    assert any(text.strip().startswith(said) for text in lines), lines


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"after": None}, "the value has no proof"),
        ({"after__measures": ["m_strip"]}, "the plan behind the value is ('m_strip',)"),
        ({"after__value": 10.1}, "the value is 10.0 instead of 10.1"),
        ({"budget": 1.0}, "the budget is 1.0 instead of nothing"),
        ({"target": 1.0}, "what was asked is (1.0, (), ())"),
    ],
)
def test_a_certificate_of_a_response_must_be_whole(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    write_response(respond(shipped("tiny")), shipped("tiny"), tmp_path / "out")
    assert verify(tmp_path / "out", shipped("tiny")).passed
    rewritten(tmp_path / "out", "certificate.json", **changes)
    lines = list(verify(tmp_path / "out", shipped("tiny")).lines(only_failures=True))
    assert any(text.strip().startswith(said) for text in lines), lines


@pytest.mark.parametrize("where", ["", "claim", "before", "after__primal", "after__dual"])
def test_keys_that_nobody_knows_are_refused(where: str, folder: Path) -> None:
    name = f"{where}__trust" if where else "trust"
    rewritten(folder, "certificate.json", **{name: 1.0})
    assert "has an unknown trust" in only_fault(folder, shipped("tiny"))


def test_what_nothing_is_compared_with_is_listed(folder: Path) -> None:
    rewritten(folder, "summary.json", lives_saved=12.0)
    verdict = verify(folder, shipped("tiny"))
    assert verdict.passed
    assert verdict.claims[-1] == (
        "flowopt, seconds, warnings, lives_saved, options.time_limit, options.threads in "
        "summary.json stand as they were written"
    )


def alternatives(folder: Path, *rows: str) -> None:
    header = (folder / "alternatives.csv").read_text().splitlines()[0]
    (folder / "alternatives.csv").write_text(
        "\n".join([header, *(f"tiny,flow,4,{row}" for row in rows)]) + "\n"
    )


@pytest.mark.parametrize(
    ("rows", "kept", "said"),
    [
        # The plan itself is not the first one.
        (["1,7,7,0,optimal,2,m_scanner"], 0, "the first plan is [('m_scanner',)] instead of"),
        (["1,6,6,0,optimal,4,m_strip;m_scanner;m_vetting", "2,6,6,0,optimal,9,m_uproot;m_crops"],
         1, "row 3: it costs 7, over the budget of 4"),
        (["1,6,6,0,optimal,4,m_strip;m_scanner;m_vetting", "2,6,6.1,0,optimal,2,m_crops"],
         1, "row 3: the bound is 6.1 instead of at most 6"),
        (["1,6,6,0,optimal,4,m_strip;m_scanner;m_vetting"] * 2, 1, "row 3: the plan holds all of"),
        (["1,6,6,0,optimal,4,m_strip;m_scanner;m_vetting"], 2, "that it proves no more is False"),
        (["1,6,6,0,proved,4,m_strip;m_scanner;m_vetting"], 1, "row 2: that the status is one of"),
        (["1,6,,0,optimal,4,m_strip;m_scanner;m_vetting"], 1, "row 2: value, bound and gap are"),
        (["1,6.1,6.1,0,optimal,4,m_strip;m_scanner;m_vetting"], 0, "row 2: value is 6.1 instead"),
    ],
)  # fmt: skip
def test_alternatives_are_checked_one_by_one(
    rows: list[str], kept: int, said: str, folder: Path
) -> None:
    proofs = json.loads((folder / "certificate.json").read_text())["alternatives"]
    rewritten(folder, "certificate.json", alternatives=proofs[:kept])
    alternatives(folder, *rows)
    assert said in only_fault(folder, shipped("tiny"))


def test_a_proof_of_an_alternative_is_weighed(folder: Path) -> None:
    raw = json.loads((folder / "certificate.json").read_text())
    first, second, *rest = raw["alternatives"]
    second["primal"]["deliver"] = []
    rewritten(folder, "certificate.json", alternatives=[first, second, *rest])
    names = [check.name for check in verify(folder, shipped("tiny")).checks if not check.passed]
    assert names
    assert all("under each alternative" in name for name in names)


def compared(path: Path, text: str, *rows: Any) -> Check:
    path.write_text(text)
    return compare_table(path, "name much", rows)


def test_cells_are_compared_as_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    assert compared(path, "name,much\n'=a,1.5\n", ("=a", 1.5)).passed
    assert compared(path, "name,much\n,\n", ("", None)).passed
    assert compared(path, "name,much\na,0.3333333333\n", ("a", 1 / 3)).passed
    for text in ("'a,1.5", "a,0", "a,1.6", "a,nan", "a,inf", "a,1_5", "a,", "a"):
        assert not compared(path, f"name,much\n{text}\n", ("a", 1.5)).passed, text
    assert not compared(path, "name,much\na,0\n", ("a", None)).passed
    assert compared(path, "much,name\n").faults == (
        "the header is ['much', 'name'] instead of ['name', 'much']",
    )
    path.write_bytes(b"\xff\xfe")
    assert "can't be read" in compare_table(path, "name much", ()).faults[0]
