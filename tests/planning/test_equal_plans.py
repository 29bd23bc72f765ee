"""Plans that count as equal: no bound or value says more of one than another's proof allows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.compare import compare
from flowopt.planning.evaluate import evaluate
from flowopt.planning.solve import solve
from flowopt.planning.solve_run import SolveRun
from flowopt.planning.verify import verify
from flowopt.results.folder_result import FolderResult
from tests.networks import effect, line, measure

NEARLY = 1.0 - 4e-9


def two_ways(costs: tuple[float, float], cuts: tuple[float, float], **tables: Any) -> Network:
    """Return a line whose first arc two measures close, or nearly close."""
    return line(
        measures=[measure("a", costs[0]), measure("b", costs[1])],
        effects=[effect(name, "arc", "a1", cut=cut) for name, cut in zip("ab", cuts, strict=True)],
        **tables,
    )


def check(found: FolderResult, folder: Path) -> None:
    found.write(folder / "result")
    verdict = verify(folder / "result")
    assert verdict.passed, "\n".join(verdict.lines(only_failures=True))


@pytest.mark.parametrize("budgets", ["all", [0.0, 1.0, 2.0]])
def test_no_bound_of_a_comparison_is_above_a_plan_of_its_ladder(
    budgets: Any, tmp_path: Path
) -> None:
    """`a` leaves 8e-8 t and is the row's, the ladder buys `b`, which leaves nothing."""
    found = compare(two_ways((1.0, 1.0), (NEARLY, 1.0)), budgets=budgets)
    assert [row.measures for row in found.frontier[1:]] == ["a"] * (len(found.frontier) - 1)
    assert {row.status for row in found.frontier} == {"optimal"}
    assert min(proof.value for proof in found.evidence[0].proofs) == 0.0
    assert [row.bound for row in found.frontier[1:]] == [0.0] * (len(found.frontier) - 1)
    assert found.evidence[0].beyond == (0.0 if budgets == "all" else None)
    check(found, tmp_path)


def test_no_promise_is_bounded_below_what_the_best_plan_promises(tmp_path: Path) -> None:
    """`a` covers all but a rounding for less, and is by-passed; the best plan covers all."""
    way = schema.Arc(arc="a1b", tail="A", head="T", commodities=("c",), capacity=20.0, cost=1.0)
    network = two_ways((1.0, 2.0), (NEARLY, 0.0))
    network = replace(
        network,
        arcs=(*network.arcs, way),
        effects=(network.effects[0], effect("b", "demand", "M", cut=1.0)),
    )
    found = evaluate(network, [], budget=2.0, against=["coverage"])
    _, best, coverage = found.comparison
    assert (best.measures, best.promised) == ("b", 10.0)
    assert (coverage.measures, coverage.promised_bound) == ("a", 10.0)
    assert coverage.promised < 10.0
    check(found, tmp_path)


def test_a_bound_on_promises_is_compared_in_the_digits_of_what_there_is(tmp_path: Path) -> None:
    """`b` leaves 1e-8 t of 10: what is promised has twelve digits of 10 t, not of 1e-8."""
    network = two_ways((2.0, 1.0), (NEARLY, 1.0 - 1e-9))
    found = evaluate(network, ["a"], budget=2.0, against=["coverage"])
    assert [row.measures for row in found.comparison] == ["a", "b", "b"]
    check(found, tmp_path)


def test_alternatives_have_the_values_that_are_proved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Beside 10 t a search need not tell values apart that differ in a ninth digit of little."""
    first_found = SolveRun.alternatives

    def roughly(self: SolveRun, *given: Any) -> Any:
        return [
            replace(each, value=each.value * (1.0 + 1e-7)) for each in first_found(self, *given)
        ]

    monkeypatch.setattr(SolveRun, "alternatives", roughly)
    network = two_ways((1.0, 2.0), (0.75, 0.9))
    found = solve(network, budget=2.0, alternatives=3)
    assert [row.value for row in found.alternatives] == [2.0, 5.0, 10.0]
    assert [proof.value for proof in found.others] == pytest.approx([2.0, 5.0, 10.0], rel=1e-12)
    assert found.others[0] is found.after.proof  # type: ignore[union-attr]  # there is a plan
    check(found, tmp_path)
