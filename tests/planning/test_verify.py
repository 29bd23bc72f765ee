"""Verification: sound results pass, and no number of a result can be changed unseen."""

from __future__ import annotations

import csv
import itertools
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt.errors import InputError, RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.planning import solve as solving
from flowopt.planning import verify as verifying
from flowopt.planning.enumerate import prove_best
from flowopt.planning.evaluate import evaluate
from flowopt.planning.recheck import alternatives, arithmetic, comparison, summary, why
from flowopt.planning.recheck import stated as reading
from flowopt.planning.recheck.arithmetic import Left, left_by
from flowopt.planning.recheck.networks import network_files, own_network_file
from flowopt.planning.recheck.proof import ProofChecks
from flowopt.planning.recheck.stated import MalformedError, Stated, read_certificate
from flowopt.planning.recheck.verdict import Check, Verdict
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.planning.verify import verify
from flowopt.report import files
from tests import strategies
from tests.command import run
from tests.networks import ROOT, SHIPPED, effect, line, measure, shipped
from tests.oracles import response as oracle
from tests.planning.verify_networks import chains, tied

SUMMARY, CERTIFICATE = "summary.json", "certificate.json"
TABLES = (
    "plan.csv", "flows.csv", "markets.csv", "displacement.csv", "binding.csv", "next.csv",
)  # fmt: skip
RESPONSE_TABLES = ("flows.csv", "sites.csv", "supplies.csv", "markets.csv", "binding.csv")


# The results that everything is tried on: what was asked, and of which network.
ASKED: dict[str, tuple[Callable[[], Network], dict[str, Any] | None, str]] = {
    "tiny": (lambda: shipped("tiny"), {"budget": 4.0}, "flow"),
    "tiny, alternatives": (lambda: shipped("tiny"), {"budget": 4.0, "alternatives": 3}, "flow"),
    "tiny, profit": (lambda: shipped("tiny"), {"budget": 4.0}, "profit"),
    "two-bridges": (lambda: shipped("two-bridges"), {"budget": 4.0}, "flow"),
    "two-bridges, profit": (lambda: shipped("two-bridges"), {"budget": 4.0}, "profit"),
    "leaky-river": (lambda: shipped("leaky-river"), {"budget": 4.0}, "flow"),
    "leaky-river, profit": (lambda: shipped("leaky-river"), {"budget": 4.0}, "profit"),
    "shared-crew": (lambda: shipped("shared-crew"), {"budget": 7.0}, "flow"),
    "shared-crew, profit": (lambda: shipped("shared-crew"), {"budget": 7.0}, "profit"),
    "chains": (
        chains,
        {
            "budget": 5.5,
            "resources": {"teams": 4.5},
            "include": ["m7"],
            "exclude": ["m6"],
            "time_limit": 600.0,
        },
        "flow",
    ),
    "chains, profit": (
        chains,
        {"budget": 6.0, "alternatives": 3, "within": 0.9, "gap": 0.2},
        "profit",
    ),
    "chains, no money": (chains, {"budget": 0.0}, "flow"),
    "chains, target": (chains, {"target": 45.0}, "flow"),
    "chains, response": (chains, None, "flow"),
    "chains, response, profit": (chains, None, "profit"),
    "tiny, bilevel": (lambda: shipped("tiny"), {"budget": 4.0}, "bilevel"),
    "chains, bilevel": (chains, {"budget": 6.0, "alternatives": 3, "gap": 0.2}, "bilevel"),
    "chains, optimistic": (
        chains,
        {"budget": 5.0, "ties": "optimistic", "alternatives": 3},
        "bilevel",
    ),
    "chains, bilevel, target": (chains, {"target": 45.0}, "bilevel"),
    "chains, response, bilevel": (chains, None, "bilevel"),
    "tied": (tied, {"budget": 1.0}, "bilevel"),
    "tied, optimistic": (tied, {"budget": 2.0, "ties": "optimistic"}, "bilevel"),
    "tiny, evaluated": (
        lambda: shipped("tiny"),
        {"measures": ["m_strip", "m_crops"], "against": ["coverage"]},
        "flow",
    ),
    "shared-crew, evaluated": (
        lambda: shipped("shared-crew"),
        {"measures": ["m_chase", "m_boats", "m_ferry"], "budget": 7.0},
        "flow",
    ),
    "tiny, evaluated, profit": (
        lambda: shipped("tiny"),
        {"measures": ["m_crops"], "alone": True, "against": ["coverage"]},
        "profit",
    ),
    "chains, evaluated": (
        chains,
        {
            "measures": ["m1", "m2", "m3", "m5"],
            "resources": {"teams": 1.0},
            "budget": 5.0,
            "against": ["coverage"],
        },
        "flow",
    ),
    "chains, evaluated, bilevel": (
        chains,
        {"measures": ["m1", "m2", "m5"], "ties": "optimistic", "against": ["coverage"]},
        "bilevel",
    ),
    "impossible": (chains, {"budget": 1.0, "include": ["m7"]}, "flow"),
    "out of reach": (chains, {"target": 1.0}, "flow"),
}
RICH = [name for name in ASKED if name.startswith("chains")]


