"""Plans whose measures may fail: means against every fall of every coin, results, refusals."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import flowopt
from flowopt.criteria import CRITERION_NAMES
from flowopt.errors import InputError, RequestError
from flowopt.model.luck_means import mean_and_half_width
from flowopt.model.plan_luck import DRAWS
from flowopt.network import schema, tables
from flowopt.network.chances import as_if_sure, may_fail
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.network.write import write_network
from flowopt.planning.evaluate import evaluate
from flowopt.planning.verify import verify
from flowopt.results.luck_solution import LuckSolution
from tests.command import run
from tests.drawn.dice import Dice
from tests.drawn.luck import many_coins, with_chances
from tests.drawn.shapes import SHAPES
from tests.drawn.wild import valid_network
from tests.networks import SHIPPED, effect, line, measure, shipped
from tests.oracles.enumerate import feasible_plans
from tests.oracles.luck import expected_value
from tests.oracles.response import Aim
from tests.oracles.rounding import allowed, size
from tests.planning.tampering import edit, leaves, other_cells, others, overwrite, some, with_leaf

# Of summary.json and of certificates: seconds, versions, warnings and threads stand as written.
UNSEEN = {"flowopt", "seconds", "warnings"}


def lucky_bridges(chance: float = 0.7) -> Network:
    """Return the two bridges, whose measures work so often."""
    network = shipped("two-bridges")
    return network.replace(measures=[replace(row, success=chance) for row in network.measures])


def of_luck(network: Network, measures: list[str], **options: object) -> LuckSolution:
    found = evaluate(network, measures, **options)  # type: ignore[call-overload]  # drawn ones
    assert isinstance(found, LuckSolution)
    return found


def right(network: Network, plan: tuple[str, ...], objective: Aim = "flow") -> float:
    """Return the mean by every fall of every coin."""
    chances = [row.success for row in network.measures], [row.success for row in network.effects]
    return expected_value(network, plan, *chances, objective)


# -- values -----------------------------------------------------------------------------------


def test_two_bridges_by_hand() -> None:
    # Both bridges closed leave the ford's 2 t; either of them alone changes nothing.
    found = of_luck(lucky_bridges(), ["m_north", "m_south"])
    assert found.value == pytest.approx(0.49 * 2.0 + 0.51 * 10.0)
    assert (found.status, found.baseline, found.spent) == ("evaluated", 10.0, 4.0)
    assert [(row.works, round(row.probability, 9), row.value) for row in found.outcomes] == [
        ("m_north;m_south", 0.49, 2.0),
        ("m_north", 0.21, 10.0),
        ("m_south", 0.21, 10.0),
        ("", 0.09, 10.0),
    ]
    # Without one of them the other changes nothing, whether it works or not.
    assert [row.lost_if_dropped for row in found.plan] == pytest.approx([3.92, 3.92])
    (row,) = found.scenarios
    assert (row.left_p05, row.left_p95, row.all_works, row.all_works_value) == (
        2.0,
        10.0,
        0.49,
        2.0,
    )
    assert (found.luck.how, found.luck.coins, found.luck.half_width) == ("counted", 2, 0.0)


def test_a_row_of_effects_may_fail_by_itself() -> None:
    network = line(
        measures=[replace(measure("m1"), success=0.5)],
        effects=[
            effect("m1", "arc", "a1", cut=0.75, success=0.8),
            effect("m1", "arc", "a2", cut=0.9),
        ],
    )
    found = of_luck(network, ["m1"])
    # It works: 20 t become 2 whether or not the first row works; else 10 t.
    assert found.value == pytest.approx(0.5 * 2.0 + 0.5 * 10.0)
    assert [(row.works, row.failed_effects) for row in found.outcomes] == [
        ("", ""),
        ("m1", ""),
        ("m1", "1"),
    ]


@pytest.mark.parametrize("seed", range(24))
def test_values_are_those_of_brute_force_and_results_pass(seed: int, tmp_path: Path) -> None:
    dice = Dice.seeded(f"lucky-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 4))
    objective: Aim = ("flow", "profit", "bilevel")[seed % 3]
    plan = tuple(row.measure for row in network.measures)
    if not may_fail(network):
        return
    found = of_luck(network, list(plan), objective=objective)
    room = 4.0 * allowed(objective, found.baseline, size(network, objective))
    assert found.value == pytest.approx(right(network, plan, objective), abs=room)
    assert LuckSolution.from_json(found.to_json()) == found
    for row in found.plan if not network.rules else ():
        if row.lost_if_dropped is not None:
            rest = tuple(name for name in plan if name != row.measure)
            lost = right(network, rest, objective) - found.value
            assert row.lost_if_dropped == pytest.approx(lost, abs=room)
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_success_of_one_everywhere_is_the_network_of_before() -> None:
    network = shipped("two-bridges")
    sure = network.replace(measures=[replace(row, success=1.0) for row in network.measures])
    assert sure == network
    assert sure.sha256 == network.sha256
    assert lucky_bridges().sha256 != network.sha256
    assert as_if_sure(network) is network
    assert as_if_sure(lucky_bridges()).measures == network.measures
    assert isinstance(evaluate(sure, ["m_north"]), flowopt.Evaluation)


@pytest.mark.parametrize(
    "name",
    sorted(
        path.name
        for path in SHIPPED.iterdir()
        if path.is_dir() and path.name != "two-bridges-luck"  # which has chances
    ),
)
def test_no_hash_of_a_shipped_network_knows_the_new_columns(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, known = shipped(name), schema.defaults
    later = {
        table: {column: blank for column, blank in columns.items() if column != "success"}
        for table, columns in tables._LATER_COLUMNS.items()
    }
    monkeypatch.setattr(tables, "_LATER_COLUMNS", later)
    monkeypatch.setattr(
        schema, "defaults", lambda row: {n: v for n, v in known(row).items() if n != "success"}
    )
    assert network._hash_of_tables() == network.sha256


# -- the best plan ------------------------------------------------------------------------------


def solved(network: Network, **options: object) -> LuckSolution:
    found = flowopt.solve(network, **options)  # type: ignore[call-overload]  # drawn ones
    assert isinstance(found, LuckSolution)
    return found


def test_the_best_plan_for_the_two_bridges() -> None:
    network = shipped("two-bridges-luck")
    # The roadblock leaves 0.7 * 0.8 * 7 + 0.44 * 10 t; both bridges 0.49 * 2 + 0.51 * 10.
    least = {2.0: 8.32, 4.0: 6.08}
    for budget, value in least.items():
        found = solved(network, budget=budget)
        assert found.value == pytest.approx(value)
        assert found.bound is not None
        assert found.bound <= value
        assert found.gap == pytest.approx((value - found.bound) / value)
    sure = solved(network, budget=0)
    assert (sure.status, sure.value, sure.bound) == ("optimal", 10.0, 10.0)


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_is_below_the_bound(seed: int, tmp_path: Path) -> None:
    dice = Dice.seeded(f"lucky-best-{seed}")
    network = with_chances(dice, valid_network(dice, SHAPES[dice.pick(list(SHAPES))], 4))
    if not may_fail(network):
        return
    objective: Aim = ("flow", "profit")[seed % 2]
    budget = 0.6 * sum(row.cost for row in network.measures)
    found = solved(network, budget=budget, objective=objective, gap=0.0)
    every = {plan: right(network, plan, objective) for plan in feasible_plans(network, budget)}
    least, room = (
        min(every.values()),
        4.0 * allowed(objective, found.baseline, size(network, objective)),
    )
    assert found.value == pytest.approx(every[found.measures], abs=room)
    assert found.bound is not None
    assert found.bound <= least + room
    if found.status == "optimal":
        assert found.value <= least + room
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_conditions_that_no_plan_keeps_are_told_as_without_luck(tmp_path: Path) -> None:
    network = shipped("two-bridges-luck")
    found = flowopt.solve(network, budget=1, include=["m_north"])
    sure = flowopt.solve(as_if_sure(network), budget=1, include=["m_north"])
    assert isinstance(found, flowopt.Solution)
    assert (found.status, found.value, found.baseline) == ("infeasible", None, 10.0)
    assert found.reasons == sure.reasons
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))
    by = flowopt.solve(in_scenarios(), budget=1, include=["m_north"], criterion="expected")
    assert (by.status, by.reasons) == ("infeasible", sure.reasons)
    by.write(tmp_path / "by")
    assert verify(tmp_path / "by").passed


def test_the_command_ends_as_without_luck_where_no_plan_keeps_the_conditions() -> None:
    folder = str(SHIPPED / "two-bridges-luck")
    asked = [folder, "--budget", "1", "--include", "m_north"]
    found = run("solve", *asked)
    assert found.returncode == 3
    assert "m_north" in found.stderr


@pytest.mark.parametrize("criterion", ["expected", "worst", "cut", "cvar"])
def test_the_best_plan_over_scenarios(criterion: str, tmp_path: Path) -> None:
    found = solved(in_scenarios(), budget=2, criterion=criterion, include=["m_block"])
    assert (found.measures, found.include) == (("m_block",), ("m_block",))
    assert found.bound is not None
    assert found.bound <= found.value
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result")
    assert verdict.passed, list(verdict.lines(only_failures=True))


# -- draws ------------------------------------------------------------------------------------


def many() -> Network:
    """Return a line on which fourteen measures take a twentieth each, if they work."""
    return many_coins(14)


def test_a_plan_with_many_coins_is_estimated(tmp_path: Path) -> None:
    network = many()
    found = of_luck(network, [row.measure for row in network.measures])
    mean = 20.0 * 0.95**14
    assert found.status == "estimated"
    assert (found.luck.how, found.luck.draws, found.luck.coins) == ("sampled", DRAWS, 14)
    assert sum(row.drawn or 0 for row in found.outcomes) == DRAWS
    assert 0.0 < found.luck.half_width < 0.2
    assert abs(found.value - mean) < 2.0 * found.luck.half_width
    assert (found.low, found.high) == pytest.approx(
        (found.value - found.luck.half_width, found.value + found.luck.half_width)
    )
    again = of_luck(network, [row.measure for row in network.measures])
    assert again.outcomes == found.outcomes
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))
    assert any("outcomes" in claim and "of all luck" in claim for claim in verdict.claims)


def test_intervals_hold_the_mean_as_often_as_they_say() -> None:
    # A plan of 14 coins of 0.5: the number that work is binomial, the value falls with it.
    values = 20.0 * 0.9 ** np.arange(15)
    mean = 20.0 * 0.95**14
    held = 0
    for seed in range(1_000):
        works = np.random.default_rng(seed).binomial(14, 0.5, size=200)
        estimate, half_width = mean_and_half_width(values[works].tolist())
        held += abs(estimate - mean) <= half_width
    assert 930 <= held <= 968  # 950, and 2.6 times its standard deviation


# -- scenarios ----------------------------------------------------------------------------------


def in_scenarios() -> Network:
    """Return the two bridges in three scenarios; in one of them the blocks always work."""
    return lucky_bridges().replace(
        scenarios=[
            schema.Scenario(scenario="now", name="As it stands", weight=2.0),
            schema.Scenario(scenario="low", name="Half of it"),
            schema.Scenario(scenario="skilled", name="All works"),
        ],
        changes=[
            schema.Change(scenario="low", on="supply", target="*", column="capacity", factor=0.5),
            schema.Change(scenario="skilled", on="measure", target="*", column="success", value=1),
        ],
    )


@pytest.mark.parametrize(
    ("criterion", "left"),
    [
        # now 0.7 * 7 + 0.3 * 10 = 7.9; low 5 (the block leaves 7); skilled 7
        ("expected", (2 * 7.9 + 5.0 + 7.0) / 4),
        ("worst", 7.9),
        ("cut", 0.0),
        ("cvar", 7.9),
    ],
)
def test_scenarios_and_luck_together(criterion: str, left: float, tmp_path: Path) -> None:
    network = in_scenarios()
    found = of_luck(network, ["m_block"], criterion=criterion)
    assert found.value == pytest.approx(left)
    assert [row.value for row in found.scenarios] == pytest.approx([7.9, 5.0, 7.0])
    found.write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_one_scenario_alone_is_verified_with_the_whole_network(tmp_path: Path) -> None:
    network = in_scenarios()
    of_luck(network.scenario("low"), ["m_block"]).write(tmp_path / "result")
    verdict = verify(tmp_path / "result", network)
    assert verdict.passed, list(verdict.lines(only_failures=True))


def test_regret_is_refused_in_words_where_no_best_plan_is_looked_for() -> None:
    with pytest.raises(RequestError, match="regret compares"):
        evaluate(in_scenarios(), ["m_block"], criterion="regret", objective="bilevel")


def test_a_scenario_alone_may_bring_the_chances() -> None:
    network = shipped("two-bridges").replace(
        scenarios=[schema.Scenario(scenario="s", name="S")],
        changes=[
            schema.Change(scenario="s", on="measure", target="*", column="success", factor=0.5)
        ],
    )
    assert isinstance(evaluate(network, ["m_block"]), flowopt.Evaluation)
    assert of_luck(network, ["m_block"], criterion="expected").value == pytest.approx(8.5)
    assert isinstance(flowopt.solve(network, budget=2), flowopt.Solution)
    found = solved(network, budget=2, criterion="expected")
    assert (found.measures, found.value) == (("m_block",), pytest.approx(8.5))


# -- refusals -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the two bridges whose measures may fail."""
    found = tmp_path_factory.mktemp("networks") / "bridges"
    write_network(lucky_bridges(), found)
    return found


