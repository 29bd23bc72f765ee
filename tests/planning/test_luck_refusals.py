"""Questions that refuse measures that may fail, and results that take them as sure."""

from __future__ import annotations

from pathlib import Path

import pytest

import flowopt
from flowopt.errors import RequestError
from flowopt.network.write import write_network
from flowopt.planning.verify import verify
from tests.command import run
from tests.networks import shipped
from tests.planning.lucky import lucky_bridges
from tests.planning.tampering import overwrite


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the two bridges whose measures may fail."""
    found = tmp_path_factory.mktemp("networks") / "bridges"
    write_network(lucky_bridges(), found)
    return found


def test_a_response_to_what_may_fail_is_refused() -> None:
    with pytest.raises(RequestError, match=r"no one response is that to a plan .* may fail"):
        flowopt.respond(lucky_bridges(), ["m_block"])


def test_flow_without_measures_is_answered(folder: Path, tmp_path: Path) -> None:
    done = run("flow", folder, "--out", tmp_path / "flow", "--quiet")
    assert done.returncode == 0, done.stderr
    assert verify(tmp_path / "flow").passed
    assert flowopt.respond(lucky_bridges()).value == 10.0


def test_a_result_as_if_all_worked_does_not_pass(tmp_path: Path) -> None:
    network, sure = lucky_bridges(), shipped("two-bridges")
    for name, made in (
        ("evaluated", flowopt.evaluate(sure, ["m_block"])),
        ("solved", flowopt.solve(sure, budget=2)),
        ("compared", flowopt.compare(sure, budgets=[2])),
    ):
        made.write(tmp_path / name)
        for file in ("summary.json", "certificate.json"):
            path = tmp_path / name / file
            text = path.read_text(encoding="utf-8").replace(sure.sha256, network.sha256)
            overwrite(path, text.encode())
        write_network(network, tmp_path / "network.json")
        overwrite(tmp_path / name / "network.json", (tmp_path / "network.json").read_bytes())
        (tmp_path / "network.json").unlink()
        verdict = verify(tmp_path / name)
        faults = [fault for check in verdict.checks for fault in check.faults]
        assert any("may fail" in fault for fault in faults), faults
