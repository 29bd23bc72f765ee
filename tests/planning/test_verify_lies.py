"""Lies that are more than one number changed: names, statuses, whole proofs, other networks."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.planning.verify import verify
from tests.networks import shipped
from tests.planning.tampering import edit, rewrite, rows_of
from tests.planning.verify_results import (
    CERTIFICATE,
    SUMMARY,
    failed,
    faults,
    lie,
    write,
)


@pytest.mark.parametrize(
    "plan", [["m1", "m4", "m7"], ["m1", "m3", "m7"], ["m1", "m7", "m3", "m2"], ["m1", "m1"], ["mx"]]
)
@pytest.mark.parametrize("where", ["summary", "certificate", "both"])
def test_no_measure_is_swapped_dropped_or_added_unseen(
    plan: list[str], where: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied("chains")
    true = json.loads((folder / SUMMARY).read_text())["measures"]
    assert plan != true
    if where != "certificate":
        edit(folder, SUMMARY, (("measures",), plan))
    if where != "summary":
        edit(folder, CERTIFICATE, (("plan",), plan), (("after", "measures"), plan))
    assert not verify(folder, network).passed


@pytest.mark.parametrize("status", ["limit", "infeasible", "no_solution", "proved"])
@pytest.mark.parametrize("file", [SUMMARY, CERTIFICATE])
def test_no_status_changes_unseen(
    status: str, file: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied("tiny")
    path = ("status",) if file == SUMMARY else ("claim", "status")
    edit(folder, file, (path, status))
    assert not verify(folder, network).passed


@pytest.mark.parametrize("status", ["evaluated", "proved", ""])
def test_no_status_that_is_none_passes_in_both_files(
    status: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied("tiny")
    edit(folder, SUMMARY, (("status",), status))
    edit(folder, CERTIFICATE, (("claim", "status"), status))
    assert f"the status {status!r} is none of optimal, " in faults(verify(folder, network))


@pytest.mark.parametrize(
    ("name", "missed"),
    [
        ("chains", set()),
        ("chains, evaluated", set()),
        ("impossible", set()),
        ("chains, response", {"flowopt", "seconds", "warnings"}),
    ],
)
def test_nothing_vanishes_from_a_summary_unseen(
    name: str, missed: set[str], copied: Callable[[str], tuple[Path, Network]]
) -> None:
    """But for what an earlier version did not say of a response, and the number of the format.

    Without it a result counts as one of format 1: the same numbers under other names.
    """
    folder, network = copied(name)
    whole = json.loads((folder / SUMMARY).read_text())
    for key in whole.keys() - missed - {"format"}:
        left = {other: value for other, value in whole.items() if other != key}
        (folder / SUMMARY).write_text(json.dumps(left))
        assert f"{key} is missing" in faults(verify(folder, network)), key


@pytest.mark.parametrize(
    ("file", "path", "value"),
    [
        (SUMMARY, ("input_sha256",), "0" * 64),
        (CERTIFICATE, ("input_sha256",), "0" * 64),
        (SUMMARY, ("network",), "teeny"),
        (SUMMARY, ("objective",), "profit"),
        (CERTIFICATE, ("objective",), "profit"),
        (CERTIFICATE, ("objective",), "bilevel"),
        (CERTIFICATE, ("ties",), "pessimistic"),
        (CERTIFICATE, ("result",), "response"),
        (CERTIFICATE, ("include",), ["m_crops"]),
        (CERTIFICATE, ("exclude",), ["m_strip"]),
        (CERTIFICATE, ("before", "measures"), ["m_crops"]),
        (CERTIFICATE, ("after",), None),
        (CERTIFICATE, ("before",), None),
        (CERTIFICATE, ("claim",), None),
        (CERTIFICATE, ("claim", "bound"), None),
        (CERTIFICATE, ("value",), None),
        (CERTIFICATE, ("dropped",), {}),
        (CERTIFICATE, ("resources",), {"boats": 3.0}),
        (CERTIFICATE, ("claim", "solver"), "scip"),
        (SUMMARY, ("options",), {}),
        (SUMMARY, ("options", "exclude"), ["m_vetting"]),
        (SUMMARY, ("options", "solver"), "scip"),
        (SUMMARY, ("options", "within"), 0.5),
        (SUMMARY, ("limit",), "time"),
        (CERTIFICATE, ("claim", "limit"), "time"),
        (CERTIFICATE, ("options",), {}),
        (CERTIFICATE, ("options",), None),
        (CERTIFICATE, ("options", "gap"), "1e-4"),
        (CERTIFICATE, ("options", "alternatives"), True),
        (CERTIFICATE, ("options", "resource"), {"boats": "3"}),
        (SUMMARY, ("value",), "6.0"),
        (SUMMARY, ("value",), None),
        (SUMMARY, ("value",), True),
        (SUMMARY, ("used",), {"boats": 0.0}),
        (CERTIFICATE, ("value",), math.nan),
        (CERTIFICATE, ("after", "primal", "ship", 0, 2), math.inf),
        (CERTIFICATE, ("after", "primal", "ship", 0, 2), "900.0"),
        (CERTIFICATE, ("after", "primal", "ship", 0), ["trail", "leaf"]),
        (CERTIFICATE, ("after", "primal", "ship", 0), 900.0),
        (CERTIFICATE, ("after", "dual", "goods", 0), None),
        (CERTIFICATE, ("after", "primal", "ship", 1), ["trail", "leaf", 900.0]),
        (CERTIFICATE, ("after", "primal", "ship", 0, 0), "nosuch"),
        (CERTIFICATE, ("after", "dual", "goods", 0, 0), "nosuch"),
        (CERTIFICATE, ("after", "dual", "arc"), [["trail", 1e-3]]),
        (CERTIFICATE, ("after", "dual", "node"), [["nosuch", 1.0]]),
    ],
)
def test_no_other_lie_passes(
    file: str, path: tuple[Any, ...], value: Any, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied("tiny")
    edit(folder, file, (path, value))
    assert not verify(folder, network).passed


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        (CERTIFICATE, None, "can't be read"),
        (CERTIFICATE, "{", "not sound JSON"),
        (CERTIFICATE, "[]", "no object"),
        (CERTIFICATE, '{"certificate": 99}', "version 99"),
        (SUMMARY, "{", "not sound JSON"),
    ],
)
def test_broken_files_fail_and_say_so(
    file: str, text: str | None, said: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied("tiny")
    (folder / file).unlink()
    if text is not None:
        (folder / file).write_text(text)
    verdict = verify(folder, network)
    assert failed(verdict) == ["the result can be read"]
    assert said in faults(verdict)


BOTH: dict[str, list[tuple[dict[str, Any], str]]] = {
    "tiny, alternatives": [
        ({"objective": "profit"}, "the objective is 'profit' instead of 'flow'"),
        ({"budget": 5.0}, "the budget is 5.0 instead of 4.0"),
        ({"target": 3.0}, "the target is 3.0 instead of nothing"),
        ({"resource": {"boats": 3.0}}, "the limits of resources is {} instead of {'boats': 3.0}"),
        ({"include": ["m_crops"]}, "include is ['m_crops'] instead of []"),
        ({"exclude": ["m_crops"]}, "exclude is ['m_crops'] instead of []"),
        ({"solver": "scip"}, "the solver is 'scip' instead of 'auto'"),
        ({"alternatives": 2}, "the number of plans is 3 instead of at most 2"),
        ({"within": 0.01}, "row 3: value is 7 instead of at most 6.06"),
    ],
    "tied, optimistic": [
        ({"ties": "pessimistic"}, "ties is 'pessimistic' instead of 'optimistic'")
    ],
    "tiny, evaluated": [
        ({"measures": ["m_crops"]}, "the plan is ['m_crops'] instead of"),
        ({"against": []}, "what nobody asked for is ['coverage'] instead of []"),
    ],
    "tiny, evaluated, profit": [({"alone": False}, "what is lacking is ['best'] instead of []")],
}


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [(name, options, said) for name, lies in BOTH.items() for options, said in lies],
)
def test_no_lie_about_the_options_passes_that_stands_in_both_files(
    name: str, options: dict[str, Any], said: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied(name)
    for file in (SUMMARY, CERTIFICATE):
        edit(folder, file, *((("options", key), value) for key, value in options.items()))
    assert said in faults(verify(folder, network))


@pytest.mark.parametrize(("gap", "sound"), [(0.2, True), (1e-6, False)])
def test_a_gap_that_was_not_reached_is_seen(
    gap: float, sound: bool, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    """With a bound a tenth below the value, in both files."""
    folder, network = copied("chains, profit")
    bound = 0.9 * json.loads((folder / CERTIFICATE).read_text())["value"]
    edit(folder, SUMMARY, (("options", "gap"), gap), (("bound",), bound))
    edit(folder, CERTIFICATE, (("options", "gap"), gap), (("claim", "bound"), bound))
    assert ("what is left to prove is " in faults(verify(folder, network))) != sound


@pytest.mark.parametrize(("limit", "sound"), [("time", True), ("nodes", True), ("luck", False)])
def test_a_limit_has_a_reason(
    limit: str, sound: bool, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied("tiny")
    for key, value in (("status", "limit"), ("limit", limit)):
        edit(folder, SUMMARY, ((key,), value))
        edit(folder, CERTIFICATE, (("claim", key), value))
    assert verify(folder, network).passed == sound


def test_results_of_earlier_versions_pass(copied: Callable[[str], tuple[Path, Network]]) -> None:
    """They have no options, no reason for a limit, no network, and narrower tables."""
    for name in ("chains", "chains, response", "chains, evaluated", "tiny, alternatives"):
        folder, network = copied(name)
        for path in folder.glob("*.csv"):
            first = 2 if "response" in name else 3  # columns that say what result it is
            rewrite(path, [row[first:] for row in rows_of(path)])
        (folder / "network.json").unlink()
        for file in (SUMMARY, CERTIFICATE):
            raw = json.loads((folder / file).read_text())
            del raw["options"]
            for part in (raw, raw.get("claim") or {}):
                part.pop("limit", None)
            (folder / file).write_text(json.dumps(raw))
        verdict = verify(folder, network)
        assert verdict.passed, faults(verdict)


def test_conditions_in_the_words_of_earlier_versions_pass(
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, network = copied("shared-crew, evaluated")
    stated = json.loads((folder / SUMMARY).read_text())["broken"]
    assert any("Chase aircraft (m_chase) requires" in text for text in stated)
    names = "|".join(re.escape(row.name) for row in network.measures)
    by_id = [re.sub(rf"(?:{names}) \((\w+)\)", r"\1", text) for text in stated]
    edit(folder, SUMMARY, (("broken",), by_id))
    verdict = verify(folder, network)
    assert verdict.passed, faults(verdict)


def test_another_network_fails(made: Callable[[str], Path]) -> None:
    assert not verify(made("tiny"), shipped("two-bridges")).passed
    dearer = shipped("tiny").replace(
        measures=[replace(row, cost=row.cost + 1.0) for row in shipped("tiny").measures]
    )
    verdict = verify(made("tiny"), dearer)
    assert "the hash of its tables" in faults(verdict)
    assert "over the budget" in faults(verdict)


@pytest.mark.parametrize(
    ("file", "path", "value"),
    [
        (SUMMARY, ("broken",), []),
        (SUMMARY, ("broken", 0), "it costs nothing"),
        (SUMMARY, ("status",), "optimal"),
        (CERTIFICATE, ("claim", "status"), "optimal"),
        (CERTIFICATE, ("claim", "bound"), 5.0),
        (CERTIFICATE, ("result",), "solution"),
        (CERTIFICATE, ("result",), "response"),
        (CERTIFICATE, ("include",), ["m_chase"]),
        (CERTIFICATE, ("budget",), None),
        (CERTIFICATE, ("compared",), []),
        (CERTIFICATE, ("compared", 0, "plan"), "best"),
        (CERTIFICATE, ("compared", 0, "status"), "optimal"),
        (CERTIFICATE, ("compared", 0, "bound"), 5.75),
        (CERTIFICATE, ("compared", 1, "plan"), "worst"),
        (CERTIFICATE, ("compared", 1, "status"), "limit"),
        (CERTIFICATE, ("compared", 1, "status"), "proved"),
        (CERTIFICATE, ("compared", 1, "bound"), None),
        (CERTIFICATE, ("compared", 1, "after"), None),
        (CERTIFICATE, ("compared", 1, "after", "measures"), ["m_radar", "m_chase", "m_check"]),
        (CERTIFICATE, ("compared", 1, "kept", "measures"), []),
    ],
)
def test_no_lie_about_an_evaluation_passes(
    file: str, path: tuple[Any, ...], value: Any, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied("shared-crew, evaluated")
    edit(folder, file, (path, value))
    assert not verify(folder, network).passed


@pytest.mark.parametrize(
    ("bound", "status", "said"),
    [
        (9.0, "optimal", "the bound is 9 instead of at most 5"),
        (4.0, "evaluated", "that it is a plan is False instead of True"),
    ],
)
def test_a_lie_about_an_evaluation_that_stands_in_both_files_is_seen(
    bound: float, status: str, said: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied("shared-crew, evaluated")
    compared = ("compared", 1)
    edit(folder, CERTIFICATE, ((*compared, "bound"), bound), ((*compared, "status"), status))
    rows = rows_of(folder / "comparison.csv")
    rows[2][6:9] = [f"{bound:g}", f"{max(0.0, 5.0 - bound) / 5.0:g}", status]
    rewrite(folder / "comparison.csv", rows)
    verdict = verify(folder, network)
    assert failed(verdict) == [
        "the plans beside it keep budget, resources and rules, for the same money"
    ]
    assert said in faults(verdict)


def test_a_dearer_plan_is_no_best_one_for_the_same_money(
    copied: Callable[[str], tuple[Path, Network]], tmp_path: Path
) -> None:
    """A whole and sound comparison with more money is seen by the money alone."""
    _, network = copied("tiny, evaluated")
    question = {"measures": ["m_strip", "m_crops"], "budget": 4.0}
    write(network, tmp_path / "dear", question, "flow")
    lie(tmp_path / "dear", "budget", None)
    assert failed(verify(tmp_path / "dear", network)) == [
        "the plans beside it keep budget, resources and rules, for the same money"
    ]


@pytest.mark.parametrize("name", ["tiny", "tiny, evaluated"])
def test_a_measure_that_may_not_join_is_no_next_one(
    name: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied(name)
    raw = json.loads((folder / CERTIFICATE).read_text())
    listed = next(iter(raw["next"]))
    for rules in (
        [*network.rules, schema.Rule(measure=listed, relation="excludes", other=raw["plan"][0])],
        [*network.rules, schema.Rule(measure=listed, relation="requires", other="m_vetting")],
    ):
        other = network.replace(rules=rules)
        if name == "tiny" and rules[-1].relation == "requires":
            continue  # it is in that plan already
        edit(folder, CERTIFICATE, (("input_sha256",), other.sha256))
        edit(folder, SUMMARY, (("input_sha256",), other.sha256))
        names = failed(verify(folder, other))
        assert "each measure that comes next may join the plan and adds to it" in names


def test_room_below_a_capacity_with_a_price_is_seen(
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, network = copied("two-bridges")
    raw = json.loads((folder / CERTIFICATE).read_text())["after"]
    less = [[*row[:-1], 0.9 * row[-1]] for row in raw["primal"]["ship"]]
    edit(folder, CERTIFICATE, (("after", "primal", "ship"), less))
    names = failed(verify(folder, network))
    assert "the flow meets every capacity that a tonne more of would pay" in names


def test_ties_of_no_kind_are_seen_where_nothing_hangs_on_them(
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, network = copied("tiny")
    for file in (SUMMARY, CERTIFICATE):
        edit(folder, file, (("options", "ties"), "sampled"))
    assert "that ties are settled in a way there is" in faults(verify(folder, network))