@pytest.mark.parametrize(
    "words",
    [
        ("export", "never.lp", "--budget", "4"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_what_knows_no_chances_refuses(words: tuple[str, ...], folder: Path) -> None:
    done = run(words[0], folder, *words[1:])
    assert done.returncode == 2, done
    assert "may fail (measures, row 1: 'm_north' has a success of 0.7)" in done.stderr


def test_the_library_refuses_too() -> None:
    network = lucky_bridges()
    asked: list[Callable[[], object]] = [
        lambda: flowopt.solve(network, target=4),
        lambda: flowopt.solve(network, budget=4, alternatives=2),
        lambda: flowopt.solve(network, budget=4, objective="bilevel"),
        lambda: flowopt.respond(network, ["m_block"]),
        lambda: flowopt.formulate(network, budget=4),
    ]
    for ask in asked:
        with pytest.raises(RequestError, match=r"may fail|always work"):
            ask()


def test_over_time_refuses() -> None:
    network = shipped("tiny-years")
    lucky = network.replace(measures=[replace(row, success=0.5) for row in network.measures])
    with pytest.raises(RequestError, match="may fail"):
        flowopt.solve_over_time(lucky, budget=3)
    with pytest.raises(RequestError, match="may fail"):
        flowopt.evaluate_over_time(lucky, campaigns="all")


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


# -- commands, tampering ------------------------------------------------------------------------


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


def test_criteria_on_the_command_line(tmp_path: Path) -> None:
    write_network(in_scenarios(), tmp_path / "network")
    ask = ("evaluate", tmp_path / "network", "--measures", "m_block", "--criterion")
    done = run(*ask, "worst")
    assert done.returncode == 0, done.stderr
    assert "in the worst scenario" in " ".join(done.stdout.split())
    refused = run(*ask, "all", "--out", tmp_path / "result")
    assert refused.returncode == 2
    assert "--out takes one at a time" in " ".join(refused.stderr.split())
    done = run(*ask, "all", "--budget", "4")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split()[1:6] for line in done.stdout.splitlines() if line.strip()}
    # 7.9, 5 and 7 of 10, 5 and 10; the best plans leave 6.08, 3.53 and 2
    assert rows["regret"] == ["6.95", "7.90", "0.00", "5.00", "5.00"]
    assert rows["worst"] == ["6.95", "7.90", "0.00", "5.00", "7.90"]
    done = run("solve", tmp_path / "network", "--budget", "4", "--criterion", "all", "--json")
    assert done.returncode == 0, done.stderr
    assert [each["criterion"] for each in json.loads(done.stdout)] == [*CRITERION_NAMES]
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
def test_a_changed_number_or_name_is_noticed(file: str, result: Path, tmp_path: Path) -> None:
    raw = json.loads((result / file).read_text(encoding="utf-8"))
    places = [
        (path, value)
        for path, value in leaves(raw)
        if not UNSEEN & set(path)
        and path[-2:] not in (("options", "threads"), ("luck", "seed"))
        and path[-1] not in ("time_limit", "threads", "version", "gap", "rate", "kept")
        and not {"dual", "primal", "tie"} & set(path)
    ]
    for path, value in some(places, 40):
        for other in others(value)[:1]:
            shutil.rmtree(tmp_path / "copy", ignore_errors=True)
            shutil.copytree(result, tmp_path / "copy")
            edit(tmp_path / "copy", file, (path, other))
            try:
                passed = verify(tmp_path / "copy").passed
            except (RequestError, InputError):
                passed = False
            assert not passed, (path, value, other)


@pytest.mark.parametrize("file", ["outcomes.csv", "scenarios.csv", "plan.csv"])
def test_a_changed_cell_is_noticed(file: str, result: Path, tmp_path: Path) -> None:
    lines = (result / file).read_text(encoding="utf-8").splitlines()
    cells = [(i, j) for i, row in enumerate(lines) for j in range(len(row.split(",")))]
    for i, j in some(cells, 25):
        row = lines[i].split(",")
        row[j] = other_cells(row[j])[0]
        changed = [*lines[:i], ",".join(row), *lines[i + 1 :]]
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(result, tmp_path / "copy")
        overwrite(tmp_path / "copy" / file, ("\n".join(changed) + "\n").encode())
        assert not verify(tmp_path / "copy").passed, (i, j)


def test_outcomes_left_out_or_without_a_proof_are_noticed(result: Path, tmp_path: Path) -> None:
    raw = json.loads((result / "certificate.json").read_text(encoding="utf-8"))
    outcomes = raw["scenarios"][0]["outcomes"]
    for change in (outcomes[:-1], [*outcomes, outcomes[-1]], [{**outcomes[0], "proof": None}]):
        shutil.copytree(result, tmp_path / "copy")
        changed = with_leaf(raw, ("scenarios", 0, "outcomes"), [*change])
        overwrite(tmp_path / "copy" / "certificate.json", json.dumps(changed).encode())
        assert not verify(tmp_path / "copy").passed
        shutil.rmtree(tmp_path / "copy")


def test_chances_come_back_from_every_kind_of_file(tmp_path: Path) -> None:
    network = in_scenarios().replace(
        ranges=[schema.Range(on="measure", target="*", column="success", low=0.5, high=1.5)]
    )
    for name in ("folder", "file.json", "file.xlsx"):
        write_network(network, tmp_path / name)
        found = read_network(tmp_path / name)
        assert (found, found.sha256) == (network, network.sha256)


def test_what_never_works_warns() -> None:
    network = lucky_bridges()
    rows = [replace(network.measures[0], success=0.0), *network.measures[1:]]
    assert any("never works" in text for text in network.replace(measures=rows).warnings)
    effects = [replace(network.effects[0], success=0.0), *network.effects[1:]]
    warned = network.replace(effects=effects).warnings
    assert any("its success is 0" in text for text in warned)
