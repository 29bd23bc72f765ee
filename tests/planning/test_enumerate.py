"""Trying every plan: which results it confirms, and what only it can see."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning import solve as solving
from flowopt.planning.enumerate import prove_best
from flowopt.planning.solve import solve
from flowopt.planning.verify import verify
from flowopt.report import result_writer
from tests import strategies
from tests.draws import draws
from tests.networks import effect, line, measure, shipped
from tests.planning.tampering import edit, rewrite, rows_of
from tests.planning.verify_networks import chains
from tests.planning.verify_results import (
    ASKED,
    CERTIFICATE,
    failed,
    lie,
    write,
)


@pytest.mark.parametrize(
    "name",
    [name for name in ASKED if "response" not in name and name != "tiny, evaluated, profit"],
)
def test_trying_every_plan_confirms_them(name: str, made: Callable[[str], Path]) -> None:
    check = prove_best(made(name), ASKED[name][0]())
    assert check.passed, check


def test_a_plan_that_is_not_the_best_is_only_seen_by_trying_all(tmp_path: Path) -> None:
    network = shipped("tiny")
    write(network, tmp_path / "out", {"budget": 4.0, "exclude": ["m_scanner"]}, "flow")
    lie(tmp_path / "out", "exclude", [])
    verdict = verify(tmp_path / "out", network)
    assert verdict.passed
    assert any("says so" in claim for claim in verdict.claims)
    check = prove_best(tmp_path / "out", network)
    assert not check.passed
    assert "does better: 6" in check.seen


def test_a_cheaper_plan_for_a_target_is_seen(tmp_path: Path) -> None:
    network = shipped("tiny")
    best = solve(network, target=7.0).measures
    write(network, tmp_path / "out", {"target": 7.0, "exclude": best[:1]}, "flow")
    lie(tmp_path / "out", "exclude", [])
    assert verify(tmp_path / "out", network).passed
    assert not prove_best(tmp_path / "out", network).passed


def test_alternatives_that_are_not_proved_are_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solving, "PROVED", 1)
    question = {"budget": 6.0, "alternatives": 3, "gap": 0.2}
    write(chains(), tmp_path / "out", question, "profit")
    verdict = verify(tmp_path / "out", chains())
    assert verdict.passed
    assert any("the values of 1 of 3 are proved" in check.seen for check in verdict.checks)


@pytest.mark.parametrize("name", ["impossible", "out of reach"])
def test_a_plan_where_none_is_said_to_be_is_seen(
    name: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied(name)
    lie(folder, "budget" if name == "impossible" else "target", 60.0)
    assert verify(folder, network).passed == (name == "out of reach")
    assert not prove_best(folder, network).passed


def test_a_target_that_is_missed_is_seen(copied: Callable[[str], tuple[Path, Network]]) -> None:
    folder, network = copied("chains, target")
    lie(folder, "target", 40.0)
    assert failed(verify(folder, network)) == [
        "the values, the plan and the solver's claim fit together"
    ]


def test_trying_all_is_for_small_networks_and_plans(made: Callable[[str], Path]) -> None:
    with pytest.raises(RequestError, match=r"up to 20 measures; peru-2014 has \d+"):
        prove_best(made("tiny"), shipped("peru-2014"))
    with pytest.raises(RequestError, match="has no plan"):
        prove_best(made("chains, response"), chains())


def test_trying_every_plan_needs_a_sound_certificate(tmp_path: Path) -> None:
    folder = listed(shipped("tiny"), tmp_path / "out", budget=4, alternatives=3)
    edit(folder, CERTIFICATE, (("resources",), {"jets": 1.0}), (("include",), ["m_x"]))
    assert prove_best(folder, shipped("tiny")).faults == ("the network has no jets, m_x",)
    (folder / "certificate.json").write_text("{")
    assert not prove_best(folder, shipped("tiny")).passed


def test_a_target_that_no_plan_reaches_is_seen(tmp_path: Path) -> None:
    result_writer.write_solution(
        solve(shipped("tiny"), target=7.0), shipped("tiny"), tmp_path / "out"
    )
    assert prove_best(tmp_path / "out", shipped("tiny")).passed
    edit(tmp_path / "out", CERTIFICATE, (("target",), 0.5))
    check = prove_best(tmp_path / "out", shipped("tiny"))
    assert check.faults == ("that there is a plan is True instead of False",)


@pytest.mark.parametrize("changes", [{"budget": 20.0}, {"resources": {"crew": 20.0}}])
def test_every_plan_keeps_every_condition(changes: dict[str, Any], tmp_path: Path) -> None:
    crew = shipped("shared-crew")
    result_writer.write_solution(solve(crew, budget=7), crew, tmp_path / "out")
    assert prove_best(tmp_path / "out", crew).passed
    edit(tmp_path / "out", CERTIFICATE, *(((key,), value) for key, value in changes.items()))
    check = prove_best(tmp_path / "out", crew)
    assert check.passed is ("resources" in changes), check


# -- alternatives ---------------------------------------------------------------------------------


FILE = "alternatives.csv"


def listed(network: Network, folder: Path, **asked: Any) -> Path:
    """Return the folder of a result with alternatives."""
    result_writer.write_solution(solve(network, **asked), network, folder)
    return folder


def take_out(folder: Path, rank: int) -> None:
    """Take an alternative out of the table and the certificate, and count on."""
    header, *rows = rows_of(folder / FILE)
    del rows[rank - 1]
    for place, row in enumerate(rows, start=1):
        row[header.index("rank")] = str(place)
    rewrite(folder / FILE, [header, *rows])
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
    folder = listed(shipped("tiny"), tmp_path / "out", budget=4.0, **asked)
    assert len(rows_of(folder / FILE)) >= 5
    assert prove_best(folder, shipped("tiny")).passed
    take_out(folder, rank)
    assert verify(folder).passed  # what is left is sound
    check = prove_best(folder, shipped("tiny"))
    assert not check.passed
    assert all("is missing, which comes to" in fault for fault in check.faults)


def test_a_list_that_a_time_limit_may_have_ended_is_noted(tmp_path: Path) -> None:
    folder = listed(shipped("tiny"), tmp_path / "out", budget=4.0, alternatives=4, time_limit=600.0)
    take_out(folder, 4)
    check = prove_best(folder, shipped("tiny"))
    assert check.passed
    assert "the time limit may have ended the list" in check.seen


def test_a_list_that_was_never_written_is_missed(tmp_path: Path) -> None:
    folder = listed(shipped("tiny"), tmp_path / "out", budget=4.0, alternatives=4)
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
    folder = listed(network, tmp_path / "out", budget=1.0, alternatives=9)
    plans = [row[-1] for row in rows_of(folder / FILE)[1:]]
    assert plans == ["a", "b", ""]
    check = prove_best(folder, network)
    assert check.passed, check
    take_out(folder, 2)  # of two equal plans
    assert not prove_best(folder, network).passed


@settings(max_examples=draws(15))
@given(data=st.data(), objective=st.sampled_from(["flow", "profit", "bilevel"]))
def test_lists_of_any_network_are_whole(
    data: st.DataObject, objective: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    network = data.draw(strategies.networks(max_measures=5))
    folder = listed(
        network,
        tmp_path_factory.mktemp("drawn") / "out",
        budget=data.draw(strategies.budgets(network)),
        objective=objective,
        alternatives=data.draw(st.integers(2, 5)),
        within=data.draw(st.sampled_from([None, 0.0, 0.2])),
    )
    check = prove_best(folder, network)
    assert check.passed, check
