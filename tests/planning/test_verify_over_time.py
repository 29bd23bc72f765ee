"""`verify` of results over periods: sound ones pass, and no number in them changes unseen."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.evaluate_over_time import evaluate_over_time, respond_over_time
from flowopt.planning.recheck.period_summary import compare_entry
from flowopt.planning.recheck.verdict import Comparison, Verdict
from flowopt.planning.solve_over_time import solve_over_time
from flowopt.planning.verify import verify
from tests.drawn.dice import Dice
from tests.drawn.periods import schedule
from tests.draws import draws
from tests.networks import effect, line, measure
from tests.planning.tampering import (
    edit,
    leave_out_proofs,
    leaves,
    other_cells,
    others,
    overwrite,
    refused,
    rewrite,
    rows_of,
    with_leaf,
)
from tests.planning.verify_over_time_results import ASKED, chains_over_time, written
from tests.strategies import networks_over_time

SUMMARY, CERTIFICATE = "summary.json", "certificate.json"
SLOW = ("alternatives", "bilevel", "optimistic")
ALL = [pytest.param(n, marks=pytest.mark.slow if n in SLOW else ()) for n in ASKED]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return what writes each result once."""
    folder = tmp_path_factory.mktemp("made")

    def find(name: str) -> Path:
        return folder / name if (folder / name).exists() else written(name, folder)

    return find