@pytest.fixture(scope="module", params=ASKED)
def result(request: pytest.FixtureRequest, made: Callable[[str], Path]) -> tuple[Path, Network]:
    return made(request.param), ASKED[request.param][0]()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the function that gives the folder of a result, made once."""
    root = tmp_path_factory.mktemp("results")

    def make(name: str) -> Path:
        folder = root / name
        if not folder.exists():
            network, question, objective = ASKED[name]
            write(network(), folder, question, objective)
        return folder

    return make


def write(network: Network, folder: Path, question: dict[str, Any] | None, objective: Any) -> None:
    if question is None:
        files.write_response(respond(network, objective=objective), network, folder)
    elif "measures" in question:
        files.write_evaluation(evaluate(network, objective=objective, **question), network, folder)
    else:
        files.write_solution(solve(network, objective=objective, **question), network, folder)


def faults(verdict: Verdict) -> str:
    return "\n".join(verdict.lines(only_failures=True))


def failed(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


# -- sound results --------------------------------------------------------------------------------


def test_sound_results_pass(result: tuple[Path, Network]) -> None:
    folder, network = result
    verdict = verify(folder, network)
    assert verdict.passed, faults(verdict)


@pytest.mark.parametrize(
    "name",
    [name for name in ASKED if "response" not in name and name != "tiny, evaluated, profit"],
)
def test_trying_every_plan_confirms_them(name: str, made: Callable[[str], Path]) -> None:
    check = prove_best(made(name), ASKED[name][0]())
    assert check.passed, check


@pytest.mark.parametrize("objective", ["flow", "profit", "bilevel"])
@settings(max_examples=60)
@given(data=st.data())
def test_results_of_any_network_pass(
    objective: Any, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    drawn = [strategies.networks()]
    if objective == "bilevel":
        drawn.append(strategies.tied_networks())
    network = data.draw(st.one_of(drawn))
    question = {
        "budget": data.draw(strategies.budgets(network)),
        "resources": data.draw(strategies.limits(network)),
        "ties": data.draw(st.sampled_from(["pessimistic", "optimistic"])),
    }
    folder = tmp_path_factory.mktemp("drawn") / "out"
    write(network, folder, question, objective)
    verdict = verify(folder, network)
    assert verdict.passed, faults(verdict)
    check = prove_best(folder, network)
    assert check.passed, check


@settings(max_examples=60)
@given(data=st.data())
def test_what_a_plan_leaves_is_what_the_oracle_says(data: st.DataObject) -> None:
    network = data.draw(strategies.networks())
    plan = data.draw(strategies.plans(network))
    left, other = left_by(network, plan), oracle.effective(network, plan)
    for arc in network.arcs:
        assert left.capacity["arc", arc.arc] == pytest.approx(other.arc_capacity[arc.arc])
        for commodity in arc.commodities:
            deed = left.deeds["ship", arc.arc, commodity]
            assert deed.made[arc.head, commodity] == pytest.approx(other.arc_share[arc.arc])
            assert deed.cost == pytest.approx(other.arc_cost[arc.arc] * 0.001)
    alone = {s.site for s in network.sites if not s.pool}
    alone_demands = {(d.node, d.commodity) for d in network.demands if not d.pool}
    limits: dict[tuple[str, ...], float] = {
        **{("node", n): limit for n, limit in other.node_capacity.items()},
        **{("supply", *pair): limit for pair, limit in other.supply_capacity.items()},
        **{("site", s): limit for s, limit in other.site_capacity.items() if s in alone},
        **{("demand", *p): m for p, m in other.demand_quantity.items() if p in alone_demands},
        **{("pool", pool): limit for pool, limit in other.pool_capacity.items()},
    }
    costs: dict[tuple[str, ...], float] = {
        **{("supply", *pair): cost for pair, cost in other.supply_cost.items()},
        **{("run", name): cost for name, cost in other.site_cost.items()},
        **{("deliver", *pair): cost for pair, cost in other.demand_cost.items()},
    }
    assert {key: left.capacity[key] for key in limits} == pytest.approx(limits)
    assert {key: left.deeds[key].cost * 1000.0 for key in costs} == pytest.approx(costs)
    assert left.capacity.keys() == limits.keys() | {("arc", arc.arc) for arc in network.arcs}


def test_amounts_of_any_size_pass(tmp_path: Path) -> None:
    for i, size in enumerate((1e-6, 1e-3, 1e5)):
        network = line(
            arcs=[
                schema.Arc(
                    arc=f"a{k}", tail=a, head=b, commodities=("c",), capacity=2 * size, loss=0.1
                )
                for k, (a, b) in enumerate([("A", "T"), ("T", "M")])
            ],
            supplies=[schema.Supply(node="A", commodity="c", capacity=1.5 * size)],
            demands=[schema.Demand(node="M", commodity="c", quantity=size, price=2000.0)],
            measures=[measure("m")],
            effects=[effect("m", "arc", "a1", cut=1 / 3, loss=1 / 7)],
        )
        for objective in ("flow", "profit"):
            folder = tmp_path / f"{i}-{objective}"
            write(network, folder, {"budget": 1.0}, objective)
            verdict = verify(folder, network)
            assert verdict.passed, faults(verdict)


def test_what_was_left_out_for_lack_of_time_is_no_fault(tmp_path: Path) -> None:
    network = shipped("tiny")
    write(network, tmp_path / "out", {"budget": 4.0, "time_limit": 1e-3}, "flow")
    rows = (tmp_path / "out" / "plan.csv").read_text().splitlines()[1:]
    assert rows
    assert all(row.endswith(",") for row in rows)
    verdict = verify(tmp_path / "out", network)
    assert verdict.passed
    assert any(f"what {len(rows)} of {len(rows)} are worth" in str(c) for c in verdict.checks)


def test_a_demand_that_stands_for_no_limit_does_not_drown_the_flow(tmp_path: Path) -> None:
    endless = schema.Demand(node="M", commodity="c", quantity=1e9, price=2000.0)
    network = line(
        demands=[endless], supplies=[schema.Supply(node="A", commodity="c", capacity=4.37)]
    )
    write(network, tmp_path / "out", {"budget": 0.0}, "flow")
    assert verify(tmp_path / "out", network).passed
    flows = (tmp_path / "out" / "flows.csv").read_text().splitlines()
    assert [row.split(",")[5] for row in flows[1:]] == ["4.37", "4.37"]


# -- one number changed ---------------------------------------------------------------------------


def leaves(raw: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], float]]:
    """Yield (path, number) of every number in JSON."""
    if isinstance(raw, dict | list):
        for key, value in raw.items() if isinstance(raw, dict) else enumerate(raw):
            yield from leaves(value, (*path, key))
    elif isinstance(raw, int | float) and not isinstance(raw, bool):
        yield path, float(raw)


def with_leaf(raw: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return JSON with one place changed."""
    key, *rest = path
    changed = dict(raw) if isinstance(raw, dict) else list(raw)
    changed[key] = with_leaf(raw[key], tuple(rest), value) if rest else value
    return changed


