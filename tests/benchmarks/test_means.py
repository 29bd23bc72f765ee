"""Means by hand, and what counts in them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.benchmarks.means import counted, means, shifted_geometric_mean
from tests.benchmarks.records import Record


def row(case: str, variant: str, total: float, **given: Any) -> Record:
    base: dict[str, Any] = {
        "family": "f", "network": "n", "objective": "flow", "budget": 1.0, "status": "optimal",
        "time_limit": 60.0, "asked_gap": 1e-4,
    }  # fmt: skip
    return Record(case=case, variant=variant, total_seconds=total, **(base | given))


def test_by_hand() -> None:
    # (0 + 1)(1 + 1)(3 + 1) = 8, its third root is 2, less the shift 1
    assert shifted_geometric_mean([0.0, 1.0, 3.0]) == pytest.approx(1.0)
    # without a shift: the plain geometric mean
    assert shifted_geometric_mean([2.0, 8.0], shift=0.0) == pytest.approx(4.0)


def test_of_one_is_itself_and_order_does_not_matter() -> None:
    assert shifted_geometric_mean([7.5]) == pytest.approx(7.5)
    assert shifted_geometric_mean([1, 2, 3]) == pytest.approx(shifted_geometric_mean([3, 1, 2]))


def test_between_the_geometric_and_the_arithmetic_mean() -> None:
    times = [0.01, 0.5, 20.0, 60.0]
    geometric = shifted_geometric_mean(times, shift=0.0)
    assert geometric < shifted_geometric_mean(times) < sum(times) / len(times)


def test_of_nothing_there_is_none() -> None:
    with pytest.raises(ValueError, match="no mean of nothing"):
        shifted_geometric_mean([])


@pytest.mark.parametrize("status", ["limit", "no_solution", "killed", "error", "short"])
def test_a_run_without_a_proof_counts_as_the_limit(status: str) -> None:
    assert counted(row("a", "plain", 2.0, status=status)) == 60.0
    assert counted(row("a", "plain", 2.0)) == 2.0
    assert counted(row("a", "plain", 70.0)) == 70.0


def test_ratios_only_where_both_ran() -> None:
    rows = [
        row("a", "plain", 3.0),
        row("a", "flowopt", 1.0),
        row("b", "flowopt", 31.0),  # plain has not run b
        row("c", "plain", 8.0, family="g"),
        row("c", "flowopt", 2.0, family="g"),
    ]
    found = {(m.family, m.variant): m for m in means(rows)}
    assert found["f", "flowopt"].ratio == pytest.approx(1 / 3)
    assert found["f", "flowopt"].seconds == pytest.approx(7.0)  # (2 * 32) ** 0.5 - 1
    assert (found["f", "flowopt"].runs, found["f", "flowopt"].beside) == (2, 1)
    assert found["f", "plain"].ratio == pytest.approx(1.0)
    # (2 * 3) ** 0.5 - 1 to (4 * 9) ** 0.5 - 1
    assert found["all", "flowopt"].ratio == pytest.approx((6**0.5 - 1) / 5)


def test_no_base_no_ratio() -> None:
    assert [mean.ratio for mean in means([row("a", "raw", 1.0)])] == [None]


def test_the_last_of_two_runs_counts() -> None:
    [mean] = means([row("a", "plain", 5.0), row("a", "plain", 9.0)])
    assert (mean.runs, mean.seconds) == (1, pytest.approx(9.0))
