"""Plans for several scenarios as results: written, re-checked, enumerated, tampered with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import flowopt
from flowopt.criteria import CRITERION_NAMES, CriterionName
from flowopt.errors import InputError, RequestError
from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.write import write_network
from flowopt.planning import verify as verifying
from flowopt.planning.enumerate import prove_by_enumeration
from flowopt.planning.recheck import scenario_checks
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.scenario_reader import read_scenario_certificate
from flowopt.planning.verify import verify
from flowopt.results.scenario_solution import ScenarioSolution
from tests.command import run
from tests.drawn.dice import Dice
from tests.drawn.scenarios import with_scenarios
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import effect, line, measure, shipped
from tests.oracles.criterion import ScenarioTruth
from tests.planning import tampering
from tests.planning.tampering import (
    edit,
    leaves,
    other_cells,
    others,
    overwrite,
    rows_of,
    some,
    table,
    with_leaf,
)
from tests.planning.verify_networks import bridges_in_scenarios

TABLES = ("scenarios.csv", "plan.csv", "flows.csv", "markets.csv", "displacement.csv", "next.csv")
# Of summary.json and of certificates: seconds, versions and warnings stand as they were written.
UNSEEN = {"flowopt", "seconds", "warnings"}
RICHER = ("expected", "cvar")  # with numbers of other kinds in few places only
WHOLE = 8  # of so many changes one goes through the whole of `verify`


@pytest.fixture(scope="module")
def bridges() -> Network:
    """Return a network of three scenarios, in which the plans of the criteria differ."""
    return bridges_in_scenarios()


@pytest.fixture(scope="module")
def folders(bridges: Network, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folder of a solve by each criterion, and of an evaluation."""
    home = tmp_path_factory.mktemp("results")
    found: dict[str, Path] = {name: home / name for name in (*CRITERION_NAMES, "evaluated")}
    for name in CRITERION_NAMES:
        flowopt.solve(bridges, budget=2, criterion=name).write(found[name])
    made = flowopt.evaluate(bridges, ["m_block", "m_gate"], budget=2, criterion="regret")
    made.write(found["evaluated"])
    return found


def test_results_pass_and_no_plan_is_better(folders: dict[str, Path], bridges: Network) -> None:
    for folder in folders.values():
        verdict = verify(folder, bridges)
        assert verdict.passed, list(verdict.lines(only_failures=True))
        (check,) = prove_by_enumeration(folder)
        assert check.passed, check


def test_a_solution_says_what_each_scenario_does(bridges: Network) -> None:
    found = flowopt.solve(bridges, budget=2, criterion="expected")
    assert (found.status, found.measures) == ("optimal", ("m_block",))
    assert (found.baseline, found.value, found.bound) == (8.75, 7.25, 7.25)
    assert found.criterion == "expected"
    assert [row.scenario for row in found.scenarios] == ["low", "now", "high"]
    assert [(row.baseline, row.value, row.own_best) for row in found.scenarios] == [
        (5.0, 5.0, 5.0),
        (10.0, 7.0, 7.0),
        (10.0, 10.0, 10.0),
    ]
    assert found.looked_at == "now"
    assert (found.worth_of_looking, found.worth_of_knowing) == (0.0, (0.0, 0.0))
    assert found.plan_table.columns[-3:] == tuple(
        f"lost_if_dropped:{name}" for name in ("low", "now", "high")
    )
    assert found.flows.columns[0] == "scenario"
    assert len(found.flows.to_frame()) == 3 * len(bridges.arcs)


def test_a_sure_cut_is_the_criterion_with_its_sign(bridges: Network) -> None:
    found = flowopt.solve(bridges, budget=4, criterion="cut")
    assert (found.baseline, found.value, found.cut, found.cut_share) == (0.0, -3.0, 3.0, None)
    assert found.gap == 0.0


def test_a_document_comes_back_equal(bridges: Network) -> None:
    for name in CRITERION_NAMES:
        found = flowopt.solve(bridges, budget=2, criterion=name)
        assert ScenarioSolution.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))]
)
def test_drawn_networks_pass_and_agree_with_brute_force(seed: int, tmp_path: Path) -> None:
    dice = Dice.seeded(f"scenarios-{seed}")
    network = with_scenarios(dice, valid_network(dice, SHAPES["plain"]), 3)
    budget = sum(row.cost for row in network.measures) / 2.0
    objective = ("flow", "profit")[seed % 2]
    worlds = [network.scenario(row.scenario) for row in network.scenarios]
    weights = [row.weight for row in network.scenarios]
    truth = ScenarioTruth(worlds, weights, budget, objective)  # type: ignore[arg-type]  # of the two
    for name in CRITERION_NAMES:
        found = flowopt.solve(network, budget=budget, objective=objective, criterion=name, gap=0.0)  # type: ignore[call-overload]  # of the table
        best, _ = truth.optimum(name)
        assert found.value == pytest.approx(best, rel=1e-6, abs=2e-6 * truth.base(name))
        assert found.bound <= best + 2e-6 * truth.base(name)
        found.write(tmp_path / name)
        verdict = verify(tmp_path / name)
        assert verdict.passed, list(verdict.lines(only_failures=True))
        (check,) = prove_by_enumeration(tmp_path / name)
        assert check.passed, check


