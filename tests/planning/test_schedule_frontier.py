"""The folder of the best schedules for many budgets: kept, verified, tampered with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.planning.compare_over_time import compare_over_time
from flowopt.planning.recheck.verdict import Verdict
from flowopt.planning.solve_over_time import best_schedule
from flowopt.planning.sweep import schedule_rows
from flowopt.planning.verify import verify
from flowopt.results.schedule_frontier import ScheduleAt, ScheduleFrontier
from tests.planning.tampering import (
    edit,
    leaves,
    other_cells,
    others,
    overwrite,
    refused,
    rewrite,
    rows_of,
    with_leaf,
)
from tests.planning.verify_over_time_results import chains_over_time

TINY = "networks/tiny-years"
FREE = ("flowopt", "seconds", "warnings", "interrupted")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of three budgets, of which the first has no schedule."""
    folder = tmp_path_factory.mktemp("made") / "out"
    found = compare_over_time(
        chains_over_time(), budgets="1,6,9", include=["m6@p1"], objective="flow"
    )
    assert [row.status for row in found.frontier] == ["infeasible", "optimal", "optimal"]
    found.write(folder)
    return folder


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    """Return a copy of it."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def faults(verdict: Verdict) -> str:
    """Return the faults of a verdict, a line each."""
    return "\n".join(f"{c.name}: {fault}" for c in verdict.checks for fault in c.faults)


def rows(frontier: ScheduleFrontier) -> list[ScheduleAt]:
    """Return the rows of a frontier."""
    return [*frontier.frontier]


def test_a_folder_is_sound_and_its_tables_stack(made: Path) -> None:
    assert faults(verify(made)) == ""
    assert faults(verify(made, chains_over_time())) == ""
    assert faults(verify(made / "budget-6")) == ""
    for name in ("schedule", "plan", "openings", "markets", "displacement"):
        (header, *below), *_ = stacked = [
            rows_of(made / folder / f"{name}.csv") for folder in ("budget-6", "budget-9")
        ]
        assert header[:3] == ["network", "objective", "budget"]
        assert rows_of(made / f"{name}.csv") == [header, *below, *stacked[1][1:]]


def test_it_comes_back_from_json() -> None:
    found = flowopt.compare_over_time(TINY, budgets="0,3")
    assert ScheduleFrontier.from_json(found.to_json()) == found


@pytest.mark.slow
def test_money_that_buys_less_each_time_is_seen_in_the_marginal() -> None:
    found = flowopt.compare_over_time(TINY, budgets="0:4:1", workers=2)
    assert [row.marginal for row in found.frontier] == [None, 0.0, 10.0, 1.0, 0.0]
    assert [row.value_without_openings for row in found.frontier] == [20.0, 20.0, 10.0, 15.0, 15.0]
    assert rows(found) == rows(flowopt.compare_over_time(TINY, budgets="0:4:1"))


def test_kept_budgets_are_not_solved_again(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"budgets": "0:4:1", "carry": True}
    kept = tmp_path / "kept"
    one = compare_over_time(TINY, **asked, keep=kept)
    files = sorted(kept.glob("row-*.json"))
    assert len(files) == 5
    files[0].unlink()
    times = {path: path.stat().st_mtime_ns for path in files[1:]}
    again = compare_over_time(TINY, **asked, keep=kept, resume=True)
    assert rows(again) == rows(one)
    assert {path: path.stat().st_mtime_ns for path in files[1:]} == times
    with pytest.raises(RequestError, match="what differs: carry"):
        compare_over_time(TINY, budgets="0:4:1", keep=kept, resume=True)


def test_ctrl_c_keeps_the_budgets_that_are_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    solved: list[Any] = []

    def stopped(*args: Any, **options: Any) -> Any:
        if len(solved) == 2:
            raise KeyboardInterrupt
        solved.append(args)
        return best_schedule(*args, **options)

    monkeypatch.setattr(schedule_rows, "best_schedule", stopped)
    found = compare_over_time(TINY, budgets="0:3:1", keep_on_interrupt=True)
    assert found.interrupted
    assert len(found.solutions) == 2
    found.write(tmp_path / "out")
    assert faults(verify(tmp_path / "out")) == ""
    with pytest.raises(KeyboardInterrupt):
        compare_over_time(TINY, budgets="0:3:1")


# -- one place changed ----------------------------------------------------------------------------

LIES: dict[str, tuple[str, tuple[Any, ...], Any, str]] = {
    "another baseline": ("summary.json", ("baseline",), 1.0, "baseline is 1"),
    "another budget": ("summary.json", ("options", "budgets"), "1,6,8", "that were asked for"),
    "a value": ("summary.json", ("frontier", 1, "value"), 1.0, "value is 1"),
    "a budget less": ("summary.json", ("plans",), ["budget-1", "budget-6"], "the folders"),
    "no options": ("summary.json", ("options",), [1], "options is no object with names"),
    "a proof of one": (
        "budget-9/certificate.json", ("after", "open", "value"), 1.0, "budget-9: ",
    ),
    "the money of one": ("budget-9/certificate.json", ("budget",), 1.0, "budget-9: "),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_named(lie: str, copied: Path) -> None:
    file, path, value, message = LIES[lie]
    edit(copied, file, (path, value))
    assert message in faults(verify(copied))


def test_a_bound_of_less_money_above_that_of_more_is_named(copied: Path) -> None:
    """Each folder alone is sound; side by side the smaller budget's bound is too low."""
    summary = json.loads((copied / "budget-6" / "summary.json").read_text("utf-8"))
    low = 0.5 * json.loads((copied / "budget-9" / "summary.json").read_text("utf-8"))["bound"]
    gap = (summary["value"] - low) / summary["value"]
    edit(copied, "budget-6/certificate.json", (("claim", "bound"), low),
         (("claim", "status"), "limit"), (("claim", "limit"), "time"))  # fmt: skip
    edit(copied, "budget-6/summary.json", (("bound",), low), (("gap",), gap),
         (("status",), "limit"), (("limit",), "time"))  # fmt: skip
    assert faults(verify(copied / "budget-6")) == ""
    assert "budget-9: the bound" in faults(verify(copied))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return the folder of two budgets on a small network."""
    flowopt.compare_over_time(TINY, budgets="2,3").write(tmp_path / "small")
    return tmp_path / "small"


@pytest.mark.slow
def test_no_class_of_number_changes_unseen(small: Path) -> None:
    raw = json.loads((small / "summary.json").read_text("utf-8"))
    seen: set[tuple[Any, ...]] = set()
    for path, value in leaves(raw):
        kind = tuple(key for key in path if isinstance(key, str))
        if path[0] in FREE or path[-1] == "time_limit" or kind in seen:
            continue
        seen.add(kind)
        for other in others(value)[:1]:
            overwrite(small / "summary.json", json.dumps(with_leaf(raw, path, other)).encode())
            assert refused(small), f"{path}: {value!r} to {other!r}"


@pytest.mark.slow
def test_no_column_of_a_table_changes_unseen(small: Path) -> None:
    for path in sorted(small.glob("*.csv")):
        table = rows_of(path)
        for c, column in enumerate(table[0]):
            changed = [list(cells) for cells in table]
            changed[-1][c] = other_cells(table[-1][c])[0]
            rewrite(path, changed)
            assert refused(small), f"{path.name}: {column}"
        rewrite(path, table)
