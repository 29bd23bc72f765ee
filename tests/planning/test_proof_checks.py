"""Each check of a proof by itself: it sees the one thing it is there for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import (
    exceeds,
    residual_network,
)
from flowopt.planning.recheck.certificate_reader import (
    Prices,
    StatedProof,
    read_certificate,
)
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.verdict import Comparison
from flowopt.planning.solve import solve
from flowopt.report.result_writer import write_solution
from tests.networks import effect, line, measure
from tests.planning.verify_networks import tied

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
    little = {("demand", "M", "c"): 9e-10}
    said = "what the prices come to is 9e-09 instead of 0"
    assert said in faults(nothing, little, value=0.0)
    assert said not in faults(nothing, little, value=0.0, baseline=whole)
    more = {("demand", "M", "c"): 1.2e-9}
    said = "what the prices come to is 1.2e-08 instead of 0"
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
    assert faults({("deliver", "M", "c"): 10.0 * (1.0 + 9e-8)}) == []
    assert faults({("deliver", "M", "c"): 10.0 * (1.0 + 1.2e-7)}) != []
    assert faults(value=10.0 * (1.0 + 9e-7)) == []
    assert faults(value=10.0 * (1.0 + 1.2e-6)) != []
    assert faults(prices={("demand", "M", "c"): 1.0 - 9e-8}) == []
    assert faults(prices={("demand", "M", "c"): 1.0 - 1.2e-7}) != []


def test_a_price_that_no_use_needs_is_rounding_up_to_a_share_of_the_largest() -> None:
    assert faults(goods={("A", "c"): 9e-11}) == []
    said = "the price of A c, 1.2e-10, is more than any use needs"
    assert said in faults(goods={("A", "c"): 1.2e-10})


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

    assert sound(after.value * (1.0 + 9e-5), None)
    assert not sound(after.value * (1.0 + 1.2e-4), None)
    much = replace(before, value=1e4 * after.value)
    assert sound(after.value * (1.0 + 9e-4), much)
    assert not sound(after.value * (1.0 + 1.2e-3), much)


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


@pytest.mark.parametrize(("tonnes", "sound"), [(9e-10, True), (3e-9, False)])
def test_dust_that_moves_at_a_loss_is_rounding(tonnes: float, sound: bool) -> None:
    """A tonne brings 2 M USD and costs 4: the loss on 1e-10 of the flow of 10 t is nothing."""
    network = line(measures=[measure("m")], effects=[effect("m", "demand", "M", cost=4000.0)])
    before = StatedProof((), 10.0, FLOW, {}, {})
    stated = StatedProof(("m",), 0.0, dict.fromkeys(FLOW, tonnes), {}, {}, 1.0, Prices({}, {}))
    checks = ProofChecks("bilevel", "pessimistic", "here", before)
    checks.add(residual_network(network, ("m",)), stated)
    wrong = [fault for check in checks.checks() for fault in check.faults]
    assert any(fault.startswith("what the flow earns") for fault in wrong) != sound


def test_what_is_no_number_is_never_close() -> None:
    check = Comparison("numbers")
    check.close("a", float("nan"), 1.0)
    check.at_most("b", float("nan"), 1.0)
    check.close("c", float("inf"), 1.0)
    check.close("d", None, 1.0)
    check.equal("e", True, 1.0)
    assert [fault.split()[0] for fault in check.check().faults] == ["a", "b", "c", "d", "e"]


def test_numbers_that_are_equal_have_no_largest_difference() -> None:
    check = Comparison("numbers")
    check.close("a", 1.0, 1.0)
    assert check.check().seen == "1 comparisons"
    check.close("b", 1.0, 1.0 + 1e-12)
    assert "the largest difference 1.0e-12" in check.check().seen
