"""`compare` of several networks and objectives where measures may fail, against each by itself."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.network.chances import may_fail
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.sweep import lucky_row
from flowopt.planning.sweep.row import RowResult
from flowopt.planning.verify import verify
from flowopt.report.page_files import make_report
from flowopt.report.several_frontiers_text import several_frontiers_report
from flowopt.results.frontier import Frontier
from flowopt.results.luck_plans import LuckPlans
from flowopt.results.several_frontiers import SeveralFrontiers, SeveralFrontiersRow
from flowopt.results.words import KEYS
from flowopt.serve.known_frontier import KnownFrontier
from tests.command import run
from tests.drawn.dice import Dice
from tests.drawn.luck import with_chances
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import shipped
from tests.planning.lucky import many
from tests.planning.tampering import edit, leave_out_proofs, other_cells, overwrite, refused, some

BOTH = ("two-bridges-luck", "two-bridges")


def compared(networks: Iterable[Network], budgets: str, **options: Any) -> SeveralFrontiers:
    found = flowopt.compare(networks, budgets=budgets, **options)
    assert isinstance(found, SeveralFrontiers)
    return found


def both() -> list[Network]:
    return [shipped(name) for name in BOTH]


def told(found: SeveralFrontiers) -> list[SeveralFrontiersRow]:
    return [*found.rows]


def alone(network: Network, budgets: str, **options: Any) -> list[SeveralFrontiersRow]:
    """Return the rows of one network by itself; of one that may fail, objective by objective."""
    asked = options.pop("objectives", ["flow"])
    questions = [[each] for each in asked] if may_fail(network) else [asked]
    own = [flowopt.compare(network, budgets=budgets, objectives=q, **options) for q in questions]
    assert all(isinstance(each, Frontier | LuckPlans) for each in own)
    return told(SeveralFrontiers(frontiers=tuple(own)))


@pytest.mark.parametrize(
    ("budgets", "objectives", "without"),
    [("2", ["flow", "bilevel"], []), ("all", ["flow"], ["m_gate", "m_block"])],
)
def test_each_network_is_as_by_itself(
    budgets: str, objectives: list[str], without: list[str]
) -> None:
    options = {"objectives": objectives, "exclude": without}
    found = compared(both(), budgets, **options)
    own = (alone(network, budgets, **options) for network in both())
    assert told(found) == [*chain.from_iterable(own)]
    sure = next(each for each in found.frontiers if isinstance(each, Frontier))
    whole = flowopt.compare(shipped("two-bridges"), budgets=budgets, **options)  # type: ignore[call-overload]  # texts
    assert isinstance(whole, Frontier)
    assert (sure.measures, sure.ladder, sure.plans) == (whole.measures, whole.ladder, whole.plans)


@pytest.mark.parametrize("seed", [1, pytest.param(0, marks=pytest.mark.slow)])
def test_drawn_networks_are_as_by_themselves(seed: int, tmp_path: Path) -> None:
    dice = Dice.seeded(f"several-{seed}")
    drawn = [valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 3) for _ in range(3)]
    lucky = [with_chances(dice, drawn[0]), drawn[1], with_chances(dice, drawn[2])]
    networks = [
        network.replace(info=replace(network.info, id=f"n{number}"))
        for number, network in enumerate(lucky)
    ]
    if not any(map(may_fail, networks)):
        return
    whole = max(sum(row.cost for row in network.measures) for network in networks)
    budgets = f"0,{0.5 * whole + 1.0:.6f}"
    found = compared(networks, budgets, gap=0.0)
    own = [alone(network, budgets, gap=0.0) for network in networks]
    assert told(found) == [*chain.from_iterable(own)]
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", networks)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_one_network_for_several_objectives(capsys: pytest.CaptureFixture[str]) -> None:
    lucky = shipped("two-bridges-luck")
    found = compared([lucky], "2", objectives=["flow", "profit"])
    assert [(row.objective, row.budget) for row in found.rows] == [("flow", 2.0), ("profit", 2.0)]
    assert SeveralFrontiers.from_json(found.to_json()) == found
    several_frontiers_report([lucky], found)
    printed = capsys.readouterr().out
    assert all(f"objective {name})" in printed for name in ("flow", "profit"))
    with pytest.raises(RequestError, match="one network and one objective"):
        compared(both(), "2", criterion="worst")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("several") / "result"
    compared(both(), "0:4:2").write(found)
    return found


def test_the_folder_is_verified_tried_and_shown(folder: Path, tmp_path: Path) -> None:
    lucky, sure = both()
    assert verify(folder).passed
    assert verify(folder, lucky).passed
    other = sure.replace(supplies=[replace(row, capacity=99.0) for row in sure.supplies])
    assert not verify(folder, other).passed
    assert not verify(folder, shipped("tiny")).passed
    tried = prove_by_enumeration(folder)
    assert len(tried) == 4
    assert all(check.passed for check in tried)
    for network, words in (
        (lucky, "in the mean over what works"),
        (sure, "Two measures that only work together"),
    ):
        page = tmp_path / f"{network.info.id}.html"
        make_report(folder, network, place="there", page=page)
        assert words in page.read_text(encoding="utf-8"), words
    with pytest.raises(RequestError, match="about two-bridges-luck, two-bridges"):
        make_report(folder, shipped("tiny"), place="there", page=tmp_path / "x.html")
    points = KnownFrontier(folder, lucky).points(lucky, "flow")
    assert [point["value"] for point in points] == pytest.approx([10.0, 8.32, 6.08])
    compared(both(), "2", objectives=["flow", "profit"]).write(tmp_path / "more")
    with pytest.raises(RequestError, match=r"each objective \(frontier-1, frontier-2\)"):
        make_report(tmp_path / "more", lucky, place="there", page=tmp_path / "x.html")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert " ".join(summary) == " ".join(KEYS["several"])


def test_a_changed_cell_is_noticed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    leave_out_proofs(copy, monkeypatch)
    text = (folder / "frontiers.csv").read_text(encoding="utf-8")
    rows = [*csv.reader(io.StringIO(text))]
    for i, j in some([(i, j) for i, row in enumerate(rows) for j in range(len(row))], 8):
        changed = [[*row] for row in rows]
        changed[i][j] = other_cells(rows[i][j])[0]
        overwrite(copy / "frontiers.csv", "\n".join(map(",".join, changed)).encode() + b"\n")
        assert refused(copy), (i, j)


@pytest.mark.parametrize(
    "change",
    [
        (("folders",), ["frontier-1"]),
        (("folders",), ["frontier-2", "frontier-1"]),
        (("folders",), ["frontier-1", "frontier-1"]),
        (("networks", "two-bridges"), "0" * 64),
        (("options", "budgets"), "0:6:2"),
        (("options", "gap"), 0.5),
        (("options", "objective"), ["profit"]),
        (("format",), 1),
    ],
)
def test_lies_in_the_summary_are_seen(
    change: tuple[tuple[str, ...], object],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    leave_out_proofs(copy, monkeypatch)
    edit(copy, "summary.json", change)
    assert refused(copy)


@pytest.mark.slow
def test_estimates_have_their_intervals(capsys: pytest.CaptureFixture[str]) -> None:
    networks = [many(), shipped("two-bridges")]
    cost = sum(row.cost for row in networks[0].measures)
    found = compared(networks, f"{cost:g}", time_limit=20)
    drawn, counted = told(found)
    assert (drawn.status, counted.status) == ("estimated", "optimal")
    assert drawn.low is not None
    assert drawn.high is not None
    assert drawn.value is not None
    assert drawn.low < drawn.value < drawn.high
    assert (counted.low, counted.high) == (counted.value, counted.value)
    several_frontiers_report(networks, found)
    printed = capsys.readouterr().out.split("Side by side")[1]
    assert f"{drawn.value:,.2f} ± {drawn.high - drawn.value:,.2f}?" in printed
    assert "± is the interval of an estimate" in printed


def test_a_network_without_a_plan_is_left_out() -> None:
    lucky, sure = both()
    cheap = sure.replace(
        measures=[
            replace(row, cost=0.5) if row.measure == "m_gate" else row for row in sure.measures
        ]
    )
    found = compared([lucky, cheap], "0.5", include=["m_gate"])
    assert [row.network for row in found.rows] == ["two-bridges"]
    assert found.left_out == (
        "two-bridges-luck, flow: no plan keeps the conditions for a budget of 0.5",
    )
    assert list(found.networks) == ["two-bridges"]
    with pytest.raises(RequestError, match="profit: no plan keeps the conditions"):
        compared([lucky], "0.5", include=["m_gate"], objectives=["flow", "profit"])


def test_what_was_found_before_a_stop_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    own = lucky_row.LuckyRowRequest.solve

    def stopped(self: lucky_row.LuckyRowRequest, on_progress: None) -> RowResult:
        if self.objective == "profit":
            raise KeyboardInterrupt
        return own(self, on_progress)

    monkeypatch.setattr(lucky_row.LuckyRowRequest, "solve", stopped)
    options = {"objectives": ["flow", "profit"], "keep_on_interrupt": True}
    found = compared([shipped("two-bridges-luck")], "2,4", **options)
    assert found.interrupted
    assert {row.objective for row in found.rows} == {"flow"}
    assert found.left_out == ("two-bridges-luck, profit: stopped before any row was solved",)


@pytest.mark.slow
def test_workers_resume_and_the_command_line(tmp_path: Path) -> None:
    for network in both():
        write_network(network, tmp_path / network.info.id)
    ask: tuple[str | Path, ...] = (
        "compare",
        *(tmp_path / name for name in BOTH),
        "--budgets",
        "2,4",
        "--workers",
        "2",
    )
    done = run(*ask, "--out", tmp_path / "result")
    assert done.returncode == 0, done.stderr
    assert "Side by side" in done.stdout
    kept = tmp_path / "kept"
    one = compared(both(), "2,4", keep=kept)
    again = compared(both(), "2,4", keep=kept, resume=True)
    assert again.frontiers[0].plans == one.frontiers[0].plans
    assert told(again) == told(one)
    read = (tmp_path / "result" / "frontiers.csv").read_text(encoding="utf-8")
    assert [float(row["value"]) for row in csv.DictReader(io.StringIO(read))] == pytest.approx(
        [row.value for row in one.rows]
    )
    one.write(tmp_path / "result", force=True)
    shown = run("report", tmp_path / "result")
    assert shown.returncode == 2
    assert "give the folder of one of them" in shown.stderr