def test_bilevel_passes_too(bridges: Network, tmp_path: Path) -> None:
    found = flowopt.solve(bridges, budget=2, objective="bilevel", criterion="expected")
    found.write(tmp_path / "bilevel")
    verdict = verify(tmp_path / "bilevel")
    assert verdict.passed, list(verdict.lines(only_failures=True))


def refused(source: Path, folder: Path, change: Callable[[Path], object]) -> bool:
    """Return whether `verify` refuses a copy of a result with one change."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    change(folder)
    return tampering.refused(folder)


def seen(folder: Path, network: Network, file: str, content: bytes, *, whole: bool) -> bool:
    """Return whether another file in the place of one is refused; it is put back.

    The checks are made up to the first that fails, or as the whole of `verify` makes them.
    """
    before = (folder / file).read_bytes()
    overwrite(folder / file, content)
    sound = verify(folder).passed if whole else seems_sound(folder, network)
    overwrite(folder / file, before)
    return not sound


def seems_sound(folder: Path, network: Network) -> bool:
    try:
        certificate = read_scenario_certificate(folder / "certificate.json")
        stated = read_json(folder / "summary.json")
    except MalformedError:
        return False
    checks = scenario_checks._checks(folder, network, certificate, stated, verifying._plan_checks)
    return all(check.passed for check in checks)


@pytest.mark.parametrize(
    "name", ["regret", "evaluated", *(pytest.param(n, marks=pytest.mark.slow) for n in RICHER)]
)
def test_one_number_of_a_result_is_not_changed_unseen(
    name: str, folders: dict[str, Path], bridges: Network, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(folders[name], tmp_path / "copy"))
    for file in ("summary.json", "certificate.json"):
        raw = json.loads((copy / file).read_text(encoding="utf-8"))
        places = [(path, value) for path, value in leaves(raw) if not UNSEEN & set(path)]
        for count, (path, value) in enumerate(some(places, 20, turn=len(name))):
            for other in others(value)[:1]:
                content = json.dumps(with_leaf(raw, path, other)).encode()
                found = seen(copy, bridges, file, content, whole=count % WHOLE == 0)
                assert found, (file, path, value, other)
    assert seems_sound(copy, bridges)


@pytest.mark.parametrize("name", ["regret", "evaluated"])
def test_one_cell_of_a_table_is_not_changed_unseen(
    name: str, folders: dict[str, Path], bridges: Network, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(folders[name], tmp_path / "copy"))
    for file in TABLES:
        rows = rows_of(copy / file)
        cells = [(i, j) for i in range(1, len(rows)) for j in range(len(rows[0]))]
        for count, (i, j) in enumerate(some(cells, 4)):
            changed = [[*row] for row in rows]
            changed[i][j] = other_cells(rows[i][j])[0]
            found = seen(copy, bridges, file, table(changed), whole=count % WHOLE == 0)
            assert found, (file, rows[0][j], rows[i][j])
    assert seems_sound(copy, bridges)


def test_consistent_lies_are_seen(folders: dict[str, Path], tmp_path: Path) -> None:
    def weights(folder: Path) -> None:
        raw = json.loads((folder / "network.json").read_text(encoding="utf-8"))
        text = json.dumps(raw).replace('"weight": 2', '"weight": 3')
        (folder / "network.json").write_text(text, encoding="utf-8")

    def without_a_scenario(folder: Path) -> None:
        raw = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
        edit(folder, "certificate.json", (("scenarios",), raw["scenarios"][:2]))

    def swapped(folder: Path) -> None:
        raw = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
        first, second, third = raw["scenarios"]
        first["certificate"], second["certificate"] = second["certificate"], first["certificate"]
        edit(folder, "certificate.json", (("scenarios",), [first, second, third]))

    def another_criterion(folder: Path) -> None:
        for file in ("certificate.json", "summary.json"):
            edit(folder, file, (("criterion",), "worst"), (("options", "criterion"), "worst"))

    for change in (weights, without_a_scenario, swapped, another_criterion):
        assert refused(folders["expected"], tmp_path / "copy", change), change


def test_a_bound_above_another_plan_is_seen_by_enumeration(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(folders["evaluated"], tmp_path / "own")
    places = ("scenarios", 1, "certificate", "compared", 1, "bound")
    edit(tmp_path / "own", "certificate.json", (places, 9.0))
    (check,) = prove_by_enumeration(tmp_path / "own")
    assert not check.passed
    shutil.copytree(folders["worst"], tmp_path / "worst")
    edit(tmp_path / "worst", "certificate.json", (("claim", "bound"), 11.0))
    (check,) = prove_by_enumeration(tmp_path / "worst")
    assert not check.passed


def test_no_plan_keeps_the_conditions(bridges: Network, tmp_path: Path) -> None:
    found = flowopt.solve(bridges, budget=0, include=["m_block"], criterion="cut")
    assert (found.status, found.value, found.measures) == ("infeasible", None, ())
    found.write(tmp_path / "none")
    assert verify(tmp_path / "none").passed
    (check,) = prove_by_enumeration(tmp_path / "none")
    assert check.passed
    assert refused(
        tmp_path / "none",
        tmp_path / "copy",
        lambda folder: edit(folder, "summary.json", (("value",), 1.0)),
    )


def test_what_no_criterion_answers_is_refused(bridges: Network) -> None:
    plain = shipped("two-bridges")
    with pytest.raises(InputError, match=r"the network has none: give it scenarios\.csv"):
        flowopt.solve(plain, budget=2, criterion="cut")
    with pytest.raises(RequestError, match="alternatives are for one network"):
        flowopt.solve(bridges, budget=2, criterion="cut", alternatives=3)
    with pytest.raises(RequestError, match="a part of the markets is for one network"):
        flowopt.solve(bridges, budget=2, criterion="cut", of="market:M_CITY")
    with pytest.raises(RequestError, match="no other"):
        flowopt.evaluate(bridges, ["m_gate"], criterion="cut", against=["coverage"])


@pytest.mark.slow
def test_commands_print_write_and_refuse(bridges: Network, tmp_path: Path) -> None:
    home, out = tmp_path / "net", tmp_path / "out"
    write_network(bridges, home)
    asked = ("solve", home, "--budget", 2, "--criterion")
    found = run(*asked, "expected", "--out", out)
    assert found.returncode == 0, found.stderr
    text = " ".join(found.stdout.split())
    assert (
        "Over 3 scenarios this plan of 1 measure leaves 7.25 t a year in the mean of 8.75" in text
    )
    assert "looking at all 3 is worth 0.00 t a year" in text
    assert run("verify", out, "--enumerate").returncode == 0
    assert run(*asked, "regret", "--out", out, "--force").returncode == 0
    assert run("verify", out).returncode == 0
    page = run("report", out)
    assert page.returncode == 0, page.stderr
    again = run("evaluate", home, "--plan", out, "--criterion", "regret", "--json")
    assert json.loads(again.stdout)["measures"] == ["m_block"]
    every = run(*asked, "all")
    assert every.returncode == 0
    for name in CRITERION_NAMES:
        assert f"{name}:" in every.stdout
    assert len(json.loads(run(*asked, "all", "--json").stdout)) == len(CRITERION_NAMES)
    made = run("evaluate", home, "--measures", "m_gate", "--criterion", "cvar", "--tail", "30%")
    assert made.returncode == 2
    made = run("evaluate", home, "--measures", "m_gate", "--criterion", "cvar", "--tail", 0.3)
    assert made.returncode == 0
    assert "made by hand" in made.stdout
    assert run("evaluate", home, "--measures", "m_gate", "--criterion", "all").returncode == 0
    for wrong in (
        ("cut", "--tail", 0.3),
        ("cut", "--alternatives", 2),
        ("cut", "--scenario", "low"),
        ("best",),
    ):
        assert run(*asked, *wrong).returncode == 2, wrong
    none = run("solve", "networks/two-bridges", "--budget", 2, "--criterion", "cut")
    assert (none.returncode, "give it scenarios.csv" in none.stderr) == (1, True)


def test_names_of_criteria_are_those_of_the_library() -> None:
    names: tuple[CriterionName, ...] = CRITERION_NAMES
    assert all(name in (flowopt.solve.__doc__ or "") for name in names)


def test_a_warning_of_many_scenarios_is_one_line() -> None:
    """Where only its amounts differ, those of the first are told, and in how many it is."""
    thirsty = {"dry": 3.0, "drier": 4.0, "desert": 5.0, "sahara": 6.0}
    network = line(
        measures=[measure("m")],
        effects=[effect("m", "arc", "a1", cut=0.5)],
        scenarios=[
            schema.Scenario(scenario=name, name=name.title()) for name in ("as_it_is", *thirsty)
        ],
        changes=[
            schema.Change(scenario=name, on="demand", target="M", column="quantity", factor=factor)
            for name, factor in thirsty.items()
        ],
    )
    found = flowopt.solve(network, budget=1, criterion="worst")
    (told,) = (text for text in found.warnings if "at most" in text)
    assert told.startswith("in 'dry', 'drier', 'desert' and 1 more: demands.csv:2: quantity: ")
    assert told.endswith("of the 30 t/yr that 'M' takes, even without measures (the amounts are "
                         "those of the first)")  # fmt: skip
