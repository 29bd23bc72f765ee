"""The best plans where measures may fail, from the best down: files, pages, lies, limits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.network.write import write_network
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.luck_search import LuckRun
from flowopt.planning.verify import verify
from flowopt.report.page_files import make_report
from flowopt.results.luck_rows import LuckAlternative
from flowopt.results.rows import Rows
from tests.command import run
from tests.networks import shipped
from tests.planning.lucky import in_scenarios, many, solved

RANKS = [
    ("m_north;m_south", 6.08),
    ("m_block;m_gate", 7.88),
    ("m_block", 8.32),  # (m_gate alone, and one bridge, close a way that others leave open)
    ("m_gate", 9.0),
]


def test_the_best_plans_of_the_two_bridges(tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    found = solved(network, budget=4, alternatives=4)
    assert [(row.measures, pytest.approx(row.value)) for row in found.alternatives] == RANKS
    assert {row.status for row in found.alternatives} == {"optimal"}
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))
    assert "the means of 4 of 4 are worked out anew" in "\n".join(verdict.lines())
    assert all(check.passed for check in prove_by_enumeration(tmp_path / "result", network))
    page = tmp_path / "page.html"
    make_report(tmp_path / "result", network, place="networks/two-bridges-luck", page=page)
    assert "Other plans, from the best down" in page.read_text(encoding="utf-8")


def test_the_command_lists_those_within_a_share(tmp_path: Path) -> None:
    write_network(shipped("two-bridges-luck"), tmp_path / "network")
    done = run("solve", tmp_path / "network", "--budget", 4, "--within", "30%")
    text = " ".join(done.stdout.split())
    assert "The best plans (none holds all of an earlier one)" in text
    assert "7.88 0.000%" in text  # 7.904 is the worst that is within
    assert "8.32 0.000%" not in text


@pytest.mark.parametrize(
    "changes",
    [
        {"value": 7.5},
        {"rank_bound": 8.4},
        {"status": "limit", "half_width": 0.1},
        {"measures": "m_north;m_south;m_gate"},
        {"measures": "m_gate"},
        {"spent": 2.5},
    ],
)
def test_lies_about_a_plan_are_seen(changes: dict[str, object], tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    found = solved(network, budget=4, alternatives=3)
    rows = list(found.alternatives)
    rows[2] = replace(rows[2], **changes)  # type: ignore[arg-type]  # by parameters
    told = replace(found, alternatives=Rows(LuckAlternative, rows))
    told.write(tmp_path / "result", network=network)
    assert not verify(tmp_path / "result").passed


def test_a_better_plan_that_is_missing_is_seen_by_enumeration(tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    found = solved(network, budget=4, alternatives=3)
    first, _, third = found.alternatives
    short = Rows(LuckAlternative, [first, replace(third, rank=2)])
    replace(found, alternatives=short).write(tmp_path / "result", network=network)
    checks = prove_by_enumeration(tmp_path / "result", network)
    faults = [fault for check in checks for fault in check.faults]
    assert any("m_block;m_gate is missing" in fault for fault in faults), faults


def test_a_later_plan_that_is_better_takes_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    best, asked = LuckRun.best, []

    def short(self: LuckRun, hints: list[frozenset[int]]) -> object:
        asked.append(self.limits.covers)
        if len(asked) > 1:
            return best(self, hints)
        plan = frozenset({self.model.measures.index("m_block")})
        self.best_plan, self.best_value = plan, self.mean(plan)
        return self.judged(self.best_value)

    monkeypatch.setattr(LuckRun, "best", short)
    found = solved(shipped("two-bridges-luck"), budget=4, alternatives=3)
    assert [(row.measures, pytest.approx(row.value)) for row in found.alternatives] == RANKS[:3]
    assert found.measures == ("m_north", "m_south")
    assert found.alternatives[0].rank_bound <= found.value


@pytest.mark.slow
def test_estimates_have_intervals(tmp_path: Path) -> None:
    found = solved(many(), budget=13, alternatives=2, time_limit=4)
    assert [row.status for row in found.alternatives] == ["estimated", "estimated"]
    assert all(row.half_width > 0.0 for row in found.alternatives)
    assert all(row.rank_bound <= row.value for row in found.alternatives)
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_a_criterion_and_a_target_have_no_alternatives() -> None:
    with pytest.raises(RequestError, match="leave out the criterion"):
        flowopt.solve(in_scenarios(), budget=4, alternatives=2, criterion="expected")
    with pytest.raises(RequestError, match="a target has one cheapest plan"):
        flowopt.solve(shipped("two-bridges-luck"), target=8, alternatives=2)
