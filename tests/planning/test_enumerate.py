"""Trying every plan: an alternative that was taken out of a result is missed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.network.network import Network
from flowopt.planning.enumerate import prove_best
from flowopt.planning.solve import solve
from flowopt.planning.verify import verify
from flowopt.report.files import write_solution
from tests import strategies
from tests.networks import effect, line, measure, shipped
from tests.planning.tampering import edit, rewrite, rows_of

CERTIFICATE, SUMMARY, FILE = "certificate.json", "summary.json", "alternatives.csv"


def write(network: Network, folder: Path, **asked: Any) -> Path:
    write_solution(solve(network, **asked), network, folder)
    return folder


def take_out(folder: Path, rank: int) -> None:
    """Take an alternative out of the table and the certificate, and count on."""
    header, *rows = rows_of(folder / FILE)
    del rows[rank - 1]
    rewrite(folder / FILE, [header, *([str(k), *row[1:]] for k, row in enumerate(rows, start=1))])
    proofs = json.loads((folder / CERTIFICATE).read_text())["alternatives"]
    edit(
        folder, CERTIFICATE, (("alternatives",), [p for k, p in enumerate(proofs, 1) if k != rank])
    )


@pytest.mark.parametrize("asked", [{"alternatives": 4}, {"alternatives": 9, "within": 0.4}])
@pytest.mark.parametrize("rank", [2, 3, 4])
def test_an_alternative_that_was_taken_out_is_missed(
    rank: int, asked: dict[str, Any], tmp_path: Path
) -> None:
    """The values are 6, 7, 7.4 and 8, the latter of two plans."""
    folder = write(shipped("tiny"), tmp_path / "out", budget=4.0, **asked)
    assert len(rows_of(folder / FILE)) >= 5
    assert prove_best(folder, shipped("tiny")).passed
    take_out(folder, rank)
    assert verify(folder).passed  # what is left is sound
    check = prove_best(folder, shipped("tiny"))
    assert not check.passed
    assert all("is missing, which comes to" in fault for fault in check.faults)


def test_a_list_that_a_time_limit_may_have_ended_is_noted(tmp_path: Path) -> None:
    folder = write(shipped("tiny"), tmp_path / "out", budget=4.0, alternatives=4, time_limit=600.0)
    take_out(folder, 4)
    check = prove_best(folder, shipped("tiny"))
    assert check.passed
    assert "the time limit may have ended the list" in check.seen


def test_a_list_that_was_never_written_is_missed(tmp_path: Path) -> None:
    folder = write(shipped("tiny"), tmp_path / "out", budget=4.0, alternatives=4)
    (folder / FILE).unlink()
    edit(folder, CERTIFICATE, (("alternatives",), []))
    assert not verify(folder).passed
    assert not prove_best(folder, shipped("tiny")).passed


def test_a_short_list_is_whole_where_there_are_no_more_plans(tmp_path: Path) -> None:
    """Two equal plans; of a third there is none that holds neither of them."""
    network = line(
        measures=[measure("a", 1.0), measure("b", 1.0)],
        effects=[effect("a", "arc", "a1", cut=0.9), effect("b", "arc", "a1", cut=0.9)],
    ).replace()
    folder = write(network, tmp_path / "out", budget=1.0, alternatives=9)
    plans = [row[-1] for row in rows_of(folder / FILE)[1:]]
    assert plans == ["a", "b", ""]
    check = prove_best(folder, network)
    assert check.passed, check
    take_out(folder, 2)  # of two equal plans
    assert not prove_best(folder, network).passed


@settings(max_examples=25)
@given(data=st.data(), objective=st.sampled_from(["flow", "profit", "bilevel"]))
def test_lists_of_any_network_are_whole(
    data: st.DataObject, objective: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    network = data.draw(strategies.networks(max_measures=5))
    folder = write(
        network,
        tmp_path_factory.mktemp("drawn") / "out",
        budget=data.draw(strategies.budgets(network)),
        objective=objective,
        alternatives=data.draw(st.integers(2, 5)),
        within=data.draw(st.sampled_from([None, 0.0, 0.2])),
    )
    check = prove_best(folder, network)
    assert check.passed, check
