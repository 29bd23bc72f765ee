"""Results where measures may fail: what commands print, and changes that `verify` notices."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from flowopt.criteria import CRITERION_NAMES
from flowopt.errors import InputError, RequestError
from flowopt.network.write import write_network
from flowopt.planning.verify import verify
from flowopt.report.luck_text import failing_rows
from flowopt.report.page_files import make_report
from tests.command import run
from tests.networks import SHIPPED
from tests.planning.lucky import in_scenarios, lucky_bridges, of_luck
from tests.planning.tampering import (
    edit,
    leave_out_proofs,
    leaves,
    other_cells,
    others,
    overwrite,
    refused,
    some,
    with_leaf,
)

# Of summary.json and of certificates: seconds, versions, warnings and threads stand as written.
UNSEEN = {"flowopt", "seconds", "warnings"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the two bridges whose measures may fail."""
    found = tmp_path_factory.mktemp("networks") / "bridges"
    write_network(lucky_bridges(), found)
    return found


def test_the_command_prints_the_mean_and_how_it_spreads(folder: Path, tmp_path: Path) -> None:
    done = run("evaluate", folder, "--measures", "m_north,m_south", "--out", tmp_path / "result")
    assert done.returncode == 0, done.stderr
    assert "leaves 6.08 t a year in the mean over what works" in done.stdout
    assert "all of it works in 49 of 100 years" in " ".join(done.stdout.split())
    summary = json.loads((tmp_path / "result" / "summary.json").read_text(encoding="utf-8"))
    assert summary["luck"]["how"] == "counted"
    again = run("evaluate", folder, "--measures", "m_north,m_south", "--json")
    assert json.loads(again.stdout)["value"] == summary["value"]
    assert run("verify", tmp_path / "result").returncode == 0
    forced = run(
        "evaluate", folder, "--measures", "m_block", "--out", tmp_path / "result", "--force"
    )
    assert forced.returncode == 0, forced.stderr


def test_a_sure_cut_is_printed_as_a_cut(tmp_path: Path) -> None:
    write_network(in_scenarios(), tmp_path / "network")
    done = run("solve", tmp_path / "network", "--budget", 4, "--criterion", "cut")
    text = " ".join(done.stdout.split())
    assert "t a year in the mean over what works, whichever scenario holds." in text
    assert "no plan is sure to cut more than" in text
    assert "leaves -" not in text
    assert "than -" not in text
    every = run("evaluate", tmp_path / "network", "--measures", "m_block", "--criterion", "all")
    row = next(line for line in every.stdout.splitlines() if line.startswith("cut "))
    _, _, _, sure, *_, counted, _, _ = row.split()
    assert counted == sure


def test_a_plan_without_measures_says_nothing_of_luck(folder: Path) -> None:
    text = " ".join(run("solve", folder, "--budget", 0).stdout.split())
    assert "No measures, so that 10.00 t a year are left." in text
    assert "Proved: no plan leaves less than 10.00 t in the mean." in text
    assert "all of it works" not in text
    assert "whether it works or not" not in text


def test_effects_that_fail_are_named_by_their_rows() -> None:
    text = run("evaluate", SHIPPED / "two-bridges-luck", "--measures", "m_block").stdout
    assert "m_block (not row 4 of the effects)" in text
    assert failing_rows("1;3") == "rows 2, 4 of the effects"