@pytest.fixture
def copied(made: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """Return what copies a result."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(made(name), tmp_path / "copy"))

    return copy


def faults(verdict: Verdict) -> str:
    """Return the faults of a verdict, a line each."""
    return "\n".join(f"{c.name}: {fault}" for c in verdict.checks for fault in c.faults)


@pytest.mark.parametrize("name", ALL)
def test_sound_results_pass(name: str, made: Callable[[str], Path]) -> None:
    verdict = verify(made(name), chains_over_time())
    assert faults(verdict) == ""
    assert verdict.passed


@pytest.mark.parametrize("name", ["flow", "target", "response", "campaigns"])
def test_results_come_back_from_json_and_from_pickles(name: str) -> None:
    found = ASKED[name]()
    assert type(found).from_json(found.to_json()) == found
    assert pickle.loads(pickle.dumps(found)) == found


@settings(max_examples=draws(6), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_results_on_drawn_networks_pass(tmp_path: Path, data: st.DataObject) -> None:
    network = data.draw(networks_over_time(max_measures=3))
    objective: Objective = data.draw(st.sampled_from(("flow", "profit", "bilevel")))
    chosen = [f"{m}@{p}" for m, p in schedule(network, Dice.drawn(data.draw))]
    found: Any = respond_over_time(network, chosen, objective=objective)
    match data.draw(st.sampled_from(("solve", "evaluate", "flow"))):
        case "solve":
            carry, budget = data.draw(st.booleans()), data.draw(st.sampled_from((0.0, 2.0, 6.0)))
            found = solve_over_time(network, budget=budget, carry=carry, objective=objective)
        case "evaluate" if chosen:
            found = evaluate_over_time(network, measures=chosen, budget=1.0, objective=objective)
    found.write(tmp_path / "out", force=True)
    assert faults(verify(tmp_path / "out")) == ""


# -- one place changed ----------------------------------------------------------------------------

LIES: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "a value": (("after", "open", "value"), 1.0, "come to the stated value"),
    "a value if nothing opened": (("after", "closed", "value"), 1.0, "if nothing opened"),
    "a period left out": (("before", "open", "periods"), {}, "about every period"),
    "what opens": (("before", "open", "opened", 0, 4), 99.0, "may open"),
    "what cannot open": (("before", "open", "opened", 0, 1), "in_arc", "no such thing to open"),
    "a rent": (("before", "open", "rents", "most", 0, 4), 99.0, "the rent of"),
    "a purchase less": (("bought",), [], "served by no purchase"),
    "a purchase of what has no setup": (("bought", 0), "m2@p1", "nothing to buy"),
    "a bound above the value": (("claim", "bound"), 1e6, "the bound"),
    "a bound far below it": (("claim", "bound"), 0.0, "left to prove"),
    "a bound on costs without a target": (("claim", "cost_bound"), 1.0, "the bound on costs"),
    "what was to be in force": (("include",), ["m6@p1"], "what of m6@p1 is missing"),
    "less money": (("budget",), 0.5, "it costs"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_named(lie: str, copied: Callable[[str], Path]) -> None:
    path, value, message = LIES[lie]
    folder = copied("flow")
    edit(folder, CERTIFICATE, (path, value))
    assert message in faults(verify(folder))


def class_of(path: tuple[Any, ...]) -> str:
    """Return a path without row numbers and periods.

    Each measure that is dropped has its own proof: the value stands for it, but for one measure.
    """
    names = [k for k in path if isinstance(k, str) and k not in ("p1", "p2", "p3")]
    if names[0] == "dropped" and names[-1] != "value":
        del names[1:2]
    return ".".join(names)


def classes(file: Path) -> set[str]:
    """Return the classes of what stands in a JSON file."""
    return {class_of(path) for path, _ in leaves(json.loads(file.read_text("utf-8")))}


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize("name", ["flow", "response", "campaigns", "alternatives"])
@pytest.mark.parametrize("file", [CERTIFICATE, SUMMARY])
def test_no_class_of_number_changes_unseen(
    name: str,
    file: str,
    made: Callable[[str], Path],
    copied: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = copied(name)
    if file == SUMMARY:
        leave_out_proofs(folder, monkeypatch)
    raw = json.loads((folder / file).read_text("utf-8"))
    # Alternatives are more of the same beside a result that is checked as ever.
    seen = classes(made("flow") / file) if name == "alternatives" else set()
    for path, value in leaves(raw):
        kind = class_of(path)
        free = path[0] in ("flowopt", "seconds", "warnings", "value_myopic")
        free |= kind.endswith(("time_limit", "threads", "value_myopic"))
        if kind in seen or free:
            continue
        seen.add(kind)
        for other in others(value)[:1]:
            overwrite(folder / file, json.dumps(with_leaf(raw, path, other)).encode())
            assert refused(folder), f"{path}: {value!r} to {other!r}"


@pytest.mark.slow
@pytest.mark.sampled
@pytest.mark.parametrize("name", ["flow", "response", "campaigns", "alternatives"])
def test_no_column_of_a_table_changes_unseen(
    name: str, copied: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(name)
    leave_out_proofs(folder, monkeypatch)
    for path in sorted(folder.glob("*.csv")):
        rows = rows_of(path)
        for c, column in enumerate(rows[0]):
            if len(rows) == 1 or column == "value_myopic":
                continue
            changed = [list(cells) for cells in rows]
            changed[1][c] = other_cells(rows[1][c])[0]
            rewrite(path, changed)
            assert refused(folder), f"{path.name}: {column}"
        rewrite(path, rows)


# -- lies that agree with each other ---------------------------------------------------------------


def test_a_purchase_that_is_missing_everywhere_is_missed(copied: Callable[[str], Path]) -> None:
    folder = copied("flow")
    summary = json.loads((folder / SUMMARY).read_text("utf-8"))
    (first, *rest) = summary["bought"]
    edit(folder, CERTIFICATE, (("bought",), rest))
    edit(folder, SUMMARY, (("bought",), rest))
    measure, _, period = first.partition("@")
    rows = rows_of(folder / "schedule.csv")
    at = {name: place for place, name in enumerate(rows[0])}
    kept = [r for r in rows if (r[at["measure"]], r[at["period"]]) != (measure, period)]
    rewrite(folder / "schedule.csv", kept)
    assert f"{measure}@p2 is served by no purchase" in faults(verify(folder))


def test_a_better_value_in_all_files_is_refuted_by_its_proof(
    copied: Callable[[str], Path],
) -> None:
    folder = copied("flow")
    certificate = json.loads((folder / CERTIFICATE).read_text("utf-8"))
    value = certificate["after"]["open"]["value"]
    for path in folder.iterdir():
        text = path.read_text("utf-8").replace(json.dumps(value), json.dumps(0.9 * value))
        overwrite(path, text.encode())
    assert "come to the stated value" in faults(verify(folder))


def test_a_result_of_another_network_is_refused(made: Callable[[str], Path]) -> None:
    network = chains_over_time()
    other: Network = network.replace(
        periods=[replace(network.periods[0], budget=6.06), *network.periods[1:]]
    )
    found = faults(verify(made("flow"), other))
    assert "the network given is another one: it differs in periods" in found
    assert "the hash of its tables" in found


def test_a_period_may_bear_what_counts_for_nothing_in_all_profits(tmp_path: Path) -> None:
    """Of 20 M USD 2e-8 is a tie: in y1 alone, where each kg loses 0.005 USD, that is 4 kg."""
    network = line(
        measures=[measure("m", 1.0)],
        effects=[effect("m", "arc", "a1", cost=2000.005)],
        periods=[schema.Period(period="y1"), schema.Period(period="y2")],
    )
    found = solve_over_time(
        network, budget=1.0, include=["m@y1"], exclude=["m@y2"], objective="bilevel"
    )
    assert found.periods[0].value == pytest.approx(0.004, rel=1e-4)
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))


@pytest.mark.parametrize(("off", "sound"), [(5e-13, True), (1e-8, False)])
def test_a_gap_has_the_digits_of_what_it_is_a_difference_of(off: float, sound: bool) -> None:
    check = Comparison("gaps")
    compare_entry(check, "gap", 4.0353311708e-4 + off, 4.0353311708e-4, 100.0)
    assert check.check().passed == sound
