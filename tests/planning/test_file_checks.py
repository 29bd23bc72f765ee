"""Each check of the files of a result by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.network.network import Network
from flowopt.planning.recheck.table_checks import compare_table
from flowopt.planning.recheck.verdict import Check
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.planning.verify import verify
from flowopt.report.result_writer import write_response, write_solution
from tests.networks import shipped


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


@pytest.mark.parametrize(("off", "sound"), [(1e-10, True), (1e-8, False)])
def test_a_copy_is_the_same_number(off: float, sound: bool, folder: Path) -> None:
    value = json.loads((folder / "summary.json").read_text())["value"]
    rewritten(folder, "summary.json", value=value * (1.0 + off))
    assert verify(folder, shipped("tiny")).passed == sound


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
        (["1,6,,0,optimal,4,m_strip;m_scanner;m_vetting"], 1, "row 2: value, rank_bound and"),
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