def number_class(path: tuple[Any, ...]) -> str:
    """Return a path without the ids and row numbers in it."""
    kept = [str(key) for key in path if isinstance(key, str)]
    if kept[0] in ("dropped", "next"):
        kept[1] = "*"
    return ".".join(kept)


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> dict[Path, Any]:
    """Do once what a change elsewhere leaves as it was; return JSON to read instead of files.

    That is: what a plan leaves of a network, the reading of a proof, the weighing of a sound one.
    """
    known = cache(arithmetic.left_by)
    for module in (verifying, alternatives, arithmetic, comparison, summary, why):
        assert module.left_by is left_by  # type: ignore[attr-defined]  # what it imports
        monkeypatch.setattr(module, "left_by", lambda network, plan: known(network, tuple(plan)))
    sound: dict[tuple[Any, ...], Stated] = {}
    really = ProofChecks.weigh

    def weigh(self: ProofChecks, left: Left, stated: Stated, about: str = "") -> None:
        key = (id(left), stated.measures, self._objective, self._sign, about)
        if sound.get(key) != stated:
            really(self, left, stated, about)
            if all(check.passed for check in self.checks()):
                sound[key] = stated

    instead: dict[Path, Any] = {}
    proofs: dict[tuple[Any, ...], tuple[Any, Stated]] = {}
    from_file, from_json = reading.read_json, reading.proof_of

    def proof(raw: Any, where: str, **kind: Any) -> Stated:
        key = (id(raw), where, *map(str, kind.items()))
        if key not in proofs:
            proofs[key] = (raw, from_json(raw, where, **kind))  # kept, so that no other gets its id
        return proofs[key][1]

    monkeypatch.setattr(ProofChecks, "weigh", weigh)
    monkeypatch.setattr(reading, "proof_of", proof)
    monkeypatch.setattr(
        reading, "read_json", lambda path: instead[path] if path in instead else from_file(path)
    )
    return instead