@pytest.mark.slow
def test_criteria_on_the_command_line(tmp_path: Path) -> None:
    write_network(in_scenarios(), tmp_path / "network")
    ask = ("evaluate", tmp_path / "network", "--measures", "m_block", "--criterion")
    done = run(*ask, "worst")
    assert done.returncode == 0, done.stderr
    assert "in the worst scenario" in " ".join(done.stdout.split())
    done = run(*ask, "all", "--budget", "4", "--out", tmp_path / "all")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:6] for line in done.stdout.splitlines() if line.strip()}
    # 7.9, 5 and 7 of 10, 5 and 10; the best plans leave 6.08, 3.53 and 2
    assert rows["regret"] == ["6.95", "7.90", "0.00", "5.00", "5.00"]
    assert rows["worst"] == ["6.95", "7.90", "0.00", "5.00", "7.90"]
    ways = ("--budget", "4", "--criterion", "all", "--out", tmp_path / "solved", "--json")
    done = run("solve", tmp_path / "network", *ways)
    assert done.returncode == 0, done.stderr
    assert [each["criterion"] for each in json.loads(done.stdout)] == [*CRITERION_NAMES]
    for name in ("all", "solved"):
        verdict = verify(tmp_path / name)
        assert verdict.passed, list(verdict.lines(only_failures=True))
        assert not [each for each in verdict.checks if "was not looked at" in each.seen]
        folders = sorted(each.name for each in (tmp_path / name).iterdir() if each.is_dir())
        assert folders == sorted(CRITERION_NAMES)
    network, page = in_scenarios(), tmp_path / "page.html"
    make_report(tmp_path / "solved", network, place="networks/bridges", page=page)
    words = page.read_text(encoding="utf-8")
    assert "The plans of 5 criteria leave" in words
    edit(tmp_path / "all", "summary.json", (("by",), "budget"))
    assert not verify(tmp_path / "all").passed
    done = run(*ask, "regret")
    assert done.returncode == 0, done.stderr
    assert "than the best plan for the scenario that holds" in " ".join(done.stdout.split())


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a result with scenarios, and effects that fail by themselves."""
    network = in_scenarios()
    effects = [replace(row, success=0.9) for row in network.effects]
    found = tmp_path_factory.mktemp("results") / "result"
    of_luck(network.replace(effects=effects), ["m_north", "m_block"], criterion="expected").write(
        found
    )
    return found


@pytest.mark.parametrize("file", ["summary.json", "certificate.json"])
def test_a_changed_number_or_name_is_noticed(
    file: str, result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(result, tmp_path / "copy"))
    if file == "summary.json":
        leave_out_proofs(copy, monkeypatch)
    raw = json.loads((result / file).read_text(encoding="utf-8"))
    places = [
        (path, value)
        for path, value in leaves(raw)
        if not UNSEEN & set(path)
        and path[-2:] not in (("options", "threads"), ("luck", "seed"))
        and path[-1] not in ("time_limit", "threads", "version", "gap", "rate", "kept")
        and not {"dual", "primal", "tie"} & set(path)
    ]
    for path, value in some(places, 15):
        for other in others(value)[:1]:
            overwrite(copy / file, json.dumps(with_leaf(raw, path, other)).encode())
            try:
                passed = not refused(copy)
            except (RequestError, InputError):
                passed = False
            assert not passed, (path, value, other)


@pytest.mark.parametrize("file", ["outcomes.csv", "scenarios.csv", "plan.csv"])
def test_a_changed_cell_is_noticed(
    file: str, result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(result, tmp_path / "copy"))
    leave_out_proofs(copy, monkeypatch)
    lines = (result / file).read_text(encoding="utf-8").splitlines()
    cells = [(i, j) for i, row in enumerate(lines) for j in range(len(row.split(",")))]
    for i, j in some(cells, 10):
        row = lines[i].split(",")
        row[j] = other_cells(row[j])[0]
        changed = [*lines[:i], ",".join(row), *lines[i + 1 :]]
        overwrite(copy / file, ("\n".join(changed) + "\n").encode())
        assert refused(copy), (i, j)


def test_outcomes_left_out_or_without_a_proof_are_noticed(result: Path, tmp_path: Path) -> None:
    raw = json.loads((result / "certificate.json").read_text(encoding="utf-8"))
    outcomes = raw["scenarios"][0]["outcomes"]
    for change in (outcomes[:-1], [*outcomes, outcomes[-1]], [{**outcomes[0], "proof": None}]):
        shutil.copytree(result, tmp_path / "copy")
        changed = with_leaf(raw, ("scenarios", 0, "outcomes"), [*change])
        overwrite(tmp_path / "copy" / "certificate.json", json.dumps(changed).encode())
        assert refused(tmp_path / "copy")
        shutil.rmtree(tmp_path / "copy")
