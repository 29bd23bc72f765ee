"""The page of the plans of several criteria, and the folder that holds them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowopt.criteria import CRITERION_NAMES
from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.planning.verify import verify
from flowopt.report.page_files import make_report
from flowopt.report.scenario_pictures import plans_drawings
from flowopt.report.stored_scenario_plans import read_scenario_plans
from tests.command import run
from tests.networks import narrow_bridges
from tests.report.browser import opened
from tests.report.test_rerun_command import answer, commands_of


@pytest.fixture(scope="module")
def network() -> Network:
    return narrow_bridges()


@pytest.fixture(scope="module")
def folder(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home: Path = tmp_path_factory.mktemp("criteria")
    write_network(network, home / "net")
    ran = run("solve", home / "net", "--budget", 2, "--criterion", "all", "--out", home / "out")
    assert ran.returncode == 0, ran.stderr
    assert "Next: flowopt report" in ran.stdout
    return home / "out"


def test_the_folder_holds_a_result_for_each_criterion(folder: Path) -> None:
    inner = sorted(path.name for path in folder.iterdir() if path.is_dir())
    assert inner == sorted(CRITERION_NAMES)
    for name in inner:
        assert verify(folder / name).passed
    whole = verify(folder)
    assert whole.passed, [check for check in whole.checks if not check.passed]
    assert len(whole.checks) > 5 * len(inner)
    proved = run("verify", folder, "--enumerate")
    assert proved.returncode == 0, proved.stdout
    assert proved.stdout.count("every other plan was tried") == len(inner)


def test_a_page_sets_the_plans_side_by_side(folder: Path, network: Network, browser: Any) -> None:
    page = folder / "report.html"
    make_report(folder, network, place="n", page=page, force=True)
    text = " ".join(re.sub(r"<[^>]*>", "", page.read_text("utf-8")).split())
    assert "flowopt solve n --budget 2" in text
    assert "--criterion all" in text
    assert "Which measure is in which plan" in text
    plans = read_scenario_plans(folder, network)
    for width in (1280, 390):
        with opened(browser, page, viewport={"width": width, "height": 800}) as found:
            rows = found.page.locator("#criteria tbody tr").all_inner_texts()
            assert len(rows) == len(CRITERION_NAMES)
            bars = found.page.locator("#strip rect[class^=bar-]").count()
            kinds = 1 + len(list(plans.distinct()))
            assert bars == kinds * (1 + len(network.scenarios))
            assert found.page.locator("#choosing tbody tr").count() == len(CRITERION_NAMES)
            assert found.page.evaluate("document.documentElement.scrollWidth") <= width
            assert (found.complaints, found.requests) == ([], [])
    (drawn,) = plans_drawings(plans).items()
    assert drawn[0] == "plans"
    (axes,) = drawn[1]().axes
    assert len(axes.patches) == kinds * len(network.scenarios)


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(
            "solve NET --budget 2 --criterion all --exclude m_gate", marks=pytest.mark.slow
        ),
        "compare NET --budgets 0,2,4 --criterion cvar --tail 0.5 --exclude m_gate --workers 1",
    ],
)
def test_the_command_on_the_page_makes_the_plans_again(
    question: str, folder: Path, tmp_path: Path
) -> None:
    asked = question.replace("NET", str(folder.parent / "net")).split()
    assert run(*asked, "--quiet", "--out", tmp_path / "first").returncode == 0
    assert run("report", tmp_path / "first", "--quiet").returncode == 0
    again, _ = commands_of(tmp_path / "first" / "report.html")
    done = run(*again[1:-1], tmp_path / "second", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert verify(tmp_path / "second").passed
    assert answer(tmp_path / "second") == answer(tmp_path / "first")


def test_the_best_of_each_column_is_marked(folder: Path, network: Network) -> None:
    plans = read_scenario_plans(folder, network)
    rows = {row.criterion: row for row in plans.rows}
    assert min(row.mean_left or 0.0 for row in plans.rows) == rows["expected"].mean_left
    assert min(row.most_left or 0.0 for row in plans.rows) == rows["worst"].most_left
    assert max(row.sure_cut or 0.0 for row in plans.rows) == rows["cut"].sure_cut
    assert min(row.most_regret or 0.0 for row in plans.rows) == rows["regret"].most_regret


def test_a_plan_made_by_hand_is_valued_by_every_criterion(folder: Path, tmp_path: Path) -> None:
    home = folder.parent / "net"
    asked = ("evaluate", home, "--measures", "m_gate", "--criterion", "all")
    ran = run(*asked, "--out", tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    assert run("verify", tmp_path / "out").returncode == 0
    assert run("report", tmp_path / "out").returncode == 0
    text = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "by every criterion" in text.lower()
    assert "How to choose" not in text


def _edit(name: str, change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        content = json.loads((folder / name).read_text("utf-8"))
        change(content)
        (folder / name).write_text(json.dumps(content), "utf-8")

    return edit


def _cell(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")

    return edit


LIES: dict[str, Callable[[Path], None]] = {
    "a criterion less": _edit("summary.json", lambda s: s["plans"].pop()),
    "another criterion": _edit("summary.json", lambda s: s["criteria"].reverse()),
    "another gap": _edit("summary.json", lambda s: s["options"].update(gap=0.5)),
    "another hash": _edit("summary.json", lambda s: s.update(input_sha256="0" * 64)),
    "another kind": _edit("summary.json", lambda s: s.update(by="budget")),
    "another status": _cell("plans.csv", "optimal", "limit"),
    "another weight": _cell("scenarios.csv", "0.25", "0.35"),
    "a proof less": _edit("cut/certificate.json", lambda c: c["scenarios"].pop()),
    "a value of one": _edit("regret/summary.json", lambda s: s.update(value=s["value"] + 1.0)),
    "a folder more": lambda folder: (folder / "budget-3").mkdir(),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_noticed(lie: str, folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    LIES[lie](copy)
    assert not verify(copy).passed


def test_force_replaces_the_folders_of_the_program_and_no_others(
    folder: Path, tmp_path: Path
) -> None:
    import shutil

    out = Path(shutil.copytree(folder, tmp_path / "out"))
    asked = ("solve", folder.parent / "net", "--budget", 2, "--criterion")
    assert run(*asked, "cut", "--out", out).returncode == 2
    (out / "cut" / "mine.txt").write_text("mine")
    refused = run(*asked, "cut", "--out", out, "--force")
    assert (refused.returncode, "cut/mine.txt" in refused.stderr) == (2, True)
    (out / "cut" / "mine.txt").unlink()
    (out / "mine").mkdir()
    assert run(*asked, "cut", "--out", out, "--force").returncode == 2
    (out / "mine").rmdir()
    assert run(*asked, "cut", "--out", out, "--force").returncode == 0
    assert not (out / "worst").exists()
    assert verify(out).passed


def test_without_a_plan_there_is_nothing_to_show(folder: Path, tmp_path: Path) -> None:
    home = folder.parent / "net"
    asked = ("solve", home, "--budget", 0, "--include", "m_gate", "--criterion", "all")
    assert run(*asked, "--out", tmp_path / "out").returncode == 3
    assert run("verify", tmp_path / "out").returncode == 0
    with pytest.raises(RequestError, match="holds no plan, so there is nothing to show"):
        read_scenario_plans(tmp_path / "out", read_of(home))


def read_of(home: Path) -> Network:
    from flowopt.network.read import read_network

    return read_network(home)