def named(check: Check) -> str:
    return check.name


def unseen(
    folder: Path, network: Network, name: str, factor: float, instead: dict[Path, Any]
) -> dict[str, list[Any]]:
    """Change the numbers of a JSON file in turn; return those whose change is not seen.

    Of the proofs of other plans, which are many and alike, some numbers of each class have to do.
    The checks are made up to the first that fails. Of every eleven changes one is written to the
    file and goes through the whole of `verify`, which makes all checks whatever fails.
    """

    def checks() -> Iterable[Check]:
        try:
            certificate = read_certificate(folder / CERTIFICATE)
            stated = reading.read_json(folder / SUMMARY)
        except MalformedError as error:
            return [Check("the result can be read", False, "", (str(error),))]
        return verifying._checks(folder, network, certificate, stated)

    def is_seen(changed: Any, whole: bool) -> bool:
        if not whole:
            instead[folder / name] = changed
            return not all(check.passed for check in checks())
        instead.clear()
        (folder / name).write_text(json.dumps(changed))
        return not verify(folder, network).passed

    assert list(map(named, checks())) == list(map(named, verify(folder, network).checks))[1:]
    count = itertools.count()
    raw = json.loads((folder / name).read_text())
    classes: dict[str, list[tuple[tuple[Any, ...], float]]] = {}
    for path, value in leaves(raw):
        if value != 0.0 and path[0] != "seconds":
            classes.setdefault(number_class(path), []).append((path, value))
    found: dict[str, list[Any]] = {}
    for kind, numbers in classes.items():
        many = kind.startswith(("dropped", "next", "alternatives", "compared"))
        found[kind] = []
        for path, value in numbers[:: max(1, len(numbers) // 8) if many else 1]:
            changed = with_leaf(raw, path, value * factor)
            if not is_seen(changed, whole=next(count) % 11 == 0):
                found[kind].append(path)
    return found


@pytest.fixture
def copied(tmp_path: Path, made: Callable[[str], Path]) -> Callable[[str], tuple[Path, Network]]:
    """Return the function that gives a result to be tampered with."""

    def copy(name: str) -> tuple[Path, Network]:
        folder = tmp_path / name
        shutil.copytree(made(name), folder)
        return folder, ASKED[name][0]()

    return copy


@pytest.mark.parametrize("factor", [1.01, 0.99])
@pytest.mark.parametrize("file", [SUMMARY, CERTIFICATE])
@pytest.mark.parametrize("name", ASKED)
def test_no_number_in_json_changes_unseen(
    name: str,
    file: str,
    factor: float,
    copied: Callable[[str], tuple[Path, Network]],
    remembered: dict[Path, Any],
) -> None:
    folder, network = copied(name)
    found = unseen(folder, network, file, factor, remembered)
    assert found
    assert {kind: paths for kind, paths in found.items() if paths} == {}


def test_every_class_of_number_was_changed(made: Callable[[str], Path]) -> None:
    classes = set()
    for name in RICH:
        raw = json.loads((made(name) / CERTIFICATE).read_text())
        classes |= {number_class(path) for path, value in leaves(raw) if value}
    sides = [f"primal.{k}" for k in ("ship", "run", "supply", "deliver")]
    priced = ("goods", "arc", "node", "site", "pool", "supply", "demand")
    sides += [f"dual.{k}" for k in priced]
    kept = [side for side in sides if side != "dual.pool"]
    sides += ["rate", *(f"tie.{k}" for k in priced)]
    assert classes == {
        "certificate", "budget", "target", "resources.teams", "value", "baseline", "claim.bound",
        "claim.cost_bound", "claim.threads",
        *(
            f"{proof}.{number}"
            for proof in ("before", "after", "dropped.*", "next.*", "alternatives")
            for number in ("value", *sides)
        ),
        *(f"options.{name}" for name in ("budget", "target", "resource.teams", "alternatives")),
        *(f"options.{name}" for name in ("within", "time_limit", "gap", "threads")),
        "compared.bound",
        *(f"compared.after.{number}" for number in ("value", *sides)),
        *(f"compared.kept.{number}" for number in ("value", *kept)),
    }  # fmt: skip


def rewrite(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(
    "name", [name for name in ASKED if name not in ("impossible", "out of reach")]
)
def test_no_cell_of_a_table_changes_unseen(
    name: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied(name)
    tables = sorted(folder.glob("*.csv"))
    expected = {*(RESPONSE_TABLES if "response" in name else TABLES)}
    expected |= {"comparison.csv"} if "evaluated" in name else set()
    assert {path.name for path in tables} >= expected
    certificate, count = read_certificate(folder / CERTIFICATE), itertools.count()

    def checks() -> Iterable[Check]:
        return verifying._tables(folder, network, certificate)

    of_tables = list(map(named, checks()))
    assert list(map(named, verify(folder, network).checks))[-len(of_tables) :] == of_tables
    for path in tables:
        rows = rows_of(path)
        for r, row in enumerate(rows[1:], start=1):
            for c, cell in enumerate(row):
                try:
                    others = [repr(float(cell) * 1.01), ""]
                except ValueError:
                    others = [f"{cell}x", "7"]
                for other in others:
                    if other in ("0.0", "-0.0"):
                        continue
                    changed = [list(cells) for cells in rows]
                    changed[r][c] = other
                    rewrite(path, changed)
                    where = f"{path.name} row {r + 1} {rows[0][c]}: {cell!r} to {other!r}"
                    seen = not all(check.passed for check in checks())
                    if next(count) % 11 == 0:  # all checks, whatever fails
                        seen = not verify(folder, network).passed
                    assert seen, where
        rewrite(path, rows)
    assert verify(folder, network).passed


def swapped(rows: list[list[str]]) -> list[list[str]]:
    """Return the first two rows of a table in the places of each other, but for their ranks."""
    first, second = list(rows[2]), list(rows[1])
    at = rows[0].index("rank") if "rank" in rows[0] else 0
    first[at], second[at] = "1", "2"
    return [first, second]


@pytest.mark.parametrize(
    "name",
    ["tiny", "tiny, alternatives", "chains, profit", "chains, response", "chains, evaluated"],
)
def test_no_table_loses_gains_or_mixes_rows_unseen(
    name: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied(name)
    for path in sorted(folder.glob("*.csv")):
        rows = rows_of(path)
        for changed in (
            rows[:-1],
            [*rows, rows[-1]],
            [rows[0], rows[2], rows[1], *rows[3:]],
            [rows[0], *swapped(rows), *rows[3:]],
            [["x", *rows[0][1:]], *rows[1:]],
            [rows[0][:-1], *(row[:-1] for row in rows[1:])],
            [rows[0], rows[1][:-1], *rows[2:]],
            [],
        ):
            rewrite(path, changed)
            assert not verify(folder, network).passed, (path.name, changed)
        path.unlink()
        assert not verify(folder, network).passed, path.name
        rewrite(path, rows)


# -- other lies -----------------------------------------------------------------------------------


def edit(folder: Path, name: str, *changes: tuple[tuple[Any, ...], Any]) -> None:
    raw = json.loads((folder / name).read_text())
    for path, value in changes:
        raw = with_leaf(raw, path, value)
    (folder / name).write_text(json.dumps(raw))


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


BOTH = {
    "tiny, alternatives": [
        ({"objective": "profit"}, "the objective is 'profit' instead of 'flow'"),
        ({"budget": 5.0}, "the budget is 5.0 instead of 4.0"),
        ({"target": 3.0}, "the target is 3.0 instead of nothing"),
        ({"resource": {"boats": 3.0}}, "the limits of resources is {} instead of {'boats': 3.0}"),
        ({"include": ["m_crops"]}, "include is ['m_crops'] instead of []"),
        ({"exclude": ["m_crops"]}, "exclude is ['m_crops'] instead of []"),
        ({"solver": "scip"}, "the solver is 'scip' instead of 'highs'"),
        ({"alternatives": 2}, "the number of plans is 3 instead of at most 2"),
        ({"within": 0.01}, "row 3: value is 7 instead of at most 6.06"),
    ],
    "chains, profit": [({"gap": 1e-6}, "what is left to prove is ")],
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


def scaled(proof: dict[str, Any], side: str, factor: float) -> dict[str, Any]:
    tables = {
        name: [[*row[:-1], row[-1] * factor] for row in rows] for name, rows in proof[side].items()
    }
    return {**proof, side: tables, "value": proof["value"] * factor}


@pytest.mark.parametrize("name", ["chains", "chains, profit"])
@pytest.mark.parametrize(
    ("side", "factor", "what"),
    [
        # Less than the trafficker can do: a possible flow, but no prices for it.
        (["primal"], 0.99, ["flow and prices under the plan"]),
        (["primal", "dual"], 0.99, ["the prices under the plan"]),
        # More than it can do.
        (["primal"], 1.01, ["the flow under the plan", "flow and prices under the plan"]),
        (["dual"], 1.01, ["flow and prices under the plan"]),
    ],
)
def test_consistent_lies_are_seen_by_the_check_that_is_there_for_them(
    name: str,
    side: list[str],
    factor: float,
    what: list[str],
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, network = copied(name)
    raw = json.loads((folder / CERTIFICATE).read_text())
    proof, value = raw["after"], raw["after"]["value"]
    for one in side:
        proof = {**scaled(proof, one, factor), "value": value * factor}
    edit(folder, CERTIFICATE, (("after",), proof), (("value",), value * factor))
    names = failed(verify(folder, network))
    for start in what:
        assert any(found.startswith(start) for found in names), names


def test_a_circle_of_goods_is_seen(copied: Callable[[str], tuple[Path, Network]]) -> None:
    folder, network = copied("two-bridges")
    raw = json.loads((folder / CERTIFICATE).read_text())
    supply = [[*row[:-1], row[-1] + 1.0] for row in raw["before"]["primal"]["supply"]]
    edit(folder, CERTIFICATE, (("before", "primal", "supply"), supply))
    assert "in vain" in faults(verify(folder, network))


def test_who_earns_is_only_told_where_somebody_does(
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, network = copied("two-bridges")
    rewrite(folder / "organisations.csv", [["organisation", "before", "after"]])
    assert failed(verify(folder, network)) == ["there is no organisations.csv where nobody earns"]
    folder, network = copied("impossible")
    rewrite(folder / "organisations.csv", [["organisation", "before", "after"]])
    assert failed(verify(folder, network)) == ["there are no tables without a plan"]


@pytest.mark.parametrize("name", ["tiny", "chains, response", "chains, profit"])
def test_a_whole_table_of_who_earns_a_hundredth_more_is_seen(
    name: str, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    """Every number is 1 % more, so that the table agrees with itself."""
    folder, network = copied(name)
    header, *rows = rows_of(folder / "organisations.csv")
    money = [column for column in ("before", "after", "change", "earned") if column in header]
    for row in rows:
        for column in money:
            at = header.index(column)
            row[at] = f"{float(row[at]) * 1.01:.10g}"
    rewrite(folder / "organisations.csv", [header, *rows])
    assert failed(verify(folder, network)) == ["organisations.csv agrees with the certificate"]


def lie(folder: Path, key: str, value: Any) -> None:
    """Change what was asked wherever a result says it: no file contradicts another."""
    for name in (CERTIFICATE, SUMMARY):
        held = key in json.loads((folder / name).read_text())
        edit(folder, name, (("options", key), value), *([((key,), value)] if held else []))
    for path in folder.glob("*.csv") if key == "budget" else ():
        header, *rows = rows_of(path)
        for row in rows:
            row[header.index(key)] = "" if value is None else f"{value:g}"
        rewrite(path, [header, *rows])


# -- optimality -----------------------------------------------------------------------------------


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


# -- the command ----------------------------------------------------------------------------------


def test_the_command(copied: Callable[[str], tuple[Path, Network]]) -> None:
    folder, _ = copied("tiny")
    done = run("verify", folder, "--network", SHIPPED / "tiny", "--enumerate")
    assert (done.returncode, done.stderr) == (0, "")
    assert "FAILED" not in done.stdout
    assert "none does better than 6" in done.stdout
    assert done.stdout.splitlines()[-1] == "30 checks, all passed"
    done = run("verify", folder, "--network", SHIPPED / "tiny", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    edit(folder, SUMMARY, (("value",), 6.06))
    done = run("verify", folder, "--network", SHIPPED / "tiny", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["passed"]) == (1, False)
    assert [c["faults"] for c in said["checks"] if not c["passed"]] == [
        ["value is 6.06 instead of 6"]
    ]
    done = run("verify", folder, "--network", SHIPPED / "tiny", "--quiet")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "          value is 6.06 instead of 6"


def test_the_command_says_what_it_needs(made: Callable[[str], Path], tmp_path: Path) -> None:
    for other in ([], ["--network", SHIPPED / "tiny"]):
        done = run("verify", tmp_path, *other)
        assert (done.returncode, done.stdout) == (2, "")
        assert "holds no summary.json" in done.stderr
    done = run("verify", made("tiny"), "--network", tmp_path)
    assert done.returncode == 1
    assert "network.toml" in done.stderr


@pytest.mark.parametrize("name", ["tiny", "chains, response", "chains, evaluated", "impossible"])
def test_a_result_stands_alone(name: str, copied: Callable[[str], tuple[Path, Network]]) -> None:
    folder, network = copied(name)
    alone, beside = verify(folder), verify(folder, network)
    assert alone.passed, faults(alone)
    assert beside.checks[1:] == alone.checks
    assert beside.checks[0].passed
    (folder / "network.json").unlink()
    assert verify(folder, network).checks == alone.checks


def test_an_older_result_says_how_to_verify_it(
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, _ = copied("tiny")
    (folder / "network.json").unlink()
    for command in ("verify", "report"):
        done = run(command, folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert "holds no network.json" in done.stderr
        assert "with --network" in done.stderr
        assert run(command, folder, "--network", SHIPPED / "tiny").returncode == 0


@pytest.mark.parametrize("given", [True, False])
def test_no_network_is_put_in_the_place_of_another_unseen(
    given: bool, copied: Callable[[str], tuple[Path, Network]]
) -> None:
    folder, network = copied("tiny")
    dearer = network.replace(measures=[replace(m, cost=m.cost * 1.01) for m in network.measures])
    write_network(dearer, folder / "network.json", force=True)
    found = verify(folder, network if given else None)
    if given:
        copy = "network.json is the network that is given"
        assert failed(found) == [copy]
        assert "the network given is another one: it differs in measures" in faults(found)
    else:
        assert "the network is the one of the result" in failed(found)


def test_a_network_that_cannot_be_read_fails(
    copied: Callable[[str], tuple[Path, Network]],
) -> None:
    folder, network = copied("tiny")
    (folder / "network.json").write_text("{")
    assert not verify(folder, network).passed
    with pytest.raises(InputError, match=r"network\.json"):
        verify(folder)


def test_several_networks_have_to_be_told_apart(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("{}")
    for number in (10, 2, 1):
        write_network(shipped("tiny"), tmp_path / f"network-{number}.json")
    (tmp_path / "network-01.json").write_text("no file of ours")
    assert [path.name for path in network_files(tmp_path)] == [
        f"network-{number}.json" for number in (1, 2, 10)
    ]
    with pytest.raises(RequestError, match=r"about 3 networks .*--network .*network-1\.json"):
        own_network_file(tmp_path)


def test_a_verification_loads_no_solver(made: Callable[[str], Path]) -> None:
    code = (
        "import sys\n"
        "from flowopt.cli.main import cli\n"
        "code = cli.main(sys.argv[1:], standalone_mode=False)\n"
        "print('loaded', sorted(n for n in sys.modules if n.split('.')[0] in "
        "('highspy', 'pulp', 'ortools', 'scipy', 'pyscipopt', 'cvxpy', 'networkx') "
        "or n.startswith('flowopt.model')))\n"
    )
    arguments = ["verify", made("tiny")]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "checks, all passed" in done.stdout
    assert done.stdout.splitlines()[-1] == "loaded []"
